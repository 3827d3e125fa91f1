# SPDX-License-Identifier: Apache-2.0
"""`dualgate migrate` on real databases: made, upgraded, refused, and only once however many try."""

import concurrent.futures
import glob
import json
import os
import re

import psycopg
import pytest

from lib.gateway import cli
from lib.servers import ROOT

FILES = [os.path.basename(path) for path in sorted(glob.glob(os.path.join(ROOT, "deploy/sql/*.sql")))][1:]


class Database:
    """A database of its own beside the migrated one."""

    def __init__(self, stack, name):
        self.stack, self.name = stack, name
        with stack.connect() as db:
            db.execute("create database " + name)

    def migrate(self, *arguments, check=True):
        return cli(self.stack, "migrate", *arguments, check=check,
                   env={"DUALGATE_PG_DATABASE": self.name})

    def connect(self, user=None):
        env = self.stack.env()
        return psycopg.connect(host=env["PGHOST"], port=env["PGPORT"], dbname=self.name,
                               user=user or env["PGUSER"], autocommit=True)

    def query(self, sql):
        with self.connect() as db:
            return db.execute(sql).fetchall()


@pytest.fixture
def database(cluster):
    return Database(cluster, "fresh")


def states(database):
    return {row["name"]: row["state"]
            for row in json.loads(database.migrate("--list", "--json", check=False).stdout)}


def test_an_empty_database_becomes_the_newest_schema(database):
    assert set(states(database).values()) == {"pending"}
    done = database.migrate()
    assert [line.split()[1] for line in done.stdout.splitlines()] == FILES
    assert states(database) == {name: "applied" for name in FILES}
    assert database.migrate().stdout.startswith("up to date")


def test_a_dry_run_leaves_nothing_behind(database):
    done = database.migrate("--dry-run")
    assert done.stdout.count("would apply") == len(FILES)
    assert database.query("select count(*) from pg_namespace where nspname in ('dg', 'exchange')") == [(0,)]


def test_many_at_once_apply_each_migration_once(database):
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: database.migrate(), range(4)))
    applied = sum(one.stdout.count("applied ") for one in done)
    assert applied == len(FILES)
    assert database.query("select count(*) from dg.migration") == [(len(FILES),)]


def test_a_database_newer_than_the_program_is_left_alone(database):
    database.migrate()
    with database.connect() as db:
        db.execute("insert into dg.migration (no, name, checksum) values (%s, 'of_the_future.sql', 'x')",
                   (len(FILES) + 1,))
    done = database.migrate(check=False)
    assert done.returncode == 1
    assert "newer than this program" in done.stderr
    assert states(database)["of_the_future.sql"] == "unknown"


def test_a_migration_that_was_applied_with_another_text_is_told(database):
    database.migrate()
    with database.connect() as db:
        db.execute("update dg.migration set checksum = 'other' where no = 1")
    done = database.migrate(check=False)
    assert done.returncode == 1
    assert FILES[0] in done.stderr and "another text" in done.stderr


def test_a_role_without_the_right_is_refused_with_a_hint(database):
    with database.connect() as db:
        db.execute("create role nobody_here login")
    done = cli(database.stack, "migrate", check=False,
               env={"DUALGATE_PG_DATABASE": database.name, "DUALGATE_PG_USER": "nobody_here"})
    assert done.returncode == 1
    assert "dualgate_owner" in done.stderr and "grant" in done.stderr


def test_a_member_of_the_owner_role_may_migrate(database):
    with database.connect() as db:
        db.execute("create role deployer login in role dualgate_owner")
        db.execute("grant create on database fresh to dualgate_owner")
        db.execute("create schema dg authorization dualgate_owner")
    done = cli(database.stack, "migrate",
               env={"DUALGATE_PG_DATABASE": database.name, "DUALGATE_PG_USER": "deployer"})
    assert done.stdout.count("applied ") == len(FILES)
    assert database.query("select count(*) from pg_tables where schemaname in"
                          " ('dg', 'exchange', 'register') and tableowner <> 'dualgate_owner'") == [(0,)]


def test_a_server_that_is_not_there_is_said(cluster):
    done = cli(cluster, "migrate", check=False, env={"DUALGATE_PG_DATABASE": "no_such_database"})
    assert done.returncode == 1
    assert "no_such_database" in done.stderr


def test_every_record_table_is_what_the_draft_prints(cluster):
    records = schema_records()
    assert set(records) == {row[0] for row in cluster.query(
        "select table_name from information_schema.tables where table_schema = 'exchange'"
        " and table_name || '_history' in (select table_name from information_schema.tables)")}
    drafted = cluster.value("select current_database()")
    for record in records:
        text = cli(cluster, "migrate", "--draft", record).stdout
        assert text.rstrip().endswith("select dg.record_expose('%s');" % record)
        with cluster.connect() as db, db.transaction(force_rollback=True):
            before = columns(db, record)
            db.execute("drop table exchange.%s, exchange.%s_history cascade" % (record, record))
            db.execute("set local role dualgate_owner")
            db.execute(text)
            assert columns(db, record) == before, (drafted, record)


def test_the_readme_says_what_carries_every_item_of_the_plan():
    with open(os.path.join(ROOT, "proto/README.md"), encoding="utf-8") as file:
        text = file.read()
    rows = re.findall(r"^\| ([A-Z]\d+) \| ([^|]+) \| ([^|]+) \|$", text, re.M)
    items = {"D": 10, "A": 17, "Y": 12, "K": 13, "H": 14, "T": 7, "B": 21, "R": 17, "P": 11, "Z": 15}
    assert [row[0] for row in rows] == [
        "%s%d" % (letter, n) for letter, count in items.items() for n in range(1, count + 1)]
    records = schema_records()
    listed = re.findall(r"^\| `(\w+)` \| [^|]+ \| [^|]* \| [^|]* \|$", text, re.M)
    assert sorted(listed) == sorted(records)
    named = {word for row in rows for word in re.findall(r"`([a-z_]+)`", row[2])}
    others = {"on_behalf_of", "client_channel", "origin", "observed_at", "legal_basis"}
    assert named - others <= set(records)


def schema_records():
    with open(os.path.join(ROOT, "proto/report.proto"), encoding="utf-8") as file:
        content = file.read().split("oneof content {")[1].split("}")[0]
    return re.findall(r"^ +\w+ (\w+) = \d+;", content, re.M)


def columns(db, record):
    return db.execute(
        "select table_name, column_name, data_type, numeric_precision, numeric_scale, is_nullable"
        "  from information_schema.columns where table_schema = 'exchange' and table_name in (%s, %s)"
        " order by 1, 2", (record, record + "_history")).fetchall()

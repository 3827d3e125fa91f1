# SPDX-License-Identifier: Apache-2.0
"""Who sees what: roles, grants and row-level security of the schema as it is."""

import psycopg
import pytest

from lib import reports

HAZARD = """
insert into exchange.hazard (uscc, id, unit, division, sector, township, observed_at, source_system,
    source_seq, state_rank, ledger_no, deleted, id_as_sent, origin_node)
values (%s, %s, '', %s, %s, %s, now(), '', 0, 0, %s, false, '', '')"""
LEDGER = """
insert into dg.ledger (ledger_no, received_at, observed_at, lane, batch_no, msg_id, publisher, record, op,
    uscc, id, division, sector, verdict, hash)
values (%s, now(), now(), 1, 1, gen_random_uuid(), %s, 'hazard', 'UPSERT', %s, %s, %s, %s, 'stored', '\\x')"""
PUBLIC = """
select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
 where n.nspname in ('exchange', 'register', 'dg', 'indicator') and c.relkind in ('r', 'v', 'p', 'm')
   and has_table_privilege(%s, c.oid, 'select')"""


@pytest.fixture
def seen(district, db):
    """One hazard for each entity, and the logins of three organisations."""
    for number, entity in enumerate(district.entities, 1):
        db.execute(HAZARD, (entity.uscc, "%032x" % number, entity.division, entity.sector,
                            entity.division, number))
        db.execute(LEDGER, (number, entity.uscc, entity.uscc, "%032x" % number, entity.division,
                            entity.sector))
    for org in ("one_sector", "one_township", "one_of_both", "nothing", "too_late"):
        db.execute("create role org_%s login in role dualgate_org" % org)
    first = district.entities[0]
    grants = [("org_one_sector", first.sector, "*", None), ("org_one_township", "*", first.division, None),
              ("org_one_of_both", first.sector, first.division, None),
              ("org_too_late", "*", "*", "2020-01-01")]
    for principal, sector, township, until in grants:
        db.execute('insert into register."grant" (principal, verb, sector, township, valid_to)'
                   " values (%s, 'READ', %s, %s, %s)", (principal, sector, township, until))
    return district


def visible(stack, user, table="exchange.hazard"):
    with stack.connect(user=user) as db:
        return {row[0] for row in db.execute("select uscc from " + table)}


EXPECTED = {
    "org_one_sector": lambda e, first: e.sector == first.sector,
    "org_one_township": lambda e, first: e.division == first.division,
    "org_one_of_both": lambda e, first: e.sector == first.sector and e.division == first.division,
    "org_nothing": lambda e, first: False,
    "org_too_late": lambda e, first: False,
    "dualgate_parent": lambda e, first: False,
    "dualgate_admin": lambda e, first: True,
    "dualgate_gateway": lambda e, first: True,
}


def test_an_organisation_sees_the_rows_of_its_grants_and_no_others(seen, stack):
    first = seen.entities[0]
    for user, rule in EXPECTED.items():
        wanted = {e.uscc for e in seen.entities if rule(e, first)}
        for table in ("exchange.hazard", "exchange.report", "register.entity", "register.unit"):
            assert visible(stack, user, table) == wanted, (user, table)


def test_what_is_seen_and_counted_follows_the_registered_township(gateway, seen, stack, db, connect):
    """A report that names another township than the register is seen by the registered one alone."""
    mine = seen.entities[0]
    foreign = next(e for e in seen.entities if e.division != mine.division)
    for name, township in (("mine", mine.division), ("foreign", foreign.division)):
        db.execute("create role org_%s login in role dualgate_org" % name)
        db.execute('insert into register."grant" (principal, verb, township) values (%s, \'READ\', %s)',
                   ("org_" + name, township))
    for table in ("exchange.hazard", "dg.ledger"):
        db.execute("delete from " + table)
    hazard = reports.hazard(mine.uscc, {"division": foreign.division})
    item = connect(mine.uscc, sector=mine.sector).send(hazard)
    assert item["verdict"] == "stored"
    assert [finding["code"] for finding in item["findings"]] == ["division_differs"]
    for table in ("exchange.hazard", "exchange.hazard_history", "exchange.report"):
        assert visible(stack, "org_mine", table) == {mine.uscc}, table
        assert visible(stack, "org_foreign", table) == set(), table
    with stack.connect(user="org_mine") as own:
        rows = own.execute("select township, n from indicator.report_rate(current_date) where n > 0").fetchall()
    assert rows == [(mine.division, 1)]


def test_every_role_can_select_from_every_object_it_was_granted(seen, stack, db):
    for user in EXPECTED:
        objects = db.execute(PUBLIC, (user,)).fetchall()
        assert ("exchange", "report") in objects and ("exchange", "quarantine") in objects
        with stack.connect(user=user) as connection:
            for schema, name in objects:
                connection.execute('select * from %s."%s" limit 1' % (schema, name))


def test_rows_are_guarded_wherever_an_organisation_may_look(db):
    for user in ("dualgate_org", "dualgate_parent"):
        for schema, name in db.execute(PUBLIC, (user,)).fetchall():
            kind, guarded, options = db.execute(
                "select relkind::text, relrowsecurity, reloptions from pg_class where oid = %s::regclass",
                ('%s."%s"' % (schema, name),)).fetchone()
            assert kind != "m", name
            if kind == "v":
                assert "security_invoker=true" in options, name
            else:
                assert guarded, name


def test_a_policy_is_computed_once_for_a_statement(seen, db):
    with db.transaction(force_rollback=True):
        db.execute("set local role org_one_sector")
        plan = "\n".join(row[0] for row in db.execute("explain select * from exchange.hazard"))
    assert "InitPlan" in plan and "SubPlan" not in plan


def test_the_gateway_owns_nothing_and_changes_no_schema(stack, db):
    assert db.execute("select count(*) from pg_class where relowner = 'dualgate_gateway'::regrole"
                      ).fetchone() == (0,)
    with stack.connect(user="dualgate_gateway") as gateway:
        for statement in ("create table exchange.mine (a int)", "create table dg.mine (a int)",
                          "alter table dg.ledger add mine int", "drop view exchange.report",
                          "insert into dg.migration values (99, 'x', 'x')"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                gateway.execute(statement)


def test_an_organisation_changes_nothing_and_sees_no_secret(seen, stack):
    with stack.connect(user="org_one_sector") as org:
        for statement in ("delete from exchange.hazard", "update register.entity set name = 'x'",
                          "insert into register.\"grant\" (principal, verb) values ('org_one_sector', 'READ')",
                          "select adapter_key from register.publisher", "select * from dg.raw",
                          "select * from dg.parked", "select dg.raw_prune(1)",
                          "select payload from dg.outbox"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                org.execute(statement)


def test_the_owner_cannot_log_in_and_every_table_says_what_it_is(db):
    assert db.execute("select rolcanlogin from pg_roles where rolname = 'dualgate_owner'").fetchone() == (False,)
    assert db.execute("select rolbypassrls, rolsuper from pg_roles where rolname = 'dualgate_gateway'"
                      ).fetchone() == (True, False)
    silent = db.execute(
        "select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace"
        " where n.nspname in ('dg', 'exchange', 'register', 'indicator', 'interconnect')"
        "   and c.relkind in ('r', 'v', 'p') and obj_description(c.oid, 'pg_class') is null").fetchall()
    assert silent == []

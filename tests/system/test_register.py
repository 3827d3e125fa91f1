# SPDX-License-Identifier: Apache-2.0
"""The register: files that people prepare, and what the database does with them by itself."""

import glob
import json
import os

import pytest

from lib.gateway import cli
from lib.servers import ROOT

GOOD = "91410411MA45ABCD6Y"
SCHOOL = "12410411417060017A"
HEADINGS = "统一社会信用代码,企业名称,行业,行政区划,规模,规模以上,建设状态,生效日期\n"
MIXED = HEADINGS + (
    GOOD + ',"甲,公司",机械,410411001,小,否,运行,2020/4/7\n'
    "91410411MA45ABCD6Z,乙公司,machinery,410411001,SMALL,true,RUNNING,\n"
    "\n"
    "91410411MA9G00016W,丙公司,火箭,410411999,巨大,也许,不知,2020-13-01\n"
    + SCHOOL + ',"多\n行",教育,410411002,,,,\n'
    + GOOD + ",甲公司又一次,机械,410411001,小,否,运行,\n"
    "a,b,c\n"
    "52410411MJY00001XE,,机械,410411001,微,是,已见效,2020-01-02\n")
BAD_CELLS = [(3, "统一社会信用代码"), (5, "行业"), (5, "行政区划"), (5, "规模"), (5, "规模以上"), (5, "建设状态"),
             (5, "生效日期"), (8, "统一社会信用代码"), (9, "行政区划"), (10, "企业名称")]


@pytest.fixture
def put(stack, district, place):
    """put(text, *options) -> (exit code, outcome) of `register import`."""
    def run(text, *options, encoding="utf-8"):
        path = os.path.join(place, "register.csv")
        with open(path, "wb") as file:
            file.write(text.encode(encoding))
        done = cli(stack, "register", "import", path, "--json", *options, check=False)
        return done.returncode, json.loads(done.stdout) if done.stdout else done.stderr
    return run


def entity(stack, uscc):
    rows = stack.query("select name, sector, size_class, above_scale, build_state, valid_from::text"
                       " from register.entity where uscc = %s", uscc)
    return rows[0] if rows else None


def test_every_bad_cell_is_told_at_once_and_nothing_is_imported(put, stack):
    code, outcome = put(MIXED)
    assert code == 1
    assert [(bad["line"], bad["column"]) for bad in outcome["bad"]] == BAD_CELLS
    assert not outcome["taken"]
    assert entity(stack, GOOD) is None and entity(stack, SCHOOL) is None


def test_good_lines_are_imported_when_bad_ones_may_be_skipped(put, stack):
    code, outcome = put(MIXED, "--skip-bad")
    assert code == 1 and outcome["taken"] and outcome["inserted"] == 2
    assert entity(stack, GOOD) == ("甲,公司", "machinery", "SMALL", False, "RUNNING", "2020-04-07")
    assert entity(stack, SCHOOL)[:2] == ("多\n行", "education")


def test_the_encoding_is_declared_and_never_guessed(put, stack):
    text = HEADINGS + GOOD + ",甲公司,机械,410411001,小,否,运行,\n"
    code, outcome = put(text, encoding="gb18030")
    assert code == 1 and "UTF-8" in outcome
    code, outcome = put(text, "--encoding", "GB18030", encoding="gb18030")
    assert code == 0 and outcome["inserted"] == 1
    assert entity(stack, GOOD)[0] == "甲公司"


def test_the_same_file_again_changes_nothing_and_another_value_changes_one(put):
    text = "uscc,name,division,sector,staff\n%s,甲,410411001,hazchem,%d\n"
    assert put(text % (GOOD, 5))[1]["inserted"] == 1
    assert put(text % (GOOD, 5))[1]["unchanged"] == 1
    assert put(text % (GOOD, 6))[1]["changed"] == 1


def test_columns_that_a_file_lacks_are_not_touched(put, stack):
    put("uscc,name,division,sector,build_state\n%s,甲,410411001,hazchem,RUNNING\n" % GOOD)
    put("uscc,name,division,sector\n%s,乙,410411001,hazchem\n" % GOOD)
    assert entity(stack, GOOD)[0] == "乙" and entity(stack, GOOD)[4] == "RUNNING"


def test_a_dry_run_says_what_it_would_do_and_does_not(put, stack):
    code, outcome = put("uscc,name,division,sector\n%s,甲,410411001,hazchem\n" % GOOD, "--dry-run")
    assert code == 0 and outcome["inserted"] == 1 and not outcome["taken"]
    assert entity(stack, GOOD) is None


def test_what_only_the_database_refuses_is_told_with_its_line(put, stack):
    code, outcome = put("uscc,name,division,sector,valid_from,valid_to\n"
                        "%s,甲,410411001,hazchem,2020-01-01,2019-01-01\n"
                        "%s,乙,410411001,hazchem,2020-01-01,\n" % (GOOD, SCHOOL), "--skip-bad")
    assert code == 1
    assert [(bad["line"], bad["column"]) for bad in outcome["bad"]] == [(2, "valid_to")]
    assert entity(stack, GOOD) is None and entity(stack, SCHOOL) is not None


def test_broken_quoting_is_told_with_its_line_and_column(put):
    code, outcome = put(HEADINGS + GOOD + ',甲公司,机械,410411001,小,否,运行,\n' + SCHOOL + ',"乙\n公司,机械\n')
    assert code == 1
    assert [(bad["line"], bad["column"]) for bad in outcome["bad"]] == [(3, "企业名称")]


def test_headings_that_suit_nothing_are_told(put):
    code, outcome = put("a,b\n1,2\n")
    assert code == 1 and "--kind" in outcome["bad"][0]["text"]
    code, outcome = put("a,b\n1,2\n", "--kind", "entity")
    assert code == 1 and {bad["value"] for bad in outcome["bad"]} >= {"a", "b"}


def test_the_example_register_loads_whole_and_twice(stack):
    files = sorted(glob.glob(os.path.join(ROOT, "config/register/*.csv")))
    assert files
    for path in files:
        cli(stack, "register", "import", path)
    assert stack.value("select count(*) from register.sector") == 16
    assert stack.value("select count(*) from register.division where code like '410411%%'"
                       " and length(code) = 9 and valid_to is null") == 10
    assert stack.value("select count(distinct sector) from register.entity") == 16
    assert stack.value("select count(distinct division) from register.entity") == 10
    assert stack.value("select count(*) from register.unit where unit <> ''") > 0
    for path in files:
        outcome = json.loads(cli(stack, "register", "import", path, "--json").stdout)
        assert outcome["inserted"] == outcome["changed"] == 0


def test_a_publisher_is_made_and_changed_without_showing_its_key(stack, district, place):
    key = os.path.join(place, "key")
    with open(os.open(key, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="ascii") as file:
        file.write("0123456789abcdef\n")
    code = district.entities[0].uscc
    done = cli(stack, "register", "publisher", "set", code, "--adapters", "hazchem,gongmao",
               "--key-file", key, "--allow", GOOD, "--allow", "*:hazchem", "--json")
    made = json.loads(done.stdout)
    assert made["kind"] == "ENTITY" and made["adapters"] == ["hazchem", "gongmao"] and made["has_key"]
    assert len(made["may_report_for"]) == 2 and "0123456789abcdef" not in done.stdout
    changed = json.loads(cli(stack, "register", "publisher", "set", code, "--charset", "GB18030",
                             "--active", "no", "--forbid", GOOD, "--json").stdout)
    assert changed["adapters"] == ["hazchem", "gongmao"] and changed["has_key"] and not changed["active"]
    assert changed["may_report_for"] == [{"uscc": "*", "sector": "hazchem"}]
    listed = cli(stack, "register", "list", "--kind", "publisher", "--json").stdout
    assert code in listed and "0123456789abcdef" not in listed


def test_show_and_list_find_what_is_there(stack, district):
    first = district.entities[0]
    shown = json.loads(cli(stack, "register", "show", first.uscc).stdout)
    assert shown["name"] == first.name and shown["units"][0]["unit"] == ""
    assert cli(stack, "register", "show", GOOD, check=False).returncode == 1
    assert cli(stack, "register", "show", "123", check=False).returncode == 2
    listed = json.loads(cli(stack, "register", "list", "--sector", first.sector, "--json").stdout)
    assert {row["uscc"] for row in listed} == {e.uscc for e in district.of(first.sector)}
    assert cli(stack, "register", check=False).returncode == 2


def show(stack, *options):
    done = cli(stack, "register", "show", GOOD, *options, check=False)
    return json.loads(done.stdout) if done.returncode == 0 else None


def test_the_register_of_a_day_is_what_counted_on_it(put, stack, db):
    """A firm moves to another township in the middle of a month, and closes later."""
    row = "uscc,name,division,sector,co_sectors,profile,valid_from,valid_to\n" + GOOD
    assert put(row + ",甲,410411001,machinery,危险化学品,FULL,2020-01-01,\n")[1]["inserted"] == 1
    with db.transaction():
        db.execute("set local dualgate.effective_on = '2020-11-16'")
        db.execute("update register.entity set division = '410411002' where uscc = %s", (GOOD,))
    assert show(stack)["division"] == "410411002"
    assert show(stack)["units"][0]["co_sectors"] == ["hazchem"] and show(stack)["units"][0]["profile"] == "FULL"
    for day, division in (("2019-12-31", None), ("2020-01-01", "410411001"), ("2020-11-15", "410411001"),
                          ("2020-11-16", "410411002"), ("2026-01-01", "410411002")):
        shown = show(stack, "--as-of", day)
        assert (shown and shown["division"]) == division, day
        assert (shown and shown["units"][0]["division"]) == division, day
        listed = json.loads(cli(stack, "register", "list", "--as-of", day, "--json").stdout)
        assert {r["division"] for r in listed if r["uscc"] == GOOD} == ({division} if division else set())
    assert put(row + ",甲,410411002,machinery,hazchem,FULL,2020-01-01,2021-06-30\n")[1]["changed"] == 1
    assert show(stack, "--as-of", "2021-06-30") and not show(stack, "--as-of", "2021-07-01")
    db.execute("delete from register.entity where uscc = %s", (GOOD,))
    assert show(stack) is None and show(stack, "--as-of", "2020-11-15")["division"] == "410411001"
    assert cli(stack, "register", "list", "--as-of", "never", check=False).returncode == 2


def test_an_import_may_count_from_another_day(put, stack):
    row = "uscc,name,division,sector\n%s,甲,%s,machinery\n"
    put(row % (GOOD, "410411001"))
    assert put(row % (GOOD, "410411002"), "--effective", "2020-11-16")[1]["changed"] == 1
    assert show(stack, "--as-of", "2020-11-15")["division"] == "410411001"
    assert show(stack, "--as-of", "2020-11-16")["division"] == "410411002"
    assert put(row % (GOOD, "410411002"), "--effective", "soon")[0] == 2


def test_a_suspension_is_in_force_once_an_organisation_has_confirmed_it(stack, district, db):
    """What a unit writes of itself confirms nothing; a later version with other dates is open again."""
    entity = district.one()
    db.execute("insert into register.org (code, name, kind) values ('yjglj', '应急管理局', 'DEPARTMENT')")
    common = "observed_at, source_system, source_seq, state_rank, deleted, id_as_sent, origin_node"
    versions = [(entity.uscc, "2020-11-01", "2020-12-01"), ("yjglj", "2020-11-01", "2020-12-01"),
                (entity.uscc, "2020-11-01", "2021-03-01"), ("yjglj", "2020-11-01", "2020-11-10"),
                (entity.uscc, "2020-11-01", "2020-12-01")]

    def on(day):
        return db.execute("select uscc, confirmed_by from register.suspension_in_force(%s)", (day,)).fetchall()
    confirmed = [(entity.uscc, "yjglj")]
    expected = [([], [], []), ([], confirmed, []), ([], [], []), ([], [], []),
                ([], [], [])]  # the last: its unit repeats what the organisation has corrected since
    for number, (publisher, start, end) in enumerate(versions, 1):
        db.execute("insert into dg.ledger (ledger_no, received_at, observed_at, lane, batch_no, msg_id, publisher,"
                   " record, op, uscc, id, division, sector, verdict, hash) values (%s, now(), now(), 1, 1,"
                   " gen_random_uuid(), %s, 'suspension', 'UPSERT', %s, 's', %s, %s, 'stored', '')",
                   (number, publisher, entity.uscc, entity.division, entity.sector))
        db.execute("delete from exchange.suspension")
        for table, more, value in (("suspension", "", ""), ("suspension_history", ", op", ", 'UPSERT'")):
            db.execute("insert into exchange." + table + " (uscc, id, unit, division, sector, township, from_date,"
                       " to_date, confirmed_by, ledger_no, " + common + more + ") values (%s, 's', '', %s, %s, %s,"
                       " %s, %s, 'yjglj', %s, now(), '', 0, 0, false, 's', ''" + value + ")",
                       (entity.uscc, entity.division, entity.sector, entity.division, start, end, number))
        assert (on("2020-10-31"), on("2020-11-30"), on("2020-12-01")) == expected[number - 1], number
    assert db.execute("select count(*) from register.suspension_in_force").fetchone() == (0,)


def test_a_correction_for_an_earlier_day_replaces_what_was_said_since(put, stack, db):
    put("uscc,name,division,sector,valid_from\n%s,甲,410411001,machinery,2020-01-01\n" % GOOD)
    for day, division in (("2020-06-01", "410411002"), ("2020-03-01", "410411003")):
        with db.transaction():
            db.execute("select set_config('dualgate.effective_on', %s, true)", (day,))
            db.execute("insert into register.division (code, name) values (%s, %s) on conflict do nothing",
                       (division, division))
            db.execute("update register.entity set division = %s where uscc = %s", (division, GOOD))
    assert show(stack, "--as-of", "2020-02-29")["division"] == "410411001"
    assert show(stack, "--as-of", "2020-06-15")["division"] == "410411003"
    assert stack.value("select count(*) from register.entity_history where uscc = %s and to_on = from_on",
                       GOOD) == 1


def test_units_and_authorisations_are_imported_with_every_column(put, stack):
    put("uscc,name,division,sector\n%s,甲,410411001,construction\n" % GOOD)
    code, outcome = put("统一社会信用代码,项目编号,项目名称,所属街道,行业,协管行业,管理类别,建设状态,生效日期,失效日期\n"
                        + GOOD + ",XM1,一期,姚孟街道办事处,construction,机械；危险化学品,FULL,运行,2020/3/1,2022年12月31日\n")
    assert code == 0 and outcome["kind"] == "unit" and outcome["inserted"] == 1
    assert stack.query("select name, division, sector, co_sectors, profile, build_state, valid_from::text,"
                       " valid_to::text from register.unit where uscc = %s and unit = 'XM1'", GOOD) == [
        ("一期", "410411002", "construction", ["machinery", "hazchem"], "FULL", "RUNNING", "2020-03-01",
         "2022-12-31")]
    code, outcome = put("报送方代码,统一社会信用代码,行业,生效日期,失效日期\n"
                        "svc-1," + GOOD + ",,2020-01-01,长期\nsvc-1,*,机械,2020-01-01,2020-12-31\n")
    assert code == 0 and outcome["kind"] == "authorisation"
    assert stack.query("select uscc, sector, valid_to::text from register.authorisation"
                       " where publisher = 'svc-1' order by uscc") == [
        ("*", "machinery", "2020-12-31"), (GOOD, "", None)]


def test_targets_and_milestones_cite_their_plan(put, stack):
    for name in ("90_target", "91_milestone"):
        cli(stack, "register", "import", os.path.join(ROOT, "config/register/%s.csv" % name))
    plans = stack.query("select distinct plan_doc_no from register.target union"
                        " select plan_doc_no from register.milestone")
    assert plans == [("平湛安〔2020〕3号",)]
    assert dict(stack.query("select scope, numerator * 100 / denominator from register.target"
                            " where indicator = 'I-5'")) == {"C1": 100, "C2": 100, "C3": 100, "C4": 30, "C5": 100}
    assert dict(stack.query("select code, due_on::text from register.milestone")) == {
        "M1": "2020-04-30", "M2": "2020-04-30", "M3": "2020-10-31", "M4": "2020-11-30", "M5": "2020-12-31"}
    code, outcome = put("方案文号,指标,适用范围,分子,分母,生效日期\n平湛安[2020]3 号,I-1,,101,100,2020-04-07\n")
    assert code == 1 and [(bad["line"], bad["column"]) for bad in outcome["bad"]] == [(2, "分子")]
    listed = json.loads(cli(stack, "register", "list", "--kind", "target", "--json").stdout)
    assert len(listed) == 7


def test_the_unit_without_a_name_follows_its_entity_and_the_version_grows(stack, district):
    uscc = district.entities[0].uscc
    before = stack.value("select n from register.version")
    stack.query("update register.entity set build_state = 'BUILT', name = '新名' where uscc = %s"
                " returning 1", uscc)
    assert stack.query("select name, build_state from register.unit where uscc = %s and unit = ''",
                       uscc) == [("新名", "BUILT")]
    assert stack.value("select n from register.version") > before


def test_the_rate_counts_running_units_that_reported_in_the_month(stack, district):
    first, second = district.of("hazchem")[:2]
    with stack.connect() as db:
        db.execute("update register.entity set division = %s", (first.division,))
        db.execute("update register.entity set build_state = 'BUILDING' where uscc = %s", (second.uscc,))
        for uscc, month in ((first.uscc, "2020-11-01"), (second.uscc, "2020-11-01"),
                            (district.of("machinery")[0].uscc, "2020-12-01")):
            db.execute("insert into dg.unit_month (uscc, month, n) values (%s, %s, 2)", (uscc, month))
    rows = {(row[1], row[2]): row[3:] for row in stack.query(
        "select * from indicator.report_rate('2020-11-17')")}
    assert rows == {(first.division, "hazchem"): (1, len(district.of("hazchem")) - 1),
                    (first.division, "machinery"): (0, len(district.of("machinery")))}


def test_raw_messages_move_into_the_partition_of_their_day(stack):
    with stack.connect(user="dualgate_gateway") as db:
        for at in ("2020-11-02T23:59:59+08:00", "2020-11-03T00:00:00+08:00"):
            db.execute("insert into dg.raw (received_at, lane, batch_no, publisher, topic, payload_sha256,"
                       " payload, content_type) values (%s, 1, 1, 'p', 't', '\\x', '\\x', '')", (at,))
        assert db.execute("select dg.raw_partition_ensure('2020-11-03')").fetchone() == (True,)
        assert db.execute("select dg.raw_partition_ensure('2020-11-03')").fetchone() == (False,)
        assert db.execute("select tableoid::regclass::text from dg.raw order by received_at"
                          ).fetchall() == [("dg.raw_default",), ("dg.raw_20201103",)]
        assert db.execute("select dg.raw_prune(30)").fetchone() == (1,)
        assert db.execute("select count(*) from dg.raw").fetchone() == (0,)

# SPDX-License-Identifier: Apache-2.0
"""Lists of several organisations: kept as they came, compared, and what they agree on in the register.

Two townships and a department bring lists that overlap, with everything that people and spreadsheets do
to lists; the committee office decides what is left open.
"""

import json
import os

import pytest

from lib import reports
from lib.gateway import cli
from lib.servers import ROOT
from lib.uscc import uscc
from lib.wait import wait_until

AGREED, PLACE, SIZE, TWO_LEADS, TWO_TOWNSHIPS, ALONE, LEAD_ALONE, DOUBLED, OLD, NEW_NAME = map(uscc, range(201, 211))
SITE, LEFT, BUSY = uscc(211), uscc(212), uscc(213)
EMERGENCY = "yjglj"

# GB18030, a title above the headings, a column of its own, headings with notes, no column for the township.
MAZHUANG = """马庄街道企业清单,,,,,,
序号,企业名称（全称）,统一社会信用代码,行业类别,企业规模,是否规上,经营地址
1,甲化工有限公司,{AGREED},危化,小型,否,马庄街1号
2,乙机械有限公司,{PLACE},机械制造,小,否,马庄街2号
3,丙化工有限公司,{SIZE},危险化学品,小型企业,否,马庄街3号
4,丁建筑有限公司,{TWO_LEADS},建筑施工,中型,是,马庄街4号
5,戊机械有限公司,{TWO_TOWNSHIPS},机械,微型,否,马庄街5号
6,己豆制品厂,{ALONE},轻工,微型,否,马庄街6号
7,庚加油站,9.14104110000002E+17,危化,微型,否,马庄街7号
8,辛加油站,,危化,微型,否,马庄街8号
9,壬化工有限公司,{small},危化,巨大,否,"马庄街
9号"
10,癸机械有限公司,{TWO_TOWNSHIPS_O},机械,微型,否
合计,10家,,,,,
"""
# UTF-8 with a byte order mark; the township in every form.
YAOMENG = """\ufeff单位名称,信用代码,所属乡镇,所属行业,规模
乙机械有限公司,{PLACE},姚孟街道办事处,机械,小
戊机械有限公司,{TWO_TOWNSHIPS},姚孟街道,机械,微型
子公司,{NEW_NAME},姚孟,机械,小
"""
DEPARTMENT = """统一社会信用代码,企业名称,乡镇/街道,行业,规模,是否规模以上,负责人,联系电话
{AGREED_WIDE},甲化工有限公司,马庄街道,危化品,小,否,赵一,１３８００００００００
{SIZE},丙化工有限公司,马庄街道办事处,危化品,中,是,赵二,
{TWO_LEADS},丁建筑有限公司,马庄街道,危化品,中,是,,
{LEAD_ALONE},丑化工有限公司,410411001,hazchem,SMALL,false,,
{DOUBLED},寅化工有限公司,马庄街道,危化品,小,否,,
{DOUBLED},寅化工有限公司,马庄街道,危化品,中,否,,
{OLD},卯化工有限公司,火星街道,危化品,小,否,,
{NEW_NAME},丑化工有限公司,姚孟街道,机械,小,否,,
{PLACE},乙机械有限公司,马庄街道,机械,小,,,
"""
CONSTRUCTION = """信用代码,名称,街道,行业,规模
{TWO_LEADS},丁建筑有限公司,马庄街道,建筑,中
"""
SITES = """统一社会信用代码,项目编号,项目名称,所在街道,行业
{TWO_LEADS},XM1,一期,马庄街道,建筑
{SITE},XM2,二期,马庄街道,建筑
"""
DECISIONS = """信用代码,名称,行业,所属街道
{TWO_LEADS},丁建筑有限公司,建筑,
{TWO_TOWNSHIPS},戊机械有限公司,,姚孟街道
"""


def filled(text):
    names = {name: value for name, value in globals().items() if isinstance(value, str) and len(value) == 18}
    wide = "".join(chr(ord(c) + 0xFEE0) for c in AGREED)
    return text.format(**names, small=LEAD_ALONE.lower() + "\u00a0", AGREED_WIDE=wide,
                       TWO_TOWNSHIPS_O=TWO_TOWNSHIPS.replace("0", "O", 1))


@pytest.fixture
def lists(stack, place, db):
    """The register of the example without its entities, and bring(org, text, ...) -> (exit code, outcome)."""
    for name in ("10_node", "20_division", "30_sector", "40_org"):
        cli(stack, "register", "import", os.path.join(ROOT, "config/register/%s.csv" % name))

    def bring(org, text, *options, encoding="utf-8"):
        path = os.path.join(place, org + ".csv")
        with open(path, "wb") as file:
            file.write(filled(text).encode(encoding))
        done = cli(stack, "register", "import", path, "--source", org, "--json", *options, check=False)
        return done.returncode, json.loads(done.stdout) if done.stdout else done.stderr
    return bring


@pytest.fixture
def brought(lists):
    assert lists("mazhuang", MAZHUANG, "--encoding", "GB18030", encoding="gb18030")[0] == 1
    assert lists("yaomeng", YAOMENG)[0] == 0
    assert lists(EMERGENCY, DEPARTMENT)[0] == 1
    assert lists("zjj", CONSTRUCTION)[0] == 0
    assert lists("zjj", SITES)[0] == 0
    return lists


def merge(stack, *options):
    done = cli(stack, "register", "merge", "--json", *options, check=False)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def told(report, code):
    """{(uscc, field): finding} of one code."""
    return {(f["uscc"], f.get("field")): f for f in report["findings"] if f["code"] == code}


def unresolved(stack):
    return json.loads(cli(stack, "register", "list", "--unresolved", "--json").stdout)


def test_a_list_is_kept_whole_with_every_problem_at_its_place(lists, stack):
    code, outcome = lists("mazhuang", MAZHUANG, "--encoding", "GB18030", encoding="gb18030")
    assert code == 1 and outcome["taken"] and outcome["rows"] == 11 and outcome["kind"] == "entity"
    assert outcome["assumed"] == {"division": "410411001"}
    assert [h["column"] for h in outcome["headings"]] == [
        "", "name", "uscc", "sector", "size_class", "above_scale", "address"]
    problems = [(bad["line"], bad["column"]) for bad in outcome["bad"]]
    assert problems == [(9, "统一社会信用代码"), (10, "统一社会信用代码"), (11, "企业规模"), (13, "经营地址"),
                        (14, "统一社会信用代码")]
    assert "turned into a number" in outcome["bad"][0]["text"]
    assert outcome["bad"][2]["value"] == "巨大"
    rows = stack.query("select line, cells, uscc, size_class from register.source_row order by line")
    assert len(rows) == 11 and rows[0][1][1] == "甲化工有限公司" and rows[0][2] == AGREED
    assert rows[8][1][6] == "马庄街\n9号" and rows[8][2] == LEAD_ALONE and rows[8][3] is None
    assert rows[9][1][2] == TWO_TOWNSHIPS.replace("0", "O", 1) and rows[9][2] is None
    assert stack.value("select count(*) from register.entity") == 0


def test_a_list_replaces_the_one_before_which_is_kept(lists, stack):
    lists("yaomeng", YAOMENG)
    code, outcome = lists("yaomeng", YAOMENG.replace("子公司", "子有限公司"))
    assert code == 0 and outcome["replaces_rows"] == 3
    assert lists("yaomeng", YAOMENG, "--list", "餐饮")[1]["replaces_rows"] is None
    assert lists("yaomeng", YAOMENG, "--dry-run")[1]["taken"] is False
    rows = stack.query("select name, superseded_at is null, superseded_by is null from register.source_list order by id")
    assert rows == [("", False, False), ("", True, True), ("餐饮", True, True)]
    assert stack.value("select count(*) from register.source_row") == 9
    listed = json.loads(cli(stack, "register", "list", "--kind", "list", "--json").stdout)
    assert [row["name"] for row in listed] == ["", "", "餐饮"]


def test_what_is_no_list_is_told(lists):
    assert "no line among the first ten" in str(lists("yaomeng", "甲,乙\n1,2\n"))
    code, outcome = lists("yaomeng", '名称,规模\n甲,"小\n')
    assert code == 1 and [(bad["line"], bad["column"]) for bad in outcome["bad"]] == [(2, "规模")]
    assert "no active organisation" in lists("nobody", YAOMENG)[1]
    assert lists("yaomeng", YAOMENG, "--skip-bad")[0] == 2
    assert lists("yaomeng", YAOMENG, "--kind", "org")[0] == 2
    code, text = lists("yaomeng", YAOMENG, encoding="gb18030")
    assert code == 1 and "UTF-8" in text


def test_the_merge_report_says_it_all(brought, stack):
    code, report = merge(stack)
    assert code == 1 and report["applied"] is False
    assert {(l["org"], l["kind"], l["rows"], l["bad"]) for l in report["lists"]} == {
        ("mazhuang", "entity", 11, 5), ("yaomeng", "entity", 3, 0), (EMERGENCY, "entity", 9, 1),
        ("zjj", "entity", 1, 0), ("zjj", "unit", 2, 0)}

    # No code, a bad one, a line that does not fit; each with its place.
    assert [f["rows"][0]["line"] for f in report["findings"] if f["code"] == "no_uscc"] == [10, 14]
    assert [f["rows"][0]["line"] for f in report["findings"] if f["code"] == "bad_uscc"] == [9]
    assert sorted((f["rows"][0]["org"], f["rows"][0]["line"]) for f in report["findings"] if f["code"] == "unread"
                  ) == [("mazhuang", 11), ("mazhuang", 13)]
    township = told(report, "unknown_township")[(OLD, None)]
    assert township["open"] and "火星街道" in township["text"]

    differs = told(report, "differs")
    # The lead's word on the size; every list's cell is shown with its place.
    size = differs[(SIZE, "size_class")]
    assert (size["open"], size["value"], size["by"]) == (False, "MEDIUM", "LEAD")
    assert [(r["org"], r["line"], r["value"]) for r in size["rows"]] == [
        ("mazhuang", 5, "SMALL"), (EMERGENCY, 3, "MEDIUM")]
    # Two leads claim it; two townships do.
    assert differs[(TWO_LEADS, "sector")]["open"] and differs[(TWO_TOWNSHIPS, "division")]["open"]
    assert differs[(PLACE, "division")]["open"]
    # Doubled in one list with different data.
    assert told(report, "doubled")[(DOUBLED, None)] and differs[(DOUBLED, "size_class")]["open"]
    # A cell that cannot be read against one that can.
    assert differs[(LEAD_ALONE, "size_class")]["value"] == "SMALL"
    assert [r["value"] for r in differs[(LEAD_ALONE, "size_class")]["rows"]] == [None, "SMALL"]

    alone = {key[0]: f["open"] for key, f in told(report, "one_list").items()}
    assert alone[ALONE] is True and alone[DOUBLED] is False
    assert {key[0] for key in told(report, "same_name")} == {LEAD_ALONE, NEW_NAME}
    assert {key[0] for key in told(report, "no_entity")} == {TWO_LEADS, SITE}
    new = {change["uscc"] for change in report["changes"]}
    assert new == {AGREED, SIZE, LEAD_ALONE, NEW_NAME}
    assert report["rows_unresolved"] == 26 - report["rows_resolved"] and report["rows_resolved"] == 8
    assert stack.value("select count(*) from register.entity") == 0
    text = cli(stack, "register", "merge", check=False).stdout
    assert "differs          %s" % SIZE in text and "-> MEDIUM (LEAD)" in text and "4 changes to make" in text


def test_what_is_settled_is_applied_and_again_changes_nothing(brought, stack):
    code, report = merge(stack, "--apply")
    assert code == 1 and report["applied"]
    rows = stack.query("select uscc, name, division, sector, size_class, above_scale, address, principal, phone"
                       " from register.entity order by uscc")
    assert rows == [
        (AGREED, "甲化工有限公司", "410411001", "hazchem", "SMALL", False, "马庄街1号", "赵一", "13800000000"),
        (SIZE, "丙化工有限公司", "410411001", "hazchem", "MEDIUM", True, "马庄街3号", "赵二", None),
        (LEAD_ALONE, "丑化工有限公司", "410411001", "hazchem", "SMALL", False, "马庄街\n9号", None, None),
        (NEW_NAME, "丑化工有限公司", "410411003", "machinery", "SMALL", False, None, None, None)]
    version = stack.value("select n from register.version")
    code, again = merge(stack, "--apply")
    assert again["changes"] == [] and again["rows_resolved"] == report["rows_resolved"]
    assert stack.value("select n from register.version") == version
    assert stack.value("select count(*) from register.entity_history") == 4


def test_a_change_is_shown_old_and_new_and_counts_from_its_day(brought, lists, stack):
    merge(stack, "--apply")
    lists(EMERGENCY, DEPARTMENT.replace("{SIZE},丙化工有限公司,马庄街道办事处,危化品,中,是", "{SIZE},丙化工有限公司,马庄街道办事处,危化品,大,是"))
    report = merge(stack)[1]
    assert [(c["act"], c["uscc"], c["fields"]) for c in report["changes"]] == [
        ("change", SIZE, [{"field": "size_class", "old": "MEDIUM", "new": "LARGE", "by": "LEAD"}])]
    text = cli(stack, "register", "merge", check=False).stdout
    assert "size_class: MEDIUM -> LARGE (LEAD)" in text
    assert stack.value("select size_class from register.entity where uscc = %s", SIZE) == "MEDIUM"
    merge(stack, "--apply", "--effective", "2020-11-16")

    def size_on(day):
        return json.loads(cli(stack, "register", "show", SIZE, "--as-of", day).stdout)["size_class"]
    assert (size_on("2020-11-15"), size_on("2020-11-16")) == ("MEDIUM", "LARGE")


def test_what_is_open_is_shown_until_the_committee_office_decides(brought, lists, stack):
    assert {row["state"] for row in unresolved(stack)} == {"NEW"} and len(unresolved(stack)) == 26
    merge(stack, "--apply")
    rows = unresolved(stack)
    assert len(rows) == 18 and {row["state"] for row in rows} == {"UNRESOLVED"}
    why = {row["uscc"]: set(row["why"].split(",")) for row in rows if row["uscc"]}
    assert {uscc_ for uscc_ in why} == {PLACE, TWO_LEADS, TWO_TOWNSHIPS, ALONE, DOUBLED, OLD, SITE}
    assert why[ALONE] == {"one_list"} and "unknown_township" in why[OLD] and "doubled" in why[DOUBLED]
    assert lists("awb", DECISIONS)[0] == 0
    assert merge(stack, "--apply")[1]["applied"]
    assert stack.query("select sector, division from register.entity where uscc = %s", TWO_LEADS) == [
        ("construction", "410411001")]
    assert stack.query("select division from register.entity where uscc = %s", TWO_TOWNSHIPS) == [("410411003",)]
    assert stack.query("select name, sector from register.unit where unit = 'XM1'") == [("一期", "construction")]
    assert TWO_LEADS not in {row["uscc"] for row in unresolved(stack)}


def test_an_unresolved_one_is_unknown_and_counts_nowhere(brought, stack, make_gateway, connect):
    merge(stack, "--apply")
    stack.query("update register.entity set build_state = 'RUNNING' returning 1")
    gateway = make_gateway()
    gateway.start()
    gateway.wait_ready()
    hazard = reports.hazard(ALONE, {"division": "410411001", "sector": "light_industry"})
    item = connect(ALONE, sector="light_industry").send(hazard)
    assert (item["verdict"], item["reason"]) == ("rejected", "unknown_entity")
    hazard = reports.hazard(AGREED, {"division": "410411001"})
    assert connect(AGREED, sector="hazchem").send(hazard)["verdict"] == "stored"
    assert stack.value("select sum(d) from indicator.report_rate(current_date)") == 4


def test_an_entity_whose_time_is_over_is_unknown(district, stack, db, gateway, connect):
    entity = district.one()
    publisher = connect(entity.uscc, sector=entity.sector)
    assert publisher.send(reports.hazard(entity.uscc))["verdict"] == "stored"
    db.execute("update register.entity set valid_to = '2021-01-01' where uscc = %s", (entity.uscc,))
    item = wait_until(lambda: [i for i in [publisher.send(reports.hazard(entity.uscc))]
                               if i["verdict"] != "stored"], 10, "the register again")[0]
    assert (item["verdict"], item["reason"]) == ("rejected", "unknown_entity")


def test_entities_in_no_list_and_what_the_database_refuses_are_told(brought, lists, stack, db):
    for code, name, company in ((LEFT, "留公司", None), (BUSY, "占公司", "410400201")):
        db.execute("insert into register.entity (uscc, name, division, sector, company_code)"
                   " values (%s, %s, '410411001', 'hazchem', %s)", (code, name, company))
    lists(EMERGENCY, "信用代码,名称,街道,行业,企业编码\n{AGREED},甲化工有限公司,马庄街道,危化,410400201\n")
    code, report = merge(stack, "--apply")
    assert {key[0] for key in told(report, "in_no_list")} == {LEFT, BUSY}
    assert told(report, "refused")[(AGREED, None)]["open"]
    assert stack.value("select count(*) from register.entity where uscc = %s", AGREED) == 0
    assert AGREED in {row["uscc"] for row in unresolved(stack)}


def test_an_organisation_sees_its_own_list_and_what_it_may_see(brought, stack, db):
    merge(stack, "--apply")
    for org in ("yaomeng", EMERGENCY):
        db.execute("create role org_%s login in role dualgate_org" % org)
    db.execute("insert into register.\"grant\" (principal, verb, sector) values ('org_yjglj', 'READ', 'hazchem')")
    with stack.connect(user="org_yaomeng") as own:
        assert {row[0] for row in own.execute("select org from register.unresolved")} == {"yaomeng"}
    with stack.connect(user="org_" + EMERGENCY) as own:
        seen = set(own.execute("select org, sector from register.unresolved").fetchall())
    assert ("mazhuang", "hazchem") in seen and ("mazhuang", "construction") not in seen

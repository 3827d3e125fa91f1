# SPDX-License-Identifier: Apache-2.0
"""Code systems with editions, working days and deadlines: the shipped files, and what SQL makes of them."""

import glob
import json
import os

import psycopg
import pytest

from lib import reports
from lib.gateway import cli
from lib.servers import ROOT
from lib.wait import wait_until

FILES = sorted(glob.glob(os.path.join(ROOT, "config/register/3[0-8]_*.csv")))
CALENDAR = [f for f in FILES if "calendar" in f or "deadline" in f]
MIDNIGHT = "T00:00:00+08:00"


@pytest.fixture
def codes(stack, district):
    """The stack with all shipped files of codes, the calendar and deadlines."""
    for path in FILES:
        cli(stack, "register", "import", path)
    return stack


@pytest.fixture
def calendar(stack, district):
    for path in CALENDAR:
        cli(stack, "register", "import", path)
    return stack


def count(stack, version, length):
    return stack.value("select count(*) from register.code where system = 'gbt4754' and version = %s"
                       " and length(code) = %s", version, length)


def assert_mapped(codes):
    """The shifts of 2017; and no code is mapped to one of another level."""
    def mapped(code):
        return codes.value("select to_code from register.code_map where system = 'gbt4754'"
                           " and from_version = '2011' and from_code = %s", code)
    assert [mapped(c) for c in ("P82", "Q83", "Q84", "O79", "R87", "R89", "A05", "C25")] == [
        "P83", "Q84", "Q85", "O80", "R88", "R90", "A05", "C25"]
    assert mapped("P8210") == "P8310" and mapped("C2614") == "C2614"
    assert codes.value("select count(*) from register.code_map m join register.code o on (o.system, o.version,"
                       " o.code) = (m.system, m.from_version, m.from_code) where length(m.to_code)"
                       " <> length(m.from_code) and m.system = 'gbt4754'") == 0


def test_the_shipped_files_load_whole_once_and_mapped(codes):
    assert [count(codes, "2017", n) for n in (1, 3, 4, 5)] == [20, 97, 473, 1381]
    assert [count(codes, "2011", n) for n in (1, 3, 4, 5)] == [20, 96, 432, 1094]
    assert codes.query("select version, count(*) from register.code where system = 'gb6441'"
                       " group by version order by version") == [("1986", 20), ("2025", 27)]
    before = codes.value("select n from register.version")
    for path in FILES:
        outcome = json.loads(cli(codes, "register", "import", path, "--json").stdout)
        assert outcome["taken"] and outcome["inserted"] == outcome["changed"] == 0, path
    assert codes.value("select n from register.version") <= before + len(FILES)
    assert_mapped(codes)


def test_a_changed_code_changes_the_version_of_the_register_once(codes, db):
    before = codes.value("select n from register.version")
    with db.transaction():
        db.execute("update register.code set name = name || '。' where system = 'gb6441'")
        db.execute("update register.code_system set note = 'x' where system = 'gb6441'")
    assert codes.value("select n from register.version") == before + 1


def test_chinese_headings_and_words_are_understood(codes, place):
    files = {"a.csv": "代码体系,版本,名称,生效日期,是否完整,依据\nlocal,2020,本地分类,2020-01-01,否,区文件\n",
             "b.csv": "代码体系,版本,代码,名称,上级代码,行业\nlocal,2020,A,甲,,\nlocal,2020,A1,甲一,A,机械\n",
             "c.csv": "日期,类型,名称\n2031-01-01,放假,元旦\n2031-01-04,上班,元旦\n",
             "d.csv": "年份,来源\n2031,通知\n",
             "e.csv": "规则代码,起算事件,数量,单位,依据,核实情况,说明\nLOCAL_TERM,发现,5,工作日,区文件,本地规定,\n"}
    for name, text in sorted(files.items()):
        path = os.path.join(place, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        assert json.loads(cli(codes, "register", "import", path, "--json").stdout)["inserted"] >= 1
    assert codes.query("select parent, sector from register.code where system = 'local' and code = 'A1'") == [
        ("A", "machinery")]
    assert str(codes.value("select register.add_working_days('2031-01-03', 1)")) == "2031-01-04"
    assert str(codes.value("select (register.deadline('LOCAL_TERM', date '2031-01-03')"
                           " at time zone 'Asia/Shanghai')::text")) == "2031-01-10 00:00:00"


DAYS = [
    ("2020-09-28", True), ("2020-09-27", True), ("2020-10-01", False), ("2020-10-08", False),
    ("2020-10-09", True), ("2020-10-10", True), ("2020-10-11", False), ("2019-05-05", True),
    ("2026-02-14", True), ("2026-02-16", False)]
SPANS = [
    ("2020-09-25", 1, "2020-09-27"),   # Friday, then a working Sunday
    ("2020-09-30", 1, "2020-10-09"),   # eight days off
    ("2020-09-30", 3, "2020-10-12"),   # a working Saturday between
    ("2020-11-06", 1, "2020-11-09"), ("2020-11-09", 0, "2020-11-09"),
    ("2020-10-12", -2, "2020-10-09"), ("2020-12-31", 1, "2021-01-04")]


def test_working_saturdays_and_holidays_are_known_and_counted(calendar):
    for day, works in DAYS:
        assert calendar.value("select register.is_working_day(%s::date)", day) is works, day
    for start, n, end in SPANS:
        assert str(calendar.value("select register.add_working_days(%s::date, %s)", start, n)) == end, start


def refused(stack, sql):
    with pytest.raises(psycopg.errors.NoDataFound) as told:
        stack.value(sql)
    return str(told.value)


def test_a_year_without_data_is_an_error_and_no_guess(calendar):
    assert "2028" in refused(calendar, "select register.is_working_day('2028-03-01')")
    assert "2027" in refused(calendar, "select register.add_working_days('2026-12-30', 5)")
    assert "2018" in refused(calendar, "select register.add_working_days('2019-01-02', -3)")


def deadline(stack, rule, since):
    return stack.value("select (register.deadline(%s, %s::timestamptz) at time zone 'Asia/Shanghai')::text",
                       rule, since)


def test_a_deadline_in_days_ends_with_its_last_day(calendar):
    assert deadline(calendar, "MAJOR_HAZARD_REINSPECTION", "2020-11-02T09:00:00+08:00") == "2020-11-13 00:00:00"
    assert deadline(calendar, "SUPERVISION_FILING", "2020-09-24T17:00:00+08:00") == "2020-09-29 00:00:00"
    # The instant is of the day before in UTC: the day that counts is Shanghai's.
    assert deadline(calendar, "SUPERVISION_FILING", "2020-09-23T16:30:00Z") == "2020-09-29 00:00:00"
    assert deadline(calendar, "SUPERVISION_TREATMENT_MAX", "2020-02-29" + MIDNIGHT) == "2021-03-01 00:00:00"
    assert deadline(calendar, "DAILY_PROMISE", "2020-11-02" + MIDNIGHT) == "2020-11-02 10:00:00"
    assert deadline(calendar, "EXTENSION_REQUEST", "2020-10-30" + MIDNIGHT) == "2020-09-28 00:00:00"


def test_a_rule_without_a_figure_is_an_error(calendar):
    assert "MAJOR_HAZARD_REPORT" in refused(calendar, "select register.deadline('MAJOR_HAZARD_REPORT', now())")
    assert "NO_SUCH" in refused(calendar, "select register.deadline('NO_SUCH', now())")


def test_the_gateway_judges_by_the_codes_that_are_loaded(codes, gateway, district, connect, db):
    uscc = district.one().uscc
    publisher = connect(uscc)

    def send(**body):
        report = reports.report("entity", uscc, {"name": district.one().name, **body})
        item = publisher.send(report)
        return item["verdict"], item.get("reason") or [f["code"] for f in item.get("findings", [])
                                                       if f["field"] == "body.industry"]
    db.execute("update register.entity set industry = null")
    assert wait_until(lambda: send(industry="C9999") == ("rejected", "unknown_code"), what="the codes are loaded")
    assert send(industry="2614") == ("stored", [])
    assert send(industry="P82") == ("stored", ["edition_differs"])
    assert db.execute("select industry, industry_version from exchange.entity where uscc = %s",
                      (uscc,)).fetchone() == ("P82", None)
    assert db.execute("select expected from dg.finding where code = 'edition_differs'").fetchone() == ("P83",)
    assert send(industry="P82", industry_version="2011") == ("stored", ["code_retired"])
    assert send(industry="C2618") == ("stored", ["code_unverified"])
    db.execute("update register.code_system set complete = true where version = '2017'")
    assert wait_until(lambda: send(industry="C2618") == ("rejected", "unknown_code"), what="the change is loaded")
    db.execute("update register.entity set industry = 'C26' where uscc = %s", (uscc,))
    assert wait_until(lambda: send(industry="C3011") == ("stored", ["industry_differs"]), what="the register's industry")

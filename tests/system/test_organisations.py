# SPDX-License-Identifier: Apache-2.0
"""What departments, townships and the committee office send: about units, about themselves; who may
send what; and what an inspection leaves behind."""

import base64
import datetime
import hashlib

import pytest

from lib import reports
from lib.servers import NODE
from lib.wait import wait_until

ORGS = [
    ("awb", "COMMITTEE", NODE, []),
    ("yjglj", "DEPARTMENT", NODE, ["hazchem"]),
    ("jytyj", "DEPARTMENT", NODE, ["education"]),
    ("shuguang", "TOWNSHIP", NODE + "001", []),
    ("yaomeng", "TOWNSHIP", NODE + "002", []),
]


@pytest.fixture
def orgs(district, db):
    for code, kind, division, sectors in ORGS:
        db.execute("insert into register.org (code, name, kind, division, sectors) values (%s, %s, %s, %s, %s)",
                   (code, code, kind, division, sectors))
    return district


@pytest.fixture
def office(make_gateway, orgs, connect):
    """office(code) -> the organisation's own connection, on its own topic."""
    gateway = make_gateway()
    gateway.start()
    gateway.wait_ready()
    made = {}

    def of(code):
        if code not in made:
            made[code] = connect(code, sector="org")
        return made[code]

    of.gateway = gateway
    return of


def outcome(item):
    return item["verdict"], item.get("reason"), item.get("field")


def day(ahead):
    return (datetime.datetime.now(reports.SHANGHAI).date() + datetime.timedelta(days=ahead)).isoformat()


def supervision(uscc, hazard_id, n=1, **changes):
    body = {"hazard_id": hazard_id, "n": n, "state": "LISTED", "at": reports.stamp(), "level": "DISTRICT",
            "listed_on": day(0), "due_on": day(30), "doc_no": "湛安办督〔2020〕1号"}
    return reports.report("supervision", uscc, reports.without_none(body, changes))


def finding(no, **changes):
    body = {"no": no, "text": "第%d项：配电箱未接地" % no, "level": "GENERAL", "due_on": day(10),
            "resp_person": "张建国"}
    return reports.without_none(body, changes)


def inspection(uscc, *findings, doc_no="湛应急检〔2020〕7号", **envelope):
    body = {"doc_no": doc_no, "kind": "ROUTINE", "inspected_at": reports.stamp(ago=7200),
            "checked_dual_prevention": True, "lead_org": "yjglj", "inspectors": ["王敏", "李建国"],
            "findings": list(findings)}
    return reports.report("inspection", uscc, body, **envelope)


def org_report(org, uscc=None, **envelope):
    body = {"org": org, "kind": "OVERALL_EVALUATION", "period": "2020", "text": "总体评价"}
    return reports.report("org_report", uscc, body, **envelope)


def training(uscc=None, org=None, **envelope):
    body = reports.without_none({"org": org, "period": "2020-11", "sessions": 3, "persons": 120}, {})
    return reports.report("training_summary", uscc, body, **envelope)


def a_major_hazard(connect, entity):
    hazard = reports.hazard(entity.uscc, level="MAJOR", major_basis={"clause": "第三条"})
    assert connect(entity.uscc, sector=entity.sector).send(hazard)["verdict"] == "stored"
    return hazard["body"]["id"]


def at(district, division):
    return next(e for e in district.entities if e.division == division)


def hazards_of(db, entity):
    return db.execute("select id, name, found_by, state, level, deadline::text, enforcement_no, ledger_no"
                      "  from exchange.hazard where uscc = %s order by name", (entity.uscc,)).fetchall()


# -- about units --

def test_a_department_lists_a_hazard_of_its_sector_and_no_other(office, district, connect, db):
    entity = district.one("hazchem")
    hazard_id = a_major_hazard(connect, entity)
    listed = supervision(entity.uscc, hazard_id)
    item = office("yjglj").send(listed)
    assert outcome(item) == ("stored", None, None), item
    assert db.execute("select id, uscc, sector from exchange.supervision").fetchall() == [
        (hazard_id + "|1", entity.uscc, "hazchem")]
    other = district.one("machinery")
    item = office("yjglj").send(supervision(other.uscc, hazard_id))
    assert outcome(item) == ("rejected", "not_authorised", "uscc")
    assert office("jytyj").send(supervision(entity.uscc, hazard_id, n=2))["reason"] == "not_authorised"


def test_what_came_before_its_hazard_is_answered_on_the_organisations_topic(office, district, connect):
    entity = district.one("hazchem")
    hazard = reports.hazard(entity.uscc, level="MAJOR", major_basis={"clause": "第三条"})
    early = supervision(entity.uscc, hazard["body"]["id"])
    assert office("yjglj").send(early)["verdict"] == "parked"
    assert connect(entity.uscc, sector=entity.sector).send(hazard)["verdict"] == "stored"
    assert office("yjglj").wait_item(early, count=2)["verdict"] == "stored"
    assert {topic for topic, _, _ in office("yjglj").receipts} == {
        "dp/v1/%s/org/yjglj/down/receipt" % NODE}


def test_a_further_sector_of_a_unit_gives_its_department_a_say(office, district, db):
    entity = district.one("machinery")
    assert office("yjglj").send(inspection(entity.uscc))["reason"] == "not_authorised"
    db.execute("update register.unit set co_sectors = '{hazchem}' where uscc = %s", (entity.uscc,))
    wait_until(lambda: office("yjglj").send(inspection(entity.uscc))["verdict"] == "stored", 20, "new register")


def test_a_township_reports_about_units_that_lie_in_it(office, district):
    here, there = at(district, NODE + "001"), at(district, NODE + "002")
    assert office("shuguang").send(inspection(here.uscc))["verdict"] == "stored"
    assert outcome(office("shuguang").send(inspection(there.uscc, doc_no="2"))) == (
        "rejected", "not_authorised", "uscc")
    assert office("yaomeng").send(inspection(there.uscc))["verdict"] == "stored"
    for item in office("awb").send([inspection(e.uscc, doc_no="3") for e in (here, there)]):
        assert item["verdict"] == "stored"


def test_an_organisation_acts_on_the_hazards_of_the_unit_that_it_names(office, district, connect, db):
    entity = at(district, NODE + "001")
    hazard_id = a_major_hazard(connect, entity)
    db.execute("insert into register.unit (uscc, unit, name, division, sector) values (%s, 'B', '二期', %s, %s)",
               (entity.uscc, NODE + "002", entity.sector))
    wait_until(lambda: office("yaomeng").send(inspection(entity.uscc, unit="B"))["verdict"] == "stored", 20,
               "new register")
    there = supervision(entity.uscc, hazard_id)
    there["unit"] = "B"
    assert outcome(office("yaomeng").send(there)) == ("rejected", "not_authorised", "body.hazard_id")
    gone = reports.delete("hazard", entity.uscc, hazard_id, unit="B")
    assert office("yaomeng").send(gone)["reason"] == "not_authorised"
    assert db.execute("select deleted, unit, supervision_state from exchange.hazard").fetchall() == [
        (False, "", None)]
    assert office("shuguang").send(supervision(entity.uscc, hazard_id))["verdict"] == "stored"


def test_an_enterprise_sends_no_acts_of_an_authority(office, district, connect):
    entity = district.one()
    publisher = connect(entity.uscc, sector=entity.sector)
    for report in (supervision(entity.uscc, reports.new_id()), inspection(entity.uscc, finding(1))):
        assert outcome(publisher.send(report)) == ("rejected", "wrong_publisher", "record")
    disguised = connect(entity.uscc, sector="org", client_id="disguised")
    assert disguised.send(inspection(entity.uscc, finding(1)))["reason"] == "unknown_org"
    assert publisher.send(reports.hazard(entity.uscc))["verdict"] == "stored"


def test_only_an_organisation_confirms_that_a_unit_stands_still(office, district, connect):
    entity = district.one("hazchem")
    body = {"from_date": "2020-11-01", "reason": "OVERHAUL", "confirmed_by": "yjglj", "confirmed_on": "2020-11-02"}
    publisher = connect(entity.uscc, sector=entity.sector)
    assert outcome(publisher.send(reports.report("suspension", entity.uscc, body))) == (
        "rejected", "not_authorised", "body.confirmed_by")
    own = {key: value for key, value in body.items() if not key.startswith("confirmed")}
    assert publisher.send(reports.report("suspension", entity.uscc, own))["verdict"] == "stored"
    assert office("yjglj").send(reports.report("suspension", entity.uscc, body))["verdict"] == "stored"


# -- about organisations --

def test_an_organisation_reports_about_itself_and_is_answered_on_its_own_topic(office, db):
    made = org_report("yjglj")
    assert office("yjglj").send(made)["verdict"] == "stored"
    assert {topic for topic, _, _ in office("yjglj").receipts} == {
        "dp/v1/%s/org/yjglj/down/receipt" % NODE}
    assert db.execute("select uscc, id, sector, division, text from exchange.org_report").fetchall() == [
        ("", "yjglj|OVERALL_EVALUATION|2020", "org", NODE, "总体评价")]
    assert db.execute("select sector, township, record from dg.outbox").fetchall() == [
        ("org", NODE, "org_report")]
    assert office("yjglj").send(org_report("yjglj", observed_at=reports.stamp(ago=-1)))["verdict"] == "stored"
    assert db.execute("select count(*) from exchange.org_report").fetchone() == (1,)


def test_who_coordinates_reports_about_the_others_and_nobody_else_does(office):
    assert office("awb").send(org_report("shuguang"))["verdict"] == "stored"
    assert outcome(office("shuguang").send(org_report("awb"))) == (
        "rejected", "not_authorised", "body.org")
    assert outcome(office("awb").send(org_report("nobody"))) == ("rejected", "unknown_org", "body.org")


def test_a_report_has_one_subject(office, district, connect, db):
    entity = district.one()
    publisher = connect(entity.uscc, sector=entity.sector)
    assert publisher.send(training(uscc=entity.uscc))["verdict"] == "stored"
    assert office("yjglj").send(training(org="yjglj"))["verdict"] == "stored"
    rows = db.execute("select uscc, id, sector from exchange.training_summary order by uscc").fetchall()
    assert rows == [("", "yjglj|2020-11", "org"), (entity.uscc, "2020-11", entity.sector)]
    assert outcome(office("yjglj").send(training())) == ("rejected", "subject_missing", "uscc")
    assert outcome(office("yjglj").send(training(uscc=entity.uscc, org="yjglj"))) == (
        "rejected", "subject_ambiguous", "body.org")
    assert outcome(office("yjglj").send(org_report("yjglj", uscc=entity.uscc))) == (
        "rejected", "subject_ambiguous", "uscc")
    assert outcome(office("yjglj").send(training(org="yjglj", unit="1"))) == (
        "rejected", "subject_ambiguous", "unit")
    assert publisher.send(training(org="yjglj"))["reason"] == "not_authorised"


# -- what an inspection leaves behind --

def totals(db, gateway):
    row = db.execute("select sum(received), sum(stored), sum(duplicate), sum(stale), sum(parked), sum(rejected),"
                     " sum(conflict) from dg.batch").fetchone()
    counted = sum(value for name, value in gateway.metrics().items()
                  if name.startswith("dualgate_reports_total"))
    return [int(n) for n in row], counted


def test_each_finding_becomes_a_hazard_found_by_an_authority(office, district, db):
    entity = district.one("hazchem")
    made = inspection(entity.uscc, finding(1), finding(2, level="MAJOR", done_on=day(0), resp_person=None))
    item = office("yjglj").send(made)
    assert outcome(item) == ("stored", None, None), item
    assert [len(receipt["items"]) for _, receipt, _ in office("yjglj").receipts] == [1]
    first, second = hazards_of(db, entity)
    assert first[1:7] == ("第1项：配电箱未接地", "AUTHORITY", "REGISTERED", "GENERAL", day(10), "湛应急检〔2020〕7号")
    assert second[2:5] == ("AUTHORITY", "RECTIFIED", "MAJOR")
    assert db.execute("select count(*) from exchange.report").fetchone() == (3,)
    rows, counted = totals(db, office.gateway)
    assert rows[0] == sum(rows[1:]) == 3 and counted == 3
    assert db.execute("select count(*) from dg.outbox where record = 'hazard'").fetchone() == (2,)
    assert db.execute("select count(*) from dg.unit_month").fetchone() == (0,)


def test_a_finding_sent_again_changes_nothing_of_its_hazard(office, district, connect, db):
    entity = district.one("hazchem")
    made = inspection(entity.uscc, finding(1), finding(2))
    assert office("yjglj").send(made)["verdict"] == "stored"
    before = hazards_of(db, entity)
    rectified = reports.transition(entity.uscc, before[0][0], "RECTIFYING")
    assert connect(entity.uscc, sector=entity.sector).send(rectified)["verdict"] == "stored"
    office("yjglj").publish(made)
    assert office("yjglj").wait_item(made, count=2)["verdict"] == "duplicate"
    corrected = inspection(entity.uscc, finding(1, text="更正：配电箱接地不良"), finding(2), finding(3))
    assert office("yjglj").send(corrected)["verdict"] == "stored"
    after = hazards_of(db, entity)
    assert [row[0] for row in after[:2]] == [row[0] for row in before] and len(after) == 3
    assert (after[0][1], after[0][3]) == ("第1项：配电箱未接地", "RECTIFYING")
    numbers = [n for n, in db.execute("select ledger_no from dg.ledger order by 1")]
    assert numbers == list(range(1, 7))
    rows, counted = totals(db, office.gateway)
    assert rows[0] == sum(rows[1:]) == 7 and counted == 7


def test_a_finding_that_names_its_hazard_makes_none(office, district, connect, db):
    entity = district.one("hazchem")
    hazard_id = a_major_hazard(connect, entity)
    assert office("yjglj").send(inspection(entity.uscc, finding(1, hazard_id=hazard_id)))["verdict"] == "stored"
    assert [row[0] for row in hazards_of(db, entity)] == [hazard_id]


def test_a_photo_of_a_finding_is_kept_once_and_named_by_both(office, district, db):
    entity = district.one("hazchem")
    photo = "data:image/jpeg;base64," + base64.b64encode(b"\xff\xd8\xff\xe0" + bytes(60)).decode()
    made = inspection(entity.uscc, finding(1, photo=[photo]))
    assert office("yjglj").send(made)["verdict"] == "stored"
    (named,), = db.execute("select photo_before ->> 0 from exchange.hazard").fetchall()
    assert named.startswith("sha256:")
    assert db.execute("select findings -> 0 -> 'photo' ->> 0 from exchange.inspection").fetchone() == (named,)
    assert db.execute("select count(*) from dg.attachment").fetchone() == (1,)
    assert db.execute("select code from dg.finding").fetchall() == []


WRONG = [
    ({"level": ""}, "unknown_code", "body.findings[1].level"),
    ({"due_on": ""}, "bad_date", "body.findings[1].due_on"),
    ({"due_on": "2001-01-01"}, "deadline_before_registered", "body.findings[1].due_on"),
    ({"no": 1}, "duplicate_member", "body.findings[1].no"),
]


LACKING = [("level", "missing_field"), ("due_on", "deadline_missing")]


def test_what_is_wrong_with_the_hazard_is_said_of_the_finding(office, district, db):
    entity = district.one("hazchem")
    for name, reason in LACKING:
        made = inspection(entity.uscc, finding(1, **{name: None}))
        assert outcome(office("yjglj").send(made)) == ("rejected", reason, "body.findings[0]." + name)
    for changes, reason, field in WRONG:
        made = inspection(entity.uscc, finding(1), {**finding(2), **changes})
        assert outcome(office("yjglj").send(made)) == ("rejected", reason, field)
    assert hazards_of(db, entity) == []


def id_of_finding(entity, no, doc_no="湛应急检〔2020〕7号"):
    digest = hashlib.sha256("\n".join(["hazard", entity.uscc, doc_no, str(no)]).encode()).digest()
    raw = bytearray(digest[:16])
    raw[6] = raw[6] & 0x0F | 0x80
    raw[8] = raw[8] & 0x3F | 0x80
    return raw.hex()


def test_a_unit_that_is_faster_does_not_keep_a_finding_out(office, district, connect, db):
    entity = district.one("hazchem")
    own = reports.hazard(entity.uscc, id=id_of_finding(entity, 1), state="VOID", found_by="SELF")
    assert connect(entity.uscc, sector=entity.sector).send(own)["verdict"] == "stored"
    assert office("yjglj").send(inspection(entity.uscc, finding(1, level="MAJOR")))["verdict"] == "stored"
    (hazard_id, _, found_by, state, level, *_), = hazards_of(db, entity)
    assert (hazard_id, found_by, state, level) == (own["body"]["id"], "AUTHORITY", "REGISTERED", "MAJOR")
    assert db.execute("select withdrawal from exchange.hazard").fetchall() == [("VOID",)]


def test_a_conflicting_or_older_inspection_makes_no_hazard(office, district, db):
    entity = district.one("hazchem")
    made = inspection(entity.uscc, finding(1))
    assert office("yjglj").send(made)["verdict"] == "stored"
    made["body"]["findings"].append(finding(2))
    office("yjglj").publish(made)
    assert office("yjglj").wait_item(made, count=2)["verdict"] == "conflict"
    older = inspection(entity.uscc, finding(1), finding(3), observed_at=reports.stamp(ago=600))
    assert office("yjglj").send(older)["verdict"] == "stale"
    assert len(hazards_of(db, entity)) == 1

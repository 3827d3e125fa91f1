# SPDX-License-Identifier: Apache-2.0
"""The forty traps of the field, a test each: what really arrives, and what becomes of it.

A docstring says what goes wrong elsewhere. One stack and one gateway serve the whole file (tests/lib/stage.py), each test
takes entities of its own. `vendor` and `desk` are adapters of this file; the others are those that are shipped."""

import base64
import datetime
import hashlib
import json
import os
import random
import socket
import subprocess
import time

import pytest

from lib import reports
from lib.district import Entity
from lib.gateway import binary, cli
from lib.servers import NODE, ROOT
from lib.stage import DEPARTMENT, KEY, RETIRED, SUCCESSOR, Stage, findings, outcome
from lib.uscc import uscc

# A vendor whose lists contradict the national ones.
VENDOR = """
adapter: vendor
title: 与国家规范相反的代码
container: json
charset: UTF-8
record: {by: field, name: kind}
times: [yyyy-MM-dd]
report:
  uscc: uscc
  observed_at: at
  source_system: {constant: vendor}
records:
  hazard:
    match: hazard
    fields:
      id: id
      name: name
      level: {from: level, codes: unionType}
      registered_at: at
      state: {from: state, codes: unionState}
      manage_type: {constant: ON_THE_SPOT}
  risk_unit:
    match: risk_unit
    fields: {id: id, name: name, risk_level: {from: level, codes: from0}}
"""
# Nothing in it but the texts is beyond ASCII.
DESK = """
adapter: desk
title: 登记台账
container: csv
charset: UTF-8
record: {by: fixed}
times: [yyyy-MM-dd]
report:
  uscc: uscc
  observed_at: at
  source_system: {constant: desk}
records:
  hazard:
    fields:
      id: id
      name: name
      level: {constant: GENERAL}
      registered_at: at
      state: {constant: RECTIFYING}
      manage_type: {constant: ON_THE_SPOT}
"""
MIB = 1 << 20
AUDITED = "insert into dg.audit (at, verb) values (now() - make_interval(days => %s), 'TRAP')"


@pytest.fixture(scope="module")
def stage():
    made = Stage({"vendor": VENDOR, "desk": DESK}, parked={"sweep_ms": 200})
    yield made
    made.close()


@pytest.fixture(autouse=True)
def at_home(stage, request):
    """Connections end with their test; the gateway's log is shown when it fails."""
    request.node.logs_to_show = [stage.gateway.log]
    yield
    stage.leave()


def hazard(entity, ago=60, **changes):
    return reports.hazard(entity.uscc, {"observed_at": reports.stamp(ago=ago)}, **changes)


def unit_and_event(client, entity, **changes):
    """A stored risk unit and the body of an event below it."""
    unit = reports.risk_unit(entity.uscc)
    assert client.send(unit)["verdict"] == "stored"
    return reports.risk_event(entity.uscc, unit["body"]["id"], **changes)


def danger(entity, **changes):
    """A row of the national exchange."""
    row = {"id": reports.new_id(), "companyCode": entity.company, "dangerName": "可燃气体报警器失效", "dangerLevel": "0",
           "registTime": "20200407093000", "registrant": "李建国", "dangersSrc": "1", "dangerManageType": "1",
           "hazardDangerType": "4", "dangerDesc": "无读数", "liablePerson": "张建国",
           "dangerManageDeadline": "2020-04-12", "checkAcceptPerson": "王敏", "dangerState": "0", "deleted": "0",
           "createDate": "20200407093000", "updateDate": "20200407093000"}
    return reports.without_none(row, changes)


def chain(client, entity):
    """Ids of a stored risk unit, event and measure."""
    event = unit_and_event(client, entity)
    measure = reports.report("measure", entity.uscc, {
        "id": reports.new_id(), "risk_event_id": event["body"]["id"], "control_mode": "CHECK",
        "description": "每班检查", "class1": "ENGINEERING", "class2": "PROCESS_CONTROL", "check_content": "压力"})
    assert client.send(event)["verdict"] == client.send(measure)["verdict"] == "stored"
    return event["body"]["risk_unit_id"], event["body"]["id"], measure["body"]["id"]


def adapt(stage, adapter, text, register, name="x.json"):
    """What `dualgate adapt` makes of a file: its lines as objects."""
    who, path = os.path.join(stage.place, "who.csv"), os.path.join(stage.place, name)
    for file, content in ((who, register.encode()), (path, text if isinstance(text, bytes) else text.encode())):
        with open(file, "wb") as out:
            out.write(content)
    done = subprocess.run([binary(), "adapt", adapter, path, "--register", who, "--json"], cwd=ROOT,
                          capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode in (0, 1) and done.stdout, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


# -- codes, spellings, identities ------------------------------------------------------------------------


def test_trap_01_gbk_words_that_are_valid_utf8(stage):
    """医院 and 学校 in GBK are valid UTF-8: a validator passes them and the table says ҽԺ and ѧУ."""
    entity = stage.entity()
    client = stage.platform(entity)

    def table(*names):
        ids = [reports.new_id() for _ in names]
        rows = ["%s,%s,2020-04-07,%s" % (entity.uscc, one, name) for one, name in zip(ids, names)]
        return ids, "\n".join(["uscc,id,at,name", *rows, ""]).encode("gb18030")

    ids, text = table("医院", "学校")
    assert text.decode("utf-8")  # that is the trap
    assert outcome(stage.native(client, "desk", text)[0])[:2] == ("rejected", "bad_encoding")
    assert [item["verdict"] for item in stage.native(client, "desk", text, charset="GB18030")] == ["stored"] * 2
    assert [stage.head("hazard", one, "name")[0] for one in ids] == ["医院", "学校"]


def test_trap_02_codes_of_objects_in_every_length(stage):
    """The code of an object has 9, 12, 14 or 36 characters: read as a number or as 12 digits it is lost."""
    entity = stage.entity("hazchem")
    client = stage.platform(entity)
    codes = ["041041001", "041041001001", "41041100001001", "0A1B2C3D-0001-4000-8000-000000000001", "0" * 37]
    rows = [danger(entity, hazardCode=code) for code in codes]
    items = stage.hazchem(client, "dangerInfo", *rows)
    assert [item["verdict"] for item in items] == ["stored"] * 4 + ["rejected"]
    assert outcome(items[4])[1:] == ("too_long", "hazardCode")
    assert [stage.head("hazard", row["id"], "risk_object_code")[0] for row in rows[:4]] == codes[:4]


def test_trap_03_company_code_that_lost_its_zero(stage):
    """012345678 arrives as the number 12345678: another enterprise, or none."""
    entity = stage.entity("hazchem")
    assert entity.company.startswith("0")
    rows = [danger(entity, companyCode=code) for code in (int(entity.company), entity.company[1:], entity.company)]
    items = stage.hazchem(stage.platform(entity), "dangerInfo", *rows)
    assert [item["verdict"] for item in items] == ["stored"] * 3, items
    assert {stage.head("hazard", row["id"], "uscc")[0] for row in rows} == {entity.uscc}


def test_trap_04_acceptance_time_of_a_hazard_that_is_open(stage):
    """A receiver demands checkAcceptTime always, so senders invent one: the hazard looks accepted."""
    entity = stage.entity("hazchem")
    row, done = danger(entity, checkAcceptTime="20200407093000"), danger(
        entity, checkAcceptTime="20200409093000", dangerState="9")
    stage.hazchem(stage.platform(entity), "dangerInfo", row, done)
    assert stage.head("hazard", row["id"], "state, accept_time") == ("RECTIFYING", None)
    assert stage.head("hazard", done["id"], "state, accept_time is not null") == ("ACCEPTED", True)
    own = hazard(entity, accept_time=reports.stamp())
    item = stage.connect(entity).send(own)
    assert (item["verdict"], list(findings(item))) == ("stored", ["accepted_while_open"])
    assert stage.head("hazard", own["body"]["id"], "accept_time") == (None,)
    assert stage.head("hazard_history", own["body"]["id"], "accept_time") == (None,)


def vendor_row(entity, kind, **members):
    return {"kind": kind, "uscc": entity.uscc, "at": "2020-04-07", "id": reports.new_id(), "name": "配电箱", **members}


def test_trap_05_hazard_levels_that_are_inverted(stage):
    """0 is a general hazard in one list and a major one in the other; taken by number, the major ones vanish."""
    entity, chemical = stage.entity(), stage.entity("hazchem")
    inverted = [vendor_row(entity, "hazard", level=level, state="0") for level in ("0", "1")]
    national = [danger(chemical, dangerLevel=level) for level in ("0", "1")]
    unknown = vendor_row(entity, "hazard", level="2", state="0")
    items = stage.native(stage.platform(entity), "vendor", json.dumps(inverted + [unknown]))
    assert outcome(items[2]) == ("rejected", "unknown_code", "level")
    stage.hazchem(stage.platform(chemical), "dangerInfo", *national)
    assert [stage.head("hazard", row["id"], "level")[0] for row in inverted + national] == [
        "MAJOR", "GENERAL", "GENERAL", "MAJOR"]


def test_trap_06_risk_levels_from_zero_and_from_one(stage):
    """A 3 is 低 where the list begins with 0 and 一般 where it begins with 1."""
    entity, chemical = stage.entity(), stage.entity("hazchem")
    from0 = [vendor_row(entity, "risk_unit", level=level) for level in "0123"]
    from1 = [{"id": reports.new_id(), "companyCode": chemical.company, "hazardCode": "1", "riskUnitName": "储罐",
              "hazardDep": "生产部", "hazardLiablePerson": "张建国", "riskClass": level,
              "updateDate": "20200407093000"} for level in "1234"]
    stage.native(stage.platform(entity), "vendor", json.dumps(from0))
    stage.hazchem(stage.platform(chemical), "riskUnit", *from1)
    levels = ["MAJOR", "CONSIDERABLE", "GENERAL", "LOW"]
    for rows in (from0, from1):
        assert [stage.head("risk_unit", row["id"], "risk_level")[0] for row in rows] == levels


OTHER_SPELLING = {"dangersSrc": "dangerSrc", "checkRecordId": "recordId", "createDate": "createTime",
                  "updateDate": "updateTime"}


def test_trap_07_wire_spellings_that_differ(stage):
    """dangersSrc or dangerSrc, recordId or checkRecordId, createDate or createTime: one spelling's values are dropped."""
    register = "uscc,name,division,sector,company_code,key\n%s,甲,410411001,hazchem,041041001,%s\n" % (uscc(1), KEY)
    record = reports.new_id()
    entity = Entity(1, "hazchem", NODE + "001")
    entity.company = "041041001"
    first = danger(entity, checkRecordId=record)
    second = {OTHER_SPELLING.get(key, key): value for key, value in first.items()}
    assert len(set(first) ^ set(second)) == 2 * len(OTHER_SPELLING)
    lines = adapt(stage, "hazchem", json.dumps({"path": "dangerInfo", "datas": [first, second]}, ensure_ascii=False),
                  register, "x.plain.json")
    bodies = [line["report"]["body"] for line in lines]
    assert bodies[0] == bodies[1]
    assert (bodies[0]["source"], bodies[0]["check_record_id"]) == ("DAILY", record)
    assert bodies[0]["created_at"].startswith("2020-04-07T09:30:00")
    assert [line["report"].get("warnings") for line in lines] == [None, None]


def test_trap_08_uuids_in_every_spelling(stage):
    """The same UUID with and without dashes, in capitals: two hazards, or a child that never finds its parent."""
    entity = stage.entity("hazchem")
    client = stage.connect(entity)
    plain = reports.new_id()
    dashed = "-".join((plain[:8], plain[8:12], plain[12:16], plain[16:20], plain[20:])).upper()
    for ago, spelling in ((60, plain), (50, dashed), (40, plain.upper())):
        assert client.send(reports.risk_unit(entity.uscc, {"observed_at": reports.stamp(ago=ago)}, id=spelling)
                           )["verdict"] == "stored"
    assert client.send(reports.risk_event(entity.uscc, dashed))["verdict"] == "stored"
    assert stage.db.execute("select id, id_as_sent from exchange.risk_unit where uscc = %s", (entity.uscc,)).fetchall() \
        == [(plain, plain.upper())]
    assert stage.db.execute("select count(*) from exchange.risk_unit_history where id = %s", (plain,)).fetchone() == (3,)


def test_trap_09_industry_codes_of_the_edition_before(stage):
    """P82 and Q83 of 2011 are education and health; in the edition of 2017 they mean something else or nothing."""
    entity = stage.entity()
    client = stage.connect(entity)

    def said(industry, version=None):
        body = reports.without_none({"name": entity.name, "industry": industry}, {"industry_version": version})
        item = client.send(reports.report("entity", entity.uscc, body))
        kept = stage.db.execute("select industry from exchange.entity where uscc = %s", (entity.uscc,)).fetchone()
        assert item["verdict"] == "stored" and kept == (industry,)
        return findings(item)

    assert said("P82") == {"edition_differs": "P83"}
    assert said("P82", "2011") == {"code_retired": "P83"}
    assert said("Q84", "2011") == {"code_retired": "Q85"}
    assert said("P83") == said("Q84") == {}  # the same code is another industry: only its edition tells


def test_trap_10_accident_classes_that_the_new_standard_lacks(stage):
    """Codes 11 to 16 of 1986 have no successor in the edition of 2025: mapped by number they become nonsense."""
    entity = stage.entity("hazchem")
    client = stage.connect(entity)
    old = ["ROOF_FALL", "WATER_INRUSH", "BLASTING", "EXPLOSIVES", "GAS_EXPLOSION", "BOILER_EXPLOSION"]
    event = unit_and_event(client, entity, accident_types=["FIRE"] + old)
    event["observed_at"] = "2020-06-30T23:59:59+08:00"
    assert findings(client.send(event)) == {}
    newer = dict(event, msg_id=reports.uuid7(), observed_at="2020-07-01T00:00:00+08:00")
    item = client.send(newer)
    assert item["verdict"] == "stored"
    assert [(one["code"], one["field"]) for one in item["findings"]] == [
        ("code_retired", "body.accident_types[%d]" % n) for n in range(1, 7)]
    assert stage.head("risk_event", event["body"]["id"], "accident_types") == (["FIRE"] + old,)


def test_trap_11_credit_codes_tell_no_place_and_are_strict(stage):
    """A school is registered by the city: its code begins with 410400. Lower case, I and O are no credit codes."""
    elsewhere = Entity(1, "machinery", NODE + "002")
    elsewhere.uscc = uscc(7001, division="410400")
    client = stage.connect(stage.add(elsewhere))
    sent = hazard(elsewhere)
    assert client.send(sent)["verdict"] == "stored"
    assert stage.head("hazard", sent["body"]["id"], "division, township") == (NODE + "002", NODE + "002")
    entity = stage.entity()
    own = stage.connect(entity)
    for spoilt in (entity.uscc.lower(), entity.uscc.replace("0", "O", 1), entity.uscc.replace("1", "I", 1),
                   entity.uscc + " ", entity.uscc[:-1] + ("0" if entity.uscc[-1] != "0" else "1")):
        assert outcome(own.send(hazard(entity) | {"uscc": spoilt})) == ("rejected", "bad_uscc", "uscc"), spoilt


def test_trap_12_retired_divisions_and_divisions_in_two_words(stage):
    """北渡镇 is gone since it became sub-districts; vehicles send 41 and 411, which is not 41411."""
    entity = stage.entity()
    sent = hazard(entity) | {"division": RETIRED}
    item = stage.connect(entity).send(sent)
    assert item["verdict"] == "stored" and findings(item)["division_mapped"] == SUCCESSOR
    assert stage.head("hazard", sent["body"]["id"], "division, township") == (SUCCESSOR, entity.division)
    carrier = stage.entity("transport")
    row = {"dataType": "enterprise", "unifiedSocialCreditIdentifier": carrier.uscc, "enterpriseName": carrier.name,
           "provinceId": 41, "cityId": 411, "updateTime": "200407153000"}
    payload = json.dumps({"data": [row]}, ensure_ascii=False).encode("gb18030")
    assert stage.native(stage.platform(carrier), "transport", payload)[0]["verdict"] == "stored"
    assert stage.db.execute("select body_division from exchange.entity where uscc = %s", (carrier.uscc,)
                            ).fetchone() == (NODE,)


def test_trap_13_latitude_and_longitude_swapped(stage):
    """A system calls its 经度 lat: the plant lies in the Kara Sea, or nowhere."""
    entity = stage.entity("hazchem")
    client = stage.connect(entity)
    right = reports.risk_object(entity.uscc, lat="33.70", lon="113.27")
    swapped = reports.risk_object(entity.uscc, lat="113.27", lon="33.70")
    far = reports.risk_object(entity.uscc, lat="39.9", lon="116.4")
    right_item, swapped_item, far_item = client.send([right, swapped, far])
    assert right_item["verdict"] == "stored"
    assert outcome(swapped_item) == outcome(far_item) == ("rejected", "coordinate_outside", "body.lat")
    assert "coordinate_swapped" in findings(swapped_item) and "coordinate_swapped" not in findings(far_item)
    assert stage.head("risk_object", right["body"]["id"], "lat = 33.7, lon = 113.27") == (True, True)


# -- figures ----------------------------------------------------------------------------------------------


def figure(stage, *sectors):
    """What `dualgate rate` prints of 2020-11 where that is the district: (township, sector, n, d) each."""
    with stage.figures_db() as db, db.transaction():
        db.execute("set local session_replication_role = replica")  # no history, no entities: only what is counted
        db.execute("truncate register.unit, dg.unit_month")
        for number, (township, sector, n, d) in enumerate(sectors, 1):
            db.execute("insert into register.unit (uscc, unit, name, division, sector, build_state)"
                       " select lpad((%s * 1000000 + i)::text, 18, '9'), '', 'x', %s, %s, case when %s > 0 then 'RUNNING'"
                       " else 'BUILT' end from generate_series(1, greatest(%s, 1)) i", (number, township, sector, d, d))
            db.execute("insert into dg.unit_month (uscc, unit, month, sector, division, n)"
                       " select uscc, unit, '2020-11-01', sector, division, 1 from register.unit"
                       " where sector = %s and division = %s order by uscc limit %s", (sector, township, n))
    return cli(stage.stack, "rate", "--month", "2020-11", config=stage.figures).stdout.splitlines()[2:]


def test_trap_14_denominators_of_zero_and_rates_just_below_the_whole(stage):
    """0 of 0 printed as 0 % or 100 %, 99.996 % as 100.00 %. "Figures an auditor cannot shake" adds the test of 30 %
    by whole numbers to the coverage rules; here 3 of 10 is 30.00 % and a sector without duties has no line."""
    assert [line.split() for line in figure(stage)] == [["all", "0", "of", "0", "-"]]
    lines = figure(stage, (NODE + "001", "a", 0, 0), (NODE + "001", "b", 3, 10), (NODE + "002", "c", 24999, 25000))
    rows = {line.split()[1]: line.split()[2:] for line in lines[:-1]}
    assert "a" not in rows
    assert rows["b"] == ["3", "of", "10", "30.00", "%"]
    assert rows["c"] == ["24999", "of", "25000", "99.99", "%"]


def test_trap_15_days_of_deadlines_extensions_and_new_rounds(stage):
    """A deadline that ends with its day's first second, an extension asked for when it is over, a hazard that is
    opened again and keeps its old closing."""
    entity = stage.entity("hazchem")
    client = stage.connect(entity)
    early = "2020-11-01T09:00:00+08:00"
    first = reports.hazard(entity.uscc, {"observed_at": early}, level="MAJOR", major_basis={"clause": "第三条"},
                           deadline="2020-11-10", registered_at=early, found_at=early)
    key = first["body"]["id"]
    assert client.send(first)["verdict"] == "stored"

    def asked(n, at):
        body = {"hazard_id": key, "n": n, "requested_at": at, "reason": "设备未到", "new_deadline": "2020-12-10",
                "decision": "REQUESTED"}
        return findings(client.send(reports.report("extension", entity.uscc, body)))

    assert asked(1, "2020-11-10T23:59:59+08:00") == {}
    assert list(asked(2, "2020-11-11T00:00:00+08:00")) == ["extension_after_expiry"]
    general = hazard(entity, ago=600, state="ACCEPTED", accept_time=reports.stamp(ago=700))
    assert client.send(general)["verdict"] == "stored"
    again = reports.transition(entity.uscc, general["body"]["id"], "RECTIFYING")
    assert list(findings(client.send(again))) == ["reopened"]
    assert stage.head("hazard", general["body"]["id"], "state, round, accept_time, closed_at") == (
        "RECTIFYING", 2, None, None)
    assert stage.head("hazard", key, "deadline::text, state") == ("2020-11-10", "RECTIFYING")


# -- order, repeats, parents ------------------------------------------------------------------------------


def test_trap_16_repeats_latecomers_and_equal_times(stage):
    """A message comes twice, an old state after a new one, two states with one timestamp: the last to arrive wins."""
    entity = stage.entity("hazchem")
    client = stage.connect(entity)
    key, at = reports.new_id(), reports.stamp(ago=100)
    rectified = hazard(entity, id=key, state="RECTIFIED") | {"observed_at": at}
    first = client.send(rectified)
    client.publish(rectified)
    second = client.wait_item(rectified, count=2)
    assert (first["verdict"], second["verdict"]) == ("stored", "duplicate")
    assert first["ledger_no"] == second["ledger_no"]
    same_time = hazard(entity, id=key, state="RECTIFYING") | {"observed_at": at}
    older = hazard(entity, ago=500, id=key, state="REGISTERED")
    assert [item["verdict"] for item in client.send([same_time, older])] == ["stale", "stale"]
    assert stage.head("hazard", key, "state") == ("RECTIFIED",)
    assert stage.db.execute("select count(*) from exchange.hazard_history where id = %s", (key,)).fetchone() == (3,)


def test_trap_17_children_before_their_parents_and_without(stage):
    """A receiver rejects what comes before its parent; another stores orphans; who sends in threads loses half."""
    entity = stage.entity("hazchem")
    client = stage.connect(entity)
    unit = reports.risk_unit(entity.uscc)
    early, orphan = reports.risk_event(entity.uscc, unit["body"]["id"]), reports.risk_event(entity.uscc, reports.new_id())
    for event in (early, orphan):
        assert client.send(event)["verdict"] == "parked"
        assert stage.head("risk_event", event["body"]["id"], "id") is None
    assert client.send(unit)["verdict"] == "stored"
    assert client.wait_item(early, count=2)["verdict"] == "stored"
    stage.db.execute("update dg.parked set expires_at = now() where ledger_no in"
                     " (select ledger_no from dg.ledger where msg_id = %s)", (orphan["msg_id"],))
    assert outcome(client.wait_item(orphan, count=2)) == ("rejected", "parent_missing", "body.risk_unit_id")
    assert stage.head("risk_event", early["body"]["id"], "risk_unit_id") == (unit["body"]["id"],)


def test_trap_18_deleted_parents_with_living_children(stage):
    """Deleting a unit deletes its events silently, or leaves them pointing at nothing that anybody sees."""
    entity = stage.entity("hazchem")
    client = stage.connect(entity)
    unit, event, _ = chain(client, entity)
    assert client.send(reports.delete("risk_unit", entity.uscc, unit))["verdict"] == "stored"
    assert stage.head("risk_unit", unit, "deleted") == (True,)
    assert stage.head("risk_event", event, "deleted") == (False,)
    listed = "select record, id, parent_record, parent_id from exchange.child_of_deleted where uscc = %s"
    assert stage.db.execute(listed, (entity.uscc,)).fetchall() == [("risk_event", event, "risk_unit", unit)]
    late = reports.risk_event(entity.uscc, unit)
    assert client.send(late)["verdict"] == "stored"
    assert len(stage.db.execute(listed, (entity.uscc,)).fetchall()) == 2
    revived = reports.risk_unit(entity.uscc, id=unit)
    assert client.send(revived)["verdict"] == "stored"
    assert stage.db.execute(listed, (entity.uscc,)).fetchall() == []


# -- what stands in a field --------------------------------------------------------------------------------


def test_trap_19_classes_of_measures_that_receivers_lack(stage):
    """2-3 and 3-4 stand in one edition of the list only: refused elsewhere, or taken for another class."""
    entity = stage.entity("hazchem")
    _, event, _ = chain(stage.connect(entity), entity)

    def measure(class1, class2):
        return {"id": reports.new_id(), "companyCode": entity.company, "riskEventId": event, "dataSrc": "2",
                "riskMeasureDesc": "每班检查", "classify1": class1, "classify2": class2, "troubleshootContent": "压力",
                "updateDate": "20200407093000"}

    rows = [measure("2", "2-3"), measure("3", "3-4"), measure("1", "2-3"), measure("3", "3-5")]
    items = stage.hazchem(stage.platform(entity), "riskMeasure", *rows)
    assert [outcome(item)[:2] for item in items] == [
        ("stored", None), ("stored", None), ("rejected", "class2_mismatch"), ("rejected", "unknown_code")]
    assert [stage.head("measure", row["id"], "class1, class2") for row in rows[:2]] == [
        ("MAINTENANCE", "MAINTENANCE_OTHER"), ("OPERATION", "OPERATION_OTHER")]


def test_trap_20_cycles_of_half_a_day_a_shift_a_quarter(stage):
    """A cycle of 0.5 becomes 0 in an integer column; 班 and 季 are in no list of hours, days, months and years."""
    entity = stage.entity("hazchem")
    _, _, measure = chain(stage.connect(entity), entity)

    def task(cycle, unit):
        return {"id": reports.new_id(), "companyCode": entity.company, "riskMeasureId": measure,
                "troubleshootContent": "压力是否正常", "checkCycle": cycle, "checkCycleUnit": unit, "workType": "0",
                "updateDate": "20200407093000"}

    rows = [task("0.5", "天"), task(1, "班"), task("1", "季"), task("1", "旬")]
    items = stage.hazchem(stage.platform(entity), "checkTask", *rows)
    assert [item["verdict"] for item in items] == ["stored"] * 3 + ["rejected"]
    assert outcome(items[3])[1:] == ("unknown_code", "checkCycleUnit")
    assert [stage.head("check_task", row["id"], "trim_scale(cycle)::text, cycle_unit") for row in rows[:3]] == [
        ("0.5", "DAY"), ("1", "SHIFT"), ("1", "QUARTER")]


def test_trap_21_money_as_words(stage):
    """The wire's unit is 万元 and its type is text: "2.5万元" is no number, "无" is no cost, "约3" is no guess."""
    entity = stage.entity("hazchem")
    rows = [danger(entity, cost=cost) for cost in ("2.5万元", "2.5", "800元", "1,234.5", "无", "", "约3")]
    items = stage.hazchem(stage.platform(entity), "dangerInfo", *rows)
    assert outcome(items[6]) == ("rejected", "bad_format", "cost")
    assert [stage.head("hazard", row["id"], "trim_scale(cost)::text")[0] for row in rows[:6]] == [
        "25000", "25000", "800", "12345000", None, None]


def test_trap_22_photos_of_seven_megabytes_in_json(stage):
    """Photos stand inside the JSON: 5 MiB are 7 MB of base64, more than a column or a parser elsewhere bears."""
    entity = stage.entity("hazchem")
    client = stage.connect(entity)

    def uri(size):
        content = b"\xff\xd8\xff\xe0" + random.Random(size).randbytes(size - 4)
        return content, "data:image/jpeg;base64," + base64.b64encode(content).decode()

    content, text = uri(5 * MIB)
    assert len(text) > 6_990_000
    large, too_large = hazard(entity, photo_before=[text]), hazard(entity, photo_before=[uri(5 * MIB + 1)[1]])
    assert client.send(large, timeout=60)["verdict"] == "stored"
    assert outcome(client.send(too_large, timeout=60)) == ("rejected", "attachment_too_large", "body.photo_before[0]")
    (link,), = [stage.head("hazard", large["body"]["id"], "photo_before")]
    kept = stage.db.execute("select bytes from dg.attachment where 'sha256:' || encode(hash, 'hex') = %s", link).fetchone()
    assert bytes(kept[0]) == content


# -- framing and containers --------------------------------------------------------------------------------


def test_trap_23_forms_that_nobody_encoded(stage):
    """A sender joins key=value without percent-encoding: a & in a description cuts it off, the rest is lost."""
    entity = stage.entity("other")

    def row(n, number, text):
        return {"rows[%d].ent.uscc" % n: entity.uscc, "rows[%d].danger.dangerNo" % n: number,
                "rows[%d].danger.dangerName" % n: text, "rows[%d].danger.dangerLevel" % n: "0",
                "rows[%d].danger.registTime" % n: "2020-04-11", "rows[%d].danger.dangerManageType" % n: "0",
                "rows[%d].danger.dangerState" % n: "0"}

    pairs = {"pwd": "secret-2020", **row(0, "1", "负荷100%，实测I=16A+漏电"), **row(1, "2", "砂光机&锯床共用管道")}
    text = "&".join("%s=%s" % pair for pair in pairs.items())
    items = stage.native(stage.platform(entity), "micro", text.encode("gb18030"))
    assert [outcome(item)[:2] for item in items] == [("stored", None), ("rejected", "bad_format")], items
    assert items[1]["field"].endswith("danger.dangerName")
    assert stage.db.execute("select name from exchange.hazard where uscc = %s", (entity.uscc,)).fetchall() == [
        ("负荷100%，实测I=16A+漏电",)]
    raw = stage.db.execute("select payload from exchange.quarantine order by id desc limit 1").fetchone()[0]
    assert "secret-2020" not in bytes(raw).decode("gb18030")


def varint(n):
    out = b""
    while True:
        out += bytes([n % 128 | (0x80 if n > 127 else 0)])
        n //= 128
        if not n:
            return out


def field(data):
    return len(data).to_bytes(2, "big") + data


def publish_packet(topic, kind, payload):
    """MQTT 5, QoS 1, packet id 7, with a content type."""
    properties = b"\x03" + field(kind)
    rest = field(topic) + b"\x00\x07" + varint(len(properties)) + properties + payload
    return b"\x32" + varint(len(rest)) + rest


def frame(stage, rows):
    key = hashlib.sha1(hashlib.sha1(KEY.encode()).digest()).digest()[:16]
    outer = {"appId": "zhanhe", "serviceId": "T_AQFXFXDY", "districtCode": NODE,
             "data": stage.sealed(rows, "-aes-128-ecb", key, vector=False)}
    return json.dumps(outer).encode() + b"@@"


def test_trap_24_frame_marks_split_between_two_reads(stage):
    """The @@ that ends a frame arrives in two reads of the socket: the frame is lost, or glued to the next one."""
    entity = stage.entity("hazchem")
    client = stage.platform(entity)
    rows = [{"RISKUNIT_ID": reports.new_id(), "COMPANY_CODE": entity.company, "HAZARD_CODE": "1", "RISK_UNIT_NAME": "储罐",
             "HAZARD_DEP": "生产部", "HAZARD_LIABLE_PERSON": "张建国", "RISK_CLASS": "1",
             "UPDATE_TIME": "2020-04-07 09:30:00", "DELETE_MARK": "0"} for _ in range(3)]
    first, second, third = (frame(stage, [row]) for row in rows)
    packet = publish_packet((client.base + "/up/native").encode(), b"application/vnd.dualgate.hazchem_w3", first + second)
    with socket.create_connection((client.host, client.port)) as raw:
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        raw.sendall(b"\x10" + varint(13 + 7) + field(b"MQTT") + b"\x05\x02\x00\x3c\x00" + field(b"split-1"))
        assert raw.recv(100)[0] == 0x20
        cut = len(packet) - len(second) - 1  # between the two marks of the first frame
        assert packet[cut - 1:cut + 1] == b"@@"
        for part in (packet[:cut], packet[cut:-1], packet[-1:]):
            raw.sendall(part)
            time.sleep(0.05)
        assert raw.recv(100)[0] == 0x40
        client.wait_receipts(1)
    assert [item["verdict"] for item in client.receipts[0][1]["items"]] == ["stored", "stored"]
    assert stage.head("risk_unit", rows[1]["RISKUNIT_ID"], "risk_level") == ("MAJOR",)
    # Two messages are no stream: half a frame is refused whole, its neighbour in front with it.
    cut = len(third) - 1
    for part in (first + third[:cut], third[cut:]):
        items = stage.native(client, "hazchem_w3", part)
        assert [outcome(item)[:2] for item in items] == [("rejected", "bad_envelope")]
    assert stage.head("risk_unit", rows[2]["RISKUNIT_ID"], "id") is None


# -- who counts, when ---------------------------------------------------------------------------------------


def test_trap_25_what_was_observed_in_october_and_came_in_november(stage):
    """Counted in the month in which it arrived, October stays empty and November is too good. "Figures an auditor
    cannot shake" adds the frozen figure that does not move; this is the live one."""
    entity = stage.entity("other")
    now = datetime.datetime.now(reports.SHANGHAI).strftime("%Y-%m")
    before, present = stage.rate("2020-10", entity), stage.rate(now, entity)
    zero = reports.zero_report(entity.uscc, "2020-10", {"observed_at": "2020-10-31T23:59:59+08:00"})
    assert stage.connect(entity).send(zero)["verdict"] == "stored"
    assert stage.rate("2020-10", entity) == (before[0] + 1, before[1])
    assert stage.rate(now, entity) == present
    assert stage.db.execute("select received_at::date - observed_at::date > 0 from exchange.report where msg_id = %s",
                            (zero["msg_id"],)).fetchone() == (True,)


def test_trap_26_entity_that_moved_in_the_middle_of_a_month(stage):
    """A move rewrites the past: last month's figure of the old township changes. "Figures an auditor cannot shake"
    counts by the register as of the period's last day; here the register knows that day."""
    entity = stage.entity()
    old, new = entity.division, NODE + ("001" if entity.division.endswith("002") else "002")
    path, client = os.path.join(stage.place, "moved.csv"), stage.connect(entity)
    earlier = hazard(entity, ago=100)
    assert client.send(earlier)["verdict"] == "stored"
    with open(path, "w", encoding="utf-8") as file:
        file.write("uscc,name,division,sector\n%s,%s,%s,%s\n" % (entity.uscc, entity.name, new, entity.sector))
    cli(stage.stack, "register", "import", path, "--effective", "2020-11-16")
    stage.reload()

    def on(date):
        return json.loads(cli(stage.stack, "register", "show", entity.uscc, "--as-of", date).stdout)["division"]

    assert [on(date) for date in ("2020-10-31", "2020-11-15", "2020-11-16", "2020-11-30")] == [old, old, new, new]
    later = hazard(entity)
    assert client.send(later)["verdict"] == "stored"
    assert [stage.head("hazard", one["body"]["id"], "township")[0] for one in (earlier, later)] == [old, new]


def test_trap_27_entity_of_two_departments(stage):
    """A supermarket belongs to two departments: counted in both tables it is two in the total. "Figures an auditor
    cannot shake" adds the tables of co-departments; a total counts it once, with its lead sector."""
    entity = stage.entity()
    month = "2020-09"
    of_lead, all_before = stage.rate(month, entity), stage.rate(month)
    stage.db.execute("update register.unit set co_sectors = '{hazchem}' where uscc = %s", (entity.uscc,))
    stage.reload()
    report = reports.zero_report(entity.uscc, month, {"observed_at": "2020-09-30T12:00:00+08:00"})
    assert stage.connect(entity).send(report)["verdict"] == "stored"
    assert stage.rate(month) == (all_before[0] + 1, all_before[1])
    assert stage.rate(month, entity) == (of_lead[0] + 1, of_lead[1])
    # and both departments may act
    body = {"doc_no": "湛应急检〔2020〕27号", "kind": "ROUTINE", "inspected_at": reports.stamp(ago=7200),
            "checked_dual_prevention": True, "lead_org": DEPARTMENT, "inspectors": ["王敏"], "findings": []}
    assert stage.office(DEPARTMENT).send(reports.report("inspection", entity.uscc, body))["verdict"] == "stored"


def test_trap_28_micro_firm_that_is_silent_and_one_that_has_nothing(stage):
    """Silence and "nothing found" look alike: the silent firm counts as safe. "Figures an auditor cannot shake" adds
    the duty by profile; here a statement counts and silence does not."""
    silent, quiet = stage.entity("other"), stage.entity("other")
    while silent.division != quiet.division:
        silent = stage.entity("other")
    month = "2020-08"
    n, d = stage.rate(month, quiet)
    form = "&".join("%s=%s" % pair for pair in {
        "sendTime": "2020-08-31 17:00:00", "rows[0].ent.uscc": quiet.uscc, "rows[0].zero.month": month,
        "rows[0].zero.kind": "1", "rows[0].zero.checkTimes": "4"}.items())
    assert stage.native(stage.platform(quiet), "micro", form)[0]["verdict"] == "stored"
    assert stage.rate(month, quiet) == (n + 1, d) and d >= 2
    counted = dict(stage.db.execute("select uscc, zero from dg.unit_month where month = '2020-08-01' and uscc = any(%s)",
                                    ([silent.uscc, quiet.uscc],)).fetchall())
    assert counted == {quiet.uscc: 1}


def test_trap_29_working_saturdays(stage):
    """After a long holiday a Saturday is a working day, and a Thursday of it is none: weekdays alone miscount."""
    for date, works in (("2020-10-10", True), ("2020-10-08", False), ("2020-10-17", False), ("2020-09-27", True)):
        assert stage.stack.value("select register.is_working_day(%s::date)", date) is works, date
    added = "select register.add_working_days(%s::date, %s)::text"
    assert stage.stack.value(added, "2020-10-09", 1) == "2020-10-10"
    assert stage.stack.value(added, "2020-09-30", 3) == "2020-10-12"
    assert stage.stack.value(added, "2020-10-16", 1) == "2020-10-19"


# -- dates, encodings, texts ----------------------------------------------------------------------------------


def test_trap_30_the_date_that_is_no_date(stage):
    """1970-01-01 08:00:00 is nothing in Shanghai's clothes: taken as a date, a hazard is fifty years old."""
    entity = stage.entity("hazchem")
    row = danger(entity, checkAcceptTime="1970-01-01 08:00:00", createDate="1970-01-01 08:00:00")
    item, = stage.hazchem(stage.platform(entity), "dangerInfo", row)
    assert item["verdict"] == "stored"
    assert stage.head("hazard", row["id"], "created_at, accept_time") == (None, None)
    own = hazard(entity, found_at="1970-01-01T08:00:00+08:00")
    item = stage.connect(entity).send(own)
    assert (item["verdict"], list(findings(item))) == ("stored", ["date_placeholder"])
    assert stage.head("hazard", own["body"]["id"], "extract(epoch from found_at)::int") == (0,)


HEADINGS = "统一社会信用代码,隐患编号,隐患名称,隐患等级,发现日期,整改期限,整改状态,治理方式,整改责任人\n"


def test_trap_31_byte_order_mark_before_a_chinese_header(stage):
    """Excel writes a mark before the first heading: 统一社会信用代码 is then no known column, or all rows lack it."""
    entity = stage.entity()
    number = reports.new_id()[:8]
    row = "%s,%s,料仓检修孔未盖,一般,2020/4/7,2020/4/20,整改中,限期整改,李建国\n" % (entity.uscc, number)
    payload = ("\ufeff" + HEADINGS + row).encode()
    items = stage.native(stage.platform(entity), "gongmao", payload, charset="UTF-8")
    assert [outcome(item) for item in items] == [("stored", None, None)]
    assert stage.db.execute("select name, deadline::text from exchange.hazard where uscc = %s", (entity.uscc,)
                            ).fetchall() == [("料仓检修孔未盖", "2020-04-20")]


def test_trap_32_xml_that_says_gb2312_and_holds_gb18030(stage):
    """The declaration says gb2312, the names hold characters that only GB18030 has: refused, or cut off."""
    entity = stage.entity("construction")
    stage.db.execute("insert into register.unit (uscc, unit, name, division, sector) values (%s, 'XM1', 'x', %s,"
                     " 'construction')", (entity.uscc, entity.division))
    stage.reload()
    text = """<?xml version="1.0" encoding="gb2312"?>
<projects><project><projectCode>XM1</projectCode><contractorCorpCode>%s</contractorCorpCode>
<updateTime>2020-04-10 08:00:00</updateTime><riskUnits><riskUnit id="%s"><name>㛃𠮷脚手架</name>
<riskLevel>红</riskLevel><liablePerson>𠮷㛃</liablePerson></riskUnit></riskUnits></project></projects>"""
    key = reports.new_id()
    items = stage.native(stage.platform(entity), "construction", (text % (entity.uscc, key)).encode("gb18030"))
    assert [outcome(item) for item in items] == [("stored", None, None)], items
    assert stage.head("risk_unit", key, "name, resp_person, risk_level") == ("㛃𠮷脚手架", "𠮷㛃", "MAJOR")


def of_school(stage, entity, **event):
    """What came of one event: the receipt's item, and the row if there is one. Each level is a text inside a text."""
    number = event["event_name"] = reports.new_id()
    unit = {"unit_id": number, "unit_name": "化学实验", "risk_rank": "3", "events": as_text([{"event_id": 1, **event}])}
    risk = {"risk_id": number, "risk_name": "实验楼", "risk_type": "1", "units": as_text([unit])}
    message = {"uscc": entity.uscc, "update_time": "2020-04-07 15:30:00", "data": as_text({"risks": [risk]})}
    items = stage.native(stage.platform(entity), "education", as_text(message))
    assert [item["verdict"] for item in items[:2]] == ["stored", "stored"], items
    return items[2], stage.db.execute("select method, likelihood::int, risk_level, accident_types, measure_classes"
                                      " from exchange.risk_event where name = %s", (number,)).fetchone()


def as_text(value):
    return json.dumps(value, ensure_ascii=False)


def test_trap_33_json_inside_a_json_string(stage):
    """A field holds a text that is JSON itself, three texts deep: stored as text it can never be counted."""
    entity = stage.entity("education")
    inner = {"method": 3, "L": "3", "E": "2", "C": "7", "value": "42", "risk_rank": "4"}
    item, row = of_school(stage, entity, evaluate=as_text(inner))
    assert (item["verdict"], row) == ("stored", ("LEC", 3, "LOW", None, None)), item
    for broken, reason in (('{"method": 3', "bad_format"), ('{"method": "7"}', "unknown_code")):
        item, row = of_school(stage, entity, evaluate=broken)
        assert outcome(item)[:2] == ("rejected", reason) and "evaluate" in item["field"] and row is None, item


def test_trap_34_lists_with_commas_and_repeats(stage):
    """"1,3,3,5" with a full-width comma somewhere: one unknown code, or a measure that counts twice."""
    entity = stage.entity("education")
    item, row = of_school(stage, entity, measures="1,3，3, 5,1", accident_types="7,07,19")
    assert item["verdict"] == "stored", item
    assert row[3:] == (["BURN", "POISONING"], ["ENGINEERING", "TRAINING", "EMERGENCY"])
    item, row = of_school(stage, entity, measures="1,9")
    assert outcome(item)[:2] == ("rejected", "unknown_code") and item["value"] == "9" and row is None


def test_trap_35_average_of_rates(stage):
    """A township with one firm weighs as much as one with three: the average of 100 % and 0 % is not the rate of the
    district. "Figures an auditor cannot shake" adds the other breakdowns; totals are sums of n and of d."""
    lines = [line.split() for line in figure(stage, (NODE + "001", "b", 1, 1), (NODE + "002", "b", 0, 3))]
    assert [line[-5:] for line in lines[:-1]] == [["1", "of", "1", "100.00", "%"], ["0", "of", "3", "0.00", "%"]]
    assert lines[-1] == ["all", "1", "of", "4", "25.00", "%"]


# -- rules ------------------------------------------------------------------------------------------------------


def test_trap_36_audit_that_is_kept_too_short(stage):
    """The law asks for six months of logs; a disk is full, somebody writes 30 days."""
    gateway = stage.gateway
    try:
        gateway.write_settings(audit={"keep_days": 30})
        done = subprocess.run([binary(), "check", "--config", gateway.config], capture_output=True, text=True, check=False)
        assert done.returncode != 0 and "keep_days" in done.stderr and "184" in done.stderr
        assert gateway.reload() == "refused"
        gateway.write_settings(audit={"keep_days": 184})
        assert gateway.reload() == "ok"
    finally:
        gateway.write_settings(audit={"keep_days": 730})
    # and who asks the database itself deletes no more
    stage.db.execute(AUDITED, (150,))
    stage.db.execute(AUDITED, (200,))
    stage.db.execute("select dg.audit_prune(30)")
    left = stage.db.execute("select (now()::date - at::date) from dg.audit where verb = 'TRAP'").fetchall()
    assert left == [(150,)]


def graded(stage, client, entity, **inputs):
    return client.send(unit_and_event(client, entity, **inputs))


def test_trap_37_products_at_a_boundary_and_in_binary_fractions(stage):
    """D = 70 is 一般 in one book and 低 in the other; in doubles 0.2·6·100 is 120.00000000000001 and "differs"."""
    entity = stage.entity("hazchem")
    client = stage.connect(entity)
    seventy = {"method": "LEC", "likelihood": "10", "exposure": "1", "consequence": "7", "risk_value": "70"}
    assert findings(graded(stage, client, entity, **seventy, risk_level="GENERAL")) == {}
    assert findings(graded(stage, client, entity, **seventy, risk_level="LOW")) == {"risk_level_differs": "GENERAL"}
    inexact = {"method": "LEC", "likelihood": "0.2", "exposure": "6", "consequence": "100", "risk_level": "GENERAL"}
    assert findings(graded(stage, client, entity, **inexact, risk_value="120")) == {}
    assert findings(graded(stage, client, entity, **inexact, risk_value="120.01")) == {"risk_value_differs": "120"}
    item = graded(stage, client, entity, **inexact, risk_value="120.00000000000001")
    assert outcome(item) == ("rejected", "out_of_range", "body.risk_value")


def test_trap_38_matrices_with_other_limits(stage):
    """R = 15 is 较大 by one book and 重大 by another; a vendor's 重大 begins at 51, which no 5×5 matrix reaches.
    The level that was reported is overwritten by the computed one."""
    entity = stage.entity("hazchem")
    client = stage.connect(entity)
    fifteen = {"method": "LS", "likelihood": "3", "severity": "5", "risk_level": "MAJOR"}
    event = unit_and_event(client, entity, **fifteen)
    assert findings(client.send(event)) == {"risk_level_differs": "CONSIDERABLE"}
    assert stage.head("risk_event", event["body"]["id"], "risk_level") == ("MAJOR",)
    assert findings(graded(stage, client, entity, **fifteen, method_version="15/9/4")) == {}
    assert "level_unreachable" in findings(graded(stage, client, entity, **fifteen, method_version="51/20/9"))
    assert list(findings(graded(stage, client, entity, **fifteen, method_version="本厂标准"))) == ["method_unknown"]


# -- who may ------------------------------------------------------------------------------------------------------


def test_trap_39_another_enterprises_code(stage):
    """Whoever has a credential writes any credit code into the body: a rival gets a major hazard, or a clean month."""
    entity, victim = stage.entity(), stage.entity()
    client = stage.connect(entity)
    forged = hazard(victim)
    item = client.send(forged)
    assert outcome(item) == ("rejected", "not_authorised", "uscc") and item["value"] == victim.uscc
    assert stage.head("hazard", forged["body"]["id"], "id") is None
    assert stage.db.execute("select publisher, reason from exchange.quarantine where value = %s", (victim.uscc,)).fetchall() \
        == [(entity.uscc, "not_authorised")]
    assert stage.db.execute("select count(*) from dg.unit_month where uscc = %s", (victim.uscc,)).fetchone() == (0,)
    # who was authorised may
    assert outcome(stage.platform(victim).send(hazard(victim))) == ("stored", None, None)


def test_trap_40_topic_and_payload_that_say_different_things(stage):
    """The topic decides who sees a report, the payload whose it is: told apart nowhere, a report lands in a feed of
    another department or township."""
    entity = stage.entity()
    client, elsewhere = stage.connect(entity), stage.connect(entity, code=None)
    assert outcome(client.send(hazard(entity) | {"sector": "hazchem"})) == ("rejected", "wrong_sector", "sector")
    elsewhere.base = elsewhere.base.replace("/machinery/", "/hazchem/")
    elsewhere.client.subscribe(elsewhere.base + "/down/#", qos=1)
    assert outcome(elsewhere.send(hazard(entity))) == ("rejected", "wrong_sector", "sector")
    assert outcome(client.send(hazard(entity) | {"division": "410500001"})) == (
        "rejected", "wrong_division", "division")
    assert outcome(client.send(hazard(entity) | {"record": "risk_unit"}, record="hazard")) == (
        "rejected", "record_mismatch", "record")
    other = NODE + ("001" if entity.division.endswith("002") else "002")
    item = client.send(hazard(entity) | {"division": other})
    assert item["verdict"] == "stored" and findings(item) == {"division_differs": entity.division}
    assert stage.db.execute("select township from dg.outbox where ledger_no = %s", (item["ledger_no"],)).fetchall() == [
        (entity.division,)]

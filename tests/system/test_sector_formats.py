# SPDX-License-Identifier: Apache-2.0
"""Formats of sectors through a running gateway: what stands in the tables, and what goes back."""

import json

from lib import reports
from lib.wait import wait_until

PLATFORM = "sector-platform"


def authorise(db, adapter, *entities):
    with db.transaction():
        db.execute("insert into register.publisher (code, kind, adapters) values (%s, 'PLATFORM', %s)",
                   (PLATFORM, [adapter]))
        for entity in entities:
            db.execute("insert into register.authorisation (publisher, uscc) values (%s, %s)",
                       (PLATFORM, entity.uscc))


def start(gateway):
    gateway.start()
    gateway.wait_ready()


def native_answers(publisher):
    return [json.loads(payload) for topic, payload, _ in publisher.messages
            if topic.endswith("/down/receipt/native")]


def answered(publisher, count):
    publisher.wait_receipts(count)
    wait_until(lambda: len(native_answers(publisher)) >= count, 20, "native receipts")
    return publisher.receipts[-1][1]["items"], native_answers(publisher)[-1]


def small_firm_row(number, uscc, description):
    return "".join("rows[%d].%s=%s&" % (number, key, value) for key, value in (
        ("ent.uscc", uscc), ("danger.dangerNo", "N-%d" % number), ("danger.dangerName", "通道堵塞"),
        ("danger.dangerLevel", "1"), ("danger.registTime", "2020-04-07 08:00:00"),
        ("danger.dangerManageType", "1"), ("danger.dangerDesc", description),
        ("danger.liablePerson", "李建国"), ("danger.dangerManageDeadline", "2020-04-20"),
        ("danger.dangerState", "0")))


def test_small_firms_by_a_platform_that_does_not_encode(district, db, make_gateway, connect):
    first, second = district.of("machinery")[:2]
    authorise(db, "micro", first, second)
    start(make_gateway())
    publisher = connect(PLATFORM, sector="machinery")
    form = "pwd=sesame-open&sendTime=2020-04-30 18:00:00&" \
        + small_firm_row(0, first.uscc, "㛃𠮷旅馆出口=一处") + small_firm_row(1, second.uscc, "货架&纸箱堆放") \
        + "rows[2].ent.uscc=%s&rows[2].zero.month=2020-03&rows[2].zero.kind=1" % second.uscc
    publisher.publish_raw("up/native", form.encode("gb18030"))
    items, answer = answered(publisher, 1)
    assert [item["verdict"] for item in items] == ["stored", "rejected", "stored"], items
    assert (items[1]["reason"], items[1]["field"], items[1]["value"]) == \
        ("bad_format", "rows[1].danger.dangerDesc", "货架&纸箱堆放")
    assert answer["operateSuccess"] is False
    assert answer["operateMessage"] == "共3条，未接收1条"
    assert len(answer["rows"]) == 1 and "货架&纸箱堆放" in answer["rows"][0]["operateMessage"]
    assert db.execute("select uscc, description from exchange.hazard").fetchall() == \
        [(first.uscc, "㛃𠮷旅馆出口=一处")]
    assert db.execute("select uscc, period, kind from exchange.zero_report").fetchall() == \
        [(second.uscc, "2020-03", "MAJOR_HAZARD")]
    for table in ("exchange.quarantine", "dg.raw"):
        assert db.execute("select count(*) from %s where position('sesame'::bytea in payload) > 0" % table) \
            .fetchone() == (0,)

    # Encoded, the text is whole, and nothing is left to complain of.
    form = "sendTime=2020-04-30+18%3A00%3A00&" + small_firm_row(1, second.uscc, "%BB%F5%BC%DC%26") + "pwd=x"
    publisher.publish_raw("up/native", form.replace("通道堵塞", "n").replace("李建国", "l").encode())
    items, answer = answered(publisher, 2)
    assert items[0]["verdict"] == "stored", items
    assert answer == {"operateSuccess": True, "operateMessage": "操作成功"}
    assert db.execute("select description from exchange.hazard where uscc = %s", (second.uscc,)).fetchone() \
        == ("货架&",)


SITE = """<?xml version="1.0" encoding="gb2312"?>
<projects><project><projectCode>%s</projectCode><contractorCorpCode>%s</contractorCorpCode>
<updateTime>2020-04-09 10:05:00</updateTime>
<baseInfo><sendFun>0</sendFun><projectName>㛃园小区</projectName><builderLicenseNum>410411202004010301</builderLicenseNum></baseInfo>
<dangerousProjects><dangerousProject id="%s"><name>高支模</name><dangerClass>2</dangerClass></dangerousProject></dangerousProjects>
<hazards><hazard id="%s"><name>临边防护缺失</name><level>一般</level><foundDate>2020-04-09</foundDate>
<manageType>立即整改</manageType><state>整改中</state>
<steps><step><to>整改完成</to><time>2020-04-09 16:00:00</time><person>王敏</person><reason>已恢复</reason></step></steps>
</hazard></hazards></project></projects>"""


def test_a_site_is_a_unit_of_its_contractor(district, db, make_gateway, connect):
    """Whose code is the old one; and what says gb2312 is GB18030."""
    contractor = district.one("machinery")
    authorise(db, "construction", contractor)
    db.execute("insert into register.unit (uscc, unit, name, division, sector, build_state)"
               " values (%s, 'P-1', '工地', '410411002', 'construction', 'RUNNING')", (contractor.uscc,))
    start(make_gateway())
    publisher = connect(PLATFORM, sector="construction")
    ids = reports.new_id(), reports.new_id()
    publisher.publish_raw("up/native", (SITE % (("P-1", contractor.uscc[8:17]) + ids)).encode("gb18030"))
    publisher.wait_receipts(1)
    items = publisher.receipts[0][1]["items"]
    assert [item["verdict"] for item in items] == ["stored"] * 4, items
    whole = (contractor.uscc, "P-1")
    assert db.execute("select uscc, unit, name from exchange.entity").fetchall() == [(*whole, "㛃园小区")]
    assert db.execute("select uscc, unit, dangerous_work from exchange.risk_object").fetchall() == \
        [(*whole, "OVERSIZE")]
    assert db.execute("select uscc, unit, state from exchange.hazard").fetchall() == [(*whole, "RECTIFIED")]
    publisher.publish_raw("up/native", (SITE % (("P-2", contractor.uscc) + ids)).encode("gb18030"))
    publisher.wait_receipts(2)
    items = publisher.receipts[1][1]["items"]
    assert {(item["reason"], item["value"]) for item in items} == {("unknown_unit", "P-2")}


def school_message(uscc):
    """Texts that are JSON, three deep; a list with doubles; a level that its inputs do not give."""
    evaluate = json.dumps({"method": 3, "L": "3", "E": "6", "C": "15", "value": "270", "risk_rank": "4"})
    events = json.dumps([{"event_id": 1, "event_name": "酸碱灼伤", "evaluate": evaluate, "measures": "1,3,5,3"}])
    units = json.dumps([{"unit_id": "U1", "unit_name": "化学实验", "risk_rank": "3", "events": events}])
    data = {"risks": [{"risk_id": 101, "risk_name": "医院楼", "risk_type": 1, "units": units}],
            "terms": [{"school_year": "2019-2020学年", "term": "第二学期", "vacation": "暑假",
                       "vacation_start": "2020-07-11", "next_term_start": "2020-09-01"}]}
    return json.dumps({"uscc": uscc, "update_time": 1586244600000, "data": json.dumps(data)})


def test_a_school_sends_texts_that_are_json(district, db, make_gateway, connect):
    school = district.one("machinery")
    authorise(db, "education", school)
    start(make_gateway())
    publisher = connect(PLATFORM, sector="machinery")
    publisher.publish_raw("up/native", school_message(school.uscc).encode())
    items, answer = answered(publisher, 1)
    assert [item["verdict"] for item in items] == ["stored"] * 4, items
    assert answer == {"code": 0, "msg": "成功", "count": 4}
    assert db.execute("select name, measure_classes, risk_level from exchange.risk_event").fetchall() == \
        [("酸碱灼伤", ["ENGINEERING", "TRAINING", "EMERGENCY"], "LOW")]
    assert db.execute("select code, reported, expected from dg.finding").fetchall() == \
        [("risk_level_differs", "LOW", "CONSIDERABLE")]
    assert db.execute("select from_date::text, reason, confirmed_by from exchange.suspension").fetchall() == \
        [("2020-07-11", "SEASON", None)]
    confirmed = {"uscc": school.uscc, "update_time": 1586244600000, "data": {"terms": [
        {"school_year": "2019-2020学年", "term": "第二学期", "vacation": "暑假", "vacation_start": "2020-07-11",
         "confirmed_on": "2020-04-08"}]}}
    publisher.publish_raw("up/native", json.dumps(confirmed).encode())
    items, answer = answered(publisher, 2)
    assert (items[0]["reason"], items[0]["field"]) == ("not_authorised", "confirmed_on")
    assert (answer["code"], answer["failed"]) == (1, 1)


def test_a_daily_inspection_waits_for_its_plan(district, db, make_gateway, connect):
    """Known by the sender's own numbers, whichever comes first."""
    company = district.one("machinery")
    authorise(db, "transport", company)
    start(make_gateway())
    publisher = connect(PLATFORM, sector="machinery")
    inspection = {"dataType": "inspection", "inspectionNo": "I-1", "planNo": "P-1", "vehicleNumber": "豫D12345",
                  "vehiclePlateColorCode": 2, "inspectTime": "200407053000", "result": "合格"}
    plan = {"dataType": "inspectionPlan", "planNo": "P-1", "content": "出车前例检", "cycle": "1", "cycleUnit": "天"}
    for number, row in enumerate((inspection, plan), 1):
        message = {"unifiedSocialCreditIdentifier": company.uscc, "updateTime": "200407153000", "data": [row]}
        publisher.publish_raw("up/native", json.dumps(message, ensure_ascii=False).encode("gb18030"))
        publisher.wait_receipts(number)
    assert publisher.receipts[0][1]["items"][0]["verdict"] == "parked"
    joined = "select r.description, t.content from exchange.check_record r join exchange.check_task t" \
        " on t.uscc = r.uscc and t.id = r.task_id"
    wait_until(lambda: db.execute(joined).fetchall() == [("豫D12345_2", "出车前例检")], 20, "the record")

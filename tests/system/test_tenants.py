# SPDX-License-Identifier: Apache-2.0
"""One publisher for several owners: a complex for its tenants, and tables that name the home of each row."""

import json

from lib import reports
from lib.wait import wait_until

MOMENT = 1586244600000


def start(gateway):
    gateway.start()
    gateway.wait_ready()


def let(db, publisher, adapter, *entities):
    """An enterprise that speaks a format and reports for others as well."""
    with db.transaction():
        db.execute("insert into register.publisher (code, kind, adapters) values (%s, 'ENTITY', %s)"
                   " on conflict (code) do update set adapters = excluded.adapters", (publisher, [adapter]))
        for entity in entities:
            db.execute("insert into register.authorisation (publisher, uscc) values (%s, %s)",
                       (publisher, entity.uscc))


def hazard(uscc, **others):
    line = {"type": "hazard", "uscc": uscc, "ts": MOMENT, "id": reports.new_id(), "title": "后厨燃气软管超期",
            "level": "一般", "foundAt": "2020-04-07", "manageType": "立即整改", "status": 1}
    return json.dumps({**line, **others}, ensure_ascii=False)


def test_a_complex_reports_for_those_who_let_it(district, db, make_gateway, connect):
    manager, tenant, stranger = district.of("machinery")[:3]
    let(db, manager.uscc, "commerce", tenant)
    db.execute("insert into register.unit (uscc, unit, name, division, sector, build_state)"
               " values (%s, 'B2-017', '商铺', %s, 'machinery', 'RUNNING')", (manager.uscc, manager.division))
    start(make_gateway())
    publisher = connect(manager.uscc, sector="machinery")
    lines = (hazard(tenant.uscc, onBehalfOf=tenant.uscc, managedBy="安保部"), hazard(manager.uscc, unit="B2-017"),
             hazard(stranger.uscc, onBehalfOf=stranger.uscc), '{"type": "hazard", "uscc"', hazard(manager.uscc))
    publisher.publish_raw("up/native", "\n".join(lines).encode())
    publisher.wait_receipts(1)
    items = publisher.receipts[0][1]["items"]
    assert [item["verdict"] for item in items] == ["stored", "stored", "rejected", "rejected", "stored"], items
    assert (items[2]["reason"], items[2]["field"]) == ("not_authorised", "[line 3].uscc")
    assert (items[3]["reason"], items[3]["field"]) == ("unreadable", "[line 4]")
    assert set(db.execute("select uscc, unit, unknown ->> 'body.managedBy' from exchange.hazard").fetchall()) == \
        {(tenant.uscc, "", "安保部"), (manager.uscc, "B2-017", None), (manager.uscc, "", None)}

    # The contract ends: so does what it let.
    db.execute("delete from register.authorisation where publisher = %s", (manager.uscc,))

    def refused():
        publisher.publish_raw("up/native", hazard(tenant.uscc).encode())
        publisher.wait_receipts(len(publisher.receipts) + 1)
        return publisher.receipts[-1][1]["items"][0].get("reason") == "not_authorised"
    wait_until(refused, 20, "the end of the authorisation")


def test_tables_of_homes_find_the_ones_above_them(district, db, make_gateway, connect):
    """Whichever is sent first: a row names its object by the home's own number."""
    sender, home = district.of("machinery")[:2]
    let(db, sender.uscc, "civil_affairs", home)
    start(make_gateway())
    publisher = connect(sender.uscc, sector="machinery")
    tables = ("统一社会信用代码,风险点编号,管控单元,风险等级\r\n%s,A-01,燃气灶具,红\r\n",
              "统一社会信用代码,风险点编号,风险点类型,风险点名称,管控措施\r\n%s,A-01,厨房,厨房,\"断气\r\n断电\"\r\n")
    for number, table in enumerate(tables, 1):
        publisher.publish_raw("up/native", b"\xef\xbb\xbf" + (table % home.uscc).encode())
        publisher.wait_receipts(number)
    assert publisher.receipts[0][1]["items"][0]["verdict"] == "parked"
    joined = "select o.control, u.name, u.risk_level from exchange.risk_unit u join exchange.risk_object o" \
        " on o.uscc = u.uscc and o.id = u.risk_object_id"
    wait_until(lambda: db.execute(joined).fetchall() == [("断气\r\n断电", "燃气灶具", "MAJOR")], 20, "the unit")


def test_a_hospital_in_another_encoding_than_it_says_is_refused(district, db, make_gateway, connect):
    """医院 in GBK is valid UTF-8."""
    hospital = district.one("machinery")
    let(db, hospital.uscc, "health")
    start(make_gateway())
    publisher = connect(hospital.uscc, sector="machinery")
    text = '<?xml version="1.0" encoding="%s"?><institutions><institution uscc="' + hospital.uscc \
        + '"><info name="医院" beds="0"/></institution></institutions>'
    for number, said in enumerate(("UTF-8", "GBK"), 1):
        payload = (text % said).encode("gbk")
        payload.decode("utf-8")
        publisher.publish_raw("up/native", payload)
        publisher.wait_receipts(number)
    first, second = (receipt[1]["items"][0] for receipt in publisher.receipts)
    assert (first["verdict"], first["reason"]) == ("rejected", "bad_encoding")
    assert second["verdict"] == "stored"
    assert db.execute("select name, beds, size_class from exchange.entity").fetchall() == \
        [("医院", 0, None)]

# SPDX-License-Identifier: Apache-2.0
"""More than one gateway on one database: a standby that takes over, and two lanes at once.

Plain Mosquitto would give every message to every lane. Here the lanes log in under names of their
own, and the broker lets each read one kind of record only: the way a clustered broker's shared
subscription would part them, but decided by the test."""

import time

import pytest

from lib import reports
from lib.district import District
from lib.wait import wait_until

CHILD_SECONDS = 5  # in which a child must be stored after its parent, whichever lane had it

EVENTS, UNITS = "lane-of-events", "lane-of-units"


# ---- owner and standby -----------------------------------------------------------------------------


@pytest.fixture
def owner_and_standby(make_gateway, district):
    first = make_gateway("first", gateway={"name": "gateway-1"})
    first.start()
    first.wait_ready()
    second = make_gateway("second", gateway={"name": "gateway-2"})
    second.start()
    wait_until(lambda: "another gateway" in second.get("/readyz")[1], 20, "the standby")
    return first, second


def status_of(reader, name):
    said = [status["state"] for topic, status in reader.parsed() if topic.endswith("/" + name)]
    return said[-1] if said else None


def test_standby_takes_over_and_inherits_the_session(owner_and_standby, stack, district, connect, db):
    first, second = owner_and_standby
    assert second.get("/readyz")[0] == 503 and second.get("/healthz")[0] == 200
    uscc = district.one().uscc
    publisher = connect(uscc)
    before = [reports.hazard(uscc) for _ in range(20)]
    publisher.send(before)
    # What is in the owner's hands, unacknowledged, when it dies is delivered to its heir.
    first.freeze()
    waiting = [reports.hazard(uscc) for _ in range(30)]
    for hazard in waiting:
        publisher.publish(hazard, wait=True)
    first.kill()
    second.wait_ready()
    items = publisher.wait_items(*waiting)
    assert {item["verdict"] for item in items} == {"stored"}
    after = reports.hazard(uscc)
    assert publisher.send(after)["verdict"] == "stored"
    clients = db.execute("select count(distinct client_id), count(*) from dg.lane").fetchone()
    assert clients == (1, 1)
    assert db.execute("select count(*), max(ledger_no) from dg.ledger").fetchone() == (51, 51)


def test_status_tells_owner_and_standby_apart(owner_and_standby, stack):
    from lib.publisher import Subscriber
    first, second = owner_and_standby
    reader = Subscriber(stack, "dp/v1/410411/status/+").connect()
    try:
        wait_until(lambda: status_of(reader, "gateway-1") == "up", 10, "up")
        wait_until(lambda: status_of(reader, "gateway-2") == "standby", 10, "standby")
        first.kill()
        wait_until(lambda: status_of(reader, "gateway-1") == "down", 10, "down")
        wait_until(lambda: status_of(reader, "gateway-2") == "up", 20, "up")
    finally:
        reader.close()


def test_standby_takes_over_when_the_owner_ends_in_order(owner_and_standby, district, connect):
    first, second = owner_and_standby
    uscc = district.one().uscc
    publisher = connect(uscc)
    assert publisher.send(reports.hazard(uscc))["verdict"] == "stored"
    first.stop()
    second.wait_ready()
    assert publisher.send(reports.hazard(uscc))["verdict"] == "stored"


# ---- two lanes at once -------------------------------------------------------------------------------

ACL = """\
topic readwrite #
user {events}
topic readwrite dp/v1/410411/probe/#
topic read dp/v1/410411/+/+/up/risk_event
topic write dp/v1/410411/#
user {units}
topic readwrite dp/v1/410411/probe/#
topic read dp/v1/410411/+/+/up/risk_unit
topic write dp/v1/410411/#
"""


@pytest.fixture
def parted(down_stack, place, show_log):
    """A stack whose broker gives events to one lane and units to the other."""
    acl = place + "/acl"
    with open(acl, "w", encoding="ascii") as file:
        file.write(ACL.format(events=EVENTS, units=UNITS))
    plain = down_stack.broker_settings
    down_stack.broker_settings = lambda: plain() + "acl_file %s\n" % acl
    down_stack.up(migrated=True, fsync=False, environment={}, only=("pg", "broker"))
    return down_stack


@pytest.fixture
def stack(request):
    """The parted stack for those who ask for it, the common one for the others."""
    if "two_lanes" in request.fixturenames:
        return request.getfixturevalue("parted")
    made = request.getfixturevalue("down_stack")
    made.up(migrated=True, fsync=False, environment={}, only=("pg", "broker", "watch"))
    return made


@pytest.fixture
def two_lanes(stack, make_gateway):
    """Lane 1 in one process, lane 2 in another that stands by for lane 1."""
    district = District(stack)
    events = make_gateway("events", gateway={"name": "gateway-1"}, mqtt={"username": EVENTS})
    events.start()
    events.wait_ready()
    units = make_gateway("units", gateway={"name": "gateway-2"}, mqtt={"username": UNITS},
                         lane={"count": 2})
    units.start()
    wait_until(lambda: "lane 1" in units.get("/readyz")[1]
               and "lane 2" not in units.get("/readyz")[1], 20, "lane 2")
    return district, events, units


def lanes_waiting(db):
    return db.execute("select count(*) from pg_stat_activity where application_name = 'dualgate'"
                      " and state = 'active' and wait_event_type = 'Lock'").fetchone()[0]


def test_child_parked_by_one_lane_while_the_other_stores_its_parent(two_lanes, stack, connect, db):
    district, _, _ = two_lanes
    uscc = district.one().uscc
    publisher = connect(uscc)
    unit = reports.risk_unit(uscc)
    event = reports.risk_event(uscc, unit["body"]["id"])
    # Both have asked and decided, neither has written: each misses what the other is about to store.
    with stack.connect() as blocker, blocker.transaction():
        blocker.execute("select n from dg.counter for update")
        publisher.publish(event, wait=True)
        publisher.publish(unit, wait=True)
        wait_until(lambda: lanes_waiting(db) == 2, 20, "both lanes at the counters")
    begin = time.monotonic()
    wait_until(lambda: db.execute("select count(*) from exchange.risk_event").fetchone()[0] == 1,
               2 * CHILD_SECONDS, "the child")
    assert time.monotonic() - begin < CHILD_SECONDS
    assert publisher.wait_item(unit)["verdict"] == "stored"
    assert [item["verdict"] for item in publisher.items[event["msg_id"]]][:1] == ["parked"]
    assert publisher.wait_item(event, count=2)["verdict"] == "stored"
    assert {lane for lane, in db.execute("select lane from dg.ledger")} == {1, 2}


def test_families_over_two_lanes_are_all_stored_and_numbers_stay_dense(two_lanes, connect, db):
    district, events_gateway, units_gateway = two_lanes
    uscc = district.one().uscc
    publisher = connect(uscc)
    units = [reports.risk_unit(uscc) for _ in range(150)]
    events = [reports.risk_event(uscc, unit["body"]["id"]) for unit in units]
    for number, (unit, event) in enumerate(zip(units, events)):
        for report in (unit, event) if number % 2 else (event, unit):
            publisher.publish(report)
    wait_until(lambda: db.execute("select count(*) from exchange.risk_event").fetchone()[0] == 150,
               30, "all children")
    publisher.wait_items(*units, *events)
    numbers = [n for n, in db.execute("select ledger_no from dg.ledger order by 1")]
    assert numbers == list(range(1, 301))
    fed = db.execute("select feed_seq, prev, record from dg.outbox order by 1").fetchall()
    assert [row[0] for row in fed] == list(range(1, 301))
    last = {}
    for seq, prev, record in fed:
        assert prev == last.get(record, 0)
        last[record] = seq
    wait_until(lambda: db.execute("select count(*) from dg.parked").fetchone()[0] == 0, 10)
    events_gateway.stop()
    units_gateway.stop()


def test_one_report_by_two_lanes_is_stored_once(stack, make_gateway, district, connect, db):
    """Plain Mosquitto gives both lanes of one gateway everything: one stores, the other says so."""
    gateway = make_gateway(lane={"count": 2})
    gateway.start()
    gateway.wait_ready()
    uscc = district.one().uscc
    publisher = connect(uscc)
    hazards = [reports.hazard(uscc) for _ in range(200)]
    for hazard in hazards:
        publisher.publish(hazard)
    publisher.wait_items(*hazards, count=2)
    for hazard in hazards:
        assert sorted(item["verdict"] for item in publisher.items[hazard["msg_id"]]) == [
            "duplicate", "stored"]
    assert db.execute("select count(*), max(ledger_no) from dg.ledger").fetchone() == (200, 200)

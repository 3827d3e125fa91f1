# SPDX-License-Identifier: Apache-2.0
"""Messages that are made, or happen, to bring a gateway down: each of them once came back for ever,
because it could neither be stored nor refused. After every one of them the next report is stored."""

import json
import random
import string
import time

import pytest

from lib import reports
from lib.gateway import cli
from lib.wait import wait_until


def noise(length):
    """Text that does not compress, so that an index sees all of it."""
    return "".join(random.choices(string.ascii_letters + string.digits, k=length))


def assert_alive(publisher):
    item = publisher.send(reports.hazard(publisher.code), timeout=15)
    assert item["verdict"] == "stored"


def reasons(db):
    return [row[0] for row in db.execute("select reason from exchange.quarantine order by id")]


@pytest.mark.parametrize("topic", [
    "dp/v1/410411/hazchem/{uscc}/up/{noise}",
    "dp/v1/410411/{noise}/{uscc}/up/hazard",
    "dp/v1/410411/hazchem/{noise}/up/hazard",
])
@pytest.mark.parametrize("length", [3000, 65000])
def test_topic_longer_than_an_index_key_is_quarantined(gateway, district, connect, db, topic, length):
    publisher = connect(district.one().uscc)
    assert_alive(publisher)
    for _ in range(2):
        publisher.publish_raw("", b"{}", topic=topic.format(uscc=publisher.code, noise=noise(length)))
    wait_until(lambda: len(reasons(db)) == 2, 15, "two rows in the quarantine")
    assert_alive(publisher)


@pytest.mark.parametrize("slashes", [90, 205, 230])
def test_response_topic_of_too_many_levels_is_refused(gateway, district, connect, slashes):
    publisher = connect(district.one().uscc)
    asked = publisher.base + "/down/" + "/" * (slashes - 6)
    publisher.publish(reports.hazard(publisher.code), properties={"ResponseTopic": asked})
    publisher.wait_receipts(1)
    topic, receipt, _ = publisher.receipts[0]
    if slashes < 100:
        assert topic == asked
    else:
        assert topic == publisher.base + "/down/receipt"
        assert receipt["note"] == "response_topic_refused"
    assert_alive(publisher)


def big_children(publisher, parent, count, size=200000):
    extra = noise(size)
    made = []
    for _ in range(count):
        child = reports.risk_event(publisher.code, parent["body"]["id"])
        child["body"]["extra"] = extra
        made.append(child)
        publisher.publish(child)
    assert all(item["verdict"] == "parked" for item in publisher.wait_items(*made, timeout=60))
    return made


def test_children_larger_together_than_memory_are_all_released(gateway, district, connect):
    publisher = connect(district.one().uscc)
    parent = reports.risk_unit(publisher.code)
    children = big_children(publisher, parent, 300)
    assert publisher.send(parent)["verdict"] == "stored"
    items = publisher.wait_items(*children, timeout=60, count=2)
    assert all(item["verdict"] == "stored" for item in items)
    assert_alive(publisher)


@pytest.mark.long
def test_children_larger_together_than_memory_all_expire(make_gateway, district, connect, db):
    gateway = make_gateway(parked={"expiry_s": 3600, "sweep_ms": 200})
    gateway.start()
    gateway.wait_ready()
    publisher = connect(district.one().uscc)
    children = big_children(publisher, reports.risk_unit(publisher.code), 300)
    db.execute("update dg.parked set expires_at = now()")
    items = publisher.wait_items(*children, timeout=60, count=2)
    assert all(item["reason"] == "parent_missing" for item in items)
    assert reasons(db) == ["parent_missing"] * 300
    assert_alive(publisher)


def test_message_over_the_limit_of_a_small_gateway_is_refused(make_gateway, district, connect, db):
    gateway = make_gateway(intake={"arena_bytes_max": 1 << 20, "message_bytes_max": 1 << 20})
    gateway.start()
    gateway.wait_ready()
    publisher = connect(district.one().uscc)
    for size in (1 << 20, 9 << 20):
        publisher.publish_raw("up/hazard", b"[" + b" " * size)
    wait_until(lambda: len(reasons(db)) == 2, 30, "two rows in the quarantine")
    assert_alive(publisher)


def test_trickle_on_a_slow_database_does_not_starve_the_keepalive(make_gateway, district, connect, db):
    """There is always a batch under way, and nothing may be written while a message is held."""
    gateway = make_gateway(mqtt={"keepalive_s": 5})
    db.execute("create function public.slow() returns trigger language plpgsql as"
               " 'begin perform pg_sleep(0.06); return null; end'")
    db.execute("create trigger slow after insert on dg.batch for each row"
               " execute function public.slow()")
    gateway.start()
    gateway.wait_ready()
    publisher = connect(district.one().uscc)
    sent = []
    end = time.monotonic() + 12
    while time.monotonic() < end:
        sent.append(reports.hazard(publisher.code))
        publisher.publish(sent[-1])
        time.sleep(0.02)
    items = publisher.wait_items(*sent, timeout=30)
    assert all(item["verdict"] == "stored" for item in items)
    assert "connection_lost" not in gateway.read_log()


def test_topic_whose_receipt_would_have_none_costs_only_its_receipt(gateway, district, connect, db):
    publisher = connect(district.one().uscc)
    assert_alive(publisher)
    # 65,535 bytes is the longest topic there is; /down/receipt is longer than /up/x.
    publisher.publish_raw("", b"{}", topic="dp/v1/410411/hazchem/%s/up/x" % noise(65535 - 26))
    wait_until(lambda: len(reasons(db)) == 1, 15, "a row in the quarantine")
    assert_alive(publisher)
    assert gateway.metrics()["dualgate_receipts_undeliverable_total"] == 1


def test_lanes_that_share_the_receipts_client_do_not_take_each_others_room(
        make_gateway, district, connect):
    gateway = make_gateway(lane={"count": 4}, mqtt={"receipt_window_max": 20})
    gateway.start()
    gateway.wait_ready()
    publisher = connect(district.one().uscc, inflight=1000)
    sent = [reports.hazard(publisher.code) for _ in range(1000)]
    for one in sent:
        publisher.publish(one)
    publisher.wait_items(*sent, timeout=60)
    assert gateway.metrics()["dualgate_returned_messages_total"] == 0


def test_report_that_is_refused_again_when_requeued_is_new_again(
        gateway, stack, district, connect, db):
    publisher = connect(district.one().uscc)
    wrong = [reports.hazard(publisher.code, level="NO_SUCH_LEVEL") for _ in range(3)]
    assert all(item["verdict"] == "rejected" for item in
               [publisher.send(one) for one in wrong])
    ids = [str(row[0]) for row in db.execute("select id from exchange.quarantine order by id")]
    cli(stack, "quarantine", "requeue", "--yes", *ids, check=False, config=gateway.config)
    wait_until(lambda: db.execute("select count(*) from exchange.quarantine where times = 2"
                                  ).fetchone()[0] == 3, 15, "the second refusals")
    assert db.execute("select distinct state from exchange.quarantine").fetchall() == [("NEW",)]


def test_msg_id_in_capitals_finds_its_receipt(gateway, district, stack, tmp_path):
    hazard = reports.hazard(district.one().uscc)
    hazard["msg_id"] = hazard["msg_id"].upper()
    file = tmp_path / "reports.json"
    file.write_text(json.dumps(hazard))
    done = cli(stack, "report", "--sector", "hazchem", "--give-up-after", "8", str(file),
               check=False, config=gateway.config)
    assert done.returncode == 0, done.stdout + done.stderr

# SPDX-License-Identifier: Apache-2.0
"""The order of the steps, seen from outside: committed, then receipted, then acknowledged."""

import contextlib
import time

import pytest

from lib import reports
from lib.proxy import Proxy
from lib.wait import wait_until

# How long nothing must be heard. What is sent too early comes within milliseconds.
QUIET_SECONDS = 0.3

ACKNOWLEDGED = "dualgate_gate_acknowledged_total"


@contextlib.contextmanager
def commits_held(stack):
    """Every transaction of the gateway stops at its last row until the block ends."""
    with stack.connect() as other, other.transaction():
        other.execute("lock table dg.batch in exclusive mode")
        yield


def held_backend(db):
    row = db.execute("select pid from pg_stat_activity where usename = 'dualgate_gateway'"
                     " and wait_event_type = 'Lock'").fetchone()
    return row and row[0]


@pytest.fixture
def proxy(stack):
    """Between the gateway and its broker; what the client of receipts hears can be kept back."""
    made = Proxy(stack.port("gateway"), b"/status/")
    yield made
    made.close()


@pytest.fixture
def gateway(make_gateway, district, proxy):
    made = make_gateway(mqtt={"port": proxy.port})
    made.start()
    made.wait_ready()
    return made


@pytest.fixture
def publisher(gateway, district, connect):
    return connect(district.one().uscc)


def test_nobody_hears_of_a_report_before_it_is_committed(gateway, publisher, stack, db):
    hazard = reports.hazard(publisher.code)
    with commits_held(stack):
        publisher.publish(hazard)
        wait_until(lambda: held_backend(db), 20, "the transaction to be held")
        time.sleep(QUIET_SECONDS)
        assert publisher.receipts == []
        metrics = gateway.metrics()
        assert metrics[ACKNOWLEDGED] == 0
        assert metrics["dualgate_gate_held_messages"] == 1
    assert publisher.wait_item(hazard)["verdict"] == "stored"
    wait_until(lambda: gateway.metrics()[ACKNOWLEDGED] == 1, 20, "the PUBACK")


def test_a_batch_that_was_rolled_back_is_delivered_again(gateway, publisher, stack, db):
    hazard = reports.hazard(publisher.code)
    with commits_held(stack):
        publisher.publish(hazard)
        pid = wait_until(lambda: held_backend(db), 20, "the transaction to be held")
        db.execute("select pg_terminate_backend(%s)", (pid,))
        wait_until(lambda: held_backend(db) != pid, 20, "the end of the session")
    assert publisher.wait_item(hazard, timeout=10)["verdict"] == "stored"
    assert db.execute("select count(*) from dg.ledger").fetchone()[0] == 1
    wait_until(lambda: gateway.metrics()[ACKNOWLEDGED] == 1, 20, "the PUBACK")


def test_no_puback_leaves_before_the_broker_took_the_receipt(gateway, publisher, proxy):
    hazard = reports.hazard(publisher.code)
    proxy.hold()
    publisher.publish(hazard)
    assert publisher.wait_item(hazard)["verdict"] == "stored"
    time.sleep(QUIET_SECONDS)
    metrics = gateway.metrics()
    assert metrics[ACKNOWLEDGED] == 0
    assert metrics["dualgate_gate_held_messages"] == 1
    proxy.let_go()
    wait_until(lambda: gateway.metrics()[ACKNOWLEDGED] == 1, 20, "the PUBACK")


def test_a_receipt_that_may_be_lost_is_given_again(gateway, publisher, proxy):
    hazard = reports.hazard(publisher.code)
    proxy.hold()
    publisher.publish(hazard)
    first = publisher.wait_item(hazard)
    proxy.cut()
    proxy.let_go()
    again = publisher.wait_item(hazard, timeout=10, count=2)
    assert (first["verdict"], again["verdict"]) == ("stored", "duplicate")
    assert again["ledger_no"] == first["ledger_no"]
    assert again["hash"] == first["hash"]
    wait_until(lambda: gateway.metrics()[ACKNOWLEDGED] == 1, 20, "the PUBACK")


def test_what_is_read_meanwhile_is_not_acknowledged_with_the_batch_before(gateway, publisher, proxy,
                                                                          stack, db):
    before, meanwhile = reports.hazard(publisher.code), reports.hazard(publisher.code)
    proxy.hold()
    publisher.send(before)
    with commits_held(stack):
        publisher.publish(meanwhile)
        wait_until(lambda: held_backend(db), 20, "the transaction to be held")
        proxy.let_go()
        wait_until(lambda: gateway.metrics()["dualgate_receipts_total"] == 1, 20, "the receipt")
        time.sleep(QUIET_SECONDS)
        metrics = gateway.metrics()
        assert metrics[ACKNOWLEDGED] == 0
        assert metrics["dualgate_gate_held_messages"] == 2
    assert publisher.wait_item(meanwhile)["verdict"] == "stored"
    wait_until(lambda: gateway.metrics()[ACKNOWLEDGED] == 2, 20, "the PUBACKs")

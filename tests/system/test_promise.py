# SPDX-License-Identifier: Apache-2.0
"""The order of the steps, seen from outside: committed, then receipted, then acknowledged."""

import contextlib
import time

import pytest

from lib import reports
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

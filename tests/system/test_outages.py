# SPDX-License-Identifier: Apache-2.0
"""Our own outages are written down when they are over: what waited in the broker meanwhile is not late."""

import time

import pytest

from lib import reports
from lib.wait import wait_until

AWAY_SECONDS = 1


def outages(stack):
    return stack.query("select what, extract(epoch from to_at - from_at)::float8, detail from dg.outage"
                       " where lane = 1 order by no")


def test_database_away_is_noted_with_its_length_and_reason(gateway, stack):
    assert outages(stack) == []
    stack.stop("pg", immediate=True)
    wait_until(lambda: not gateway.ready(), 20)
    time.sleep(AWAY_SECONDS)
    stack.start("pg")
    gateway.wait_ready()
    (what, seconds, detail), = wait_until(lambda: outages(stack), 10)
    assert what == "database" and AWAY_SECONDS <= seconds < 20 and "database" in detail


def test_broker_away_is_noted(gateway, stack, district, connect):
    stack.stop("broker")
    wait_until(lambda: not gateway.ready(), 20)
    time.sleep(AWAY_SECONDS)
    stack.start("broker")
    gateway.wait_ready()
    (what, seconds, _), = wait_until(lambda: outages(stack), 10)
    assert what == "broker" and AWAY_SECONDS <= seconds < 30
    uscc = district.one().uscc
    assert connect(uscc).send(reports.hazard(uscc))["verdict"] == "stored"


@pytest.mark.long
def test_time_in_which_another_gateway_worked_is_no_outage(gateway, stack, db):
    """As if a standby had taken over for a while: its batch is younger than the beginning."""
    db.execute("insert into dg.batch (lane, no, prev_hash, hash, committed_at)"
               " values (1, 1, '', '\\x01', now() + interval '11 seconds')")
    db.execute("update dg.lane set batch_no = 1 where lane = 1")
    db.close()
    stack.stop("pg", immediate=True)
    wait_until(lambda: not gateway.ready(), 20)
    time.sleep(12)
    stack.start("pg")
    gateway.wait_ready()
    time.sleep(1)
    assert outages(stack) == []

# SPDX-License-Identifier: Apache-2.0
"""A second receipt that falls due while the broker is away is published when it is back."""

import pytest

from lib import reports
from lib.wait import wait_until

pytestmark = pytest.mark.one


def test_second_receipt_survives_the_brokers_absence(make_gateway, stack, district, connect, db):
    gateway = make_gateway(parked={"expiry_s": 2, "sweep_ms": 200})
    gateway.start()
    gateway.wait_ready()
    uscc = district.one().uscc
    publisher = connect(uscc)
    event = reports.risk_event(uscc, reports.new_id())
    assert publisher.send(event)["verdict"] == "parked"
    stack.stop("broker")
    wait_until(lambda: db.execute("select count(*) from dg.late_receipt").fetchone()[0] == 1, 20,
               "the end of its wait")
    stack.start("broker")
    second = publisher.wait_item(event, count=2)
    assert (second["verdict"], second["reason"]) == ("rejected", "parent_missing")
    wait_until(lambda: db.execute("select count(*) from dg.late_receipt").fetchone()[0] == 0, 10,
               "the row to go")
    gateway.stop()

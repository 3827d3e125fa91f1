# SPDX-License-Identifier: Apache-2.0
"""Counters per adapter and reason: they add up to the totals, and outlive the gateway."""

import re

import pytest

from lib import reports
from lib.wait import wait_until

SAMPLE = re.compile(r'(\w+)\{adapter="([^"]*)",(verdict|reason)="([^"]*)"\}')
BAD_CSV = "隐患编号,没有的列\n1,2\n"


def by_adapter(gateway):
    """{(metric, adapter, verdict or reason): n} and the rest of the metrics."""
    found, rest = {}, {}
    for name, value in gateway.metrics().items():
        match = SAMPLE.fullmatch(name)
        if match:
            found[match.group(1)[len("dualgate_"):], match.group(2), match.group(4)] = value
        else:
            rest[name] = value
    return found, rest


def check_sums(gateway):
    found, rest = by_adapter(gateway)
    for verdict in ("stored", "duplicate", "stale", "rejected", "conflict"):
        total = rest['dualgate_reports_total{verdict="%s"}' % verdict]
        parts = sum(n for (metric, _, word), n in found.items()
                    if metric == "adapter_reports_total" and word == verdict)
        assert parts == total, (verdict, found)
    for adapter in {key[1] for key in found}:
        reasons = sum(n for (metric, one, _), n in found.items()
                      if metric == "rejections_total" and one == adapter)
        assert reasons == found.get(("adapter_reports_total", adapter, "rejected"), 0), found
    return found


@pytest.fixture
def mixed(gateway, district, connect, db):
    """Every verdict, canonical and through an adapter; {key: n} as it must be counted."""
    uscc, other = district.one().uscc, district.one("machinery").uscc
    db.execute("insert into register.publisher (code, kind, name, adapters)"
               " values (%s, 'ENTITY', '甲', '{gongmao}')", (other,))
    publisher = connect(uscc)
    hazard = reports.hazard(uscc)
    publisher.send(hazard)
    publisher.publish(hazard)
    publisher.wait_item(hazard, count=2)
    publisher.send(reports.hazard(uscc, {"observed_at": reports.stamp(ago=900)}, id=hazard["body"]["id"]))
    publisher.send(reports.hazard(uscc, {"msg_id": hazard["msg_id"]}))
    publisher.send([reports.hazard(uscc, level="7"), reports.hazard(uscc, level="8"),
                    reports.hazard(uscc, name=None)])
    unit = reports.risk_unit(uscc)
    child = reports.risk_event(uscc, unit["body"]["id"])
    orphan = reports.risk_event(uscc, reports.new_id())
    assert publisher.send(child)["verdict"] == "parked"
    assert publisher.send(orphan)["verdict"] == "parked"
    publisher.send(unit)
    publisher.wait_item(child, count=2)
    native = connect(other, sector="machinery")
    native.publish_raw("up/native", BAD_CSV.encode("gb18030"))
    native.wait_receipts(1)
    return {
        ("adapter_reports_total", "canonical", "stored"): 3,
        ("adapter_reports_total", "canonical", "duplicate"): 1,
        ("adapter_reports_total", "canonical", "stale"): 1,
        ("adapter_reports_total", "canonical", "conflict"): 1,
        ("adapter_reports_total", "canonical", "rejected"): 3,
        ("rejections_total", "canonical", "unknown_code"): 2,
        ("rejections_total", "canonical", "missing_field"): 1,
        ("adapter_reports_total", "gongmao", "rejected"): 1,
        ("rejections_total", "gongmao", "missing_field"): 1,
    }


def test_counters_by_adapter_and_reason_add_up_and_outlive_the_gateway(gateway, mixed, db):
    assert wait_until(lambda: check_sums(gateway) == mixed and mixed, 10) == mixed
    assert gateway.metrics()["dualgate_parked_reports"] == 1
    received = db.execute("select sum(received) from dg.lane").fetchone()[0]
    assert received == 1 + sum(n for key, n in mixed.items() if key[0] == "adapter_reports_total")
    gateway.kill()
    gateway.start()
    gateway.wait_ready()
    assert check_sums(gateway) == mixed


def test_who_waited_in_vain_is_counted_under_its_reason(make_gateway, district, connect):
    gateway = make_gateway(parked={"expiry_s": 1, "sweep_ms": 100})
    gateway.start()
    gateway.wait_ready()
    uscc = district.one().uscc
    publisher = connect(uscc)
    orphan = reports.risk_event(uscc, reports.new_id())
    assert publisher.send(orphan)["verdict"] == "parked"
    publisher.wait_item(orphan, count=2)
    wait_until(lambda: check_sums(gateway) == {
        ("adapter_reports_total", "canonical", "rejected"): 1,
        ("rejections_total", "canonical", "parent_missing"): 1}, 10)

# SPDX-License-Identifier: Apache-2.0
"""Random messages of any record, right ones and nearly right ones, made from the embedded descriptors.
Whatever comes: each report gets exactly one item of one receipt, right ones are taken, spoilt ones refused
for a reason of the closed list, the gateway lives on, and its counters add up."""

import os
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, Phase, given, settings, strategies as st

from lib import made, reports, schema
from lib.gateway import binary
from lib.wait import wait_until

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "fault"))
import promises  # noqa: E402

EXAMPLES, EXAMPLES_LONG = 60, 600
REPORTS_MAX = 12
TAKEN = {"stored", "parked", "stale", "duplicate"}
# No control character, and nothing that could be the beginning of a link or a data URI.
LETTERS = st.characters(whitelist_categories=("Lu", "Ll", "Lo", "Nd", "So"), blacklist_characters="\ufffd")
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-2**70, 2**70) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6)


class Dice(made.Maker):
    """Any of the values that a field may have, any of the fields that may be left out."""

    def __init__(self, data, *arguments, **options):
        super().__init__(*arguments, **options)
        self.data = data

    def draw(self, strategy):
        return self.data.draw(strategy)

    def has(self, message, field):
        return super().has(message, field) and (
            field.required_in(self.profile) or (message.name, field.name) in made.ASKED_ACROSS
            or self.draw(st.booleans()))

    def item(self, message, field):
        if field.number and self.fixed(message, field) is None and field.name != "no":
            return self.draw(st.integers(field.rule.min, field.rule.max))
        return super().item(message, field)

    def text(self, field):
        rule = field.rule
        if rule.attachment or rule.code_system:
            return super().text(field)
        if field.format == "TEXT":
            least = max(rule.min_chars, 1)
            return self.draw(st.text(LETTERS, min_size=least, max_size=max(least, min(rule.max_chars, 60))))
        if field.format == "UUID" and field.rule.parent and self.draw(st.booleans()):
            return reports.new_id()
        if field.format == "DECIMAL" and not rule.decimal_max:
            scaled = self.draw(st.integers(0, 10 ** rule.precision - 1))
            whole, rest = divmod(scaled, 10 ** rule.scale)
            return "%d.%0*d" % (whole, rule.scale, rest) if rule.scale else str(scaled)
        return super().text(field)


def any_path(data, value, path=()):
    """A place in the body, however deep."""
    steps = []
    if isinstance(value, (dict, list)):
        steps = list(value) if isinstance(value, dict) else list(range(len(value)))
    if not steps or (path and data.draw(st.booleans())):
        return path
    step = data.draw(st.sampled_from(steps))
    return any_path(data, value[step], path + (step,))


def spoil(data, record, body, profile):
    """(body, reason, field): what must be said of it; no reason where nobody can say."""
    if data.draw(st.booleans()):
        way = data.draw(st.sampled_from(list(made.ways(record, body, profile))))
        return made.spoilt(body, way.path, way.value), way.reason, way.field
    path = any_path(data, body)
    return (made.spoilt(body, list(path), data.draw(ANYTHING)) if path else body), None, None


def closed_list():
    said = subprocess.run([binary(), "check", "--reasons"], stdout=subprocess.PIPE, text=True, check=True)
    return {line.split()[0] for line in said.stdout.split("\n\n")[0].splitlines()}


def draw_report(data, record, about_org, units):
    profile = data.draw(st.sampled_from(sorted(units)))
    dice = Dice(data, profile, org=made.OFFICE, turn=data.draw(st.integers(0, 50)), about_org=about_org)
    body = dice.body(record)
    if "id" in body and not record.message.field("id").rule.parent:
        body["id"] = reports.new_id()
    wanted = (None, None, None)
    is_right = data.draw(st.booleans())
    if not is_right:
        wanted = spoil(data, record, body, profile)
        body = wanted[0]
    return made.report(record, units[profile], body, about_org), is_right, wanted[1:]


def check_item(report, is_right, wanted, items, reasons):
    assert len(items) == 1, "%d items for %s" % (len(items), report)
    item = items[0]
    if is_right:
        assert item["verdict"] in TAKEN, "%s\n%s" % (item, report)
    elif wanted[0]:
        assert (item["verdict"], item["reason"], item["field"]) == ("rejected", *wanted), (report, item)
    elif item["verdict"] in ("rejected", "conflict"):
        assert item["reason"] in reasons, item
    else:
        assert item["verdict"] in TAKEN, item


def run(examples, authority, units, db, gateway):
    reasons = closed_list()
    sent = []

    @settings(max_examples=examples, derandomize=True, deadline=None, database=None,
              suppress_health_check=list(HealthCheck), phases=[Phase.generate], report_multiple_bugs=False)
    @given(st.data())
    def one_message(data):
        record = data.draw(st.sampled_from(schema.records()), label="record")
        about_org = data.draw(st.sampled_from(record.subjects)) == "org"
        many = [draw_report(data, record, about_org, units)
                for _ in range(data.draw(st.integers(1, REPORTS_MAX)))]
        bodies = [report for report, _, _ in many]
        if all(is_right for _, is_right, _ in many) and data.draw(st.booleans()):
            authority.publish_raw("up/" + record.topic, schema.pack(bodies),
                                  {"ContentType": "application/x-protobuf"})
        else:
            authority.publish(bodies, record=record.topic)
        authority.wait_items(*bodies, timeout=60)
        for report, is_right, wanted in many:
            check_item(report, is_right, wanted, authority.items[report["msg_id"]], reasons)
        sent.extend(bodies)

    one_message()
    assert gateway.ready()
    wait_until(lambda: gateway.metrics()["dualgate_in_flight_reports"] == 0, 20, "the queue's end")
    promises.check_counters(db, gateway)
    promises.check_dense(db)
    promises.check_chain(db)
    received = db.execute("select sum(received)::bigint from dg.lane").fetchone()[0]
    assert received == len(sent)
    told = [item for _, receipt, _ in authority.receipts for item in receipt["items"]]
    assert len(told) == len(sent)
    gateway.stop()
    return len(sent)


@pytest.mark.timeout(240)
def test_random_reports_of_any_record(authority, gateway, units, db):
    assert run(EXAMPLES, authority, units, db, gateway) > EXAMPLES


@pytest.mark.long
@pytest.mark.timeout(600)
def test_many_random_reports_of_any_record(authority, gateway, units, db):
    assert run(EXAMPLES_LONG, authority, units, db, gateway) > EXAMPLES_LONG

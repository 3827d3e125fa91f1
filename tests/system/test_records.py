# SPDX-License-Identifier: Apache-2.0
"""Every record beyond the chain goes through the gateway, and its row says what was sent."""

import datetime
import decimal
import json
import os
import re

import pytest

from lib import examples, reports
from lib.servers import ROOT

ALWAYS = {"id", "unit", "division", "sector", "op"}  # columns every record has


def column(name):
    return "body_" + name if name in ALWAYS else name


def same(sent, stored):
    if isinstance(stored, decimal.Decimal):
        return decimal.Decimal(sent) == stored
    if isinstance(stored, datetime.datetime):
        return datetime.datetime.fromisoformat(sent) == stored
    if isinstance(stored, datetime.date):
        return sent == stored.isoformat()
    return sent == stored


def row_of(db, record, report_id):
    cursor = db.execute('select * from exchange."%s" where id = %%s' % record, (report_id,))
    row = cursor.fetchone()
    return row and dict(zip([c.name for c in cursor.description], row))


def check_stored(db, report, item):
    assert item["verdict"] == "stored", (report["record"], item)
    row = row_of(db, report["record"], item["id"])
    assert row, item
    assert row["uscc"] == report.get("uscc", "")
    for name, value in report["body"].items():
        assert same(value, row[column(name)]), (report["record"], name, value, row[column(name)])
    history = db.execute('select count(*) from exchange."%s_history" where id = %%s' % report["record"],
                         (item["id"],)).fetchone()
    assert history == (1,)


def test_what_a_unit_reports_stands_in_its_rows(gateway, district, connect, db):
    entity = district.one()
    publisher = connect(entity.uscc)
    hazard = reports.hazard(entity.uscc, level="MAJOR", major_basis=examples.MAJOR, accident_ref="A-1",
                            accident_classes=[{"system": "gb6441", "version": "2025", "name": "泄漏"}])
    risk_unit = reports.risk_unit(entity.uscc)
    for made in (hazard, risk_unit):
        assert publisher.send(made)["verdict"] == "stored"
    bodies = examples.unit(hazard["body"]["id"], risk_unit["body"]["id"])
    for record, body in bodies.items():
        made = reports.report(record, entity.uscc, body)
        check_stored(db, made, publisher.send(made))
    fed = {name for name, in db.execute("select record from dg.outbox")}
    assert set(bodies) <= fed


@pytest.fixture
def office(district, db):
    """The office of the committee: everything in the node is its business."""
    db.execute("insert into register.org (code, name, kind, division) values"
               " ('awb', '湛河区安委办', 'COMMITTEE', '410411')")
    return "awb"


def test_what_authorities_do_stands_in_its_rows(district, office, make_gateway, connect, db):
    gateway = make_gateway()
    gateway.start()
    gateway.wait_ready()
    entity = district.one()
    unit = connect(entity.uscc)
    authority = connect(office, sector="org")
    hazard = reports.hazard(entity.uscc, level="MAJOR", major_basis=examples.MAJOR)
    assert unit.send(hazard)["verdict"] == "stored"
    for record, body in examples.authority(hazard["body"]["id"], office).items():
        refused = unit.send(reports.report(record, entity.uscc, body))
        assert refused["verdict"] == "rejected", (record, refused)
        made = reports.report(record, entity.uscc, body)
        check_stored(db, made, authority.send(made))
    for record, body in examples.organisation(office).items():
        made = reports.report(record, None, body)
        check_stored(db, made, authority.send(made))


def test_ids_are_made_of_the_fields_that_tell_records_apart(gateway, district, connect):
    entity = district.one()
    publisher = connect(entity.uscc)
    summary = examples.unit("", "")["training_summary"]
    sent = reports.report("training_summary", entity.uscc, summary)
    assert publisher.send(sent)["id"] == "2020-11|FRONT_LINE"
    del summary["layer"]
    assert publisher.send(reports.report("training_summary", entity.uscc, summary))["id"] == "2020-11"
    zone = examples.unit("", "")["four_color_zone"]
    wrong = publisher.send(reports.report("four_color_zone", entity.uscc, dict(zone, id="Z-02")))
    assert (wrong["verdict"], wrong["reason"], wrong["field"]) == ("rejected", "key_mismatch", "body.id")


def test_what_stands_beside_a_hazard_waits_for_it(gateway, district, connect, db):
    entity = district.one()
    publisher = connect(entity.uscc)
    hazard = reports.hazard(entity.uscc, level="MAJOR")
    body = examples.unit(hazard["body"]["id"], "")["major_plan"]
    plan = reports.report("major_plan", entity.uscc, body)
    assert publisher.send(plan)["verdict"] == "parked"
    assert publisher.send(hazard)["verdict"] == "stored"
    check_stored(db, plan, publisher.wait_item(plan, count=2))


def required_fields():
    """(record, field) of every required field of the body of a record that has an example."""
    made = examples.unit("h", "r")
    for name in ("records_hazard", "records_unit"):
        with open(os.path.join(ROOT, "proto", name + ".proto"), encoding="utf-8") as file:
            text = file.read()
        for message, body in re.findall(r"^message (\w+) \{\n(.*?)^\}", text, re.M | re.S):
            record = re.sub(r"(?<!^)(?=[A-Z])", "_", message).lower()
            if record not in made:
                continue
            for field, rule in re.findall(r"\b(\w+) = \d+ \[\(rule\) = \{(.*?)\}\];", body, re.S):
                if "required: true" in rule:
                    yield record, field


def test_what_lacks_a_required_field_is_refused_by_its_name(gateway, district, connect):
    entity = district.one()
    publisher = connect(entity.uscc)
    fields = list(required_fields())
    assert len(fields) > 40
    for record, field in fields:
        body = examples.unit(reports.new_id(), reports.new_id())[record]
        body = json.loads(json.dumps({key: value for key, value in body.items() if key != field}))
        item = publisher.send(reports.report(record, entity.uscc, body))
        assert (item["verdict"], item["reason"], item["field"]) == \
            ("rejected", "missing_field", "body." + field), (record, field, item)

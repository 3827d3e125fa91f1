# SPDX-License-Identifier: Apache-2.0
"""Every record, with every field at its limit and every code in turn, and with none but the required,
goes in as JSON and as protobuf; its rows and its feed item say what was sent, column by column. All of it
from the embedded descriptors."""

import datetime
import decimal

import pytest

from lib import made, reports, schema

PROTOBUF = {"ContentType": "application/x-protobuf"}
ARRAY_BYTES = 6 << 20
# What a hazard's head shows is what is in force; its history has what was reported. An unknown finder is none.
EFFECTIVE = {("hazard", name) for name in ("state", "level", "deadline", "round", "supervision_state",
                                           "rectified_at", "closed_at", "found_by")}
# A time of acceptance of what is not accepted is invented: left out, with a finding.
ACCEPTED = ("ACCEPTED", "CLOSED")


class Sent:
    def __init__(self, record, report, how):
        self.record, self.report, self.how = record, report, how

    @property
    def body(self):
        body = dict(self.report["body"])
        if self.record.name == "hazard" and body["state"] not in ACCEPTED:
            body.pop("accept_time", None)
        return body


class Sender:
    """Reports in a topic's order, each after its parents; what was sent, to be compared."""

    def __init__(self, authority, uscc, codes):
        self.authority, self.uscc, self.codes = authority, uscc, codes
        self.shared = {}
        self.sent = []
        self.at = datetime.datetime.now(reports.SHANGHAI) - datetime.timedelta(days=1)

    def stamp(self):
        self.at += datetime.timedelta(seconds=1)
        return reports.stamp(self.at)

    def parents(self, record):
        """{parent record: id}; what moves its parent gets one of its own."""
        found = {}
        for field in record.message.fields:
            parent = field.rule.parent
            if parent and (record.rule.via or record.rule.moves):
                found[parent] = self.make_parent(parent)
            elif parent:
                found[parent] = self.shared.get(parent) or self.make_parent(parent)
                self.shared[parent] = found[parent]
        return found

    def make_parent(self, name):
        record = next(one for one in schema.records() if one.name == name)
        body = self.body(record, made.REQUIRED, 0, False)
        self.publish(record, [body], "json")
        return body["id"]

    def body(self, record, fill, turn, about_org):
        maker = made.Maker("hazchem", org=made.OFFICE, fill=fill, turn=turn, about_org=about_org,
                           ids=self.parents(record), codes=self.codes)
        body = maker.body(record)
        if "id" in body and not record.message.field("id").rule.parent:
            body["id"] = reports.new_id()
        return body

    def publish(self, record, bodies, how, about_org=False):
        many = [made.report(record, self.uscc, body, about_org) for body in bodies]
        for one in many:
            one["observed_at"] = self.stamp()
        if how == "json":
            self.authority.publish(many, record=record.topic)
        else:
            self.authority.publish_raw("up/" + record.topic, schema.pack(many), PROTOBUF)
        self.sent += [Sent(record, one, how) for one in many]

    def send_record(self, record, fill, about_org):
        for how in ("json", "protobuf"):
            bodies, size = [], 0
            for turn in range(made.turns(record.message)):
                bodies.append(self.body(record, fill, turn, about_org))
                size += len(str(bodies[-1])) * 3
                if size > ARRAY_BYTES:
                    self.publish(record, bodies, how, about_org)
                    bodies, size = [], 0
            self.publish(record, bodies, how, about_org)


def same(sent, stored):
    if isinstance(stored, decimal.Decimal):
        return decimal.Decimal(sent) == stored
    if isinstance(stored, datetime.datetime):
        return datetime.datetime.fromisoformat(sent) == stored
    if isinstance(stored, (datetime.date, datetime.time)):
        return sent == stored.isoformat()
    return sent == stored and isinstance(sent, type(stored))


def columns_of(row, name):
    """A field that bears the name of a column which every record has stands under a longer one."""
    return row["body_" + name] if "body_" + name in row else row[name]


def row_by(db, table, column, value):
    cursor = db.execute('select * from exchange."%s" where %s = %%s' % (table, column), (value,))
    row = cursor.fetchone()
    return row and dict(zip([c.name for c in cursor.description], row))


def differences(sent, row, known=()):
    """Of a row and the body that it is of: what was sent, and nothing else. The id is told by the receipt."""
    body = sent.body
    for field in sent.record.message.fields:
        if field.name == "id" or field.name in known:
            continue
        stands = columns_of(row, field.name)
        fine = same(body[field.name], stands) if field.name in body else stands is None
        if not fine:
            yield "%s.%s as %s: sent %.80r, stands %.80r" % (
                sent.record.name, field.name, sent.how, body.get(field.name), stands)


def check(sent, item, db):
    if item["verdict"] != "stored":
        yield "%s as %s: %s" % (sent.record.name, sent.how, item)
        return
    row = row_by(db, sent.record.name + "_history", "ledger_no", item["ledger_no"])
    # Of a step the receipt names the hazard.
    own = row["id"].split("|")[0] if "id" in sent.record.rule.key else row["id"]
    if own != item["id"] or row["uscc"] != sent.report.get("uscc", ""):
        yield "%s as %s: stands as %s of %s" % (sent.record.name, sent.how, row["id"], row["uscc"])
    yield from differences(sent, row)
    head = row_by(db, sent.record.name, "ledger_no", item["ledger_no"])
    if head:
        effective = {name for record, name in EFFECTIVE if record == sent.record.name}
        yield from differences(sent, head, effective)
    fed = db.execute("select payload from dg.outbox where ledger_no = %s", (item["ledger_no"],)).fetchone()
    body = fed and schema.unpack(fed[0])["body"]
    if body is None or {key: value for key, value in body.items() if key != "id"} != {
            key: value for key, value in sent.body.items() if key != "id"}:
        yield "%s as %s: fed on as %.300s" % (sent.record.name, sent.how, body)


def code_of_each_system(db):
    return dict(db.execute("select distinct on (system) system, code from register.code"
                           " order by system, version desc, length(code) desc, code"))


@pytest.mark.timeout(300)
def test_every_field_of_every_record_comes_through(authority, units, db):
    sender = Sender(authority, units["hazchem"], code_of_each_system(db))
    for record in schema.records():
        for subject in record.subjects:
            for fill in (made.REQUIRED, made.LIMITS):
                sender.send_record(record, fill, subject == "org")
    items = authority.wait_items(*[one.report for one in sender.sent], timeout=120)
    wrong = [line for sent, item in zip(sender.sent, items) for line in check(sent, item, db)]
    assert not wrong, "%d wrong of %d:\n%s" % (len(wrong), len(items), "\n".join(wrong[:20]))
    heads = sum(db.execute('select count(*) from exchange."%s"' % record.name).fetchone()[0]
                for record in schema.records())
    assert heads >= len(schema.records())

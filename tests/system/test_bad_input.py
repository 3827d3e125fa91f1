# SPDX-License-Identifier: Apache-2.0
"""bad.tsv: every kind of bad message, sent among 10,000 good ones. Each is quarantined with exactly its
reason and field, its sender is told so, and nobody else notices.

Columns: kind, record, payload, expected reason, expected field ("" for none), publisher, topic, content
type. An empty publisher is a chemical enterprise reporting for itself, an empty topic `up/<record>`.

    patch     a right report of the record, merged with the payload (null takes a member away)
    among     the same, between right ones in one array
    retain    the same, with the retain flag
    conflict  the right report first, then merged with the payload under its msg_id
    after     a list: [publisher, record, payload] of right reports that come first, and the payload
    orphan    the same as patch, but first parked: its parent never comes
    full      the same as patch, while no more may be parked
    refused   the same as patch; the test has forbidden it by a constraint of the table
    silent    the same as patch; the topic names nobody who could be answered
    text      the payload itself
    hex       bytes
    sealed    record name and rows, to be encrypted as the national exchange does
    gb18030   text in that encoding; \\n ends a line

Between @: ENTITY, OTHER, MACHINERY, MACHINERY2, STRANGER are USCCs, MSG and ID new ones, NO a number, NOW
and FUTURE times, BODY the members of a right body, MEMBERS*n so many members, anything*n its repetition."""

import base64
import collections
import csv
import json
import os
import re
import subprocess

import pytest

from lib import load, reports
from lib.gateway import binary
from lib.publisher import Subscriber
from lib.servers import ROOT
from lib.uscc import uscc
from lib.wait import wait_until

FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "bad.tsv")
KEY = "zhanhe-demo-2020"
COMPANY = "041041001"
GOOD_REPORTS = 10000
GOOD_SECONDS = 12
PARKED_SECONDS = 12  # how long an orphan waits
FORBIDDEN = "数据库不收"
# The lane subscribes below its own node: a message for another one never reaches it.
NOT_FROM_OUTSIDE = {"wrong_node"}
ATTACHMENT_BYTES = 2048


class Row:
    def __init__(self, number, cells):
        (self.kind, self.record, self.payload, self.reason, self.field, self.publisher, self.topic,
         self.content_type) = cells
        self.number = number

    def __repr__(self):
        return "line %d: %s %s %s" % (self.number, self.kind, self.record, self.payload[:120])


def read_rows():
    with open(FILE, encoding="utf-8", newline="") as file:
        lines = [line for line in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]
    return [Row(number, cells) for number, cells in enumerate(lines, 1)
            if not cells[0].startswith("#") and cells[0] != "kind"]


def test_list_is_long_and_covers_every_reason():
    rows = read_rows()
    assert len(rows) >= 200
    assert len({(row.reason, row.field) for row in rows}) >= 60
    said = subprocess.run([binary(), "check", "--reasons"], stdout=subprocess.PIPE, text=True,
                          check=True).stdout
    closed = {line.split()[0] for line in said.split("\n\n")[0].splitlines()}
    given = {row.reason for row in rows}
    assert given <= closed
    assert closed - given == NOT_FROM_OUTSIDE


# ---- making the messages -----------------------------------------------------------------------------


def right(record, code):
    """A report of the record that nothing is wrong with."""
    new = reports.new_id
    if record == "measure":
        return reports.report(record, code, {
            "id": new(), "risk_event_id": new(), "control_mode": "CHECK", "description": "每班检查",
            "class1": "ENGINEERING", "class2": "PROCESS_CONTROL", "check_content": "压力"})
    if record == "check_task":
        return reports.report(record, code, {
            "id": new(), "measure_id": new(), "content": "压力是否正常", "cycle": "1",
            "cycle_unit": "DAY", "task_type": "DAILY"})
    if record == "check_record":
        return reports.report(record, code, {
            "id": new(), "task_id": new(), "checked_at": reports.stamp(ago=60), "result": "NORMAL",
            "checker": "王敏", "checker_mobile": "13812341234"})
    if record == "entity":
        return reports.report(record, code, {"name": "平顶山市测试有限公司", "staff": 12})
    if record == "transition":
        return reports.transition(code, new(), "RECTIFIED")
    if record == "supervision":
        return reports.report(record, code, {
            "hazard_id": new(), "n": 1, "state": "LISTED", "at": reports.stamp(), "level": "DISTRICT"})
    if record == "training_summary":
        return reports.report(record, code, {"period": "2020-11", "sessions": 3, "persons": 120})
    if record == "risk_event":
        return reports.risk_event(code, new())
    return getattr(reports, record)(code)


def merge(base, patch):
    for name, value in patch.items():
        if value is None:
            base.pop(name, None)
        elif isinstance(value, dict) and isinstance(base.get(name), dict):
            merge(base[name], value)
        else:
            base[name] = value
    return base


def as_json(value):
    return json.dumps(value, ensure_ascii=False).encode()


class Sender:
    """Who is meant by the names of the file, and the messages that its rows stand for."""

    def __init__(self, district):
        self.entity, self.other = (one.uscc for one in district.of("hazchem")[:2])
        self.machinery, self.machinery2 = (one.uscc for one in district.of("machinery")[:2])
        self.stranger = uscc(99)

    def fill(self, text):
        body = json.dumps(reports.hazard(self.entity)["body"], ensure_ascii=False)[1:-1]
        words = {"ENTITY": self.entity, "OTHER": self.other, "MACHINERY": self.machinery,
                 "MACHINERY2": self.machinery2, "STRANGER": self.stranger, "MSG": reports.uuid7(),
                 "ID": reports.new_id(), "NO": reports.new_id()[:8], "NOW": reports.stamp(),
                 "FUTURE": reports.stamp(ago=-3600), "BODY": body}

        def repeated(match):
            word, times = match.group(1), int(match.group(2))
            if word == "MEMBERS":
                return ",".join('"u%d":%d' % (n, n) for n in range(times))
            return word * times

        text = re.sub(r"@([^@*]+)\*(\d+)@", repeated, text)
        return re.sub(r"@([A-Z0-9]+)@", lambda match: words[match.group(1)], text)

    def who(self, row):
        """(sector of the topic, publisher, USCC of the right report)."""
        if row.publisher == "machinery":
            return "machinery", self.machinery, self.machinery
        if row.publisher == "gm":
            return "machinery", "gm", self.machinery
        if row.publisher.startswith("org:"):
            return "org", self.fill(row.publisher[len("org:"):]), self.entity
        return "hazchem", self.fill(row.publisher) or self.entity, self.entity

    def topic(self, row):
        sector, publisher, _ = self.who(row)
        record = "hazard" if row.record == "transition" else row.record
        below = self.fill(row.topic) or "up/" + record
        return below if below.startswith("dp/") else "dp/v1/410411/%s/%s/%s" % (
            sector, publisher, below)

    def report(self, row):
        return right(row.record, self.who(row)[2])

    def before(self, row, publisher, record, patch):
        """One of the reports that come before a row of kind `after`, as a row."""
        return Row(row.number, ["patch", record, json.dumps(patch, ensure_ascii=False), "", "", publisher, "", ""])

    def seal(self, text):
        path, _, rows = text.partition(" ")
        sealed = subprocess.run(
            ["openssl", "enc", "-aes-128-cbc", "-K", KEY.encode().hex(), "-iv", KEY.encode().hex()],
            input=rows.encode(), stdout=subprocess.PIPE, check=True).stdout
        return as_json({"path": path, "datas": base64.b64encode(sealed).decode()})

    def bytes_of(self, row):
        """(what is published, what of it stands in quarantine: None for any form of it)."""
        text = self.fill(row.payload)
        if row.kind == "text":
            return text.encode(), text.encode()
        if row.kind == "hex":
            return bytes.fromhex(text), bytes.fromhex(text)
        if row.kind == "sealed":
            return self.seal(text), None
        if row.kind == "gb18030":
            return text.replace("\\n", "\n").encode("gb18030"), None
        spoilt = as_json(merge(self.report(row), json.loads(text)))
        if row.kind == "among":
            good = [as_json(self.report(row)) for _ in range(3)]
            return b"[%s, %s,%s, %s]" % (good[0], spoilt, good[1], good[2]), spoilt
        return spoilt, spoilt


# ---- the test ------------------------------------------------------------------------------------------


def register(db, sender):
    with db.transaction():
        db.execute("update register.entity set company_code = %s where uscc = %s",
                   (COMPANY, sender.entity))
        for code, adapters, active in (("svc-1", [], True), ("svc-closed", [], False),
                                       ("hz", ["hazchem"], True), ("gm", ["gongmao"], True),
                                       ("gone", ["nothing"], True)):
            db.execute("insert into register.publisher (code, kind, adapters, adapter_key, active)"
                       " values (%s, 'PLATFORM', %s, %s, %s)",
                       (code, adapters, KEY if code == "hz" else "", active))
        db.execute("insert into register.org (code, name, kind, division) values"
                   " ('awb', '安委办', 'COMMITTEE', '410411'), ('town', '街道', 'TOWNSHIP', '410411999')")
        for code, whom in (("svc-closed", sender.entity), ("hz", sender.entity),
                           ("gm", sender.machinery)):
            db.execute("insert into register.authorisation (publisher, uscc) values (%s, %s)",
                       (code, whom))
        db.execute("alter table exchange.risk_object_history add constraint forbidden"
                   " check (name not like '%s%%')" % FORBIDDEN)


class Bad:
    """Sends the rows, each with its number as correlation data, and collects the answers."""

    def __init__(self, stack, sender):
        self.sender = sender
        self.client = Subscriber(stack, "dp/v1/410411/+/+/down/receipt").connect()
        self.kept, self.topics = {}, {}
        self.good = []  # msg_ids of right reports that went along

    def publish(self, row, payload, kept, number=None):
        self.kept[row.number] = kept
        self.topics[row.number] = self.sender.topic(row)
        properties = {"CorrelationData": str(number or row.number).encode()}
        if row.content_type:
            properties["ContentType"] = row.content_type
        self.client.publish_raw("", payload, properties, retain=row.kind == "retain",
                                topic=self.topics[row.number])

    def send(self, row):
        payload, kept = self.sender.bytes_of(row)
        self.publish(row, payload, kept)
        if row.kind == "among":
            self.good += [one["msg_id"] for one in json.loads(payload) if one != json.loads(kept)]

    def send_right_first(self, row):
        """conflict: the right report under a number of its own; answers the spoilt one's bytes."""
        report = self.sender.report(row)
        self.good.append(report["msg_id"])
        self.publish(row, as_json(report), None, number=-row.number)
        return as_json(merge(json.loads(json.dumps(report)), json.loads(self.sender.fill(row.payload))))

    def send_those_before(self, row):
        """after: what happened before, one by one; the row's own bytes."""
        *before, payload = json.loads(self.sender.fill(row.payload))
        for step, (publisher, record, patch) in enumerate(before, 1):
            one = self.sender.before(row, publisher, record, patch)
            report = merge(self.sender.report(one), patch)
            self.good.append(report["msg_id"])
            self.publish(one, as_json(report), None, number=-row.number)
            self.wait([row], count=step, sign=-1)
        return as_json(merge(self.sender.report(row), payload))

    def answers(self):
        """{correlation: [items of each receipt]}"""
        found = collections.defaultdict(list)
        with self.client.lock:
            for _, payload, properties in self.client.messages:
                number = getattr(properties, "CorrelationData", b"0")
                found[int(number)].append(json.loads(payload)["items"])
        return found

    def wait(self, rows, count=1, sign=1, timeout=40):
        def missing():
            found = self.answers()
            return [row for row in rows if len(found[sign * row.number]) < count]

        wait_until(lambda: not missing(), timeout, "answers to %r" % missing()[:3], every=0.1)


def told(item):
    return item["verdict"], item.get("reason", ""), item.get("field", "")


def check_answer(row, receipts):
    """None, or what is wrong with the answers to a row."""
    verdict = "conflict" if row.kind == "conflict" else "rejected"
    wanted = (verdict, row.reason, row.field)
    if row.kind == "orphan":
        if told(receipts[0][0])[0] != "parked":
            return "%r: not parked first: %s" % (row, receipts[0])
        receipts = receipts[1:]
    item = receipts[0][1 if row.kind == "among" else 0]
    if told(item) != wanted:
        return "%r: %s, wanted %s" % (row, told(item), wanted)
    if not item.get("text") or not item.get("text_en"):
        return "%r: without words" % row
    if row.kind == "among" and [one["verdict"] for one in receipts[0]] != [
            "stored", "rejected", "stored", "stored"]:
        return "%r: its neighbours: %s" % (row, receipts[0])
    return None


def is_of(row, payload, kept):
    """Whether what stands in quarantine is this row's: of several reports in a message, the bad one."""
    if kept is None or payload == kept:
        return True
    return row.kind in ("text", "hex") and payload != b"" and payload in kept


def check_quarantine(rows, bad, db):
    """Each row stands there once, whole, under its reason; and nothing else does."""
    held = collections.defaultdict(list)
    wrong = []
    for topic, reason, field, text, payload in db.execute(
            "select topic, reason, coalesce(field, ''), text, payload from exchange.quarantine"):
        held[topic, reason, field].append(payload)
        if not text:
            wrong.append("no text for %s" % reason)
    for row in rows:
        payloads = held[bad.topics[row.number], row.reason, row.field]
        kept = bad.kept[row.number]
        mine = sorted((payload for payload in payloads if is_of(row, payload, kept)),
                      key=lambda payload: payload != kept)
        if mine:
            payloads.remove(mine[0])
        else:
            wrong.append("%r is not in quarantine as %s %s" % (row, row.reason, row.field))
    wrong += ["%s %s: more than was sent" % key[1:] for key, left in held.items() if left]
    return wrong


@pytest.mark.timeout(240)
def test_bad_messages_among_good_ones(make_gateway, stack, district, db, place):
    rows = read_rows()
    by_kind = collections.defaultdict(list)
    for row in rows:
        by_kind[row.kind].append(row)
    sender = Sender(district)
    register(db, sender)
    gateway = make_gateway(
        intake={"message_bytes_max": 262144, "report_bytes_max": 65536},
        attachment={"bytes_max": ATTACHMENT_BYTES},
        parked={"reports_max": len(by_kind["orphan"]), "expiry_s": PARKED_SECONDS, "sweep_ms": 300})
    gateway.start()
    gateway.wait_ready()
    stream = load.Stream(district.entities[4:8], GOOD_REPORTS, bad_every=0, parents=False)
    bad = Bad(stack, sender)
    loads = load.start(stack, place, stream, GOOD_SECONDS)
    try:
        for row in by_kind["orphan"]:
            bad.send(row)
        spoilt = {row: bad.send_right_first(row) for row in by_kind["conflict"]}
        bad.wait(by_kind["orphan"])
        bad.wait(by_kind["conflict"], sign=-1)
        for row in by_kind["full"]:
            bad.send(row)
        spoilt_later = {row: bad.send_those_before(row) for row in by_kind["after"]}
        for row, payload in (spoilt | spoilt_later).items():
            bad.publish(row, payload, payload)
        rest = [row for row in rows if row.kind not in ("orphan", "conflict", "full", "after")]
        for row in rest:
            bad.send(row)
        assert gateway.ready()
        bad.wait([row for row in rows if row.kind != "silent"])
        bad.wait(by_kind["orphan"], count=2)
        assert gateway.ready()
        good = {one for messages in stream.messages.values() for message in messages
                for one in message.ids}
        wait_until(lambda: db.execute("select count(*) from dg.ledger where verdict <> 'parked'")
                   .fetchone()[0] >= len(good) + len(bad.good), 60, "all good ones", every=0.2)
        stored = {one for one, in db.execute("select msg_id from exchange.report"
                                             " where verdict = 'stored'")}
        assert stored == good | set(bad.good)
        answers = bad.answers()
        wrong = [check_answer(row, answers[row.number]) for row in rows if row.kind != "silent"]
        wrong = [one for one in wrong if one] + check_quarantine(rows, bad, db)
        assert not wrong, "%d wrong:\n%s" % (len(wrong), "\n".join(wrong))
        wait_until(lambda: gateway.metrics()["dualgate_in_flight_reports"] == 0, 10, "the queue's end")
        assert gateway.metrics()['dualgate_reports_total{verdict="conflict"}'] == len(spoilt)
        assert "batch_returned" not in gateway.read_log()
        for one in loads:
            one.stop()
    finally:
        bad.client.close()
        for one in loads:
            one.kill()
    gateway.stop()

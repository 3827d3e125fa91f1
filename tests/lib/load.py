# SPDX-License-Identifier: Apache-2.0
"""Many reports, fast: a stream of mixed messages, and the C program that publishes it.

    stream = Stream(district.entities, reports=20000)
    loads = start(stack, folder, stream, seconds=20)      one process per publisher
    ...
    loads[0].acked(), loads[0].received()

What the broker acknowledged and what came back stands in files; nothing is said twice."""

import datetime
import json
import os
import signal
import struct
import subprocess
import uuid

from . import reports
from .gateway import sanitizer_env
from .servers import NODE, ROOT
from .wait import wait_until

WINDOW = 200
ARRAY = 25
NO_SUBSCRIBER = 0x10  # a PUBACK, but not taken
REFUSED = 0x80


def program():
    for flavour in ("asan", "release"):
        path = os.path.join(ROOT, "build", flavour, "tests/fault/load_helper")
        if os.access(path, os.X_OK):
            return path
    raise AssertionError("load_helper is not built: run make build-programs")


class Message:
    """What is published: topic, bytes, and the msg_ids of the reports inside."""

    __slots__ = ("topic", "payload", "ids")

    def __init__(self, topic, payload, ids):
        self.topic, self.payload, self.ids = topic, payload, ids


class Load:
    """One client with a session of its own. `messages` are published in order, each once."""

    def __init__(self, stack, folder, client_id, topics, messages=(), rate=0, port="mqtt",
                 window=WINDOW):
        os.makedirs(folder)
        self.folder, self.messages, self.base = folder, list(messages), topics
        command = [program(), str(stack.port(port)), client_id, folder, topics]
        if self.messages:
            path = os.path.join(folder, "input")
            with open(path, "wb") as file:
                for message in self.messages:
                    topic = message.topic.encode()
                    file.write(struct.pack(">I", len(topic)) + topic)
                    file.write(struct.pack(">I", len(message.payload)) + message.payload)
            command += [path, str(int(rate)), str(window)]
        self.log = os.path.join(folder, "log")
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log, env=sanitizer_env())
        wait_until(lambda: os.path.exists(os.path.join(folder, "ready")), 20, "the load's SUBACK")
        self._received_at = 0
        self._received = []

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(20)
        with open(self.log, encoding="utf-8", errors="replace") as file:
            assert code == 0, "load_helper ended with %d:\n%s" % (code, file.read()[-4000:])

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def _lines(self, name):
        with open(os.path.join(self.folder, name), "rb") as file:
            data = file.read()
        return data[: data.rfind(b"\n") + 1].splitlines()

    def answers(self):
        """[(message, reason code)] of every PUBACK so far."""
        assert self.process.poll() in (None, 0), "load_helper died"
        return [(self.messages[int(index)], int(code))
                for index, code in (line.split() for line in self._lines("acked"))]

    def acked_count(self):
        return len(self._lines("acked"))

    def received(self):
        """[(topic, parsed payload)] of all that came so far, in order of arrival."""
        with open(os.path.join(self.folder, "received"), "rb") as file:
            file.seek(self._received_at)
            data = file.read()
        whole = data.rfind(b"\n") + 1
        self._received_at += whole
        for line in data[:whole].split(b"\n")[:-1]:
            topic, _, payload = line.partition(b"\t")
            self._received.append((topic.decode(), json.loads(payload)))
        return self._received


def down_topics(entity):
    return "dp/v1/%s/%s/%s/down/#" % (NODE, entity.sector, entity.uscc)


class Stream:
    """Reports of several publishers: singles and arrays, new records and new versions, children
    before and after their parents, and some that must be rejected.

    .messages   {uscc: [Message]} in the order of publishing
    .good       {msg_id: (uscc, record, id)}: must stand in the ledger once
    .bad        {msg_id: (uscc, reason)}: must stand in quarantine once
    .heads      {(record, uscc, id): name} when all has come"""

    def __init__(self, entities, count, bad_every=97, parents=True):
        self.messages = {entity.uscc: [] for entity in entities}
        self.entities = list(entities)
        self.good, self.bad, self.heads = {}, {}, {}
        self._parents, self._bad_every = parents, bad_every
        self._at = datetime.datetime.now(reports.SHANGHAI) - datetime.timedelta(hours=2)
        self._hazard = json.dumps(reports.hazard("@uscc@"), ensure_ascii=False)
        self._made = self._step = 0
        self._last = {}
        while self._made < count:
            self._more(self.entities[self._step % len(self.entities)])

    def __len__(self):
        return len(self.good) + len(self.bad)

    def total_messages(self):
        return sum(len(messages) for messages in self.messages.values())

    # -- one report --

    def _stamp(self):
        self._at += datetime.timedelta(milliseconds=1)
        return self._at.isoformat(timespec="milliseconds")

    def _take(self, entity, report, name):
        """Notes what is expected of a right report."""
        self._made += 1
        report["observed_at"] = self._stamp()
        report["body"]["name"] = name
        key = (report["record"], entity.uscc, report["body"]["id"])
        self.good[report["msg_id"]] = (entity.uscc, report["record"], report["body"]["id"])
        self.heads[key] = name
        return report

    def _new_hazard(self, entity, record_id=None):
        report = json.loads(self._hazard)
        report["msg_id"], report["uscc"] = reports.uuid7(), entity.uscc
        report["body"]["id"] = record_id or uuid.uuid4().hex
        if self._bad_every and (self._made + 1) % self._bad_every == 0:
            self._made += 1
            report["observed_at"] = self._stamp()
            report["body"]["level"] = "7"
            self.bad[report["msg_id"]] = (entity.uscc, "unknown_code")
            return report
        self._last[entity.uscc] = report["body"]["id"]
        return self._take(entity, report, "第%d号隐患" % self._made)

    # -- messages --

    def _publish(self, entity, made):
        record = (made[0] if isinstance(made, list) else made)["record"]
        ids = [one["msg_id"] for one in (made if isinstance(made, list) else [made])]
        topic = "dp/v1/%s/%s/%s/up/%s" % (NODE, entity.sector, entity.uscc, record)
        self.messages[entity.uscc].append(
            Message(topic, json.dumps(made, ensure_ascii=False).encode(), ids))

    def _family(self, entity):
        unit = self._take(entity, reports.risk_unit(entity.uscc), "单元%d" % self._made)
        events = [self._take(entity, reports.risk_event(entity.uscc, unit["body"]["id"]),
                             "事件%d" % self._made) for _ in range(3)]
        if self._step % 3 == 0:
            self._publish(entity, unit)
            self._publish(entity, events)
        else:
            self._publish(entity, events)
            for _ in range(self._step % 7):
                self._publish(entity, self._new_hazard(entity))
            self._publish(entity, unit)

    def _more(self, entity):
        self._step += 1
        for _ in range(ARRAY):
            self._publish(entity, self._new_hazard(entity))
        self._publish(entity, [self._new_hazard(entity) for _ in range(ARRAY)])
        again = self._last.get(entity.uscc)
        if again:
            self._publish(entity, self._new_hazard(entity, again))
        if self._parents:
            self._family(entity)


def start(stack, folder, stream, seconds, name="load"):
    """A process per publisher; all are through after about `seconds`, if the broker keeps up."""
    loads = []
    for number, entity in enumerate(stream.entities):
        messages = stream.messages[entity.uscc]
        loads.append(Load(stack, os.path.join(folder, "%s-%d" % (name, number)),
                          "load-%d" % number, down_topics(entity), messages,
                          rate=max(1, len(messages) / seconds) if seconds else 0))
    return loads

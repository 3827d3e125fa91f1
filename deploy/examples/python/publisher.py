#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The smallest complete publisher of an enterprise: a durable outbox, repeats, receipts.

    publisher.py --publisher USCC [--sector S] [--node N] [--host H] [--port P] [--dir DIR] [--once] [FILE…]

Each FILE holds reports in canonical JSON, one a line; they are put into DIR/outbox first, each under a msg_id
that it keeps. Other programs may put files there themselves: write DIR/outbox/.name, then rename it to
ANYTHING-<msg_id>.json. A report leaves the outbox only with its receipt:

    outbox/   not receipted yet: sent, and sent again, in the order of the names
    waiting/  taken, but its parent is not known yet (verdict parked); a second receipt follows, and is asked
              for by sending it again, because a broker that dies may lose it
    done/     stored, duplicate or stale: the gateway has it, committed
    refused/  rejected or conflict, also a waiting one whose parent never came: the receipt beside it says
              exactly why; correct it and put it back

PUBACK is only the broker's word and moves nothing. Killed at any moment, it goes on where the folders stand:
what was under way is sent again under the same msg_id, and answered with `duplicate`.
"""

import argparse
import hashlib
import json
import os
import queue
import sys
import time
import uuid

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

FOLDERS = ("outbox", "waiting", "done", "refused")
FOLDER_OF = {"stored": "done", "duplicate": "done", "stale": "done", "parked": "waiting",
             "rejected": "refused", "conflict": "refused"}
IN_FLIGHT_MAX = 20      # reports that wait for their receipt at one time
REPEAT_SECONDS = 30     # without a receipt a report is sent again
SESSION_SECONDS = 7 * 24 * 3600


class Outbox:
    """Folders as a database: a file is written whole, synced, then renamed."""

    def __init__(self, folder):
        self.folder = folder
        for name in FOLDERS:
            os.makedirs(os.path.join(folder, name), exist_ok=True)

    def write(self, place, name, data):
        hidden = os.path.join(self.folder, place, "." + name)
        with open(hidden, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.rename(hidden, os.path.join(self.folder, place, name))
        self.sync(place)

    def sync(self, place):
        handle = os.open(os.path.join(self.folder, place), os.O_RDONLY)
        os.fsync(handle)
        os.close(handle)

    def put(self, report):
        """A report without a msg_id gets one of its content, so that the same file read twice, after a
        crash in the middle of it, puts nothing twice."""
        content = json.dumps(report, ensure_ascii=False, sort_keys=True).encode()
        report.setdefault("msg_id", str(uuid.uuid5(uuid.NAMESPACE_OID, content.decode())))
        ending = report["msg_id"].lower() + ".json"
        if not any(name.endswith(ending) for place in FOLDERS for name in self.names(place)):
            data = json.dumps(report, ensure_ascii=False).encode()
            self.write("outbox", "%020d-%s" % (time.time_ns(), ending), data)

    def names(self, place):
        return sorted(name for name in os.listdir(os.path.join(self.folder, place))
                      if name.endswith(".json") and not name.startswith(".")
                      and not name.endswith(".receipt.json"))

    def read(self, place, name):
        with open(os.path.join(self.folder, place, name), "rb") as file:
            return file.read()

    def find(self, msg_id):
        """(folder, name) of a report that is not refused, or None."""
        for place in ("outbox", "waiting", "done"):
            for name in self.names(place):
                if name.lower().endswith(msg_id + ".json"):
                    return place, name
        return None

    def settle(self, place, name, item):
        """The receipt first, so that no report stands in done/ without one."""
        to = FOLDER_OF[item["verdict"]]
        receipt = json.dumps(item, ensure_ascii=False, indent=1).encode()
        self.write(to, name[:-len(".json")] + ".receipt.json", receipt)
        if to != place:
            os.rename(os.path.join(self.folder, place, name), os.path.join(self.folder, to, name))
            self.sync(to)
            self.sync(place)


class Publisher:
    def __init__(self, options):
        self.outbox = Outbox(options.dir)
        self.base = "dp/v1/%s/%s/%s" % (options.node, options.sector, options.publisher)
        self.options = options
        self.receipts = queue.Queue()
        self.ready = False
        self.sent = {}      # name in outbox/ -> time of the last try
        self.hashes = {}    # SHA-256 of a payload -> name, for what could not even be read
        named = {"client_id": options.publisher, "protocol": mqtt.MQTTv5}
        if hasattr(mqtt, "CallbackAPIVersion"):     # paho 2
            named["callback_api_version"] = mqtt.CallbackAPIVersion.VERSION1
        self.client = mqtt.Client(**named)
        self.client.on_connect = self.on_connect
        self.client.on_disconnect = self.on_disconnect
        self.client.on_subscribe = self.on_subscribe
        self.client.on_message = lambda _c, _u, message: self.receipts.put(message.payload)
        self.client.reconnect_delay_set(1, 30)
        if options.username:
            self.client.username_pw_set(options.username, os.environ.get("MQTT_PASSWORD"))

    def on_connect(self, client, _userdata, _flags, code, _properties=None):
        if code == 0:
            client.subscribe(self.base + "/down/receipt", qos=1)

    def on_subscribe(self, *_):
        self.sent.clear()   # whatever was under way on the old connection is sent again
        self.ready = True

    def on_disconnect(self, *_):
        self.ready = False

    def send(self):
        now = time.monotonic()
        due = [(place, name) for place in ("outbox", "waiting")
               for name in self.outbox.names(place)[:IN_FLIGHT_MAX]]
        for place, name in due:
            if now - self.sent.get(name, -REPEAT_SECONDS) < REPEAT_SECONDS:
                continue
            payload = self.outbox.read(place, name)
            try:
                record = json.loads(payload)["record"]
            except (ValueError, KeyError, TypeError):
                self.outbox.settle(place, name, {"verdict": "rejected", "reason": "unreadable",
                                                 "text_en": "not sent: no JSON with a record"})
                continue
            self.hashes[hashlib.sha256(payload).hexdigest()] = name
            self.client.publish("%s/up/%s" % (self.base, record), payload, qos=1)
            self.sent[name] = now
        return bool(due)

    def take(self, receipt):
        for item in json.loads(receipt)["items"]:
            if "msg_id" in item:
                found = self.outbox.find(item["msg_id"].lower())
            else:
                name = self.hashes.get(item.get("payload_sha256"))
                found = ("outbox", name) if name in self.outbox.names("outbox") else None
            again = found and found[0] == "done" and item["verdict"] == "duplicate"
            if found and not again:
                self.outbox.settle(*found, item)
                if item["verdict"] != "parked":
                    self.sent.pop(found[1], None)
                print("%s %s %s" % (item["verdict"], item.get("msg_id", "-"),
                                    item.get("text", "")), flush=True)

    def run(self):
        properties = Properties(PacketTypes.CONNECT)
        properties.SessionExpiryInterval = SESSION_SECONDS
        self.client.connect_async(self.options.host, self.options.port, keepalive=30,
                                  clean_start=False, properties=properties)
        self.client.loop_start()
        try:
            while True:
                pending = self.send() if self.ready else True
                if not pending and self.options.once:
                    return
                try:
                    self.take(self.receipts.get(timeout=0.2))
                    while True:
                        self.take(self.receipts.get_nowait())
                except queue.Empty:
                    pass
        finally:
            self.client.disconnect()
            self.client.loop_stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--publisher", required=True, help="identity of the credential; an entity's USCC")
    parser.add_argument("--sector", default="hazchem")
    parser.add_argument("--node", default="410411")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=1883)
    parser.add_argument("--username", help="the password is taken from $MQTT_PASSWORD")
    parser.add_argument("--dir", default="dualgate-outbox")
    parser.add_argument("--once", action="store_true", help="end when everything has its final receipt")
    parser.add_argument("files", nargs="*", metavar="FILE")
    options = parser.parse_args()
    publisher = Publisher(options)
    for path in options.files:
        with open(path, encoding="utf-8-sig") as file:
            for line in file:
                if line.strip():
                    publisher.outbox.put(json.loads(line))
    publisher.run()
    return 1 if publisher.outbox.names("refused") else 0


if __name__ == "__main__":
    sys.exit(main())

# SPDX-License-Identifier: Apache-2.0
"""A publisher as enterprises write them (paho, MQTT 3.1.1 or 5) that collects its receipts."""

import collections
import json
import threading

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from .servers import NODE
from .wait import wait_until

QUEUE_MAX = 0  # paho: without limit
KEEPALIVE_S = 30


class Client(mqtt.Client):
    """paho 1.6 keeps the reason code of a PUBACK to itself; here it is told first."""

    on_reason = None

    def _handle_pubackcomp(self, cmd):
        packet = self._in_packet["packet"]
        if self._protocol == mqtt.MQTTv5 and len(packet) > 2 and self.on_reason:
            self.on_reason(int.from_bytes(packet[:2], "big"), packet[2])
        return super()._handle_pubackcomp(cmd)


class Publisher:
    """Receipts by msg_id in .items, whole ones in .receipts, acknowledged packet ids counted."""

    def __init__(self, stack, code, sector="hazchem", version=5, port=None, clean=False,
                 listen=True, node=NODE, client_id=None, inflight=100):
        self.host, self.port = "127.0.0.1", port or stack.port("mqtt")
        self.code, self.sector, self.node, self.version = code, sector, node, version
        self.base = "dp/v1/%s/%s/%s" % (node, sector, code)
        self.listen = listen
        self.lock = threading.Lock()
        self.receipts = []          # (topic, parsed, properties)
        self.items = collections.defaultdict(list)  # msg_id -> items, oldest first
        self.messages = []          # every message as (topic, payload bytes, properties)
        self.acked = set()          # mids that the broker acknowledged and took
        self.refused = {}           # mid -> MQTT 5 reason code
        self.mid_of = {}            # msg_id -> mid
        self._subscribed = threading.Event()
        self._connected = threading.Event()
        options = {} if version == 5 else {"clean_session": clean}
        self.client = Client(
            client_id=client_id or "t-%s-%s" % (sector, code),
            protocol=mqtt.MQTTv5 if version == 5 else mqtt.MQTTv311, **options)
        self.clean = clean
        self.client.max_inflight_messages_set(inflight)
        self.client.max_queued_messages_set(QUEUE_MAX)
        self.client.reconnect_delay_set(1, 1)
        self.client.on_connect = self._on_connect
        self.client.on_subscribe = lambda *_: self._subscribed.set()
        self.client.on_message = self._on_message
        self.client.on_publish = self._on_publish
        self.client.on_reason = self._on_reason

    # -- connection --

    def connect(self, timeout=20):
        if self.version == 5:
            properties = Properties(PacketTypes.CONNECT)
            properties.SessionExpiryInterval = 3600
            self.client.connect(self.host, self.port, KEEPALIVE_S, properties=properties,
                                clean_start=self.clean)
        else:
            self.client.connect(self.host, self.port, KEEPALIVE_S)
        self.client.loop_start()
        assert self._connected.wait(timeout), "no CONNACK"
        if self.listen:
            assert self._subscribed.wait(timeout), "no SUBACK"
        return self

    def close(self):
        self.client.disconnect()
        self.client.loop_stop()

    def _on_connect(self, client, _userdata, _flags, code, _properties=None):
        if code != 0:
            return
        self._connected.set()
        if self.listen:
            client.subscribe(self.base + "/down/#", qos=1)

    # -- up --

    def publish(self, reports, record=None, wait=False, properties=None, retain=False, qos=1):
        """One report or a list of them as canonical JSON; the packet id."""
        many = reports if isinstance(reports, list) else [reports]
        record = record or many[0]["record"]
        payload = json.dumps(reports, ensure_ascii=False).encode()
        info = self.publish_raw("up/" + record, payload, properties, retain, qos)
        for one in many:
            if isinstance(one, dict) and "msg_id" in one:
                self.mid_of[one["msg_id"]] = info.mid
        if wait:
            wait_until(lambda: info.mid in self.acked or info.mid in self.refused, 20, "PUBACK")
        return info.mid

    def publish_raw(self, below, payload, properties=None, retain=False, qos=1, topic=None):
        """Bytes to `base/below`, or to any topic; properties: dict of MQTT 5 property names."""
        extra = {}
        if properties:
            made = Properties(PacketTypes.PUBLISH)
            for key, value in properties.items():
                setattr(made, key, value)
            extra["properties"] = made
        return self.client.publish(topic or "%s/%s" % (self.base, below), payload, qos=qos,
                                   retain=retain, **extra)

    def _on_publish(self, _client, _userdata, mid):
        with self.lock:
            if mid not in self.refused:
                self.acked.add(mid)

    def _on_reason(self, mid, code):
        # 0x10: nobody subscribed. A PUBACK, but not taken (contract: treat it like an error).
        if code == 0x10 or code >= 0x80:
            with self.lock:
                self.refused[mid] = code

    def acked_ids(self):
        """msg_ids whose publish the broker acknowledged."""
        with self.lock:
            return {msg_id for msg_id, mid in self.mid_of.items() if mid in self.acked}

    # -- down --

    def _on_message(self, _client, _userdata, message):
        properties = getattr(message, "properties", None)
        with self.lock:
            self.messages.append((message.topic, message.payload, properties))
            if not message.topic.startswith(self.base + "/down/"):
                return
            try:
                parsed = json.loads(message.payload)
            except ValueError:
                return
            if isinstance(parsed, dict) and isinstance(parsed.get("items"), list):
                self.receipts.append((message.topic, parsed, properties))
                for item in parsed["items"]:
                    self.items[item.get("msg_id")].append(item)

    def wait_items(self, *reports, timeout=20, count=1):
        """The latest receipt item of each report, in order; count: at least so many for each."""
        ids = [one["msg_id"] if isinstance(one, dict) else one for one in reports]

        def all_there():
            with self.lock:
                return all(len(self.items.get(msg_id, ())) >= count for msg_id in ids)

        wait_until(all_there, timeout, "receipts of %d reports" % len(ids))
        with self.lock:
            return [self.items[msg_id][-1] for msg_id in ids]

    def wait_item(self, report, timeout=20, count=1):
        return self.wait_items(report, timeout=timeout, count=count)[0]

    def wait_receipts(self, count, timeout=20):
        wait_until(lambda: len(self.receipts) >= count, timeout, "%d receipts" % count)
        return self.receipts

    def send(self, reports, timeout=20, **more):
        """Publish and wait: the receipt item, or the list of them for an array."""
        self.publish(reports, **more)
        if isinstance(reports, list):
            return self.wait_items(*reports, timeout=timeout)
        return self.wait_item(reports, timeout=timeout)


class Subscriber(Publisher):
    """Listens to any topics on the gateway's listener, as a department does; .messages has all."""

    def __init__(self, stack, *topics, version=5, port=None, client_id=None):
        super().__init__(stack, "reader", version=version, port=port or stack.port("gateway"),
                         client_id=client_id or "reader-%d" % id(self))
        self.topics = topics

    def _on_connect(self, client, _userdata, _flags, code, _properties=None):
        if code == 0:
            self._connected.set()
            client.subscribe([(topic, 1) for topic in self.topics])

    def parsed(self):
        with self.lock:
            return [(topic, json.loads(payload)) for topic, payload, _ in self.messages]

# SPDX-License-Identifier: Apache-2.0
"""A database that cannot even be reached: its name does not resolve, or its host drops packets. The
gateway goes on answering, says why it takes nothing in, and starts by itself when the way is free."""

import contextlib
import os
import socket
import subprocess
import threading
import time

import pytest

from lib import gateway as gateways
from lib import reports
from lib.wait import wait_until

WATCH_SECONDS = 6
PROMPT_SECONDS = 0.5  # an answer that takes longer was held up by something that blocks

pytestmark = pytest.mark.one


def longest_answer(gateway, seconds):
    """Asks /healthz again and again; the longest wait."""
    longest, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        begin = time.monotonic()
        assert gateway.get("/healthz")[0] == 200
        longest = max(longest, time.monotonic() - begin)
        time.sleep(0.02)
    return longest


def stays_prompt(gateway):
    wait_until(lambda: gateway.get("/healthz")[0] == 200, 20, "/healthz")
    assert longest_answer(gateway, WATCH_SECONDS) < PROMPT_SECONDS
    status, why = gateway.get("/readyz")
    assert status == 503 and "lane 1" in why, why


class SilentResolver:
    """A name server that takes questions and answers none."""

    def __init__(self):
        self.questions = 0
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        for last in range(60, 250):
            self.address = "127.0.0.%d" % last
            try:
                self.socket.bind((self.address, 53))
                break
            except PermissionError:
                self.address = "192.0.2.1"  # nobody's, by RFC 5737
                break
            except OSError:
                continue
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        with contextlib.suppress(OSError):
            while self.socket.recv(512):
                self.questions += 1

    def close(self):
        self.socket.close()


def with_resolver(command, resolv):
    """The command, seeing another /etc/resolv.conf than everybody else."""
    quoted = 'mount --bind "$0" /etc/resolv.conf && exec "$@"'
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    return ["unshare", "--mount", *user, "sh", "-c", quoted, resolv] + command


def test_resolver_that_is_dead_stalls_nothing(make_gateway, district, place, monkeypatch):
    resolver = SilentResolver()
    resolv = os.path.join(place, "resolv.conf")
    with open(resolv, "w", encoding="ascii") as file:
        file.write("nameserver %s\noptions timeout:3 attempts:2\n" % resolver.address)
    gateway = make_gateway(pg={"host": "database.example"})
    start = subprocess.Popen
    monkeypatch.setattr(gateways.subprocess, "Popen",
                        lambda command, **more: start(with_resolver(command, resolv), **more))
    gateway.start()
    monkeypatch.setattr(gateways.subprocess, "Popen", start)
    try:
        stays_prompt(gateway)
        assert resolver.address == "192.0.2.1" or resolver.questions > 0, "nobody asked"
        gateway.stop()
    finally:
        resolver.close()


class Deaf:
    """A port whose host takes no connection: the queue of its listener is full, SYNs are dropped."""

    def __init__(self):
        self.listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(0)
        self.port = self.listener.getsockname()[1]
        self.callers = []
        for _ in range(4):
            caller = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            caller.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                caller.connect(("127.0.0.1", self.port))
            self.callers.append(caller)

    def close(self):
        for one in self.callers + [self.listener]:
            one.close()


class Relay:
    """The port again, now leading to the server."""

    def __init__(self, port, target):
        self.target, self.open = target, True
        self.listener = socket.create_server(("127.0.0.1", port), reuse_port=False)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while self.open:
                near, _ = self.listener.accept()
                far = socket.create_connection(("127.0.0.1", self.target))
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=self._copy, args=(one, other), daemon=True).start()

    @staticmethod
    def _copy(source, sink):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)

    def close(self):
        self.open = False
        self.listener.close()


def test_host_that_drops_packets_stalls_nothing(stack, make_gateway, district, connect):
    deaf = Deaf()
    gateway = make_gateway(pg={"port": deaf.port, "connect_timeout_ms": 1000})
    gateway.start()
    relay = None
    try:
        stays_prompt(gateway)
        deaf.close()
        relay = Relay(deaf.port, stack.port("pg"))
        gateway.wait_ready(20)
        uscc = district.one().uscc
        assert connect(uscc).send(reports.hazard(uscc))["verdict"] == "stored"
        gateway.stop()
    finally:
        deaf.close()
        if relay:
            relay.close()

# SPDX-License-Identifier: Apache-2.0
"""A TCP proxy between a client and its broker that can keep the broker's answers back."""

import socket
import threading

BLOCK_BYTES = 65536
CONNECT = 0x10


class Proxy:
    """Listens on .port. A connection is "marked" when its CONNECT packet holds `mark`; of these
    alone, what the broker says is kept back between hold() and let_go(), and cut() ends them."""

    def __init__(self, port, mark):
        self.upstream = ("127.0.0.1", port)
        self.mark = mark
        self.open = threading.Event()
        self.open.set()
        self.marked = set()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self._start(self._accept)

    @staticmethod
    def _start(what, *arguments):
        threading.Thread(target=what, args=arguments, daemon=True).start()

    def hold(self):
        self.open.clear()

    def let_go(self):
        self.open.set()

    def cut(self):
        """Ends the marked connections; nothing that was kept back arrives."""
        for pair in list(self.marked):
            self.marked.discard(pair)
            self._end(*pair)

    def close(self):
        self._end(self.listener)
        self.cut()
        self.let_go()

    @staticmethod
    def _end(*sockets):
        for one in sockets:
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            one.close()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self._start(self._serve, client)

    def _serve(self, client):
        try:
            first = client.recv(BLOCK_BYTES)
            broker = socket.create_connection(self.upstream)
            broker.sendall(first)
        except OSError:
            self._end(client)
            return
        pair = (client, broker)
        if first[:1] == bytes([CONNECT]) and self.mark in first:
            self.marked.add(pair)
        self._start(self._pump, client, broker, pair, False)
        self._pump(broker, client, pair, True)

    def _pump(self, source, target, pair, from_broker):
        try:
            for block in iter(lambda: source.recv(BLOCK_BYTES), b""):
                if from_broker and pair in self.marked:
                    self.open.wait()
                    if pair not in self.marked:
                        break
                target.sendall(block)
        except OSError:
            pass
        self._end(source, target)

# SPDX-License-Identifier: BSD-3-Clause
"""flows: client streams, and the conversations in which they are sent."""
import os
import random

from wire import ACK, PSH, SYN, address, ethernet, ip, tcp, udp

BLOCKED = "www.blocked.test"
ALLOWED = "www.allowed.test"  # as long, so that it fits in the other's place
DECOY = "www.another.test"
NEIGHBOURS = ["xwww.blocked.test", "=blocked.test", "w.blocked.test", "www.blocked.example", "ocked.test",
              "www.blocked.test.example"]

CORPUS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "fuzz", "corpus")
PORTS = {"tls": 443, "http": 80, "dns": 53, "quic": 443}


def _corpus(*path):
    with open(os.path.join(CORPUS, *path), "rb") as f:
        return f.read()[2:]  # behind the place where the fuzz target cuts


def hello(name=BLOCKED, client="curl"):
    """A ClientHello in its record, as the program sent it: curl, openssl, or chromium (post-quantum)."""
    return _corpus("tls", client).replace(BLOCKED.encode(), name.encode())


def request(name=BLOCKED, client="curl"):
    return _corpus("http", client).replace(BLOCKED.encode(), name.encode())


def query(name=BLOCKED, ident=0x1234, kind=1):
    labels = b"".join(bytes([len(n)]) + n.encode() for n in name.split("."))
    return ident.to_bytes(2, "big") + b"\1\0\0\1\0\0\0\0\0\0" + labels + b"\0" + kind.to_bytes(2, "big") + b"\0\1"


class Flow:
    """One connection with a client address and port of its own; what is sent gathers in `frames`."""

    def __init__(self, number, proto, v6=False, wrap=ethernet, isn=None):
        self.number, self.proto, self.wrap, self.v6 = number, proto, wrap, v6
        self.sport, self.dport = 20000 + number // 250, PORTS[proto]
        host = 1 + number % 250
        self.src = address(f"2001:db8:c::{host:x}" if v6 else f"198.51.100.{host}")
        self.dst = address("2001:db8:5::10" if v6 else "203.0.113.10")
        self.random = random.Random(number)
        self.isn = self.random.getrandbits(32) if isn is None else isn
        self.server_isn = self.random.getrandbits(32)
        self.frames = []
        self.must_leave = []  # those that have to reach the server whatever was blocked before

    def put(self, packet):
        self.frames.append(self.wrap(packet))

    def packet(self, off, data=b"", flags=ACK | PSH, ttl=60, ack=None, **more):
        """A client's TCP packet; stream offset 0 is behind the SYN."""
        ack = self.server_isn + 1 if ack is None else ack
        segment = tcp(self.src, self.dst, self.sport, self.dport, self.isn + 1 + off, ack, flags, data, **more)
        return ip(self.src, self.dst, 6, segment, ttl)

    def client(self, off, data=b"", **more):
        self.put(self.packet(off, data, **more))

    def server(self, upto=0, data=b"", flags=ACK, sent=0):
        """The server acknowledges stream bytes up to `upto`."""
        self.put(ip(self.dst, self.src, 6, tcp(self.dst, self.src, self.dport, self.sport,
                                               self.server_isn + 1 + sent, self.isn + 1 + upto, flags, data), 55))

    def syn(self, data=b"", **more):
        self.client(-1, data, flags=SYN, ack=0, options=b"\2\4\5\xb4\4\2\1\1", **more)

    def syn_ack(self):
        self.server(0, flags=SYN | ACK, sent=-1)

    def open(self):
        self.syn()
        self.syn_ack()
        self.client(0, flags=ACK)
        return self

    def send(self, pieces):
        for off, data in pieces:
            self.client(off, data)
        return self

    def datagram(self, data, from_server=False):
        ends = (self.dst, self.src) if from_server else (self.src, self.dst)
        ports = (self.dport, self.sport) if from_server else (self.sport, self.dport)
        self.put(ip(*ends, 17, udp(*ends, *ports, data)))
        return self


def cut(data, *points):
    """(offset, bytes) pieces between the points."""
    edges = [0, *points, len(data)]
    return [(a, data[a:b]) for a, b in zip(edges, edges[1:]) if a < b]


def every(data, size):
    return cut(data, *range(size, len(data), size))


class Case:
    """A transformation: build(new, name) makes flows by new(proto, ...), whose name is `name` on the wire.

    hit: the blocked name must be reported; None where a client would have to send again.
    whole: flows that match nothing must leave byte for byte; not so where two contents for the same bytes are sent, of
    which only one may pass.
    """

    def __init__(self, title, build, hit=True, whole=True):
        self.title, self.build, self.hit, self.whole = title, build, hit, whole
        self.flows = []  # (Flow, blocked)

# SPDX-License-Identifier: BSD-3-Clause
"""cases_ip: fragments in any order, and encapsulations."""
import random

from flows import DECOY, Case, cut, hello, query, request
from wire import ENCAPSULATIONS, ethernet, fragment, fragments, ip, udp

ORDERS = {
    "in order": lambda p: p,
    "last first": lambda p: p[::-1],
    "shuffled": lambda p: random.Random(3).sample(p, len(p)),
    "every one twice": lambda p: [x for x in p for _ in (0, 1)],
    "first one last": lambda p: p[1:] + p[:1],
}


def _payloads(name):
    yield "tls", hello(name)
    yield "http", request(name)


def _fragmented(size, order, v6, wrap=ethernet):
    def build(new, name):
        for proto, data in _payloads(name):
            f = new(proto, v6=v6).open()
            for piece in order(fragments(f.packet(0, data), size)):
                f.frames.append(wrap(piece))
        f = new("dns", v6=v6)
        for piece in order(fragments(ip(f.src, f.dst, 17, udp(f.src, f.dst, f.sport, f.dport, query(name))), 8)):
            f.frames.append(wrap(piece))
    return build


def _both(new, name):
    """A split hello whose second segment comes in fragments before the first segment does."""
    for v6 in (False, True):
        f = new("tls", v6=v6).open()
        first, second = cut(hello(name, "chromium"), 90)
        for piece in fragments(f.packet(*second), 512)[::-1]:
            f.frames.append(ethernet(piece))
        f.client(*first)


def _overlap(v6, decoy_first):
    """Two contents for the middle of a datagram: receivers differ, so it may not pass."""
    def build(new, name):
        f = new("tls", v6=v6).open()
        real, fake = f.packet(0, hello(name)), f.packet(0, hello(DECOY))
        n = 40 if v6 else 20
        head, real, fake = real[:n], real[n:], fake[n:]
        ident = 0x4000 + f.number % 0x4000
        at = real.index(name.encode()) // 8 * 8
        pieces = [(0, real[:at]), (at, fake[at:at + 24]), (at, real[at:at + 24]), (at + 24, real[at + 24:])]
        if not decoy_first:
            pieces[1], pieces[2] = pieces[2], pieces[1]
        for off, data in pieces:
            f.frames.append(ethernet(fragment(head, data, off, off + len(data) < len(real), ident)))
    return build


def _tunnel_fragments(new, name):
    """The tunnel's packets are fragments, or what is within is."""
    for key in ("vxlan", "gre", "geneve"):
        f = new("tls").open()
        outer = ENCAPSULATIONS[key](f.packet(0, hello(name)))[14:]
        f.frames += [ethernet(p) for p in fragments(outer, 256)[::-1]]
        g = new("tls").open()
        g.frames += [ENCAPSULATIONS[key](p) for p in fragments(g.packet(0, hello(name)), 256)[::-1]]


def _encapsulated(wrap):
    def build(new, name):
        for v6 in (False, True):
            for proto, data in _payloads(name):
                new(proto, v6=v6, wrap=wrap).open().send(cut(data, 60)).server(len(data))
            new("tls", v6=v6, wrap=wrap).open().send(cut(hello(name, "chromium"), 300, 1400)[::-1])
            new("dns", v6=v6, wrap=wrap).datagram(query(name))
    return build


def all_cases():
    for v6 in (False, True):
        label = "ipv6" if v6 else "ipv4"
        for size in (8, 24, 256):
            for title, order in ORDERS.items():
                yield Case(f"{label} fragments of {size} bytes, {title}", _fragmented(size, order, v6))
        yield Case(f"{label} fragments in a vlan", _fragmented(64, ORDERS["shuffled"], v6, ENCAPSULATIONS["vlan"]))
        for first in (True, False):
            place = "first" if first else "last"
            yield Case(f"{label} fragments overlap, decoy {place}", _overlap(v6, first), hit=None, whole=False)
    yield Case("fragments of the second segment come first", _both)
    yield Case("fragments outside and inside of tunnels", _tunnel_fragments)
    for title, wrap in ENCAPSULATIONS.items():
        yield Case(f"encapsulated: {title}", _encapsulated(wrap))

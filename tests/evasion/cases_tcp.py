# SPDX-License-Identifier: BSD-3-Clause
"""cases_tcp: the client's bytes cut, shuffled, repeated, contradicted, and decoys among them."""
import random
from itertools import permutations

from flows import DECOY, Case, cut, every, hello, query, request
from wire import ACK, FIN, PSH, RST, SYN, URG

STREAMS = {
    "tls curl": ("tls", lambda name: hello(name)),
    "tls openssl": ("tls", lambda name: hello(name, "openssl")),
    "tls chromium": ("tls", lambda name: hello(name, "chromium")),
    "http curl": ("http", lambda name: request(name)),
    "http chromium": ("http", lambda name: request(name, "chromium")),
    "dns tcp": ("dns", lambda name: len(query(name)).to_bytes(2, "big") + query(name)),
}


def simple(title, proto, stream, order, **more):
    """A case whose flows are connections that send pieces: order(stream, random) gives lists of them."""
    def build(new, name):
        for pieces in order(stream(name)):
            data_end = max(off + len(d) for off, d in pieces)
            new(proto).open().send(pieces).server(data_end)
    return Case(title, build, **more)


def shuffled(rounds, size):
    """Pieces in some order, every third of them twice."""
    def order(data):
        for seed in range(rounds):
            pieces = every(data, max(size, len(data) // 20))
            pieces += pieces[::3]
            random.Random(seed).shuffle(pieces)
            yield pieces
    return order


def overlapping(data):
    """Every piece begins with the end of the one before, and once comes whole again."""
    for size in (3, 40, 200):
        pieces = [(off - back, data[off - back:off + len(d)])
                  for off, d in every(data, size) for back in [min(off, size // 2 + 1)]]
        yield pieces
        yield pieces[:2] + [(0, data[:size])] + pieces[2:]
        yield pieces[::-1] if len(pieces) < 30 else pieces


ORDERS = {
    "whole": lambda data: [[(0, data)]],
    "split at every point": lambda data: (cut(data, at) for at in range(1, len(data))),
    "split at every seventh point, halves swapped": lambda data: (cut(data, at)[::-1] for at in range(1, len(data), 7)),
    "one byte a segment": lambda data: [every(data, 1)],
    "one byte a segment, last first": lambda data: [every(data, 1)[::-1]],
    "three pieces, every order": lambda data: permutations(cut(data, len(data) // 3, 2 * len(data) // 3)),
    "shuffled with duplicates": shuffled(20, 8),
    "overlapping, same content": overlapping,
    "all but the last byte, then all again": lambda data: [[(0, data[:-1]), (0, data)]],
    "everything twice": lambda data: [[(0, data), (0, data)]],
}


def basic():
    for label, (proto, stream) in STREAMS.items():
        for title, order in ORDERS.items():
            yield simple(f"{label}: {title}", proto, stream, order)


def dense(new, name):
    """More holes than anyone keeps: the client has to send again, and does."""
    pieces = every(hello(name), 2)
    f = new("tls").open()
    random.Random(1).shuffle(pieces)
    f.send(pieces).send(pieces).send(every(hello(name), 100))


def where(data, name):
    return data.index(name.encode())


def conflicts():
    """Two contents for the same bytes."""
    def rows(real, fake, at):
        n = len(real)
        mid = at + 5
        yield "decoy first", [(0, fake[:n - 9]), (0, real)]
        yield "decoy last, whole", [(0, real[:n - 9]), (0, fake[:n - 9]), (n - 9, real[n - 9:])]
        yield "decoy first, name's middle", [(0, real[:mid]), (mid, fake[mid:n - 3]), (mid, real[mid:])]
        yield "decoy first, held behind a hole", [(mid, fake[mid:]), (mid, real[mid:]), (0, real[:mid])]
        yield "decoy last, held behind a hole", [(mid, real[mid:]), (mid, fake[mid:]), (0, real[:mid])]
        yield "decoy's tail under a longer segment", [(mid, fake[mid:mid + 8]), (mid - 3, real[mid - 3:]),
                                                      (0, real[:mid - 3])]
        yield "decoy's head over a shorter one", [(mid - 3, fake[mid - 3:mid + 20]), (mid, real[mid:]), (0, real[:mid])]
        bytewise = [((o, fake[o:o + 1]), (o, d)) for o, d in every(real, 1)]
        yield "a byte at a time, decoy before each", [p for pair in bytewise for p in pair]
        yield "a byte at a time, decoy behind each", [p for pair in bytewise for p in pair[::-1]]
        yield "decoy twice, then twice the name", [(0, fake[:n - 2])] * 2 + [(0, real)] * 2

    for label in ("tls curl", "tls chromium", "http curl"):
        proto, stream = STREAMS[label]
        titles = [title for title, _ in rows(stream("www.blocked.test"), stream(DECOY), 50)]
        for title in titles:
            def build(new, name, title=title, stream=stream, proto=proto):
                real, fake = stream(name), stream(DECOY)
                pieces = dict(rows(real, fake, where(real, name)))[title]
                new(proto).open().send(pieces)
            # Where the decoy's bytes stand and the name's were dropped, the client has to send again.
            hit = None if title.startswith(("a byte", "decoy's", "decoy first, held")) else True
            yield Case(f"{label}: two contents: {title}", build, hit=hit, whole=False)


# What makes a segment one that (some) receivers do not take.
DECOYS = {
    "bad checksum": dict(bad_checksum=True),
    "ttl 1": dict(ttl=1),
    "ttl 4": dict(ttl=4),
    "bad ack": dict(ack=12345),
    "no ack flag": dict(flags=PSH),
    "no flags": dict(flags=0),
    "md5 option": dict(options=b"\x13\x12" + bytes(16)),
    "old timestamp": dict(options=b"\1\1\x08\x0a\0\0\0\1\0\0\0\1"),
    "syn flag": dict(flags=SYN | ACK),
    "fin flag": dict(flags=FIN | ACK),
    "rst flag, with data": dict(flags=RST | ACK),
}


def decoys():
    """A segment of harmless content stands before, or within, the real ones."""
    for kind, how in DECOYS.items():
        for place in ("before", "within", "as second half", "behind the first half"):
            def build(new, name, how=how, place=place):
                for label in ("tls curl", "http curl"):
                    proto, stream = STREAMS[label]
                    real, fake = stream(name), stream(DECOY)
                    mid = where(real, name) + 5
                    f = new(proto).open()
                    if place == "before":
                        f.client(0, fake, **how)
                    elif place == "within":
                        f.client(mid, fake[mid:mid + 6], **how)
                    first, second = cut(real, mid)
                    f.client(*first)
                    if place == "as second half":
                        f.client(mid, fake[mid:], **how)
                    elif place == "behind the first half":
                        f.client(0, fake[:mid], **how)
                    f.client(*second)
            # After a decoy of everything, both halves of the truth contradict it and are dropped.
            bad = kind == "bad checksum"
            yield Case(f"decoy: {kind}, {place}", build, hit=None if place == "before" and not bad else True, whole=bad)


def resets():
    """Connection ends that the server never sees, or ignores."""
    ends = {
        "rst": dict(flags=RST),
        "rst, ttl 2": dict(flags=RST, ttl=2),
        "rst, bad checksum": dict(flags=RST, bad_checksum=True),
        "rst+ack": dict(flags=RST | ACK),
        "fin, ttl 2": dict(flags=FIN | ACK, ttl=2),
        "fin": dict(flags=FIN | ACK),
        "fin, bad checksum": dict(flags=FIN | ACK, bad_checksum=True),
        "fin+rst": dict(flags=FIN | RST | ACK),
    }
    for kind, how in ends.items():
        for shift in (0, 1000, -1000):
            def build(new, name, how=how, shift=shift):
                for label in ("tls curl", "http curl"):
                    proto, stream = STREAMS[label]
                    data = stream(name)
                    mid = where(data, name) + 5
                    before = new(proto).open()
                    before.client(shift, **how)
                    before.send(cut(data, mid))
                    between = new(proto).open()
                    between.client(0, data[:mid])
                    between.client(mid + shift, **how)
                    between.client(mid, data[mid:])
            place = "in place" if not shift else "ahead" if shift > 0 else "behind"
            yield Case(f"end: {kind}, {place}", build)

    def server_rst(new, name):
        data = hello(name)
        f = new("tls").open()
        f.client(0, data[:100])
        f.server(100, flags=RST | ACK)
        f.client(100, data[100:])
    yield Case("end: rst that seems the server's", server_rst)


def openings():
    def resent(shift, before, after, reply):
        def build(new, name):
            data = hello(name)
            f = new("tls")
            if before:
                f.client(-1 + shift, flags=SYN, ack=0)
            f.syn()
            if reply:
                f.syn_ack()
                f.client(0, flags=ACK)
            if after:
                f.client(-1 + shift, flags=SYN, ack=0)
            f.send(cut(data, where(data, name) + 3))
        return build
    for shift in (1, 1000, -1000, 1 << 31):
        for title, before, after in (("before", 1, 0), ("after", 0, 1), ("before and after", 1, 1)):
            for reply in (True, False):
                yield Case(f"syn with another number ({shift:+d}), {title}, {'both sides' if reply else 'one side'}",
                           resent(shift, before, after, reply))

    def fast_open(split, again):
        def build(new, name):
            for proto, data in (("tls", hello(name)), ("http", request(name))):
                f = new(proto)
                f.syn(data[:split])
                f.syn_ack()
                f.send([(0, data)] if again else cut(data, split)[1 if split < len(data) else 2:])
        return build
    for split in (1, 40, 2000):
        yield Case(f"data on syn: {split} bytes", fast_open(split, False))
        yield Case(f"data on syn: {split} bytes, sent again", fast_open(split, True))

    def syn_decoy(new, name):
        """Data on the SYN that a server without fast open does not take."""
        f = new("tls")
        f.syn(hello(DECOY))
        f.syn_ack()
        f.send(cut(hello(name), 200))
    yield Case("data on syn: decoy", syn_decoy, whole=False)

    def reopened(first, second):
        """The client's port is used again; `second` must get through where it is harmless."""
        def build(new, name):
            for proto, stream in (("tls", hello), ("http", request)):
                f = new(proto).open()
                data = stream(first or name)
                f.send([(0, data)]).server(len(data))
                f.client(len(data), flags=FIN | ACK)
                f.server(len(data) + 1, flags=FIN | ACK)
                f.isn = (f.isn + 0x12345678) & 0xFFFFFFFF
                f.server_isn = (f.server_isn + 0x3456789) & 0xFFFFFFFF
                before = len(f.frames)
                f.open().send(cut(stream(second or name), 100))
                f.must_leave = f.frames[before:] if second else []
        return build
    yield Case("port used again: harmless, then the name", reopened(DECOY, None))
    yield Case("port used again: the name, then harmless", reopened(None, DECOY))

    def probes(new, name):
        """Keep-alive probes and segments far outside the window."""
        for proto, data in (("tls", hello(name)), ("http", request(name))):
            f = new(proto).open()
            for at, piece in every(data, 60):
                f.client(at - 1, b"\0")
                f.client(at, piece)
                f.client(at + 0x40000000, b"far away")
    yield Case("keep-alive probes and far segments between", probes, whole=False)

    def midstream(pieces):
        def build(new, name):
            for proto, data in (("tls", hello(name)), ("tls", hello(name, "chromium")), ("http", request(name))):
                new(proto).send(pieces(data))
        return build
    yield Case("no syn: whole", midstream(lambda d: [(0, d)]))
    yield Case("no syn: split", midstream(lambda d: cut(d, len(d) // 2)))
    yield Case("no syn: 16 bytes a segment", midstream(lambda d: every(d, 16)))
    yield Case("no syn: head twice", midstream(lambda d: [(0, d[:50]), (0, d[:50]), (50, d[50:])]))

    def one_sided(server):
        def build(new, name):
            for proto, data in (("tls", hello(name)), ("tls", hello(name, "chromium")), ("http", request(name))):
                f = new(proto)
                f.syn()
                if not server:
                    f.client(0, flags=ACK)
                f.send(cut(data, len(data) // 3, len(data) // 2))
        return build
    yield Case("client's side only", one_sided(False))
    yield Case("client's side only, without its ack", one_sided(True))

    def wrap(back):
        def build(new, name):
            for proto, data in (("tls", hello(name)), ("http", request(name))):
                new(proto, isn=(1 << 32) - 1 - back).open().send(cut(data, len(data) // 3, 2 * len(data) // 3))
                new(proto, isn=(1 << 32) - 1 - back).open().send(cut(data, len(data) // 2)[::-1])
        return build
    for back in (0, 1, 2, 3, 4, 5, 40, 60, 80, 100, 200, 400):
        yield Case(f"sequence numbers wrap at {back}", wrap(back))


def urgent():
    def build(at_shift, inline):
        def inner(new, name):
            for proto, data in (("tls", hello(name)), ("http", request(name))):
                at = where(data, name) + at_shift
                # A byte that a server which takes urgent data apart does not see; or one that it misses.
                sent = data if inline else data[:at] + b"Z" + data[at:]
                for pointer in (0, 1):
                    f = new(proto).open()
                    f.client(0, sent[:at], flags=ACK)
                    f.client(at, sent[at:at + 1], flags=ACK | PSH | URG, urgent=pointer)
                    f.client(at + 1, sent[at + 1:])
                    g = new(proto).open()
                    g.client(0, sent, flags=ACK | PSH | URG, urgent=at + pointer)
        return inner
    for shift in (-3, 0, 4, 15):
        yield Case(f"urgent byte within, {shift:+d} of the name", build(shift, False))
        yield Case(f"urgent flag on a byte of it, {shift:+d} of the name", build(shift, True))


def all_cases():
    yield from basic()
    yield Case("tls curl: two bytes a segment, shuffled, then again", dense, hit=True, whole=False)
    yield from conflicts()
    yield from decoys()
    yield from resets()
    yield from openings()
    yield from urgent()

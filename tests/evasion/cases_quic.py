# SPDX-License-Identifier: BSD-3-Clause
"""cases_quic: a ClientHello in QUIC Initials: cut, shuffled, repeated, coalesced, in every version; quic_seal seals."""
import subprocess

from flows import DECOY, Case, cut, every, hello
from wire import ENCAPSULATIONS, fragments, ip, udp

V1, V2, DRAFT29 = 1, 0x6B3343CF, 0xFF00001D
PING, PADDING = b"\1", b"\0"
ACK = b"\2\0\0\0\0"


class Sealer:
    def __init__(self, program):
        self.run = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def seal(self, *fields):
        words = [(f.hex() or "-") if isinstance(f, bytes) else str(f) for f in fields]
        self.run.stdin.write(" ".join(words) + "\n")
        self.run.stdin.flush()
        return bytes.fromhex(self.run.stdout.readline().strip())


def varint(v):
    return v.to_bytes(1, "big") if v < 64 else (0x4000 | v).to_bytes(2, "big")


def crypto(off, data):
    return b"\6" + varint(off) + varint(len(data)) + data


def message(name, client):
    return hello(name, client)[5:]


class Connection:
    """What a flow's client sends; remembers which datagrams carry which bytes of the hello."""

    def __init__(self, sealer, flow, version=V1, cid=8, scid=b"", token=b""):
        self.sealer, self.flow, self.version = sealer, flow, version
        self.key = self.dcid = flow.random.randbytes(cid)
        self.scid, self.token, self.pn = scid, token, 0
        flow.carried = flow.carried if hasattr(flow, "carried") else []
        flow.incomplete = lambda sent: not _covered(flow, sent)

    def initial(self, frames, size=0, side="c"):
        dcid, scid = (self.dcid, self.scid) if side == "c" else (self.scid, self.dcid)
        packet = self.sealer.seal(f"{self.version:x}", self.key, dcid, scid, self.token if side == "c" else b"", side,
                                  self.pn, size, frames)
        self.pn += 1
        return packet

    def datagram(self, pieces, between=b"", size=1200, behind=b""):
        """One Initial with these (offset, bytes) of the hello; `behind` is coalesced to it."""
        frames = between.join(crypto(*p) for p in pieces)
        self.put(self.initial(frames, size - len(behind)) + behind, pieces)

    def put(self, data, pieces=()):
        self.flow.datagram(data)
        self.flow.carried.append((self.flow.frames[-1], list(pieces)))

    def answer(self, frames=ACK):
        """The server's Initial; from it on the client uses the server's connection id."""
        server = self.flow.random.randbytes(8)
        packet = self.sealer.seal(f"{self.version:x}", self.key, self.scid, server, b"", "s", 0, 0, frames)
        self.flow.datagram(packet, True)
        self.dcid = server

    def again(self):
        """The last datagram a second time."""
        self.flow.frames.append(self.flow.frames[-1])


def _covered(flow, sent):
    """Whether the datagrams that left hold the hello up to the end of its name."""
    have = set()
    for frame, pieces in flow.carried:
        if frame in sent:
            for off, data in pieces:
                have.update(range(off, min(off + len(data), flow.hello_len)))
    return len(have) >= flow.hello_len


def handshake_packet(length=100, kind=0xE0):
    return bytes([kind]) + b"\0\0\0\1\0\0" + varint(length) + bytes(length)


def packed(pieces, room=1000):
    """Pieces into datagrams, in their order."""
    out, left = [[]], room
    for off, data in pieces:
        if len(data) + 6 > left:
            out.append([])
            left = room
        out[-1].append((off, data))
        left -= len(data) + 6
    return out


# title: how a connection sends the hello
WAYS = {}


def way(title, **more):
    def register(function):
        WAYS[title] = function, more
        return function
    return register


@way("in order")
def _(c, data):
    for pieces in packed(every(data, 900)):
        c.datagram(pieces)


@way("datagrams swapped")
def _(c, data):
    for pieces in packed(every(data, 900))[::-1]:
        c.datagram(pieces)


@way("every datagram twice")
def _(c, data):
    for pieces in packed(every(data, 900)):
        c.datagram(pieces)
        c.again()


@way("datagrams swapped, every one twice")
def _(c, data):
    for pieces in packed(every(data, 400), 500)[::-1]:
        c.datagram(pieces)
        c.again()


@way("cut, shuffled, pings and padding between")
def _(c, data):
    pieces = every(data, 70)
    c.flow.random.shuffle(pieces)
    for group in packed(pieces, 700):
        c.datagram(group, between=PING + PADDING * 3)


@way("a byte a frame")
def _(c, data):
    for group in packed(every(data, 1)):
        c.datagram(group)


@way("a byte a frame, last first")
def _(c, data):
    for group in packed(every(data, 1)[::-1]):
        c.datagram(group)


@way("overlapping frames, same content")
def _(c, data):
    pieces = [(max(0, off - 30), data[max(0, off - 30):off + 90]) for off in range(0, len(data), 60)]
    for group in packed(pieces):
        c.datagram(group)


@way("name cut at every place")
def _(c, data):
    at = data.index(b".test") - 11
    c.datagram(cut(data[:at], 20))
    c.datagram([(at + i, data[at + i:at + i + 1]) for i in range(16)])
    rest = data[at + 16:]
    for off, piece in every(rest, 900):
        c.datagram([(at + 16 + off, piece)])


@way("two Initials in a datagram")
def _(c, data):
    groups = packed(every(data, 300), 600)
    packets = [c.initial(b"".join(crypto(*p) for p in g)) for g in groups]
    for i in range(0, len(packets), 2):
        c.put(b"".join(packets[i:i + 2]).ljust(1200, b"\0"), [p for g in groups[i:i + 2] for p in g])


@way("behind a Handshake packet in the datagram")
def _(c, data):
    for group in packed(every(data, 700), 800):
        c.put(handshake_packet() + c.initial(b"".join(crypto(*p) for p in group), 1100), group)


@way("before a 0-RTT packet and garbage in the datagram")
def _(c, data):
    for group in packed(every(data, 700), 800):
        c.datagram(group, behind=handshake_packet(150, 0xD0) + b"\x40garbage")


@way("the server answers between")
def _(c, data):
    groups = packed(every(data, 300), 400)
    c.datagram(groups[0])
    c.answer()
    for group in groups[1:]:
        c.datagram(group)


@way("undecipherable Initial before")
def _(c, data):
    wrong = bytearray(c.initial(crypto(0, data[:300]), 1200))
    wrong[-1] ^= 1
    c.put(bytes(wrong))
    for group in packed(every(data, 900)):
        c.datagram(group)


@way("another connection's hello before")
def _(c, data):
    other = Connection(c.sealer, c.flow)
    harmless = message(DECOY, "curl")
    other.put(other.initial(crypto(0, harmless), 1200))
    for group in packed(every(data, 900)):
        c.datagram(group)


@way("another connection's half hello before")
def _(c, data):
    other = Connection(c.sealer, c.flow)
    other.put(other.initial(crypto(0, message(DECOY, "chromium")[:900]), 1200))
    for group in packed(every(data, 900)):
        c.datagram(group)


@way("behind a Retry")
def _(c, data):
    c.datagram([(0, data[:200])])
    scid = c.flow.random.randbytes(8)
    c.flow.datagram(b"\xf0" + c.version.to_bytes(4, "big") + b"\0\x08" + scid + b"token" + bytes(16), True)
    c.key = c.dcid = scid
    c.token = b"token"
    for group in packed(every(data, 900)):
        c.datagram(group)


@way("behind a version negotiation")
def _(c, data):
    c.put(b"\xc0\x1a\x2a\x3a\x4a\x08" + c.dcid + b"\0" + bytes(1180))
    c.flow.datagram(b"\x80\0\0\0\0\0\x08" + c.dcid + b"\0\0\0\1", True)
    for group in packed(every(data, 900)):
        c.datagram(group)


@way("no datagram of full size", hit=None)
def _(c, data):
    for group in packed(every(data, 200), 300):
        c.datagram(group, size=0)


def _conflict(decoy_first):
    def send(c, data):
        fake = data.replace(b"www.blocked.test", DECOY.encode()).replace(b"www.allowed.test", DECOY.encode())
        at = data.index(b".test") - 11
        c.datagram([(0, data[:at])])
        halves = [[(at, fake[at:at + 16])], [(at, data[at:at + 16])]]
        for i, group in enumerate(halves if decoy_first else halves[::-1]):
            real = group[0][1] == data[at:at + 16]
            c.put(c.initial(b"".join(crypto(*p) for p in group), 1200), group if real else ())
        for off, piece in every(data[at + 16:], 900):
            c.datagram([(at + 16 + off, piece)])
    return send


WAYS["two contents, decoy first"] = _conflict(True), dict(hit=None, whole=False)
WAYS["two contents, decoy last"] = _conflict(False), dict(whole=False)

FORMS = {
    "version 2": dict(version=V2),
    "draft 29": dict(version=DRAFT29),
    "a token": dict(token=b"t" * 70),
    "ids of 20 bytes": dict(cid=20, scid=bytes(range(20))),
    "an id of 18 bytes": dict(cid=18),
}


def all_cases(program):
    sealer = Sealer(program)

    def start(new, name, client="curl", v6=False, form=None, **more):
        f = new("quic", v6=v6, **more)
        data = message(name, client)
        f.hello_len = data.index(name.encode()) + len(name)
        return Connection(sealer, f, **(form or {})), data

    for title, (send, more) in WAYS.items():
        def build(new, name, send=send):
            for client in ("curl", "chromium"):
                for v6 in (False, True):
                    send(*start(new, name, client, v6))
        yield Case(f"quic: {title}", build, **more)
    for title, form in FORMS.items():
        def build(new, name, form=form):
            for way_title in ("in order", "datagrams swapped", "two Initials in a datagram", "behind a Retry"):
                WAYS[way_title][0](*start(new, name, "chromium", form=form))
        yield Case(f"quic: {title}", build)

    def port(new, name):
        c, data = start(new, name, "chromium")
        c.flow.dport = 50443
        WAYS["in order"][0](c, data)
    yield Case("quic: another port", port)

    def fragmented(new, name):
        c, data = start(new, name)
        packet = c.initial(crypto(0, data), 1200)
        f = c.flow
        f.incomplete = lambda sent: not all(x in sent for x in f.frames)
        whole = ip(f.src, f.dst, 17, udp(f.src, f.dst, f.sport, f.dport, packet))
        for piece in fragments(whole, 400)[::-1]:
            f.put(piece)
    yield Case("quic: in fragments", fragmented)

    for title in ("qinq", "mpls", "pppoe", "gre", "vxlan", "gtp-u", "ip-in-ip or 6in4"):
        def tunnelled(new, name, title=title):
            for v6 in (False, True):
                WAYS["datagrams swapped"][0](*start(new, name, "chromium", v6, wrap=ENCAPSULATIONS[title]))
        yield Case(f"quic: encapsulated, {title}", tunnelled)

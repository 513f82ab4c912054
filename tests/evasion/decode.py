# SPDX-License-Identifier: BSD-3-Clause
"""decode: find what a receiver gets: the innermost transport packet of a frame, fragments put together.

Written apart from the code under test, and from wire.py, so that it can judge both.
"""
import struct
from collections import defaultdict, namedtuple

from wire import checksum

# data: the transport payload; good: whether the checksum is right
Packet = namedtuple("Packet", "src dst proto sport dport seq ack flags urgent ttl good data")

_ETHERTYPES_IP = {0x0800, 0x86DD}
_EXTENSIONS = {0, 43, 60, 135}


class Decoder:
    """Frames in, packets out. Fragments: `overlap` "first" or "last" says which content of a byte a receiver takes."""

    def __init__(self, overlap="first"):
        self.overlap = overlap
        self.parts = defaultdict(dict)

    def frame(self, data):
        """The packets that this frame completes: none or one."""
        return self._ether(int.from_bytes(data[12:14], "big"), data[14:])

    def _ether(self, kind, data):
        while kind in (0x8100, 0x88A8, 0x9100):
            kind, data = int.from_bytes(data[2:4], "big"), data[4:]
        if kind in _ETHERTYPES_IP:
            return self._ip(data)
        if kind in (0x8847, 0x8848):
            while not data[2] & 1:
                data = data[4:]
            return self._mpls_payload(data[4:])
        if kind == 0x8864:
            return self._ip(data[8:])
        if kind == 0x6558:
            return self.frame(data)
        return []

    def _mpls_payload(self, data):
        if data[0] >> 4 in (4, 6):
            return self._ip(data)
        return self.frame(data[4:] if data[:4] == b"\0\0\0\0" else data)

    def _ip(self, data):
        if data[0] >> 4 == 4:
            n, total = (data[0] & 15) * 4, int.from_bytes(data[2:4], "big")
            piece, where = data[n:total], int.from_bytes(data[6:8], "big")
            key = (data[12:20], data[4:6], data[9])
            head = (data[12:16], data[16:20], data[8])
            if where & 0x3FFF:
                piece = self._fragment(key, (where & 0x1FFF) * 8, bool(where & 0x2000), piece)
            return self._transport(head, data[9], piece)
        proto, at, end = data[6], 40, 40 + int.from_bytes(data[4:6], "big")
        head = (data[8:24], data[24:40], data[7])
        data = data[:end]
        while proto in _EXTENSIONS:
            proto, at = data[at], at + 8 + 8 * data[at + 1]
        piece = data[at:]
        if proto == 44:
            word, ident = struct.unpack_from(">HI", piece, 2)
            key = (head[0], head[1], ident)
            proto, piece = piece[0], self._fragment(key, word & 0xFFF8, bool(word & 1), piece[8:])
        return self._transport(head, proto, piece)

    def _fragment(self, key, offset, more, data):
        got = self.parts[key]
        for i, byte in enumerate(data):
            if self.overlap == "last" or offset + i not in got:
                got[offset + i] = byte
        if not more:
            got["end"] = offset + len(data)
        end = got.get("end")
        if end is None or any(i not in got for i in range(end)):
            return None
        del self.parts[key]
        return bytes(got[i] for i in range(end))

    def _transport(self, head, proto, data):
        if data is None:
            return []
        src, dst, ttl = head
        if proto in (4, 41):
            return self._ip(data)
        if proto == 47:
            flags, kind = struct.unpack_from(">HH", data)
            skip = 4 + sum(4 for bit in (0x8000, 0x2000, 0x1000) if flags & bit)
            return self._ether(kind, data[skip:])
        good = checksum(src + dst + struct.pack(">II", len(data), proto) + data) == 0
        if proto == 17:
            sport, dport = struct.unpack_from(">HH", data)
            inner = self._tunnel(dport, data[8:])
            return inner or [Packet(src, dst, 17, sport, dport, 0, 0, 0, 0, ttl, good, data[8:])]
        if proto == 6:
            sport, dport, seq, ack, off, flags, _, _, urgent = struct.unpack_from(">HHIIBBHHH", data)
            return [Packet(src, dst, 6, sport, dport, seq, ack, flags, urgent, ttl, good, data[(off >> 4) * 4:])]
        return []

    def _tunnel(self, port, data):
        if port == 4789:
            return self.frame(data[8:])
        if port == 6081:
            return self._ether(int.from_bytes(data[2:4], "big"), data[8 + 4 * (data[0] & 63):])
        if port == 2152:
            at = 12 if data[0] & 7 else 8
            if data[0] & 4:
                following = data[11]
                while following:
                    n = 4 * data[at]
                    at, following = at + n, data[at + n - 1]
            return self._ip(data[at:])
        return None

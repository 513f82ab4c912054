# SPDX-License-Identifier: BSD-3-Clause
"""pcap: read and write captures, classic and pcapng, in both byte orders; whole files in memory."""
import struct
from collections import namedtuple

LINKTYPE_ETHERNET = 1
Frame = namedtuple("Frame", "ns link data comment")

_CLASSIC = {0xA1B2C3D4: 1000, 0xA1B23C4D: 1}
_SECTION, _INTERFACE, _SIMPLE, _ENHANCED = 0x0A0D0D0A, 1, 3, 6


def write_pcap(path, frames, nanoseconds=True, order="<"):
    """frames: (ns, bytes) pairs of Ethernet."""
    magic, unit = (0xA1B23C4D, 1) if nanoseconds else (0xA1B2C3D4, 1000)
    with open(path, "wb") as out:
        out.write(struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 262144, LINKTYPE_ETHERNET))
        for ns, data in frames:
            out.write(struct.pack(order + "IIII", ns // 10**9, ns % 10**9 // unit, len(data), len(data)) + data)


def _block(order, kind, body):
    body += b"\0" * (-len(body) % 4)
    return struct.pack(order + "II", kind, len(body) + 12) + body + struct.pack(order + "I", len(body) + 12)


def write_pcapng(path, frames, order="<"):
    with open(path, "wb") as out:
        out.write(_block(order, _SECTION, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1)))
        resolution = struct.pack(order + "HHB3xHH", 9, 1, 9, 0, 0)
        out.write(_block(order, _INTERFACE, struct.pack(order + "HHI", LINKTYPE_ETHERNET, 0, 0) + resolution))
        for ns, data in frames:
            head = struct.pack(order + "IIIII", 0, ns >> 32, ns & 0xFFFFFFFF, len(data), len(data))
            out.write(_block(order, _ENHANCED, head + data))


def read(path):
    """The frames of a capture of either kind; ValueError where it is neither, or damaged."""
    with open(path, "rb") as f:
        raw = f.read()
    for order in "<>":
        if len(raw) >= 24 and struct.unpack_from(order + "I", raw)[0] in _CLASSIC:
            return _read_classic(raw, order)
    if raw[:4] == b"\x0a\x0d\x0d\x0a":
        return _read_ng(raw)
    raise ValueError(f"{path}: neither pcap nor pcapng")


def _read_classic(raw, order):
    unit = _CLASSIC[struct.unpack_from(order + "I", raw)[0]]
    link = struct.unpack_from(order + "I", raw, 20)[0]
    frames, at = [], 24
    while at < len(raw):
        seconds, rest, kept, _ = struct.unpack_from(order + "IIII", raw, at)
        if at + 16 + kept > len(raw):
            raise ValueError(f"cut at byte {at}")
        frames.append(Frame(seconds * 10**9 + rest * unit, link, raw[at + 16:at + 16 + kept], ""))
        at += 16 + kept
    return frames


def _options(order, raw):
    at = 0
    while at + 4 <= len(raw):
        code, n = struct.unpack_from(order + "HH", raw, at)
        if code == 0:
            return
        yield code, raw[at + 4:at + 4 + n]
        at += 4 + n + -n % 4


def _per_second(order, options):
    for code, value in _options(order, options):
        if code == 9 and value:
            return 2 ** (value[0] & 0x7F) if value[0] & 0x80 else 10 ** value[0]
    return 10**6


def _read_ng(raw):
    frames, interfaces, at, order = [], [], 0, "<"
    while at < len(raw):
        if raw[at:at + 4] == b"\x0a\x0d\x0d\x0a":
            order = "<" if raw[at + 8:at + 12] == b"\x4d\x3c\x2b\x1a" else ">"
            interfaces = []
        kind, n = struct.unpack_from(order + "II", raw, at)
        if n < 12 or n % 4 or at + n > len(raw):
            raise ValueError(f"damaged block at byte {at}")
        body = raw[at + 8:at + n - 4]
        if kind == _INTERFACE:
            interfaces.append((struct.unpack_from(order + "H", body)[0], _per_second(order, body[8:])))
        elif kind == _ENHANCED:
            which, high, low, kept, _ = struct.unpack_from(order + "IIIII", body)
            link, rate = interfaces[which]
            comments = [v.decode() for c, v in _options(order, body[20 + kept + -kept % 4:]) if c == 1]
            ns = (high << 32 | low) * 10**9 // rate
            frames.append(Frame(ns, link, body[20:20 + kept], "; ".join(comments)))
        elif kind == _SIMPLE:
            kept = min(struct.unpack_from(order + "I", body)[0], len(body) - 4)
            frames.append(Frame(0, interfaces[0][0], body[4:4 + kept], ""))
        at += n
    return frames

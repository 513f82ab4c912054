# SPDX-License-Identifier: BSD-3-Clause
"""wire: build frames: TCP and UDP, IPv4 and IPv6, fragments, and encapsulations around them."""
import ipaddress
import itertools
import struct

FIN, SYN, RST, PSH, ACK, URG = 1, 2, 4, 8, 16, 32
_ids = itertools.count(1)


def checksum(data):
    """RFC 1071 over whole 16-bit words: 2^16 is 1 modulo 0xffff, so one remainder does it."""
    if len(data) % 2:
        data += b"\0"
    rest = int.from_bytes(data, "big") % 0xFFFF
    if rest == 0 and any(data):
        rest = 0xFFFF
    return 0xFFFF - rest


def address(text):
    return ipaddress.ip_address(text).packed


def ip(src, dst, proto, payload, ttl=60, ident=None, options=b"", extensions=(), fragment=0):
    """An IP packet; src and dst are packed. extensions: (type, body) rows of IPv6, outermost first."""
    if len(src) == 4:
        options += b"\0" * (-len(options) % 4)
        ident = next(_ids) & 0xFFFF if ident is None else ident
        head = struct.pack(">BBHHHBBH", 0x45 + len(options) // 4, 0, 20 + len(options) + len(payload), ident,
                           fragment, ttl, proto, 0) + src + dst + options
        return head[:10] + struct.pack(">H", checksum(head)) + head[12:] + payload
    for kind, body in reversed(extensions):
        body += b"\0" * (-(len(body) + 2) % 8)
        payload = bytes([proto, (len(body) + 2) // 8 - 1]) + body + payload
        proto = kind
    return struct.pack(">IHBB", 0x60000000, len(payload), proto, ttl) + src + dst + payload


def _l4(src, dst, proto, head, at, payload, bad):
    pseudo = src + dst + struct.pack(">II", len(head) + len(payload), proto)
    value = checksum(pseudo + head + payload)
    if bad:
        value ^= 0x5555
    elif proto == 17 and value == 0:
        value = 0xFFFF
    return head[:at] + struct.pack(">H", value) + head[at + 2:] + payload


def tcp(src, dst, sport, dport, seq, ack, flags, payload=b"", urgent=0, options=b"", bad_checksum=False):
    options += b"\1" * (-len(options) % 4)
    head = struct.pack(">HHIIBBHHH", sport, dport, seq & 0xFFFFFFFF, ack & 0xFFFFFFFF,
                       (5 + len(options) // 4) << 4, flags, 64240, 0, urgent) + options
    return _l4(src, dst, 6, head, 16, payload, bad_checksum)


def udp(src, dst, sport, dport, payload):
    return _l4(src, dst, 17, struct.pack(">HHHH", sport, dport, 8 + len(payload), 0), 6, payload, False)


def fragments(packet, size, ident=None):
    """The pieces of an IP packet, `size` bytes each (a multiple of 8), in order."""
    v4 = packet[0] >> 4 == 4
    ident = next(_ids) if ident is None else ident
    head, body = (packet[:20], packet[20:]) if v4 else (packet[:40], packet[40:])
    cuts = list(range(0, len(body), size))
    return [fragment(head, body[at:at + size], at, at != cuts[-1], ident) for at in cuts]


def fragment(head, data, offset, more, ident):
    """One fragment: `head` is the header of the whole packet."""
    if head[0] >> 4 == 4:
        return ip(head[12:16], head[16:20], head[9], data, head[8], ident & 0xFFFF,
                  fragment=(0x2000 if more else 0) | offset // 8)
    body = struct.pack(">BBHI", head[6], 0, offset | more, ident)
    return ip(head[8:24], head[24:40], 44, body + data, head[7])


MACS = bytes.fromhex("020000000002020000000001")


def ethernet(packet, ethertype=None, macs=MACS):
    if ethertype is None:
        ethertype = 0x0800 if packet[0] >> 4 == 4 else 0x86DD
    return macs + struct.pack(">H", ethertype) + packet


def _ethertype(packet):
    return 0x0800 if packet[0] >> 4 == 4 else 0x86DD


def _tagged(packet, *tpids):
    """VLAN tags, outermost first."""
    kind, body = _ethertype(packet), packet
    for i, tpid in enumerate(reversed(tpids)):
        body, kind = struct.pack(">HH", 100 + i, kind) + body, tpid
    return ethernet(body, kind)


def _mpls(packet, labels):
    stack = b"".join(struct.pack(">I", (16 + i) << 12 | (i == labels - 1) << 8 | 64) for i in range(labels))
    return stack + packet


def _pppoe(packet):
    proto = 0x0021 if packet[0] >> 4 == 4 else 0x0057
    return struct.pack(">BBHHH", 0x11, 0, 7, len(packet) + 2, proto) + packet


T4 = address("192.0.2.201"), address("192.0.2.202")
T6 = address("2001:db8:ffff::1"), address("2001:db8:ffff::2")


def _in_ip(proto, inner, ends=T4):
    return ethernet(ip(*ends, proto, inner))


def _in_udp(port, inner, ends=T4):
    return ethernet(ip(*ends, 17, udp(*ends, 49152, port, inner)))


def _gre(packet, flags=0, extra=b"", kind=None):
    return struct.pack(">HH", flags, kind or _ethertype(packet)) + extra + packet


_INNER_MACS = bytes.fromhex("02000000000a02000000000b")


def _geneve(packet, options=b""):
    return struct.pack(">BBHI", len(options) // 4, 0, 0x6558, 7 << 8) + options + ethernet(packet, None, _INNER_MACS)


def _gtpu(packet, flags=0x30, extra=b""):
    return struct.pack(">BBHI", flags, 0xFF, len(extra) + len(packet), 77) + extra + packet


def _proto_of(packet):
    return 4 if packet[0] >> 4 == 4 else 41


# name: IP packet -> frame
ENCAPSULATIONS = {
    "vlan": lambda p: _tagged(p, 0x8100),
    "qinq": lambda p: _tagged(p, 0x88A8, 0x8100),
    "qinq 0x9100": lambda p: _tagged(p, 0x9100, 0x8100),
    "three vlans": lambda p: _tagged(p, 0x88A8, 0x8100, 0x8100),
    "mpls": lambda p: ethernet(_mpls(p, 1), 0x8847),
    "mpls, four labels": lambda p: ethernet(_mpls(p, 4), 0x8847),
    "vlan, mpls": lambda p: ethernet(struct.pack(">HH", 5, 0x8847) + _mpls(p, 2), 0x8100),
    "mpls, ethernet": lambda p: ethernet(_mpls(ethernet(p, None, _INNER_MACS), 1), 0x8847),
    "mpls, control word, ethernet": lambda p: ethernet(_mpls(b"\0\0\0\0" + ethernet(p, None, _INNER_MACS), 1), 0x8847),
    "pppoe": lambda p: ethernet(_pppoe(p), 0x8864),
    "vlan, pppoe": lambda p: ethernet(struct.pack(">HH", 5, 0x8864) + _pppoe(p), 0x8100),
    "ip-in-ip or 6in4": lambda p: _in_ip(_proto_of(p), p),
    "in ipv6": lambda p: _in_ip(_proto_of(p), p, T6),
    "gre": lambda p: _in_ip(47, _gre(p)),
    "gre, checksum, key, sequence": lambda p: _in_ip(47, _gre(p, 0xB000, bytes(4) + b"\0\0\0\7" + b"\0\0\0\1")),
    "gre in ipv6": lambda p: _in_ip(47, _gre(p), T6),
    "gre, ethernet": lambda p: _in_ip(47, _gre(ethernet(p, None, _INNER_MACS), kind=0x6558)),
    "gre, mpls": lambda p: _in_ip(47, _gre(_mpls(p, 1), kind=0x8847)),
    "vxlan": lambda p: _in_udp(4789, b"\x08\0\0\0\0\0\x2a\0" + ethernet(p, None, _INNER_MACS)),
    "vxlan, vlan": lambda p: _in_udp(4789, b"\x08\0\0\0\0\0\x2a\0" + _tagged(p, 0x8100)),
    "vxlan in ipv6": lambda p: _in_udp(4789, b"\x08\0\0\0\0\0\x2a\0" + ethernet(p, None, _INNER_MACS), T6),
    "geneve": lambda p: _in_udp(6081, _geneve(p)),
    "geneve, options": lambda p: _in_udp(6081, _geneve(p, b"\0\1\2\1abcd")),
    "gtp-u": lambda p: _in_udp(2152, _gtpu(p)),
    "gtp-u, sequence": lambda p: _in_udp(2152, _gtpu(p, 0x32, b"\0\1\0\0")),
    "gtp-u, extension": lambda p: _in_udp(2152, _gtpu(p, 0x34, b"\0\1\0\x85\1\x10\7\0")),
    "ip-in-ip twice": lambda p: _in_ip(4, ip(*T4, _proto_of(p), p)),
    "vlan, gre, vlan": lambda p: _tagged(_in_ip(47, _gre(_tagged(p, 0x8100), kind=0x6558))[14:], 0x8100),
    "padding behind the packet": lambda p: ethernet(p) + b"GET / HTTP/1.1\r\nHost: pad.example\r\n\r\n",
    "ipv4 options": lambda p: _with_options(p),
    "ipv6 extensions": lambda p: _with_extensions(p),
}


def _with_options(packet):
    if packet[0] >> 4 != 4:
        return _with_extensions(packet)
    return ethernet(ip(packet[12:16], packet[16:20], packet[9], packet[20:], options=b"\x94\x04\0\0\1\1\1\1"))


def _with_extensions(packet):
    if packet[0] >> 4 == 4:
        return _with_options(packet)
    rows = [(0, b"\x05\x02\0\0\1\0"), (43, b"\0\0\0\0\0\0"), (60, b"\1\x0c" + bytes(12))]
    return ethernet(ip(packet[8:24], packet[24:40], packet[6], packet[40:], extensions=rows))

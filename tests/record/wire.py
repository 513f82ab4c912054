#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""wire.py HOW: carry frames between w0 and w1, as HOW (vlan, qinq, mpls or pppoe) between t0 and t1 in the middle.

    w0 <- plain -> [ wire.py ] <- as HOW -> t0 ===== t1 <- as HOW -> [ wire.py ] <- plain -> w1
"""
import socket
import struct
import sys
import threading

ETH_P_ALL = 3
IPV4, IPV6 = b"\x08\x00", b"\x86\xdd"
PPP = {IPV4: b"\x00\x21", IPV6: b"\x00\x57"}


def mpls(kind, payload):
    return b"\x88\x47" + b"\x00\x01\x01\x40" + payload if kind in PPP else kind + payload


def pppoe(kind, payload):
    if kind not in PPP:
        return kind + payload
    return b"\x88\x64\x11\x00" + struct.pack(">HH", 7, len(payload) + 2) + PPP[kind] + payload


HOW = {
    "vlan": lambda kind, payload: b"\x81\x00\x00\x07" + kind + payload,
    "qinq": lambda kind, payload: b"\x88\xa8\x00\x64\x81\x00\x00\x07" + kind + payload,
    "mpls": mpls,
    "pppoe": pppoe,
}


def plain(rest):
    """Ether type and payload without what HOW put in front; the kernel takes the outer tag off by itself."""
    while rest[:2] in (b"\x81\x00", b"\x88\xa8"):
        rest = rest[4:]
    if rest[:2] == b"\x88\x47":
        return (IPV4 if rest[6] >> 4 == 4 else IPV6) + rest[6:]
    if rest[:2] == b"\x88\x64":
        length = struct.unpack(">H", rest[6:8])[0]
        return (IPV4 if rest[8:10] == PPP[IPV4] else IPV6) + rest[10:8 + length]
    return rest


def open_port(name):
    port = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    port.bind((name, ETH_P_ALL))
    return port


def carry(source, sink, change):
    while True:
        frame, address = source.recvfrom(65536)
        if address[2] != socket.PACKET_OUTGOING:
            sink.send(frame[:12] + change(frame[12:]))


def main():
    how = HOW[sys.argv[1]]
    ports = {name: open_port(name) for name in ("w0", "t0", "t1", "w1")}
    for outer, inner in (("w0", "t0"), ("w1", "t1")):
        for source, sink, change in ((outer, inner, lambda rest: how(rest[:2], rest[2:])), (inner, outer, plain)):
            threading.Thread(target=carry, args=(ports[source], ports[sink], change)).start()


if __name__ == "__main__":
    main()

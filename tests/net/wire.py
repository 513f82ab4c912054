#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""wire.py HOW PLAIN:LINK...: carry frames between the devices PLAIN and LINK, on LINK as HOW (vlan, qinq, mpls or pppoe).

    PLAIN <- plain -> [ wire.py ] <- as HOW -> LINK

On a LINK with vlan or qinq only frames with a tag are taken, so that it may also carry other traffic.
"""
import socket
import struct
import sys
import threading

ETH_P_ALL = 3
SOL_PACKET, PACKET_AUXDATA, TP_STATUS_VLAN_VALID = 263, 8, 1 << 4  # <linux/if_packet.h>
TAGS = (b"\x81\x00", b"\x88\xa8")
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
    """Ether type and payload without what HOW put in front."""
    while rest[:2] in TAGS:
        rest = rest[4:]
    if rest[:2] == b"\x88\x47":
        return (IPV4 if rest[6] >> 4 == 4 else IPV6) + rest[6:]
    if rest[:2] == b"\x88\x64":
        length = struct.unpack(">H", rest[6:8])[0]
        return (IPV4 if rest[8:10] == PPP[IPV4] else IPV6) + rest[10:8 + length]
    return rest


def open_port(name):
    port = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    port.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
    port.bind((name, ETH_P_ALL))
    return port


def receive(port):
    """A frame that came in, with the outer tag that the kernel takes off; None for one that goes out."""
    frame, control, _, address = port.recvmsg(65536, 64)
    if address[2] == socket.PACKET_OUTGOING:
        return None
    for _, _, data in control:
        status, _, _, _, _, tci, tpid = struct.unpack("IIIHHHH", data[:20])
        if status & TP_STATUS_VLAN_VALID:
            frame = frame[:12] + struct.pack(">HH", tpid or 0x8100, tci) + frame[12:]
    return frame


def carry(source, sink, change, takes=lambda rest: True):
    while True:
        frame = receive(source)
        if frame and takes(frame[12:]):
            sink.send(frame[:12] + change(frame[12:]))


def main():
    how = HOW[sys.argv[1]]
    tagged = how(IPV4, b"")[:2] in TAGS
    for pair in sys.argv[2:]:
        outer, inner = map(open_port, pair.split(":"))
        for way in ((outer, inner, lambda rest: how(rest[:2], rest[2:])),
                    (inner, outer, plain, lambda rest: not tagged or rest[:2] in TAGS)):
            threading.Thread(target=carry, args=way).start()


if __name__ == "__main__":
    main()

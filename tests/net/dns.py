#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""dns.py ADDRESS: 192.0.2.20 for an A query of any name under .test and .example, over UDP and TCP on port 53.

Other types have no data, and other names are refused.
"""
import socketserver
import struct
import sys

A = 1


def answer(query):
    ident, _, _ = struct.unpack(">HHH", query[:6])
    end = query.index(b"\0", 12) + 5  # behind the question: name, type, class
    qtype = struct.unpack(">H", query[end - 4:end - 2])[0]
    if not query[12:end - 4].endswith((b"\4test\0", b"\7example\0")):
        return struct.pack(">HHHHHH", ident, 0x8185, 1, 0, 0, 0) + query[12:end]
    records = b"\xc0\x0c" + struct.pack(">HHIH", A, 1, 60, 4) + bytes([192, 0, 2, 20]) if qtype == A else b""
    return struct.pack(">HHHHHH", ident, 0x8580, 1, bool(records), 0, 0) + query[12:end] + records


class Udp(socketserver.BaseRequestHandler):
    def handle(self):
        query, sock = self.request
        sock.sendto(answer(query), self.client_address)


class Tcp(socketserver.StreamRequestHandler):
    def handle(self):
        while length := self.rfile.read(2):
            reply = answer(self.rfile.read(struct.unpack(">H", length)[0]))
            self.wfile.write(struct.pack(">H", len(reply)) + reply)


class TcpServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


def main():
    import threading
    udp = socketserver.UDPServer((sys.argv[1], 53), Udp)
    threading.Thread(target=udp.serve_forever, daemon=True).start()
    TcpServer((sys.argv[1], 53), Tcp).serve_forever()


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: BSD-3-Clause
"""Clients that look for a way past the worker: through what the kernel forwards without asking it."""
import contextlib
import socket
import ssl
import struct
import threading
import time

import network

PORT = 8080
LARGE = 3 << 20  # of what the server sends: beyond what makes a flow an elephant
SETTLED = 0.6  # seconds until a large flow would be the kernel's
BYPASSED, INSIDE = (853, 854), (40853, 40854)  # the kernel forwards the first, of a server
SECRET = b"what is listed"


def reuse(sock, port, address=network.CLIENT):
    """A client's socket on a port of its choice, whose close is a reset: the same port is free at once."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.bind((address, port))
    sock.settimeout(5)
    return sock


class Server:
    """One that takes anything: a hello (0x16) is answered with LARGE bytes, so is GET /large; another request with the secret."""

    def __init__(self, lab, port=PORT):
        self.listener = lab.socket("server", lambda: socket.create_server((network.SERVER, port)))
        self.thread = threading.Thread(target=self.accept, daemon=True)
        self.thread.start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=self.serve, args=self.listener.accept()[:1], daemon=True).start()

    def serve(self, sock):
        with contextlib.suppress(OSError), sock:
            while data := sock.recv(65536):
                sock.sendall(b"\x17" * LARGE if data[0] == 0x16 or b"/large" in data else SECRET)

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that holds it
        self.thread.join()
        self.listener.close()


def connect(lab, sport, port=PORT):
    sock = reuse(lab.socket("client", lambda: socket.socket()), sport)
    sock.connect((network.SERVER, port))
    return sock


def take(sock, size):
    got = 0
    while got < size:
        data = sock.recv(1 << 20)
        if not data:
            raise ConnectionResetError
        got += len(data)


def hello(name):
    """A ClientHello for it."""
    context, into, out = ssl.create_default_context(), ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(into, out, server_hostname=name)
    with contextlib.suppress(ssl.SSLWantReadError):
        tls.do_handshake()
    return out.read()


def request(path, host):
    return f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()


def outcome(sock, data):
    """What comes of a request: the server's secret, or something else."""
    try:
        sock.sendall(data)
        got = sock.recv(4096)
    except TimeoutError:
        return "nothing"
    except OSError:
        return "refused"
    return "the secret" if SECRET in got else "refused" if not got or b" 451 " in got else repr(got[:40])


def same_port_with_requests(lab):
    """A TLS connection that was judged; then HTTP on its 5-tuple, whose second request is the listed one."""
    with connect(lab, 40001) as sock:
        sock.sendall(hello("neighbour.parent.test"))
        take(sock, 1 << 16)
    with connect(lab, 40001) as sock:
        sock.sendall(request("/large", "neighbour.parent.test"))
        take(sock, LARGE)
        time.sleep(SETTLED)
        return outcome(sock, request("/", "listed.parent.test"))


def same_port_at_once(lab):
    """A TLS connection just grown large; then another on its 5-tuple before the kernel was told of the first."""
    with connect(lab, 40002) as sock:
        sock.sendall(hello("neighbour.parent.test"))
        take(sock, LARGE)
    with connect(lab, 40002) as sock:
        time.sleep(SETTLED)
        return outcome(sock, request("/", "listed.parent.test"))


def still_large(lab, d):
    """What the feature is for: a TLS connection that goes on and on is the kernel's business in the end."""
    with connect(lab, 40003) as sock:
        sock.sendall(hello("neighbour.parent.test"))
        take(sock, LARGE)
        time.sleep(SETTLED)
        sock.sendall(b"\x16")
        take(sock, LARGE)
    return sum(port["guard"]["flow_bypassed"] for port in d.call("ports"))


def test_hostile(b):
    def change(config):
        config["bypass"] = {"ports": list(BYPASSED), "elephants": True}

    server = Server(b.lab)
    try:
        with b.running("hostile", change=change) as d:
            for way in (same_port_with_requests, same_port_at_once):
                b.report.check(f"elephants: {' '.join(way.__doc__.split())}", way(b.lab), "refused")
            b.report.say("elephants: a large TLS connection is left to the kernel", None if still_large(b.lab, d) else "it was not")
            for ports in (BYPASSED, INSIDE):
                for port, scheme, wanted in zip(ports, ("https", "http"), ("refused", "451 sq")):
                    got = b.clients.curl(f"{scheme}://listed.parent.test/", network.SERVER, "sq", "--local-port", str(port))
                    b.report.check(f"bypassed ports: {scheme} to a listed name, from source port {port}", got, wanted)
    finally:
        server.close()

#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""collectors.py: syslog servers for sink.py, on loopback: they read counted octets over TLS or TCP, and misbehave as told."""
import pathlib
import re
import socket
import ssl
import subprocess
import threading

EC = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
HEAD = re.compile(rb"<(\d+)>1 (\S+) (\S+) roja-control (\d+) (\S+) \[roja@(\d+) leaf=\"(\d+)\" log=\"([^\"]*)\"\] (\{.*\})")


def openssl(*args):
    subprocess.run(["openssl", *map(str, args)], check=True, capture_output=True)


def make_authority(folder, name):
    openssl("req", "-x509", *EC, "-days", 2, "-subj", f"/CN={name}", "-addext", "keyUsage=critical,keyCertSign",
            "-keyout", folder / f"{name}.key", "-out", folder / f"{name}.pem")


def issue(folder, name, above, names):
    openssl("req", *EC, "-subj", f"/CN={name}", "-keyout", folder / f"{name}.key", "-out", folder / f"{name}.csr")
    (folder / "extensions").write_text(f"subjectAltName={names}\n")
    openssl("x509", "-req", "-in", folder / f"{name}.csr", "-CA", folder / f"{above}.pem", "-CAkey", folder / f"{above}.key",
            "-CAcreateserial", "-days", 2, "-extfile", folder / "extensions", "-out", folder / f"{name}.pem")


def make_certificates(folder):
    """authority.pem, stranger.pem; server, client, elsewhere (another name) below the first, foreign and visitor below the other."""
    folder = pathlib.Path(folder)
    for name in ("authority", "stranger"):
        make_authority(folder, name)
    for name, above, names in (("server", "authority", "IP:127.0.0.1"), ("client", "authority", "DNS:client.test"),
                               ("elsewhere", "authority", "DNS:other.test,IP:192.0.2.1"), ("foreign", "stranger", "IP:127.0.0.1"),
                               ("visitor", "stranger", "DNS:client.test")):
        issue(folder, name, above, names)


def context(folder, name="server", client=None, most=None):
    """client: whose certificates it asks for."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(folder / f"{name}.pem", folder / f"{name}.key")
    if client:
        tls.verify_mode = ssl.CERT_REQUIRED
        tls.load_verify_locations(folder / f"{client}.pem")
    if most:
        tls.maximum_version = most
    return tls


class Server:
    """Keeps the leaves of whole messages in self.leaves, in the order in which they came; self.bad: what is no message.

    connection(n) says what to do with the n-th connection: None reads it to its end, a number closes it after so many bytes,
    anything else is called with the socket.
    """

    def __init__(self, tls=None, connection=None, port=0):
        self.tls = tls
        self.connection = connection or (lambda n: None)
        self.lock = threading.Condition()
        self.leaves, self.bad, self.messages, self.peers = [], [], [], 0
        self.open = set()
        self.socket = socket.create_server(("127.0.0.1", port))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                s, _ = self.socket.accept()
            except OSError:
                return
            with self.lock:
                self.peers += 1
                n = self.peers
                self.open.add(s)
                self.lock.notify_all()
            threading.Thread(target=self.serve, args=(s, n), daemon=True).start()

    def serve(self, s, n):
        raw = s
        try:
            if self.tls:
                s = self.tls.wrap_socket(s, server_side=True)
                with self.lock:
                    self.open.discard(raw)
                    self.open.add(s)
            what = self.connection(n)
            if callable(what):
                what(s)
            else:
                self.read(s, what)
        except (OSError, ValueError):
            pass
        finally:
            with self.lock:
                self.open.discard(s)
            s.close()

    def read(self, s, most):
        got, total = b"", 0
        while most is None or total < most:
            more = s.recv(65536 if most is None else min(65536, most - total))
            if not more:
                return
            total += len(more)
            got = self.take(got + more)

    def take(self, got):
        while m := re.match(rb"([1-9]\d{0,5}) ", got):
            end = m.end() + int(m[1])
            if len(got) < end:
                break
            self.message(got[m.end():end])
            got = got[end:]
        return got

    def message(self, text):
        m = HEAD.fullmatch(text)
        with self.lock:
            if m:
                self.leaves.append(int(m[7]))
                self.messages.append(text)
            else:
                self.bad.append(text)
            self.lock.notify_all()

    def wait(self, test):
        with self.lock:
            while not test(self):
                self.lock.wait(0.2)

    def close(self):
        """As a process that is killed."""
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        with self.lock:
            for s in self.open:
                try:
                    socket.socket.shutdown(s, socket.SHUT_RDWR)  # not as SSLSocket does: what is left would be read as plain text
                except OSError:
                    pass


class Datagrams(Server):
    def __init__(self, port=0):
        self.lock = threading.Condition()
        self.leaves, self.bad, self.messages = [], [], []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.socket.bind(("127.0.0.1", port))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.receive, daemon=True).start()

    def receive(self):
        while True:
            self.message(self.socket.recv(65536))

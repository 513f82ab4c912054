#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""server.py: for fetch.py: certificates made at run time, and servers on loopback that answer byte for byte as told."""
import pathlib
import socket
import ssl
import subprocess
import threading


def openssl(*args):
    subprocess.run(["openssl", *map(str, args)], check=True, capture_output=True)


def make_authority(folder, name):
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", 2, "-subj",
            f"/CN={name}", "-addext", "keyUsage=critical,keyCertSign", "-keyout", folder / f"{name}.key", "-out",
            folder / f"{name}.pem")


def make_certificate(folder, name, authority, names):
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}", "-keyout",
            folder / f"{name}.key", "-out", folder / f"{name}.csr")
    (folder / "extensions").write_text(f"subjectAltName={names}\n")
    openssl("x509", "-req", "-in", folder / f"{name}.csr", "-CA", folder / f"{authority}.pem", "-CAkey",
            folder / f"{authority}.key", "-CAcreateserial", "-days", 2, "-extfile", folder / "extensions", "-out",
            folder / f"{name}.pem")


def make_all(folder):
    folder = pathlib.Path(folder)
    for authority in ("authority", "stranger"):
        make_authority(folder, authority)
    make_certificate(folder, "server", "authority", "IP:127.0.0.1")
    make_certificate(folder, "client", "authority", "DNS:client.test")


class Server:
    """Answers are {path: function(connection, request)}; requests are kept as text. tls: None for http."""

    def __init__(self, answers, tls):
        self.answers = answers
        self.tls = tls
        self.requests = []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            connection, _ = self.socket.accept()
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        try:
            if self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
                self.shake_hands(connection)
            while True:
                request = self.read_request(connection)
                if not request:
                    break
                self.requests.append(request)
                path = request.split()[1].partition("?")[0]
                if self.answers[path](connection, request) == "close":
                    break
        except OSError:
            pass
        connection.close()

    @staticmethod
    def shake_hands(connection):
        try:
            connection.do_handshake()
        except ssl.SSLError:
            # what the client sent meanwhile is read: closing over it would be a reset, which may overtake our alert
            while socket.socket.recv(connection, 65536):
                pass
            raise

    @staticmethod
    def read_request(connection):
        got = b""
        while b"\r\n\r\n" not in got:
            more = connection.recv(65536)
            if not more:
                return ""
            got += more
        return got.decode()


def context(folder, name="server", client_authority=None, most=None):
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if most:
        tls.set_ciphers("DEFAULT@SECLEVEL=0")
        tls.minimum_version = ssl.TLSVersion.TLSv1
        tls.maximum_version = most
    tls.load_cert_chain(folder / f"{name}.pem", folder / f"{name}.key")
    if client_authority:
        tls.verify_mode = ssl.CERT_REQUIRED
        tls.load_verify_locations(folder / f"{client_authority}.pem")
    return tls


def head(code, *lines):
    return "".join(f"{line}\r\n" for line in (f"HTTP/1.1 {code} X", *lines, "")).encode()


def whole(body, *lines, code=200):
    def answer(connection, _):
        connection.sendall(head(code, *lines, f"Content-Length: {len(body)}") + body)
    return answer


def raw(data, say_goodbye=True):
    def answer(connection, _):
        connection.sendall(data)
        if say_goodbye and isinstance(connection, ssl.SSLSocket):
            connection.unwrap()
        return "close"
    return answer


def hang(data, then=lambda: None):
    """Some bytes, then nothing until the client goes."""
    def answer(connection, _):
        connection.sendall(data)
        then()
        while connection.recv(65536):
            pass
        return "close"
    return answer


def tunnel(connection, request):
    """As a proxy does, to a port on loopback."""
    port = int(request.split()[1].rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)) as to:
        connection.sendall(head(200))
        back = threading.Thread(target=pump, args=(to, connection), daemon=True)
        back.start()
        pump(connection, to)
        back.join()
    return "close"


def pump(source, to):
    try:
        while data := source.recv(65536):
            to.sendall(data)
        to.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def endless(connection, _):
    connection.sendall(head(200, "Transfer-Encoding: chunked"))
    while True:
        connection.sendall(b"1000\r\n" + b"a.test\n" * 585 + b"x\r\n")

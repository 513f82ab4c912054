#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""tsa.py: a time-stamp authority on loopback: openssl ts -reply behind an HTTP server, with certificates made at run time."""
import http.server
import pathlib
import subprocess
import threading

CONFIG = """
[req]
distinguished_name = name
[name]
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[stamps]
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[tsa]
serial = {folder}/serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = {digests}
ess_cert_id_alg = sha256
"""
EC = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")


def openssl(*args, **more):
    return subprocess.run(["openssl", *map(str, args)], check=True, capture_output=True, **more)


class Authority:
    """A root, and a certificate for time stamps below it. days: of that; negative: over since then."""

    def __init__(self, folder, name, days=2, digests="sha256", root=None):
        self.folder = pathlib.Path(folder) / name
        self.folder.mkdir()
        self.config = self.folder / "openssl.cnf"
        self.config.write_text(CONFIG.format(folder=self.folder, digests=digests))
        (self.folder / "serial").write_text("1000\n")
        self.root = root or self.make_root(name)
        key, csr = self.folder / "tsa.key", self.folder / "tsa.csr"
        openssl("req", *EC, "-config", self.config, "-subj", f"/CN={name} Stamps", "-keyout", key, "-out", csr)
        openssl("x509", "-req", "-in", csr, "-CA", self.root, "-CAkey", self.root.with_suffix(".key"), "-CAcreateserial",
                "-days", days, "-extfile", self.config, "-extensions", "stamps", "-out", self.folder / "tsa.pem")

    def make_root(self, name):
        root = self.folder / "root.pem"
        openssl("req", "-x509", *EC, "-config", self.config, "-extensions", "root", "-subj", f"/CN={name} Root", "-days", 30,
                "-keyout", root.with_suffix(".key"), "-out", root)
        return root

    def reply(self, request):
        """What RFC 3161 says a TSA sends: DER."""
        query, reply = self.folder / "query", self.folder / "reply"
        query.write_bytes(request)
        openssl("ts", "-reply", "-config", self.config, "-section", "tsa", "-queryfile", query, "-signer",
                self.folder / "tsa.pem", "-inkey", self.folder / "tsa.key", "-out", reply)
        return reply.read_bytes()

    def query(self, data, *more):
        """Another's request, over these bytes."""
        path = self.folder / "data"
        path.write_bytes(data)
        return openssl("ts", "-query", "-data", path, "-sha256", "-cert", *more).stdout


class Server:
    """Answers a POST by self.answer(handler, body); keeps what came in self.requests: (path, headers, body)."""

    def __init__(self, answer):
        self.answer = answer
        self.requests = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.requests.append((self.path, self.headers, body))
                try:
                    outer.answer(self, body)
                except OSError:
                    self.close_connection = True

            def do_GET(self):
                outer.requests.append((self.path, self.headers, None))
                self.send_error(405)

            def log_message(self, *_):
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.http.handle_error = lambda *_: None  # a client that goes is none
        threading.Thread(target=self.http.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.http.server_port}/tsa"


def send(handler, body, code=200, kind="application/timestamp-reply", **headers):
    handler.send_response(code)
    handler.send_header("Content-Type", kind)
    handler.send_header("Content-Length", str(len(body)))
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)


def honest(authority):
    return lambda handler, body: send(handler, authority.reply(body))

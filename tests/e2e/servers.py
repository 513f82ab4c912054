# SPDX-License-Identifier: BSD-3-Clause
"""The servers behind the data plane, and the names that the tests ask for."""
import hashlib
import json
import socket
import subprocess

import network

# Listed names and their neighbours under the same parent, on the same servers.
NAMES = ("listed.parent.test neighbour.parent.test listed.parent.test.neighbour.test "
         "blocked.example www.blocked.example help.blocked.example "
         "shop.test only-a.swap.test only-b.swap.test").split()
LIST = """\
#! name: orders
#! authority: Example District Court
#! legal-basis: Example Act, Article 12
#! reference: DC 1234/2026
#! category: court
#! appeal: https://court.example/appeal
listed.parent.test
blocked.example
!help.blocked.example
http://shop.test/stolen/item1
"""
PAGE = "<!doctype html><title>page</title><p>A small page.\n"
BIG = 200 * 1000 * 1000  # bytes of the file for transfers


class Servers:
    """nginx, caddy and dns.py in the namespace `server`; ready once the object exists."""

    def __init__(self, lab):
        self.lab, self.work, self.www = lab, lab.work, lab.work / "www"
        (self.www / "files").mkdir(parents=True)
        (self.www / "page.html").write_text(PAGE)
        self.key = subprocess.run([network.SHARED / "certificates", self.work, *NAMES], check=True, text=True,
                                  stdout=subprocess.PIPE).stdout.strip()
        self.configure("nginx.conf", {})
        self.configure("Caddyfile", {"ADDRESS": network.CADDY, "NAMES": ", ".join(f"https://{name}" for name in NAMES)})
        (self.work / "listen.conf").write_text(
            f"listen 80; listen [::]:80; listen [::]:443 ssl http2;"
            f"listen {network.SERVER}:443 ssl http2; listen {network.VLAN_SERVER}:443 ssl http2;")
        self.digest = self.make_big(self.www / "files" / "big")
        lab.spawn("server", "nginx", "-c", self.work / "nginx.conf", log=self.work / "nginx.log")
        lab.spawn("server", "caddy", "run", "--config", self.work / "Caddyfile", "--adapter", "caddyfile",
                  log=self.work / "caddy.log")
        lab.spawn("server", network.SHARED / "dns.py", network.SERVER, log=self.work / "dns.log")
        for address, port in ((network.SERVER, 443), (network.CADDY, 443), (network.SERVER, 53)):
            network.until(f"server on {address} port {port}", 30, lambda: lab.socket(
                "server", lambda: socket.create_connection((address, port), 1).close() or True))

    def configure(self, name, values):
        text = (network.SHARED / name).read_text()
        for key, value in {"WORK": self.work, **values}.items():
            text = text.replace(f"@{key}@", str(value))
        (self.work / name).write_text(text)

    def make_big(self, path):
        """A file without repetition; returns its digest."""
        digest = hashlib.sha256()
        with open(path, "wb") as f:
            for number in range(BIG // 1000000):
                block = hashlib.shake_128(b"%d" % number).digest(1000000)
                digest.update(block)
                f.write(block)
        return digest.hexdigest()

    def caddy_protocols(self, host):
        """The protocols by which caddy was asked for host: HTTP/2.0, HTTP/3.0."""
        log = self.work / "caddy-requests.log"
        requests = [json.loads(line)["request"] for line in log.read_text().splitlines()] if log.exists() else []
        return {r["proto"] for r in requests if r["host"] == host}


def digest(path):
    with open(path, "rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()

# SPDX-License-Identifier: BSD-3-Clause
"""What the clients ask for, and what came of it in a word or two.

    200            the server's page
    451 sq         the block page in that language, whole
    refused        the connection was ended by an alert, a reset or a close, at once
    timed out      no answer in time
    192.0.2.20     (DNS) the server's address
    NXDOMAIN       (DNS) with the error that says it was a block
"""
import json
import os
import re
import socket
import struct

import network
from servers import PAGE

PATIENCE = 10  # seconds until "timed out"
AT_ONCE = 1.0  # the limit for a refusal
TITLES = {"sq": "Qasja në këtë adresë është bllokuar", "en": "Access to this address is blocked",
          "sr": "Pristup ovoj adresi je blokiran", "mk": "Пристапот до оваа адреса е блокиран"}
REFUSED = {35: "TLS", 55: "send", 56: "receive", 52: "nothing", 92: "HTTP/2", 95: "HTTP/3"}  # curl's exit codes
EDE, EDE_CENSORED = 15, 16


class Clients:
    def __init__(self, lab):
        self.lab = lab

    def curl(self, url, address=network.SERVER, language="sq", *options):
        """One request to `address` whatever the name says."""
        body, head = self.lab.work / "body", self.lab.work / "head"
        for file in (body, head):
            file.unlink(missing_ok=True)
        target = f"[{address}]" if ":" in address else address
        r = self.lab.run("client", "curl", "-sS", "--max-time", PATIENCE, "--cacert", self.lab.work / "ca.pem",
                         "--connect-to", f"::{target}:", "-H", f"Accept-Language: {language}", "-o", body, "-D", head,
                         "-w", "%{json}", *options, url, check=False)
        result = json.loads(r.stdout)
        if r.returncode == 28:
            return "timed out"
        if r.returncode in REFUSED:
            took = result["time_total"]
            return "refused" if took < AT_ONCE else f"refused after {took} s"
        if r.returncode:
            return f"curl: exit {r.returncode}: {r.stderr.strip()}"
        return page_of(result["http_code"], head.read_text(), body.read_text() if body.exists() else "")

    def dns(self, name, server=network.SERVER, qtype=1):
        """One query over UDP, as a resolver sends it with EDNS."""
        ident = os.urandom(2)
        question = b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0" + struct.pack(">HH", qtype, 1)
        query = ident + struct.pack(">HHHHH", 0x0100, 1, 0, 0, 1) + question + b"\0" + struct.pack(">HHIH", 41, 1232, 0, 0)
        with self.lab.socket("client", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as s:
            s.settimeout(PATIENCE)
            s.sendto(query, (server, 53))
            try:
                reply = s.recv(65536)
            except TimeoutError:
                return "timed out"
        if reply[:2] != ident or reply[12:12 + len(question)] != question:
            return "an answer to another question"
        return dns_outcome(reply, 12 + len(question))


def page_of(status, head, body):
    if status == 200:
        return "200" if body == PAGE else f"200 with another body: {body[:80]!r}"
    if status != 451:
        return str(status)
    fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head.splitlines())}
    language = fields.get("content-language", "no language")
    title = re.search(r"<title>(.*?)</title>", body)
    faults = [what for what, right in (
        ("title", title and title[1] == TITLES.get(language)),
        ("end of page", body.rstrip().endswith("</html>")),
        ("blocked-by", 'rel="blocked-by"' in fields.get("link", "")),
        ("no-store", "no-store" in fields.get("cache-control", "")),
        ("reference of the order", "DC 1234/2026" in body)) if not right]
    return f"451 {language}" + "".join(f", wrong: {what}" for what in faults)


def dns_outcome(reply, at):
    flags, _, answers, authority, additional = struct.unpack(">HHHHH", reply[2:12])
    address, blocked = None, False
    for _ in range(answers + authority + additional):
        at = skip_name(reply, at)
        kind, _, _, length = struct.unpack(">HHIH", reply[at:at + 10])
        data = reply[at + 10:at + 10 + length]
        at += 10 + length
        if kind == 1:
            address = socket.inet_ntoa(data)
        while kind == 41 and len(data) >= 6:
            code, size, info = struct.unpack(">HHH", data[:6])
            blocked |= (code, info) == (EDE, EDE_CENSORED)
            data = data[4 + size:]
    if flags & 15 == 3:
        return "NXDOMAIN" if blocked else "NXDOMAIN without the error that says why"
    return address or f"rcode {flags & 15}, no address"


def skip_name(message, at):
    while message[at]:
        if message[at] >= 0xc0:
            return at + 2
        at += 1 + message[at]
    return at + 1

#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""check_names.py: names and addresses in code, tests and docs are reserved ones (RFC 2606, 6761, 5737, 3849).

What a name is cannot be told for sure from text, so only names under the well-known top-level domains below are looked
for, and addresses are a warning. A name that must stand goes to NAMES, with why.
"""
import ipaddress
import re
import subprocess
import sys

TLDS = "com|net|org|edu|gov|io|de|fr|ru|al|eu|uk"
NAME = re.compile(rf"(?<![\w.$%/-])((?:[a-z0-9-]+\.)+(?:{TLDS}))(?![\w-]|\.\w)", re.I)
RESERVED = re.compile(r"(?:^|\.)example\.(?:com|net|org)$", re.I)
NAMES = {  # name: why it may stand
    "www.jsonrpc.org": "a standard's address in a comment",
    "dnsflagday.net": "a standard's address in a comment",
    "c2sp.org": "the first line of a tlog-proof",
    "alo116.al": "helpline on the block page",
    "isigurt.al": "helpline on the block page",
}
QUAD = re.compile(r"(?<![\w.])(\d{1,3}(?:\.\d{1,3}){3})(?![\w.]\d|\w)")
STRINGS = re.compile(r'"[^"]*"')
# 192.0.0.0/22: tests of bounds need the neighbours of 192.0.2.0/24
NETS = [ipaddress.ip_network(n) for n in (
    "0.0.0.0/8", "10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/22", "192.168.0.0/16",
    "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3")]
# share/guard/ holds real names and networks because they must never be blocked as a whole; they belong nowhere else.
SKIP = re.compile(r"^(LICENSE|share/guard/.*|tests/fuzz/corpus/.*|scripts/check_names\.py)$|\.(pcap|pcapng)$")


def is_reserved_address(text):
    try:
        return any(ipaddress.ip_address(text) in net for net in NETS)
    except ValueError:
        return True  # no address


def main():
    bad = 0
    for path in subprocess.check_output(["scripts/sources", "*"], text=True).splitlines():
        if SKIP.search(path):
            continue
        try:
            text = open(path, encoding="utf-8").read()
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            for name in NAME.findall(line):
                if not RESERVED.search(name) and name.lower() not in NAMES:
                    print(f"{path}:{number}: {name} may be somebody's: use .test, .example or example.com")
                    bad = 1
            if path.endswith((".c", ".h")):  # a comment's 17.2.5.2 is a section of a standard
                line = " ".join(STRINGS.findall(line))
            for address in [] if "RFC" in line else QUAD.findall(line):
                if not is_reserved_address(address):
                    print(f"warning: {path}:{number}: {address} may be somebody's: use 192.0.2.0/24")
    return bad


if __name__ == "__main__":
    sys.exit(main())

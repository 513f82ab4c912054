#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""expect.py CAPTURE LIST...: the hits that the lists must give in CAPTURE, as JSON lines, judged by tshark's eyes.

An independent, simple reading of the list: names, =hosts, URLs, URL prefixes and exceptions, in their canonical form
already. A TCP or QUIC flow ends with its first hit; each DNS query is judged by itself.
"""
import json
import posixpath
import subprocess
import sys
from urllib.parse import unquote, urlsplit

FIELDS = ("frame.protocols ip.src ipv6.src tcp.srcport udp.srcport http.request.method http.host http.request.uri "
          "http2.headers.authority http2.headers.path tls.handshake.extensions_server_name dns.flags.response "
          "dns.qry.name").split()


def read_list(path):
    name, rows = None, []
    for number, line in enumerate(open(path, encoding="utf-8"), 1):
        entry = line.split(" #")[0].strip()
        if line.startswith("#! name:"):
            name = line.split(":", 1)[1].strip()
        elif entry and not entry.startswith("#"):
            rows.append((name, number, entry if entry.isascii() else entry.encode("idna").decode()))
    return rows


def bare_host(host):
    host = host.lower()
    for port in (":80", ":443"):
        host = host.removesuffix(port)
    return host.removesuffix(".")


def bare_url(host, target):
    """host/path of a request; the whole URL where a proxy is asked."""
    if target.startswith(("http://", "https://")):
        parts = urlsplit(target)
        host, target = parts.netloc, target.split("://", 1)[1][len(parts.netloc):] or "/"
    path, mark, query = target.partition("?")
    path = posixpath.normpath(unquote(path)) + ("/" if path.endswith("/") and path != "/" else "")
    return bare_host(host) + path + mark + query


def matches(entry, host, url):
    if "/" in entry:
        entry = entry.split("://", 1)[-1]
        return url is not None and (url.startswith(entry[:-1]) if entry.endswith("*") else url == entry)
    name = host.rsplit(":", 1)[0] if ":" in host else host
    if entry.startswith("="):
        return name == entry[1:]
    return name == entry or name.endswith("." + entry)


def judge(rows, host, url):
    """List and line of the first entry that blocks; None if none does or an exception holds."""
    if any(entry.startswith("!") and matches(entry[1:], host, url) for _, _, entry in rows):
        return None
    return next(((name, line) for name, line, entry in rows
                 if not entry.startswith("!") and matches(entry, host, url)), None)


def seen(capture):
    """(flow, proto, src, sport, host, url) of every request, ClientHello and query."""
    cmd = ["tshark", "-r", capture, "-T", "fields", "-E", "separator=\t", "-E", "occurrence=a", "-E", "aggregator=\x1f"]
    for field in FIELDS:
        cmd += ["-e", field]
    for line in subprocess.check_output(cmd, text=True, stderr=subprocess.DEVNULL).splitlines():
        f = dict(zip(FIELDS, (cell.split("\x1f") if cell else [] for cell in line.split("\t"))))
        protocols = f["frame.protocols"][0].split(":")
        src = (f["ip.src"] or f["ipv6.src"] or [""])[-1]
        sport = int((f["tcp.srcport"] or f["udp.srcport"] or ["0"])[-1])
        if f["http.request.method"]:
            for method, host, uri in zip(f["http.request.method"], f["http.host"], f["http.request.uri"]):
                host = bare_host(uri if method == "CONNECT" else host)
                url = None if method == "CONNECT" else bare_url(host, uri)
                yield "http", src, sport, url.split("/", 1)[0] if url else host, url
        for host, path in zip(f["http2.headers.authority"], f["http2.headers.path"]):
            yield "http", src, sport, bare_host(host), bare_url(host, path)
        for host in f["tls.handshake.extensions_server_name"]:
            yield "quic" if "quic" in protocols else "tls", src, sport, bare_host(host), None
        if f["dns.qry.name"] and f["dns.flags.response"][0] in ("0", "False"):
            for name in f["dns.qry.name"]:
                yield "dns", src, sport, bare_host(name), None


def main():
    rows = [row for path in sys.argv[2:] for row in read_list(path)]
    ended = set()
    for proto, src, sport, host, url in seen(sys.argv[1]):
        rule = judge(rows, host, url)
        if rule is None or (src, sport) in ended:
            continue
        if proto != "dns":
            ended.add((src, sport))
        hit = {"proto": proto, "list": rule[0], "line": rule[1], "src": src, "sport": sport}
        print(json.dumps(hit, separators=(",", ":")))


if __name__ == "__main__":
    main()

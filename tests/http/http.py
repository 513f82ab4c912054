#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""http.py HTTP_SERVE: the HTTP server of the control process, as browsers, scrapers and hostile clients ask it.

Prints a line "ok http CASE" or "not ok http CASE: why" a case.
"""
import shutil
import sys
import tempfile
import traceback

from asking import ask, raw, Server

HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; "
                               "frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
PAGES = ["/metrics", "/nothing-here"]


def case_answers_carry_strict_headers(server):
    for path in PAGES:
        a = ask(server, "GET", path)
        for name, value in HEADERS.items():
            assert a.headers.get(name) == value, (path, name, a.headers)
        for name in ("server", "set-cookie", "x-powered-by"):
            assert name not in a.headers, (path, a.headers)


def case_metrics_are_prometheus_text(server):
    a = ask(server, "GET", "/metrics")
    assert a.status == 200 and a.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert "\nroja_compiles_total 1\n" in a.text
    assert r'roja_orders{authority="Authority <b>&\"' "' of Tests" r'",category="gambling",state="approved"} 1' in a.text


def case_metrics_are_not_for_those_behind_a_proxy(server):
    for name in ("X-Forwarded-For: 127.0.0.1", "Forwarded: for=127.0.0.1", "Via: 1.1 proxy.example"):
        assert ask(server, "GET", "/metrics", head=[name]).status == 403, name


def case_head_is_get_without_a_body(server):
    get, head = ask(server, "GET", "/metrics"), ask(server, "HEAD", "/metrics")
    assert head.status == 200 and not head.body
    assert head.headers["content-type"] == get.headers["content-type"]


def case_other_methods_are_refused(server):
    for path in PAGES[:-1]:
        for method in ("PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "CONNECT", "get", "X" * 200):
            a = ask(server, method, path)
            assert a.status == 405 and "GET" in a.headers["allow"], (path, method, a.status)
    assert ask(server, "POST", "/metrics", form={"a": "b"}).status == 405


def case_other_paths_are_refused(server):
    for path in ("/", "/metrics/", "/Metrics", "//metrics", "/../etc/passwd", "/%2e%2e/etc/passwd", "*"):
        a = ask(server, "GET", path)
        assert a.status in (400, 404), (path, a.status)
        assert "passwd" not in a.text


def case_large_heads_are_refused(server):
    for line in (f"GET /metrics?{'a' * 70000} HTTP/1.1\r\nHost: a\r\n\r\n",
                 f"GET /metrics HTTP/1.1\r\nHost: a\r\nX: {'a' * 70000}\r\n\r\n",
                 "GET /metrics HTTP/1.1\r\nHost: a\r\n" + "X: a\r\n" * 20000 + "\r\n"):
        answer = raw(server, line.encode())
        assert not answer or answer.split()[1] in (b"413", b"414", b"431"), answer[:80]
    assert ask(server, "GET", "/metrics").status == 200


def case_garbage_is_refused(server):
    for text in (b"\0" * 4096, b"\x16\x03\x01\x02\x00\x01\x00", b"GET\r\n\r\n", b"GET /metrics\r\n\r\n",
                 b"GET /metrics HTTP/9.9\r\n\r\n", b"GET /metrics HTTP/1.1\r\n\r\n", b"\r\n\r\n\r\n\r\n",
                 b"GET /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
                 b"GET /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n"):
        answer = raw(server, text)
        assert b" 200 " not in answer[:20], (text, answer[:80])
    assert ask(server, "GET", "/metrics").status == 200


def case_one_address_has_so_many_connections(server):
    held = [server.connect() for _ in range(40)]
    try:
        refused = 0
        for s in held[32:]:
            s.sendall(b"GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n")
            try:
                refused += not s.recv(100)
            except ConnectionError:
                refused += 1
        assert refused == 8, refused
    finally:
        for s in held:
            s.close()
    server.until(lambda: ask(server, "GET", "/metrics").status == 200)


def case_slow_clients_stop_nobody_and_are_closed(server):
    """One sends nothing, one a byte each half second: neither is waited for, both are closed; others are served meanwhile."""
    silent, slow = server.connect(), server.connect()
    silent.settimeout(0.5)
    slow.sendall(b"GET /metrics HTTP/1.1\r\nX: ")
    open_now = {silent, slow}
    while open_now:
        for s in list(open_now):
            try:
                if s is slow:
                    s.sendall(b"a")
                if not s.recv(1000):
                    open_now.discard(s)
            except TimeoutError:
                pass
            except ConnectionError:
                open_now.discard(s)
        slow.settimeout(0.01)
        assert ask(server, "GET", "/metrics").status == 200


def main():
    bad = 0
    folder = tempfile.mkdtemp(prefix="roja-http.")
    try:
        with Server(sys.argv[1], folder) as server:
            for name, run in sorted(globals().items()):
                if not name.startswith("case_"):
                    continue
                try:
                    run(server)
                    print(f"ok http {name[5:]}")
                except Exception as why:  # the next case may tell more
                    at = traceback.extract_tb(why.__traceback__)[-1]
                    print(f"not ok http {name[5:]}: line {at.lineno}: {type(why).__name__}: {why}")
                    bad += 1
            code = server.end()
            print("ok http ends" if code == 0 else f"not ok http ends: {code}")
            bad += code != 0
    finally:
        shutil.rmtree(folder)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())

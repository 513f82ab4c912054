#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""fetch.py FETCH_ONCE: what each answer of a real HTTPS server means, and that nothing goes where it must not.

Prints "ok fetch TEST" or "not ok fetch TEST: why" a test.
"""
import email.utils
import gzip
import json
import os
import pathlib
import re
import signal
import ssl
import subprocess
import sys
import tempfile
import time

from server import Server, context, endless, hang, head, make_all, raw, tunnel, whole

ONCE = str(pathlib.Path(sys.argv[1]).resolve())
LIST = b"a.test\nb.test\n"
TOKEN = "token=s3cret"  # in every query, in no sentence
CHUNK = b"7\r\na.test\n\r\n"
PAGE = b"\xef\xbb\xbf\n<!DOCTYPE HTML><html>sign in</html>"


class World:
    def __init__(self, folder):
        self.folder = folder
        make_all(folder)
        self.answers = {}
        self.https = Server(self.answers, context(folder))
        self.other = Server(self.answers, context(folder))
        self.http = Server(self.answers, None)

    def url(self, path, server=None, host="127.0.0.1"):
        server = server or self.https
        return f"http{'s' if server.tls else ''}://{host}:{server.port}{path}?{TOKEN}"

    def start(self, url, env=None, **request):
        request = {"url": url, "ca_file": self.folder / "authority.pem", **request}
        args = [f"{k}={v}" for k, v in request.items() if v is not None]
        return subprocess.Popen([ONCE, *args], stdout=subprocess.PIPE, text=True, env={**os.environ, **(env or {})})

    def fetch(self, path, server=None, **request):
        url = path if "://" in path else self.url(path, server)
        for s in (self.https, self.other, self.http):
            s.requests.clear()
        return result(self.start(url, **request))


def result(process):
    out, _ = process.communicate()
    assert process.returncode == 0, f"exit {process.returncode}"
    got = json.loads(out)
    failed = got["status"] == "failed"
    assert failed == (got["r"] < 0) == (got["why"] != "none") == bool(got["sentence"]), got
    assert got["fd"] == (got["status"] == "new"), got
    assert not failed or not got["content"] and not got["bytes"] and not got["etag"], got
    assert "s3cret" not in got["sentence"], got
    return got


def expect(got, status, why="none", code=None):
    assert (got["status"], got["why"]) == (status, why), got
    assert code is None or got["code"] == code, got
    return got


ANSWERS = [  # answer, status, why
    (whole(LIST), "new", "none"),
    (raw(head(200, "Transfer-Encoding: chunked") + CHUNK + b"0\r\n\r\n"), "new", "none"),
    (raw(head(200, "Connection: close") + LIST), "new", "none"),
    (whole(LIST, "Content-Type: text/html"), "new", "none"),
    (whole(b"<?xml version='1.0'?><reg/>"), "new", "none"),
    (whole(LIST, "Content-Encoding: identity"), "new", "none"),
    (whole(b"", code=304), "failed", "answer"),  # nobody asked
    (whole(b""), "failed", "answer"),
    (whole(b"", code=204), "failed", "answer"),
    (whole(LIST, code=206), "failed", "answer"),
    (whole(LIST, code=203), "failed", "answer"),
    (whole(b"x", code=300), "failed", "answer"),
    (whole(b"x", code=400), "failed", "answer"),
    (whole(b"x", code=451), "failed", "answer"),
    (whole(b"x", code=401), "failed", "denied"),
    (whole(b"x", code=403), "failed", "denied"),
    (whole(b"x", code=407), "failed", "denied"),
    (whole(b"x", code=404), "failed", "gone"),
    (whole(b"x", code=410), "failed", "gone"),
    (whole(b"x", code=429), "failed", "busy"),
    (whole(b"x", code=503), "failed", "busy"),
    (whole(b"x", code=500), "failed", "server"),
    (whole(b"x", code=599), "failed", "server"),
    (whole(PAGE), "failed", "answer"),
    (whole(b"<html><body>", "Content-Type: text/plain"), "failed", "answer"),
    (whole(b"<?xml version='1.0'?>\n<!-- x -->\n<!-- y --> <!DOCTYPE html PUBLIC>"), "failed", "answer"),
    (whole(b"<?xml version='1.0'?><!-- <html> --><reg/>"), "new", "none"),
    (whole(b"<?xml <!-- <html>"), "new", "none"),
    (whole(LIST, *["X: " + "x" * 1000] * 60), "new", "none"),
    (whole(LIST, *["X: " + "x" * 1000] * 70), "failed", "answer"),
    (raw(head(100) * 5000 + head(200, f"Content-Length: {len(LIST)}") + LIST), "failed", "answer"),
    (raw(head(100) + head(200, f"Content-Length: {len(LIST)}") + LIST), "new", "none"),
    (whole(gzip.compress(LIST), "Content-Encoding: gzip"), "failed", "answer"),
    (whole(LIST, "Content-Encoding: br"), "failed", "answer"),
    (whole(gzip.compress(LIST)), "failed", "answer"),
    (whole(b"PK\x03\x04zip"), "failed", "answer"),
    (raw(head(200, "Content-Length: 100") + LIST), "failed", "cut"),
    (raw(head(200, "Content-Length: 100") + LIST, say_goodbye=False), "failed", "cut"),
    (raw(head(200, "Transfer-Encoding: chunked") + CHUNK), "failed", "cut"),
    (raw(head(200, "Transfer-Encoding: chunked") + CHUNK, say_goodbye=False), "failed", "cut"),
    (raw(head(200, "Connection: close") + LIST, say_goodbye=False), "failed", "cut"),
    (raw(b""), "failed", "network"),
    (raw(b"220 mail.example\r\n"), "failed", "answer"),
    (whole(b"", "Location: /next"), "failed", "answer"),
    (whole(b"", code=302), "failed", "redirect"),
]


def test_fetch_answers_mean_what_the_table_says(w):
    for i, (answer, status, why) in enumerate(ANSWERS):
        w.answers["/list"] = answer
        try:
            expect(w.fetch("/list"), status, why)
        except AssertionError as e:
            raise AssertionError(f"row {i}: {e}") from e


def test_fetch_brings_the_list_and_its_validators(w):
    w.answers["/list"] = whole(LIST, 'ETag: "v1"', "Last-Modified: Mon, 01 Jun 2026 00:00:00 GMT")
    got = expect(w.fetch("/list"), "new", code=200)
    assert got["content"] == LIST.decode() and got["bytes"] == len(LIST), got
    assert got["etag"] == '"v1"' and got["last_modified"] == "Mon, 01 Jun 2026 00:00:00 GMT", got
    request = w.https.requests[0]
    assert "Accept-Encoding" not in request and "If-" not in request and "Cookie" not in request, request
    nothing = dict.fromkeys(("signature_url", "last_modified", "file_root", "client_cert", "client_key", "authorization",
                             "proxy", "folder"), "")
    expect(w.fetch("/list", **nothing), "new")
    got = expect(w.fetch("/list", folder=w.folder), "new")
    assert got["content"] == LIST.decode(), got
    w.answers["/list"] = whole(LIST, f'ETag: "{"x" * 300}"', "Last-Modified: \x01")
    got = expect(w.fetch("/list"), "new")
    assert got["etag"] == "" and got["last_modified"] == "", got


def test_fetch_asks_whether_there_is_something_newer(w):
    w.answers["/list"] = whole(b"", code=304)
    expect(w.fetch("/list", etag='W/"v1"'), "unchanged", code=304)
    assert 'If-None-Match: W/"v1"\r\n' in w.https.requests[0]
    expect(w.fetch("/list", last_modified="Mon, 01 Jun 2026 00:00:00 GMT", signature_url=w.url("/none")), "unchanged")
    assert "If-Modified-Since: Mon, 01 Jun 2026 00:00:00 GMT\r\n" in w.https.requests[0]
    expect(w.fetch("/list", etag=""), "failed", "answer")
    expect(w.fetch("/list", etag='"x"\r\nX: y'), "unchanged")
    assert "X: y" not in w.https.requests[0]


def test_fetch_comes_later_when_asked(w):
    w.answers["/list"] = whole(b"x", "Retry-After: 120", code=503)
    assert expect(w.fetch("/list"), "failed", "busy", 503)["retry_after_s"] == 120
    w.answers["/list"] = whole(b"x", f"Retry-After: {email.utils.formatdate(time.time() + 86400, usegmt=True)}", code=429)
    assert 80000 < expect(w.fetch("/list"), "failed", "busy", 429)["retry_after_s"] <= 86400
    w.answers["/list"] = whole(b"x", "Retry-After: soon", code=503)
    assert expect(w.fetch("/list"), "failed", "busy", 503)["retry_after_s"] == 0


def test_fetch_follows_redirects_by_https_only(w):
    def to(location, code=302):
        return whole(b"moved", f"Location: {location}", "Set-Cookie: a=b", code=code)
    w.answers["/list"] = whole(LIST)
    for code in (301, 302, 303, 307, 308):
        w.answers["/from"] = to("list", code)
        assert expect(w.fetch("/from"), "new", code=200)["redirects"] == 1
        assert "Cookie" not in w.https.requests[1]
    secret = "Bearer s3cret"
    w.answers["/from"] = to(w.url("/list", w.other))
    expect(w.fetch("/from", authorization=secret), "new")
    assert f"Authorization: {secret}\r\n" in w.https.requests[0]
    assert "Authorization" not in w.other.requests[0] and "s3cret" not in w.other.requests[0].replace(TOKEN, "")
    w.answers["/from"] = to("/list")
    expect(w.fetch("/from", authorization=secret), "new")
    assert f"Authorization: {secret}\r\n" in w.https.requests[1]
    for location in (w.url("/list", w.http), "file:///etc/hostname", "ftp://127.0.0.1/x", "https://u:s3cret@127.0.0.1/",
                     "https://", "https://a b/", "gopher://127.0.0.1/_x"):
        w.answers["/from"] = to(location)
        expect(w.fetch("/from", allow_http=1, file_root="/etc"), "failed", "redirect", 302)
        assert not w.http.requests
    w.answers["/loop"] = to("/loop?" + TOKEN)
    expect(w.fetch("/loop"), "failed", "redirect")
    assert len(w.https.requests) == 6
    for i in range(5):
        w.answers[f"/hop{i}"] = to(f"/hop{i + 1}")
    w.answers["/hop5"] = whole(LIST)
    assert expect(w.fetch("/hop0"), "new")["redirects"] == 5


def test_fetch_http_only_where_allowed(w):
    w.answers["/list"] = whole(LIST)
    expect(w.fetch("/list", w.http), "failed", "setting")
    assert not w.http.requests
    expect(w.fetch("/list", w.http, allow_http=1), "new")
    expect(w.fetch("/list", w.http, allow_http=1, authorization="Bearer x"), "failed", "setting")
    w.answers["/from"] = whole(b"", f"Location: {w.url('/list')}", code=301)
    expect(w.fetch("/from", w.http, allow_http=1), "new")


def test_fetch_trusts_only_whom_it_must(w):
    w.answers["/list"] = whole(LIST)
    expect(w.fetch("/list", ca_file=w.folder / "stranger.pem"), "failed", "tls")
    expect(w.fetch("/list", ca_file=None), "failed", "tls")
    expect(w.fetch(w.url("/list", host="localhost")), "failed", "tls")
    expect(w.fetch("/list", ca_file=w.folder / "none.pem"), "failed", "setting")
    expect(w.fetch("/list", Server(w.answers, context(w.folder, most=ssl.TLSVersion.TLSv1_1))), "failed", "tls")
    expect(w.fetch("/list", Server(w.answers, context(w.folder, most=ssl.TLSVersion.TLSv1_2))), "new")
    assert not w.https.requests


def test_fetch_shows_its_certificate(w):
    w.answers["/list"] = whole(LIST)
    closed = Server(w.answers, context(w.folder, client_authority="authority"))
    expect(w.fetch("/list", closed), "failed", "tls")
    own = {"client_cert": w.folder / "client.pem", "client_key": w.folder / "client.key"}
    expect(w.fetch("/list", closed, **own), "new")
    expect(w.fetch("/list", closed, client_cert=w.folder / "none.pem"), "failed", "setting")


def test_fetch_has_limits(w):
    w.answers["/list"] = whole(LIST)
    expect(w.fetch("/list", max_bytes=len(LIST)), "new")
    expect(w.fetch("/list", max_bytes=len(LIST) - 1), "failed", "size")
    w.answers["/big"] = raw(head(200, "Content-Length: 99999999999"))
    expect(w.fetch("/big"), "failed", "size")
    w.answers["/endless"] = endless
    expect(w.fetch("/endless", max_bytes=1000000), "failed", "size")
    w.answers["/hang"] = hang(head(200, "Content-Length: 100") + LIST)
    expect(w.fetch("/hang", slow_s=1, slow_bytes_s=1000), "failed", "network")
    expect(w.fetch("/hang", total_s=1), "failed", "network")
    expect(w.fetch("/list", folder=w.folder / "none"), "failed", "local")


def test_fetch_is_cancelled(w):
    read, write = os.pipe()
    w.answers["/hang"] = hang(head(200, "Content-Length: 100") + LIST, lambda: os.write(write, b"x"))
    process = w.start(w.url("/hang"))
    os.read(read, 1)
    process.send_signal(signal.SIGUSR1)
    expect(result(process), "failed", "cancelled")
    expect(w.fetch("/hang", cancel=1), "failed", "cancelled")


def test_fetch_uses_nothing_of_its_surroundings(w):
    w.answers["/list"] = whole(LIST)
    (w.folder / ".netrc").write_text("machine 127.0.0.1 login u password p\n")
    bad = "http://127.0.0.1:1"
    env = {"HOME": str(w.folder), "https_proxy": bad, "HTTPS_PROXY": bad, "all_proxy": bad}
    expect(w.fetch("/list", env=env), "new")
    assert "uthorization" not in w.https.requests[0]
    expect(w.fetch("/list", env={"no_proxy": "*"}, proxy=bad), "failed", "network")
    w.answers["127.0.0.1:1"] = whole(b"x", code=407)
    got = w.fetch("https://127.0.0.1:1/list?" + TOKEN, proxy=f"http://127.0.0.1:{w.http.port}", authorization="Basic s3cret")
    expect(got, "failed", "denied")
    assert w.http.requests[0].startswith("CONNECT 127.0.0.1:1 ") and "s3cret" not in w.http.requests[0]
    w.answers[f"127.0.0.1:{w.https.port}"] = tunnel
    expect(w.fetch("/list", proxy=f"http://127.0.0.1:{w.http.port}", authorization="Basic s3cret"), "new")
    assert "s3cret" not in w.http.requests[0] and "Authorization: Basic s3cret" in w.https.requests[0]
    expect(w.fetch("https://127.0.0.1:1/list"), "failed", "network")
    expect(w.fetch("https://name.invalid/list"), "failed", "network")


def test_fetch_brings_the_signature(w):
    w.answers["/list"] = whole(LIST, 'ETag: "v1"')
    w.answers["/list.p7s"] = whole(b"0" * 1000)
    got = expect(w.fetch("/list", signature_url=w.url("/list.p7s")), "new")
    assert got["signature_bytes"] == 1000 and got["etag"] == '"v1"', got
    expect(w.fetch("/list", authorization="Bearer x", signature_url=w.url("/list.p7s", w.other)), "new")
    assert "Authorization" in w.https.requests[0] and "Authorization" not in w.other.requests[0]
    for answer, why in ((whole(b"", code=404), "signature"), (whole(b""), "signature"), (whole(PAGE), "signature"),
                        (whole(b"x", code=503), "busy"), (whole(b"x", code=403), "denied"),
                        (whole(b"0" * (1024 * 1024 + 1)), "size")):
        w.answers["/list.p7s"] = answer
        got = expect(w.fetch("/list", signature_url=w.url("/list.p7s")), "failed", why)
        assert got["signature_bytes"] == 0 and "/list.p7s?..." in got["sentence"], got


def test_fetch_files_below_one_folder(w):
    root = w.folder / "root"
    (root / "in").mkdir(parents=True)
    (root / "in" / "a list.txt").write_bytes(LIST)
    (root / "empty").write_bytes(b"")
    (root / "page").write_bytes(PAGE)
    (w.folder / "outside").write_bytes(LIST)
    (root / "inner").symlink_to("in/a list.txt")
    (root / "outer").symlink_to("../outside")
    (root / "absolute").symlink_to(w.folder / "outside")
    (root / "proc").symlink_to("/proc/self/fd")
    os.mkfifo(root / "fifo")
    os.link(w.folder / "outside", root / "hard")
    rows = [("in/a%20list.txt", "new", "none"), ("inner", "new", "none"), ("in/../inner", "new", "none"),
            ("hard", "new", "none"), ("none", "failed", "gone"), ("inner/x", "failed", "gone"), ("empty", "failed", "answer"),
            ("page", "failed", "answer"), ("outer", "failed", "redirect"), ("absolute", "failed", "redirect"),
            ("proc/0", "failed", "redirect"), ("%2e%2e/outside", "failed", None), ("../outside", "failed", "setting"),
            ("../root2/x", "failed", "setting"), ("", "failed", "setting"), ("in", "failed", "setting"),
            ("fifo", "failed", "setting"), ("in%00x", "failed", "setting")]
    for path, status, why in rows:
        got = w.fetch(f"file://{root}/{path}", file_root=f"{root}/")
        expect(got, status, why or got["why"])
    got = expect(w.fetch(f"file://localhost{root}/inner", file_root=root), "new")
    url = f"file://{root}/inner"
    expect(w.fetch(url, file_root=root, etag=got["etag"]), "unchanged")
    expect(w.fetch(url, file_root=root, max_bytes=3), "failed", "size")
    expect(w.fetch(url, file_root=root, signature_url=f"file://{root}/hard"), "new")
    expect(w.fetch(url, file_root=root, signature_url=f"file://{root}/none"), "failed", "signature")
    expect(w.fetch(url), "failed", "setting")
    expect(w.fetch(url, file_root=w.folder / "none"), "failed", "setting")
    (root / "in" / "a list.txt").write_bytes(LIST + b"c.test\n")
    expect(w.fetch(url, file_root=root, etag=got["etag"]), "new")


def test_fetch_check_url_says_what_could_be_fetched(w):
    def check(url, **request):
        process = w.start(url, check=1, **request)
        got = json.loads(process.communicate()[0])
        assert "s3cret" not in got["sentence"], got
        return got["r"] == 0
    good = ["https://lists.example/a", "HTTPS://lists.example", "https://192.0.2.1:8443/a?token=s3cret",
            "https://[2001:db8::1]/a", "https://lists.example/" + "a" * 2026]
    bad = ["", "lists.example/a", "/a", "https://", "ftp://lists.example/a", "https://u@lists.example/a",
           "https://u:s3cret@lists.example/a", "https://lists.example/a b", "https://lists.example/\n", "https://b\xfc.example/",
           "http://lists.example/a", "file:///srv/a", "https://lists.example/" + "a" * 2027, "scp://lists.example/a",
           "https:/lists.example/a", "https://" + "a" * 256 + "/", "https:///lists.example/a"]
    for url in good:
        assert check(url), url
    for url in bad:
        assert not check(url), url
    assert check("http://lists.example/a", allow_http=1)
    assert check("file:///srv/a", file_root="/srv") and check("file:///srv/a", file_root="/")
    assert not check("file:///srv/a", file_root="")
    assert not check("file:///srv2/a", file_root="/srv") and not check("file:///srv/../etc/a", file_root="/srv")
    assert not check("file://server.example/srv/a", file_root="/srv")


def test_fetch_page_has_every_why_and_verdict(_):
    root = pathlib.Path(__file__).parents[2]
    first_cells = re.findall(r"^\| (`.*?) \|", (root / "docs/feeds.md").read_text(), re.M)
    said = {name for cell in first_cells for name in re.findall(r"`(\w+)`", cell)}
    whys = re.findall(r"^\tX\([A-Z]+, (\w+),", (root / "control/feed/fetch.h").read_text(), re.M)
    verdicts = re.findall(r"^\tX\([A-Z_]+, (\w+)\)", (root / "control/feed/signature.h").read_text(), re.M)
    assert len(whys) == 15 and len(verdicts) == 18, (whys, verdicts)
    assert not set(whys + verdicts) - said - {"none"}, set(whys + verdicts) - said


def main():
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        w = World(pathlib.Path(folder))
        for name, test in [(n, t) for n, t in globals().items() if n.startswith("test_")]:
            w.answers.clear()
            try:
                test(w)
                print(f"ok fetch {name}", flush=True)
            except (AssertionError, KeyError, ValueError, IndexError) as why:
                print(f"not ok fetch {name}: {type(why).__name__} {why}", flush=True)
                failed += 1
    return failed > 0


sys.exit(main())

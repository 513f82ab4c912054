#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""stamp.py STAMP_ONCE: a checkpoint is stamped by a real authority, and each wrong answer is refused with its sentence.

Prints "ok stamp TEST" or "not ok stamp TEST: why" a test.
"""
import base64
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import time

from tsa import Authority, Server, honest, openssl, send

ONCE = str(pathlib.Path(sys.argv[1]).resolve())


def note(size):
    root = base64.b64encode(bytes(32)).decode()
    signature = base64.b64encode(bytes(68)).decode()
    return f"roja.example/audit\n{size}\n{root}\n\n\u2014 roja.example/audit {signature}\n".encode()


class World:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.good = Authority(folder, "Good")
        self.stranger = Authority(folder, "Stranger")
        self.expired = Authority(folder, "Expired", days=-1, root=self.good.root)
        self.refusing = Authority(folder, "Refusing", digests="sha384", root=self.good.root)
        self.server = Server(None)
        self.stop = threading.Event()
        self.n = 0

    def log(self, size):
        self.n += 1
        log = self.folder / f"log{self.n}"
        log.mkdir()
        if size:
            (log / "checkpoint").write_bytes(note(size))
        return log

    def ask(self, log, answer, url=None, ca=None, every_s=0, total_s=20, policy=""):
        self.server.answer = answer
        self.server.requests.clear()
        out = subprocess.run([ONCE, log, url or self.server.url, ca or self.good.root, str(every_s), str(total_s), policy],
                             stdout=subprocess.PIPE, check=True).stdout
        got = json.loads(out)
        assert bool(got["sentence"]) == (got["r"] < 0), got
        return got


def names(log):
    return sorted(p.name for p in (log / "stamps").iterdir())


def refused(w, answer, sentence, **more):
    log = w.log(7)
    got = w.ask(log, answer, **more)
    assert got["r"] < 0 and sentence in got["sentence"], got
    assert not got["stamped"] and names(log) == [], (got, names(log))


def test_a_checkpoint_is_stamped_and_openssl_agrees(w):
    log = w.log(7)
    got = w.ask(log, honest(w.good))
    assert got["stamped"] and got["size"] == 7 and got["tsa"] == "Good Stamps" and got["policy"] == "1.2.3.4.1", got
    assert abs(got["time"] - time.time()) < 100 and got["serial"] == "1001", got
    assert names(log) == ["7.checkpoint", "7.tsr"], names(log)
    assert (log / "stamps/7.checkpoint").read_bytes() == note(7)
    openssl("ts", "-verify", "-in", log / "stamps/7.tsr", "-data", log / "stamps/7.checkpoint", "-CAfile", w.good.root)
    (path, headers, _), = w.server.requests
    assert path == "/tsa" and headers["Content-Type"] == "application/timestamp-query", headers
    assert (log / "stamps/7.tsr").stat().st_mode & 0o777 == 0o644


def test_only_what_has_grown_is_stamped(w):
    log = w.log(9)
    assert w.ask(log, honest(w.good))["stamped"]
    again = w.ask(log, honest(w.good))
    assert not again["stamped"] and again["size"] == 9 and not w.server.requests, again
    (log / "checkpoint").write_bytes(note(10))
    waits = w.ask(log, honest(w.good), every_s=3600)
    assert not waits["stamped"] and 3500 < waits["due_s"] <= 3600 and not w.server.requests, waits
    os.utime(log / "stamps/9.tsr", (1, time.time() - 3601))
    got = w.ask(log, honest(w.good), every_s=3600)
    assert got["stamped"] and got["size"] == 10, got
    assert names(log) == ["10.checkpoint", "10.tsr", "9.checkpoint", "9.tsr"], names(log)


def test_nothing_published_is_nothing_to_stamp(w):
    for size in (0,):
        got = w.ask(w.log(size), honest(w.good))
        assert got["r"] == 0 and not got["stamped"] and not w.server.requests, got
    log = w.log(0)
    (log / "checkpoint").write_bytes(b"hello\n")
    assert w.ask(log, honest(w.good))["r"] < 0 and not w.server.requests


def test_files_of_others_in_the_folder_mean_nothing(w):
    log = w.log(7)
    (log / "stamps").mkdir()
    for name in ("99.tsr.bak", "99.tsr.tmp", "x.tsr", "99", ".99.tsr", "99999999999999999999999.tsr", "99.checkpoint"):
        (log / "stamps" / name).write_bytes(b"")
    assert w.ask(log, honest(w.good))["size"] == 7


def test_a_stamp_of_another_request_is_refused(w):
    refused(w, lambda h, _: send(h, w.good.reply(w.good.query(note(7)))), "another request")
    refused(w, lambda h, _: send(h, w.good.reply(w.good.query(note(7), "-no_nonce"))), "another request")
    refused(w, lambda h, _: send(h, w.good.reply(w.good.query(note(8)))), "over other bytes")


def test_a_stamp_by_another_is_refused(w):
    refused(w, honest(w.stranger), "unable to get local issuer certificate")
    refused(w, honest(w.expired), "certificate has expired")
    refused(w, honest(w.good), "not by 1.2.3.4.2", policy="1.2.3.4.2")
    refused(w, honest(w.good), "audit.stamp_ca: ", ca=w.folder / "nobody.pem")


def test_no_stamp_says_why(w):
    refused(w, honest(w.refusing), "it does not know SHA-256")
    refused(w, lambda h, _: send(h, b"", 403), "does not let us in")
    refused(w, lambda h, _: send(h, b"", 404), "no time-stamp authority at this URL (HTTP 404)")
    refused(w, lambda h, _: send(h, b"", 500), "in trouble (HTTP 500)")
    refused(w, lambda h, _: send(h, b"", 503), "later (HTTP 503)")
    refused(w, lambda h, _: send(h, b"", 302, Location=w.server.url), "sent on to another URL")
    assert len(w.server.requests) == 1
    refused(w, None, "audit.stamp_url: ", url="http://127.0.0.1:1/tsa")


def test_what_is_no_reply_is_refused(w):
    refused(w, lambda h, _: send(h, b"<html>busy</html>"), "no time-stamp reply")
    refused(w, lambda h, _: send(h, b"\x30\x82garbage"), "no time-stamp reply")
    refused(w, lambda h, _: send(h, b""), "no time-stamp reply")
    refused(w, lambda h, b: send(h, w.good.reply(b)[:-1]), "no time-stamp reply")
    refused(w, lambda h, b: send(h, w.good.reply(b) + b"x"), "behind the time-stamp reply")
    refused(w, lambda h, _: send(h, b"x" * 65536), "longer than a time-stamp reply can be")


def endless(handler, _):
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    while True:
        handler.wfile.write(b"400\r\n" + b"x" * 1024 + b"\r\n")


def slow(w):
    def answer(handler, _):
        handler.send_response(200)
        handler.send_header("Content-Length", "900")
        handler.end_headers()
        while not w.stop.wait(0.1):
            handler.wfile.write(b"x")
    return answer


def test_endless_and_slow_answers_end(w):
    refused(w, endless, "longer than a time-stamp reply can be")
    refused(w, slow(w), "audit.stamp_url: ", total_s=2)
    refused(w, lambda h, _: w.stop.wait(), "audit.stamp_url: ", total_s=2)
    w.stop.set()


def test_what_witnesses_signed_is_stamped(w):
    log = w.log(7)
    cosigned = note(7) + "\u2014 witness.example ".encode() + base64.b64encode(bytes(76)) + b"\n"
    (log / "stamps").mkdir()
    (log / "stamps/7.checkpoint").write_bytes(cosigned)
    assert w.ask(log, lambda h, _: send(h, b"", 500))["r"] < 0
    assert (log / "stamps/7.checkpoint").read_bytes() == cosigned
    assert w.ask(log, honest(w.good))["stamped"]
    assert (log / "stamps/7.checkpoint").read_bytes() == cosigned
    openssl("ts", "-verify", "-in", log / "stamps/7.tsr", "-data", log / "stamps/7.checkpoint", "-CAfile", w.good.root)


def test_a_witness_that_comes_meanwhile_is_not_undone(w):
    log = w.log(7)
    cosigned = note(7) + "\u2014 witness.example ".encode() + base64.b64encode(bytes(76)) + b"\n"

    def answer(handler, body):
        (log / "stamps/7.checkpoint").write_bytes(cosigned)
        send(handler, w.good.reply(body))

    got = w.ask(log, answer)
    assert got["r"] < 0 and "cosigned while it was stamped" in got["sentence"], got
    assert names(log) == ["7.checkpoint"] and (log / "stamps/7.checkpoint").read_bytes() == cosigned
    assert w.ask(log, honest(w.good))["stamped"]


def test_a_disk_that_takes_nothing_keeps_nothing(w):
    log = w.log(7)
    (log / "stamps").write_bytes(b"")  # no folder
    got = w.ask(log, honest(w.good))
    assert got["r"] < 0 and "stamps: cannot be opened" in got["sentence"] and not w.server.requests, got
    log = w.log(7)
    (log / "stamps/7.tsr.tmp").mkdir(parents=True)
    got = w.ask(log, honest(w.good))
    assert got["r"] < 0 and "stamps/7.tsr: cannot be written" in got["sentence"], got
    assert names(log) == ["7.checkpoint", "7.tsr.tmp"], names(log)


def main():
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        w = World(folder)
        for name, test in [(n, t) for n, t in globals().items() if n.startswith("test_")]:
            try:
                test(w)
                print(f"ok stamp {name}")
            except (AssertionError, OSError, ValueError, subprocess.SubprocessError) as e:
                print(f"not ok stamp {name}: {e!r}")
                failed = 1
    return failed


if __name__ == "__main__":
    sys.exit(main())

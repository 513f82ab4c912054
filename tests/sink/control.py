#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""control.py BUILD [RATE [SECONDS]]: roja-control under hits with good, mute and slow sinks, killed meanwhile: hits are acknowledged as ever, no record is
lost, none says more than the log; its checkpoints are time-stamped by a real authority, and a dead one is an alarm.

Prints "ok sink-control TEST" or "not ok sink-control TEST: why" a test.
"""
import json
import pathlib
import shutil
import sys
import tempfile
import threading
import time

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / name) for name in ("audit", "stamp")]
import recorded  # noqa: E402
import tsa  # noqa: E402
from recorded import until  # noqa: E402
from collectors import Server, context, make_certificates  # noqa: E402


class World:
    def __init__(self, build, folder, rate, seconds):
        self.rate, self.seconds, self.folder = rate, seconds, pathlib.Path(folder)
        make_certificates(self.folder)
        self.authority = tsa.Authority(folder, "Example")
        self.tsa = tsa.Server(tsa.honest(self.authority))
        self.authority.root.parent.chmod(0o755)
        self.stop = threading.Event()
        tls = context(self.folder)
        self.good = Server(tls)
        self.mute = Server(tls, lambda n: lambda c: self.stop.wait())
        self.slow = Server(None, lambda n: self.read_slowly)
        (self.folder / "out").mkdir()
        (self.folder / "out").chmod(0o777)
        self.file = self.folder / "out" / "log.jsonl"
        self.r = recorded.Recorded(build, folder, rules=500, change=self.change)

    def read_slowly(self, c):
        while not self.stop.wait(1):
            c.recv(1)

    def change(self, config):
        server = {"format": "syslog", "host": "127.0.0.1", "ca_file": str(self.folder / "authority.pem"), "confirm_s": 2, "history": True}
        plain = {"format": "syslog", "host": "127.0.0.1", "transport": "tcp", "history": True}
        config["audit"].update({"stamp_url": self.tsa.url, "stamp_ca": str(self.authority.root), "stamp_every_s": 1})
        config["sinks"] = [{"name": "file", "path": str(self.file), "history": True}, {"name": "good", "port": self.good.port, **server},
                           {"name": "mute", "port": self.mute.port, **server, "behind_s": 1},
                           {"name": "slow", "port": self.slow.port, **plain, "behind_s": 1}]

    def status(self):
        return self.r.control.rojactl("max", "audit", "status")

    def order(self):
        names = self.folder / "more.txt"
        names.write_text("more.list.test\n")
        self.r.control.propose("ana", ("more", names))

    def alarms(self):
        return {a["kind"] for a in self.r.control.rojactl("max", "alarm", "ls") if not a.get("cleared")}

    def records(self):
        """Of the file: leaves by number; what a death tore is none."""
        leaves, texts = [], {}
        for line in self.file.read_text().splitlines():
            try:
                o = json.loads(line)
            except ValueError:
                continue
            leaves.append(o["leaf"])
            texts[o["leaf"]] = o
        return leaves, texts


def hits_are_acknowledged_as_ever(w):
    w.r.start_hits(w.rate, w.seconds)
    put, lost, gaps = w.r.end_hits(kill=False)
    waiting = w.r.waiting()
    w.r.settle()
    print(f"   {put} hits at {w.rate} a second, {waiting} waited at the end, {lost} lost, beside a mute and a slow sink")
    assert put >= w.rate * w.seconds * 0.99 and not lost and not gaps, (put, lost, gaps)
    assert waiting < w.rate, waiting


def nothing_is_lost_to_deaths(w):
    w.r.start_hits(2000)
    for _ in range(5):
        time.sleep(0.3)
        w.r.control.kill()
        w.r.control.start()
    w.r.end_hits()
    w.r.settle()
    size = w.status()["leaves"]
    until("the file has all", lambda: w.file.read_text().rstrip().endswith("}") and w.records()[0][-1] >= size - 1)
    until("the server has all", lambda: w.good.leaves and w.good.leaves[-1] >= size - 1)
    for name, leaves in (("file", w.records()[0]), ("server", w.good.leaves)):
        first = list(dict.fromkeys(leaves))
        assert first == list(range(len(first))) and len(first) >= size, (name, len(first), size)
        print(f"   {name}: {len(first)} entries, {len(leaves) - len(first)} of them came again")
    assert not w.good.bad, w.good.bad[:2]


def records_say_what_the_log_says_and_no_more(w):
    size = int((w.r.log / "checkpoint").read_text().splitlines()[1])
    code, out = w.r.audit("show", w.r.log, f"0-{size - 1}", "--json")
    assert code == 0, out[-500:]
    _, texts = w.records()
    for line in out.splitlines():
        leaf = json.loads(line)
        entry = {k: v for k, v in leaf.get("entry", leaf).items() if k not in ("leaf", "pseudonym", "hash")}
        mine = dict(texts[leaf["leaf"]])
        mine.pop("leaf")
        assert mine == entry, (mine, entry)
    assert not any(word in w.file.read_text() for word in (".list.test", "pseudonym"))
    assert not any(b".list.test" in m for m in w.good.messages)


def who_is_behind_is_an_alarm(w):
    until("the mute or the slow one is an alarm", lambda: "sink-behind" in w.alarms())


def checkpoints_are_stamped(w):
    stamps = w.r.log / "stamps"
    until("three stamps", lambda: len(list(stamps.glob("*.tsr"))) >= 3)
    for p in stamps.glob("*.tsr"):
        tsa.openssl("ts", "-verify", "-in", p, "-data", p.with_suffix(".checkpoint"), "-CAfile", w.authority.root)
    acts = w.r.control.rojactl("max", "journal")
    assert any(a["act"] == "audit.stamp" for a in acts), acts[:3]
    code, out = w.r.audit("verify", w.r.log, "--ca", w.authority.root)
    assert code == 0, out


def a_dead_authority_is_an_alarm(w):
    w.tsa.answer = lambda h, _: tsa.send(h, b"", 500)
    w.order()  # something to stamp
    until("three failures in a row", lambda: "stamp-failed" in w.alarms())
    w.tsa.answer = tsa.honest(w.authority)
    until("it is over", lambda: "stamp-failed" not in w.alarms())


def it_ends_at_once(w):
    began = time.monotonic()
    w.r.control.stop()
    assert time.monotonic() - began < 10
    code, out = w.r.audit("verify", w.r.log)
    assert code == 0, out


def a_stamp_cannot_be_taken_away(w):
    first = min((w.r.log / "stamps").glob("*.tsr"), key=lambda p: int(p.stem))
    for gone in ((first, first.with_suffix(".checkpoint")), (first,)):
        with tempfile.TemporaryDirectory() as place:
            copy = pathlib.Path(place) / "log"
            shutil.copytree(w.r.log, copy)
            for path in gone:
                (copy / "stamps" / path.name).unlink()
            code, out = w.r.audit("verify", "--state", "-", copy)
            assert code == 1 and f"stamps/{first.stem}." in out and "leaf" in out, out


TESTS = [hits_are_acknowledged_as_ever, nothing_is_lost_to_deaths, records_say_what_the_log_says_and_no_more, who_is_behind_is_an_alarm,
         checkpoints_are_stamped, a_dead_authority_is_an_alarm, it_ends_at_once,
         a_stamp_cannot_be_taken_away]


def main():
    failed = 0
    rate, seconds = (int(sys.argv[2]) if len(sys.argv) > 2 else 20000), (int(sys.argv[3]) if len(sys.argv) > 3 else 10)
    with tempfile.TemporaryDirectory(prefix="roja-sinks-") as folder:
        w = World(sys.argv[1], folder, rate, seconds)
        try:
            for test in TESTS:
                try:
                    test(w)
                    print(f"ok sink-control {test.__name__}", flush=True)
                except (recorded.bench.network.Failure, AssertionError, OSError, ValueError, KeyError, IndexError) as e:
                    print(f"not ok sink-control {test.__name__}: {e!r}"[:1000], flush=True)
                    failed = 1
        finally:
            w.stop.set()
            w.r.end()
    return failed


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""daemon.py DAEMON ROJACTL REPLAY CAPTURES SEAL: roja-dataplane over capture files, without root.

What is not listed leaves byte for byte and in order; what is listed is hit as roja-replay hits it; figures are asked for over
DPDK's telemetry while rulesets change and while it ends. Prints "ok daemon TEST" or "not ok daemon TEST: why".
"""
import contextlib
import json
import os
import pathlib
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

DAEMON, ROJACTL, REPLAY, CAPTURES, SEAL = (str(pathlib.Path(arg).resolve()) for arg in sys.argv[1:6])
SWAPS = 50
CONFIG = """\
instance: %(name)s
eal: {memory_mib: 128, options: ["--iova-mode=va"]}
ports:
  - {name: left, driver: pcap, device: "rx_pcap=%(capture)s,tx_pcap=%(folder)s/left.pcap"}
  - {name: right, driver: pcap, device: "rx_pcap=%(empty)s,tx_pcap=%(folder)s/right.pcap"}
pairs: [{left: left, right: right}]
workers: {cores: [%(core)d], idle: sleep}
limits: {flows: 4096, small: 1024, medium: 64, large: 16, mbufs: 8192}
ruleset: %(folder)s/rules.roja
socket: %(folder)s/socket
events: {path: %(folder)s/events, records: 1024}
user: ""
"""


def until(condition, what):
    deadline = time.monotonic() + 60
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited for nothing: {what}")
        time.sleep(0.005)


def frames(path):
    data = pathlib.Path(path).read_bytes()
    at, found = 24, []
    while at + 16 <= len(data):
        length = struct.unpack_from("<I", data, at + 8)[0]
        found.append(data[at + 16:at + 16 + length])
        at += 16 + length
    assert at == len(data), f"{path} is cut off at {at} of {len(data)} bytes"
    return found


class Daemon:
    def __init__(self, folder, capture, lists):
        self.folder, self.name = folder, f"daemon-test-{os.getpid()}"
        empty = folder / "empty.pcap"
        empty.write_bytes(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        subprocess.run([ROJACTL, "compile", "-o", folder / "rules.roja", *lists], check=True, stdout=subprocess.DEVNULL)
        self.config = folder / "config.yaml"
        self.config.write_text(CONFIG % {"name": self.name, "capture": capture, "folder": folder, "empty": empty,
                                    "core": min(os.sched_getaffinity(0))})
        self.log = open(folder / "log", "w+")
        self.start()

    def start(self):
        folder = self.folder
        self.process = subprocess.Popen([DAEMON, self.config], stdout=self.log, stderr=self.log,
                                        env={**os.environ, "RUNTIME_DIRECTORY": str(folder), "XDG_RUNTIME_DIR": str(folder)})
        until(lambda: self.process.poll() is not None or self.listens(), "the control socket")
        assert self.process.poll() is None, "it does not start: " + self.said()

    def listens(self):
        with socket.socket(socket.AF_UNIX) as s:
            return s.connect_ex(str(self.folder / "socket")) == 0

    def said(self):
        return (self.folder / "log").read_text()[-600:]

    def ask(self, method, **params):
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(str(self.folder / "socket"))
            s.sendall(json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode() + b"\n")
            return json.loads(s.makefile().readline())["result"]

    def end(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        code = self.process.wait()
        assert code == 0, f"exit {code}: {self.said()}"


@contextlib.contextmanager
def daemon(capture, lists):
    with tempfile.TemporaryDirectory(prefix="daemon-test-") as folder:
        d = Daemon(pathlib.Path(folder), capture, lists)
        try:
            yield d
        finally:
            if d.process.poll() is None:
                d.process.kill()
                d.process.wait()
            d.log.close()


def total(d, figure):
    return sum(worker[figure] for worker in d.ask("workers"))


def test_what_is_not_listed_leaves_as_it_came(capture):
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as other:
        other.write("#! name: other\nunseen.example\n")
        other.flush()
        with daemon(capture, [other.name]) as d:
            wanted = frames(capture)
            until(lambda: total(d, "tx_packets") >= len(wanted), "every frame to leave")
            d.end()
            assert frames(d.folder / "right.pcap") == wanted, "frames are changed, lost or in another order"
            assert frames(d.folder / "left.pcap") == [], "something came back"


def test_what_is_listed_is_hit(capture):
    golden = pathlib.Path(CAPTURES) / "golden.txt"
    told = subprocess.run([REPLAY, "--json", "--checksums", "verify", "--list", golden, capture], capture_output=True, text=True)
    wanted = sum(json.loads(line).get("event", "hit") == "hit" for line in told.stdout.splitlines())
    with daemon(capture, [golden]) as d:
        until(lambda: total(d, "judged_packets") >= len(frames(capture)), "every frame to be judged")
        until(lambda: total(d, "hits") >= wanted, "every hit")
        assert total(d, "hits") == wanted, f"{total(d, 'hits')} hits instead of {wanted}"
        d.end()


def test_addresses_are_blocked_for_a_time(capture):
    with daemon(capture, [pathlib.Path(CAPTURES) / "golden.txt"]) as d:
        assert d.ask("blocks.list") == {"blocks": [], "next": 0}
        assert d.ask("blocks.add", address="192.0.2.77", seconds=3600, list=7) == {"blocks": 1}
        assert d.ask("blocks.add", address="192.0.2.77", seconds=1) == {"blocks": 1}
        assert d.ask("blocks.add", address="2001:db8::77", seconds=1) == {"blocks": 2}
        assert {b["address"] for b in d.ask("blocks.list")["blocks"]} == {"192.0.2.77", "2001:db8::77"}
        until(lambda: d.ask("status")["blocks"] == 1, "the shorter one to end")
        (left,) = d.ask("blocks.list")["blocks"]
        assert left["address"] == "192.0.2.77" and 3000 < left["left_s"] <= 3600, left
        assert d.ask("blocks.remove", address="2001:db8::77") == {"removed": 0}
        assert d.ask("blocks.remove", address="192.0.2.77") == {"removed": 1}
        for i in range(1500):
            d.ask("blocks.add", address=f"2001:db8::{i + 1:x}", seconds=86400, list=i)
        first, seen = d.ask("blocks.list"), set()
        while True:
            seen |= {b["list"] for b in first["blocks"]}
            if not first["next"]:
                break
            first = d.ask("blocks.list", **{"from": first["next"]})
        assert seen == set(range(1500)), len(seen)
        assert d.ask("blocks.remove") == {"removed": 1500}
        assert d.ask("status")["blocks"] == 0 and d.ask("status")["kernel_lacks"] is None
        d.end()


def test_a_sealed_ruleset_keeps_its_version_over_a_restart(capture):
    with daemon(capture, [pathlib.Path(CAPTURES) / "golden.txt"]) as d:
        digest = d.ask("status")["ruleset"]["digest"]
        key, sealed, rules = (d.folder / name for name in ("key", "seventeen.roja", "rules.roja"))
        key.write_bytes(os.urandom(32))
        key.chmod(0o600)
        subprocess.run([SEAL, rules, key, "17", sealed], check=True)
        d.end()
        rules.unlink()
        rules.symlink_to("seventeen.roja")
        d.log.truncate(0)
        try:
            d.start()
            raise SystemError("it starts without the key")
        except AssertionError as e:
            assert "is sealed, and there is no key to open it" in str(e), e
        d.config.write_text(d.config.read_text() + f"key_file: {key}\n")
        for _ in range(2):
            d.start()
            ruleset = d.ask("status")["ruleset"]
            assert (ruleset["version"], ruleset["digest"], ruleset["path"]) == (17, digest, str(rules)), ruleset
            d.end()


class Asker(threading.Thread):
    """Asks DPDK's telemetry all the time."""

    def __init__(self, d):
        super().__init__()
        self.path = str(d.folder / "dpdk" / d.name / "dpdk_telemetry.v2")
        self.answers, self.ending, self.wrong = 0, False, None

    def run(self):
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as s:
                s.connect(self.path)
                s.recv(65536)
                while True:
                    for command in ("/roja/status", "/roja/worker,0", "/roja/counters", "/roja/port,1"):
                        s.send(command.encode())
                        if not s.recv(65536):
                            return
                        self.answers += 1
        except OSError as e:
            self.wrong = None if self.ending else e


def test_telemetry_while_rulesets_change(capture):
    with daemon(capture, [pathlib.Path(CAPTURES) / "golden.txt"]) as d:
        askers = [Asker(d) for _ in range(2)]
        for asker in askers:
            asker.start()
        for _ in range(SWAPS):
            d.ask("ruleset.load", path=str(d.folder / "rules.roja"))
        for asker in askers:
            before = asker.answers
            until(lambda: asker.answers > before or not asker.is_alive(), "telemetry")
            asker.ending = True
        d.end()
        for asker in askers:
            asker.join()
            assert not asker.wrong, f"telemetry: {asker.wrong}"


def main():
    captures = [c for c in sorted(pathlib.Path(CAPTURES).iterdir()) if c.suffix == ".pcap"]
    tests = [(f"untouched {c.stem}", test_what_is_not_listed_leaves_as_it_came, c) for c in captures]
    tests += [(f"hits {c.stem}", test_what_is_listed_is_hit, c) for c in captures]
    tests += [("sealed", test_a_sealed_ruleset_keeps_its_version_over_a_restart, captures[0])]
    tests += [("blocks", test_addresses_are_blocked_for_a_time, captures[0])]
    tests += [("telemetry", test_telemetry_while_rulesets_change, captures[0])]
    bad = 0
    for name, test, capture in tests:
        try:
            test(capture)
            print(f"ok daemon {name}", flush=True)
        except Exception as e:  # whatever went wrong is this test's failure
            print(f"not ok daemon {name}: {e!r}", flush=True)
            bad = 1
    return bad


if __name__ == "__main__":
    sys.exit(main())

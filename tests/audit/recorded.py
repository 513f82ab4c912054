# SPDX-License-Identifier: BSD-3-Clause
"""recorded: roja-control that takes hits out of an events file, and what its log then holds."""
import json
import pathlib
import signal
import struct
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "e2e"))
import bench  # noqa: E402
import control  # noqa: E402

HEADER, CONTROL_BYTES, TAIL_AT, LOST_AT, HEAD_AT = 4096, 128, 0, 16, 64  # docs/events.md
WAIT_S = 600


def until(what, true):
    deadline = time.monotonic() + WAIT_S
    while not true():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {WAIT_S} s: {what}")
        time.sleep(0.02)


class Recorded:
    """A daemon with one order of `rules` names in force; hits are told by the program tests/audit/hits."""

    def __init__(self, build, folder, rules=5000, records=65536, rings=2, state=None, change=lambda config: None):
        self.build = pathlib.Path(build).resolve()
        self.folder, self.rules, self.records, self.rings = pathlib.Path(folder), rules, records, rings
        self.folder.chmod(0o755)
        self.events = self.folder / "events"
        self.control = control.Control(bench.Tools(self.build), self.folder, self.folder)

        def changed(config):
            config["audit"] = {"origin": "roja.example/audit"}
            if state:
                config["state"] = str(state)
            change(config)
        self.control.configure([("left", self.folder / "no.sock", self.events)], changed)
        self.control.start()
        names = self.folder / "names.txt"
        names.write_text("".join(f"n{i}.list.test\n" for i in range(rules)))
        order = self.control.propose("ana", ("names", names))
        self.control.rojactl("ben", "order", "approve", order)
        until("the order is compiled", lambda: self.active()["rules"])
        self.producer = None

    def active(self):
        """The version in force."""
        rows = [row for row in self.control.rojactl("ana", "version", "ls") if row["active"]]
        return rows[0] if rows else {"version": 0, "rules": 0}

    @property
    def log(self):
        return self.control.state / "audit" / "log"

    def start_hits(self, rate, seconds=0):
        program = self.build / "tests" / "audit" / "hits"
        self.producer = subprocess.Popen([program, self.events, str(self.rings), str(self.records), str(rate), str(seconds),
                                          str(self.active()["version"]), str(self.rules)], stdout=subprocess.PIPE, text=True)
        assert self.producer.stdout.readline() == "ready\n"
        subprocess.run(["chown", "nobody:" + control.GROUP, self.events], check=True)

    def end_hits(self, kill=True):
        """put, lost, gap records"""
        if kill:
            self.producer.send_signal(signal.SIGTERM)
        out = self.producer.communicate()[0]
        assert self.producer.returncode == 0
        return [int(word) for word in out.split()]

    def waiting(self):
        """Records that are not acknowledged."""
        n = 0
        with open(self.events, "rb") as f:
            for ring in range(self.rings):
                block = HEADER + ring * CONTROL_BYTES
                f.seek(block)
                data = f.read(CONTROL_BYTES)
                n += struct.unpack_from("=Q", data, TAIL_AT)[0] - struct.unpack_from("=Q", data, HEAD_AT)[0]
        return n

    def settle(self):
        """Every record is acknowledged, and every leaf is published."""
        until("every hit is acknowledged", lambda: self.waiting() == 0)

        def published():
            s = self.control.rojactl("max", "audit", "status")
            return s["published"] == s["leaves"] == s["indexed"]
        until("every leaf is published", published)

    def audit(self, *words):
        """roja-audit's exit code and what it says."""
        r = subprocess.run([self.build / "audit" / "tool" / "roja-audit", *map(str, words)], text=True, check=False,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={"HOME": str(self.folder), "PATH": "/usr/bin:/bin"})
        return r.returncode, r.stdout

    def second(self):
        """What the second verifier has against the log, or None."""
        r = subprocess.run([sys.executable, HERE / "second" / "verify.py", self.log], text=True, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return r.stdout if r.returncode else None

    def hits(self):
        """Of the log's leaves: {(source, seq): how often}, sources by number, gaps."""
        seen, lost = {}, 0
        size = self.log.joinpath("checkpoint").read_text().splitlines()[1]
        code, out = self.audit("show", self.log, f"0-{int(size) - 1}", "--json")
        assert code == 0, out[-500:]
        for line in out.splitlines():
            leaf = json.loads(line)
            leaf = leaf.get("entry", leaf)
            if leaf["kind"] == "hit":
                key = leaf["source"], leaf["seq"]
                seen[key] = seen.get(key, 0) + 1
            elif leaf["kind"] == "gap":
                lost += leaf["last"] - leaf["first"] + 1
        return seen, lost

    def end(self):
        if self.producer and self.producer.poll() is None:
            self.producer.kill()
            self.producer.wait()
        self.control.end()


def disk_bytes(folder):
    """What the folder takes on the disk, as du says."""
    return int(subprocess.run(["du", "-s", "-B1", folder], check=True, text=True, stdout=subprocess.PIPE).stdout.split()[0])

#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""audit.py ROJA_CONTROL ROJACTL: the audit log looked into and looked after, through rojactl, as people whom nobody is.

Prints "ok audit TEST" or "not ok audit TEST: why" a test.
"""
import base64
import functools
import hashlib
import json
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
import time

from daemon import UIDS, Daemon
from people import run_tests, until


class World:
    def __init__(self, d, rojactl, roja_audit, folder):
        self.d, self.rojactl, self.folder = d, str(pathlib.Path(rojactl).resolve()), folder
        self.roja_audit = roja_audit
        self.open = folder / "open"
        self.open.mkdir()
        self.open.chmod(0o777)
        self.log = folder / "state" / "audit" / "log"

    def run(self, role, *words):
        uid = str(UIDS[role])
        return subprocess.run(["setpriv", "--reuid", uid, "--regid", uid, "--clear-groups", self.rojactl, *map(str, words), "--socket", self.d.path],
                              cwd=self.open, env={"PATH": os.environ["PATH"], "HOME": "/nonexistent"}, text=True, capture_output=True, check=False,
                              stdin=subprocess.DEVNULL)

    def ask(self, role, *words):
        r = self.run(role, *words, "--json")
        assert r.returncode == 0, (words, r)
        return json.loads(r.stdout)

    def status(self):
        return self.ask("viewer", "audit", "status")

    def verdict(self, folder=None):
        r = subprocess.run([self.roja_audit, "verify", "--json", "--state", "-", folder or self.log], text=True, capture_output=True, check=False)
        return json.loads(r.stdout)

    def settled(self):
        """The status once all that was appended is published and in the index."""
        s = {}

        def is_settled():
            s.update(self.status())
            return s["leaves"] == s["durable"] == s["published"] == s["indexed"]

        until(is_settled, "the log settles")
        return s

    def order(self):
        fields = {"authority": "Test Authority", "reference": "1196", "legal_basis": "Law 1", "category": "court", "received": "2026-01-02",
                  "expires": "2099-01-01", "precision": "domain"}
        answer = self.d.once(UIDS["operator"], "order.add", fields)
        assert "result" in answer, answer
        return answer["result"]["order"]


def each_act_is_a_leaf(w):
    before = w.settled()
    assert before["trouble"] is None and before["leaves"] > 0, before
    w.order()
    until(lambda: w.status()["leaves"] > before["leaves"], "the act is a leaf")
    after = w.settled()
    assert after["root"] != before["root"] and after["origin"] == before["origin"], (before, after)
    r = w.run("viewer", "audit", "status")
    assert r.returncode == 0 and after["origin"] in r.stdout, r


def note_of(w):
    r = w.run("viewer", "audit", "checkpoint")
    assert r.returncode == 0, r
    return r.stdout


def the_checkpoint_is_the_one_that_is_published(w):
    s = w.settled()
    text, _, signatures = note_of(w).partition("\n\n")
    origin, size, root = text.split("\n")
    assert origin == s["origin"] and base64.b64decode(root).hex() == s["root"] and int(size) == s["published"], (text, s)
    assert signatures.startswith("\u2014 " + origin + " "), signatures
    assert (w.log / "checkpoint").read_text() == note_of(w)


def only_some_may(w):
    for role, words in (("operator", ("rotate",)), ("operator", ("prune",)), ("viewer", ("reindex",)), ("viewer", ("cosign", "x"))):
        (w.open / "x").write_text("")
        r = w.run(role, "audit", *words)
        assert r.returncode == 1, (role, words, r)


def another_key_signs(w):
    before = w.status()["key"]
    key = w.ask("admin", "audit", "rotate")["key"]
    assert key != before and w.status()["key"] == key, (before, key)
    number = key.split("+")[1]

    def signed():
        lines = note_of(w).partition("\n\n")[2].splitlines()
        return any(base64.b64decode(line.split(" ")[2])[:4].hex() == number for line in lines)

    until(signed, "the new key signs")
    rows = w.d.once(UIDS["auditor"], "journal.list", {"limit": 1000})["result"]
    assert [row for row in rows if row["act"] == "audit.rotate" and key in row["text"] and row["outcome"] == "done"], rows


def the_index_is_built_anew(w):
    s = w.settled()
    assert w.ask("admin", "audit", "reindex")["leaves"] >= s["leaves"]
    assert w.settled()["indexed"] >= s["leaves"]
    assert w.ask("viewer", "hits") == []


def retention_runs_and_says_so(w):
    began = int(time.time())
    until(lambda: w.run("admin", "audit", "prune").returncode == 0, "a run begins")
    until(lambda: not w.status()["retention"]["runs"] and w.status()["retention"]["begun"], "it ends")
    r = w.status()["retention"]
    assert r["failed"] is None and r["removed"] == 0 and r["ended"] >= time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(began)), r


def a_hold_needs_two_people(w):
    order = w.order()
    r = w.run("operator", "hold", "add", order, "-r", "a court asks")
    assert r.returncode == 0 and "proposal" in r.stdout, r
    held = w.ask("viewer", "hold", "ls")
    assert [(h["order"], h["state"]) for h in held] == [(order, "proposed")], held
    proposal = [p for p in w.ask("viewer", "proposal", "ls", "--state", "open") if p["kind"] == "hold"][0]["proposal"]
    assert w.run("operator", "proposal", "approve", proposal).returncode == 1
    assert w.run("approver", "proposal", "approve", proposal).returncode == 0
    assert w.ask("viewer", "hold", "ls", "--state", "active")[0]["order"] == order
    assert w.run("operator", "hold", "release", held[0]["hold"], "-r", "the case is closed").returncode == 0
    proposal = [p for p in w.ask("viewer", "proposal", "ls", "--state", "open") if p["kind"] == "hold-end"][0]["proposal"]
    assert w.ask("viewer", "hold", "ls", "--state", "active")
    assert w.run("approver", "proposal", "approve", proposal).returncode == 0
    assert w.ask("viewer", "hold", "ls", "--state", "active") == []


def openssl(*words, given=None):
    return subprocess.run(["openssl", *words], input=given, capture_output=True, check=True).stdout


def witness(w):
    """A witness by openssl alone: its vkey, and its line over a note (C2SP tlog-cosignature)."""
    key = w.folder / "witness.pem"
    key.write_bytes(openssl("genpkey", "-algorithm", "ed25519"))
    public = openssl("pkey", "-in", str(key), "-pubout", "-outform", "DER")[-32:]
    number = hashlib.sha256(b"witness.example\n\x04" + public).digest()[:4]
    vkey = f"witness.example+{number.hex()}+{base64.b64encode(bytes([4]) + public).decode()}"

    def line(note):
        at = int(time.time())
        said = w.folder / "said"
        said.write_bytes(f"cosignature/v1\ntime {at}\n".encode() + note.partition("\n\n")[0].encode() + b"\n")
        signature = openssl("pkeyutl", "-sign", "-rawin", "-inkey", str(key), "-in", str(said))
        return f"\u2014 witness.example {base64.b64encode(number + struct.pack('>Q', at) + signature).decode()}\n"

    return vkey, line


def what_a_witness_signs_is_kept(w):
    w.settled()
    vkey, line = witness(w)
    note = note_of(w)
    size = int(note.split("\n")[1])
    said = w.open / "said"
    said.write_text(note + line(note))
    assert w.run("operator", "audit", "cosign", "said").returncode == 1  # of no known witness
    w.ask("operator", "audit", "cosign", "said", "--key", vkey)
    kept = (w.log / "stamps" / f"{size}.checkpoint").read_text()
    assert kept.startswith(note) and "witness.example" in kept, kept
    wrong = line(note.replace(f"\n{size}\n", f"\n{size + 1}\n"))
    said.write_text(wrong)
    r = w.run("operator", "audit", "cosign", "said", "--key", vkey, "--size", size)
    assert r.returncode == 1 and (w.log / "stamps" / f"{size}.checkpoint").read_text() == kept, r
    w.settled()
    assert w.verdict()["verdict"] == "good", w.verdict()
    for less in (note, None):  # a leaf names the witness: neither its line nor the file can be taken away unnoticed
        with tempfile.TemporaryDirectory() as place:
            copy = pathlib.Path(place) / "log"
            shutil.copytree(w.log, copy)
            path = copy / "stamps" / f"{size}.checkpoint"
            path.write_text(less) if less else path.unlink()
            found = w.verdict(copy)
            assert found["verdict"] == "bad" and found["file"] == f"stamps/{size}.checkpoint" and found["leaf"] > size, found


TESTS = [each_act_is_a_leaf, the_checkpoint_is_the_one_that_is_published, only_some_may, another_key_signs, the_index_is_built_anew,
         retention_runs_and_says_so, a_hold_needs_two_people, what_a_witness_signs_is_kept]


def main():
    with tempfile.TemporaryDirectory() as folder:
        d = Daemon(sys.argv[1], pathlib.Path(folder))
        w = World(d, *sys.argv[2:4], pathlib.Path(folder))
        return run_tests("audit", [(f.__name__, functools.partial(f, w)) for f in TESTS] + [("it_ends_in_good_order", d.end)])


if __name__ == "__main__":
    sys.exit(main())

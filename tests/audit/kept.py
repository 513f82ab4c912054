#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""kept.py MAKE_LOG ROJA_AUDIT: of a log whose keys changed, what verify kept is enough to check checkpoints, proofs and exports of every key; and diff
never says GOOD of a checkpoint whose signature it did not check.

Prints "ok kept TEST" or "not ok kept TEST: why" a test.
"""
import base64
import hashlib
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "stamp"), str(HERE)]

from tampering import Tools  # noqa: E402
from tsa import openssl  # noqa: E402

ORDER = b"352/2 prot."
GOOD, BAD, USAGE, UNREADABLE = range(4)


def size_of(path):
    return int(path.read_text().splitlines()[1])


def signer_id(vkey):
    return vkey.split("+")[1]


class World:
    def __init__(self, folder, make_log, roja_audit):
        self.folder, self.program = pathlib.Path(folder), roja_audit
        self.tools = Tools(make_log, roja_audit, folder)
        for seed in range(1, 200):  # logs are made at random: one that is long enough between its keys
            self.log = self.tools.make("log", leaves=900, every=9, stamps=100, rotate=2, seed=seed, keys=self.folder / "pems")
            _, said, told = self.run("key", self.log)
            self.keys = said.split()
            self.leaves = [int(line.split()[2].rstrip(",")) for line in told.splitlines()]
            # of each key the checkpoints that it alone signed
            self.of = [[p for p in sorted((self.log / "stamps").glob("*.checkpoint"), key=size_of) if self.signers(p) == {signer_id(key)}]
                       for key in self.keys]
            first = self.log / "tile/entries/000"
            if len(self.keys) == 3 and all(len(of) > 3 for of in self.of) and first.exists() and ORDER in first.read_bytes()[:4000]:
                break
        else:
            raise AssertionError("no log is as it must be")
        self.state = self.folder / "state"
        assert self.verify(self.log)[0] == GOOD

    def signers(self, path):
        lines = path.read_text().split("\n\n")[1].splitlines()
        return {base64.b64decode(line.split()[2])[:4].hex() for line in lines}

    def run(self, *words):
        done = subprocess.run([self.program, *map(str, words)], text=True, capture_output=True, check=False)
        return done.returncode, done.stdout, done.stderr

    def verify(self, path, *words, state=None):
        return self.tools.verify(path, *words, state=str(state or self.state))

    def diff(self, *words, state=None):
        code, said, error = self.run("diff", "--state", state or self.state, "--json", *words)
        return code, json.loads(said) if said else error

    def copy(self, name, checkpoint=None):
        out = self.folder / name
        shutil.rmtree(out, ignore_errors=True)
        shutil.copytree(self.log, out)
        if checkpoint:
            shutil.copy(checkpoint, out / "checkpoint")
        return out

    def copied_state(self, name):
        out = self.folder / name
        shutil.rmtree(out, ignore_errors=True)
        shutil.copytree(self.state, out)
        own, = out.iterdir()
        return out, own

    def proof(self, checkpoint, leaf=1):
        out = self.folder / f"{size_of(checkpoint)}.tlog-proof"
        code, _, error = self.run("prove", self.copy("older", checkpoint), leaf, "-o", out)
        assert code == GOOD, error
        return out

    def signed(self, name, text, pem):
        """A checkpoint of that text by the key of that number."""
        body, signature, vkey = self.folder / "body", self.folder / "signature", self.keys[pem]
        body.write_text(text)
        key, = [p for p in (self.folder / "pems").iterdir() if self.is_key(p, vkey)]
        openssl("pkeyutl", "-sign", "-inkey", key, "-rawin", "-in", body, "-out", signature)
        name_, id_, _ = vkey.split("+", 2)
        out = self.folder / name
        out.write_text(f"{text}\n\u2014 {name_} {base64.b64encode(bytes.fromhex(id_) + signature.read_bytes()).decode()}\n")
        return out

    def is_key(self, pem, vkey):
        return openssl("pkey", "-in", pem, "-pubout", "-outform", "DER").stdout[-32:] == base64.b64decode(vkey.split("+", 2)[2])[1:]


def test_the_chain_is_kept(w):
    own, = w.state.iterdir()
    assert own.name == hashlib.sha256(w.keys[0].split("+")[0].encode()).hexdigest()[:32], own
    assert (own / "keys").read_text() == "".join(f"{leaf} {key}\n" for leaf, key in zip(w.leaves, w.keys))
    assert (own / "key").read_text() == w.keys[-1] + "\n"


def test_checkpoints_of_every_key_are_checked_from_what_was_kept(w):
    newest = w.log / "checkpoint"
    for path in [p for of in w.of for p in (of[0], of[-1])]:
        for words in ((path, newest), (newest, path)):
            code, said = w.diff(*words, w.log)
            assert code == GOOD and (said["finding"], said["old_signature"], said["new_signature"]) in (
                ("extends", "good", "good"), ("same", "good", "good")), (words, said)
    code, said = w.diff(w.of[0][0], w.of[1][0], w.log)
    assert code == GOOD and said["finding"] == "extends", said


def test_proofs_by_every_key_are_checked_from_what_was_kept(w):
    for key, of in zip(w.keys, w.of):
        for path in (of[0], of[-1]):
            code, said, error = w.run("check", "--state", w.state, "--json", w.proof(path))
            assert code == GOOD and json.loads(said)["key"] == key, (said, error)


def test_a_key_signs_nothing_after_the_next_one(w):
    text = (w.log / "checkpoint").read_text().split("\n\n")[0] + "\n"
    for pem in (0, 1):
        forged = w.signed("forged", text, pem)
        code, said = w.diff(w.of[0][0], forged, w.log)
        assert code == UNREADABLE and said["finding"] == "not checked" and "forged was not checked" in said["text"], said
        code, said, _ = w.run("check", "--state", w.state, w.proof(forged))
        assert code == BAD, said
    honest = w.signed("honest", text, 2)
    assert w.diff(w.of[0][0], honest, w.log)[0] == GOOD
    assert w.run("check", "--state", w.state, w.proof(honest))[0] == GOOD
    # nor one before it was named
    early = w.signed("early", w.of[0][0].read_text().split("\n\n")[0] + "\n", 2)
    assert w.diff(early, w.log / "checkpoint", w.log)[0] == UNREADABLE


def test_folders_of_before_the_chain_was_kept(w):
    state, own = w.copied_state("old")
    (own / "keys").unlink()
    newest = w.log / "checkpoint"
    code, said = w.diff(w.of[2][0], newest, w.log, state=state)
    assert code == GOOD, said
    code, said = w.diff(w.of[0][0], newest, w.log, state=state)
    assert code == UNREADABLE and said["finding"] == "not checked" and "--key" in said["text"], said
    assert w.run("check", "--state", state, w.proof(newest))[0] == GOOD
    assert w.run("check", "--state", state, w.proof(w.of[0][0]))[0] == BAD
    code, verdict = w.verify(w.log, state=state)
    assert code == GOOD and verdict["pinned"] and not verdict["first_use"], verdict
    assert w.diff(w.of[0][0], newest, w.log, state=state)[0] == GOOD


def test_given_keys_are_what_counts(w):
    old, newest = w.of[0][0], w.log / "checkpoint"
    for given, checked in ((w.keys[:1], ("good", None)), (w.keys[2:], (None, "good")), (w.keys[1:2], (None, None))):
        words = [x for key in given for x in ("--key", key)]
        code, said = w.diff(*words, old, newest, w.log)
        assert code == UNREADABLE and said["finding"] == "not checked", said
        for signature, is_good in zip((said["old_signature"], said["new_signature"]), checked):
            assert signature == is_good or (is_good is None and signature.startswith("not checked")), said
        assert ("s of " in said["text"]) == (checked == (None, None)) and "--key" in said["text"], said
        for path, is_good in zip((old, newest), checked):
            assert (str(path) in said["text"]) == (is_good is None), said
    code, said, _ = w.run("diff", "--key", w.keys[0], old, newest, w.log)
    assert code == UNREADABLE and said.startswith("NOT PROVED: "), said
    code, said = w.diff("--key", w.keys[0], "--key", w.keys[2], old, newest, w.log, state="-")
    assert code == GOOD and said["finding"] == "extends", said
    code, said = w.diff(newest, newest, state="-")
    assert code == UNREADABLE and said["finding"] == "not checked", said
    code, said = w.diff(newest, newest, state=w.state)
    assert code == GOOD and said["finding"] == "same", said


def test_two_histories_are_bad_checked_or_not(w):
    newest = w.log / "checkpoint"
    lines = newest.read_text().split("\n\n")[0].splitlines()
    other = "\n".join(lines[:2] + [base64.b64encode(bytes(32)).decode()]) + "\n"
    fork = w.signed("fork", other, 2)
    code, said = w.diff(newest, fork)
    assert code == BAD and said["finding"] == "forked" and "--key" not in said["text"], said
    code, said = w.diff(newest, fork, state="-")
    assert code == BAD and said["finding"] == "forked" and "not checked" in said["text"], said
    fork.write_text(fork.read_text().replace("\n\n", "\n\n", 1).replace(lines[1], str(int(lines[1]) - 1), 1))
    code, said = w.diff(newest, fork)
    assert code == BAD and said["finding"] == "signature", said
    # without the log it is not known, and the keys do not help
    code, said = w.diff(w.of[0][0], newest)
    assert code == UNREADABLE and said["finding"] == "not proved", said


def test_what_was_kept_and_damaged_is_told(w):
    state, own = w.copied_state("damaged")
    good = (own / "keys").read_text()
    first, second, third = good.splitlines(keepends=True)
    for bad in ("hello\n", "x " + w.keys[0] + "\n", second, first + third + second, first + first, first.replace("0 ", "-0 "), good[:-9],
                first.replace("+", "-"), "0" + w.keys[0]):
        (own / "keys").write_text(bad)
        for words in (("verify", w.log), ("diff", w.of[0][0], w.log / "checkpoint", w.log), ("check", w.proof(w.of[0][0]))):
            code, said, error = w.run(words[0], "--state", state, *words[1:])
            assert code == UNREADABLE and "/keys: " in error, (bad, words, code, said, error)
    (own / "keys").write_text(good)
    assert w.verify(w.log, state=state)[0] == GOOD


def test_an_older_copy_is_told_by_its_size_and_an_older_export_is_good(w):
    older = w.copy("older", w.of[0][-1])
    code, verdict = w.verify(older)
    assert code == BAD and verdict["fault"] in ("rolled back", "beyond"), verdict
    out = w.folder / "export"
    code, _, error = w.run("export", older, "--order", ORDER.decode(), "-o", out)
    assert code == GOOD, error
    code, verdict = w.verify(out)
    assert code == GOOD and verdict["pinned"] and verdict["key"] == w.keys[0], verdict
    # of another log under the same name
    other = w.tools.make("other", leaves=900, every=9, seed=5)
    code, verdict = w.verify(other)
    assert code == BAD and verdict["fault"] in ("key", "forked"), verdict


def main():
    failed = 0
    with tempfile.TemporaryDirectory(prefix="roja-kept-") as folder:
        w = World(folder, *(str(pathlib.Path(p).resolve()) for p in sys.argv[1:3]))
        for name, test in [(n, t) for n, t in globals().items() if n.startswith("test_")]:
            try:
                test(w)
                print(f"ok kept {name}")
            except (AssertionError, OSError, ValueError, LookupError, subprocess.SubprocessError) as e:
                print(f"not ok kept {name}: {e!r}")
                failed = 1
    return failed


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""second_tampers.py MAKE_LOG ROJA_AUDIT [SEED [TIMES]]: of random tamperings the second verifier and roja-audit say the same: that they are bad.

Two sorts: of files, by somebody who has no key; and of entries, by somebody who has the key and makes a new tree of what they wrote, where
either both find it or both let it pass, for nothing in a log can say that another word was there. Prints "ok tampers WHAT", or
"not ok tampers WHAT: why" with all that is needed to see it again.
"""
import collections
import json
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
VECTORS = HERE / "vectors"
sys.path.insert(0, str(HERE / "second"))
sys.dont_write_bytecode = True
import cbor  # noqa: E402
import forge  # noqa: E402
import verify  # noqa: E402
from folder import Folder  # noqa: E402

CASES = {
    "rotated": ("--leaves", 700, "--every", 60, "--rotate", 2),
    "stamped": ("--leaves", 600, "--every", 90, "--stamps", 3),
    "pruned": ("--leaves", 1500, "--every", 200, "--prune"),
    "pruning": ("--leaves", 1500, "--every", 200, "--prune", "--pruning"),
}


def verdicts(audit, folder):
    """What both say, roja-audit first, each with the leaf it names."""
    r = subprocess.run([audit, "verify", "--state", "-", "--wait", "0", "--json", "--ca", VECTORS / "tsa.pem", folder], capture_output=True,
                       text=True, check=False)
    told = json.loads(r.stdout) if r.stdout else {"verdict": "none", "text": r.stderr}
    ours, _ = verify.judge(folder, (), VECTORS / "tsa.pem")
    return (r.returncode == 0, told), (ours["good"], ours)


def files_of(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


def flip(folder, rng):
    path = rng.choice(files_of(folder))
    data = bytearray(path.read_bytes())
    at = rng.randrange(len(data))
    data[at] ^= 1 << rng.randrange(8)
    path.write_bytes(data)
    return f"{path.relative_to(folder)}, byte {at}"


def cut(folder, rng):
    path = rng.choice(files_of(folder))
    data = path.read_bytes()
    path.write_bytes(data[:rng.randrange(len(data))])
    return path.relative_to(folder)


def append(folder, rng):
    path = rng.choice(files_of(folder))
    path.write_bytes(path.read_bytes() + rng.randbytes(rng.randrange(1, 40)))
    return path.relative_to(folder)


def needed(folder, rng):
    """A file that must be there: a full one, the newest, those that retention left, time stamps that a leaf names."""
    wide = [path for path in files_of(folder) if ".p" not in str(path.relative_to(folder))
            and ("stamps" not in path.parts or path.with_suffix(".tsr").exists())]
    return rng.choice(wide)


def delete(folder, rng):
    path = needed(folder, rng)
    path.unlink()
    return path.relative_to(folder)


def exchange(folder, rng):
    one, other = rng.sample(files_of(folder), 2)
    a, b = one.read_bytes(), other.read_bytes()
    if a == b:
        return flip(folder, rng)
    one.write_bytes(b)
    other.write_bytes(a)
    return f"{one.relative_to(folder)} and {other.relative_to(folder)}"


def stray(folder, rng):
    path = folder / rng.choice(("notes", "tile/0/x000/000", "tile/0/1", "tile/00/000", "tile/entries/000.p/0", "stamps/01.checkpoint", "tile/0/000.p/256",
                                "kept/000.p/3", "checkpoint.old", "tile/entries/0000", "tile/64/000", "stamps/1.tsr2", "tile/0/000.p/07"))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(rng.choice(files_of(folder)).read_bytes())
    return path.relative_to(folder)


def reorder(folder, rng):
    """Two entries of a bundle change places."""
    path = rng.choice([path for path in files_of(folder) if "entries" in path.parts])
    data, entries, at = path.read_bytes(), [], 0
    while at < len(data):
        end = at + 2 + int.from_bytes(data[at:at + 2], "big")
        entries.append(data[at:end])
        at = end
    if len(set(entries)) < 2:
        return flip(folder, rng)
    i, j = rng.sample(range(len(entries)), 2)
    entries[i], entries[j] = entries[j], entries[i]
    path.write_bytes(b"".join(entries))
    return f"{path.relative_to(folder)}, entries {i} and {j}"


def note_lines(folder, rng):
    """A checkpoint with a line more, or fewer, or another."""
    path = rng.choice([path for path in files_of(folder) if path.name.endswith("checkpoint")])
    lines = path.read_text().split("\n")
    at = rng.randrange(len(lines) - 1)
    if rng.randrange(2):
        what = lines.pop(at)
    else:
        what = rng.choice(("", " ", "x", "0", "\u2014 x.test AAAAAA==", lines[-2] + " "))
        lines.insert(at, what)
        if at > len(lines) - 3 and what.startswith("\u2014 x"):
            return note_lines(folder, rng)
    path.write_text("\n".join(lines))
    return f"{path.relative_to(folder)}, line {at}: {what}"


TAMPERS = (flip, flip, flip, cut, append, delete, exchange, stray, reorder, note_lines)


def of_files(audit, honest, rng, times, work):
    """Tamperings without a key: both must say no."""
    found = collections.Counter()
    for number in range(times):
        name = rng.choice(sorted(honest))
        tampered = work / "tampered"
        shutil.rmtree(tampered, ignore_errors=True)
        shutil.copytree(honest[name], tampered)
        tamper = rng.choice(TAMPERS)
        what = tamper(tampered, rng)
        (theirs, told), (ours, why) = verdicts(audit, tampered)
        found[tamper.__name__] += 1
        if theirs or ours:
            yield f"{number}: {tamper.__name__} in {name}: {what}: roja-audit says {told['verdict']} {told['text']}, the second {why}"
        elif tamper is reorder and "tile/entries" in told["file"] and why["leaf"] != told.get("first_bad", why["leaf"]):
            yield f"{number}: {what}: roja-audit names leaf {told['first_bad']}, the second {why}"
    print(f"   tamperings of files: {dict(found)}")


def of_entries(audit, rng, times, work):
    """Entries that were changed by somebody who has the keys: both say the same."""
    told = json.loads((VECTORS / "vectors.json").read_text())["log"]
    seeds = {key["vkey"]: bytes.fromhex(key["private_key"]) for key in told["keys"]}
    _, log = verify.judge(VECTORS / "log")
    honest = verify.bundle_of(Folder(VECTORS / "log").scan(), 0, log.tree.size)[:34]  # then follow leaves that name files
    found = collections.Counter()
    for number in range(-1, times):
        items = [forge.parse(entry) for entry in honest]
        what = forge.change(items, rng) if number >= 0 else "nothing"
        entries = [forge.build(item) for item in items]
        forged = work / "forged"
        shutil.rmtree(forged, ignore_errors=True)
        if not forge.write(forged, told["origin"], entries, [c["size"] for c in told["checkpoints"] if c["size"] <= 34], seeds, rng.randrange(8) > 0):
            continue
        (theirs, verdict), (ours, why) = verdicts(audit, forged)
        found["good" if ours else "bad"] += 1
        if theirs != ours or (number < 0 and not ours):
            yield f"{number}: {what}: roja-audit says {verdict['verdict']} {verdict['text']}, the second {why}"
    print(f"   tamperings of entries: {dict(found)}")


def of_forms(audit, rng, times, work):
    """A leaf of bytes that were changed at random: both say the same of it."""
    told = json.loads((VECTORS / "vectors.json").read_text())["log"]
    seeds = {key["vkey"]: bytes.fromhex(key["private_key"]) for key in told["keys"]}
    first = verify.bundle_of(Folder(VECTORS / "log").scan(), 0, 37)[0]
    samples = [bytes.fromhex(json.loads(line)["hex"]) for line in (VECTORS / "entries.jsonl").read_text().splitlines()]
    alone = [data for data in samples if cbor.decode(data).word in ("act", "alarm", "order", "import", "version", "probe", "count", "enforced", "recovered")]
    found = collections.Counter()
    for number in range(times):
        data = bytearray(rng.choice(alone))
        for _ in range(rng.randrange(1, 3)):
            at = rng.randrange(len(data))
            data[at:at + rng.randrange(2)] = rng.choice((bytes([rng.randrange(256)]), bytes([data[at] ^ 1 << rng.randrange(8)]), b"", b"\xc2\x85", b"\x18"))
        forged = work / "forged"
        shutil.rmtree(forged, ignore_errors=True)
        forge.write(forged, told["origin"], [first, bytes(data)], [2], seeds, True)
        (theirs, verdict), (ours, why) = verdicts(audit, forged)
        found["good" if ours else "bad"] += 1
        if theirs != ours:
            yield f"{number}: {data.hex()}: roja-audit says {verdict['verdict']} {verdict['text']}, the second {why}"
    print(f"   forms of entries: {dict(found)}")


def main():
    make, audit = sys.argv[1:3]
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 9162
    times = int(sys.argv[4]) if len(sys.argv) > 4 else 120
    bad = 0
    with tempfile.TemporaryDirectory() as place:
        work = pathlib.Path(place)
        honest = {"vectors": VECTORS / "log", "vectors_pruned": VECTORS / "pruned"}
        for name, options in CASES.items():
            honest[name] = work / name
            subprocess.run([str(word) for word in (make, *options, "--seed", seed, work / name)], check=True, stdout=subprocess.DEVNULL)
        for name, folder in honest.items():
            (theirs, told), (ours, why) = verdicts(audit, folder)
            print(f"{'ok' if theirs and ours else 'not ok'} tampers none of {name}{'' if theirs and ours else f': {told} {why}'}")
            bad += not (theirs and ours)
        for what, wrong in (("files", of_files(audit, honest, random.Random(seed), times, work)),
                            ("entries", of_entries(audit, random.Random(seed), times, work)),
                            ("forms", of_forms(audit, random.Random(seed), times, work))):
            wrong = list(wrong)
            print(f"{'not ok' if wrong else 'ok'} tampers {what}, seed {seed}, {times} of them")
            print("".join(f"   {line}\n" for line in wrong), end="")
            bad += len(wrong)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())

# SPDX-License-Identifier: BSD-3-Clause
"""tampering: honest logs, what can be done to their files, and what roja-audit says of it."""
import json
import pathlib
import random
import re
import shutil
import subprocess


ALLOWED = "allowed"  # instead of leaves: no change of what was signed


class Tools:
    """make-log and roja-audit; folder: where logs are made."""

    def __init__(self, make_log, roja_audit, folder):
        self.make_log, self.roja_audit, self.folder = make_log, roja_audit, pathlib.Path(folder)
        self.runs = 0

    def make(self, name, **options):
        """An honest log; options as make-log has them."""
        path = self.folder / name
        shutil.rmtree(path, ignore_errors=True)
        words = [f"--{key}" if value is True else f"--{key}={value}" for key, value in options.items() if value]
        subprocess.run([self.make_log, *words, path], check=True, stdout=subprocess.DEVNULL)
        return path

    def verify(self, path, *words, state="-", wait=0):
        """(exit code, verdict)"""
        self.runs += 1
        done = subprocess.run([self.roja_audit, "verify", "--json", "--state", state, "--wait", str(wait), *words, path],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        return done.returncode, json.loads(done.stdout) if done.stdout else {"fault": done.stderr.decode()}


def files(path):
    return sorted(p.relative_to(path).as_posix() for p in path.rglob("*") if p.is_file())


def kind_of(name):
    """Files of one kind can be swapped with each other."""
    if name.startswith("tile/"):
        return "/".join(name.split("/")[:2])
    return name.split("/")[0] if "/" in name else name


def leaves_below(path, name, offset):
    """(first, last) leaf that a byte of a tile or bundle is about; None: of no leaf."""
    m = re.fullmatch(r"(?:tile/(\d|entries)|kept)/((?:x\d{3}/)*)(\d{3})(?:\.p/\d+)?", name)
    if not m:
        return None
    n = int(re.sub(r"\D", "", m.group(2) + m.group(3)))
    if m.group(1) and m.group(1) != "entries":
        width = 256 ** int(m.group(1))
        at = n * 256 + offset // 32
        return at * width, (at + 1) * width - 1
    at, data, kept = 0, (path / name).read_bytes(), m.group(1) is None
    for i in range(256):  # an entry's length belongs to it
        if kept:
            at += 1
            if not data[at - 1]:
                if at > offset:
                    return n * 256, n * 256 + 255
                continue
        at += 2 + int.from_bytes(data[at:at + 2], "big")
        if at > offset:
            return n * 256 + i, n * 256 + i
    return None


def flips(path, name, offsets):
    """Changes one byte each, and puts it back."""
    data = (path / name).read_bytes()
    for offset in offsets:
        bad = bytearray(data)
        bad[offset] ^= 1 << random.randrange(8)
        (path / name).write_bytes(bad)
        yield f"flip {name}:{offset}", leaves_below_of(path, name, data, offset)
        (path / name).write_bytes(data)


def leaves_below_of(path, name, data, offset):
    changed = (path / name).read_bytes()
    (path / name).write_bytes(data)
    found = leaves_below(path, name, offset)
    (path / name).write_bytes(changed)
    return found


def may_go(path, name):
    """Partial tiles once the full one is there (docs/audit-format.md)."""
    full = name.split(".p/")[0]
    return ".p/" in name and ((path / full).exists() or (path / full.replace("tile/entries", "kept")).exists())


def file_by_file(path, names):
    """Deletes, cuts, lengthens and empties each of the files, and puts it back."""
    for name in names:
        data = (path / name).read_bytes()
        (path / name).unlink()
        yield f"delete {name}", ALLOWED if may_go(path, name) else None
        for what, bad in (("cut", data[:random.randrange(max(1, len(data)))]), ("extend", data + b"\0"),
                          ("double", data + data), ("empty", b"")):
            (path / name).write_bytes(bad)
            if bad != data:
                yield f"{what} {name}", None
        (path / name).write_bytes(data)


def swaps(path, names):
    """Puts each file in the place of another of its kind."""
    for name in names:
        others = [o for o in names if o != name and kind_of(o) == kind_of(name)]
        data = (path / name).read_bytes()
        for other in random.sample(others, min(2, len(others))):
            other_data = (path / other).read_bytes()
            if other_data == data:
                continue
            (path / name).write_bytes(other_data)
            (path / other).write_bytes(data)
            yield f"swap {name} {other}", None
            (path / name).write_bytes(data)
            (path / other).write_bytes(other_data)


def replays(path, early, names):
    """Puts an earlier copy of each file in its place, and files that were there once."""
    for name in names:
        old = early / name
        if not old.exists() or old.read_bytes() == (path / name).read_bytes():
            continue
        data = (path / name).read_bytes()
        (path / name).write_bytes(old.read_bytes())
        yield f"replay {name}", None
        (path / name).write_bytes(data)


def strangers(path):
    """Files that no log has."""
    for name in ("tile/0/x000/001", "tile/9/000", "tile/entries/000.p/256", "note", "tile/0/000.p/0", "kept/999",
                 "stamps/12", "stamps/012.checkpoint", "tile/entries/000.txt"):
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(b"\0" * 32)
        yield f"put {name}", None
        (path / name).unlink()


def check(tools, tampering, path, results):
    """Every one must be bad, and where it is of one leaf's bytes, that leaf must be named."""
    for what, leaves in tampering:
        code, verdict = tools.verify(path)
        if leaves == ALLOWED:
            results["refused"] += [f"{what}: {verdict}"] if code else []
            continue
        results["done"] += 1
        if code != 1:
            results["missed"].append(f"{what}: exit {code}: {verdict['fault']}")
            continue
        if leaves is None:
            continue
        results["of leaves"] += 1
        named = (verdict.get("leaf"), verdict.get("last"))
        # a damaged length takes the whole bundle's entries with it: then the bundle's leaves are named
        if named[0] is None or named[0] > leaves[1] or named[1] < leaves[0]:
            results["misnamed"].append(f"{what}: leaf {leaves}, named {named}: {verdict['fault']}: {verdict['text']}")
    return results


def first_of_a_key(tools):
    """A log whose newest checkpoint two keys had to sign."""
    for seed in range(1000):
        log = tools.make("first", leaves=60, every=25, rotate=1, seed=seed)
        if (log / "checkpoint").read_text().count("\n\N{EM DASH} ") == 2:
            return log
    raise RuntimeError("no rotation right before the last checkpoint")


def whole_log(tools, results):
    """What is done to whole logs: (what, expected faults, code and verdict)."""
    keys, state = tools.folder / "keys", str(tools.folder / "state")
    common = {"seed": 7, "every": 40, "keys": keys, "rotate": 1}
    early = tools.make("early", leaves=900, **common)
    late = tools.make("late", leaves=2000, **common)
    fork = tools.make("fork", leaves=2000, change=700, **common)
    other = tools.make("other", leaves=2000, **{**common, "keys": tools.folder / "keys2"})

    def expect(what, path, faults, *words, state_=state):
        code, verdict = tools.verify(path, *words, state=state_)
        results["done"] += 1
        if code != (1 if faults else 0) or (faults and verdict["fault"] not in faults):
            results["missed"].append(f"{what}: exit {code}: {verdict}")
        return verdict

    vkey = expect("the honest log, for the first time", late, None)["key"]
    expect("the same again", late, None, "--key", vkey)
    expect("an older copy of all of it", early, ["rolled back"])
    expect("another history by the same key", fork, ["forked"])
    expect("the same log of another key", other, ["key", "forked"])
    expect("another key, nothing kept", other, ["key"], "--key", vkey, state_="-")
    changed = tools.folder / "changed"
    for name, faults in (("checkpoint", ["root"]), ("tile", ["head", "root"])):
        shutil.rmtree(changed, ignore_errors=True)
        shutil.copytree(fork if name == "checkpoint" else late, changed)
        if name == "checkpoint":  # all recomputed, but signed is what was signed
            shutil.copy(late / "checkpoint", changed / "checkpoint")
        else:  # bodies and hashes of the other history, heads among them
            shutil.rmtree(changed / "tile")
            shutil.copytree(fork / "tile", changed / "tile")
        verdict = expect(f"leaf 700 changed, and all above it, not {name}", changed, faults, state_="-")
        if not verdict.get("leaf", 0) <= 2000 <= verdict.get("last", 0) + 2000:
            results["misnamed"].append(f"recomputed: {verdict}")
    signed = (other / "checkpoint").read_text().splitlines()
    mine = (late / "checkpoint").read_text().splitlines()
    (changed / "checkpoint").write_text("\n".join(mine[:4] + signed[4:]) + "\n")
    expect("signed by another key", changed, ["signature", "root", "head"], state_="-")
    first = first_of_a_key(tools)
    expect("the first checkpoint of a key", first, None, state_="-")
    signed = (first / "checkpoint").read_text().splitlines()
    for gone in signed[4:]:
        (first / "checkpoint").write_text("\n".join(line for line in signed if line != gone) + "\n")
        expect("a new key that signs without the one before it, or the other way round", first, ["signature"], state_="-")
    return results


def package(tools, log, results):
    """An export: every file of it counts, and each line of its custody record but the last one."""
    out = tools.folder / "export"
    subprocess.run([tools.roja_audit, "export", log, "--order", "352/2 prot.", "-o", out, "--note", "for a test"], check=True,
                   stdout=subprocess.DEVNULL)
    subprocess.run([tools.roja_audit, "custody", out, "--note", "handed on"], check=True)
    code, verdict = tools.verify(out)
    results["refused"] += [f"export: {verdict}"] if code else []
    for name in files(out):
        size = (out / name).stat().st_size
        if name == "custody.jsonl":
            size = (out / name).read_bytes().index(b"\n")
        check(tools, ((what, None) for what, _ in flips(out, name, random.sample(range(size), min(6, size)))), out, results)
        check(tools, ((what, None) for what, _ in file_by_file(out, [name]) if not what.startswith("cut custody")), out, results)
    check(tools, swaps(out, files(out)), out, results)
    check(tools, strangers(out), out, results)

#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""A second verifier of audit logs, written from docs/audit-format.md alone.

verify.py DIR [--key VKEY] [--ca PEM] [--held CHECKPOINT] [--prove LEAF] [--check PROOF] [--consistency FROM TO] [--json]

Says what is wrong and which leaf is the first bad one; ends with 0 where the log is good, with 1 where it is not.
"""
import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections import namedtuple
from hashlib import sha256

sys.dont_write_bytecode = True
import note  # noqa: E402
import proof  # noqa: E402
from folder import WIDE, Bad, Folder, entries_of, path_of  # noqa: E402
from retention import Retention  # noqa: E402
from rules import Rules  # noqa: E402
from tree import EMPTY, Tree, leaf_hash  # noqa: E402

Log = namedtuple("Log", "checkpoint bytes tree rules known removed stamps")


def bundle_of(folder, n, width):
    """What is known of the bundle's entries: None where a body was removed."""
    first, whole, kept = n * WIDE, None, None
    widths = folder.widths("tile/entries", n)
    if WIDE in widths:
        path = path_of("tile/entries", n)
        whole = entries_of(folder.read(path), WIDE, path, first)
    if n in folder.kept:
        path = path_of("kept", n)
        kept = entries_of(folder.read(path), WIDE, path, first, marked=True)
        for i, (a, b) in enumerate(zip(kept, whole or kept)):
            if a is not None and a != b:
                raise Bad(f"{path}: entry {i} is not the bundle's", first + i)
    if whole or kept:
        return (whole or kept)[:width]
    path = path_of("tile/entries", n, width if width < WIDE else None)
    data = folder.tile("tile/entries", n, width)
    if data is None:
        return entries_of(folder.read(path_of("tile/entries", n)), WIDE, path, first)[:width]
    return entries_of(data, width, path, first)


def hashes_of(folder, n, width):
    """The hashes of tile n of level 0, as many as the log has."""
    for wide in (WIDE, width):
        if wide in folder.widths("tile/0", n):
            data = folder.tile("tile/0", n, wide)
            if data is None:
                data = folder.tile("tile/0", n, WIDE)
            return [data[i:i + 32] for i in range(0, width * 32, 32)]
    raise Bad(f"{path_of('tile/0', n, width % WIDE or None)}: not there", n * WIDE)


def leaves_of(folder, size, rules, retention):
    """Walks all leaves; their hashes."""
    hashes = []
    for n in range((size + WIDE - 1) // WIDE):
        width = min(WIDE, size - n * WIDE)
        told = hashes_of(folder, n, width)
        for i, data in enumerate(bundle_of(folder, n, width)):
            leaf = n * WIDE + i
            if len(told[i]) != 32 or (data is not None and leaf_hash(data) != told[i]):
                raise Bad("its bytes are not those of its hash", leaf)
            retention.saw(leaf, rules.take(data), data)
        hashes += told
    return hashes


def check_tiles(folder, tree):
    """Every tile that is there, and every one that has to be, of the tree as it was signed."""
    level = 0
    while tree.size >> 8 * level:
        for n in range((tree.size >> 8 * level) // WIDE):
            if WIDE not in folder.widths(f"tile/{level}", n):
                raise Bad(f"{path_of(f'tile/{level}', n)}: not there", (n * WIDE) << 8 * level)
        level += 1
    for kind, tiles in folder.tiles.items():
        if kind == "tile/entries":
            continue
        level = int(kind[5:])
        right = tree.levels[8 * level] if tree.size >> 8 * level else []
        for n, widths in sorted(tiles.items()):
            known = right[n * WIDE:n * WIDE + WIDE]
            for width in sorted(widths):
                data = folder.tile(kind, n, width)
                if data is None:
                    continue
                where = path_of(kind, n, width if width < WIDE else None)
                if len(data) != 32 * width:
                    raise Bad(f"{where}: {len(data)} bytes", (n * WIDE) << 8 * level)
                for i, value in enumerate(known[:width]):
                    if data[32 * i:32 * i + 32] != value:
                        raise Bad(f"{where}: hash {i} is wrong", (n * WIDE + i) << 8 * level)


def check_partials(folder, tree):
    """Every partial bundle that is there is the beginning of the widest."""
    for n, widths in sorted(folder.tiles.get("tile/entries", {}).items()):
        for width in sorted(widths - {WIDE}):
            data = folder.tile("tile/entries", n, width)
            if data is None:
                continue
            path, first = path_of("tile/entries", n, width), n * WIDE
            for i, entry in enumerate(entries_of(data, width, path, first)):
                if first + i < tree.size and leaf_hash(entry) != tree.levels[0][first + i]:
                    raise Bad(f"{path}: entry {i} is wrong", first + i)


def check_signed_size(folder, size):
    """The partial tiles and bundles of a size that was signed."""
    level = 0
    while size >> 8 * level:
        n, rest = divmod(size >> 8 * level, WIDE)
        for kind in [f"tile/{level}"] + (["tile/entries"] if level == 0 else []):
            widths = folder.widths(kind, n)
            gone = kind == "tile/entries" and n in folder.kept
            if rest and not gone and not {WIDE, rest} & widths:
                raise Bad(f"{path_of(kind, n, rest)}: not there, and {size} leaves were signed", (n * WIDE) << 8 * level)
        level += 1


def check_signatures(checkpoint, rules, given):
    """By whom it must be signed, and whether it is; the keys that signed."""
    chain = [key for _, key in rules.keys]
    if not chain:
        return note.verified(checkpoint.note, given)
    found = note.verified(checkpoint.note, chain + [key for key in given if key not in chain])
    for key in rules.keys_at(checkpoint.size):
        if key not in found:
            raise Bad(f"the checkpoint of {checkpoint.size} leaves is not signed by {key.vkey}")
    return found


def check_earlier(checkpoint, tree, rules):
    """A checkpoint of fewer leaves is one of this log's past."""
    if checkpoint.origin != rules.origin:
        raise Bad(f"a checkpoint of {checkpoint.origin}")
    if checkpoint.size > tree.size:
        raise Bad(f"a checkpoint of {checkpoint.size} leaves, and the log has {tree.size}")
    if tree.root(checkpoint.size) != checkpoint.root:
        raise Bad(f"the checkpoint of {checkpoint.size} leaves has another root than the log had")
    if 0 < checkpoint.size < tree.size and (checkpoint.size, checkpoint.root) not in rules.heads:
        raise Bad(f"no head names the checkpoint of {checkpoint.size} leaves", checkpoint.size)


def der_bytes(data):
    """How many bytes the DER value at the beginning has."""
    if len(data) < 2 or data[1] < 128:
        return 2 + data[1] if len(data) > 1 else 0
    width = data[1] & 127
    return 2 + width + int.from_bytes(data[2:2 + width], "big")


def check_stamp(data, reply, authority):
    """An RFC 3161 reply over these bytes; authority: a file of certificates, or None."""
    if der_bytes(reply) != len(reply):
        raise Bad("the time stamp is cut, or something follows behind it")
    with tempfile.TemporaryDirectory() as place:
        for name, content in (("data", data), ("reply", reply)):
            with open(f"{place}/{name}", "wb") as file:
                file.write(content)
        told = subprocess.run(["openssl", "ts", "-reply", "-in", f"{place}/reply", "-text"], capture_output=True,
                              check=False)
        text = told.stdout.decode("latin-1")
        dump = re.search(r"Message data:\n((?:    [0-9a-f]{4} - .*\n)+)", text)
        rows = re.findall(r"^ {4}[0-9a-f]{4} - ((?:[0-9a-f]{2}[ -]){1,16})", dump[1], re.M) if dump else []
        imprint = "".join(rows).replace(" ", "").replace("-", "")
        if (told.returncode or "Status: Granted" not in text or "Hash Algorithm: sha256" not in text
                or imprint != sha256(data).hexdigest()):
            raise Bad("the time stamp is not one of its checkpoint")
        if authority and subprocess.run(
                ["openssl", "ts", "-verify", "-in", f"{place}/reply", "-data", f"{place}/data", "-CAfile", authority],
                capture_output=True, check=False).returncode:
            raise Bad("the time stamp is not the authority's")


def check_named(folder, rules):
    """What leaves stamp and witness name is there."""
    for leaf, size, checkpoint, reply in rules.stamps:
        for name, digest in ((f"stamps/{size}.checkpoint", checkpoint), (f"stamps/{size}.tsr", reply)):
            if sha256(folder.read(name)).digest() != digest:
                raise Bad(f"{name}: not the file that it names", leaf)
    for leaf, size, witness in rules.witnesses:
        name = f"stamps/{size}.checkpoint"
        if witness not in note.verified(note.checkpoint_of(folder.read(name)).note, [witness]):
            raise Bad(f"{name}: not signed by {witness.vkey}", leaf)


def verify(place, given=(), authority=None, held=()):
    """Checks the log of the folder; gives what is known of it, or throws Bad or BadNote."""
    given = list(given)
    folder = Folder(place)
    data = folder.read("checkpoint")
    checkpoint = note.checkpoint_of(data)
    folder.scan()
    rules, retention = Rules(checkpoint.origin), Retention(folder)
    tree = Tree(leaves_of(folder, checkpoint.size, rules, retention))
    check_tiles(folder, tree)
    for leaf, root in rules.heads:
        if tree.root(leaf) != root:
            raise Bad("it is a head with another root than the leaves before it have", leaf)
    if (tree.root() if tree.size else EMPTY) != checkpoint.root:
        raise Bad("the leaves have another root than the checkpoint")
    check_partials(folder, tree)
    for size in [leaf for leaf, _ in rules.heads] + [tree.size]:
        check_signed_size(folder, size)
    retention.check(rules.prunes, tree.size // WIDE)
    signers = check_signatures(checkpoint, rules, given)
    check_named(folder, rules)
    for size, kinds in sorted(folder.stamps.items()):
        path = f"stamps/{size}.checkpoint"
        stamped = folder.read(path)
        earlier = note.checkpoint_of(stamped)
        if earlier.size != size:
            raise Bad(f"{path}: a checkpoint of {earlier.size} leaves")
        check_earlier(earlier, tree, rules)
        check_signatures(earlier, rules, given)
        if "tsr" in kinds:
            check_stamp(stamped, folder.read(f"stamps/{size}.tsr"), authority)
    for other in held:
        earlier = note.checkpoint_of(other)
        check_earlier(earlier, tree, rules)
        check_signatures(earlier, rules, given)
    known = [key for key in given if key.type == note.LOG]
    if known and not any(key in signers or key in [k for _, k in rules.keys] for key in known):
        raise Bad("no key of the log is the one that was given")
    return Log(checkpoint, data, tree, rules, bool(known), rules.removed,
               sum("tsr" in kinds for kinds in folder.stamps.values()))


def judge(place, given=(), authority=None, held=()):
    """The verdict, for people and programs: a dict with `good`."""
    try:
        log = verify(place, given, authority, held)
    except Bad as bad:
        return {"good": False, "why": str(bad), "leaf": bad.leaf}, None
    except note.BadNote as bad:
        return {"good": False, "why": f"checkpoint: {bad}", "leaf": None}, None
    return {"good": True, "origin": log.checkpoint.origin, "size": log.tree.size, "root": log.checkpoint.root.hex(),
            "known": log.known, "keys": [key.vkey for _, key in log.rules.keys], "removed": log.removed,
            "stamps": log.stamps}, log


def proof_of(place, log, leaf):
    """A proof of the leaf in the log's newest checkpoint, as a file's bytes."""
    n, size = leaf // WIDE, log.tree.size
    entry = bundle_of(Folder(place).scan(), n, min(WIDE, size - n * WIDE))[leaf % WIDE]
    return proof.written(leaf, log.tree.path(leaf, size), entry, log.tree.levels[0][leaf], log.bytes)


def proof_holds(data, log, given=()):
    """Whether a proof is one of this log: of a checkpoint that it had."""
    try:
        checkpoint = note.checkpoint_of(proof.read(data).checkpoint)
        check_earlier(checkpoint, log.tree, log.rules)
        return proof.holds(data, [key for _, key in log.rules.keys] + list(given), log.checkpoint.origin)
    except (Bad, note.BadNote):
        return False


def contents(path):
    with open(path, "rb") as file:
        return file.read()


def main():
    parser = argparse.ArgumentParser(description="a second verifier of audit logs")
    parser.add_argument("dir")
    parser.add_argument("--key", action="append", default=[], help="a vkey that is trusted")
    parser.add_argument("--ca", help="certificates of the time-stamp authority")
    parser.add_argument("--held", action="append", default=[], help="a checkpoint from before")
    parser.add_argument("--prove", type=int, metavar="LEAF")
    parser.add_argument("--check", metavar="PROOF", help="a file that --prove wrote")
    parser.add_argument("--consistency", type=int, nargs=2, metavar=("FROM", "TO"))
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    try:
        given = [note.key_of(vkey) for vkey in asked.key]
    except note.BadNote as bad:
        print(f"--key: {bad}", file=sys.stderr)
        return 1
    verdict, log = judge(asked.dir, given, asked.ca, [contents(path) for path in asked.held])
    if log and asked.prove is not None:
        if not 0 <= asked.prove < log.tree.size:
            verdict.update(good=False, why=f"there is no leaf {asked.prove}")
        else:
            sys.stdout.buffer.write(proof_of(asked.dir, log, asked.prove))
            return 0
    if log and asked.check:
        if not proof_holds(contents(asked.check), log, given):
            verdict.update(good=False, why="the proof proves nothing of this log")
    if log and asked.consistency:
        start, end = asked.consistency
        if not 0 < start <= end <= log.tree.size:
            verdict.update(good=False, why=f"no two sizes of this log: {start}, {end}")
        else:
            verdict["consistency"] = [value.hex() for value in log.tree.consistency(start, end)]
    if asked.json:
        print(json.dumps(verdict))
    elif verdict["good"]:
        print(f"good: {verdict['origin']}, {verdict['size']} leaves, root {verdict['root']}")
        if not log.known:
            print("no key was given: the log is only consistent with itself")
        for value in verdict.get("consistency", []):
            print(value)
    else:
        where = "" if verdict.get("leaf") is None else f"leaf {verdict['leaf']}: "
        print(f"bad: {where}{verdict['why']}")
    return 0 if verdict["good"] else 1


if __name__ == "__main__":
    sys.exit(main())

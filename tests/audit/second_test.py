#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""second_test.py MAKE_LOG ROJA_AUDIT: the second verifier, written from docs/audit-format.md alone, and roja-audit agree; both know the
vectors that others published.

Prints a line "ok second CHECK" or "not ok second CHECK: why" a check.
"""
import base64
import json
import pathlib
import random
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
VECTORS = HERE / "vectors"
sys.path.insert(0, str(HERE / "second"))
sys.dont_write_bytecode = True
import cbor  # noqa: E402
import note  # noqa: E402
import proof  # noqa: E402
import verify  # noqa: E402
from tree import Tree, consistent, included, leaf_hash  # noqa: E402

# Leaves and roots of trees of 0 to 8 of them: certificate-transparency, the code that RFC 6962 came with (cpp/merkletree/merkle_tree_test.cc),
# since then in transparency-dev/merkle, testonly/constants.go.
RFC6962_LEAVES = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
RFC6962_ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
# (leaf, leaves, path), (from, to, path); the same source
RFC6962_PATHS = (
    (0, 8, ("96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4")),
    (5, 8, ("bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7")),
    (2, 3, ("fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",)),
)
RFC6962_CONSISTENCY = (
    (2, 5, ("5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b")),
    (6, 8, ("0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7")),
)
# C2SP signed-note (its key is not published), and tlog-cosignature, whose log line is tlog-checkpoint's example (nor are theirs)
C2SP_NOTE = """Ognuno sta solo sul cuor della terra
trafitto da un raggio di sole:

ed è subito sera.

— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=
"""
C2SP_CHECKPOINT = """example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
"""
# Go's module x/mod, sumdb/note/note_test.go: a signed note with its key, from the code that C2SP signed-note describes
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = """If you think cryptography is the answer to your problem,
then you don't know what your problem is.

— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
"""

# options of make-log
CASES = {
    "small": ("--leaves", 40, "--every", 7),
    "one_bundle": ("--leaves", 256, "--every", 256),
    "rotated": ("--leaves", 3000, "--every", 200, "--rotate", 3),
    "stamped": ("--leaves", 3000, "--every", 200, "--stamps", 5),
    "pruned": ("--leaves", 6000, "--every", 300, "--prune"),
    "pruning": ("--leaves", 6000, "--every", 300, "--prune", "--pruning"),
    "all": ("--leaves", 20000, "--every", 700, "--rotate", 2, "--stamps", 4, "--prune"),
    "three_levels": ("--leaves", 100000, "--every", 5000),
}
results = []


def check(name, right):
    print(f"ok second {name}" if right else f"not ok second {name}")
    results.append(bool(right))


def refused(what, *words):
    try:
        what(*words)
    except (note.BadNote, cbor.Malformed):
        return True
    return False


def hexed(values):
    return [bytes.fromhex(value) for value in values]


def published():
    leaves = [leaf_hash(leaf) for leaf in hexed(RFC6962_LEAVES)]
    tree, roots = Tree(leaves), hexed(RFC6962_ROOTS)
    check("RFC 6962, roots", [tree.root(n) for n in range(9)] == roots)
    for m, n, path in RFC6962_PATHS:
        check(f"RFC 6962, path of {m} in {n}", tree.path(m, n) == hexed(path) and included(m, n, leaves[m], hexed(path), roots[n]))
    for m, n, path in RFC6962_CONSISTENCY:
        check(f"RFC 6962, from {m} to {n}", tree.consistency(m, n) == hexed(path) and consistent(m, n, hexed(path), roots[m], roots[n]))
    many = Tree([leaf_hash(bytes([i])) for i in range(70)])
    check("paths of all leaves in all sizes to 70", all(
        included(m, n, many.levels[0][m], many.path(m, n), many.root(n)) and not included(m, n, many.levels[0][m], many.path(m, n), many.root(n - 1))
        for n in range(1, 71) for m in range(n)))
    check("consistency of all sizes to 70", all(
        consistent(m, n, many.consistency(m, n), many.root(m), many.root(n))
        and not consistent(m, n, many.consistency(m, n), many.root(m - 1), many.root(n)) for n in range(1, 71) for m in range(1, n + 1)))
    told = note.note_of(C2SP_NOTE.encode())
    check("C2SP signed-note", told.text.count(b"\n") == 4 and [(name, len(rest)) for name, _, rest in told.lines] == [("quasimodo.example/salvatore", 64)])
    told = note.checkpoint_of(C2SP_CHECKPOINT.encode())
    check("C2SP tlog-checkpoint and tlog-cosignature", (told.origin, told.size, told.root) == (
        "example.com/behind-the-sofa", 20852163, base64.b64decode("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=")) and [
            (name, len(rest)) for name, _, rest in told.note.lines] == [("example.com/behind-the-sofa", 64), ("witness.example.com/w1", 72)]
        and int.from_bytes(told.note.lines[1][2][:8], "big") == 1679315147)
    key = note.key_of(GO_KEY)
    check("Go's note", note.verified(note.note_of(GO_NOTE.encode()), [key]) == [key])
    check("Go's note, changed", refused(note.verified, note.note_of(GO_NOTE.replace("answer", "cause").encode()), [key]))


def entries():
    bad = []
    for line in (VECTORS / "entries-forms.jsonl").read_text().splitlines():
        row = json.loads(line)
        try:
            found = "later" if cbor.decode(bytes.fromhex(row["hex"])).later else "good"
        except cbor.Malformed:
            found = "bad"
        if found != row["verdict"]:
            bad.append((row, found))
    check(f"forms of entries {bad or ''}", not bad)
    rows = [json.loads(line) for line in (VECTORS / "entries.jsonl").read_text().splitlines()]
    for row in rows:
        entry, told = cbor.decode(bytes.fromhex(row["hex"])), row["json"]
        same = entry.word == told["kind"] and list(entry.fields) == [name for name in told if name not in ("kind", "time")]
        for name, value in entry.fields.items():
            kind = dict(cbor.FIELDS[entry.kind][1])[name]
            if isinstance(value, bytes):
                same &= value.hex() == told[name]
            elif kind != "time" and kind not in cbor.WORDS:
                same &= value == told[name]
        check(f"entry {entry.word}", same and not entry.later)
    check("entries are of every kind", {row["json"]["kind"] for row in rows} == {word for word, _ in cbor.FIELDS.values()})


def vectors():
    told = json.loads((VECTORS / "vectors.json").read_text())
    for name, row in told.items():
        keys = [note.key_of(key["vkey"]) for key in [*row["keys"], row["witness"]]]
        verdict, log = verify.judge(VECTORS / name, keys, VECTORS / "tsa.pem")
        check(f"{name}: {verdict.get('why', 'good')}", verdict["good"] and verdict["known"] and log.checkpoint.origin == row["origin"])
        tree = log.tree
        check(f"{name}: roots", all(tree.root(c["size"]).hex() == c["root"] for c in row["checkpoints"]))
        check(f"{name}: heads name every size that was signed", [c["size"] for c in row["checkpoints"]] == [
            leaf for leaf, _ in log.rules.heads] + [tree.size])
        for p in row["inclusion"]:
            check(f"{name}: path of {p['leaf']}", tree.levels[0][p["leaf"]].hex() == p["hash"] and tree.path(p["leaf"], p["size"]) == hexed(p["path"])
                  and included(p["leaf"], p["size"], bytes.fromhex(p["hash"]), hexed(p["path"]), tree.root(p["size"])))
        for p in row["consistency"]:
            check(f"{name}: from {p['from']} to {p['to']}", tree.consistency(p["from"], p["to"]) == hexed(p["path"]) and consistent(
                p["from"], p["to"], hexed(p["path"]), tree.root(p["from"]), tree.root(p["to"])))
    stamped = note.checkpoint_of((VECTORS / "log/stamps/23.checkpoint").read_bytes())
    witness = note.key_of(told["log"]["witness"]["vkey"])
    check("the witness signed", note.verified(stamped.note, [witness]) == [witness])
    other = note.key_of(told["pruned"]["keys"][0]["vkey"])
    check("another key is refused", not verify.judge(VECTORS / "log", [other])[0]["good"])


def asked(program, *words):
    r = subprocess.run([str(word) for word in (program, *words)], capture_output=True, text=True, check=False)
    return r.returncode, r.stdout


def agrees(audit, name, folder, rng, work):
    """roja-audit and the second verifier say the same of a log, and take each other's proofs."""
    code, out = asked(audit, "verify", "--state", "-", "--wait", 0, "--json", folder)
    first = json.loads(out)
    verdict, log = verify.judge(folder)
    if not verdict["good"] or code:
        check(f"{name}: {verdict} {first}", False)
        return
    check(f"{name}: both say the same of {verdict['size']} leaves", (first["size"], base64.b64decode(first["root"]).hex(), first["key"], first["removed"], first[
        "keys"], first["stamps"]) == (verdict["size"], verdict["root"], verdict["keys"][-1], verdict["removed"], len(verdict["keys"]), verdict["stamps"]))
    size, key = log.tree.size, verdict["keys"][-1]
    wrong = []
    for leaf in sorted({0, size - 1, *(rng.randrange(size) for _ in range(8))}):
        theirs, ours = work / "theirs", work / "ours"
        asked(audit, "prove", folder, leaf, "-o", theirs)
        ours.write_bytes(verify.proof_of(folder, log, leaf))
        if not proof.holds(theirs.read_bytes(), [note.key_of(key)]) or not verify.proof_holds(theirs.read_bytes(), log):
            wrong.append(f"theirs of {leaf}")
        if asked(audit, "check", "--state", "-", "-k", key, ours)[0] or theirs.read_bytes() != ours.read_bytes():
            wrong.append(f"ours of {leaf}")
        changed = bytearray(ours.read_bytes())
        at = rng.randrange(changed.index(b"extra ") + 6, changed.index(b"\n\n"))
        changed[at] ^= 1 << rng.randrange(7)
        (work / "changed").write_bytes(changed)
        if asked(audit, "check", "--state", "-", "-k", key, work / "changed")[0] == 0 or verify.proof_holds(bytes(changed), log):
            wrong.append(f"changed of {leaf} at {at}")
    check(f"{name}: proofs {wrong or ''}", not wrong)
    keys = work / "keys"
    keys.write_text("".join(f"{vkey}\n" for vkey in verdict["keys"]))
    newest = folder / "checkpoint"
    for path in sorted(folder.glob("stamps/*.checkpoint")):
        m = note.checkpoint_of(path.read_bytes())
        code, out = asked(audit, "diff", "--state", "-", "-k", keys, "--json", path, newest, folder)
        check(f"{name}: from {m.size} to {size}", code == 0 and json.loads(out)["finding"] == "extends" and consistent(
            m.size, size, log.tree.consistency(m.size, size), m.root, log.tree.root()))


def main():
    make, audit = sys.argv[1:]
    rng = random.Random(6962)
    published()
    entries()
    vectors()
    with tempfile.TemporaryDirectory() as place:
        work = pathlib.Path(place)
        for name in ("log", "pruned"):
            agrees(audit, name, VECTORS / name, rng, work)
        for name, options in CASES.items():
            subprocess.run([str(word) for word in (make, *options, "--seed", 6962, work / name)], check=True, stdout=subprocess.DEVNULL)
            agrees(audit, name, work / name, rng, work)
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())

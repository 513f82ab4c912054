#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""exported.py MAKE_LOG ROJA_AUDIT: an export's signatures, custody record and time stamps are what docs/audit-format.md says, and whatever is
changed in them is refused, with the file named.

Prints "ok exported TEST" or "not ok exported TEST: why" a test.
"""
import base64
import hashlib
import json
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "stamp"), str(HERE)]

from tampering import Tools  # noqa: E402
from tsa import Authority, openssl  # noqa: E402

ORDER = "352/2 prot."
PKCS8 = bytes.fromhex("302e020100300506032b657004220420")
FLIPS = 60  # bytes of a file that has more


def sha256(data):
    return hashlib.sha256(data).hexdigest()


class World:
    def __init__(self, folder, make_log, roja_audit):
        self.folder, self.program = pathlib.Path(folder), roja_audit
        self.tools = Tools(make_log, roja_audit, folder)
        self.log = self.tools.make("log", leaves=700, every=25, rotate=2, stamps=3, seed=1)
        self.n = 0
        self.good, self.stranger = Authority(folder, "Good"), Authority(folder, "Stranger")
        self.stamp(self.log)

    def stamp(self, log):
        """The last few of the checkpoints that are set aside."""
        for checkpoint in sorted((log / "stamps").glob("*.checkpoint"), key=lambda path: int(path.stem))[-4:]:
            checkpoint.with_suffix(".tsr").write_bytes(stamped(self.good, checkpoint.read_bytes()))

    def stamped(self):
        """(export, log, its stamp): the stamp is older than the log's checkpoint, and not the first."""
        for seed in range(1, 100):
            log = self.tools.make("stamped", leaves=600, every=8, stamps=100, rotate=1, seed=seed)
            if not any(ORDER.encode() in p.read_bytes() for p in (log / "tile/entries").iterdir() if p.is_file()):
                continue  # a log is made at random: this one has no such order
            self.stamp(log)
            out, _ = self.export(log=log)
            found = stamp_of(out)
            stamps = sorted(int(p.stem) for p in (log / "stamps").glob("*.tsr"))
            if stamps[0] < found[0] < stamps[-1]:
                return out, log, found
        raise AssertionError("every log ends with a leaf about the order")

    def key(self, byte):
        """A private key's file."""
        path = self.folder / f"key{byte}.pem"
        if not path.exists():
            body = base64.b64encode(PKCS8 + bytes([byte]) * 32).decode()
            path.touch(mode=0o600)
            path.write_text(f"-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n")
        return path

    def run(self, *words):
        done = subprocess.run([self.program, *map(str, words)], text=True, capture_output=True, check=False)
        assert done.returncode == 0, (words, done)
        return done.stdout

    def export(self, *words, log=None):
        self.n += 1
        out = self.folder / f"export{self.n}"
        return out, self.run("export", log or self.log, "--order", ORDER, "-o", out, *words)

    def good_one(self, out, *words):
        code, verdict = self.tools.verify(out, *words)
        assert code == 0, verdict
        return verdict

    def refused(self, out, fault, file, *words, says=""):
        code, verdict = self.tools.verify(out, *words)
        assert code == 1 and (verdict["fault"], verdict["file"]) == (fault, file) and says in verdict["text"], verdict


def checkpoint_size(path):
    return int(path.read_text().splitlines()[1])


def stamped(authority, data):
    return authority.reply(authority.query(data))


def vkey(printed):
    """Of what export and custody print."""
    return printed.split("signed by ")[1].strip()


def line_of(printed):
    return printed.split("last line: ")[1].split()[0]


def lines(out):
    return (out / "custody.jsonl").read_bytes().splitlines(keepends=True)


def ed25519(w, key, message, signature):
    """By openssl, with the key that a vkey names."""
    public, text, signed = w.folder / "public.der", w.folder / "text", w.folder / "signature"
    public.write_bytes(bytes.fromhex("302a300506032b6570032100") + base64.b64decode(key.split("+", 2)[2])[1:])
    text.write_bytes(message)
    signed.write_bytes(signature)
    openssl("pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", public, "-rawin", "-in", text, "-sigfile", signed)


def signature_of(base64_text, key):
    data = base64.b64decode(base64_text)
    assert data[:4].hex() == key.split("+")[1], (base64_text, key)
    return data[4:]


def repacked(out, **members):
    """Whoever changes a file can write a new manifest: its sums, and the record's lines by it; signatures they cannot."""
    manifest = json.loads((out / "manifest.json").read_text())
    manifest["files"] = {name: sha256((out / name).read_bytes()) for name in manifest["files"] if (out / name).exists()}
    manifest.update(members)
    (out / "manifest.json").write_text(json.dumps(manifest))
    chained(out, [json.loads(line) for line in lines(out)])


def chained(out, record):
    """The record anew, each line going on from the one before it."""
    before, digest, data = "", sha256((out / "manifest.json").read_bytes()), b""
    for line in record:
        line.update(manifest=digest, before=before)
        line = {k: v for k, v in line.items() if k not in ("signer", "signature")} | {
            k: line[k] for k in ("signer", "signature") if k in line}
        text = (json.dumps(line, separators=(",", ":")) + "\n").encode()
        before = sha256(text)
        data += text
    (out / "custody.jsonl").write_bytes(data)


def flips(path):
    """Each of its bytes, or FLIPS of them, changed by a bit, and put back."""
    data = path.read_bytes()
    for offset in range(len(data)) if len(data) <= FLIPS else sorted(random.sample(range(len(data)), FLIPS)):
        bad = bytearray(data)
        bad[offset] ^= 1 << random.randrange(8)
        path.write_bytes(bad)
        yield offset
    path.write_bytes(data)


def test_signatures_are_what_the_format_says(w):
    out, printed = w.export("--sign", w.key(1), "--signer", "isp.example/legal")
    key = vkey(printed)
    manifest = (out / "manifest.json").read_bytes()
    assert json.loads(manifest)["signer"] == key and key.startswith("isp.example/legal+"), key
    text, signature = (out / "manifest.note").read_text().split("\n\n")
    assert text == f"roja-audit-export/v1\n{sha256(manifest)}", text
    head, name, sign = signature.split()
    assert (head, name) == ("\u2014", "isp.example/legal"), signature
    ed25519(w, key, text.encode() + b"\n", signature_of(sign, key))
    made, = lines(out)
    said = json.loads(made)
    assert said["manifest"] == sha256(manifest) and said["before"] == "" and said["signer"] == key, said
    assert list(said)[-1] == "signature" and sha256(made) == line_of(printed), (said, printed)
    bare = made[:made.rindex(b',"signature":')] + b"}"
    ed25519(w, key, f"roja-audit-custody/v1\n{sha256(bare)}\n".encode(), signature_of(said["signature"], key))


def test_a_signed_export_is_good(w):
    out, printed = w.export("--sign", w.key(1))
    verdict = w.good_one(out)
    assert verdict["custody"] == {"signer": vkey(printed), "lines": 1, "signed": 1, "last": line_of(printed), "known": False}, verdict
    verdict = w.good_one(out, "--witness", vkey(printed), "--custody", line_of(printed))
    assert verdict["witnesses"] == 1 and verdict["custody"]["known"], verdict
    said = w.run("verify", "--state", "-", out)
    assert f"signed      {vkey(printed)}: NOT KNOWN" in said and "1 line, 1 signed" in said, said
    said = w.run("verify", "--state", "-", "--witness", vkey(printed), "--custody", line_of(printed), out)
    assert "NOT KNOWN from elsewhere, give --witness" not in said and "cut off" not in said, said


def test_an_export_that_nobody_signed_is_good(w):
    out, printed = w.export()
    assert "signed by" not in printed and not (out / "manifest.note").exists(), printed
    assert w.good_one(out)["custody"] == {"signer": "", "lines": 1, "signed": 0, "last": line_of(printed), "known": False}
    _, other = w.export("--sign", w.key(1))
    w.refused(out, "witness", "manifest.note", "--witness", vkey(other))
    manifest = json.loads((out / "manifest.json").read_text())
    del manifest["signer"]  # exports of before the member was there
    (out / "manifest.json").write_text(json.dumps(manifest))
    chained(out, [json.loads(line) for line in lines(out)])
    w.good_one(out)


def test_each_byte_of_what_is_signed_counts(w):
    out, _ = w.export("--sign", w.key(1))
    w.run("custody", out, "--note", "handed on", "--sign", w.key(2))
    for name in ("manifest.note", "manifest.json", "custody.jsonl"):
        for offset in flips(out / name):
            code, verdict = w.tools.verify(out)
            # the manifest names other files: then one of these is what is not as it says
            assert code == 1 and (verdict["file"] == name or name == "manifest.json"), (name, offset, verdict)
    w.good_one(out)


def test_what_was_cut_off_or_taken_away_is_missed(w):
    out, _ = w.export("--sign", w.key(1))
    note, record = (out / "manifest.note").read_bytes(), (out / "custody.jsonl").read_bytes()
    for name, data in (("manifest.note", note), ("custody.jsonl", record)):
        for cut in (0, 1, len(data) // 2, len(data) - 1):
            (out / name).write_bytes(data[:cut])
            w.refused(out, "package", name)
        (out / name).unlink()
        w.refused(out, "missing", name)
        (out / name).write_bytes(data)
    w.good_one(out)
    said = json.loads(record)
    for taken in (("signature",), ("signer",), ("signer", "signature")):
        chained(out, [{k: v for k, v in said.items() if k not in taken}])
        w.refused(out, "package", "custody.jsonl")


def test_another_signature_is_refused(w):
    out, printed = w.export("--sign", w.key(1))
    mine, other = w.export("--sign", w.key(2))
    w.refused(out, "witness", "manifest.note", "--witness", vkey(other))
    (out / "manifest.note").write_bytes((mine / "manifest.note").read_bytes())
    w.refused(out, "package", "manifest.note", says="it signs another manifest")
    # all is made anew, by another key of the same name: only who knows the key can tell
    shutil.rmtree(out)
    assert vkey(other).split("+")[0] == vkey(printed).split("+")[0]
    w.good_one(mine)
    w.refused(mine, "witness", "manifest.note", "--witness", vkey(printed))
    w.good_one(mine, "--witness", vkey(printed), "--witness", vkey(other))
    w.refused(mine, "witness", "manifest.note", "--witness", vkey(printed), "--witness", vkey(other), "--witnesses", "2")
    # the manifest is another's, and so says its signature; the key that it names is not who signed
    repacked(mine, signer=vkey(printed))
    w.refused(mine, "package", "manifest.note")


def test_a_manifest_that_was_made_anew_is_not_signed(w):
    out, _ = w.export("--sign", w.key(1))
    repacked(out, does_not_prove="nothing")
    w.refused(out, "package", "manifest.note", says="it signs another manifest")
    repacked(out, signer="")
    w.refused(out, "package", "manifest.note", says="it signs another manifest")
    for signer in ("isp", 7, None, "isp+00000000+AQ=="):
        repacked(out, signer=signer)
        w.refused(out, "package", "manifest.json", says="\"signer\"")


def test_who_handed_it_on_signs_the_line(w):
    out, made = w.export("--sign", w.key(1))
    handed = w.run("custody", out, "--note", "to the registry \u2014 \"signature\":\"x\"", "--sign", w.key(2), "--signer", "registry.example")
    last = w.run("custody", out, "--note", "copied")
    assert vkey(handed).startswith("registry.example+") and line_of(last) == sha256(lines(out)[2]), (handed, last)
    verdict = w.good_one(out, "--witness", vkey(made), "--witness", vkey(handed), "--witnesses", "2")
    assert verdict["custody"] == {"signer": vkey(made), "lines": 3, "signed": 2, "last": line_of(last), "known": False}, verdict
    # who handed it on vouches for the manifest that the line names
    w.good_one(out, "--witness", vkey(handed))
    record = lines(out)
    for before, by in ((b"registry.example", b"registry.examples"), (b"to the registry", b"to the attic"), (b"\"noted\"", b"\"moved\"")):
        changed = json.loads(record[1].replace(before, by))
        assert changed != json.loads(record[1]), before
        chained(out, [json.loads(record[0]), changed, json.loads(record[2])])
        w.refused(out, "package", "custody.jsonl")
    (out / "custody.jsonl").write_bytes(record[0] + record[1])
    w.good_one(out, "--witness", vkey(handed))
    another = json.loads(record[1]) | {"uid": 77}
    chained(out, [json.loads(record[0]), another])
    w.refused(out, "package", "custody.jsonl")
    # the same words, but in another order
    shuffled = {k: json.loads(record[1])[k] for k in sorted(json.loads(record[1]))}
    (out / "custody.jsonl").write_bytes(record[0] + json.dumps(shuffled, separators=(",", ":")).encode() + b"\n")
    w.refused(out, "package", "custody.jsonl", says="signed in another way")


def test_a_line_that_was_noted_must_be_there(w):
    out, made = w.export()
    noted = [line_of(made)] + [line_of(w.run("custody", out, "--note", f"to {name}")) for name in ("a", "b", "c")]
    for digest in noted:
        assert w.good_one(out, "--custody", digest)["custody"]["known"] == (digest == noted[-1])
    w.good_one(out, "--custody", noted[0], "--custody", noted[3])
    record = lines(out)
    (out / "custody.jsonl").write_bytes(b"".join(record[:3]))
    assert w.good_one(out)["custody"]["lines"] == 3  # unseen by who noted nothing
    w.good_one(out, "--custody", noted[2])
    w.refused(out, "package", "custody.jsonl", "--custody", noted[3], says="cut off or changed")
    w.refused(out, "package", "custody.jsonl", "--custody", noted[2], "--custody", noted[3])
    changed = [json.loads(line) for line in record]
    changed[3]["note"] = "to d"
    chained(out, changed)
    w.good_one(out, "--custody", noted[2])
    w.refused(out, "package", "custody.jsonl", "--custody", noted[3])
    changed[0]["user"] = "nobody"
    chained(out, changed)
    w.good_one(out)
    for digest in noted:
        w.refused(out, "package", "custody.jsonl", "--custody", digest)


def test_what_cannot_be_done_says_so(w):
    out, _ = w.export()
    for words, says in ((("custody", out, "--note", "x", "--sign", w.folder / "none"), "none: "),
                        (("custody", out, "--note", b"\xff"), "not UTF-8"),
                        (("custody", out, "--note", "x" * 9000), "too long"),
                        (("custody", w.log, "--note", "x"), "no export"),
                        (("export", w.log, "--order", ORDER, "-o", w.folder / "unsigned", "--sign", w.log / "checkpoint"), "private key")):
        done = subprocess.run([w.program, *words], capture_output=True, check=False)
        assert done.returncode == 3 and says in done.stderr.decode(), done
    assert len(lines(out)) == 1 and not (w.folder / "unsigned").exists()
    for words in (("--custody", "abc", out), ("--custody", "A" * 64, out), ("--custody", "a" * 64, w.log)):
        done = subprocess.run([w.program, "verify", "--state", "-", *words], capture_output=True, check=False)
        assert done.returncode == 2 and b"--custody" in done.stderr, done


def stamp_of(out):
    """(size, paths of checkpoint and reply): an export has one stamp at most; size 0: none."""
    found = sorted(p.name for p in (out / "stamps").iterdir()) if (out / "stamps").exists() else ["0.checkpoint", "0.tsr"]
    size = int(found[0].split(".")[0])
    assert found == [f"{size}.checkpoint", f"{size}.tsr"], found
    return size, out / "stamps" / found[0], out / "stamps" / found[1]


def test_without_a_stamp_that_covers_all_leaves_there_is_none(w):
    out, _ = w.export()
    assert max(int(p.stem) for p in (w.log / "stamps").glob("*.tsr")) <= json.loads((out / "entries.jsonl").read_text().splitlines()[-1])["leaf"]
    assert not (out / "stamps").exists() and w.good_one(out, "--ca", w.good.root)["stamps"] == 0


def test_the_first_stamp_that_covers_all_leaves_is_in_it(w):
    out, log, (size, checkpoint, reply) = w.stamped()
    last = json.loads((out / "entries.jsonl").read_text().splitlines()[-1])["leaf"]
    stamps = sorted(int(p.stem) for p in (log / "stamps").glob("*.tsr"))
    assert size == min(n for n in stamps if n > last) < stamps[-1] == checkpoint_size(out / "checkpoint"), (size, last, stamps)
    assert checkpoint.read_bytes() == (log / checkpoint.relative_to(out)).read_bytes()
    openssl("ts", "-verify", "-in", reply, "-data", checkpoint, "-CAfile", w.good.root)
    verdict = w.good_one(out, "--ca", w.good.root)
    assert (verdict["stamps"], verdict["stamps_checked"], verdict["stamp_size"]) == (1, 1, size) and verdict["stamped"], verdict
    verdict = w.good_one(out)
    assert (verdict["stamps"], verdict["stamps_checked"], verdict["stamped"]) == (1, 0, None), verdict
    assert f"the first {size} leaves were there by" in w.run("verify", "--state", "-", "--ca", w.good.root, out)


def test_a_damaged_stamp_is_refused(w):
    out, _, (_, *paths) = w.stamped()
    for path in paths:
        for _ in flips(path):
            w.refused(out, "package", path.relative_to(out).as_posix())
        data = path.read_bytes()
        for bad in (b"", data[:-1], data + b"x"):
            path.write_bytes(bad)
            w.refused(out, "package", path.relative_to(out).as_posix())
        path.unlink()
        w.refused(out, "missing", path.relative_to(out).as_posix())
        path.write_bytes(data)
    w.good_one(out, "--ca", w.good.root)


def test_a_stamp_that_is_put_there_is_refused(w):
    """With a manifest that names it: what a stamp proves is not the manifest's word."""
    out, log, (size, checkpoint, reply) = w.stamped()
    name = {"checkpoint": f"stamps/{size}.checkpoint", "tsr": f"stamps/{size}.tsr"}
    signed, told = checkpoint.read_bytes(), reply.read_bytes()
    lines_of = signed.decode().split("\n")
    root = base64.b64encode(bytes(32)).decode()
    other = (w.folder / "other-keys/checkpoint").read_bytes() if (w.folder / "other-keys").exists() else (
        w.tools.make("other-keys", leaves=size, every=10, seed=9) / "checkpoint").read_bytes()
    newest = (log / "checkpoint").read_bytes()
    cases = [
        ("by an authority that nobody trusts", signed, stamped(w.stranger, signed), "tsr"),
        ("over other bytes", signed, stamped(w.good, newest), "tsr"),
        ("of another signature", signed, told[:-20] + bytes([told[-20] ^ 1]) + told[-19:], "tsr"),
        ("no reply", signed, b"hello", "tsr"),
        ("more behind it", signed, told + b"x", "tsr"),
        ("another root", "\n".join(lines_of[:2] + [root] + lines_of[3:]).encode(), None, "checkpoint"),
        ("nobody's signature", "\n".join(lines_of[:4]).encode() + b"\n", None, "checkpoint"),
        ("another log's", other, None, "checkpoint"),
        ("of another size", newest, None, "checkpoint"),
        ("no checkpoint", b"hello\n", None, "checkpoint"),
    ]
    for what, bytes_, answer, file in cases:
        checkpoint.write_bytes(bytes_)
        reply.write_bytes(answer or stamped(w.good, bytes_))
        repacked(out)
        code, verdict = w.tools.verify(out, "--ca", w.good.root)
        assert code == 1 and (verdict["fault"], verdict["file"]) == ("stamp", name[file]), (what, verdict)
    checkpoint.write_bytes(signed)
    reply.write_bytes(told)
    repacked(out)
    w.good_one(out, "--ca", w.good.root)
    checkpoint.unlink()
    repacked(out)
    w.refused(out, "missing", name["checkpoint"], "--ca", w.good.root)


def main():
    failed, seed = 0, random.randrange(1 << 32)
    random.seed(seed)
    with tempfile.TemporaryDirectory(prefix="roja-exported-") as folder:
        w = World(folder, *(str(pathlib.Path(p).resolve()) for p in sys.argv[1:3]))
        for name, test in [(n, t) for n, t in globals().items() if n.startswith("test_")]:
            try:
                test(w)
                print(f"ok exported {name}")
            except (AssertionError, OSError, ValueError, LookupError, subprocess.SubprocessError) as e:
                print(f"not ok exported {name}: {e!r} (seed {seed})")
                failed = 1
    return failed


if __name__ == "__main__":
    sys.exit(main())

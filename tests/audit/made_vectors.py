#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""made_vectors.py [--write] MAKE_VECTORS ROJA_AUDIT: the logs in tests/audit/vectors are what make-vectors writes, byte for byte, and good.

Prints a line "ok made_vectors WHAT" or "not ok made_vectors WHAT: why" a check. With --write, writes them anew, and, where the checkpoint that
is stamped is another one, a time stamp by an authority that is made for it and thrown away: others that read these files must then learn the new ones, so never without need.
"""
import filecmp
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

VECTORS = pathlib.Path(__file__).parent / "vectors"
LOGS = ("log", "pruned")
STAMPED = "log/stamps/23.checkpoint"
REPLY = (VECTORS / STAMPED).with_suffix(".tsr")

TSA = """
[req]
distinguished_name = name
prompt = no
[name]
CN = Example time-stamp authority
[ca]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign
[tsa]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[ts]
serial = serial
signer_cert = tsa.pem
certs = tsa.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.3.6.1.4.1.32473.1
digests = sha256, sha384, sha512
accuracy = secs:1
"""


def openssl(folder, *words):
    subprocess.run(["openssl", *map(str, words)], cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def stamp(checkpoint, reply, trusted):
    """A time stamp of a file, and the certificate of who issued the authority's."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "tsa.cnf").write_text(TSA)
        (folder / "serial").write_text("01\n")
        days = ("-days", 36500)
        key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
        openssl(folder, "req", "-x509", "-config", "tsa.cnf", "-extensions", "ca", *key, *days, "-keyout", "ca.key", "-out", "ca.pem",
                "-subj", "/CN=Example authority")
        openssl(folder, "req", "-new", "-config", "tsa.cnf", *key, "-keyout", "tsa.key", "-out", "tsa.csr")
        openssl(folder, "x509", "-req", "-in", "tsa.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "tsa.cnf",
                "-extensions", "tsa", *days, "-out", "tsa.pem")
        openssl(folder, "ts", "-query", "-data", checkpoint, "-sha256", "-cert", "-out", "query")
        openssl(folder, "ts", "-reply", "-config", "tsa.cnf", "-section", "ts", "-queryfile", "query", "-out", reply)
        shutil.copy(folder / "ca.pem", trusted)


def files(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() and path.suffix != ".tsr"}


def made(program):
    """What differs between the logs that are kept and those that the program writes."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        subprocess.run([program, folder, REPLY], check=True)
        for name in LOGS:
            yield name, sorted(f"{path} is there only once" for path in files(folder / name) ^ files(VECTORS / name)) + [
                f"{path} differs" for path in sorted(files(folder / name) & files(VECTORS / name))
                if not filecmp.cmp(folder / name / path, VECTORS / name / path, shallow=False)]
        yield "vectors.json", [] if filecmp.cmp(folder / "vectors.json", VECTORS / "vectors.json", shallow=False) else ["it differs"]


def stamped():
    checkpoint = VECTORS / STAMPED
    run = subprocess.run(["openssl", "ts", "-verify", "-in", checkpoint.with_suffix(".tsr"), "-data", checkpoint, "-CAfile",
                          VECTORS / "tsa.pem"], capture_output=True, text=True)
    return [] if run.returncode == 0 else [run.stderr.strip().replace("\n", " ")]


def verified(roja_audit, name):
    """With the first key and the authority known, and nothing kept."""
    key = json.loads((VECTORS / "vectors.json").read_text())[name]["keys"][0]["vkey"]
    run = subprocess.run([roja_audit, "verify", "--state", "-", "--key", key, "--ca", VECTORS / "tsa.pem", VECTORS / name],
                         capture_output=True, text=True)
    return [] if run.returncode == 0 else [(run.stdout + run.stderr).strip().replace("\n", " ")]


def main():
    program, roja_audit = (pathlib.Path(word).resolve() for word in sys.argv[-2:])
    if sys.argv[1] == "--write":
        reply = REPLY.read_bytes() if REPLY.exists() and not stamped() else None
        for name in LOGS:
            shutil.rmtree(VECTORS / name, ignore_errors=True)
        subprocess.run([program, VECTORS], check=True)
        if reply:
            REPLY.write_bytes(reply)
        if stamped():
            stamp(VECTORS / STAMPED, REPLY, VECTORS / "tsa.pem")
        subprocess.run([program, VECTORS, REPLY], check=True)
    bad = 0
    for what, differences in [*made(program), ("time stamp", stamped()), *((f"verify {name}", verified(roja_audit, name)) for name in LOGS)]:
        print(f"not ok made_vectors {what}: {'; '.join(differences)}" if differences else f"ok made_vectors {what}")
        bad += bool(differences)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())

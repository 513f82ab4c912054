#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""show_tamper.py BUILD [LEAVES]: what roja-audit takes for a log of 10,000,000 leaves and for a proof of one, and the tampering suite in full."""
import pathlib
import subprocess
import sys
import tempfile
import time


def seconds(*words):
    began = time.monotonic()
    subprocess.run([str(w) for w in words], check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - began


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    make_log, roja_audit = build / "tests/audit/make-log", build / "audit/tool/roja-audit"
    leaves = int(sys.argv[2]) if len(sys.argv) > 2 else 10_000_000
    with tempfile.TemporaryDirectory(prefix="roja-tamper-", dir="/var/tmp") as folder:
        log = pathlib.Path(folder, "log")
        seconds(make_log, "--leaves", leaves, "--every", 50000, "--rotate", 2, log)
        size = sum(p.stat().st_size for p in log.rglob("*") if p.is_file())
        print(f"{leaves} leaves, {size / leaves:.0f} bytes each in files", flush=True)
        print(f"verify: {seconds(roja_audit, 'verify', '--state', '-', log):.1f} s", flush=True)
        proofs = [1000 * seconds(roja_audit, "prove", log, leaf, "-o", folder + "/proof") for leaf in range(0, leaves, leaves // 100)]
        print(f"prove: {sorted(proofs)[len(proofs) // 2]:.1f} ms, {max(proofs):.1f} at most of {len(proofs)}, the process with it", flush=True)
    return subprocess.run([pathlib.Path(__file__).with_name("tamper.py"), make_log, roja_audit, "--full"], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""copied.py MAKE_LOG COPY_LOG ROJA_AUDIT: a copy for an inspection is as good as the log: roja-audit says the same of both, of logs of many forms.

Prints a line "ok copied CASE" or "not ok copied CASE: why" a case.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

# options of make-log
CASES = {
    "small": ("--leaves", 40, "--every", 7),
    "one_bundle": ("--leaves", 250, "--every", 256),
    "three_levels": ("--leaves", 70000, "--every", 5000),
    "rotated": ("--leaves", 3000, "--every", 200, "--rotate", 3),
    "stamped": ("--leaves", 3000, "--every", 200, "--stamps", 5),
    "pruned": ("--leaves", 6000, "--every", 300, "--prune"),
    "all": ("--leaves", 20000, "--every", 700, "--rotate", 2, "--stamps", 4, "--prune"),
}


def run(*words):
    return subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)


def verdict(audit, folder):
    r = run(audit, "verify", "--state", "-", "--wait", 0, "--json", folder)
    return r.returncode, {k: v for k, v in json.loads(r.stdout or "{}").items() if k in ("good", "size", "root", "kinds", "removed", "stamps", "what")}


def case(tools, folder, options, seed):
    make, copy, audit = tools
    r = run(make, *options, "--seed", seed, folder / "log")
    if r.returncode:
        return r.stderr
    before = verdict(audit, folder / "log")
    r = run(copy, folder / "log", folder / "copy")
    if r.returncode:
        return r.stderr
    after = verdict(audit, folder / "copy")
    sums = subprocess.run(["sha256sum", "--quiet", "--strict", "-c", "SHA256SUMS"], cwd=folder / "copy", capture_output=True, text=True, check=False)
    if sums.returncode:
        return sums.stdout + sums.stderr
    if before[0] or before != after or not before[1].get("root"):
        return f"of the log {before}, of the copy {after}"
    return None


def main():
    bad = 0
    for name, options in CASES.items():
        for seed in range(3):
            with tempfile.TemporaryDirectory() as folder:
                why = case(sys.argv[1:], pathlib.Path(folder), options, seed)
            print(f"not ok copied {name}, {seed}: {why}" if why else f"ok copied {name}, {seed}")
            bad += why is not None
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())

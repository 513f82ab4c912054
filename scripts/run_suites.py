#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""run_suites.py BUILD [SUITE...]: run meson's tests and count the "ok" and "not ok" lines that they print.

A program that ends badly without a "not ok" line is one failure. Last line: "N passed, N failed".
"""
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor


def run(test):
    env = dict(os.environ, **test["env"])
    r = subprocess.run(test["cmd"], cwd=test["workdir"] or None, env=env, stdin=subprocess.DEVNULL,
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    lines = r.stdout.splitlines()
    passed = sum(line.startswith("ok ") for line in lines)
    failed = sum(line.startswith("not ok ") for line in lines)
    if not failed and (r.returncode or not passed):
        failed = 1
    return test["name"], passed, failed, r.returncode, r.stdout


def main():
    build, wanted = sys.argv[1], set(sys.argv[2:])
    tests = json.loads(subprocess.check_output(["meson", "introspect", "--tests", build]))
    unknown = wanted - {t["name"] for t in tests}
    if unknown:
        sys.exit(f"no such suite: {', '.join(sorted(unknown))}")
    tests = [t for t in tests if not wanted or t["name"] in wanted]
    passed = failed = 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for name, ok, bad, code, output in pool.map(run, tests):
            passed += ok
            failed += bad
            print(f"{name}: {ok} passed" + (f", {bad} FAILED" if bad else ""), flush=True)
            if bad:
                ended = f"signal {-code}" if code < 0 else f"exit {code}"
                print("".join(f"    {line}\n" for line in output.splitlines()[-80:] if not line.startswith("ok ")), end="")
                print(f"    ({name} ended with {ended})")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


sys.exit(main())

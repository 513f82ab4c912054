#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""run_suites.py BUILD [SUITE...]: run meson's tests and count the "ok" and "not ok" lines that they print.

A program that ends badly without a "not ok" line, or a sanitizer's report (also of a program that a test starts), is a
failure. The last line is "N passed, N failed".
"""
import glob
import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import chain

SHOWN_LINES = 80  # of a failed suite's output
# the leak checker, where a thread of the program ends at the same moment
NO_FINDING = r"(==\d+==Unable to get registers from thread \d+\.\n)+"


def sanitizer_env(logs, suite):
    """Reports go to files, so that none is lost when a test drops its programs' output."""
    log = f"log_path={logs}/{suite}"
    return {
        "ASAN_OPTIONS": f"exitcode=99:detect_stack_use_after_return=1:{log}",
        "UBSAN_OPTIONS": f"print_stacktrace=1:halt_on_error=1:exitcode=99:{log}",
    }


def read_reports(logs, suite):
    reports = [open(path, errors="replace").read() for path in sorted(glob.glob(f"{logs}/{suite}.*"))]
    return [report for report in reports if not re.fullmatch(NO_FINDING, report)]


def run(test, build, logs):
    suite = test["name"]
    env = dict(os.environ, **sanitizer_env(logs, suite), **test["env"])
    r = subprocess.run(test["cmd"], cwd=test["workdir"] or build, env=env, stdin=subprocess.DEVNULL,
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    lines = r.stdout.splitlines()
    reports = read_reports(logs, suite)
    passed = sum(line.startswith("ok ") for line in lines)
    # one test may fail in several places: "not ok SUITE TEST: place"
    failed = len({line.split(": ", 1)[0] for line in lines if line.startswith("not ok ")})
    shown = [line for line in lines if not line.startswith("ok ")][-SHOWN_LINES:]
    if r.returncode < 0:
        shown.append(f"{suite} died of signal {-r.returncode}")
    elif not passed and not failed:
        shown.append(f"{suite} ended with exit {r.returncode} and printed no result")
    elif r.returncode and not failed:
        shown.append(f"{suite} ended with exit {r.returncode}")
    for report in reports:
        shown += report.splitlines()[:SHOWN_LINES]
    if r.returncode not in (0, 1) or reports or (not failed and (r.returncode or not passed)):
        failed += 1
    return suite, passed, failed, shown


def main():
    build, wanted = sys.argv[1], set(sys.argv[2:])
    tests = json.loads(subprocess.check_output(["meson", "introspect", "--tests", build]))
    unknown = wanted - {t["name"] for t in tests}
    if unknown:
        print(f"no such suite: {', '.join(sorted(unknown))}; there are: {', '.join(t['name'] for t in tests)}",
              file=sys.stderr)
        return 2
    tests = [t for t in tests if not wanted or t["name"] in wanted]
    logs = os.path.abspath(os.path.join(build, "sanitizer"))
    os.makedirs(logs, exist_ok=True)
    for old in glob.glob(f"{logs}/*"):
        os.unlink(old)
    passed = failed = 0
    together = [t for t in tests if t["is_parallel"]]
    alone = [t for t in tests if not t["is_parallel"]]  # they need the machine to themselves
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for suite, ok, bad, shown in chain(pool.map(lambda t: run(t, build, logs), together),
                                           (run(t, build, logs) for t in alone)):
            passed += ok
            failed += bad
            print(f"{suite}: {ok} passed" + (f", {bad} FAILED" if bad else ""))
            if bad:
                print("".join(f"    {line}\n" for line in shown), end="")
            sys.stdout.flush()
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())

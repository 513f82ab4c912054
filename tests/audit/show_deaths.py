#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""show_deaths.py BUILD [DEATHS]: roja-control killed 500 times at random under hits: every hit that was put is a leaf once, and the log verifies."""
import random
import sys
import tempfile
import time

import recorded

DEATHS, RATE = 500, 5000


def main():
    deaths = int(sys.argv[2]) if len(sys.argv) > 2 else DEATHS
    pick = random.Random(5)
    bad = []
    with tempfile.TemporaryDirectory(prefix="roja-audit-deaths-") as folder:
        r = recorded.Recorded(sys.argv[1], folder, rules=50)
        try:
            r.start_hits(RATE)
            for n in range(deaths):
                time.sleep(pick.uniform(0.0, 0.25))
                r.control.kill()
                r.control.start()
                if n % 25 == 24:
                    code, out = r.audit("verify", r.log)
                    bad += [f"after {n + 1} deaths the log does not verify: {out}"] * (code != 0)
            put, lost, gaps = r.end_hits()
            r.settle()
            r.control.stop()
            code, out = r.audit("verify", r.log)
            bad += [f"the log does not verify: {out}"] * (code != 0)
            bad += [f"the second verifier: {why}" for why in [r.second()] if why]
            seen, missing = r.hits()
            bad += [f"{len(seen)} of {put} hits are leaves, {missing} are said to be lost"] * (len(seen) != put or missing != lost)
            bad += ["hits are leaves twice"] * (max(seen.values()) > 1)
            print(f"   {put} hits put, {lost} lost to full rings in {gaps} gaps, {len(seen)} leaves; {out.strip().splitlines()[-1]}")
        finally:
            r.end()
    for line in bad[:10]:
        print(f"not ok show_deaths {line}")
    if not bad:
        print(f"ok show_deaths {deaths} deaths: every hit is a leaf once, and the log verifies")
    return bool(bad)


sys.exit(main())

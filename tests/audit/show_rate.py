#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""show_rate.py BUILD [SECONDS [RATE]]: 50,000 hits a second for 60 s through roja-control, with fsync: none lost, at most 200 bytes of disk a hit all
told, and the log verifies. The state folder is below TMPDIR: let that be a disk, not memory."""
import sys
import tempfile
import time

import recorded

SECONDS, RATE, BYTES = 60, 50000, 200


def cpu_s(pid):
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


def main():
    seconds = int(sys.argv[2]) if len(sys.argv) > 2 else SECONDS
    rate = int(sys.argv[3]) if len(sys.argv) > 3 else RATE
    with tempfile.TemporaryDirectory(prefix="roja-rate-") as folder:
        r = recorded.Recorded(sys.argv[1], folder)
        try:
            r.settle_start = recorded.disk_bytes(r.control.state)
            r.start_hits(rate, seconds)
            pid = r.control.process.pid
            before, began = cpu_s(pid), time.monotonic()
            put, lost, gaps = r.end_hits(kill=False)
            took = time.monotonic() - began
            waiting = r.waiting()
            r.settle()
            used = cpu_s(pid) - before
            status = r.control.rojactl("max", "audit", "status")
            r.control.stop()
            grown = recorded.disk_bytes(r.control.state) - r.settle_start
            print(f"   {put} hits in {took:.1f} s, {put / took:.0f} a second; {waiting} waited at the end; roja-control took {used:.1f} s of CPU")
            print(f"   {grown / put:.1f} bytes of disk a hit, all told; {status['commits']} group commits")
            began = time.monotonic()
            code, out = r.audit("verify", r.log)
            print(f"   roja-audit verify: {time.monotonic() - began:.1f} s: {out.strip().splitlines()[-1]}")
            seen, missing = r.hits()
            bad = [f"{lost} hits were lost, {gaps} gaps"] * (lost > 0) + [f"{missing} hits are missing"] * (missing > 0)
            bad += [f"{len(seen)} of {put} hits are leaves"] * (len(seen) != put)
            bad += ["hits are leaves twice"] * (max(seen.values()) > 1)
            bad += [f"{put / took:.0f} hits a second"] * (put < rate * seconds * 0.999)
            bad += [f"{grown / put:.1f} bytes a hit, at most {BYTES}"] * (grown > BYTES * put)
            bad += [f"the log does not verify: {out}"] * (code != 0)
        finally:
            r.end()
    print("not ok show_rate " + "; ".join(bad) if bad else f"ok show_rate {rate} hits a second for {seconds} s, none lost")
    return bool(bad)


sys.exit(main())

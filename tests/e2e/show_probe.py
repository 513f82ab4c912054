#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""show_probe.py BUILD [NAMES]: how long a probe of 1,000,000 names takes, and what it costs a transfer through the same workers."""
import sys
import time

import bench
import control
import daemon
import network

NAMES = 1000000
ROUNDS, WINDOW_S = 4, 4


def moved(transfer, seconds):
    """Bytes a second."""
    before = transfer.moved()
    time.sleep(seconds)
    return (transfer.moved() - before) / seconds


def running(c):
    return c.rojactl("eva", "status")["probe"]["running"]


def show(b, count):
    listed = b.lab.work / "many.txt"
    listed.write_text(control.names(count))
    b.lab.queues(2)
    try:
        with control.beside(b.lab, b.tools, b.artifacts, "show-probe", plane=daemon.two_queues) as (c, d):
            order = c.propose("ana", ("many", listed))
            c.rojactl("ben", "order", "approve", order)
            c.enforced(order)
            began = time.monotonic()
            found = network.until("the probe", 3600, lambda: c.rojactl("eva", "probes"))[0]
            took = time.monotonic() - began
            b.report.check("enforced, missed, harmed", (found["enforced"], found["missed"], found["harmed"]), (count, 0, 0))
            print(f"   {count} names and {found['neighbours']} neighbours on {found['workers']} workers: {took:.1f} s")
            print(f"   longest pass: {max(d.workers('longest_pass_ns')) / 1e6:.2f} ms, stalls {sum(d.workers('stalls'))}")
            print(f"   peak resident memory of roja-control: {control.peak_rss_mb(c.process.pid):.0f} MiB")
            transfer = b.transfer(0)
            time.sleep(2)
            before = during = 0
            for _ in range(ROUNDS):  # the machine is others' as well
                before += moved(transfer, WINDOW_S)
                c.raw("ana", "probe", "--no-wait")
                during += moved(transfer, WINDOW_S)
                still = running(c)
                network.until("its end", 3600, lambda: not running(c))
            transfer.stop()
            print(f"   a transfer, {ROUNDS} rounds: {before / ROUNDS / 1e6:.1f} MB/s before, {during / ROUNDS / 1e6:.1f} MB/s during "
                  f"({during / before:.2f}); the last probe ran to the end of its window: {still}")
            b.report.check("stalls", sum(d.workers("stalls")), 0)
    finally:
        b.lab.queues(1)


if __name__ == "__main__":
    count = int(sys.argv.pop()) if len(sys.argv) > 2 else NAMES
    sys.exit(bench.show("show-probe", lambda b: show(b, count)))

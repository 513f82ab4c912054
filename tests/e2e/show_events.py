#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""show_events.py BUILD: hits at 2,000 a second while the consumer of the events is killed 20 times: every hit arrives.

The consumer (tests/events/take.c) writes what it takes to a file before it acknowledges it, as the control process will. As
root; prints its figures and exits 1 where one is missed.
"""
import collections
import random
import sys
import time

import bench
import network

KILLS = 20
RATE = 2000


def consume(b, d, log):
    return b.lab.spawn("middle", b.tools.build / "tests" / "events" / "take", d.config["events"]["path"], log)


def lines(log):
    return log.read_text().count("\n") if log.exists() else 0


def read(log):
    """Per ring of a file: how often each sequence number arrived, and which are hits. A line that a death cut comes again."""
    arrived, hits = collections.defaultdict(collections.Counter), collections.defaultdict(set)
    for line in log.read_text().splitlines():
        words = line.split()
        if len(words) != 6:
            continue
        ring, seq = int(words[1]), int(words[2])
        arrived[ring][seq] += 1
        if words[3] == "hit":
            hits[ring].add(seq)
    return arrived, hits


def kill_at_random(b, d, log):
    for _ in range(KILLS):
        before = lines(log)
        consumer = consume(b, d, log)
        network.until("events are taken", 30, lambda: lines(log) > before)
        time.sleep(random.uniform(0, 0.2))  # a death at any moment
        consumer.kill()
        b.lab.stop(consumer)


def show(b):
    log = b.lab.work / "taken"
    with b.running("events") as d:
        probe = b.probe(network.PROBED, name="listed.parent.test", rate=RATE)
        kill_at_random(b, d, log)
        trace = probe.stop()
        hits = d.workers("hits")
        consumer = consume(b, d, log)
        network.until("the rest is taken", 30, lambda: d.call("status")["events"]["waiting"] == 0)
        b.lab.stop(consumer)
        lost = d.workers("hits_lost")
        listed = d.call("counters")["hits"]["total"]
    arrived, taken = read(log)
    again = sum(count - 1 for ring in arrived.values() for count in ring.values())
    print(f"   {len(trace.sent)} queries for a listed name, {listed} hits, {sum(len(s) for s in taken.values())} taken, "
          f"{again} events taken more than once")
    b.report.check("hits lost by the rings", sum(lost), 0)
    b.report.check("hits reported, all taken", [len(taken[ring]) for ring in range(len(hits))], hits)
    for ring, seqs in sorted(arrived.items()):
        b.report.check(f"ring {ring}: numbers missing", len(set(range(1, max(seqs) + 1)) - set(seqs)), 0)
    b.report.check("queries for the listed name that passed", len(trace.received), 0)


def main():
    with bench.prepared(sys.argv[1], "show-events", None) as b:
        show(b)
        return 1 if b.report.failed else 0


if __name__ == "__main__":
    sys.exit(main())

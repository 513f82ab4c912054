# SPDX-License-Identifier: BSD-3-Clause
"""Hits go to a consumer that is killed again and again: each arrives at least once, under the number that it has in its ring."""
import random
import subprocess
import time

import network

KILLS = 20
RATE = 2000  # hits a second


class Consumer:
    """tests/events/take: what it takes is written to a log before it is acknowledged."""

    def __init__(self, b, d):
        self.log = b.lab.work / "taken"
        self.command = [b.tools.take, d.config["events"]["path"], self.log]
        self.process = None

    def start(self):
        """From "ready" on a signal ends it in good order."""
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE)
        if self.process.stdout.readline() != b"ready\n":
            raise network.Failure("the consumer does not start")

    def kill(self):
        """At any moment while it takes."""
        before = self.size()
        network.until("events are taken", 60, lambda: self.size() > before)
        time.sleep(random.uniform(0, 0.05))
        self.process.kill()
        self.process.communicate()

    def end(self):
        """Once it took everything."""
        self.process.terminate()
        self.process.communicate()
        if self.process.returncode:
            raise network.Failure("the consumer failed")

    def size(self):
        return self.log.stat().st_size if self.log.exists() else 0

    def taken(self):
        """Numbers by (file, ring), for each kind of record. A line that a death cut was not acknowledged."""
        kinds = {}
        for line in self.log.read_text().splitlines(keepends=True):
            words = line.split()
            if line.endswith("\n") and len(words) == 6 and len(words[0]) == 16:
                kinds.setdefault(words[3], set()).add((words[0], int(words[1]), int(words[2])))
        return kinds


def holes(records):
    """What is missing in front of each ring's last number."""
    rings = {}
    for file, ring, number in records:
        rings.setdefault((file, ring), set()).add(number)
    return sum(max(numbers) - len(numbers) for numbers in rings.values())


def test_events(b):
    with b.running("events") as d:
        consumer = Consumer(b, d)
        probe = b.probe(network.PROBED, name="listed.parent.test", rate=RATE)
        try:
            for _ in range(KILLS):
                consumer.start()
                consumer.kill()
            trace = probe.stop()
            consumer.start()
            network.until("every hit is counted", 10, lambda: sum(d.workers("hits")) >= trace.lost())
            consumer.end()
        finally:
            consumer.process.kill()
        hits, lost = sum(d.workers("hits")), d.call("status")["events"]["lost"]
    taken = consumer.taken()
    print(f"   {len(trace.sent)} queries of a listed name, {len(trace.received)} reached the server, {hits} hits")
    b.report.check("events lost", lost, 0)
    b.report.check(f"hits at a consumer that was killed {KILLS} times", len(taken.get("hit", ())), hits)
    b.report.check("hits, as many as queries that did not reach the server", hits, trace.lost())
    b.report.check("numbers missing", holes(set().union(*taken.values())), 0)

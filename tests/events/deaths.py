#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""deaths.py PUT TAKE: event rings while either side is killed: every event arrives at least once, or a gap names it."""
import os
import random
import signal
import subprocess
import sys
import tempfile
import time

KILLS = 20


class Session:
    def __init__(self, folder, put, take, records, rate):
        self.events, self.log = f"{folder}/events", f"{folder}/log"
        self.put_args = [put, self.events, str(records), str(rate)]
        self.take_args = [take, self.events, self.log]
        self.producer = self.consumer = None

    def start_producer(self):
        self.producer = subprocess.Popen(self.put_args, stdout=subprocess.PIPE, text=True)
        assert self.producer.stdout.readline() == "ready\n", "the producer does not start"

    def start_consumer(self):
        self.consumer = subprocess.Popen(self.take_args)

    def progress(self):
        """Waits until the consumer has written something more."""
        before = os.path.getsize(self.log) if os.path.exists(self.log) else 0
        wait_for(lambda: os.path.exists(self.log) and os.path.getsize(self.log) > before, "events")

    def end(self):
        """Ends both in good order. Returns what the producer counted: put, lost, last number."""
        self.producer.send_signal(signal.SIGTERM)
        counts = [int(word) for word in self.producer.communicate()[0].split()]
        self.consumer.send_signal(signal.SIGTERM)
        self.consumer.wait()
        return counts

    def close(self):
        for process in (self.producer, self.consumer):
            if process and process.poll() is None:
                process.kill()
                process.wait()

    def read(self):
        """The numbers that arrived, those that gaps name, how often each gap came. A line cut by a death is written again."""
        arrived, named, gaps = set(), set(), set()
        for line in open(self.log):
            words = line.split()
            if not line.endswith("\n") or len(words) != 5:
                continue
            arrived.add(int(words[1]))
            if words[2] == "gap":
                gaps.add((int(words[3]), int(words[4])))
        for first, last in gaps:
            named |= set(range(first, last + 1))
        return arrived, named, gaps


def wait_for(done, what):
    end = time.monotonic() + 60
    while not done():
        if time.monotonic() > end:
            raise AssertionError(f"waited a minute for {what}")
        time.sleep(0.002)


def kill(process):
    process.kill()
    process.wait()


def check(session, counts):
    put, lost, last = counts
    arrived, named, gaps = session.read()
    missing = set(range(1, last + 1)) - arrived - named
    assert not missing, f"{len(missing)} of {last} events neither arrived nor are named lost, the first {min(missing)}"
    assert not arrived & named, "a gap names an event that arrived"
    assert len(arrived) == put, f"{put} were put, {len(arrived)} arrived"
    assert last > 1000, f"only {last} events: the test shows nothing"
    return lost, gaps


def consumer_is_killed(session):
    session.start_producer()
    for _ in range(KILLS):
        session.start_consumer()
        session.progress()
        time.sleep(random.uniform(0, 0.05))  # a death at any moment
        kill(session.consumer)
    session.start_consumer()
    session.progress()
    lost, _ = check(session, session.end())
    assert lost == 0, f"{lost} lost though the ring had room"


def producer_is_killed(session):
    session.start_producer()
    session.start_consumer()
    for _ in range(KILLS):
        session.progress()
        time.sleep(random.uniform(0, 0.05))
        kill(session.producer)
        session.start_producer()
    session.progress()
    lost, _ = check(session, session.end())
    assert lost == 0, f"{lost} lost though the ring had room"


def ring_runs_over(session):
    session.start_producer()
    for _ in range(3):
        session.start_consumer()
        session.progress()
        kill(session.consumer)
        time.sleep(0.1)  # the ring of 64 fills in a few milliseconds
    session.start_consumer()
    for _ in range(20):  # until it keeps up, so that the last gap is put as well
        session.progress()
    lost, gaps = check(session, session.end())
    assert lost > 0 and gaps, "nothing was lost: the test shows nothing"
    total = sum(last - first + 1 for first, last in gaps)
    assert total <= lost, f"gaps name {total} events, {lost} were lost"


TESTS = [
    ("consumer killed 20 times: every hit arrives", consumer_is_killed, 65536, 50000),
    ("producer killed 20 times: numbers go on, nothing half-written arrives", producer_is_killed, 65536, 50000),
    ("a full ring: one gap names each run of losses", ring_runs_over, 64, 20000),
]


def main():
    put, take = sys.argv[1:3]
    bad = 0
    for name, run, records, rate in TESTS:
        with tempfile.TemporaryDirectory(prefix="roja-events-") as folder:
            session = Session(folder, put, take, records, rate)
            try:
                run(session)
                print(f"ok events_deaths {name}")
            except AssertionError as why:
                print(f"not ok events_deaths {name}: {why}")
                bad = 1
            finally:
                session.close()
    return bad


if __name__ == "__main__":
    sys.exit(main())

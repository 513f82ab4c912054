#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""deaths.py PUT TAKE: event rings while either side is killed: every event arrives at least once, or one gap names it."""
import os
import random
import signal
import struct
import subprocess
import sys
import tempfile
import time

KILLS = 20
HEADER, LOST_AT, TAIL_AT, HEAD_AT = 4096, 16, 0, 64  # docs/events.md


class Session:
    def __init__(self, folder, put, take, records, rate):
        self.events, self.log = f"{folder}/events", f"{folder}/log"
        self.put, self.take, self.rate = put, take, rate
        self.producer = self.consumer = None
        self.start_producer(records)

    def start_producer(self, records):
        self.records = records
        self.producer = start([self.put, self.events, str(records), str(self.rate)])

    def start_consumer(self):
        self.consumer = start([self.take, self.events, self.log])

    def kill_producer(self):
        kill(self.producer)
        self.start_producer(self.records)

    def kill_consumer(self):
        kill(self.consumer)
        self.start_consumer()

    def end_producer(self):
        """Ends it in good order. Returns its counts: put, lost, gaps, last number."""
        self.producer.send_signal(signal.SIGTERM)
        return [int(word) for word in self.producer.communicate()[0].split()]

    def end_consumer(self):
        self.consumer.send_signal(signal.SIGTERM)
        assert self.consumer.wait() == 0, "the consumer failed"

    def end(self):
        counts = self.end_producer()
        self.end_consumer()
        return counts

    def close(self):
        for process in (self.producer, self.consumer):
            if process and process.poll() is None:
                kill(process)

    def field(self, at):
        """A field of ring 0's control block."""
        with open(self.events, "rb") as f:
            f.seek(HEADER + at)
            return struct.unpack("=Q", f.read(8))[0]

    def wait_until_consumed(self):
        """Something more is acknowledged."""
        before = self.field(HEAD_AT)
        wait_for(lambda: self.field(HEAD_AT) > before, "events to be taken")

    def wait_until_lost(self):
        before = self.field(LOST_AT)
        wait_for(lambda: self.field(LOST_AT) > before, "the ring to run over")

    def read(self):
        """By file: the numbers that arrived, and the gaps by their own number. A line cut by a death was not acknowledged."""
        files = {}
        for line in open(self.log):
            words = line.split()
            # a line that a death cut has the next one behind it
            if not line.endswith("\n") or len(words) != 6 or len(words[0]) != 16:
                continue
            arrived, gaps = files.setdefault(words[0], (set(), {}))
            assert words[3] in ("hit", "gap"), f"a record that was not wholly written arrived: {line}"
            if words[3] == "hit":
                arrived.add(int(words[2]))
            else:
                gaps[int(words[2])] = (int(words[4]), int(words[5]))
        return list(files.values())


def wait_for(done, what):
    end = time.monotonic() + 60
    while not done():
        if time.monotonic() > end:
            raise AssertionError(f"waited a minute for {what}")
        time.sleep(0.001)


def start(command):
    """Returns once it says that it is ready: a signal ends it in good order from then on."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n", f"{command[0]} does not start"
    return process


def kill(process):
    process.kill()
    process.communicate()


def any_moment():
    time.sleep(random.uniform(0, 0.05))


def check_file(arrived, gaps, counts):
    """What one file's consumer saw is what its producer counted: nothing missing, nothing named that arrived."""
    put, lost, n_gaps, last = counts
    named = set()
    for seq, (first, end) in gaps.items():
        run = set(range(first, end + 1))
        assert end + 1 == seq, f"gap {seq} stands behind {end}"
        assert not named & run, f"two gaps name {min(named & run)}"
        assert first - 1 not in gaps, f"two gaps name the run that begins at {first}"
        named |= run
    assert not arrived & named, "a gap names an event that arrived"
    missing = set(range(1, last + 1)) - arrived - named - set(gaps)
    untold = set(range(last - len(missing) + 1, last + 1))  # only the run at the end may wait for room
    assert missing == untold or not missing, f"{len(missing)} of {last} neither arrived nor are named, e.g. {min(missing)}"
    assert len(missing) + len(named) == lost, f"{lost} were counted lost, {len(missing) + len(named)} are"
    assert len(gaps) == n_gaps, f"{n_gaps} gaps were counted, {len(gaps)} came"
    assert len(arrived) == put, f"{put} were put, {len(arrived)} arrived"


def check(session, counts):
    (file,) = session.read()
    check_file(*file, counts)
    assert len(file[0]) > 200, f"only {len(file[0])} events: the test shows nothing"


def consumer_is_killed(session):
    session.start_consumer()
    for _ in range(KILLS):
        session.wait_until_consumed()
        any_moment()
        session.kill_consumer()
    session.wait_until_consumed()
    counts = session.end()
    check(session, counts)
    assert counts[1] == 0, f"{counts[1]} lost though the ring had room"


def producer_is_killed(session):
    session.start_consumer()
    for _ in range(KILLS):
        session.wait_until_consumed()
        any_moment()
        session.kill_producer()
    session.wait_until_consumed()
    counts = session.end()
    check(session, counts)
    assert counts[1] == 0, f"{counts[1]} lost though the ring had room"


def ring_runs_over(session):
    for _ in range(5):
        session.wait_until_lost()
        session.start_consumer()
        session.wait_until_consumed()
        kill(session.consumer)
    session.start_consumer()
    session.wait_until_consumed()
    counts = session.end()
    check(session, counts)
    assert counts[1] > 0 and counts[2] >= 5, f"{counts[1]} lost in {counts[2]} runs: the test shows nothing"


def both_are_killed_while_it_runs_over(session):
    for _ in range(KILLS):
        session.wait_until_lost()
        session.kill_producer()
        session.wait_until_lost()
        session.start_consumer()
        session.wait_until_consumed()
        any_moment()
        session.kill_producer()
        kill(session.consumer)
    session.start_consumer()
    session.wait_until_consumed()
    check(session, session.end())


def geometry_changes(session):
    counts = []
    wait_for(lambda: session.field(TAIL_AT) > 1000, "events")
    counts.append(session.end_producer())
    session.start_producer(16384)  # nobody has consumed the first file
    wait_for(lambda: session.field(TAIL_AT) > 1000, "events")
    session.start_consumer()
    session.wait_until_consumed()
    counts.append(session.end_producer())
    session.start_producer(32768)  # somebody has the second one open
    session.wait_until_consumed()
    counts.append(session.end())
    files = session.read()
    assert len(files) == 3, f"three files were made, {len(files)} were taken"
    for file, of_file in zip(files, counts):
        check_file(*file, of_file)
    left = sorted(os.listdir(os.path.dirname(session.events)))
    assert left == ["events", "log"], f"left behind: {left}"


TESTS = [
    ("consumer killed 20 times: every hit arrives", consumer_is_killed, 65536, 50000),
    ("producer killed 20 times: numbers go on, nothing half-written arrives", producer_is_killed, 65536, 50000),
    ("a full ring: one gap names each run of losses", ring_runs_over, 64, 20000),
    ("both killed while the ring runs over", both_are_killed_while_it_runs_over, 64, 20000),
    ("other geometries: what waits in the earlier files is taken", geometry_changes, 65536, 50000),
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

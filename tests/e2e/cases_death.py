# SPDX-License-Identifier: BSD-3-Clause
"""The wire outlives the software: kill -9, SIGSTOP and orderly restarts under load.

A try is: the daemon goes away, the transfer goes on without it, it comes back, the transfer goes on. What probes saw is looked at
afterwards, in three windows: its going, its absence, its return.
"""
import collections
import datetime
import signal
import statistics
import time

import network
from traffic import MS

GAP_MS = 20  # the longest gap that a probe may see: median of the tries
AGREE_MS = 10  # how far from a reported time's edges a probe may contradict it
TRIES = 10
WINDOWS = ("at its end", "without it", "at its return")
Try = collections.namedtuple("Try", "left alone back ended")  # moments, CLOCK_MONOTONIC nanoseconds


def killed(d, load):
    left = d.kill()
    load.goes_on()
    alone = time.monotonic_ns()
    back, _ = d.start()
    load.goes_on()
    return Try(left, alone, back, time.monotonic_ns())


def stopped(d, load):
    left = d.signal(signal.SIGSTOP)
    load.goes_on()
    alone = time.monotonic_ns()
    load.goes_on()
    back = d.signal(signal.SIGCONT)
    load.goes_on()
    return Try(left, alone, back, time.monotonic_ns())


def restarted(d, load):
    left = time.monotonic_ns()
    d.stop()
    alone = time.monotonic_ns()
    back, _ = d.start()
    load.goes_on()
    return Try(left, alone, back, time.monotonic_ns())


WAYS = (("kill -9", killed), ("SIGSTOP", stopped), ("restart", restarted))


def production(config):
    config["heartbeat_ms"] = 5
    config["workers"]["realtime"] = 20  # where cores are shared, as here, a worker needs it to beat in time


def gaps(b, way, tries, trace, direction):
    """Returns the medians."""
    for window, what in enumerate(WINDOWS):
        seen = [trace.gap_ms(t[window], t[window + 1]) for t in tries]
        print(f"   {way}, {what}, {direction}: gaps of {', '.join(f'{ms:.1f}' for ms in seen)} ms")
        b.report.limit(f"{way}, {what}, {direction}: median gap of the probe", statistics.median(seen), GAP_MS, "ms")
    print(f"   {way}, {direction}: {trace.lost()} of {len(trace.sent)} probes lost, {trace.duplicated()} twice, "
          f"{trace.reordered()} out of order")


def outages_of(d):
    """What the daemon reported of the client's side: moments of CLOCK_MONOTONIC, nanoseconds."""
    to_realtime = time.time_ns() - time.monotonic_ns()

    def moment(text):
        return int(datetime.datetime.fromisoformat(text).timestamp() * 1e6) * 1000 - to_realtime

    return [(moment(o["began"]), moment(o["ended"])) for o in d.events("outage") if o["port"] == 0]


def agreement(b, way, tries, trace, outages):
    """The daemon's report of each try against the probe that only passes where nobody looks: what passed was sent in a time that
    is reported, and nothing sent in such a time was answered. (The sums of both are shown; they differ where the whole machine
    stood still, so that no probe was sent.)"""
    slack = AGREE_MS * MS
    for number, t in enumerate(tries):
        seen = trace.between(t.left, t.ended)
        least, most = seen.unprotected_ms()
        said = sum(min(ended, t.ended) - max(began, t.left) for began, ended in outages if ended > t.left and began < t.ended) / MS
        passed = [ns for ns in (seen.sent[seq] for seq in seen.received)
                  if not any(began - slack <= ns <= ended + slack for began, ended in outages)]
        answered = [ns for ns in (seen.sent[seq] for seq in seen.answered)
                    if any(began + slack < ns < ended - slack for began, ended in outages)]
        why = None if least > 0 and not passed and not answered else \
            f"they do not agree: {len(passed)} passed outside, {len(answered)} were answered inside of {outages}, try {t}"
        b.report.say(f"{way}, try {number}: reported without protection {said:.1f} ms, seen {least:.1f} to {most:.1f} ms", why)


def run(b, way, go, tries):
    with b.running(way.replace(" ", ""), change=production) as d:
        up = b.probe(network.PROBED)
        down = b.probe(network.CLIENT, way=("server", "client"))
        listed = b.probe(network.PROBED, name="listed.parent.test")
        load = b.transfer(0, rate="20M")
        load.goes_on()
        done = [go(d, load) for _ in range(tries)]
        transfers = load.stop()
        traces = [probe.stop() for probe in (up, down, listed)]
        network.until("the last outage is reported", 5, lambda: outages_of(d)[-1][1] > done[-1].back)
        outages = outages_of(d)
    b.report.say(f"{way}: {transfers} transfers over {tries} deaths arrived unharmed")
    gaps(b, way, done, traces[0], "up")
    gaps(b, way, done, traces[1], "down")
    agreement(b, way, done, traces[2], outages)


def test_deaths(b):
    for way, go in WAYS:
        run(b, way, go, TRIES)

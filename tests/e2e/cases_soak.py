# SPDX-License-Identifier: BSD-3-Clause
"""Minutes under load, with two workers on two queues: memory stays flat, and every packet buffer comes back."""
import pathlib
import time

import network
from cases_events import Consumer
from cases_swap import Judged, check_counters, figures, rulesets
from daemon import two_queues

RSS_PERCENT = 1.0  # how much it may vary, once warm
WARM = 0.1  # of the time: until every table was touched
HELD = 64  # buffers that a transmit queue may keep: the driver takes sent ones back with the next send


def rss_kib(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0])


def watch(d, seconds):
    """RSS once a second, in KiB."""
    samples, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        samples.append(rss_kib(d.process.pid))
        if d.process.poll() is not None:
            raise network.Failure(f"roja-dataplane ended: {d.says()}")
        time.sleep(1)
    return samples


def run(b, seconds):
    def change(config):
        two_queues(config)
        config["workers"]["realtime"] = 20

    consumer = None
    b.lab.queues(2)
    try:
        with b.running("soak", ruleset=rulesets(b, 1000)["a"], change=change) as d:
            before = figures(b, d)
            consumer = Consumer(b, d)
            consumer.start()
            judged = Judged(b.lab)
            loads = [b.transfer(number, up=number % 2 == 1, rate="25M") for number in range(2)]
            probes = [b.probe(network.PROBED), b.probe(network.CLIENT, way=("server", "client")),
                      b.probe(network.PROBED, name="listed.parent.test", rate=100)]
            rss = watch(d, seconds)
            traces = [probe.stop() for probe in probes]
            blocks = judged.stop()
            transfers = sum(load.stop() for load in loads)
            check_counters(b, d, "soak", before)
            mbufs = d.call("status")["mbufs"]
            hits = d.workers("hits")
            consumer.end()
    finally:
        if consumer:
            consumer.process.kill()
        b.lab.queues(1)
    print(f"   soak of {seconds} s: {transfers} transfers, {sum(blocks.values())} flows with a block, "
          f"{sum(len(trace.sent) for trace in traces)} probes; mbufs {mbufs}")
    warm = rss[int(len(rss) * WARM):]
    b.report.limit(f"soak: RSS between {min(warm)} and {max(warm)} KiB, variation",
                   100 * (max(warm) - min(warm)) / min(warm), RSS_PERCENT, "%")
    b.report.limit("soak: packet buffers that have not come back", mbufs["at_rest"] - mbufs["free"], 4 * HELD, "buffers")
    for way, trace in zip(("up", "down"), traces):
        b.report.check(f"soak: probes {way} lost of {len(trace.sent)}", trace.lost(), 0)
    b.report.check("soak: hits that the consumer of the events took", len(consumer.taken().get("hit", ())), sum(hits))
    b.report.check("soak: queries for a listed name that passed", len(traces[2].received), 0)
    b.report.check("soak: blocks a flow that asks for a listed and another name", set(blocks), {1})

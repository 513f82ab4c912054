# SPDX-License-Identifier: BSD-3-Clause
"""Other ways to stand in line: only watching, beside the line, failing closed, with several workers."""
import time

import network
from daemon import two_queues

LISTED = (("HTTP", lambda c: c.curl("http://listed.parent.test/")),
          ("TLS", lambda c: c.curl("https://listed.parent.test/")),
          ("DNS", lambda c: c.dns("listed.parent.test")))
LISTED_LINE = 7  # of listed.parent.test in servers.LIST
EACH = 3  # flows of each client
FLOWS = EACH * len(network.CLIENTS)


def hits(d):
    return [event["line"] for event in d.events("hit")]


def test_monitor(b):
    """In line, but only watching: every hit is reported, and nothing is blocked."""
    def change(config):
        config["mode"] = "monitor"

    with b.running("monitor", change=change) as d:
        for kind, ask in LISTED:
            b.report.check(f"monitor: {kind}, a listed name", ask(b.clients), network.SERVER if kind == "DNS" else "200")
        b.clients.curl("http://neighbour.parent.test/")
        b.report.check("monitor: lines of the list that were hit", hits(d), [LISTED_LINE] * len(LISTED))


def test_mirror(b):
    """Beside the line: the daemon gets copies, and what it sends to both sides comes before they are done. With TLS 1.2 they talk
    for longer than with 1.3."""
    def change(config):
        config["workers"]["realtime"] = 20  # it is a race
        config.update(mode="mirror", mirrors=[{"input": "span", "answers": "answers"}])
        config["ports"] = [{"name": name, "driver": "af_xdp", "interface": name} for name in ("span", "answers")]
        del config["pairs"]

    with b.lab.mirror(), b.running("mirror", change=change) as d:
        b.clients.curl("https://listed.parent.test/")  # memory is touched for the first time, which may lose the race
        for name, url, outcome in (("a listed name", "https://listed.parent.test/", "refused"),
                                   ("its neighbour", "https://neighbour.parent.test/", "200")):
            b.report.check(f"mirror: TLS, {name}", b.clients.curl(url, network.SERVER, "sq", "--tls-max", "1.2"), outcome)
        b.report.check("mirror: lines of the list that were hit", hits(d), [LISTED_LINE] * 2)


def test_closed(b):
    """fail: closed - nothing passes that nobody looked at, also while it starts."""
    def change(config):
        config.update(fail="closed", heartbeat_ms=20)
        config["workers"]["realtime"] = 20

    with b.running("closed", change=change) as d:
        probe = b.probe(network.PROBED)
        listed = b.probe(network.PROBED, name="listed.parent.test")
        network.until("probes run", 10, lambda: d.call("counters")["dns_queries"]["total"] > 100)
        d.kill()
        killed = time.monotonic_ns()
        back, ready = d.start()
        # of both probes, and beyond those that came before it was ready
        before = d.call("counters")["dns_queries"]["total"]
        network.until("probes run again", 10, lambda: d.call("counters")["dns_queries"]["total"] > before + 400)
        traces = probe.stop(), listed.stop()
    dead = traces[0].between(killed, back)
    b.report.say(f"fail-closed: {len(dead.sent)} probes were sent while it was dead")
    b.report.check("fail-closed: probes that passed while it was dead", len(dead.received), 0)
    b.report.check("fail-closed: probes pass before and after", (len(traces[0].between(0, killed).received) > 90, len(
        traces[0].between(ready, 1 << 63).received) > 90), (True, True))
    b.report.check("fail-closed: queries for a listed name that ever passed", len(traces[1].received), 0)


def test_workers(b):
    """Two workers on two queues: each flow is judged by one of them, whichever queues its frames come by. Which one, the pair
    of addresses says."""
    def change(config):
        two_queues(config)
        config["fail"] = "closed"

    b.lab.queues(2)
    try:
        with b.running("workers", change=change) as d:
            for name, outcome in (("listed", "refused"), ("neighbour", "200")):
                found = {b.clients.curl(f"https://{name}.parent.test/", network.SERVER, "sq", "--interface", client)
                         for client in network.CLIENTS for _ in range(EACH)}
                b.report.check(f"two workers: {FLOWS} flows of {len(network.CLIENTS)} clients, {name}", found, {outcome})
            counters = d.call("counters")
            flows = sum(counters["flows"]["workers"])  # a SYN sent again may count twice
            b.report.say(f"two workers: flows, at least {2 * FLOWS}", None if flows >= 2 * FLOWS else str(flows))
            b.report.check("two workers: flows of which one worker saw only a part", sum(counters["flows_midstream"]["workers"]), 0)
            b.report.check("two workers: hits", sum(d.workers("hits")), FLOWS)
            for what in ("hits", "rx_packets", "judged_packets", "handed_in", "handed_out"):
                found = d.workers(what)
                b.report.say(f"two workers: both have {what}", None if all(found) else str(found))
            b.report.check("two workers: frames lost between them", sum(d.workers("handed_full") + d.workers("handed_dead")), 0)
            transfers = [b.transfer(number, up=bool(number), times=1) for number in range(2)]
            for transfer in transfers:
                transfer.stop()
            b.report.say("two workers: transfers both ways arrive unharmed")
    finally:
        b.lab.queues(1)

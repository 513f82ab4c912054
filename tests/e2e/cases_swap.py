# SPDX-License-Identifier: BSD-3-Clause
"""Rulesets swapped under load: nothing is lost, and every flow is judged by one of them, never by a mixture.

Two rulesets take turns. Each lists many names, and one that the other does not. Clients ask for both names in one segment: the
flow then has exactly one hit, whichever ruleset judges it. Judged by a mixture it has none or two.
"""
import collections
import re
import socket
import statistics
import threading
import time

import network
from servers import LIST
from traffic import MS

SWAPS, NAMES = 40, 20000
ONLY = ("only-a.swap.test", "only-b.swap.test")
LOST = {"workers": ("tx_full", "handed_full", "handed_dead", "answers_lost", "hits_lost", "stale", "stalls"),
        "ports": ("rx_missed", "rx_errors", "tx_errors")}


def rulesets(b, names):
    """Paths of the two, by letter."""
    paths = {}
    for letter, only in zip("ab", ONLY):
        many = "".join(f"name{number}.{letter}.many.test\n" for number in range(names))
        paths[letter] = b.compile(f"swap-{letter}", LIST + only + "\n" + many)
    return paths


class Judged:
    """Connections one after the other, each with requests for both names in one segment. Counts the 451s of each."""

    def __init__(self, lab):
        self.lab, self.ended, self.blocks = lab, threading.Event(), collections.Counter()
        self.thread = threading.Thread(target=lab.inside, args=("client", self.work))
        self.thread.start()

    def work(self):
        asked = 0
        while not self.ended.is_set():
            names = ONLY if asked % 2 else ONLY[::-1]
            self.blocks[self.ask(names, network.CLIENTS[asked % len(network.CLIENTS)])] += 1
            asked += 1

    def ask(self, names, client):
        with socket.create_connection((network.SERVER, 80), 20, (client, 0)) as s:
            s.sendall("".join(f"GET / HTTP/1.1\r\nHost: {name}\r\n\r\n" for name in names).encode())
            s.shutdown(socket.SHUT_WR)
            answer = b""
            try:
                while chunk := s.recv(65536):
                    answer += chunk
            except ConnectionResetError:
                pass
        return len(re.findall(rb"HTTP/1.1 451 ", answer))

    def flows(self):
        return sum(self.blocks.values())

    def stop(self):
        self.ended.set()
        self.thread.join()
        return self.blocks


def figures(b, d):
    """What daemon, kernel and far ends counted, once nothing moves any more."""
    def read():
        workers, ports = d.call("workers"), d.call("ports")
        seen = {key: sum(w[key] for w in workers) for key in
                ("judged_packets", "verdict_drops", "answers", "tx_packets", "rx_packets", *LOST["workers"])}
        for port in ports:
            name = port["name"]
            seen.update({f"{name} {key}": port[key] for key in ("rx_packets", "tx_packets", *LOST["ports"])})
            seen.update({f"{name} {key}": value for key, value in port["guard"].items()})
        for role, device in (("client", "c0"), ("middle", "left"), ("middle", "right"), ("server", "s0")):
            kernel = b.lab.counters(role, device)
            seen.update({f"{device} {key}": kernel[key] for key in ("rx_packets", "tx_packets", "tx_dropped", "rx_dropped")})
        return seen

    def quiet():
        before = read()
        time.sleep(0.2)  # nothing moves for so long
        return before if before == read() else None

    return network.until("traffic ends", 30, quiet)


def check_counters(b, d, what, before):
    seen = {key: value - before[key] for key, value in figures(b, d).items()}
    total = seen["left rx_packets"] + seen["right rx_packets"]
    lost = [key for key in seen if key.split()[-1] in LOST["workers"] + LOST["ports"] and seen[key]]
    for name, left, right in (
            ("left received what the kernel gave to its worker", seen["left rx_packets"], seen["left to_worker"]),
            ("right received what the kernel gave to its worker", seen["right rx_packets"], seen["right to_worker"]),
            ("all that was received was judged", total, seen["judged_packets"]),
            ("what was judged left, but for blocks, with the answers",
             seen["judged_packets"] - seen["verdict_drops"] + seen["answers"], seen["tx_packets"]),
            ("the client got what left sent", seen["left tx_packets"], seen["c0 rx_packets"]),
            ("the server got what right sent", seen["right tx_packets"], seen["s0 rx_packets"]),
            ("figures of loss", lost, [])):
        b.report.say(f"{what}: {name}: {left}", None if left == right else f"{right}; all: {seen}")


def check_hits(b, d, what, versions, flows):
    """Every hit is that of a version's own name, and every flow has one."""
    line = LIST.count("\n") + 1
    hits = [event for event in d.events("hit") if event["line"] >= line]
    by = collections.Counter(versions.get(event["ruleset"], "?") for event in hits)
    b.report.check(f"{what}: hits, one a flow", len(hits), flows)
    b.report.say(f"{what}: hits by ruleset: {dict(by)}", None if set(by) == set("ab") else "not by both")


def refusal(b, d, path):
    """A damaged file changes nothing."""
    active = d.call("status")["ruleset"]
    bad = b.lab.work / "bad.roja"
    bad.write_bytes(path.read_bytes()[:-1000])
    try:
        d.call("ruleset.load", path=str(bad))
        why = None
    except network.Failure as failure:
        why = str(failure)
    b.report.say(f"swaps: a damaged file is refused: {why}", None if why and "bad.roja" in why else "it is not")
    b.report.check("swaps: the ruleset before it", d.call("status")["ruleset"], active)


def swap(d, paths, count, versions, judged):
    """Loads the rulesets in turns, with flows between; returns the milliseconds that opening and switching took."""
    opened, switched = [], []
    for number in range(count):
        letter = "ba"[number % 2]
        network.until("the next flow is judged", 10, lambda: judged.flows() > number)
        done = d.call("ruleset.load", path=str(paths[letter]))
        versions[done["version"]] = letter
        opened.append(done["open_ms"])
        switched.append(max(worker["switched_ns"] for worker in done["workers"]) / MS)
        if min(worker["switched_ns"] for worker in done["workers"]) <= 0:
            raise network.Failure(f"a worker has not switched: {done}")
    return opened, switched


def run(b, count, names, rate):
    paths = rulesets(b, names)

    def change(config):
        config["workers"]["realtime"] = 20
        config["events"]["records"] = 1 << 20

    with b.running("swap", ruleset=paths["a"], change=change) as d:
        network.until("the server answers", 10, lambda: b.clients.curl("http://shop.test/") == "200")
        before = figures(b, d)
        judged = Judged(b.lab)
        load = b.transfer(0, rate="20M")
        probes = b.probe(network.PROBED, rate=rate), b.probe(network.CLIENT, rate=rate, way=("server", "client"))
        versions = {d.call("status")["ruleset"]["version"]: "a"}
        began = time.monotonic()
        opened, switched = swap(d, paths, count, versions, judged)
        took = time.monotonic() - began
        load.goes_on()
        refusal(b, d, paths["a"])
        traces = [probe.stop() for probe in probes]
        blocks = judged.stop()
        transfers = load.stop()
        flows = judged.flows()
        print(f"   {count} swaps of {names} names in {took:.1f} s; opening {statistics.median(opened):.1f} ms, switching "
              f"{statistics.median(switched):.3f} ms (most {max(switched):.3f}); {flows} flows, {transfers} transfers")
        b.report.check("swaps: versions", len(versions), count + 1)
        for way, trace in zip(("up", "down"), traces):
            b.report.say(f"swaps: {len(trace.sent)} probes {way}, none lost, twice or out of order", None if not (
                trace.lost() or trace.duplicated() or trace.reordered()) else
                f"{trace.lost()} lost, {trace.duplicated()} twice, {trace.reordered()} out of order")
        b.report.check("swaps: blocks a flow that asks for both names", set(blocks), {1})
        check_hits(b, d, "swaps", versions, flows)
        check_counters(b, d, "swaps", before)


def test_swaps(b):
    run(b, SWAPS, NAMES, 2000)

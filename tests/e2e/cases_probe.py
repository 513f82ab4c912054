# SPDX-License-Identifier: BSD-3-Clause
"""The compliance self-test: every entry on every worker, nothing on the wire, no trace but its own results; what is wrong is found out."""
import contextlib
import json
import pathlib
import socket
import threading

import control
import daemon
import network

PLAIN = ("name.probe.test", "=host.probe.test", "*.under.probe.test", "http://url.probe.test/a?b=c", "http://port.probe.test:8080/x",
         "prefix.probe.test/a/*", "glob.probe.test/*/x.jpg", "ads*.glob.probe.test", "/^re\\.probe\\.test\\/x[0-9]{3}$/")
ENCRYPTED = "https://url.probe.test/secure"
PATTERNS = ("ads*.adverts.test", "pages.adverts.test/*/x.jpg", "/^re\\.adverts\\.test\\/x[0-9]{3}$/")
ADDRESSES = ("203.0.113.7", "203.0.113.128/25", "2001:db8:9::/64")
MARKS = (b"probe", bytes((198, 51, 100, 201)), bytes((192, 0, 2, 201)))  # names, the ends of requests in memory
FRAMES_S = 0.2
LEAF = ("node", "version", "order", "workers", "entries", "enforced", "missed", "unenforceable", "neighbours", "harmed", "text")


class Frames:
    """What passes the ends of both links, by packet sockets: frames that hold a mark."""

    def __init__(self, lab):
        self.sockets = [lab.socket(role, lambda device=device: self.open(device))
                        for role, device in (("client", "c0"), ("middle", "left"), ("middle", "right"), ("server", "s0"))]
        self.found, self.ended = [], False
        self.threads = [threading.Thread(target=self.read, args=(s,)) for s in self.sockets]
        for thread in self.threads:
            thread.start()

    @staticmethod
    def open(device):
        s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        s.bind((device, 3))
        s.settimeout(FRAMES_S)
        return s

    def read(self, s):
        while not self.ended:
            with contextlib.suppress(TimeoutError):
                frame = s.recv(65536)
                if any(mark in frame for mark in MARKS):
                    self.found.append(frame)

    def end(self):
        """What is on its way is still read."""
        self.ended = True
        for thread in self.threads:
            thread.join()
        for s in self.sockets:
            s.close()
        return self.found


def figures(d):
    """What a probe must not change: counters of each worker, its hits and answers, and events."""
    counters = {name: row["workers"] for name, row in d.call("counters").items() if name.startswith(("hits", "names", "answers", "flows", "quic", "dns", "http"))}
    workers = [{key: w[key] for key in ("hits", "hits_lost", "answers", "verdict_drops", "stalls")} for w in d.call("workers")]
    return counters, workers, d.call("status")["events"]["put"], d.call("status")["blocks"]


def row(c, order):
    return c.rojactl("eva", "probes", "--order", order)


def leaves(c, order):
    """What the log says of an order's probes, as a sink gets it."""
    with open(sink_of(c.config)) as lines:
        return [leaf for leaf in map(json.loads, lines) if leaf["kind"] == "probe" and leaf["order"] == order]


def sink_of(config):
    return pathlib.Path(config["socket"]).with_name("sink.jsonl")


def change(config):
    config.update(probe={"every_s": 0}, sinks=[{"name": "test", "format": "jsonl", "path": str(sink_of(config))}])


def test_probe(b):
    listed, beside = b.lab.work / "probe.txt", b.lab.work / "covers.txt"
    listed.write_text("".join(f"{entry}\n" for entry in (*PLAIN, ENCRYPTED)))
    beside.write_text("zq7name.probe.test\nprobe.test\n")  # a neighbour of the first entry, and all the others' parent
    b.lab.queues(2)
    try:
        with control.beside(b.lab, b.tools, b.artifacts, "probe", change, daemon.two_queues) as (c, d):
            run(b, c, d, listed, beside)
    finally:
        b.lab.queues(1)


def run(b, c, d, listed, beside):
    order = c.propose("ana", ("probe", listed), precision="url")
    c.rojactl("ben", "order", "approve", order)
    c.enforced(order)
    first = network.until("a probe after the activation", 60, lambda: row(c, order))[0]
    b.report.check("after the activation: enforced, missed, unenforceable, harmed",
                   [first[key] for key in ("enforced", "missed", "unenforceable", "harmed")], [len(PLAIN), 0, 1, 0])
    b.report.check("on both workers", first["workers"], 2)
    b.report.say("why one is not", None if "1 URLs on HTTPS" in first["text"] else first["text"])
    leaf = network.until("a leaf of it", 60, lambda: leaves(c, order))[0]
    b.report.check("the leaf says the same", {key: leaf[key] for key in LEAF},
                   {**{key: first[key] for key in LEAF if key != "node"}, "node": "peering"})
    before, frames = figures(d), Frames(b.lab)
    said = c.raw("ana", "probe", "--json")
    found = frames.end()
    b.report.check("by command: exit code", (said.returncode, said.stderr), (0, ""))
    b.report.check("frames of it on the wire", len(found), 0)
    b.report.say("counters, events and blocks are as before", None if figures(d) == before else f"{before} {figures(d)}")
    frames = Frames(b.lab)
    b.clients.curl("http://name.probe.test/")
    b.report.say("frames of a real request are seen", None if frames.end() else "none was")
    shown = c.rojactl("eva", "order", "show", order)["probes"]
    b.report.check("order show tells of it", [(p["dataplane"], p["missed"], p["harmed"]) for p in shown], [("peering", 0, 0)])
    covering = c.propose("ana", ("covers", beside), reference="DC 2/2026")
    c.rojactl("ben", "order", "approve", covering)
    c.enforced(covering)
    again = network.until("a probe of both", 60, lambda: len(row(c, covering)) == 1 and row(c, order)[0]["version"] != first["version"] and row(c, order))[0]
    b.report.check("neighbours that another order covers are not harmed", (again["enforced"], again["harmed"]), (len(PLAIN), 0))
    excepted(b, c, order)
    addresses(b, c)
    try:
        c.rojactl("eva", "probe")
        b.report.say("a viewer cannot begin one", "it could")
    except control.Refused:
        b.report.say("a viewer cannot begin one")
    by_hand(b, c, d, order, patterns(b, c))


def excepted(b, c, order):
    proposal = c.rojactl("ana", "exception", "add", "=host.probe.test", "--reason", "an appeal was upheld")["proposal"]
    c.rojactl("ben", "proposal", "approve", proposal)
    version = c.acknowledged()
    found = network.until("a probe with the exception", 60, lambda: row(c, order)[0]["version"] == version and row(c, order)[0])
    b.report.check("an exception: enforced, missed, unenforceable", [found[key] for key in ("enforced", "missed", "unenforceable")],
                   [len(PLAIN) - 1, 0, 2])
    b.report.say("it says so", None if "1 pass by an exception" in found["text"] else found["text"])


def addresses(b, c):
    listed = b.lab.work / "addresses.txt"
    listed.write_text("".join(f"{entry}\n" for entry in ADDRESSES))
    order = c.propose("ana", ("addresses", listed), reference="DC 3/2026", precision="ip", assessment="nothing else is hosted there")
    c.rojactl("ben", "order", "approve", order)
    c.enforced(order)
    found = network.until("a probe of addresses", 60, lambda: row(c, order))[0]
    b.report.check("addresses: enforced, neighbours, harmed", [found[key] for key in ("enforced", "neighbours", "harmed")],
                   [len(ADDRESSES), 2 * len(ADDRESSES), 0])
    c.rojactl("ana", "stop", "add", "order", "--order", order, "--reason", "a mistake?")
    version = c.acknowledged()
    found = network.until("a probe while it is stopped", 60, lambda: row(c, order)[0]["version"] == version and row(c, order)[0])
    b.report.check("stopped: it says so", (found["entries"], found["text"]), (0, "not enforced now: an emergency stop"))


def patterns(b, c):
    listed = b.lab.work / "patterns.txt"
    listed.write_text("".join(f"{entry}\n" for entry in PATTERNS))
    order = c.propose("ana", ("patterns", listed), reference="DC 4/2026", precision="url")
    c.rojactl("ben", "order", "approve", order)
    c.enforced(order)
    found = network.until("a probe of patterns", 60, lambda: row(c, order))[0]
    b.report.check("patterns: enforced, missed, harmed", [found[key] for key in ("enforced", "missed", "harmed")], [len(PATTERNS), 0, 0])
    b.report.say("patterns have neighbours", None if found["neighbours"] > 3 * len(PATTERNS) else json.dumps(found))
    return order


def by_hand(b, c, d, order, wider):
    """Somebody gives the data plane a ruleset that lacks what was ordered and blocks what was not."""
    version = c.acknowledged()
    other = b.lab.work / "by-hand.txt"
    other.write_text("zq7host.probe.test\nhost.probe.test\n*.adverts.test\n")  # of a pattern, one that is wider
    rules = daemon.compile_rules(b.tools, b.lab.work / "by-hand.roja", other)
    rules.chmod(0o644)
    d.call("ruleset.load", path=str(rules), version=version + 1000)
    said = c.raw("ana", "probe", "--order", order, "--json")
    b.report.check("another ruleset by hand: exit code", said.returncode, 1)
    found = row(c, order)[0]
    b.report.say("what passes is found", None if found["missed"] == len(PLAIN) - 1 else json.dumps(found))
    b.report.say("what is harmed is found", None if found["harmed"] else json.dumps(found))
    c.raw("ana", "probe", "--order", wider, "--json")
    found_wider = row(c, wider)[0]
    b.report.say("what a wider pattern harms is found", None if found_wider["harmed"] else json.dumps(found_wider))
    alarms = {(a["kind"], a["subject"]) for a in c.rojactl("eva", "alarm", "ls")}
    wanted = {("probe-failed", "dataplane peering"), ("probe-failed", f"order {order} on dataplane peering")}
    b.report.say("alarms of it", None if wanted <= alarms else str(alarms))
    before = found["time"]
    c.stop()
    c.config["probe"] = {"every_s": 1}
    c.file.write_text(json.dumps(c.config, indent=1) + "\n")
    c.start()
    found = network.until("a probe by the clock", 60, lambda: row(c, order)[0]["time"] > before and row(c, order)[0])
    b.report.check("by the clock: still missed", found["missed"], len(PLAIN) - 1)

#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Evasions: is a blocked name found, and kept from its server, however it is sent?

run.py [-k WORD] [--keep DIR] PATH/roja-replay [PATH/quic_seal]

Each case is one transformation of client streams; each of its flows is there twice, once with a blocked name and once
with another of the same length. roja-replay runs over all flows at once, interleaved, twice:
  with a list of the blocked name: each blocked flow must be hit, no other; what leaves must not hold the name whole for
      any server, whichever of two contents it takes and whatever ends or decoys it believes;
  with a list of the name's neighbours: nothing may be hit.
Frames of flows that match nothing must leave byte for byte and in order. Prints "ok CASE" or "not ok CASE: why".
"""
import argparse
import ipaddress
import json
import os
import random
import subprocess
import sys
import tempfile
from collections import defaultdict

sys.dont_write_bytecode = True  # leave no folder in the sources

import cases_app
import cases_ip
import cases_quic
import cases_tcp
import pcap
from decode import Decoder
from flows import ALLOWED, BLOCKED, NEIGHBOURS, Flow
from reassemble import names_read

TOGETHER = 16  # flows that interleave: so few that fragments never compete for room


def build(cases):
    """Makes every case's flows; returns them in order."""
    flows = []
    for case in cases:
        for name in (BLOCKED, ALLOWED):
            def new(proto, case=case, name=name, **more):
                f = Flow(len(flows), proto, **more)
                flows.append(f)
                case.flows.append((f, name == BLOCKED))
                return f
            case.build(new, name)
    return flows


def interleave(flows):
    rng, ns, out = random.Random(7), 1_794_000_000_000_000_000, []
    waiting = list(reversed(flows))
    active = []
    while waiting or active:
        while waiting and len(active) < TOGETHER:
            active.append(iter(waiting.pop().frames))
        which = rng.randrange(len(active))
        frame = next(active[which], None)
        if frame is None:
            active[which] = active[-1]
            active.pop()
            continue
        ns += 1500
        out.append((ns, frame))
    return out


class Replay:
    """One run of roja-replay: which flows were hit, and what left."""

    def __init__(self, program, capture, names, out):
        with open(out + ".list", "w") as f:
            f.write("".join(n + "\n" for n in names))
        run = subprocess.run([program, "--json", "--list", out + ".list", "--write", out, capture],
                             stdout=subprocess.PIPE, text=True)
        if run.returncode:
            sys.exit(f"{program}: exit status {run.returncode}")
        events = [json.loads(line) for line in run.stdout.splitlines()]
        hits = [e for e in events if e["event"] == "hit"]
        self.hits = {(e["proto"], ipaddress.ip_address(e["src"]).packed, e["sport"]) for e in hits}
        self.counters = next(e for e in events if e["event"] == "summary")
        self.frames = pcap.read(out)


def sent_of(flows, frames):
    """The frames of each flow that left, as they were sent; answers are nobody's."""
    owner = {frame: f.number for f in flows for frame in f.frames}
    left = defaultdict(list)
    for frame in frames:
        if frame.data in owner:
            left[owner[frame.data]].append(frame.data)
    return left


def received(flows, frames):
    """What each flow's server receives: {number: [packets, ...]} for receivers that differ on fragments."""
    number = {(f.src, f.sport, f.dst, f.dport): f.number for f in flows}
    got = defaultdict(list)
    for overlap in ("first", "last"):
        decoder, of = Decoder(overlap), defaultdict(list)
        for frame in frames:
            for p in decoder.frame(frame.data):
                key = number.get((p.src, p.sport, p.dst, p.dport))
                if key is not None:
                    of[key].append(p)
        for key, packets in of.items():
            got[key].append(packets)
    return got


def bad_answers(frames):
    """Frames that roja-replay made and no receiver takes."""
    decoder = Decoder()
    return sum(1 for f in frames if f.comment == "roja: answer" and not all(p.good for p in decoder.frame(f.data)))


def flow_key(f):
    return f.proto, f.src, f.sport


class Checker:
    def __init__(self, flows, blocked, neighbours):
        self.blocked, self.neighbours = blocked, neighbours
        self.sent_blocked = sent_of(flows, blocked.frames)
        self.sent_neighbours = sent_of(flows, neighbours.frames)
        self.received = received(flows, blocked.frames)

    def flow(self, case, f, is_blocked):
        """What is wrong with this flow."""
        hit = flow_key(f) in self.blocked.hits
        if is_blocked and case.hit and not hit:
            yield "not hit"
        if not is_blocked and hit:
            yield "hit without reason"
        if flow_key(f) in self.neighbours.hits:
            yield "hit by a neighbour's rule"
        if any(frame not in self.sent_blocked[f.number] for frame in f.must_leave):
            yield "a harmless connection is held up"
        if is_blocked and self.leaks(f):
            yield "the name reaches the server"
        if case.whole and not is_blocked and self.sent_blocked[f.number] != f.frames:
            yield "changed though nothing matches"
        if case.whole and self.sent_neighbours[f.number] != f.frames:
            yield "changed by a neighbour's rule"

    def leaks(self, f):
        if f.proto == "quic":
            return not f.incomplete(self.sent_blocked[f.number])
        return any(BLOCKED in names_read(f.proto, packets) for packets in self.received[f.number])

    def case(self, case):
        wrong = defaultdict(list)
        for f, is_blocked in case.flows:
            for what in self.flow(case, f, is_blocked):
                wrong[what].append(f"{f.sport}/{f.number}")
        return "; ".join(f"{what} ({len(at)} of {len(case.flows)}: {' '.join(at[:4])})" for what, at in wrong.items())


def main():
    args = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    args.add_argument("-k", default="", metavar="WORD", help="only the cases whose title holds it")
    args.add_argument("--keep", metavar="DIR", help="leave the captures there")
    args.add_argument("replay")
    args.add_argument("quic_seal", nargs="?", help="without it there are no QUIC cases")
    o = args.parse_args()
    modules = [cases_tcp, cases_ip, cases_app]
    cases = [c for m in modules for c in m.all_cases()]
    cases += cases_quic.all_cases(o.quic_seal) if o.quic_seal else []
    cases = [c for c in cases if o.k in c.title]
    with tempfile.TemporaryDirectory() as d:
        if o.keep:
            os.makedirs(o.keep, exist_ok=True)
            d = o.keep
        flows = build(cases)
        frames = interleave(flows)
        classic, ng = os.path.join(d, "evasion.pcap"), os.path.join(d, "evasion.pcapng")
        pcap.write_pcap(classic, frames)
        pcap.write_pcapng(ng, frames, ">")
        blocked = Replay(o.replay, classic, [BLOCKED], os.path.join(d, "blocked.pcapng"))
        neighbours = Replay(o.replay, ng, NEIGHBOURS, os.path.join(d, "neighbours.pcapng"))
    checker, failed = Checker(flows, blocked, neighbours), 0
    for case in cases:
        why = checker.case(case)
        failed += bool(why)
        title = case.title.replace(": ", ", ")  # what follows a colon is the reason
        print(f"not ok {title}: {why}" if why else f"ok {title}")
    bad = bad_answers(blocked.frames)
    failed += bool(bad)
    print(f"not ok checksums of answers: {bad} are wrong" if bad else "ok checksums of answers")
    print(f"# {len(cases)} cases, {len(flows)} flows, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

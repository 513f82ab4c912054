#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Is what gen_traffic says of its captures so, and does roja-replay find it?

check_truth.py tshark CAPTURE EVERY           tshark decodes the names that gen_traffic --every says, and no others
check_truth.py replay REPLAY LIST TRUTH CAPTURE   roja-replay hits what --truth says, and nothing else
check_truth.py sample GEN_TRAFFIC [REPLAY]    both, over a small capture of its own (tshark where it is installed)

Exit status: 0 when all agree, 1 when not, 2 on usage. A name that a decoder cannot see is a miss; tshark may miss up to
one in 200 (it gives up on some shuffled QUIC hellos), roja-replay none. Prints "ok" or "not ok" lines.
"""
import collections
import ipaddress
import json
import os
import shutil
import subprocess
import sys
import tempfile

TSHARK_MAY_MISS = 1 / 200
FIELDS = ["frame.protocols", "ip.src", "ipv6.src", "tcp.srcport", "udp.srcport",
          "tls.handshake.extensions_server_name", "http.host", "dns.qry.name"]
FILTER = "tls.handshake.type==1 || http.request || (dns && dns.flags.response==0)"


def truth_of(path):
    """{(proto, name, address, port)} of a --truth or --every file."""
    with open(path) as lines:
        rows = map(json.loads, lines)
        return {(r["proto"], r["name"], ipaddress.ip_address(r["src"]), r["sport"]) for r in rows}


def tshark_names(capture):
    cmd = ["tshark", "-n", "-r", capture, "-o", "tcp.reassemble_out_of_order:TRUE", "-Y", FILTER, "-T", "fields",
           "-E", "separator=/t", "-E", "occurrence=f"]
    for field in FIELDS:
        cmd += ["-e", field]
    out = subprocess.run(cmd, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True).stdout
    seen = set()
    for line in out.splitlines():
        protocols, ip4, ip6, tcp, udp, sni, host, qry = line.split("\t")
        for proto, name in (("quic" if "quic" in protocols else "tls", sni), ("http", host), ("dns", qry)):
            if name:
                name = name.rsplit(":", 1)[0] if proto == "http" else name
                seen.add((proto, name, ipaddress.ip_address(ip4 or ip6), int(tcp or udp)))
    return seen


def report(what, said, seen, may_miss):
    missed, false = said - seen, seen - said
    kinds = collections.Counter(row[0] for row in said)
    good = len(missed) <= may_miss * len(said) and not false
    print(f"{'ok' if good else 'not ok'} {what}: {len(said) - len(missed)} of {len(said)} names found "
          f"({', '.join(f'{n} {kind}' for kind, n in sorted(kinds.items()))}), {len(false)} found that are not there")
    for title, rows in (("missed", missed), ("false", false)):
        for proto, name, src, sport in sorted(rows, key=str)[:10]:
            print(f"  {title}: {proto} {name} {src} {sport}")
    return good


def check_tshark(capture, every):
    return report("tshark", truth_of(every), tshark_names(capture), TSHARK_MAY_MISS)


def check_replay(replay, names, truth, capture):
    with open(names) as lines:
        entries = [line.rstrip("\n") for line in lines]
    said = truth_of(truth)
    by_flow = collections.defaultdict(set)
    for row in said:
        by_flow[row[0], row[2], row[3]].add(row[1])
    run = subprocess.run([replay, "--json", "--list", names, capture], stdout=subprocess.PIPE, text=True)
    if run.returncode:
        print(f"not ok roja-replay: exit status {run.returncode}")
        return False
    seen = set()
    for hit in map(json.loads, run.stdout.splitlines()):
        if hit["event"] != "hit":
            continue
        entry, src = entries[hit["line"] - 1], ipaddress.ip_address(hit["src"])
        on_flow = by_flow[hit["proto"], src, hit["sport"]]
        # A listed name covers what is below it: the hit is of the name on the wire.
        wire = [name for name in on_flow if name == entry or name.endswith("." + entry)]
        seen.add((hit["proto"], wire[0] if wire else entry, src, hit["sport"]))
    return report("roja-replay", said, seen, 0)


def check_sample(generator, replay=None):
    with tempfile.TemporaryDirectory() as d:
        capture, names, truth, every = (os.path.join(d, n) for n in ("mix.pcap", "mix.list", "truth", "every"))
        subprocess.run([generator, "--bytes", "20M", "--flows", "1000", "--names", "20000", "--listed-share", "10%",
                        "--out", capture, "--list", names, "--truth", truth, "--every", every],
                       check=True, stderr=subprocess.DEVNULL)
        good = not shutil.which("tshark") or check_tshark(capture, every)
        return (not replay or check_replay(replay, names, truth, capture)) and good


def main():
    commands = {"tshark": (check_tshark, 2, 2), "replay": (check_replay, 4, 4), "sample": (check_sample, 1, 2)}
    call, least, most = commands.get(sys.argv[1] if len(sys.argv) > 1 else "", (None, 0, 0))
    if not call or not least <= len(sys.argv) - 2 <= most:
        print(__doc__, file=sys.stderr)
        return 2
    return 0 if call(*sys.argv[2:]) else 1


if __name__ == "__main__":
    sys.exit(main())

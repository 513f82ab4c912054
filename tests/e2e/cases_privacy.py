# SPDX-License-Identifier: BSD-3-Clause
"""What matches nothing leaves no trace: not its names, not its addresses, in no file, map or answer of the data plane."""
import ipaddress
import json
import os
import pathlib
import socket
import subprocess

import network
from cases_hostile import LARGE, Server, hello, reuse, take

NAME = "canary-7d1f.parent.test"  # nobody's, beside a listed one
CANARY = network.CLIENTS[-1]
PORT, SPORT = 8080, 40100
TRACES = (NAME.encode(), NAME.split(".", maxsplit=1)[0].encode(), CANARY.encode(), ipaddress.ip_address(CANARY).packed)
METHODS = ("status", "workers", "ports", "counters")


def large_flow(lab):
    sock = reuse(lab.socket("client", socket.socket), SPORT, CANARY)
    sock.connect((network.SERVER, PORT))
    sock.sendall(hello(NAME))
    take(sock, LARGE)
    return sock


def maps(d):
    """What each pinned map holds, as bytes."""
    for path in sorted(pathlib.Path("/sys/fs/bpf", d.instance).iterdir()):
        r = subprocess.run(["bpftool", "-j", "map", "dump", "pinned", path], check=False, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        with_bytes = json.loads(r.stdout or b"null")
        yield path.name, b"".join(bytes_of(entry) for entry in with_bytes or [] if isinstance(entry, dict))


def bytes_of(entry):
    return b"".join(bytes(int(byte, 16) for byte in entry.get(part, ()) if isinstance(byte, str)) for part in ("key", "value"))


def files(d):
    """The daemon's own files: its log, what is in its folder, and DPDK's. Other tests' events know of their own hits."""
    others = set(d.run.glob("events-*")) - {pathlib.Path(d.config["events"]["path"])}
    yield d.log
    for folder in (d.run, *pathlib.Path("/run/dpdk").glob(f"*{d.instance}*")):
        yield from (path for path in folder.rglob("*") if path.is_file() and path not in others)


def found(data):
    return any(trace in data for trace in TRACES)


def test_privacy(b):
    def change(config):
        config["bypass"] = {"elephants": True}

    server = Server(b.lab, PORT)
    try:
        with b.running("privacy", change=change) as d:
            b.clients.curl(f"http://{NAME}/", network.SERVER, "sq", "--interface", CANARY)
            b.clients.curl(f"https://{NAME}/", network.SERVER, "sq", "--interface", CANARY, "--insecure")
            b.clients.dns(NAME)
            b.report.check("privacy: a query for a listed name is a hit", b.clients.dns("listed.parent.test"), "NXDOMAIN")
            with large_flow(b.lab):
                network.until("the large flow is in a map", 5, lambda: "flows" in {name for name, data in maps(d) if found(data)})
                b.report.check("privacy: maps that know of it while it lasts", [name for name, data in maps(d) if found(data)], ["flows"])
            network.until("it is idle and forgotten", 20, lambda: not any(found(data) for _, data in maps(d)))
            b.report.say("privacy: it is forgotten when it is idle")
            answers = [method for method in METHODS if found(json.dumps(d.call(method)).encode())]
            b.report.check("privacy: answers of the control socket that know of it", answers, [])
            held = large_flow(b.lab)
            network.until("another large flow is in a map", 5, lambda: any(found(data) for _, data in maps(d)))
            modes(b, d)
            d.stop()
            b.report.check("privacy: maps that know of it after the end", [name for name, data in maps(d) if found(data)], [])
            b.report.check("privacy: files that know of it", [str(path) for path in files(d) if found(path.read_bytes())], [])
            b.report.say("privacy: the events know of the hit's client, as they must", None if ipaddress.ip_address(
                network.CLIENT).packed in pathlib.Path(d.config["events"]["path"]).read_bytes() else "they do not")
            held.close()
            d.start()
    finally:
        server.close()


def modes(b, d):
    folder = pathlib.Path("/sys/fs/bpf", d.instance)
    b.report.check("privacy: the folder of maps is root's alone", oct(folder.stat().st_mode & 0o7777), "0o700")
    b.report.check("privacy: others may not even look at its maps", [p.name for p in folder.iterdir() if p.stat().st_mode & 0o077], [])
    own = [d.config["socket"], d.config["events"]["path"]]
    b.report.check("privacy: files that others may open", [path for path in own if os.stat(path).st_mode & 0o007], [])

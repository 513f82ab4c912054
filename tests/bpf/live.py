#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""live.py BEAT SOCKET: the guard between network namespaces, as root. What passes, what is counted, what is left behind.

    client 192.0.2.1 [wire] ---- [left] BEAT [right] ---- [wire] 192.0.2.2 server

BEAT (tests/bpf/beat.c) opens the guard in the middle namespace and beats; there is no other forwarding. SOCKET
(tests/bpf/socket.c) is libxdp's part of DPDK's af_xdp driver. Prints "ok guard TEST"
or "not ok guard TEST: why".
"""
import contextlib
import json
import os
import pathlib
import re
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "net"))
from namespaces import inside, sh, until

BEAT, SOCKET = (str(pathlib.Path(arg).resolve()) for arg in sys.argv[1:3])
CLIENT, SERVER = "192.0.2.1", "192.0.2.2"
PORT, BYPASSED_PORT, CLIENT_PORT = 7001, 5353, 40000
PATIENCE_S = 5
PACKET_AUXDATA, SOL_PACKET = 8, 263


class Wire:
    """The namespaces, cables and sockets of one test, and the helpers it started."""

    def __init__(self, number):
        self.instance = f"guard-test-{os.getpid()}-{number}"
        self.client, self.middle, self.server = (f"{self.instance}-{c}" for c in "cms")
        self.started, self.made = [], []
        self.sender, self.receivers = None, {}
        self.sent = 0

    def __enter__(self):
        return self

    def set_up(self):
        for netns in (self.client, self.middle, self.server):
            sh("ip", "netns", "add", netns)
            self.made.append(netns)
        for netns, near in ((self.client, "left"), (self.server, "right")):
            sh("ip", "link", "add", "wire", "netns", netns, "type", "veth", "peer", "name", near, "netns", self.middle)
            self.bring_up(netns, "wire")
            self.bring_up(self.middle, near)
            self.on(netns, "ethtool", "-K", "wire", "tx", "off", "txvlan", "off", "gro", "on")
        sh("ip", "-n", self.client, "addr", "add", f"{CLIENT}/24", "dev", "wire")
        sh("ip", "-n", self.server, "addr", "add", f"{SERVER}/24", "dev", "wire")
        for netns, other, addr in ((self.client, self.server, SERVER), (self.server, self.client, CLIENT)):
            sh("ip", "-n", netns, "neigh", "replace", addr, "lladdr", self.mac(other), "dev", "wire")
        self.sender = self.udp(self.client, CLIENT, CLIENT_PORT)
        self.receivers = {port: self.udp(self.server, SERVER, port) for port in (PORT, BYPASSED_PORT)}

    def __exit__(self, *_):
        for process in self.started:
            process.kill()
            process.wait()
        for s in filter(None, (self.sender, *self.receivers.values())):
            s.close()
        with contextlib.suppress(AssertionError, OSError):
            self.detach()
        for netns in self.made:
            sh("ip", "netns", "del", netns)

    def on(self, netns, *args):
        """In the namespace, but among the host's mounts, where the pins are."""
        return sh("nsenter", f"--net=/run/netns/{netns}", *args)

    def bring_up(self, netns, interface):
        self.on(netns, "sysctl", "-qw", f"net.ipv6.conf.{interface}.disable_ipv6=1")
        sh("ip", "-n", netns, "link", "set", interface, "up")

    def mac(self, netns):
        return json.loads(sh("ip", "-j", "-n", netns, "link", "show", "wire"))[0]["address"]

    def udp(self, netns, addr, port):
        with inside(netns):
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.bind((addr, port))
        s.settimeout(PATIENCE_S)
        return s

    def open(self, fail="open", kind="xdp", ports=("left:right", "right:left"), instance=None, heartbeat_ms=5):
        return Beat(self, instance or self.instance, fail, heartbeat_ms, kind, ports)

    def socket(self, interface):
        """Of a program that has just died, the queue stays taken for a moment."""
        def start():
            process = subprocess.Popen(["nsenter", f"--net=/run/netns/{self.middle}", SOCKET, interface],
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            self.started.append(process)
            return process if process.stdout.readline() == "ok\n" else None
        return until(f"an AF_XDP socket on {interface}", start)

    def detach(self, instance=None):
        answer = self.on(self.middle, BEAT, "--detach", instance or self.instance)
        assert answer.startswith("ok"), answer

    def send(self, port=PORT):
        self.sent += 1
        self.sender.sendto(struct.pack("Q", self.sent), (SERVER, port))

    def arrives(self, port=PORT):
        """What was sent before and comes late does not matter."""
        self.send(port)
        with contextlib.suppress(socket.timeout):
            while self.receive(port) != self.sent:
                pass
            return True
        return False

    def receive(self, port=PORT):
        return struct.unpack("Q", self.receivers[port].recv(100))[0]

    def nothing_waits(self, port=PORT):
        return not select.select([self.receivers[port]], [], [], 0)[0]

    def program(self, interface):
        link = json.loads(sh("ip", "-j", "-d", "-n", self.middle, "link", "show", interface))[0]
        return link.get("xdp", {}).get("prog", {}).get("id")

    def filters(self, interface):
        return re.findall(r"(\S+) direct-action .*id (\d+)", self.on(self.middle, "tc", "filter", "show", "dev",
                                                                  interface, "ingress"))

    def has_clsact(self, interface):
        return "clsact" in self.on(self.middle, "tc", "qdisc", "show", "dev", interface)

    def pins(self, instance=None):
        return pathlib.Path("/sys/fs/bpf") / (instance or self.instance)


class Beat:
    def __init__(self, wire, instance, fail, heartbeat_ms, kind, ports):
        self.process = subprocess.Popen(
            ["nsenter", f"--net=/run/netns/{wire.middle}", BEAT, instance, fail, str(heartbeat_ms), kind, *ports],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        wire.started.append(self.process)
        self.answer = self.process.stdout.readline().strip()

    def ask(self, *words):
        print(*words, file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline().strip()
        assert answer.startswith("ok"), answer
        return {k: int(v) for k, v in (pair.split("=") for pair in answer.split()[1:])}

    def stats(self, port=0):
        return self.ask("stats", port)

    def signal(self, number):
        self.process.send_signal(number)
        if number == signal.SIGKILL:
            self.process.wait()


def grows(beat, name, by, do, port=0):
    """do() moves counter `name` of a port by exactly `by`."""
    before = beat.stats(port)[name]
    do()
    until(f"{name} to reach {before + by}", lambda: beat.stats(port)[name] >= before + by)
    assert beat.stats(port)[name] == before + by, f"{name} grew by {beat.stats(port)[name] - before}, not {by}"


def times(n, do):
    def all_of_them():
        assert all(do() for _ in range(n)), "a frame was lost"
    return all_of_them


def test_fails_open_without_a_worker(wire):
    beat = wire.open()
    assert beat.answer == "ok native=1", beat.answer
    grows(beat, "xdp.dead_bypassed", 5, times(5, wire.arrives))


def test_fails_closed_without_a_worker(wire):
    beat = wire.open("closed")
    grows(beat, "xdp.dead_dropped", 5, lambda: [wire.send() for _ in range(5)])
    assert wire.nothing_waits()


def test_a_beat_without_a_socket_is_no_worker(wire):
    beat = wire.open()
    beat.ask("beat", "on")
    grows(beat, "xdp.dead_bypassed", 3, times(3, wire.arrives))


def test_libxdp_takes_our_program_for_its_own(wire):
    beat = wire.open(heartbeat_ms=2000)
    program = wire.program("left")
    process = wire.socket("left")
    assert wire.program("left") == program, "libxdp attached its own"
    grows(beat, "xdp.dead_bypassed", 3, times(3, wire.arrives))
    beat.ask("beat", "on")
    grows(beat, "xdp.to_worker", 3, lambda: [wire.send() for _ in range(3)])
    assert wire.nothing_waits()
    process.stdin.close()
    process.wait()
    assert wire.program("left") == program, "libxdp took it off"
    grows(beat, "xdp.dead_bypassed", 3, times(3, wire.arrives))


def test_a_dead_workers_socket_gets_nothing(wire):
    for number in (signal.SIGSTOP, signal.SIGKILL):
        beat, process = wire.open(), wire.socket("left")
        beat.ask("beat", "on")
        for each in (beat.process, process):
            each.send_signal(number)
        until("the first frame to pass", lambda: wire.send() or not wire.nothing_waits())
        assert all(wire.arrives() for _ in range(5))
        for each in (beat, process):
            getattr(each, "process", each).kill()
            getattr(each, "process", each).wait()


def test_the_wire_outlives_the_process(wire):
    beat = wire.open()
    before = wire.program("left"), wire.filters("left")
    assert all(before)
    beat.ask("beat", "on")
    assert wire.arrives()
    beat.signal(signal.SIGKILL)
    assert all(wire.arrives() for _ in range(5))
    assert (wire.program("left"), wire.filters("left")) == before


def test_a_restart_reuses_programs_and_counters(wire):
    beat = wire.open()
    beat.ask("beat", "on")
    assert all(wire.arrives() for _ in range(3))
    programs = wire.program("left"), wire.program("right"), wire.filters("left")
    beat.signal(signal.SIGKILL)
    assert all(wire.arrives() for _ in range(4))
    beat = wire.open()
    last = beat.ask("last", 0)
    assert (wire.program("left"), wire.program("right"), wire.filters("left")) == programs
    assert 0 < last["beat"] < last["now"], last
    assert last["xdp.dead_bypassed"] == 7, last
    assert beat.ask("last", 1)["beat"] > 0


def test_outages_are_accounted_across_restarts(wire):
    beat = wire.open()
    assert all(wire.arrives() for _ in range(3))
    first = beat.ask("account", 0, 1000)
    assert first == {"passed": 3, "dropped": 0, "outages": 1, "unprotected_ns": 1000}, first
    beat.signal(signal.SIGKILL)
    assert all(wire.arrives() for _ in range(2))
    second = wire.open().ask("account", 0, 500)
    assert second == {"passed": 2, "dropped": 0, "outages": 2, "unprotected_ns": 1500}, second


def test_another_build_takes_the_place_without_a_loss(wire):
    wire.open().signal(signal.SIGKILL)
    programs = wire.program("left"), wire.filters("left")
    pin = str(wire.pins() / "ports")
    for entry in json.loads(sh("bpftool", "-j", "map", "dump", "pinned", pin)):
        value = [int(b, 16) for b in entry["value"]]
        value[8] ^= 1  # guard_port_value.build
        sh("bpftool", "map", "update", "pinned", pin, "key", "hex", *(b[2:] for b in entry["key"]),
           "value", "hex", *(f"{b:02x}" for b in value))
    done = threading.Event()
    got = []

    def probe():
        while not done.is_set():
            wire.send()
            while not wire.nothing_waits():
                got.append(wire.receive())
            time.sleep(0.0002)
    prober = threading.Thread(target=probe)
    first = wire.sent + 1
    prober.start()
    try:
        answer = wire.open().answer
    finally:
        done.set()
        prober.join()
    assert answer.startswith("ok"), answer
    assert (wire.program("left"), wire.filters("left")) != programs, "nothing was replaced"
    while got[-1] < wire.sent:
        got.append(wire.receive())
    lost = set(range(first, wire.sent + 1)) - set(got)
    assert not lost and got == sorted(got), f"{len(lost)} of {len(got)} probes were lost: {sorted(lost)}"


def another_layout(wire):
    """As an older version would have left it."""
    pin = wire.pins() / "ports"
    pin.unlink()
    sh("bpftool", "map", "create", str(pin), "type", "array", "key", "4", "value", "4096", "entries", "64", "name", "ports")


def test_an_older_versions_programs_are_replaced(wire):
    wire.open().signal(signal.SIGKILL)
    program = wire.program("left")
    another_layout(wire)
    beat = wire.open(ports=("left:right",))
    assert wire.program("left") not in (None, program)
    assert not wire.program("right") and not wire.filters("right")
    grows(beat, "xdp.dead_bypassed", 3, times(3, wire.arrives))


def test_an_older_versions_programs_are_detached(wire):
    wire.open().signal(signal.SIGKILL)
    another_layout(wire)
    wire.detach()
    assert not wire.program("left") and not wire.filters("right") and not wire.pins().exists()


def test_packet_sockets_leave_no_second_copy(wire):
    beat = wire.open(kind="packet", heartbeat_ms=2000)
    assert wire.program("left") is None
    grows(beat, "tc.dead_bypassed", 3, times(3, wire.arrives))
    beat.ask("beat", "on")
    grows(beat, "tc.to_worker", 3, lambda: [wire.send() for _ in range(3)])
    assert wire.nothing_waits()


def test_a_stopped_worker_is_a_dead_one(wire):
    beat = wire.open(kind="packet")
    beat.ask("beat", "on")
    beat.signal(signal.SIGSTOP)
    until("the first frame to pass", lambda: wire.send() or not wire.nothing_waits())
    beat.signal(signal.SIGCONT)
    before = beat.stats()["tc.to_worker"]
    until("the worker to be alive again", lambda: wire.send() or beat.stats()["tc.to_worker"] > before)


def test_a_killed_worker_of_packet_sockets_fails_open(wire):
    beat = wire.open(kind="packet")
    beat.ask("beat", "on")
    beat.signal(signal.SIGKILL)
    until("the first frame to pass", lambda: wire.send() or not wire.nothing_waits())


def test_tc_sends_where_the_peer_takes_nothing_from_xdp(wire):
    wire.on(wire.server, "ethtool", "-K", "wire", "gro", "off")
    beat = wire.open()
    grows(beat, "xdp.to_tc", 3, times(3, wire.arrives))
    assert beat.stats()["tc.dead_bypassed"] == 3
    wire.on(wire.server, "ethtool", "-K", "wire", "gro", "on")
    beat.ask("refresh")
    grows(beat, "xdp.dead_bypassed", 3, times(3, wire.arrives))


def test_bypassed_ports_pass_a_closed_wire(wire):
    beat = wire.open("closed")
    grows(beat, "xdp.port_bypassed", 3, times(3, lambda: wire.arrives(BYPASSED_PORT)))
    beat.signal(signal.SIGKILL)
    assert wire.arrives(BYPASSED_PORT)


def test_decided_flows_pass_until_they_are_forgotten(wire):
    beat = wire.open("closed")
    beat.ask("flow", SERVER, PORT, CLIENT, CLIENT_PORT, socket.IPPROTO_UDP)
    grows(beat, "xdp.flow_bypassed", 3, times(3, wire.arrives))
    beat.ask("forget")
    grows(beat, "xdp.dead_dropped", 1, wire.send)
    assert wire.nothing_waits()


def test_decided_flows_end_with_the_process_that_decided(wire):
    beat = wire.open("closed")
    beat.ask("flow", SERVER, PORT, CLIENT, CLIENT_PORT, socket.IPPROTO_UDP)
    beat.signal(signal.SIGKILL)
    assert wire.arrives()
    beat = wire.open("closed")
    grows(beat, "xdp.dead_dropped", 1, wire.send)
    assert wire.nothing_waits()


def test_listed_prefixes_outlive_the_process(wire):
    beat = wire.open()
    beat.ask("prefixes", "drop", "192.0.2.2", 31, "except", "198.51.100.0", 24, "drop", "2001:db8::", 32)
    grows(beat, "xdp.prefix_dropped", 2, lambda: [wire.send() for _ in range(2)])
    beat.signal(signal.SIGKILL)
    beat = wire.open()
    grows(beat, "xdp.prefix_dropped", 2, lambda: [wire.send() for _ in range(2)])
    assert wire.nothing_waits()
    beat.ask("prefixes", "count", "192.0.2.2", 32)
    grows(beat, "xdp.prefix_counted", 2, times(2, wire.arrives))
    beat.ask("prefixes")
    grows(beat, "xdp.dead_bypassed", 2, times(2, wire.arrives))
    assert beat.stats()["xdp.prefix_counted"] == 2


def test_blocked_addresses_are_blocked_for_their_time(wire):
    beat = wire.open()
    beat.ask("block", "192.0.2.7", 3600000)
    grows(beat, "xdp.dead_bypassed", 2, times(2, wire.arrives))
    beat.ask("block", CLIENT, 3600000)
    grows(beat, "xdp.block_dropped", 2, lambda: [wire.send() for _ in range(2)])
    beat.signal(signal.SIGKILL)
    beat = wire.open()
    grows(beat, "xdp.block_dropped", 2, lambda: [wire.send() for _ in range(2)])
    assert wire.nothing_waits()
    assert beat.ask("blocks")["n"] == 2
    beat.ask("unblock", CLIENT)
    grows(beat, "xdp.dead_bypassed", 2, times(2, wire.arrives))
    beat.ask("block", SERVER, 1)
    until("the block to be over", lambda: wire.send() or not wire.nothing_waits())
    assert beat.ask("blocks")["n"] == 2
    beat.ask("unblock", SERVER)
    beat.ask("unblock", "192.0.2.7")
    assert beat.ask("blocks")["n"] == 0 and wire.arrives()


def tagged_arrives(wire):
    with inside(wire.client):
        tx = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        tx.bind(("wire", 0))
    with inside(wire.server):
        rx = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        rx.bind(("wire", 3))
    rx.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
    rx.settimeout(PATIENCE_S)
    macs = b"".join(bytes.fromhex(wire.mac(n).replace(":", "")) for n in (wire.server, wire.client))
    payload = bytes(range(64))
    tx.send(macs + bytes.fromhex("8100 2007 88b5") + payload)
    with tx, rx:
        while True:
            data, extra, _, _ = rx.recvmsg(2000, 256)
            if data[-64:] == payload:
                break
    tci, tpid = struct.unpack("IIIHHHH", extra[0][2][:20])[5:7]
    return (data, tci, tpid) == (macs + bytes.fromhex("88b5") + payload, 0x2007, 0x8100)


def test_tagged_frames_keep_their_tag(wire):
    wire.open()
    assert tagged_arrives(wire), "by XDP"


def test_tagged_frames_keep_their_tag_by_tc(wire):
    wire.open(kind="packet")
    assert tagged_arrives(wire), "by tc"


def test_ports_that_are_no_longer_guarded_are_let_go(wire):
    wire.open().signal(signal.SIGKILL)
    assert wire.open(ports=("left:right",)).answer.startswith("ok")
    assert wire.program("left") and wire.filters("left")
    assert not wire.program("right") and not wire.has_clsact("right")
    assert wire.arrives()


def test_an_interface_that_lost_its_name_is_let_go(wire):
    wire.open().signal(signal.SIGKILL)
    sh("ip", "-n", wire.middle, "link", "set", "left", "down")
    sh("ip", "-n", wire.middle, "link", "set", "left", "name", "former")
    sh("ip", "-n", wire.middle, "link", "add", "left", "type", "veth", "peer", "name", "elsewhere")
    assert wire.open().answer.startswith("ok")
    assert not wire.program("former") and not wire.has_clsact("former")
    assert wire.program("left") and wire.filters("left")


def test_frames_come_as_they_are_on_the_wire(wire):
    wire.on(wire.middle, "ethtool", "-K", "left", "gro", "on", "rxvlan", "on")
    wire.open()
    features = wire.on(wire.middle, "ethtool", "-k", "left")
    assert "generic-receive-offload: off" in features and "rx-vlan-offload: off" in features


def test_counters_follow_the_interface(wire):
    beat = wire.open()
    assert all(wire.arrives() for _ in range(3))
    beat.signal(signal.SIGKILL)
    beat = wire.open(ports=("right:left", "left:right"))
    assert (beat.stats(0)["xdp.dead_bypassed"], beat.stats(1)["xdp.dead_bypassed"]) == (0, 3)


def test_the_kind_may_change(wire):
    wire.open().signal(signal.SIGKILL)
    beat = wire.open(kind="packet")
    assert not wire.program("left")
    grows(beat, "tc.dead_bypassed", 1, times(1, wire.arrives))
    beat.signal(signal.SIGKILL)
    wire.open()
    assert wire.program("left")


def test_detach_leaves_nothing(wire):
    wire.open().signal(signal.SIGKILL)
    assert wire.pins().exists()
    wire.detach()
    for interface in ("left", "right"):
        assert not wire.program(interface) and not wire.has_clsact(interface)
    assert not wire.pins().exists()
    wire.detach()


def test_detach_in_another_namespace_is_refused(wire):
    wire.open().signal(signal.SIGKILL)
    r = subprocess.run(["nsenter", f"--net=/run/netns/{wire.client}", BEAT, "--detach", wire.instance],
                       capture_output=True, text=True)
    assert r.returncode and "another network namespace" in r.stdout + r.stderr, r.stdout + r.stderr
    assert wire.program("left") and wire.pins().exists()


def test_detach_after_the_interfaces_went(wire):
    wire.open().signal(signal.SIGKILL)
    sh("ip", "-n", wire.middle, "link", "del", "left")
    wire.detach()
    assert not wire.program("right") and not wire.has_clsact("right") and not wire.pins().exists()


def test_detach_leaves_what_others_attached(wire):
    wire.open().signal(signal.SIGKILL)
    wire.on(wire.middle, "tc", "filter", "add", "dev", "left", "egress", "pref", "50", "protocol", "all", "u32", "match",
            "u32", "0", "0", "classid", "1:1")
    wire.detach()
    assert "u32" in wire.on(wire.middle, "tc", "filter", "show", "dev", "left", "egress")
    assert wire.has_clsact("left") and not wire.filters("left") and not wire.has_clsact("right")


def test_anothers_programs_are_neither_replaced_nor_removed(wire):
    wire.open().signal(signal.SIGKILL)
    before = wire.program("left"), wire.filters("left")
    other = wire.instance + "-other"
    try:
        answer = wire.open(instance=other).answer
        assert answer.startswith("error left: another's"), answer
    finally:
        wire.detach(other)
    assert (wire.program("left"), wire.filters("left")) == before
    assert wire.arrives() and not wire.pins(other).exists()


def test_one_process_at_a_time(wire):
    wire.open()
    answer = wire.open().answer
    assert "held by another process" in answer, answer


def test_errors_name_what_is_wrong(wire):
    for ports, words in ((("nowhere:left",), "nowhere"), (("left:nowhere",), "nowhere"), (("left", "left"), "twice"),
                         (("left:left",), "own peer")):
        answer = wire.open(ports=ports).answer
        assert answer.startswith("error") and words in answer, answer


def main():
    failed = 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))
    tests = [(name[5:], test) for name, test in globals().items() if name.startswith("test_")]
    for number, (name, test) in enumerate(tests):
        try:
            with Wire(number) as wire:
                wire.set_up()
                test(wire)
            print(f"ok guard {name}", flush=True)
        except Exception as e:  # whatever it was, the next test runs
            failed += 1
            line = str(e).replace("\n", " ") or f"{type(e).__name__} at line {e.__traceback__.tb_next.tb_lineno}"
            print(f"not ok guard {name}: {line}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

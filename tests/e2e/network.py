# SPDX-License-Identifier: BSD-3-Clause
"""The network of the end-to-end tests: three namespaces, and whatever the tests start in them.

    namespace client                        namespace middle                  namespace server
    +------------------------------+   +----------------------------+   +-----------------------------------+
    | curl, openssl, chromium      |   |  roja-dataplane            |   | nginx  192.0.2.20 2001:db8::20    |
    | probe                        |   |  or, as "wire", tc         |   | dns.py 192.0.2.20                 |
    |                              |   |                            |   | caddy  192.0.2.21 (QUIC)          |
    |  192.0.2.100-114             |   |                            |   | probe  192.0.2.22                 |
    |  192.0.2.10 2001:db8::10  c0 ----- left              right ----- s0                                  |
    |                              |   |                            |   |                                   |
    |  198.51.100.10 v0==v1 wire.py    |                            |   | wire.py v1==v0 198.51.100.20 nginx|
    |                (VLAN 7 on c0)|   |                            |   | (VLAN 7 on s0)                    |
    +------------------------------+   +----------------------------+   +-----------------------------------+

As a mirror the middle is a bridge of left, right and the far end of "answers"; "span" gets a copy of what left and right receive.
The middle has no addresses. The far ends compute their checksums and segments, as on a wire.
"""
import contextlib
import ctypes
import os
import pathlib
import signal
import subprocess
import threading
import time

SHARED = pathlib.Path(__file__).resolve().parent.parent / "net"
CLIENTS = [f"192.0.2.{host}" for host in (10, *range(100, 115))]
CLIENT, SERVER = CLIENTS[0], "192.0.2.20"
CADDY, PROBED = "192.0.2.21", "192.0.2.22"
CLIENT6, SERVER6 = "2001:db8::10", "2001:db8::20"
VLAN_CLIENT, VLAN_SERVER = "198.51.100.10", "198.51.100.20"
QUEUES = 2  # that the links can have
CLONE_NEWNET = 0x40000000
libc = ctypes.CDLL(None, use_errno=True)


class Failure(Exception):
    """What a test expected and did not find."""


def until(what, seconds, condition):
    """Polls until condition() is true and returns what it gave; its exceptions of the list below count as not yet."""
    end = time.monotonic() + seconds
    while True:
        with contextlib.suppress(OSError, subprocess.SubprocessError, ValueError):
            if value := condition():
                return value
        if time.monotonic() > end:
            raise Failure(f"waited {seconds} s in vain: {what}")
        time.sleep(0.01)


class Network:
    """Use it in a with statement: its end stops what was started and removes the namespaces."""

    def __init__(self, work):
        self.work = pathlib.Path(work)
        self.names = {role: f"roja-{role}-{os.getpid()}" for role in ("client", "middle", "server")}
        self.started = []

    def __enter__(self):
        try:
            self.build()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for process in reversed(self.started):
            self.stop(process)
        for name in self.names.values():
            subprocess.run(["ip", "netns", "del", name], stderr=subprocess.DEVNULL, check=False)

    # programs

    def command(self, role, command):
        return ["nsenter", f"--net=/run/netns/{self.names[role]}", *map(str, command)]

    def environment(self):
        env = {"PATH": os.environ["PATH"], "HOME": str(self.work), "LANG": "C.UTF-8"}
        env.update((k, v) for k, v in os.environ.items() if k.endswith("SAN_OPTIONS"))
        return env

    def run(self, role, *command, check=True, **kwargs):
        r = subprocess.run(self.command(role, command), env=self.environment(), text=True, check=False,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=kwargs.pop("stdin", subprocess.DEVNULL),
                           **kwargs)
        if check and r.returncode:
            raise Failure(f"{' '.join(map(str, command))}: exit {r.returncode}: {(r.stderr or r.stdout).strip()[-600:]}")
        return r

    def spawn(self, role, *command, log=subprocess.DEVNULL, **kwargs):
        """A program that runs on, in a process group of its own; its output is appended to the file `log`."""
        with contextlib.ExitStack() as stack:
            if isinstance(log, (str, pathlib.Path)):
                log = stack.enter_context(open(log, "ab"))
            process = subprocess.Popen(self.command(role, command), env=self.environment(), start_new_session=True,
                                       **{"stdin": subprocess.DEVNULL, "stdout": log, "stderr": subprocess.STDOUT, **kwargs})
        self.started.append(process)
        return process

    def stop(self, process, how=signal.SIGTERM, patience=10):
        """Ends a program of spawn() with its children, and waits for it."""
        if process in self.started:
            self.started.remove(process)
        for sent in (how, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, sent)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(patience)
                break
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        return process.returncode

    def inside(self, role, work):
        """Calls work() in the namespace. For threads of their own: the calling thread stays there."""
        with open(f"/run/netns/{self.names[role]}") as namespace:
            if libc.setns(namespace.fileno(), CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), "setns")
        return work()

    def socket(self, role, make):
        """make() called inside the namespace: a socket stays in the namespace that it was made in."""
        result = []

        def enter():
            try:
                result.append(self.inside(role, make))
            except OSError as error:
                result.append(error)

        thread = threading.Thread(target=enter)
        thread.start()
        thread.join()
        if isinstance(result[0], OSError):
            raise result[0]
        return result[0]

    # links

    def ip(self, role, *words):
        return self.run(role, "ip", *words)

    def build(self):
        for role, name in self.names.items():
            subprocess.run(["ip", "netns", "add", name], check=True)
            self.ip(role, "link", "set", "lo", "up")
        self.link("client", "c0", "middle", "left", 1)
        self.link("middle", "right", "server", "s0", 2)
        for role, device, addresses in (("client", "c0", [f"{address}/24" for address in CLIENTS] + [f"{CLIENT6}/64"]),
                                        ("server", "s0", [f"{SERVER}/24", f"{CADDY}/24", f"{PROBED}/24", f"{SERVER6}/64"])):
            for address in addresses:
                self.ip(role, "address", "add", address, "dev", device, *["nodad"] * (":" in address))
        for role, device, address in (("client", "c0", VLAN_CLIENT), ("server", "s0", VLAN_SERVER)):
            self.link(role, "v0", role, "v1", 3 + (role == "server"))
            self.ip(role, "address", "add", f"{address}/24", "dev", "v0")
            self.spawn(role, SHARED / "wire.py", "vlan", f"v1:{device}", log=self.work / f"vlan-{role}.log")

    def link(self, role, device, far_role, far_device, number):
        """A veth pair. XDP's redirect needs a far end that polls, which generic receive offload makes it do."""
        queues = ("numtxqueues", QUEUES, "numrxqueues", QUEUES)
        self.ip(role, "link", "add", device, "address", f"02:00:00:00:0{number}:10", *queues, "type", "veth",
                "peer", "name", far_device, "address", f"02:00:00:00:0{number}:20", *queues, "netns",
                self.names[far_role])
        for where, end in ((role, device), (far_role, far_device)):
            self.run(where, "ethtool", "-K", end, "tx", "off", "txvlan", "off", "gso", "off", "tso", "off", "gro", "on")
            self.run(where, "ethtool", "-L", end, "rx", 1, "tx", 1)
            self.run(where, "sysctl", "-q", f"net.ipv6.conf.{end}.disable_ipv6={int(where == 'middle')}")
            self.ip(where, "link", "set", end, "up")

    def queues(self, n):
        """Receive and transmit queues of the link through the middle; call it while no XDP program is attached."""
        for role, device in (("client", "c0"), ("middle", "left"), ("middle", "right"), ("server", "s0")):
            self.run(role, "ethtool", "-L", device, "rx", n, "tx", n)

    @contextlib.contextmanager
    def wire(self):
        """The middle forwards everything by tc: what the tests see with no data plane at all."""
        ways = (("left", "right"), ("right", "left"))
        for device, out in ways:
            self.redirect(device, "redirect", out)
        try:
            yield
        finally:
            for device, _ in ways:
                self.run("middle", "tc", "qdisc", "del", "dev", device, "clsact")

    def redirect(self, device, how, out):
        """All that `device` receives goes to `out`: redirect, or mirror for a copy."""
        self.run("middle", "tc", "qdisc", "add", "dev", device, "clsact")
        self.run("middle", "tc", "filter", "add", "dev", device, "ingress", "protocol", "all", "u32", "match", "u32", 0, 0,
                 "action", "mirred", "egress", how, "dev", out)

    @contextlib.contextmanager
    def mirror(self):
        """The middle is a switch that copies what it receives to "span" and takes frames from "answers"."""
        self.link("middle", "span0", "middle", "span", 5)
        self.link("middle", "answers", "middle", "answers0", 6)
        self.ip("middle", "link", "add", "switch", "type", "bridge")
        try:
            for device in ("left", "right", "answers0"):
                self.ip("middle", "link", "set", device, "master", "switch")
            # its frames carry the sources of others
            self.run("middle", "bridge", "link", "set", "dev", "answers0", "learning", "off", "flood", "off")
            self.ip("middle", "link", "set", "switch", "up")
            for device in ("left", "right"):
                self.redirect(device, "mirror", "span0")
            yield
        finally:
            for device in ("left", "right"):
                self.run("middle", "tc", "qdisc", "del", "dev", device, "clsact", check=False)
            for device in ("switch", "span", "answers"):
                self.run("middle", "ip", "link", "del", device, check=False)

    def counters(self, role, device):
        """rx_packets, tx_packets and so on of a device, as the kernel counts them."""
        import json
        stats = json.loads(self.run(role, "ip", "-j", "-s", "-s", "link", "show", device).stdout)[0]["stats64"]
        return {f"{way}_{key}": value for way in ("rx", "tx") for key, value in stats[way].items()}

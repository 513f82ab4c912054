# SPDX-License-Identifier: BSD-3-Clause
"""wire: a client and a server in network namespaces, and between them one in which the daemon runs.

    client 192.0.2.1 [wire] ---- [left] DAEMON [right] ---- [wire] 192.0.2.2 server, 198.51.100.2

Names hold the process's number, so that runs do not meet. Everything made goes with __exit__.
"""
import contextlib
import json
import os
import pathlib
import socket
import sys
import threading

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "net"))
from namespaces import inside, libc, sh, until

CLIENT, SERVER, LISTED = "192.0.2.1", "192.0.2.2", "198.51.100.2"
HTTP, UDP = 80, 7001


def serve(listener):
    """Answers every HTTP request with its own first line."""
    while True:
        try:
            s, _ = listener.accept()
        except OSError:
            return
        with s, contextlib.suppress(OSError):
            line = s.recv(4096).split(b"\r\n")[0]
            s.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + line)


class Wire:
    def __init__(self, name):
        self.instance = f"{name}-{os.getpid()}"
        self.client, self.middle, self.server = (f"{self.instance}-{c}" for c in "cms")
        self.made, self.sockets = [], []

    def __enter__(self):
        try:
            self.set_up()
        except BaseException:
            self.__exit__()
            raise
        return self

    def set_up(self):
        for netns in (self.client, self.middle, self.server):
            sh("ip", "netns", "add", netns)
            self.made.append(netns)
            sh("ip", "-n", netns, "link", "set", "lo", "up")
        for netns, near in ((self.client, "left"), (self.server, "right")):
            sh("ip", "link", "add", "wire", "netns", netns, "type", "veth", "peer", "name", near, "netns", self.middle)
            for where, which in ((netns, "wire"), (self.middle, near)):
                sh("nsenter", f"--net=/run/netns/{where}", "sysctl", "-qw", f"net.ipv6.conf.{which}.disable_ipv6=1")
                sh("ip", "-n", where, "link", "set", which, "up")
            sh("nsenter", f"--net=/run/netns/{netns}", "ethtool", "-K", "wire", "tx", "off", "gso", "off", "tso", "off",
               "gro", "on")
        sh("ip", "-n", self.client, "addr", "add", f"{CLIENT}/24", "dev", "wire")
        sh("ip", "-n", self.client, "route", "add", f"{LISTED}/32", "dev", "wire")
        for addr in (f"{SERVER}/24", f"{LISTED}/32"):
            sh("ip", "-n", self.server, "addr", "add", addr, "dev", "wire")
        for netns, other, addrs in ((self.client, self.server, (SERVER, LISTED)), (self.server, self.client, (CLIENT,))):
            for addr in addrs:
                sh("ip", "-n", netns, "neigh", "replace", addr, "lladdr", self.mac(other), "dev", "wire")
        self.receiver = self.socket(self.server, socket.SOCK_DGRAM, ("0.0.0.0", UDP))
        self.sender = self.socket(self.client, socket.SOCK_DGRAM, (CLIENT, 0))
        listener = self.socket(self.server, socket.SOCK_STREAM, (SERVER, HTTP))
        listener.listen()
        threading.Thread(target=serve, args=[listener], daemon=True).start()

    def __exit__(self, *_):
        for s in self.sockets:
            with contextlib.suppress(OSError):
                s.shutdown(socket.SHUT_RDWR)
            s.close()
        for netns in self.made:
            sh("ip", "netns", "del", netns)

    def socket(self, netns, kind, addr):
        with inside(netns):
            s = socket.socket(socket.AF_INET, kind)
        self.sockets.append(s)
        s.bind(addr)
        return s

    def mac(self, netns):
        return json.loads(sh("ip", "-j", "-n", netns, "link", "show", "wire"))[0]["address"]

    def get(self, host):
        """The status line and the body of an answer; "" where none came."""
        with inside(self.client):
            s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        with s, contextlib.suppress(OSError):
            s.settimeout(5)
            s.connect((SERVER, HTTP))
            s.sendall(f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
            answer = b""
            with contextlib.suppress(OSError):
                while data := s.recv(65536):
                    answer += data
            return answer.decode(errors="replace")
        return ""

    def passes(self, addr=SERVER):
        """Whether a datagram to the address arrives."""
        word = os.urandom(8)
        self.sender.sendto(word, (addr, UDP))
        self.receiver.settimeout(0.3)
        with contextlib.suppress(socket.timeout):
            while self.receiver.recv(100) != word:
                pass
            return True
        return False

    def is_up(self, near):
        return "UP" in json.loads(sh("ip", "-j", "-n", self.middle, "link", "show", near))[0]["flags"]

    def config(self, path, user="roja", ruleset="", run=pathlib.Path("/run/roja"), driver="af_xdp"):
        path.write_text(f"""\
instance: {self.instance}
eal: {{memory_mib: 256}}
ports:
  - {{name: left, driver: {driver}, interface: left}}
  - {{name: right, driver: {driver}, interface: right}}
pairs:
  - {{left: left, right: right}}
workers: {{cores: [{max(os.sched_getaffinity(0))}], idle: sleep, realtime: 10}}
limits: {{flows: 16384, small: 1024, medium: 64, large: 16}}
ruleset: "{ruleset}"
events: {{path: {run}/events, records: 1024}}
socket: {run}/dataplane.sock
user: "{user}"
""")
        return path

# SPDX-License-Identifier: BSD-3-Clause
"""roja-dataplane in the namespace `middle`: its configuration, rulesets, life and death, and its control socket."""
import contextlib
import copy
import json
import os
import signal
import socket
import subprocess
import time

import network

START = 60  # seconds until it must be ready; sanitizers and DPDK's memory take their time
CONFIG = {
    "mode": "inline", "fail": "open", "user": "nobody",
    "eal": {"hugepages": False, "memory_mib": 256},
    "ports": [{"name": "left", "driver": "af_xdp", "interface": "left"},
              {"name": "right", "driver": "af_xdp", "interface": "right"}],
    "pairs": [{"left": "left", "right": "right"}],
    # On two cores shared with a browser a worker may get no turn for a while, and the kernel would pass what it does not take
    # in time. Tests of what is blocked wait for it; tests of deaths have the heartbeat of production.
    "heartbeat_ms": 1000,
    "workers": {"cores": [0], "idle": "sleep", "idle_us": 50, "realtime": 20},
    "limits": {"flows": 65536, "small": 4096, "medium": 256, "large": 64, "mbufs": 32768},
    "events": {"records": 65536},
}


def two_queues(config):
    for port in config["ports"]:
        port["queues"] = 2
    config["workers"]["cores"] = [0, 1]


class Daemon:
    """Owns one instance: end() stops the process and takes the programs out of the kernel."""

    def __init__(self, lab, tools, artifacts, name, ruleset=None, change=lambda config: None):
        self.lab, self.tools = lab, tools
        self.instance = f"roja-e2e-{os.getpid()}"
        self.log = artifacts / f"{name}.log"
        self.log.unlink(missing_ok=True)
        self.run = lab.work / "run"
        self.run.mkdir(exist_ok=True)
        self.config = copy.deepcopy(CONFIG)
        self.config.update(instance=self.instance, socket=str(self.run / "dataplane.sock"))
        self.config["events"]["path"] = str(self.run / f"events-{name}")
        if ruleset:
            self.config["ruleset"] = str(ruleset)
        change(self.config)
        self.file = lab.work / "dataplane.yaml"
        self.file.write_text(json.dumps(self.config, indent=1) + "\n")  # JSON is YAML
        self.process = None

    def start(self):
        """Starts the process and waits until it says that it is ready; returns when it was called and when it was ready."""
        path = self.run / "notify"
        path.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.bind(str(path))
            path.chmod(0o777)  # the daemon is somebody else by then, as under systemd
            notify.settimeout(0.05)
            began = time.monotonic_ns()
            self.process = self.lab.spawn("middle", "env", f"NOTIFY_SOCKET={path}", self.tools.dataplane, self.file, log=self.log)
            network.until("roja-dataplane is ready", START, lambda: self.is_ready(notify))
            return began, time.monotonic_ns()

    def is_ready(self, notify):
        if self.process.poll() is not None:
            raise network.Failure(f"roja-dataplane ended with {self.process.returncode}: {self.says()}")
        return b"READY=1" in notify.recv(4096)

    def says(self):
        return self.log.read_text(errors="replace")[-800:].strip()

    def signal(self, number):
        """Sends it; returns the moment just before."""
        at = time.monotonic_ns()
        os.kill(self.process.pid, number)
        return at

    def stop(self):
        """In good order."""
        code = self.lab.stop(self.process, patience=30)
        if code:
            raise network.Failure(f"roja-dataplane ended with {code}: {self.says()}")

    def kill(self):
        at = self.signal(signal.SIGKILL)
        self.lab.stop(self.process, signal.SIGKILL)
        return at

    def end(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.lab.stop(self.process, patience=30)
        self.lab.run("middle", self.tools.dataplane, "--detach", self.instance)

    def call(self, method, **params):
        """Of the control socket; an error's message is raised."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as s:
            s.settimeout(30)
            s.connect(self.config["socket"])
            s.sendall(json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode() + b"\n")
            with s.makefile("rb") as lines:
                reply = json.loads(lines.readline())
        if "error" in reply:
            raise network.Failure(reply["error"]["message"])
        return reply["result"]

    def workers(self, key):
        """A counter of every worker."""
        return [worker[key] for worker in self.call("workers")]

    def events(self, kind):
        """The events of a kind that wait in the rings, oldest first."""
        out = subprocess.run([self.tools.rojactl, "dataplane", "events", "--json", "--file", self.config["events"]["path"]],
                             check=True, text=True, stdout=subprocess.PIPE).stdout
        return [event for event in map(json.loads, out.splitlines()) if event["event"] == kind]


@contextlib.contextmanager
def running(*args, **kwargs):
    daemon = Daemon(*args, **kwargs)
    try:
        daemon.start()
        yield daemon
        if daemon.process.poll() is not None:
            raise network.Failure(f"roja-dataplane ended by itself with {daemon.process.returncode}: {daemon.says()}")
        daemon.stop()
    finally:
        daemon.end()


def compile_rules(tools, out, *lists):
    subprocess.run([tools.rojactl, "compile", "-q", *map(str, lists), "-o", str(out)], check=True)
    return out

# SPDX-License-Identifier: BSD-3-Clause
"""roja-control beside a data plane: its configuration, life and death, and rojactl as several people."""
import contextlib
import copy
import json
import os
import pathlib
import signal
import socket
import subprocess
import time

import daemon
import network

START = 60
GROUP = "nogroup"  # of the user nobody, whom both daemons become
SHARE = pathlib.Path(__file__).resolve().parents[2] / "share"
# Nobody in /etc/passwd: people are their numbers.
PEOPLE = {"ana": 64001, "ben": 64002, "eva": 64003, "max": 64004}
ROLES = [{"name": "operator", "users": ["64001"]}, {"name": "approver", "users": ["64001", "64002"]},
         {"name": "viewer", "users": ["64003"]}, {"name": "auditor", "users": ["64004"]}]
ORDER = {"authority": "Example District Court", "reference": "DC 1234/2026", "legal-basis": "Example Act, Article 12",
         "category": "court", "received": "now", "expires": "+90d", "precision": "domain", "appeal": "https://court.example/appeal"}


class Refused(network.Failure):
    """rojactl said no: exit code 1."""


class Control:
    """Owns one instance in a folder that stays over deaths."""

    def __init__(self, tools, work, artifacts):
        self.tools, self.folder = tools, pathlib.Path(work) / "control"
        self.folder.mkdir(exist_ok=True)
        self.folder.chmod(0o755)
        run = self.folder / "run"
        run.mkdir(exist_ok=True)
        run.chmod(0o777)
        self.log = artifacts / "roja-control.log"
        self.log.unlink(missing_ok=True)
        self.key = self.folder / "key"
        if not self.key.exists():
            subprocess.run([self.program, "--new-key", self.key], check=True)
        self.process = None
        self.configure([])

    def configure(self, dataplanes, change=lambda config: None):
        """dataplanes: (name, socket, events)."""
        run = self.folder / "run"
        self.config = {
            "state": str(self.folder / "state"), "key_file": str(self.key), "socket": str(run / "control.sock"),
            "user": "nobody", "group": GROUP, "roles": copy.deepcopy(ROLES),
            "dataplanes": [{"name": name, "socket": str(path), "events": str(events)} for name, path, events in dataplanes],
            "guard": {"files": sorted(str(path) for path in (SHARE / "guard").glob("*.txt"))},
        }
        change(self.config)
        self.file = self.folder / "control.yaml"
        self.file.write_text(json.dumps(self.config, indent=1) + "\n")  # JSON is YAML

    @property
    def program(self):
        return self.tools.build / "control" / "roja-control"

    @property
    def state(self):
        return pathlib.Path(self.config["state"])

    @property
    def active(self):
        """The ruleset with which a data plane starts."""
        return self.state / "rulesets" / "active.roja"

    def start(self):
        path = self.folder / "run" / "notify"
        path.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify, open(self.log, "ab") as log:
            notify.bind(str(path))
            path.chmod(0o777)
            notify.settimeout(0.05)
            self.process = subprocess.Popen([self.program, self.file], env={**os.environ, "NOTIFY_SOCKET": str(path)},
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
            network.until("roja-control is ready", START, lambda: self.is_ready(notify))

    def is_ready(self, notify):
        if self.process.poll() is not None:
            raise network.Failure(f"roja-control ended with {self.process.returncode}: {self.says()}")
        return b"READY=1" in notify.recv(4096)

    def says(self):
        return self.log.read_text(errors="replace")[-1200:].strip()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(60)
        if code:
            raise network.Failure(f"roja-control ended with {code}: {self.says()}")

    def kill(self):
        self.process.kill()
        self.process.wait()

    def end(self):
        if self.process and self.process.poll() is None:
            self.kill()

    def raw(self, person, *words):
        """What the command gives, as this person; root: the tests themselves."""
        who = [] if person == "root" else ["setpriv", "--reuid", str(PEOPLE[person]), "--regid", GROUP, "--clear-groups"]
        return subprocess.run([*who, self.tools.rojactl, *map(str, words), "--socket", self.config["socket"]],
                              env={"PATH": os.environ["PATH"], "HOME": "/nonexistent"}, text=True, check=False,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def rojactl(self, person, *words, code=0):
        """The command's answer as JSON."""
        r = self.raw(person, *words, "--json")
        if r.returncode == 1 and code == 0:
            raise Refused(f"rojactl {' '.join(map(str, words))}, as {person}: {(r.stderr or r.stdout).strip()[-600:]}")
        if r.returncode != code:
            raise network.Failure(f"rojactl {' '.join(map(str, words))}, as {person}: exit {r.returncode}: "
                                  f"{(r.stderr or r.stdout).strip()[-600:]}")
        lines = [json.loads(line) for line in r.stdout.splitlines() if line.startswith(("{", "[", "null"))]
        return (lines[-1] if lines else None) if code == 0 else r.stderr.strip()

    # what people do

    def fields(self, **fields):
        """The options of an order."""
        given = {**ORDER, **{key.replace("_", "-"): value for key, value in fields.items()}}
        return [word for key, value in given.items() for word in (f"--{key}", value)]

    def propose(self, person, *lists, **fields):
        """An order with lists {NAME: file}; imports are authenticated by who proposes. Returns its number."""
        words = self.fields(**fields)
        words += [word for name, path in lists for word in ("--list", f"{name}={path}")]
        answer = self.rojactl(person, "order", "add", *words)
        for added in answer.get("lists", ()):
            self.authenticate(person, added["import"]["import"])
        return answer["order"]

    def authenticate(self, person, number):
        self.rojactl(person, "list", "authenticate", number, "--how", "called the court on the number of its seal")

    def enforced(self, order, dataplanes=1, seconds=60):
        """Waits until the order is in force on all data planes; the longest time from its approval to that, in seconds."""
        def times():
            rows = self.rojactl("eva", "order", "show", order)["times"]
            return len(rows) >= dataplanes and rows
        return max(row["after_approval_s"] for row in network.until(f"order {order} is enforced", seconds, times))

    def acknowledged(self, seconds=60):
        """Waits until nothing is pending and each data plane judges by the active version; returns its number."""
        def same():
            status = self.rojactl("root", "status")
            version = status["active"]["version"] if isinstance(status["active"], dict) else status["active"]
            return not status["pending"] and version and all(
                d["acked"] and d["version"] == version for d in status["dataplanes"]) and version
        return network.until("the data planes have the active version", seconds, same)


def paths_of(d):
    return d.config["socket"], d.config["events"]["path"]


@contextlib.contextmanager
def beside(lab, tools, artifacts, name, change=lambda config: None, plane=lambda config: None):
    """Both processes, the data plane first: (control, dataplane). It starts without any ruleset. change, plane: of their configurations."""
    def with_key(config):
        config["key_file"] = str(c.key)
        plane(config)

    c = Control(tools, lab.work, artifacts)
    with daemon.running(lab, tools, artifacts, name, change=with_key) as d:
        c.configure([("peering", *paths_of(d))], change)
        with running(c):
            yield c, d


@contextlib.contextmanager
def running(control):
    try:
        control.start()
        yield control
        if control.process.poll() is not None:
            raise network.Failure(f"roja-control ended by itself with {control.process.returncode}: {control.says()}")
        control.stop()
    finally:
        control.end()


def names(count, prefix="name"):
    return "".join(f"{prefix}{number}.many.test\n" for number in range(count))


def peak_rss_mb(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise network.Failure(f"process {pid} has no VmHWM")


def timed(work):
    began = time.monotonic()
    result = work()
    return result, time.monotonic() - began

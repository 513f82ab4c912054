#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""live.py DAEMON: the daemon between network namespaces, as root: addresses blocked for a time, in the worker and in the kernel;
who may reach its files.

Prints "ok live TEST" or "not ok live TEST: why".
"""
import contextlib
import json
import os
import pathlib
import pwd
import signal
import socket
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path += [str(ROOT / "service"), str(ROOT / "net")]
from namespaces import sh, until
from wire import LISTED, SERVER, Wire

DAEMON = pathlib.Path(sys.argv[1]).resolve()
HOUR = 3600
STRANGER = 64999  # a user that nobody is


def call(path, method, **params):
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(str(path))
        s.sendall(json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode() + b"\n")
        return json.loads(s.makefile().readline())["result"]


class Daemon:
    def __init__(self, wire, folder, driver, user="", mode="inline"):
        self.wire, self.socket, self.log = wire, folder / "dataplane.sock", folder / "log"
        config = wire.config(folder / "config.yaml", user=user, run=folder, driver=driver)
        config.write_text(config.read_text() + f"mode: {mode}\n")
        self.command = ["nsenter", f"--net=/run/netns/{wire.middle}", DAEMON, config]

    def start(self):
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log,
                                            env={**os.environ, "RUNTIME_DIRECTORY": str(self.log.parent)})
        until("the daemon", lambda: self.process.poll() is not None or self.listens())
        assert self.process.poll() is None, self.log.read_text()[-500:]
        until("the first frame", self.wire.passes)

    def listens(self):
        with socket.socket(socket.AF_UNIX) as s:
            return s.connect_ex(str(self.socket)) == 0

    def ask(self, method, **params):
        return call(self.socket, method, **params)

    def end(self, how):
        self.process.send_signal(how)
        self.process.wait()

    def detach(self):
        subprocess.run([*self.command[:2], DAEMON, "--detach", self.wire.instance], check=True)


@contextlib.contextmanager
def running(name, driver, **how):
    with Wire(name) as wire, tempfile.TemporaryDirectory(prefix="live-test-") as folder:
        os.chmod(folder, 0o755)
        d = Daemon(wire, pathlib.Path(folder), driver, **how)
        try:
            d.start()
            yield wire, d
        finally:
            if d.process.poll() is None:
                d.end(signal.SIGKILL)
            d.detach()


def passing(wire):
    return wire.passes(SERVER), wire.passes(LISTED)


def dropped(d):
    kernel = sum(port["guard"]["block_dropped"] for port in d.ask("ports"))
    return kernel, d.ask("counters")["blocked_addresses"]["total"]


def test_addresses_are_blocked(driver):
    with running("blocks", driver) as (wire, d):
        assert passing(wire) == (True, True)
        d.ask("blocks.add", address=LISTED, seconds=HOUR, list=3)
        assert passing(wire) == (True, False)
        kernel, worker = dropped(d)
        assert (kernel > 0, worker > 0) == ((True, False) if driver == "af_xdp" else (False, True)), (kernel, worker)
        d.end(signal.SIGKILL)  # the kernel goes on
        assert passing(wire) == (True, False)
        d.start()  # and says what is blocked
        (block,) = d.ask("blocks.list")["blocks"]
        assert (block["address"], block["list"]) == (LISTED, 3) and block["left_s"] < HOUR, block
        assert passing(wire) == (True, False)
        assert d.ask("blocks.remove", address=LISTED) == {"removed": 1}
        assert passing(wire) == (True, True)
        d.ask("blocks.add", address=LISTED, seconds=1)
        until("the time to be over", lambda: wire.passes(LISTED))
        until("it to be forgotten", lambda: d.ask("status")["blocks"] == 0)
        assert d.ask("status")["kernel_lacks"] is None


def test_monitor_blocks_nothing(driver):
    with running("blocks", driver, mode="monitor") as (wire, d):
        d.ask("blocks.add", address=LISTED, seconds=HOUR)
        assert passing(wire) == (True, True)
        assert dropped(d)[0] == 0 and dropped(d)[1] > 0, dropped(d)
        d.end(signal.SIGKILL)
        assert passing(wire) == (True, True)


def as_user(uid, gid, run):
    """What `run` returns there: true or false."""
    pid = os.fork()
    if not pid:
        code = 1
        with contextlib.suppress(Exception):
            os.setgroups([])
            os.setresgid(gid, gid, gid)
            os.setresuid(uid, uid, uid)
            code = 0 if run() else 1
        os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def test_members_of_the_group_reach_its_files(driver):
    group = pwd.getpwnam("nobody").pw_gid
    with running("files", driver, user="nobody") as (_, d):
        events = d.socket.parent / "events"

        def asks():
            return call(d.socket, "status")["name"] == "roja-dataplane"

        def acknowledges():
            os.close(os.open(events, os.O_RDWR))
            return True

        assert as_user(STRANGER, group, asks) and as_user(STRANGER, group, acknowledges)
        assert not as_user(STRANGER, STRANGER, asks) and not as_user(STRANGER, STRANGER, acknowledges)


def main():
    bad = 0
    for test in (test_addresses_are_blocked, test_monitor_blocks_nothing, test_members_of_the_group_reach_its_files):
        for driver in ("af_xdp", "af_packet"):
            name = f"{test.__name__.removeprefix('test_')} {driver}"
            try:
                test(driver)
                print(f"ok live {name}", flush=True)
            except Exception as e:  # whatever went wrong is this test's failure
                print(f"not ok live {name}: {e!r}", flush=True)
                bad = 1
    return bad


if __name__ == "__main__":
    sys.exit(main())

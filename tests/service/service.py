#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""service.py DAEMON ROJACTL UNIT SYSUSERS TMPFILES SEAL: the unit under a systemd of its own, as root.

What systemd says of the unit; the daemon in the unit's whole sandbox forwards, blocks, keeps only what it promises, comes back
when it dies or hangs, and leaves the wire alive; no capability of the unit is one too many. Prints "ok service TEST" or
"not ok service TEST: why".
"""
import contextlib
import ctypes
import json
import os
import pathlib
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile

from booted import Systemd
from wire import LISTED, SERVER, Wire, libc, sh, until

DAEMON, ROJACTL, UNIT, SYSUSERS, TMPFILES, SEAL = (str(pathlib.Path(arg).resolve()) for arg in sys.argv[1:])
NAME = "roja-dataplane.service"
EXPOSURE_MAX = 36  # tenths; what `systemd-analyze security` finds
KEPT = {"CAP_NET_ADMIN": 12, "CAP_NET_RAW": 13, "CAP_BPF": 39}  # privileges.h, by capability(7)'s numbers
PTRACE_SEIZE, PTRACE_INTERRUPT, WALL = 0x4206, 0x4207, 0x40000000
LIST = "#! name: test\n#! authority: Example\n#! legal_basis: Example Act\n#! reference: 1\n#! category: court\nblocked.example\n"


def unit_value(key):
    lines = [line.split("=", 1)[1] for line in open(UNIT) if line.startswith(f"{key}=")]
    assert lines, f"the unit has no {key}"
    return " ".join(line.strip() for line in lines)


def threads(pid):
    """Of each thread: its name and the fields of its status."""
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        fields = dict(line.split(":\t", 1) for line in (task / "status").read_text().splitlines() if ":\t" in line)
        yield int(task.name), fields["Name"], fields


def check_privileges(pid, uid, filtered):
    kept = sum(1 << n for n in KEPT.values())
    seen = {}
    for tid, name, f in threads(pid):
        main = tid == pid
        for key, wanted in (("CapEff", kept if main else 0), ("CapPrm", kept if main else 0), ("CapInh", 0), ("CapAmb", 0)):
            assert int(f[key], 16) == wanted, f"thread {name}: {key} is {f[key]}"
        assert f["Uid"].split() == [str(uid)] * 4, f"thread {name}: Uid {f['Uid']}"
        assert f["NoNewPrivs"] == "1", f"thread {name} may have new privileges"
        assert not filtered or f["Seccomp"] == "2", f"thread {name} has no filter of system calls"
        seen[name] = seen.get(name, 0) + 1
    assert any("worker" in name for name in seen), f"no worker among {seen}"
    limits = pathlib.Path(f"/proc/{pid}/limits").read_text()
    assert re.search(r"core file size +0 +0 ", limits), limits
    # what may not be dumped belongs to root, whoever it runs as
    assert os.stat(f"/proc/{pid}/mem").st_uid == 0, "its memory can be dumped"


class Bench:
    """A wire, a folder with everything, and the unit in its own systemd."""

    def __init__(self, stack, folder):
        self.folder = folder
        folder.chmod(0o755)
        self.wire = stack.enter_context(Wire("service-test"))
        stack.callback(self.detach)
        shutil.copy(DAEMON, folder / "roja-dataplane")
        self.ruleset("rules", LIST)
        self.config = self.wire.config(folder / "dataplane.yaml", ruleset="/opt/rules.roja")
        self.systemd = Systemd(folder, self.wire.middle, SYSUSERS, TMPFILES)
        shutil.copy(UNIT, folder / "units" / NAME)
        self.drop_in()
        self.booted = stack.enter_context(self.systemd)

    def detach(self):
        sh("nsenter", f"--net=/run/netns/{self.wire.middle}", DAEMON, "--detach", self.wire.instance)

    def ruleset(self, name, text):
        (self.folder / f"{name}.txt").write_text(text)
        sh(ROJACTL, "compile", self.folder / f"{name}.txt", "-o", self.folder / f"{name}.roja")
        (self.folder / f"{name}.roja").chmod(0o644)

    def drop_in(self):
        """What depends on where the test's files are, and nothing else."""
        sanitizers = "".join(f'Environment="{k}={re.sub("log_path=[^:]*", "log_path=stderr", v)}"\n'
                             for k, v in os.environ.items() if k.endswith("SAN_OPTIONS"))
        folder = self.folder / f"units/{NAME}.d"
        folder.mkdir()
        (folder / "test.conf").write_text(
            "[Unit]\nRequires=\nAfter=\n[Service]\nExecStart=\nExecStart=/opt/roja-dataplane /opt/dataplane.yaml\n"
            f"StandardOutput=append:/opt/out\nStandardError=append:/opt/out\n{sanitizers}")

    def start(self):
        self.systemd.ctl("start", NAME)
        return until("a main process", lambda: self.systemd.pid(NAME))

    def stop(self):
        self.systemd.ctl("stop", NAME)
        self.systemd.ctl("reset-failed", NAME, check=False)

    def said(self):
        out = self.folder / "out"
        return out.read_text(errors="replace") if out.exists() else ""

    def ask(self, method, **params):
        """One request on the control socket."""
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(f"/proc/{self.systemd.one}/root/run/roja/dataplane.sock")
            s.sendall(json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode() + b"\n")
            answer = json.loads(s.makefile().readline())
        assert "error" not in answer, answer["error"]
        return answer["result"]

    def forwards_and_blocks(self):
        def answers():
            body = self.wire.get("neighbour.example")
            return body.startswith("HTTP/1.1 200") and body.endswith("GET / HTTP/1.1")
        until("the neighbour's answer", answers)
        until("the block page", lambda: self.wire.get("blocked.example").startswith("HTTP/1.1 451"))


def test_systemd_takes_every_line(b):
    lines = open(UNIT).read().replace(re.search(r"^ExecStart=(\S+)", open(UNIT).read(), re.M)[1], DAEMON)
    path = b.folder / "verify" / NAME
    path.parent.mkdir()
    path.write_text(lines)
    r = subprocess.run(["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", path], capture_output=True, text=True)
    assert r.returncode == 0 and not r.stderr.strip(), r.stderr


def test_exposure_is_small(b):
    r = subprocess.run(["systemd-analyze", "security", "--offline=true", "--no-pager", f"--threshold={EXPOSURE_MAX}",
                        b.folder / "verify" / NAME], capture_output=True, text=True)
    assert r.returncode == 0, r.stdout.splitlines()[-1] if r.stdout else r.stderr


def test_starts_forwards_and_blocks(b):
    b.start()
    assert b.systemd.ctl("is-active", NAME) == "active"
    b.forwards_and_blocks()


def test_packet_sockets_do_as_well(b):
    b.wire.config(b.config, ruleset="/opt/rules.roja", driver="af_packet")
    try:
        b.start()
        b.forwards_and_blocks()
        b.stop()
    finally:
        b.wire.config(b.config, ruleset="/opt/rules.roja")


def test_keeps_what_it_promises_and_no_more(b):
    uid = next(int(line.split(":")[2]) for line in open(b.folder / "etc/passwd") if line.startswith("roja:"))
    check_privileges(b.start(), uid, filtered=True)


def test_a_ruleset_is_taken_up_after_the_drop(b):
    b.start()
    b.ruleset("more", LIST + f"{LISTED}/32\n")
    assert b.wire.passes(LISTED)
    result = b.ask("ruleset.load", path="/opt/more.roja")
    assert result["version"] == 2, result
    until("the address to be blocked", lambda: not b.wire.passes(LISTED))
    b.systemd.ctl("stop", NAME)
    assert b.wire.passes(SERVER), "the wire is cut"
    assert not b.wire.passes(LISTED), "the kernel was not given the listed address"


def test_addresses_are_blocked_after_the_drop(b):
    b.start()
    b.forwards_and_blocks()
    b.ask("blocks.add", address=LISTED, seconds=3600)
    until("the address to be blocked", lambda: not b.wire.passes(LISTED))
    b.systemd.ctl("stop", NAME)
    assert b.wire.passes(SERVER) and not b.wire.passes(LISTED), "the kernel was not given the address"
    b.start()
    b.forwards_and_blocks()
    assert b.ask("blocks.remove", address=LISTED) == {"removed": 1}
    until("the address to be free", lambda: b.wire.passes(LISTED))
    assert b.ask("status")["kernel_lacks"] is None


def test_a_credential_opens_a_sealed_ruleset(b):
    """A systemd within namespaces gives none: the folder is named as it would be."""
    (b.folder / "credentials").mkdir()
    key, sealed, drop_in = b.folder / "credentials/roja-key", b.folder / "sealed.roja", b.folder / f"units/{NAME}.d/key.conf"
    key.write_bytes(os.urandom(32))
    key.chmod(0o600)
    sh(SEAL, b.folder / "rules.roja", key, "17", sealed)
    sealed.chmod(0o644)
    drop_in.write_text("[Service]\nEnvironment=CREDENTIALS_DIRECTORY=/opt/credentials\n")
    b.wire.config(b.config, ruleset="/opt/sealed.roja")
    try:
        b.systemd.ctl("daemon-reload")
        b.start()
        b.forwards_and_blocks()
        assert b.ask("status")["ruleset"]["version"] == 17
        assert b.ask("ruleset.load", path="/opt/sealed.roja", version=18)["version"] == 18  # it kept the key
        b.stop()
    finally:
        b.wire.config(b.config, ruleset="/opt/rules.roja")
        drop_in.unlink()
        b.systemd.ctl("daemon-reload")


def test_the_group_reaches_socket_and_events(b):
    gid = next(int(line.split(":")[2]) for line in open(b.folder / "etc/group") if line.startswith("roja:"))
    b.start()
    b.forwards_and_blocks()
    for name in ("dataplane.sock", "events"):
        st = os.stat(f"/proc/{b.systemd.one}/root/run/roja/{name}")
        assert (st.st_gid, st.st_mode & 0o777) == (gid, 0o660), (name, st)


def test_a_link_goes_down_with_its_peer(b):
    b.start()
    b.forwards_and_blocks()
    sh("ip", "-n", b.wire.client, "link", "set", "wire", "down")
    until("the other side to go down", lambda: not b.wire.is_up("right"))
    sh("ip", "-n", b.wire.client, "link", "set", "wire", "up")
    sh("ip", "-n", b.wire.client, "route", "replace", f"{LISTED}/32", "dev", "wire")
    for addr in (SERVER, LISTED):
        sh("ip", "-n", b.wire.client, "neigh", "replace", addr, "lladdr", b.wire.mac(b.wire.server), "dev", "wire")
    until("the other side to come up", lambda: b.wire.is_up("right"))
    sh("ip", "-n", b.wire.server, "neigh", "replace", "192.0.2.1", "lladdr", b.wire.mac(b.wire.client), "dev", "wire")
    b.forwards_and_blocks()


def test_a_stop_leaves_the_wire_and_the_events(b):
    b.start()
    b.forwards_and_blocks()
    put = b.ask("status")["events"]["put"]
    assert put > 0
    b.systemd.ctl("stop", NAME)
    assert (b.systemd.show(NAME, "Result"), b.systemd.show(NAME, "ExecMainStatus")) == ("success", "0"), b.said()
    assert b.wire.get("blocked.example").startswith("HTTP/1.1 200"), "the wire did not fail open"
    b.start()
    b.forwards_and_blocks()
    waiting = b.ask("status")["events"]["waiting"]
    assert waiting > put, f"{put} events were put, {waiting} are left"


def comes_back(b, pid, code):
    """A new process within systemd's patience; in between the wire passes."""
    until("its end", lambda: b.wire.passes() and b.systemd.pid(NAME) != pid)
    assert b.systemd.show(NAME, "ExecMainCode") in code, "it dumped core"
    until("a new process", lambda: b.systemd.ctl("is-active", NAME, check=False) == "active"
          and b.systemd.pid(NAME) not in (None, pid))
    b.forwards_and_blocks()


def test_a_crash_is_no_dump_and_restarts(b):
    pid = b.start()
    b.forwards_and_blocks()
    os.kill(pid, signal.SIGSEGV if "SAN_OPTIONS" not in "".join(os.environ) else signal.SIGABRT)
    comes_back(b, pid, ("0", str(os.CLD_KILLED)))
    assert int(b.systemd.show(NAME, "NRestarts")) >= 1


def test_a_hung_worker_is_replaced(b):
    pid = b.start()
    b.forwards_and_blocks()
    worker = next(tid for tid, name, _ in threads(pid) if "worker" in name)
    for request in (PTRACE_SEIZE, PTRACE_INTERRUPT):
        assert libc.ptrace(request, worker, None, None) == 0, os.strerror(ctypes.get_errno())
    until("the frames to pass", b.wire.passes)
    # as its tracer we must see it go
    until("the watchdog to kill it", lambda: os.WIFSIGNALED(os.waitpid(worker, os.WNOHANG | WALL)[1]))
    comes_back(b, pid, ("0", str(os.CLD_KILLED)))
    assert "worker 0 hangs" in b.said()


def test_a_stopped_process_is_replaced(b):
    pid = b.start()
    b.forwards_and_blocks()
    os.kill(pid, signal.SIGSTOP)
    comes_back(b, pid, ("0", str(os.CLD_KILLED)))


def test_what_the_sandbox_refuses(b):
    """The filter is the unit's: it refuses what the daemon never asks for."""
    pid = b.start()
    mounts = pathlib.Path(f"/proc/{pid}/mountinfo").read_text()
    root = next(line for line in mounts.splitlines() if line.split()[4] == "/")
    assert root.split()[5].startswith("ro"), root
    writable = [line.split()[4] for line in mounts.splitlines() if line.split()[5].startswith("rw")]
    allowed = ("/dev", "/proc", "/sys/fs/bpf", "/run/roja", "/run/dpdk", "/var/lib/roja", "/tmp", "/var/tmp")
    wrong = [at for at in writable if not at.startswith(allowed)]
    assert not wrong, f"writable: {wrong}"


@contextlib.contextmanager
def alone(b, user, caps, runtime=None):
    """The daemon without systemd, with a bounding set of capabilities; `runtime`: where DPDK has its run files."""
    run = b.folder / "run"
    run.mkdir(exist_ok=True)
    config = b.wire.config(b.folder / "alone.yaml", user, b.folder / "rules.roja", run)
    bounds = ",".join(["-all", *(f"+{c.removeprefix('CAP_').lower()}" for c in caps)])
    with open(b.folder / "alone.out", "w+") as out:
        p = subprocess.Popen(["nsenter", f"--net=/run/netns/{b.wire.middle}", "setpriv", "--bounding-set", bounds, DAEMON,
                              config], stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                             env=dict(os.environ, RUNTIME_DIRECTORY=str(runtime or run)))
        try:
            yield p
        finally:
            p.kill()
            p.wait()


def privileges_of(b, user):
    b.systemd.ctl("stop", NAME)
    with alone(b, user, unit_value("CapabilityBoundingSet").split()) as p:
        until("the main thread to drop what it had", lambda: p.poll() is not None or dropped(p.pid))
        assert p.poll() is None, (b.folder / "alone.out").read_text()
        check_privileges(p.pid, pwd.getpwnam(user).pw_uid if user else 0, filtered=False) if user else check_root(p.pid)
        b.forwards_and_blocks()
        p.send_signal(signal.SIGTERM)
        assert p.wait() == 0


def dropped(pid):
    return next(f for tid, _, f in threads(pid) if tid == pid)["CapEff"].strip() == f"{sum(1 << n for n in KEPT.values()):016x}"


def check_root(pid):
    """user: "" is for laboratories: DPDK's own threads keep what they were given, workers and the main thread do not."""
    for tid, name, f in threads(pid):
        assert f["NoNewPrivs"] == "1", name
        if "worker" in name:
            assert int(f["CapPrm"], 16) == 0, f"{name}: {f['CapPrm']}"


def test_becomes_nobody(b):
    privileges_of(b, "nobody")


def test_stays_root_where_told(b):
    privileges_of(b, "")


def test_a_user_that_is_missing_is_found_before_the_wire_is_touched(b):
    b.systemd.ctl("stop", NAME)
    b.detach()
    with alone(b, "no-such-user", unit_value("CapabilityBoundingSet").split()) as p:
        assert p.wait() == 1
    assert 'there is no user "no-such-user"' in (b.folder / "alone.out").read_text()
    assert not pathlib.Path(f"/sys/fs/bpf/{b.wire.instance}").exists(), "it had attached its programs"


def test_a_second_of_the_instance_ends_before_it_touches_a_port(b):
    b.start()
    b.forwards_and_blocks()
    with alone(b, "nobody", unit_value("CapabilityBoundingSet").split(), f"/proc/{b.systemd.one}/root/run") as p:
        assert p.wait() == 1
    said = (b.folder / "alone.out").read_text()
    assert "held by another process" in said and "EAL" not in said, said
    b.forwards_and_blocks()


def test_every_capability_is_needed(b):
    b.systemd.ctl("stop", NAME)
    caps = unit_value("CapabilityBoundingSet").split()
    for missing in caps:
        b.detach()
        with alone(b, "nobody", [c for c in caps if c != missing]) as p:
            until(f"an end without {missing}", lambda: p.poll() is not None or dropped(p.pid))
            assert p.poll() not in (None, 0), f"it runs without {missing}: take it out of the unit"


def main():
    failed = 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))
    tests = [(name[5:], test) for name, test in globals().items() if name.startswith("test_")]
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="roja-service-")))
        b = Bench(stack, folder)
        for name, test in tests:
            try:
                test(b)
                print(f"ok service {name}", flush=True)
            except Exception as e:  # whatever it was, the next test runs
                failed += 1
                line = str(e).replace("\n", " ") or f"{type(e).__name__} at line {e.__traceback__.tb_next.tb_lineno}"
                print(f"not ok service {name}: {line}", flush=True)
                print(b.said()[-500:])
            b.stop()
        if re.search("ERROR: AddressSanitizer|runtime error:", b.said()):
            print("not ok service sanitizers:", b.said()[-5000:])
            failed += 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

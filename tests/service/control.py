#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""control.py ROJA_CONTROL ROJACTL UNIT SYSUSERS TMPFILES: the unit of roja-control under a systemd of its own, as root.

It starts in the unit's whole sandbox, answers, has no privilege, comes back when it is killed, and reads its guard again. Prints
"ok service-control TEST" or "not ok service-control TEST: why".
"""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback

from booted import Systemd
from wire import sh, until

CONTROL, ROJACTL, UNIT, SYSUSERS, TMPFILES = (str(pathlib.Path(arg).resolve()) for arg in sys.argv[1:])
SOURCE = pathlib.Path(__file__).resolve().parents[2]
GUARD = SOURCE / "share" / "guard"
DOCUMENTED = re.search(r"format: jsonl, path: (/\S+)}", (SOURCE / "docs/sinks.md").read_text())[1]
ADDED, ELSEWHERE = "/opt/added/log.jsonl", "/var/log/elsewhere.jsonl"  # below a ReadWritePaths= of the drop-in; nowhere
NAME = "roja-control.service"
EXPOSURE_MAX = 20  # tenths; what `systemd-analyze security` finds


def prepare(folder):
    """What the unit needs, at /opt of the new systemd."""
    folder.chmod(0o755)
    for program in (CONTROL, ROJACTL):
        shutil.copy(program, folder)
    shutil.copytree(GUARD, folder / "guard")
    sh(CONTROL, "--new-key", folder / "key")
    files = [f"/opt/guard/{path.name}" for path in sorted(GUARD.glob("*.txt"))]
    (folder / "added").mkdir()
    sinks = [{"name": name, "path": path, "history": True} for name, path in (("documented", DOCUMENTED), ("added", ADDED), ("elsewhere", ELSEWHERE))]
    (folder / "control.yaml").write_text(json.dumps({"guard": {"files": files}, "key_file": "/opt/key", "sinks": sinks}) + "\n")


def drop_in(folder):
    # the sandbox has no ptrace, by which leaks are looked for; other suites look for them
    sanitizers = "".join(f'Environment="{k}={re.sub("log_path=[^:]*", "log_path=stderr", v)}:detect_leaks=0"\n'
                         for k, v in os.environ.items() if k == "ASAN_OPTIONS")
    if "ASAN_OPTIONS" not in os.environ:
        sanitizers = 'Environment="ASAN_OPTIONS=detect_leaks=0"\n'
    shutil.copy(UNIT, folder / "units" / NAME)
    # a systemd within namespaces gives no credentials: the key is a file of the service's user
    user = next(line.split(":") for line in (folder / "etc/passwd").read_text().splitlines() if line.startswith("roja-control:"))
    for path in ("key", "added"):
        os.chown(folder / path, int(user[2]), int(user[3]))
    (folder / f"units/{NAME}.d").mkdir()
    (folder / f"units/{NAME}.d/test.conf").write_text(
        "[Unit]\nAfter=\n[Service]\nExecStart=\nExecStart=/opt/roja-control /opt/control.yaml\nLoadCredential=\nReadWritePaths=/opt/added\n"
        f"StandardOutput=append:/opt/out\nStandardError=append:/opt/out\n{sanitizers}")


def status(systemd):
    return json.loads(systemd.run("/opt/rojactl", "status", "--json"))


def test_it_starts_and_answers(systemd, folder):
    systemd.ctl("start", NAME)
    assert status(systemd)["name"] == "roja-control"
    until("the first version", lambda: status(systemd)["active"])


def test_it_has_no_privilege(systemd, folder):
    pid = systemd.pid(NAME)
    fields = dict(line.split(":\t", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines() if ":\t" in line)
    for key in ("CapEff", "CapPrm", "CapInh", "CapAmb", "CapBnd"):
        assert int(fields[key], 16) == 0, f"{key} is {fields[key]}"
    assert fields["Uid"].split()[0] != "0" and fields["NoNewPrivs"] == "1", fields["Uid"]
    assert fields["Seccomp"] == "2" or "SAN_OPTIONS" in str(os.environ), "no filter of system calls"
    limits = pathlib.Path(f"/proc/{pid}/limits").read_text()
    assert re.search(r"core file size +0 +0 ", limits), limits
    assert os.stat(f"/proc/{pid}/mem").st_uid == 0, "its memory can be dumped"


def test_a_sink_writes_where_it_is_documented(systemd, folder):
    root = pathlib.Path(f"/proc/{systemd.pid(NAME)}/root")
    first = {}
    for path in (DOCUMENTED, ADDED):
        file = root / path[1:]
        until(f"a record in {path}", lambda: file.exists() and "\n" in file.read_text())
        first[path] = file.read_text().splitlines()[0]
        assert file.stat().st_mode & 0o777 == 0o640, oct(file.stat().st_mode)
    assert json.loads(first[DOCUMENTED])["leaf"] == 0 and len(set(first.values())) == 1, first
    until("a sentence why not elsewhere", lambda: f"{ELSEWHERE}: cannot be opened: Read-only file system" in (folder / "out").read_text())
    assert not (root / ELSEWHERE[1:]).exists()


def test_it_comes_back(systemd, folder):
    before, version = systemd.pid(NAME), status(systemd)["active"]["version"]
    os.kill(before, signal.SIGKILL)
    until("another process", lambda: systemd.pid(NAME) not in (None, before))
    until("its answer", lambda: systemd.ctl("is-active", NAME, check=False) == "active")
    assert status(systemd)["active"]["version"] == version


def test_it_reads_the_guard_again(systemd, folder):
    systemd.ctl("reload", NAME)
    until("the note", lambda: "read again" in (folder / "out").read_text())


def test_it_ends_in_good_order(systemd, folder):
    systemd.ctl("stop", NAME)
    assert systemd.show(NAME, "Result") == "success", systemd.show(NAME, "Result")


def test_the_unit_is_well_formed_and_exposure_is_small(systemd, folder):
    path = folder / "verify" / NAME
    path.parent.mkdir()
    path.write_text(re.sub(r"(?m)^ExecStart=\S+", f"ExecStart={CONTROL}", pathlib.Path(UNIT).read_text()))
    r = subprocess.run(["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", path], capture_output=True, text=True)
    assert r.returncode == 0 and NAME not in r.stderr, r.stderr
    r = subprocess.run(["systemd-analyze", "security", "--offline=true", "--no-pager", f"--threshold={EXPOSURE_MAX}", path],
                       capture_output=True, text=True)
    assert r.returncode == 0, r.stdout.splitlines()[-1] if r.stdout else r.stderr


def main():
    failed = 0
    netns = f"roja-control-{os.getpid()}"
    with tempfile.TemporaryDirectory(prefix="roja-service-") as work:
        folder = pathlib.Path(work)
        sh("ip", "netns", "add", netns)
        try:
            prepare(folder)
            systemd = Systemd(folder, netns, SYSUSERS, TMPFILES)
            drop_in(folder)
            with systemd:
                for name, test in list(globals().items()):
                    if not name.startswith("test_"):
                        continue
                    try:
                        test(systemd, folder)
                        print(f"ok service-control {name[5:]}", flush=True)
                    except Exception as why:
                        failed += 1
                        print(f"not ok service-control {name[5:]}: {why}", flush=True)
                        traceback.print_exc()
                if failed and (folder / "out").exists():
                    print((folder / "out").read_text()[-2000:], file=sys.stderr)
        finally:
            sh("ip", "netns", "del", netns)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

# SPDX-License-Identifier: BSD-3-Clause
"""booted: a systemd of its own, to run the unit as it will be run.

It is process 1 of its own process, mount, cgroup, host name and IPC namespaces, and in a network namespace of the caller's;
the BPF file system is the host's. It has one core, the first, as where isolcpus= keeps the others for who asks. /run, /var/lib and /var/log are empty; `folder` is /opt; /etc/passwd and /etc/group have the
users of the sysusers file besides.
"""
import os
import pathlib
import subprocess

from wire import sh, until

BOOT = """
set -e
mount --make-rprivate /
mount -t proc proc /proc
for old in /sys/fs/cgroup "$1/cgroups" /run/netns; do umount -R -l "$old" 2>/dev/null || true; done
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs /run
mount -t tmpfs -o mode=755 tmpfs /var/lib
mount -t tmpfs -o mode=755 tmpfs /var/log
mkdir -p /run/systemd /run/lock
mount --bind "$1" /opt
mount --bind /opt/etc/passwd /etc/passwd
mount --bind /opt/etc/group /etc/group
systemd-tmpfiles --create /opt/tmpfiles.conf
exec env -i container=roja-test PATH="$PATH" SYSTEMD_UNIT_PATH=/opt/units \\
    /lib/systemd/systemd --system --unit=test.target --log-target=console --show-status=no
"""
TARGET = "[Unit]\nDefaultDependencies=no\n"


class Systemd:
    def __init__(self, folder, netns, sysusers, tmpfiles):
        self.folder = folder
        self.netns = netns
        self.users(sysusers)
        (folder / "tmpfiles.conf").write_text(pathlib.Path(tmpfiles).read_text())
        (folder / "units").mkdir()
        for target in ("test", "sysinit", "basic", "shutdown"):
            (folder / f"units/{target}.target").write_text(TARGET)
        self.cgroups = folder / "cgroups"
        self.process = None

    def users(self, sysusers):
        etc = self.folder / "etc"
        etc.mkdir()
        for name in ("passwd", "group"):
            (etc / name).write_text(pathlib.Path(f"/etc/{name}").read_text())
        sh("systemd-sysusers", f"--root={self.folder}", "-", input=pathlib.Path(sysusers).read_text())

    def __enter__(self):
        self.cgroups.mkdir()
        sh("mount", "-t", "cgroup2", "cgroup2", self.cgroups)
        self.cgroup = self.cgroups / f"roja-service-{os.getpid()}"
        self.cgroup.mkdir()
        log = open(self.folder / "systemd.log", "w")
        self.process = subprocess.Popen(
            ["nsenter", f"--net=/run/netns/{self.netns}", "unshare", "-m", "-p", "-f", "-C", "-u", "-i",
             "--kill-child=SIGKILL", "sh", "-c", BOOT, "boot", str(self.folder)],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            preexec_fn=self.confine)
        try:
            self.one = until("systemd to start", self.find)
            until("systemd to answer", lambda: self.ctl("is-active", "test.target", check=False) == "active")
        except BaseException:
            self.__exit__()
            raise
        return self

    def confine(self):
        (self.cgroup / "cgroup.procs").write_text(str(os.getpid()))
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

    def find(self):
        """Its process number out here."""
        assert self.process.poll() is None, (self.folder / "systemd.log").read_text()
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return children and pathlib.Path(f"/proc/{children[0]}/comm").read_text().strip() == "systemd" and children[0]

    def __exit__(self, *_):
        if self.process:
            self.process.kill()
            self.process.wait()
        until("the cgroups to be empty", self.remove_cgroups)
        sh("umount", self.cgroups)

    def remove_cgroups(self):
        try:
            for path, _, _ in os.walk(self.cgroup, topdown=False):
                os.rmdir(path)
            return True
        except OSError:
            return False

    def run(self, *args, check=True):
        """In its namespaces."""
        r = subprocess.run(["nsenter", "-t", self.one, "-m", "-p", "-C", *map(str, args)], capture_output=True, text=True)
        assert not check or r.returncode == 0, f"{' '.join(map(str, args))}: {r.stderr.strip()}"
        return r.stdout.strip()

    def ctl(self, *args, check=True):
        return self.run("systemctl", "--no-ask-password", *args, check=check)

    def show(self, unit, key):
        return self.ctl("show", "--value", "-p", key, unit)

    def pid(self, unit):
        """The main process's number out here; None where there is none."""
        inner = self.show(unit, "MainPID")
        if inner == "0":
            return None
        ours = os.readlink(f"/proc/{self.one}/ns/pid")
        for status in pathlib.Path("/proc").glob("[0-9]*/status"):
            try:
                if os.readlink(status.parent / "ns/pid") != ours:
                    continue
                numbers = next(line for line in status.read_text().splitlines() if line.startswith("NSpid:")).split()
            except (OSError, StopIteration):
                continue
            if numbers[-1] == inner:
                return int(status.parent.name)
        return None

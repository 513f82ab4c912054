#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""jumbo.py DAEMON: frames as large as the interfaces' MTU pass af_packet ports whole, as root.

Prints "ok jumbo MTU" or "not ok jumbo MTU: why".
"""
import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path += [str(ROOT / "service"), str(ROOT / "net")]
from namespaces import sh, until
from wire import SERVER, UDP, Wire

DAEMON = pathlib.Path(sys.argv[1]).resolve()
HEADERS = 28  # of IP and UDP


def passes(wire, length):
    """Whether a datagram that fills a packet of that length arrives whole."""
    data = os.urandom(length - HEADERS)
    wire.sender.sendto(data, (SERVER, UDP))
    wire.receiver.settimeout(1)
    with contextlib.suppress(socket.timeout):
        while True:
            got = wire.receiver.recv(65536)
            if len(got) > 8:
                return got == data
    return False


def test(mtu):
    with Wire(f"jumbo{mtu}") as wire, tempfile.TemporaryDirectory() as folder:
        for netns in (wire.client, wire.server):
            sh("ip", "-n", netns, "link", "set", "wire", "mtu", str(mtu))
        for near in ("left", "right"):
            sh("ip", "-n", wire.middle, "link", "set", near, "mtu", str(mtu))
        config = wire.config(pathlib.Path(folder) / "config.yaml", user="", run=pathlib.Path(folder), driver="af_packet")
        config.write_text(config.read_text().replace("memory_mib: 256", "memory_mib: 512"))
        command = ["nsenter", f"--net=/run/netns/{wire.middle}", DAEMON, config]
        with open(f"{folder}/log", "w+") as log:
            daemon = subprocess.Popen(command, stdout=log, stderr=log)
            try:
                until("the daemon", lambda: daemon.poll() is not None or os.path.exists(f"{folder}/dataplane.sock"))
                assert daemon.poll() is None, pathlib.Path(log.name).read_text()[-500:]
                until("the first frame", wire.passes)
                for length in (mtu, mtu - 1, mtu // 2, 100):
                    assert passes(wire, length), f"a packet of {length} bytes does not pass whole"
            finally:
                daemon.send_signal(signal.SIGTERM)
                daemon.wait()
                subprocess.run([*command[:2], DAEMON, "--detach", wire.instance], check=True)


def main():
    bad = 0
    for mtu in (1500, 2000, 9000):
        try:
            test(mtu)
            print(f"ok jumbo {mtu}", flush=True)
        except Exception as e:  # whatever went wrong is this test's failure
            print(f"not ok jumbo {mtu}: {e!r}", flush=True)
            bad = 1
    return bad


if __name__ == "__main__":
    sys.exit(main())

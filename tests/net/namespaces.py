# SPDX-License-Identifier: BSD-3-Clause
"""namespaces: commands, waiting, and sockets in network namespaces, for tests that make their own."""
import contextlib
import ctypes
import os
import subprocess
import time

CLONE_NEWNET = 0x40000000
PATIENCE_S = 30
libc = ctypes.CDLL(None, use_errno=True)


def sh(*args, **more):
    r = subprocess.run([str(a) for a in args], capture_output=True, text=True, **more)
    assert r.returncode == 0, f"{' '.join(map(str, args))}: {r.stderr.strip() or r.stdout.strip()}"
    return r.stdout


def until(what, condition, patience_s=PATIENCE_S, pause_s=0.002):
    """Polls, and gives the first true answer."""
    end = time.monotonic() + patience_s
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, f"waited {patience_s} s for {what}"
        time.sleep(pause_s)


@contextlib.contextmanager
def inside(netns):
    """This thread's new sockets are of that namespace."""
    with open("/proc/self/ns/net") as here, open(f"/run/netns/{netns}") as there:
        assert libc.setns(there.fileno(), CLONE_NEWNET) == 0, os.strerror(ctypes.get_errno())
        try:
            yield
        finally:
            libc.setns(here.fileno(), CLONE_NEWNET)

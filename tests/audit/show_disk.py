#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""show_disk.py BUILD: a disk that fills up, one that fails to write, and both come back, under hits: no acknowledged hit is lost, roja-control says
what happened and goes on, and the log verifies. Run as root, in a mount namespace of its own:

    the state folder: ext4 in a file of its own (loop device) in a tmpfs; a full ext4 is ENOSPC, a full tmpfs beneath it is EIO"""
import contextlib
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import recorded

RATE, SECONDS = 2000, 3
DISK_MB, BENEATH_MB = 96, 128


def run(*words):
    return subprocess.run(list(map(str, words)), check=True, text=True, stdout=subprocess.PIPE).stdout.strip()


@contextlib.contextmanager
def disk(folder):
    """(mounted folder, the file that it is in)"""
    beneath, top = folder / "beneath", folder / "disk"
    beneath.mkdir()
    top.mkdir()
    run("mount", "-t", "tmpfs", "-o", f"size={BENEATH_MB}m", "tmpfs", beneath)
    image = beneath / "image"
    with open(image, "wb") as f:
        f.truncate(DISK_MB << 20)
    run("mkfs.ext4", "-q", "-E", "lazy_itable_init=0", "-O", "^has_journal", image)
    device = run("losetup", "-f", "--show", image)
    try:
        run("mount", "-o", "errors=continue", device, top)
        yield top, beneath
    finally:
        subprocess.run(["umount", "-l", str(top)], check=False)
        subprocess.run(["losetup", "-d", device], check=False)
        subprocess.run(["umount", "-l", str(beneath)], check=False)


def fill(path):
    """A file that takes all that is left."""
    with contextlib.suppress(OSError), open(path, "wb") as f:
        while True:
            f.write(b"\0" * 65536)
            f.flush()


def says(r, text):
    return text in r.control.log.read_text(errors="replace")


def trouble(r, name, path):
    """Fills `path`, waits until the daemon says that its log takes nothing, frees it, waits until it says that it does again."""
    mark = r.control.log.stat().st_size

    def said(text):
        with open(r.control.log, "rb") as f:
            f.seek(mark)
            return text in f.read()
    fill(path)
    recorded.until(f"{name}: the daemon says so", lambda: said(b"audit-stalled"))
    held = r.waiting()
    path.unlink()
    os.sync()
    recorded.until(f"{name}: the daemon goes on", lambda: said(b"takes leaves again"))
    print(f"   {name}: said, {held} hits waited, and on it goes")


def main():
    if os.environ.get("ROJA_OWN_MOUNTS") != "1":
        os.execvpe("unshare", ["unshare", "-m", "--propagation", "private", sys.executable, *sys.argv], {**os.environ, "ROJA_OWN_MOUNTS": "1"})
    bad = []
    with tempfile.TemporaryDirectory(prefix="roja-disk-") as folder, disk(pathlib.Path(folder)) as (top, beneath):
        state = top / "state"
        r = recorded.Recorded(sys.argv[1], folder, rules=50, records=1 << 17, state=state)
        try:
            r.start_hits(RATE)
            time.sleep(SECONDS)
            trouble(r, "a full disk", top / "filler")
            time.sleep(SECONDS)
            trouble(r, "a disk that fails to write", beneath / "filler")
            time.sleep(SECONDS)
            put, lost, gaps = r.end_hits()
            r.settle()
            r.control.stop()
            code, out = r.audit("verify", r.log)
            bad += [f"the log does not verify: {out}"] * (code != 0)
            bad += [f"the second verifier: {why}" for why in [r.second()] if why]
            seen, missing = r.hits()
            bad += [f"{len(seen)} of {put} hits are leaves, {lost} lost in {gaps} gaps, {missing} said to be"] * (len(seen) != put or missing != lost)
            bad += ["hits are leaves twice"] * (max(seen.values()) > 1)
            print(f"   {put} hits put, {lost} lost to full rings, {len(seen)} leaves; {out.strip().splitlines()[-1]}")
        except AssertionError as failure:
            bad.append(f"{failure}; the daemon: {r.control.says()}")
        finally:
            r.end()
    for line in bad:
        print(f"not ok show_disk {line}")
    if not bad:
        print("ok show_disk no acknowledged hit was lost, and the log verifies")
    return bool(bad)


sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""live.py WRITE_LOG ROJA_AUDIT [LEAVES]: a log that is being written verifies at any moment, and goes on from each time before."""
import json
import pathlib
import subprocess
import sys
import tempfile


def main():
    write_log, roja_audit = sys.argv[1:3]
    leaves = sys.argv[3] if len(sys.argv) > 3 else "40000"
    bad, times, sizes = [], 0, []
    with tempfile.TemporaryDirectory(prefix="roja-live-") as folder:
        log = pathlib.Path(folder, "audit", "log")
        log.parent.mkdir()
        with subprocess.Popen([write_log, log.parent, leaves]) as writer:
            last = False
            while not last:
                last = writer.poll() is not None
                if not (log / "checkpoint").exists():
                    continue
                done = subprocess.run([roja_audit, "verify", "--json", "--state", folder + "/state", "--wait", "60", log],
                                      stdout=subprocess.PIPE, check=False)
                verdict = json.loads(done.stdout)
                times += 1
                sizes.append(verdict["size"])
                if done.returncode:
                    bad.append(verdict)
        if writer.returncode:
            bad.append(f"the writer ended with {writer.returncode}")
    if not times or sizes[-1] < int(leaves) or sizes != sorted(sizes):
        bad.append(f"sizes: {sizes}")
    for verdict in bad[:10]:
        print(f"# {verdict}")
    print(f"{'not ok' if bad else 'ok'} live: verified {times} times while it grew to {sizes[-1] if sizes else 0} leaves, {len(bad)} bad")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""tamper.py MAKE_LOG ROJA_AUDIT [--full | HONEST FLIPS]: whatever is changed in a log is found, the right leaf is named, and no honest log is refused.

HONEST logs of random sizes must be accepted; FLIPS bytes a file are changed; otherwise 40 and 4. --full: 1,000 honest logs, and every byte of a small one.
"""
import random
import shutil
import sys
import tempfile

import tampering
from tampering import Tools


def honest(tools, n, results):
    for i in range(n):
        leaves = random.choice([1, 2, 255, 256, 257, 511, 512, 513, random.randrange(1, 3000), random.randrange(1, 300)])
        options = {"seed": random.randrange(1 << 40), "leaves": leaves, "every": random.choice([1, 3, 30, 300, 10000]),
                   "rotate": random.randrange(4), "stamps": random.randrange(3), "replies": i % 2 == 0, "prune": i % 3 == 0, "pruning": i % 6 == 0}
        code, verdict = tools.verify(tools.make("honest", **options))
        if code:
            results["refused"].append(f"{options}: exit {code}: {verdict}")
        results["honest"] += 1


def tampered(tools, flips, every_byte, results):
    logs = [tools.make("plain", leaves=700, every=25, rotate=2, stamps=3, replies=True, seed=2),
            tools.make("pruned", leaves=1500, every=200, stamps=3, replies=True, prune=True, seed=2, keys=tools.folder / "k")]
    early = tools.make("early", leaves=600, every=200, stamps=3, replies=True, seed=2, keys=tools.folder / "k")
    if every_byte:
        logs.append(tools.make("small", leaves=60, every=25, rotate=1, stamps=2, replies=True, seed=3))
    for log in logs:
        code, verdict = tools.verify(log)
        if code:
            results["refused"].append(f"{log}: {verdict}")
        names = tampering.files(log)
        for name in names:
            size = (log / name).stat().st_size
            offsets = range(size) if every_byte and log.name == "small" else random.sample(range(size), min(flips, size))
            tampering.check(tools, tampering.flips(log, name, offsets), log, results)
        tampering.check(tools, tampering.file_by_file(log, names), log, results)
        tampering.check(tools, tampering.swaps(log, names), log, results)
        tampering.check(tools, tampering.replays(log, early, names), log, results)
        tampering.check(tools, tampering.strangers(log), log, results)
    tampering.package(tools, logs[0], results)
    tampering.whole_log(tools, results)


def main():
    words = [w for w in sys.argv[1:] if not w.startswith("--")]
    full = "--full" in sys.argv
    n_honest, flips = (1000, 16) if full else (int(words[2]) if len(words) > 2 else 40, int(words[3]) if len(words) > 3 else 4)
    seed = random.randrange(1 << 32)
    random.seed(seed)
    folder = tempfile.mkdtemp(prefix="roja-tamper-")
    tools = Tools(words[0], words[1], folder)
    results = {"done": 0, "of leaves": 0, "honest": 0, "missed": [], "misnamed": [], "refused": []}
    try:
        honest(tools, n_honest, results)
        tampered(tools, flips, full, results)
    finally:
        shutil.rmtree(folder)
    for what in ("missed", "misnamed", "refused"):
        for line in results[what][:20]:
            print(f"# {what}: {line}")
    bad = sum(len(results[w]) for w in ("missed", "misnamed", "refused"))
    print(f"{'not ok' if bad else 'ok'} tamper: {results['done']} changes, {len(results['missed'])} not found; {results['of leaves']} of one "
          f"leaf or hash, {len(results['misnamed'])} named wrong; {results['honest']} honest logs, {len(results['refused'])} refused (seed {seed})")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())

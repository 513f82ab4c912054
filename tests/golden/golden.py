#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""golden.py ROJA_REPLAY FOLDER: every capture of FOLDER that has NAME.hits gives those hits and no other.

The lists are those of LISTS, or golden.txt of the folder. A hit is compared by protocol, list, line and the client's
address and port. Prints a line "ok golden NAME" or "not ok golden NAME: why" a capture.
"""
import collections
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).parents[2]
LISTS = {"demo": [ROOT / "share/lists/demo-court.txt", ROOT / "share/lists/demo-csam.txt"]}
FIELDS = ("proto", "list", "line", "src", "sport")


def read_hits(lines):
    events = [json.loads(line) for line in lines if line.strip()]
    hits = collections.Counter(tuple(e[f] for f in FIELDS) for e in events if e.get("event", "hit") == "hit")
    return hits, [e for e in events if e.get("event") == "summary"]


def differences(replay, capture, lists, wanted):
    options = [word for path in lists for word in ("--list", path)]
    r = subprocess.run([replay, "--json", *options, capture], capture_output=True, text=True, errors="replace")
    if r.returncode:
        return [f"exit {r.returncode}: {r.stderr.strip()[-300:]}"]
    try:
        hits, summaries = read_hits(r.stdout.splitlines())
    except (ValueError, KeyError) as e:
        return [f"not the JSON lines that are documented: {e!r}"]
    if len(summaries) != 1 or not r.stdout.splitlines()[-1].startswith('{"event":"summary"'):
        return ["the last line is not the one summary"]

    def told(word, counter):
        return [f"{word} {n} x {dict(zip(FIELDS, hit))}" for hit, n in sorted(counter.items())]

    return told("missed", wanted - hits) + told("wrong", hits - wanted)


def main():
    replay, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    captures = [c for c in sorted(folder.iterdir()) if c.suffix in (".pcap", ".pcapng") and c.with_suffix(".hits").exists()]
    bad = 0
    for capture in captures:
        lists = LISTS.get(capture.stem, [folder / "golden.txt"])
        wanted, _ = read_hits(capture.with_suffix(".hits").read_text().splitlines())
        found = differences(replay, capture, lists, wanted)
        print(f"not ok golden {capture.stem}: " + "; ".join(found) if found else f"ok golden {capture.stem}")
        bad += bool(found)
    if not captures:
        print(f"not ok golden: no captures in {folder}")
    return 1 if bad or not captures else 0


if __name__ == "__main__":
    sys.exit(main())

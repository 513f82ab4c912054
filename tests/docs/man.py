#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""man.py [--write] ROJA_REPLAY ROJACTL: docs/man/*.1 are what the programs' tables of options say.

Prints a line "ok man PAGE" or "not ok man PAGE: why" a page; with --write, writes the pages.
"""
import pathlib
import subprocess
import sys

FOLDER = pathlib.Path(__file__).parents[2] / "docs/man"


def commands(replay, rojactl):
    """Page: command line that prints it. A command of rojactl is a line of its help's list."""
    pages = {"roja-replay": [replay]}
    listed = subprocess.check_output([rojactl, "--help"], text=True).split("Commands:\n", 1)[1].split("\n\n", 1)[0]
    for line in listed.splitlines():
        command = line.split()[0]
        pages[f"rojactl-{command}"] = [rojactl, command]
    return pages


def main():
    write = sys.argv[1] == "--write"
    pages = commands(*sys.argv[2 if write else 1:])
    bad = 0
    for page, command in pages.items():
        path = FOLDER / f"{page}.1"
        text = subprocess.check_output(command + ["--man"], text=True)
        if write:
            path.write_text(text)
        current = path.exists() and path.read_text() == text
        print(f"ok man {page}" if current else f"not ok man {page}: {path.name} is not current: run scripts/man")
        bad += not current
    for path in sorted(FOLDER.glob("*.1")):
        if path.stem not in pages:
            print(f"not ok man {path.stem}: no program has this page: remove it")
            bad += 1
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())

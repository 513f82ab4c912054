#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""paths.py: the files and folders of this project that its pages name exist.

A path is a word that begins with a folder of the project, or a word in backquotes that ends in .c, .h or .py (found in any
folder); it may hold *. Prints a line "ok paths PAGE" or "not ok paths PAGE: what is missing" a page.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).parents[2]
FOLDERS = "bpf|common|rules|dataplane|control|tests|perf|scripts|docs|share"
PATH = re.compile(rf"(?<![\w/.-])((?:{FOLDERS})/[\w./*-]*)(?!\w|[<{{])")
FILE = re.compile(r"`([\w*-]+\.(?:c|h|py))`")


def missing(page):
    text = page.read_text()
    for path in PATH.findall(text):
        path = path.rstrip(".,")
        if path and not list(ROOT.glob(path.rstrip("/"))):
            yield path
    for name in FILE.findall(text):
        if not any(list((ROOT / folder).rglob(name)) for folder in FOLDERS.split("|")):
            yield name


def main():
    bad = 0
    pages = [page for folder in (".", "docs", "perf") for page in sorted((ROOT / folder).glob("*.md"))]
    for page in pages:
        lost = sorted(set(missing(page)))
        name = page.relative_to(ROOT)
        print(f"not ok paths {name}: there is no {', '.join(lost)}" if lost else f"ok paths {name}")
        bad += bool(lost)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())

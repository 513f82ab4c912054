#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""generated.py [--write] ROJA_REPLAY ROJA_DATAPLANE CONFIG_PAGES METHODS_PAGE CONTROL_CONFIG_PAGES ROJACTL METRICS_PAGE API_PAGE ROJA_CONTROL ENTRY_PAGE ROJA_AUDIT: docs/man/*,
docs/counters.md, docs/configuration.md, docs/control-configuration.md, docs/control-socket.md, docs/control-api.md, docs/metrics.md and the part
between the marks of docs/audit-format.md are what the programs' tables say.

Prints a line "ok docs PAGE" or "not ok docs PAGE: why" a page; with --write, writes the pages.
"""
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).parents[2]


def run(*command):
    return subprocess.check_output([str(word) for word in command], text=True)


def words(rojactl):
    """The words that its help lists; what a long line goes on with is indented."""
    text = run(rojactl, "--help").split("\nCommands:\n", 1)[1].split("\n\n", 1)[0]
    return [line.split()[0] for line in text.splitlines() if line[2] != " "]


def man_pages(replay, dataplane, rojactl):
    yield "man/roja-replay.1", run(replay, "--man")
    yield "man/roja-dataplane.1", run(dataplane, "--man")
    yield "man/rojactl.1", run(rojactl, "--man")
    for word in words(rojactl):
        yield f"man/rojactl-{word}.1", run(rojactl, word, "--man")


def counters_page(replay):
    stats = run(replay, "--stats", "--list", ROOT / "tests/pcap/golden.txt", ROOT / "tests/pcap/dns-udp.pcap")
    yield "# Counters\n"
    yield "What `roja-replay --stats` and the summary of `--json` tell (dataplane/core/counters.h; written by scripts/man).\n"
    yield "| counter | meaning |\n| --- | --- |"
    for line in stats.split("\n\n")[-1].splitlines():
        words = line.split(None, 2)
        if len(words) == 3 and words[0].isdigit() and line.startswith(" "):
            yield f"| {words[1]} | {words[2]} |"


def between_marks(page, name, text):
    """The page with `text` in the place between its marks."""
    begin, end = f"<!-- {name}: written by scripts/man -->\n", f"<!-- end of {name} -->\n"
    before, _, rest = (ROOT / "docs" / page).read_text().partition(begin)
    return before + begin + text + end + rest.partition(end)[2]


def main():
    write = sys.argv[1] == "--write"
    replay, dataplane, config, methods, control_config, rojactl, metrics, api, control, entries, audit = sys.argv[2 if write else 1:]
    pages = dict(man_pages(replay, dataplane, rojactl))
    pages["man/roja-dataplane.yaml.5"] = run(config, "man")
    pages["configuration.md"] = run(config, "md")
    pages["man/roja-control.yaml.5"] = run(control_config, "man")
    pages["control-configuration.md"] = run(control_config, "md")
    pages["counters.md"] = "\n".join(counters_page(replay)) + "\n"
    pages["control-socket.md"] = run(methods)
    pages["metrics.md"] = run(metrics)
    pages["control-api.md"] = run(api)
    pages["man/roja-control.1"] = run(control, "--man")
    pages["man/roja-audit.1"] = run(audit, "--man")
    pages["audit-format.md"] = between_marks("audit-format.md", "entries", run(entries))
    bad = 0
    for page, text in pages.items():
        path = ROOT / "docs" / page
        if write:
            path.write_text(text)
        current = path.exists() and path.read_text() == text
        print(f"ok docs {page}" if current else f"not ok docs {page}: not current: run scripts/man")
        bad += not current
    for path in sorted((ROOT / "docs/man").glob("*.[1-9]")):
        if f"man/{path.name}" not in pages:
            print(f"not ok docs man/{path.name}: no program has this page: remove it")
            bad += 1
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())

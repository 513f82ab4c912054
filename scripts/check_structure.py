#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""check_structure.py: licence lines, length of files, and who may include whom."""
import re
import subprocess
import sys

MAX_LINES = 400
LONGER = {}  # file: why it may be longer

# The folder that a file belongs to (the first that matches), and what its folder may include.
ARROWS = [
    ("common/", {"common/"}),
    ("rules/", {"common/", "rules/"}),
    ("dataplane/core/", {"common/", "rules/", "dataplane/core/"}),
    ("dataplane/replay/", {"common/", "rules/", "dataplane/core/", "dataplane/replay/"}),
    ("control/", {"common/", "rules/", "control/"}),
    ("bpf/", {"common/", "bpf/"}),
    ("tests/", None),  # everything
    ("perf/", None),
]

# A library's header may be included only by files whose path begins so.
LIBRARIES = {
    r"hs(/.*)?\.h|hs_.*": ["rules/", "perf/"],
    r"idn2\.h": ["rules/"],
    r"openssl/.*": ["rules/", "dataplane/core/quic", "perf/", "tests/"],
    r"nghttp2/.*": ["dataplane/core/http2", "tests/"],
    r"rte_.*": ["dataplane/dpdk/"],
    r"CUnit/.*": ["tests/"],
}


def check(path):
    lines = open(path, encoding="utf-8").read().splitlines()
    if not lines or not lines[0].startswith("/* SPDX-License-Identifier: "):
        yield 1, "the first line must be /* SPDX-License-Identifier: BSD-3-Clause */"
    if len(lines) > MAX_LINES and path not in LONGER:
        yield len(lines), f"over {MAX_LINES} lines: split it by what changes together"
    allowed = next((a for folder, a in ARROWS if path.startswith(folder)), set())
    for number, line in enumerate(lines, 1):
        m = re.match(r'\s*#\s*include\s+([<"])([^>"]+)[>"]', line)
        if not m:
            continue
        kind, name = m.groups()
        if kind == '"' and allowed is not None and not any(name.startswith(a) for a in allowed):
            yield number, f'may not include "{name}" (CONTRIBUTING.md, folders)'
        for pattern, users in LIBRARIES.items():
            if kind == "<" and re.fullmatch(pattern, name) and not any(path.startswith(u) for u in users):
                yield number, f"<{name}> belongs to {', '.join(users)}"


def main():
    bad = 0
    for path in subprocess.check_output(["git", "ls-files", "*.c", "*.h"], text=True).split():
        for number, what in check(path):
            print(f"{path}:{number}: {what}")
            bad = 1
    return bad


sys.exit(main())

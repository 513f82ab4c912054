#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""check_structure.py: licence lines, length of files, and who may include whom (CONTRIBUTING.md, "Folders")."""
import re
import subprocess
import sys

MAX_LINES = [("tests/", 600), ("", 400)]  # the first that matches
LONGER = {}  # file: why it may be longer; a table of data, never logic
LICENCE = {"bpf/": "GPL-2.0-only OR BSD-2-Clause", "": "BSD-3-Clause"}

# The folder that a file belongs to (the first that matches), and what its folder may include.
ARROWS = [
    ("common/", {"common/"}),
    ("audit/", {"common/", "audit/"}),
    ("rules/", {"common/", "rules/"}),
    ("dataplane/core/", {"common/", "rules/", "dataplane/core/"}),
    ("dataplane/replay/", {"common/", "rules/", "dataplane/core/", "dataplane/replay/"}),
    ("dataplane/dpdk/", {"common/", "rules/", "dataplane/core/", "dataplane/dpdk/", "bpf/"}),
    ("control/feed/", {"common/", "rules/", "control/feed/"}),
    ("control/link/", {"common/", "rules/", "control/link/"}),
    ("control/probe/", {"common/", "rules/", "control/feed/", "control/safety/", "control/probe/"}),
    ("control/store/", {"common/", "rules/", "control/store/"}),
    ("control/engine/", {"common/", "rules/", "control/feed/", "control/safety/", "control/link/", "control/store/", "control/probe/",
                         "audit/", "control/audit/", "control/engine/", "control/config", "control/log.h"}),
    ("control/audit/stamp_ask.c", {"common/", "audit/", "control/audit/stamp_ask.h", "control/feed/fetch.h"}),
    ("control/audit/", {"common/", "rules/", "audit/", "control/link/", "control/store/", "control/audit/", "control/config", "control/log.h"}),
    ("control/report/", {"common/", "rules/", "audit/", "control/store/", "control/audit/", "control/report/", "control/config"}),
    ("control/sink/", {"common/", "control/feed/backoff.h", "audit/", "control/store/", "control/audit/", "control/sink/", "control/config", "control/log.h"}),
    ("control/ctl/", {"common/", "rules/", "control/ctl/", "control/config", "control/store/order_fields.h"}),
    ("control/safety/", {"common/", "rules/", "control/feed/", "control/safety/"}),
    ("control/", {"common/", "rules/", "audit/", "control/"}),
    ("bpf/", {"common/", "bpf/"}),
    ("tests/", None),  # everything
    ("perf/", None),
]

# A library's header may be included only by files whose path begins so.
LIBRARIES = {
    r"hs(/.*)?\.h|hs_.*": ["rules/", "perf/"],
    r"idn2\.h": ["rules/"],
    r"openssl/.*": ["audit/", "control/audit/", "control/report/", "control/sink/", "rules/", "dataplane/core/quic", "control/feed/", "control/safety/check.c", "control/engine/", "perf/", "tests/"],
    r"nghttp2/.*": ["dataplane/core/http2", "tests/"],
    r"rte_.*": ["dataplane/dpdk/", "tests/dataplane/"],
    r"bpf/.*": ["bpf/", "tests/bpf/"],
    r"xdp/.*": ["tests/bpf/"],
    r"cyaml/.*|yaml\.h": ["common/config/", "tests/"],
    r"ck_.*": ["common/events"],
    r"jansson\.h": ["audit/", "common/rpc", "control/", "dataplane/dpdk/", "tests/"],
    r"curl/.*": ["control/feed/fetch"],
    r"microhttpd\.h": ["control/http/"],
    r"sqlite3\.h": ["control/store/", "control/audit/index"],
    r"libpsl\.h": ["control/safety/"],
    r"libxml/.*": ["control/feed/reader_xml"],
    r"histedit\.h": ["control/ctl/shell.c"],
    r"uv\.h": ["dataplane/dpdk/", "control/", "tests/"],
    r"CUnit/.*": ["tests/"],
}


def first(rows, path):
    return next(value for folder, value in rows if path.startswith(folder))


def check_licence(path, lines):
    wanted = f"SPDX-License-Identifier: {first(LICENCE.items(), path)}"
    if path.endswith((".c", ".h")):
        if lines[:1] != [f"/* {wanted} */"]:
            yield 1, f"the first line must be /* {wanted} */"
    elif lines[:1] and lines[0].startswith("#!/") and lines[1:2] != [f"# {wanted}"]:
        yield 2, f"the second line must be # {wanted}"


def check_length(path, lines):
    limit = first(MAX_LINES, path)
    if len(lines) > limit and path not in LONGER:
        yield len(lines), f"over {limit} lines: split it by what changes together"


def check_includes(path, lines):
    if not any(path.startswith(folder) for folder, _ in ARROWS):
        yield 1, "in no folder of the table ARROWS in scripts/check_structure.py"
        return
    allowed = first(ARROWS, path)
    for number, line in enumerate(lines, 1):
        m = re.match(r'\s*#\s*include\s+([<"])([^>"]+)[>"]', line)
        if not m:
            continue
        kind, name = m.groups()
        if kind == '"' and allowed is not None and not any(name.startswith(a) for a in allowed):
            yield number, f'may not include "{name}": move what it needs, or turn the arrow round'
        for pattern, users in LIBRARIES.items():
            if kind == "<" and re.fullmatch(pattern, name) and not any(path.startswith(u) for u in users):
                yield number, f"<{name}> belongs to {', '.join(users)}"


def main():
    bad = 0
    for path in subprocess.check_output(["scripts/sources", "*"], text=True).splitlines():
        is_c = path.endswith((".c", ".h"))
        if not is_c and open(path, "rb").read(3) != b"#!/":
            continue
        lines = open(path, encoding="utf-8").read().splitlines()
        found = list(check_licence(path, lines)) + list(check_length(path, lines))
        if is_c:
            found += check_includes(path, lines)
        for number, what in found:
            print(f"{path}:{number}: {what}")
            bad = 1
    return bad


if __name__ == "__main__":
    sys.exit(main())

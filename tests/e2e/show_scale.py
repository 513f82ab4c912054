#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""show_scale.py BUILD [NAMES]: a list of 1,000,000 names from import to enforced, the memory that took, and 100 names more."""
import sys

import bench
import control

NAMES, MORE = 1000000, 100
FIRST_S, CHANGE_S, RSS_MB = 10, 3, 600


def approve(c, order):
    """From the file in the operator's hand to the data plane's acknowledgement: what the machines need of it."""
    c.rojactl("ben", "order", "approve", order)
    return c.acknowledged()


def show(b, count):
    listed, longer = b.lab.work / "many.txt", b.lab.work / "more.txt"
    listed.write_text(control.names(count))
    longer.write_text(control.names(count) + control.names(MORE, "more"))
    with control.beside(b.lab, b.tools, b.artifacts, "scale") as (c, _):
        c.acknowledged()
        order, proposed = control.timed(lambda: c.propose("ana", ("many", listed)))
        _, approved = control.timed(lambda: approve(c, order))
        b.report.limit(f"{count} names: import {proposed:.2f} s, approved to enforced {approved:.2f} s; both",
                       proposed + approved, FIRST_S, "s")
        b.report.check("a name of it", b.clients.curl(f"http://name{count - 1}.many.test/"), "451 sq")
        added, imported = control.timed(lambda: c.rojactl("ana", "list", "import", "many", longer))
        c.authenticate("ana", added["import"])
        _, changed = control.timed(lambda: approve(c, order))
        b.report.limit(f"{MORE} names more: import {imported:.2f} s, approved to enforced {changed:.2f} s; both",
                       imported + changed, CHANGE_S, "s")
        b.report.check("a new name", b.clients.curl(f"http://more{MORE - 1}.many.test/"), "451 sq")
        b.report.check("no name of it", b.clients.curl(f"http://more{MORE}.many.test/"), "200")
        b.report.limit("peak resident memory of roja-control", control.peak_rss_mb(c.process.pid), RSS_MB, "MiB")


if __name__ == "__main__":
    count = int(sys.argv.pop()) if len(sys.argv) > 2 else NAMES
    sys.exit(bench.show("show-scale", lambda b: show(b, count)))

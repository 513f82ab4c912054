#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""run.py BUILD [--wire] [--quick] [--artifacts DIR] [TEST...]: the end-to-end tests of the live data plane, as root.

BUILD is a build folder. Real clients and servers in network namespaces (network.py), its roja-dataplane in line between them. With --wire a bare wire takes its place, and everything listed must load: so that no test passes by
accident, and what a test blames on the data plane is not the network's. --quick leaves out what takes long: for a
build with sanitizers. What is measured in milliseconds is no test but a figure: show_gaps.py. Logs and screenshots are left in BUILD/e2e-artifacts.
"""
import argparse
import pathlib
import sys

import bench
import cases_browser
import cases_canary
import cases_control
import cases_hostile
import cases_events
import cases_modes
import cases_privacy
import cases_probe
import cases_refused
import cases_reports
import cases_swap
import cases_web

# (test, whether it makes sense on a bare wire, whether it is quick)
TESTS = (
    (cases_web.test_requests, True, True),
    (cases_web.test_packet_sockets, False, False),
    (cases_web.test_transfers, True, False),
    (cases_browser.test_browser, True, True),
    (cases_modes.test_monitor, False, True),
    (cases_modes.test_mirror, False, False),
    (cases_modes.test_closed, False, True),
    (cases_modes.test_workers, False, False),
    (cases_hostile.test_hostile, False, True),
    (cases_privacy.test_privacy, False, True),
    (cases_events.test_events, False, True),
    (cases_swap.test_swaps, False, False),
    (cases_canary.test_canary, False, True),
    (cases_refused.test_refused, False, True),
    (cases_reports.test_reports, False, True),
    (cases_control.test_control_acts, False, True),
    (cases_control.test_control_breaker, False, True),
    (cases_control.test_control_blocks_servers, False, True),
    (cases_probe.test_probe, False, True),
    (cases_control.test_control_deaths, False, True),
)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--wire", action="store_true")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--artifacts")
    parser.add_argument("tests", nargs="*", metavar="TEST")
    args = parser.parse_args()
    suite = "e2e-wire" if args.wire else "e2e"
    with bench.prepared(args.build, suite, args.artifacts, wire=args.wire, quick=args.quick) as b:
        for test, on_wire, is_quick in TESTS:
            name = test.__name__.removeprefix("test_")
            if args.tests and name not in args.tests or args.wire and not on_wire or args.quick and not is_quick:
                continue
            bench.attempt(b, name, test)
    return 1 if b.report.failed else 0


if __name__ == "__main__":
    sys.exit(main())

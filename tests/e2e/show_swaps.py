#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""show_swaps.py BUILD: 1,000 swaps of rulesets of 100,000 names under load: nothing lost, no flow judged by a mixture."""
import sys

import bench
import cases_swap

sys.exit(bench.show("show-swaps", lambda b: cases_swap.run(b, 1000, 100000, 5000)))

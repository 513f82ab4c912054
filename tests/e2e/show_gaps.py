#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""show_gaps.py BUILD: kill -9, SIGSTOP and orderly restarts, ten of each: the gaps that probes see, the unprotected time."""
import sys

import bench
import cases_death

sys.exit(bench.show("show-gaps", cases_death.test_deaths))

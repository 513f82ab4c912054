#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""show_deaths.py BUILD: roja-control killed 200 times during imports, approvals, activations and rollbacks."""
import sys

import bench
import cases_control

sys.exit(bench.show("show-deaths", lambda b: cases_control.run(b, 200)))

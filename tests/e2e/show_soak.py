#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""show_soak.py BUILD: ten minutes with two workers on two queues: memory flat, packet buffers back."""
import sys

import bench
import cases_soak

sys.exit(bench.show("show-soak", lambda b: cases_soak.run(b, 600)))

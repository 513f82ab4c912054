/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/replay/capture_out.h"

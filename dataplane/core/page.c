/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/core/page.h"

/* SPDX-License-Identifier: BSD-3-Clause */
#include "rules/name.h"

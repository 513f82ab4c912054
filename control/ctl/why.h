/* SPDX-License-Identifier: BSD-3-Clause */
/* why: what happens to a name or URL, for somebody at 3 a.m.: the verdict first, then rule, order, what is done, and where. */
#ifndef CONTROL_CTL_WHY_H
#define CONTROL_CTL_WHY_H

#include "control/ctl/text.h"

void why_print(const json_t *result, const struct style *s);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
/* times: the times that people write, in UTC.
 *
 * Model:    2026-11-26, 2026-11-26T06:00, 2026-11-26T06:00:00, each with a space for the T, with Z or an offset such as +01:00
 *           behind it (none: UTC); now; +90d and -2h: from now on (s, m, h, d, w).
 * Errors:   -EINVAL with a sentence that names the option.
 */
#ifndef CONTROL_CTL_TIMES_H
#define CONTROL_CTL_TIMES_H

#include <stddef.h>
#include <time.h>

#include "common/err.h"

#define TIMES_BYTES 24

/* "2026-11-26T06:00:00Z" */
int times_read(const char *label, const char *text, time_t now, char ret[TIMES_BYTES], struct err *e);

#endif

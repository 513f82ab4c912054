/* SPDX-License-Identifier: BSD-3-Clause */
/* clock: times as the control process keeps them: seconds since 1970, UTC; as text in the form of RFC 3339. */
#ifndef CONTROL_STORE_CLOCK_H
#define CONTROL_STORE_CLOCK_H

#include <stdint.h>

#define CLOCK_TEXT_BYTES 32

/* "2026-11-26T06:00:00Z" */
void clock_text(int64_t at, char ret[CLOCK_TEXT_BYTES]);
/* "2026-11-26", "2026-11-26T06:00Z", "2026-11-26T06:00:00Z", "...+01:00"; a date alone is its first second, UTC. -1: none of
 * these, or a date that the calendar lacks. Years 1970 to 9999. */
int64_t clock_parse(const char *text);
int64_t clock_now(void);
/* Nanoseconds since 1970. */
int64_t clock_now_ns(void);

#endif

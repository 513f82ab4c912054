/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/feed/backoff.h"

static uint32_t delay(unsigned failures, uint32_t base_s, uint32_t max_s)
{
	uint64_t d = base_s;
	while (failures > 1 && d < max_s && d) {
		d *= 2;
		failures--;
	}
	d = d < max_s ? d : max_s;
	return d ? (uint32_t)d : 1;
}

uint32_t backoff_next(unsigned failures, uint32_t base_s, uint32_t max_s, uint32_t random)
{
	uint32_t d = delay(failures, base_s, max_s);
	return d - random % (d / 2 + 1);
}

uint32_t backoff_asked(unsigned failures, uint32_t base_s, uint32_t max_s, uint64_t asked_s, uint32_t random)
{
	uint32_t own = backoff_next(failures, base_s, max_s, random);
	if (!asked_s)
		return own;
	uint32_t asked = asked_s < BACKOFF_MAX_RETRY_AFTER_S ? (uint32_t)asked_s : BACKOFF_MAX_RETRY_AFTER_S;
	asked += random % (asked / 10 + 1);
	return asked > own ? asked : own;
}

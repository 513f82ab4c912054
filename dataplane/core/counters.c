/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/core/counters.h"

#include <string.h>

const struct counter_row counter_rows[] = {
#define X(name, help) {#name, help},
    COUNTERS(X)
#undef X
};
const unsigned counter_rows_n = sizeof(counter_rows) / sizeof(*counter_rows);

uint64_t counter_value(const struct counters *c, unsigned i)
{
	uint64_t v;
	memcpy(&v, (const uint8_t *)c + i * sizeof(v), sizeof(v));
	return v;
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* config_check: what a configuration must mean, beyond the schema. For the configuration's own files. */
#ifndef DATAPLANE_DPDK_CONFIG_CHECK_H
#define DATAPLANE_DPDK_CONFIG_CHECK_H

#include "dataplane/dpdk/config.h"

/* The text that it came from, for the lines in complaints. */
struct config_text {
	const char *path;
	const uint8_t *text;
	size_t n;
};

/* "FILE:LINE: " in front of a complaint that begins with the path of a key; returns -EINVAL. */
__attribute__((format(printf, 3, 4))) int config_refuse(const struct config_text *t, struct err *e,
							const char *fmt, ...);
/* Every number within its table's range. */
int config_check_ranges(const struct config *cfg, const struct config_text *t, struct err *e);
int config_check(const struct config *cfg, const struct config_text *t, struct err *e);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
/* config_check: what a configuration must mean, beyond its tables. For the configuration's own files. */
#ifndef DATAPLANE_DPDK_CONFIG_CHECK_H
#define DATAPLANE_DPDK_CONFIG_CHECK_H

#include "common/config/text.h"
#include "dataplane/dpdk/config.h"

struct config_check {
	const struct config *cfg;
	const struct config_text *t;
	const cpu_set_t *may; /* the cores that the process may use */
	struct err *e;
};

#define config_refuse(c, ...) config_text_refuse_key((c)->t, (c)->e, __VA_ARGS__)

/* Finds the ports that pairs and mirrors name. 0 or -errno. */
int config_check_names(const struct config_check *c, struct config *cfg);
int config_check_ports(const struct config_check *c);
/* Which port may stand where. */
int config_check_topology(const struct config_check *c);
int config_check_machine(const struct config_check *c);

/* Lines of what is allowed but looks wrong. */
void config_warn(const struct config_check *c, FILE *out);

#endif

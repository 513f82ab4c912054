/* SPDX-License-Identifier: BSD-3-Clause */
/* config_tables: a file's tree against the tables of config_keys.h. For the configuration's own files. */
#ifndef DATAPLANE_DPDK_CONFIG_TABLES_H
#define DATAPLANE_DPDK_CONFIG_TABLES_H

#include "dataplane/dpdk/config_rows.h"
#include "dataplane/dpdk/config_text.h"

/* Every key is known and stands once, every value is of its kind, form and range, required keys are there. */
int config_tables_check(const struct config_text *t, struct err *e);
/* Sets what the file does not say. 0 or -ENOMEM. */
int config_tables_fill(const struct config_text *t, struct config *cfg);
/* The word of `n` that is most likely meant by `text`, or NULL. */
const char *config_nearest(const char *text, const char *const *words, unsigned n);

#endif

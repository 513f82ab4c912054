/* SPDX-License-Identifier: BSD-3-Clause */
/* config_schema: libcyaml's schema of the configuration. For the configuration's own files.
 *
 * libcyaml fills, writes and frees struct config. What the text does not say stays 0; sizes and words are checked,
 * ranges are not. */
#ifndef DATAPLANE_DPDK_CONFIG_SCHEMA_H
#define DATAPLANE_DPDK_CONFIG_SCHEMA_H

#include "dataplane/dpdk/config.h"

/* 0 or -errno, with libcyaml's own words and the line that it names. */
int config_schema_load(const char *path, const uint8_t *text, size_t n, struct config **ret, struct err *e);
int config_schema_save(const struct config *cfg, FILE *out);
/* Strings that others put in must come from config_schema_string. */
void config_schema_free(struct config *cfg);
char *config_schema_string(const char *text);

#endif

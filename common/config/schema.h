/* SPDX-License-Identifier: BSD-3-Clause */
/* config schema: a configuration through libcyaml, which fills, writes and frees a program's struct. For configurations' own
 * files.
 *
 * What the text does not say stays 0; sizes and words are checked, ranges are not. */
#ifndef COMMON_CONFIG_SCHEMA_H
#define COMMON_CONFIG_SCHEMA_H

#include <stdio.h>

#include "common/config/text.h"

/* 0 or -errno, with libcyaml's own words and the line that it names. */
int config_schema_load(const struct config_text *t, void **ret, struct err *e);
int config_schema_save(const struct config_program *p, const void *top, FILE *out);
/* Strings and lists that others put in must come from the two below. */
void config_schema_free(const struct config_program *p, void *top);
char *config_schema_string(const char *text);
/* Zeroed, or NULL. */
void *config_schema_memory(size_t n);
void config_schema_release(void *p);

#endif

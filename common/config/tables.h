/* SPDX-License-Identifier: BSD-3-Clause */
/* config tables: a file's tree against its program's rows. For configurations' own files. */
#ifndef COMMON_CONFIG_TABLES_H
#define COMMON_CONFIG_TABLES_H

#include "common/config/text.h"

/* Every key is known and stands once, every value is of its kind, form and range, required keys are there. */
int config_tables_check(const struct config_text *t, struct err *e);
/* Sets what the file does not say. 0 or -ENOMEM. */
int config_tables_fill(const struct config_text *t, void *top);
/* Checks, loads and fills: the top mapping's struct, freed with config_schema_free. 0 or -errno. */
int config_tables_load(const struct config_text *t, void **ret, struct err *e);
/* The word of `n` that is most likely meant by `text`, or NULL. */
const char *config_nearest(const char *text, const char *const *words, unsigned n);

#endif

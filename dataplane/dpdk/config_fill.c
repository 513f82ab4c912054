/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dataplane/dpdk/config_schema.h"
#include "dataplane/dpdk/config_tables.h"

#define INSTANCE "INSTANCE"

/* A default text, with the instance's name put in. */
static char *default_text(const char *text, const char *instance)
{
	char all[512];
	const char *at = strstr(text, INSTANCE);
	if (!at)
		return config_schema_string(text);
	snprintf(all, sizeof(all), "%.*s%s%s", (int)(at - text), text, instance, at + strlen(INSTANCE));
	return config_schema_string(all);
}

static int fill_scalar(const struct config_row *r, void *place, const char *instance)
{
	switch (r->kind) {
	case CONFIG_KIND_NUM:
	case CONFIG_KIND_WORD:
		*(unsigned *)place = r->def;
		return 0;
	case CONFIG_KIND_FLAG:
		*(bool *)place = r->def;
		return 0;
	case CONFIG_KIND_STR:
		*(char **)place = default_text(r->def_text, instance);
		return *(char **)place ? 0 : -ENOMEM;
	default:
		return 0; /* lists stay empty */
	}
}

/* The first key of the file is `instance`, which the texts of others name. */
static int fill_map(const struct config_text *t, const yaml_node_t *node, const struct config_rows *rows,
		    char *of, const struct config *cfg)
{
	int err = 0;
	for (unsigned i = 0; !err && i < rows->n; i++) {
		const struct config_row *r = &rows->v[i];
		const yaml_node_t *value = config_text_find(t, node, r->key, strlen(r->key)), *item;
		if (r->kind == CONFIG_KIND_MAP)
			err = fill_map(t, value, r->of, of + r->off, cfg);
		else if (r->kind == CONFIG_KIND_MAPS)
			for (unsigned k = 0; !err && (item = config_text_item(t, value, k)); k++)
				err = fill_map(t, item, r->of, of + r->off + k * r->of->size, cfg);
		else if (!value)
			err = fill_scalar(r, of + r->off, cfg->instance);
	}
	return err;
}

int config_tables_fill(const struct config_text *t, struct config *cfg)
{
	return fill_map(t, config_text_root(t), &config_top, (char *)cfg, cfg);
}

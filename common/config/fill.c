/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/config/schema.h"
#include "common/config/tables.h"

/* The first values of the file and of the mapping that is filled, which default texts name. */
struct names {
	const char *instance, *own;
};

/* A default text, with a name put in. */
static char *default_text(const char *text, const struct names *names)
{
	static const char *const words[] = {"INSTANCE", "NAME"};
	const char *const values[] = {names->instance, names->own};
	char all[512];
	for (unsigned i = 0; i < 2; i++) {
		const char *at = strstr(text, words[i]);
		if (!at)
			continue;
		snprintf(all, sizeof(all), "%.*s%s%s", (int)(at - text), text, values[i],
			 at + strlen(words[i]));
		return config_schema_string(all);
	}
	return config_schema_string(text);
}

static void fill_number(void *place, size_t size, uint64_t v)
{
	if (size == sizeof(uint64_t))
		*(uint64_t *)place = v;
	else if (size == sizeof(uint32_t))
		*(uint32_t *)place = (uint32_t)v;
	else if (size == sizeof(uint16_t))
		*(uint16_t *)place = (uint16_t)v;
	else
		*(uint8_t *)place = (uint8_t)v;
}

static int fill_scalar(const struct config_row *r, void *place, const struct names *names)
{
	switch (r->kind) {
	case CONFIG_KIND_NUM:
		fill_number(place, r->size, r->def);
		return 0;
	case CONFIG_KIND_WORD:
		*(unsigned *)place = (unsigned)r->def;
		return 0;
	case CONFIG_KIND_FLAG:
		*(bool *)place = r->def;
		return 0;
	case CONFIG_KIND_STR:
		*(char **)place = default_text(r->def_text, names);
		return *(char **)place ? 0 : -ENOMEM;
	default:
		return 0; /* lists stay empty */
	}
}

/* A list without items is written as one only where there is a place for them. */
static int fill_list(void *place)
{
	void **items = place;
	*items = *items ? *items : config_schema_memory(1);
	return *items ? 0 : -ENOMEM;
}

static int fill_map(const struct config_text *t, const yaml_node_t *node, const struct config_rows *rows,
		    char *of, struct names names)
{
	int err = 0;
	for (unsigned i = 0; !err && i < rows->n; i++) {
		const struct config_row *r = &rows->v[i];
		const yaml_node_t *value = config_text_find(t, node, r->key, strlen(r->key)), *item;
		char *place = of + r->off;
		if (r->kind == CONFIG_KIND_MAP)
			err = fill_map(t, value, r->of, place, names);
		else if (r->kind == CONFIG_KIND_MAPS)
			for (unsigned k = 0; !err && (item = config_text_item(t, value, k)); k++)
				err = fill_map(t, item, r->of,
					       (r->is_pointer ? *(char **)place : place) + k * r->of->size,
					       names);
		else if (!value)
			err = fill_scalar(r, place, &names);
		if (!err && config_is_list(r) && r->is_pointer)
			err = fill_list(place);
		if (!err && i == 0 && r->kind == CONFIG_KIND_STR) {
			names.own = *(char **)place;
			names.instance = names.instance ? names.instance : names.own;
		}
	}
	return err;
}

int config_tables_fill(const struct config_text *t, void *top)
{
	return fill_map(t, config_text_root(t), t->program->top, top, (struct names){NULL, NULL});
}

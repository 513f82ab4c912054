/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/config.h"

#include <errno.h>
#include <string.h>

#include "common/config/schema.h"
#include "common/config/tables.h"
#include "control/config_check.h"
#include "control/config_keys.h"
#include "control/config_rows.h"

static const char *const guard_files[] = {GUARD_FILES};
#define GUARD_FILES_N (sizeof(guard_files) / sizeof(*guard_files))

static bool says_guard_files(const struct config_text *t)
{
	const yaml_node_t *guard = config_text_find(t, config_text_root(t), "guard", strlen("guard"));
	return config_text_find(t, guard, "files", strlen("files"));
}

/* The place of the list that was filled is given up for one with room. */
static int default_guard_files(struct control_guard *g)
{
	char **files = config_schema_memory(sizeof(guard_files));
	if (!files)
		return -ENOMEM;
	config_schema_release(g->files);
	g->files = files;
	for (g->n_files = 0; g->n_files < GUARD_FILES_N; g->n_files++) {
		g->files[g->n_files] = config_schema_string(guard_files[g->n_files]);
		if (!g->files[g->n_files])
			return -ENOMEM;
	}
	return 0;
}

static int load_text(const struct config_text *t, struct control_config **ret, struct err *e)
{
	void *top;
	int err = config_tables_load(t, &top, e);
	if (err)
		return err;
	struct control_config *c = top;
	if (!says_guard_files(t) && default_guard_files(&c->guard))
		err = err_set(e, -ENOMEM, "%s: no memory", t->path);
	err = err ? err : control_config_check(t, c, e);
	if (err)
		control_config_free(c);
	else
		*ret = c;
	return err;
}

int control_config_load(const char *path, struct control_config **ret, struct err *e)
{
	struct config_text t;
	int err = config_text_open(path, &config_control, &t, e);
	if (err)
		return err;
	err = load_text(&t, ret, e);
	config_text_close(&t);
	return err;
}

void control_config_free(struct control_config *c)
{
	if (c)
		config_schema_free(&config_control, c);
}

void control_config_print(const struct control_config *c, FILE *out)
{
	config_schema_save(&config_control, c, out);
}

#define DEFAULT(kind, key, ...)	       DEFAULT_##kind(key, __VA_ARGS__)
#define DEFAULT_NUM(key, d, ...)       .key = d,
#define DEFAULT_FLAG(key, d, ...)      .key = d,
#define DEFAULT_STR(key, form, d, ...) .key = d,
#define DEFAULT_LIST(key, ...)	       .key = NULL,

const struct config_authority *control_config_authority(const struct control_config *c, const char *name)
{
	static const struct config_authority built_in = {.name = "*", CONTROL_AUTHORITY_RULES(DEFAULT)};
	const struct config_authority *rest = &built_in;
	for (unsigned i = 0; i < c->n_authorities; i++) {
		if (!strcmp(c->authorities[i].name, name))
			return &c->authorities[i];
		if (!strcmp(c->authorities[i].name, "*"))
			rest = &c->authorities[i];
	}
	return rest;
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/config/schema.h"

#include <cyaml/cyaml.h>
#include <errno.h>
#include <string.h>

/* What libcyaml says, a line a call: first the complaint, then where, innermost first. */
struct complaint {
	char what[256];
	unsigned line;
};

static void hear(cyaml_log_t level, void *ctx, const char *fmt, va_list ap)
{
	struct complaint *c = ctx;
	char text[256];
	(void)level;
	vsnprintf(text, sizeof(text), fmt, ap);
	text[strcspn(text, "\n")] = '\0';
	const char *place = strstr(text, "(line: ");
	if (place && !strncmp(text, "  in ", 5)) {
		if (!c->line)
			sscanf(place, "(line: %u", &c->line);
	} else if (!c->what[0] && !strstr(text, "Backtrace")) {
		snprintf(c->what, sizeof(c->what), "%s", text + (strncmp(text, "Load: ", 6) ? 0 : 6));
	}
}

static cyaml_config_t cyaml_for(struct complaint *c)
{
	return (cyaml_config_t){
	    .log_fn = hear,
	    .log_ctx = c,
	    .log_level = CYAML_LOG_ERROR,
	    .mem_fn = cyaml_mem,
	    .flags = CYAML_CFG_NO_ALIAS | CYAML_CFG_STYLE_BLOCK,
	};
}

int config_schema_load(const struct config_text *t, void **ret, struct err *e)
{
	struct complaint c = {0};
	cyaml_config_t how = cyaml_for(&c);
	cyaml_data_t *data = NULL;
	cyaml_err_t err = cyaml_load_data(t->text, t->n, &how, t->program->schema, &data, NULL);
	if (err == CYAML_OK && data) {
		*ret = data;
		return 0;
	}
	return err_set(e, err == CYAML_ERR_OOM ? -ENOMEM : -EINVAL, "%s:%u: %s; see %s", t->path,
		       c.line ? c.line : 1, c.what[0] ? c.what : cyaml_strerror(err), t->program->manual);
}

int config_schema_save(const struct config_program *p, const void *top, FILE *out)
{
	struct complaint c = {0};
	cyaml_config_t how = cyaml_for(&c);
	char *text = NULL;
	size_t n = 0;
	cyaml_err_t err = cyaml_save_data(&text, &n, &how, p->schema, top, 0);
	if (err != CYAML_OK)
		return err == CYAML_ERR_OOM ? -ENOMEM : -EINVAL;
	size_t written = fwrite(text, 1, n, out);
	cyaml_mem(NULL, text, 0);
	return written == n ? 0 : -EIO;
}

void config_schema_free(const struct config_program *p, void *top)
{
	struct complaint c = {0};
	cyaml_config_t how = cyaml_for(&c);
	cyaml_free(&how, p->schema, top, 0);
}

void *config_schema_memory(size_t n)
{
	void *p = cyaml_mem(NULL, NULL, n);
	return p ? memset(p, 0, n) : NULL;
}

void config_schema_release(void *p)
{
	cyaml_mem(NULL, p, 0);
}

char *config_schema_string(const char *text)
{
	size_t n = strlen(text) + 1;
	char *copy = config_schema_memory(n);
	return copy ? memcpy(copy, text, n) : NULL;
}

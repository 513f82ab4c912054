/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/config/pages.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/opt.h"

#define FILE_ABOUT                                                                                            \
	"A YAML file of at most 256 KiB: keys with values, indented by spaces. %s; what is left out has its " \
	"default. Aliases, tags and further documents are refused, and so are unknown keys."
#define ERRORS_ABOUT \
	"What is wrong is told in one line, FILE:LINE: KEY: what is wrong; what to do, and nothing starts. "

static const char *values_of(const struct config_row *r, char ret[256])
{
	size_t used = 0;
	switch (r->kind) {
	case CONFIG_KIND_NUM:
		snprintf(ret, 256, "%" PRIu64 " to %" PRIu64 "%s%s", r->min, r->max, *r->unit ? " " : "",
			 r->unit);
		break;
	case CONFIG_KIND_WORD:
		for (unsigned i = 0; i < r->words->n && used < 256; i++)
			used += (size_t)snprintf(ret + used, 256 - used, "%s%s", i ? ", " : "",
						 r->words->v[i].word);
		break;
	case CONFIG_KIND_FLAG:
		strcpy(ret, "true, false");
		break;
	case CONFIG_KIND_NUMS:
		snprintf(ret, 256, "a list of at most %u numbers from %" PRIu64 " to %" PRIu64, r->n_max,
			 r->min, r->max);
		break;
	case CONFIG_KIND_STRS:
		snprintf(ret, 256,
			 r->def_text ? "a list of at most %u, each %s" : "a list of at most %u texts",
			 r->n_max, r->form->what);
		break;
	case CONFIG_KIND_MAPS:
		snprintf(ret, 256, "a list of at most %u, with the keys below", r->n_max);
		break;
	case CONFIG_KIND_MAP:
		strcpy(ret, "the keys below");
		break;
	case CONFIG_KIND_STR:
	case CONFIG_KIND_PORT:
		snprintf(ret, 256, "%s", r->form->what);
		break;
	}
	return ret;
}

static const char *default_of(const struct config_row *r, char ret[64])
{
	if (config_is_required(r))
		return "required";
	switch (r->kind) {
	case CONFIG_KIND_NUM:
		snprintf(ret, 64, "%" PRIu64, r->def);
		return ret;
	case CONFIG_KIND_WORD:
		return r->words->v[r->def].word;
	case CONFIG_KIND_FLAG:
		return r->def ? "true" : "false";
	case CONFIG_KIND_STR:
		return *r->def_text ? r->def_text : "\"\"";
	case CONFIG_KIND_NUMS:
	case CONFIG_KIND_STRS:
		return r->def_text ? r->def_text : "[]";
	default:
		return config_is_list(r) ? "[]" : "";
	}
}

/* "ports[]" for the items of ports; above: "retention." of a mapping within it. */
static void mapping_name(const char *above, const struct config_row *r, char ret[128])
{
	snprintf(ret, 128, "%s%s%s", above, r->key, r->kind == CONFIG_KIND_MAPS ? "[]" : "");
}

/* Each mapping below these rows, whatever holds it. */
static void each_mapping(const struct config_rows *rows, const char *above,
			 void (*each)(const char *name, const struct config_row *r, FILE *out), FILE *out)
{
	char name[128], below[130];
	for (unsigned i = 0; i < rows->n; i++) {
		const struct config_row *r = &rows->v[i];
		if (!r->of)
			continue;
		mapping_name(above, r, name);
		each(name, r, out);
		snprintf(below, sizeof(below), "%s.", name);
		each_mapping(r->of, below, each, out);
	}
}

static void md_rows(const struct config_rows *rows, FILE *out)
{
	char values[256], text[64];
	fputs("| key | default | values | meaning |\n| --- | --- | --- | --- |\n", out);
	for (unsigned i = 0; i < rows->n; i++) {
		const struct config_row *r = &rows->v[i];
		const char *def = default_of(r, text);
		const char *tick = *def && strchr(def, ' ') == NULL && !config_is_required(r) ? "`" : "";
		fprintf(out, "| `%s` | %s%s%s | %s | %s |\n", r->key, tick, def, tick, values_of(r, values),
			r->help);
	}
	for (unsigned i = 0; i < rows->n; i++) {
		const struct config_row *r = &rows->v[i];
		for (unsigned k = 0; r->words && k < r->words->n; k++)
			fprintf(out, "%s- `%s: %s`: %s\n", k ? "" : "\n", r->key, r->words->v[k].word,
				r->words->v[k].help);
	}
}

static void md_mapping(const char *name, const struct config_row *r, FILE *out)
{
	fprintf(out, "\n## %s\n\n%s\n\n", name, r->help);
	md_rows(r->of, out);
}

void config_page_md(const struct config_page *p, FILE *out)
{
	const struct config_rows *top = p->program->top;
	fprintf(
	    out,
	    "# %s\n\n%s\nThis page and %s are written by scripts/man from the tables in %s.\n\n" FILE_ABOUT
	    "\n\n" ERRORS_ABOUT "For example:\n\n    %s\n\n## The file\n\n",
	    p->title, p->use, p->program->manual, p->keys, p->must, p->error);
	md_rows(top, out);
	each_mapping(top, "", md_mapping, out);
	fprintf(out, "\n## %s\n\n```yaml\n%.*s```\n", p->example_about, (int)p->example_bytes,
		(const char *)p->example);
}

static void man_rows(const struct config_rows *rows, FILE *out)
{
	char values[256], text[64], both[400];
	fputs(".Bl -tag -width Ds\n", out);
	for (unsigned i = 0; i < rows->n; i++) {
		const struct config_row *r = &rows->v[i];
		const char *def = default_of(r, text);
		fprintf(out, ".It Ic %s\n", r->key);
		opt_man_text(r->help, out);
		snprintf(both, sizeof(both), "(%s%s%s)", values_of(r, values),
			 config_is_required(r) ? "; "
			 : *def		       ? "; default "
					       : "",
			 def);
		opt_man_text(both, out);
		if (!r->words)
			continue;
		fputs(".Bl -tag -width Ds -compact\n", out);
		for (unsigned k = 0; k < r->words->n; k++) {
			fprintf(out, ".It Cm %s\n", r->words->v[k].word);
			opt_man_text(r->words->v[k].help, out);
		}
		fputs(".El\n", out);
	}
	fputs(".El\n", out);
}

static void man_head(const struct config_page *p, FILE *out)
{
	char file[64], about[512];
	snprintf(file, sizeof(file), "%.*s", (int)strcspn(p->program->manual, "("), p->program->manual);
	fputs(".Dd " OPT_MAN_DATE "\n.Dt ", out);
	for (const char *t = file; *t; t++)
		fputc(toupper((unsigned char)*t), out);
	fprintf(out, " 5\n.Os Roja\n.Sh NAME\n.Nm %s\n.Nd configuration of %.*s\n.Sh DESCRIPTION\n", file,
		(int)strcspn(file, "."), file);
	snprintf(about, sizeof(about), FILE_ABOUT, p->must);
	opt_man_text(about, out);
	fputs(".Pp\n", out);
	opt_man_text(ERRORS_ABOUT, out);
	fputs(".Pp\nThe keys are:\n", out);
}

static void man_mapping(const char *name, const struct config_row *r, FILE *out)
{
	fprintf(out, ".Ss %s\n", name);
	opt_man_text(r->help, out);
	man_rows(r->of, out);
}

void config_page_man(const struct config_page *p, FILE *out)
{
	const struct config_rows *top = p->program->top;
	man_head(p, out);
	man_rows(top, out);
	each_mapping(top, "", man_mapping, out);
	fputs(".Sh EXAMPLES\n.Bd -literal\n", out);
	char *example = strndup((const char *)p->example, p->example_bytes);
	opt_man_text(example ? example : "", out);
	free(example);
	fprintf(out, ".Ed\n.Sh SEE ALSO\n.Xr %.*s 1\n", (int)strcspn(p->program->manual, "."),
		p->program->manual);
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/opt.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define HELP_COLUMN 26
#define HELP_WIDTH  80

static const struct opt *find_name(const struct opt_program *prog, const char *name, size_t len)
{
	for (unsigned i = 0; i < prog->n_opts; i++)
		if (strlen(prog->opts[i].name) == len && !memcmp(prog->opts[i].name, name, len))
			return &prog->opts[i];
	return NULL;
}

static const struct opt *find_letter(const struct opt_program *prog, char letter)
{
	for (unsigned i = 0; i < prog->n_opts; i++)
		if (prog->opts[i].letter == letter)
			return &prog->opts[i];
	return NULL;
}

static int set_u64(const struct opt *o, const char *text, uint64_t *ret, struct err *e)
{
	char *end;
	errno = 0;
	uint64_t v = strtoull(text, &end, 0);
	if (end == text || *end || *text == '-' || errno || v < o->min || v > o->max)
		return err_set(e, -EINVAL, "--%s: \"%s\" is not a number from %" PRIu64 " to %" PRIu64,
			       o->name, text, o->min, o->max);
	*ret = v;
	return 0;
}

static int set_enum(const struct opt *o, const char *text, unsigned *ret, struct err *e)
{
	char all[256] = "";
	size_t used = 0;
	for (unsigned i = 0; o->values[i]; i++) {
		if (!strcmp(o->values[i], text)) {
			*ret = i;
			return 0;
		}
		int n = snprintf(all + used, sizeof(all) - used, "%s%s", i ? ", " : "", o->values[i]);
		used += n > 0 && used + (size_t)n < sizeof(all) ? (size_t)n : 0;
	}
	return err_set(e, -EINVAL, "--%s: \"%s\" is none of: %s", o->name, text, all);
}

static int set_value(const struct opt *o, const char *text, void *values, struct err *e)
{
	void *place = (char *)values + o->off;
	switch (o->type) {
	case OPT_FLAG:
		*(bool *)place = true;
		return 0;
	case OPT_STRING:
		*(const char **)place = text;
		return 0;
	case OPT_LIST: {
		struct opt_list *l = place;
		if (l->n == OPT_LIST_MAX)
			return err_set(e, -EINVAL, "--%s: given more than %u times", o->name, OPT_LIST_MAX);
		l->v[l->n++] = text;
		return 0;
	}
	case OPT_U64:
		return set_u64(o, text, place, e);
	case OPT_ENUM:
		return set_enum(o, text, place, e);
	}
	return -EINVAL;
}

/* Reads the option at argv[*i]; moves *i over its value. */
static int read_option(const struct opt_program *prog, int argc, char **argv, int *i, void *values,
		       struct err *e)
{
	const char *arg = argv[*i], *value = NULL;
	const struct opt *o;
	if (arg[1] == '-') {
		size_t len = strcspn(arg + 2, "=");
		o = find_name(prog, arg + 2, len);
		value = arg[2 + len] ? arg + 3 + len : NULL;
	} else {
		o = find_letter(prog, arg[1]);
		value = arg[2] ? arg + 2 : NULL;
	}
	if (!o)
		return err_set(e, -EINVAL, "%s: no such option; see %s --help", arg, prog->name);
	if (o->type == OPT_FLAG && value)
		return err_set(e, -EINVAL, "--%s takes no value", o->name);
	if (o->type != OPT_FLAG && !value) {
		if (*i + 1 >= argc)
			return err_set(e, -EINVAL, "--%s needs a value: --%s %s", o->name, o->name, o->arg);
		value = argv[++*i];
	}
	return set_value(o, value, values, e);
}

int opt_parse(const struct opt_program *prog, int argc, char **argv, void *values, char **ret_args,
	      int *ret_n, struct err *e)
{
	int n = 0;
	bool operands_only = false;
	for (int i = 1; i < argc; i++) {
		char *arg = argv[i];
		if (operands_only || arg[0] != '-' || !arg[1]) {
			ret_args[n++] = arg;
		} else if (!strcmp(arg, "--")) {
			operands_only = true;
		} else if (!strcmp(arg, "--help") || !strcmp(arg, "-h")) {
			opt_help(prog, stdout);
			return OPT_DONE;
		} else if (!strcmp(arg, "--version")) {
			printf("%s %s\n", prog->name, ROJA_VERSION);
			return OPT_DONE;
		} else if (!strcmp(arg, "--man")) { /* for scripts/man, which writes docs/man/ */
			opt_man(prog, stdout);
			return OPT_DONE;
		} else {
			int err = read_option(prog, argc, argv, &i, values, e);
			if (err)
				return err;
		}
	}
	*ret_n = n;
	return OPT_RUN;
}

static void wrap(FILE *out, const char *text, size_t column)
{
	size_t at = column;
	while (*text) {
		size_t word = strcspn(text, " ");
		if (at > column && at + 1 + word > HELP_WIDTH) {
			fprintf(out, "\n%*s", (int)column, "");
			at = column;
		} else if (at > column) {
			fputc(' ', out);
			at++;
		}
		fwrite(text, 1, word, out);
		at += word;
		text += word;
		text += strspn(text, " ");
	}
	fputc('\n', out);
}

static void help_row(FILE *out, char letter, const char *name, const char *arg, const char *help)
{
	char left[64], short_form[8] = "    ";
	if (letter)
		snprintf(short_form, sizeof(short_form), "-%c, ", letter);
	int n =
	    snprintf(left, sizeof(left), "  %s--%s%s%s", short_form, name, arg ? " " : "", arg ? arg : "");
	fputs(left, out);
	if (n + 2 > HELP_COLUMN)
		fprintf(out, "\n%*s", HELP_COLUMN, "");
	else
		fprintf(out, "%*s", HELP_COLUMN - n, "");
	wrap(out, help, HELP_COLUMN);
}

void opt_help(const struct opt_program *prog, FILE *out)
{
	fprintf(out, "Usage: %s %s\n\n", prog->name, prog->synopsis);
	wrap(out, prog->about, 0);
	fputs("\nOptions:\n", out);
	for (unsigned i = 0; i < prog->n_opts; i++)
		help_row(out, prog->opts[i].letter, prog->opts[i].name, prog->opts[i].arg,
			 prog->opts[i].help);
	help_row(out, 'h', "help", NULL, "Print this help.");
	help_row(out, 0, "version", NULL, "Print the version.");
	if (prog->more)
		fprintf(out, "\n%s", prog->more);
}

/* Text for mdoc: a leading dot or quote would be a macro. */
static void man_text(FILE *out, const char *text)
{
	bool line_start = true;
	for (const char *t = text; *t; t++) {
		if (line_start && (*t == '.' || *t == '\''))
			fputs("\\&", out);
		if (*t == '\\')
			fputs("\\e", out);
		else if (*t == '-')
			fputs("\\-", out);
		else
			fputc(*t, out);
		line_start = *t == '\n';
	}
	fputc('\n', out);
}

void opt_man(const struct opt_program *prog, FILE *out)
{
	char title[64];
	size_t n = 0;
	for (const char *t = prog->name; *t && n + 1 < sizeof(title); t++)
		title[n++] = *t == ' ' ? '-' : *t;
	title[n] = 0;
	fprintf(
	    out,
	    ".Dd $Mdocdate$\n.Dt %s 1\n.Os Roja\n.Sh NAME\n.Nm %s\n.Nd Roja traffic inspection\n.Sh SYNOPSIS\n.Nm\n",
	    title, prog->name);
	man_text(out, prog->synopsis);
	fputs(".Sh DESCRIPTION\n", out);
	man_text(out, prog->about);
	fputs(".Sh OPTIONS\n.Bl -tag -width Ds\n", out);
	for (unsigned i = 0; i < prog->n_opts; i++) {
		const struct opt *o = &prog->opts[i];
		fprintf(out, ".It Fl \\-%s", o->name);
		if (o->letter)
			fprintf(out, " , Fl %c", o->letter);
		if (o->arg)
			fprintf(out, " Ar %s", o->arg);
		fputc('\n', out);
		man_text(out, o->help);
	}
	fputs(".El\n", out);
	if (prog->more) {
		fputs(".Sh NOTES\n.Bd -literal\n", out);
		man_text(out, prog->more);
		fputs(".Ed\n", out);
	}
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/opt.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define HELP_COLUMN 26
#define HELP_WIDTH  80

/* The options that every program has. */
#define HELP_OF_HELP	"Print this help."
#define HELP_OF_VERSION "Print the version."

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

/* Decimal, or hexadecimal behind 0x. strtoull alone would also take signs, white space and octal. */
static int set_u64(const struct opt *o, const char *text, uint64_t *ret, struct err *e)
{
	char *end = NULL;
	bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	const char *digits = hex ? text + 2 : text;
	errno = 0;
	uint64_t v = isxdigit((unsigned char)*digits) ? strtoull(text, &end, hex ? 16 : 10) : 0;
	if (!end || *end || errno || v < o->min || v > o->max)
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

/* Sets `o` to `value`, or to the next argument if value is NULL and one is needed; moves *i over that. */
static int take_value(const struct opt *o, const char *value, int argc, char **argv, int *i, void *values,
		      struct err *e)
{
	if (o->type == OPT_FLAG && value)
		return err_set(e, -EINVAL, "--%s takes no value", o->name);
	if (o->type != OPT_FLAG && !value) {
		if (*i + 1 >= argc)
			return err_set(e, -EINVAL, "--%s needs a value: --%s %s", o->name, o->name, o->arg);
		value = argv[++*i];
	}
	return set_value(o, value, values, e);
}

static int read_name(const struct opt_program *prog, int argc, char **argv, int *i, void *values,
		     struct err *e)
{
	const char *name = argv[*i] + 2;
	size_t len = strcspn(name, "=");
	const struct opt *o = find_name(prog, name, len);
	if (!o)
		return err_set(e, -EINVAL, "--%.*s: no such option; see %s --help", (int)len, name,
			       prog->name);
	return take_value(o, name[len] ? name + len + 1 : NULL, argc, argv, i, values, e);
}

/* "-js" is -j -s, "-wFILE" is -w FILE, "-jwFILE" is both. */
static int read_letters(const struct opt_program *prog, int argc, char **argv, int *i, void *values,
			struct err *e)
{
	for (const char *l = argv[*i] + 1; *l; l++) {
		const struct opt *o = find_letter(prog, *l);
		if (!o)
			return err_set(e, -EINVAL, "-%c: no such option; see %s --help", *l, prog->name);
		if (o->type != OPT_FLAG)
			return take_value(o, l[1] ? l + 1 : NULL, argc, argv, i, values, e);
		set_value(o, NULL, values, e);
	}
	return 0;
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
			int err = arg[1] == '-' ? read_name(prog, argc, argv, &i, values, e)
						: read_letters(prog, argc, argv, &i, values, e);
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
	help_row(out, 'h', "help", NULL, HELP_OF_HELP);
	help_row(out, 0, "version", NULL, HELP_OF_VERSION);
	if (prog->more)
		fprintf(out, "\n%s", prog->more);
}

void opt_man_text(const char *text, FILE *out)
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
	if (!line_start)
		fputc('\n', out);
}

static void man_name(const struct opt_program *prog, FILE *out)
{
	const char *stop = strstr(prog->about, ". ");
	size_t sentence = stop ? (size_t)(stop - prog->about) : strcspn(prog->about, ".");
	fputs(".Dd " OPT_MAN_DATE "\n.Dt ", out);
	for (const char *t = prog->name; *t; t++)
		fputc(*t == ' ' ? '-' : toupper((unsigned char)*t), out);
	fprintf(out, " 1\n.Os Roja\n.Sh NAME\n.Nm \"%s\"\n.Nd %.*s\n", prog->name, (int)sentence,
		prog->about);
}

static void man_row(FILE *out, char letter, const char *name, const char *arg, const char *help)
{
	fputs(".It ", out);
	if (letter)
		fprintf(out, "Fl %c , ", letter);
	fprintf(out, "Fl \\-%s", name);
	if (arg)
		fprintf(out, " Ar %s", arg);
	fputc('\n', out);
	opt_man_text(help, out);
}

void opt_man(const struct opt_program *prog, FILE *out)
{
	man_name(prog, out);
	fprintf(out, ".Sh SYNOPSIS\n.Nm \"%s\"\n", prog->name);
	opt_man_text(prog->synopsis, out);
	fputs(".Sh DESCRIPTION\n", out);
	opt_man_text(prog->about, out);
	fputs(".Pp\nThe options are:\n.Bl -tag -width Ds\n", out);
	for (unsigned i = 0; i < prog->n_opts; i++)
		man_row(out, prog->opts[i].letter, prog->opts[i].name, prog->opts[i].arg, prog->opts[i].help);
	man_row(out, 'h', "help", NULL, HELP_OF_HELP);
	man_row(out, 0, "version", NULL, HELP_OF_VERSION);
	fputs(".El\n", out);
	if (prog->more) {
		fputs(".Sh NOTES\n.Bd -literal\n", out);
		opt_man_text(prog->more, out);
		fputs(".Ed\n", out);
	}
}

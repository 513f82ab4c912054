/* SPDX-License-Identifier: BSD-3-Clause */
/* --help and the man page, of the same rows. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "common/opt.h"

#define HELP_COLUMN 26
#define HELP_WIDTH  80

/* The options that every program has. */
#define HELP_OF_HELP	"Print this help."
#define HELP_OF_VERSION "Print the version."

void opt_synopsis(const struct opt_program *prog, FILE *out)
{
	if (prog->synopsis) {
		fputs(prog->synopsis, out);
		return;
	}
	fputs("[OPTION]...", out);
	for (unsigned i = 0; i < prog->n_opts; i++)
		if (prog->opts[i].required && !prog->opts[i].operand)
			fprintf(out, " --%s %s", prog->opts[i].name, prog->opts[i].arg);
	for (unsigned i = 0; i < prog->n_opts; i++) {
		const struct opt *o = &prog->opts[i];
		if (o->operand)
			fprintf(out, o->required ? " %s%s" : " [%s%s]", o->arg,
				o->type == OPT_LIST ? "..." : "");
	}
}

void opt_wrap(FILE *out, const char *text, size_t column)
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

static void help_row(FILE *out, const struct opt *o)
{
	char left[64], short_form[8] = "    ";
	int n;
	if (o->letter)
		snprintf(short_form, sizeof(short_form), "-%c, ", o->letter);
	if (o->operand)
		n = snprintf(left, sizeof(left), "  %s", o->arg);
	else
		n = snprintf(left, sizeof(left), "  %s--%s%s%s", short_form, o->name, o->arg ? " " : "",
			     o->arg ? o->arg : "");
	fputs(left, out);
	if (n + 2 > HELP_COLUMN)
		fprintf(out, "\n%*s", HELP_COLUMN, "");
	else
		fprintf(out, "%*s", HELP_COLUMN - n, "");
	opt_wrap(out, o->help, HELP_COLUMN);
}

static const struct opt of_every_program[] = {
    {.name = "help", .letter = 'h', .help = HELP_OF_HELP},
    {.name = "version", .help = HELP_OF_VERSION},
};

static void help_operands(const struct opt_program *prog, FILE *out)
{
	bool some = false;
	for (unsigned i = 0; i < prog->n_opts; i++) {
		if (!prog->opts[i].operand)
			continue;
		if (!some)
			fputs("\nArguments:\n", out);
		some = true;
		help_row(out, &prog->opts[i]);
	}
}

void opt_help(const struct opt_program *prog, FILE *out)
{
	char *usage = NULL;
	size_t len;
	FILE *f = open_memstream(&usage, &len);
	if (f) {
		fprintf(f, "Usage: %s ", prog->name);
		opt_synopsis(prog, f);
		fclose(f);
		opt_wrap(out, usage, 0);
		free(usage);
	}
	fputc('\n', out);
	opt_wrap(out, prog->about, 0);
	help_operands(prog, out);
	fputs("\nOptions:\n", out);
	for (unsigned i = 0; i < prog->n_opts; i++)
		if (!prog->opts[i].operand)
			help_row(out, &prog->opts[i]);
	for (unsigned i = 0; i < sizeof(of_every_program) / sizeof(*of_every_program); i++)
		help_row(out, &of_every_program[i]);
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

void opt_man_rows(const struct opt *rows, unsigned n, FILE *out)
{
	for (const struct opt *o = rows; o < rows + n; o++) {
		fputs(".It ", out);
		if (o->operand) {
			fprintf(out, "Ar %s\n", o->arg);
		} else {
			if (o->letter)
				fprintf(out, "Fl %c , ", o->letter);
			fprintf(out, "Fl \\-%s", o->name);
			if (o->arg)
				fprintf(out, " Ar %s", o->arg);
			fputc('\n', out);
		}
		opt_man_text(o->help, out);
	}
}

static void man_synopsis(const struct opt_program *prog, FILE *out)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	if (!f)
		return;
	opt_synopsis(prog, f);
	fclose(f);
	opt_man_text(text, out);
	free(text);
}

void opt_man(const struct opt_program *prog, FILE *out)
{
	man_name(prog, out);
	fprintf(out, ".Sh SYNOPSIS\n.Nm \"%s\"\n", prog->name);
	man_synopsis(prog, out);
	fputs(".Sh DESCRIPTION\n", out);
	opt_man_text(prog->about, out);
	fputs(".Pp\nThe options are:\n.Bl -tag -width Ds\n", out);
	opt_man_rows(prog->opts, prog->n_opts, out);
	opt_man_rows(of_every_program, sizeof(of_every_program) / sizeof(*of_every_program), out);
	fputs(".El\n", out);
	if (prog->more) {
		fputs(".Sh NOTES\n.Bd -literal\n", out);
		opt_man_text(prog->more, out);
		fputs(".Ed\n", out);
	}
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Help and man page of all commands, from their rows. */
#include <stdlib.h>
#include <string.h>

#include "audit/tool/tool.h"

#define ABOUT                                                                                                           \
	"Checks the audit log of Roja, without its daemons, privileges or network. A verdict names the first bad leaf " \
	"and the file that it is in."

static const char more[] =
    "A log proves only that it is consistent with itself, unless its key is known from elsewhere: give --key, from a\n"
    "letter or another log's reader. What was verified is kept, so that a log that was cut or rewritten since is found.\n";

#define COLUMN 14

void tool_help(FILE *out)
{
	fputs("Usage: roja-audit COMMAND [OPTION]...\n\n", out);
	opt_wrap(out, ABOUT, 0);
	fputs("\nCommands:\n", out);
	for (const struct tool_command *const *c = tool_commands; *c; c++) {
		const char *about = (*c)->program.about, *stop = strstr(about, ". ");
		char line[256];
		snprintf(line, sizeof(line), "%.*s", stop ? (int)(stop - about) + 1 : (int)strlen(about),
			 about);
		fprintf(out, "  %-*s", COLUMN - 2, (*c)->word);
		opt_wrap(out, line, COLUMN);
	}
	fprintf(out, "\n%s\nroja-audit COMMAND --help tells of one.\n\n%s", more, TOOL_EXIT_CODES);
}

void tool_man(FILE *out)
{
	fputs(".Dd " OPT_MAN_DATE "\n.Dt ROJA-AUDIT 1\n.Os Roja\n.Sh NAME\n.Nm roja\\-audit\n"
	      ".Nd checks an audit log and what was taken out of it\n.Sh SYNOPSIS\n",
	      out);
	for (const struct tool_command *const *c = tool_commands; *c; c++) {
		char *text = NULL;
		size_t n;
		FILE *f = open_memstream(&text, &n);
		if (!f)
			return;
		fprintf(f, "%s ", (*c)->program.name);
		opt_synopsis(&(*c)->program, f);
		fclose(f);
		opt_man_text(text, out);
		fputs(".br\n", out);
		free(text);
	}
	fputs(".Sh DESCRIPTION\n", out);
	opt_man_text(ABOUT, out);
	fputs(".Pp\n", out);
	opt_man_text(more, out);
	for (const struct tool_command *const *c = tool_commands; *c; c++) {
		const struct opt_program *p = &(*c)->program;
		fprintf(out, ".Ss \"%s\"\n", p->name);
		opt_man_text(p->about, out);
		fputs(".Bl -tag -width Ds\n", out);
		opt_man_rows(p->opts, p->n_opts, out);
		fputs(".El\n", out);
		if (p->more) {
			fputs(".Bd -literal\n", out);
			opt_man_text(p->more, out);
			fputs(".Ed\n", out);
		}
	}
	fputs(".Sh FAULTS\nThe word of a verdict is one of:\n.Bl -tag -width Ds\n", out);
#define X(NAME, word, help)                   \
	if (VERIFY_##NAME) {                  \
		fputs(".It " word "\n", out); \
		opt_man_text(help ".", out);  \
	}
	VERIFY_FAULTS(X)
#undef X
	fputs(".El\n.Sh EXIT STATUS\n", out);
	opt_man_text(TOOL_EXIT_CODES, out);
	fputs(".Sh SEE ALSO\ndocs/audit.md, docs/audit\\-format.md\n", out);
}

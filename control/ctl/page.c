/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/ctl/page.h"

#include <ctype.h>
#include <string.h>

#include "control/ctl/ask.h"
#include "control/ctl/tools.h"

#define WORD_COLUMN 16
#define WORD_BYTES  32

static bool begins(const struct ctl_command *c, const char *word)
{
	return strlen(word) == command_first(c) && !strncmp(c->path, word, command_first(c));
}

static bool seen_before(unsigned i)
{
	const struct ctl_command *c = command_at(i);
	size_t n = command_first(c);
	for (unsigned k = 0; k < i; k++)
		if (command_first(command_at(k)) == n && !strncmp(command_at(k)->path, c->path, n))
			return true;
	return false;
}

void page_words(void (*each)(void *ctx, const char *word, const char *says), void *ctx)
{
	const struct ctl_command *c;
	for (unsigned i = 0; (c = command_at(i)); i++) {
		char word[WORD_BYTES];
		snprintf(word, sizeof(word), "%.*s", (int)command_first(c), c->path);
		const struct ctl_group *g = command_group(word);
		if (!seen_before(i))
			each(ctx, g ? g->name : c->path, g ? g->about : c->help);
	}
}

static void help_row(void *ctx, const char *word, const char *says)
{
	FILE *out = ctx;
	fprintf(out, "  %-*s", WORD_COLUMN - 2, word);
	opt_wrap(out, says, WORD_COLUMN);
}

void page_help(const char *word, FILE *out)
{
	const struct ctl_group *g = word ? command_group(word) : NULL;
	const struct ctl_command *c;
	fprintf(out, "Usage: rojactl%s%s COMMAND [ARGUMENT]...\n\n", word ? " " : "", word ? word : "");
	opt_wrap(out, g ? g->about : "Works with blocking orders, their lists, and what enforces them.", 0);
	fputs("\nCommands:\n", out);
	if (!word)
		page_words(help_row, out);
	for (unsigned i = 0; word && (c = command_at(i)); i++)
		if (begins(c, word))
			help_row(out, command_rest(c), c->help);
	fprintf(out, "\nrojactl%s%s COMMAND --help says more. --version prints the version.\n",
		word ? " " : "", word ? word : "");
	if (!word)
		fputs("Without a command, on a terminal, it reads commands: rojactl shell --help.\n", out);
}

static void man_head(const char *word, const char *says, FILE *out)
{
	size_t sentence = strcspn(says, ".:");
	fputs(".Dd " OPT_MAN_DATE "\n.Dt ROJACTL", out);
	if (word) {
		fputc('-', out);
		for (const char *p = word; *p; p++)
			fputc(toupper((unsigned char)*p), out);
	}
	fprintf(out, " 1\n.Os Roja\n.Sh NAME\n.Nm \"rojactl%s%s\"\n.Nd %.*s\n", word ? " " : "",
		word ? word : "", (int)sentence, says);
}

static void man_synopsis(const struct opt_program *p, FILE *out)
{
	char text[512] = "";
	FILE *f = fmemopen(text, sizeof(text) - 1, "w");
	if (!f)
		return;
	opt_synopsis(p, f);
	fclose(f);
	fprintf(out, ".Nm \"%s\"\n", p->name);
	opt_man_text(text, out);
}

/* Its own options; those that all commands share stand once at the end. */
static void man_command(const struct ctl_command *c, const struct command_page *p, FILE *out)
{
	const struct opt *own = c->program ? p->program.opts : p->rows;
	unsigned n = c->program ? p->program.n_opts : c->n_opts + c->all + (c->job && !c->plain);
	fprintf(out, ".Ss \"%s\"\n", c->path);
	opt_man_text(p->program.about, out);
	if (n) {
		fputs(".Bl -tag -width Ds\n", out);
		opt_man_rows(own, n, out);
		fputs(".El\n", out);
	}
	if (c->program && p->program.more) {
		fputs(".Bd -literal\n", out);
		opt_man_text(p->program.more, out);
		fputs(".Ed\n", out);
	}
}

static const struct opt every_command[] = {
    {.name = "json", .letter = 'j', .help = "Print what the daemon answered, as a line of JSON."},
    {.name = "socket",
     .letter = 's',
     .arg = "PATH",
     .help = "The daemon's socket. Of roja-control by default what the environment's " ASK_SOCKET_ENVIRONMENT
	     " says, else " ASK_SOCKET_CONTROL "; of roja-dataplane " ASK_SOCKET "."},
    {.name = "timeout",
     .letter = 't',
     .arg = "MS",
     .help = "How long to wait for an answer, in milliseconds."},
    {.name = "help", .letter = 'h', .help = "Print help."},
    {.name = "version", .help = "Print the version."},
};

static void man_tail(FILE *out)
{
	fputs(".Sh OPTIONS OF ALL COMMANDS\n"
	      "Commands that ask a daemon have them all, others the last two.\n"
	      ".Bl -tag -width Ds\n",
	      out);
	opt_man_rows(every_command, sizeof(every_command) / sizeof(*every_command), out);
	fputs(".El\n.Sh EXIT STATUS\n.Bd -literal\n", out);
	opt_man_text(COMMAND_EXIT_CODES, out);
	fputs(".Ed\n", out);
}

static void man_of_word(const char *word, FILE *out)
{
	static struct command_page page;
	const struct ctl_group *g = command_group(word);
	const struct ctl_command *c, *first = NULL;
	for (unsigned i = 0; (c = command_at(i)); i++)
		first = !first && begins(c, word) ? c : first;
	if (first->program && !g) {
		opt_man(first->program, out);
		return;
	}
	man_head(word, g ? g->about : first->help, out);
	fputs(".Sh SYNOPSIS\n", out);
	for (unsigned i = 0; (c = command_at(i)); i++)
		if (begins(c, word)) {
			command_page(c, &page);
			man_synopsis(&page.program, out);
			fputs(".br\n", out);
		}
	fputs(".Sh DESCRIPTION\n", out);
	opt_man_text(g ? g->about : "One of the commands of rojactl(1).", out);
	for (unsigned i = 0; (c = command_at(i)); i++)
		if (begins(c, word)) {
			command_page(c, &page);
			man_command(c, &page, out);
		}
	man_tail(out);
	fputs(".Sh SEE ALSO\n.Xr rojactl 1\n", out);
}

static void man_row(void *ctx, const char *word, const char *says)
{
	FILE *out = ctx;
	const struct ctl_command *c;
	fprintf(out, ".It Cm %s\n", word);
	opt_man_text(says, out);
	for (unsigned i = 0, n = 0; command_group(word) && (c = command_at(i)); i++)
		if (begins(c, word))
			fprintf(out, "%s%s", n++ ? ", " : "Commands: ", command_rest(c));
	if (command_group(word))
		fputs(".\n", out);
}

static const struct opt environment[] = {
    {.operand = true, .arg = ASK_SOCKET_ENVIRONMENT, .help = "The socket of roja-control."},
    {.operand = true,
     .arg = "NO_COLOR",
     .help = "If it is not empty, there are no colours. Files and pipes never get any."},
    {.operand = true,
     .arg = "XDG_STATE_HOME",
     .help = "The folder that holds roja/history, the history of the shell; ~/.local/state by default."},
};

void page_man(const char *word, FILE *out)
{
	if (word) {
		man_of_word(word, out);
		return;
	}
	man_head(NULL, "Works with blocking orders, their lists, and what enforces them.", out);
	fputs(
	    ".Sh SYNOPSIS\n.Nm rojactl\n.Ar COMMAND\n.Op Ar ARGUMENT...\n.br\n.Nm rojactl\n.Sh DESCRIPTION\n",
	    out);
	opt_man_text(
	    "Asks the daemons roja-control and roja-dataplane on their sockets. Without a command, on a "
	    "terminal, it reads commands (rojactl-shell(1)).\n"
	    "Answers are tables; --json gives the daemon's own answer. Times are in UTC. What comes from lists "
	    "and letters is escaped, so that it never moves the cursor.\n"
	    "Who may what is decided by the user and groups of whoever asks; rojactl whoami says which roles "
	    "that gives. What one person proposes another one approves.\n"
	    "Each word has a page of its own, such as rojactl-order(1):",
	    out);
	fputs(".Bl -tag -width Ds\n", out);
	page_words(man_row, out);
	fputs(".El\n", out);
	man_tail(out);
	fputs(".Sh ENVIRONMENT\n.Bl -tag -width Ds\n", out);
	opt_man_rows(environment, sizeof(environment) / sizeof(*environment), out);
	fputs(".El\n.Sh SEE ALSO\n.Xr roja-dataplane 1\n", out);
}

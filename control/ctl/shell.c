/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/ctl/shell.h"

#include <errno.h>
#include <glob.h>
#include <histedit.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wchar.h>

#include "control/ctl/complete.h"
#include "control/ctl/page.h"
#include "control/ctl/run.h"
#include "control/ctl/table.h"
#include "control/ctl/tools.h"

#define SHOWN_MAX 200 /* candidates */

static volatile sig_atomic_t signalled;

static void on_signal(int number)
{
	signalled = number;
}

/* Ctrl-C gives up the line or ends the command, never the shell. A stopped shell would leave the terminal raw. */
static void catch_signals(void)
{
	struct sigaction a = {.sa_handler = on_signal}; /* without SA_RESTART: reading ends */
	sigaction(SIGINT, &a, NULL);
	sigaction(SIGTERM, &a, NULL);
	sigaction(SIGHUP, &a, NULL);
	signal(SIGTSTP, SIG_IGN);
}

/* libedit's own reader swallows the first signal. */
static int read_character(EditLine *el, wchar_t *ret)
{
	mbstate_t state = {0};
	char byte;
	(void)el;
	for (;;) {
		ssize_t n = read(STDIN_FILENO, &byte, 1);
		if (n <= 0)
			return n ? -1 : 0;
		size_t used = mbrtowc(ret, &byte, 1, &state);
		if (used == (size_t)-1)
			state = (mbstate_t){0}; /* no character: left out */
		else if (used != (size_t)-2)
			return 1;
	}
}

struct shell {
	EditLine *el;
	History *history;
	const char *path; /* of the saved history; NULL: none */
};

static const char *prompt(EditLine *el)
{
	(void)el;
	return "rojactl> ";
}

static void remember(void *ctx, const char *line)
{
	struct shell *s = ctx;
	HistEvent ev;
	history(s->history, &ev, H_ENTER, line);
}

struct candidates {
	const char *typed;
	unsigned n;
	size_t common; /* bytes that all share */
	char *first;
	struct table *table;
};

static void collect(void *ctx, const char *word, const char *says)
{
	struct candidates *c = ctx;
	size_t same = 0;
	if (!c->first) {
		c->first = strdup(word);
		c->common = strlen(word);
	}
	while (c->first && same < c->common && word[same] == c->first[same])
		same++;
	c->common = same;
	if (c->n++ < SHOWN_MAX && c->table) {
		table_row(c->table);
		table_text(c->table, word, COLOUR_NONE);
		table_text(c->table, says, COLOUR_NONE);
	}
}

static void collect_files(struct candidates *c)
{
	char pattern[SHELL_LINE_MAX + 2];
	glob_t found = {0};
	snprintf(pattern, sizeof(pattern), "%s*", c->typed);
	if (!glob(pattern, GLOB_MARK, NULL, &found))
		for (size_t i = 0; i < found.gl_pathc; i++)
			collect(c, found.gl_pathv[i], "");
	globfree(&found);
}

/* The rest of a word, with what sh would read otherwise escaped. */
static void insert(EditLine *el, const char *text, size_t len, bool ends)
{
	char escaped[2 * SHELL_LINE_MAX];
	size_t n = 0;
	for (size_t i = 0; i < len && n + 3 < sizeof(escaped); i++) {
		if (strchr(" \t\"'\\", text[i]))
			escaped[n++] = '\\';
		escaped[n++] = text[i];
	}
	if (ends)
		escaped[n++] = ' ';
	escaped[n] = 0;
	el_insertstr(el, escaped);
}

static unsigned char on_tab(EditLine *el, int key)
{
	static struct shell_words w;
	static char nothing[] = "";
	const LineInfo *line = el_line(el);
	struct candidates c = {.table = table_new()};
	unsigned char then = CC_REFRESH;
	(void)key;
	if (shell_split(line->buffer, (size_t)(line->cursor - line->buffer), &w) || w.n == SHELL_WORDS_MAX)
		goto out;
	if (!w.within)
		w.v[++w.n] = nothing;
	c.typed = w.v[w.n];
	if (c.table) {
		table_column(c.table, "", TABLE_LEFT);
		table_column(c.table, "", TABLE_LEFT);
	}
	if (complete(w.v + 1, w.n, collect, &c))
		collect_files(&c);
	size_t typed = strlen(c.typed);
	if (!c.n) {
		then = CC_REFRESH_BEEP;
	} else if (c.common > typed || c.n == 1) {
		bool folder = c.common && c.first[c.common - 1] == '/';
		insert(el, c.first + typed, c.common - typed, c.n == 1 && !folder);
	} else if (c.table) {
		struct style s = style_of(stdout);
		fputc('\n', stdout);
		table_print_rows(c.table, &s);
		fflush(stdout);
		then = CC_REDISPLAY;
	}
out:
	table_free(c.table);
	free(c.first);
	return then;
}

static int open_editor(struct shell *s)
{
	HistEvent ev;
	if (!setlocale(LC_CTYPE, "") || MB_CUR_MAX == 1)
		setlocale(LC_CTYPE, "C.UTF-8");
	s->el = el_init("rojactl", stdin, stdout, stderr);
	s->history = history_init();
	if (!s->el || !s->history)
		return -ENOMEM;
	history(s->history, &ev, H_SETSIZE, SHELL_HISTORY_MAX);
	history(s->history, &ev, H_SETUNIQUE, 1);
	el_set(s->el, EL_PROMPT, prompt);
	el_set(s->el, EL_EDITOR, "emacs");
	el_set(s->el, EL_HIST, history, s->history);
	el_set(s->el, EL_ADDFN, "roja-complete", "Complete a word", on_tab);
	el_set(s->el, EL_BIND, "^I", "roja-complete", NULL);
	el_set(s->el, EL_BIND, "^R", "em-inc-search-prev", NULL);
	el_set(s->el, EL_GETCFN, read_character);
	s->path = shell_history_path();
	if (s->path)
		shell_history_read(s->path, remember, s);
	return 0;
}

static void close_editor(struct shell *s)
{
	if (s->el)
		el_end(s->el);
	if (s->history)
		history_end(s->history);
}

static void run_child(struct shell_words *w)
{
	fflush(NULL);
	pid_t pid = fork();
	if (pid < 0) {
		fprintf(stderr, "rojactl: no process can be started: %s\n", strerror(errno));
		return;
	}
	if (!pid) {
		signal(SIGINT, SIG_DFL);
		signal(SIGTERM, SIG_DFL);
		signal(SIGHUP, SIG_DFL);
		int code = run_words((int)w->n + 1, w->v);
		fflush(stdout);
		_exit(code);
	}
	int status;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFSIGNALED(status))
		fputc('\n', stdout);
}

static bool is(const struct shell_words *w, const char *a, const char *b)
{
	return w->n == 1 && (!strcmp(w->v[1], a) || !strcmp(w->v[1], b));
}

/* false: the shell ends. */
static bool run_line(struct shell *s, const char *line)
{
	static struct shell_words w;
	char saved[SHELL_LINE_MAX + 1];
	int err = shell_split(line, strlen(line), &w);
	if (!err && !w.n)
		return true;
	remember(s, line);
	if (s->path && shell_history_line(line, saved, sizeof(saved)))
		shell_history_append(s->path, saved);
	if (err) {
		fprintf(stderr, "rojactl: %s\n",
			err == -EINVAL ? "a quote is not closed" : "the line has too many words or bytes");
		return true;
	}
	if (is(&w, "quit", "exit"))
		return false;
	if (is(&w, "shell", "shell")) {
		fputs("rojactl: this is the shell\n", stderr);
		return true;
	}
	run_child(&w);
	if (is(&w, "help", "--help"))
		puts("quit, exit or Ctrl-D ends the shell. Tab completes.");
	return true;
}

static bool ended(void)
{
	return signalled && signalled != SIGINT;
}

static void loop(struct shell *s)
{
	int n;
	while (!ended()) {
		signalled = 0;
		el_resize(s->el);
		const char *line = el_gets(s->el, &n);
		if (line && n > 0) {
			char *copy = strndup(line, (size_t)n);
			bool go_on = copy && run_line(s, copy);
			free(copy);
			if (!go_on)
				return;
		} else if (signalled == SIGINT) {
			fputs("^C\n", stdout);
			el_reset(s->el);
		} else {
			fputc('\n', stdout);
			return;
		}
	}
}

int shell_run(struct request *q)
{
	struct shell s = {0};
	(void)q;
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		fputs("rojactl shell: needs a terminal; give a command: rojactl --help\n", stderr);
		return CTL_FAILED;
	}
	catch_signals();
	int code = CTL_OK;
	if (open_editor(&s)) {
		fputs("rojactl shell: the terminal cannot be edited on\n", stderr);
		code = CTL_FAILED;
	} else {
		printf("rojactl %s. help lists the commands, quit ends.\n", ROJA_VERSION);
		loop(&s);
	}
	close_editor(&s);
	return code;
}

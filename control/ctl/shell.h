/* SPDX-License-Identifier: BSD-3-Clause */
/* shell: rojactl's interactive shell: a line is a command.
 *
 * Model:    words are split as sh splits them, without variables, globs and operators. Each command runs in a process of its own,
 *           so that Ctrl-C ends it alone and nothing of it stays in memory.
 * Limits:   SHELL_WORDS_MAX words, SHELL_LINE_MAX bytes a line; SHELL_HISTORY_MAX lines are kept.
 */
#ifndef CONTROL_CTL_SHELL_H
#define CONTROL_CTL_SHELL_H

#include <stdbool.h>
#include <stddef.h>

#define SHELL_WORDS_MAX	  256
#define SHELL_LINE_MAX	  8192
#define SHELL_HISTORY_MAX 1000

struct shell_words {
	char *v[SHELL_WORDS_MAX + 2]; /* v[0]: "rojactl"; NULL behind the last */
	unsigned n;		      /* without v[0] */
	bool within;		      /* the line ends within a word: one that is being typed */
	bool quoted;		      /* within quotes */
	char text[SHELL_LINE_MAX + SHELL_WORDS_MAX];
};

/* 0, -E2BIG, or -EINVAL where a quote is not closed; then the words are those so far. */
int shell_split(const char *line, size_t len, struct shell_words *ret);

/* What the saved history holds of a line: false: nothing, since it names no command; else `ret` is the line, or the command's
 * words alone where its arguments can be entries of lists. */
bool shell_history_line(const char *line, char *ret, size_t room);

/* The history's file; each function does what it can: a history is a convenience. The path, or NULL where no folder can be
 * told. */
const char *shell_history_path(void);
/* Calls back each line, the oldest first; shortens the file. */
void shell_history_read(const char *path, void (*each)(void *ctx, const char *line), void *ctx);
void shell_history_append(const char *path, const char *line);

#endif

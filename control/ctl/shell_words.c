/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>

#include "control/ctl/command.h"
#include "control/ctl/shell.h"

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

int shell_split(const char *line, size_t len, struct shell_words *ret)
{
	static char self[] = "rojactl";
	char *to = ret->text, quote = 0;
	ret->n = 0;
	ret->within = false;
	ret->v[0] = self;
	if (len > SHELL_LINE_MAX)
		return -E2BIG;
	for (size_t i = 0; i < len; i++) {
		char c = line[i];
		if (!quote && is_space(c)) {
			if (ret->within)
				*to++ = 0;
			ret->within = false;
			continue;
		}
		if (!ret->within) {
			if (ret->n == SHELL_WORDS_MAX)
				return -E2BIG;
			ret->v[++ret->n] = to;
			ret->within = true;
		}
		bool escape =
		    c == '\\' && i + 1 < len && (!quote || (quote == '"' && strchr("\"\\$`", line[i + 1])));
		if (escape)
			*to++ = line[++i];
		else if (c == quote)
			quote = 0;
		else if (!quote && (c == '"' || c == '\''))
			quote = c;
		else
			*to++ = c;
	}
	*to = 0;
	ret->quoted = quote;
	ret->v[ret->n + 1] = NULL;
	return quote ? -EINVAL : 0;
}

bool shell_history_line(const char *line, char *ret, size_t room)
{
	static struct shell_words w;
	unsigned used;
	size_t len = strcspn(line, "\n");
	if (shell_split(line, len, &w))
		return false;
	const struct ctl_command *c = command_find(w.v + 1, w.n, &used);
	if (!c)
		return false;
	int n =
	    c->is_secret ? snprintf(ret, room, "%s", c->path) : snprintf(ret, room, "%.*s", (int)len, line);
	return n > 0 && (size_t)n < room;
}

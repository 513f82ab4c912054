/* SPDX-License-Identifier: BSD-3-Clause */
#include "rules/glob.h"

#include <string.h>

struct writer {
	char *at, *end;
	bool full;
};

static void put(struct writer *w, const char *text, size_t len)
{
	if ((size_t)(w->end - w->at) < len) {
		w->full = true;
		return;
	}
	memcpy(w->at, text, len);
	w->at += len;
}

static void put_text(struct writer *w, const char *text)
{
	put(w, text, strlen(text));
}

size_t glob_expression(const struct list_entry *e, char *ret, size_t cap)
{
	struct writer w = {ret, ret + cap, false};
	const char *p = (const char *)e->text.p, *end = p + e->text.len;
	/* What one '*' stands for, by the part of the entry it is in. */
	const char *run = e->kind == RULE_URL_GLOB ? "[^.:/]*" : "[^.]*";

	put_text(&w, "^");
	if (end - p > 2 && !memcmp(p, "*.", 2)) {
		put_text(&w, e->kind == RULE_URL_GLOB ? "([^.:/]+\\.)+" : "([^.]+\\.)+");
		p += 2;
	}
	for (; p < end; p++) {
		if (*p == '*') {
			put_text(&w, p + 1 == end && e->kind == RULE_URL_GLOB ? ".*" : run);
			continue;
		}
		if (*p == '/' && *run == '[')
			run = "[^/?]*";
		if (*p == '?')
			run = ".*";
		if (strchr(".[](){}\\^$|?+", *p))
			put_text(&w, "\\");
		put(&w, p, 1);
	}
	put(&w, "$", 2);
	return w.full ? 0 : (size_t)(w.at - ret) - 1;
}

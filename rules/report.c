/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>

#include "rules/compile_state.h"

#define TEXT_MAX 200 /* bytes of a line that a note shows */

const char *const note_kind_names[NOTE_KINDS_N] = {
    [NOTE_REJECTED] = "rejected",
    [NOTE_DUPLICATE] = "duplicate",
    [NOTE_SHADOWED] = "shadowed",
    [NOTE_HTTP_ONLY] = "http-only",
};

/* What a terminal would obey becomes \xHH; ret has room for four times the text. */
static void show(const uint8_t *p, size_t len, char *ret)
{
	for (; len; p++, len--)
		if (*p < ' ' || *p == 0x7f)
			ret += sprintf(ret, "\\x%02x", *p);
		else
			*ret++ = (char)*p;
	*ret = 0;
}

int report_add(struct compiler *c, enum note_kind kind, uint32_t list, uint32_t line, uint32_t other_list,
	       uint32_t other_line, const char *why, const void *text, size_t len)
{
	if (c->report.notes_total[kind]++ >= REPORT_MAX_NOTES)
		return 0;
	struct report_note *n = vec_push(&c->notes, sizeof(*n));
	if (!n)
		return -ENOMEM;
	*n = (struct report_note){kind, list, line, other_list, other_line, NULL};
	char shown[4 * TEXT_MAX + 1];
	show(text, len < TEXT_MAX ? len : TEXT_MAX, shown);
	if (asprintf(&n->text, "%s: %s%s", why, shown, len > TEXT_MAX ? "..." : "") < 0) {
		n->text = NULL;
		c->notes.n--;
		return -ENOMEM;
	}
	c->report.notes = c->notes.at;
	c->report.n_notes = (uint32_t)c->notes.n;
	return 0;
}

void report_free(struct compiler *c)
{
	struct report_note *n = c->notes.at;
	for (size_t i = 0; i < c->notes.n; i++)
		free(n[i].text);
	free(n);
}

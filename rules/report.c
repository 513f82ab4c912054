/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>

#include "rules/compile_state.h"

const char *const note_kind_names[NOTE_KINDS_N] = {
    [NOTE_REJECTED] = "rejected",
    [NOTE_DUPLICATE] = "duplicate",
    [NOTE_SHADOWED] = "shadowed",
    [NOTE_HTTP_ONLY] = "http-only",
};

int report_add(struct compiler *c, enum note_kind kind, uint32_t list, uint32_t line, uint32_t other_list,
	       uint32_t other_line, const char *why, const void *text, size_t len)
{
	c->report.notes_total[kind]++;
	if (c->notes.n >= REPORT_MAX_NOTES)
		return 0;
	struct report_note *n = vec_push(&c->notes, sizeof(*n));
	if (!n)
		return -ENOMEM;
	*n = (struct report_note){kind, list, line, other_list, other_line, NULL};
	int shown = len > 200 ? 200 : (int)len;
	if (asprintf(&n->text, "%s: %.*s", why, shown, (const char *)text) < 0) {
		n->text = NULL;
		c->notes.n--;
		return -ENOMEM;
	}
	return 0;
}

void report_free(struct compiler *c)
{
	struct report_note *n = c->notes.at;
	for (size_t i = 0; i < c->notes.n; i++)
		free(n[i].text);
	free(n);
}

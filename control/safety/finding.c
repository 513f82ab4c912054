/* SPDX-License-Identifier: BSD-3-Clause */
/* finding: what was found, as a sentence for a person. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/quote.h"
#include "control/safety/safety.h"

#define ENTRY_SHOWN 1000

struct sentence {
	char *to;
	size_t room, len;
};

__attribute__((format(printf, 2, 3))) static void say(struct sentence *s, const char *fmt, ...)
{
	va_list ap;
	size_t at = s->len < s->room ? s->len : s->room;
	va_start(ap, fmt);
	int n = vsnprintf(s->to + at, s->room - at, fmt, ap);
	va_end(ap);
	s->len += n > 0 ? (size_t)n : 0;
}

/* For a shell: in single quotes, and nothing that moves a cursor. */
static void say_quoted(struct sentence *s, const char *text)
{
	char shown[ENTRY_SHOWN];
	quote_into(shown, sizeof(shown), text);
	say(s, "'");
	for (const char *p = shown; *p; p++)
		say(s, *p == '\'' ? "'\\''" : "%c", *p);
	say(s, "'");
}

static void say_what(struct sentence *s, const struct safety_finding *f, bool reveal)
{
	if (f->line)
		say(s, "line %u", f->line);
	else
		say(s, "the list");
	if (f->entry && reveal) {
		say(s, f->line ? " " : ", ");
		say_quoted(s, f->entry);
	}
	say(s, ": %s", safety_classes[f->class].help);
	if (f->guard && reveal)
		say(s, ": %s (%s, %s:%u)", f->guard->text, f->guard->reason, f->guard->file, f->guard->line);
	if (f->detail)
		say(s, ": %s", f->detail);
}

static void say_how_to_allow(struct sentence *s, const struct safety_finding *f, bool reveal)
{
	const struct safety_class_row *row = &safety_classes[f->class];
	if (row->scope == SAFETY_LIST) {
		say(s, "; if the authority confirms it, import it again accepting \"%s\"", row->word);
		return;
	}
	say(s, "; if it must be, two people allow it with a written assessment: rojactl override add ");
	if (reveal && f->entry && strlen(f->entry) < ENTRY_SHOWN - 1)
		say_quoted(s, f->entry);
	else
		say(s, "'(the entry of line %u)'", f->line);
	say(s, " 'ASSESSMENT'");
}

size_t safety_finding_text(const struct safety_finding *f, bool reveal, char *to, size_t room)
{
	struct sentence s = {to, room, 0};
	const struct safety_class_row *row = &safety_classes[f->class];
	say_what(&s, f, reveal);
	if (f->skipped)
		say(&s, ". It is left out");
	else if (f->accepted && row->severity != SAFETY_NOTE)
		say(&s, ". It is allowed (%s)", row->scope == SAFETY_LIST ? "accepted" : "override");
	else
		say(&s, ". What to do: %s", row->advice);
	if (row->severity == SAFETY_OVERRIDE && (!f->accepted || f->skipped))
		say_how_to_allow(&s, f, reveal);
	return s.len;
}

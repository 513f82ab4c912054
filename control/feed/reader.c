/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/feed/reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/quote.h"
#include "rules/list_write.h"

#define NOTE_BYTES 160 /* of a rejected line that are shown */

#define KIND(kind) (1u << RULE_##kind)

/* What a text may turn out to be, and the sentence where it is something else. */
static const struct {
	const char *word, *before;
	unsigned kinds;
	const char *why;
} takes[READER_TAKES_N] = {
    [TAKE_PLAIN] = {"plain", "", ~0u, ""},
    [TAKE_DOMAIN] = {"domain", "", KIND(DOMAIN) | KIND(SUBDOMAINS),
		     "no domain: here stand names such as name.test or *.name.test"},
    [TAKE_HOST] = {"host", "=", KIND(HOST), "no host: here stand names such as name.test"},
    [TAKE_URL] = {"url", "", KIND(URL),
		  "no URL: write http://name.test/ for the root page alone, name.test/* for all pages; whole "
		  "domains belong into a list of domains"},
    [TAKE_IP] = {"ip", "", KIND(PREFIX), "no address: here stand 192.0.2.1, 192.0.2.0/24, 2001:db8::/32"},
};

enum reader_take reader_take_find(const char *word)
{
	unsigned i = 0;
	while (i < READER_TAKES_N && strcmp(takes[i].word, word))
		i++;
	return i;
}

const char *reading_option(const struct reading *r, const char *name)
{
	const char *given = json_string_value(json_object_get(r->options, name));
	for (const struct reader_option *o = r->reader->options; !given && o && o->name; o++)
		if (!strcmp(o->name, name))
			given = o->standard;
	return given ? given : "";
}

bool reading_says_yes(const struct reading *r, const char *name)
{
	return !strcmp(reading_option(r, name), "yes");
}

void reading_begin(struct reading *r)
{
	r->wildcards = reading_says_yes(r, "wildcards");
	r->bare = reading_option(r, "bare");
}

int reading_line(struct reading *r, struct input_line *ret)
{
	return input_line(r->in, ret, r->e);
}

int reading_fail(struct reading *r, uint32_t line, int err, const char *fmt, ...)
{
	char why[ERR_BYTES];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	return err_set(r->e, err, "%s: line %u: %s", r->name, line, why);
}

struct span reading_trim(struct span s)
{
	for (; s.len && (s.p[s.len - 1] == ' ' || s.p[s.len - 1] == '\t' || s.p[s.len - 1] == '\r'); s.len--)
		;
	for (; s.len && (*s.p == ' ' || *s.p == '\t'); s.len--)
		s.p++;
	return s;
}

bool reading_is_blank(struct span s, const char *marks)
{
	s = reading_trim(s);
	return !s.len || strchr(marks, *s.p);
}

static char *note_text(struct span text)
{
	char raw[NOTE_BYTES + 1], quoted[2 * NOTE_BYTES];
	size_t n = text.len < NOTE_BYTES ? text.len : NOTE_BYTES;
	memcpy(raw, text.p, n);
	raw[n] = 0;
	quote_into(quoted, sizeof(quoted), raw);
	explicit_bzero(raw, sizeof(raw));
	char *copy = strdup(quoted);
	explicit_bzero(quoted, sizeof(quoted));
	return copy;
}

static int add_note(struct reading *r, uint32_t line, const char *why, struct span text)
{
	struct import_result *to = r->result;
	if (to->n_notes == IMPORT_NOTES_MAX)
		return 0;
	if (!to->notes)
		to->notes = calloc(IMPORT_NOTES_MAX, sizeof(*to->notes));
	struct import_note note = {line, why, to->notes ? note_text(text) : NULL};
	if (!note.text)
		return err_set(r->e, -ENOMEM, "%s: no memory to note what is rejected", r->name);
	to->notes[to->n_notes++] = note;
	return 0;
}

int reading_reject(struct reading *r, uint32_t line, const char *why, struct span text)
{
	if (r->result->rejected == r->max_rejected)
		return reading_fail(
		    r, line, -E2BIG,
		    "this is one rejected line more than the limit of %llu: is the file of the format "
		    "%s? Lines were rejected since: %s",
		    (unsigned long long)r->max_rejected, r->reader->format.name, why);
	r->result->rejected++;
	return add_note(r, line, why, text);
}

/* What a plain list's line may have and a field of another format has not. */
static const char *check_field(enum reader_take take, struct span s)
{
	if (!s.len)
		return "nothing stands here";
	if (*s.p == '#')
		return "a '#' in front: if it is a comment, this format has none";
	if (*s.p == '!')
		return "an exception ('!') stands in plain lists only: write it as an exception of its own";
	if (take != TAKE_HOST && *s.p == '=')
		return takes[take].why;
	for (size_t i = 1; i < s.len; i++)
		if (s.p[i] == '#' && (s.p[i - 1] == ' ' || s.p[i - 1] == '\t'))
			return "white space and a '#': if it is a comment, this format has none";
	return NULL;
}

static const char *check_kind(const struct reading *r, enum reader_take take, const struct list_entry *e)
{
	bool pattern = e->kind == RULE_URL_PREFIX || e->kind == RULE_URL_GLOB;
	if (take == TAKE_URL && pattern)
		return r->wildcards
			   ? NULL
			   : "a '*' in a URL: set the option wildcards=yes if this authority means any "
			     "bytes by it, else write %2A";
	return takes[take].kinds & 1u << e->kind ? NULL : takes[take].why;
}

/* What to take a text as, and what to write in front of it. */
static const char *interpret(const struct reading *r, struct span text, enum reader_take *take)
{
	bool is_bare = *take == TAKE_URL && !memchr(text.p, '/', text.len) && !memchr(text.p, '?', text.len);
	if (is_bare && !strcmp(r->bare, "domain"))
		*take = TAKE_DOMAIN;
	return is_bare && !strcmp(r->bare, "page") ? "http://" : takes[*take].before;
}

/* 1: *ret is set; 0: nothing stands there; -1: *ret_why. */
static int parse(struct reading *r, enum reader_take take, struct span text, struct list_entry *ret,
		 const char **ret_why)
{
	if (take == TAKE_PLAIN)
		return list_parse_line(text.p, text.len, &r->scratch, ret, ret_why);
	*ret_why =
	    text.len > LIST_LINE_MAX ? "longer than 16384 bytes" : NULL; /* perhaps cut: not to be trimmed */
	text = reading_trim(text);
	if (!*ret_why)
		*ret_why = check_field(take, text);
	if (*ret_why)
		return -1;
	const char *before = interpret(r, text, &take);
	if (*before) {
		memcpy(stpcpy(r->text, before), text.p, text.len);
		text = (struct span){(const uint8_t *)r->text, strlen(before) + text.len};
	}
	if (list_parse_line(text.p, text.len, &r->scratch, ret, ret_why) != 1)
		return -1;
	*ret_why = check_kind(r, take, ret);
	return *ret_why ? -1 : 1;
}

int reading_try(struct reading *r, enum reader_take take, uint32_t line, struct span text,
		const char **ret_why)
{
	struct list_entry e;
	int got = parse(r, take, text, &e, ret_why);
	if (got <= 0)
		return got ? 1 : 0;
	size_t n = list_entry_write(&e, r->text, sizeof(r->text));
	struct err why = {""};
	int err = entry_set_add(r->set, line, r->text, n, &why);
	return err ? err_set(r->e, err, "%s: line %u: %s", r->name, line, why.text) : 0;
}

int reading_take(struct reading *r, enum reader_take take, uint32_t line, struct span text)
{
	const char *why;
	int got = reading_try(r, take, line, text, &why);
	return got == 1 ? reading_reject(r, line, why, text) : got;
}

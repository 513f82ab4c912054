/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/feed/zone.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

void zone_init(struct zone *z, struct reading *r, const char *origin)
{
	z->r = r;
	z->has_owner = false;
	strcpy(z->origin, ".");
	zone_name(z, origin, z->origin);
}

bool zone_name(const struct zone *z, const char *name, char ret[ZONE_NAME_BYTES])
{
	char whole[ZONE_NAME_BYTES];
	size_t n = strlen(name);
	bool is_origin = !strcmp(name, "@"), is_whole = n && name[n - 1] == '.';
	const char *first = is_origin ? "" : name;
	const char *dot = is_origin || is_whole || !strcmp(z->origin, ".") ? "" : ".";
	const char *last = is_whole ? "" : z->origin;
	if (strlen(first) + strlen(dot) + strlen(last) >= sizeof(whole))
		return false;
	stpcpy(stpcpy(stpcpy(whole, first), dot), last);
	for (n = 0; whole[n]; n++)
		ret[n] = whole[n] >= 'A' && whole[n] <= 'Z' ? (char)(whole[n] | 0x20) : whole[n];
	ret[n] = 0;
	return true;
}

static void add_byte(struct zone *z, char byte)
{
	if (z->n < ZONE_RECORD_MAX - 1)
		z->text[z->n++] = byte;
	else
		z->bad = "the record is longer than 65536 bytes";
}

static void begin_word(struct zone *z)
{
	if (z->n_words < ZONE_WORDS_MAX)
		z->words[z->n_words++] = z->text + z->n;
}

/* A string in quotes, from behind the first of them; returns where it goes on. */
static size_t read_quoted(struct zone *z, struct span s, size_t i)
{
	begin_word(z);
	for (; i < s.len && s.p[i] != '"'; i++) {
		if (s.p[i] == '\\' && i + 1 < s.len)
			add_byte(z, (char)s.p[i++]);
		add_byte(z, (char)s.p[i]);
	}
	if (i == s.len)
		z->bad = "a quote that is not closed";
	add_byte(z, 0);
	return i + 1;
}

static size_t read_word(struct zone *z, struct span s, size_t i)
{
	begin_word(z);
	for (; i < s.len && !memchr(" \t;()\"", s.p[i], 6); i++) {
		if (s.p[i] == '\\' && i + 1 < s.len)
			add_byte(z, (char)s.p[i++]);
		add_byte(z, (char)s.p[i]);
	}
	add_byte(z, 0);
	return i;
}

static void read_words(struct zone *z, struct span s)
{
	for (size_t i = 0; i < s.len && s.p[i] != ';';) {
		if (s.p[i] == ' ' || s.p[i] == '\t') {
			i++;
		} else if (s.p[i] == '(') {
			z->depth++;
			i++;
		} else if (s.p[i] == ')') {
			if (!z->depth)
				z->bad = "a ')' without its '('";
			else
				z->depth--;
			i++;
		} else if (s.p[i] == '"') {
			i = read_quoted(z, s, i + 1);
		} else {
			i = read_word(z, s, i);
		}
	}
}

/* The words of a record, over all its lines. 1, 0 at the end, -errno. */
static int read_record(struct zone *z)
{
	struct input_line line;
	int got = reading_line(z->r, &line);
	if (got <= 0)
		return got;
	z->line = line.number;
	z->bad = NULL;
	z->depth = z->n_words = 0;
	z->n = 0;
	z->begins_blank = line.text.len && (*line.text.p == ' ' || *line.text.p == '\t');
	for (;;) {
		read_words(z, line.text);
		if (line.cut)
			return reading_fail(z->r, line.number, -EBADMSG,
					    "the line is longer than %d bytes: is this a zone file?",
					    INPUT_LINE_MAX);
		if (!z->depth)
			return 1;
		got = line.number - z->line < ZONE_LINES_MAX ? reading_line(z->r, &line) : 0;
		if (got < 0)
			return got;
		if (!got)
			return reading_fail(
			    z->r, z->line, -EBADMSG,
			    "a '(' is opened in this record and not closed: is the zone cut short?");
	}
}

static int read_directive(struct zone *z)
{
	const char *word = z->words[0];
	if (!strcasecmp(word, "$TTL"))
		return 0;
	if (!strcasecmp(word, "$ORIGIN") && z->n_words == 2 && zone_name(z, z->words[1], z->origin))
		return 0;
	if (!strcasecmp(word, "$ORIGIN"))
		return reading_fail(z->r, z->line, -EBADMSG, "$ORIGIN is followed by one name");
	return reading_fail(
	    z->r, z->line, -EBADMSG,
	    "%.12s is not followed, and the list would not be whole without it: give the zone as one "
	    "file of records, as a transfer (AXFR) or named-compilezone writes it",
	    !strcasecmp(word, "$INCLUDE")    ? "$INCLUDE"
	    : !strcasecmp(word, "$GENERATE") ? "$GENERATE"
					     : "a directive of this name");
}

static bool is_ttl(const char *word)
{
	return *word >= '0' && *word <= '9' && word[strspn(word, "0123456789smhdwSMHDW")] == 0;
}

static bool is_type(const char *word)
{
	return *word && !word[strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")];
}

static void take_apart(struct zone *z, struct zone_record *ret)
{
	unsigned at = !z->begins_blank;
	*ret = (struct zone_record){.line = z->line, .type = ""};
	if (at && !z->bad && !zone_name(z, z->words[0], z->owner))
		z->bad = "a name that is too long";
	if (at)
		z->has_owner = !z->bad;
	if (!z->bad && !z->has_owner)
		z->bad = "no name in front, nor in the record before";
	while (at < z->n_words && (is_ttl(z->words[at]) || !strcasecmp(z->words[at], "IN")))
		at++;
	if (!z->bad && (at == z->n_words || !is_type(z->words[at])))
		z->bad = "no type: a record is a name, a type and its data, such as name.test CNAME .";
	if (at < z->n_words)
		ret->type = z->words[at++];
	ret->bad = z->bad;
	ret->owner = z->owner;
	ret->n_data = z->n_words - (at < z->n_words ? at : z->n_words);
	ret->data = z->words + at;
}

int zone_next(struct zone *z, struct zone_record *ret)
{
	for (;;) {
		int got = read_record(z);
		if (got <= 0)
			return got;
		if (!z->n_words && !z->bad)
			continue;
		if (z->n_words && *z->words[0] == '$' && !z->begins_blank) {
			got = read_directive(z);
			if (got)
				return got;
			continue;
		}
		take_apart(z, ret);
		return 1;
	}
}

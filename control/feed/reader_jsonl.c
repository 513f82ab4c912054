/* SPDX-License-Identifier: BSD-3-Clause */
/* JSON lines: {"url": "..."}, {"domain": "..."}, {"host": "..."} or {"ip": "..."}, an object a line. */
#include <string.h>

#include "control/feed/reader.h"

#define DEPTH_MAX  8
#define NAME_BYTES 100

static const char *const fields[] = {"url", "domain", "host", "ip"};

/* jansson recurses: what is nested too deep never gets there. */
static bool is_deep(struct span s)
{
	unsigned depth = 0;
	bool in_text = false;
	for (size_t i = 0; i < s.len && depth <= DEPTH_MAX; i++) {
		if (s.p[i] == '\\' && in_text)
			i++;
		else if (s.p[i] == '"')
			in_text = !in_text;
		else if (!in_text && (s.p[i] == '{' || s.p[i] == '['))
			depth++;
		else if (!in_text && (s.p[i] == '}' || s.p[i] == ']') && depth)
			depth--;
	}
	return depth > DEPTH_MAX;
}

static const json_t *member(const json_t *o, const char *name)
{
	const json_t *value = json_object_get(o, name);
	return json_is_null(value) ? NULL : value;
}

/* The one member that is an entry. NULL: *ret_why. */
static const json_t *find(const struct reading *r, const json_t *o, enum reader_take *ret_take,
			  const char **ret_why)
{
	const char *field = reading_option(r, "field");
	const json_t *found = NULL;
	*ret_why =
	    *field
		? "the object has no such field as the option field names"
		: "the object has none of the fields url, domain, host, ip: name yours by the option field";
	if (*field) {
		*ret_take = reader_take_find(reading_option(r, "kind"));
		found = member(o, field);
	}
	for (unsigned i = 0; !*field && i < sizeof(fields) / sizeof(*fields); i++) {
		const json_t *value = member(o, fields[i]);
		if (value && found) {
			*ret_why =
			    "more than one of url, domain, host and ip: say by the option field which one is ordered";
			return NULL;
		}
		if (value)
			*ret_take = reader_take_find(fields[i]);
		found = value ? value : found;
	}
	if (found && !json_is_string(found))
		*ret_why = "the field is no text";
	return json_is_string(found) ? found : NULL;
}

static int take_object(struct reading *r, const struct input_line *line, const json_t *o)
{
	enum reader_take take = TAKE_PLAIN;
	const char *why = "no JSON object: each line is one, such as {\"domain\": \"name.test\"}";
	const json_t *value = json_is_object(o) ? find(r, o, &take, &why) : NULL;
	if (!value)
		return reading_reject(r, line->number, why, line->text);
	struct span text = {(const uint8_t *)json_string_value(value), json_string_length(value)};
	return reading_take(r, take, line->number, text);
}

static int take_line(struct reading *r, const struct input_line *line)
{
	if (line->cut)
		return reading_reject(r, line->number, "the line is longer than 65536 bytes", line->text);
	if (is_deep(line->text))
		return reading_reject(r, line->number, "objects and arrays are nested more than 8 deep",
				      line->text);
	json_error_t e;
	json_t *o = json_loadb((const char *)line->text.p, line->text.len, JSON_REJECT_DUPLICATES, &e);
	int err = take_object(r, line, o);
	json_decref(o);
	explicit_bzero(&e, sizeof(e)); /* it quotes the line */
	return err;
}

static int read_jsonl(struct reading *r)
{
	struct input_line line;
	int got;
	while ((got = reading_line(r, &line)) > 0) {
		int err = reading_is_blank(line.text, "") ? 0 : take_line(r, &line);
		if (err)
			return err;
	}
	return got;
}

static const char *check_field(const char *value)
{
	return *value && strlen(value) <= NAME_BYTES ? NULL : "the name of a member, of at most 100 bytes";
}

static const struct reader_option options[] = {
    {"field", "NAME", "",
     "the member with the entry; without it: the one of url, domain, host, ip that is there", check_field},
    {"kind", READER_KINDS, "domain", "what that field holds", NULL},
    READER_URL_OPTIONS,
    {0},
};

const struct reader reader_jsonl = {
    .format = {.name = "jsonl",
	       .help = "JSON lines: an object a line with url, domain, host or ip",
	       .options = "field=NAME kind=" READER_KINDS " " READER_URL_WORDS},
    .options = options,
    .read = read_jsonl,
};

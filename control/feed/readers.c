/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of formats, and the check of a format and its options. */
#include <errno.h>
#include <string.h>

#include "control/feed/reader.h"

#define X(name) &reader_##name,
const struct reader *const readers[] = {READERS(X) NULL};
#undef X

#define X(name) &reader_##name.format,
const struct import_format *const import_formats[] = {READERS(X) NULL};
#undef X

static void add_word(char *to, size_t cap, const char *word)
{
	size_t n = strlen(to);
	snprintf(to + n, cap - n, "%s%s", n ? ", " : "", word);
}

static int check_value(const struct reader_option *o, const char *value, struct err *e)
{
	const char *why = o->check ? o->check(value) : NULL;
	if (why)
		return err_set(e, -EINVAL, "options: %s: %s", o->name, why);
	size_t n = strlen(value);
	for (const char *p = o->values; !o->check; p++) {
		size_t word = strcspn(p, "|");
		if (n == word && !memcmp(p, value, n))
			return 0;
		p += word;
		if (!*p)
			return err_set(e, -EINVAL, "options: %s is one of %s", o->name, o->values);
	}
	return 0;
}

static int check_option(const struct reader *x, const char *name, const json_t *value, struct err *e)
{
	char names[256] = "";
	for (const struct reader_option *o = x->options; o && o->name; o++) {
		if (strcmp(o->name, name)) {
			add_word(names, sizeof(names), o->name);
			continue;
		}
		if (!json_is_string(value))
			return err_set(e, -EINVAL, "options: %s is a text", name);
		return check_value(o, json_string_value(value), e);
	}
	return err_set(e, -EINVAL, "options: the format %s has no option %.40s; it has %s", x->format.name,
		       name, *names ? names : "none");
}

static const struct reader *find(const char *format, struct err *e)
{
	char names[256] = "";
	for (unsigned i = 0; readers[i]; i++) {
		if (!strcmp(readers[i]->format.name, format))
			return readers[i];
		add_word(names, sizeof(names), readers[i]->format.name);
	}
	err_set(e, -EINVAL, "format: there is no format %.40s; there are %s", format, names);
	return NULL;
}

int import_check_format(const char *format, const json_t *options, struct err *e)
{
	const struct reader *x = find(format, e);
	const char *name;
	json_t *value;
	int err = x ? 0 : -EINVAL;
	if (!err && options && !json_is_object(options) && !json_is_null(options))
		err = err_set(e, -EINVAL, "options: an object of texts, such as {\"column\": \"2\"}");
	json_object_foreach((json_t *)options, name, value)
	{
		if (err)
			break;
		err = check_option(x, name, value, e);
	}
	return err;
}

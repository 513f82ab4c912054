/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <time.h>

#include "audit/entry.h"
#include "common/hex.h"

void entry_time(uint64_t time_ns, char ret[ENTRY_TIME_BYTES])
{
	time_t seconds = (time_t)(time_ns / 1000000000);
	unsigned ns = (unsigned)(time_ns % 1000000000);
	struct tm t;
	char date[21] = "";
	gmtime_r(&seconds, &t);
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &t);
	snprintf(ret, ENTRY_TIME_BYTES, "%.19s.%09uZ", date, ns);
}

static json_t *time_of(uint64_t time_ns)
{
	char text[ENTRY_TIME_BYTES];
	entry_time(time_ns, text);
	return json_string(text);
}

static json_t *hex_of(struct span s)
{
	char text[2 * ENTRY_TEXT_MAX + 1];
	if (s.len > ENTRY_TEXT_MAX)
		return NULL;
	hex_write(s.p, s.len, text);
	return json_string(text);
}

static json_t *array_of(const struct entry_value *v)
{
	json_t *array = json_array();
	for (unsigned i = 0; i < v->n_uints && array; i++)
		if (json_array_append_new(array, json_integer((json_int_t)v->uints[i])) < 0) {
			json_decref(array);
			array = NULL;
		}
	return array;
}

static json_t *value_of(const struct entry_field *f, const struct entry_value *v)
{
	switch (f->type) {
	case ENTRY_UINT:
		return json_integer((json_int_t)v->n);
	case ENTRY_INT:
		return json_integer(v->i);
	case ENTRY_FLAG:
		return json_boolean(v->n);
	case ENTRY_TEXT:
		return json_stringn(v->s.len ? (const char *)v->s.p : "", v->s.len);
	case ENTRY_BYTES:
		return hex_of(v->s);
	case ENTRY_WORD:
		return v->n < f->n_words ? json_string(f->words[v->n]) : NULL;
	case ENTRY_NS:
		return v->n ? time_of(v->n) : json_null();
	case ENTRY_UINTS:
		return array_of(v);
	}
	return NULL;
}

json_t *entry_json(const struct entry *in)
{
	const struct entry_row *row = &entry_rows[in->kind];
	json_t *o = json_object();
	bool bad = !o || json_object_set_new(o, "kind", json_string(row->word)) < 0 ||
		   json_object_set_new(o, "time", time_of(in->time_ns)) < 0;
	for (unsigned i = 0; i < row->n && !bad; i++)
		bad = json_object_set_new(o, row->fields[i].name, value_of(&row->fields[i], &in->v[i])) < 0;
	if (!bad)
		return o;
	json_decref(o);
	return NULL;
}

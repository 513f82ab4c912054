/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/sink/record.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define FACILITY_AUDIT 13
#define ROOM_FIRST     4096
#define HEAD_BYTES     (4 * RECORD_HOST_MAX + 2 * RECORD_ORIGIN_MAX)
#define TIME_BYTES     28 /* RFC 5424, 6.2.3: six digits of a second at most */

enum { WARNING = 4, NOTICE = 5, INFO = 6 };

static const uint8_t severities[ENTRY_KINDS_END] = {
    [ENTRY_LOG] = INFO,		 [ENTRY_HEAD] = INFO,	  [ENTRY_KEY] = NOTICE,	     [ENTRY_SOURCE] = INFO,
    [ENTRY_HIT] = NOTICE,	 [ENTRY_COUNT] = NOTICE,  [ENTRY_ACT] = NOTICE,	     [ENTRY_OUTAGE] = WARNING,
    [ENTRY_GAP] = WARNING,	 [ENTRY_SWAP] = NOTICE,	  [ENTRY_START] = NOTICE,    [ENTRY_LINK] = NOTICE,
    [ENTRY_TALLY] = INFO,	 [ENTRY_ALARM] = WARNING, [ENTRY_ENFORCED] = NOTICE, [ENTRY_ORDER] = NOTICE,
    [ENTRY_IMPORT] = NOTICE,	 [ENTRY_PROBE] = NOTICE,  [ENTRY_VERSION] = NOTICE,  [ENTRY_PRUNE] = NOTICE,
    [ENTRY_RECOVERED] = WARNING, [ENTRY_STAMP] = NOTICE,  [ENTRY_WITNESS] = NOTICE,
};

unsigned record_priority(enum entry_kind kind)
{
	unsigned severity = (unsigned)kind < ENTRY_KINDS_END && severities[kind] ? severities[kind] : INFO;
	return FACILITY_AUDIT * 8 + severity;
}

void record_header_name(const char *from, size_t max, char *ret)
{
	size_t n = 0;
	for (; *from && n < max; from++)
		ret[n++] = *from > ' ' && *from <= '~' ? *from : '?';
	if (!n)
		ret[n++] = '-';
	ret[n] = 0;
}

bool record_param(const char *from, char *ret, size_t room)
{
	size_t n = 0;
	for (; *from; from++) {
		bool escape = strchr("\"\\]", *from);
		if (n + 1 + escape >= room)
			return false;
		if (escape)
			ret[n++] = '\\';
		ret[n++] = *from;
	}
	ret[n] = 0;
	return true;
}

static bool make_room(struct record_text *t, size_t more)
{
	if (t->room - t->len >= more)
		return true;
	size_t room = t->room ? t->room : ROOM_FIRST;
	while (room - t->len < more)
		room *= 2;
	char *p = realloc(t->p, room);
	if (!p)
		return false;
	t->p = p;
	t->room = room;
	return true;
}

static int append(const char *p, size_t n, void *ctx)
{
	struct record_text *t = ctx;
	if (!make_room(t, n))
		return -1;
	memcpy(t->p + t->len, p, n);
	t->len += n;
	return 0;
}

/* A header before `from`, where the message begins, and its length before that. */
static int add_head(const struct record_form *form, enum entry_kind kind, const char *word, uint64_t time_ns,
		    const char *leaf, struct record_text *to, size_t *ret)
{
	char host[RECORD_HOST_MAX + 1], origin[2 * RECORD_ORIGIN_MAX + 1], time[ENTRY_TIME_BYTES] = "-",
									   head[HEAD_BYTES + 256];
	record_header_name(form->host, RECORD_HOST_MAX, host);
	if (!record_param(form->origin, origin, sizeof(origin)))
		return -EINVAL;
	if (time_ns) {
		entry_time(time_ns, time);
		memcpy(time + TIME_BYTES - 2, "Z", 2); /* nanoseconds become microseconds */
	}
	int n =
	    snprintf(head, sizeof(head), "<%u>1 %s %s roja-control %u %s [roja@%u leaf=\"%s\" log=\"%s\"] ",
		     record_priority(kind), time, host, form->pid, word, form->enterprise, leaf, origin);
	*ret = (size_t)n;
	return n < 0 || (size_t)n >= sizeof(head) || append(head, (size_t)n, to) ? -ENOMEM : 0;
}

static json_t *json_of(const struct record_form *form, uint64_t index, const struct entry *entry)
{
	json_t *o = json_pack("{sI}", "leaf", (json_int_t)index), *fields = entry_json(entry);
	if (fields && !form->pseudonyms)
		json_object_del(fields, "pseudonym");
	int bad = !o || !fields || json_object_update(o, fields);
	json_decref(fields);
	if (bad) {
		json_decref(o);
		return NULL;
	}
	return o;
}

static int add_message(const struct record_form *form, enum entry_kind kind, const char *word,
		       uint64_t time_ns, const char *leaf, json_t *o, struct record_text *to)
{
	size_t start = to->len, head = 0;
	bool syslog = form->frame != RECORD_LINE;
	int err = !o ? -ENOMEM : syslog ? add_head(form, kind, word, time_ns, leaf, to, &head) : 0;
	if (!err && json_dump_callback(o, append, to, JSON_COMPACT | (syslog ? JSON_ENSURE_ASCII : 0)))
		err = -ENOMEM;
	if (!err && !syslog && append("\n", 1, to))
		err = -ENOMEM;
	if (!err && form->frame == RECORD_COUNTED) {
		char count[24];
		size_t n = (size_t)snprintf(count, sizeof(count), "%zu ", to->len - start);
		if (make_room(to, n)) {
			memmove(to->p + start + n, to->p + start, to->len - start);
			memcpy(to->p + start, count, n);
			to->len += n;
		} else {
			err = -ENOMEM;
		}
	}
	json_decref(o);
	if (err)
		to->len = start;
	return err;
}

static int add_removed(const struct record_form *form, uint64_t first, uint64_t last, const char *leaf,
		       struct record_text *to)
{
	json_t *o =
	    json_pack("{sI sI ss}", "leaf", (json_int_t)first, "last", (json_int_t)last, "kind", "removed");
	return add_message(form, ENTRY_PRUNE, "removed", 0, leaf, o, to);
}

int record_add(const struct record_form *form, uint64_t index, uint64_t last, struct span bytes,
	       struct record_text *to, struct err *e)
{
	struct entry entry;
	struct err why = {""};
	char leaf[24];
	snprintf(leaf, sizeof(leaf), "%" PRIu64, index);
	int err = bytes.p ? entry_decode(bytes, &entry, &why) : 0;
	if (!bytes.p)
		err = add_removed(form, index, last, leaf, to);
	else if (err) /* a later program's, or none at all: what it is the log itself tells */
		err = add_message(form, ENTRY_LOG, "unknown", 0, leaf,
				  json_pack("{sI ss}", "leaf", (json_int_t)index, "kind", "unknown"), to);
	else
		err = add_message(form, entry.kind, entry_rows[entry.kind].word, entry.time_ns, leaf,
				  json_of(form, index, &entry), to);
	return err ? err_set(e, err, "no memory for the record of leaf %" PRIu64, index) : 0;
}

void record_text_fini(struct record_text *t)
{
	free(t->p);
	*t = (struct record_text){0};
}

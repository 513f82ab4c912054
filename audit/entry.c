/* SPDX-License-Identifier: BSD-3-Clause */
#include "audit/entry.h"

#include <errno.h>

#include "audit/cbor.h"
#include "common/utf8.h"

#define LATER_DEPTH 3 /* of arrays within an entry of a kind that is not known */

_Static_assert(ENTRY_FIELDS_MAX + 2 < 24, "an entry's head is one byte");

struct writer {
	uint8_t *p, *end;
	bool bad;
};

static void put(struct writer *w, enum cbor_major major, uint64_t n)
{
	uint8_t head[CBOR_HEAD_BYTES];
	if (w->end - w->p >= CBOR_HEAD_BYTES) {
		w->p = cbor_put(w->p, major, n);
		return;
	}
	size_t bytes = (size_t)(cbor_put(head, major, n) - head);
	if ((size_t)(w->end - w->p) < bytes) {
		w->bad = true;
		return;
	}
	memcpy(w->p, head, bytes);
	w->p += bytes;
}

static void put_uint(struct writer *w, uint64_t n)
{
	w->bad |= n > INT64_MAX;
	put(w, CBOR_UINT, n);
}

static void put_span(struct writer *w, enum cbor_major major, struct span s)
{
	put(w, major, s.len);
	if ((size_t)(w->end - w->p) < s.len) {
		w->bad = true;
		return;
	}
	if (s.len)
		memcpy(w->p, s.p, s.len);
	w->p += s.len;
}

/* What of s is written, into ret[ENTRY_TEXT_MAX]: "?" for every byte or character that may not be. Returns the bytes. */
static size_t clean(struct span s, uint8_t *ret)
{
	size_t to = 0;
	for (size_t from = 0, n; from < s.len; from += n) {
		const uint8_t *p = s.p + from;
		n = utf8_sequence(p, s.len - from);
		bool is_text = n && cbor_is_text((struct span){p, n});
		size_t bytes = is_text ? n : 1;
		if (to + bytes > ENTRY_TEXT_MAX)
			break;
		if (is_text)
			memcpy(ret + to, p, n);
		else
			ret[to] = '?';
		to += bytes;
		n += !n;
	}
	return to;
}

static void put_text(struct writer *w, struct span s)
{
	uint8_t text[ENTRY_TEXT_MAX];
	if (s.len > ENTRY_TEXT_MAX || !cbor_is_text(s))
		s = (struct span){text, clean(s, text)};
	put_span(w, CBOR_TEXT, s);
}

static bool is_length(const struct entry_field *f, size_t bytes)
{
	return bytes == f->bytes || (f->or_none && !bytes);
}

static void put_value(struct writer *w, const struct entry_field *f, const struct entry_value *v)
{
	switch (f->type) {
	case ENTRY_WORD:
		w->bad |= v->n >= f->n_words;
		put(w, CBOR_UINT, v->n);
		break;
	case ENTRY_UINT:
	case ENTRY_NS:
		put_uint(w, v->n);
		break;
	case ENTRY_INT:
		if (v->i < 0)
			put(w, CBOR_NEGATIVE, ~(uint64_t)v->i);
		else
			put(w, CBOR_UINT, (uint64_t)v->i);
		break;
	case ENTRY_FLAG:
		w->bad |= v->n > 1;
		put(w, CBOR_SIMPLE, v->n ? CBOR_TRUE : CBOR_FALSE);
		break;
	case ENTRY_TEXT:
		put_text(w, v->s);
		break;
	case ENTRY_BYTES:
		w->bad |= !is_length(f, v->s.len);
		put_span(w, CBOR_BYTES, v->s);
		break;
	case ENTRY_UINTS:
		w->bad |= v->n_uints > ENTRY_ARRAY_MAX;
		put(w, CBOR_ARRAY, v->n_uints);
		for (unsigned i = 0; i < v->n_uints && !w->bad; i++)
			put_uint(w, v->uints[i]);
		break;
	}
}

static const struct entry_row *row_of(uint64_t kind)
{
	return kind < ENTRY_KINDS_END && entry_rows[kind].word ? &entry_rows[kind] : NULL;
}

size_t entry_encode(const struct entry *in, uint8_t *ret, size_t room)
{
	struct writer w = {ret, ret + room, false};
	const struct entry_row *row = row_of(in->kind);
	if (!row)
		return 0;
	put(&w, CBOR_ARRAY, row->n + 2);
	put(&w, CBOR_UINT, in->kind);
	put_uint(&w, in->time_ns);
	for (unsigned i = 0; i < row->n && !w.bad; i++)
		put_value(&w, &row->fields[i], &in->v[i]);
	return w.bad ? 0 : (size_t)(w.p - ret);
}

/* The head of a value of a type; a text's bytes and an array's items follow. */
static const char *take(struct cursor *c, enum cbor_major want, uint64_t *ret, const char *what)
{
	enum cbor_major major;
	const char *why = cbor_take(c, &major, ret);
	return why ? why : major == want ? NULL : what;
}

static const char *take_int(struct cursor *c, int64_t *ret)
{
	enum cbor_major major;
	uint64_t n;
	const char *why = cbor_take(c, &major, &n);
	if (why)
		return why;
	*ret = major == CBOR_NEGATIVE ? (int64_t)~n : (int64_t)n;
	return major == CBOR_UINT || major == CBOR_NEGATIVE ? NULL : "it is no integer";
}

static const char *take_text(struct cursor *c, struct span *ret)
{
	uint64_t n;
	const char *why = take(c, CBOR_TEXT, &n, "it is no text");
	if (why)
		return why;
	if (n > ENTRY_TEXT_MAX)
		return "it is longer than a text may be";
	if (!cursor_span(c, n, ret))
		return "the bytes end within it";
	return cbor_is_text(*ret) ? NULL : "it is not UTF-8, or has control characters";
}

static const char *take_bytes(struct cursor *c, const struct entry_field *f, struct span *ret)
{
	uint64_t n;
	const char *why = take(c, CBOR_BYTES, &n, "it is no byte string");
	if (why)
		return why;
	if (!is_length(f, n))
		return "it has not as many bytes as it must have";
	return cursor_span(c, n, ret) ? NULL : "the bytes end within it";
}

static const char *take_uints(struct cursor *c, struct entry *e, unsigned *used, struct entry_value *ret)
{
	uint64_t n;
	const char *why = take(c, CBOR_ARRAY, &n, "it is no array");
	if (why)
		return why;
	if (n > ENTRY_ARRAY_MAX - *used)
		return "it has more items than it may have";
	ret->uints = e->array + *used;
	ret->n_uints = (unsigned)n;
	for (; n && !why; n--)
		why = take(c, CBOR_UINT, &e->array[(*used)++], "an item is no unsigned integer");
	return why;
}

/* What decoding one entry has found so far. */
struct reader {
	struct cursor c;
	unsigned uints;	   /* used of the entry's array */
	const char *later; /* the first field whose word is not known */
};

static const char *take_value(struct reader *r, const struct entry_field *f, struct entry *e,
			      struct entry_value *ret)
{
	enum cbor_major major;
	const char *why;
	switch (f->type) {
	case ENTRY_UINT:
	case ENTRY_NS:
	case ENTRY_WORD:
		why = take(&r->c, CBOR_UINT, &ret->n, "it is no unsigned integer");
		if (!why && f->type == ENTRY_WORD && ret->n >= f->n_words && !r->later)
			r->later = f->name;
		return why;
	case ENTRY_INT:
		return take_int(&r->c, &ret->i);
	case ENTRY_FLAG:
		why = cbor_take(&r->c, &major, &ret->n);
		if (!why && major != CBOR_SIMPLE)
			why = "it is neither false nor true";
		ret->n = ret->n == CBOR_TRUE;
		return why;
	case ENTRY_TEXT:
		return take_text(&r->c, &ret->s);
	case ENTRY_BYTES:
		return take_bytes(&r->c, f, &ret->s);
	case ENTRY_UINTS:
		return take_uints(&r->c, e, &r->uints, ret);
	}
	return "it has no type";
}

/* The head, kind and time: what every entry of every version begins with. */
static const char *take_begin(struct cursor *c, uint64_t *ret_items, uint64_t *ret_kind, uint64_t *ret_time)
{
	const char *why = take(c, CBOR_ARRAY, ret_items, "it is no array");
	if (!why && *ret_items < 2)
		why = "it has no kind and time";
	if (!why)
		why = take(c, CBOR_UINT, ret_kind, "its kind is no unsigned integer");
	if (!why)
		why = take(c, CBOR_UINT, ret_time, "its time is no unsigned integer");
	return why;
}

/* A later version's entry: is it well formed? */
static int check_later(struct cursor *c, uint64_t items, uint64_t kind, struct err *e)
{
	const char *why = NULL;
	for (items -= 2; items && !why; items--)
		why = cbor_check(c, LATER_DEPTH);
	if (!why && cursor_left(c))
		why = "bytes follow behind it";
	if (why)
		return err_set(e, -EBADMSG, "entry of kind %llu: %s", (unsigned long long)kind, why);
	return err_set(e, -ENOTSUP, "entry of kind %llu: this program does not know it; a later version may",
		       (unsigned long long)kind);
}

int entry_decode(struct span bytes, struct entry *ret, struct err *e)
{
	uint64_t items, kind;
	struct reader r = {.c = cursor_over(bytes.p, bytes.len)};
	const char *why = bytes.len > ENTRY_MAX_BYTES ? "it is longer than an entry may be"
						      : take_begin(&r.c, &items, &kind, &ret->time_ns);
	if (why)
		return err_set(e, -EBADMSG, "entry: %s", why);
	const struct entry_row *row = row_of(kind);
	if (!row)
		return check_later(&r.c, items, kind, e);
	if (items != row->n + 2)
		return err_set(e, -EBADMSG, "entry %s: it has %llu items and must have %u", row->word,
			       (unsigned long long)items, row->n + 2);
	ret->kind = (enum entry_kind)kind;
	for (unsigned i = 0; i < row->n; i++) {
		why = take_value(&r, &row->fields[i], ret, &ret->v[i]);
		if (why)
			return err_set(e, -EBADMSG, "entry %s, field %s: %s", row->word, row->fields[i].name,
				       why);
	}
	if (cursor_left(&r.c))
		return err_set(e, -EBADMSG, "entry %s: bytes follow behind it", row->word);
	if (r.later)
		return err_set(e, -ENOTSUP,
			       "entry %s, field %s: this program does not know its word; a later version may",
			       row->word, r.later);
	return 0;
}

bool entry_peek(struct span bytes, enum entry_kind *ret_kind, uint64_t *ret_time_ns)
{
	uint64_t items, kind, time_ns;
	struct cursor c = cursor_over(bytes.p, bytes.len);
	if (take_begin(&c, &items, &kind, &time_ns))
		return false;
	*ret_kind = row_of(kind) ? (enum entry_kind)kind : ENTRY_KINDS_END;
	*ret_time_ns = time_ns;
	return true;
}

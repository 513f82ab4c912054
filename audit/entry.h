/* SPDX-License-Identifier: BSD-3-Clause */
/* entry: what a leaf of the log says, as one deterministic CBOR array (RFC 8949, 4.2.1): [kind, time, fields of the kind in order].
 *
 * Model:    kinds and their fields are rows (entry_rows.h): from them come the struct of each kind, encoder, strict decoder, JSON view and
 *           docs/audit-format.md. One value has one encoding: a decoder refuses what an encoder would not write. A kind and its fields are
 *           never changed or reused: what is to be added is a new kind. Word tables grow at their ends.
 * Owner:    decoded spans borrow the entry's bytes; decoded arrays point into the struct, so it is not copied.
 * Threads:  pure functions.
 * Limits:   ENTRY_MAX_BYTES; texts are valid UTF-8 without control characters but newline, at most ENTRY_TEXT_MAX bytes: an encoder
 *           cuts longer ones between characters, and writes "?" for what is no text. Numbers are at most 2^63-1, so that every database has them.
 * Errors:   -EBADMSG with a sentence that names kind and field.
 * Cost:     a hit: some 50 bytes, 50 ns, no heap.
 */
#ifndef AUDIT_ENTRY_H
#define AUDIT_ENTRY_H

#include <jansson.h>

#include "audit/entry_rows.h"
#include "common/err.h"
#include "common/span.h"

#define ENTRY_MAX_BYTES	 8192
#define ENTRY_TEXT_MAX	 1024
#define ENTRY_ARRAY_MAX	 64
#define ENTRY_FIELDS_MAX 20

enum entry_kind {
#define X(KIND, word, number, fields, help) ENTRY_##KIND = number,
	ENTRY_KINDS(X)
#undef X
	    ENTRY_KINDS_END /* one above the highest */
};

enum entry_type {
	ENTRY_UINT,
	ENTRY_INT,
	ENTRY_FLAG,
	ENTRY_TEXT,
	ENTRY_BYTES,
	ENTRY_WORD, /* an unsigned number that stands for a word of the row's table */
	ENTRY_NS,   /* an unsigned number: nanoseconds since 1970 */
	ENTRY_UINTS /* an array of unsigned numbers */
};

/* A field's value. Text and bytes: borrowed. */
struct entry_value {
	uint64_t n;	       /* UINT, WORD, NS, FLAG (0, 1) */
	int64_t i;	       /* INT */
	struct span s;	       /* TEXT, BYTES */
	const uint64_t *uints; /* UINTS: encoder's input; a decoder points it into `array` of struct entry */
	unsigned n_uints;
};

struct entry_field {
	const char *name, *help;
	enum entry_type type;
	unsigned bytes;		  /* BYTES: exactly so many */
	bool or_none;		  /* BYTES: or none at all */
	const char *const *words; /* WORD */
	unsigned n_words;
};

struct entry_row {
	const char *word, *help; /* NULL: no such kind */
	const struct entry_field *fields;
	unsigned n;
};
extern const struct entry_row entry_rows[ENTRY_KINDS_END];

struct entry {
	enum entry_kind kind;
	uint64_t time_ns; /* CLOCK_REALTIME */
	struct entry_value v[ENTRY_FIELDS_MAX];
	uint64_t array[ENTRY_ARRAY_MAX];
};

/* Index of a field within its kind: ENTRY_F(HIT, order). */
#define ENTRY_F(KIND, field) ENTRY_##KIND##_##field

/* Encodes into ret[room]; returns the bytes; 0: it does not fit, or a value is none of its type. */
size_t entry_encode(const struct entry *in, uint8_t *ret, size_t room);
/* 0, or -EBADMSG with a sentence. -ENOTSUP: well formed, but a kind or a word that this program does not know: a later version's. Of a kind that
 * it knows *ret holds the fields then, words as their numbers; else nothing. */
int entry_decode(struct span bytes, struct entry *ret, struct err *e);
/* Kind and time alone, cheaply; ENTRY_KINDS_END: a later version's kind. false: no entry. The rest is not looked at. */
bool entry_peek(struct span bytes, enum entry_kind *ret_kind, uint64_t *ret_time_ns);
/* RFC 3339 with nanoseconds. */
#define ENTRY_TIME_BYTES 31
void entry_time(uint64_t time_ns, char ret[ENTRY_TIME_BYTES]);
/* {"kind": word, "time": "2026-11-26T17:00:00.123456789Z", fields...}: bytes as hexadecimal, words as words; of type NS 0 is null,
 * no bytes are "". NULL: no memory. */
json_t *entry_json(const struct entry *in);

#endif

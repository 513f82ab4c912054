/* SPDX-License-Identifier: BSD-3-Clause */
#include "audit/entry.h"

#define W(NAME, number, word) [number] = word,
#define T(table, LIST)	      const char *const table[table##_n] = {LIST(W)};
ENTRY_WORDS(T)
#undef T
#undef W

/* What a row's type and extra are of a struct entry_field. */
#define OF_UINT(extra)		.type = ENTRY_UINT
#define OF_INT(extra)		.type = ENTRY_INT
#define OF_FLAG(extra)		.type = ENTRY_FLAG
#define OF_TEXT(extra)		.type = ENTRY_TEXT
#define OF_NS(extra)		.type = ENTRY_NS
#define OF_UINTS(extra)		.type = ENTRY_UINTS
#define OF_BYTES(extra)		.type = ENTRY_BYTES, .bytes = extra
#define OF_BYTES_OR_NONE(extra) .type = ENTRY_BYTES, .bytes = extra, .or_none = true
#define OF_WORD(extra)		.type = ENTRY_WORD, .words = extra, .n_words = extra##_n

#define FIELD(KIND, field, type, extra, text) {.name = #field, .help = text, OF_##type(extra)},
#define X(KIND, word, number, fields, help) \
	static const struct entry_field fields_##KIND[] = {fields(FIELD, KIND)};
ENTRY_KINDS(X)
#undef X

const struct entry_row entry_rows[ENTRY_KINDS_END] = {
#define X(KIND, word, number, fields, help) [number] = {word, help, fields_##KIND, ENTRY_##KIND##_N},
    ENTRY_KINDS(X)
#undef X
};

#define X(KIND, word, number, fields, help) \
	_Static_assert(ENTRY_##KIND##_N <= ENTRY_FIELDS_MAX, "room for every field of " word);
ENTRY_KINDS(X)
#undef X

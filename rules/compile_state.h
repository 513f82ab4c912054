/* SPDX-License-Identifier: BSD-3-Clause */
/* compile_state: what the compiler gathers from lists before it builds. Not for others. */
#ifndef RULES_COMPILE_STATE_H
#define RULES_COMPILE_STATE_H

#include "rules/compile.h"
#include "rules/image.h"
#include "rules/patterns.h"
#include "rules/patterns_cache.h"
#include "rules/prefixset.h"

/* A growing array; VEC_PUSH gives room for one more, or NULL. */
struct vec {
	void *at;
	size_t n, cap;
};
void *vec_push(struct vec *v, size_t element_bytes);

/* A name, URL or URL prefix on its way into a table. */
struct compile_key {
	struct fingerprint f;
	uint64_t value; /* as in image.h, of one rule */
	uint64_t text;	/* offset in texts: 2 bytes of length, the canonical text */
};

/* A host with URL rules; one entry a rule. */
struct compile_host {
	struct fingerprint f;
	uint32_t prefix_len; /* 0: an exact URL */
	uint32_t key;	     /* index of its key in urls */
};

struct compile_prefix {
	struct prefix p; /* role: index into prefix_roles */
	bool exception;
};

/* The text of a role, found by its place in the lists. */
struct compile_text {
	uint64_t place; /* list << 32 | line */
	uint64_t text;	/* as in compile_key */
};

struct compile_list {
	char *meta[META_COUNT]; /* NULL: default */
};

struct compiler {
	uint8_t key[FINGERPRINT_KEY_BYTES];
	struct vec lists;				  /* struct compile_list */
	struct vec names, urls;				  /* struct compile_key */
	struct vec hosts;				  /* struct compile_host */
	struct vec prefixes;				  /* struct compile_prefix */
	struct vec prefix_roles;			  /* struct image_role */
	struct vec url_patterns, name_patterns;		  /* struct pattern_source */
	struct vec url_pattern_roles, name_pattern_roles; /* struct image_role */
	struct vec texts;				  /* uint8_t */
	struct vec role_texts; /* struct compile_text: of all three sorts of roles */
	struct vec notes;      /* struct report_note */
	uint64_t label_counts;
	struct patterns_cache cache;
	struct report report;
};

/* Adds a note: "why: text". */
int report_add(struct compiler *c, enum note_kind kind, uint32_t list, uint32_t line, uint32_t other_list,
	       uint32_t other_line, const char *why, const void *text, size_t len);
void report_free(struct compiler *c);

#define NOTE_WHY_HTTP_ONLY "enforced on plain HTTP only: in TLS and QUIC just the name can be seen"

/* build_notes.c: notes of entries that need not be there. 0 or -ENOMEM. First of all, the texts of roles in order: entries that come one
 * by one need not come by their lines. */
void build_sort_texts(struct compiler *c);
int build_note(struct compiler *c, enum note_kind kind, const struct compile_key *k,
	       const struct image_role *other, const char *why);
int build_note_role(struct compiler *c, enum note_kind kind, const struct image_role *r,
		    const struct image_role *other, const char *why);
/* Of roles that stand twice; drops the later ones' patterns, where there are any. */
int build_note_same(struct compiler *c, const struct vec *roles, struct pattern_source *patterns);
/* Of URL patterns that stay. */
int build_note_patterns(struct compiler *c);
/* Of names, URLs and prefixes that a wider rule covers, by look-ups in the tables of the image. */
int build_notes(struct compiler *c, const struct image_head *h);

/* build_table.c: an image's table under construction. */
struct build_table {
	struct image_bucket *keys;
	uint64_t *values, buckets;
	struct vec *roles; /* struct image_role: chains for keys of several rules */
};

uint64_t build_buckets(size_t keys);
enum build_insert { BUILD_NEW, BUILD_CHAINED, BUILD_DUPLICATE, BUILD_FULL, BUILD_NO_MEMORY };
/* *ret_first is the rule that was there, for a duplicate. */
enum build_insert build_insert(struct build_table *t, struct fingerprint f, uint64_t value,
			       struct image_role *ret_first);
struct image_role build_role(struct fingerprint f, uint64_t value);

static inline uint64_t build_value(unsigned list, uint32_t line, enum rule_kind kind, bool exception)
{
	return IMAGE_SINGLE | (uint64_t)kind << 49 | (uint64_t)exception << 48 | (uint64_t)list << 32 | line;
}

#endif

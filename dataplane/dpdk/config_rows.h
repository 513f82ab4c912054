/* SPDX-License-Identifier: BSD-3-Clause */
/* config_rows: the tables of config_keys.h as data. For the configuration's own files. */
#ifndef DATAPLANE_DPDK_CONFIG_ROWS_H
#define DATAPLANE_DPDK_CONFIG_ROWS_H

#include <stddef.h>

#include "dataplane/dpdk/config.h"

enum config_kind {
	CONFIG_KIND_NUM,
	CONFIG_KIND_STR,
	CONFIG_KIND_WORD,
	CONFIG_KIND_FLAG,
	CONFIG_KIND_PORT,
	CONFIG_KIND_NUMS,
	CONFIG_KIND_STRS,
	CONFIG_KIND_MAP,
	CONFIG_KIND_MAPS,
};

struct config_word {
	const char *word, *help;
};

struct config_words {
	unsigned n;
	const struct config_word *v;
};

struct config_form {
	unsigned min, max;   /* bytes */
	const char *begin;   /* what it begins with unless it is empty */
	const char *charset; /* NULL: all but control characters */
	const char *what;
};

struct config_rows {
	unsigned n;
	const struct config_row *v;
	size_t size; /* of the mapping's struct */
};

/* What a kind does not use is 0. */
struct config_row {
	const char *key, *help; /* help: a sentence */
	enum config_kind kind;
	size_t off, n_off;	/* of its member and, of a list, of the count */
	unsigned n_max;		/* of a list */
	unsigned def, min, max; /* of numbers; def: of a word or flag, too */
	const char *def_text;	/* STR: NULL where the key is required; NUMS: in words */
	const char *unit;
	const struct config_form *form;
	const struct config_words *words;
	const struct config_rows *of; /* of a MAP, MAPS */
};

extern const struct config_rows config_top;

static inline bool config_is_list(const struct config_row *r)
{
	return r->kind == CONFIG_KIND_NUMS || r->kind == CONFIG_KIND_STRS || r->kind == CONFIG_KIND_MAPS;
}

static inline bool config_is_required(const struct config_row *r)
{
	return r->kind == CONFIG_KIND_PORT || (r->kind == CONFIG_KIND_STR && !r->def_text);
}

#endif

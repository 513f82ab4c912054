/* SPDX-License-Identifier: BSD-3-Clause */
/* config rows: a program's configuration as data: a row a key, a table a mapping, and the program around them.
 *
 * Model:    the program writes its keys as X-lists; common/config/define.h makes of each list the rows here and libcyaml's
 *           schema. From the rows come the checks and their sentences, the defaults and the pages. A member is of the
 *           program's own struct: numbers of any width, lists as arrays or pointers.
 * Limits:   CONFIG_KEYS_MAX keys a mapping; a list's items are scalars or mappings of one level.
 */
#ifndef COMMON_CONFIG_ROWS_H
#define COMMON_CONFIG_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONFIG_KEYS_MAX 32

struct cyaml_schema_value;

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
	size_t off, n_off;	/* of its member and, of a list, of the count, an unsigned */
	bool is_pointer;	/* a list's member points to its items */
	size_t size;		/* of a number's member */
	unsigned n_max;		/* of a list */
	uint64_t def, min, max; /* of numbers; def: of a word or flag, too */
	/* STR: the default, NULL where the key is required; in it INSTANCE is the file's first value, NAME that of the
	 * mapping. Lists: in words, or NULL. */
	const char *def_text;
	const char *unit;
	const struct config_form *form;
	const struct config_words *words;
	const struct config_rows *of; /* of a MAP, MAPS */
};

struct config_program {
	const char *manual; /* "roja-dataplane.yaml(5)" */
	const char *empty;  /* what a file that says nothing is told, "KEY: ..." */
	const struct config_rows *top;
	const struct cyaml_schema_value *schema; /* of a pointer to the top mapping's struct */
};

static inline bool config_is_list(const struct config_row *r)
{
	return r->kind == CONFIG_KIND_NUMS || r->kind == CONFIG_KIND_STRS || r->kind == CONFIG_KIND_MAPS;
}

static inline bool config_is_required(const struct config_row *r)
{
	return r->kind == CONFIG_KIND_PORT || (r->kind == CONFIG_KIND_STR && !r->def_text);
}

#endif

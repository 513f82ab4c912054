/* SPDX-License-Identifier: BSD-3-Clause */
/* config text: a configuration file as libyaml's tree, whose nodes know their lines. For configurations' own files.
 *
 * Model:    libcyaml tells where it refuses a value, but neither the path nor what would be right, and nothing about a
 *           value that it took. So the file is also read as a tree: tables.c compares it with the rows before libcyaml
 *           does, and what a program checks beyond them finds its lines here.
 * Limits:   CONFIG_FILE_MAX bytes, one document; no anchors, aliases or tags (gate.c).
 */
#ifndef COMMON_CONFIG_TEXT_H
#define COMMON_CONFIG_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <yaml.h>

#include "common/config/rows.h"
#include "common/err.h"

#define CONFIG_FILE_MAX	   (256 * 1024)
#define CONFIG_PATH_BYTES  96
#define CONFIG_QUOTE_BYTES 64

struct config_text {
	const char *path;
	const struct config_program *program;
	uint8_t *text;
	size_t n;
	yaml_document_t doc;
};

/* 0 or -errno; closed by the caller on success only. */
int config_text_open(const char *path, const struct config_program *program, struct config_text *ret,
		     struct err *e);
void config_text_close(struct config_text *t);

/* The steps of opening. */
int config_text_gate(const struct config_text *t, yaml_parser_t *p, struct err *e);
int config_text_syntax_error(const struct config_text *t, const yaml_parser_t *p, struct err *e);

/* NULL for no such node (0, or no document). */
const yaml_node_t *config_text_root(const struct config_text *t);
const yaml_node_t *config_text_node(const struct config_text *t, int index);
/* The value of a key of a mapping, or NULL; `map` may be NULL or no mapping. */
const yaml_node_t *config_text_find(const struct config_text *t, const yaml_node_t *map, const char *key,
				    size_t key_len);
/* Item i of a sequence, or NULL. */
const yaml_node_t *config_text_item(const struct config_text *t, const yaml_node_t *seq, unsigned i);

/* The line, from 1, of a path such as "ports[1].queues"; where there is none, of the nearest one above it. */
unsigned config_text_line(const struct config_text *t, const char *path);

/* Sets "FILE:LINE: " and the sentence; returns -EINVAL. */
__attribute__((format(printf, 4, 5))) int config_text_refuse(const struct config_text *t, unsigned line,
							     struct err *e, const char *fmt, ...);
/* The same with a sentence that begins with the path of a key and ":", whose line it gets. */
__attribute__((format(printf, 3, 4))) int config_text_refuse_key(const struct config_text *t, struct err *e,
								 const char *fmt, ...);
/* A value for a sentence: printable and short. */
const char *config_quote(const char *text, size_t n, char ret[CONFIG_QUOTE_BYTES]);

#endif

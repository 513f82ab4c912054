/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/dpdk/config_lines.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <yaml.h>

#define DEPTH_MAX  16
#define PATH_BYTES 256

struct level {
	bool mapping, key_next; /* the next scalar of a mapping is a key */
	unsigned index;		/* of the next item of a sequence */
	size_t path_len;	/* of the path of the collection itself */
};

struct walk {
	struct level at[DEPTH_MAX];
	unsigned depth;
	char path[PATH_BYTES];
	const char *wanted;
	unsigned line; /* of the longest match so far */
	size_t matched;
};

static void compare(struct walk *w, size_t line)
{
	size_t n = strlen(w->path);
	if (n <= w->matched || strncmp(w->path, w->wanted, n))
		return;
	char next = w->wanted[n];
	if (next != '\0' && next != '.' && next != '[')
		return;
	w->matched = n;
	w->line = (unsigned)line + 1;
}

static void append(struct walk *w, const char *fmt, const char *name, unsigned index)
{
	size_t n = w->depth ? w->at[w->depth - 1].path_len : 0;
	w->path[n] = '\0';
	if (name)
		snprintf(w->path + n, PATH_BYTES - n, fmt, name);
	else
		snprintf(w->path + n, PATH_BYTES - n, "[%u]", index);
}

/* A value begins at this line: in a sequence it gets a path of its own. */
static void begin_value(struct walk *w, size_t line)
{
	struct level *l = w->depth ? &w->at[w->depth - 1] : NULL;
	if (!l)
		return;
	if (l->mapping) {
		l->key_next = true;
	} else {
		append(w, NULL, NULL, l->index++);
		compare(w, line);
	}
}

static bool enter(struct walk *w, bool mapping, size_t line)
{
	begin_value(w, line);
	if (w->depth == DEPTH_MAX)
		return false;
	w->at[w->depth++] = (struct level){mapping, mapping, 0, strlen(w->path)};
	return true;
}

static bool take(struct walk *w, const yaml_event_t *ev)
{
	struct level *l = w->depth ? &w->at[w->depth - 1] : NULL;
	switch (ev->type) {
	case YAML_MAPPING_START_EVENT:
	case YAML_SEQUENCE_START_EVENT:
		return enter(w, ev->type == YAML_MAPPING_START_EVENT, ev->start_mark.line);
	case YAML_MAPPING_END_EVENT:
	case YAML_SEQUENCE_END_EVENT:
		w->depth -= w->depth > 0;
		w->path[w->depth ? w->at[w->depth - 1].path_len : 0] = '\0';
		return true;
	case YAML_SCALAR_EVENT:
		if (l && l->mapping && l->key_next) {
			append(w, l->path_len ? ".%s" : "%s", (const char *)ev->data.scalar.value, 0);
			compare(w, ev->start_mark.line);
			l->key_next = false;
		} else {
			begin_value(w, ev->start_mark.line);
		}
		return true;
	default:
		return ev->type != YAML_STREAM_END_EVENT;
	}
}

unsigned config_line(const uint8_t *text, size_t n, const char *path)
{
	struct walk w = {.wanted = path, .line = 1};
	yaml_parser_t parser;
	yaml_event_t ev;
	if (!yaml_parser_initialize(&parser))
		return 1;
	yaml_parser_set_input_string(&parser, text, n);
	for (bool more = true; more && yaml_parser_parse(&parser, &ev);) {
		more = take(&w, &ev);
		yaml_event_delete(&ev);
	}
	yaml_parser_delete(&parser);
	return w.line;
}

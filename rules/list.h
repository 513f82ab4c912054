/* SPDX-License-Identifier: BSD-3-Clause */
/* list: read a plain list, one entry a line, into canonical entries.
 *
 * Model:    a stream of lines in, a callback an entry or a rejected line. A bad line never stops the reading
 *           and is never half-applied. docs/lists.md specifies the format.
 * Owner:    an entry's text lives until the callback returns.
 * Threads:  one reader per object.
 * Limits:   LIST_LINE_MAX bytes a line (longer: rejected, reading goes on), LIST_REGEX_MAX bytes an
 *           expression, 2^32-1 lines.
 * Errors:   0 or -errno with a sentence; -ENODATA where no line is a good entry, or there is no line at all.
 * Cost:     one pass; heap only for the line buffer.
 */
#ifndef RULES_LIST_H
#define RULES_LIST_H

#include <stdio.h>

#include "common/err.h"
#include "common/span.h"
#include "rules/meta.h"
#include "rules/url.h"

#define LIST_LINE_MAX  16384
#define LIST_REGEX_MAX 4096

/* clang-format off */
/* X(kind, word, what it blocks) */
#define RULE_KINDS(X)                                                                                  \
	X(DOMAIN,     "domain",     "a name and its subdomains: name.test")                            \
	X(HOST,       "host",       "this host alone: =name.test")                                     \
	X(SUBDOMAINS, "subdomains", "the subdomains only: *.name.test")                                \
	X(URL,        "url",        "one URL: http://host/path?query")                                 \
	X(URL_PREFIX, "url-prefix", "every URL that begins so: host/path*")                            \
	X(URL_GLOB,   "url-glob",   "a glob over host/path: host/*/x.jpg")                             \
	X(NAME_GLOB,  "name-glob",  "a glob over the name: ads*.name.test")                            \
	X(REGEX,      "regex",      "a regular expression over host/path: /^host\\/x[0-9]+$/")         \
	X(PREFIX,     "prefix",     "addresses: 192.0.2.1, 2001:db8::/32")
/* clang-format on */

enum rule_kind {
#define X(kind, word, help) RULE_##kind,
	RULE_KINDS(X)
#undef X
	    RULE_KINDS_N
};

extern const char *const rule_kind_names[RULE_KINDS_N];

struct list_entry {
	enum rule_kind kind;
	bool exception; /* a leading '!' */
	uint32_t line;	/* 1-based */
	/* Canonical: the name (SUBDOMAINS without its "*."); host/path (URL_PREFIX without its '*', URL_GLOB
	 * with its '*'s); the expression between the slashes; for PREFIX "addr/len". */
	struct span text;
	uint16_t host_len;  /* URL, URL_PREFIX: bytes before the first '/' */
	uint8_t addr[16];   /* PREFIX: network address, IPv4 as ::ffff:a.b.c.d */
	uint8_t prefix_len; /* PREFIX: 0-128; IPv4 /n is 96 + n */
	bool https;	    /* the entry said https:// */
};

struct list_events {
	void *ctx;
	/* Non-zero stops the reading; list_read returns it. */
	int (*entry)(void *ctx, const struct list_entry *e);
	/* A line "#! key: value" with a known key and a valid value. */
	int (*meta)(void *ctx, enum meta_field f, const char *value);
	/* A line that is no entry; why is a static sentence. */
	int (*rejected)(void *ctx, uint32_t line, const char *why, struct span text);
};

struct list_totals {
	uint64_t lines, entries, rejected;
};

/* Reads f to its end. `file` is the name for messages. */
int list_read(FILE *f, const char *file, const struct list_events *ev, struct list_totals *ret,
	      struct err *e);

/* One line without its line break; the unit of list_read, also for tests and tools.
 * Returns 1 entry set, 0 nothing there (blank, comment), -1 rejected with *ret_why. `u` is scratch that
 * ret->text may point into. */
int list_parse_line(const uint8_t *p, size_t len, struct url *u, struct list_entry *ret,
		    const char **ret_why);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
/* reader: formats of lists, a row each, and what their readers call.
 *
 * Model:    a reader finds texts and says what each should be (a domain, a URL...); reading_take turns it into a line of a plain
 *           list, and rules/list.h alone judges and canonicalises it. What is another kind than the format means, an exception
 *           or a pattern that the format does not know is rejected: it is never guessed.
 * Owner:    the reading is import_run's; texts are the reader's until the call returns.
 * Threads:  one a reading.
 * Errors:   0 or -errno with the sentence in r->e; a reader stops then. A rejected line is no error until there are too many.
 */
#ifndef CONTROL_FEED_READER_H
#define CONTROL_FEED_READER_H

#include "control/feed/entry_set.h"
#include "control/feed/import.h"
#include "control/feed/input.h"

/* X(take, word, what it may be) */
#define READER_TAKES(X)                                              \
	X(PLAIN, "plain", "whatever a plain list may hold")          \
	X(DOMAIN, "domain", "a name with its subdomains, or *.name") \
	X(HOST, "host", "one host alone")                            \
	X(URL, "url", "one URL")                                     \
	X(IP, "ip", "an address or a network")

enum reader_take {
#define X(take, word, help) TAKE_##take,
	READER_TAKES(X)
#undef X
	    READER_TAKES_N
};

/* The take of a word, or READER_TAKES_N. */
enum reader_take reader_take_find(const char *word);

struct reader_option {
	const char *name, *values; /* "yes|no" */
	const char *standard;	   /* "": none */
	const char *help;
	/* NULL: the value is one of `values`; else NULL or a static sentence why it is not good. */
	const char *(*check)(const char *value);
};

struct reading;

struct reader {
	struct import_format format;
	const struct reader_option *options; /* a row without name at the end; or NULL */
	int (*read)(struct reading *r);
};

/* X(name), in the order of the docs */
#define READERS(X) \
	X(plain)   \
	X(domains) \
	X(urls)    \
	X(hosts)   \
	X(csv)     \
	X(jsonl)   \
	X(rpz)     \
	X(xml)

#define X(name) extern const struct reader reader_##name;
READERS(X)
#undef X

extern const struct reader *const readers[]; /* NULL at the end */

/* Rows and words of the options of whatever holds URLs. */
#define READER_URL_WORDS "bare=refuse|page|domain wildcards=yes|no"
#define READER_URL_OPTIONS                                                                              \
	{"bare", "refuse|page|domain", "refuse",                                                        \
	 "a name without a path where a URL should stand: refused, its root page alone, or the domain", \
	 NULL},                                                                                         \
	{                                                                                               \
		"wildcards", "yes|no", "no", "whether a '*' in a URL stands for any bytes", NULL        \
	}
#define READER_KINDS "domain|host|url|ip|plain"

struct reading {
	const struct reader *reader;
	const char *name; /* the file's, for messages */
	const json_t *options;
	struct input *in;
	struct entry_set *set;
	struct import_result *result; /* rejected, notes, serial, time */
	uint64_t max_rejected;
	bool wildcards;	  /* a '*' in a URL is a pattern */
	const char *bare; /* what a name is where a URL should stand */
	struct err *e;
	struct url scratch;
	char text[LIST_LINE_MAX + 16];
};

/* Before a reader reads: what its options say of URLs. */
void reading_begin(struct reading *r);
/* A value that import_check_format has checked, or the standard one. */
const char *reading_option(const struct reading *r, const char *name);
bool reading_says_yes(const struct reading *r, const char *name);
/* 1: *ret set; 0: the end; -errno. */
int reading_line(struct reading *r, struct input_line *ret);
/* 0: kept, -errno, or 1: it is none, *ret_why says why and nothing is counted yet. */
int reading_try(struct reading *r, enum reader_take take, uint32_t line, struct span text,
		const char **ret_why);
/* The same, and what is none is rejected. */
int reading_take(struct reading *r, enum reader_take take, uint32_t line, struct span text);
int reading_reject(struct reading *r, uint32_t line, const char *why, struct span text);
/* "NAME: line N: ..."; returns err. */
__attribute__((format(printf, 4, 5))) int reading_fail(struct reading *r, uint32_t line, int err,
						       const char *fmt, ...);

struct span reading_trim(struct span s);
/* Whether there is nothing, or a comment that begins with one of `marks`. */
bool reading_is_blank(struct span s, const char *marks);

#endif

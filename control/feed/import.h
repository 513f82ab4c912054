/* SPDX-License-Identifier: BSD-3-Clause */
/* import: reads an original in one of the formats into canonical entries; keeps both, sealed.
 *
 * Model:    formats are a table of readers (control/feed/reader.h). A reader streams; each entry or rejected line is given on with its
 *           line number. The original is kept byte for byte, sealed; the entries sorted and each once (control/feed/entries.h).
 *           Neither file exists unless all went well. What cannot be read as this format at all is an error; a bad line is a
 *           note.
 * Owner:    import_result_free.
 * Threads:  a worker's.
 * Limits:   IMPORT_ENTRIES_MAX entries, max_rejected rejected lines (then it is refused: -E2BIG, which also ends a file of errors
 *           early), IMPORT_NOTES_MAX kept notes, max_bytes. Memory: the entries' text and 16 bytes each; nothing else grows.
 * Errors:   0 or -errno with a sentence that names file and line and says what to do: -ENODATA: no entry at all; -EILSEQ: binary;
 *           -EFBIG, -E2BIG; -EINVAL: options or format; -EBADMSG: not this format (XML not well-formed, cut short).
 * Cost:     about 1 us an entry.
 */
#ifndef CONTROL_FEED_IMPORT_H
#define CONTROL_FEED_IMPORT_H

#include <jansson.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/err.h"
#include "rules/seal.h"

#define IMPORT_ENTRIES_MAX 20000000u
#define IMPORT_NOTES_MAX   1000

struct import_format {
	const char *name;    /* plain, hosts, csv, rpz, urls, domains, xml, jsonl */
	const char *help;    /* a sentence */
	const char *options; /* "column=N" and the like, for people; NULL: none */
};
extern const struct import_format *const import_formats[]; /* NULL at the end */

/* 0, or -EINVAL naming the format or option and what there is. options: an object of strings, or NULL. */
int import_check_format(const char *format, const json_t *options, struct err *e);

struct import_request {
	int fd;		  /* a finished temporary file (control/feed/temp.h) */
	const char *name; /* for messages: the file's name */
	const char *format;
	const json_t *options;	       /* or NULL */
	const char *original, *object; /* paths of the files to make; *.sealed */
	const struct seal_key *key;
	uint64_t max_bytes, max_rejected; /* 0: 256 MiB; 100,000 */
	const atomic_bool *cancel;	  /* or NULL */
};

struct import_note {
	uint32_t line;
	const char *why; /* static */
	char *text;	 /* the line, cut and quoted: an entry, perhaps; as secret as the list */
};

struct import_result {
	char sha256[65]; /* of the original */
	uint64_t bytes, lines, entries, rejected, duplicates;
	int64_t serial; /* of a zone's SOA, an XML register's attribute...; -1: the format has none */
	int64_t time;	/* what the file says it was made, seconds since 1970; 0: it does not */
	struct import_note *notes;
	unsigned n_notes;
};

int import_run(const struct import_request *q, struct import_result *ret, struct err *e);
void import_result_free(struct import_result *r);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
/* export: what a log says of one order, as a folder that can be checked without the log.
 *
 * Model:    manifest.json (SHA-256 of each file, origin, key, order, period, counts, what it proves and what not), checkpoint, entries.jsonl (a line
 *           a leaf: its number, the entry's bytes in hexadecimal, and what it says), tile/ (of the log's own hash tiles those that lead from these
 *           leaves to the root), stamps/ (which cover them), manifest.note (a signature of the manifest, where asked for), custody.jsonl (who
 *           had it when; each line holds the SHA-256 of the line before, and may be signed). Of the order are: its leaves `order`, `hit`, `count`, `import`, `probe`,
 *           `version`, and `act` about it, its lists and imports; besides, `log`, `key` and `source`, which others need.
 * Owner:    the caller's folder, which must not be there yet.
 * Threads:  none of its own.
 * Limits:   EXPORT_MANIFEST_MAX; EXPORT_LISTS_MAX lists and imports of an order.
 * Errors:   -ENOENT: no such order; -EEXIST; -EBADMSG: the log is damaged; the disk's.
 * Cost:     every entry is read twice.
 */
#ifndef AUDIT_EXPORT_H
#define AUDIT_EXPORT_H

#include "audit/verify.h"

#define EXPORT_FORMAT	    "roja-audit-export/v1"
#define EXPORT_MANIFEST_MAX (64u << 20)
#define EXPORT_LISTS_MAX    4096

struct export_request {
	const char *folder, *out;
	const char *reference;	 /* the order's protocol number */
	uint64_t from_ns, to_ns; /* of entries; to_ns 0: no end */
	const char *note;	 /* for the custody record; may be NULL */
	const char *key,
	    *signer; /* PEM of who signs manifest and custody record, and the name; NULL: nobody */
};

struct export_result {
	uint64_t order, leaves, size;
	char manifest[65];	      /* its SHA-256 */
	char custody[65];	      /* that of the custody record's line */
	char signer[NOTE_VKEY_BYTES]; /* "": not signed */
};

int export_write(const struct export_request *q, struct export_result *ret, struct err *e);
/* Appends to the custody record; by: who signs the line, or NULL. ret: the line's SHA-256, by which it is found again. */
int export_custody(const char *folder, const char *action, const char *note, const struct signer *by,
		   char ret[65], struct err *e);

/* Is there a manifest.json? */
bool export_is(const char *folder);
/* As verify_folder; the report's figures are of the export's own leaves. */
int export_verify(const char *folder, const struct verify_options *o, struct verify_report *ret,
		  struct err *e);

struct export_manifest {
	json_t *json;				 /* the caller frees: json_decref */
	const char *origin, *reference, *signer; /* signer: a vkey; "": it is not signed */
	uint64_t order, size, leaves;
	json_t *files;
};
/* Whether bytes are a manifest: every member of its type. */
int export_manifest_parse(struct span bytes, struct export_manifest *ret, struct err *e);

#endif

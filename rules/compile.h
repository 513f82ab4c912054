/* SPDX-License-Identifier: BSD-3-Clause */
/* compile: lists in, ruleset image and compile report out.
 *
 * Model:    add lists in order of precedence, then build once. The report says of every entry that cannot be enforced
 *           as written why: rejected, duplicate, shadowed by a wider rule, or enforceable on plain HTTP only.
 * Owner:    compiler_new/compiler_free; the image belongs to the caller (free with compiler_image_free).
 * Threads:  one.
 * Limits:   see ruleset.h; REPORT_MAX_NOTES notes of each kind are kept, the rest are counted.
 * Errors:   0 or -errno with a sentence. A bad line is a note, not an error; a list with no good line is -ENODATA.
 * Cost:     about 1 us and 100 bytes an entry; one Hyperscan compile for all patterns.
 */
#ifndef RULES_COMPILE_H
#define RULES_COMPILE_H

#include "rules/ruleset.h"
#include "rules/seal.h"

#define REPORT_MAX_NOTES 10000

struct compiler;

enum note_kind { NOTE_REJECTED, NOTE_DUPLICATE, NOTE_SHADOWED, NOTE_HTTP_ONLY, NOTE_KINDS_N };
extern const char *const note_kind_names[NOTE_KINDS_N];

struct report_note {
	enum note_kind kind;
	uint32_t list, line;
	uint32_t other_list, other_line; /* DUPLICATE, SHADOWED: of which rule; else 0 */
	char *text;			 /* "why: what the line says" */
};

struct report {
	uint64_t lines, entries;
	uint64_t by_kind[RULE_KINDS_N][2]; /* [kind][exception] */
	uint64_t notes_total[NOTE_KINDS_N];
	unsigned patterns_compiled, patterns_cached; /* databases, at most two in all */
	struct report_note *notes;
	uint32_t n_notes;
};

/* key: 16 bytes that key the fingerprints, or NULL for random ones. */
int compiler_new(const uint8_t *key, struct compiler **ret, struct err *e);
void compiler_free(struct compiler *c);

/* Reads one plain list; its default name is the file's name without folder and ".txt". Of a list that is refused
 * nothing stays but its notes. */
int compiler_add_list(struct compiler *c, FILE *f, const char *file, struct err *e);

/* Begins a list whose entries come one by one, in canonical form, each with the line it had; meta: by META_*, NULL where its
 * default holds. What is added until the next list belongs to it. */
int compiler_begin_list(struct compiler *c, const char *const meta[META_COUNT], struct err *e);
/* 0 or -ENOMEM; the entry is copied. */
int compiler_add_entry(struct compiler *c, const struct list_entry *e);

/* Keeps compiled patterns in `folder`, which is made where it is missing, as files sealed with k, which the compiler borrows: the same
 * expressions are not compiled again. Files that cannot be read are written again; of more than PATTERNS_CACHE_FILES the
 * longest unused go. 0 or -errno: then nothing is kept, which is no reason not to go on. */
int compiler_set_cache(struct compiler *c, const char *folder, const struct seal_key *k);

/* Builds the image, 64-byte aligned, in *ret_image. */
int compiler_build(struct compiler *c, void **ret_image, size_t *ret_bytes, struct err *e);
void compiler_image_free(void *image, size_t bytes);

const struct report *compiler_report(const struct compiler *c);
const char *compiler_list_name(const struct compiler *c, unsigned list);

/* Writes an image to a new file beside `path`, syncs it, renames it there: old or new, never half. */
int ruleset_write(const char *path, const void *image, size_t bytes, struct err *e);
/* The same, sealed (seal.h); mode 0640, so that the group's data plane reads it. */
int ruleset_write_sealed(const char *path, const void *image, size_t bytes, const struct seal_key *k,
			 struct err *e);
/* The same; the file says which version it is, for a data plane that starts with it. 0: it does not. */
int ruleset_write_version(const char *path, const void *image, size_t bytes, uint64_t version,
			  const struct seal_key *k, struct err *e);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
/* spool: a folder into which people and programs put lists, FILE and FILE.p7s.
 *
 * Model:    a file is offered once it is complete: it was renamed into the folder, or it has not changed for settle_s;
 *           its signature likewise. Taking it copies it, so that what is checked is what is imported, whatever its
 *           writer does later. It stays until it is done (done/) or refused (refused/, with FILE.why); taking a file
 *           again after a crash is harmless.
 *           Names that begin with a dot are left alone: what programs write before they rename it.
 * Owner:    spool_new's caller; the folder belongs to the operator, done/ and refused/ are made where they are missing.
 * Threads:  one at a time.
 * Limits:   names of at most SPOOL_MAX_NAME bytes of UTF-8 text; SPOOL_MAX_FILES offered in one scan; the rest later.
 * Errors:   0 or -errno and a sentence. -ESTALE: the file changed or went since the scan; scan again.
 * Safety:   names and files are somebody else's: only regular files with one link, never through a symbolic link,
 *           never waiting for a FIFO; nothing leaves the folder.
 */
#ifndef CONTROL_FEED_SPOOL_H
#define CONTROL_FEED_SPOOL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"

#define SPOOL_MAX_NAME	200 /* bytes, without the NUL: room for .p7s, .why and a number */
#define SPOOL_MAX_FILES 256

struct spool_options {
	unsigned settle_s;	   /* unchanged for so long: complete */
	unsigned signature_wait_s; /* a file without signature is offered only when so old; 0: at once */
	bool remove_done;	   /* a done file is removed instead of kept in clear in done/ */
};

struct spool_ident {
	uint64_t device, inode, bytes;
	int64_t changed_ns;
};

struct spool_file {
	char name[SPOOL_MAX_NAME + 1];
	struct spool_ident file;
	bool has_signature;
	struct spool_ident signature;
};

struct spool_seen {
	unsigned offered;
	unsigned waiting;     /* not complete, or without the signature, or over SPOOL_MAX_FILES */
	unsigned signatures;  /* without their file */
	unsigned not_regular; /* links, FIFOs, devices, sockets, several links; folders are not counted */
	unsigned bad_names;
};

struct spool;

int spool_new(const char *folder, const struct spool_options *options, struct spool **ret, struct err *e);
void spool_free(struct spool *s);

/* A descriptor that becomes readable when something arrives (inotify); -1 where there is none: scan each settle_s. */
int spool_fd(const struct spool *s);

/* Offers the complete files, oldest first; each must not call spool_scan. */
int spool_scan(struct spool *s, int64_t now_s, void (*each)(void *ctx, const struct spool_file *f), void *ctx,
	       struct spool_seen *ret, struct err *e);

/* Copies the file (see temp_copy: temp_folder, max_bytes) and its signature (malloc, NULL without one). */
int spool_take(struct spool *s, const struct spool_file *f, const char *temp_folder, uint64_t max_bytes,
	       const atomic_bool *cancel, int *ret_fd, uint8_t **ret_signature, size_t *ret_signature_bytes,
	       struct err *e);

/* Moves it and its signature away; a name that exists there already gets a number. */
int spool_done(struct spool *s, const struct spool_file *f, struct err *e);
int spool_refuse(struct spool *s, const struct spool_file *f, const char *why, struct err *e);

#endif

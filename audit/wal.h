/* SPDX-License-Identifier: BSD-3-Clause */
/* wal: the write-ahead files of the log. Durable first, published later. docs/audit-storage.md tells the bytes.
 *
 * Model:    a segment is a file wal/NNNNNNNNNN.wal: a header with a random salt, a state frame, batch frames. A frame is written by one write and
 *           one fdatasync, and the next one only after that: so behind a frame that is not whole nothing can follow, and if something does, it is
 *           damage. A state frame tells everything that the segments before it add up to, so they can be removed once their leaves are published;
 *           and it says where the segment before it ends: frames there with a later ticket were given up, and are written again behind it. Checks
 *           are SHA-256 over salt, segment number, place and bytes: neither a flipped byte, nor a frame of another file or place, passes.
 * Owner:    the caller's; frames that are read borrow the file's bytes. wal_recover frees what it reads.
 * Threads:  one an object.
 * Limits:   WAL_FILE_MAX bytes are read of a segment; WAL_PART_MAX bytes of sets, and of leaves, in a frame.
 * Errors:   writing: the disk's -errno, with the file: the segment is not to be written again. Reading: -EBADMSG: damage, with file and byte;
 *           -ENODATA: a torn end: a write that was not finished, nothing behind it.
 * Cost:     a frame: one SHA-256 over it, one writev, one fdatasync.
 */
#ifndef AUDIT_WAL_H
#define AUDIT_WAL_H

#include "audit/tree.h"
#include "common/span.h"

#define WAL_FORMAT	 1
#define WAL_HEADER_BYTES 64
#define WAL_HEAD_BYTES	 64
#define WAL_SALT_BYTES	 16
#define WAL_CHECK_BYTES	 16
#define WAL_NAME_BYTES	 32
#define WAL_PART_MAX	 (256u << 20)
#define WAL_FILE_MAX	 (1ull << 30)

enum wal_type { WAL_STATE = 1, WAL_BATCH = 2 };

struct wal_frame {
	enum wal_type type;
	uint64_t ticket;    /* of the last batch in it, or before it */
	uint64_t size;	    /* leaves of the log with this frame */
	struct span sets;   /* see wal_set_put; of a state: the whole map */
	struct span leaves; /* as in an entry bundle; of a state: the frontier's peaks, the lowest first */
};

/* Writing. */

struct wal_file {
	int fd; /* -1: none */
	uint64_t number, at;
	uint8_t salt[WAL_SALT_BYTES];
};

/* Makes segment `number` with its state, all durable; what a failed attempt left by that name is removed first. On failure there is none. */
int wal_create(int folder, uint64_t number, const struct wal_frame *state, struct wal_file *ret,
	       struct err *e);
/* Appends a frame, durably. After a failure nothing is known of the file's end. */
int wal_put(struct wal_file *f, const struct wal_frame *frame, struct err *e);
void wal_close(struct wal_file *f);
void wal_name(uint64_t number, char ret[WAL_NAME_BYTES]);
/* A set as bytes: length of key, length of value (0: removes), key, value. Room: WAL_SET_BYTES. Returns the bytes. */
#define WAL_SET_BYTES (2 + 255 + 255)
size_t wal_set_put(uint8_t *p, struct span key, struct span value);

/* Reading. */

struct wal_reader {
	struct span file;
	uint64_t number;
	size_t at;	       /* where the next frame begins */
	uint64_t ticket, size; /* of the last one */
	uint8_t salt[WAL_SALT_BYTES];
};

/* Checks the header. */
int wal_begin(struct wal_reader *r, struct span file, uint64_t number, struct err *e);
/* The next frame, whole, its parts known to be well formed: 1; 0: the file ends behind a whole frame. */
int wal_next(struct wal_reader *r, struct wal_frame *ret, struct err *e);
bool wal_set_next(struct cursor *c, struct span *ret_key, struct span *ret_value);

struct wal_visitor {
	void *ctx;
	/* each segment's state, in order: of the first, to begin with; of the others, to be compared with what is so far */
	int (*state)(void *ctx, const struct wal_frame *f, struct err *e);
	int (*batch)(void *ctx, const struct wal_frame *f, struct err *e);
	/* all of segment `number` was told */
	int (*segment)(void *ctx, uint64_t number, struct err *e);
};

struct wal_found {
	uint64_t last;	      /* the newest segment that counts; 0: none */
	char torn[ERR_BYTES]; /* what was left out at the end; "": nothing */
};

/* Tells all segments of the folder, in order, changing nothing. What it tells is on the disk by then. */
int wal_recover(int folder, const struct wal_visitor *v, struct wal_found *ret, struct err *e);
/* Removes a segment, durably. */
int wal_remove(int folder, uint64_t number, struct err *e);

#endif

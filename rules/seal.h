/* SPDX-License-Identifier: BSD-3-Clause */
/* seal: files and texts that only the holder of a key reads, and that nobody changes unnoticed.
 *
 * Model:    a sealed file is a head (magic, version, key id, salt) and chunks of SEAL_CHUNK bytes, each AES-256-GCM under a key of the
 *           file's own (HKDF-SHA256 of the key and the salt), with the chunk's number and whether it is the last in the
 *           nonce (the STREAM construction): cut, reordered, changed or foreign chunks are refused. docs/ruleset.md.
 *           A sealed text is XAES-256-GCM (C2SP): a random nonce of 24 bytes, ciphertext and tag, bound to a context.
 * Owner:    seal_create/seal_open allocate; seal_commit, seal_abort and seal_close free, also on failure.
 * Threads:  one an object; keys are read-only.
 * Limits:   2^32 chunks a file; texts below 2^31 bytes.
 * Errors:   0 or -errno with a sentence: -EBADMSG changed or cut; -EKEYREJECTED sealed with another key; -EPROTO no sealed file.
 *           What failed once fails from then on: a writer commits nothing, a reader never comes to its end.
 * Cost:     about 1 ns a byte; a file's reader or writer holds one chunk.
 */
#ifndef RULES_SEAL_H
#define RULES_SEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/err.h"

#define SEAL_MAGIC     "ROJASEAL"
#define SEAL_KEY_BYTES 32
#define SEAL_CHUNK     65536
#define SEAL_TAG       16

struct seal_key {
	uint8_t bytes[SEAL_KEY_BYTES];
	uint8_t id[8]; /* the first bytes of SHA-256("roja key id" || bytes) */
};

/* A file of 32 bytes, or of 64 hexadecimal digits and a line break, that nobody but its owner and group may read. */
int seal_key_load(const char *path, struct seal_key *ret, struct err *e);
/* A new file, mode 0600, with a new random key as hexadecimal digits. -EEXIST where there is a file. */
int seal_key_make(const char *path, struct err *e);
/* Loads the key of `path`, or where that is "" the systemd credential roja-key, into a page of its own that no core dump, no swap and no
 * child holds. *ret is NULL where path is "" and there is no credential. */
#define SEAL_CREDENTIAL "roja-key"
int seal_key_find(const char *path, struct seal_key **ret, struct err *e);
/* Wipes it. */
void seal_key_free(struct seal_key *k);

struct seal_writer;
struct seal_reader;

/* Writes to a new file beside `path`; seal_commit puts it, whole and durable, in the place of path. */
int seal_create(const char *path, const struct seal_key *k, struct seal_writer **ret, struct err *e);
/* The same; the head holds a number, in clear but safe from change. What it means is the caller's; 0: none. */
int seal_create_numbered(const char *path, const struct seal_key *k, uint64_t number,
			 struct seal_writer **ret, struct err *e);
int seal_write(struct seal_writer *w, const void *p, size_t n, struct err *e);
/* mode: of the file. */
int seal_commit_mode(struct seal_writer *w, mode_t mode, struct err *e);
int seal_commit(struct seal_writer *w, struct err *e); /* mode 0600 */
void seal_abort(struct seal_writer *w);

int seal_open(const char *path, const struct seal_key *k, struct seal_reader **ret, struct err *e);
/* Up to n bytes; 0: the end, and it is the true one. -errno. */
ssize_t seal_read(struct seal_reader *r, void *p, size_t n, struct err *e);
void seal_close(struct seal_reader *r);
/* What seal_create_numbered was given; to be believed once the first bytes were read. */
uint64_t seal_number(const struct seal_reader *r);
/* Bytes of plain text in the file, from its size. */
uint64_t seal_plain_bytes(const struct seal_reader *r);
/* Whether a file begins like a sealed one. */
bool seal_is_sealed(const void *head, size_t n);

/* Allocates *ret. */
int seal_text(const struct seal_key *k, const char *context, const void *plain, size_t n, uint8_t **ret,
	      size_t *ret_n, struct err *e);
int unseal_text(const struct seal_key *k, const char *context, const void *sealed, size_t n, uint8_t **ret,
		size_t *ret_n, struct err *e);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
/* vector_log: a small log in memory, written out as docs/audit-format.md has it; for make_vectors. What fails ends the program.
 *
 * Model:    keys are made of seeds: 32 bytes of one value. A leaf `head` is added by itself.
 */
#ifndef TESTS_AUDIT_VECTOR_LOG_H
#define TESTS_AUDIT_VECTOR_LOG_H

#include <jansson.h>

#include "audit/entry.h"
#include "audit/note.h"
#include "audit/tile.h"

#define VECTOR_LEAVES 512
#define VECTOR_SIGNED 16
#define VECTOR_PATH   512

struct vector_log {
	char folder[VECTOR_PATH], parent[VECTOR_PATH];
	const char *origin;
	uint8_t seed; /* of the current key; the first one's: first_seed */
	uint8_t first_seed;
	struct signer *key, *before; /* before: signs the next checkpoint too */
	uint64_t n, signed_sizes[VECTOR_SIGNED];
	unsigned n_signed;
	uint8_t *entries[VECTOR_LEAVES];
	size_t bytes[VECTOR_LEAVES];
	struct hash hashes[VECTOR_LEAVES];
};

void vector_log_begin(struct vector_log *l, const char *parent, const char *name, const char *origin,
		      uint8_t seed);
void vector_log_add(struct vector_log *l, const struct entry *e);
/* Adds a leaf `key`: from the next checkpoint on the next seed's key signs. */
void vector_log_rotate(struct vector_log *l);
/* Writes tiles, bundles and `checkpoint`. */
void vector_log_sign(struct vector_log *l);
/* stamps/SIZE.checkpoint: the last checkpoint, with a witness's cosignature; its SHA-256, and the witness's key. */
void vector_log_stamp(struct vector_log *l, uint8_t ret[32], char ret_witness[NOTE_VKEY_BYTES]);
/* Bundle 0 goes to kept/, `pruned` says what was removed. */
void vector_log_remove(struct vector_log *l, const uint8_t bits[TILE_WIDTH / 8]);
enum entry_kind vector_log_kind(const struct vector_log *l, uint64_t leaf);
void vector_log_digest(const void *p, size_t bytes, uint8_t ret[32]);
/* What a verifier must find. */
json_t *vector_log_json(struct vector_log *l);
/* Writes vectors.json; the program's exit code. */
int vector_log_end(const char *parent, json_t *o);

#endif

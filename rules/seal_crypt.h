/* SPDX-License-Identifier: BSD-3-Clause */
/* seal_crypt: the chunks of sealed files and texts. For the files of rules/seal. */
#ifndef RULES_SEAL_CRYPT_H
#define RULES_SEAL_CRYPT_H

#include <openssl/evp.h>

#include "rules/seal.h"

#define SEAL_VERSION	1u
#define SEAL_NONCE	12
#define SEAL_TEXT_NONCE 24 /* XAES-256-GCM's */

struct seal_head {
	char magic[8];
	uint32_t version, chunk; /* little endian */
	uint8_t key_id[8];
	uint8_t salt[16];
	uint64_t number; /* little endian */
};
_Static_assert(sizeof(struct seal_head) == 48, "as docs/ruleset.md says");

/* Of one file: its own key, and the number of the next chunk. */
struct seal_stream {
	EVP_CIPHER_CTX *ctx;
	uint8_t key[SEAL_KEY_BYTES];
	struct seal_head head;
	uint64_t next;
};

int seal_stream_init(struct seal_stream *s, const struct seal_key *k, struct err *e);
void seal_stream_fini(struct seal_stream *s);
/* n bytes in place at p become n + SEAL_TAG. */
int seal_chunk(struct seal_stream *s, uint8_t *p, size_t n, bool last);
/* n bytes in place, tag included, become n - SEAL_TAG. -EBADMSG */
int unseal_chunk(struct seal_stream *s, uint8_t *p, size_t n, bool last);
/* AES-256-GCM of n bytes in place; the tag is written or compared. -EBADMSG where it differs. */
int seal_gcm(EVP_CIPHER_CTX *ctx, const uint8_t *key, const uint8_t *nonce, const void *aad, size_t aad_n,
	     uint8_t *p, size_t n, uint8_t *tag, bool seal);
/* XAES-256-GCM (published by C2SP): a nonce of 24 bytes, which may be random for any number of texts. */
int seal_xaes(const uint8_t key[SEAL_KEY_BYTES], const uint8_t nonce[SEAL_TEXT_NONCE], const void *aad,
	      size_t aad_n, uint8_t *p, size_t n, uint8_t *tag, bool seal);

#endif

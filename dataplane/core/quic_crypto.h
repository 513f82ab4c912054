/* SPDX-License-Identifier: BSD-3-Clause */
/* quic_crypto: the primitives under QUIC's packet protection, for the quic_* files alone (RFC 9001 5).
 *
 * Model:    SHA-256 states after each salt and each label are prepared once; AES contexts are made once and
 *           re-keyed.
 * Owner:    quic_crypto_new/free (quic.h).
 * Threads:  one object per worker.
 * Limits:   lengths fit an int: QUIC_MAX_PAYLOAD.
 * Errors:   false where a tag is wrong or OpenSSL fails.
 * Cost:     no heap after quic_crypto_new.
 */
#ifndef DATAPLANE_CORE_QUIC_CRYPTO_H
#define DATAPLANE_CORE_QUIC_CRYPTO_H

#include <openssl/evp.h>

#include "dataplane/core/quic.h"
#include "dataplane/core/quic_versions.h"

#define QUIC_TAG_BYTES	  16
#define QUIC_SAMPLE_BYTES 16

struct quic_sha {
	uint32_t h[8];
};

struct quic_hmac { /* SHA-256 states that have taken the two padded keys */
	struct quic_sha inner, outer;
};

enum quic_derived { QUIC_DERIVED_KEY, QUIC_DERIVED_IV, QUIC_DERIVED_HP, QUIC_DERIVED };

/* What key derivation needs of constants: prepared by quic_schedule_init. */
struct quic_schedule {
	struct quic_hmac salts[QUIC_SALTS];
	uint8_t secret[2][64]; /* the last SHA-256 block of each expansion: label, counter and padding */
	uint8_t derived[QUIC_LABELS][QUIC_DERIVED][64];
};

struct quic_crypto {
	struct quic_schedule schedule;
	EVP_CIPHER_CTX *mask, *open, *seal;
};

void quic_schedule_init(struct quic_schedule *s);

/* The header protection mask for `sample` (RFC 9001 5.4.3); its first five bytes are used. */
bool quic_mask(struct quic_crypto *qc, const struct quic_keys *k, const uint8_t sample[QUIC_SAMPLE_BYTES],
	       uint8_t ret[QUIC_SAMPLE_BYTES]);

/* AEAD_AES_128_GCM: `in` ends in its tag, `out` takes QUIC_TAG_BYTES less. What is in `out` after false is
 * not to be believed. */
bool quic_aead_open(struct quic_crypto *qc, const struct quic_keys *k, uint64_t pn, struct span aad,
		    struct span in, uint8_t *out);

/* The reverse, in place: p has `len` bytes and room for the tag. */
bool quic_aead_seal(struct quic_crypto *qc, const struct quic_keys *k, uint64_t pn, struct span aad,
		    uint8_t *p, size_t len);

#endif

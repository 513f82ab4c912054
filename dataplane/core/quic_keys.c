/* SPDX-License-Identifier: BSD-3-Clause */
/* quic_keys: Initial keys by HKDF-SHA256 (RFC 5869, RFC 8446 7.1, RFC 9001 5.2).
 *
 * Every HMAC here has a 20- or 32-byte key and a message of one block at most, so that it is four
 * compressions, two of them known beforehand for a salt. OpenSSL's EVP_MAC and EVP_KDF allocate for each
 * derivation; SHA256_Transform, though deprecated, does not, and uses the same SHA instructions. Hence: */
#define OPENSSL_SUPPRESS_DEPRECATED

#include <openssl/sha.h>

#include "dataplane/core/quic_crypto.h"

static const char *const secret_labels[2] = {"tls13 client in", "tls13 server in"};

static const struct {
	const char *label[QUIC_LABELS];
	uint8_t bytes;
} derived[QUIC_DERIVED] = {
    [QUIC_DERIVED_KEY] = {{"tls13 quic key", "tls13 quicv2 key"}, 16},
    [QUIC_DERIVED_IV] = {{"tls13 quic iv", "tls13 quicv2 iv"}, 12},
    [QUIC_DERIVED_HP] = {{"tls13 quic hp", "tls13 quicv2 hp"}, 16},
};

static const struct quic_sha sha_start = {
    {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19}};

static void compress(const struct quic_sha *from, const uint8_t block[64], struct quic_sha *ret)
{
	SHA256_CTX c;
	memcpy(c.h, from->h, sizeof(c.h));
	SHA256_Transform(&c, block);
	memcpy(ret->h, c.h, sizeof(ret->h));
}

static void digest_bytes(const struct quic_sha *s, uint8_t ret[32])
{
	for (int i = 0; i < 8; i++)
		put_be32(ret + 4 * i, s->h[i]);
}

/* The last block of a message that follows one block of key: len <= 55 bytes are in place. */
static void pad_block(uint8_t block[64], size_t len)
{
	block[len] = 0x80;
	memset(block + len + 1, 0, 63 - len);
	put_be16(block + 62, (uint16_t)((64 + len) * 8));
}

static void hmac_key(const uint8_t *key, size_t len, struct quic_hmac *ret)
{
	uint8_t inner[64], outer[64];
	memset(inner, 0x36, sizeof(inner));
	memset(outer, 0x5c, sizeof(outer));
	for (size_t i = 0; i < len; i++) {
		inner[i] ^= key[i];
		outer[i] ^= key[i];
	}
	compress(&sha_start, inner, &ret->inner);
	compress(&sha_start, outer, &ret->outer);
}

static void hmac_block(const struct quic_hmac *key, const uint8_t block[64], uint8_t ret[32])
{
	struct quic_sha s;
	uint8_t last[64];
	compress(&key->inner, block, &s);
	digest_bytes(&s, last);
	pad_block(last, 32);
	compress(&key->outer, last, &s);
	digest_bytes(&s, ret);
}

/* HkdfLabel with an empty context, and the counter of HKDF-Expand's first and only step. */
static void label_block(const char *label, uint8_t bytes, uint8_t block[64])
{
	size_t n = strlen(label);
	put_be16(block, bytes);
	block[2] = (uint8_t)n;
	memcpy(block + 3, label, n);
	block[3 + n] = 0;
	block[4 + n] = 1;
	pad_block(block, 5 + n);
}

void quic_schedule_init(struct quic_schedule *s)
{
	for (int i = 0; i < QUIC_SALTS; i++)
		hmac_key(quic_salts[i], QUIC_SALT_BYTES, &s->salts[i]);
	for (int i = 0; i < 2; i++)
		label_block(secret_labels[i], 32, s->secret[i]);
	for (int set = 0; set < QUIC_LABELS; set++)
		for (int i = 0; i < QUIC_DERIVED; i++)
			label_block(derived[i].label[set], derived[i].bytes, s->derived[set][i]);
}

void quic_keys_derive(struct quic_crypto *qc, uint32_t version, const uint8_t *cid, size_t cid_len,
		      bool server, struct quic_keys *ret)
{
	const struct quic_schedule *s = &qc->schedule;
	const struct quic_version *v = quic_version_find(version);
	uint8_t *const outs[QUIC_DERIVED] = {ret->key, ret->iv, ret->hp};
	uint8_t block[64], secret[32];
	struct quic_hmac prk;

	if (!v || cid_len > QUIC_MAX_CID) {
		memset(ret, 0, sizeof(*ret));
		return;
	}
	if (cid_len)
		memcpy(block, cid, cid_len);
	pad_block(block, cid_len);
	hmac_block(&s->salts[v->salt], block, secret); /* HKDF-Extract */
	hmac_key(secret, sizeof(secret), &prk);
	hmac_block(&prk, s->secret[server], secret);
	hmac_key(secret, sizeof(secret), &prk);
	for (int i = 0; i < QUIC_DERIVED; i++) {
		hmac_block(&prk, s->derived[v->labels][i], secret);
		memcpy(outs[i], secret, derived[i].bytes);
	}
}

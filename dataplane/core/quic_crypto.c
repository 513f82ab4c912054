/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/core/quic_crypto.h"

#include <stdlib.h>

/* A first use with a key, so that whatever OpenSSL prepares lazily is prepared before the packet path. */
static bool ready(EVP_CIPHER_CTX *c, const EVP_CIPHER *cipher, int encrypt)
{
	static const uint8_t zeros[16];
	uint8_t out[32];
	int n;
	return c && EVP_CipherInit_ex(c, cipher, NULL, zeros, zeros, encrypt) == 1 &&
	       EVP_CIPHER_CTX_set_padding(c, 0) == 1 &&
	       EVP_CipherUpdate(c, out, &n, zeros, sizeof(zeros)) == 1;
}

struct quic_crypto *quic_crypto_new(void)
{
	struct quic_crypto *qc = calloc(1, sizeof(*qc));
	if (!qc)
		return NULL;
	quic_schedule_init(&qc->schedule);
	EVP_CIPHER *ecb = EVP_CIPHER_fetch(NULL, "AES-128-ECB", NULL);
	EVP_CIPHER *gcm = EVP_CIPHER_fetch(NULL, "AES-128-GCM", NULL);
	qc->mask = EVP_CIPHER_CTX_new();
	qc->open = EVP_CIPHER_CTX_new();
	qc->seal = EVP_CIPHER_CTX_new();
	bool ok = ecb && gcm && ready(qc->mask, ecb, 1) && ready(qc->open, gcm, 0) && ready(qc->seal, gcm, 1);
	EVP_CIPHER_free(ecb); /* the contexts hold references */
	EVP_CIPHER_free(gcm);
	if (!ok) {
		quic_crypto_free(qc);
		return NULL;
	}
	return qc;
}

void quic_crypto_free(struct quic_crypto *qc)
{
	if (!qc)
		return;
	EVP_CIPHER_CTX_free(qc->mask);
	EVP_CIPHER_CTX_free(qc->open);
	EVP_CIPHER_CTX_free(qc->seal);
	free(qc);
}

bool quic_mask(struct quic_crypto *qc, const struct quic_keys *k, const uint8_t sample[QUIC_SAMPLE_BYTES],
	       uint8_t ret[QUIC_SAMPLE_BYTES])
{
	int n;
	return EVP_EncryptInit_ex(qc->mask, NULL, NULL, k->hp, NULL) == 1 &&
	       EVP_EncryptUpdate(qc->mask, ret, &n, sample, QUIC_SAMPLE_BYTES) == 1 && n == QUIC_SAMPLE_BYTES;
}

static void nonce_of(const struct quic_keys *k, uint64_t pn, uint8_t ret[12])
{
	uint64_t low = be64(k->iv + 4) ^ pn;
	memcpy(ret, k->iv, 4);
	put_be32(ret + 4, (uint32_t)(low >> 32));
	put_be32(ret + 8, (uint32_t)low);
}

bool quic_aead_open(struct quic_crypto *qc, const struct quic_keys *k, uint64_t pn, struct span aad,
		    struct span in, uint8_t *out)
{
	EVP_CIPHER_CTX *c = qc->open;
	uint8_t nonce[12];
	int n;
	if (in.len < QUIC_TAG_BYTES)
		return false;
	size_t len = in.len - QUIC_TAG_BYTES;
	nonce_of(k, pn, nonce);
	return EVP_DecryptInit_ex(c, NULL, NULL, k->key, nonce) == 1 &&
	       EVP_DecryptUpdate(c, NULL, &n, aad.p, (int)aad.len) == 1 &&
	       EVP_DecryptUpdate(c, out, &n, in.p, (int)len) == 1 &&
	       EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, QUIC_TAG_BYTES,
				   (void *)(uintptr_t)(in.p + len)) == 1 &&
	       EVP_DecryptFinal_ex(c, out + len, &n) == 1;
}

bool quic_aead_seal(struct quic_crypto *qc, const struct quic_keys *k, uint64_t pn, struct span aad,
		    uint8_t *p, size_t len)
{
	EVP_CIPHER_CTX *c = qc->seal;
	uint8_t nonce[12];
	int n;
	nonce_of(k, pn, nonce);
	return EVP_EncryptInit_ex(c, NULL, NULL, k->key, nonce) == 1 &&
	       EVP_EncryptUpdate(c, NULL, &n, aad.p, (int)aad.len) == 1 &&
	       EVP_EncryptUpdate(c, p, &n, p, (int)len) == 1 && EVP_EncryptFinal_ex(c, p + len, &n) == 1 &&
	       EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, QUIC_TAG_BYTES, p + len) == 1;
}

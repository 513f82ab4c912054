/* SPDX-License-Identifier: BSD-3-Clause */
#include "rules/seal_crypt.h"

#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <stdlib.h>
#include <string.h>

/* HKDF-SHA256 (RFC 5869) of the key and a salt. */
static int derive(const struct seal_key *k, const uint8_t *salt, size_t n, uint8_t ret[SEAL_KEY_BYTES])
{
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	EVP_KDF_CTX *ctx = kdf ? EVP_KDF_CTX_new(kdf) : NULL;
	char digest[] = "SHA256", info[] = "roja sealed file";
	OSSL_PARAM params[] = {
	    OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
	    OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)(uintptr_t)k->bytes,
					      SEAL_KEY_BYTES),
	    OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, (void *)(uintptr_t)salt, n),
	    OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info, sizeof(info) - 1),
	    OSSL_PARAM_construct_end(),
	};
	int good = ctx && EVP_KDF_derive(ctx, ret, SEAL_KEY_BYTES, params) > 0;
	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
	return good ? 0 : -ENOMEM;
}

int seal_stream_init(struct seal_stream *s, const struct seal_key *k, struct err *e)
{
	s->next = 0;
	s->ctx = EVP_CIPHER_CTX_new();
	if (!s->ctx || derive(k, s->head.salt, sizeof(s->head.salt), s->key)) {
		seal_stream_fini(s);
		return err_set(e, -ENOMEM, "no memory for a cipher");
	}
	return 0;
}

void seal_stream_fini(struct seal_stream *s)
{
	EVP_CIPHER_CTX_free(s->ctx);
	s->ctx = NULL;
	explicit_bzero(s->key, sizeof(s->key));
}

/* The chunk's number, and in the last byte whether it is the last. */
static void nonce_of(uint64_t number, bool last, uint8_t ret[SEAL_NONCE])
{
	memset(ret, 0, SEAL_NONCE);
	for (int i = 10; i >= 3; i--, number >>= 8)
		ret[i] = (uint8_t)number;
	ret[11] = last;
}

int seal_gcm(EVP_CIPHER_CTX *ctx, const uint8_t *key, const uint8_t *nonce, const void *aad, size_t aad_n,
	     uint8_t *p, size_t n, uint8_t *tag, bool seal)
{
	int len;
	if (EVP_CipherInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, nonce, seal) != 1 ||
	    EVP_CipherUpdate(ctx, NULL, &len, aad, (int)aad_n) != 1)
		return -ENOMEM;
	if (!seal && EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, SEAL_TAG, tag) != 1)
		return -ENOMEM;
	if (n && EVP_CipherUpdate(ctx, p, &len, p, (int)n) != 1)
		return -EBADMSG;
	if (EVP_CipherFinal_ex(ctx, p + n, &len) != 1)
		return -EBADMSG;
	if (seal && EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, SEAL_TAG, tag) != 1)
		return -ENOMEM;
	return 0;
}

int seal_chunk(struct seal_stream *s, uint8_t *p, size_t n, bool last)
{
	uint8_t nonce[SEAL_NONCE];
	nonce_of(s->next++, last, nonce);
	return seal_gcm(s->ctx, s->key, nonce, &s->head, sizeof(s->head), p, n, p + n, true);
}

int unseal_chunk(struct seal_stream *s, uint8_t *p, size_t n, bool last)
{
	uint8_t nonce[SEAL_NONCE];
	if (n < SEAL_TAG)
		return -EBADMSG;
	nonce_of(s->next++, last, nonce);
	return seal_gcm(s->ctx, s->key, nonce, &s->head, sizeof(s->head), p, n - SEAL_TAG, p + n - SEAL_TAG,
			false);
}

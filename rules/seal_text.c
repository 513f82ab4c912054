/* SPDX-License-Identifier: BSD-3-Clause */
/* Sealed texts: what a database's columns hold. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "rules/seal_crypt.h"

#define BLOCK 16

/* CMAC of two blocks that count up and hold half of the nonce: the key of one text. */
static int derive(EVP_CIPHER_CTX *ctx, const uint8_t *key, const uint8_t *nonce, uint8_t ret[SEAL_KEY_BYTES])
{
	uint8_t k1[BLOCK] = {0}, in[2 * BLOCK];
	int len, carry;
	if (EVP_EncryptInit_ex(ctx, EVP_aes_256_ecb(), NULL, key, NULL) != 1 ||
	    EVP_EncryptUpdate(ctx, k1, &len, k1, BLOCK) != 1)
		return -ENOMEM;
	carry = k1[0] >> 7;
	for (unsigned i = 0; i < BLOCK; i++)
		k1[i] = (uint8_t)(k1[i] << 1 | (i + 1 < BLOCK ? k1[i + 1] >> 7 : 0));
	k1[BLOCK - 1] ^= (uint8_t)(carry ? 0x87 : 0);
	for (unsigned b = 0; b < 2; b++) {
		uint8_t *at = in + b * BLOCK;
		const uint8_t label[] = {0, (uint8_t)(b + 1), 'X', 0};
		memcpy(at, label, sizeof(label));
		memcpy(at + sizeof(label), nonce, SEAL_NONCE);
		for (unsigned i = 0; i < BLOCK; i++)
			at[i] ^= k1[i];
	}
	int good = EVP_EncryptUpdate(ctx, ret, &len, in, sizeof(in));
	explicit_bzero(k1, sizeof(k1));
	explicit_bzero(in, sizeof(in));
	return good == 1 ? 0 : -ENOMEM;
}

int seal_xaes(const uint8_t key[SEAL_KEY_BYTES], const uint8_t nonce[SEAL_TEXT_NONCE], const void *aad,
	      size_t aad_n, uint8_t *p, size_t n, uint8_t *tag, bool seal)
{
	uint8_t own[SEAL_KEY_BYTES];
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int err = ctx ? derive(ctx, key, nonce, own) : -ENOMEM;
	if (!err && EVP_CIPHER_CTX_reset(ctx) != 1)
		err = -ENOMEM;
	if (!err)
		err = seal_gcm(ctx, own, nonce + SEAL_NONCE, aad, aad_n, p, n, tag, seal);
	explicit_bzero(own, sizeof(own));
	EVP_CIPHER_CTX_free(ctx);
	return err;
}

int seal_text(const struct seal_key *k, const char *context, const void *plain, size_t n, uint8_t **ret,
	      size_t *ret_n, struct err *e)
{
	uint8_t *out = n < INT32_MAX - 64 ? malloc(SEAL_TEXT_NONCE + n + SEAL_TAG) : NULL;
	int err = out ? 0 : -ENOMEM;
	if (!err && getrandom(out, SEAL_TEXT_NONCE, 0) != SEAL_TEXT_NONCE)
		err = -EIO;
	if (!err && n)
		memcpy(out + SEAL_TEXT_NONCE, plain, n);
	if (!err)
		err = seal_xaes(k->bytes, out, context, strlen(context), out + SEAL_TEXT_NONCE, n,
				out + SEAL_TEXT_NONCE + n, true);
	if (err) {
		if (out)
			explicit_bzero(out, SEAL_TEXT_NONCE + n);
		free(out);
		return err_set(e, err, "cannot seal a text: %s", strerror(-err));
	}
	*ret = out;
	*ret_n = SEAL_TEXT_NONCE + n + SEAL_TAG;
	return 0;
}

int unseal_text(const struct seal_key *k, const char *context, const void *sealed, size_t n, uint8_t **ret,
		size_t *ret_n, struct err *e)
{
	if (n < SEAL_TEXT_NONCE + SEAL_TAG)
		return err_set(e, -EBADMSG, "a sealed text is cut");
	size_t plain = n - SEAL_TEXT_NONCE - SEAL_TAG;
	uint8_t *out = plain < INT32_MAX ? malloc(plain + SEAL_TAG) : NULL;
	if (!out)
		return err_set(e, -ENOMEM, "no memory for a text of %zu bytes", plain);
	memcpy(out, (const uint8_t *)sealed + SEAL_TEXT_NONCE, plain + SEAL_TAG);
	int err = seal_xaes(k->bytes, sealed, context, strlen(context), out, plain, out + plain, false);
	if (err) {
		explicit_bzero(out, plain);
		free(out);
		return err_set(e, err,
			       err == -EBADMSG ? "a sealed text was changed, or sealed with another key"
					       : "no memory for a cipher");
	}
	*ret = out;
	*ret_n = plain;
	return 0;
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* signer: makes, keeps, uses and wipes a private key.
 *
 * A key's file is the PKCS #8 that `openssl genpkey -algorithm ed25519` writes: 48 bytes of which all but the last 32 are the same for every key.
 * It is read and written here rather than by OpenSSL's decoders, so that each copy on the way is one that is wiped here. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/base64.h"
#include "audit/note_state.h"

#define PEM_HEAD     "-----BEGIN PRIVATE KEY-----\n"
#define PEM_FOOT     "\n-----END PRIVATE KEY-----\n"
#define PKCS8_BYTES  (sizeof(pkcs8_head) + ED25519_BYTES)
#define PEM_BYTES    (sizeof(PEM_HEAD) - 1 + BASE64_CHARS(PKCS8_BYTES) + sizeof(PEM_FOOT) - 1)
#define FOLDER_BYTES 4096

/* RFC 8410, 7: PrivateKeyInfo of version 0, id-Ed25519, and an octet string in an octet string. */
static const uint8_t pkcs8_head[16] = {0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06,
				       0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20};

struct signer {
	struct verifier v;
	EVP_PKEY *key; /* whose private part OpenSSL wipes as it frees it */
	uint8_t seed[ED25519_BYTES];
};

/* Asked for as a parameter: EVP_PKEY_get_raw_public_key exports the private key too, into memory that it frees without wiping it; so does
 * EVP_PKEY_get_raw_private_key, hence the seed of our own. */
static bool take_public_key(EVP_PKEY *key, uint8_t ret[ED25519_BYTES])
{
	size_t n = 0;
	return EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, ret, ED25519_BYTES, &n) == 1 &&
	       n == ED25519_BYTES;
}

static int signer_make(const uint8_t seed[ED25519_BYTES], const char *name, struct signer **ret,
		       struct err *e)
{
	struct span span = {(const uint8_t *)name, strlen(name)};
	if (!note_name_ok(span))
		return err_set(e, -EINVAL,
			       "key's name: must be 1 to %d bytes of UTF-8 without blanks and \"+\"",
			       NOTE_NAME_MAX);
	struct signer *s = calloc(1, sizeof(*s));
	if (s)
		s->key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, ED25519_BYTES);
	if (!s || !s->key || !take_public_key(s->key, s->v.public_key)) {
		signer_free(s);
		return err_set(e, -ENOMEM, "key: libcrypto makes no Ed25519 key: no memory");
	}
	memcpy(s->seed, seed, ED25519_BYTES);
	s->v.type = NOTE_ED25519;
	memcpy(s->v.name, name, span.len);
	verifier_identify(&s->v);
	*ret = s;
	return 0;
}

int signer_new(const char *name, struct signer **ret, struct err *e)
{
	uint8_t seed[ED25519_BYTES];
	if (RAND_priv_bytes(seed, sizeof(seed)) != 1)
		return err_set(e, -EIO, "key: libcrypto has no random numbers");
	int err = signer_make(seed, name, ret, e);
	OPENSSL_cleanse(seed, sizeof(seed));
	return err;
}

void signer_free(struct signer *s)
{
	if (!s)
		return;
	EVP_PKEY_free(s->key);
	OPENSSL_cleanse(s->seed, sizeof(s->seed));
	free(s);
}

const struct verifier *signer_verifier(const struct signer *s)
{
	return &s->v;
}

static bool pem_parse(const char *pem, uint8_t ret[ED25519_BYTES])
{
	const char *body = pem + strlen(PEM_HEAD), *foot = body + BASE64_CHARS(PKCS8_BYTES);
	uint8_t der[PKCS8_BYTES];
	size_t n;
	bool ok = !memcmp(pem, PEM_HEAD, strlen(PEM_HEAD)) && !memcmp(foot, PEM_FOOT, strlen(PEM_FOOT)) &&
		  base64_take(body, (size_t)(foot - body), der, sizeof(der), &n) && n == sizeof(der) &&
		  !memcmp(der, pkcs8_head, sizeof(pkcs8_head));
	if (ok)
		memcpy(ret, der + sizeof(pkcs8_head), ED25519_BYTES);
	OPENSSL_cleanse(der, sizeof(der));
	return ok;
}

int signer_load(const char *path, const char *name, struct signer **ret, struct err *e)
{
	char pem[PEM_BYTES + 1];
	uint8_t key[ED25519_BYTES];
	struct stat st;
	int err = 0, fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return err_set(e, -errno, "%s: %s", path, strerror(errno));
	ssize_t n = fstat(fd, &st) ? -1 : read(fd, pem, sizeof(pem));
	if (n < 0)
		err = err_set(e, -errno, "%s: %s", path, strerror(errno));
	else if (st.st_mode & 077)
		err = err_set(e, -EPERM,
			      "%s: others may read this private key: chmod 600 it, and think of a new one",
			      path);
	else if ((size_t)n != PEM_BYTES || !pem_parse(pem, key))
		err = err_set(e, -EBADMSG, "%s: is no Ed25519 private key (PKCS #8, PEM)", path);
	else
		err = signer_make(key, name, ret, e);
	OPENSSL_cleanse(pem, sizeof(pem));
	OPENSSL_cleanse(key, sizeof(key));
	close(fd);
	return err;
}

static int sync_folder_of(const char *path)
{
	char copy[FOLDER_BYTES];
	if (snprintf(copy, sizeof(copy), "%s", path) >= (int)sizeof(copy))
		return -ENAMETOOLONG;
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	int err = fsync(fd) ? -errno : 0;
	close(fd);
	return err;
}

/* The whole file, durably, or none. */
static int write_new(const char *path, const char *bytes, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	ssize_t done = write(fd, bytes, n);
	int err = done < 0 ? -errno : (size_t)done != n ? -ENOSPC : fsync(fd) ? -errno : 0;
	if (close(fd) && !err)
		err = -errno;
	if (!err)
		err = sync_folder_of(path);
	if (err)
		unlink(path);
	return err;
}

int signer_save(const struct signer *s, const char *path, struct err *e)
{
	uint8_t der[PKCS8_BYTES];
	char pem[PEM_BYTES + 1], *p = pem;
	memcpy(der, pkcs8_head, sizeof(pkcs8_head));
	memcpy(der + sizeof(pkcs8_head), s->seed, sizeof(s->seed));
	p = stpcpy(p, PEM_HEAD);
	p = base64_put(der, sizeof(der), p);
	stpcpy(p, PEM_FOOT);
	int err = write_new(path, pem, PEM_BYTES);
	OPENSSL_cleanse(der, sizeof(der));
	OPENSSL_cleanse(pem, sizeof(pem));
	return err ? err_set(e, err, "%s: the private key cannot be written: %s", path, strerror(-err)) : 0;
}

int signer_sign(const struct signer *s, const void *bytes, size_t n, uint8_t ret[64], struct err *e)
{
	size_t len = SIGNATURE_BYTES;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok = ctx && EVP_DigestSignInit(ctx, NULL, NULL, NULL, s->key) == 1 &&
		  EVP_DigestSign(ctx, ret, &len, bytes, n) == 1;
	EVP_MD_CTX_free(ctx);
	return ok ? 0 : err_set(e, -ENOMEM, "key %s: libcrypto does not sign: no memory", s->v.name);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* note_key: names, key ids and vkeys. */
#include <errno.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>

#include "audit/base64.h"
#include "audit/note_state.h"
#include "common/hex.h"
#include "common/utf8.h"

#define ID_DIGITS 8

/* Blanks of Unicode (White_Space) that are no ASCII, as UTF-8. */
static const char *const blanks[] = {
    "\xc2\x85",	    "\xc2\xa0",	    "\xe1\x9a\x80", "\xe2\x80\x80", "\xe2\x80\x81",
    "\xe2\x80\x82", "\xe2\x80\x83", "\xe2\x80\x84", "\xe2\x80\x85", "\xe2\x80\x86",
    "\xe2\x80\x87", "\xe2\x80\x88", "\xe2\x80\x89", "\xe2\x80\x8a", "\xe2\x80\xa8",
    "\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80",
};

static bool is_blank(const uint8_t *p, size_t len)
{
	if (len == 1)
		return *p <= ' ';
	for (size_t i = 0; i < sizeof(blanks) / sizeof(*blanks); i++)
		if (strlen(blanks[i]) == len && !memcmp(blanks[i], p, len))
			return true;
	return false;
}

bool note_name_ok(struct span name)
{
	if (!name.len || name.len > NOTE_NAME_MAX)
		return false;
	for (size_t n; name.len; name.p += n, name.len -= n) {
		n = utf8_sequence(name.p, name.len);
		if (!n || *name.p == '+' || is_blank(name.p, n))
			return false;
	}
	return true;
}

void verifier_identify(struct verifier *v)
{
	const uint8_t type[2] = {'\n', (uint8_t)v->type};
	uint8_t bytes[NOTE_NAME_MAX + sizeof(type) + ED25519_BYTES], digest[SHA256_DIGEST_LENGTH];
	size_t n = strlen(v->name);
	memcpy(bytes, v->name, n);
	memcpy(bytes + n, type, sizeof(type));
	memcpy(bytes + n + sizeof(type), v->public_key, ED25519_BYTES);
	SHA256(bytes, n + sizeof(type) + ED25519_BYTES, digest);
	v->id = be32(digest);
}

/* Split at the first two "+" alone: base64 has more of them. */
int verifier_parse(const char *vkey, struct verifier *ret, struct err *e)
{
	static const char form[] =
	    "must be NAME+ID+KEY, as `roja-audit` and other tools of C2SP signed notes print it";
	const char *id = strchr(vkey, '+'), *key = id ? strchr(id + 1, '+') : NULL;
	uint8_t id_bytes[4], key_bytes[1 + ED25519_BYTES];
	char digits[ID_DIGITS + 1];
	size_t n;
	if (!key)
		return err_set(e, -EINVAL, "key: %s", form);
	struct span name = {(const uint8_t *)vkey, (size_t)(id - vkey)};
	if (!note_name_ok(name))
		return err_set(e, -EINVAL, "key: its name must be 1 to %d bytes of UTF-8 without blanks; %s",
			       NOTE_NAME_MAX, form);
	snprintf(digits, sizeof(digits), "%s", id + 1);
	if (key - id - 1 != ID_DIGITS || !hex_read(digits, id_bytes, sizeof(id_bytes)))
		return err_set(e, -EINVAL, "key: its id must be %d small hexadecimal digits; %s", ID_DIGITS,
			       form);
	if (!base64_take(key + 1, strlen(key + 1), key_bytes, sizeof(key_bytes), &n) ||
	    n != sizeof(key_bytes) || (key_bytes[0] != NOTE_ED25519 && key_bytes[0] != NOTE_COSIGNATURE))
		return err_set(e, -EINVAL,
			       "key: its third part must be an Ed25519 key of type 1 or 4 in base64; %s",
			       form);
	struct verifier v = {.type = key_bytes[0]};
	memcpy(v.name, name.p, name.len);
	memcpy(v.public_key, key_bytes + 1, ED25519_BYTES);
	verifier_identify(&v);
	if (v.id != be32(id_bytes))
		return err_set(e, -EINVAL,
			       "key: its id is %.8s, but that of this name and key is %08" PRIx32
			       ": get it again from whom you trust for it",
			       digits, v.id);
	*ret = v;
	return 0;
}

void verifier_print(const struct verifier *v, char ret[NOTE_VKEY_BYTES])
{
	uint8_t key[1 + ED25519_BYTES] = {(uint8_t)v->type};
	char text[BASE64_CHARS(sizeof(key)) + 1];
	memcpy(key + 1, v->public_key, ED25519_BYTES);
	*base64_put(key, sizeof(key), text) = '\0';
	snprintf(ret, NOTE_VKEY_BYTES, "%s+%08" PRIx32 "+%s", v->name, v->id, text);
}

bool verifier_check(const struct verifier *v, const void *bytes, size_t n, const uint8_t signature[64])
{
	EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, v->public_key, ED25519_BYTES);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok = key && ctx && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key) == 1 &&
		  EVP_DigestVerify(ctx, signature, SIGNATURE_BYTES, bytes, n) == 1;
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	return ok;
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* digest: SHA-256 as text. */
#ifndef CONTROL_ENGINE_DIGEST_H
#define CONTROL_ENGINE_DIGEST_H

#include <openssl/sha.h>

#include "common/hex.h"

static inline void digest_hex(const unsigned char *digest, char ret[65])
{
	hex_write(digest, 32, ret);
}

static inline void digest_text(const void *p, size_t n, char ret[65])
{
	unsigned char digest[32];
	SHA256(p, n, digest);
	digest_hex(digest, ret);
}

#endif

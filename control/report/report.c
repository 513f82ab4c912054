/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/report/report.h"

#include <openssl/sha.h>

#include "common/hex.h"

void report_digest(const void *bytes, size_t n, char ret[65])
{
	uint8_t digest[SHA256_DIGEST_LENGTH];
	SHA256(bytes, n, digest);
	hex_write(digest, sizeof(digest), ret);
}

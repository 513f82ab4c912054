/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/report/report.h"

#include <errno.h>
#include <openssl/sha.h>

#include "audit/base64.h"
#include "common/hex.h"

void report_digest(const void *bytes, size_t n, char ret[65])
{
	uint8_t digest[SHA256_DIGEST_LENGTH];
	SHA256(bytes, n, digest);
	hex_write(digest, sizeof(digest), ret);
}

int report_log_folder(const struct control_config *config, char *ret, size_t room, struct err *e)
{
	int n = snprintf(ret, room, "%s/audit/log", config->state);
	return n > 0 && (size_t)n < room ? 0
					 : err_set(e, -ENAMETOOLONG, "state: the folder's name is too long");
}

void report_root(const struct hash *root, char ret[REPORT_ROOT_BYTES])
{
	_Static_assert(REPORT_ROOT_BYTES == BASE64_CHARS(sizeof(root->b)) + 1, "a root as text");
	*base64_put(root->b, sizeof(root->b), ret) = 0;
}

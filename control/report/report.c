/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/report/report.h"

#include <errno.h>
#include <openssl/sha.h>

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

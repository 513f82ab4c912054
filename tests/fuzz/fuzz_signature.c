/* SPDX-License-Identifier: BSD-3-Clause */
/* fuzz_signature: bytes as a signature of a fixed list, below a fixed authority: a verdict always, and a sentence where it is refused. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "control/feed/signature.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

#define LIST "a.test\nb.test\n"
#define NOW  INT64_C(1798000000) /* 2026-12-22 */

/* Its key is nobody's any more. */
static const char authority[] = "-----BEGIN CERTIFICATE-----\n"
				"MIIBkjCCATmgAwIBAgIUSNEZGPuPGfnsyyEeXxqxm4brYxYwCgYIKoZIzj0EAwIw\n"
				"FzEVMBMGA1UEAwwMRXhhbXBsZSBSb290MB4XDTI2MTEyNjExNTIxNloXDTQ2MTEy\n"
				"MTExNTIxNlowFzEVMBMGA1UEAwwMRXhhbXBsZSBSb290MFkwEwYHKoZIzj0CAQYI\n"
				"KoZIzj0DAQcDQgAEDe3dD5m5cS38JxlUwDxOC9p/zph99o5e6KB+uDUDzyD/NR0y\n"
				"trJr6YsV+3H6GR02lAE/D2HeBXjqObm71TeQvqNjMGEwHQYDVR0OBBYEFFnaiS44\n"
				"S2QevWKabHQaq9xEHx1jMB8GA1UdIwQYMBaAFFnaiS44S2QevWKabHQaq9xEHx1j\n"
				"MA8GA1UdEwEB/wQFMAMBAf8wDgYDVR0PAQH/BAQDAgIEMAoGCCqGSM49BAMCA0cA\n"
				"MEQCID6QcN7CNza0uHErj22FUCtjxBCZHPnxIYs6/lqAtU7QAiAOPsyyQ1nS/PoQ\n"
				"FdYf1+cGFEYIIVWPjQVvt0Mb7GCDow==\n"
				"-----END CERTIFICATE-----\n";

static int in_memory(const char *text, size_t n)
{
	int fd = memfd_create("fuzz", 0);
	if (fd < 0 || write(fd, text, n) != (ssize_t)n)
		abort();
	return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	static int list = -1;
	static char trusted[64];
	struct signature_result result;
	struct err e = {.text = ""};
	if (list < 0) {
		list = in_memory(LIST, strlen(LIST));
		snprintf(trusted, sizeof(trusted), "/proc/self/fd/%d",
			 in_memory(authority, strlen(authority)));
	}
	struct signature_policy policy = {.trusted = trusted, .signer_name = "Lists Office", .now_s = NOW};
	int r = signature_check(list, "list.txt", p, len, &policy, &result, &e);
	assert((r == 0) == (result.verdict == SIGNATURE_GOOD));
	assert((r == 0) == (*e.text == 0));
	assert(result.verdict != SIGNATURE_POLICY && result.verdict != SIGNATURE_IO);
	if (!r)
		assert(!strcmp(result.signer, "Lists Office") && !strcmp(result.issuer, "Example Root") &&
		       strlen(result.fingerprint) == 64 && *result.digest);
	return 0;
}

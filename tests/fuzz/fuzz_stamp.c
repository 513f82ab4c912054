/* SPDX-License-Identifier: BSD-3-Clause */
/* fuzz_stamp: bytes as a reply about a fixed note, below a fixed authority: good or refused with a sentence; good only with that time and serial. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "audit/stamp.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

#define NOTE "roja.example/audit\n3\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n"
#define NOW  INT64_C(1795714762) /* 2026-11-26 17:39:22 */

/* Its key is nobody's any more. */
static const char authority[] = "-----BEGIN CERTIFICATE-----\n"
				"MIIBczCCARigAwIBAgIUWvrEU2EJWK9xyIZvzcfNdId2xvswCgYIKoZIzj0EAwIw\n"
				"FzEVMBMGA1UEAwwMRXhhbXBsZSBSb290MB4XDTI2MTEyNjE3MzkyMloXDTQ2MTEy\n"
				"MTE3MzkyMlowFzEVMBMGA1UEAwwMRXhhbXBsZSBSb290MFkwEwYHKoZIzj0CAQYI\n"
				"KoZIzj0DAQcDQgAEwszFw/xc6Q5e+47uhYDh+JZ9c0WQPkIS0A4mz2Uu3bc4vpsd\n"
				"wk8CVtK28mVSdrFs5CY34arkUUR2I4lNYfv9rqNCMEAwDwYDVR0TAQH/BAUwAwEB\n"
				"/zAOBgNVHQ8BAf8EBAMCAQYwHQYDVR0OBBYEFK4nuJlg2K9kOAZmMJy0uD8sG/hG\n"
				"MAoGCCqGSM49BAMCA0kAMEYCIQDh7Zuy66ET0HzdCBqISluivCJu7UBBi/5u5Nbz\n"
				"TgHtLAIhAKblJUdWgcjtmvuYpAJA+TLDl4jefD/4XatC+M60/tc0\n"
				"-----END CERTIFICATE-----\n";

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	static struct stamp_trust *trust;
	const struct span note = {(const uint8_t *)NOTE, strlen(NOTE)};
	struct stamp_request asked = {.now_s = NOW};
	struct stamp got = {0};
	struct err e = {""};
	if (!trust && stamp_trust_read((struct span){(const uint8_t *)authority, strlen(authority)},
				       "authority", &trust, &e))
		abort();
	int r = stamp_check((struct span){p, len}, note, NULL, NULL, trust, &got, &e);
	assert((r == 0) == (*e.text == 0));
	if (!r)
		assert(got.time_s == NOW && !strcmp(got.serial, "1001") &&
		       !strcmp(got.tsa, "Example Stamps"));
	else
		assert(!*got.serial && !*got.tsa);
	r = stamp_check((struct span){p, len}, note, &asked, "1.2.3.4.1", trust, &got, &e);
	assert(r); /* nobody knows this nonce */
	return 0;
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* stamp_fixture: a time-stamp authority of OpenSSL's own, which can be made to answer wrongly in one thing. */
#ifndef TESTS_UNIT_STAMP_FIXTURE_H
#define TESTS_UNIT_STAMP_FIXTURE_H

#include <openssl/ts.h>
#include <stdbool.h>

#include "audit/stamp.h"
#include "tests/unit/signature_fixture.h"

#define TSA_POLICY  "1.2.3.4.1"
#define TSA_PURPOSE "critical,timeStamping"
#define TSA_USAGE   "critical,digitalSignature"

/* 0 of a member: as it should be. */
struct tsa_wish {
	const struct party *signer;
	const struct party *extra; /* whose certificate comes along */
	int64_t at;		   /* 0: the request's now_s */
	const EVP_MD *md;	   /* NULL: SHA-256 */
	const char *purpose;	   /* another extendedKeyUsage in its certificate; "": none; NULL: as it is */
	const struct party *above; /* with purpose: who issued it */
	bool refuse;		   /* it knows no SHA-256 */
	bool no_certs, critical_extension;
};

/* DER; free(). */
uint8_t *tsa_reply(const struct stamp_request *asked, const struct tsa_wish *wish, size_t *ret_len);
/* PEM; free(). */
char *tsa_pem(const struct party *const *parties, unsigned n);

#endif

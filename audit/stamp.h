/* SPDX-License-Identifier: BSD-3-Clause */
/* stamp: RFC 3161 time stamps of a checkpoint's bytes: the request, and whether a reply proves what it must.
 *
 * Model:    a time-stamp authority (TSA) signs "these bytes' SHA-256 existed at this time". A reply is good where it is granted, is over
 *           exactly these bytes, by a certificate for nothing but time stamps (critical extended key usage, 2.3), below a trusted
 *           certificate, valid at the stamp's own time; and, where the request is at hand, answers that one (nonce) and now.
 * Owner:    trust is allocated and freed; all else is the caller's.
 * Threads:  no state but the arguments'; a trust may be read by many threads.
 * Limits:   STAMP_REPLY_MAX, STAMP_TRUSTED_MAX certificates of a file; SHA-256 to SHA-512, RSA of 2048 bits, 112 bits of strength.
 * Errors:   -EBADMSG: no reply, or none over these bytes; -EACCES: the TSA grants nothing; -EKEYREJECTED: not signed by whom it must be;
 *           -ESTALE: it answers another request, or tells another time; -EINVAL: the trusted certificates cannot be used; -ENOMEM. With a sentence.
 * Cost:     a check: one SHA-256, and a signature for each certificate of the chain.
 */
#ifndef AUDIT_STAMP_H
#define AUDIT_STAMP_H

#include <stdint.h>

#include "common/err.h"
#include "common/span.h"

#define STAMP_REQUEST_MAX  128
#define STAMP_NONCE_BYTES  16
#define STAMP_REPLY_MAX	   65536
#define STAMP_CA_FILE_MAX  (1u << 20)
#define STAMP_TRUSTED_MAX  256
#define STAMP_SERIAL_BYTES 43 /* 160 bits in hexadecimal, a sign, NUL */
#define STAMP_NAME_BYTES   200
#define STAMP_POLICY_BYTES 80
#define STAMP_CLOCK_S	   300 /* by so much a fresh stamp may differ from the clock here */

struct stamp_trust;

/* PEM certificates: of those that issue TSAs' certificates, or TSAs' own. */
int stamp_trust_load(const char *ca_file, struct stamp_trust **ret, struct err *e);
/* The same from memory; name: for sentences. */
int stamp_trust_read(struct span pem, const char *name, struct stamp_trust **ret, struct err *e);
void stamp_trust_free(struct stamp_trust *t);

struct stamp_request {
	uint8_t nonce[STAMP_NONCE_BYTES];
	int64_t now_s; /* when it is asked, in seconds since 1970 */
	size_t bytes;
	uint8_t der[STAMP_REQUEST_MAX]; /* the body of a POST, application/timestamp-query */
};

/* 2.4.1: SHA-256, a random nonce, certReq, no policy. */
int stamp_request(struct span bytes, int64_t now_s, struct stamp_request *ret, struct err *e);

struct stamp {
	int64_t time_s;			 /* since 1970; fractions of a second are cut */
	char serial[STAMP_SERIAL_BYTES]; /* hexadecimal, as openssl ts prints it, without 0x */
	char
	    tsa[STAMP_NAME_BYTES]; /* common name of the signer's certificate, or the whole name; printable */
	char policy[STAMP_POLICY_BYTES]; /* as dotted numbers */
};

/* reply: a whole TimeStampResp (a .tsr file), over `bytes`. asked: the request that it answers; NULL: it was kept, and may be old.
 * policy: the only one to accept, as dotted numbers; NULL or "": any. */
int stamp_check(struct span reply, struct span bytes, const struct stamp_request *asked, const char *policy,
		const struct stamp_trust *trust, struct stamp *ret, struct err *e);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
/* signature_fixture: keys, certificates and signatures made when a test runs, so that no key is ever in the repository. */
#ifndef TESTS_UNIT_SIGNATURE_FIXTURE_H
#define TESTS_UNIT_SIGNATURE_FIXTURE_H

#include <openssl/cms.h>
#include <openssl/x509.h>
#include <stdbool.h>
#include <stdint.h>

#define FIXTURE_NOW  INT64_C(1780300000) /* 2026-06-01 */
#define FIXTURE_DAY  INT64_C(86400)
#define FIXTURE_LIST "a.test\nb.test\n"

struct party {
	EVP_PKEY *key;
	X509 *cert;
};

/* "" of a text, 0 of a number: the usual. */
struct party_wish {
	const char *name, *email;
	int rsa_bits;			     /* 0: ECDSA on P-256 */
	int64_t from, until;		     /* 0: a year round FIXTURE_NOW */
	const struct party *above;	     /* who issues it; NULL: itself */
	const char *basic, *usage, *purpose; /* basicConstraints, keyUsage, extendedKeyUsage; NULL: without */
	const EVP_MD *md;
};

struct party party_make(const struct party_wish *wish);
void party_free(struct party *p);

struct sign_wish {
	const struct party *signers[2];
	const char *content; /* NULL: FIXTURE_LIST */
	const EVP_MD *md;    /* NULL: SHA-256 */
	int64_t at;	     /* 0: FIXTURE_NOW */
	unsigned flags;	     /* more of CMS_*; CMS_DETACHED | CMS_BINARY are there */
	bool attached;
	const struct party *extra; /* whose certificate comes along */
	unsigned n_extra;
};

CMS_ContentInfo *fixture_sign(const struct sign_wish *wish);
/* DER; frees cms and, with free(), the caller what it gets. */
uint8_t *fixture_der(CMS_ContentInfo *cms, size_t *ret_len);
/* A file of certificates, all of them in a folder of the process's own, removed by fixture_end. */
const char *fixture_pem(const char *file, const struct party *const *parties, unsigned n);
const char *fixture_file(const char *file, const void *bytes, size_t n);
void fixture_begin(void);
void fixture_end(void);
/* A file in memory. */
int fixture_content(const char *text);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
/* signature_state: what the steps of one check share. Private to control/feed/signature*.c. */
#ifndef CONTROL_FEED_SIGNATURE_STATE_H
#define CONTROL_FEED_SIGNATURE_STATE_H

#include <openssl/cms.h>
#include <openssl/x509.h>
#include <stdbool.h>

#include "control/feed/signature.h"

#define SIGNATURE_FINGERPRINT_BYTES 32
#define SIGNATURE_MIN_RSA_BITS	    2048

/* A policy, read. */
struct signature_trust {
	STACK_OF(X509) * certs;
	bool has_fingerprint;
	uint8_t fingerprint[SIGNATURE_FINGERPRINT_BYTES];
	unsigned min_rsa_bits;
};

/* -EINVAL with a sentence; *ret needs no signature_trust_fini then. */
int signature_trust_init(struct signature_trust *ret, const struct signature_policy *policy, struct err *e);
void signature_trust_fini(struct signature_trust *t);

static inline bool signature_has_name(const struct signature_policy *policy)
{
	return policy->signer_name && *policy->signer_name;
}

struct signature_check {
	const char *name;
	const struct signature_policy *policy;
	struct signature_result *ret;
	struct err *e;
	struct signature_trust trust;
	CMS_ContentInfo *cms;
	CMS_SignerInfo *signer_info; /* cms's */
	STACK_OF(X509) * certs;	     /* that came with the signature */
	X509 *signer;		     /* in certs or trust.certs */
	char who[100];		     /* the signer, for sentences */
};

/* The sentence, "NAME: ..."; sets the verdict; returns -EBADMSG. */
__attribute__((format(printf, 3, 4))) int signature_refuse(struct signature_check *c,
							   enum signature_verdict verdict, const char *fmt,
							   ...);

/* Sets c->signer and what ret says of it, and refuses a weak key. */
int signature_cert_find(struct signature_check *c);
/* May the signer sign for this authority, now? */
int signature_cert_check(struct signature_check *c);

#endif

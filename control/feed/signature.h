/* SPDX-License-Identifier: BSD-3-Clause */
/* signature: did the authority sign exactly these bytes? (CMS SignedData, detached: RFC 5652; FILE.p7s)
 *
 * Model:    good means: one signer, whose certificate is trusted now - pinned, or issued below a pinned authority and
 *           of the required name - signed the content with a strong digest and key. Everything else is refused with a
 *           sentence that a compliance officer can send to the authority.
 * Owner:    strings and bytes are the caller's; the result is plain.
 * Threads:  any; blocks for as long as reading the content takes.
 * Limits:   SIGNATURE_MAX_BYTES, SIGNATURE_MAX_CERTS; one digest is computed, the signer's, whatever else is announced;
 *           the content is streamed, 64 KiB at a time.
 * Not here: whether the authority revoked the certificate: then it is taken out of `trusted`, or `fingerprint` changes.
 * Errors:   0, or -errno and a sentence: -EBADMSG for a signature that is refused (result.verdict says why), -EINVAL
 *           for a policy that cannot be used, else of reading.
 */
#ifndef CONTROL_FEED_SIGNATURE_H
#define CONTROL_FEED_SIGNATURE_H

#include <stddef.h>
#include <stdint.h>

#include "common/err.h"

#define SIGNATURE_MAX_BYTES    (1024u * 1024)
#define SIGNATURE_MAX_CERTS    32 /* in a signature; in a file of trusted ones */
#define SIGNATURE_NAME_BYTES   256
#define SIGNATURE_CLOCK_SKEW_S 300 /* that the signer's clock may be ahead of ours */

#define SIGNATURE_VERDICTS(X)                                                                         \
	X(GOOD, good)                                                                                 \
	X(POLICY, policy)     /* the policy itself cannot be used */                                  \
	X(IO, io)	      /* the content could not be read */                                     \
	X(EMPTY, empty)	      /* no signature, or no content */                                       \
	X(NOT_CMS, not_cms)   /* another format, damaged, or with bytes behind it */                  \
	X(SMIME, smime)	      /* an S/MIME message instead of FILE and FILE.p7s */                    \
	X(ATTACHED, attached) /* with other content inside */                                         \
	X(UNSIGNED, unsigned) /* certificates only */                                                 \
	X(MULTIPLE, multiple) /* several signers */                                                   \
	X(WEAK, weak)	      /* SHA-1, MD5, a small key, no signed attributes */                     \
	X(NO_CERTIFICATE, no_certificate)                                                             \
	X(WRONG, wrong)		      /* the content was changed, or the signature is of another */   \
	X(OTHER_SIGNER, other_signer) /* good, but of somebody who may not sign for this authority */ \
	X(EXPIRED, expired)                                                                           \
	X(NOT_YET, not_yet)                                                                           \
	X(USAGE, usage)	      /* the certificate is not for signing */                                \
	X(REPLAYED, replayed) /* signed before what is in use */                                      \
	X(FUTURE, future)     /* signed at a time yet to come */

struct signature_policy {
	const char *trusted; /* PEM file: the signer's own certificates, or authorities that issue them */
	/* Common name or e-mail address of the signer, always required where it is given. NULL or "": only the certificates in
	 * `trusted` themselves may sign, none that they issued. */
	const char *signer_name;
	const char
	    *fingerprint;      /* SHA-256 of the signer's certificate, hex, colons allowed; NULL or "": any */
	unsigned min_rsa_bits; /* 0: 2048, which is also the least */
	int64_t now_s;	       /* seconds since 1970 */
	/* Signing time of what is in use: an older one is refused, and one that says no time; 0: no matter. */
	int64_t signed_after_s;
};

#define SIGNATURE_VERDICT(NAME, ...) SIGNATURE_##NAME,
enum signature_verdict { SIGNATURE_VERDICTS(SIGNATURE_VERDICT) SIGNATURE_VERDICT_COUNT };
#undef SIGNATURE_VERDICT

/* Filled in as far as it is known, also of a refused signature: then nothing of it is proven. */
struct signature_result {
	enum signature_verdict verdict;
	char signer[SIGNATURE_NAME_BYTES]; /* common name, else the subject; escaped as quote_into does */
	char issuer[SIGNATURE_NAME_BYTES];
	char fingerprint[65];		     /* SHA-256 of the certificate, lower-case hex */
	char digest[16];		     /* SHA256 */
	int64_t signed_s;		     /* signing time, as the signer says; 0: not said */
	int64_t valid_from_s, valid_until_s; /* of the certificate */
};

const char *signature_verdict_name(enum signature_verdict verdict);

/* The content is all of `fd` (a regular file or memfd, see temp.h), read by offset; its position stays. `name` is for
 * messages. ret is set whatever is returned. */
int signature_check(int fd, const char *name, const uint8_t *signature, size_t n,
		    const struct signature_policy *policy, struct signature_result *ret, struct err *e);

/* Whether a policy can be used: reads its file. For a configuration's check. */
int signature_check_policy(const struct signature_policy *policy, struct err *e);

#endif

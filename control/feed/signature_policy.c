/* SPDX-License-Identifier: BSD-3-Clause */
/* The policy: whose signature is good. */
#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control/feed/signature_state.h"

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Digits in pairs, a colon or none between two pairs. */
static bool parse_fingerprint(const char *text, uint8_t ret[SIGNATURE_FINGERPRINT_BYTES])
{
	for (unsigned i = 0; i < SIGNATURE_FINGERPRINT_BYTES; i++) {
		if (i && *text == ':')
			text++;
		int high = hex_digit(text[0]), low = high < 0 ? -1 : hex_digit(text[1]);
		if (low < 0)
			return false;
		ret[i] = (uint8_t)(high << 4 | low);
		text += 2;
	}
	return !*text;
}

/* Without it OpenSSL would ask at the terminal where a block is encrypted. */
static int no_password(char *to, int size, int writing, void *ctx)
{
	(void)to, (void)size, (void)writing, (void)ctx;
	return -1;
}

static int read_certs(FILE *f, const char *path, STACK_OF(X509) * certs, struct err *e)
{
	X509 *x;
	while ((x = PEM_read_X509(f, NULL, no_password, NULL))) {
		if (sk_X509_num(certs) >= SIGNATURE_MAX_CERTS) {
			X509_free(x);
			return err_set(e, -EINVAL,
				       "%s: more than %d certificates: keep the ones that sign now.", path,
				       SIGNATURE_MAX_CERTS);
		}
		if (!sk_X509_push(certs, x)) {
			X509_free(x);
			return err_set(e, -ENOMEM, "%s: out of memory.", path);
		}
	}
	unsigned long why = ERR_peek_last_error();
	if (ERR_GET_LIB(why) != ERR_LIB_PEM || ERR_GET_REASON(why) != PEM_R_NO_START_LINE)
		return err_set(e, -EINVAL, "%s: certificate %d is damaged: %s.", path, sk_X509_num(certs) + 1,
			       ERR_reason_error_string(why) ? ERR_reason_error_string(why) : "unknown");
	if (!sk_X509_num(certs))
		return err_set(e, -EINVAL,
			       "%s: holds no certificate in PEM form (-----BEGIN CERTIFICATE-----): convert "
			       "one with openssl x509 -inform DER.",
			       path);
	return 0;
}

static int load_certs(const char *path, STACK_OF(X509) * certs, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return err_set(e, -EINVAL, "%s: the trusted certificates cannot be read: %s.", path,
			       strerror(errno));
	struct stat st;
	FILE *f = fstat(fd, &st) || !S_ISREG(st.st_mode) ? NULL : fdopen(fd, "r");
	if (!f) {
		close(fd);
		return err_set(e, -EINVAL,
			       "%s: the trusted certificates cannot be read: it is no regular file.", path);
	}
	ERR_clear_error();
	int r = read_certs(f, path, certs, e);
	ERR_clear_error();
	fclose(f);
	return r;
}

/* An authority that can only issue, never sign a list itself. */
static bool issues_only(X509 *x)
{
	return X509_check_ca(x) == 1 &&
	       !(X509_get_key_usage(x) & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION));
}

static int check_names(const struct signature_trust *t, const struct signature_policy *policy, struct err *e)
{
	if (signature_has_name(policy))
		return 0;
	for (int i = 0; i < sk_X509_num(t->certs); i++)
		if (issues_only(sk_X509_value(t->certs, i)))
			return err_set(
			    e, -EINVAL,
			    "%s: certificate %d is an authority's, which issues for many: also give "
			    "the signer's name, or the signer's own certificate instead.",
			    policy->trusted, i + 1);
	return 0;
}

int signature_trust_init(struct signature_trust *ret, const struct signature_policy *policy, struct err *e)
{
	struct signature_trust t = {.min_rsa_bits =
					policy->min_rsa_bits ? policy->min_rsa_bits : SIGNATURE_MIN_RSA_BITS};
	if (!policy->trusted || !*policy->trusted)
		return err_set(e, -EINVAL, "No file of trusted certificates is named: nobody could sign.");
	if (t.min_rsa_bits < SIGNATURE_MIN_RSA_BITS)
		return err_set(e, -EINVAL, "%s: RSA keys of %u bits are too weak: ask for %d or more.",
			       policy->trusted, t.min_rsa_bits, SIGNATURE_MIN_RSA_BITS);
	t.has_fingerprint = policy->fingerprint && *policy->fingerprint;
	if (t.has_fingerprint && !parse_fingerprint(policy->fingerprint, t.fingerprint))
		return err_set(
		    e, -EINVAL,
		    "%s: the fingerprint must be the certificate's SHA-256, 64 hexadecimal digits: "
		    "openssl x509 -noout -fingerprint -sha256.",
		    policy->trusted);
	t.certs = sk_X509_new_null();
	int r = t.certs ? load_certs(policy->trusted, t.certs, e) : err_set(e, -ENOMEM, "Out of memory.");
	if (!r)
		r = check_names(&t, policy, e);
	if (r)
		signature_trust_fini(&t);
	else
		*ret = t;
	return r;
}

void signature_trust_fini(struct signature_trust *t)
{
	sk_X509_pop_free(t->certs, X509_free);
	t->certs = NULL;
}

int signature_check_policy(const struct signature_policy *policy, struct err *e)
{
	struct signature_trust t;
	int r = signature_trust_init(&t, policy, e);
	if (!r)
		signature_trust_fini(&t);
	return r;
}

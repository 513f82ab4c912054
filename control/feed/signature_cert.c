/* SPDX-License-Identifier: BSD-3-Clause */
/* The signer's certificate: which it is, and whether it may sign. */
#include <errno.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/hex.h"
#include "common/quote.h"
#include "control/feed/signature_state.h"

#define AUTH_LEVEL 2 /* 112 bits for every key and signature of a chain: RSA 2048, no SHA-1 */

static int64_t seconds(const ASN1_TIME *t)
{
	struct tm tm;
	return ASN1_TIME_to_tm(t, &tm) ? (int64_t)timegm(&tm) : 0;
}

/* The nth common name, or NULL; free with OPENSSL_free. */
static char *common_name(const X509_NAME *name, int *last, int *ret_len)
{
	unsigned char *text = NULL;
	*last = X509_NAME_get_index_by_NID(name, NID_commonName, *last);
	if (*last < 0)
		return NULL;
	*ret_len = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, *last)));
	return *ret_len < 0 ? NULL : (char *)text;
}

static void say_name(const X509_NAME *name, char *to, size_t cap)
{
	int last = -1, len;
	char *text = common_name(name, &last, &len);
	if (text && len) {
		quote_into(to, cap, text);
	} else {
		char *line = X509_NAME_oneline(name, NULL, 0);
		quote_into(to, cap, line ? line : "");
		OPENSSL_free(line);
	}
	OPENSSL_free(text);
}

static void say_cert(struct signature_check *c)
{
	struct signature_result *ret = c->ret;
	uint8_t sha256[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	say_name(X509_get_subject_name(c->signer), ret->signer, sizeof(ret->signer));
	say_name(X509_get_issuer_name(c->signer), ret->issuer, sizeof(ret->issuer));
	say_name(X509_get_subject_name(c->signer), c->who, sizeof(c->who));
	if (X509_digest(c->signer, EVP_sha256(), sha256, &n) && n == SIGNATURE_FINGERPRINT_BYTES)
		hex_write(sha256, n, ret->fingerprint);
	ret->valid_from_s = seconds(X509_get0_notBefore(c->signer));
	ret->valid_until_s = seconds(X509_get0_notAfter(c->signer));
}

static X509 *find_in(STACK_OF(X509) * certs, CMS_SignerInfo *si)
{
	for (int i = 0; i < sk_X509_num(certs); i++)
		if (!CMS_SignerInfo_cert_cmp(si, sk_X509_value(certs, i)))
			return sk_X509_value(certs, i);
	return NULL;
}

static int check_key(struct signature_check *c)
{
	EVP_PKEY *key = X509_get0_pubkey(c->signer);
	if (!key)
		return signature_refuse(
		    c, SIGNATURE_NO_CERTIFICATE,
		    "the certificate of %s has a key of an unknown kind: sign with RSA or "
		    "ECDSA.",
		    c->who);
	int bits = EVP_PKEY_get_bits(key), type = EVP_PKEY_get_base_id(key);
	if (type == EVP_PKEY_RSA || type == EVP_PKEY_RSA_PSS) {
		if (bits < (int)c->trust.min_rsa_bits)
			return signature_refuse(
			    c, SIGNATURE_WEAK,
			    "the key of %s has %d bits, fewer than %u: sign with a longer key.", c->who, bits,
			    c->trust.min_rsa_bits);
		return 0;
	}
	if ((type != EVP_PKEY_EC && type != EVP_PKEY_ED25519 && type != EVP_PKEY_ED448) ||
	    EVP_PKEY_get_security_bits(key) < 112)
		return signature_refuse(
		    c, SIGNATURE_WEAK,
		    "the key of %s is too weak, %d bits: sign with RSA of %u bits or more, or with ECDSA on P-256.",
		    c->who, bits, c->trust.min_rsa_bits);
	return 0;
}

int signature_cert_find(struct signature_check *c)
{
	c->signer =
	    find_in(c->trust.certs, c->signer_info); /* first: the other may be anybody's of this number */
	if (!c->signer)
		c->signer = find_in(c->certs, c->signer_info);
	if (!c->signer)
		return signature_refuse(
		    c, SIGNATURE_NO_CERTIFICATE,
		    "the signature does not hold the signer's certificate: sign without the option -nocerts.");
	say_cert(c);
	return check_key(c);
}

static bool is_pinned(const struct signature_check *c)
{
	for (int i = 0; i < sk_X509_num(c->trust.certs); i++)
		if (!X509_cmp(sk_X509_value(c->trust.certs, i), c->signer))
			return true;
	return false;
}

static int refuse_signer(struct signature_check *c, const char *why)
{
	return signature_refuse(c, SIGNATURE_OTHER_SIGNER,
				"signed by %s, who may not sign for this authority (%s): have it signed by "
				"who may, or agree on the new certificate with the operator first.",
				c->who, why);
}

static int refuse_date(struct signature_check *c, enum signature_verdict verdict, const X509 *cert)
{
	char date[32], whose[100];
	bool over = verdict == SIGNATURE_EXPIRED;
	time_t at = (time_t)seconds(over ? X509_get0_notAfter(cert) : X509_get0_notBefore(cert));
	struct tm tm;
	say_name(X509_get_subject_name(cert), whose, sizeof(whose));
	if (!gmtime_r(&at, &tm) || !strftime(date, sizeof(date), "%Y-%m-%d %H:%M UTC", &tm))
		snprintf(date, sizeof(date), "an unknown time");
	return signature_refuse(c, verdict, "the certificate of %s %s %s: sign with one that is valid today.",
				whose, over ? "expired at" : "is not valid before", date);
}

static int refuse_chain(struct signature_check *c, X509_STORE_CTX *ctx)
{
	int why = X509_STORE_CTX_get_error(ctx);
	const X509 *at = X509_STORE_CTX_get_current_cert(ctx);
	at = at ? at : c->signer;
	switch (why) {
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return refuse_date(c, SIGNATURE_EXPIRED, at);
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return refuse_date(c, SIGNATURE_NOT_YET, at);
	case X509_V_ERR_EE_KEY_TOO_SMALL:
	case X509_V_ERR_CA_KEY_TOO_SMALL:
	case X509_V_ERR_CA_MD_TOO_WEAK:
		return signature_refuse(
		    c, SIGNATURE_WEAK,
		    "the certificate of %s, or one above it, is weak (%s): have one issued "
		    "with SHA-256 and RSA of 2048 bits or more.",
		    c->who, X509_verify_cert_error_string(why));
	case X509_V_ERR_OUT_OF_MEM:
		c->ret->verdict = SIGNATURE_IO;
		return err_set(c->e, -ENOMEM, "%s: out of memory.", c->name);
	default:
		return refuse_signer(c, X509_verify_cert_error_string(why));
	}
}

/* Was it issued, by steps that came with the signature, below a trusted authority? */
static int check_chain(struct signature_check *c)
{
	int r;
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	bool ready = store && ctx;
	for (int i = 0; ready && i < sk_X509_num(c->trust.certs); i++)
		ready = X509_STORE_add_cert(store, sk_X509_value(c->trust.certs, i));
	if (!ready || !X509_STORE_CTX_init(ctx, store, c->signer, c->certs)) {
		c->ret->verdict = SIGNATURE_IO;
		r = err_set(c->e, -ENOMEM, "%s: out of memory.", c->name);
	} else {
		X509_VERIFY_PARAM *p = X509_STORE_CTX_get0_param(ctx);
		X509_VERIFY_PARAM_set_time(p, (time_t)c->policy->now_s);
		X509_VERIFY_PARAM_set_auth_level(p, AUTH_LEVEL);
		/* an authority may be trusted without the root that issued it */
		X509_VERIFY_PARAM_set_flags(p, X509_V_FLAG_PARTIAL_CHAIN);
		r = X509_verify_cert(ctx) == 1 ? 0 : refuse_chain(c, ctx);
	}
	X509_STORE_CTX_free(ctx);
	X509_STORE_free(store);
	return r;
}

static bool is_named(const struct signature_check *c)
{
	const char *wanted = c->policy->signer_name;
	const X509_NAME *subject = X509_get_subject_name(c->signer);
	bool found = strchr(wanted, '@') && X509_check_email(c->signer, wanted, strlen(wanted), 0) == 1;
	for (int last = -1, len; !found;) {
		char *text = common_name(subject, &last, &len);
		if (last < 0)
			break;
		found = text && (size_t)len == strlen(wanted) && !memcmp(text, wanted, (size_t)len);
		OPENSSL_free(text);
	}
	return found;
}

static bool has_fingerprint(const struct signature_check *c)
{
	uint8_t sha256[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	return X509_digest(c->signer, EVP_sha256(), sha256, &n) && n == SIGNATURE_FINGERPRINT_BYTES &&
	       !memcmp(sha256, c->trust.fingerprint, n);
}

/* Purposes of certificates for signing documents; where a certificate has purposes, one of them must be there. */
static const char *const purposes[] = {
    "1.3.6.1.5.5.7.3.4",       /* e-mail protection */
    "1.3.6.1.5.5.7.3.36",      /* document signing, RFC 9336 */
    "1.3.6.1.4.1.311.10.3.12", /* the same, Microsoft's */
    "2.5.29.37.0",	       /* any */
};

static bool has_purpose(const X509 *cert)
{
	int critical;
	EXTENDED_KEY_USAGE *all = X509_get_ext_d2i(cert, NID_ext_key_usage, &critical, NULL);
	if (!all)
		return critical == -1; /* none; else it cannot be read */
	bool found = false;
	for (int i = 0; i < sk_ASN1_OBJECT_num(all); i++) {
		char oid[64];
		OBJ_obj2txt(oid, sizeof(oid), sk_ASN1_OBJECT_value(all, i), 1);
		for (size_t k = 0; k < sizeof(purposes) / sizeof(*purposes); k++)
			found = found || !strcmp(oid, purposes[k]);
	}
	EXTENDED_KEY_USAGE_free(all);
	return found;
}

/* The dates of a pinned certificate: those of a chain are the chain's. */
static int check_dates(struct signature_check *c)
{
	if (c->policy->now_s < c->ret->valid_from_s)
		return refuse_date(c, SIGNATURE_NOT_YET, c->signer);
	if (c->policy->now_s > c->ret->valid_until_s)
		return refuse_date(c, SIGNATURE_EXPIRED, c->signer);
	return 0;
}

int signature_cert_check(struct signature_check *c)
{
	if (signature_has_name(c->policy) && !is_named(c))
		return refuse_signer(c, "another name");
	if (c->trust.has_fingerprint && !has_fingerprint(c))
		return refuse_signer(c, "another certificate's fingerprint");
	bool pinned = is_pinned(c);
	if (!pinned && !signature_has_name(c->policy))
		return refuse_signer(c, "not one of the trusted certificates");
	int r = pinned ? check_dates(c) : check_chain(c);
	if (r)
		return r;
	if (!(X509_get_key_usage(c->signer) & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)) ||
	    !has_purpose(c->signer))
		return signature_refuse(c, SIGNATURE_USAGE,
					"the certificate of %s is not for signing documents (its key usage): "
					"sign with one that is.",
					c->who);
	return 0;
}

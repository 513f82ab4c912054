/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/feed/signature.h"

#include <errno.h>
#include <openssl/err.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "control/feed/signature_state.h"

#define READ_BYTES (64u * 1024)
#define LOOK_BYTES 1024 /* of a text, for what it says it is */
#define AGAIN	   "sign with openssl cms -sign -binary -outform DER, and send the .p7s that it writes."

const char *signature_verdict_name(enum signature_verdict verdict)
{
#define SIGNATURE_VERDICT_NAME(NAME, name) #name,
	static const char *const names[] = {SIGNATURE_VERDICTS(SIGNATURE_VERDICT_NAME)};
#undef SIGNATURE_VERDICT_NAME
	return (unsigned)verdict < SIGNATURE_VERDICT_COUNT ? names[verdict] : "unknown";
}

int signature_refuse(struct signature_check *c, enum signature_verdict verdict, const char *fmt, ...)
{
	char text[ERR_BYTES];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	c->ret->verdict = verdict;
	return err_set(c->e, -EBADMSG, "%s: %s", c->name, text);
}

static int out_of_memory(struct signature_check *c)
{
	c->ret->verdict = SIGNATURE_IO;
	return err_set(c->e, -ENOMEM, "%s: out of memory.", c->name);
}

static bool says(const uint8_t *p, size_t n, const char *what)
{
	size_t len = strlen(what);
	n = n < LOOK_BYTES ? n : LOOK_BYTES;
	for (size_t i = 0; i + len <= n; i++)
		if (!strncasecmp((const char *)p + i, what, len))
			return true;
	return false;
}

/* What is no DER: say what it is. */
static int refuse_text(struct signature_check *c, const uint8_t *p, size_t n)
{
	if (says(p, n, "content-type:") || says(p, n, "mime-version:"))
		return signature_refuse(c, SIGNATURE_SMIME,
					"the signature is an S/MIME message, not a file of its own: " AGAIN);
	if (says(p, n, "-----BEGIN PGP"))
		return signature_refuse(c, SIGNATURE_NOT_CMS, "the signature is of OpenPGP, not CMS: " AGAIN);
	if (says(p, n, "-----BEGIN "))
		return signature_refuse(c, SIGNATURE_NOT_CMS,
					"the signature is in PEM form, not DER: " AGAIN);
	return signature_refuse(c, SIGNATURE_NOT_CMS, "the signature is not in the form CMS (DER): " AGAIN);
}

static int parse(struct signature_check *c, const uint8_t *p, size_t n)
{
	const uint8_t *at = p;
	if (!p || !n)
		return signature_refuse(c, SIGNATURE_EMPTY, "the signature is empty: " AGAIN);
	if (n > SIGNATURE_MAX_BYTES)
		return signature_refuse(c, SIGNATURE_NOT_CMS,
					"the signature has more than %u bytes: is the list inside it? " AGAIN,
					SIGNATURE_MAX_BYTES);
	if (*p != 0x30)
		return refuse_text(c, p, n);
	c->cms = d2i_CMS_ContentInfo(NULL, &at, (long)n);
	if (!c->cms)
		return signature_refuse(
		    c, SIGNATURE_NOT_CMS,
		    "the signature is damaged or cut short, or in another form than CMS: " AGAIN);
	if (at != p + n)
		return signature_refuse(c, SIGNATURE_NOT_CMS,
					"%zu bytes stand behind the signature in its file: " AGAIN,
					(size_t)(p + n - at));
	return 0;
}

static int check_form(struct signature_check *c)
{
	if (OBJ_obj2nid(CMS_get0_type(c->cms)) != NID_pkcs7_signed)
		return signature_refuse(
		    c, SIGNATURE_NOT_CMS,
		    "it is encrypted, compressed or something else, not a signature: " AGAIN);
	ASN1_OCTET_STRING **content = CMS_get0_content(c->cms);
	if (content && *content)
		return signature_refuse(
		    c, SIGNATURE_ATTACHED,
		    "the signature holds a content of its own instead of standing beside the "
		    "list: " AGAIN);
	if (!content || OBJ_obj2nid(CMS_get0_eContentType(c->cms)) != NID_pkcs7_data)
		return signature_refuse(c, SIGNATURE_NOT_CMS,
					"it is a signature of something else than a file: " AGAIN);
	return 0;
}

static int find_signer(struct signature_check *c)
{
	STACK_OF(CMS_SignerInfo) *all = CMS_get0_SignerInfos(c->cms);
	int n = all ? sk_CMS_SignerInfo_num(all) : 0;
	if (n <= 0)
		return signature_refuse(c, SIGNATURE_UNSIGNED,
					"nobody signed: it holds certificates only: " AGAIN);
	if (n > 1)
		return signature_refuse(c, SIGNATURE_MULTIPLE,
					"%d people signed: send the signature of the one who may sign.", n);
	c->signer_info = sk_CMS_SignerInfo_value(all, 0);
	c->certs = CMS_get1_certs(c->cms); /* NULL also where there are none */
	if (sk_X509_num(c->certs) > SIGNATURE_MAX_CERTS)
		return signature_refuse(
		    c, SIGNATURE_NOT_CMS,
		    "the signature holds more than %d certificates: send the signer's and "
		    "those that issued it.",
		    SIGNATURE_MAX_CERTS);
	return 0;
}

static int check_digest(struct signature_check *c, const EVP_MD **ret)
{
	X509_ALGOR *digest;
	const ASN1_OBJECT *oid;
	char name[64];
	CMS_SignerInfo_get0_algs(c->signer_info, NULL, NULL, &digest, NULL);
	X509_ALGOR_get0(&oid, NULL, NULL, digest);
	OBJ_obj2txt(name, sizeof(name), oid, 0);
	snprintf(c->ret->digest, sizeof(c->ret->digest), "%.*s", (int)sizeof(c->ret->digest) - 1,
		 OBJ_obj2nid(oid) == NID_undef ? "unknown" : OBJ_nid2sn(OBJ_obj2nid(oid)));
	switch (OBJ_obj2nid(oid)) {
	case NID_sha256:
	case NID_sha384:
	case NID_sha512:
	case NID_sha3_256:
	case NID_sha3_384:
	case NID_sha3_512:
		*ret = EVP_get_digestbynid(OBJ_obj2nid(oid));
		return 0;
	default:
		return signature_refuse(c, SIGNATURE_WEAK,
					"signed with the digest %s, which is too weak or unknown: sign with "
					"SHA-256 (-md sha256).",
					name);
	}
}

/* Signed attributes must be there: without them, what was signed could be another signature's attributes shown as a content
 * (RFC 5652 leaves that open), and there is no time of signing. */
static int check_attributes(struct signature_check *c)
{
	if (CMS_signed_get_attr_count(c->signer_info) <= 0)
		return signature_refuse(c, SIGNATURE_WEAK,
					"signed without signed attributes: sign without the option -noattr.");
	const ASN1_OBJECT *type = CMS_signed_get0_data_by_OBJ(
	    c->signer_info, OBJ_nid2obj(NID_pkcs9_contentType), -3, V_ASN1_OBJECT);
	if (OBJ_obj2nid(type) != NID_pkcs7_data)
		return signature_refuse(c, SIGNATURE_NOT_CMS,
					"it is a signature of something else than a file: " AGAIN);
	int at = CMS_signed_get_attr_by_NID(c->signer_info, NID_pkcs9_signingTime, -1);
	if (at < 0)
		return 0;
	X509_ATTRIBUTE *attr = CMS_signed_get_attr(c->signer_info, at);
	const ASN1_TYPE *value = X509_ATTRIBUTE_count(attr) == 1 ? X509_ATTRIBUTE_get0_type(attr, 0) : NULL;
	struct tm tm;
	if (!value || CMS_signed_get_attr_by_NID(c->signer_info, NID_pkcs9_signingTime, at) >= 0 ||
	    (value->type != V_ASN1_UTCTIME && value->type != V_ASN1_GENERALIZEDTIME) ||
	    !ASN1_TIME_to_tm(value->value.asn1_string, &tm))
		return signature_refuse(c, SIGNATURE_NOT_CMS, "its time of signing cannot be read: " AGAIN);
	c->ret->signed_s = timegm(&tm);
	return 0;
}

static int read_content(struct signature_check *c, int fd, BIO *digest, void *buffer)
{
	for (off_t at = 0;;) {
		ssize_t n = pread(fd, buffer, READ_BYTES, at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			c->ret->verdict = SIGNATURE_IO;
			return err_set(c->e, -errno, "%s: cannot be read: %s.", c->name, strerror(errno));
		}
		if (!n && !at)
			return signature_refuse(c, SIGNATURE_EMPTY,
						"the file is empty: send the list again.");
		if (!n)
			return 0;
		if (BIO_write(digest, buffer, (int)n) != n)
			return out_of_memory(c);
		at += n;
	}
}

static int verify(struct signature_check *c, int fd, BIO *digest, void *buffer)
{
	int r = read_content(c, fd, digest, buffer);
	if (r)
		return r;
	CMS_SignerInfo_set1_signer_cert(c->signer_info, c->signer);
	if (CMS_SignerInfo_verify(c->signer_info) == 1 &&
	    CMS_SignerInfo_verify_content(c->signer_info, digest) == 1)
		return 0;
	return signature_refuse(
	    c, SIGNATURE_WRONG,
	    "the signature of %s is not of this file: it was changed after it was signed, or the "
	    "signature is of another. Sign the very file that is sent, and send both.",
	    c->who);
}

static int check_content(struct signature_check *c, int fd, const EVP_MD *md)
{
	int r;
	void *buffer = malloc(READ_BYTES);
	BIO *digest = BIO_new(BIO_f_md()), *sink = BIO_new(BIO_s_null());
	if (!buffer || !digest || !sink || !md || BIO_set_md(digest, md) <= 0) {
		r = out_of_memory(c);
		BIO_free(sink);
	} else {
		BIO_push(digest, sink);
		r = verify(c, fd, digest, buffer);
	}
	BIO_free_all(digest);
	free(buffer);
	return r;
}

static int check_time(struct signature_check *c)
{
	const struct signature_policy *p = c->policy;
	int64_t at = c->ret->signed_s;
	if (at > p->now_s + SIGNATURE_CLOCK_SKEW_S)
		return signature_refuse(
		    c, SIGNATURE_FUTURE,
		    "signed at a time yet to come: set the clock of the machine that signs, and "
		    "sign again.");
	if (p->signed_after_s && !at)
		return signature_refuse(
		    c, SIGNATURE_REPLAYED,
		    "the signature says no time, the one in use does: it may be an old list. Sign "
		    "with the time of signing.");
	if (at < p->signed_after_s)
		return signature_refuse(
		    c, SIGNATURE_REPLAYED,
		    "signed before the list that is in use: send the newest one, or sign this one "
		    "again.");
	return 0;
}

static int check(struct signature_check *c, int fd, const uint8_t *signature, size_t n)
{
	const EVP_MD *md = NULL;
	int r = parse(c, signature, n);
	if (!r)
		r = check_form(c);
	if (!r)
		r = find_signer(c);
	if (!r)
		r = check_digest(c, &md);
	if (!r)
		r = check_attributes(c);
	if (!r)
		r = signature_cert_find(c);
	if (!r)
		r = check_content(c, fd, md);
	if (!r)
		r = signature_cert_check(c);
	return r ? r : check_time(c);
}

int signature_check(int fd, const char *name, const uint8_t *signature, size_t n,
		    const struct signature_policy *policy, struct signature_result *ret, struct err *e)
{
	struct signature_check c = {.name = name, .policy = policy, .ret = ret, .e = e};
	*ret = (struct signature_result){.verdict = SIGNATURE_POLICY};
	int r = signature_trust_init(&c.trust, policy, e);
	if (r)
		return r;
	ret->verdict = SIGNATURE_GOOD;
	r = check(&c, fd, signature, n);
	sk_X509_pop_free(c.certs, X509_free);
	CMS_ContentInfo_free(c.cms);
	signature_trust_fini(&c.trust);
	ERR_clear_error();
	return r;
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* The reply: each thing that can be wrong with it has its sentence; OpenSSL then judges the whole once more, with the signature. */
#include <errno.h>
#include <inttypes.h>
#include <openssl/err.h>
#include <openssl/sha.h>
#include <openssl/ts.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "audit/stamp.h"
#include "audit/stamp_state.h"
#include "common/quote.h"

#define AUTH_LEVEL  2 /* 112 bits for every key and signature of a chain: RSA 2048, no SHA-1 */
#define SERIAL_BITS 160

struct check {
	struct span bytes;
	const struct stamp_request *asked;
	const char *policy;
	const struct stamp_trust *trust;
	TS_RESP *resp;
	PKCS7 *token;	   /* resp's */
	TS_TST_INFO *info; /* resp's */
	uint8_t digest[SHA256_DIGEST_LENGTH];
	struct stamp stamp;
	struct err *e;
};

/* 2.4.2: PKIFailureInfo, by bit. */
static const struct {
	int bit;
	const char *what;
} failures[] = {
    {0, "it does not know SHA-256"},	      {2, "it does not take such requests"},
    {5, "it could not read the request"},     {14, "its clock is not available"},
    {15, "it does not stamp by this policy"}, {16, "it does not support an extension"},
    {17, "it lacks what was asked for"},      {25, "it has an error of its own"},
};

static int refuse_status(struct check *c, const TS_STATUS_INFO *s, long status)
{
	const ASN1_BIT_STRING *bits = TS_STATUS_INFO_get0_failure_info(s);
	const STACK_OF(ASN1_UTF8STRING) *texts = TS_STATUS_INFO_get0_text(s);
	const char *why = "it does not say why";
	char said[120] = "";
	for (size_t i = sizeof(failures) / sizeof(*failures); bits && i--;)
		if (ASN1_BIT_STRING_get_bit(bits, failures[i].bit))
			why = failures[i].what;
	if (texts && sk_ASN1_UTF8STRING_num(texts)) {
		const ASN1_UTF8STRING *text = sk_ASN1_UTF8STRING_value(texts, 0);
		char line[200];
		snprintf(line, sizeof(line), "%.*s", ASN1_STRING_length(text),
			 (const char *)ASN1_STRING_get0_data(text));
		quote_into(said, sizeof(said), line);
	}
	return err_set(c->e, -EACCES, "the time-stamp authority grants no stamp (status %ld): %s%s%s%s",
		       status, why, *said ? ", \"" : "", said, *said ? "\"" : "");
}

static int check_status(struct check *c)
{
	TS_STATUS_INFO *s = TS_RESP_get_status_info(c->resp);
	long status = ASN1_INTEGER_get(TS_STATUS_INFO_get0_status(s));
	if (status != TS_STATUS_GRANTED && status != TS_STATUS_GRANTED_WITH_MODS)
		return refuse_status(c, s, status);
	c->token = TS_RESP_get_token(c->resp);
	c->info = TS_RESP_get_tst_info(c->resp);
	return c->token && c->info ? 0 : err_set(c->e, -EBADMSG, "the reply grants a stamp but holds none");
}

static int check_imprint(struct check *c)
{
	TS_MSG_IMPRINT *imprint = TS_TST_INFO_get_msg_imprint(c->info);
	const ASN1_OBJECT *algorithm = NULL;
	X509_ALGOR_get0(&algorithm, NULL, NULL, TS_MSG_IMPRINT_get_algo(imprint));
	const ASN1_OCTET_STRING *digest = TS_MSG_IMPRINT_get_msg(imprint);
	SHA256(c->bytes.p, c->bytes.len, c->digest);
	if (OBJ_obj2nid(algorithm) != NID_sha256)
		return err_set(c->e, -EBADMSG, "the stamp is over another digest than SHA-256");
	if (ASN1_STRING_length(digest) != SHA256_DIGEST_LENGTH ||
	    memcmp(ASN1_STRING_get0_data(digest), c->digest, SHA256_DIGEST_LENGTH))
		return err_set(c->e, -EBADMSG,
			       "the stamp is over other bytes than these: its SHA-256 is not theirs");
	return 0;
}

static int check_nonce(struct check *c)
{
	const ASN1_INTEGER *nonce = TS_TST_INFO_get_nonce(c->info);
	if (!c->asked)
		return 0;
	if (!nonce || ASN1_STRING_type(nonce) != V_ASN1_INTEGER ||
	    ASN1_STRING_length(nonce) != STAMP_NONCE_BYTES ||
	    memcmp(ASN1_STRING_get0_data(nonce), c->asked->nonce, STAMP_NONCE_BYTES))
		return err_set(
		    c->e, -ESTALE,
		    "the stamp answers another request: it %s this one's nonce; somebody on the way "
		    "may have sent an old one",
		    nonce ? "has not" : "lacks");
	return 0;
}

static int check_time(struct check *c)
{
	struct tm tm;
	if (!ASN1_TIME_to_tm(TS_TST_INFO_get_time(c->info), &tm))
		return err_set(c->e, -EBADMSG, "the stamp's time is none");
	c->stamp.time_s = (int64_t)timegm(&tm);
	int64_t off = c->asked ? c->stamp.time_s - c->asked->now_s : 0;
	if (off > STAMP_CLOCK_S || off < -STAMP_CLOCK_S)
		return err_set(c->e, -ESTALE,
			       "the stamp's time is %" PRId64
			       " s %s the clock here, more than %d; look which clock is wrong",
			       off < 0 ? -off : off, off < 0 ? "behind" : "ahead of", STAMP_CLOCK_S);
	return 0;
}

static int check_rest(struct check *c)
{
	if (OBJ_obj2txt(c->stamp.policy, sizeof(c->stamp.policy), TS_TST_INFO_get_policy_id(c->info), 1) >=
	    (int)sizeof(c->stamp.policy))
		return err_set(c->e, -EBADMSG, "the stamp's policy is longer than %zu bytes",
			       sizeof(c->stamp.policy) - 1);
	if (c->policy && *c->policy && strcmp(c->policy, c->stamp.policy))
		return err_set(c->e, -EKEYREJECTED, "the stamp is by policy %s, not by %s", c->stamp.policy,
			       c->policy);
	if (TS_TST_INFO_get_ext_by_critical(c->info, 1, -1) >= 0)
		return err_set(c->e, -EBADMSG, "the stamp holds a critical extension that is not known here");
	BIGNUM *serial = ASN1_INTEGER_to_BN(TS_TST_INFO_get_serial(c->info), NULL);
	char *text = serial && BN_num_bits(serial) <= SERIAL_BITS ? BN_bn2hex(serial) : NULL;
	if (text)
		snprintf(c->stamp.serial, sizeof(c->stamp.serial), "%s", text);
	OPENSSL_free(text);
	BN_free(serial);
	return text ? 0
		    : err_set(c->e, -EBADMSG, "the stamp's serial number has more than %d bits", SERIAL_BITS);
}

static bool is_strong(int digest)
{
	static const int strong[] = {NID_sha256,   NID_sha384,	 NID_sha512,  NID_sha512_256,
				     NID_sha3_256, NID_sha3_384, NID_sha3_512};
	for (size_t i = 0; i < sizeof(strong) / sizeof(*strong); i++)
		if (strong[i] == digest)
			return true;
	return false;
}

/* Also sets who it is. */
static int check_signer(struct check *c)
{
	STACK_OF(PKCS7_SIGNER_INFO) *infos = PKCS7_get_signer_info(c->token);
	if (!infos || sk_PKCS7_SIGNER_INFO_num(infos) != 1)
		return err_set(c->e, -EBADMSG, "the stamp is not signed by exactly one");
	X509_ALGOR *digest = NULL;
	const ASN1_OBJECT *id = NULL;
	PKCS7_SIGNER_INFO_get0_algs(sk_PKCS7_SIGNER_INFO_value(infos, 0), NULL, &digest, NULL);
	X509_ALGOR_get0(&id, NULL, NULL, digest);
	if (!is_strong(OBJ_obj2nid(id)))
		return err_set(c->e, -EKEYREJECTED,
			       "the stamp is signed with a weak digest, not SHA-256 or longer");
	STACK_OF(X509) *signers = PKCS7_get0_signers(c->token, NULL, 0);
	const X509 *signer = signers && sk_X509_num(signers) == 1 ? sk_X509_value(signers, 0) : NULL;
	if (signer) {
		const X509_NAME *name = X509_get_subject_name(signer);
		char line[STAMP_NAME_BYTES] = "";
		if (X509_NAME_get_text_by_NID((X509_NAME *)name, NID_commonName, line, sizeof(line)) <= 0)
			X509_NAME_oneline(name, line, sizeof(line));
		quote_into(c->stamp.tsa, sizeof(c->stamp.tsa), line);
	}
	sk_X509_free(signers);
	return signer ? 0
		      : err_set(c->e, -EKEYREJECTED,
				"the stamp does not hold the certificate of whom it is signed by");
}

/* Which trusted certificates, at which time: the stamp's own. */
static X509_STORE *store_of(const struct check *c)
{
	X509_STORE *s = X509_STORE_new();
	bool ok = s;
	for (int i = 0; ok && i < sk_X509_num(c->trust->certs); i++)
		ok = X509_STORE_add_cert(s, sk_X509_value(c->trust->certs, i));
	if (!ok) {
		X509_STORE_free(s);
		return NULL;
	}
	X509_VERIFY_PARAM *p = X509_STORE_get0_param(s);
	X509_VERIFY_PARAM_set_time(p, (time_t)c->stamp.time_s);
	X509_VERIFY_PARAM_set_auth_level(p, AUTH_LEVEL);
	/* an authority may be trusted without the root that issued it */
	X509_VERIFY_PARAM_set_flags(p, X509_V_FLAG_PARTIAL_CHAIN);
	return s;
}

/* What OpenSSL says: of all that it noted on the way, why a certificate was refused says most. */
static int refuse_signature(struct check *c)
{
	static const char chain[] = "Verify error:";
	const char *data = NULL;
	int flags = 0;
	char why[200] = "";
	bool told = false;
	for (unsigned long code; (code = ERR_get_error_all(NULL, NULL, NULL, &data, &flags));) {
		const char *reason = ERR_reason_error_string(code);
		bool is_chain = (flags & ERR_TXT_STRING) && data && !strncmp(data, chain, strlen(chain));
		if (is_chain)
			quote_into(why, sizeof(why), data + strlen(chain));
		else if (!told && reason)
			quote_into(why, sizeof(why), reason);
		told = told || is_chain;
	}
	return err_set(
	    c->e, -EKEYREJECTED,
	    "the stamp of %.80s is not signed by a time-stamp authority below a trusted certificate: %s",
	    c->stamp.tsa, *why ? why : "unknown");
}

static int verify(struct check *c)
{
	TS_VERIFY_CTX *v = TS_VERIFY_CTX_new();
	X509_STORE *store = store_of(c);
	uint8_t *imprint = OPENSSL_memdup(c->digest, sizeof(c->digest));
	int err;
	if (!v || !store || !imprint) {
		X509_STORE_free(store);
		OPENSSL_free(imprint);
		err = err_set(c->e, -ENOMEM, "no memory to check a stamp");
	} else {
		TS_VERIFY_CTX_set_flags(v, TS_VFY_VERSION | TS_VFY_SIGNATURE | TS_VFY_IMPRINT);
		TS_VERIFY_CTX_set_store(v, store);
		TS_VERIFY_CTX_set_imprint(v, imprint, sizeof(c->digest));
		ERR_clear_error();
		err = TS_RESP_verify_response(v, c->resp) == 1 ? 0 : refuse_signature(c);
	}
	TS_VERIFY_CTX_free(v);
	return err;
}

static int check(struct check *c, struct span reply)
{
	static int (*const steps[])(struct check *) = {check_status, check_imprint, check_nonce, check_time,
						       check_rest,   check_signer,  verify};
	const unsigned char *p = reply.p;
	if (reply.len > STAMP_REPLY_MAX)
		return err_set(c->e, -EBADMSG, "the reply has more than %d bytes", STAMP_REPLY_MAX);
	c->resp = reply.len ? d2i_TS_RESP(NULL, &p, (long)reply.len) : NULL;
	if (!c->resp)
		return err_set(c->e, -EBADMSG, "the reply is no time-stamp reply (RFC 3161)");
	if (p != reply.p + reply.len)
		return err_set(c->e, -EBADMSG, "%td bytes are behind the time-stamp reply",
			       reply.p + reply.len - p);
	int err = 0;
	for (size_t i = 0; !err && i < sizeof(steps) / sizeof(*steps); i++)
		err = steps[i](c);
	return err;
}

int stamp_check(struct span reply, struct span bytes, const struct stamp_request *asked, const char *policy,
		const struct stamp_trust *trust, struct stamp *ret, struct err *e)
{
	struct check c = {.bytes = bytes, .asked = asked, .policy = policy, .trust = trust, .e = e};
	int err = check(&c, reply);
	TS_RESP_free(c.resp);
	ERR_clear_error();
	if (!err)
		*ret = c.stamp;
	return err;
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/stamp_fixture.h"

#include <assert.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

static ASN1_INTEGER *on_serial(TS_RESP_CTX *ctx, void *data)
{
	ASN1_INTEGER *serial = ASN1_INTEGER_new();
	(void)ctx, (void)data;
	ASN1_INTEGER_set(serial, 0x1234abcd);
	return serial;
}

static int on_time(TS_RESP_CTX *ctx, void *data, long *sec, long *usec)
{
	const struct tsa_wish *w = data;
	(void)ctx;
	*sec = (long)w->at;
	*usec = 123456;
	return 1;
}

/* Of the request: put into the stamp. */
static int on_extension(TS_RESP_CTX *ctx, X509_EXTENSION *ext, void *data)
{
	(void)data;
	return TS_TST_INFO_add_ext(TS_RESP_CTX_get_tst_info(ctx), ext, -1);
}

static void add_critical(TS_REQ *q)
{
	ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
	ASN1_OCTET_STRING_set(value, (const unsigned char *)"\x05", 2);
	X509_EXTENSION *ext = X509_EXTENSION_create_by_NID(NULL, NID_netscape_comment, 1, value);
	assert(ext && TS_REQ_add_ext(q, ext, -1));
	X509_EXTENSION_free(ext);
	ASN1_OCTET_STRING_free(value);
}

/* What the authority takes itself to have been asked. */
static BIO *request_of(const struct stamp_request *asked, const struct tsa_wish *w)
{
	const unsigned char *p = asked->der;
	TS_REQ *q = d2i_TS_REQ(NULL, &p, (long)asked->bytes);
	BIO *b = BIO_new(BIO_s_mem());
	assert(q && b && p == asked->der + asked->bytes);
	if (w->no_certs)
		TS_REQ_set_cert_req(q, 0);
	if (w->critical_extension)
		add_critical(q);
	assert(i2d_TS_REQ_bio(b, q));
	TS_REQ_free(q);
	return b;
}

/* OpenSSL makes no TSA of a certificate for other purposes: it becomes one afterwards. */
static void change_purpose(X509 *cert, const struct tsa_wish *w)
{
	X509_EXTENSION_free(X509_delete_ext(cert, X509_get_ext_by_NID(cert, NID_ext_key_usage, -1)));
	if (*w->purpose) {
		X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, NULL, NID_ext_key_usage, w->purpose);
		assert(ext && X509_add_ext(cert, ext, -1));
		X509_EXTENSION_free(ext);
	}
	assert(X509_sign(cert, w->above->key, EVP_sha256()));
}

uint8_t *tsa_reply(const struct stamp_request *asked, const struct tsa_wish *wish, size_t *ret_len)
{
	struct tsa_wish w = *wish;
	w.at = w.at ? w.at : asked->now_s;
	ASN1_OBJECT *policy = OBJ_txt2obj(TSA_POLICY, 1);
	TS_RESP_CTX *ctx = TS_RESP_CTX_new();
	X509 *cert = X509_dup(w.signer->cert);
	assert(ctx && TS_RESP_CTX_set_signer_cert(ctx, cert) &&
	       TS_RESP_CTX_set_signer_key(ctx, w.signer->key) && TS_RESP_CTX_set_def_policy(ctx, policy) &&
	       TS_RESP_CTX_set_signer_digest(ctx, w.md ? w.md : EVP_sha256()) &&
	       TS_RESP_CTX_set_ess_cert_id_digest(ctx, EVP_sha256()) &&
	       TS_RESP_CTX_set_clock_precision_digits(ctx, 3) &&
	       (w.refuse || TS_RESP_CTX_add_md(ctx, EVP_sha256())));
	TS_RESP_CTX_set_serial_cb(ctx, on_serial, NULL);
	TS_RESP_CTX_set_time_cb(ctx, on_time, &w);
	TS_RESP_CTX_set_extension_cb(ctx, on_extension, NULL);
	if (w.extra) {
		STACK_OF(X509) *certs = sk_X509_new_null();
		sk_X509_push(certs, w.extra->cert);
		assert(TS_RESP_CTX_set_certs(ctx, certs));
		sk_X509_free(certs);
	}
	if (w.purpose)
		change_purpose(cert, &w);
	BIO *in = request_of(asked, &w);
	TS_RESP *r = TS_RESP_create_response(ctx, in);
	assert(r);
	int n = i2d_TS_RESP(r, NULL);
	assert(n > 0);
	uint8_t *der = malloc((size_t)n), *at = der;
	assert(der && i2d_TS_RESP(r, &at) == n);
	*ret_len = (size_t)n;
	TS_RESP_free(r);
	TS_RESP_CTX_free(ctx);
	BIO_free(in);
	ASN1_OBJECT_free(policy);
	X509_free(cert);
	return der;
}

char *tsa_pem(const struct party *const *parties, unsigned n)
{
	BIO *b = BIO_new(BIO_s_mem());
	for (unsigned i = 0; i < n; i++)
		assert(PEM_write_bio_X509(b, parties[i]->cert));
	char *bytes, *text;
	long len = BIO_get_mem_data(b, &bytes);
	text = strndup(bytes, (size_t)len);
	BIO_free(b);
	return text;
}

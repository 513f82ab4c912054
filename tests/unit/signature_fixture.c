/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/signature_fixture.h"

#include <assert.h>
#include <dirent.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static char folder[] = "/tmp/roja-signature-XXXXXX";

static void add_extension(X509 *x, const X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;
	if (!value)
		return;
	X509V3_set_ctx(&ctx, (X509 *)issuer, x, NULL, NULL, 0);
	X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	assert(ext && X509_add_ext(x, ext, -1));
	X509_EXTENSION_free(ext);
}

static void add_name(X509_NAME *name, int nid, const char *text)
{
	if (text)
		assert(X509_NAME_add_entry_by_NID(name, nid, MBSTRING_UTF8, (const unsigned char *)text, -1,
						  -1, 0));
}

struct party party_make(const struct party_wish *w)
{
	static long serial = 1000;
	struct party p = {.cert = X509_new(),
			  .key = w->rsa_bits ? EVP_RSA_gen((unsigned)w->rsa_bits) : EVP_EC_gen("P-256")};
	const struct party *above = w->above ? w->above : &p;
	assert(p.cert && p.key);
	X509_set_version(p.cert, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(p.cert), serial++);
	ASN1_TIME_set(X509_getm_notBefore(p.cert), w->from ? w->from : FIXTURE_NOW - 183 * FIXTURE_DAY);
	ASN1_TIME_set(X509_getm_notAfter(p.cert), w->until ? w->until : FIXTURE_NOW + 183 * FIXTURE_DAY);
	add_name(X509_get_subject_name(p.cert), NID_commonName, w->name);
	add_name(X509_get_subject_name(p.cert), NID_pkcs9_emailAddress, w->email);
	X509_set_issuer_name(p.cert, X509_get_subject_name(above->cert));
	X509_set_pubkey(p.cert, p.key);
	add_extension(p.cert, above->cert, NID_subject_key_identifier, "hash");
	add_extension(p.cert, above->cert, NID_basic_constraints, w->basic);
	add_extension(p.cert, above->cert, NID_key_usage, w->usage);
	add_extension(p.cert, above->cert, NID_ext_key_usage, w->purpose);
	assert(X509_sign(p.cert, above->key, w->md ? w->md : EVP_sha256()));
	return p;
}

void party_free(struct party *p)
{
	X509_free(p->cert);
	EVP_PKEY_free(p->key);
	*p = (struct party){0};
}

static void set_time(CMS_SignerInfo *si, int64_t at)
{
	ASN1_TIME *t = ASN1_TIME_set(NULL, at);
	assert(CMS_signed_add1_attr_by_NID(si, NID_pkcs9_signingTime, t->type, t, -1));
	ASN1_TIME_free(t);
}

CMS_ContentInfo *fixture_sign(const struct sign_wish *w)
{
	unsigned flags = CMS_BINARY | CMS_PARTIAL | (w->attached ? 0 : CMS_DETACHED) | w->flags;
	BIO *content = BIO_new_mem_buf(w->content ? w->content : FIXTURE_LIST, -1);
	CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, content, flags);
	assert(cms);
	for (unsigned i = 0; i < 2 && w->signers[i]; i++) {
		CMS_SignerInfo *si = CMS_add1_signer(cms, w->signers[i]->cert, w->signers[i]->key,
						     w->md ? w->md : EVP_sha256(), flags);
		assert(si);
		if (flags & CMS_KEY_PARAM)
			assert(EVP_PKEY_CTX_set_rsa_padding(CMS_SignerInfo_get0_pkey_ctx(si),
							    RSA_PKCS1_PSS_PADDING) > 0);
		if (!(flags & CMS_NOATTR))
			set_time(si, w->at ? w->at : FIXTURE_NOW);
	}
	for (unsigned i = 0; i < w->n_extra; i++)
		assert(CMS_add1_cert(cms, w->extra[i].cert));
	if (w->signers[0]) /* without, there is nothing to compute */
		assert(CMS_final(cms, content, NULL, flags & ~CMS_PARTIAL));
	BIO_free(content);
	return cms;
}

uint8_t *fixture_der(CMS_ContentInfo *cms, size_t *ret_len)
{
	int n = i2d_CMS_ContentInfo(cms, NULL);
	assert(n > 0);
	uint8_t *der = malloc((size_t)n), *at = der;
	assert(der && i2d_CMS_ContentInfo(cms, &at) == n);
	CMS_ContentInfo_free(cms);
	*ret_len = (size_t)n;
	return der;
}

static FILE *create(const char *file, char path[128])
{
	snprintf(path, 128, "%s/%s", folder, file);
	FILE *f = fopen(path, "w");
	assert(f);
	return f;
}

const char *fixture_pem(const char *file, const struct party *const *parties, unsigned n)
{
	static char path[128];
	FILE *f = create(file, path);
	for (unsigned i = 0; i < n; i++)
		assert(PEM_write_X509(f, parties[i]->cert));
	fclose(f);
	return path;
}

const char *fixture_file(const char *file, const void *bytes, size_t n)
{
	static char path[128];
	FILE *f = create(file, path);
	assert(fwrite(bytes, 1, n, f) == n);
	fclose(f);
	return path;
}

void fixture_begin(void)
{
	assert(mkdtemp(folder));
}

void fixture_end(void)
{
	DIR *d = opendir(folder);
	for (struct dirent *x; d && (x = readdir(d));)
		unlinkat(dirfd(d), x->d_name, 0);
	closedir(d);
	rmdir(folder);
}

int fixture_content(const char *text)
{
	int fd = memfd_create("content", MFD_CLOEXEC);
	assert(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	return fd;
}

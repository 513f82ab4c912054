/* SPDX-License-Identifier: BSD-3-Clause */
/* The request, and whom to trust. */
#include "audit/stamp.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/ts.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/stamp_state.h"

static bool set_imprint(TS_REQ *q, const uint8_t digest[SHA256_DIGEST_LENGTH])
{
	TS_MSG_IMPRINT *imprint = TS_MSG_IMPRINT_new();
	X509_ALGOR *sha256 = X509_ALGOR_new();
	bool ok = imprint && sha256 && X509_ALGOR_set0(sha256, OBJ_nid2obj(NID_sha256), V_ASN1_NULL, NULL) &&
		  TS_MSG_IMPRINT_set_algo(imprint, sha256) &&
		  TS_MSG_IMPRINT_set_msg(imprint, (uint8_t *)digest, SHA256_DIGEST_LENGTH) &&
		  TS_REQ_set_msg_imprint(q, imprint);
	X509_ALGOR_free(sha256);
	TS_MSG_IMPRINT_free(imprint);
	return ok;
}

static bool set_nonce(TS_REQ *q, const uint8_t nonce[STAMP_NONCE_BYTES])
{
	BIGNUM *n = BN_bin2bn(nonce, STAMP_NONCE_BYTES, NULL);
	ASN1_INTEGER *a = n ? BN_to_ASN1_INTEGER(n, NULL) : NULL;
	bool ok = a && TS_REQ_set_nonce(q, a);
	ASN1_INTEGER_free(a);
	BN_free(n);
	return ok;
}

static bool write_request(TS_REQ *q, struct stamp_request *ret)
{
	uint8_t *at = ret->der;
	int n = i2d_TS_REQ(q, NULL);
	if (n <= 0 || n > STAMP_REQUEST_MAX || i2d_TS_REQ(q, &at) != n)
		return false;
	ret->bytes = (size_t)n;
	return true;
}

int stamp_request(struct span bytes, int64_t now_s, struct stamp_request *ret, struct err *e)
{
	struct stamp_request r = {.now_s = now_s};
	uint8_t digest[SHA256_DIGEST_LENGTH];
	if (RAND_bytes(r.nonce, sizeof(r.nonce)) != 1)
		return err_set(e, -EIO, "there are no random numbers for a time stamp's request");
	r.nonce[0] = (uint8_t)((r.nonce[0] & 0x7f) | 0x40); /* positive, and always as long */
	SHA256(bytes.p, bytes.len, digest);
	TS_REQ *q = TS_REQ_new();
	bool ok = q && TS_REQ_set_version(q, 1) && set_imprint(q, digest) && set_nonce(q, r.nonce) &&
		  TS_REQ_set_cert_req(q, 1) && write_request(q, &r);
	TS_REQ_free(q);
	if (!ok)
		return err_set(e, -ENOMEM, "no memory for a time stamp's request");
	*ret = r;
	return 0;
}

/* Without it OpenSSL would ask at the terminal where a block is encrypted. */
static int no_password(char *to, int size, int writing, void *ctx)
{
	(void)to, (void)size, (void)writing, (void)ctx;
	return -1;
}

static int read_certs(BIO *pem, const char *name, STACK_OF(X509) * certs, struct err *e)
{
	X509 *x;
	while ((x = PEM_read_bio_X509(pem, NULL, no_password, NULL))) {
		bool room = sk_X509_num(certs) < STAMP_TRUSTED_MAX;
		if (!room || !sk_X509_push(certs, x)) {
			X509_free(x);
			return room ? err_set(e, -ENOMEM, "%s: no memory", name)
				    : err_set(e, -EINVAL,
					      "%s: more than %d certificates; keep those of the time-stamp "
					      "authorities",
					      name, STAMP_TRUSTED_MAX);
		}
	}
	unsigned long why = ERR_peek_last_error();
	if (ERR_GET_LIB(why) != ERR_LIB_PEM || ERR_GET_REASON(why) != PEM_R_NO_START_LINE) {
		const char *reason = ERR_reason_error_string(why);
		return err_set(e, -EINVAL, "%s: certificate %d is damaged: %s; get the file again", name,
			       sk_X509_num(certs) + 1, reason ? reason : "unknown");
	}
	if (!sk_X509_num(certs))
		return err_set(e, -EINVAL,
			       "%s: holds no certificate in PEM form (-----BEGIN CERTIFICATE-----); convert "
			       "one with openssl x509 -inform DER",
			       name);
	return 0;
}

int stamp_trust_read(struct span pem, const char *name, struct stamp_trust **ret, struct err *e)
{
	struct stamp_trust *t = calloc(1, sizeof(*t));
	if (pem.len > STAMP_CA_FILE_MAX) {
		free(t);
		return err_set(e, -EINVAL, "%s: is larger than %u bytes; keep the certificates alone", name,
			       STAMP_CA_FILE_MAX);
	}
	BIO *b = BIO_new_mem_buf(pem.len ? (const void *)pem.p : "", (int)pem.len);
	int err;
	if (t)
		t->certs = sk_X509_new_null();
	ERR_clear_error();
	if (!t || !t->certs || !b)
		err = err_set(e, -ENOMEM, "%s: no memory", name);
	else
		err = read_certs(b, name, t->certs, e);
	ERR_clear_error();
	BIO_free(b);
	if (err)
		stamp_trust_free(t);
	else
		*ret = t;
	return err;
}

static int read_all(int fd, uint8_t *to, size_t n, size_t *ret)
{
	size_t len = 0;
	while (len < n) {
		ssize_t r = read(fd, to + len, n - len);
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return -errno;
		if (!r)
			break;
		len += (size_t)r;
	}
	*ret = len;
	return 0;
}

int stamp_trust_load(const char *ca_file, struct stamp_trust **ret, struct err *e)
{
	struct stat st;
	size_t len = 0;
	int fd = open(ca_file, O_RDONLY | O_CLOEXEC | O_NONBLOCK), err;
	if (fd < 0)
		return err_set(e, -EINVAL, "%s: the trusted certificates cannot be read: %s", ca_file,
			       strerror(errno));
	uint8_t *room = malloc(STAMP_CA_FILE_MAX + 1);
	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		err = err_set(e, -EINVAL, "%s: is no regular file; name one of certificates in PEM form",
			      ca_file);
	else if (!room)
		err = err_set(e, -ENOMEM, "%s: no memory", ca_file);
	else if ((err = read_all(fd, room, STAMP_CA_FILE_MAX + 1, &len)))
		err = err_set(e, -EINVAL, "%s: cannot be read: %s", ca_file, strerror(-err));
	else
		err = stamp_trust_read((struct span){room, len}, ca_file, ret, e);
	free(room);
	close(fd);
	return err;
}

void stamp_trust_free(struct stamp_trust *t)
{
	if (!t)
		return;
	sk_X509_pop_free(t->certs, X509_free);
	free(t);
}

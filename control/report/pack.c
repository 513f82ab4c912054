/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/report/pack.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/hex.h"
#include "common/tar.h"
#include "control/report/report.h"

#define CHUNK 65536

int pack_begin(struct pack *p, int fd, int64_t time, struct err *e)
{
	*p = (struct pack){.fd = fd, .time = time};
	if (ftruncate(fd, 0) || lseek(fd, 0, SEEK_SET) < 0)
		return err_set(e, -errno, "the file that came with the request cannot be emptied: %s",
			       strerror(errno));
	p->sums = open_memstream(&p->sums_text, &p->sums_n);
	return p->sums ? 0 : err_set(e, -ENOMEM, "memory ran out");
}

void pack_fini(struct pack *p)
{
	if (p->sums)
		fclose(p->sums);
	free(p->sums_text);
	*p = (struct pack){.fd = -1};
}

static int put(struct pack *p, const void *bytes, size_t n, struct err *e)
{
	const char *from = bytes;
	while (n) {
		ssize_t put = write(p->fd, from, n);
		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return err_set(e, -EIO, "the file that came with the request cannot be written: %s",
				       put ? strerror(errno) : "no bytes are taken");
		from += put;
		n -= (size_t)put;
		p->bytes += (uint64_t)put;
	}
	return 0;
}

static int head(struct pack *p, const char *name, uint64_t n, struct err *e)
{
	uint8_t block[TAR_BLOCK];
	if (!tar_write(name, n, p->time, block))
		return err_set(e, -EINVAL, "%.120s: %llu bytes under this name cannot be handed over", name,
			       (unsigned long long)n);
	return put(p, block, sizeof(block), e);
}

static int tail(struct pack *p, const char *name, uint64_t n, const uint8_t digest[32], struct err *e)
{
	static const uint8_t zeros[TAR_BLOCK];
	char hex[65];
	hex_write(digest, 32, hex);
	fprintf(p->sums, "%s  %s\n", hex, name);
	p->n++;
	return put(p, zeros, tar_padding(n), e);
}

int pack_bytes(struct pack *p, const char *name, const void *bytes, size_t n, struct err *e)
{
	uint8_t digest[32];
	int err = head(p, name, n, e);
	if (!err)
		err = put(p, bytes, n, e);
	EVP_Digest(bytes, n, digest, NULL, EVP_sha256(), NULL);
	return err ? err : tail(p, name, n, digest, e);
}

static int copy(struct pack *p, const char *name, int from, uint64_t n, EVP_MD_CTX *sha, struct err *e)
{
	uint8_t chunk[CHUNK];
	int err = 0;
	while (n && !err) {
		ssize_t got = read(from, chunk, n < CHUNK ? (size_t)n : CHUNK);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return err_set(e, -EIO, "%s: cannot be read to its end: %s", name,
				       got ? strerror(errno) : "it became shorter");
		EVP_DigestUpdate(sha, chunk, (size_t)got);
		err = put(p, chunk, (size_t)got, e);
		n -= (uint64_t)got;
	}
	return err;
}

int pack_file(struct pack *p, const char *name, int from, uint64_t n, struct err *e)
{
	uint8_t digest[32];
	EVP_MD_CTX *sha = EVP_MD_CTX_new();
	int err = sha && EVP_DigestInit_ex(sha, EVP_sha256(), NULL) ? head(p, name, n, e)
								    : err_set(e, -ENOMEM, "memory ran out");
	if (!err)
		err = copy(p, name, from, n, sha, e);
	if (!err && !EVP_DigestFinal_ex(sha, digest, NULL))
		err = err_set(e, -ENOMEM, "memory ran out");
	EVP_MD_CTX_free(sha);
	return err ? err : tail(p, name, n, digest, e);
}

int pack_files(struct pack *p, const struct files *f, struct err *e)
{
	int err = 0;
	for (unsigned i = 0; i < f->n && !err; i++)
		err = pack_bytes(p, f->v[i].name, f->v[i].bytes, f->v[i].n, e);
	return err;
}

int pack_end(struct pack *p, char ret_sha256[65], struct err *e)
{
	static const uint8_t zeros[2 * TAR_BLOCK];
	bool failed = fclose(p->sums);
	p->sums = NULL;
	if (failed)
		return err_set(e, -ENOMEM, "memory ran out");
	report_digest(p->sums_text, p->sums_n, ret_sha256);
	int err = head(p, FILES_SUMS, p->sums_n, e);
	if (!err)
		err = put(p, p->sums_text, p->sums_n, e);
	if (!err)
		err = put(p, zeros, tar_padding(p->sums_n), e);
	p->n++;
	return err ? err : put(p, zeros, sizeof(zeros), e);
}

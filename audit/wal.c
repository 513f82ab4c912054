/* SPDX-License-Identifier: BSD-3-Clause */
/* wal: writing. SHA-256 in OpenSSL's low-level form: see tree.c. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "audit/wal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <openssl/sha.h>
#include <string.h>
#include <sys/random.h>
#include <sys/uio.h>
#include <unistd.h>

#include "audit/wal_format.h"

static const uint8_t zeros[WAL_ALIGN];

void wal_name(uint64_t number, char ret[WAL_NAME_BYTES])
{
	snprintf(ret, WAL_NAME_BYTES, "%010" PRIu64 ".wal", number);
}

size_t wal_set_put(uint8_t *p, struct span key, struct span value)
{
	p[0] = (uint8_t)key.len;
	p[1] = (uint8_t)value.len;
	memcpy(p + 2, key.p, key.len);
	if (value.len)
		memcpy(p + 2 + key.len, value.p, value.len);
	return 2 + key.len + value.len;
}

void wal_check_header(const uint8_t header[WAL_HEADER_BYTES], uint8_t ret[WAL_CHECK_BYTES])
{
	uint8_t digest[SHA256_DIGEST_LENGTH];
	SHA256(header, WAL_HEADER_CHECK_AT, digest);
	memcpy(ret, digest, WAL_CHECK_BYTES);
}

static void check_begin(SHA256_CTX *c, const struct wal_place *where)
{
	uint8_t place[16];
	wal_put64(place, where->number);
	wal_put64(place + 8, where->at);
	SHA256_Init(c);
	SHA256_Update(c, where->salt, WAL_SALT_BYTES);
	SHA256_Update(c, place, sizeof(place));
}

static void check_end(SHA256_CTX *c, uint8_t *ret, size_t bytes)
{
	uint8_t digest[SHA256_DIGEST_LENGTH];
	SHA256_Final(digest, c);
	memcpy(ret, digest, bytes);
}

void wal_check_head(const struct wal_place *where, const uint8_t head[WAL_HEAD_BYTES],
		    uint8_t ret[WAL_HEAD_CHECK_BYTES])
{
	SHA256_CTX c;
	check_begin(&c, where);
	SHA256_Update(&c, head, WAL_HEAD_CHECK_AT);
	check_end(&c, ret, WAL_HEAD_CHECK_BYTES);
}

void wal_check_frame(const struct wal_place *where, const uint8_t head[WAL_HEAD_BYTES], struct span sets,
		     struct span leaves, uint8_t ret[WAL_CHECK_BYTES])
{
	SHA256_CTX c;
	check_begin(&c, where);
	SHA256_Update(&c, head, WAL_CHECK_AT);
	SHA256_Update(&c, sets.p, sets.len);
	SHA256_Update(&c, leaves.p, leaves.len);
	SHA256_Update(&c, zeros, wal_padding(sets.len + leaves.len));
	check_end(&c, ret, WAL_CHECK_BYTES);
}

static int failed(const struct wal_file *f, const char *what, int error, struct err *e)
{
	char name[WAL_NAME_BYTES];
	wal_name(f->number, name);
	return err_set(e, -error, "wal/%s cannot be %s: %s", name, what, strerror(error));
}

/* Writes all, however many writes the kernel makes of it. */
static int write_all(const struct wal_file *f, struct iovec *v, int n, struct err *e)
{
	while (n) {
		ssize_t done = writev(f->fd, v, n);
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return failed(f, "written", done ? errno : EIO, e);
		while (n && (size_t)done >= v->iov_len) {
			done -= (ssize_t)v->iov_len;
			v++;
			n--;
		}
		if (n) {
			v->iov_base = (uint8_t *)v->iov_base + done;
			v->iov_len -= (size_t)done;
		}
	}
	return 0;
}

static void make_head(const struct wal_file *f, const struct wal_frame *frame, uint8_t head[WAL_HEAD_BYTES])
{
	struct wal_place where = {f->salt, f->number, f->at};
	memset(head, 0, WAL_HEAD_BYTES);
	memcpy(head + WAL_FRAME_AT, WAL_FRAME_MAGIC, WAL_MAGIC_BYTES);
	wal_put32(head + WAL_TYPE_AT, frame->type);
	wal_put32(head + WAL_SETS_AT, (uint32_t)frame->sets.len);
	wal_put32(head + WAL_LEAVES_AT, (uint32_t)frame->leaves.len);
	wal_put64(head + WAL_TICKET_AT, frame->ticket);
	wal_put64(head + WAL_SIZE_AT, frame->size);
	wal_check_head(&where, head, head + WAL_HEAD_CHECK_AT);
	wal_check_frame(&where, head, frame->sets, frame->leaves, head + WAL_CHECK_AT);
}

int wal_put(struct wal_file *f, const struct wal_frame *frame, struct err *e)
{
	uint8_t head[WAL_HEAD_BYTES];
	size_t bytes = frame->sets.len + frame->leaves.len, padding = wal_padding(bytes);
	if (frame->sets.len > WAL_PART_MAX || frame->leaves.len > WAL_PART_MAX)
		return failed(f, "written", EMSGSIZE, e);
	make_head(f, frame, head);
	struct iovec v[] = {{head, sizeof(head)},
			    {(void *)frame->sets.p, frame->sets.len},
			    {(void *)frame->leaves.p, frame->leaves.len},
			    {(void *)zeros, padding}};
	int err = write_all(f, v, (int)(sizeof(v) / sizeof(*v)), e);
	if (!err && fdatasync(f->fd))
		err = failed(f, "synced", errno, e);
	if (!err)
		f->at += sizeof(head) + bytes + padding;
	return err;
}

static int put_header(struct wal_file *f, struct err *e)
{
	uint8_t header[WAL_HEADER_BYTES] = {0};
	if (getrandom(f->salt, sizeof(f->salt), 0) != (ssize_t)sizeof(f->salt))
		return failed(f, "given a salt", errno, e);
	memcpy(header + WAL_MAGIC_AT, WAL_MAGIC, WAL_MAGIC_BYTES);
	wal_put32(header + WAL_FORMAT_AT, WAL_FORMAT);
	wal_put64(header + WAL_NUMBER_AT, f->number);
	memcpy(header + WAL_SALT_AT, f->salt, sizeof(f->salt));
	wal_check_header(header, header + WAL_HEADER_CHECK_AT);
	f->at = sizeof(header);
	return write_all(f, &(struct iovec){header, sizeof(header)}, 1, e);
}

int wal_create(int folder, uint64_t number, const struct wal_frame *state, struct wal_file *ret,
	       struct err *e)
{
	char name[WAL_NAME_BYTES];
	struct wal_file f = {.number = number};
	wal_name(number, name);
	if (unlinkat(folder, name, 0) && errno != ENOENT)
		return failed(&f, "removed, though it holds nothing that counts", errno, e);
	f.fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
	if (f.fd < 0)
		return failed(&f, "made", errno, e);
	int err = put_header(&f, e);
	if (!err)
		err = wal_put(&f, state, e);
	if (!err && fsync(folder))
		err = failed(&f, "synced with its folder", errno, e);
	if (err) {
		unlinkat(folder, name, 0);
		wal_close(&f);
		return err;
	}
	*ret = f;
	return 0;
}

void wal_close(struct wal_file *f)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
}

int wal_remove(int folder, uint64_t number, struct err *e)
{
	char name[WAL_NAME_BYTES];
	struct wal_file f = {.number = number};
	wal_name(number, name);
	if ((unlinkat(folder, name, 0) && errno != ENOENT) || fsync(folder))
		return failed(&f, "removed", errno, e);
	return 0;
}

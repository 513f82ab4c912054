/* SPDX-License-Identifier: BSD-3-Clause */
/* Sealed files, written and read a chunk at a time. */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rules/seal_crypt.h"

struct seal_writer {
	struct seal_stream s;
	char *path, *temporary;
	int fd;
	int failed; /* -errno of the first failure */
	size_t n;   /* bytes of plain text that wait in chunk */
	uint8_t chunk[SEAL_CHUNK + SEAL_TAG];
};

struct seal_reader {
	struct seal_stream s;
	char *path;
	int fd;
	uint64_t left, plain; /* sealed bytes not yet read; plain bytes in all */
	size_t at, n;
	bool last;
	int failed;
	uint8_t chunk[SEAL_CHUNK + SEAL_TAG];
};

static int write_all(int fd, const uint8_t *p, size_t n)
{
	while (n) {
		ssize_t done = write(fd, p, n);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -errno;
		p += done;
		n -= (size_t)done;
	}
	return 0;
}

static int fail(const char *path, int err, const char *doing, struct err *e)
{
	return err_set(e, err, "%s: cannot %s it: %s", path, doing, strerror(-err));
}

static void free_writer(struct seal_writer *w)
{
	if (w->fd >= 0)
		close(w->fd);
	seal_stream_fini(&w->s);
	explicit_bzero(w->chunk, sizeof(w->chunk));
	free(w->path);
	free(w->temporary);
	free(w);
}

int seal_create(const char *path, const struct seal_key *k, struct seal_writer **ret, struct err *e)
{
	return seal_create_numbered(path, k, 0, ret, e);
}

int seal_create_numbered(const char *path, const struct seal_key *k, uint64_t number,
			 struct seal_writer **ret, struct err *e)
{
	struct seal_writer *w = calloc(1, sizeof(*w));
	if (!w)
		return err_set(e, -ENOMEM, "%s: no memory", path);
	w->fd = -1;
	w->s.head = (struct seal_head){
	    .version = htole32(SEAL_VERSION), .chunk = htole32(SEAL_CHUNK), .number = htole64(number)};
	memcpy(w->s.head.magic, SEAL_MAGIC, sizeof(w->s.head.magic));
	memcpy(w->s.head.key_id, k->id, sizeof(k->id));
	w->path = strdup(path);
	if (asprintf(&w->temporary, "%s.XXXXXX", path) < 0)
		w->temporary = NULL;
	int err = w->path && w->temporary ? 0 : err_set(e, -ENOMEM, "%s: no memory", path);
	if (!err && getrandom(w->s.head.salt, sizeof(w->s.head.salt), 0) != sizeof(w->s.head.salt))
		err = fail(path, -EIO, "seal", e);
	if (!err)
		err = seal_stream_init(&w->s, k, e);
	if (!err && (w->fd = mkostemp(w->temporary, O_CLOEXEC)) < 0)
		err = fail(path, -errno, "write", e);
	if (!err && (err = write_all(w->fd, (const uint8_t *)&w->s.head, sizeof(w->s.head))))
		fail(path, err, "write", e);
	if (err) {
		if (w->fd >= 0)
			unlink(w->temporary);
		free_writer(w);
	} else {
		*ret = w;
	}
	return err;
}

static int flush(struct seal_writer *w, bool last, struct err *e)
{
	int err = w->failed;
	if (!err)
		err = seal_chunk(&w->s, w->chunk, w->n, last);
	if (!err)
		err = write_all(w->fd, w->chunk, w->n + SEAL_TAG);
	w->n = 0;
	w->failed = err;
	return err ? fail(w->path, err, "write", e) : 0;
}

int seal_write(struct seal_writer *w, const void *p, size_t n, struct err *e)
{
	const uint8_t *from = p;
	while (n) {
		/* a full chunk waits until there is more: it may be the last */
		if (w->n == SEAL_CHUNK) {
			int err = flush(w, false, e);
			if (err)
				return err;
		}
		size_t part = SEAL_CHUNK - w->n < n ? SEAL_CHUNK - w->n : n;
		memcpy(w->chunk + w->n, from, part);
		w->n += part;
		from += part;
		n -= part;
	}
	return 0;
}

static int sync_folder(const char *path)
{
	char *copy = strdup(path);
	int fd = copy ? open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	int err = fd < 0 || fsync(fd) ? -errno : 0;
	if (fd >= 0)
		close(fd);
	free(copy);
	return err;
}

int seal_commit_mode(struct seal_writer *w, mode_t mode, struct err *e)
{
	int err = flush(w, true, e);
	if (!err && (fchmod(w->fd, mode) || fsync(w->fd) || rename(w->temporary, w->path)))
		err = fail(w->path, -errno, "write", e);
	if (err)
		unlink(w->temporary);
	else if ((err = sync_folder(w->path)))
		fail(w->path, err, "write", e);
	free_writer(w);
	return err;
}

int seal_commit(struct seal_writer *w, struct err *e)
{
	return seal_commit_mode(w, 0600, e);
}

void seal_abort(struct seal_writer *w)
{
	if (!w)
		return;
	unlink(w->temporary);
	free_writer(w);
}

bool seal_is_sealed(const void *head, size_t n)
{
	return n >= strlen(SEAL_MAGIC) && !memcmp(head, SEAL_MAGIC, strlen(SEAL_MAGIC));
}

static ssize_t read_all(int fd, void *p, size_t n)
{
	size_t done = 0;
	while (done < n) {
		ssize_t part = read(fd, (uint8_t *)p + done, n - done);
		if (part < 0 && errno == EINTR)
			continue;
		if (part < 0)
			return -errno;
		if (!part)
			break;
		done += (size_t)part;
	}
	return (ssize_t)done;
}

/* The head, and what the file's size says of its chunks: all full but the last. */
static int read_head(struct seal_reader *r, const struct seal_key *k, struct err *e)
{
	struct stat st;
	struct seal_head *h = &r->s.head;
	ssize_t n = read_all(r->fd, h, sizeof(*h));
	if (n < 0 || fstat(r->fd, &st))
		return fail(r->path, n < 0 ? (int)n : -errno, "read", e);
	if (!seal_is_sealed(h, (size_t)n))
		return err_set(e, -EPROTO, "%s: is no sealed file", r->path);
	if ((size_t)n < sizeof(*h))
		return err_set(e, -EBADMSG, "%s: is cut", r->path);
	if (le32toh(h->version) != SEAL_VERSION || le32toh(h->chunk) != SEAL_CHUNK)
		return err_set(e, -EPROTONOSUPPORT, "%s: is sealed in a way that this program does not know",
			       r->path);
	if (memcmp(h->key_id, k->id, sizeof(k->id)))
		return err_set(e, -EKEYREJECTED, "%s: is sealed with another key than the one given",
			       r->path);
	r->left = (uint64_t)st.st_size - sizeof(*h);
	uint64_t chunks = (r->left + SEAL_CHUNK + SEAL_TAG - 1) / (SEAL_CHUNK + SEAL_TAG);
	if (r->left < SEAL_TAG || r->left < chunks * SEAL_TAG)
		return err_set(e, -EBADMSG, "%s: is cut", r->path);
	r->plain = r->left - chunks * SEAL_TAG;
	return seal_stream_init(&r->s, k, e);
}

int seal_open(const char *path, const struct seal_key *k, struct seal_reader **ret, struct err *e)
{
	struct seal_reader *r = calloc(1, sizeof(*r));
	if (!r || !(r->path = strdup(path))) {
		free(r);
		return err_set(e, -ENOMEM, "%s: no memory", path);
	}
	r->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	int err = r->fd < 0 ? fail(path, -errno, "read", e) : read_head(r, k, e);
	if (err)
		seal_close(r);
	else
		*ret = r;
	return err;
}

static int next_chunk(struct seal_reader *r, struct err *e)
{
	if (r->failed)
		return fail(r->path, r->failed, "read", e);
	size_t want = r->left < sizeof(r->chunk) ? (size_t)r->left : sizeof(r->chunk);
	ssize_t n = read_all(r->fd, r->chunk, want);
	if (n < 0)
		return fail(r->path, r->failed = (int)n, "read", e);
	r->left -= want;
	if ((size_t)n != want || unseal_chunk(&r->s, r->chunk, want, !r->left))
		return err_set(e, r->failed = -EBADMSG, "%s: was changed or cut since it was written",
			       r->path);
	r->last = !r->left;
	r->at = 0;
	r->n = want - SEAL_TAG;
	return 0;
}

ssize_t seal_read(struct seal_reader *r, void *p, size_t n, struct err *e)
{
	while (r->at == r->n) {
		if (r->last || !n)
			return 0;
		int err = next_chunk(r, e);
		if (err)
			return err;
	}
	size_t part = r->n - r->at < n ? r->n - r->at : n;
	memcpy(p, r->chunk + r->at, part);
	r->at += part;
	return (ssize_t)part;
}

uint64_t seal_number(const struct seal_reader *r)
{
	return le64toh(r->s.head.number);
}

uint64_t seal_plain_bytes(const struct seal_reader *r)
{
	return r->plain;
}

void seal_close(struct seal_reader *r)
{
	if (!r)
		return;
	if (r->fd >= 0)
		close(r->fd);
	seal_stream_fini(&r->s);
	explicit_bzero(r->chunk, sizeof(r->chunk));
	free(r->path);
	free(r);
}

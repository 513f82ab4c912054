/* SPDX-License-Identifier: BSD-3-Clause */
/* Files of a folder that nobody vouches for, and findings about them. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/verify_run.h"

const char *const verify_fault_words[VERIFY_FAULTS_N] = {
#define X(NAME, word, help) word,
    VERIFY_FAULTS(X)
#undef X
};

static int grow(struct verify_buffer *b, size_t room)
{
	if (room <= b->room)
		return 0;
	uint8_t *p = realloc(b->p, room);
	if (!p)
		return -ENOMEM;
	b->p = p;
	b->room = room;
	return 0;
}

/* One byte more than the file should have is asked for: it may be longer by now. */
static int read_all(int fd, size_t size, size_t max, struct verify_buffer *ret)
{
	int err = grow(ret, size + 1);
	ret->len = 0;
	while (!err) {
		ssize_t n = read(fd, ret->p + ret->len, ret->room - ret->len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			return 0;
		ret->len += (size_t)n;
		if (ret->len > max)
			return -EBADMSG;
		if (ret->len == ret->room)
			err = grow(ret, 2 * ret->room);
	}
	return err;
}

int verify_read(int folder, const char *path, size_t max, struct verify_buffer *ret)
{
	struct stat st;
	ret->len = 0;
	int fd = openat(folder, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return errno == ENOTDIR ? -ENOENT : errno == ELOOP ? -EBADMSG : -errno;
	int err = fstat(fd, &st) ? -errno : 0;
	if (!err && (!S_ISREG(st.st_mode) || (uint64_t)st.st_size > max))
		err = -EBADMSG;
	if (!err)
		err = read_all(fd, (size_t)st.st_size, max, ret);
	close(fd);
	return err;
}

void verify_buffer_free(struct verify_buffer *b)
{
	free(b->p);
	*b = (struct verify_buffer){NULL, 0, 0};
}

int verify_find(struct verify_finding *f, enum verify_fault fault, uint64_t leaf, uint64_t last,
		const char *file, const char *fmt, ...)
{
	va_list ap;
	f->code = 1;
	f->fault = fault;
	f->leaf = leaf;
	f->last = last;
	snprintf(f->file, sizeof(f->file), "%s", file ? file : "");
	va_start(ap, fmt);
	vsnprintf(f->text, sizeof(f->text), fmt, ap);
	va_end(ap);
	return 1;
}

int verify_find_read(struct verify_finding *f, int err, uint64_t leaf, uint64_t last, const char *file)
{
	if (err == -ENOENT)
		return verify_find(f, VERIFY_MISSING, leaf, last, file, "the file is not there");
	if (err == -EBADMSG)
		return verify_find(f, VERIFY_DAMAGED, leaf, last, file,
				   "it is no file, or longer than it can be");
	verify_find(f, VERIFY_NONE, leaf, last, file, "cannot be read: %s", strerror(-err));
	f->code = err;
	return err;
}

bool verify_pruned_any(const struct verify_pruned *p, uint64_t bundle)
{
	static const uint8_t none[TILE_WIDTH / 8];
	return bundle < p->bundles && memcmp(p->file.p + bundle * sizeof(none), none, sizeof(none)) != 0;
}

bool verify_pruned_bit(const struct verify_pruned *p, uint64_t bundle, unsigned i)
{
	return bundle < p->bundles && p->file.p[bundle * TILE_WIDTH / 8 + i / 8] >> i % 8 & 1;
}

static int load(struct verify_run *v, const char *name, struct verify_pruned *ret)
{
	/* what a log of the checkpoint's size can have removed, and some bundles for one that grows */
	size_t max = (size_t)(v->head.size / TILE_WIDTH + (1u << 16)) * (TILE_WIDTH / 8);
	int err = verify_read(v->fd, name, max, &ret->file);
	ret->there = !err;
	ret->bundles = ret->removed = 0;
	if (err == -ENOENT)
		return 0;
	if (err)
		return verify_find_read(&v->found, err, VERIFY_NO_LEAF, 0, name);
	ret->bundles = ret->file.len / (TILE_WIDTH / 8);
	for (size_t i = 0; i < ret->file.len; i++)
		ret->removed += (unsigned)__builtin_popcount(ret->file.p[i]);
	return 0;
}

int verify_load_pruned(struct verify_run *v)
{
	int err = load(v, "pruned", &v->pruned);
	return err ? err : load(v, "pruned.new", &v->pruned_new);
}

void verify_fold(struct hash *h, unsigned n, struct hash *ret)
{
	for (; n > 1; n /= 2)
		for (unsigned i = 0; i < n; i += 2)
			tree_node(&h[i], &h[i + 1], &h[i / 2]);
	*ret = h[0];
}

void verify_frontier_add(struct frontier *f, unsigned bit, const struct hash *root)
{
	struct hash h = *root;
	unsigned level = bit;
	for (; f->size >> level & 1; level++)
		tree_node(&f->peaks[level], &h, &h);
	f->peaks[level] = h;
	f->size += UINT64_C(1) << bit;
}

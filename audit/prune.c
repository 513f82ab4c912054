/* SPDX-License-Identifier: BSD-3-Clause */
#include "audit/prune.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BATCH	  256 /* bundles whose folders are synced at once */
#define PATH_MAX_ 4200

static void path_of(const char *folder, const char *name, char ret[PATH_MAX_])
{
	snprintf(ret, PATH_MAX_, "%s/%s", folder, name);
}

/* "kept/x001/234" beside "tile/entries/x001/234". */
static void names_of(const char *folder, uint64_t n, char entries[PATH_MAX_], char kept[PATH_MAX_])
{
	char name[TILE_PATH_BYTES];
	tile_path(&(struct tile){TILE_ENTRIES, n, TILE_WIDTH}, name);
	path_of(folder, name, entries);
	snprintf(kept, PATH_MAX_, "%s/kept%s", folder, name + strlen("tile/entries"));
}

/* The whole file, at most `max` bytes; -ENOENT has no sentence. */
static int read_file(const char *path, size_t max, uint8_t **ret, size_t *ret_n, struct err *e)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? -ENOENT : err_set(e, -errno, "%s: %s", path, strerror(errno));
	int err = fstat(fd, &st) ? -errno : 0;
	if (!err && (uint64_t)st.st_size > max)
		err = -EBADMSG;
	uint8_t *p = err ? NULL : malloc((size_t)st.st_size + 1);
	size_t n = 0;
	ssize_t got = 1;
	while (p && n < (size_t)st.st_size && (got = read(fd, p + n, (size_t)st.st_size - n)) > 0)
		n += (size_t)got;
	if (!err && !p)
		err = -ENOMEM;
	if (!err && got < 0)
		err = -errno;
	close(fd);
	if (err) {
		free(p);
		return err_set(e, err, "%s: %s", path,
			       err == -EBADMSG ? "longer than it can be" : strerror(-err));
	}
	*ret = p;
	*ret_n = n;
	return 0;
}

static int sync_folder(const char *path, struct err *e)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_set(e, -errno, "%s: %s", path, strerror(errno));
	int err = fsync(fd) ? err_set(e, -errno, "%s: %s", path, strerror(errno)) : 0;
	close(fd);
	return err;
}

static void folder_of(const char *path, char ret[PATH_MAX_])
{
	snprintf(ret, PATH_MAX_, "%s", path);
	*strrchr(ret, '/') = 0;
}

/* Makes the folders above a file; each is durable before what is in it. */
static int make_folders(const char *folder, const char *path, struct err *e)
{
	char at[PATH_MAX_], above[PATH_MAX_];
	snprintf(at, sizeof(at), "%s", path);
	for (char *p = at + strlen(folder) + 1; (p = strchr(p, '/')); *p++ = '/') {
		*p = 0;
		if (mkdir(at, 0755) == 0) {
			folder_of(at, above);
			int err = sync_folder(above, e);
			if (err)
				return err;
		} else if (errno != EEXIST)
			return err_set(e, -errno, "%s: %s", at, strerror(errno));
	}
	return 0;
}

/* A file that is there whole or not at all. */
static int put_file(const char *path, const void *p, size_t n, struct err *e)
{
	char temp[PATH_MAX_ + 4];
	snprintf(temp, sizeof(temp), "%s.tmp", path);
	int fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		return err_set(e, -errno, "%s: %s", temp, strerror(errno));
	ssize_t put = 1;
	for (const uint8_t *at = p, *end = at + n; at < end && put > 0; at += put)
		put = write(fd, at, (size_t)(end - at));
	int err = put <= 0 && n ? -errno : fsync(fd) ? -errno : 0;
	if (close(fd) && !err)
		err = -errno;
	if (!err && rename(temp, path))
		err = -errno;
	if (err) {
		unlink(temp);
		return err_set(e, err, "%s: %s", path, strerror(-err));
	}
	return 0;
}

int prune_load(const char *folder, struct prune_bits *ret, struct err *e)
{
	char path[PATH_MAX_];
	size_t n;
	uint8_t *p;
	path_of(folder, "pruned", path);
	int err = read_file(path, SIZE_MAX / 2, &p, &n, e);
	if (err == -ENOENT) {
		*ret = (struct prune_bits){0};
		return 0;
	}
	if (!err && n % PRUNE_BYTES) {
		free(p);
		err = err_set(e, -EBADMSG, "%s: %zu bytes are no bits of whole bundles", path, n);
	}
	if (!err)
		*ret = (struct prune_bits){p, n / PRUNE_BYTES};
	return err;
}

int prune_widen(struct prune_bits *b, uint64_t minimum, struct err *e)
{
	if (minimum <= b->minimum)
		return 0;
	uint8_t *more = realloc(b->bits, minimum * PRUNE_BYTES);
	if (!more)
		return err_set(e, -ENOMEM, "no memory for the bits of %llu bundles",
			       (unsigned long long)minimum);
	memset(more + b->minimum * PRUNE_BYTES, 0, (minimum - b->minimum) * PRUNE_BYTES);
	*b = (struct prune_bits){more, minimum};
	return 0;
}

void prune_free(struct prune_bits *b)
{
	free(b->bits);
	*b = (struct prune_bits){0};
}

uint64_t prune_count(const struct prune_bits *b)
{
	uint64_t n = 0;
	for (uint64_t i = 0; i < b->minimum * PRUNE_BYTES; i++)
		n += (uint64_t)__builtin_popcount(b->bits[i]);
	return n;
}

void prune_digest(const struct prune_bits *b, struct hash *ret)
{
	EVP_Digest(b->bits ? (const void *)b->bits : "", b->minimum * PRUNE_BYTES, ret->b, NULL, EVP_sha256(),
		   NULL);
}

int prune_bundle(const char *folder, uint64_t n, struct span ret[TILE_WIDTH], uint8_t **ret_bytes,
		 struct err *e)
{
	char entries[PATH_MAX_], kept[PATH_MAX_];
	const size_t most = TILE_WIDTH * (size_t)(1 + BUNDLE_ENTRY_HEAD + BUNDLE_ENTRY_MAX);
	size_t bytes;
	names_of(folder, n, entries, kept);
	const char *path = entries;
	int err = read_file(path, most, ret_bytes, &bytes, e);
	bool whole = !err;
	if (err == -ENOENT)
		err = read_file(path = kept, most, ret_bytes, &bytes, e);
	if (err)
		return err == -ENOENT
			   ? err_set(e, err, "%s: there is no such bundle, nor what was kept of it", entries)
			   : err;
	const struct span all = {*ret_bytes, bytes};
	if (whole ? bundle_split(all, TILE_WIDTH, ret) : kept_split(all, ret))
		return 0;
	free(*ret_bytes);
	return err_set(e, -EBADMSG, "%s: is no bundle of %d entries", path, TILE_WIDTH);
}

int prune_write(const char *folder, const struct prune_bits *b, struct err *e)
{
	char path[PATH_MAX_];
	path_of(folder, "pruned.new", path);
	int err = put_file(path, b->bits, b->minimum * PRUNE_BYTES, e);
	return err ? err : sync_folder(folder, e);
}

/* What is left of a bundle: 1 where it was written, 0 where nothing is to be done. */
static int keep(const char *folder, uint64_t n, const struct prune_bits *b, struct err *e)
{
	struct span entries[TILE_WIDTH];
	char whole[PATH_MAX_], kept[PATH_MAX_];
	uint8_t *bytes, *out, *to;
	size_t room = TILE_WIDTH;
	bool changes = false;
	names_of(folder, n, whole, kept);
	int err = prune_bundle(folder, n, entries, &bytes, e);
	if (err)
		return err;
	for (unsigned i = 0; i < TILE_WIDTH; i++) {
		changes |= entries[i].p && prune_get(b, n * TILE_WIDTH + i);
		room += entries[i].len + BUNDLE_ENTRY_HEAD;
	}
	out = to = changes ? malloc(room) : NULL;
	if (changes && !out)
		err = err_set(e, -ENOMEM, "no memory for %s", kept);
	for (unsigned i = 0; out && i < TILE_WIDTH; i++) {
		const struct span *s = &entries[i];
		bool stays = s->p && !prune_get(b, n * TILE_WIDTH + i);
		*to++ = stays ? KEPT_ENTRY : KEPT_REMOVED;
		if (!stays)
			continue;
		*to++ = (uint8_t)(s->len >> 8);
		*to++ = (uint8_t)s->len;
		memcpy(to, s->p, s->len);
		to += s->len;
	}
	if (out)
		err = make_folders(folder, kept, e);
	if (out && !err)
		err = put_file(kept, out, (size_t)(to - out), e);
	free(out);
	free(bytes);
	return err ? err : changes;
}

/* The bundle itself, and partial ones of it. What is left of it is durable. */
static int drop(const char *folder, uint64_t n, struct err *e)
{
	char whole[PATH_MAX_], kept[PATH_MAX_], part[PATH_MAX_ + 300];
	names_of(folder, n, whole, kept);
	if (unlink(whole) && errno != ENOENT)
		return err_set(e, -errno, "%s: %s", whole, strerror(errno));
	strcat(whole, ".p");
	DIR *d = opendir(whole);
	for (struct dirent *at; d && (at = readdir(d));) {
		snprintf(part, sizeof(part), "%s/%s", whole, at->d_name);
		if (strcmp(at->d_name, ".") && strcmp(at->d_name, "..") && unlink(part))
			break;
	}
	if (d)
		closedir(d);
	return d && rmdir(whole) ? err_set(e, -errno, "%s: %s", whole, strerror(errno)) : 0;
}

static bool any(const struct prune_bits *b, uint64_t n)
{
	static const uint8_t none[PRUNE_BYTES];
	return memcmp(b->bits + n * PRUNE_BYTES, none, PRUNE_BYTES) != 0;
}

static bool same(const struct prune_bits *old, const struct prune_bits *b, uint64_t n)
{
	return n < old->minimum &&
	       !memcmp(old->bits + n * PRUNE_BYTES, b->bits + n * PRUNE_BYTES, PRUNE_BYTES);
}

struct batch {
	const char *folder;
	const struct prune_bits *old, *b;
	uint64_t first, end;
};

/* The next bundle, from n on, that changes; end: none. */
static uint64_t next(const struct batch *t, uint64_t n)
{
	while (n < t->end && (!any(t->b, n) || same(t->old, t->b, n)))
		n++;
	return n;
}

/* Each folder that such bundles are in, of what was whole or of what is kept. */
static int sync_folders(const struct batch *t, bool of_kept, struct err *e)
{
	char whole[PATH_MAX_], kept[PATH_MAX_], folder[PATH_MAX_], last[PATH_MAX_] = "";
	int err = 0;
	for (uint64_t n = next(t, t->first); !err && n < t->end; n = next(t, n + 1)) {
		names_of(t->folder, n, whole, kept);
		folder_of(of_kept ? kept : whole, folder);
		if (strcmp(folder, last))
			err = sync_folder(folder, e);
		strcpy(last, folder);
	}
	return err;
}

/* What is left becomes durable, then the rest goes. */
static int apply_batch(const struct batch *t, uint64_t *written, struct err *e)
{
	int err = 0;
	for (uint64_t n = next(t, t->first); err >= 0 && n < t->end; n = next(t, n + 1)) {
		err = keep(t->folder, n, t->b, e);
		*written += err > 0;
	}
	if (err >= 0)
		err = sync_folders(t, true, e);
	for (uint64_t n = next(t, t->first); !err && n < t->end; n = next(t, n + 1))
		err = drop(t->folder, n, e);
	return err ? err : sync_folders(t, false, e);
}

static int finish(const char *folder, struct err *e)
{
	char from[PATH_MAX_], to[PATH_MAX_];
	path_of(folder, "pruned.new", from);
	path_of(folder, "pruned", to);
	if (rename(from, to))
		return err_set(e, -errno, "%s: %s", to, strerror(errno));
	return sync_folder(folder, e);
}

int prune_apply(const char *folder, const struct hash *named, const atomic_bool *cancel,
		uint64_t *ret_bundles, struct err *e)
{
	struct prune_bits b = {0}, old = {0};
	struct hash digest;
	char path[PATH_MAX_];
	size_t n = 0;
	uint64_t written = 0;
	path_of(folder, "pruned.new", path);
	int err = read_file(path, SIZE_MAX / 2, &b.bits, &n, e);
	if (ret_bundles)
		*ret_bundles = 0;
	if (err)
		return err == -ENOENT ? 0 : err;
	b.minimum = n / PRUNE_BYTES;
	prune_digest(&b, &digest);
	if (!named || n % PRUNE_BYTES || !hash_equal(&digest, named)) {
		free(b.bits);
		return unlink(path) ? err_set(e, -errno, "%s: %s", path, strerror(errno))
				    : sync_folder(folder, e);
	}
	err = prune_load(folder, &old, e);
	for (struct batch t = {folder, &old, &b, 0, 0}; !err && t.first < b.minimum; t.first = t.end) {
		t.end = t.first + BATCH < b.minimum ? t.first + BATCH : b.minimum;
		err = cancel && atomic_load(cancel) ? err_set(e, -ECANCELED, "the program ends")
						    : apply_batch(&t, &written, e);
	}
	if (!err)
		err = finish(folder, e);
	if (ret_bundles)
		*ret_bundles = written;
	prune_free(&b);
	prune_free(&old);
	return err;
}

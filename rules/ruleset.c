/* SPDX-License-Identifier: BSD-3-Clause */
#include "rules/ruleset.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rules/ruleset_state.h"

static int load_patterns(struct ruleset *rs, struct err *e)
{
	const struct image_head *h = rs->head;
	int err = patterns_load(image_at(h, IMAGE_URL_PATTERNS), h->section[IMAGE_URL_PATTERNS].count,
				&rs->url_patterns, e);
	if (err)
		return err;
	return patterns_load(image_at(h, IMAGE_NAME_PATTERNS), h->section[IMAGE_NAME_PATTERNS].count,
			     &rs->name_patterns, e);
}

static struct ruleset_table table_at(const struct image_head *h, enum image_section keys)
{
	return (struct ruleset_table){image_at(h, keys), image_at(h, keys + 1), h->section[keys].count};
}

int ruleset_over(const void *image, size_t bytes, struct ruleset **ret, struct err *e)
{
	int err = image_check(image, bytes, e);
	if (err)
		return err;
	struct ruleset *rs = calloc(1, sizeof(*rs));
	if (!rs)
		return err_set(e, -ENOMEM, "no memory for a ruleset");
	const struct image_head *h = image;
	rs->head = h;
	rs->roles = image_at(h, IMAGE_ROLES);
	rs->names = table_at(h, IMAGE_NAME_KEYS);
	rs->urls = table_at(h, IMAGE_URL_KEYS);
	rs->hosts = table_at(h, IMAGE_HOST_KEYS);
	err = load_patterns(rs, e);
	if (err) {
		ruleset_free(rs);
		return err;
	}
	*ret = rs;
	return 0;
}

/* A file can change or shrink under a mapping, after it was checked: a copy cannot, and huge pages spare look-ups
 * TLB misses. */
static uint8_t *private_memory(size_t bytes)
{
	uint8_t *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return NULL;
	madvise(p, bytes, MADV_HUGEPAGE);
	madvise(p, bytes, MADV_DONTDUMP);
	return p;
}

static int read_whole(int fd, size_t bytes, void **ret)
{
	uint8_t *p = private_memory(bytes);
	if (!p)
		return -ENOMEM;
	for (size_t at = 0; at < bytes;) {
		ssize_t n = read(fd, p + at, bytes - at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			int err = n ? -errno : -EIO;
			munmap(p, bytes);
			return err;
		}
		at += (size_t)n;
	}
	mprotect(p, bytes, PROT_READ);
	*ret = p;
	return 0;
}

static int read_file(const char *path, void **ret, size_t *ret_bytes)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), err = 0;
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st))
		err = -errno;
	else if (!S_ISREG(st.st_mode))
		err = -ENOTSUP;
	else if (st.st_size)
		err = read_whole(fd, (size_t)st.st_size, ret);
	close(fd);
	if (!err)
		*ret_bytes = (size_t)st.st_size;
	return err;
}

/* Takes the memory over. */
static int over_memory(const char *path, void *memory, size_t bytes, struct ruleset **ret, struct err *e)
{
	struct err why = {""};
	if (!bytes)
		return err_set(e, -EINVAL, "%s: is empty, not a ruleset", path);
	int err = ruleset_over(memory, bytes, ret, &why);
	if (err) {
		munmap(memory, bytes);
		return err_set(e, err, "%s: %s", path, why.text);
	}
	(*ret)->map = memory;
	(*ret)->map_bytes = bytes;
	return 0;
}

int ruleset_open(const char *path, struct ruleset **ret, struct err *e)
{
	return ruleset_open_sealed(path, NULL, ret, e);
}

static int unseal(const char *path, const struct seal_key *k, void **ret, size_t *ret_bytes,
		  uint64_t *ret_version, struct err *e)
{
	struct seal_reader *r;
	int err = seal_open(path, k, &r, e);
	if (err)
		return err;
	size_t bytes = (size_t)seal_plain_bytes(r), at = 0;
	uint8_t *p = bytes ? private_memory(bytes) : NULL;
	ssize_t n = 0;
	if (bytes && !p)
		err = err_set(e, -ENOMEM, "%s: no memory for %zu bytes", path, bytes);
	while (!err && at < bytes && (n = seal_read(r, p + at, bytes - at, e)) > 0)
		at += (size_t)n;
	if (!err && n < 0)
		err = (int)n;
	*ret_version = seal_number(r);
	seal_close(r);
	if (err && p)
		munmap(p, bytes);
	if (err)
		return err;
	if (p)
		mprotect(p, bytes, PROT_READ);
	*ret = p;
	*ret_bytes = bytes;
	return 0;
}

static bool is_sealed(const char *path)
{
	char head[8];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n = fd < 0 ? -1 : read(fd, head, sizeof(head));
	if (fd >= 0)
		close(fd);
	return n > 0 && seal_is_sealed(head, (size_t)n);
}

int ruleset_open_sealed(const char *path, const struct seal_key *k, struct ruleset **ret, struct err *e)
{
	void *memory = NULL;
	size_t bytes = 0;
	uint64_t version = 0;
	if (is_sealed(path)) {
		if (!k)
			return err_set(e, -EKEYREJECTED,
				       "%s: is sealed, and there is no key to open it: give key_file (--key) "
				       "that of the program that wrote it",
				       path);
		int err = unseal(path, k, &memory, &bytes, &version, e);
		if (!err)
			err = over_memory(path, memory, bytes, ret, e);
		if (!err)
			(*ret)->version = version;
		return err;
	}
	int err = read_file(path, &memory, &bytes);
	if (err == -ENOTSUP)
		return err_set(e, err, "%s: is not a file", path);
	if (err)
		return err_set(e, err, "%s: cannot read it: %s", path, strerror(-err));
	return over_memory(path, memory, bytes, ret, e);
}

void ruleset_free(struct ruleset *rs)
{
	if (!rs)
		return;
	hs_free_database(rs->url_patterns);
	hs_free_database(rs->name_patterns);
	if (rs->map)
		munmap(rs->map, rs->map_bytes);
	free(rs);
}

int ruleset_scratch_new(const struct ruleset *rs, struct ruleset_scratch **ret, struct err *e)
{
	struct ruleset_scratch *s = calloc(1, sizeof(*s));
	if (!s)
		return err_set(e, -ENOMEM, "no memory for scratch space");
	const hs_database_t *const dbs[] = {rs->url_patterns, rs->name_patterns};
	for (unsigned i = 0; i < 2; i++)
		if (dbs[i] && hs_alloc_scratch(dbs[i], &s->hs) != HS_SUCCESS) {
			ruleset_scratch_free(s);
			return err_set(e, -ENOMEM, "no memory for Hyperscan's scratch space");
		}
	*ret = s;
	return 0;
}

void ruleset_scratch_free(struct ruleset_scratch *s)
{
	if (!s)
		return;
	hs_free_scratch(s->hs);
	free(s);
}

bool ruleset_has_addr4(const struct ruleset *rs)
{
	return rs->head->section[IMAGE_BLOCKS4].count;
}

bool ruleset_has_addr6(const struct ruleset *rs)
{
	return rs->head->section[IMAGE_BLOCKS6].count;
}

unsigned ruleset_lists(const struct ruleset *rs)
{
	return (unsigned)rs->head->section[IMAGE_LISTS].count;
}

const char *ruleset_meta(const struct ruleset *rs, unsigned list, enum meta_field f)
{
	const struct image_list *l = image_at(rs->head, IMAGE_LISTS);
	return (const char *)image_at(rs->head, IMAGE_STRINGS) + l[list].meta[f];
}

enum action ruleset_action(const struct ruleset *rs, unsigned list, enum meta_field f)
{
	const struct image_list *l = image_at(rs->head, IMAGE_LISTS);
	return (enum action)l[list].action[f];
}

uint64_t ruleset_version(const struct ruleset *rs)
{
	return rs->version;
}

const uint8_t *ruleset_digest(const struct ruleset *rs)
{
	return rs->head->digest;
}

uint64_t ruleset_count(const struct ruleset *rs, enum rule_kind kind, bool exception)
{
	return rs->head->counts[kind][exception];
}

uint64_t ruleset_bytes(const struct ruleset *rs)
{
	return rs->head->bytes;
}

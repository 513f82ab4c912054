/* SPDX-License-Identifier: BSD-3-Clause */
#include "rules/patterns_cache.h"
#include "common/hex.h"

#include <dirent.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME_DIGITS (2 * PATTERNS_CACHE_NAME)

void patterns_cache_name(const struct patterns_cache *c, const char *const *expressions, const unsigned *ids,
			 unsigned n, unsigned flags, const hs_platform_info_t *target,
			 uint8_t ret[PATTERNS_CACHE_NAME])
{
	static const char label[] = "roja patterns 1";
	EVP_MD_CTX *m = EVP_MD_CTX_new();
	memset(ret, 0, PATTERNS_CACHE_NAME); /* without memory: a name that nothing has */
	if (!m || EVP_DigestInit_ex(m, EVP_sha256(), NULL) != 1)
		goto out;
	EVP_DigestUpdate(m, label, sizeof(label));
	EVP_DigestUpdate(m, c->key->bytes, sizeof(c->key->bytes));
	EVP_DigestUpdate(m, hs_version(), strlen(hs_version()) + 1);
	EVP_DigestUpdate(m, &target->tune, sizeof(target->tune));
	EVP_DigestUpdate(m, &target->cpu_features, sizeof(target->cpu_features));
	EVP_DigestUpdate(m, &flags, sizeof(flags));
	for (unsigned i = 0; i < n; i++) {
		EVP_DigestUpdate(m, &ids[i], sizeof(ids[i]));
		EVP_DigestUpdate(m, expressions[i], strlen(expressions[i]) + 1);
	}
	EVP_DigestFinal_ex(m, ret, NULL);
out:
	EVP_MD_CTX_free(m);
}

static char *path_of(const struct patterns_cache *c, const uint8_t *name)
{
	char digits[NAME_DIGITS + 1], *path;
	hex_write(name, PATTERNS_CACHE_NAME, digits);
	return asprintf(&path, "%s/%s", c->folder, digits) < 0 ? NULL : path;
}

static char *read_all(const char *path, const struct seal_key *k, size_t *ret_bytes)
{
	struct seal_reader *r;
	if (seal_open(path, k, &r, NULL))
		return NULL;
	size_t bytes = (size_t)seal_plain_bytes(r), at = 0;
	ssize_t n = 0;
	char *p = malloc(bytes + 1);
	while (p && (n = seal_read(r, p + at, bytes + 1 - at, NULL)) > 0)
		at += (size_t)n;
	seal_close(r);
	if (!p || n < 0 || at != bytes) {
		free(p);
		return NULL;
	}
	*ret_bytes = bytes;
	return p;
}

bool patterns_cache_get(const struct patterns_cache *c, const uint8_t name[PATTERNS_CACHE_NAME], char **ret,
			size_t *ret_bytes)
{
	char *path = path_of(c, name), *what = NULL;
	size_t bytes = 0, runs_in;
	char *p = path ? read_all(path, c->key, &bytes) : NULL;
	bool good = p && hs_serialized_database_info(p, bytes, &what) == HS_SUCCESS &&
		    hs_serialized_database_size(p, bytes, &runs_in) == HS_SUCCESS;
	free(what);
	if (good) {
		utimensat(AT_FDCWD, path, NULL, 0); /* used now */
		*ret = p;
		*ret_bytes = bytes;
	} else {
		free(p);
	}
	free(path);
	return good;
}

struct kept {
	char name[NAME_MAX + 1];
	struct timespec used;
};

static bool is_ours(const char *name)
{
	return strspn(name, "0123456789abcdef") == NAME_DIGITS;
}

static bool older(const struct kept *a, const struct kept *b)
{
	return a->used.tv_sec != b->used.tv_sec ? a->used.tv_sec < b->used.tv_sec
						: a->used.tv_nsec < b->used.tv_nsec;
}

/* Puts f among the youngest; returns which one has no place there, or NULL. */
static const char *keep(struct kept *at, unsigned *n, const struct kept *f, char gone[NAME_MAX + 1])
{
	unsigned oldest = 0;
	if (*n < PATTERNS_CACHE_FILES) {
		at[(*n)++] = *f;
		return NULL;
	}
	for (unsigned i = 1; i < *n; i++)
		if (older(&at[i], &at[oldest]))
			oldest = i;
	if (older(f, &at[oldest]))
		return f->name;
	strcpy(gone, at[oldest].name);
	at[oldest] = *f;
	return gone;
}

/* What a death left half written goes the same way. */
static void sweep(const char *folder)
{
	static const struct kept none;
	struct kept *at = calloc(PATTERNS_CACHE_FILES, sizeof(*at));
	unsigned n = 0;
	DIR *d = at ? opendir(folder) : NULL;
	for (struct dirent *f; d && (f = readdir(d));) {
		struct stat st;
		char gone[NAME_MAX + 1];
		struct kept this = none;
		if (!is_ours(f->d_name) || fstatat(dirfd(d), f->d_name, &st, AT_SYMLINK_NOFOLLOW))
			continue;
		strcpy(this.name, f->d_name);
		this.used = st.st_mtim;
		const char *old = keep(at, &n, &this, gone);
		if (old)
			unlinkat(dirfd(d), old, 0);
	}
	if (d)
		closedir(d);
	free(at);
}

void patterns_cache_put(const struct patterns_cache *c, const uint8_t name[PATTERNS_CACHE_NAME],
			const char *database, size_t bytes)
{
	struct seal_writer *w;
	char *path = path_of(c, name);
	if (path && !seal_create(path, c->key, &w, NULL)) {
		if (seal_write(w, database, bytes, NULL))
			seal_abort(w);
		else
			seal_commit(w, NULL);
		sweep(c->folder);
	}
	free(path);
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "audit/keep.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/hex.h"

#define NAME_BYTES 16
#define PATH_ROOM  4096

static int own_folder(const char *folder, const char *origin, char ret[PATH_ROOM], struct err *e)
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	char name[2 * NAME_BYTES + 1];
	if (!EVP_Digest(origin, strlen(origin), digest, NULL, EVP_sha256(), NULL))
		return err_set(e, -ENOMEM, "SHA-256: no memory");
	hex_write(digest, NAME_BYTES, name);
	int n = snprintf(ret, PATH_ROOM, "%s/%s", folder, name);
	return n < PATH_ROOM - 64 ? 0 : err_set(e, -ENAMETOOLONG, "%s: too long a name", folder);
}

static int failed(const char *path, int err, struct err *e)
{
	return err_set(e, err, "%s: %s", path, strerror(-err));
}

static int read_file(int folder, const char *name, uint8_t *p, size_t room, size_t *ret)
{
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	size_t len = 0;
	ssize_t n = 1;
	while (n > 0 && len < room) {
		n = read(fd, p + len, room - len);
		len += n > 0 ? (size_t)n : 0;
	}
	int err = n < 0 ? -errno : len == room ? -EBADMSG : 0;
	close(fd);
	*ret = len;
	return err;
}

static int load_key(int folder, const char *path, struct keep *k, struct err *e)
{
	char text[NOTE_VKEY_BYTES + 1];
	size_t n;
	struct err why = {""};
	int err = read_file(folder, "key", (uint8_t *)text, sizeof(text) - 1, &n);
	if (err == -ENOENT)
		return 0;
	if (err)
		return err_set(e, err, "%s/key: %s", path, strerror(-err));
	text[n] = 0;
	text[strcspn(text, "\n")] = 0;
	err = verifier_parse(text, &k->key, &why);
	return err ? err_set(e, -EBADMSG, "%s/key: %s", path, why.text) : 0;
}

/* "LEAF VKEY"; leaves rise from the first one's, 0. */
static int take_key(char *line, struct keep *k, struct err *e)
{
	char *end;
	struct keep_key *x = &k->keys[k->n_keys];
	errno = 0;
	x->leaf = strtoull(line, &end, 10);
	if (line[0] < '0' || line[0] > '9' || errno || *end != ' ' || k->n_keys == KEEP_KEYS_MAX)
		return err_set(e, -EBADMSG, "a line is not a leaf and a key");
	if (k->n_keys ? x->leaf <= x[-1].leaf : x->leaf)
		return err_set(e, -EBADMSG, "its leaves do not rise from 0");
	int err = verifier_parse(end + 1, &x->key, e);
	k->n_keys += !err;
	return err;
}

static int load_keys(int folder, const char *path, struct keep *k, struct err *e)
{
	const size_t room = KEEP_KEYS_MAX * (NOTE_VKEY_BYTES + 24);
	struct err why = {""};
	size_t n = 0;
	char *text = malloc(room + 1), *line, *next;
	k->keys = calloc(KEEP_KEYS_MAX + 1, sizeof(*k->keys));
	int err = text && k->keys ? read_file(folder, "keys", (uint8_t *)text, room, &n) : -ENOMEM;
	if (err && err != -ENOENT)
		err_set(e, err, "%s/keys: %s", path, strerror(-err));
	if (!err) {
		text[n] = 0;
		for (line = strtok_r(text, "\n", &next); !err && line; line = strtok_r(NULL, "\n", &next))
			err = take_key(line, k, &why);
		if (err)
			err = err_set(e, -EBADMSG, "%s/keys: not what was kept: %s", path, why.text);
	}
	free(text);
	return err == -ENOENT ? 0 : err;
}

static int load_checkpoint(int folder, const char *path, const char *name, const char *origin,
			   struct keep_checkpoint *ret, struct err *e)
{
	static _Thread_local uint8_t bytes[NOTE_MAX_BYTES + 1];
	struct note note;
	struct checkpoint c;
	struct err why = {""};
	size_t n;
	int err = read_file(folder, name, bytes, sizeof(bytes), &n);
	if (err)
		return err_set(e, err, "%s/%s: %s", path, name, strerror(-err));
	err = note_parse((struct span){bytes, n}, &note, &why);
	if (!err)
		err = checkpoint_parse(note.text, &c, &why);
	if (!err && (c.origin.len != strlen(origin) || memcmp(c.origin.p, origin, c.origin.len)))
		err = err_set(&why, -EBADMSG, "it is of another log");
	if (err)
		return err_set(e, -EBADMSG, "%s/%s: not what was kept: %s", path, name, why.text);
	*ret = (struct keep_checkpoint){c.size, c.root};
	return 0;
}

static int by_size(const void *a, const void *b)
{
	const struct keep_checkpoint *x = a, *y = b;
	return (x->size > y->size) - (x->size < y->size);
}

static int load_all(DIR *d, const char *path, const char *origin, struct keep *k, struct err *e)
{
	struct dirent *f;
	size_t room = 0;
	while ((f = readdir(d))) {
		const char *dot = strrchr(f->d_name, '.');
		if (!dot || strcmp(dot, ".checkpoint"))
			continue;
		if (k->n == room) {
			room = room ? 2 * room : 64;
			struct keep_checkpoint *p = realloc(k->checkpoints, room * sizeof(*p));
			if (!p)
				return err_set(e, -ENOMEM, "no memory for the checkpoints that were kept");
			k->checkpoints = p;
		}
		int err = load_checkpoint(dirfd(d), path, f->d_name, origin, &k->checkpoints[k->n], e);
		if (err)
			return err;
		k->n++;
	}
	if (k->n)
		qsort(k->checkpoints, k->n, sizeof(*k->checkpoints), by_size);
	int err = load_keys(dirfd(d), path, k, e);
	return err ? err : load_key(dirfd(d), path, k, e);
}

int keep_load(const char *folder, const char *origin, struct keep *ret, struct err *e)
{
	char path[PATH_ROOM];
	struct keep k = {.known = true};
	int err = own_folder(folder, origin, path, e);
	if (err)
		return err;
	DIR *d = opendir(path);
	if (!d && errno == ENOENT) {
		*ret = (struct keep){.known = false};
		return 0;
	}
	if (!d)
		return failed(path, -errno, e);
	err = load_all(d, path, origin, &k, e);
	closedir(d);
	k.known = k.n || k.key.name[0];
	if (err)
		keep_free(&k);
	else
		*ret = k;
	return err;
}

void keep_free(struct keep *k)
{
	free(k->checkpoints);
	free(k->keys);
	*k = (struct keep){.known = false};
}

const struct verifier *keep_key_at(const struct keep *k, uint64_t size)
{
	size_t i = k->n_keys;
	while (i > 1 && k->keys[i - 1].leaf >= size)
		i--;
	return i ? &k->keys[i - 1].key : k->key.name[0] ? &k->key : NULL;
}

/* Every folder of the path. */
static int make_folders(const char *path, struct err *e)
{
	char part[PATH_ROOM];
	snprintf(part, sizeof(part), "%s", path);
	for (char *p = part + 1;; p++) {
		if (*p && *p != '/')
			continue;
		char c = *p;
		*p = 0;
		if (mkdir(part, 0700) && errno != EEXIST)
			return failed(part, -errno, e);
		*p = c;
		if (!c)
			return 0;
	}
}

static int write_file(const char *folder, const char *name, const void *p, size_t n, struct err *e)
{
	char path[PATH_ROOM + 64], temp[PATH_ROOM + 80];
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	snprintf(temp, sizeof(temp), "%s.%d.tmp", path, (int)getpid());
	int fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return failed(temp, -errno, e);
	ssize_t w = write(fd, p, n);
	int err = w < 0 ? -errno : (size_t)w < n ? -ENOSPC : fsync(fd) ? -errno : 0;
	close(fd);
	if (!err && rename(temp, path))
		err = -errno;
	if (err)
		unlink(temp);
	return err ? failed(path, err, e) : 0;
}

static int write_keys(const char *folder, const struct keep_key *keys, size_t n, struct err *e)
{
	char *text = NULL, vkey[NOTE_VKEY_BYTES];
	size_t len;
	FILE *f = n ? open_memstream(&text, &len) : NULL;
	if (!n)
		return 0;
	for (size_t i = 0; f && i < n; i++) {
		verifier_print(&keys[i].key, vkey);
		fprintf(f, "%" PRIu64 " %s\n", keys[i].leaf, vkey);
	}
	int err = !f || fclose(f) ? err_set(e, -ENOMEM, "no memory for the keys to keep")
				  : write_file(folder, "keys", text, len, e);
	free(text);
	return err;
}

int keep_add(const char *folder, const char *origin, const char *vkey, const struct keep_key *keys,
	     size_t n_keys, uint64_t size, struct span note, struct err *e)
{
	char path[PATH_ROOM], name[48], line[NOTE_VKEY_BYTES + 2];
	int err = own_folder(folder, origin, path, e);
	if (!err)
		err = make_folders(path, e);
	if (!err) {
		snprintf(line, sizeof(line), "%s\n", origin);
		err = write_file(path, "origin", line, strlen(line), e);
	}
	if (!err)
		err = write_keys(path, keys, n_keys, e);
	if (!err && vkey[0]) {
		snprintf(line, sizeof(line), "%s\n", vkey);
		err = write_file(path, "key", line, strlen(line), e);
	}
	if (err || !size)
		return err;
	snprintf(name, sizeof(name), "%" PRIu64 ".checkpoint", size);
	return write_file(path, name, note.p, note.len, e);
}

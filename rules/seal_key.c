/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/hex.h"
#include "rules/seal.h"

static void name_key(struct seal_key *k)
{
	static const char label[] = "roja key id";
	uint8_t text[sizeof(label) - 1 + SEAL_KEY_BYTES], digest[SHA256_DIGEST_LENGTH];
	memcpy(text, label, sizeof(label) - 1);
	memcpy(text + sizeof(label) - 1, k->bytes, SEAL_KEY_BYTES);
	SHA256(text, sizeof(text), digest);
	memcpy(k->id, digest, sizeof(k->id));
	explicit_bzero(text, sizeof(text));
}

static int digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool from_hex(const uint8_t *p, uint8_t ret[SEAL_KEY_BYTES])
{
	for (unsigned i = 0; i < SEAL_KEY_BYTES; i++) {
		int high = digit(p[2 * i]), low = digit(p[2 * i + 1]);
		if (high < 0 || low < 0)
			return false;
		ret[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

static int parse(const char *path, const uint8_t *p, size_t n, struct seal_key *ret, struct err *e)
{
	size_t hex = 2 * SEAL_KEY_BYTES;
	if (n == SEAL_KEY_BYTES)
		memcpy(ret->bytes, p, n);
	else if (!(n == hex || (n == hex + 1 && p[hex] == '\n')) || !from_hex(p, ret->bytes))
		return err_set(
		    e, -EINVAL,
		    "%s: is no key: 32 bytes or 64 hexadecimal digits; roja-control --new-key makes one",
		    path);
	name_key(ret);
	return 0;
}

int seal_key_load(const char *path, struct seal_key *ret, struct err *e)
{
	struct stat st;
	struct seal_key k = {0};
	uint8_t text[2 * SEAL_KEY_BYTES + 2];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return err_set(e, -errno, "%s: cannot read the key: %s", path, strerror(errno));
	int err = fstat(fd, &st) ? -errno : 0;
	if (err)
		err_set(e, err, "%s: %s", path, strerror(-err));
	else if (st.st_mode & (S_IRWXO | S_IWGRP))
		err = err_set(e, -EPERM, "%s: others may read this key, or its group write it: chmod o=,g-w",
			      path);
	ssize_t n = err ? 0 : read(fd, text, sizeof(text));
	if (n < 0)
		err = err_set(e, -errno, "%s: cannot read the key: %s", path, strerror(errno));
	close(fd);
	if (!err)
		err = parse(path, text, (size_t)n, &k, e);
	if (!err)
		*ret = k;
	explicit_bzero(text, sizeof(text));
	explicit_bzero(&k, sizeof(k));
	return err;
}

int seal_key_make(const char *path, struct err *e)
{
	uint8_t key[SEAL_KEY_BYTES];
	char text[2 * SEAL_KEY_BYTES + 2];
	if (getrandom(key, sizeof(key), 0) != sizeof(key))
		return err_set(e, -errno, "no random key: %s", strerror(errno));
	hex_write(key, SEAL_KEY_BYTES, text);
	text[2 * SEAL_KEY_BYTES] = '\n';
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600), err = fd < 0 ? -errno : 0;
	if (!err) {
		if (write(fd, text, 2 * SEAL_KEY_BYTES + 1) != 2 * SEAL_KEY_BYTES + 1 || fsync(fd))
			err = errno ? -errno : -EIO;
		close(fd);
		if (err)
			unlink(path);
	}
	explicit_bzero(key, sizeof(key));
	explicit_bzero(text, sizeof(text));
	return err ? err_set(e, err, "%s: cannot write a new key: %s", path, strerror(-err)) : 0;
}

/* mlock may be refused by RLIMIT_MEMLOCK, which is no reason not to start. */
static struct seal_key *key_page(void)
{
	void *p =
	    mmap(NULL, sizeof(struct seal_key), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return NULL;
	madvise(p, sizeof(struct seal_key), MADV_DONTDUMP);
	madvise(p, sizeof(struct seal_key), MADV_WIPEONFORK);
	(void)!mlock(p, sizeof(struct seal_key));
	return p;
}

int seal_key_find(const char *path, struct seal_key **ret, struct err *e)
{
	char credential[PATH_MAX];
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	if (!*path && folder && *folder) {
		snprintf(credential, sizeof(credential), "%s/" SEAL_CREDENTIAL, folder);
		if (!access(credential, F_OK))
			path = credential;
	}
	*ret = NULL;
	if (!*path)
		return 0;
	struct seal_key *k = key_page();
	if (!k)
		return err_set(e, -ENOMEM, "%s: no memory for the key", path);
	int err = seal_key_load(path, k, e);
	if (err)
		seal_key_free(k);
	else
		*ret = k;
	return err;
}

void seal_key_free(struct seal_key *k)
{
	if (!k)
		return;
	explicit_bzero(k, sizeof(*k));
	munmap(k, sizeof(*k));
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* fuzz_seal: no bytes open as a sealed file or text, or as a key, but those that the key's holder wrote. The input is read as a
 * file with the right key id put in its head, so that the chunks are reached; then the same bytes are sealed, spoilt as
 * their first byte says, and must not come back as others. */
#include <assert.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rules/seal_crypt.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static char path[48];

static void write_file(const uint8_t *p, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || write(fd, p, len) != (ssize_t)len)
		abort();
	close(fd);
}

/* Reads all; whether its end was reached. */
static bool read_file(const struct seal_key *k, uint8_t *ret, size_t room, size_t *ret_n)
{
	struct seal_reader *r;
	struct err e = {""};
	ssize_t n = -1;
	*ret_n = 0;
	if (seal_open(path, k, &r, &e)) {
		assert(*e.text);
		return false;
	}
	uint64_t plain = seal_plain_bytes(r);
	while (*ret_n < room && (n = seal_read(r, ret + *ret_n, room - *ret_n, &e)) > 0)
		*ret_n += (size_t)n;
	assert(n <= 0 && *ret_n <= plain && (n < 0 || *ret_n == plain));
	seal_close(r);
	return !n;
}

static void foreign(const struct seal_key *k, const uint8_t *p, size_t len, uint8_t *out, size_t room)
{
	size_t n;
	uint8_t *copy = malloc(len + 1);
	struct seal_head *h = (struct seal_head *)copy;
	struct err e;
	struct seal_key any;
	uint8_t *text;
	if (!copy)
		abort();
	memcpy(copy, p, len);
	write_file(copy, len);
	if (!seal_key_load(path, &any, &e))
		assert(len == 32 || len == 64 || len == 65);
	if (len > sizeof(*h)) {
		memcpy(h, "ROJASEAL\1\0\0\0\0\0\1\0", 16);
		memcpy(h->key_id, k->id, sizeof(k->id));
		write_file(copy, len);
	}
	assert(!read_file(k, out, room, &n) && !n);
	assert(unseal_text(k, "fuzz", p, len, &text, &n, &e));
	free(copy);
}

static void spoilt(const struct seal_key *k, const uint8_t *p, size_t len, uint8_t *out, size_t room)
{
	struct seal_writer *w;
	struct err e;
	size_t n;
	if (len < 4 || seal_create(path, k, &w, &e) || seal_write(w, p, len, &e) || seal_commit(w, &e))
		return;
	assert(read_file(k, out, room, &n) && n == len && !memcmp(out, p, len));
	int fd = open(path, O_RDWR);
	off_t size = lseek(fd, 0, SEEK_END), at = (p[1] | p[2] << 8) % size;
	uint8_t byte;
	if (p[0] & 1) {
		if (ftruncate(fd, at))
			abort();
	} else if (pread(fd, &byte, 1, at) != 1 ||
		   (byte = (uint8_t)(byte ^ (p[3] | 1)), pwrite(fd, &byte, 1, at) != 1)) {
		abort();
	}
	close(fd);
	assert(!read_file(k, out, room, &n));
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	static struct seal_key k;
	if (!*path) {
		snprintf(path, sizeof(path), "/dev/shm/roja-fuzz-seal.%d", (int)getpid());
		memset(&k, 5, sizeof(k));
	}
	size_t room = len + 100;
	uint8_t *out = malloc(room);
	if (!out)
		abort();
	foreign(&k, p, len, out, room);
	spoilt(&k, p, len, out, room);
	free(out);
	unlink(path);
	return 0;
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/tar.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Fields of the header; all are text. */
struct ustar {
	char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], sum[8], type, link[100], magic[6],
	    version[2], user[32], group[32], major[8], minor[8], prefix[155], rest[12];
};
_Static_assert(sizeof(struct ustar) == TAR_BLOCK, "a header is a block");

static const char part_letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";

bool tar_is_name(const char *name)
{
	if (strlen(name) > TAR_NAME_MAX)
		return false;
	for (;;) {
		size_t n = strspn(name, part_letters);
		if (!n || *name == '-' || (*name == '.' && (n == 1 || (n == 2 && name[1] == '.'))))
			return false;
		if (!name[n])
			return true;
		if (name[n] != '/')
			return false;
		name += n + 1;
	}
}

/* Of all bytes, those of the sum itself taken as blanks. */
static unsigned sum_of(const struct ustar *h)
{
	const uint8_t *p = (const uint8_t *)h;
	unsigned sum = 0;
	for (unsigned i = 0; i < TAR_BLOCK; i++)
		sum += i >= offsetof(struct ustar, sum) && i < offsetof(struct ustar, type) ? ' ' : p[i];
	return sum;
}

static void octal(char *to, unsigned digits, uint64_t v)
{
	for (to += digits; digits--; v >>= 3)
		*--to = (char)('0' + (v & 7));
}

bool tar_write(const char *name, uint64_t size, int64_t time, uint8_t ret[TAR_BLOCK])
{
	struct ustar h = {.type = '0'};
	if (!tar_is_name(name) || size > TAR_SIZE_MAX)
		return false;
	memcpy(h.name, name, strlen(name));
	octal(h.mode, 7, 0644);
	octal(h.uid, 7, 0);
	octal(h.gid, 7, 0);
	octal(h.size, 11, size);
	octal(h.mtime, 11, time > 0 ? (uint64_t)time : 0);
	memcpy(h.magic, "ustar", 6);
	memcpy(h.version, "00", 2);
	octal(h.sum, 6, sum_of(&h));
	h.sum[7] = ' ';
	memcpy(ret, &h, TAR_BLOCK);
	return true;
}

static bool read_octal(const char *from, unsigned digits, uint64_t *ret)
{
	uint64_t v = 0;
	for (unsigned i = 0; i < digits; i++) {
		if (from[i] < '0' || from[i] > '7')
			return false;
		v = v << 3 | (uint64_t)(from[i] - '0');
	}
	*ret = v;
	return true;
}

enum tar_is tar_read(const uint8_t block[TAR_BLOCK], char ret_name[TAR_NAME_MAX + 1], uint64_t *ret_size)
{
	static const uint8_t zeros[TAR_BLOCK];
	struct ustar h;
	uint64_t sum;
	if (!memcmp(block, zeros, TAR_BLOCK))
		return TAR_END;
	memcpy(&h, block, TAR_BLOCK);
	memcpy(ret_name, h.name, sizeof(h.name));
	ret_name[TAR_NAME_MAX] = 0;
	bool good = !memcmp(h.magic, "ustar\00000", 8) && h.type == '0' && !h.prefix[0] && !h.link[0] &&
		    read_octal(h.sum, 6, &sum) && sum == sum_of(&h) && read_octal(h.size, 11, ret_size) &&
		    tar_is_name(ret_name);
	return good ? TAR_FILE : TAR_BAD;
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* fuzz_tar: a header that is read has a name that is safe below a folder, and is written again to one that reads the same. */
#include <assert.h>
#include <string.h>

#include "common/tar.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	uint8_t block[TAR_BLOCK], again[TAR_BLOCK];
	char name[TAR_NAME_MAX + 1], back[TAR_NAME_MAX + 1];
	uint64_t size, same;
	if (len < TAR_BLOCK)
		return 0;
	memcpy(block, p, TAR_BLOCK);
	/* a right sum, which chance does not find */
	unsigned sum = 0;
	memset(block + 148, ' ', 8);
	for (unsigned i = 0; i < TAR_BLOCK; i++)
		sum += block[i];
	for (unsigned i = 0; i < 6; i++)
		block[153 - i] = (uint8_t)('0' + (sum >> 3 * i & 7));
	if (tar_read(block, name, &size) != TAR_FILE)
		return 0;
	assert(*name && *name != '/' && !strstr(name, "//") && !strstr(name, "/../") && strcmp(name, ".."));
	assert(tar_write(name, size, 0, again));
	assert(tar_read(again, back, &same) == TAR_FILE && same == size && !strcmp(back, name));
	return 0;
}

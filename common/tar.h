/* SPDX-License-Identifier: BSD-3-Clause */
/* tar: regular files in the POSIX ustar format (IEEE Std 1003.1, pax, "ustar Interchange Format"): what a daemon hands to its tool.
 *
 * Model:    a header of TAR_BLOCK bytes, then the file's bytes, filled up to whole blocks; two blocks of zeros at the end. Only regular files, and
 *           only names that are safe to make below a folder: parts of [A-Za-z0-9._-] with '/' between, none of them "." or "..", none beginning with
 *           '-'. Any tar program reads what is written; what is read is only what is written here.
 * Owner:    the caller's buffers.
 * Errors:   false: no such header, or a name or size that it cannot hold.
 * Limits:   TAR_NAME_MAX bytes a name; 8 GiB - 1 a file.
 */
#ifndef COMMON_TAR_H
#define COMMON_TAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TAR_BLOCK    512
#define TAR_NAME_MAX 100
#define TAR_SIZE_MAX (((uint64_t)1 << 33) - 1)

enum tar_is { TAR_FILE, TAR_END, TAR_BAD };

bool tar_is_name(const char *name);
/* mode 0644, owner 0; time: seconds since 1970. */
bool tar_write(const char *name, uint64_t size, int64_t time, uint8_t ret[TAR_BLOCK]);
/* A block of zeros is the end. */
enum tar_is tar_read(const uint8_t block[TAR_BLOCK], char ret_name[TAR_NAME_MAX + 1], uint64_t *ret_size);
/* Bytes that follow a file of this size up to the next header. */
static inline size_t tar_padding(uint64_t size)
{
	return (size_t)(-size % TAR_BLOCK);
}

#endif

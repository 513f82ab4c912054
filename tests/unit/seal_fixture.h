/* SPDX-License-Identifier: BSD-3-Clause */
/* seal_fixture: keys, a temporary folder, whole files in and out. */
#ifndef TESTS_UNIT_SEAL_FIXTURE_H
#define TESTS_UNIT_SEAL_FIXTURE_H

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rules/seal.h"
#include "tests/unit/harness.h"

struct folder {
	char path[48];
	char file[64]; /* path/file */
};

static inline void folder_open(struct folder *f)
{
	strcpy(f->path, "/tmp/roja-seal.XXXXXX");
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(f->path));
	snprintf(f->file, sizeof(f->file), "%s/file", f->path);
}

static inline unsigned folder_files(const char *path)
{
	unsigned n = 0;
	DIR *d = opendir(path);
	for (struct dirent *e; d && (e = readdir(d));)
		n += *e->d_name != '.';
	if (d)
		closedir(d);
	return n;
}

static inline void folder_close(struct folder *f)
{
	char command[80];
	snprintf(command, sizeof(command), "rm -r '%s'", f->path);
	CU_ASSERT_EQUAL(system(command), 0);
}

static inline struct seal_key key_of(uint8_t byte)
{
	struct seal_key k;
	memset(&k, byte, sizeof(k));
	return k;
}

static inline void put_file(const char *path, const void *p, size_t n)
{
	FILE *f = fopen(path, "wb");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	CU_ASSERT_EQUAL_FATAL(fwrite(p, 1, n, f), n);
	fclose(f);
}

/* free() it */
static inline uint8_t *get_file(const char *path, size_t *ret_n)
{
	struct stat st;
	FILE *f = fopen(path, "rb");
	CU_ASSERT_FATAL(f && !fstat(fileno(f), &st));
	uint8_t *p = malloc((size_t)st.st_size + 1);
	CU_ASSERT_PTR_NOT_NULL_FATAL(p);
	*ret_n = fread(p, 1, (size_t)st.st_size, f);
	fclose(f);
	return p;
}

#endif

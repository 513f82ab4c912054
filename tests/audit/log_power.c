/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/audit/log_power.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/dir.h"

static struct {
	size_t prefix;
	uint64_t size;
	unsigned seed, files;
} cut;

static unsigned any(unsigned below)
{
	cut.seed = cut.seed * 1664525u + 1013904223u;
	return (unsigned)((uint64_t)(cut.seed >> 8) * below >> 24);
}

static bool is_beyond(const char *path)
{
	struct tile t;
	size_t n = strlen(path);
	if (n > 4 && !strcmp(path + n - 4, ".tmp"))
		return true;
	return tile_parse(path, &t) && t.n * TILE_WIDTH + t.width > tile_count(t.level, cut.size);
}

static int one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)at;
	if (type != FTW_F || !is_beyond(path + cut.prefix))
		return 0;
	cut.files++;
	if (any(3) == 0)
		unlink(path);
	else if (truncate(path, any(2) ? 0 : any((unsigned)st->st_size + 1)))
		abort();
	return 0;
}

unsigned power_cut(const char *folder, unsigned seed)
{
	char path[200];
	struct log_dir *d = NULL;
	struct span bytes;
	struct note note;
	struct checkpoint c = {.size = 0};
	snprintf(path, sizeof(path), "%s/audit/log", folder);
	if (dir_open(path, &d, NULL))
		return 0;
	if (!dir_checkpoint(d, &bytes, NULL) && !note_parse(bytes, &note, NULL))
		checkpoint_parse(note.text, &c, NULL);
	dir_close(d);
	cut.prefix = strlen(path) + 1;
	cut.size = c.size;
	cut.seed = seed;
	cut.files = 0;
	nftw(path, one, 16, FTW_PHYS);
	return cut.files;
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* replay_corpus: run a fuzz target over every file of its corpus, in the ordinary tests. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

int main(int argc, char **argv)
{
	unsigned files = 0;
	DIR *d = argc == 2 ? opendir(argv[1]) : NULL;
	if (!d) {
		fprintf(stderr, "usage: %s CORPUS-FOLDER\n", argv[0]);
		return 2;
	}
	for (struct dirent *e; (e = readdir(d));) {
		char path[4096];
		snprintf(path, sizeof(path), "%s/%s", argv[1], e->d_name);
		FILE *f = e->d_name[0] == '.' ? NULL : fopen(path, "rb");
		if (!f)
			continue;
		size_t cap = 1 << 20;
		uint8_t *buf = malloc(cap);
		size_t len = buf ? fread(buf, 1, cap, f) : 0;
		fclose(f);
		uint8_t *exact = malloc(len ? len : 1);
		if (exact) {
			memcpy(exact, buf, len);
			LLVMFuzzerTestOneInput(exact, len);
		}
		free(exact);
		free(buf);
		files++;
	}
	closedir(d);
	printf("%s corpus of %u files\n", files ? "ok" : "not ok", files);
	return files ? 0 : 1;
}

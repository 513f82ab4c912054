/* SPDX-License-Identifier: BSD-3-Clause */
/* seal RULESET KEY VERSION SEALED: seals a compiled ruleset, as roja-control writes it. */
#include <stdio.h>
#include <stdlib.h>

#include "rules/compile.h"
#include "rules/seal.h"

#define IMAGE_MAX ((size_t)64 << 20)

int main(int argc, char **argv)
{
	struct seal_key *key;
	struct err e = {""};
	if (argc != 5)
		return 2;
	char *image = malloc(IMAGE_MAX);
	FILE *f = fopen(argv[1], "rb");
	size_t n = image && f ? fread(image, 1, IMAGE_MAX, f) : 0;
	int err = n ? seal_key_find(argv[2], &key, &e) : -1;
	if (!err)
		err = ruleset_write_version(argv[4], image, n, strtoull(argv[3], NULL, 10), key, &e);
	if (err)
		fprintf(stderr, "seal: %s\n", e.text);
	if (f)
		fclose(f);
	free(image);
	return err ? 1 : 0;
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* copy-log LOG FOLDER: what rojactl report audit makes of a published log: FOLDER/log, FOLDER/SHA256SUMS. Prints the size of the log. */
#include <inttypes.h>
#include <unistd.h>

#include "control/ctl/folder.h"
#include "control/ctl/unpack.h"
#include "control/report/logcopy.h"

int main(int argc, char **argv)
{
	static const atomic_bool never;
	struct err e = {""};
	struct log_point at;
	struct pack p = {.fd = -1};
	char sha256[65];
	unsigned n;
	int folder = -1, temp = -1;
	if (argc != 3)
		return 2;
	int err = folder_open(argv[2], &folder, &e);
	if (!err)
		err = folder_temp(folder, argv[2], &temp, &e);
	if (!err)
		err = pack_begin(&p, temp, 0, &e);
	if (!err)
		err = logcopy(&p, argv[1], &never, &at, &e);
	if (!err)
		err = pack_end(&p, sha256, &e);
	if (!err)
		err = unpack(temp, folder, argv[2], &n, &e);
	pack_fini(&p);
	if (err)
		fprintf(stderr, "copy-log: %s\n", e.text);
	else
		printf("%" PRIu64 "\n", at.size);
	return err ? 1 : 0;
}

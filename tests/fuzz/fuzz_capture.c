/* SPDX-License-Identifier: BSD-3-Clause */
/* The input is a file, read as a pipe and as a mapping: both give the same frames. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "dataplane/replay/capture_in.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static uint64_t read_all(const char *path)
{
	struct capture_in *c;
	struct packet pkts[4];
	uint64_t times[4], hash = 0;
	struct err e;
	unsigned n;
	if (capture_in_open(path, &c, &e))
		return 1;
	while ((n = capture_in_burst(c, pkts, times, 4)))
		for (unsigned i = 0; i < n; i++) {
			hash = hash * 31 + pkts[i].len + times[i] + pkts[i].link;
			for (uint32_t k = 0; k < pkts[i].len; k++)
				hash = hash * 31 + pkts[i].data[k];
		}
	capture_in_close(c);
	return hash;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	char path[64];
	int pipe_ends[2];
	if (len > 60000)
		return 0;
	int fd = memfd_create("capture", 0);
	if (fd < 0 || write(fd, p, len) != (ssize_t)len || pipe(pipe_ends))
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	uint64_t mapped = read_all(path);
	if (write(pipe_ends[1], p, len) != (ssize_t)len)
		abort();
	close(pipe_ends[1]);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", pipe_ends[0]);
	if (read_all(path) != mapped)
		abort();
	close(pipe_ends[0]);
	close(fd);
	return 0;
}

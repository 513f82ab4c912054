/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/sink/output.h"

#include <errno.h>
#include <poll.h>
#include <time.h>

uint64_t output_now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

int output_poll(const struct output *o, int fd, short events, int wake, int ms)
{
	struct pollfd p[] = {
	    {.fd = o->stop, .events = POLLIN}, {.fd = fd, .events = events}, {.fd = wake, .events = POLLIN}};
	int r = poll(p, 3, ms);
	if (r < 0)
		return errno == EINTR ? 0 : -errno;
	if (p[0].revents)
		return -ECANCELED;
	return fd >= 0 && p[1].revents ? 1 : 0;
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* clock: the two clocks that the daemon reads. */
#ifndef DATAPLANE_DPDK_CLOCK_H
#define DATAPLANE_DPDK_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline uint64_t clock_ns(clockid_t which)
{
	struct timespec t;
	clock_gettime(which, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* The clock of heartbeats: bpf_ktime_get_ns() in the kernel reads the same. */
static inline uint64_t clock_monotonic_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

/* The clock of events. */
static inline uint64_t clock_realtime_ns(void)
{
	return clock_ns(CLOCK_REALTIME);
}

#endif

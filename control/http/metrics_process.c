/* SPDX-License-Identifier: BSD-3-Clause */
/* Metrics of this process: proc(5), and jemalloc where the program runs with it. */
#include <dirent.h>
#include <math.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "control/http/metrics_state.h"

/* jemalloc(3). Weak: with the C library's allocator, or a sanitizer's, there is none. */
extern int mallctl(const char *name, void *old, size_t *old_bytes, void *new, size_t new_bytes)
    __attribute__((weak));

METRIC_WRITER(metric_process)
{
	double v = row->process();
	if (!isnan(v))
		metric_real(o, row, NULL, v);
}

METRIC_WRITER(metric_heap)
{
	uint64_t epoch = 1; /* takes the statistics anew */
	size_t v, bytes = sizeof(epoch);
	if (!mallctl || mallctl("epoch", &epoch, &bytes, &epoch, sizeof(epoch)))
		return;
	bytes = sizeof(v);
	if (!mallctl(row->what, &v, &bytes, NULL, 0))
		metric_integer(o, row, NULL, v);
}

/* Field `n` of /proc/self/stat, counted from 1 as proc(5) does; behind the program's name, which may hold anything. */
static double stat_field(unsigned n)
{
	char text[1024];
	FILE *f = fopen("/proc/self/stat", "re");
	if (!f)
		return NAN;
	size_t len = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[len] = 0;
	const char *at = strrchr(text, ')');
	for (unsigned i = 2; at && i < n; i++)
		at = strchr(at + 1, ' ');
	double v;
	return at && sscanf(at, " %lf", &v) == 1 ? v : NAN;
}

double process_start(void)
{
	struct timespec real, boot;
	clock_gettime(CLOCK_REALTIME, &real);
	clock_gettime(CLOCK_BOOTTIME, &boot);
	double booted = (double)(real.tv_sec - boot.tv_sec) + (double)(real.tv_nsec - boot.tv_nsec) / 1e9;
	return round(booted + stat_field(22) / (double)sysconf(_SC_CLK_TCK));
}

double process_cpu(void)
{
	struct timespec t;
	return clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t) ? (double)NAN
							   : (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

double process_resident(void)
{
	return stat_field(24) * (double)sysconf(_SC_PAGESIZE);
}

double process_virtual(void)
{
	return stat_field(23);
}

double process_fds(void)
{
	DIR *d = opendir("/proc/self/fd");
	double n = 0;
	if (!d)
		return NAN;
	for (const struct dirent *at; (at = readdir(d));)
		n += *at->d_name != '.';
	closedir(d);
	return n - 1; /* without the one that looks */
}

double process_max_fds(void)
{
	struct rlimit r;
	return getrlimit(RLIMIT_NOFILE, &r) ? (double)NAN : (double)r.rlim_cur;
}

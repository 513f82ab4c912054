/* SPDX-License-Identifier: BSD-3-Clause */
/* bench_log FOLDER [ENTRIES] [BYTES] [A_BATCH]: how many entries a second the log makes durable and publishes; and at 50,000 a second, how long an
 * entry waits for the disk. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "audit/log.h"

#define WAIT_MS 600000
#define RATE	50000
#define PACED_S 5

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void fail(const struct err *e)
{
	fprintf(stderr, "bench_log: %s\n", e->text);
	exit(1);
}

static void append(struct audit_log *l, const uint8_t *entry, size_t bytes)
{
	while (log_append(l, entry, bytes, NULL) == -EAGAIN) {
		log_commit(l);
		poll(NULL, 0, 1);
	}
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return x < y ? -1 : x > y;
}

/* Batches each millisecond; how long each waits until it is durable. */
static void paced(struct audit_log *l, const uint8_t *entry, size_t bytes)
{
	static double sent[PACED_S * 1000], waited[PACED_S * 1000];
	uint64_t first = log_commit(l) + 1;
	unsigned n = 0, done = 0;
	double begun = now();
	while (done < PACED_S * 1000) {
		if (n < PACED_S * 1000 && now() >= begun + n / 1000.0) {
			for (unsigned i = 0; i < RATE / 1000; i++)
				append(l, entry, bytes);
			log_commit(l);
			sent[n++] = now();
		} else {
			poll(NULL, 0, 0);
		}
		for (; done < n && log_done(l) >= first + done; done++)
			waited[done] = now() - sent[done];
	}
	qsort(waited, PACED_S * 1000, sizeof(*waited), by_value);
	printf("at %u/s: durable after %.2f ms (median), %.2f ms (99 of 100), %.2f ms (worst)\n", RATE,
	       waited[PACED_S * 500] * 1e3, waited[PACED_S * 990] * 1e3, waited[PACED_S * 1000 - 1] * 1e3);
}

int main(int argc, char **argv)
{
	static uint8_t entry[ENTRY_MAX_BYTES] = {0x82, 0x18, 0x63};
	unsigned long n = argc > 2 ? strtoul(argv[2], NULL, 10) : 5000000;
	size_t bytes = argc > 3 ? strtoul(argv[3], NULL, 10) : 50;
	unsigned long batch = argc > 4 ? strtoul(argv[4], NULL, 10) : 1000;
	struct audit_log *l = NULL;
	struct err e = {""};
	struct rusage u;
	if (argc < 2 || !n || !batch || !bytes || bytes > sizeof(entry)) {
		fprintf(stderr, "usage: bench_log FOLDER [ENTRIES] [BYTES] [A_BATCH]\n");
		return 2;
	}
	struct log_config c = {.folder = argv[1], .origin = "roja.example/audit", .checkpoint_ms = 1000};
	if (log_open(&c, &l, &e))
		fail(&e);
	double begun = now();
	for (unsigned long i = 0; i < n; i++) {
		append(l, entry, bytes);
		if (i % batch == batch - 1)
			log_commit(l);
	}
	double appended = now();
	if (log_wait(l, log_commit(l), false, WAIT_MS, &e))
		fail(&e);
	double durable = now();
	if (log_wait(l, log_commit(l), true, WAIT_MS, &e))
		fail(&e);
	double published = now();
	const struct log_status *s = log_status(l);
	getrusage(RUSAGE_SELF, &u);
	printf(
	    "%lu entries of %zu bytes, batches of %lu: %.0f/s appended, %.0f/s durable, %.0f/s published; %llu "
	    "writes, %ld MiB at most\n",
	    n, bytes, batch, (double)n / (appended - begun), (double)n / (durable - begun),
	    (double)n / (published - begun), (unsigned long long)s->commits, u.ru_maxrss / 1024);
	paced(l, entry, bytes);
	log_close(l);
	return 0;
}

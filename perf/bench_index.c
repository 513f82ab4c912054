/* SPDX-License-Identifier: BSD-3-Clause */
/* bench_index [HITS [SCOPES [RULES]]]: what the index costs of hits that come at 50,000 a second, over so many pairs of order and list and so
 * many rules, followed each INDEX_EVERY_MS: of a core, and of the disk; and what a question of one order then takes. */
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "control/audit/index.h"
#include "tests/unit/leaves_fixture.h"

#define A_SECOND 50000
#define STEP	 (A_SECOND * INDEX_EVERY_MS / 1000)

static double seconds(clockid_t clock)
{
	struct timespec t;
	clock_gettime(clock, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static uint64_t next_random(void)
{
	static uint64_t x = 88172645463325252ull;
	x ^= x << 13;
	x ^= x >> 7;
	return x ^= x << 17;
}

static void check(int err, const struct err *e)
{
	if (err) {
		fprintf(stderr, "bench_index: %s\n", e->text);
		exit(2);
	}
}

static void ask(struct audit_index *x, struct index_query q, const char *what)
{
	struct err e = {""};
	json_t *rows;
	double t = seconds(CLOCK_MONOTONIC);
	check(index_hits(x, &q, &rows, &e), &e);
	printf("%-28s %8.2f ms, %zu rows\n", what, 1e3 * (seconds(CLOCK_MONOTONIC) - t),
	       json_array_size(rows));
	json_decref(rows);
}

int main(int argc, char **argv)
{
	uint64_t n = argc > 1 ? strtoull(argv[1], NULL, 10) : 3000000;
	uint64_t scopes = argc > 2 ? strtoull(argv[2], NULL, 10) : 1000;
	uint64_t rules = argc > 3 ? strtoull(argv[3], NULL, 10) : 5000;
	char folder[] = "/var/tmp/bench_index.XXXXXX", path[64];
	struct audit_index *x;
	struct err e = {""};
	struct stat st;
	if (!mkdtemp(folder))
		return 2;
	check(index_open(folder, leaves.log, NULL, &x, &e), &e);
	leaves_source(1, "left");
	double spent = 0, worst = 0;
	for (uint64_t done = 0; done < n; done += STEP) {
		bool more = true;
		for (uint64_t i = 0; i < STEP; i++) {
			uint64_t rule = next_random() % rules;
			leaves_hit(1, 1 + rule % scopes / 4, 1 + rule % scopes, rule, rule,
				   LEAVES_T0 + (done + i) * (LEAVES_NS / A_SECOND));
		}
		leaves_durable();
		double t = seconds(CLOCK_PROCESS_CPUTIME_ID);
		while (more)
			check(index_follow(x, STEP, &more, &e), &e);
		t = seconds(CLOCK_PROCESS_CPUTIME_ID) - t;
		spent += t;
		worst = t > worst ? t : worst;
	}
	printf(
	    "%llu hits, %llu scopes, %llu rules: %.0f ns a hit, %.1f %% of a core at %u/s, longest step %.1f ms\n",
	    (unsigned long long)n, (unsigned long long)scopes, (unsigned long long)rules,
	    1e9 * spent / (double)n, 100 * spent / (double)n * A_SECOND, A_SECOND, 1e3 * worst);
	ask(x, (struct index_query){.order = 3, .limit = 100, .last = true}, "last 100 of an order");
	ask(x, (struct index_query){.order = 3, .limit = 1000}, "first 1000 of an order");
	ask(x, (struct index_query){.limit = 200, .last = true}, "last 200");
	ask(x, (struct index_query){.node = "nowhere", .limit = 200}, "of a node that is none");
	index_close(x);
	snprintf(path, sizeof(path), "%s/index.db", folder);
	if (!stat(path, &st))
		printf("disk %.2f bytes a hit\n", (double)st.st_size / (double)n);
	unlink(path);
	return rmdir(folder) ? 2 : 0;
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* bench_names [NAMES [FILE]]: what a list of so many names costs to compile, to keep and to look up in; the ruleset is
 * written to FILE. A third of the names have 2 labels, a third 3, a third 4, so that a look-up of a name with 4 labels
 * has three suffixes to try. Beside it, Hyperscan's figure for the same names as literals. */
#include <errno.h>
#include <hs/hs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

#include "rules/compile.h"

#define QUERIES	   (1u << 20)
#define NAME_BYTES 40
#define ROUNDS	   3
#define CHUNK	   1024
#define WARM	   4096 /* names asked again and again: what they touch stays in the cache */

struct query {
	uint8_t len;
	char text[NAME_BYTES - 1];
};

static double seconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double cycle_ns; /* of the time stamp counter */

static void measure_cycles(void)
{
	double begin = seconds();
	uint64_t cycles = __rdtsc();
	while (seconds() - begin < 0.02)
		;
	cycle_ns = (seconds() - begin) * 1e9 / (double)(__rdtsc() - cycles);
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
		fprintf(stderr, "bench_names: %s\n", e->text);
		exit(2);
	}
}

/* Name i of the list; from the list's length on, those are names of the same form that it does not hold. Each zone has one
 * name of each sort, none of them below another. */
static int write_name(char *ret, uint64_t i)
{
	unsigned long long zone = i / 3;
	switch (i % 3) {
	case 0:
		return sprintf(ret, "own%llu.test", zone);
	case 1:
		return sprintf(ret, "w%llu.zone%llu.test", zone % 1000, zone);
	default:
		return sprintf(ret, "w%llu.sub.zone%llu.test", zone % 10000, zone);
	}
}

static FILE *list_of(uint64_t names)
{
	char text[NAME_BYTES];
	FILE *f = fdopen(memfd_create("names", MFD_CLOEXEC), "w+");
	if (!f)
		exit(2);
	for (uint64_t i = 0; i < names; i++)
		fwrite(text, 1, (size_t)(write_name(text, i) + sprintf(text + strlen(text), "\n")), f);
	rewind(f);
	return f;
}

static struct query *queries_of(uint64_t from, uint64_t to)
{
	struct query *q = calloc(QUERIES, sizeof(*q));
	if (!q)
		exit(2);
	for (unsigned i = 0; i < QUERIES; i++) /* of 4 labels */
		q[i].len = (uint8_t)write_name(q[i].text, (from + next_random() % (to - from)) / 3 * 3 + 2);
	return q;
}

static void load(struct name *n, const struct query *q)
{
	n->kind = NAME_DNS;
	n->len = q->len;
	memcpy(n->text, q->text, sizeof(q->text));
}

enum { ONE_BY_ONE = 1, WARM_NAMES = 2 };

static int by_value(const void *x, const void *y)
{
	const uint64_t *a = x, *b = y;
	return (*a > *b) - (*a < *b);
}

/* Cycles a look-up over many chunks of them: the median, and what a tenth of the chunks stay below, which other work on
 * the machine disturbs less. ONE_BY_ONE: each look-up begins when the one before has ended. */
static void time_lookups(const struct ruleset *rs, struct ruleset_scratch *s, const char *what,
			 const struct query *q, unsigned how)
{
	static uint64_t cycles[ROUNDS * QUERIES / CHUNK];
	static struct name n;
	struct match m;
	uint64_t hits = 0;
	const unsigned mask = how & WARM_NAMES ? WARM - 1 : QUERIES - 1;
	for (unsigned at = 0, chunk = 0; at < ROUNDS * QUERIES; chunk++) {
		uint64_t begin = __rdtsc();
		for (unsigned end = at + CHUNK; at < end; at++) {
			load(&n, &q[at & mask]);
			hits += ruleset_match_name(rs, s, &n, &m);
			if (how & ONE_BY_ONE)
				_mm_lfence();
		}
		cycles[chunk] = __rdtsc() - begin;
	}
	const size_t chunks = sizeof(cycles) / sizeof(*cycles);
	qsort(cycles, chunks, sizeof(*cycles), by_value);
	double low = (double)cycles[chunks / 10] / CHUNK, median = (double)cycles[chunks / 2] / CHUNK;
	printf("  %-34s %6.1f ns %6.0f cycles, median %6.1f ns, %5.1f %% found\n", what, low * cycle_ns, low,
	       median * cycle_ns, 100.0 * (double)hits / (ROUNDS * QUERIES));
}

static void time_ruleset(const struct ruleset *rs, const char *where, const struct query *listed,
			 const struct query *other)
{
	static const char *const hows[] = {"", ", one by one", ", warm", ", warm, one by one"};
	struct ruleset_scratch *s;
	struct err e;
	char what[64];
	check(ruleset_scratch_new(rs, &s, &e), &e);
	for (unsigned how = 0; how < 4; how++) {
		snprintf(what, sizeof(what), "%s, hit%s", where, hows[how]);
		time_lookups(rs, s, what, listed, how);
		snprintf(what, sizeof(what), "%s, miss%s", where, hows[how]);
		time_lookups(rs, s, what, other, how);
	}
	ruleset_scratch_free(s);
}

static int on_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *ctx)
{
	(void)id, (void)from, (void)to, (void)flags;
	++*(uint64_t *)ctx;
	return 0;
}

static void time_scans(const hs_database_t *db, hs_scratch_t *scratch, unsigned names, const struct query *q,
		       const char *what)
{
	double best = 1e9;
	uint64_t hits = 0;
	for (unsigned round = 0; round < ROUNDS; round++) {
		double begin = seconds();
		hits = 0;
		for (unsigned i = 0; i < QUERIES; i++)
			hs_scan(db, q[i].text, q[i].len, 0, scratch, on_match, &hits);
		double took = seconds() - begin;
		best = took < best ? took : best;
	}
	printf("  %u literals, %-14s %6.1f ns, %llu matches\n", names, what, best * 1e9 / QUERIES,
	       (unsigned long long)hits);
}

static void time_hyperscan(unsigned names)
{
	const char **text = calloc(names, sizeof(*text));
	unsigned *flags = calloc(names, sizeof(*flags)), *ids = calloc(names, sizeof(*ids));
	size_t *len = calloc(names, sizeof(*len));
	char(*all)[NAME_BYTES] = calloc(names, NAME_BYTES);
	hs_database_t *db = NULL;
	hs_scratch_t *scratch = NULL;
	hs_compile_error_t *why = NULL;
	double begin = seconds();
	for (unsigned i = 0; i < names; i++) {
		len[i] = (size_t)write_name(all[i], i);
		text[i] = all[i];
		ids[i] = i;
		flags[i] = HS_FLAG_SINGLEMATCH;
	}
	if (hs_compile_lit_multi(text, flags, ids, len, names, HS_MODE_BLOCK, NULL, &db, &why) !=
		HS_SUCCESS ||
	    hs_alloc_scratch(db, &scratch) != HS_SUCCESS) {
		printf("  %u literals: %s\n", names, why ? why->message : "no memory");
		return;
	}
	printf("  %u literals compiled in %.2f s\n", names, seconds() - begin);
	struct query *listed = queries_of(0, names), *other = queries_of(names, 2 * (uint64_t)names);
	time_scans(db, scratch, names, listed, "hit");
	time_scans(db, scratch, names, other, "miss");
	hs_free_scratch(scratch);
	hs_free_database(db);
	free(listed);
	free(other);
	free(all);
	free(text);
	free(flags);
	free(ids);
	free(len);
}

int main(int argc, char **argv)
{
	uint64_t names = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000;
	const char *path = argc > 2 ? argv[2] : "bench_names.ruleset";
	struct compiler *c;
	struct ruleset *rs;
	struct err e;
	void *image;
	size_t bytes;
	if (!names)
		return 2;
	measure_cycles();
	FILE *list = list_of(names);
	double begin = seconds();
	check(compiler_new(NULL, &c, &e), &e);
	check(compiler_add_list(c, list, "names", &e), &e);
	double read = seconds() - begin;
	check(compiler_build(c, &image, &bytes, &e), &e);
	double built = seconds() - begin;
	fclose(list);
	compiler_free(c);
	check(ruleset_write(path, image, bytes, &e), &e);
	printf("%llu names: compiled in %.2f s (%.2f s to read them), %.1f MB, %.1f bytes a name\n",
	       (unsigned long long)names, built, read, (double)bytes / 1e6, (double)bytes / (double)names);

	struct query *listed = queries_of(0, names), *other = queries_of(names, 2 * names);
	begin = seconds();
	check(ruleset_over(image, bytes, &rs, &e), &e);
	printf("  checked in %.2f s\n", seconds() - begin);
	time_ruleset(rs, "memory", listed, other);
	ruleset_free(rs);
	compiler_image_free(image, bytes);
	begin = seconds();
	check(ruleset_open(path, &rs, &e), &e);
	printf("  opened in %.2f s\n", seconds() - begin);
	time_ruleset(rs, "file", listed, other);
	ruleset_free(rs);
	unlink(path);
	free(listed);
	free(other);
	printf("Hyperscan alone:\n");
	for (unsigned n = 1000; n <= 100000; n *= 10)
		time_hyperscan(n);
	return 0;
}

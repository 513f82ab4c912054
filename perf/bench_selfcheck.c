/* SPDX-License-Identifier: BSD-3-Clause */
/* bench_selfcheck N: safety_check and safety_selfcheck over N names in a sealed entries file: seconds, memory. */
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "control/safety/safety.h"
#include "control/safety/selfcheck.h"
#include "rules/compile.h"
#include "rules/seal.h"

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static long peak_kib(void)
{
	struct rusage u;
	getrusage(RUSAGE_SELF, &u);
	return u.ru_maxrss;
}

static long resident_kib(void)
{
	long size, pages = 0;
	FILE *f = fopen("/proc/self/statm", "r");
	if (f && fscanf(f, "%ld %ld", &size, &pages) != 2)
		pages = 0;
	if (f)
		fclose(f);
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static void need(int err, const struct err *e)
{
	if (err) {
		fprintf(stderr, "%s\n", e->text);
		exit(1);
	}
}

int main(int argc, char **argv)
{
	unsigned n = argc > 1 ? (unsigned)atoi(argv[1]) : 1000000;
	struct seal_key key = {{1, 2, 3}, {4}};
	char path[] = "/tmp/bench-XXXXXX", line[96];
	struct seal_writer *w;
	struct compiler *c;
	struct ruleset *rs;
	struct guard *g;
	struct err e = {""};
	struct url *scratch = malloc(sizeof(*scratch));
	void *image;
	size_t bytes;
	close(mkstemp(path));
	static const char *const files[] = {GUARD_FOLDER "/platforms.txt", GUARD_FOLDER "/infrastructure.txt",
					    GUARD_FOLDER "/emergency.txt", GUARD_FOLDER "/networks.txt",
					    GUARD_FOLDER "/reserved.txt"};
	struct guard_sources s = {.files = files, .n_files = 5};
	need(guard_load(&s, &g, &e), &e);
	need(seal_create(path, &key, &w, &e), &e);
	need(compiler_new(NULL, &c, &e), &e);
	const char *meta[META_COUNT] = {[META_name] = "bench"};
	need(compiler_begin_list(c, meta, &e), &e);
	for (unsigned i = 0; i < n; i++) { /* ascending, as an entries file is */
		static const char *const tops[] = {"com", "net", "test", "org"};
		struct list_entry entry;
		const char *why;
		int len = sprintf(line, "%u\t%08x-name%u.%s\n", i + 1, i, i * 7919u % 1000, tops[i % 4]);
		need(seal_write(w, line, (size_t)len, &e), &e);
		const char *text = strchr(line, '\t') + 1;
		if (list_parse_line((const uint8_t *)text, strlen(text) - 1, scratch, &entry, &why) != 1)
			return 1;
		entry.line = i + 1;
		need(compiler_add_entry(c, &entry), &e);
	}
	need(seal_commit(w, &e), &e);
	need(compiler_build(c, &image, &bytes, &e), &e);
	compiler_free(c);
	need(ruleset_over(image, bytes, &rs, &e), &e);

	long before = resident_kib(), peak = peak_kib();
	double from = now();
	struct safety_request q = {
	    .entries = path, .previous = path, .key = &key, .guard = g, .policy = safety_policy_default};
	struct safety_report report;
	need(safety_check(&q, &report, &e), &e);
	double checked = now();
	const char *paths[] = {path};
	struct selfcheck_request sq = {
	    .ruleset = rs, .key = &key, .entries = paths, .n_lists = 1, .guard = g};
	struct selfcheck_result *r = malloc(sizeof(*r));
	need(safety_selfcheck(&sq, r, &e), &e);
	double done = now();
	printf(
	    "entries %llu findings %u: check with a previous list of the same size %.2f s, self-check %.2f s "
	    "(own %llu, neighbours %llu)\nresident before %ld MiB, after %ld MiB; peak before %ld MiB, after %ld MiB\n",
	    (unsigned long long)report.entries, report.n_findings, checked - from, done - checked,
	    (unsigned long long)r->own, (unsigned long long)r->neighbours, before / 1024,
	    resident_kib() / 1024, peak / 1024, peak_kib() / 1024);
	safety_report_free(&report);
	free(r);
	free(scratch);
	ruleset_free(rs);
	compiler_image_free(image, bytes);
	guard_free(g);
	unlink(path);
	return 0;
}

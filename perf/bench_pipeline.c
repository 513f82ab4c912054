/* SPDX-License-Identifier: BSD-3-Clause */
/* bench_pipeline: packets a second from memory, and cycles a packet by class.
 *
 * bench_pipeline CAPTURE LIST [PASSES]: the capture is read into memory once; each pass runs it from the first frame to the
 * last through a fresh pipeline, in bursts as the workers do. Classes are told apart in a pass of their own, by the
 * counter that a packet moves; what a packet of each costs is the least-squares solution over all bursts, so that
 * prefetching across a burst is counted as it is. Cycles are of the time stamp counter. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <x86intrin.h>

#include "dataplane/core/decode.h"
#include "dataplane/core/pipeline.h"
#include "dataplane/core/tls.h"
#include "dataplane/replay/capture_in.h"
#include "rules/compile.h"
#include "rules/page.h"

#define BURST 32

enum class { MID_FLOW, SYN_PACKET, HELLO_PART, HELLO, QUIC, HTTP, DNS, CLASSES };

static const char *const class_names[CLASSES] = {
    [MID_FLOW] = "mid-flow",	 [SYN_PACKET] = "SYN",	  [HELLO_PART] = "first part of a hello",
    [HELLO] = "hello completed", [QUIC] = "QUIC Initial", [HTTP] = "HTTP request",
    [DNS] = "DNS question",
};

struct bench {
	uint8_t *memory;
	size_t bytes;
	struct packet *pkts;
	uint64_t *times_ns;
	uint8_t *class;
	size_t n;
	struct ruleset *rules;
	struct ruleset_scratch *scratch;
	struct page_set *pages;
};

static _Noreturn void die(const char *what, const struct err *e)
{
	fprintf(stderr, "bench_pipeline: %s%s\n", what, e ? e->text : "");
	exit(2);
}

static void *huge(size_t bytes)
{
	void *m = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (m == MAP_FAILED)
		die("no memory", NULL);
	madvise(m, bytes, MADV_HUGEPAGE);
	return m;
}

static void load(struct bench *b, const char *path)
{
	struct capture_in *c;
	struct capture_in_stats s;
	struct err e;
	struct packet pkts[BURST];
	uint64_t times[BURST];
	size_t at = 0;
	unsigned n;
	if (capture_in_open(path, &c, &e))
		die("", &e);
	capture_in_stats(c, &s);
	size_t room = s.file_bytes + 64, most = s.file_bytes / 40 + 1;
	b->memory = huge(room);
	b->pkts = huge(most * sizeof(*b->pkts));
	b->times_ns = huge(most * sizeof(*b->times_ns));
	b->class = huge(most);
	while ((n = capture_in_burst(c, pkts, times, BURST)))
		for (unsigned i = 0; i < n && b->n < most; i++) {
			memcpy(b->memory + at, pkts[i].data, pkts[i].len);
			b->pkts[b->n] = pkts[i];
			b->pkts[b->n].data = b->memory + at;
			b->times_ns[b->n++] = times[i];
			at += pkts[i].len;
		}
	b->bytes = at;
	capture_in_close(c);
}

static void compile(struct bench *b, const char *path)
{
	struct compiler *c;
	struct err e;
	void *image;
	size_t bytes;
	FILE *f = fopen(path, "r");
	if (!f)
		die("cannot open the list", NULL);
	if (compiler_new(NULL, &c, &e) || compiler_add_list(c, f, path, &e) ||
	    compiler_build(c, &image, &bytes, &e) || ruleset_over(image, bytes, &b->rules, &e) ||
	    ruleset_scratch_new(b->rules, &b->scratch, &e) || page_set_new(NULL, &b->pages, &e))
		die("", &e);
	fclose(f);
	compiler_free(c);
}

static struct pipeline *fresh(struct bench *b)
{
	struct pipeline_config cfg = pipeline_config_default;
	struct pipeline *p;
	struct err e;
	cfg.pages = b->pages;
	cfg.secret[0] = 0x1234567;
	if (pipeline_new(&cfg, &p, &e))
		die("", &e);
	pipeline_set_ruleset(p, b->rules, b->scratch);
	return p;
}

static enum class classify(const struct packet *pkt, const struct counters *before,
			   const struct counters *now) {
	struct decoded d; if (now->tls_hellos != before->tls_hellos) return HELLO;
	if (now->quic_initials != before->quic_initials) return QUIC;
	if (now->http_requests != before->http_requests) return HTTP;
	if (now->dns_queries != before->dns_queries) return DNS;
	decode(pkt->data, pkt->len, (enum link)pkt->link, &d);
	if (d.kind == DECODE_TCP && d.tcp_flags & 2) return SYN_PACKET;
	if (d.kind == DECODE_TCP && d.payload_len &&
	    tls_probe(pkt->data + d.payload, d.payload_len) != PARSE_NOT_MINE) return HELLO_PART;
	return MID_FLOW;
}

static void label(struct bench *b)
{
	struct pipeline *p = fresh(b);
	struct counters before = {0};
	for (size_t i = 0; i < b->n; i++) {
		pipeline_burst(p, &b->pkts[i], 1, b->times_ns[i]);
		b->class[i] = (uint8_t)classify(&b->pkts[i], &before, pipeline_counters(p));
		before = *pipeline_counters(p);
	}
	pipeline_free(p);
}

/* Normal equations of burst cycles over class counts. */
struct fit {
	double a[CLASSES][CLASSES + 1];
};

static void fit_add(struct fit *f, const double x[CLASSES], double y)
{
	for (unsigned i = 0; i < CLASSES; i++) {
		for (unsigned j = 0; j < CLASSES; j++)
			f->a[i][j] += x[i] * x[j];
		f->a[i][CLASSES] += x[i] * y;
	}
}

static void fit_solve(struct fit *f, double ret[CLASSES])
{
	for (unsigned i = 0; i < CLASSES; i++) {
		double pivot = f->a[i][i];
		for (unsigned r = 0; r < CLASSES; r++) {
			if (r == i || fabs(pivot) < 1e-9)
				continue;
			double k = f->a[r][i] / pivot;
			for (unsigned j = i; j <= CLASSES; j++)
				f->a[r][j] -= k * f->a[i][j];
		}
	}
	for (unsigned i = 0; i < CLASSES; i++)
		ret[i] = fabs(f->a[i][i]) < 1e-9 ? 0 : f->a[i][CLASSES] / f->a[i][i];
}

/* The first frames of the next burst, as a NIC's driver does; the pipeline asks for the others itself. */
static void prefetch(const struct bench *b, size_t i)
{
	for (size_t k = i; k < i + 8 && k < b->n; k++) {
		__builtin_prefetch(b->pkts[k].data);
		__builtin_prefetch(b->pkts[k].data + 64);
	}
}

static double seconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* One pass; its seconds. */
static double pass(struct bench *b, struct fit *f)
{
	struct pipeline *p = fresh(b);
	double start = seconds();
	for (size_t i = 0; i < b->n; i += BURST) {
		unsigned n = b->n - i < BURST ? (unsigned)(b->n - i) : BURST;
		double x[CLASSES] = {0};
		prefetch(b, i + BURST);
		uint64_t from = __rdtsc();
		pipeline_burst(p, &b->pkts[i], n, b->times_ns[i]);
		uint64_t cycles = __rdtsc() - from;
		if (!f || cycles > 400000) /* an interrupt, not a packet */
			continue;
		for (unsigned k = 0; k < n; k++)
			x[b->class[i + k]]++;
		fit_add(f, x, (double)cycles);
	}
	double took = seconds() - start;
	pipeline_free(p);
	return took;
}

int main(int argc, char **argv)
{
	static struct bench b;
	static struct fit f;
	double best = 1e9, cycles[CLASSES];
	size_t count[CLASSES] = {0};
	struct rusage ru;
	if (argc < 3) {
		fprintf(stderr, "usage: bench_pipeline CAPTURE LIST [PASSES]\n");
		return 2;
	}
	compile(&b, argv[2]);
	load(&b, argv[1]);
	int passes = argc > 3 ? atoi(argv[3]) : 7;
	label(&b);
	for (int i = 0; i < passes; i++) {
		double took = pass(&b, NULL);
		best = took < best ? took : best;
	}
	for (int i = 0; i < 3; i++)
		pass(&b, &f);
	fit_solve(&f, cycles);
	for (size_t i = 0; i < b.n; i++)
		count[b.class[i]]++;
	getrusage(RUSAGE_SELF, &ru);
	printf("%zu frames, %.0f bytes a frame, best of %d passes: %.2f Mpps, %.1f Gbit/s\n", b.n,
	       (double)b.bytes / (double)b.n, passes, (double)b.n / best / 1e6,
	       (double)b.bytes * 8 / best / 1e9);
	printf("peak RSS without the capture: %.0f MB\n",
	       (double)ru.ru_maxrss / 1024 - (double)b.bytes / 1048576);
	for (unsigned i = 0; i < CLASSES; i++)
		printf("%-22s %9zu packets %8.0f cycles\n", class_names[i], count[i], cycles[i]);
	return 0;
}

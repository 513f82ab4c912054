/* SPDX-License-Identifier: BSD-3-Clause */
/* gen_traffic: a capture of mixed web traffic, a list, and which of its names the capture holds. */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/opt.h"
#include "dataplane/core/quic.h"
#include "perf/gen.h"

#define MEAN_FRAME 763
#define TRAIN_MAX  4 /* frames of one flow in a row */
#define TAIL_MAX   40.0
#define TAG_TAIL   50u
#define OVERHEAD   1.15 /* capture bytes a content byte, before it is measured */

struct options {
	const char *bytes, *listed_share, *out, *list, *truth, *every;
	uint64_t flows, names, active, seed, gigabits;
	bool microseconds;
};

static const struct opt opts[] = {
    {.name = "bytes",
     .letter = 'b',
     .type = OPT_STRING,
     .arg = "SIZE",
     .off = offsetof(struct options, bytes),
     .help = "About how large the capture gets: 50M, 1G (default 1G)."},
    {.name = "flows",
     .letter = 'f',
     .type = OPT_U64,
     .arg = "N",
     .off = offsetof(struct options, flows),
     .min = 1,
     .max = GEN_FLOWS_MAX,
     .help = "How many flows, each with its own client port (default 50000)."},
    {.name = "active",
     .letter = 'a',
     .type = OPT_U64,
     .arg = "N",
     .off = offsetof(struct options, active),
     .min = 1,
     .max = 1u << 20,
     .help = "How many of them interleave at a time (default 8192)."},
    {.name = "names",
     .letter = 'n',
     .type = OPT_U64,
     .arg = "N",
     .off = offsetof(struct options, names),
     .min = 1,
     .max = GEN_NAMES_MAX,
     .help = "How many names the list holds (default 100000)."},
    {.name = "listed-share",
     .type = OPT_STRING,
     .arg = "PERCENT",
     .off = offsetof(struct options, listed_share),
     .help = "Share of the flows that use a listed name (default 1%)."},
    {.name = "seed",
     .letter = 's',
     .type = OPT_U64,
     .arg = "N",
     .off = offsetof(struct options, seed),
     .max = UINT64_MAX,
     .help = "Another seed makes another capture, the same one the same (default 1)."},
    {.name = "gigabits",
     .type = OPT_U64,
     .arg = "N",
     .off = offsetof(struct options, gigabits),
     .min = 1,
     .max = 1000,
     .help = "Rate of the full link whose clock the frames bear (default 10)."},
    {.name = "microseconds",
     .type = OPT_FLAG,
     .off = offsetof(struct options, microseconds),
     .help = "Times in microseconds instead of nanoseconds."},
    {.name = "out",
     .letter = 'o',
     .type = OPT_STRING,
     .arg = "FILE",
     .off = offsetof(struct options, out),
     .help = "The capture; - is standard output (default mix.pcap)."},
    {.name = "list",
     .type = OPT_STRING,
     .arg = "FILE",
     .off = offsetof(struct options, list),
     .help = "Writes the list of names."},
    {.name = "truth",
     .type = OPT_STRING,
     .arg = "FILE",
     .off = offsetof(struct options, truth),
     .help = "Writes a JSON line for each hit to expect: proto, name, src, sport."},
    {.name = "every",
     .type = OPT_STRING,
     .arg = "FILE",
     .off = offsetof(struct options, every),
     .help = "Writes the same for every name in the capture, listed or not."},
};

static const struct opt_program program = {
    "gen_traffic",
    "[OPTION]...",
    "Writes a capture of interleaved web traffic (TLS 1.3 with split post-quantum hellos, QUIC v1, HTTP/1.1, DNS "
    "and others; 763 bytes a frame in the mean) whose names are known.",
    opts,
    sizeof(opts) / sizeof(*opts),
    NULL};

struct run {
	struct gen g;
	struct options o;
	uint64_t bytes;
	double listed_share, least_mean, bulk_share;
	uint64_t started;
	uint64_t flows_of[GEN_KINDS], listed_of[GEN_KINDS];
	double allotted, expected_done, actual_done; /* bytes: of all flows begun; of those over */
	FILE *truth, *every;
};

struct slot {
	struct gen_flow f;
	double expected;
	uint64_t written;
};

static void write_names(struct run *r, const struct gen_flow *f)
{
	char name[GEN_NAME_MAX], before[GEN_NAME_MAX] = "", src[INET6_ADDRSTRLEN];
	inet_ntop(f->ends.v6 ? AF_INET6 : AF_INET, f->ends.addr[0], src, sizeof(src));
	for (unsigned k = 0; k < gen_flow_names(f); k++) {
		bool listed;
		gen_flow_name(&r->g, f, k, name, &listed);
		if (!strcmp(name, before))
			continue;
		strcpy(before, name);
		FILE *to[] = {listed ? r->truth : NULL, r->every};
		for (int i = 0; i < 2; i++)
			if (to[i])
				fprintf(to[i],
					"{\"proto\":\"%s\",\"name\":\"%s\",\"src\":\"%s\",\"sport\":%u}\n",
					f->kind->proto, name, src, f->ends.port[0]);
	}
}

/* Content of a new flow, of a long-tailed distribution around what is left to write, divided by the flows left; what
 * flows took so far, against what was expected of them, corrects it. */
static uint32_t budget(struct run *r, const struct gen_flow *f)
{
	double ratio = r->expected_done > 1e6 ? r->actual_done / r->expected_done : 1;
	double left = (double)r->bytes - r->allotted * ratio;
	double mean = left / ratio / (double)(r->o.flows - r->started) - r->least_mean;
	double u = (gen_rnd(f, TAG_TAIL, 1u << 30) + 1.0) / (1u << 30), tail = 0.5 / sqrt(u);
	if (mean <= 0 || !f->kind->bulk)
		return 0;
	return (uint32_t)fmin(mean / r->bulk_share / OVERHEAD * fmin(tail, TAIL_MAX), 256e6);
}

static void begin(struct run *r, struct slot *s)
{
	struct gen_flow *f = &s->f;
	memset(s, 0, sizeof(*s));
	unsigned k = gen_flow_begin(&r->g, f, r->o.seed, r->started, r->listed_share);
	f->budget = budget(r, f);
	s->expected = f->kind->least + f->budget * OVERHEAD;
	r->allotted += s->expected;
	r->flows_of[k]++;
	r->listed_of[k] += f->listed;
	r->started++;
	write_names(r, f);
}

/* A few frames in a row; false when the flow is over. */
static bool advance(struct run *r, struct slot *s, uint64_t train)
{
	struct gen *g = &r->g;
	uint64_t before = g->out.bytes;
	bool more = true;
	for (uint64_t i = 0; more && i < train; i++) {
		g->small = g->out.frame_bytes > MEAN_FRAME * g->out.frames;
		more = s->f.kind->ip_proto == 6 ? gen_tcp_next(g, &s->f) : gen_udp_next(g, &s->f);
	}
	s->written += g->out.bytes - before;
	return more;
}

static void traffic(struct run *r, struct slot *slots)
{
	uint64_t n = r->o.active < r->o.flows ? r->o.active : r->o.flows, random = r->o.seed;
	for (uint64_t i = 0; i < n; i++)
		begin(r, &slots[i]);
	while (n) {
		random = gen_mix(random);
		struct slot *s = &slots[(random >> 32) % n];
		if (advance(r, s, 1 + random % TRAIN_MAX))
			continue;
		r->expected_done += s->expected;
		r->actual_done += (double)s->written;
		if (r->started < r->o.flows)
			begin(r, s);
		else
			*s = slots[--n];
	}
}

static int parse_size(const char *text, uint64_t *ret, struct err *e)
{
	static const char units[] = "kMGT";
	char *end;
	double v = strtod(text, &end);
	const char *unit = *end ? strchr(units, *end) : NULL;
	if (unit)
		end++;
	if (end == text || *end || !(v >= 0))
		return err_set(e, -EINVAL, "--bytes: \"%s\" is not a size such as 50M or 1G", text);
	*ret = (uint64_t)(v * pow(1000, unit ? (double)(unit - units + 1) : 0));
	return 0;
}

static int parse_share(const char *text, double *ret, struct err *e)
{
	char *end;
	double v = strtod(text, &end);
	if (end == text || (*end && strcmp(end, "%")) || !(v >= 0 && v <= 100))
		return err_set(e, -EINVAL, "--listed-share: \"%s\" is not a percentage such as 1%%", text);
	*ret = v / 100;
	return 0;
}

/* HTML-like words, so that bodies look like what servers send. */
static void fill_pools(struct gen *g, uint64_t seed)
{
	static const char *const words[] = {
	    "<p>",  "</p>\n",  "lorem ",  "ipsum ",	     "dolor ", "sit ",	 "amet, ",
	    "<li>", "</li>\n", "tempor ", "<a href=\"/x\">", "</a> ",  "magna ", "aliqua. "};
	for (size_t i = 0; i + 8 <= sizeof(g->random); i += 8) {
		uint64_t v = seed = gen_mix(seed + i);
		memcpy(g->random + i, &v, 8);
	}
	for (size_t at = 0; at < sizeof(g->text);) {
		seed = gen_mix(seed);
		const char *w = words[seed % (sizeof(words) / sizeof(*words))];
		size_t len = strlen(w), left = sizeof(g->text) - at;
		memcpy(g->text + at, w, len < left ? len : left);
		at += len;
	}
}

static int write_list(const struct gen *g, const char *path, struct err *e)
{
	char name[GEN_NAME_MAX];
	FILE *f = fopen(path, "w");
	if (!f)
		return err_set(e, -errno, "%s: %s", path, strerror(errno));
	for (uint32_t i = 0; i < g->names.n; i++) {
		gen_name(&g->names, i, LOOK_LISTED, name);
		fprintf(f, "%s\n", name);
	}
	return fclose(f) ? err_set(e, -errno, "%s: %s", path, strerror(errno)) : 0;
}

static int open_side(const char *path, FILE **ret, struct err *e)
{
	if (path && !(*ret = fopen(path, "w")))
		return err_set(e, -errno, "%s: %s", path, strerror(errno));
	return 0;
}

static int close_side(FILE *f, const char *path, struct err *e)
{
	return f && fclose(f) ? err_set(e, -errno, "%s: %s", path, strerror(errno)) : 0;
}

static void summary(const struct run *r)
{
	const struct gen_out *o = &r->g.out;
	fprintf(stderr, "%s: %" PRIu64 " bytes, %" PRIu64 " frames of %.1f bytes, %" PRIu64 " flows\n",
		r->o.out, o->bytes, o->frames, (double)o->frame_bytes / (double)o->frames, r->started);
	for (unsigned k = 0; k < GEN_KINDS; k++)
		fprintf(stderr, "  %-10s %8" PRIu64 " flows, %6" PRIu64 " with a listed name\n",
			gen_kinds[k]->label, r->flows_of[k], r->listed_of[k]);
}

static int run(struct run *r, struct err *e)
{
	int rc;
	for (unsigned k = 0; k < GEN_KINDS; k++) {
		r->least_mean += gen_kinds[k]->least * gen_kinds[k]->per_mille / 1000.0;
		r->bulk_share += gen_kinds[k]->bulk ? gen_kinds[k]->per_mille / 1000.0 : 0;
	}
	r->g.names = (struct gen_names){(uint32_t)r->o.names, r->o.seed};
	fill_pools(&r->g, r->o.seed);
	if ((rc = parse_size(r->o.bytes, &r->bytes, e)) ||
	    (rc = parse_share(r->o.listed_share, &r->listed_share, e)) ||
	    (rc = open_side(r->o.truth, &r->truth, e)) || (rc = open_side(r->o.every, &r->every, e)) ||
	    (r->o.list && (rc = write_list(&r->g, r->o.list, e))))
		return rc;
	struct slot *slots = calloc(r->o.active, sizeof(*slots));
	r->g.qc = quic_crypto_new();
	if (!slots || !r->g.qc)
		rc = err_set(e, -ENOMEM, "out of memory");
	if (!rc && !(rc = gen_out_open(&r->g.out, r->o.out, !r->o.microseconds, r->o.gigabits, e))) {
		traffic(r, slots);
		rc = gen_out_close(&r->g.out, e);
	}
	quic_crypto_free(r->g.qc);
	free(slots);
	int truth = close_side(r->truth, r->o.truth, e), every = close_side(r->every, r->o.every, e);
	return rc ? rc : truth ? truth : every;
}

int main(int argc, char **argv)
{
	static struct run r = {.o = {.bytes = "1G",
				     .listed_share = "1%",
				     .out = "mix.pcap",
				     .flows = 50000,
				     .names = 100000,
				     .active = 8192,
				     .seed = 1,
				     .gigabits = 10}};
	char **args = calloc((size_t)argc, sizeof(*args));
	struct err e = {""};
	int n = 0, rc = args ? opt_parse(&program, argc, argv, &r.o, args, &n, &e) : -ENOMEM;
	if (rc == OPT_RUN && n)
		rc = err_set(&e, -EINVAL, "%s: what is this for? See gen_traffic --help", args[0]);
	if (rc == OPT_RUN && !(rc = run(&r, &e)))
		summary(&r);
	free(args);
	if (rc < 0)
		fprintf(stderr, "gen_traffic: %s\n", e.text);
	return rc < 0 ? 2 : 0;
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/replay/hits.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct row {
	struct rule_ref rule;
	uint8_t proto, action;
	uint64_t times;
};

struct hits {
	FILE *out;
	const struct ruleset *rs;
	bool json;
	struct row *rows;
	unsigned n_rows, cap_rows;
	uint64_t unlisted; /* hits beyond HITS_ROWS rows */
};

struct hits *hits_new(FILE *out, const struct ruleset *rs, bool json)
{
	struct hits *h = calloc(1, sizeof(*h));
	if (h) {
		h->out = out;
		h->rs = rs;
		h->json = json;
	}
	return h;
}

void hits_free(struct hits *h)
{
	if (!h)
		return;
	free(h->rows);
	free(h);
}

/* A JSON string; list names are the operator's text. */
static void put_string(FILE *out, const char *text)
{
	fputc('"', out);
	for (const unsigned char *t = (const unsigned char *)text; *t; t++) {
		if (*t < 0x20)
			fprintf(out, "\\u%04x", *t);
		else if (*t == '"' || *t == '\\')
			fprintf(out, "\\%c", *t);
		else
			fputc(*t, out);
	}
	fputc('"', out);
}

static void print_json(struct hits *h, const struct hit *hit, uint64_t time_ns)
{
	char src[INET6_ADDRSTRLEN], dst[INET6_ADDRSTRLEN];
	int family = hit->version == 4 ? AF_INET : AF_INET6;
	inet_ntop(family, hit->src, src, sizeof(src));
	inet_ntop(family, hit->dst, dst, sizeof(dst));
	fprintf(h->out, "{\"event\":\"hit\",\"ts\":%" PRIu64 ".%09" PRIu64 ",\"proto\":\"%s\",\"list\":",
		time_ns / 1000000000, time_ns % 1000000000, hit_proto_names[hit->proto]);
	put_string(h->out, ruleset_meta(h->rs, hit->rule.list, META_name));
	fprintf(h->out,
		",\"line\":%u,\"rule\":\"%016" PRIx64
		"\",\"action\":\"%s\",\"src\":\"%s\",\"sport\":%u,\"dst\":\"%s\","
		"\"dport\":%u}\n",
		hit->rule.line, hit->rule.id, action_names[hit->action], src, hit->sport, dst, hit->dport);
}

static void count_row(struct hits *h, const struct hit *hit)
{
	for (unsigned i = 0; i < h->n_rows; i++) {
		struct row *r = &h->rows[i];
		if (r->rule.line == hit->rule.line && r->rule.list == hit->rule.list &&
		    r->proto == hit->proto && r->action == hit->action) {
			r->times++;
			return;
		}
	}
	if (h->n_rows == h->cap_rows) {
		unsigned cap = h->cap_rows ? h->cap_rows * 2 : 64;
		struct row *rows = cap > HITS_ROWS ? NULL : realloc(h->rows, cap * sizeof(*rows));
		if (!rows) {
			h->unlisted++;
			return;
		}
		h->rows = rows;
		h->cap_rows = cap;
	}
	h->rows[h->n_rows++] = (struct row){hit->rule, hit->proto, hit->action, 1};
}

void hits_add(struct hits *h, const struct hit *hit, uint64_t time_ns)
{
	if (h->json)
		print_json(h, hit, time_ns);
	else
		count_row(h, hit);
}

void hits_summary(struct hits *h, const struct counters *c, uint64_t frames, uint64_t bytes)
{
	if (!h->json)
		return;
	/* frames and bytes are the captures'; packets and bytes among the counters are what was judged */
	fprintf(h->out, "{\"event\":\"summary\",\"frames\":%" PRIu64 ",\"frame_bytes\":%" PRIu64, frames,
		bytes);
	for (unsigned i = 0; i < counter_rows_n; i++)
		fprintf(h->out, ",\"%s\":%" PRIu64, counter_rows[i].name, counter_value(c, i));
	fprintf(h->out, "}\n");
}

static int by_place(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	if (x->rule.list != y->rule.list)
		return x->rule.list < y->rule.list ? -1 : 1;
	if (x->rule.line != y->rule.line)
		return x->rule.line < y->rule.line ? -1 : 1;
	return (int)x->proto - (int)y->proto;
}

static const char *const sent_instead[ACTION_N] = {
    [ACTION_COUNT] = "nothing: counted only",	   [ACTION_DROP] = "nothing: dropped",
    [ACTION_RESET] = "RST to both ends",	   [ACTION_PAGE] = "HTTP 451 page, RST to server",
    [ACTION_REDIRECT] = "HTTP 302, RST to server", [ACTION_ALERT] = "TLS alert, RST to both ends",
    [ACTION_CLOSE] = "QUIC CONNECTION_CLOSE",	   [ACTION_NXDOMAIN] = "DNS NXDOMAIN, EDE 16",
    [ACTION_ADDRESS] = "DNS answer, EDE 16",	   [ACTION_ICMP] = "ICMP prohibited",
};

void hits_table(struct hits *h, const struct counters *c)
{
	if (h->json)
		return;
	if (!h->n_rows) {
		fprintf(h->out, "Nothing was blocked.\n");
	} else {
		qsort(h->rows, h->n_rows, sizeof(*h->rows), by_place);
		fprintf(h->out, "%-5s  %-24s %8s  %-10s %8s  %s\n", "PROTO", "LIST", "LINE", "RULE", "HITS",
			"SENT INSTEAD");
	}
	for (unsigned i = 0; i < h->n_rows; i++) {
		const struct row *r = &h->rows[i];
		fprintf(h->out, "%-5s  %-24.24s %8u  %-10s %8" PRIu64 "  %s\n", hit_proto_names[r->proto],
			ruleset_meta(h->rs, r->rule.list, META_name), r->rule.line,
			rule_kind_names[r->rule.kind], r->times, sent_instead[r->action]);
	}
	if (h->unlisted)
		fprintf(h->out, "and %" PRIu64 " hits of further rules\n", h->unlisted);
	fprintf(h->out,
		"\n%" PRIu64 " packets, %" PRIu64 " flows inspected, %" PRIu64 " names looked up: %" PRIu64
		" hits, %" PRIu64 " frames dropped, %" PRIu64 " answers injected\n",
		c->packets, c->flows, c->names, c->hits, c->dropped, c->answers);
}

void hits_stats(FILE *out, const struct counters *c)
{
	for (unsigned i = 0; i < counter_rows_n; i++)
		fprintf(out, "%14" PRIu64 "  %-18s  %s\n", counter_value(c, i), counter_rows[i].name,
			counter_rows[i].help);
}

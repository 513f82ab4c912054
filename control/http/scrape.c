/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <string.h>

#include "control/audit/audit.h"
#include "control/audit/index.h"
#include "control/audit/retention.h"
#include "control/http/http_state.h"

#define KEPT_MS 1000 /* scrapes within it get the same text: asking often costs nothing */

static struct metrics_log log_of(struct audit *a)
{
	const struct log_status *s = log_status(audit_log(a));
	const struct retention_status *r = retention_status(audit_retention(a));
	return (struct metrics_log){.leaves = s->size,
				    .durable = s->durable,
				    .published = s->published,
				    .published_ns = s->published_ns,
				    .staged_bytes = s->staged_bytes,
				    .commits = s->commits,
				    .failures = s->failures,
				    .syncs_ns = s->syncs_ns,
				    .indexed = index_applied(audit_index(a)),
				    .bodies_removed = r->total,
				    .retention_ns = (uint64_t)r->ended_well * 1000000000};
}

static int take(struct http *h)
{
	unsigned n = engine_nodes(h->engine);
	struct metrics_node *nodes = calloc(n ? n : 1, sizeof(*nodes));
	char *text = NULL;
	size_t bytes = 0;
	FILE *f = open_memstream(&text, &bytes);
	int err = nodes && f ? 0 : -1;
	for (unsigned i = 0; !err && i < n; i++) {
		struct link *l = engine_node(h->engine, i);
		nodes[i] = (struct metrics_node){link_status(l), link_figures(l)};
	}
	struct sink_figures sinks[CONTROL_SINKS_MAX];
	unsigned n_sinks = 0;
	while (n_sinks < CONTROL_SINKS_MAX && sinks_look(h->sinks, n_sinks, &sinks[n_sinks]))
		n_sinks++;
	const struct metrics_log log = log_of(engine_audit(h->engine));
	const struct metrics_view view = {engine_counts(h->engine), nodes, n, sinks, n_sinks, &log};
	if (!err)
		err = metrics_write(h->metrics, &view, f, NULL);
	if (f && fclose(f))
		err = -1;
	free(nodes);
	if (err) {
		free(text);
		return err;
	}
	free(h->scraped);
	h->scraped = text;
	h->scraped_bytes = bytes;
	h->scraped_ms = uv_now(h->loop);
	return 0;
}

enum MHD_Result answer_metrics(struct request *r)
{
	struct http *h = r->http;
	if (!client_may_scrape(h, r->connection))
		return reply_refusal(r, MHD_HTTP_FORBIDDEN);
	if ((!h->scraped || uv_now(h->loop) - h->scraped_ms >= KEPT_MS) && take(h))
		return reply_refusal(r, MHD_HTTP_INTERNAL_SERVER_ERROR);
	char *copy = malloc(h->scraped_bytes + 1);
	if (!copy)
		return MHD_NO;
	memcpy(copy, h->scraped, h->scraped_bytes);
	return reply(
	    r, &(struct reply){.status = MHD_HTTP_OK, .type = "text/plain; version=0.0.4; charset=utf-8"},
	    copy, h->scraped_bytes);
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <string.h>

#include "control/http/http_state.h"

#define KEPT_MS 1000 /* scrapes within it get the same text: asking often costs nothing */

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
	const struct metrics_view view = {engine_counts(h->engine), nodes, n, sinks, n_sinks};
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

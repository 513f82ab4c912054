/* SPDX-License-Identifier: BSD-3-Clause */
/* Where the order says so, a hit of the active version blocks the server's address for a while: never one that is guarded. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "control/engine/engine_state.h"
#include "control/log.h"

/* Asked of the store once a version, not once a hit. */
void engine_blocks_load(struct engine *g)
{
	const json_t *lists = json_object_get(g->plan, "lists");
	size_t n = json_array_size(lists);
	free(g->block_s);
	g->block_s = calloc(n + 1, sizeof(*g->block_s));
	g->n_block_s = g->block_s ? (unsigned)n : 0;
	if (!g->block_s)
		log_error("no memory for which orders block servers: none does");
	for (unsigned i = 0; i < g->n_block_s; i++)
		store_int(g->store, &g->block_s[i], NULL,
			  "SELECT coalesce(fields ->> 'block_server_s', 0) FROM orders WHERE id = ?", "i",
			  (int64_t)json_integer_value(json_object_get(json_array_get(lists, i), "order")));
}

struct server {
	char text[INET6_ADDRSTRLEN];
	struct list_entry entry;
};

static bool server_of(const struct event_hit *h, struct server *ret)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	bool is4 = h->ip_version == 4;
	if (!inet_ntop(is4 ? AF_INET : AF_INET6, h->dst, ret->text, sizeof(ret->text)))
		return false;
	ret->entry = (struct list_entry){.kind = RULE_PREFIX, .prefix_len = 128};
	if (is4) {
		memcpy(ret->entry.addr, mapped, sizeof(mapped));
		memcpy(ret->entry.addr + 12, h->dst, 4);
	} else {
		memcpy(ret->entry.addr, h->dst, 16);
	}
	return true;
}

void engine_block_server(struct node *n, const struct event_hit *h)
{
	struct engine *g = n->engine;
	struct server server;
	if (h->version != (uint64_t)g->active.id || h->list >= g->n_block_s || g->block_s[h->list] <= 0 ||
	    !server_of(h, &server) || guard_find(g->guard, &server.entry))
		return;
	link_block(n->link, server.text, (unsigned)g->block_s[h->list], h->list, NULL, NULL, NULL);
}

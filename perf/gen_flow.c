/* SPDX-License-Identifier: BSD-3-Clause */
/* gen_flow: who a flow is: its kind, names and addresses. */
#include <string.h>

#include "perf/gen.h"

#define PORT_FIRST 10240u /* above what tunnels use, so that no client port is one */

enum { TAG_KIND = 1, TAG_LISTED, TAG_LOOK, TAG_NAME, TAG_LATE, TAG_PQ, TAG_SWAP, TAG_V6, TAG_PORT, TAG_SEQ };

const struct gen_kind *const gen_kinds[GEN_KINDS] = {&gen_tls, &gen_quic, &gen_http,
						     &gen_dns, &gen_ssh,  &gen_datagrams};

unsigned gen_flow_names(const struct gen_flow *f)
{
	return f->kind->names ? f->kind->names(f) : f->kind->proto != NULL;
}

/* One of three listed connections with several requests comes to the listed name only in its last. */
size_t gen_flow_name(const struct gen *g, const struct gen_flow *f, unsigned k, char *ret, bool *ret_listed)
{
	static const uint8_t listed[] = {LOOK_LISTED, LOOK_LISTED, LOOK_LISTED, LOOK_BELOW};
	static const uint8_t others[] = {LOOK_UNLISTED, LOOK_UNLISTED, LOOK_UNLISTED,  LOOK_UNLISTED, LOOK_X,
					 LOOK_SIBLING,	LOOK_PARENT,   LOOK_OTHER_TOP, LOOK_GOES_ON};
	bool late = gen_rnd(f, TAG_LATE, 3) == 0 && k + 1 < gen_flow_names(f);
	*ret_listed = f->listed && !late;
	enum gen_look look = (enum gen_look)(*ret_listed ? listed[gen_rnd(f, TAG_LOOK, sizeof(listed))]
							 : others[gen_rnd(f, TAG_LOOK, sizeof(others))]);
	return gen_name(&g->names, gen_rnd(f, TAG_NAME, g->names.n), look, ret);
}

static void set_v6(const struct gen *g, struct gen_flow *f, unsigned client, unsigned server)
{
	static const uint8_t client6[] = {0x20, 1, 0x0d, 0xb8, 0, 1}, server6[] = {0x20, 1, 0x0d, 0xb8, 0, 2};
	struct gen_ends *e = &f->ends;
	memcpy(e->addr[0], client6, sizeof(client6));
	memcpy(e->addr[1], server6, sizeof(server6));
	gen_fill(g, f, TAG_V6, e->addr[0] + 8, 7);
	e->addr[0][15] = (uint8_t)client;
	e->addr[1][14] = (uint8_t)(server >> 8);
	e->addr[1][15] = (uint8_t)server;
}

static void set_v4(struct gen_flow *f, unsigned client, unsigned server)
{
	const uint8_t c[4] = {198, 51, 100, (uint8_t)client};
	const uint8_t low[4] = {203, 0, 113, (uint8_t)(1 + server)},
		      high[4] = {192, 0, 2, (uint8_t)(server - 249)};
	memcpy(f->ends.addr[0], c, 4);
	memcpy(f->ends.addr[1], server < 250 ? low : high, 4);
}

/* Flow number i's ends; its client address and port are no other flow's. */
static void set_ends(const struct gen *g, struct gen_flow *f, uint64_t seed, uint64_t i)
{
	uint64_t place = (i * 7919 + seed % GEN_FLOWS_MAX) % GEN_FLOWS_MAX;
	unsigned client = (unsigned)(place % GEN_CLIENTS) + 1;
	unsigned server = gen_rnd(f, TAG_NAME, f->kind->servers);
	f->ends.v6 = gen_rnd(f, TAG_V6, 100) < 15;
	if (f->ends.v6)
		set_v6(g, f, client, server);
	else
		set_v4(f, client, server);
	f->ends.port[0] = (uint16_t)(PORT_FIRST + place / GEN_CLIENTS);
	f->ends.port[1] = gen_rnd(f, TAG_PORT, 50) ? f->kind->port : f->kind->other_port;
}

static unsigned pick_kind(const struct gen_flow *f)
{
	unsigned at = gen_rnd(f, TAG_KIND, 1000), k = 0;
	while (at >= gen_kinds[k]->per_mille)
		at -= gen_kinds[k++]->per_mille;
	return k;
}

unsigned gen_flow_begin(const struct gen *g, struct gen_flow *f, uint64_t seed, uint64_t i,
			double listed_share)
{
	f->seed = gen_mix(seed * 0x51ed2701 + i);
	unsigned k = pick_kind(f);
	f->kind = gen_kinds[k];
	set_ends(g, f, seed, i);
	f->listed = f->kind->proto && gen_rnd(f, TAG_LISTED, 1u << 30) < listed_share * (1u << 30);
	f->post_quantum = gen_rnd(f, TAG_PQ, 2);
	f->swapped = gen_rnd(f, TAG_SWAP, 25) == 0 && f->kind->bulk;
	f->seq[0] = gen_rnd(f, TAG_SEQ, UINT32_MAX);
	f->seq[1] = gen_rnd(f, TAG_SEQ + 1000, UINT32_MAX);
	return k;
}

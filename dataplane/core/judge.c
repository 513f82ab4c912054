/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "common/bytes.h"
#include "dataplane/core/pipeline_state.h"

static enum verdict decide(struct pipeline *p, struct flow *f, struct work *w, struct sighting *seen)
{
	if (seen->match.block)
		return respond(p, f, w, seen);
	p->count.excepted += seen->match.rule.is_set;
	return VERDICT_PASS;
}

enum verdict judge_name(struct pipeline *p, struct flow *f, struct work *w, struct sighting *seen,
			struct span name)
{
	p->count.names++;
	if (name_canonical(name.p, name.len, &p->name) != NAME_OK) {
		p->count.names_bad++;
		return VERDICT_PASS;
	}
	ruleset_match_name(p->rs, p->rs_scratch, &p->name, &seen->match);
	return decide(p, f, w, seen);
}

enum verdict judge_hello(struct pipeline *p, struct flow *f, struct work *w, struct sighting *seen,
			 unsigned from)
{
	enum verdict v = VERDICT_PASS;
	for (unsigned i = from; i < p->hello.n_names; i++)
		if (judge_name(p, f, w, seen, p->hello.names[i]) == VERDICT_DROP)
			v = VERDICT_DROP;
	return v;
}

static uint16_t default_port(uint16_t port)
{
	return port == 80 || port == 443 ? 0 : port;
}

/* A request names its port twice: in its authority and by where it is sent. Servers mostly ignore the first,
 * proxies the second, so both are judged where they differ. */
enum verdict judge_request(struct pipeline *p, struct flow *f, struct work *w, struct sighting *seen,
			   struct span authority, struct span target)
{
	uint16_t said = 0, sent_to = default_port(w->d.dport);
	p->count.names++;
	if (name_from_authority(authority.p, authority.len, &p->name, &said) != NAME_OK) {
		p->count.names_bad++;
		return VERDICT_PASS;
	}
	said = default_port(said);
	url_from_request(&p->name, said, target.p, target.len, &p->url);
	ruleset_match_url(p->rs, p->rs_scratch, &p->url, &seen->match);
	if (!seen->match.rule.is_set && sent_to != said) {
		url_set_port(&p->url, sent_to);
		ruleset_match_url(p->rs, p->rs_scratch, &p->url, &seen->match);
	}
	return decide(p, f, w, seen);
}

static bool match_end(struct pipeline *p, const struct work *w, const uint8_t *addr, struct match *ret)
{
	if (w->d.version == 4) {
		if (!p->addr4)
			return false;
		return ruleset_match_addr4(p->rs, be32(addr), ret);
	}
	return p->addr6 && ruleset_match_addr(p->rs, addr, ret);
}

/* Whether this packet of a listed address's flow is the first seen; without ports, every packet is. The entry is apart from
 * the flow's own, which goes on where the action only counts. */
static bool first_of_flow(struct pipeline *p, struct work *w, bool from_listed)
{
	struct flow_key k = w->key;
	if (!w->has_key)
		return true;
	k.epoch = FLOW_ADDRESS_EPOCH;
	if (flow_find(p->flows, &k, w->hash))
		return false;
	struct flow *f = pipeline_flow_new(p, w, &k);
	f->state = FLOW_ADDRESS;
	f->flags = w->src_lo != from_listed ? FLOW_CLIENT_LO : 0;
	return true;
}

enum verdict judge_address(struct pipeline *p, struct work *w)
{
	struct sighting seen = {.proto = HIT_IP};
	bool to = match_end(p, w, w->d.dst, &seen.match);
	if (!to && !match_end(p, w, w->d.src, &seen.match))
		return VERDICT_PASS;
	enum action a = ruleset_action(p->rs, seen.match.rule.list, META_action_ip);
	if (!first_of_flow(p, w, !to))
		return a == ACTION_COUNT || p->cfg.monitor ? VERDICT_PASS : VERDICT_DROP;
	w->answered = !to; /* what a listed address sends is dropped without a word */
	return respond(p, NULL, w, &seen);
}

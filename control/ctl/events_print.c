/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/ctl/events.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <time.h>

#include "common/hex.h"
#include "common/hit_proto.h"
#include "common/quote.h"
#include "common/rpc.h"
#include "rules/list.h"
#include "rules/meta.h"

/* The word for i, or its number. */
static json_t *word(const char *const *names, unsigned n, unsigned i)
{
	return i < n ? json_string(names[i]) : json_integer(i);
}

static json_t *address(const struct event_hit *h, const uint8_t *a)
{
	char text[INET6_ADDRSTRLEN] = "";
	inet_ntop(h->ip_version == 6 ? AF_INET6 : AF_INET, a, text, sizeof(text));
	return json_string(text);
}

/* RFC 3339, in UTC. */
static json_t *moment(uint64_t ns)
{
	char text[64] = "", whole[32] = "";
	time_t s = (time_t)(ns / 1000000000);
	struct tm t;
	if (gmtime_r(&s, &t))
		strftime(whole, sizeof(whole), "%Y-%m-%dT%H:%M:%S", &t);
	snprintf(text, sizeof(text), "%s.%06uZ", whole, (unsigned)(ns % 1000000000 / 1000));
	return json_string(text);
}

static json_t *hex(const uint8_t *p, unsigned n)
{
	char text[65];
	hex_write(p, n < 32 ? n : 32, text);
	return json_string(text);
}

static json_t *rule_id(uint64_t id)
{
	char text[17];
	snprintf(text, sizeof(text), "%016" PRIx64, id);
	return json_string(text);
}

static json_t *hit(const struct event *ev)
{
	const struct event_hit *h = &ev->hit;
	return json_pack("{s:o, s:o, s:o, s:i, s:I, s:o, s:o, s:o, s:i, s:o, s:i, s:i}", "proto",
			 word(hit_proto_names, HIT_PROTOS_N, h->proto), "action",
			 word(action_names, ACTION_N, h->action), "kind",
			 word(rule_kind_names, RULE_KINDS_N, h->kind), "list", (int)h->list, "line",
			 (json_int_t)h->line, "rule", rule_id(h->rule), "ruleset", rpc_u64(h->version), "src",
			 address(h, h->src), "sport", (int)h->sport, "dst", address(h, h->dst), "dport",
			 (int)h->dport, "port", (int)h->port);
}

static json_t *gap(const struct event *ev)
{
	return json_pack("{s:o, s:o}", "first", rpc_u64(ev->gap.first), "last", rpc_u64(ev->gap.last));
}

static json_t *outage(const struct event *ev)
{
	const struct event_outage *o = &ev->outage;
	return json_pack("{s:i, s:o, s:s, s:o, s:o, s:o, s:o}", "port", (int)o->port, "reason",
			 word(event_outage_reason_names, EVENT_OUTAGE_REASONS_N, o->reason), "fail",
			 o->fail_closed ? "closed" : "open", "began", moment(o->began_ns), "ended",
			 moment(o->ended_ns), "frames", rpc_u64(o->frames), "bytes", rpc_u64(o->bytes));
}

static json_t *swap(const struct event *ev)
{
	return json_pack("{s:o, s:o, s:o}", "outcome",
			 word(event_swap_outcome_names, EVENT_SWAP_OUTCOMES_N, ev->swap.outcome), "ruleset",
			 rpc_u64(ev->swap.version), "digest", hex(ev->swap.digest, sizeof(ev->swap.digest)));
}

static json_t *start(const struct event *ev)
{
	return json_pack("{s:I}", "pid", (json_int_t)ev->start.pid);
}

static json_t *link_change(const struct event *ev)
{
	return json_pack("{s:i, s:b}", "port", (int)ev->link.port, "up", (int)ev->link.up);
}

static json_t *(*const details[EVENT_TYPES_N])(const struct event *) = {
    [EVENT_HIT] = hit,	 [EVENT_GAP] = gap,	[EVENT_OUTAGE] = outage,
    [EVENT_SWAP] = swap, [EVENT_START] = start, [EVENT_LINK] = link_change,
};

json_t *event_to_json(const struct event *ev, unsigned ring)
{
	json_t *event = json_pack("{s:o, s:o, s:i, s:o}", "time", moment(ev->time_ns), "event",
				  word(event_type_names, EVENT_TYPES_N, ev->type), "ring", (int)ring, "seq",
				  rpc_u64(ev->seq));
	json_t *more = ev->type < EVENT_TYPES_N ? details[ev->type](ev) : NULL;
	if (more)
		json_object_update(event, more);
	json_decref(more);
	return event;
}

static void print_value(const json_t *v, FILE *out)
{
	if (json_is_string(v))
		quote_plain(out, json_string_value(v));
	else
		json_dumpf(v, out, JSON_ENCODE_ANY);
}

void event_print(const json_t *event, FILE *out)
{
	const char *key, *between = "";
	json_t *v;
	json_object_foreach((json_t *)event, key, v)
	{
		fputs(between, out);
		if (*between && v != json_object_get(event, "event"))
			fprintf(out, "%s=", key);
		print_value(v, out);
		between = " ";
	}
	fputc('\n', out);
}

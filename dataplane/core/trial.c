/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/core/trial.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/bytes.h"
#include "dataplane/core/pipeline_state.h"
#include "dataplane/core/quic.h"
#include "dataplane/core/quic_versions.h"
#include "dataplane/core/trial_frames.h"

#define SEGMENT_BYTES  1400
#define QUIC_V1	       1u
#define QUIC_DATAGRAM  1200
#define FIRST_PORT     1024u
#define PORTS	       64000u
#define TRIAL_FLOWS    1024
#define SERVER_SEQ     5000u
#define HTTP_AROUND    "GET %.*s HTTP/1.1\r\nHost: %.*s\r\nAccept: */*\r\nConnection: close\r\n\r\n"
#define HTTP_MAX_BYTES (TRIAL_TEXT_MAX + 128)

/* The first pair of a family of which the ruleset says nothing. */
static const char *const ends[2][3][2] = {
    {{"192.0.2.201", "198.51.100.201"},
     {"203.0.113.201", "203.0.113.202"},
     {"198.51.100.201", "192.0.2.201"}},
    {{"2001:db8:7072:6f62::1", "2001:db8:7072:6f62::2"},
     {"2001:db8:726f:6a61::1", "2001:db8:726f:6a61::2"},
     {"2001:db8::1", "2001:db8:ffff::2"}},
};

static void read_address(const char *text, uint8_t ret[16])
{
	memcpy(ret, (const uint8_t[16]){[10] = 0xff, [11] = 0xff}, 16);
	if (inet_pton(AF_INET, text, ret + 12) != 1)
		inet_pton(AF_INET6, text, ret);
}

static bool says_nothing_of(const struct ruleset *rs, const uint8_t addr[16])
{
	struct match m;
	return !rs || (!ruleset_match_addr(rs, addr, &m) && !m.rule.is_set && !m.exception.is_set);
}

/* Whether a pair was found that is free of rules; else the last one stays. */
static bool choose_ends(struct trial_batch *b, unsigned family, const struct ruleset *rs)
{
	for (unsigned i = 0; i < sizeof(ends[0]) / sizeof(ends[0][0]); i++) {
		read_address(ends[family][i][0], b->client[family]);
		read_address(ends[family][i][1], b->server[family]);
		if (says_nothing_of(rs, b->client[family]) && says_nothing_of(rs, b->server[family]))
			return true;
	}
	return false;
}

int trial_batch_new(struct trial_batch **ret, struct err *e)
{
	struct trial_batch *b = calloc(1, sizeof(*b));
	if (!b || !(b->quic = quic_crypto_new())) {
		free(b);
		return err_set(e, -ENOMEM, "no memory for a batch of trials");
	}
	trial_reset(b, NULL);
	*ret = b;
	return 0;
}

void trial_batch_free(struct trial_batch *b)
{
	if (!b)
		return;
	quic_crypto_free(b->quic);
	explicit_bzero(b, sizeof(*b));
	free(b);
}

void trial_reset(struct trial_batch *b, const struct ruleset *rs)
{
	explicit_bzero(b->room, b->used);
	b->n = b->n_frames = 0;
	b->used = 0;
	bool v4 = choose_ends(b, 0, rs), v6 = choose_ends(b, 1, rs);
	b->family = !v4 && v6;
}

/* A request on its way into a batch. */
struct adding {
	struct trial_batch *b;
	struct trial_request r;
	struct trial_ends out, back; /* from the client; from the server */
	uint32_t seq;		     /* the client's next */
};

static struct adding begin(struct trial_batch *b, enum try_proto proto, const uint8_t *client,
			   const uint8_t *server, uint16_t port)
{
	uint16_t own = (uint16_t)(FIRST_PORT + b->number % PORTS);
	return (struct adding){.b = b,
			       .r = {.proto = (uint8_t)proto, .from = (uint16_t)b->n_frames},
			       .out = {client, server, own, port},
			       .back = {server, client, port, own},
			       .seq = 0x10000000u + b->number};
}

/* Room for a frame with so much payload; NULL: the batch is full. */
static uint8_t *room_for(struct adding *a, size_t payload)
{
	struct trial_batch *b = a->b;
	if (a->r.n == TRIAL_FRAMES_MAX || b->n_frames + a->r.n == TRIAL_FRAMES ||
	    TRIAL_ROOM - b->used < TRIAL_HEADERS_MAX + payload)
		return NULL;
	return b->room + b->used;
}

static bool took(struct adding *a, size_t len)
{
	struct trial_batch *b = a->b;
	b->frames[b->n_frames + a->r.n++] = (struct trial_frame){(uint32_t)b->used, (uint32_t)len};
	b->used += (len + 63) & ~(size_t)63;
	b->used = b->used < TRIAL_ROOM ? b->used : TRIAL_ROOM;
	return true;
}

static bool put_tcp(struct adding *a, bool from_server, uint8_t flags, struct span payload)
{
	uint8_t *room = room_for(a, payload.len);
	if (!room)
		return false;
	size_t len = from_server ? trial_tcp(&a->back, flags, SERVER_SEQ, a->seq, payload, room)
				 : trial_tcp(&a->out, flags, a->seq, flags & TCP_ACK ? SERVER_SEQ + 1 : 0,
					     payload, room);
	a->seq += (uint32_t)payload.len + (!from_server && flags & TCP_SYN ? 1 : 0);
	return took(a, len);
}

static bool put_udp(struct adding *a, struct span payload)
{
	uint8_t *room = room_for(a, payload.len);
	return room && took(a, trial_udp(&a->out, payload, room));
}

/* Handshake and the client's first bytes. */
static bool put_connection(struct adding *a, struct span said)
{
	const struct span nothing = {NULL, 0};
	if (!put_tcp(a, false, TCP_SYN, nothing) || !put_tcp(a, true, TCP_SYN | TCP_ACK, nothing) ||
	    !put_tcp(a, false, TCP_ACK, nothing))
		return false;
	while (said.len) {
		size_t n = said.len < SEGMENT_BYTES ? said.len : SEGMENT_BYTES;
		if (!put_tcp(a, false, TCP_ACK | TCP_PSH, (struct span){said.p, n}))
			return false;
		said = (struct span){said.p + n, said.len - n};
	}
	return true;
}

static int full(struct err *e)
{
	return err_set(e, -ENOSPC, "the batch is full: ask in smaller batches");
}

static int finish(struct adding *a, bool whole, struct err *e)
{
	struct trial_batch *b = a->b;
	if (!whole)
		return full(e);
	b->n_frames += a->r.n;
	b->requests[b->n++] = a->r;
	b->number++;
	return 0;
}

static bool is_name(struct span text)
{
	return text.len && text.len <= NAME_MAX_BYTES && !memchr(text.p, 0, text.len);
}

static int not_a_name(struct err *e)
{
	return err_set(e, -EINVAL, "it is no name: give 1 to %d bytes, labels of 63 at most", NAME_MAX_BYTES);
}

static int add_tls(struct trial_batch *b, struct span text, struct err *e)
{
	uint8_t hello[TRIAL_HELLO_MAX];
	if (!is_name(text))
		return not_a_name(e);
	struct adding a = begin(b, TRY_TLS, b->client[b->family], b->server[b->family], 443);
	size_t n = trial_hello(text, false, b->number, hello);
	int err = finish(&a, put_connection(&a, (struct span){hello, n}), e);
	explicit_bzero(hello, sizeof(hello));
	return err;
}

static int add_quic(struct trial_batch *b, struct span text, struct err *e)
{
	uint8_t frames[4 + TRIAL_HELLO_MAX], datagram[QUIC_DATAGRAM + 64], cid[8] = {'r', 'o', 'j', 'a'};
	struct quic_keys keys;
	if (!is_name(text))
		return not_a_name(e);
	struct adding a = begin(b, TRY_QUIC, b->client[b->family], b->server[b->family], 443);
	size_t n = trial_hello(text, true, b->number, frames + 4);
	frames[0] = 6; /* CRYPTO (RFC 9000, 19.6) from offset 0 */
	frames[1] = 0;
	put_be16(frames + 2, (uint16_t)(0x4000 | n));
	put_be32(cid + 4, b->number);
	quic_keys_derive(b->quic, QUIC_V1, cid, sizeof(cid), false, &keys);
	n = quic_initial_build(b->quic, QUIC_V1, (struct span){cid, sizeof(cid)}, (struct span){cid + 4, 4},
			       (struct span){NULL, 0}, &keys, 0, (struct span){frames, 4 + n}, QUIC_DATAGRAM,
			       datagram, sizeof(datagram));
	int err = n ? finish(&a, put_udp(&a, (struct span){datagram, n}), e)
		    : err_set(e, -EIO, "no QUIC Initial could be made");
	explicit_bzero(frames, sizeof(frames));
	explicit_bzero(datagram, sizeof(datagram));
	return err;
}

static int add_dns(struct trial_batch *b, struct span text, struct err *e)
{
	uint8_t query[TRIAL_QUERY_MAX];
	struct adding a = begin(b, TRY_DNS, b->client[b->family], b->server[b->family], 53);
	size_t n = is_name(text) ? trial_query(text, (uint16_t)b->number, query) : 0;
	if (!n)
		return not_a_name(e);
	int err = finish(&a, put_udp(&a, (struct span){query, n}), e);
	explicit_bzero(query, sizeof(query));
	return err;
}

/* Behind its length (RFC 1035, 4.2.2) */
static int add_dns_tcp(struct trial_batch *b, struct span text, struct err *e)
{
	uint8_t query[2 + TRIAL_QUERY_MAX];
	struct adding a = begin(b, TRY_DNS_TCP, b->client[b->family], b->server[b->family], 53);
	size_t n = is_name(text) ? trial_query(text, (uint16_t)b->number, query + 2) : 0;
	if (!n)
		return not_a_name(e);
	put_be16(query, (uint16_t)n);
	int err = finish(&a, put_connection(&a, (struct span){query, 2 + n}), e);
	explicit_bzero(query, sizeof(query));
	return err;
}

static bool is_printable(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] <= ' ' || s.p[i] == 0x7f)
			return false;
	return true;
}

/* The port behind the host; 80 where there is none; 0: it is none. */
static unsigned port_of(struct span host)
{
	const uint8_t *colon = memrchr(host.p, ':', host.len), *bracket = memrchr(host.p, ']', host.len);
	unsigned port = 0;
	if (!colon || (bracket && bracket > colon))
		return 80;
	for (const uint8_t *p = colon + 1; p < host.p + host.len; p++) {
		if (*p < '0' || *p > '9' || port > 65535)
			return 0;
		port = port * 10 + (unsigned)(*p - '0');
	}
	return port <= 65535 ? port : 0;
}

static int add_http(struct trial_batch *b, struct span text, struct err *e)
{
	const uint8_t *slash = memchr(text.p, '/', text.len);
	struct span host = {text.p, slash ? (size_t)(slash - text.p) : text.len};
	struct span target = {(const uint8_t *)"/", 1};
	char request[HTTP_MAX_BYTES];
	if (slash)
		target = (struct span){slash, text.len - host.len};
	unsigned port = host.len ? port_of(host) : 0;
	if (!port || !is_printable(text))
		return err_set(e, -EINVAL, "it is no URL: give host[:port]/path, without blanks");
	struct adding a = begin(b, TRY_HTTP, b->client[b->family], b->server[b->family], (uint16_t)port);
	int n = snprintf(request, sizeof(request), HTTP_AROUND, (int)target.len, (const char *)target.p,
			 (int)host.len, (const char *)host.p);
	int err = finish(&a, put_connection(&a, (struct span){(const uint8_t *)request, (size_t)n}), e);
	explicit_bzero(request, sizeof(request));
	return err;
}

static int add_ip(struct trial_batch *b, struct span text, struct err *e)
{
	char address[INET6_ADDRSTRLEN + 1] = "";
	uint8_t server[16] = {[10] = 0xff, [11] = 0xff};
	if (text.len < sizeof(address))
		memcpy(address, text.p, text.len);
	bool v4 = inet_pton(AF_INET, address, server + 12) == 1;
	if (!v4 && inet_pton(AF_INET6, address, server) != 1)
		return err_set(e, -EINVAL, "it is no address: give one such as 192.0.2.1 or 2001:db8::1");
	struct adding a = begin(b, TRY_IP, b->client[!v4], server, 443);
	return finish(&a, put_tcp(&a, false, TCP_SYN, (struct span){NULL, 0}), e);
}

typedef int add_fn(struct trial_batch *b, struct span text, struct err *e);
static add_fn *const adds[TRY_PROTOS_N] = {
    [TRY_TLS] = add_tls, [TRY_QUIC] = add_quic,	      [TRY_HTTP] = add_http,
    [TRY_DNS] = add_dns, [TRY_DNS_TCP] = add_dns_tcp, [TRY_IP] = add_ip,
};

int trial_add(struct trial_batch *b, enum try_proto proto, struct span text, struct err *e)
{
	if (text.len > TRIAL_TEXT_MAX)
		return err_set(e, -EINVAL, "it is longer than %d bytes", TRIAL_TEXT_MAX);
	if (b->n == TRIAL_REQUESTS)
		return full(e);
	size_t used = b->used;
	int err = adds[proto](b, text, e);
	if (err) { /* what was built of it goes again */
		explicit_bzero(b->room + used, TRIAL_ROOM - used);
		b->used = used;
	}
	return err;
}

int trial_pipeline_new(const struct pipeline_config *like, struct pipeline **ret, struct err *e)
{
	struct pipeline_config cfg = *like;
	cfg.flows = TRIAL_FLOWS;
	cfg.small = 16;
	cfg.medium = 8;
	cfg.large = 4;
	cfg.fragments = 1;
	cfg.http2 = 1;
	cfg.checksums = CHECKSUM_POLICY_VERIFY;
	cfg.closed = 0;	   /* what meets a limit here is this pipeline's smallness, and never a hit */
	cfg.blocks = NULL; /* the ruleset alone is asked */
	return pipeline_new(&cfg, ret, e);
}

/* The one that decided: what blocks before what counts. */
static const struct hit *deciding(const struct pipeline_out *out)
{
	const struct hit *h = &out->hits[0];
	for (unsigned i = 1; i < out->n_hits && h->action == ACTION_COUNT; i++)
		h = &out->hits[i];
	return h;
}

/* Of an address that an exception lets pass the pipeline says nothing. */
static bool is_excepted_address(const struct pipeline *p, const uint8_t *frame)
{
	uint8_t addr[16] = {[10] = 0xff, [11] = 0xff};
	struct match m;
	if (be16(frame + 12) == 0x0800)
		memcpy(addr + 12, frame + 14 + 16, 4);
	else
		memcpy(addr, frame + 14 + 24, 16);
	ruleset_match_addr(p->rs, addr, &m);
	return m.exception.is_set;
}

void trial_judge(struct pipeline *p, const struct trial_batch *b, unsigned i, uint64_t now_ns,
		 struct trial_answer *ret)
{
	const struct trial_request *r = &b->requests[i];
	struct packet v[TRIAL_FRAMES_MAX];
	*ret = (struct trial_answer){.outcome = p->rs ? TRIAL_PASS : TRIAL_UNJUDGED};
	if (!p->rs)
		return;
	for (unsigned k = 0; k < r->n; k++) {
		const struct trial_frame *f = &b->frames[r->from + k];
		v[k] = (struct packet){.data = b->room + f->at, .len = f->len, .link = LINK_ETHERNET};
	}
	uint64_t excepted = p->count.excepted;
	const struct pipeline_out *out = pipeline_burst(p, v, r->n, now_ns);
	for (unsigned k = 0; k < r->n; k++)
		ret->dropped |= v[k].verdict == VERDICT_DROP;
	if (out->n_hits) {
		const struct hit *h = deciding(out);
		ret->outcome = TRIAL_HIT;
		ret->proto = h->proto;
		ret->action = h->action;
		ret->list = h->rule.list;
		ret->line = h->rule.line;
	} else if (p->count.excepted != excepted ||
		   (r->proto == TRY_IP && is_excepted_address(p, v[0].data))) {
		ret->outcome = TRIAL_EXCEPTED;
	}
}

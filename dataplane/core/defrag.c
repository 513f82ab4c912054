/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/core/defrag.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "common/bytes.h"
#include "dataplane/core/checksum.h"
#include "dataplane/core/decode_walk.h"

#define HEAD_MAX   2048 /* link, tunnel and IP headers kept in front of the data */
#define DATA_MAX   65536
#define WAYS	   8
#define IPV6_BYTES 40
#define LENGTH_MAX 65535

enum slot_state { SLOT_FREE, SLOT_OPEN, SLOT_WHOLE, SLOT_REFUSED };

struct slot {
	uint8_t src[16], dst[16];
	uint32_t id;
	uint8_t version, proto, state, n_pieces;
	uint16_t head_len; /* of the first fragment's IP header, 0 until it came */
	uint64_t since_ns;
	uint32_t total; /* data bytes, 0 until the last fragment came */
	struct {
		uint32_t from, to;
	} piece[DEFRAG_MAX_PIECES]; /* sorted, disjoint */
	uint8_t head[HEAD_MAX];	    /* the first fragment's IP header without fragment header */
};

struct defrag {
	struct slot *slots;
	uint8_t *data; /* DATA_MAX a slot, touched as used */
	unsigned n_sets;
	uint64_t secret;
	struct slot *last; /* that was COMPLETE */
	uint8_t frame[HEAD_MAX + HEAD_MAX + DATA_MAX];
};

static size_t slots_bytes(const struct defrag *df)
{
	return (size_t)df->n_sets * WAYS * sizeof(struct slot);
}

static size_t data_bytes(const struct defrag *df)
{
	return (size_t)df->n_sets * WAYS * DATA_MAX;
}

static void *map(size_t bytes)
{
	void *m =
	    mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	return m == MAP_FAILED ? NULL : m;
}

struct defrag *defrag_new(unsigned slots, uint64_t secret)
{
	struct defrag *df = calloc(1, sizeof(*df));
	if (!df)
		return NULL;
	for (df->n_sets = 1; df->n_sets * WAYS < slots;)
		df->n_sets *= 2;
	df->secret = secret;
	df->slots = map(slots_bytes(df));
	df->data = map(data_bytes(df));
	if (!df->slots || !df->data) {
		defrag_free(df);
		return NULL;
	}
	return df;
}

void defrag_free(struct defrag *df)
{
	if (!df)
		return;
	if (df->slots)
		munmap(df->slots, slots_bytes(df));
	if (df->data)
		munmap(df->data, data_bytes(df));
	free(df);
}

static uint64_t hash(const struct defrag *df, const struct decoded *d)
{
	size_t n = d->version == 4 ? 4 : 16;
	uint64_t h = df->secret ^ d->frag_id;
	for (size_t i = 0; i < n; i += 4) {
		h = (h ^ be32(d->src + i)) * 0x9e3779b97f4a7c15ull;
		h = (h ^ h >> 29 ^ be32(d->dst + i)) * 0xd6e8feb86659fd93ull;
	}
	return h ^ h >> 32;
}

static bool same(const struct slot *s, const struct decoded *d)
{
	size_t n = d->version == 4 ? 4 : 16;
	return s->state != SLOT_FREE && s->id == d->frag_id && s->version == d->version &&
	       (d->version == 6 || s->proto == d->proto) && !memcmp(s->src, d->src, n) &&
	       !memcmp(s->dst, d->dst, n);
}

static void open_slot(struct slot *s, const struct decoded *d, uint64_t now_ns)
{
	size_t n = d->version == 4 ? 4 : 16;
	memcpy(s->src, d->src, n);
	memcpy(s->dst, d->dst, n);
	s->id = d->frag_id;
	s->version = d->version;
	s->proto = d->proto;
	s->state = SLOT_OPEN;
	s->n_pieces = 0;
	s->head_len = 0;
	s->total = 0;
	s->since_ns = now_ns;
}

/* How soon a slot is to be replaced: free ones, then whole ones, whose repetitions do no harm, then by age. */
static uint64_t worth(const struct slot *s)
{
	return s->state == SLOT_FREE	? 0
	       : s->state == SLOT_WHOLE ? 1 + s->since_ns / 2
					: (1ull << 63) + s->since_ns / 2;
}

static struct slot *find_slot(struct defrag *df, const struct decoded *d, uint64_t now_ns)
{
	struct slot *set = &df->slots[(hash(df, d) & (df->n_sets - 1)) * WAYS], *least = set;
	for (unsigned i = 0; i < WAYS; i++) {
		struct slot *s = &set[i];
		if (same(s, d)) {
			/* captures of several queues have times that run back */
			if (now_ns > s->since_ns && now_ns - s->since_ns > DEFRAG_TIMEOUT_NS)
				open_slot(s, d, now_ns);
			return s;
		}
		if (worth(s) < worth(least))
			least = s;
	}
	open_slot(least, d, now_ns);
	return least;
}

/* Turns an IPv6 header chain that ends in a fragment header, at the end of `len` bytes, into one without it. */
static bool unlink_fragment_header(uint8_t *head, uint32_t len)
{
	uint32_t link = 6, at = IPV6_BYTES;
	while (at + 8 < len) {
		uint32_t bytes = ipv6_extension_bytes(head[link], head + at);
		link = at;
		at += bytes;
		if (!bytes)
			return false;
	}
	if (at + 8 != len)
		return false;
	head[link] = head[at];
	return true;
}

/* The IP header of the first fragment, rewritten as if there had been no fragments; lengths come when it is whole. */
static bool keep_head(struct slot *s, const uint8_t *frame, const struct decoded *d)
{
	uint32_t len = d->l4 - d->l3;
	if (len > HEAD_MAX)
		return false;
	memcpy(s->head, frame + d->l3, len);
	if (d->version == 4)
		put_be16(s->head + 6, 0);
	else if (unlink_fragment_header(s->head, len))
		len -= 8;
	else
		return false;
	s->head_len = (uint16_t)len;
	return true;
}

/* What the length field of the whole datagram's IP header has to hold. */
static uint32_t length_field(const struct slot *s)
{
	return s->head_len + s->total - (s->version == 6 ? IPV6_BYTES : 0);
}

static enum defrag_result refuse(struct slot *s)
{
	s->state = SLOT_REFUSED;
	return DEFRAG_OVERLAP;
}

/* Adds a piece. 1 new, 0 the same bytes again, -1 it overlaps or does not fit. */
static int add_piece(struct slot *s, uint8_t *data, uint32_t from, uint32_t to, const uint8_t *bytes)
{
	unsigned i = 0;
	while (i < s->n_pieces && s->piece[i].to <= from)
		i++;
	if (i < s->n_pieces && s->piece[i].from < to) {
		bool again = s->piece[i].from <= from && s->piece[i].to >= to &&
			     !memcmp(data + from, bytes, to - from);
		return again ? 0 : -1;
	}
	if (s->n_pieces == DEFRAG_MAX_PIECES)
		return -1;
	memmove(&s->piece[i + 1], &s->piece[i], (s->n_pieces - i) * sizeof(s->piece[0]));
	s->piece[i].from = from;
	s->piece[i].to = to;
	s->n_pieces++;
	memcpy(data + from, bytes, to - from);
	return 1;
}

static void join_pieces(struct slot *s)
{
	unsigned kept = 0;
	for (unsigned i = 1; i < s->n_pieces; i++) {
		if (s->piece[i].from == s->piece[kept].to)
			s->piece[kept].to = s->piece[i].to;
		else
			s->piece[++kept] = s->piece[i];
	}
	s->n_pieces = (uint8_t)(kept + 1);
}

/* Adds `delta` to a length field. Where it cannot hold the sum, 0 leaves the length to what is there, if `open` says that
 * this header allows it; for the others there is none. */
static bool add_length(uint8_t *at, uint32_t delta, bool open)
{
	uint32_t len = be16(at);
	if (!len && open)
		return true;
	len += delta;
	put_be16(at, len <= UINT16_MAX ? (uint16_t)len : 0);
	return len <= UINT16_MAX || open;
}

/* The headers around the fragment now hold `delta` bytes more. */
static bool widen_outer(uint8_t *frame, uint32_t len, enum link link, uint32_t l3, uint32_t delta)
{
	static const struct {
		uint8_t at;
		bool open;
	} length[] = {
	    [LAYER_PPPOE] = {4, false},	    [LAYER_IPV4] = {2, true}, [LAYER_IPV6] = {4, true},
	    [LAYER_UDP_TUNNEL] = {4, true}, [LAYER_GRE] = {4, false}, [LAYER_GTPU] = {2, false},
	};
	struct decoded d;
	struct layers l;
	bool ok = true;
	decode_layers(frame, len, link, &d, &l);
	for (unsigned i = 0; i < l.n && l.at[i].off < l3; i++) {
		unsigned kind = l.at[i].kind;
		uint8_t *header = frame + l.at[i].off;
		bool counts = kind != LAYER_GRE || (header[1] & 7) == 1; /* only PPTP's GRE has a length */
		if (kind < sizeof(length) / sizeof(*length) && length[kind].at && counts)
			ok &= add_length(header + length[kind].at, delta, length[kind].open);
	}
	return ok;
}

static enum defrag_result build(struct defrag *df, struct slot *s, const uint8_t *data, const uint8_t *frame,
				uint32_t len, enum link link, const struct decoded *d,
				const uint8_t **ret_frame, uint32_t *ret_len)
{
	uint8_t *out = df->frame, *ip = out + d->l3;
	uint32_t ip_len = s->head_len + s->total, piece_len = d->payload + d->payload_len - d->l3;
	if (d->l3 > HEAD_MAX)
		return DEFRAG_FULL;
	if (len > sizeof(df->frame))
		len = sizeof(df->frame);
	if (frame != out)
		memcpy(out, frame, len);
	if (d->l3 > 14 && !widen_outer(out, len, link, d->l3, ip_len - piece_len))
		return refuse(s);
	memcpy(ip, s->head, s->head_len);
	memcpy(ip + s->head_len, data, s->total);
	if (s->version == 4) {
		put_be16(ip + 2, (uint16_t)length_field(s));
		put_be16(ip + 10, 0);
		put_be16(ip + 10, checksum_fold(checksum_add(ip, s->head_len, 0)));
	} else {
		put_be16(ip + 4, (uint16_t)length_field(s));
	}
	s->state = SLOT_WHOLE;
	df->last = s;
	*ret_frame = out;
	*ret_len = d->l3 + ip_len;
	return DEFRAG_COMPLETE;
}

enum defrag_result defrag_put(struct defrag *df, const uint8_t *frame, uint32_t len, enum link link,
			      const struct decoded *d, uint64_t now_ns, const uint8_t **ret_frame,
			      uint32_t *ret_len)
{
	uint32_t from = d->frag_off, to = from + d->payload_len;
	if (d->snapped || d->payload + d->payload_len > len)
		return DEFRAG_FULL;
	struct slot *s = find_slot(df, d, now_ns);
	uint8_t *data = df->data + (size_t)(s - df->slots) * DATA_MAX;
	if (s->state == SLOT_REFUSED)
		return DEFRAG_OVERLAP;
	/* A last piece fixes the length; all others are whole multiples of eight (RFC 791 3.2, RFC 8200 4.5). */
	bool wrong = to > LENGTH_MAX - (d->version == 4 ? 20 : 0) || !d->payload_len ||
		     (d->frag_more && d->payload_len % 8) || (s->total && to > s->total) ||
		     (!d->frag_more && s->total && to != s->total) ||
		     (!d->frag_more && s->n_pieces && s->piece[s->n_pieces - 1].to > to);
	int r = wrong ? -1 : add_piece(s, data, from, to, frame + d->payload);
	if (r < 0)
		return refuse(s);
	if (r == 0)
		return DEFRAG_DUPLICATE;
	join_pieces(s);
	if (!d->frag_more)
		s->total = to;
	if (!from && !keep_head(s, frame, d))
		return refuse(s);
	if (!s->total || !s->head_len || s->n_pieces != 1 || s->piece[0].from || s->piece[0].to != s->total)
		return DEFRAG_WAIT;
	if (length_field(s) > LENGTH_MAX)
		return refuse(s);
	return build(df, s, data, frame, len, link, d, ret_frame, ret_len);
}

void defrag_refuse(struct defrag *df)
{
	if (df->last)
		df->last->state = SLOT_REFUSED;
}

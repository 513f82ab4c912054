/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/replay/capture_in.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "dataplane/replay/capture_window.h"
#include "dataplane/replay/pcap_format.h"

#define MAX_INTERFACES 256

struct interface {
	int link; /* -1: not supported */
	uint32_t snaplen;
	uint64_t units; /* a second */
	int64_t offset_s;
};

struct capture_in {
	struct capture_window w;
	const char *path;
	bool pcapng, swapped;
	unsigned record_bytes; /* pcap: of a record's header */
	uint32_t recent[2];    /* pcap: lengths of the last records that differ */
	uint64_t unit_ns;
	int link;
	struct interface interfaces[MAX_INTERFACES];
	unsigned n_interfaces;
	struct capture_in_stats stats;
	char truncated[ERR_BYTES];
};

static uint32_t u32_at(const struct capture_in *c, const uint8_t *p)
{
	uint32_t v;
	memcpy(&v, p, sizeof(v));
	return c->swapped ? __builtin_bswap32(v) : v;
}

static uint16_t u16_at(const struct capture_in *c, const uint8_t *p)
{
	uint16_t v;
	memcpy(&v, p, sizeof(v));
	return c->swapped ? __builtin_bswap16(v) : v;
}

/* Notes where and why reading stops; returns false. */
static bool stop(struct capture_in *c, const char *why)
{
	const char *read_error = c->w.error ? strerror(c->w.error) : NULL;
	snprintf(c->truncated, sizeof(c->truncated), "%s: %s at byte %" PRIu64 ", read up to there", c->path,
		 read_error ? read_error : why, c->w.pos);
	c->stats.truncated = c->truncated;
	return false;
}

static int open_pcap(struct capture_in *c, uint32_t magic, struct err *e)
{
	static const struct {
		uint32_t magic;
		uint16_t unit_ns, record_bytes;
	} kinds[] = {
	    {PCAP_MAGIC_US, 1000, PCAP_RECORD_BYTES},
	    {PCAP_MAGIC_NS, 1, PCAP_RECORD_BYTES},
	    {PCAP_MAGIC_MODIFIED, 1000, 24},
	};
	for (unsigned i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		c->swapped = magic != kinds[i].magic;
		if (c->swapped && __builtin_bswap32(magic) != kinds[i].magic)
			continue;
		c->unit_ns = kinds[i].unit_ns;
		c->record_bytes = kinds[i].record_bytes;
		if (!capture_window_need(&c->w, PCAP_HEAD_BYTES))
			return err_set(e, -EINVAL, "%s: ends inside the pcap file header (%u bytes)", c->path,
				       PCAP_HEAD_BYTES);
		uint32_t linktype = u32_at(c, c->w.at + 20) & 0xffff; /* above it: FCS length */
		c->link = pcap_link(linktype);
		if (c->link < 0)
			return err_set(e, -EINVAL,
				       "%s: link type %" PRIu32
				       " is not supported (Ethernet, raw IP, Linux cooked, null are)",
				       c->path, linktype);
		capture_window_skip(&c->w, PCAP_HEAD_BYTES);
		return 0;
	}
	return err_set(e, -EINVAL, "%s: is neither pcap nor pcapng: begins with %08" PRIx32, c->path,
		       __builtin_bswap32(magic));
}

int capture_in_open(const char *path, struct capture_in **ret, struct err *e)
{
	struct capture_in *c = calloc(1, sizeof(*c));
	if (!c)
		return err_set(e, -ENOMEM, "%s: no memory", path);
	c->path = path;
	int err = capture_window_open(path, &c->w, e);
	if (err) {
		free(c);
		return err;
	}
	uint32_t magic = 0;
	if (!capture_window_need(&c->w, sizeof(magic))) {
		err = err_set(e, -EINVAL, "%s: %s", path,
			      c->w.error ? strerror(c->w.error)
					 : "is empty or shorter than a capture's file header");
	} else {
		memcpy(&magic, c->w.at, sizeof(magic));
		c->pcapng = magic == PCAPNG_SHB;
		err = c->pcapng ? 0 : open_pcap(c, magic, e);
	}
	if (err) {
		capture_in_close(c);
		return err;
	}
	*ret = c;
	return 0;
}

void capture_in_close(struct capture_in *c)
{
	if (!c)
		return;
	capture_window_close(&c->w);
	free(c);
}

static void fill(struct capture_in *c, struct packet *pkt, const uint8_t *data, uint32_t len, int link)
{
	__builtin_prefetch(data);
	__builtin_prefetch(data + 64);
	pkt->data = data;
	pkt->len = len;
	pkt->link = (uint8_t)link;
	c->stats.frames++;
	c->stats.bytes += len;
}

/* The buffer is full: end this burst. */
static bool out_of_room(const struct capture_in *c)
{
	return c->w.full;
}

/* Where a record begins is known only from the one before, a cache miss each. Lengths repeat, though: what would follow if the
 * next records are as long as recent ones is asked for beforehand. */
static void fetch_ahead(struct capture_in *c, uint32_t bytes)
{
	const uint8_t *next = c->w.at;
	if (bytes != c->recent[0]) {
		c->recent[1] = c->recent[0];
		c->recent[0] = bytes;
	}
	if ((size_t)(c->w.end - next) < 4 * (size_t)CAPTURE_FRAME_MAX)
		return;
	__builtin_prefetch(next);
	__builtin_prefetch(next + c->recent[0]);
	__builtin_prefetch(next + c->recent[1]);
	__builtin_prefetch(next + c->recent[0] + c->recent[1]);
	__builtin_prefetch(next + 2 * c->recent[0]);
}

static bool next_pcap(struct capture_in *c, struct packet *pkt, uint64_t *ret_ns)
{
	struct capture_window *w = &c->w;
	if (!capture_window_need(w, c->record_bytes)) {
		if (w->at == w->end && !w->error)
			return false;
		return out_of_room(c) ? false : stop(c, "ends inside a record header");
	}
	const uint8_t *h = w->at;
	uint32_t caplen = u32_at(c, h + 8);
	if (caplen > CAPTURE_FRAME_MAX)
		return stop(c, "damaged: a frame longer than any");
	if (!capture_window_need(w, (size_t)c->record_bytes + caplen))
		return out_of_room(c) ? false : stop(c, "ends inside a frame");
	*ret_ns = (uint64_t)u32_at(c, h) * 1000000000u + u32_at(c, h + 4) * c->unit_ns;
	fill(c, pkt, h + c->record_bytes, caplen, c->link);
	capture_window_skip(w, (size_t)c->record_bytes + caplen);
	fetch_ahead(c, c->record_bytes + caplen);
	return true;
}

static void read_interface(struct capture_in *c, const uint8_t *b, uint32_t len)
{
	struct interface *i = &c->interfaces[c->n_interfaces++];
	*i = (struct interface){pcap_link(u16_at(c, b)), u32_at(c, b + 4), 1000000, 0};
	for (uint32_t at = 8; at + 4 <= len;) {
		uint16_t code = u16_at(c, b + at), n = u16_at(c, b + at + 2);
		if (code == PCAPNG_OPT_END || at + 4 + n > len)
			break;
		if (code == PCAPNG_OPT_TSRESOL && n >= 1) {
			uint8_t r = b[at + 4], exp = r & 0x7f;
			i->units = 1;
			for (unsigned k = 0; k < exp && i->units < (1ull << 58); k++)
				i->units *= r & 0x80 ? 2 : 10;
		} else if (code == PCAPNG_OPT_TSOFFSET && n >= 8) {
			uint64_t v;
			memcpy(&v, b + at + 4, sizeof(v));
			i->offset_s = (int64_t)(c->swapped ? __builtin_bswap64(v) : v);
		}
		at += 4u + ((n + 3u) & ~3u);
	}
}

static uint64_t time_ns(const struct interface *i, uint64_t ts)
{
	uint64_t s = ts / i->units, rest = ts % i->units;
	uint64_t ns = (uint64_t)((__uint128_t)rest * 1000000000u / i->units);
	return (s + (uint64_t)i->offset_s) * 1000000000u + ns;
}

/* One packet block's frame; false where it is skipped or impossible. */
static bool packet_block(struct capture_in *c, uint32_t type, const uint8_t *b, uint32_t len,
			 struct packet *pkt, uint64_t *ret_ns)
{
	uint32_t head = type == PCAPNG_SPB ? 4 : 20, number = 0, caplen;
	if (len < head)
		return false;
	if (type == PCAPNG_SPB) {
		caplen = u32_at(c, b);
		if (c->n_interfaces && c->interfaces[0].snaplen && caplen > c->interfaces[0].snaplen)
			caplen = c->interfaces[0].snaplen;
		if (caplen > len - head)
			caplen = len - head;
	} else {
		number = type == PCAPNG_PB ? u16_at(c, b) : u32_at(c, b);
		caplen = u32_at(c, b + 12);
	}
	if (number >= c->n_interfaces || caplen > len - head || caplen > CAPTURE_FRAME_MAX)
		return false;
	const struct interface *i = &c->interfaces[number];
	if (i->link < 0) {
		c->stats.skipped_link++;
		return false;
	}
	*ret_ns = type == PCAPNG_SPB ? 0 : time_ns(i, (uint64_t)u32_at(c, b + 4) << 32 | u32_at(c, b + 8));
	fill(c, pkt, b + head, caplen, i->link);
	return true;
}

static bool section(struct capture_in *c)
{
	uint32_t order;
	if (!capture_window_need(&c->w, 28))
		return out_of_room(c) ? false : stop(c, "ends inside a section header");
	memcpy(&order, c->w.at + 8, sizeof(order));
	c->swapped = order != PCAPNG_BYTE_ORDER;
	if (c->swapped && __builtin_bswap32(order) != PCAPNG_BYTE_ORDER)
		return stop(c, "damaged: a section header without byte order");
	c->n_interfaces = 0;
	return true;
}

static bool next_pcapng(struct capture_in *c, struct packet *pkt, uint64_t *ret_ns)
{
	struct capture_window *w = &c->w;
	for (;;) {
		if (!capture_window_need(w, 12)) {
			if (w->at == w->end && !w->error)
				return false;
			return out_of_room(c) ? false : stop(c, "ends inside a block header");
		}
		uint32_t type = u32_at(c, w->at);
		if (type == PCAPNG_SHB && !section(c))
			return false;
		uint32_t total = u32_at(c, w->at + 4);
		if (total < 12 || total % 4 || total > CAPTURE_BUFFER_BYTES / 2)
			return stop(c, "damaged: a block of impossible length");
		if (!capture_window_need(w, total))
			return out_of_room(c) ? false : stop(c, "ends inside a block");
		const uint8_t *body = w->at + 8;
		uint32_t len = total - 12;
		capture_window_skip(w, total);
		if (type == PCAPNG_IDB && len >= 8 && c->n_interfaces < MAX_INTERFACES)
			read_interface(c, body, len);
		else if ((type == PCAPNG_EPB || type == PCAPNG_SPB || type == PCAPNG_PB) &&
			 packet_block(c, type, body, len, pkt, ret_ns))
			return true;
	}
}

unsigned capture_in_burst(struct capture_in *c, struct packet *pkts, uint64_t *times_ns, unsigned n)
{
	unsigned got = 0;
	do {
		capture_window_settle(&c->w);
		while (got < n && !c->stats.truncated &&
		       (c->pcapng ? next_pcapng(c, &pkts[got], &times_ns[got])
				  : next_pcap(c, &pkts[got], &times_ns[got])))
			got++;
	} while (!got && c->w.full); /* no frame was given out, so that the rest can move to the front */
	return got;
}

void capture_in_stats(const struct capture_in *c, struct capture_in_stats *ret)
{
	*ret = c->stats;
	ret->file_bytes = c->w.file_bytes;
	ret->file_pos = c->w.pos;
}

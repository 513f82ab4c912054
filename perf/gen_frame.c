/* SPDX-License-Identifier: BSD-3-Clause */
#include "perf/gen_frame.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/bytes.h"
#include "dataplane/core/checksum.h"

#define BUF_BYTES  (4u << 20)
#define FRAME_ROOM 4096u
#define RECORD	   16u
#define ETHERNET   14u
#define FRAME_GAP  24u /* preamble, FCS and gap on the link */
#define START_NS   1794000000000000000u

static const uint8_t macs[2][6] = {{2, 0, 0, 0, 0, 1}, {2, 0, 0, 0, 0, 2}};

static void out_flush(struct gen_out *o)
{
	for (size_t at = 0; at < o->n && !o->failed;) {
		ssize_t n = write(o->fd, o->buf + at, o->n - at);
		if (n < 0 && errno != EINTR)
			o->failed = errno;
		else if (n > 0)
			at += (size_t)n;
	}
	o->n = 0;
}

int gen_out_open(struct gen_out *o, const char *path, bool nanoseconds, uint64_t gigabits, struct err *e)
{
	uint32_t head[6] = {nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4, 2 | 4 << 16, 0, 0, 65535, 1};
	memset(o, 0, sizeof(*o));
	o->fd = strcmp(path, "-") ? open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666) : STDOUT_FILENO;
	if (o->fd < 0)
		return err_set(e, -errno, "%s: %s", path, strerror(errno));
	o->buf = malloc(BUF_BYTES);
	if (!o->buf)
		return err_set(e, -ENOMEM, "%s: out of memory", path);
	o->nanoseconds = nanoseconds;
	o->now_ns = START_NS;
	o->ns_per_kilobyte = 8192 / gigabits;
	memcpy(o->buf, head, sizeof(head));
	o->n = o->bytes = sizeof(head);
	return 0;
}

int gen_out_close(struct gen_out *o, struct err *e)
{
	out_flush(o);
	if (o->fd != STDOUT_FILENO && close(o->fd) && !o->failed)
		o->failed = errno;
	free(o->buf);
	return o->failed ? err_set(e, -o->failed, "writing the capture: %s", strerror(o->failed)) : 0;
}

/* TCP headers are those of a Linux stack: options of the SYN, then timestamps. */
static size_t l4_header(bool tcp, uint8_t tcp_flags)
{
	return !tcp ? 8 : tcp_flags & TCP_SYN ? 40 : 32;
}

static size_t headers(const struct gen_ends *e, size_t l4)
{
	return RECORD + ETHERNET + (e->v6 ? 40u : 20u) + l4;
}

uint8_t *gen_out_payload(struct gen_out *o, const struct gen_ends *e, bool tcp, uint8_t tcp_flags)
{
	if (BUF_BYTES - o->n < FRAME_ROOM)
		out_flush(o);
	return o->buf + o->n + headers(e, l4_header(tcp, tcp_flags));
}

static uint64_t put_ip(uint8_t *p, const struct gen_ends *e, bool to_client, uint8_t proto, size_t l4_len,
		       uint16_t id)
{
	const uint8_t *src = e->addr[to_client], *dst = e->addr[!to_client];
	uint8_t ttl = to_client ? 55 : 61, tail[8] = {0, 0, 0, 0, 0, 0, 0, proto};
	put_be32(tail, (uint32_t)l4_len);
	if (e->v6) {
		put_be32(p, 0x60000000);
		put_be16(p + 4, (uint16_t)l4_len);
		p[6] = proto;
		p[7] = ttl;
		memcpy(p + 8, src, 16);
		memcpy(p + 24, dst, 16);
		return checksum_add(p + 8, 32, checksum_add(tail, 8, 0));
	}
	put_be16(p, 0x4500);
	put_be16(p + 2, (uint16_t)(l4_len + 20));
	put_be16(p + 4, id);
	put_be16(p + 6, 0x4000);
	p[8] = ttl;
	p[9] = proto;
	put_be16(p + 10, 0);
	memcpy(p + 12, src, 4);
	memcpy(p + 16, dst, 4);
	put_be16(p + 10, checksum_fold(checksum_add(p, 20, 0)));
	return checksum_add(p + 12, 8, checksum_add(tail, 8, 0));
}

/* Record, Ethernet and IP headers; returns the sum of the pseudo-header and where the transport header goes. */
static uint64_t frame_begin(struct gen_out *o, const struct gen_ends *e, bool to_client, uint8_t proto,
			    size_t l4_len, uint8_t **ret_l4)
{
	uint8_t *p = o->buf + o->n;
	size_t ip = e->v6 ? 40 : 20, len = ETHERNET + ip + l4_len;
	uint64_t second = o->now_ns / 1000000000, rest = o->now_ns % 1000000000;
	uint32_t record[4] = {(uint32_t)second, (uint32_t)(o->nanoseconds ? rest : rest / 1000),
			      (uint32_t)len, (uint32_t)len};
	memcpy(p, record, sizeof(record));
	memcpy(p + RECORD, macs[!to_client], 6);
	memcpy(p + RECORD + 6, macs[to_client], 6);
	put_be16(p + RECORD + 12, e->v6 ? 0x86dd : 0x0800);
	*ret_l4 = p + RECORD + ETHERNET + ip;
	o->n += RECORD + len;
	o->bytes += RECORD + len;
	o->frames++;
	o->frame_bytes += len;
	o->now_ns += (len + FRAME_GAP) * o->ns_per_kilobyte / 1024;
	return put_ip(p + RECORD + ETHERNET, e, to_client, proto, l4_len, (uint16_t)(o->frames * 7));
}

static void put_tcp_options(uint8_t *p, const struct gen_out *o, uint8_t flags, const struct gen_ends *e)
{
	static const uint8_t syn[] = {2, 4, 0, 0, 4, 2, 8, 10}, others[] = {1, 1, 8, 10};
	uint32_t ms = (uint32_t)(o->now_ns / 1000000);
	if (flags & TCP_SYN) {
		static const uint8_t scale[] = {1, 3, 3, 7};
		memcpy(p, syn, sizeof(syn));
		put_be16(p + 2, (uint16_t)(gen_mss(e) + 12));
		put_be32(p + 8, ms);
		put_be32(p + 12, flags & TCP_ACK ? ms - 1 : 0);
		memcpy(p + 16, scale, sizeof(scale));
		return;
	}
	memcpy(p, others, sizeof(others));
	put_be32(p + 4, ms);
	put_be32(p + 8, ms - 1);
}

void gen_out_tcp(struct gen_out *o, const struct gen_ends *e, bool to_client, const struct gen_tcp_header *h,
		 size_t len)
{
	size_t head = l4_header(true, h->flags);
	uint8_t *p;
	uint64_t pseudo = frame_begin(o, e, to_client, 6, head + len, &p);
	put_be16(p, e->port[to_client]);
	put_be16(p + 2, e->port[!to_client]);
	put_be32(p + 4, h->seq);
	put_be32(p + 8, h->flags & TCP_ACK ? h->ack : 0);
	p[12] = (uint8_t)(head / 4 << 4);
	p[13] = h->flags;
	put_be16(p + 14, 64240);
	put_be32(p + 16, 0);
	put_tcp_options(p + 20, o, h->flags, e);
	put_be16(p + 16, checksum_fold(checksum_add(p, head + len, pseudo)));
}

void gen_out_udp(struct gen_out *o, const struct gen_ends *e, bool to_client, size_t len)
{
	uint8_t *p;
	uint64_t pseudo = frame_begin(o, e, to_client, 17, 8 + len, &p);
	put_be16(p, e->port[to_client]);
	put_be16(p + 2, e->port[!to_client]);
	put_be16(p + 4, (uint16_t)(8 + len));
	put_be16(p + 6, 0);
	uint16_t sum = checksum_fold(checksum_add(p, 8 + len, pseudo));
	put_be16(p + 6, sum ? sum : 0xffff);
}

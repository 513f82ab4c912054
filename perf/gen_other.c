/* SPDX-License-Identifier: BSD-3-Clause */
/* gen_other: DNS queries, SSH, and datagrams of no interest. */
#include <string.h>

#include "common/bytes.h"
#include "perf/gen.h"

enum { TAG_ID = 500, TAG_TYPE, TAG_ADDRESS, TAG_TURNS, TAG_LEN, TAG_BYTES, TAG_SORT };

static uint8_t *put_question(const struct gen *g, const struct gen_flow *f, uint8_t *p)
{
	static const uint8_t types[] = {1, 1, 1, 28, 28, 65};
	char name[GEN_NAME_MAX];
	bool listed;
	gen_flow_name(g, f, 0, name, &listed);
	for (const char *label = name; *label;) {
		size_t n = strcspn(label, ".");
		*p++ = (uint8_t)n;
		memcpy(p, label, n);
		p += n;
		label += n + (label[n] == '.');
	}
	*p++ = 0;
	put_be16(p, types[gen_rnd(f, TAG_TYPE, sizeof(types))]);
	put_be16(p + 2, 1);
	return p + 4;
}

static size_t dns_datagram(struct gen *g, struct gen_flow *f, enum gen_dir *ret_dir, uint8_t *out)
{
	static const uint8_t edns[] = {0, 0, 41, 0x04, 0xd0, 0, 0, 0, 0, 0, 0};
	unsigned step = f->turn++;
	if (step > 1)
		return 0;
	*ret_dir = step ? TO_CLIENT : TO_SERVER;
	put_be16(out, (uint16_t)gen_rnd(f, TAG_ID, 65536));
	put_be16(out + 2, step ? 0x8180 : 0x0120);
	put_be16(out + 4, 1);
	uint8_t *p = put_question(g, f, out + 12);
	bool address = step && be16(p - 4) == 1;
	put_be16(out + 6, address);
	put_be16(out + 8, 0);
	put_be16(out + 10, 1);
	if (address) {
		static const uint8_t record[] = {0xc0, 12, 0, 1, 0, 1, 0, 0, 1, 44, 0, 4, 203, 0, 113};
		memcpy(p, record, sizeof(record));
		p += sizeof(record);
		*p++ = (uint8_t)gen_rnd(f, TAG_ADDRESS, 254);
	}
	memcpy(p, edns, sizeof(edns));
	return (size_t)(p + sizeof(edns) - out);
}

const struct gen_kind gen_dns = {
    .label = "DNS",
    .proto = "dns",
    .per_mille = 40,
    .ip_proto = 17,
    .port = 53,
    .other_port = 53,
    .servers = 4,
    .least = 250,
    .datagram = dns_datagram,
};

#define SSH_OFFER 600u /* bytes of a packet of lists */

/* Turns 0 and 1 are the banners, 2 and 3 the key exchange offers, 4 and 5 NEWKEYS, then sealed packets. */
static bool ssh_turn(struct gen *g, const struct gen_flow *f, unsigned t, enum gen_dir *ret_dir,
		     uint32_t *ret_len)
{
	static const uint32_t first[] = {21, 21, SSH_OFFER, SSH_OFFER, 16, 16};
	(void)g;
	*ret_dir = t & 1 ? TO_CLIENT : TO_SERVER;
	*ret_len = 36 + gen_rnd(f, TAG_LEN + 1000 * t, *ret_dir == TO_CLIENT ? 900 : 60);
	if (t < 6)
		*ret_len = first[t];
	return t < 10 + gen_rnd(f, TAG_TURNS, 30);
}

/* RFC 4253 7.1: cookie, ten lists of names, a flag, zero; the rest is padding. */
static void ssh_offer(uint8_t *p)
{
	static const char *const lists[] = {
	    "curve25519-sha256", "ssh-ed25519", "aes128-ctr", "aes128-ctr", "hmac-sha2-256",
	    "hmac-sha2-256",	 "none",	"none",	      "",	    ""};
	uint8_t *at = p + 22;
	for (unsigned i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
		uint32_t n = (uint32_t)strlen(lists[i]);
		put_be32(at, n);
		memcpy(at + 4, lists[i], n);
		at += 4 + n;
	}
	memset(at, 0, 5);
	put_be32(p, SSH_OFFER - 4);
	p[4] = 255;
	p[5] = 20;
	/* Padding is at most 255 bytes: one more list entry takes what is over. */
	uint32_t used = (uint32_t)(at + 5 - p), over = SSH_OFFER - used - 255;
	put_be32(at - 4, over);
	memset(at, 'x', over);
	memset(at + over, 0, 5);
}

static void ssh_bytes(struct gen *g, const struct gen_flow *f, unsigned t, uint32_t off, uint32_t len,
		      uint8_t *out)
{
	gen_fill(g, f, TAG_BYTES + 1000 * t, out, len);
	if (t < 2)
		memcpy(out, "SSH-2.0-OpenSSH_9.2\r\n", 21);
	else if (t < 4 && off == 0 && len == SSH_OFFER)
		ssh_offer(out);
	else if (t < 6 && off == 0)
		memcpy(out, "\x00\x00\x00\x0c\x0a\x15", 6);
}

const struct gen_kind gen_ssh = {
    .label = "SSH",
    .per_mille = 30,
    .ip_proto = 6,
    .port = 22,
    .other_port = 2222,
    .servers = 50,
    .least = 9000,
    .turn = ssh_turn,
    .bytes = ssh_bytes,
};

static const struct sort {
	uint16_t port, len, spread;
	uint8_t head_len;
	const char *head;
	unsigned datagrams;
} sorts[] = {
    {123, 48, 1, 4, "\x23\x00\x06\x20", 2},		     /* NTP */
    {3478, 20, 1, 8, "\x00\x01\x00\x00\x21\x12\xa4\x42", 2}, /* STUN */
    {51820, 148, 1200, 4, "\x04\x00\x00\x00", 60},	     /* WireGuard */
    {40000, 172, 1, 2, "\x80\x60", 80},			     /* RTP */
    {27015, 25, 120, 4, "\xff\xff\xff\xff", 40},	     /* a game */
};

static size_t other_datagram(struct gen *g, struct gen_flow *f, enum gen_dir *ret_dir, uint8_t *out)
{
	const struct sort *s = &sorts[gen_rnd(f, TAG_SORT, sizeof(sorts) / sizeof(*sorts))];
	unsigned step = f->turn++;
	if (step >= s->datagrams)
		return 0;
	f->ends.port[1] = s->port;
	*ret_dir = step & 1 ? TO_CLIENT : TO_SERVER;
	size_t len = s->len + gen_rnd(f, TAG_LEN + 1000 * step, s->spread);
	gen_fill(g, f, TAG_BYTES + step, out, len);
	memcpy(out, s->head, s->head_len);
	return len;
}

const struct gen_kind gen_datagrams = {
    .label = "other UDP",
    .per_mille = 30,
    .ip_proto = 17,
    .port = 40000,
    .other_port = 40000,
    .servers = 200,
    .least = 8000,
    .datagram = other_datagram,
};

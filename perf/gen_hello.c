/* SPDX-License-Identifier: BSD-3-Clause */
/* gen_hello: ClientHellos as Chromium, Firefox and OpenSSL write them, and the ServerHello to them. */
#include <string.h>

#include "common/bytes.h"
#include "perf/gen.h"

#define X25519MLKEM768	   0x11ec
#define MLKEM_SHARE	   1216 /* the client's; the server's ciphertext is 1,088 + 32 */
#define MLKEM_SERVER_SHARE 1120

enum { TAG_RANDOM = 100, TAG_GREASE, TAG_ECH, TAG_ORDER, TAG_CLIENT, TAG_SHARE, TAG_SERVER };

enum client { CHROMIUM = 1, FIREFOX = 2, OPENSSL = 4, TCP_ONLY = 8, QUIC_ONLY = 16 };

struct hello {
	struct gen *g;
	const struct gen_flow *f;
	bool quic;
	uint16_t grease;
	uint8_t *p;
};

static void put8(struct hello *h, unsigned v)
{
	*h->p++ = (uint8_t)v;
}

static void put16(struct hello *h, unsigned v)
{
	put_be16(h->p, (uint16_t)v);
	h->p += 2;
}

static void put(struct hello *h, const void *bytes, size_t len)
{
	memcpy(h->p, bytes, len);
	h->p += len;
}

static void put_random(struct hello *h, uint32_t tag, size_t len)
{
	gen_fill(h->g, h->f, tag, h->p, len);
	h->p += len;
}

static void ext_name(struct hello *h)
{
	char name[GEN_NAME_MAX];
	bool listed;
	size_t n = gen_flow_name(h->g, h->f, 0, name, &listed);
	put16(h, (unsigned)n + 3);
	put8(h, 0);
	put16(h, (unsigned)n);
	put(h, name, n);
}

static void ext_groups(struct hello *h)
{
	bool pq = h->f->post_quantum;
	put16(h, pq ? 10 : 8);
	put16(h, h->grease);
	if (pq)
		put16(h, X25519MLKEM768);
	put(h, "\x00\x1d\x00\x17\x00\x18", 6);
}

static void ext_shares(struct hello *h)
{
	bool pq = h->f->post_quantum;
	put16(h, 5 + 36 + (pq ? 4 + MLKEM_SHARE : 0));
	put16(h, h->grease);
	put(h, "\x00\x01\x00", 3);
	if (pq) {
		put16(h, X25519MLKEM768);
		put16(h, MLKEM_SHARE);
		put_random(h, TAG_SHARE, MLKEM_SHARE);
	}
	put(h, "\x00\x1d\x00\x20", 4);
	put_random(h, TAG_SHARE + 1, 32);
}

static void ext_versions(struct hello *h)
{
	put8(h, h->quic ? 4 : 6);
	put16(h, h->grease);
	put(h, "\x03\x04\x03\x03", h->quic ? 2 : 4);
}

static void ext_alpn(struct hello *h)
{
	static const uint8_t tcp[] = "\x00\x0c\x02h2\x08http/1.1", quic[] = "\x00\x03\x02h3";
	put(h, h->quic ? quic : tcp, (h->quic ? sizeof(quic) : sizeof(tcp)) - 1);
}

static void ext_application_settings(struct hello *h)
{
	put(h, h->quic ? "\x00\x03\x02h3" : "\x00\x03\x02h2", 5);
}

/* GREASE ECH: what a server without ECH ignores. */
static void ext_ech(struct hello *h)
{
	unsigned payload = 144 + 32 * gen_rnd(h->f, TAG_ECH, 4);
	put(h, "\x00\x00\x01\x00\x01", 5);
	put_random(h, TAG_ECH, 1);
	put16(h, 32);
	put_random(h, TAG_ECH + 1000, 32);
	put16(h, payload);
	put_random(h, TAG_ECH + 2000, payload);
}

static void ext_quic_parameters(struct hello *h)
{
	static const uint8_t parameters[] = {
	    0x01, 0x04, 0x80, 0x00, 0x75, 0x30,		    /* max_idle_timeout 30 s */
	    0x03, 0x02, 0x45, 0xc0,			    /* max_udp_payload_size 1472 */
	    0x04, 0x04, 0x80, 0xf0, 0x00, 0x00,		    /* initial_max_data */
	    0x05, 0x04, 0x80, 0x60, 0x00, 0x00, 0x06, 0x04, /* the streams' */
	    0x80, 0x60, 0x00, 0x00, 0x07, 0x04, 0x80, 0x60, 0x00, 0x00, 0x08,
	    0x02, 0x40, 0x64, 0x09, 0x02, 0x40, 0x67, 0x0f, 0x00, /* initial_source_connection_id, empty */
	};
	put(h, parameters, sizeof(parameters));
}

static const uint8_t signatures[] =
    "\x00\x10\x04\x03\x08\x04\x04\x01\x05\x03\x08\x05\x05\x01\x08\x06\x06\x01";

struct extension {
	uint16_t type;
	uint16_t clients; /* which of them send it */
	uint8_t fixed_len;
	const void *fixed;
	void (*put)(struct hello *h);
};

#define ALL  (CHROMIUM | FIREFOX | OPENSSL)
#define MOST (CHROMIUM | FIREFOX)

static const struct extension extensions[] = {
    {0, ALL, 0, NULL, ext_name},
    {23, ALL | TCP_ONLY, 0, "", NULL},
    {0xff01, MOST | TCP_ONLY, 1, "", NULL},
    {10, ALL, 0, NULL, ext_groups},
    {11, ALL | TCP_ONLY, 2, "\x01\x00", NULL},
    {35, ALL | TCP_ONLY, 0, "", NULL},
    {16, ALL, 0, NULL, ext_alpn},
    {5, MOST | TCP_ONLY, 5, "\x01\x00\x00\x00\x00", NULL},
    {13, ALL, sizeof(signatures) - 1, signatures, NULL},
    {18, CHROMIUM | TCP_ONLY, 0, "", NULL},
    {51, ALL, 0, NULL, ext_shares},
    {45, ALL, 2, "\x01\x01", NULL},
    {43, ALL, 0, NULL, ext_versions},
    {27, MOST, 3, "\x02\x00\x02", NULL},
    {0x44cd, CHROMIUM, 0, NULL, ext_application_settings},
    {0xfe0d, MOST, 0, NULL, ext_ech},
    {57, ALL | QUIC_ONLY, 0, NULL, ext_quic_parameters},
};
#define EXTENSIONS (sizeof(extensions) / sizeof(*extensions))

static void put_extension(struct hello *h, const struct extension *x)
{
	put16(h, x->type);
	uint8_t *len = h->p;
	h->p += 2;
	if (x->put)
		x->put(h);
	else
		put(h, x->fixed, x->fixed_len);
	put_be16(len, (uint16_t)(h->p - len - 2));
}

/* Chromium shuffles its extensions; the others have an order. */
static void put_extensions(struct hello *h, enum client client)
{
	unsigned order[EXTENSIONS], n = 0, unwanted = h->quic ? TCP_ONLY : QUIC_ONLY;
	for (unsigned i = 0; i < EXTENSIONS; i++)
		if (extensions[i].clients & client && !(extensions[i].clients & unwanted))
			order[n++] = i;
	for (unsigned i = n; client == CHROMIUM && i > 1; i--) {
		unsigned k = gen_rnd(h->f, TAG_ORDER + 1000 * i, i), was = order[i - 1];
		order[i - 1] = order[k];
		order[k] = was;
	}
	for (unsigned i = 0; i < n; i++)
		put_extension(h, &extensions[order[i]]);
}

static void put_ciphers(struct hello *h)
{
	static const uint8_t tls13[] = "\x13\x01\x13\x02\x13\x03",
			     tls12[] = "\xc0\x2b\xc0\x2f\xc0\x2c\xc0\x30\xcc\xa9\xcc\xa8"
				       "\xc0\x13\xc0\x14\x00\x9c\x00\x9d\x00\x2f\x00\x35";
	put16(h, h->quic ? 8 : 8 + sizeof(tls12) - 1);
	put16(h, h->grease);
	put(h, tls13, sizeof(tls13) - 1);
	if (!h->quic)
		put(h, tls12, sizeof(tls12) - 1);
	put(h, "\x01\x00", 2); /* compression: none */
}

static void put_head(struct hello *h, uint8_t type, uint32_t random_tag)
{
	put8(h, type);
	h->p += 3;
	put16(h, 0x0303);
	put_random(h, random_tag, 32);
	put8(h, h->quic ? 0 : 32);
	if (!h->quic)
		put_random(h, TAG_RANDOM + 1000, 32);
}

static size_t end_message(struct hello *h, uint8_t *out, uint8_t *extensions_len)
{
	size_t len = (size_t)(h->p - out);
	put_be16(extensions_len, (uint16_t)(h->p - extensions_len - 2));
	out[1] = 0;
	put_be16(out + 2, (uint16_t)(len - 4));
	return len;
}

size_t gen_hello(struct gen *g, const struct gen_flow *f, bool quic, uint8_t *out)
{
	unsigned pick = gen_rnd(f, TAG_CLIENT, 10);
	enum client client = pick < 7 ? CHROMIUM : pick < 9 ? FIREFOX : OPENSSL;
	struct hello h = {g, f, quic, (uint16_t)(0x0a0a + 0x1010 * gen_rnd(f, TAG_GREASE, 16)), out};
	put_head(&h, 1, TAG_RANDOM);
	put_ciphers(&h);
	uint8_t *extensions_len = h.p;
	h.p += 2;
	struct extension first = {(uint16_t)(h.grease ^ 0x3030), 0, 0, "", NULL};
	struct extension last = {(uint16_t)(h.grease ^ 0x5050), 0, 1, "", NULL};
	if (client == CHROMIUM)
		put_extension(&h, &first);
	put_extensions(&h, client);
	if (client == CHROMIUM)
		put_extension(&h, &last);
	return end_message(&h, out, extensions_len);
}

size_t gen_server_hello(struct gen *g, const struct gen_flow *f, bool quic, uint8_t *out)
{
	struct hello h = {g, f, quic, 0, out};
	unsigned share = f->post_quantum ? MLKEM_SERVER_SHARE : 32;
	put_head(&h, 2, TAG_SERVER);
	put(&h, "\x13\x01\x00", 3);
	uint8_t *extensions_len = h.p;
	h.p += 2;
	put(&h, "\x00\x2b\x00\x02\x03\x04\x00\x33", 8);
	put16(&h, 4 + share);
	put16(&h, f->post_quantum ? X25519MLKEM768 : 0x1d);
	put16(&h, share);
	put_random(&h, TAG_SERVER + 1000, share);
	return end_message(&h, out, extensions_len);
}

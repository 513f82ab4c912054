/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/core/dns.h"

enum {
	TYPE_A = 1,
	TYPE_AAAA = 28,
	TYPE_OPT = 41,
	CLASS_IN = 1,
	CLASS_ANY = 255,
	FLAG_QR = 0x8000,
	FLAG_RD = 0x0100,
	FLAG_RA = 0x0080,
	FLAG_CD = 0x0010,
	RCODE_NXDOMAIN = 3,
	TTL_S = 60,
	UDP_SIZE = 1232, /* what avoids fragments: dnsflagday.net/2020 */
	OPTION_EDE = 15, /* RFC 8914 2 */
	EDE_CENSORED = 16,
	OPT_DNSSEC_OK = 0x8000,
};

/* Appends where there is room; afterwards `ok` tells whether all of it was. */
struct writer {
	uint8_t *p, *end;
	bool ok;
};

static void put(struct writer *w, const void *p, size_t n)
{
	w->ok = w->ok && (size_t)(w->end - w->p) >= n;
	if (w->ok) {
		memcpy(w->p, p, n);
		w->p += n;
	}
}

static void put16(struct writer *w, unsigned v)
{
	uint8_t b[2] = {(uint8_t)(v >> 8), (uint8_t)v};
	put(w, b, 2);
}

static void put_address(struct writer *w, unsigned type, const uint8_t *address)
{
	size_t n = type == TYPE_A ? 4 : 16;
	put16(w, 0xc00c); /* the question's name */
	put16(w, type);
	put16(w, CLASS_IN);
	put16(w, 0);
	put16(w, TTL_S);
	put16(w, (unsigned)n);
	put(w, address, n);
}

static void put_opt(struct writer *w, bool dnssec_ok)
{
	put(w, "", 1);
	put16(w, TYPE_OPT);
	put16(w, UDP_SIZE);
	put16(w, 0);				 /* extended RCODE, version */
	put16(w, dnssec_ok ? OPT_DNSSEC_OK : 0); /* RFC 3225 3: copied */
	put16(w, 6);
	put16(w, OPTION_EDE);
	put16(w, 2);
	put16(w, EDE_CENSORED);
}

size_t dns_answer_build(uint8_t *out, size_t cap, const struct dns_query *q, enum dns_answer how,
			const uint8_t *a, const uint8_t *aaaa, bool tcp)
{
	struct writer w = {out, out + cap, true};
	const uint8_t *address = NULL;
	if (how == DNS_ADDRESS && (q->qclass == CLASS_IN || q->qclass == CLASS_ANY))
		address = q->qtype == TYPE_A ? a : q->qtype == TYPE_AAAA ? aaaa : NULL;
	if (tcp)
		put16(&w, 0);
	put16(&w, q->id);
	put16(&w, FLAG_QR | FLAG_RA | (q->flags & (FLAG_RD | FLAG_CD)) |
		      (how == DNS_NXDOMAIN ? RCODE_NXDOMAIN : 0));
	put16(&w, 1);
	put16(&w, address != NULL);
	put16(&w, 0);
	put16(&w, q->edns);
	put(&w, q->question.p, q->question.len);
	if (address)
		put_address(&w, q->qtype, address);
	if (q->edns)
		put_opt(&w, q->dnssec_ok);
	if (!w.ok)
		return 0;
	size_t n = (size_t)(w.p - out);
	if (tcp)
		put_be16(out, (uint16_t)(n - 2));
	return n;
}

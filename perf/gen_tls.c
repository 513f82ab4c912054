/* SPDX-License-Identifier: BSD-3-Clause */
/* gen_tls: TLS 1.3 connections whose records a decoder can follow. */
#include <string.h>

#include "common/bytes.h"
#include "perf/gen.h"

#define RECORD	     5u
#define RECORD_MAX   (RECORD + 16384u + 17u)
#define FINISHED_LEN 58u /* Finished, sealed, in its record */

enum { TAG_FLIGHT = 200, TAG_EXCHANGES, TAG_REQUEST, TAG_CONTENT };

static const uint8_t change_cipher_spec[] = {0x14, 3, 3, 0, 1, 1};
#define CCS ((uint32_t)sizeof(change_cipher_spec))

static void put_record_header(uint8_t *p, uint8_t type, unsigned version, size_t len)
{
	p[0] = type;
	put_be16(p + 1, (uint16_t)version);
	put_be16(p + 3, (uint16_t)len);
}

static unsigned exchanges(const struct gen_flow *f)
{
	return 1 + gen_rnd(f, TAG_EXCHANGES, 4);
}

static uint32_t request_len(const struct gen_flow *f, unsigned t)
{
	return RECORD + 80 + gen_rnd(f, TAG_REQUEST + 1000 * t, 500);
}

/* EncryptedExtensions, Certificate, CertificateVerify and Finished, in one record. */
static uint32_t flight_len(const struct gen_flow *f)
{
	return RECORD + 2300 + gen_rnd(f, TAG_FLIGHT, 2000);
}

static bool tls_turn(struct gen *g, const struct gen_flow *f, unsigned t, enum gen_dir *ret_dir,
		     uint32_t *ret_len)
{
	uint8_t scratch[GEN_PAYLOAD_MAX];
	uint32_t share = f->budget / exchanges(f);
	*ret_dir = t & 1 ? TO_CLIENT : TO_SERVER;
	if (t == 0)
		*ret_len = RECORD + (uint32_t)gen_hello(g, f, false, scratch);
	else if (t == 1)
		*ret_len = RECORD + (uint32_t)gen_server_hello(g, f, false, scratch) + CCS + flight_len(f);
	else if (*ret_dir == TO_SERVER)
		*ret_len = request_len(f, t) + (t == 2 ? CCS + FINISHED_LEN : 0);
	else
		*ret_len = share + (share % RECORD_MAX < 64 ? 64 : 0); /* no record shorter than its header */
	return t < 2 + 2 * exchanges(f);
}

/* A piece of `total` bytes of sealed records that begin at offset 0: random, with the headers that fall into it. */
static void sealed(const struct gen *g, const struct gen_flow *f, uint32_t tag, uint32_t total, uint32_t off,
		   uint32_t len, uint8_t *out)
{
	gen_fill(g, f, tag + 1000 * (off & 0xffff), out, len);
	for (uint32_t at = off / RECORD_MAX * RECORD_MAX; at < off + len && at < total; at += RECORD_MAX) {
		uint32_t left = total - at, whole = left < RECORD_MAX ? left : RECORD_MAX;
		uint8_t head[RECORD];
		put_record_header(head, 0x17, 0x0303, whole - RECORD);
		for (uint32_t k = 0; k < RECORD; k++)
			if (at + k >= off && at + k < off + len)
				out[at + k - off] = head[k];
	}
}

static void tls_bytes(struct gen *g, const struct gen_flow *f, unsigned t, uint32_t off, uint32_t len,
		      uint8_t *out)
{
	uint8_t whole[2 * GEN_PAYLOAD_MAX + 8192];
	uint32_t n = 0;
	if (t == 0 || t == 1) {
		n = (uint32_t)(t ? gen_server_hello(g, f, false, whole + RECORD)
				 : gen_hello(g, f, false, whole + RECORD));
		put_record_header(whole, 0x16, t ? 0x0303 : 0x0301, n);
		n += RECORD;
	}
	if (t == 1 || t == 2) {
		memcpy(whole + n, change_cipher_spec, CCS);
		n += CCS;
	}
	if (t == 1) {
		gen_fill(g, f, TAG_FLIGHT, whole + n, GEN_PAYLOAD_MAX);
		gen_fill(g, f, TAG_FLIGHT + 1, whole + n + GEN_PAYLOAD_MAX, GEN_PAYLOAD_MAX);
		gen_fill(g, f, TAG_FLIGHT + 2, whole + n + 2 * GEN_PAYLOAD_MAX, GEN_PAYLOAD_MAX);
		put_record_header(whole + n, 0x17, 0x0303, flight_len(f) - RECORD);
		n += flight_len(f);
	}
	if (t == 2) {
		sealed(g, f, TAG_REQUEST, FINISHED_LEN, 0, FINISHED_LEN, whole + n);
		n += FINISHED_LEN;
	}
	if (t >= 2 && !(t & 1)) {
		sealed(g, f, TAG_REQUEST + t, request_len(f, t), 0, request_len(f, t), whole + n);
		n += request_len(f, t);
	}
	if (t >= 2 && t & 1)
		sealed(g, f, TAG_CONTENT + t, f->turn_len, off, len, out);
	else
		memcpy(out, whole + off, len);
}

const struct gen_kind gen_tls = {
    .label = "TLS",
    .proto = "tls",
    .per_mille = 650,
    .ip_proto = 6,
    .port = 443,
    .other_port = 8443,
    .servers = 500,
    .least = 7500,
    .bulk = true,
    .turn = tls_turn,
    .bytes = tls_bytes,
};

/* SPDX-License-Identifier: BSD-3-Clause */
#include <assert.h>
#include <string.h>

#include "dataplane/core/tls.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

typedef enum parse parser(const uint8_t *p, size_t len, struct tls_hello *ret);

static void check(parser *parse, const uint8_t *p, size_t len, struct tls_hello *h, enum parse *ret)
{
	*ret = parse(p, len, h);
	assert(h->n_names <= TLS_MAX_NAMES);
	for (unsigned i = 0; i < h->n_names; i++) {
		assert(h->names[i].len >= 1 && h->names[i].len <= 255);
		assert(h->names[i].p >= h->storage &&
		       h->names[i].p + h->names[i].len <= h->storage + sizeof(h->storage));
	}
	assert(*ret != PARSE_MORE || h->need > len);
	assert(*ret != PARSE_OK || (h->consumed <= len && h->consumed > 0));
}

/* A prefix never knows more than the whole, and what it wants lies where the whole has it. */
static void check_prefix(parser *parse, const uint8_t *p, size_t len, size_t cut)
{
	static struct tls_hello whole, part;
	enum parse all, some;
	check(parse, p, len, &whole, &all);
	check(parse, p, cut, &part, &some);
	if (some != PARSE_MORE) {
		assert(some == all);
		assert(some != PARSE_OK || part.consumed == whole.consumed);
		assert(some != PARSE_OK || part.n_names == whole.n_names);
	}
	assert(part.n_names <= whole.n_names);
	for (unsigned i = 0; i < part.n_names; i++) {
		assert(part.names[i].len == whole.names[i].len);
		assert(!memcmp(part.names[i].p, whole.names[i].p, part.names[i].len));
	}
	if (some == PARSE_MORE && len < part.need) {
		assert(all != PARSE_OK);
		assert(part.n_names == whole.n_names);
	}
}

/* The bare message gives the same names in records of any size. */
static void check_records(const uint8_t *p, size_t len, size_t chunk)
{
	static uint8_t stream[6 * TLS_MAX_RECORDS];
	static struct tls_hello bare, records;
	size_t n = 0;
	for (size_t at = 0; at < len; at += chunk) {
		size_t now = len - at < chunk ? len - at : chunk;
		if (n + 5 + now > sizeof(stream))
			return;
		memcpy(stream + n, "\x16\x03\x01", 3);
		put_be16(stream + n + 3, (uint16_t)now);
		memcpy(stream + n + 5, p + at, now);
		n += 5 + now;
	}
	enum parse a = tls_hello_parse_bare(p, len, &bare), b = tls_hello_parse(stream, n, &records);
	assert(a == b && bare.n_names == records.n_names && bare.ech == records.ech);
	for (unsigned i = 0; i < bare.n_names; i++)
		assert(bare.names[i].len == records.names[i].len &&
		       !memcmp(bare.names[i].p, records.names[i].p, bare.names[i].len));
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	if (len < 2)
		return 0;
	size_t cut = (size_t)(p[0] << 8 | p[1]) % (len - 1);
	p += 2;
	len -= 2;
	check_prefix(tls_hello_parse, p, len, cut);
	check_prefix(tls_hello_parse_bare, p, len, cut);

	check_records(p, len, 1 + cut % 300);
	if (len > 5)
		check_records(p + 5, len - 5, 1 + cut % 300);

	struct tls_hello h;
	enum parse probe = tls_probe(p, len), parse = tls_hello_parse(p, len, &h);
	assert(probe != PARSE_NOT_MINE || parse != PARSE_OK);
	assert(probe != PARSE_OK || parse != PARSE_NOT_MINE);
	return 0;
}

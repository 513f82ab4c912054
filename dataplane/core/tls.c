/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/core/tls.h"

enum {
	RECORD_CCS = 20,
	RECORD_ALERT = 21,
	RECORD_HANDSHAKE = 22,
	RECORD_HEADER = 5,
	RECORD_MAX = 16384 + 256, /* what lenient servers take; RFC 8446 5.1 allows 2^14 */

	HANDSHAKE_CLIENT_HELLO = 1,
	EXT_SERVER_NAME = 0,
	EXT_ECH = 0xfe0d,
	NAME_HOST = 0,
	NAME_MAX = 255,
	ALERT_WARNING = 1,
	ALERT_FATAL = 2,
	ALERT_ACCESS_DENIED = 49,
	CCS_CHANGE = 1,
	PROBE_RECORDS =
	    64, /* empty, CCS and alert records that a probe passes; OpenSSL takes 32 empty ones */
};

/* Reads handshake bytes through the records around them. [p, run) is what is at hand of the current record's
 * body; `beyond` bytes of it have not arrived. `left` handshake bytes remain in the message: a read beyond
 * them is malformed, one beyond `end` is short. */
struct walk {
	const uint8_t *start, *p, *run, *end;
	size_t beyond;
	size_t left;
	size_t read; /* of the message, the short read included */
	size_t need;
	unsigned records;
	bool bare;
	enum parse answer; /* why the last read failed */
};

static bool fail(struct walk *w, enum parse answer)
{
	w->answer = answer;
	return false;
}

/* The first n <= 5 bytes of a record header that may come before or inside a ClientHello. */
static bool header_plausible(const uint8_t *p, size_t n)
{
	if (n > 0 && (p[0] < RECORD_CCS || p[0] > RECORD_HANDSHAKE))
		return false;
	if (n > 1 && p[1] != 3)
		return false;
	if (n < RECORD_HEADER)
		return true;
	size_t body = be16(p + 3);
	return p[0] == RECORD_HANDSHAKE ? body <= RECORD_MAX : body == (p[0] == RECORD_CCS ? 1u : 2u);
}

/* Whether the first body bytes at hand of a CCS or alert record are ones that servers pass over. */
static bool passed_over(uint8_t type, const uint8_t *body, size_t n)
{
	return n == 0 || body[0] == (type == RECORD_CCS ? (uint8_t)CCS_CHANGE : (uint8_t)ALERT_WARNING);
}

/* Enters the next handshake record that has a byte at hand; `wanted` more handshake bytes are asked for. */
static bool next_run(struct walk *w, size_t wanted)
{
	if (w->bare || w->beyond) {
		size_t extra = w->beyond && wanted > w->beyond ? RECORD_HEADER : 0;
		w->need = (size_t)(w->end - w->start) + wanted + extra;
		return fail(w, PARSE_MORE);
	}
	for (;;) {
		size_t n = (size_t)(w->end - w->p);
		size_t seen = n < RECORD_HEADER ? n : RECORD_HEADER;
		if (!header_plausible(w->p, seen))
			return fail(w, w->records ? PARSE_BAD : PARSE_NOT_MINE);
		if (n < RECORD_HEADER) {
			w->need = (size_t)(w->p - w->start) + RECORD_HEADER + wanted;
			return fail(w, PARSE_MORE);
		}
		if (++w->records > TLS_MAX_RECORDS)
			return fail(w, PARSE_BAD);
		uint8_t type = w->p[0];
		size_t body = be16(w->p + 3);
		w->p += RECORD_HEADER;
		n -= RECORD_HEADER;
		if (type == RECORD_HANDSHAKE && body) {
			w->run = w->p + (n < body ? n : body);
			w->beyond = n < body ? body - n : 0;
			if (n)
				return true;
			w->need = (size_t)(w->end - w->start) + wanted + (wanted > body ? RECORD_HEADER : 0);
			return fail(w, PARSE_MORE);
		}
		if (body && !passed_over(type, w->p, n))
			return fail(w, w->records > 1 ? PARSE_BAD : PARSE_NOT_MINE);
		if (n < body) {
			w->need = (size_t)(w->p - w->start) + body + RECORD_HEADER + wanted;
			return fail(w, PARSE_MORE);
		}
		w->p += body;
		w->run = w->p;
	}
}

/* Copies (out) or passes over (out NULL) n bytes across records. */
static bool cross(struct walk *w, size_t n, uint8_t *out)
{
	for (;;) {
		size_t here = (size_t)(w->run - w->p);
		size_t now = n < here ? n : here;
		if (out && now) {
			memcpy(out, w->p, now);
			out += now;
		}
		w->p += now;
		n -= now;
		if (n == 0)
			return true;
		if (!next_run(w, n))
			return false;
	}
}

static inline bool claim(struct walk *w, size_t n)
{
	if (w->left < n)
		return fail(w, PARSE_BAD);
	w->left -= n;
	w->read += n;
	return true;
}

static inline bool skip(struct walk *w, size_t n)
{
	if (!claim(w, n))
		return false;
	if ((size_t)(w->run - w->p) < n)
		return cross(w, n, NULL);
	w->p += n;
	return true;
}

/* The next n bytes: in place, or gathered in `scratch`. NULL where they are not there. */
static inline const uint8_t *take(struct walk *w, size_t n, uint8_t *scratch)
{
	if (!claim(w, n))
		return NULL;
	if ((size_t)(w->run - w->p) < n)
		return cross(w, n, scratch) ? scratch : NULL;
	const uint8_t *p = w->p;
	w->p += n;
	return p;
}

static bool skip_vector8(struct walk *w)
{
	uint8_t scratch[1];
	const uint8_t *n = take(w, 1, scratch);
	return n && skip(w, n[0]);
}

static bool skip_vector16(struct walk *w)
{
	uint8_t scratch[2];
	const uint8_t *n = take(w, 2, scratch);
	return n && skip(w, be16(n));
}

static bool read_name(struct walk *w, size_t len, struct tls_hello *h)
{
	if (h->n_names == TLS_MAX_NAMES)
		return fail(w, PARSE_BAD);
	uint8_t *into = h->storage + h->n_names * (NAME_MAX + 1);
	const uint8_t *name = take(w, len, into);
	if (!name)
		return false;
	if (name != into)
		memcpy(into, name, len);
	h->names[h->n_names++] = (struct span){into, len};
	return true;
}

/* The extension's own length bounds the entries, since readers differ in whether they believe the list's; a
 * list that disagrees makes *ret_malformed true. */
static bool read_server_name(struct walk *w, size_t len, struct tls_hello *h, bool *ret_malformed)
{
	uint8_t scratch[3];
	const uint8_t *p;
	if (len < 2)
		return fail(w, PARSE_BAD);
	if (!(p = take(w, 2, scratch)))
		return false;
	len -= 2;
	if (be16(p) != len)
		*ret_malformed = true;
	while (len) {
		if (len < 3)
			return fail(w, PARSE_BAD);
		if (!(p = take(w, 3, scratch)))
			return false;
		len -= 3;
		size_t n = be16(p + 1);
		if (n > len)
			return fail(w, PARSE_BAD);
		bool wanted = p[0] == NAME_HOST && n && n <= NAME_MAX;
		if (wanted ? !read_name(w, n, h) : !skip(w, n))
			return false;
		len -= n;
	}
	return true;
}

static bool read_extensions(struct walk *w, struct tls_hello *h, bool *ret_malformed)
{
	uint8_t scratch[4];
	const uint8_t *p;
	if (w->left == 0)
		return true; /* hellos of old clients end here */
	if (!(p = take(w, 2, scratch)))
		return false;
	/* Names are wanted whether or not the block's length is right. */
	if (be16(p) != w->left)
		*ret_malformed = true;
	while (w->left) {
		if (!(p = take(w, 4, scratch)))
			return false;
		uint16_t type = be16(p);
		size_t len = be16(p + 2);
		if (len > w->left)
			return fail(w, PARSE_BAD);
		h->ech |= type == EXT_ECH;
		bool sni = type == EXT_SERVER_NAME && len;
		if (sni ? !read_server_name(w, len, h, ret_malformed) : !skip(w, len))
			return false;
	}
	return true;
}

static bool read_hello(struct walk *w, struct tls_hello *h, bool *ret_malformed)
{
	uint8_t scratch[3];
	const uint8_t *p;
	w->left = 4;
	if (!(p = take(w, 1, scratch)))
		return false;
	if (p[0] != HANDSHAKE_CLIENT_HELLO)
		return fail(w, PARSE_NOT_MINE);
	if (!(p = take(w, 3, scratch)))
		return false;
	w->left = be24(p);
	/* A hello too long for us may be read by a server: its names count as far as we look. */
	*ret_malformed = w->left > TLS_HELLO_MAX;
	return skip(w, 2 + 32) && skip_vector8(w) && skip_vector16(w) && skip_vector8(w) &&
	       read_extensions(w, h, ret_malformed);
}

static enum parse parse(struct walk *w, struct tls_hello *ret)
{
	bool malformed = false;
	ret->need = 0;
	ret->consumed = 0;
	ret->n_names = 0;
	ret->ech = false;
	if (!read_hello(w, ret, &malformed)) {
		ret->need = w->need;
		return w->answer == PARSE_MORE && w->read > TLS_HELLO_MAX ? PARSE_BAD : w->answer;
	}
	if (malformed)
		return PARSE_BAD;
	ret->consumed = (size_t)((w->bare ? w->p : w->run) - w->start) + w->beyond;
	ret->need = ret->consumed;
	return w->beyond ? PARSE_MORE : PARSE_OK;
}

enum parse tls_hello_parse(const uint8_t *p, size_t len, struct tls_hello *ret)
{
	struct walk w = {.start = p, .p = p, .run = p, .end = p + len};
	return parse(&w, ret);
}

enum parse tls_hello_parse_bare(const uint8_t *p, size_t len, struct tls_hello *ret)
{
	struct walk w = {.start = p, .p = p, .run = p + len, .end = p + len, .bare = true};
	return parse(&w, ret);
}

enum parse tls_probe(const uint8_t *p, size_t len)
{
	for (unsigned i = 0; i < PROBE_RECORDS; i++) {
		if (!header_plausible(p, len < RECORD_HEADER ? len : RECORD_HEADER))
			return PARSE_NOT_MINE;
		if (len <= RECORD_HEADER)
			return PARSE_MORE;
		size_t body = be16(p + 3);
		if (p[0] == RECORD_HANDSHAKE && body)
			return p[RECORD_HEADER] == HANDSHAKE_CLIENT_HELLO ? PARSE_OK : PARSE_NOT_MINE;
		if (body && !passed_over(p[0], p + RECORD_HEADER, len - RECORD_HEADER))
			return PARSE_NOT_MINE;
		if (len < RECORD_HEADER + body)
			return PARSE_MORE;
		p += RECORD_HEADER + body;
		len -= RECORD_HEADER + body;
	}
	return PARSE_NOT_MINE;
}

size_t tls_alert_build(uint8_t ret[7])
{
	static const uint8_t alert[7] = {RECORD_ALERT, 3, 3, 0, 2, ALERT_FATAL, ALERT_ACCESS_DENIED};
	memcpy(ret, alert, sizeof(alert));
	return sizeof(alert);
}

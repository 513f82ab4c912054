/* SPDX-License-Identifier: BSD-3-Clause */
/* http: one HTTP/1.x request head, and the framing of its body (RFC 9112).
 *
 * Model:    stateless on the head: each call looks at the stream from the request's first byte. Reads what
 *           servers read, not only what is legal: any token as method, LF-only and CR LF line ends, obs-fold,
 *           leading empty lines, absolute form, CONNECT, spaces around names and values, bare CR, several
 *           Host fields, HTTP/0.9 and lines without a version. Both of two readings are given where servers
 *           differ.
 * Owner:    spans point into the caller's bytes.
 * Threads:  pure.
 * Limits:   HTTP_HEAD_MAX bytes of head, HTTP_MAX_HOSTS different Host values; beyond them PARSE_BAD with
 *           what was found set: the first ones and the last.
 * Errors:   enum parse; PARSE_MORE as soon as the first bytes can be a method.
 * Cost:     one pass, about 1 cycle a byte; `from` lets a repeated call skip what it has seen.
 */
#ifndef DATAPLANE_CORE_HTTP_H
#define DATAPLANE_CORE_HTTP_H

#include <stdbool.h>

#include "common/parse.h"
#include "common/span.h"

#define HTTP_HEAD_MAX  (64 * 1024)
#define HTTP_MAX_HOSTS 4

enum http_body {
	HTTP_BODY_NONE,
	HTTP_BODY_LENGTH, /* body_bytes */
	HTTP_BODY_CHUNKED,
	HTTP_BODY_TUNNEL, /* CONNECT, or Upgrade: what follows is another protocol, probed afresh */
};

struct http_request {
	struct span method;
	struct span target;		   /* as sent, without surrounding spaces; may hold inner spaces */
	struct span hosts[HTTP_MAX_HOSTS]; /* every Host value, as sent, obs-fold included */
	struct span accept_language;	   /* len 0 where absent */
	uint8_t n_hosts;
	uint8_t body;  /* enum http_body */
	bool absolute; /* target is absolute-form, or authority-form with CONNECT */
	uint64_t body_bytes;
	size_t head_bytes; /* PARSE_OK: up to and including the empty line */
	bool ambiguous; /* Content-Length and Transfer-Encoding, or two different lengths: servers may differ
			 */
};

/* `from`: bytes that an earlier call over the same head has already searched for its end (0 at first);
 * *ret_from is the value for the next call. */
enum parse http_request_parse(const uint8_t *p, size_t len, size_t from, struct http_request *ret,
			      size_t *ret_from);

/* Whether the first bytes of a segment can begin a request: PARSE_OK (a method, a space and the beginning of
 * a target, or of the HTTP/2 preface), PARSE_MORE (a prefix of that), PARSE_NOT_MINE. `strict` accepts only
 * registered methods (IANA) and is for picking up flows in the middle; otherwise any token of up to 32
 * characters. */
enum parse http_probe(const uint8_t *p, size_t len, bool strict);

/* Chunked framing (RFC 9112 7.1), incremental: state survives between calls, all zero at first. Size lines of
 * up to 4 KiB and trailers of up to 64 KiB. */
struct http_chunks {
	uint64_t skip;	     /* bytes of chunk data still to pass */
	uint32_t line_bytes; /* of the size line, or of the trailer */
	uint8_t state;	     /* private */
	uint8_t digits;
};
/* Reads len bytes; *ret_used is how many belong to the body. PARSE_OK the last chunk and trailer ended there,
 * PARSE_MORE all belong to the body and more follows, PARSE_BAD no valid framing. */
enum parse http_chunks_feed(struct http_chunks *c, const uint8_t *p, size_t len, size_t *ret_used);

/* Inside the data of a chunk: takes up to `most` bytes of it as fed without seeing them. Returns how many, 0 elsewhere. */
uint64_t http_chunks_pass(struct http_chunks *c, uint64_t most);

#endif

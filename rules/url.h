/* SPDX-License-Identifier: BSD-3-Clause */
/* url: the one canonical form of a URL, for list entries and for HTTP requests alike.
 *
 * Model:    "host[:port]/path[?query]". No scheme; ports 80 and 443 are dropped; the path never lacks its
 *           first '/'; dot segments and duplicate slashes are gone; percent-escapes of unreserved bytes are
 *           decoded once, others have upper-case hex, bytes that RFC 3986 does not allow are escaped; no
 *           fragment, no userinfo, no tabs or line breaks; an empty query is no query. Idempotent unless cut.
 *           docs/lists.md is the specification, its vectors are the test.
 * Owner:    the result holds its text.
 * Threads:  any.
 * Limits:   URL_MAX_BYTES canonical bytes. A longer one is cut there and `cut` is set: prefixes and patterns
 *           still see its beginning, an exact rule never matches it. Input length is not limited; dot
 *           segments are removed before the cut.
 * Errors:   enum name_error for the host, NAME_BAD_BYTE for a scheme other than http and https; the rest of a
 *           URL cannot be wrong.
 * Cost:     one pass over the input, no heap (but see name.h for IDN).
 */
#ifndef RULES_URL_H
#define RULES_URL_H

#include "rules/name.h"

#define URL_MAX_BYTES 8192

struct url {
	struct name host;
	uint16_t port;	   /* 0 where it is 80, 443 or not given */
	uint16_t host_len; /* bytes of text before the first '/': host and port */
	uint16_t len;
	bool cut;
	char text[URL_MAX_BYTES + 1];
};

/* From a list entry or an absolute-form request target: "http://host/path", "//host/path" or "host/path". */
enum name_error url_from_text(const uint8_t *p, size_t len, struct url *ret);

/* From a request: its canonical host, the port (0 = default) and the origin-form target ("/path?query" or
 * "*"). */
void url_from_request(const struct name *host, uint16_t port, const uint8_t *target, size_t len,
		      struct url *ret);

/* Changes the port of a canonical URL in place (0 = default). */
void url_set_port(struct url *u, uint16_t port);

#endif

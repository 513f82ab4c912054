/* SPDX-License-Identifier: BSD-3-Clause */
/* tls: the server names of a ClientHello at the start of a client's byte stream (RFC 8446, RFC 6066 3).
 *
 * Model:    stateless: each call looks at the stream from its first byte; `need` says when to look again.
 *           Handshake bytes may be spread over any number of records (RFC 8446 5.1); empty records,
 *           ChangeCipherSpec and warning alerts around them are passed over, as servers do. Another first
 *           message, or an SSLv2 hello: PARSE_NOT_MINE.
 *           Names are set as soon as they are complete, also with PARSE_MORE and PARSE_BAD.
 * Owner:    the result holds its names.
 * Threads:  pure.
 * Limits:   TLS_HELLO_MAX of the hello, TLS_MAX_RECORDS records, TLS_MAX_NAMES names; beyond them PARSE_BAD.
 *           Names of more than 255 bytes, which no server serves, are passed over.
 * Errors:   enum parse. PARSE_MORE from the first byte on as long as the bytes can still be a ClientHello.
 * Cost:     O(records + extensions), no heap; about 200 cycles for a browser's hello.
 */
#ifndef DATAPLANE_CORE_TLS_H
#define DATAPLANE_CORE_TLS_H

#include <stdbool.h>

#include "common/parse.h"
#include "common/span.h"

#define TLS_MAX_RECORDS 4096
#define TLS_MAX_NAMES	4
#define TLS_HELLO_MAX	(64 * 1024)

struct tls_hello {
	size_t need;	 /* PARSE_MORE: at least so many stream bytes are wanted for any progress */
	size_t consumed; /* PARSE_OK: stream bytes up to the end of the record that ends the hello */
	uint8_t n_names;
	bool ech; /* encrypted_client_hello (0xfe0d), real or GREASE: the outer name is what it is */
	struct span names[TLS_MAX_NAMES]; /* as sent, into storage */
	uint8_t storage[TLS_MAX_NAMES * 256];
};

/* From a TCP stream: records around the handshake message. */
enum parse tls_hello_parse(const uint8_t *p, size_t len, struct tls_hello *ret);

/* From QUIC CRYPTO data (RFC 9001 4): the handshake message without records. */
enum parse tls_hello_parse_bare(const uint8_t *p, size_t len, struct tls_hello *ret);

/* Whether the first bytes of a segment can begin a ClientHello: PARSE_OK (surely: record header and hello
 * type seen), PARSE_MORE (a proper prefix of that), PARSE_NOT_MINE. A few compares. */
enum parse tls_probe(const uint8_t *p, size_t len);

/* A fatal alert record in *ret (7 bytes): access_denied (49). Returns its length. */
size_t tls_alert_build(uint8_t ret[7]);

#endif

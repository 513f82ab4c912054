/* SPDX-License-Identifier: BSD-3-Clause */
/* fetch: one list from its source (https, file; http only where allowed), whole or not at all.
 *
 * Model:    either the source has something new, which is then complete as far as the protocol can tell, or it is
 *           unchanged, or it failed and nothing is kept. What each answer means is the table in docs/feeds.md:
 *           cut short, a web page instead of a list, compressed, empty, 304 that nobody asked for -> failed.
 * Owner:    request and its strings are the caller's; the result's descriptor and signature go by fetch_result_fini.
 * Threads:  any; blocks, so run it in a worker thread. fetch_init once, in main, before threads.
 * Limits:   bytes, times and speed of the request; FETCH_MAX_REDIRECTS, which never go from https to http nor to a
 *           file; FETCH_MAX_SIGNATURE; 64 KiB of headers. No cookies, no .netrc, no proxy but the request's own, TLS 1.2 or later.
 * Errors:   0 with FETCH_NEW or FETCH_UNCHANGED; or -errno and a sentence, with FETCH_FAILED and why. Sentences show
 *           a URL without its query, which may be a password.
 * Cost:     a connection a call.
 */
#ifndef CONTROL_FEED_FETCH_H
#define CONTROL_FEED_FETCH_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"

#define FETCH_MAX_URL	    2048 /* bytes */
#define FETCH_MAX_VALIDATOR 256	 /* bytes of an ETag or a time, with the NUL; a longer one is not kept */
#define FETCH_MAX_REDIRECTS 5
#define FETCH_MAX_SIGNATURE (1024u * 1024) /* bytes */

enum fetch_status { FETCH_FAILED, FETCH_NEW, FETCH_UNCHANGED };

/* Why it failed: name, whether it is likely to pass by itself (else a person must act), what it is. */
#define FETCH_WHYS(X)                                                                                     \
	X(NONE, none, true, "it did not fail")                                                            \
	X(SETTING, setting, false, "the URL or a file named in the settings cannot be used")              \
	X(NETWORK, network, true, "no name, no connection, cut off, too slow")                            \
	X(TLS, tls, false, "the server is not who it must be, or speaks no TLS 1.2")                      \
	X(BUSY, busy, true, "the server asks to come later (429, 503)")                                   \
	X(SERVER, server, true, "the server is in trouble (5xx)")                                         \
	X(DENIED, denied, false, "the server does not let us in (401, 403, 407)")                         \
	X(GONE, gone, false, "there is no list at this URL (404, 410)")                                   \
	X(ANSWER, answer, false, "an answer that is no list: other codes, a web page, compressed, empty") \
	X(REDIRECT, redirect, false, "sent on to where we do not go")                                     \
	X(CUT, cut, true, "less came than was promised, or it changed meanwhile")                         \
	X(SIZE, size, false, "more bytes than the limit")                                                 \
	X(SIGNATURE, signature, true, "the list is there, its signature is not")                          \
	X(LOCAL, local, true, "this machine: memory, disk")                                               \
	X(CANCELLED, cancelled, true, "cancelled")

#define FETCH_WHY(NAME, name, passes, what) FETCH_WHY_##NAME,
enum fetch_why { FETCH_WHYS(FETCH_WHY) FETCH_WHY_COUNT };
#undef FETCH_WHY

const char *fetch_why_name(enum fetch_why why);
bool fetch_why_passes(enum fetch_why why);

/* Strings may be NULL or "", which is the same, unless it says otherwise; 0 of a number: its default. */
struct fetch_request {
	const char *url;	   /* must be */
	const char *signature_url; /* its detached signature, fetched where the list is new */
	const char *etag;	   /* of what is in use: asks whether there is something newer */
	const char *last_modified; /* likewise */
	bool allow_http;	   /* http:// may be read, without any proof of who answers */
	const char *file_root;	   /* folder below which file:// URLs may point; NULL: none may */
	const char *ca_file;	   /* PEM: the only authorities that are trusted; NULL: the system's */
	const char *client_cert;   /* PEM: shown to the server */
	const char *client_key;	   /* PEM */
	const char *
	    authorization; /* value of the Authorization header; goes to the URL's own server only, by https */
	const char *proxy;	   /* URL */
	const char *folder;	   /* see temp_open */
	uint64_t max_bytes;	   /* 256 MiB */
	unsigned connect_s;	   /* 15 */
	unsigned total_s;	   /* 600 for the list, as much for its signature */
	unsigned slow_bytes_s;	   /* 100 bytes a second over slow_s is too slow */
	unsigned slow_s;	   /* 30 */
	const atomic_bool *cancel; /* looked at once a second or more often */
	const void *post; /* http(s): sent as the body of a POST, which no redirect moves on; NULL: a GET */
	size_t post_bytes;
	const char *post_type; /* its Content-Type */
};

struct fetch_result {
	enum fetch_status status;
	enum fetch_why why;
	int fd; /* the list, at its start, as temp_finish leaves it; -1 unless new */
	uint64_t bytes;
	uint8_t *signature; /* NULL without a signature_url */
	size_t signature_bytes;
	long code;			/* HTTP status, 0 without one */
	unsigned redirects;		/* followed */
	uint64_t retry_after_s;		/* as the server asks, 0: it does not; unbounded: see backoff.h */
	char etag[FETCH_MAX_VALIDATOR]; /* of what came, "" without; keep them only once it is in use */
	char last_modified[FETCH_MAX_VALIDATOR]; /* likewise */
};

/* The library's own start, once a process. */
int fetch_init(struct err *e);
void fetch_fini(void);

/* ret is set whatever is returned. */
int fetch_run(const struct fetch_request *q, struct fetch_result *ret, struct err *e);
void fetch_result_fini(struct fetch_result *r);

/* Whether a URL could be fetched with these settings, without trying: for whoever takes it as an input. */
int fetch_check_url(const char *url, bool allow_http, const char *file_root, struct err *e);

#endif

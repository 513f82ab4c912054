/* SPDX-License-Identifier: BSD-3-Clause */
/* fetch_state: one URL of a fetch, the list's or its signature's. Private to control/feed/fetch*.c. */
#ifndef CONTROL_FEED_FETCH_STATE_H
#define CONTROL_FEED_FETCH_STATE_H

#include <curl/curl.h>

#include "control/feed/fetch.h"

#define FETCH_SHOWN_BYTES 200

struct fetch_part {
	const struct fetch_request *q;
	const char *url;
	const char *etag, *last_modified; /* NULL: it is wanted whatever it is */
	uint64_t max_bytes;
	char shown[FETCH_SHOWN_BYTES]; /* the URL for sentences: no query, no password */
	struct fetch_result *ret;      /* fd and bytes, code, redirects, validators, why */
	struct err *e;
};

/* "URL: ..."; sets ret->why; the errno of it, negative. */
__attribute__((format(printf, 3, 4))) int fetch_fail(struct fetch_part *p, enum fetch_why why,
						     const char *fmt, ...);
bool fetch_is_cancelled(const struct fetch_part *p);

/* Both open ret->fd where what is there is new (ret->status), in whole, not looked at. */
int fetch_http(struct fetch_part *p);
int fetch_file(struct fetch_part *p);

/* A URL taken apart; free with curl_url_cleanup. NULL: it is none, or too long. */
CURLU *fetch_url_parse(const char *url);
/* A part, "" where there is none; cap includes the NUL; false: longer. */
bool fetch_url_part(CURLU *u, CURLUPart part, unsigned flags, char *to, size_t cap);
bool fetch_url_is(CURLU *u, const char *scheme);
void fetch_url_show(CURLU *u, char to[FETCH_SHOWN_BYTES]);
/* The same scheme, host and port. */
bool fetch_url_same_server(const char *a, const char *b);
/* The path of a file URL, decoded, from below file_root on; false: it is not below it. */
bool fetch_url_file(CURLU *u, const char *file_root, char *to, size_t cap);

/* The library's memory is wiped when it is freed: it holds URLs and headers that are passwords. */
void *fetch_memory_malloc(size_t n);
void fetch_memory_free(void *p);
void *fetch_memory_realloc(void *p, size_t n);
char *fetch_memory_strdup(const char *text);
void *fetch_memory_calloc(size_t n, size_t size);

#endif

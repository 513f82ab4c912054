/* SPDX-License-Identifier: BSD-3-Clause */
/* fetch_http: one request and what its answer means. Private to control/feed/fetch*.c. */
#ifndef CONTROL_FEED_FETCH_HTTP_H
#define CONTROL_FEED_FETCH_HTTP_H

#include "control/feed/fetch_state.h"

#define FETCH_MAX_HEAD (64u * 1024)

struct fetch_hop {
	struct fetch_part *part;
	CURL *curl;
	struct curl_slist *headers;
	int fd; /* temporary file */
	uint64_t bytes;
	size_t head_bytes;
	bool goodbye;		 /* the server ended the connection, nobody else */
	bool too_long, is_local; /* why on_body ended it */
	struct err local;
	char why[CURL_ERROR_SIZE];
};

/* After curl_easy_perform: sets status, code, validators. *ret_next: where it is sent on to (curl_free), else as it was. */
int fetch_hop_result(struct fetch_hop *h, CURLcode rc, const char *url, char **ret_next);

#endif

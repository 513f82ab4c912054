/* SPDX-License-Identifier: BSD-3-Clause */
/* fuzz_feed_url: bytes as the URL of a source: a refused one has a sentence, and none of them shows a query; a file is below the root. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "control/feed/fetch_state.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

#define ROOT "/srv/lists"

static void check_parts(const char *url)
{
	char path[FETCH_MAX_URL + 1], shown[FETCH_SHOWN_BYTES];
	CURLU *u = fetch_url_parse(url);
	assert(u);
	fetch_url_show(u, shown);
	const char *query = strchr(shown, '?');
	assert(!query || !strcmp(query, "?...") || strlen(shown) > FETCH_SHOWN_BYTES - 8);
	assert(fetch_url_same_server(url, url));
	if (fetch_url_is(u, "file"))
		assert(fetch_url_file(u, ROOT, path, sizeof(path)) && *path && *path != '/');
	else
		assert(fetch_url_is(u, "https"));
	curl_url_cleanup(u);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct err e = {.text = ""};
	char *url = malloc(len + 1);
	if (!url)
		abort();
	memcpy(url, p, len);
	url[len] = 0;
	int r = fetch_check_url(url, false, ROOT, &e);
	assert((r == 0) == (*e.text == 0));
	if (!r)
		check_parts(url);
	free(url);
	return 0;
}

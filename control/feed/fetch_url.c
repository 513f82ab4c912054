/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "common/quote.h"
#include "control/feed/fetch_state.h"

#define MAX_HOST 255 /* more than a name or an address can have */

/* libcurl also takes one slash or three for two: then another program would see another server. */
static bool has_two_slashes(const char *url)
{
	const char *at = url + strcspn(url, ":/?#");
	return !strncmp(at, "://", 3) && (at[3] != '/' || !strncasecmp(url, "file:", 5));
}

CURLU *fetch_url_parse(const char *url)
{
	char host[MAX_HOST + 1];
	size_t n = strlen(url);
	if (!n || n > FETCH_MAX_URL)
		return NULL;
	for (size_t i = 0; i < n; i++)
		if (url[i] <= ' ' || url[i] > '~')
			return NULL;
	CURLU *u = has_two_slashes(url) ? curl_url() : NULL;
	if (u && (curl_url_set(u, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) ||
		  !fetch_url_part(u, CURLUPART_HOST, 0, host, sizeof(host)))) {
		curl_url_cleanup(u);
		u = NULL;
	}
	return u;
}

bool fetch_url_part(CURLU *u, CURLUPart part, unsigned flags, char *to, size_t cap)
{
	char *text = NULL;
	CURLUcode rc = curl_url_get(u, part, &text, flags);
	size_t n = text ? strlen(text) : 0;
	bool fits = (!rc || rc == CURLUE_NO_USER || rc == CURLUE_NO_PASSWORD || rc == CURLUE_NO_HOST ||
		     rc == CURLUE_NO_PORT || rc == CURLUE_NO_QUERY) &&
		    n < cap;
	memcpy(to, fits && n ? text : "", fits ? n + 1 : 1);
	curl_free(text);
	return fits;
}

bool fetch_url_is(CURLU *u, const char *scheme)
{
	char text[16];
	return fetch_url_part(u, CURLUPART_SCHEME, 0, text, sizeof(text)) && !strcmp(text, scheme);
}

void fetch_url_show(CURLU *u, char to[FETCH_SHOWN_BYTES])
{
	char scheme[16], host[MAX_HOST + 1], port[16], path[FETCH_MAX_URL + 8], query[FETCH_MAX_URL + 8];
	char all[sizeof(scheme) + sizeof(host) + sizeof(port) + sizeof(path) + 16];
	bool ok = u && fetch_url_part(u, CURLUPART_SCHEME, 0, scheme, sizeof(scheme)) &&
		  fetch_url_part(u, CURLUPART_HOST, 0, host, sizeof(host)) &&
		  fetch_url_part(u, CURLUPART_PORT, 0, port, sizeof(port)) &&
		  fetch_url_part(u, CURLUPART_PATH, 0, path, sizeof(path)) &&
		  fetch_url_part(u, CURLUPART_QUERY, 0, query, sizeof(query));
	if (!ok) {
		memcpy(to, "The URL", sizeof("The URL"));
		return;
	}
	snprintf(all, sizeof(all), "%s://%s%s%s%s%s", scheme, host, *port ? ":" : "", port, path,
		 *query ? "?..." : "");
	quote_into(to, FETCH_SHOWN_BYTES, all);
	explicit_bzero(query, sizeof(query));
}

static bool same(CURLU *a, CURLU *b)
{
	static const CURLUPart parts[] = {CURLUPART_SCHEME, CURLUPART_HOST, CURLUPART_PORT};
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		char x[MAX_HOST + 1], y[MAX_HOST + 1];
		if (!fetch_url_part(a, parts[i], CURLU_DEFAULT_PORT, x, sizeof(x)) ||
		    !fetch_url_part(b, parts[i], CURLU_DEFAULT_PORT, y, sizeof(y)) || strcasecmp(x, y))
			return false;
	}
	return true;
}

bool fetch_url_same_server(const char *a, const char *b)
{
	CURLU *x = fetch_url_parse(a), *y = fetch_url_parse(b);
	bool is = x && y && same(x, y);
	curl_url_cleanup(x);
	curl_url_cleanup(y);
	return is;
}

bool fetch_url_file(CURLU *u, const char *file_root, char *to, size_t cap)
{
	char path[FETCH_MAX_URL + 1];
	size_t root = strlen(file_root);
	while (root && file_root[root - 1] == '/')
		root--;
	if (*file_root != '/' || !fetch_url_part(u, CURLUPART_PATH, CURLU_URLDECODE, path, sizeof(path)) ||
	    strncmp(path, file_root, root) || path[root] != '/')
		return false;
	const char *below = path + root + strspn(path + root, "/");
	if (!*below || strlen(below) >= cap)
		return false;
	memcpy(to, below, strlen(below) + 1);
	return true;
}

static int check_parts(CURLU *u, const char *shown, bool allow_http, const char *file_root, struct err *e)
{
	char text[FETCH_MAX_URL + 1];
	bool file = fetch_url_is(u, "file"), http = fetch_url_is(u, "http");
	if (!file && !http && !fetch_url_is(u, "https"))
		return err_set(e, -EINVAL, "%s: only https:// and file:// can be fetched.", shown);
	if (http && !allow_http)
		return err_set(
		    e, -EINVAL,
		    "%s: anybody on the way could change it: use https://, or allow http for this list.",
		    shown);
	if (!fetch_url_part(u, CURLUPART_USER, 0, text, sizeof(text)) || *text ||
	    !fetch_url_part(u, CURLUPART_PASSWORD, 0, text, sizeof(text)) || *text) {
		explicit_bzero(text, sizeof(text));
		return err_set(e, -EINVAL,
			       "%s: holds a user name or password: take it out and set `authorization`.",
			       shown);
	}
	if (!file)
		return 0;
	if (!file_root || !*file_root)
		return err_set(e, -EINVAL, "%s: no folder is set below which files may be read.", shown);
	if (!fetch_url_file(u, file_root, text, sizeof(text)))
		return err_set(e, -EINVAL, "%s: is not below the folder %s: put the file there.", shown,
			       file_root);
	return 0;
}

int fetch_check_url(const char *url, bool allow_http, const char *file_root, struct err *e)
{
	char shown[FETCH_SHOWN_BYTES];
	CURLU *u = url ? fetch_url_parse(url) : NULL;
	if (!u)
		return err_set(
		    e, -EINVAL,
		    "The URL is none: write https://NAME/PATH, at most %d bytes, other characters as %%XX.",
		    FETCH_MAX_URL);
	fetch_url_show(u, shown);
	int r = check_parts(u, shown, allow_http, file_root, e);
	curl_url_cleanup(u);
	return r;
}

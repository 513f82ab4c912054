/* SPDX-License-Identifier: BSD-3-Clause */
/* What an answer means: docs/feeds.md, "What an answer means". */
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "common/quote.h"
#include "control/feed/fetch_http.h"

static const struct {
	CURLcode rc;
	enum fetch_why why;
} results[] = {
    {CURLE_UNSUPPORTED_PROTOCOL, FETCH_WHY_ANSWER}, /* not HTTP at all: the scheme is checked before */
    {CURLE_URL_MALFORMAT, FETCH_WHY_SETTING},	    {CURLE_SSL_CERTPROBLEM, FETCH_WHY_SETTING},
    {CURLE_SSL_CACERT_BADFILE, FETCH_WHY_SETTING},  {CURLE_SSL_CIPHER, FETCH_WHY_SETTING},
    {CURLE_SSL_ENGINE_NOTFOUND, FETCH_WHY_SETTING}, {CURLE_SSL_ENGINE_SETFAILED, FETCH_WHY_SETTING},
    {CURLE_SSL_CONNECT_ERROR, FETCH_WHY_TLS},	    {CURLE_PEER_FAILED_VERIFICATION, FETCH_WHY_TLS},
    {CURLE_SSL_ISSUER_ERROR, FETCH_WHY_TLS},	    {CURLE_SSL_INVALIDCERTSTATUS, FETCH_WHY_TLS},
    {CURLE_USE_SSL_FAILED, FETCH_WHY_TLS},	    {CURLE_WEIRD_SERVER_REPLY, FETCH_WHY_ANSWER},
    {CURLE_BAD_CONTENT_ENCODING, FETCH_WHY_ANSWER}, {CURLE_PARTIAL_FILE, FETCH_WHY_CUT},
    {CURLE_FILESIZE_EXCEEDED, FETCH_WHY_SIZE},	    {CURLE_OUT_OF_MEMORY, FETCH_WHY_LOCAL},
    {CURLE_FAILED_INIT, FETCH_WHY_LOCAL},	    {CURLE_ABORTED_BY_CALLBACK, FETCH_WHY_CANCELLED},
};

static const struct {
	long from, to;
	enum fetch_why why;
	const char *what;
} codes[] = {
    {401, 401, FETCH_WHY_DENIED, "the server asks who we are: set `authorization` or a client certificate"},
    {403, 403, FETCH_WHY_DENIED, "the server does not let us in: ask the authority to allow this address"},
    {404, 404, FETCH_WHY_GONE, "there is no list at this URL: ask the authority for the new one"},
    {407, 407, FETCH_WHY_DENIED, "the proxy does not let us in"},
    {410, 410, FETCH_WHY_GONE, "the list was taken away: ask the authority for the new URL"},
    {429, 429, FETCH_WHY_BUSY, "the server asks to come later"},
    {503, 503, FETCH_WHY_BUSY, "the server asks to come later"},
    {500, 599, FETCH_WHY_SERVER, "the server is in trouble"},
    {0, 999, FETCH_WHY_ANSWER, "an answer that is no list: is it the right URL?"},
};

/* A handshake that the network cut off says nothing of who the server is. */
static bool is_cut_handshake(const struct fetch_hop *h)
{
	long os = 0;
	curl_easy_getinfo(h->curl, CURLINFO_OS_ERRNO, &os);
	return os || strstr(h->why, "SSL_ERROR_SYSCALL") || strstr(h->why, "Connection reset");
}

static enum fetch_why why_of(const struct fetch_hop *h, CURLcode rc)
{
	long connect = 0;
	curl_easy_getinfo(h->curl, CURLINFO_HTTP_CONNECTCODE, &connect);
	if (connect == 407)
		return FETCH_WHY_DENIED;
	if (rc == CURLE_SSL_CONNECT_ERROR && is_cut_handshake(h))
		return FETCH_WHY_NETWORK;
	/* TLS 1.3 refuses a client's certificate only after the handshake */
	if (rc == CURLE_RECV_ERROR && !h->bytes && strstr(h->why, " alert "))
		return FETCH_WHY_TLS;
	if (rc == CURLE_RECV_ERROR && h->bytes) /* without a length, or chunks without the last */
		return FETCH_WHY_CUT;
	for (size_t i = 0; i < sizeof(results) / sizeof(*results); i++)
		if (results[i].rc == rc)
			return results[i].why;
	return FETCH_WHY_NETWORK;
}

static int fail_transfer(struct fetch_hop *h, CURLcode rc)
{
	struct fetch_part *p = h->part;
	char text[CURL_ERROR_SIZE];
	if (rc == CURLE_ABORTED_BY_CALLBACK)
		return fetch_fail(p, FETCH_WHY_CANCELLED, "cancelled.");
	if (h->is_local)
		return fetch_fail(p, FETCH_WHY_LOCAL, "%s", h->local.text);
	if (h->too_long || rc == CURLE_FILESIZE_EXCEEDED)
		return fetch_fail(p, FETCH_WHY_SIZE,
				  "more than the limit of %" PRIu64
				  " bytes: is it a list? Else raise the limit.",
				  p->max_bytes);
	if (h->head_bytes > FETCH_MAX_HEAD)
		return fetch_fail(p, FETCH_WHY_ANSWER, "an answer whose head has more than %u bytes.",
				  FETCH_MAX_HEAD);
	quote_into(text, sizeof(text), *h->why ? h->why : curl_easy_strerror(rc));
	return fetch_fail(p, why_of(h, rc), "%s.", text);
}

static int fail_code(struct fetch_hop *h, long code)
{
	curl_off_t wait = 0;
	if (!curl_easy_getinfo(h->curl, CURLINFO_RETRY_AFTER, &wait) && wait > 0)
		h->part->ret->retry_after_s = (uint64_t)wait;
	size_t i = 0;
	while (code < codes[i].from || code > codes[i].to)
		i++;
	return fetch_fail(h->part, codes[i].why, "%s (%ld).", codes[i].what, code);
}

/* The last header of this name, or NULL. */
static const char *header(const struct fetch_hop *h, const char *name)
{
	struct curl_header *got;
	if (curl_easy_header(h->curl, name, 0, CURLH_HEADER, -1, &got))
		return NULL;
	while (got->index + 1 < got->amount &&
	       !curl_easy_header(h->curl, name, got->index + 1, CURLH_HEADER, -1, &got))
		;
	return got->value;
}

static void keep(const struct fetch_hop *h, const char *name, char to[FETCH_MAX_VALIDATOR])
{
	const char *value = header(h, name);
	to[0] = 0;
	if (!value || strlen(value) >= FETCH_MAX_VALIDATOR)
		return;
	for (const char *c = value; *c; c++)
		if (*c < ' ' || *c > '~')
			return;
	memcpy(to, value, strlen(value) + 1);
}

static int take_list(struct fetch_hop *h, const char *url)
{
	struct fetch_part *p = h->part;
	const char *coding = header(h, "Content-Encoding"), *transfer = header(h, "Transfer-Encoding");
	if ((coding && *coding && strcasecmp(coding, "identity")) ||
	    (transfer && strcasecmp(transfer, "chunked")))
		return fetch_fail(
		    p, FETCH_WHY_ANSWER,
		    "the answer is compressed, though we did not ask for that: ask the authority to "
		    "send the list as it is.");
	if (!transfer && !header(h, "Content-Length") && !h->goodbye && !strncasecmp(url, "https:", 6))
		return fetch_fail(p, FETCH_WHY_CUT,
				  "the connection was cut, and nothing says how long the list is.");
	keep(h, "ETag", p->ret->etag);
	keep(h, "Last-Modified", p->ret->last_modified);
	p->ret->status = FETCH_NEW;
	return 0;
}

static int check_next(struct fetch_part *p, CURLU *from, CURLU *to, const char *shown)
{
	char text[FETCH_MAX_URL + 1];
	bool https = fetch_url_is(to, "https");
	if (!https && !(p->q->allow_http && fetch_url_is(to, "http") && fetch_url_is(from, "http")))
		return fetch_fail(p, FETCH_WHY_REDIRECT, "sent on to %s, which is not https.", shown);
	if (!fetch_url_part(to, CURLUPART_USER, 0, text, sizeof(text)) || *text ||
	    !fetch_url_part(to, CURLUPART_PASSWORD, 0, text, sizeof(text)) || *text)
		return fetch_fail(p, FETCH_WHY_REDIRECT, "sent on to %s with a user name or password.",
				  shown);
	return 0;
}

static int send_on(struct fetch_hop *h, const char *url, char **ret_next)
{
	struct fetch_part *p = h->part;
	char shown[FETCH_SHOWN_BYTES], *next = NULL;
	const char *location = header(h, "Location");
	CURLU *from = fetch_url_parse(url), *to = from ? curl_url_dup(from) : NULL, *checked = NULL;
	int r = 0;
	if (!location || !from || !to || strlen(location) > FETCH_MAX_URL ||
	    curl_url_set(to, CURLUPART_URL, location, CURLU_NON_SUPPORT_SCHEME | CURLU_URLENCODE) ||
	    curl_url_get(to, CURLUPART_URL, &next, 0) || !(checked = fetch_url_parse(next))) {
		r = fetch_fail(p, FETCH_WHY_REDIRECT, "sent on, without a URL that could be followed.");
	} else {
		fetch_url_show(to, shown);
		r = check_next(p, from, to, shown);
	}
	curl_url_cleanup(from);
	curl_url_cleanup(to);
	curl_url_cleanup(checked);
	if (r)
		curl_free(next);
	else
		*ret_next = next;
	return r;
}

static bool is_redirect(long code)
{
	return code == 301 || code == 302 || code == 303 || code == 307 || code == 308;
}

int fetch_hop_result(struct fetch_hop *h, CURLcode rc, const char *url, char **ret_next)
{
	struct fetch_part *p = h->part;
	long code = 0;
	curl_easy_getinfo(h->curl, CURLINFO_RESPONSE_CODE, &code);
	p->ret->code = code;
	if (rc == CURLE_ABORTED_BY_CALLBACK || h->head_bytes > FETCH_MAX_HEAD || code < 200 ||
	    (code == 200 && rc))
		return rc ? fail_transfer(h, rc)
			  : fetch_fail(p, FETCH_WHY_ANSWER, "an answer that is no list (%ld).", code);
	if (code == 200)
		return take_list(h, url);
	if (code == 304 && (p->etag || p->last_modified)) {
		p->ret->status = FETCH_UNCHANGED;
		return 0;
	}
	return is_redirect(code) ? send_on(h, url, ret_next) : fail_code(h, code);
}

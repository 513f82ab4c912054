/* SPDX-License-Identifier: BSD-3-Clause */
/* https:// and http:// URLs. Redirects are followed here, one by one, not by libcurl: each is checked. */
#include <errno.h>
#include <inttypes.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/quote.h"
#include "control/feed/fetch_http.h"
#include "control/feed/temp.h"

#define CONNECT_S    15
#define TOTAL_S	     600
#define SLOW_BYTES_S 100
#define SLOW_S	     30

static int64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int on_progress(void *ctx, curl_off_t total, curl_off_t now, curl_off_t up_total, curl_off_t up)
{
	(void)total, (void)now, (void)up_total, (void)up;
	return fetch_is_cancelled(((struct fetch_hop *)ctx)->part);
}

/* Only the body of a 200 is of interest: any other ends the transfer. */
static size_t on_body(char *bytes, size_t size, size_t n, void *ctx)
{
	struct fetch_hop *h = ctx;
	long code = 0;
	(void)size; /* 1 */
	curl_easy_getinfo(h->curl, CURLINFO_RESPONSE_CODE, &code);
	if (code != 200)
		return 0;
	if (n > h->part->max_bytes - h->bytes) {
		h->too_long = true;
		return 0;
	}
	if (temp_write(h->fd, bytes, n, &h->local)) {
		h->is_local = true;
		return 0;
	}
	h->bytes += n;
	return n;
}

/* All heads of one request: of a proxy, of answers to come, of the answer. */
static size_t on_head(char *bytes, size_t size, size_t n, void *ctx)
{
	struct fetch_hop *h = ctx;
	(void)bytes, (void)size;
	h->head_bytes += n;
	return h->head_bytes <= FETCH_MAX_HEAD ? n : 0;
}

static void on_tls_state(const SSL *tls, int where, int alert)
{
	struct fetch_hop *h = SSL_CTX_get_app_data(SSL_get_SSL_CTX(tls));
	if ((where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT && (alert & 0xff) == SSL_AD_CLOSE_NOTIFY)
		h->goodbye = true;
}

/* libcurl takes a connection that was cut for one that ended; a list without a length would be cut short unseen. */
static CURLcode on_tls(CURL *curl, void *tls, void *ctx)
{
	(void)curl;
	SSL_CTX_set_app_data(tls, ctx);
	SSL_CTX_set_info_callback(tls, on_tls_state);
	return CURLE_OK;
}

static bool is_plain_text(const char *text)
{
	for (; *text; text++)
		if ((*text < ' ' && *text != '\t') || *text > '~')
			return false;
	return true;
}

static bool add_header(struct fetch_hop *h, const char *name, const char *value)
{
	char line[4096];
	if ((size_t)snprintf(line, sizeof(line), "%s: %s", name, value) >= sizeof(line))
		return false;
	struct curl_slist *more = curl_slist_append(h->headers, line);
	explicit_bzero(line, sizeof(line));
	if (!more)
		return false;
	h->headers = more;
	return true;
}

static int set_headers(struct fetch_hop *h, bool own)
{
	struct fetch_part *p = h->part;
	const char *secret = own ? p->q->authorization : NULL;
	if (secret && !is_plain_text(secret))
		return fetch_fail(p, FETCH_WHY_SETTING, "`authorization` must be one line of ASCII text.");
	if (!add_header(h, "Accept", "*/*") ||
	    (p->q->post && !add_header(h, "Content-Type", p->q->post_type)) ||
	    (p->etag && is_plain_text(p->etag) && !add_header(h, "If-None-Match", p->etag)) ||
	    (p->last_modified && is_plain_text(p->last_modified) &&
	     !add_header(h, "If-Modified-Since", p->last_modified)) ||
	    (secret && !add_header(h, "Authorization", secret)))
		return fetch_fail(p, FETCH_WHY_SETTING, "`authorization` is too long.");
	return 0;
}

static unsigned or_usual(unsigned value, unsigned usual)
{
	return value ? value : usual;
}

/* own: the server is the one that the URL in the settings names; only that one gets to see who we are. */
static bool set_options(struct fetch_hop *h, const char *url, bool own, int64_t until_ms)
{
	CURL *c = h->curl;
	struct fetch_part *p = h->part;
	const struct fetch_request *q = p->q;
	const char *cert = own ? q->client_cert : NULL, *key = own ? q->client_key : NULL;
	const char *schemes = q->allow_http ? "https,http" : "https";
	int64_t left_ms = until_ms - now_ms();
	bool ok = true;
#define SET(option, value) (ok = ok && !curl_easy_setopt(c, option, value))
	SET(CURLOPT_URL, url);
	if (q->post) {
		SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)q->post_bytes);
		SET(CURLOPT_POSTFIELDS, q->post);
	}
	SET(CURLOPT_PROTOCOLS_STR, schemes);
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(CURLOPT_HTTPHEADER, h->headers);
	SET(CURLOPT_HEADEROPT, (long)CURLHEADER_SEPARATE);
	SET(CURLOPT_USERAGENT, "roja/" ROJA_VERSION);
	SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(CURLOPT_PROXY, q->proxy ? q->proxy : "");
	SET(CURLOPT_NOPROXY, "");
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(CURLOPT_SSL_VERIFYPEER, 1L);
	SET(CURLOPT_SSL_VERIFYHOST, 2L);
	if (q->ca_file) {
		SET(CURLOPT_CAINFO, q->ca_file);
		SET(CURLOPT_CAPATH, NULL);
	}
	SET(CURLOPT_SSLCERT, cert);
	SET(CURLOPT_SSLKEY, key);
	SET(CURLOPT_SSL_CTX_FUNCTION, on_tls);
	SET(CURLOPT_SSL_CTX_DATA, h);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_CONNECTTIMEOUT, (long)or_usual(q->connect_s, CONNECT_S));
	SET(CURLOPT_TIMEOUT_MS, (long)(left_ms > 0 ? left_ms : 1));
	SET(CURLOPT_LOW_SPEED_LIMIT, (long)or_usual(q->slow_bytes_s, SLOW_BYTES_S));
	SET(CURLOPT_LOW_SPEED_TIME, (long)or_usual(q->slow_s, SLOW_S));
	SET(CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)(p->max_bytes < INT64_MAX ? p->max_bytes : INT64_MAX));
	SET(CURLOPT_NOPROGRESS, 0L);
	SET(CURLOPT_XFERINFOFUNCTION, on_progress);
	SET(CURLOPT_XFERINFODATA, h);
	SET(CURLOPT_HEADERFUNCTION, on_head);
	SET(CURLOPT_HEADERDATA, h);
	SET(CURLOPT_WRITEFUNCTION, on_body);
	SET(CURLOPT_WRITEDATA, h);
	SET(CURLOPT_ERRORBUFFER, h->why);
#undef SET
	return ok;
}

/* One request. The URL as it is asked is url; *ret_next is where it is sent on to, or NULL; free with curl_free. */
static int run_hop(struct fetch_hop *h, const char *url, int64_t until_ms, char **ret_next)
{
	struct fetch_part *p = h->part;
	bool own = fetch_url_same_server(url, p->q->url) && !strncasecmp(url, "https:", 6);
	int r = set_headers(h, own);
	if (r)
		return r;
	if (!set_options(h, url, own, until_ms))
		return fetch_fail(p, FETCH_WHY_SETTING, "the settings of this source cannot be used.");
	CURLcode rc = curl_easy_perform(h->curl);
	return fetch_hop_result(h, rc, url, ret_next);
}

static int new_hop(struct fetch_hop *h)
{
	curl_slist_free_all(h->headers);
	h->headers = NULL;
	h->bytes = 0;
	h->head_bytes = 0;
	h->goodbye = false;
	h->why[0] = 0;
	curl_easy_reset(h->curl);
	return h->part->ret->redirects > FETCH_MAX_REDIRECTS
		   ? fetch_fail(h->part, FETCH_WHY_REDIRECT, "sent on more than %d times.",
				FETCH_MAX_REDIRECTS)
		   : 0;
}

static int follow(struct fetch_hop *h, int64_t until_ms)
{
	char *url = NULL;
	int r;
	for (;;) {
		char *next = NULL;
		r = run_hop(h, url ? url : h->part->url, until_ms, &next);
		curl_free(url);
		url = next;
		if (!r && url && h->part->q->post)
			r = fetch_fail(h->part, FETCH_WHY_REDIRECT, "sent on to another URL: name that one.");
		if (r || !url)
			break;
		h->part->ret->redirects++;
		r = new_hop(h);
		if (r)
			break;
	}
	curl_free(url);
	return r;
}

int fetch_http(struct fetch_part *p)
{
	struct fetch_hop h = {.part = p, .curl = curl_easy_init(), .fd = -1};
	int64_t until_ms = now_ms() + INT64_C(1000) * or_usual(p->q->total_s, TOTAL_S);
	int r;
	if (!h.curl)
		r = fetch_fail(p, FETCH_WHY_LOCAL, "out of memory.");
	else if (temp_open(p->q->folder, &h.fd, &h.local))
		r = fetch_fail(p, FETCH_WHY_LOCAL, "%s", h.local.text);
	else
		r = follow(&h, until_ms);
	if (!r && p->ret->status == FETCH_NEW && temp_finish(h.fd, &h.local))
		r = fetch_fail(p, FETCH_WHY_LOCAL, "%s", h.local.text);
	if (!r && p->ret->status == FETCH_NEW) {
		p->ret->fd = h.fd;
		p->ret->bytes = h.bytes;
	} else if (h.fd >= 0) {
		close(h.fd);
	}
	curl_easy_cleanup(h.curl);
	curl_slist_free_all(h.headers);
	return r;
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/feed/fetch.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "control/feed/fetch_state.h"

#define MAX_BYTES  (256u * 1024 * 1024)
#define LOOK_BYTES 2048 /* of what came, for what it is */

static const struct {
	const char *name;
	bool passes;
} whys[] = {
#define FETCH_WHY_ROW(NAME, name, passes, what) {#name, passes},
    FETCH_WHYS(FETCH_WHY_ROW)
#undef FETCH_WHY_ROW
};

static const int errnos[FETCH_WHY_COUNT] = {
    [FETCH_WHY_SETTING] = EINVAL, [FETCH_WHY_NETWORK] = EHOSTUNREACH, [FETCH_WHY_TLS] = EPROTO,
    [FETCH_WHY_BUSY] = EAGAIN,	  [FETCH_WHY_SERVER] = EREMOTEIO,     [FETCH_WHY_DENIED] = EACCES,
    [FETCH_WHY_GONE] = ENOENT,	  [FETCH_WHY_ANSWER] = EBADMSG,	      [FETCH_WHY_REDIRECT] = ELOOP,
    [FETCH_WHY_CUT] = EPIPE,	  [FETCH_WHY_SIZE] = EFBIG,	      [FETCH_WHY_SIGNATURE] = ENOKEY,
    [FETCH_WHY_LOCAL] = EIO,	  [FETCH_WHY_CANCELLED] = ECANCELED,
};

const char *fetch_why_name(enum fetch_why why)
{
	return (unsigned)why < FETCH_WHY_COUNT ? whys[why].name : "unknown";
}

bool fetch_why_passes(enum fetch_why why)
{
	return (unsigned)why < FETCH_WHY_COUNT && whys[why].passes;
}

int fetch_fail(struct fetch_part *p, enum fetch_why why, const char *fmt, ...)
{
	char text[ERR_BYTES];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	p->ret->status = FETCH_FAILED;
	p->ret->why = why;
	return err_set(p->e, -errnos[why], "%s: %s", p->shown, text);
}

bool fetch_is_cancelled(const struct fetch_part *p)
{
	return p->q->cancel && atomic_load(p->q->cancel);
}

int fetch_init(struct err *e)
{
	if (curl_global_init_mem(CURL_GLOBAL_ALL, fetch_memory_malloc, fetch_memory_free,
				 fetch_memory_realloc, fetch_memory_strdup, fetch_memory_calloc))
		return err_set(e, -ENOMEM, "The library that fetches lists (libcurl) cannot be started.");
	return 0;
}

void fetch_fini(void)
{
	curl_global_cleanup();
}

/* First bytes of what is compressed. */
static const struct {
	const char *name, *bytes;
	size_t n;
} packers[] = {
    {"gzip", "\x1f\x8b", 2},
    {"bzip2", "BZh", 3},
    {"zip", "PK\x03\x04", 4},
    {"xz",
     "\xfd"
     "7zXZ",
     5},
    {"zstd", "\x28\xb5\x2f\xfd", 4},
};

/* Behind what may stand before the first element: white space, declarations of XML, comments. */
static const char *first_element(const char *text)
{
	static const char *const ends[][2] = {{"<?", "?>"}, {"<!--", "-->"}};
	if (!strncmp(text, "\xef\xbb\xbf", 3))
		text += 3;
	for (size_t i = 0; i < 2;) {
		text += strspn(text, " \t\r\n");
		const char *end =
		    strncmp(text, ends[i][0], strlen(ends[i][0])) ? NULL : strstr(text, ends[i][1]);
		text = end ? end + strlen(ends[i][1]) : text;
		i = end ? 0 : i + 1;
	}
	return text;
}

static bool is_page(const char *text)
{
	static const char *const starts[] = {"<!doctype html", "<html", "<head", "<body"};
	text = first_element(text);
	for (size_t i = 0; i < sizeof(starts) / sizeof(*starts); i++)
		if (!strncasecmp(text, starts[i], strlen(starts[i])))
			return true;
	return false;
}

static int look(struct fetch_part *p)
{
	char text[LOOK_BYTES + 1];
	ssize_t n = pread(p->ret->fd, text, LOOK_BYTES, 0);
	if (n < 0)
		return fetch_fail(p, FETCH_WHY_LOCAL, "the temporary file: %s.", strerror(errno));
	text[n] = 0;
	if (!n)
		return fetch_fail(p, FETCH_WHY_ANSWER, "an empty answer.");
	for (size_t i = 0; i < sizeof(packers) / sizeof(*packers); i++)
		if ((size_t)n >= packers[i].n && !memcmp(text, packers[i].bytes, packers[i].n))
			return fetch_fail(p, FETCH_WHY_ANSWER,
					  "the answer is compressed (%s): ask for a URL of the list itself.",
					  packers[i].name);
	if (is_page(text))
		return fetch_fail(
		    p, FETCH_WHY_ANSWER,
		    "the answer is a web page, not a list: is it the right URL, is a login needed?");
	return 0;
}

static int run_part(struct fetch_part *p)
{
	const struct fetch_request *q = p->q;
	struct err why;
	CURLU *u = p->url ? fetch_url_parse(p->url) : NULL;
	fetch_url_show(u, p->shown);
	bool file = u && fetch_url_is(u, "file"), http = u && fetch_url_is(u, "http");
	curl_url_cleanup(u);
	int r = fetch_check_url(p->url, q->allow_http, q->file_root, &why);
	if (r) {
		p->ret->why = FETCH_WHY_SETTING;
		return err_set(p->e, r, "%s", why.text);
	}
	if (http && q->authorization && p->url == q->url)
		return fetch_fail(p, FETCH_WHY_SETTING, "`authorization` goes by https only: use https://.");
	if (fetch_is_cancelled(p))
		return fetch_fail(p, FETCH_WHY_CANCELLED, "cancelled.");
	r = file ? fetch_file(p) : fetch_http(p);
	return r || p->ret->status != FETCH_NEW ? r : look(p);
}

static int read_all(struct fetch_part *p, uint8_t **ret, size_t *ret_n)
{
	size_t n = (size_t)p->ret->bytes, at = 0;
	uint8_t *bytes = malloc(n);
	if (!bytes)
		return fetch_fail(p, FETCH_WHY_LOCAL, "out of memory.");
	while (at < n) {
		ssize_t some = pread(p->ret->fd, bytes + at, n - at, (off_t)at);
		if (some < 0 && errno == EINTR)
			continue;
		if (some <= 0) {
			free(bytes);
			return fetch_fail(p, FETCH_WHY_LOCAL, "the temporary file cannot be read.");
		}
		at += (size_t)some;
	}
	*ret = bytes;
	*ret_n = n;
	return 0;
}

/* What the list's own URL says of it is kept; of the signature only why it is not there. */
static int fetch_signature(const struct fetch_request *q, struct fetch_result *ret, struct err *e)
{
	struct fetch_result s = {.fd = -1};
	struct fetch_part p = {
	    .q = q, .url = q->signature_url, .max_bytes = FETCH_MAX_SIGNATURE, .ret = &s, .e = e};
	int r = run_part(&p);
	if (!r)
		r = read_all(&p, &ret->signature, &ret->signature_bytes);
	if (s.fd >= 0)
		close(s.fd);
	if (!r)
		return 0;
	ret->why = s.why;
	ret->code = s.code;
	ret->retry_after_s = s.retry_after_s;
	if (s.why == FETCH_WHY_GONE || s.why == FETCH_WHY_ANSWER) {
		ret->why = FETCH_WHY_SIGNATURE;
		r = -errnos[FETCH_WHY_SIGNATURE];
	}
	return r;
}

/* What is "" becomes NULL. */
static struct fetch_request tidy(const struct fetch_request *from)
{
	struct fetch_request q = *from;
	const char **const texts[] = {&q.signature_url, &q.etag,	&q.last_modified, &q.file_root,
				      &q.ca_file,	&q.client_cert, &q.client_key,	  &q.authorization,
				      &q.proxy,		&q.folder};
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (*texts[i] && !**texts[i])
			*texts[i] = NULL;
	return q;
}

int fetch_run(const struct fetch_request *given, struct fetch_result *ret, struct err *e)
{
	const struct fetch_request request = tidy(given), *q = &request;
	*ret = (struct fetch_result){.fd = -1};
	struct fetch_part p = {.q = q,
			       .url = q->url,
			       .etag = q->etag,
			       .last_modified = q->last_modified,
			       .max_bytes = q->max_bytes ? q->max_bytes : MAX_BYTES,
			       .ret = ret,
			       .e = e};
	int r = run_part(&p);
	if (!r && ret->status == FETCH_NEW && q->signature_url)
		r = fetch_signature(q, ret, e);
	if (!r)
		return 0;
	fetch_result_fini(ret);
	ret->status = FETCH_FAILED;
	ret->bytes = 0;
	*ret->etag = *ret->last_modified = 0;
	return r;
}

void fetch_result_fini(struct fetch_result *r)
{
	if (r->fd >= 0)
		close(r->fd);
	r->fd = -1;
	free(r->signature);
	r->signature = NULL;
	r->signature_bytes = 0;
}

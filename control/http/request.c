/* SPDX-License-Identifier: BSD-3-Clause */
/* A request from its head to its answer: route, method, form. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/utf8.h"
#include "control/http/http_state.h"

#define FORM_TYPE "application/x-www-form-urlencoded"

static const struct {
	const char *name;
	size_t off, room;
} fields[FORM_FIELDS_N] = {
#define X(name, room) {#name, offsetof(struct form, name), room},
    FORM_FIELDS(X)
#undef X
};

static char *place(struct form *f, unsigned i)
{
	return (char *)f + fields[i].off;
}

/* A part of a field; libmicrohttpd gives them in order. */
static enum MHD_Result take_field(void *ctx, enum MHD_ValueKind kind, const char *key, const char *file,
				  const char *type, const char *encoding, const char *data, uint64_t off,
				  size_t bytes)
{
	struct request *r = ctx;
	(void)kind, (void)file, (void)type, (void)encoding;
	for (unsigned i = 0; i < FORM_FIELDS_N; i++) {
		if (!key || strcmp(key, fields[i].name))
			continue;
		size_t *len = &r->form->bytes[i];
		if (off != *len) { /* the field a second time */
			r->form->other = true;
			return MHD_YES;
		}
		if (*len + bytes < fields[i].room)
			memcpy(place(r->form, i) + *len, data, bytes);
		*len += bytes;
		return MHD_YES;
	}
	r->form->other = true;
	return MHD_YES;
}

/* Lines, as a browser sends them, and no other control characters. */
static bool is_text(const char *text, size_t len)
{
	for (size_t at = 0, n; at < len; at += n + 1) {
		n = strcspn(text + at, "\r\n\t");
		n = n < len - at ? n : len - at;
		if (!utf8_is_text((const uint8_t *)text + at, n))
			return false;
	}
	return true;
}

static unsigned check_form(struct request *r)
{
	struct form *f = r->form;
	if (f->other)
		return MHD_HTTP_BAD_REQUEST;
	for (unsigned i = 0; i < FORM_FIELDS_N; i++) {
		if (f->bytes[i] >= fields[i].room) { /* too long: the page says so, without it */
			*place(f, i) = 0;
			continue;
		}
		if (strlen(place(f, i)) != f->bytes[i] || !is_text(place(f, i), f->bytes[i]))
			return MHD_HTTP_BAD_REQUEST;
	}
	return 0;
}

static const struct route *find_route(const char *url)
{
	for (unsigned i = 0; i < routes_n; i++)
		if (!strcmp(routes[i].path, url))
			return &routes[i];
	return NULL;
}

static bool is(const char *a, const char *b)
{
	return !strcmp(a, b);
}

/* The status to refuse the head with; 0: go on. */
static unsigned check_head(struct request *r, const char *url, const char *method)
{
	bool post = is(method, MHD_HTTP_METHOD_POST);
	const char *type = MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, "Content-Type");
	const char *length = MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, "Content-Length");
	r->route = find_route(url);
	if (!r->route)
		return MHD_HTTP_NOT_FOUND;
	if (!post && !is(method, MHD_HTTP_METHOD_GET) && !is(method, MHD_HTTP_METHOD_HEAD))
		return MHD_HTTP_METHOD_NOT_ALLOWED;
	if (post && !r->route->takes_form)
		return MHD_HTTP_METHOD_NOT_ALLOWED;
	if (length && strtoull(length, NULL, 10) > HTTP_BODY_MAX)
		return MHD_HTTP_CONTENT_TOO_LARGE;
	if (!post)
		return 0;
	/* multipart is another parser, which no page of ours needs */
	size_t n = sizeof(FORM_TYPE) - 1;
	if (!type || strncasecmp(type, FORM_TYPE, n) || (type[n] && !strchr("; \t", type[n])))
		return MHD_HTTP_UNSUPPORTED_MEDIA_TYPE;
	r->form = calloc(1, sizeof(*r->form));
	r->posted = r->form ? MHD_create_post_processor(r->connection, 4096, take_field, r) : NULL;
	return r->posted ? 0 : MHD_HTTP_INTERNAL_SERVER_ERROR;
}

static struct request *begin(struct http *h, struct MHD_Connection *c)
{
	struct request *r = calloc(1, sizeof(*r));
	if (r)
		*r = (struct request){.http = h, .connection = c};
	return r;
}

static void take_body(struct request *r, const char *data, size_t bytes)
{
	r->body += bytes;
	if (r->body > HTTP_BODY_MAX)
		r->refused = MHD_HTTP_CONTENT_TOO_LARGE;
	else if (r->posted && !r->refused && MHD_post_process(r->posted, data, bytes) != MHD_YES)
		r->refused = MHD_HTTP_BAD_REQUEST;
}

enum MHD_Result request_take(void *ctx, struct MHD_Connection *c, const char *url, const char *method,
			     const char *version, const char *data, size_t *bytes, void **request)
{
	struct request *r = *request;
	(void)version;
	if (!r) {
		if (!(*request = r = begin(ctx, c)))
			return MHD_NO;
		unsigned refused = check_head(r, url, method);
		/* at once: the body is not read */
		return refused ? reply_refusal(r, refused) : MHD_YES;
	}
	if (*bytes) {
		take_body(r, data, *bytes);
		*bytes = 0;
		/* a body without an announced length may have no end */
		return r->refused == MHD_HTTP_CONTENT_TOO_LARGE ? MHD_NO : MHD_YES;
	}
	if (r->posted && !r->refused) {
		MHD_destroy_post_processor(r->posted); /* gives the last field */
		r->posted = NULL;
		r->refused = check_form(r);
	}
	return r->refused ? reply_refusal(r, r->refused) : r->route->answer(r);
}

void request_done(void *ctx, struct MHD_Connection *c, void **request, enum MHD_RequestTerminationCode code)
{
	struct http *h = ctx;
	struct request *r = *request;
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct http_connection *at = info ? info->socket_context : NULL;
	(void)code;
	if (at)
		at->since_ms = uv_now(h->loop);
	if (!r)
		return;
	if (r->posted)
		MHD_destroy_post_processor(r->posted);
	free(r->form);
	free(r);
	*request = NULL;
}

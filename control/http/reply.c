/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <string.h>

#include "control/http/http_state.h"
#include "rules/meta.h"

/* Of every answer. No page needs a script, a cookie, a frame, or anything of another site. */
static const char *const headers[][2] = {
    {"Cache-Control", "no-store"},
    {"Content-Security-Policy",
     "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; "
     "frame-ancestors 'none'"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Referrer-Policy", "no-referrer"},
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
    {"X-Robots-Tag", "noindex"},
};

enum MHD_Result reply(struct request *r, const struct reply *how, char *text, size_t bytes)
{
	struct MHD_Response *m = MHD_create_response_from_buffer(bytes, text, MHD_RESPMEM_MUST_FREE);
	char link[META_MAX_BYTES + 32];
	if (!m) {
		free(text);
		return MHD_NO;
	}
	for (unsigned i = 0; i < sizeof(headers) / sizeof(*headers); i++)
		MHD_add_response_header(m, headers[i][0], headers[i][1]);
	MHD_add_response_header(m, "Content-Type", how->type);
	if (how->language) {
		MHD_add_response_header(m, "Content-Language", how->language);
		MHD_add_response_header(m, "Vary", "Accept-Language");
	}
	if (how->blocked_by) {
		snprintf(link, sizeof(link), "<%s>; rel=\"blocked-by\"", how->blocked_by);
		MHD_add_response_header(m, "Link", link);
	}
	if (how->status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(m, "Allow", r->route->takes_form ? "GET, HEAD, POST" : "GET, HEAD");
	enum MHD_Result done = MHD_queue_response(r->connection, how->status, m);
	MHD_destroy_response(m);
	return done;
}

static const struct {
	unsigned status;
	const char *text;
} refusals[] = {
    {MHD_HTTP_BAD_REQUEST, "The form holds what is no text, or no field of it.\n"},
    {MHD_HTTP_FORBIDDEN, "Not from here.\n"},
    {MHD_HTTP_NOT_FOUND, "There is no such page.\n"},
    {MHD_HTTP_METHOD_NOT_ALLOWED, "This page is not asked for in this way.\n"},
    {MHD_HTTP_CONTENT_TOO_LARGE, "The form is too long.\n"},
    {MHD_HTTP_UNSUPPORTED_MEDIA_TYPE, "A form is sent as application/x-www-form-urlencoded.\n"},
    {MHD_HTTP_INTERNAL_SERVER_ERROR, "It does not work at the moment.\n"},
};

enum MHD_Result reply_refusal(struct request *r, unsigned status)
{
	const struct reply how = {.status = status, .type = REPLY_TEXT};
	const char *text = "";
	for (unsigned i = 0; i < sizeof(refusals) / sizeof(*refusals); i++)
		if (refusals[i].status == status)
			text = refusals[i].text;
	char *copy = strdup(text);
	return copy ? reply(r, &how, copy, strlen(copy)) : MHD_NO;
}

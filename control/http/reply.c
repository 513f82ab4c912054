/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <string.h>

#include "control/http/http_state.h"

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

enum MHD_Result reply(struct MHD_Connection *c, unsigned status, const char *type, const char *language,
		      char *text, size_t bytes)
{
	struct MHD_Response *r = MHD_create_response_from_buffer(bytes, text, MHD_RESPMEM_MUST_FREE);
	if (!r) {
		free(text);
		return MHD_NO;
	}
	for (unsigned i = 0; i < sizeof(headers) / sizeof(*headers); i++)
		MHD_add_response_header(r, headers[i][0], headers[i][1]);
	MHD_add_response_header(r, "Content-Type", type);
	if (language) {
		MHD_add_response_header(r, "Content-Language", language);
		MHD_add_response_header(r, "Vary", "Accept-Language");
	}
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(r, "Allow", "GET, HEAD");
	enum MHD_Result done = MHD_queue_response(c, status, r);
	MHD_destroy_response(r);
	return done;
}

static const struct {
	unsigned status;
	const char *text;
} refusals[] = {
    {MHD_HTTP_BAD_REQUEST, "The form holds what is no text, or no field of it.\n"},
    {MHD_HTTP_FORBIDDEN,
     "The figures are for the addresses in http.metrics_from of the configuration alone.\n"},
    {MHD_HTTP_NOT_FOUND, "There is no such page.\n"},
    {MHD_HTTP_METHOD_NOT_ALLOWED, "This page is only read.\n"},
    {MHD_HTTP_CONTENT_TOO_LARGE, "The form is too long.\n"},
    {MHD_HTTP_UNSUPPORTED_MEDIA_TYPE, "A form is sent as application/x-www-form-urlencoded.\n"},
    {MHD_HTTP_INTERNAL_SERVER_ERROR, "It does not work at the moment.\n"},
};

enum MHD_Result reply_refusal(struct MHD_Connection *c, unsigned status)
{
	const char *text = "";
	for (unsigned i = 0; i < sizeof(refusals) / sizeof(*refusals); i++)
		if (refusals[i].status == status)
			text = refusals[i].text;
	char *copy = strdup(text);
	return copy ? reply(c, status, "text/plain; charset=utf-8", NULL, copy, strlen(copy)) : MHD_NO;
}

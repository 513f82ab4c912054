/* SPDX-License-Identifier: BSD-3-Clause */
/* http_state: what the files of the HTTP server share. */
#ifndef CONTROL_HTTP_HTTP_STATE_H
#define CONTROL_HTTP_HTTP_STATE_H

#include <microhttpd.h>

#include "control/http/http.h"
#include "control/http/metrics.h"

/* A connection that is open; since: when its last request was answered, or it began. */
struct http_connection {
	struct http_connection *next, **prev;
	int socket;
	uint64_t since_ms;
};

struct http {
	uv_loop_t *loop;
	const struct control_config *config;
	struct engine *engine;
	struct store *store;
	struct MHD_Daemon *daemon;
	uv_poll_t poll;
	uv_timer_t due, second; /* due: when libmicrohttpd wants its turn */
	unsigned n_handles, port;
	struct http_connection *connections;
	struct metrics *metrics;
	char *scraped; /* the last answer of /metrics, and when */
	size_t scraped_bytes;
	uint64_t scraped_ms;
};

struct request;

struct route {
	const char *path;
	bool takes_form;
	enum MHD_Result (*answer)(struct request *r);
};
extern const struct route routes[];
extern const unsigned routes_n;

/* The fields of all forms. */
#define FORM_FIELDS(X)       \
	X(subject, 4000 + 1) \
	X(text, 4000 + 1)    \
	X(contact, 200 + 1)  \
	X(rule, 16 + 1)      \
	X(lang, 2 + 1)

enum form_field {
#define X(name, room) FORM_##name,
	FORM_FIELDS(X)
#undef X
	    FORM_FIELDS_N
};

struct form {
#define X(name, room) char name[room];
	FORM_FIELDS(X)
#undef X
	size_t bytes[FORM_FIELDS_N]; /* that came; more than fits: too long */
	bool other;		     /* something that is no field, or no text */
};

struct request {
	struct http *http;
	struct MHD_Connection *connection;
	const struct route *route;
	struct MHD_PostProcessor *posted;
	struct form *form; /* NULL: no form was sent */
	size_t body;
	unsigned refused; /* a status to answer with once the body is there; 0: none */
};

/* request.c */
enum MHD_Result request_take(void *http, struct MHD_Connection *c, const char *url, const char *method,
			     const char *version, const char *data, size_t *bytes, void **request);
void request_done(void *http, struct MHD_Connection *c, void **request, enum MHD_RequestTerminationCode code);
/* A parameter of the address; "": it is not there, or is no text. */
const char *request_argument(struct request *r, const char *name);

/* reply.c: text is taken over, also on failure; language NULL: of no language. */
enum MHD_Result reply(struct MHD_Connection *c, unsigned status, const char *type, const char *language,
		      char *text, size_t bytes);
/* A sentence for whoever asks by a program. */
enum MHD_Result reply_refusal(struct MHD_Connection *c, unsigned status);

/* client.c: who asks: 16 bytes, IPv4 as ::ffff:a.b.c.d. Behind a proxy on this machine: whom the proxy names last. */
void client_address(struct MHD_Connection *c, uint8_t ret[16]);
/* Whether it may ask for /metrics: never through a proxy. */
bool client_may_scrape(const struct http *h, struct MHD_Connection *c);

/* scrape.c */
enum MHD_Result answer_metrics(struct request *r);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
/* http_state: what the files of the HTTP server share. */
#ifndef CONTROL_HTTP_HTTP_STATE_H
#define CONTROL_HTTP_HTTP_STATE_H

#include <microhttpd.h>

#include "control/http/http.h"
#include "control/http/metrics.h"
#include "control/http/rates.h"

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
	struct sinks *sinks; /* NULL: none */
	struct MHD_Daemon *daemon;
	uv_poll_t poll;
	uv_timer_t due, second; /* due: when libmicrohttpd wants its turn */
	unsigned n_handles, port;
	struct http_connection *connections;
	struct metrics *metrics;
	char *scraped; /* the last answer of /metrics, and when */
	size_t scraped_bytes;
	uint64_t scraped_ms;
	struct page_set *pages;
	struct rates rates; /* of appeals */
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

/* language.c: a parameter of the address; "": it is not there, or is no text. */
const char *request_argument(struct request *r, const char *name);
/* text, if it is a rule's opaque id, else "". */
const char *request_rule(const char *text);
/* The language of the answer: what is asked for by name, else what the browser wants, else def. */
unsigned request_language(struct request *r, const char *def);

/* reply.c */
#define REPLY_HTML "text/html; charset=utf-8"
#define REPLY_TEXT "text/plain; charset=utf-8"
struct reply {
	unsigned status;
	const char *type;
	const char *language;	/* NULL: of none */
	const char *blocked_by; /* RFC 7725; NULL: nobody says */
};
/* text is taken over, also on failure. */
enum MHD_Result reply(struct request *r, const struct reply *how, char *text, size_t bytes);
/* A sentence for whoever asks by a program. */
enum MHD_Result reply_refusal(struct request *r, unsigned status);

/* client.c: who asks: 16 bytes, IPv4 as ::ffff:a.b.c.d. Behind a proxy on this machine: whom the proxy names last. */
void client_address(struct MHD_Connection *c, uint8_t ret[16]);
/* Whether it may ask for /metrics: never through a proxy. */
bool client_may_scrape(const struct http *h, struct MHD_Connection *c);

enum MHD_Result answer_metrics(struct request *r);
enum MHD_Result answer_blocked(struct request *r);
enum MHD_Result answer_appeal(struct request *r);

#endif

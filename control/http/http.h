/* SPDX-License-Identifier: BSD-3-Clause */
/* http: the HTTP server of roja-control: metrics for a scraper, the page that redirects lead to, appeals.
 *
 * Model:    routes are rows (routes.c); whatever is not one of them is refused, by method and by path. libmicrohttpd is polled by
 *           the loop. Every answer forbids scripts, other sites' resources, frames and caches, and sets no cookie.
 * Owner:    http_open allocates; http_close lets go, the memory goes with the loop's next turns. config, engine and store outlive it.
 * Threads:  the loop's: handlers may use the store.
 * Limits:   HTTP_CONNECTIONS, HTTP_PER_ADDRESS, HTTP_MEMORY bytes of a request's head, HTTP_BODY_MAX of its body; a connection that has
 *           not been answered for HTTP_REQUEST_S is closed, however slowly it goes on sending.
 * Errors:   0 or -errno with a sentence.
 * Privacy:  nothing is logged of a request; /metrics is for loopback and config http.metrics_from alone.
 */
#ifndef CONTROL_HTTP_HTTP_H
#define CONTROL_HTTP_HTTP_H

#include <uv.h>

#include "control/config.h"
#include "control/engine/engine.h"
#include "control/sink/sinks.h"

#define HTTP_CONNECTIONS 256u
#define HTTP_PER_ADDRESS 32u
#define HTTP_MEMORY	 16384
#define HTTP_BODY_MAX	 32768
#define HTTP_REQUEST_S	 15

struct http;

/* *ret NULL: the configuration wants none. */
int http_open(uv_loop_t *loop, const struct control_config *config, struct engine *engine,
	      struct store *store, struct http **ret, struct err *e);
/* NULL is fine. */
void http_close(struct http *h);
/* Their figures are told from now on; they outlive h. Nothing where h is NULL. */
void http_show_sinks(struct http *h, struct sinks *sinks);
/* Where it listens. */
unsigned http_port(const struct http *h);

#endif

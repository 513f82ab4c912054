/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/http/http.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "control/http/http_state.h"
#include "rules/page.h"

/* libmicrohttpd's turn, and when it wants the next one. */
static void run(struct http *h)
{
	MHD_UNSIGNED_LONG_LONG ms;
	MHD_run(h->daemon);
	if (MHD_get_timeout(h->daemon, &ms) == MHD_YES)
		uv_timer_start(&h->due, h->due.timer_cb, ms, 0);
	else
		uv_timer_stop(&h->due);
}

static void on_due(uv_timer_t *t)
{
	run(t->data);
}

static void on_ready(uv_poll_t *p, int status, int events)
{
	(void)status;
	(void)events;
	run(p->data);
}

/* libmicrohttpd's own limit begins anew with each byte: whoever sends a byte now and then would stay. */
static void on_second(uv_timer_t *t)
{
	struct http *h = t->data;
	uint64_t now = uv_now(h->loop);
	for (struct http_connection *c = h->connections; c; c = c->next)
		if (now - c->since_ms >= HTTP_REQUEST_S * 1000)
			shutdown(c->socket, SHUT_RDWR);
}

static void on_connection(void *ctx, struct MHD_Connection *connection, void **ret,
			  enum MHD_ConnectionNotificationCode code)
{
	struct http *h = ctx;
	struct http_connection *c = *ret;
	if (code == MHD_CONNECTION_NOTIFY_STARTED && (c = calloc(1, sizeof(*c)))) {
		c->socket =
		    MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
		c->since_ms = uv_now(h->loop);
		c->next = h->connections;
		c->prev = &h->connections;
		if (c->next)
			c->next->prev = &c->next;
		h->connections = *ret = c;
	} else if (code == MHD_CONNECTION_NOTIFY_CLOSED && c) {
		*c->prev = c->next;
		if (c->next)
			c->next->prev = c->prev;
		free(c);
		*ret = NULL;
	}
}

static int set_up_socket(const struct sockaddr_storage *at, int s, const struct control_http *cfg,
			 unsigned *ret_port, struct err *e)
{
	struct sockaddr_storage is;
	socklen_t bytes =
		      at->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in),
		  is_bytes = sizeof(is);
	if (setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int)) ||
	    (at->ss_family == AF_INET6 && setsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, &(int){1}, sizeof(int))) ||
	    bind(s, (const struct sockaddr *)at, bytes) || listen(s, SOMAXCONN) ||
	    getsockname(s, (struct sockaddr *)&is, &is_bytes))
		return err_set(
		    e, -errno,
		    "http: cannot listen at %s port %u: %s; choose another http.address or http.port",
		    cfg->address, cfg->port, strerror(errno));
	*ret_port = ntohs(at->ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&is)->sin6_port
						    : ((struct sockaddr_in *)&is)->sin_port);
	return 0;
}

static int open_socket(const struct control_http *cfg, int *ret, unsigned *ret_port, struct err *e)
{
	struct sockaddr_storage at = {0};
	if (uv_ip4_addr(cfg->address, (int)cfg->port, (struct sockaddr_in *)&at) &&
	    uv_ip6_addr(cfg->address, (int)cfg->port, (struct sockaddr_in6 *)&at))
		return err_set(e, -EINVAL,
			       "http.address: \"%s\" is no IP address; write for example 127.0.0.1",
			       cfg->address);
	int s = socket(at.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (s < 0)
		return err_set(e, -errno, "http: no socket: %s", strerror(errno));
	int err = set_up_socket(&at, s, cfg, ret_port, e);
	if (err)
		close(s);
	else
		*ret = s;
	return err;
}

static int start(struct http *h, struct err *e)
{
	int s = -1;
	int err = open_socket(&h->config->http, &s, &h->port, e);
	if (err)
		return err;
	h->daemon = MHD_start_daemon(
	    MHD_USE_EPOLL, 0, NULL, NULL, request_take, h, MHD_OPTION_LISTEN_SOCKET, s,
	    MHD_OPTION_CONNECTION_LIMIT, HTTP_CONNECTIONS, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
	    HTTP_PER_ADDRESS, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)HTTP_REQUEST_S,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HTTP_MEMORY, MHD_OPTION_STRICT_FOR_CLIENT, 1,
	    MHD_OPTION_NOTIFY_COMPLETED, request_done, h, MHD_OPTION_NOTIFY_CONNECTION, on_connection, h,
	    MHD_OPTION_END);
	if (!h->daemon) {
		close(s);
		return err_set(e, -EIO, "http: libmicrohttpd does not start");
	}
	return 0;
}

static void let_go(struct http *h)
{
	metrics_free(h->metrics);
	page_set_free(h->pages);
	free(h->scraped);
	free(h);
}

static void on_closed(uv_handle_t *handle)
{
	struct http *h = handle->data;
	if (--h->n_handles)
		return;
	let_go(h);
}

static int start_handles(struct http *h, struct err *e)
{
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	int err = info ? uv_poll_init(h->loop, &h->poll, info->epoll_fd) : UV_EINVAL;
	if (err)
		return err_set(e, err, "http: cannot wait for requests: %s", uv_strerror(err));
	uv_timer_init(h->loop, &h->due);
	uv_timer_init(h->loop, &h->second);
	h->n_handles = 3;
	h->poll.data = h->due.data = h->second.data = h;
	uv_poll_start(&h->poll, UV_READABLE, on_ready);
	uv_timer_start(&h->due, on_due, 0, 0);
	uv_timer_start(&h->second, on_second, 1000, 1000);
	return 0;
}

static int read_pages(struct http *h, struct err *e)
{
	char path[PATH_MAX];
	const char *folder = h->config->http.pages;
	snprintf(path, sizeof(path), "%s/block-page.html", folder);
	return page_set_new(*folder ? path : NULL, &h->pages, e);
}

int http_open(uv_loop_t *loop, const struct control_config *config, struct engine *engine,
	      struct store *store, struct http **ret, struct err *e)
{
	*ret = NULL;
	if (!*config->http.address)
		return 0;
	struct http *h = calloc(1, sizeof(*h));
	if (!h)
		return err_set(e, -ENOMEM, "no memory for the HTTP server");
	*h = (struct http){.loop = loop, .config = config, .engine = engine, .store = store};
	int err = metrics_new(store, &h->metrics, e);
	if (!err)
		err = rates_init(&h->rates, e);
	if (!err)
		err = read_pages(h, e);
	if (!err)
		err = start(h, e);
	if (!err)
		err = start_handles(h, e);
	if (!err)
		*ret = h;
	else
		http_close(h);
	return err;
}

void http_close(struct http *h)
{
	if (!h)
		return;
	if (h->n_handles)
		uv_poll_stop(&h->poll); /* before its descriptor goes */
	if (h->daemon)
		MHD_stop_daemon(h->daemon);
	if (!h->n_handles) { /* it never started */
		let_go(h);
		return;
	}
	uv_close((uv_handle_t *)&h->poll, on_closed);
	uv_close((uv_handle_t *)&h->due, on_closed);
	uv_close((uv_handle_t *)&h->second, on_closed);
}

unsigned http_port(const struct http *h)
{
	return h->port;
}

void http_show_sinks(struct http *h, struct sinks *sinks)
{
	if (h)
		h->sinks = sinks;
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/link/rpc_client_uv.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <time.h>

#include "common/rpc_line.h"

#define PAUSE_FIRST_MS 50
#define PAUSE_MAX_MS   2000

struct call {
	struct call *next;
	json_int_t id;
	unsigned timeout_ms;
	rpc_client_done done;
	void *ctx;
	size_t len;
	char line[]; /* with its newline */
};

/* One try: a pipe of libuv is closed once and for all, and its callbacks may come after the next one was made. */
struct connection {
	struct rpc_client *client; /* NULL: given up, only waits to be closed */
	uv_pipe_t pipe;
	uv_connect_t connect;
	size_t len;
	char answer[RPC_ANSWER_MAX];
};

/* What libuv writes stays where it is until it says so, also when the connection was given up meanwhile. */
struct writing {
	uv_write_t request;
	struct connection *connection;
	struct call *call;
};

struct rpc_client {
	uv_loop_t *loop;
	struct rpc_client_hooks hooks;
	struct connection *connection;
	uv_timer_t timer; /* while up: the call's limit; while down: the pause before the next try */
	bool up, closing;
	unsigned pause_ms, n_calls;
	struct call *first, **last; /* the first one is sent, where in_flight */
	bool in_flight, late;
	json_int_t next_id;
	time_t silent_since; /* when it was asked what it has not answered; 0: it answers */
	char path[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
};

static void on_timer(uv_timer_t *t);
static void send_next(struct rpc_client *c);

static void on_connection_closed(uv_handle_t *h)
{
	free(h->data);
}

static void drop_connection(struct rpc_client *c)
{
	if (!c->connection)
		return;
	c->connection->client = NULL;
	uv_close((uv_handle_t *)&c->connection->pipe, on_connection_closed);
	c->connection = NULL;
	c->up = false;
}

/* Takes the first call off; the caller tells it and frees it. */
static struct call *take_call(struct rpc_client *c)
{
	struct call *q = c->first;
	if (!q)
		return NULL;
	c->first = q->next;
	if (!c->first)
		c->last = &c->first;
	c->n_calls--;
	c->in_flight = false;
	return q;
}

static void tell(struct call *q, int err, const json_t *result, const char *why)
{
	if (q->done)
		q->done(q->ctx, err, result, why);
	free(q);
}

/* Those that wait now, not what they call when they are told. */
static void tell_all(struct rpc_client *c, int err, const char *why)
{
	struct call *all = c->first;
	c->first = NULL;
	c->last = &c->first;
	c->n_calls = 0;
	c->in_flight = false;
	while (all) {
		struct call *q = all;
		all = q->next;
		tell(q, err, NULL, why);
	}
}

/* Gives the connection up, tells why, and tries again later. */
static void break_off(struct rpc_client *c, int err, const char *why)
{
	struct err e;
	snprintf(e.text, sizeof(e.text), "%s", why); /* `why` may lie in what goes now */
	drop_connection(c);
	uv_timer_start(&c->timer, on_timer, c->pause_ms, 0);
	c->pause_ms = c->pause_ms * 2 < PAUSE_MAX_MS ? c->pause_ms * 2 : PAUSE_MAX_MS;
	tell_all(c, err, e.text);
	if (!c->closing)
		c->hooks.on_down(c->hooks.ctx, err, e.text);
}

static void does_not_answer(struct rpc_client *c)
{
	struct err e;
	struct tm t;
	char when[32] = "";
	if (!c->silent_since)
		c->silent_since = time(NULL) - (time_t)(c->first->timeout_ms / 1000);
	if (gmtime_r(&c->silent_since, &t))
		strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &t);
	err_set(
	    &e, -ETIMEDOUT,
	    "the daemon on %s does not answer since %s: it hangs, is stopped or is busy with another request",
	    c->path, when);
	break_off(c, -ETIMEDOUT, e.text);
}

/* A line that nobody asked for is the refusal of a caller who may not use the socket, or nonsense. */
static void unasked(struct rpc_client *c, const char *line, size_t n)
{
	struct err e;
	json_t *ignored = NULL;
	int err = rpc_answer_read(c->path, line, n, -1, &ignored, &e);
	json_decref(ignored);
	if (!err)
		err = err_set(&e, -EPROTO, "%s: answers what was not asked", c->path);
	break_off(c, err == -EREMOTEIO ? -EACCES : err, e.text);
}

static void take_line(struct rpc_client *c, const char *line, size_t n)
{
	struct err e = {""};
	json_t *result = NULL;
	if (!c->in_flight) {
		unasked(c, line, n);
		return;
	}
	int err = rpc_answer_read(c->path, line, n, c->first->id, &result, &e);
	if (err == -EPROTO) {
		break_off(c, err, e.text);
		return;
	}
	uv_timer_stop(&c->timer);
	c->pause_ms = PAUSE_FIRST_MS;
	c->silent_since = 0;
	tell(take_call(c), err, result, e.text);
	json_decref(result);
}

/* One line at a time and only the first: a daemon answers one call at a time, so more is nonsense. The connection may be gone
 * afterwards, and the client with it. */
static void take_bytes(struct connection *k, size_t n)
{
	char *newline = memchr(k->answer + k->len, '\n', n);
	struct rpc_client *c = k->client;
	k->len += n;
	if (!newline) {
		struct err e;
		if (k->len < sizeof(k->answer))
			return;
		err_set(&e, -EPROTO, "%s: an answer is longer than %zu bytes", c->path, sizeof(k->answer));
		break_off(c, -EPROTO, e.text);
		return;
	}
	size_t line = (size_t)(newline - k->answer);
	bool more = line + 1 < k->len;
	k->len = 0;
	take_line(c, k->answer, line);
	if (k->client && more)
		unasked(c, newline + 1, 0);
	if (k->client)
		send_next(c);
}

static void on_alloc(uv_handle_t *h, size_t suggested, uv_buf_t *ret)
{
	struct connection *k = h->data;
	(void)suggested;
	*ret = uv_buf_init(k->answer + k->len, (unsigned)(sizeof(k->answer) - k->len));
}

static void went_away(struct rpc_client *c, int err)
{
	struct err e;
	err_set(&e, -ECONNRESET, "the daemon on %s went away (%s)", c->path,
		err == UV_EOF ? "closed" : uv_strerror(err));
	break_off(c, -ECONNRESET, e.text);
}

static void on_read(uv_stream_t *s, ssize_t n, const uv_buf_t *buf)
{
	struct connection *k = s->data;
	(void)buf;
	if (!k->client || n == 0)
		return;
	if (n < 0)
		went_away(k->client, (int)n);
	else
		take_bytes(k, (size_t)n);
}

/* The call may have been told meanwhile, by an answer that came before its request was wholly sent or by a limit. */
static void on_written(uv_write_t *r, int status)
{
	struct writing *w = r->data;
	struct rpc_client *c = w->connection->client;
	free(w->call);
	free(w);
	/* EPIPE: perhaps it has said why, which is read first */
	if (c && status < 0 && status != UV_EPIPE)
		went_away(c, status);
}

/* libuv may still read the line when the call is told and freed, so it gets a copy. */
static int write_call(struct rpc_client *c, const struct call *q)
{
	size_t bytes = sizeof(*q) + q->len;
	struct writing *w = calloc(1, sizeof(*w));
	struct call *copy = malloc(bytes);
	if (!w || !copy) {
		free(w);
		free(copy);
		return -ENOMEM;
	}
	memcpy(copy, q, bytes);
	*w = (struct writing){.connection = c->connection, .call = copy};
	w->request.data = w;
	uv_buf_t out = uv_buf_init(copy->line, (unsigned)copy->len);
	int err = uv_write(&w->request, (uv_stream_t *)&c->connection->pipe, &out, 1, on_written);
	if (err) {
		free(copy);
		free(w);
	}
	return err;
}

static void send_next(struct rpc_client *c)
{
	if (!c->up || c->in_flight || !c->first)
		return;
	c->in_flight = true;
	c->late = false;
	uv_update_time(c->loop);
	uv_timer_start(&c->timer, on_timer, c->first->timeout_ms, 0);
	int err = write_call(c, c->first);
	if (err)
		went_away(c, err);
}

static void on_connect(uv_connect_t *r, int status)
{
	struct connection *k = r->data;
	struct rpc_client *c = k->client;
	struct err e;
	if (!c)
		return;
	if (!status)
		status = uv_read_start((uv_stream_t *)&k->pipe, on_alloc, on_read);
	if (!status) {
		c->up = true;
		c->hooks.on_up(c->hooks.ctx);
	} else if (status == UV_EACCES) {
		err_set(&e, status, "%s: permission denied: this process's user is not in the socket's group",
			c->path);
		break_off(c, status, e.text);
	} else {
		err_set(&e, status, "no daemon answers on %s (%s)", c->path, uv_strerror(status));
		break_off(c, status, e.text);
	}
}

static void dial(struct rpc_client *c)
{
	struct connection *k = calloc(1, sizeof(*k));
	if (!k) {
		break_off(c, -ENOMEM, "memory ran out");
		return;
	}
	k->client = c;
	c->connection = k;
	uv_pipe_init(c->loop, &k->pipe, 0);
	k->pipe.data = k->connect.data = k;
	uv_pipe_connect(&k->connect, &k->pipe, c->path, on_connect);
}

static void on_timer(uv_timer_t *t)
{
	struct rpc_client *c = t->data;
	if (c->closing)
		return;
	if (c->connection && c->in_flight && !c->late) {
		/* the loop itself may be late, with the answer there to be read: it is looked for once more */
		c->late = true;
		uv_timer_start(t, on_timer, 1, 0);
	} else if (c->connection && c->in_flight)
		does_not_answer(c);
	else if (!c->connection)
		dial(c);
	else
		send_next(c); /* asked for by rpc_client_call */
}

int rpc_client_new(uv_loop_t *loop, const char *path, const struct rpc_client_hooks *hooks,
		   struct rpc_client **ret, struct err *e)
{
	struct sockaddr_un address;
	int err = rpc_address(path, &address, e);
	if (err)
		return err;
	struct rpc_client *c = calloc(1, sizeof(*c));
	if (!c)
		return err_set(e, -ENOMEM, "memory ran out");
	c->loop = loop;
	c->hooks = *hooks;
	c->last = &c->first;
	c->pause_ms = PAUSE_FIRST_MS;
	strcpy(c->path, address.sun_path);
	signal(SIGPIPE, SIG_IGN); /* libuv writes without MSG_NOSIGNAL */
	uv_timer_init(loop, &c->timer);
	c->timer.data = c;
	uv_timer_start(&c->timer, on_timer, 0, 0);
	*ret = c;
	return 0;
}

static void on_timer_closed(uv_handle_t *h)
{
	free(h->data);
}

void rpc_client_close(struct rpc_client *c)
{
	if (!c || c->closing)
		return;
	c->closing = true;
	drop_connection(c);
	tell_all(c, -ECANCELED, "not asked any more: this process lets go of the daemon");
	uv_close((uv_handle_t *)&c->timer, on_timer_closed);
}

bool rpc_client_is_up(const struct rpc_client *c)
{
	return c->up && !c->closing;
}

int rpc_client_call(struct rpc_client *c, const char *method, json_t *params, unsigned timeout_ms,
		    rpc_client_done done, void *ctx, struct err *e)
{
	if (!rpc_client_is_up(c))
		return err_set(e, -ENOTCONN, "no connection to the daemon on %s", c->path);
	if (c->n_calls >= RPC_CLIENT_CALLS_MAX)
		return err_set(e, -ENOBUFS, "%u calls wait for the daemon on %s already", c->n_calls,
			       c->path);
	char *line = rpc_request_line(++c->next_id, method, params);
	size_t len = line ? strlen(line) : 0;
	struct call *q = line && len <= RPC_REQUEST_MAX ? malloc(sizeof(*q) + len + 1) : NULL;
	if (!q) {
		free(line);
		return len > RPC_REQUEST_MAX
			   ? err_set(e, -EMSGSIZE, "the request is longer than %zu bytes", RPC_REQUEST_MAX)
			   : err_set(e, -ENOMEM, "memory ran out");
	}
	*q = (struct call){
	    .id = c->next_id, .timeout_ms = timeout_ms, .done = done, .ctx = ctx, .len = len + 1};
	memcpy(q->line, line, len);
	q->line[len] = '\n';
	free(line);
	*c->last = q;
	c->last = &q->next;
	c->n_calls++;
	if (!c->in_flight && c->first == q)
		uv_timer_start(&c->timer, on_timer, 0, 0); /* from the loop: done never comes from within */
	return 0;
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/dpdk/control_socket.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/rpc.h"
#include "common/rpc_listen.h"

#define BACKLOG 64

/* A client is either being read from or being written to, never both: so whoever does not read its answers is not read
 * either, and holds no more than one batch of them. */
struct client {
	struct client *next;
	struct control_socket *socket;
	uv_pipe_t pipe;
	uv_write_t write;
	char *in_flight;	     /* what `write` writes */
	bool ended, closing;	     /* the peer sends no more; uv_close was called */
	uint64_t seen;		     /* when it last sent or took something, by the socket's count */
	size_t read_len, read_taken; /* of read[]: there; fed to rpc */
	struct rpc_connection rpc;
	char read[RPC_REQUEST_MAX];
};

struct control_socket {
	uv_loop_t *loop;
	uv_pipe_t listener;
	struct rpc_server server;
	struct client *clients; /* those not closing */
	unsigned n_clients, n_handles;
	uint64_t moments;
	char path[PATH_MAX];
	struct stat made; /* the socket file, to know it again */
};

static void forget(struct control_socket *s)
{
	if (!--s->n_handles)
		free(s);
}

static void on_client_closed(uv_handle_t *h)
{
	struct client *c = h->data;
	struct control_socket *s = c->socket;
	rpc_connection_fini(&c->rpc);
	free(c);
	forget(s);
}

static void close_client(struct client *c)
{
	struct client **at = &c->socket->clients;
	if (c->closing)
		return;
	while (*at && *at != c)
		at = &(*at)->next;
	if (*at) {
		*at = c->next;
		c->socket->n_clients--;
	}
	c->closing = true;
	uv_close((uv_handle_t *)&c->pipe, on_client_closed);
}

static void proceed(struct client *c);

static void on_written(uv_write_t *w, int status)
{
	struct client *c = w->data;
	free(c->in_flight);
	c->in_flight = NULL;
	if (c->closing)
		return;
	if (status < 0)
		close_client(c);
	else
		proceed(c);
}

static void on_alloc(uv_handle_t *h, size_t suggested, uv_buf_t *ret)
{
	struct client *c = h->data;
	(void)suggested;
	*ret = uv_buf_init(c->read, sizeof(c->read));
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct client *c = stream->data;
	(void)buf;
	if (n == 0)
		return;
	if (n < 0 && n != UV_EOF) {
		close_client(c);
		return;
	}
	c->ended = n == UV_EOF;
	c->read_len = n > 0 ? (size_t)n : 0;
	c->read_taken = 0;
	proceed(c);
}

static void feed(struct client *c)
{
	size_t taken = rpc_connection_feed(&c->rpc, c->read + c->read_taken, c->read_len - c->read_taken);
	explicit_bzero(c->read + c->read_taken, taken); /* it may hold entries of lists */
	c->read_taken += taken;
	if (c->ended && c->read_taken == c->read_len)
		rpc_connection_end(&c->rpc);
}

/* Goes on after bytes came or answers left. */
static void proceed(struct client *c)
{
	size_t len;
	c->seen = ++c->socket->moments;
	feed(c);
	c->in_flight = rpc_connection_take(&c->rpc, &len);
	if (c->rpc.failed) {
		free(c->in_flight);
		c->in_flight = NULL;
		close_client(c);
	} else if (c->in_flight) {
		uv_buf_t out = uv_buf_init(c->in_flight, (unsigned)len);
		uv_read_stop((uv_stream_t *)&c->pipe);
		c->write.data = c;
		if (uv_write(&c->write, (uv_stream_t *)&c->pipe, &out, 1, on_written)) {
			free(c->in_flight);
			c->in_flight = NULL;
			close_client(c);
		}
	} else if (c->ended) {
		close_client(c);
	} else {
		uv_read_start((uv_stream_t *)&c->pipe, on_alloc, on_read); /* UV_EALREADY is fine */
	}
}

/* Whether the peer is root, this process's user, or of its group. */
static int may_use(int fd, struct err *e)
{
	struct rpc_peer peer;
	int err = rpc_peer(fd, &peer, e);
	if (err || peer.uid == 0 || peer.uid == geteuid() || rpc_peer_in_group(&peer, getegid()))
		return err;
	return err_set(e, -EACCES,
		       "user %u may not use this socket: ask as root, as user %u, or as a member of group %u",
		       peer.uid, geteuid(), getegid());
}

static void refuse(struct client *c, const struct err *e)
{
	char *line = rpc_refusal(RPC_ERROR_ACCESS, e->text);
	if (line) {
		uv_buf_t out = uv_buf_init(line, (unsigned)strlen(line));
		uv_try_write((uv_stream_t *)&c->pipe, &out, 1);
	}
	free(line);
	close_client(c);
}

/* An operator must always get through: where all places are taken, who was silent the longest loses his. */
static void make_room(struct control_socket *s)
{
	struct client *oldest = s->clients;
	if (s->n_clients < CONTROL_CONNECTIONS_MAX)
		return;
	for (struct client *c = s->clients; c; c = c->next)
		if (c->seen < oldest->seen)
			oldest = c;
	close_client(oldest);
}

static struct client *accept_client(struct control_socket *s)
{
	struct client *c = calloc(1, sizeof(*c));
	if (!c)
		return NULL;
	c->socket = s;
	rpc_connection_init(&c->rpc, &s->server);
	uv_pipe_init(s->loop, &c->pipe, 0);
	c->pipe.data = c;
	s->n_handles++;
	c->next = s->clients;
	s->clients = c;
	s->n_clients++;
	if (uv_accept((uv_stream_t *)&s->listener, (uv_stream_t *)&c->pipe)) {
		close_client(c);
		return NULL;
	}
	return c;
}

static void on_connection(uv_stream_t *listener, int status)
{
	struct control_socket *s = listener->data;
	struct err e = {""};
	uv_os_fd_t fd;
	if (status < 0)
		return;
	make_room(s);
	struct client *c = accept_client(s);
	if (!c)
		return;
	if (uv_fileno((uv_handle_t *)&c->pipe, &fd) || may_use(fd, &e))
		refuse(c, &e);
	else
		proceed(c);
}

static void on_listener_closed(uv_handle_t *h)
{
	forget(h->data);
}

int control_socket_open(uv_loop_t *loop, const char *path, struct dataplane_view *view,
			struct control_socket **ret, struct err *e)
{
	int fd, err = rpc_listen(path, (gid_t)-1, &fd, e);
	if (err)
		return err;
	struct control_socket *s = calloc(1, sizeof(*s));
	if (!s) {
		close(fd);
		return err_set(e, -ENOMEM, "memory ran out");
	}
	s->loop = loop;
	s->server =
	    (struct rpc_server){.methods = dataplane_methods, .n_methods = dataplane_methods_n, .ctx = view};
	s->n_handles = 1;
	snprintf(s->path, sizeof(s->path), "%s", path);
	lstat(path, &s->made);
	signal(SIGPIPE, SIG_IGN); /* libuv writes without MSG_NOSIGNAL */
	uv_pipe_init(loop, &s->listener, 0);
	s->listener.data = s;
	err = uv_pipe_open(&s->listener, fd);
	if (err)
		close(fd);
	else
		err = uv_listen((uv_stream_t *)&s->listener, BACKLOG, on_connection);
	if (err) {
		err_set(e, err, "%s: cannot listen: %s", path, uv_strerror(err));
		control_socket_close(s);
		return err;
	}
	*ret = s;
	return 0;
}

void control_socket_close(struct control_socket *s)
{
	if (!s)
		return;
	rpc_listen_end(s->path, &s->made);
	while (s->clients)
		close_client(s->clients);
	uv_close((uv_handle_t *)&s->listener, on_listener_closed);
}

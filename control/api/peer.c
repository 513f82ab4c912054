/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "control/api/api_state.h"

#define FDS_MAX 8 /* of a message: what does not fit the kernel closes */

static void on_closed(uv_handle_t *h)
{
	struct peer *p = h->data;
	struct api *a = p->api;
	close(p->socket);
	free(p);
	api_forget(a);
}

static void drop_fd(struct peer *p)
{
	if (p->call.fd >= 0)
		close(p->call.fd);
	p->call.fd = -1;
}

void peer_close(struct peer *p)
{
	struct peer **at = &p->api->peers;
	if (p->closing)
		return;
	while (*at != p)
		at = &(*at)->next;
	*at = p->next;
	p->api->n_peers--;
	p->closing = true;
	drop_fd(p);
	free(p->out);
	p->out = NULL;
	rpc_connection_fini(&p->rpc);
	uv_close((uv_handle_t *)&p->poll, on_closed);
}

/* Keeps one descriptor, and only where none waits already. */
static void take_fds(struct peer *p, struct msghdr *m)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < n; i++) {
			int fd;
			memcpy(&fd, CMSG_DATA(c) + i * sizeof(fd), sizeof(fd));
			if (p->call.fd < 0)
				p->call.fd = fd;
			else
				close(fd);
		}
	}
}

/* false: the connection is over. */
static bool read_some(struct peer *p)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(FDS_MAX * sizeof(int))];
	} control;
	struct iovec io = {.iov_base = p->in, .iov_len = sizeof(p->in)};
	struct msghdr m = {
	    .msg_iov = &io, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};
	ssize_t n = recvmsg(p->socket, &m, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	take_fds(p, &m);
	p->ended = n == 0;
	p->in_len = (size_t)n;
	p->in_taken = 0;
	return true;
}

/* What rpc has answered goes on its way; false: the connection is over. */
static bool send_some(struct peer *p)
{
	if (!p->out) {
		p->out = rpc_connection_take(&p->rpc, &p->out_len);
		p->out_sent = 0;
		p->sent_ms = uv_now(p->api->loop);
	}
	while (p->out && p->out_sent < p->out_len) {
		ssize_t n = send(p->socket, p->out + p->out_sent, p->out_len - p->out_sent,
				 MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno != EINTR)
			return errno == EAGAIN;
		p->out_sent += n > 0 ? (size_t)n : 0;
		p->sent_ms = uv_now(p->api->loop);
	}
	free(p->out);
	p->out = NULL;
	return true;
}

static void on_poll(uv_poll_t *poll, int status, int events);

/* Waits for what comes next. */
static void await(struct peer *p)
{
	if (p->out)
		uv_poll_start(&p->poll, UV_WRITABLE, on_poll);
	else if (!peer_waits(p))
		uv_poll_start(&p->poll, UV_READABLE, on_poll);
	else {
		uv_poll_stop(&p->poll);
		api_turn(p->api);
	}
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct peer *p = poll->data;
	if (status < 0)
		peer_close(p);
	else if (p->out && !send_some(p))
		peer_close(p);
	else if (!p->out && events & UV_READABLE && !read_some(p))
		peer_close(p);
	else
		await(p);
}

bool peer_waits(const struct peer *p)
{
	return !p->closing && !p->out && (p->in_taken < p->in_len || p->ended);
}

/* A descriptor that no request has taken goes when nothing is left of the request that it came with. */
static void feed_one(struct peer *p)
{
	const char *from = p->in + p->in_taken, *newline = memchr(from, '\n', p->in_len - p->in_taken);
	size_t n = newline ? (size_t)(newline - from) + 1 : p->in_len - p->in_taken;
	p->in_taken += rpc_connection_feed(&p->rpc, from, n);
	if (newline) {
		p->asked_ms = uv_now(p->api->loop);
		p->api->counts.requests++;
	}
	if (p->ended)
		rpc_connection_end(&p->rpc);
	if (p->in_taken == p->in_len && !p->rpc.line_len && !p->rpc.skipping)
		drop_fd(p);
}

void peer_turn(struct peer *p)
{
	feed_one(p);
	if (p->rpc.failed || !send_some(p) || (p->ended && !p->out && p->in_taken == p->in_len))
		peer_close(p);
	else
		await(p);
}

bool peer_is_stuck(const struct peer *p, uint64_t now_ms)
{
	return p->out && now_ms - p->sent_ms > API_STUCK_S * 1000;
}

/* "needs the role operator or approver; ana has viewer" */
static void say_roles(FILE *out, unsigned roles, const char *between)
{
	const char *comma = "";
	for (unsigned i = 0; i < ROLES_N; i++)
		if (roles & 1u << i) {
			fprintf(out, "%s%s", comma, role_words[i]);
			comma = between;
		}
}

static int permit(void *ctx, const struct rpc_method *m, struct err *e)
{
	const struct call *c = ctx;
	struct peer *p = (struct peer *)((char *)ctx - offsetof(struct peer, call));
	if (!m->roles || m->roles & c->roles)
		return 0;
	FILE *out = fmemopen(e->text, sizeof(e->text), "w");
	if (out) {
		fprintf(out, "%s needs the role ", m->name);
		say_roles(out, m->roles, " or ");
		fprintf(out, "; %s has ", c->who.name);
		say_roles(out, c->roles, ", ");
		fclose(out);
	}
	api_denied(p->api, &c->who, m->name, e->text);
	return -EACCES;
}

struct peer *peer_new(struct api *a, int socket, const struct who *who, unsigned roles)
{
	struct peer *p = calloc(1, sizeof(*p));
	if (!p || uv_poll_init(a->loop, &p->poll, socket)) {
		free(p);
		close(socket);
		return NULL;
	}
	p->api = a;
	p->socket = socket;
	p->call = a->call;
	p->call.roles = roles;
	snprintf(p->user, sizeof(p->user), "%s", who->name);
	p->call.who = (struct who){who->uid, p->user};
	p->server = (struct rpc_server){.methods = a->methods,
					.n_methods = a->n_methods,
					.ctx = &p->call,
					.permit = permit,
					.role_words = role_words};
	rpc_connection_init(&p->rpc, &p->server);
	p->poll.data = p;
	p->asked_ms = p->sent_ms = uv_now(a->loop);
	a->n_handles++;
	p->next = a->peers;
	a->peers = p;
	a->n_peers++;
	await(p);
	return p;
}

void peer_refuse(int socket, enum rpc_error code, const char *message)
{
	char *line = rpc_refusal(code, message);
	if (line)
		(void)!send(socket, line, strlen(line), MSG_NOSIGNAL | MSG_DONTWAIT);
	free(line);
	close(socket);
}

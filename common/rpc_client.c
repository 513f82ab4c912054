/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "common/rpc_line.h"

struct call {
	const char *path;
	int fd;
	unsigned timeout_ms;
	uint64_t deadline_ms;
	char *line; /* RPC_ANSWER_MAX bytes */
	size_t len;
};

static uint64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

int rpc_address(const char *path, struct sockaddr_un *ret, struct err *e)
{
	if (!*path || strlen(path) >= sizeof(ret->sun_path))
		return err_set(e, -ENAMETOOLONG, "%s: a socket's path has 1 to %zu bytes", path,
			       sizeof(ret->sun_path) - 1);
	*ret = (struct sockaddr_un){.sun_family = AF_UNIX};
	strcpy(ret->sun_path, path);
	return 0;
}

static int timed_out(const struct call *c, struct err *e)
{
	return err_set(
	    e, -ETIMEDOUT,
	    "the daemon on %s did not answer within %u ms: it hangs, is stopped or is busy with another "
	    "request",
	    c->path, c->timeout_ms);
}

/* `what` is what failed, with errno. */
static int lost(const struct call *c, const char *what, struct err *e)
{
	int err = errno;
	return err_set(e, -ECONNRESET, "the daemon on %s went away before it answered (%s: %s)", c->path,
		       what, strerror(err));
}

static int await(const struct call *c, short events, struct err *e)
{
	for (;;) {
		uint64_t now = now_ms();
		struct pollfd p = {.fd = c->fd, .events = events};
		if (now >= c->deadline_ms)
			return timed_out(c, e);
		int n = poll(&p, 1, (int)(c->deadline_ms - now));
		if (n > 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return lost(c, "poll", e);
	}
}

/* Sockets are called after their daemons: dataplane.sock is roja-dataplane's. */
static int nobody(const struct call *c, struct err *e)
{
	const char *slash = strrchr(c->path, '/'), *name = slash ? slash + 1 : c->path,
		   *dot = strrchr(name, '.');
	int n = dot ? (int)(dot - name) : (int)strlen(name);
	return err_set(
	    e, -ENOENT,
	    "no daemon answers on %s: is roja-%.*s running? See \"systemctl status roja-%.*s\"; --socket names "
	    "another path",
	    c->path, n, name, n, name);
}

static int dial(struct call *c, struct err *e)
{
	struct sockaddr_un to;
	int err = rpc_address(c->path, &to, e);
	if (err)
		return err;
	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0)
		return err_set(e, -errno, "socket: %s", strerror(errno));
	/* A daemon that takes no connections lets its backlog fill; then connect waits as long as a send. */
	struct timeval limit = {.tv_sec = c->timeout_ms / 1000, .tv_usec = c->timeout_ms % 1000 * 1000};
	setsockopt(c->fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	if (!connect(c->fd, (const struct sockaddr *)&to, sizeof(to)))
		return 0;
	switch (errno) {
	case ENOENT:
	case ECONNREFUSED:
	case ENOTDIR:
		return nobody(c, e);
	case EACCES:
		return err_set(
		    e, -EACCES,
		    "%s: permission denied: ask as root, or as a member of the group that the socket "
		    "belongs to",
		    c->path);
	case EAGAIN:
	case EINTR:
		return timed_out(c, e);
	default:
		return err_set(e, -errno, "%s: %s", c->path, strerror(errno));
	}
}

static int send_all(const struct call *c, const char *p, size_t n, struct err *e)
{
	while (n) {
		ssize_t sent = send(c->fd, p, n, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent >= 0) {
			p += sent;
			n -= (size_t)sent;
		} else if (errno == EAGAIN) {
			int err = await(c, POLLOUT, e);
			if (err)
				return err;
		} else if (errno == EPIPE || errno == ECONNRESET) {
			return 0; /* perhaps it has said why */
		} else if (errno != EINTR) {
			return lost(c, "send", e);
		}
	}
	return 0;
}

/* Reads up to the newline, which becomes a NUL. */
static int receive_line(struct call *c, struct err *e)
{
	for (;;) {
		int err = await(c, POLLIN, e);
		if (err)
			return err;
		ssize_t n = recv(c->fd, c->line + c->len, RPC_ANSWER_MAX - c->len, MSG_DONTWAIT);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (n < 0)
			return lost(c, "recv", e);
		if (n == 0) {
			errno = ECONNRESET;
			return c->len < RPC_ANSWER_MAX
				   ? lost(c, "recv", e)
				   : err_set(e, -EPROTO, "%s: the answer is longer than %zu bytes", c->path,
					     RPC_ANSWER_MAX);
		}
		char *newline = memchr(c->line + c->len, '\n', (size_t)n);
		c->len += (size_t)n;
		if (newline) {
			c->len = (size_t)(newline - c->line);
			return 0;
		}
	}
}

/* The first bytes of the request, with the descriptor; *ret_sent: how many. */
static int send_with(const struct call *c, const char *p, size_t n, int fd, size_t *ret_sent, struct err *e)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {
	    .head = {.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS}};
	struct iovec io = {.iov_base = (void *)(uintptr_t)p, .iov_len = n};
	struct msghdr m = {
	    .msg_iov = &io, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};
	memcpy(CMSG_DATA(&control.head), &fd, sizeof(fd));
	ssize_t sent;
	while ((sent = sendmsg(c->fd, &m, MSG_NOSIGNAL)) < 0 && errno == EINTR)
		;
	if (sent < 0 && (errno == EPIPE || errno == ECONNRESET))
		sent = (ssize_t)n; /* perhaps it has said why */
	if (sent < 0)
		return lost(c, "send", e);
	*ret_sent = (size_t)sent;
	return 0;
}

int rpc_call(const char *path, const char *method, json_t *params, unsigned timeout_ms, json_t **ret,
	     struct err *e)
{
	return rpc_call_fd(path, method, params, -1, timeout_ms, ret, e);
}

int rpc_call_fd(const char *path, const char *method, json_t *params, int fd, unsigned timeout_ms,
		json_t **ret, struct err *e)
{
	size_t sent = 0;
	struct call c = {.path = path, .fd = -1, .timeout_ms = timeout_ms, .line = malloc(RPC_ANSWER_MAX)};
	char *request = rpc_request_line(1, method, params);
	c.deadline_ms = now_ms() + timeout_ms;
	int err = c.line && request ? dial(&c, e) : err_set(e, -ENOMEM, "memory ran out");
	if (!err && fd >= 0)
		err = send_with(&c, request, strlen(request), fd, &sent, e);
	if (!err)
		err = send_all(&c, request + sent, strlen(request) - sent, e);
	if (!err)
		err = send_all(&c, "\n", 1, e);
	if (!err)
		err = receive_line(&c, e);
	if (!err)
		err = rpc_answer_read(path, c.line, c.len, 1, ret, e);
	if (c.fd >= 0)
		close(c.fd);
	if (request)
		explicit_bzero(request, strlen(request)); /* it may hold entries of lists */
	free(request);
	free(c.line);
	return err;
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/sink/net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "control/sink/net_lookup.h"

#define DRAIN_BYTES  4096
#define DRAIN_ROUNDS 16 /* a server that talks without end must not keep us from writing */

static int fail(const struct net *n, int err, const char *what, const char *why, struct err *e)
{
	const struct config_sink *c = n->output->config;
	return err_set(e, err, "sink %s: %s port %u: %s: %s", c->name, c->host, c->port, what, why);
}

static int fail_tls(const struct net *n, const char *what, struct err *e)
{
	long verify = n->tls ? SSL_get_verify_result(n->tls) : X509_V_OK;
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());
	const char *why = verify != X509_V_OK ? X509_verify_cert_error_string(verify)
			  : reason	      ? reason
					      : "the connection was cut";
	ERR_clear_error();
	return fail(n, verify != X509_V_OK ? -EKEYREJECTED : -EPIPE, what, why, e);
}

static bool is_loopback(const struct sockaddr *a)
{
	if (a->sa_family == AF_INET)
		return ntohl(((const struct sockaddr_in *)a)->sin_addr.s_addr) >> 24 == 127;
	return a->sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)a)->sin6_addr);
}

static void set_alive(int fd)
{
	static const struct {
		int level, option, value;
	} rows[] = {{SOL_SOCKET, SO_KEEPALIVE, 1},
		    {IPPROTO_TCP, TCP_KEEPIDLE, 60},
		    {IPPROTO_TCP, TCP_KEEPINTVL, 10},
		    {IPPROTO_TCP, TCP_KEEPCNT, 3},
		    {IPPROTO_TCP, TCP_NODELAY, 1}};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		setsockopt(fd, rows[i].level, rows[i].option, &rows[i].value, sizeof(rows[i].value));
}

static int left(uint64_t until_ms)
{
	uint64_t now = output_now_ms();
	return now < until_ms ? (int)(until_ms - now) : 0;
}

/* Waits for the socket; -ETIMEDOUT. */
static int wait_for(const struct net *n, short events, uint64_t until_ms)
{
	int r = output_poll(n->output, n->fd, events, -1, left(until_ms));
	return r < 0 ? r : r ? 0 : -ETIMEDOUT;
}

static int connect_to(struct net *n, const struct addrinfo *a, uint64_t until_ms)
{
	const struct config_sink *c = n->output->config;
	if (c->transport != SINK_TLS && !is_loopback(a->ai_addr))
		return -EPERM;
	n->fd = socket(a->ai_family, a->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, a->ai_protocol);
	if (n->fd < 0)
		return -errno;
	if (c->transport != SINK_UDP)
		set_alive(n->fd);
	if (!connect(n->fd, a->ai_addr, a->ai_addrlen))
		return 0;
	if (errno != EINPROGRESS)
		return -errno;
	int err = wait_for(n, POLLOUT, until_ms);
	socklen_t len = sizeof(err);
	if (!err && getsockopt(n->fd, SOL_SOCKET, SO_ERROR, &err, &len))
		return -errno;
	return err < 0 ? err : -err;
}

static int connect_any(struct net *n, uint64_t until_ms, struct err *e)
{
	const struct config_sink *c = n->output->config;
	struct addrinfo *all = NULL;
	const char *why;
	int err = net_lookup(n->output, c->host, c->port, c->transport == SINK_UDP ? SOCK_DGRAM : SOCK_STREAM,
			     left(until_ms), &all, &why);
	if (err)
		return fail(n, err, "its name cannot be found", why, e);
	for (const struct addrinfo *a = all; a; a = a->ai_next) {
		err = connect_to(n, a, until_ms);
		if (!err || err == -ECANCELED)
			break;
		if (n->fd >= 0)
			close(n->fd);
		n->fd = -1;
	}
	freeaddrinfo(all);
	if (err == -EPERM)
		return fail(n, err, "no connection",
			    "without TLS records go to this machine alone; set transport: tls", e);
	return err ? fail(n, err, "no connection", strerror(-err), e) : 0;
}

static bool set_server(SSL *tls, const char *host)
{
	uint8_t address[16];
	X509_VERIFY_PARAM *p = SSL_get0_param(tls);
	if (inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1)
		return X509_VERIFY_PARAM_set1_ip_asc(p, host) == 1;
	X509_VERIFY_PARAM_set_hostflags(p, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	return SSL_set1_host(tls, host) == 1 && SSL_set_tlsext_host_name(tls, host) == 1;
}

static int shake_hands(struct net *n, SSL_CTX *ctx, uint64_t until_ms, struct err *e)
{
	n->tls = SSL_new(ctx);
	if (!n->tls || !set_server(n->tls, n->output->config->host) || SSL_set_fd(n->tls, n->fd) != 1)
		return fail(n, -ENOMEM, "no handshake", "no memory", e);
	for (;;) {
		ERR_clear_error();
		int r = SSL_connect(n->tls);
		if (r == 1)
			return 0;
		int why = SSL_get_error(n->tls, r);
		if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE)
			return fail_tls(n, "no TLS", e);
		int err = wait_for(n, why == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, until_ms);
		if (err)
			return fail(n, err, "no TLS", strerror(-err), e);
	}
}

int net_open(struct net *n, SSL_CTX *tls, struct err *e)
{
	uint64_t until_ms = output_now_ms() + NET_OPEN_MS;
	n->fd = -1;
	n->tls = NULL;
	n->sent = 0;
	int err = connect_any(n, until_ms, e);
	if (!err && tls)
		err = shake_hands(n, tls, until_ms, e);
	if (err)
		net_close(n);
	return err;
}

/* Says goodbye where that needs no waiting. */
void net_close(struct net *n)
{
	if (n->tls) {
		ERR_clear_error();
		if (SSL_is_init_finished(n->tls))
			SSL_shutdown(n->tls);
		ERR_clear_error();
		SSL_free(n->tls);
	}
	if (n->fd >= 0)
		close(n->fd);
	n->tls = NULL;
	n->fd = -1;
}

/* 0: nothing more; 1: some bytes came; -EPIPE. */
static int drain_once(struct net *n, struct err *e)
{
	char bytes[DRAIN_BYTES];
	if (!n->tls) {
		ssize_t r = recv(n->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
		if (r > 0 || (r < 0 && errno == EINTR))
			return 1;
		if (r < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return 0;
		if (!r && n->output->config->transport == SINK_UDP)
			return 1;
		return fail(n, r < 0 ? -errno : -EPIPE, "the connection ended",
			    r < 0 ? strerror(errno) : "the server closed it", e);
	}
	ERR_clear_error();
	int r = SSL_read(n->tls, bytes, sizeof(bytes));
	if (r > 0)
		return 1;
	int why = SSL_get_error(n->tls, r);
	if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE)
		return 0;
	if (why == SSL_ERROR_ZERO_RETURN)
		return fail(n, -EPIPE, "the connection ended", "the server closed it", e);
	return fail_tls(n, "the connection ended", e);
}

int net_drain(struct net *n, struct err *e)
{
	int r = 1;
	for (unsigned i = 0; r == 1 && i < DRAIN_ROUNDS; i++)
		r = drain_once(n, e);
	return r < 0 ? r : 0;
}

/* Bytes written; 0: wait for *ret_events; -errno. */
static ssize_t write_some(struct net *n, const char *p, size_t len, short *ret_events, struct err *e)
{
	*ret_events = POLLOUT;
	if (!n->tls) {
		ssize_t w = send(n->fd, p, len, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (w >= 0) {
			n->sent += (uint64_t)w;
			return w;
		}
		if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
			return 0;
		return fail(n, -errno, "cannot be written to", strerror(errno), e);
	}
	ERR_clear_error();
	int w = SSL_write(n->tls, p, len < INT32_MAX ? (int)len : INT32_MAX);
	if (w > 0)
		return w;
	int why = SSL_get_error(n->tls, w);
	if (why == SSL_ERROR_WANT_READ)
		*ret_events = POLLIN;
	return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE
		   ? 0
		   : fail_tls(n, "cannot be written to", e);
}

int net_write(struct net *n, const char *p, size_t len, struct err *e)
{
	while (len) {
		short events;
		int err = net_drain(n, e);
		if (err)
			return err;
		ssize_t w = write_some(n, p, len, &events, e);
		if (w < 0)
			return (int)w;
		p += w;
		len -= (size_t)w;
		if (w)
			continue;
		/* however slow it is: its kernel says whether it lives */
		int r = output_poll(n->output, n->fd, (short)(events | POLLIN), -1, 1000);
		if (r < 0)
			return fail(n, r, "cannot be written to", strerror(-r), e);
	}
	return 0;
}

uint64_t net_unacked(const struct net *n)
{
	int bytes = 0;
	return n->output->config->transport == SINK_UDP || ioctl(n->fd, SIOCOUTQ, &bytes) || bytes < 0
		   ? 0
		   : (uint64_t)bytes;
}

uint64_t net_written(const struct net *n)
{
	return n->tls ? BIO_number_written(SSL_get_wbio(n->tls)) : n->sent;
}

/* Its last words; all that was written is on its way before. */
static int say_goodbye(struct net *n, int ms, struct err *e)
{
	uint64_t until = output_now_ms() + (ms < 0 ? 0 : (uint64_t)ms);
	while (n->tls) {
		ERR_clear_error();
		int r = SSL_shutdown(n->tls), why = r < 0 ? SSL_get_error(n->tls, r) : 0;
		ERR_clear_error();
		if (r >= 0 || why == SSL_ERROR_WANT_READ)
			break;
		if (why != SSL_ERROR_WANT_WRITE)
			return fail(n, -EPIPE, "the connection ended", "before its last bytes were sent", e);
		if (output_poll(n->output, n->fd, POLLOUT, -1, ms < 0 ? 1000 : left(until)) == -ECANCELED ||
		    (ms >= 0 && !left(until)))
			return fail(n, -ECANCELED, "the connection ended", "it was stopped", e);
	}
	return shutdown(n->fd, SHUT_WR) ? fail(n, -errno, "the connection ended", strerror(errno), e) : 0;
}

/* What comes behind our last words, as recv(2). An alert there says that the server refused us, maybe long ago. One that ended TLS, or speaks none any more
 * (as rsyslog does), has only the connection left to end: *plain. */
static ssize_t hear(struct net *n, bool *plain)
{
	char bytes[DRAIN_BYTES];
	if (*plain)
		return recv(n->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	ERR_clear_error();
	errno = 0;
	int r = SSL_read(n->tls, bytes, sizeof(bytes));
	if (r > 0)
		return r;
	int why = SSL_get_error(n->tls, r), reason = ERR_GET_REASON(ERR_peek_error());
	ERR_clear_error();
	if (why == SSL_ERROR_SYSCALL && errno)
		return -1;
	if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE)
		errno = EAGAIN;
	else if (why == SSL_ERROR_SSL && reason >= SSL_AD_REASON_OFFSET)
		errno = EKEYREJECTED;
	else
		*plain = true;
	return *plain ? hear(n, plain) : -1;
}

int net_finish(struct net *n, int ms, struct err *e)
{
	uint64_t until = output_now_ms() + (ms < 0 ? 0 : (uint64_t)ms);
	bool plain = !n->tls;
	/* an end that it made by itself proves nothing */
	int err = net_drain(n, e);
	if (!err)
		err = say_goodbye(n, ms, e);
	while (!err) {
		ssize_t r = hear(n, &plain);
		if (!r)
			return 0;
		if (r > 0 || errno == EINTR)
			continue;
		if (errno != EAGAIN && errno != EWOULDBLOCK)
			return fail(n, -errno, "the connection ended before all was read", strerror(errno),
				    e);
		struct pollfd p = {.fd = n->fd, .events = POLLIN};
		if (ms < 0)
			err = output_poll(n->output, n->fd, POLLIN, -1, 1000);
		else if (!left(until) || poll(&p, 1, left(until)) < 0)
			err = -ETIMEDOUT;
		err =
		    err < 0 ? fail(n, err, "the connection ended before all was read", strerror(-err), e) : 0;
	}
	return err;
}

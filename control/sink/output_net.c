/* SPDX-License-Identifier: BSD-3-Clause */
/* A syslog server: RFC 5425 over TLS; RFC 6587's counted octets over TCP, and RFC 5426 over UDP, on this machine. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "control/sink/net.h"
#include "control/sink/settle.h"

#define ROOM_MS 100
#define LAST_MS 2000 /* for the proof at the end of the process */
/* a younger connection proves nothing: the server may not have looked yet whom it has */
#define LIVED_MS 1000

struct server {
	struct output output;
	SSL_CTX *tls;
	struct net net;
	struct settle settle;
	uint64_t opened_ms;
};

static void look(struct server *s)
{
	settle_acked(&s->settle, net_written(&s->net) - net_unacked(&s->net), output_now_ms());
}

static void server_close(struct output *o)
{
	net_close(&((struct server *)o)->net);
}

/* Certificates expire and are replaced: each connection has those that are in the files now. Half a file is no reason to go without. */
static void renew_tls(struct server *s)
{
	SSL_CTX *tls;
	struct err e = {""};
	if (!net_tls_new(s->output.config, &tls, &e)) {
		SSL_CTX_free(s->tls);
		s->tls = tls;
	}
	memcpy(s->output.stale, e.text, sizeof(s->output.stale));
}

static int server_open(struct output *o, struct err *e)
{
	struct server *s = (struct server *)o;
	renew_tls(s);
	settle_begin(&s->settle);
	int err = net_open(&s->net, s->tls, e);
	s->opened_ms = output_now_ms();
	return err;
}

static bool has_lived(const struct server *s, uint64_t ms)
{
	uint64_t lived = output_now_ms() - s->opened_ms;
	return lived >= LIVED_MS && lived >= ms;
}

/* Where it is time for it: a proof, and a new connection. */
static int confirm(struct server *s, struct err *e)
{
	uint64_t every = UINT64_C(1000) * s->output.config->confirm_s;
	if (!s->settle.proves || !s->settle.place || !has_lived(s, every))
		return 0;
	int err = net_finish(&s->net, -1, e);
	if (err)
		return err;
	settle_proven(&s->settle);
	net_close(&s->net);
	return server_open(&s->output, e);
}

static void server_end(struct output *o)
{
	struct server *s = (struct server *)o;
	struct err e;
	if (s->net.fd >= 0 && s->output.config->transport != SINK_UDP && s->settle.place && has_lived(s, 0) &&
	    !net_finish(&s->net, LAST_MS, &e))
		settle_proven(&s->settle);
}

static int wait_for_room(struct server *s, struct err *e)
{
	for (look(s); !settle_room(&s->settle); look(s)) {
		int err = net_drain(&s->net, e);
		if (err)
			return err;
		int r = output_poll(&s->output, -1, 0, -1, ROOM_MS);
		if (r < 0)
			return err_set(e, r, "sink %s: %s", s->output.config->name, strerror(-r));
	}
	return 0;
}

static int write_datagrams(struct server *s, const struct output_batch *b, struct err *e)
{
	size_t at = 0;
	int err = 0;
	for (unsigned i = 0; !err && i < b->n; at = b->ends[i++])
		err = net_write(&s->net, b->p + at, b->ends[i] - at, e);
	return err;
}

static int server_write(struct output *o, const struct output_batch *b, struct err *e)
{
	struct server *s = (struct server *)o;
	int err = confirm(s, e);
	if (!err)
		err = wait_for_room(s, e);
	if (!err)
		err = o->config->transport == SINK_UDP ? write_datagrams(s, b, e)
						       : net_write(&s->net, b->p, b->len, e);
	if (err)
		return err;
	settle_wrote(&s->settle, b->place, net_written(&s->net));
	return 0;
}

static int server_wait(struct output *o, int wake, int ms, struct err *e)
{
	struct server *s = (struct server *)o;
	int err = confirm(s, e);
	if (err)
		return err;
	int r = output_poll(o, s->net.fd, POLLIN, wake, ms);
	if (r < 0)
		return err_set(e, r, "sink %s: %s", o->config->name, strerror(-r));
	err = net_drain(&s->net, e);
	if (!err)
		look(s);
	return err;
}

static uint64_t server_settled(struct output *o)
{
	struct server *s = (struct server *)o;
	return settle_place(&s->settle, output_now_ms());
}

static void server_free(struct output *o)
{
	struct server *s = (struct server *)o;
	net_close(&s->net);
	SSL_CTX_free(s->tls);
	free(s);
}

static const struct output_ops ops = {
    .open = server_open,
    .write = server_write,
    .wait = server_wait,
    .settled = server_settled,
    .end = server_end,
    .close = server_close,
    .free = server_free,
};

int output_net_new(const struct config_sink *config, int stop, struct output **ret, struct err *e)
{
	SSL_CTX *tls;
	int err = net_tls_new(config, &tls, e);
	if (err)
		return err;
	struct server *s = calloc(1, sizeof(*s));
	if (!s) {
		SSL_CTX_free(tls);
		return err_set(e, -ENOMEM, "no memory for sink %s", config->name);
	}
	s->output = (struct output){&ops, config, stop, ""};
	s->tls = tls;
	s->net = (struct net){.output = &s->output, .fd = -1};
	s->settle.proves = config->confirm_s && config->transport != SINK_UDP;
	*ret = &s->output;
	return 0;
}

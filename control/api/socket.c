/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/rpc_listen.h"
#include "control/api/api_state.h"
#include "control/api/methods.h"
#include "control/audit/audit.h"
#include "control/log.h"
#include "control/store/clock.h"

#define BACKLOG	   128
#define ACCEPT_MAX 16 /* a turn of the loop */

void api_forget(struct api *a)
{
	if (--a->n_handles)
		return;
	free(a->path);
	free(a);
}

void api_denied(struct api *a, const struct who *who, const char *act, const char *text)
{
	struct err e = {""};
	a->counts.denied++;
	if (denials_add(&a->denials, a->call.store, who, act, text, uv_now(a->loop), &e))
		log_error("the journal does not take a refusal of %s: %s", act, e.text);
}

static void on_turn(uv_idle_t *turn)
{
	struct api *a = turn->data;
	bool more = false;
	for (struct peer *p = a->peers, *next; p; p = next) {
		next = p->next;
		if (peer_waits(p))
			peer_turn(p);
	}
	for (struct peer *p = a->peers; p; p = p->next)
		more |= peer_waits(p);
	if (!more)
		uv_idle_stop(turn);
}

void api_turn(struct api *a)
{
	if (!a->closing)
		uv_idle_start(&a->turn, on_turn);
}

static unsigned of_user(const struct api *a, int64_t uid)
{
	unsigned n = 0;
	for (const struct peer *p = a->peers; p; p = p->next)
		n += p->call.who.uid == uid;
	return n;
}

/* Who was silent the longest, of one user or of all (uid -1). NULL: nobody. */
static struct peer *most_silent(const struct api *a, int64_t uid)
{
	struct peer *found = NULL;
	for (struct peer *p = a->peers; p; p = p->next)
		if ((uid < 0 || p->call.who.uid == uid) && (!found || p->asked_ms < found->asked_ms))
			found = p;
	return found;
}

static bool is_idle(const struct api *a, const struct peer *p)
{
	return p && uv_now(a->loop) - p->asked_ms > API_IDLE_S * 1000;
}

static int64_t greediest(const struct api *a)
{
	int64_t uid = -1;
	unsigned most = 0;
	for (const struct peer *p = a->peers; p; p = p->next) {
		unsigned n = of_user(a, p->call.who.uid);
		if (n > most) {
			most = n;
			uid = p->call.who.uid;
		}
	}
	return uid;
}

/* One user's connections are bounded; where all places are taken, who has the most loses one: so everybody gets through. */
static int make_room(struct api *a, int64_t uid, struct err *e)
{
	const struct control_config *c = a->call.config;
	struct peer *own = most_silent(a, uid), *any = most_silent(a, -1);
	if (of_user(a, uid) >= c->limits.connections_per_user) {
		if (!is_idle(a, own))
			return err_set(
			    e, -EUSERS,
			    "you have %u connections already, as many as one user may have: close some",
			    c->limits.connections_per_user);
		peer_close(own);
	} else if (any && a->n_peers >= c->limits.connections) {
		peer_close(is_idle(a, any) ? any : most_silent(a, greediest(a)));
	}
	return 0;
}

static void name_of(uid_t uid, char ret[API_USER_BYTES])
{
	const struct passwd *u = getpwuid(uid);
	if (u)
		snprintf(ret, API_USER_BYTES, "%s", u->pw_name);
	else
		snprintf(ret, API_USER_BYTES, "user %u", uid);
}

static void let_in(struct api *a, int socket)
{
	struct rpc_peer peer;
	struct err e = {""};
	char name[API_USER_BYTES];
	if (rpc_peer(socket, &peer, &e)) {
		peer_refuse(socket, RPC_ERROR_ACCESS, e.text);
		return;
	}
	name_of(peer.uid, name);
	const struct who who = {peer.uid, name};
	unsigned roles = roles_of(a->call.config, peer.uid, peer.gid, peer.groups, peer.n_groups);
	a->counts.connections++;
	if (!roles) {
		err_set(
		    &e, -EACCES,
		    "%s has no role here: the administrator names users and groups under \"roles\" in the "
		    "configuration of roja-control",
		    name);
		api_denied(a, &who, "connect", e.text);
		peer_refuse(socket, RPC_ERROR_ACCESS, e.text);
	} else if (make_room(a, who.uid, &e)) {
		peer_refuse(socket, RPC_ERROR_REFUSED, e.text);
	} else if (peer_new(a, socket, &who, roles)) {
		return;
	}
	a->counts.refused++;
}

static void on_listen(uv_poll_t *listener, int status, int events)
{
	struct api *a = listener->data;
	(void)events;
	for (unsigned i = 0; status >= 0 && i < ACCEPT_MAX; i++) {
		int fd = accept4(a->socket, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0) {
			let_in(a, fd);
		} else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
			a->paused = true;
			uv_poll_stop(&a->listener);
			return;
		} else if (errno != EINTR && errno != ECONNABORTED) {
			return;
		}
	}
}

static void on_second(uv_timer_t *timer)
{
	struct api *a = timer->data;
	struct err e = {""};
	for (struct peer *p = a->peers, *next; p; p = next) {
		next = p->next;
		if (peer_is_stuck(p, uv_now(a->loop)))
			peer_close(p);
	}
	denials_tick(&a->denials, a->call.store, uv_now(a->loop), &e);
	if (a->paused)
		a->paused = uv_poll_start(&a->listener, UV_READABLE, on_listen) != 0;
}

static int group_of(const struct control_config *c, gid_t *ret, struct err *e)
{
	const struct group *g = c->group && *c->group ? getgrnam(c->group) : NULL;
	*ret = g ? g->gr_gid : (gid_t)-1;
	return g || !c->group || !*c->group
		   ? 0
		   : err_set(e, -ENOENT, "group: there is no group \"%s\"", c->group);
}

static int listen_at(struct api *a, const char *path, gid_t group, struct err *e)
{
	int err = rpc_listen(path, group, &a->socket, e);
	if (err)
		return err;
	a->path = strdup(path);
	if (!a->path || lstat(path, &a->made) || listen(a->socket, BACKLOG)) {
		err = err_set(e, -errno, "%s: cannot listen: %s", path, strerror(errno));
		close(a->socket);
		unlink(path);
	}
	return err;
}

static void begin(struct api *a)
{
	uv_timer_init(a->loop, &a->timer);
	uv_idle_init(a->loop, &a->turn);
	a->listener.data = a->timer.data = a->turn.data = a;
	a->n_handles = 3;
	uv_poll_start(&a->listener, UV_READABLE, on_listen);
	uv_timer_start(&a->timer, on_second, 1000, 1000);
}

int api_open(uv_loop_t *loop, const struct control_config *config, struct engine *engine, struct store *store,
	     struct jobs *jobs, struct audit *audit, struct api **ret, struct err *e)
{
	gid_t group;
	int err = group_of(config, &group, e);
	struct api *a = err ? NULL : calloc(1, sizeof(*a));
	if (!a)
		return err ? err : err_set(e, -ENOMEM, "no memory for the API");
	a->loop = loop;
	a->methods = methods_all(&a->n_methods);
	a->call = (struct call){.fd = -1,
				.engine = engine,
				.store = store,
				.jobs = jobs,
				.audit = audit,
				.log = audit_log(audit),
				.index = audit_index(audit),
				.retention = audit_retention(audit),
				.config = config,
				.started = clock_now()};
	err = listen_at(a, config->socket, group, e);
	if (!err && uv_poll_init(loop, &a->listener, a->socket)) {
		err = err_set(e, -EINVAL, "%s: cannot be waited for", config->socket);
		close(a->socket);
	}
	if (err) {
		free(a->path);
		free(a);
		return err;
	}
	begin(a);
	*ret = a;
	return 0;
}

static void on_closed(uv_handle_t *h)
{
	struct api *a = h->data;
	if (h == (uv_handle_t *)&a->listener)
		close(a->socket);
	api_forget(a);
}

void api_close(struct api *a)
{
	struct err e = {""};
	if (!a || a->closing)
		return;
	a->closing = true;
	rpc_listen_end(a->path, &a->made);
	while (a->peers)
		peer_close(a->peers);
	if (denials_tick(&a->denials, a->call.store, UINT64_MAX, &e))
		log_error("the journal does not take refusals: %s", e.text);
	uv_close((uv_handle_t *)&a->listener, on_closed);
	uv_close((uv_handle_t *)&a->timer, on_closed);
	uv_close((uv_handle_t *)&a->turn, on_closed);
}

const struct api_counts *api_counts(const struct api *a)
{
	return &a->counts;
}

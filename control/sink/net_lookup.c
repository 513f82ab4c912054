/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/sink/net_lookup.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct lookup {
	char *host, port[12];
	struct addrinfo wish, *found;
	int result, done; /* done: eventfd */
	atomic_int users;
};

static void leave(struct lookup *l)
{
	if (atomic_fetch_sub(&l->users, 1) != 1)
		return;
	if (l->found)
		freeaddrinfo(l->found);
	if (l->done >= 0)
		close(l->done);
	free(l->host);
	free(l);
}

static void *run(void *ctx)
{
	struct lookup *l = ctx;
	const uint64_t one = 1;
	l->result = getaddrinfo(l->host, l->port, &l->wish, &l->found);
	if (write(l->done, &one, sizeof(one)) < 0)
		l->result = EAI_SYSTEM; /* then nobody asks */
	leave(l);
	return NULL;
}

static int begin(struct lookup *l)
{
	pthread_attr_t attr;
	pthread_t thread;
	if (!l->host || l->done < 0 || pthread_attr_init(&attr))
		return -ENOMEM;
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	atomic_store(&l->users, 2);
	int err = -pthread_create(&thread, &attr, run, l);
	pthread_attr_destroy(&attr);
	if (err)
		atomic_store(&l->users, 1);
	return err;
}

static int end(const struct output *o, struct lookup *l, int ms, struct addrinfo **ret, const char **ret_why)
{
	uint64_t ended;
	int r = output_poll(o, l->done, POLLIN, -1, ms);
	if (r > 0 &&
	    read(l->done, &ended, sizeof(ended)) < 0) /* the other thread's writes are seen from here on */
		r = -errno;
	if (r <= 0) {
		*ret_why = r ? "it was stopped" : "no answer in time";
		return r ? r : -ETIMEDOUT;
	}
	if (l->result) {
		*ret_why = gai_strerror(l->result);
		return -ENOENT;
	}
	*ret = l->found;
	l->found = NULL;
	return 0;
}

int net_lookup(const struct output *o, const char *host, uint32_t port, int socktype, int ms,
	       struct addrinfo **ret, const char **ret_why)
{
	struct lookup *l = calloc(1, sizeof(*l));
	*ret_why = "no memory";
	if (!l)
		return -ENOMEM;
	atomic_store(&l->users, 1);
	l->host = strdup(host);
	l->done = eventfd(0, EFD_CLOEXEC);
	l->wish = (struct addrinfo){.ai_socktype = socktype, .ai_flags = AI_NUMERICSERV};
	snprintf(l->port, sizeof(l->port), "%u", port);
	int err = begin(l);
	err = err ? err : end(o, l, ms, ret, ret_why);
	leave(l);
	return err;
}

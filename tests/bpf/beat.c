/* SPDX-License-Identifier: BSD-3-Clause */
/* beat: a daemon's share of the guard and nothing else, driven by lines on its standard input (tests/bpf/live.py).
 *
 *	beat INSTANCE open|closed HEARTBEAT_MS xdp|packet IF[:PEER]...   opens the guard; one queue a port
 *	beat --detach INSTANCE
 *
 * Answers each line with one line: "ok ..." or "error SENTENCE". It beats every millisecond while "beat on". */
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/guard.h"

#define LINE_BYTES   1024
#define WORDS_MAX    16
#define BEAT_MS	     1
#define PREFIXES_MAX 8

struct state {
	struct guard *g;
	unsigned n_ports;
	int beating;
};

static void print_stats(const struct guard_stats *s)
{
	for (unsigned i = 0; i < GUARD_N_COUNTS; i++)
		printf(" xdp.%s=%llu tc.%s=%llu", guard_count_name(i), (unsigned long long)s->xdp[i].frames,
		       guard_count_name(i), (unsigned long long)s->tc[i].frames);
	printf("\n");
}

static void stats(struct state *s, char **w, struct err *e)
{
	struct guard_stats v;
	int ret = guard_read(s->g, (unsigned)atoi(w[1]), &v);
	if (ret) {
		err_set(e, ret, "guard_read: %s", strerror(-ret));
		return;
	}
	printf("ok bytes=%llu", (unsigned long long)v.xdp[GUARD_DEAD_BYPASSED].bytes);
	print_stats(&v);
}

static void last(struct state *s, char **w, struct err *e)
{
	struct guard_stats v;
	unsigned port = (unsigned)atoi(w[1]);
	(void)e;
	guard_last_stats(s->g, port, &v);
	printf("ok now=%llu beat=%llu", (unsigned long long)guard_now(),
	       (unsigned long long)guard_last_beat(s->g, port, 0));
	print_stats(&v);
}

static void account(struct state *s, char **w, struct err *e)
{
	struct guard_outage o;
	struct guard_totals t;
	unsigned port = (unsigned)atoi(w[1]);
	if (guard_account_outage(s->g, port, strtoull(w[2], NULL, 10), &o, e) || guard_totals(s->g, port, &t))
		return;
	printf("ok passed=%llu dropped=%llu outages=%llu unprotected_ns=%llu\n",
	       (unsigned long long)o.passed.frames, (unsigned long long)o.dropped.frames,
	       (unsigned long long)t.outages, (unsigned long long)t.unprotected_ns);
}

static void beat(struct state *s, char **w, struct err *e)
{
	(void)e;
	s->beating = !strcmp(w[1], "on");
	printf("ok\n");
}

/* "prefixes ACTION ADDRESS BITS ...": replaces all. */
static void prefixes(struct state *s, char **w, struct err *e)
{
	static const char *const actions[] = {"except", "count", "drop_dead", "drop"};
	struct guard_prefix v[PREFIXES_MAX] = {};
	unsigned n = 0;
	for (; n < PREFIXES_MAX && w[1 + 3 * n]; n++) {
		char **at = &w[1 + 3 * n];
		for (unsigned a = 0; a < 4; a++)
			if (!strcmp(at[0], actions[a]))
				v[n].action = (enum guard_prefix_action)a;
		v[n].version = strchr(at[1], ':') ? 6 : 4;
		inet_pton(v[n].version == 6 ? AF_INET6 : AF_INET, at[1], v[n].addr);
		v[n].bits = (uint8_t)atoi(at[2]);
	}
	if (!guard_prefixes(s->g, v, n, e))
		printf("ok\n");
}

/* "flow SRC SPORT DST DPORT PROTO" */
static void flow(struct state *s, char **w, struct err *e)
{
	struct guard_flow f = {.version = 4, .proto = (uint8_t)atoi(w[5])};
	inet_pton(AF_INET, w[1], f.src);
	inet_pton(AF_INET, w[3], f.dst);
	f.sport = (uint16_t)atoi(w[2]);
	f.dport = (uint16_t)atoi(w[4]);
	if (!guard_watch_flow(s->g, &f, e) && !guard_bypass_flow(s->g, &f, e))
		printf("ok\n");
}

/* "block ADDRESS MS", "unblock ADDRESS": IPv4 */
static void block(struct state *s, char **w, struct err *e)
{
	struct guard_block b = {.addr = {[10] = 0xff, [11] = 0xff},
				.until_ns = guard_now() + strtoull(w[2], NULL, 10) * 1000000u};
	inet_pton(AF_INET, w[1], b.addr + 12);
	if (!guard_block(s->g, &b, e))
		printf("ok\n");
}

static void unblock(struct state *s, char **w, struct err *e)
{
	uint8_t addr[16] = {[10] = 0xff, [11] = 0xff};
	inet_pton(AF_INET, w[1], addr + 12);
	if (!guard_unblock(s->g, addr, e))
		printf("ok\n");
}

static void count_one(void *n, const struct guard_block *one)
{
	(void)one;
	++*(unsigned *)n;
}

static void blocks(struct state *s, char **w, struct err *e)
{
	unsigned n = 0;
	(void)w;
	if (!guard_blocks_each(s->g, count_one, &n, e))
		printf("ok n=%u\n", n);
}

static void forget(struct state *s, char **w, struct err *e)
{
	(void)w;
	if (!guard_forget_flows(s->g, e))
		printf("ok\n");
}

static void refresh(struct state *s, char **w, struct err *e)
{
	(void)w;
	if (!guard_refresh(s->g, e))
		printf("ok\n");
}

static const struct {
	const char *name;
	int words;
	void (*run)(struct state *, char **, struct err *);
} commands[] = {
    {"stats", 2, stats},       {"last", 2, last},	{"account", 3, account}, {"beat", 2, beat},
    {"prefixes", 1, prefixes}, {"flow", 6, flow},	{"forget", 1, forget},	 {"refresh", 1, refresh},
    {"block", 3, block},       {"unblock", 2, unblock}, {"blocks", 1, blocks},
};

static void obey(struct state *s, char *line)
{
	char *w[WORDS_MAX * 2] = {NULL};
	int n = 0;
	struct err e = {""};
	for (char *t = strtok(line, " \n"); t && n < WORDS_MAX * 2 - 1; t = strtok(NULL, " \n"))
		w[n++] = t;
	for (unsigned i = 0; n && i < sizeof(commands) / sizeof(*commands); i++)
		if (!strcmp(w[0], commands[i].name) && n >= commands[i].words)
			commands[i].run(s, w, &e);
	if (e.text[0])
		printf("error %s\n", e.text);
}

static void beat_once(struct state *s)
{
	for (unsigned port = 0; s->beating && port < s->n_ports; port++)
		guard_beat(guard_beats(s->g, port, 0), guard_now());
}

/* Lines come one at a time, each answered before the next, so that none waits in stdio's buffer unseen. */
static void serve(struct state *s)
{
	char line[LINE_BYTES];
	struct pollfd in = {.fd = 0, .events = POLLIN};
	for (;;) {
		beat_once(s);
		if (poll(&in, 1, BEAT_MS) <= 0)
			continue;
		if (!fgets(line, sizeof(line), stdin))
			return;
		obey(s, line);
	}
}

static int open_guard(int argc, char **argv, struct state *s, struct err *e)
{
	static const uint16_t bypassed[] = {5353};
	struct guard_port ports[GUARD_PORTS_MAX];
	struct guard_config cfg = {
	    .instance = argv[1],
	    .fail_closed = !strcmp(argv[2], "closed"),
	    .heartbeat_ms = (unsigned)atoi(argv[3]),
	    .ports = ports,
	    .bypass_ports = bypassed,
	    .n_bypass_ports = 1,
	    .elephants = true,
	};
	for (int i = 5; i < argc && cfg.n_ports < GUARD_PORTS_MAX; i++) {
		char *peer = strchr(argv[i], ':');
		if (peer)
			*peer++ = 0;
		ports[cfg.n_ports++] = (struct guard_port){
		    .interface = argv[i],
		    .peer = peer,
		    .queues = 1,
		    .kind = !strcmp(argv[4], "packet") ? GUARD_PACKET : GUARD_XDP,
		};
	}
	s->n_ports = cfg.n_ports;
	return guard_open(&cfg, &s->g, e);
}

int main(int argc, char **argv)
{
	struct state s = {.g = NULL};
	struct err e = {""};
	setvbuf(stdout, NULL, _IOLBF, 0);
	int ret = 0;
	if (argc == 3 && !strcmp(argv[1], "--detach"))
		ret = guard_detach(argv[2], &e);
	else if (argc >= 6)
		ret = open_guard(argc, argv, &s, &e);
	else
		return 2;
	if (ret) {
		printf("error %s\n", e.text);
		return 1;
	}
	printf("ok native=%d\n", s.g ? guard_is_native(s.g, 0) : 0);
	if (s.g)
		serve(&s);
	guard_close(s.g);
	return 0;
}

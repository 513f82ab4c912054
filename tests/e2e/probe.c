/* SPDX-License-Identifier: BSD-3-Clause */
/* probe: numbered datagrams at a steady rate, with the times at which they left and came.
 *
 *   probe send ADDRESS PORT RATE [NAME]   sends RATE datagrams a second; with NAME they are DNS queries for
 *                                         probe-NUMBER.NAME, and their answers are noted as well
 *   probe receive ADDRESS PORT            notes what comes
 *
 * Both say "ready" on stderr, run until SIGTERM and then print one JSON object: arrays of numbers ("seq"), of CLOCK_MONOTONIC
 * nanoseconds ("ns"), and of both for the answers ("answered_seq", "answered_ns"). Real-time priority where it is allowed, so
 * that a gap is the wire's and not the scheduler's. */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SECOND	 1000000000ull
#define TAG	 "probe-"
#define TAG_LEN	 (sizeof TAG - 1)
#define MAX_SEEN (1u << 24) /* 4 hours at 1 kHz */

struct notes {
	uint32_t *seq;
	uint64_t *ns;
	size_t n, room;
};

static volatile sig_atomic_t ended;

static void end(int signal_number)
{
	(void)signal_number;
	ended = 1;
}

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "probe: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * SECOND + (uint64_t)t.tv_nsec;
}

static void note(struct notes *v, uint32_t seq, uint64_t ns)
{
	if (v->n == v->room && v->room < MAX_SEEN) {
		v->room = v->room ? v->room * 2 : 65536;
		v->seq = realloc(v->seq, v->room * sizeof *v->seq);
		v->ns = realloc(v->ns, v->room * sizeof *v->ns);
		if (!v->seq || !v->ns)
			die("memory");
	}
	if (v->n < v->room) {
		v->seq[v->n] = seq;
		v->ns[v->n++] = ns;
	}
}

static void print_notes(const struct notes *v, const char *prefix)
{
	printf("\"%sseq\": [", prefix);
	for (size_t i = 0; i < v->n; i++)
		printf("%s%u", i ? "," : "", v->seq[i]);
	printf("], \"%sns\": [", prefix);
	for (size_t i = 0; i < v->n; i++)
		printf("%s%llu", i ? "," : "", (unsigned long long)v->ns[i]);
	printf("]");
}

/* Notes the number of every datagram that waits on the socket. */
static void receive_all(int s, struct notes *v)
{
	uint8_t buf[2048];
	ssize_t len;
	while ((len = recv(s, buf, sizeof buf - 1, MSG_DONTWAIT)) > 0) {
		uint64_t ns = now_ns();
		buf[len] = 0;
		const char *tag = memmem(buf, (size_t)len, TAG, TAG_LEN);
		if (tag)
			note(v, (uint32_t)strtoul(tag + TAG_LEN, NULL, 16), ns);
	}
}

static void wait_for(int s, uint64_t ns, const sigset_t *mask)
{
	struct pollfd p = {.fd = s, .events = POLLIN};
	struct timespec t = {.tv_sec = (time_t)(ns / SECOND), .tv_nsec = (long)(ns % SECOND)};
	ppoll(&p, 1, &t, mask);
}

static size_t put_label(uint8_t *out, const char *text, size_t len)
{
	out[0] = (uint8_t)len;
	memcpy(out + 1, text, len);
	return len + 1;
}

/* A query of type A for TAG<seq>.name, or just that text without a name. */
static size_t make_datagram(uint32_t seq, const char *name, uint8_t *out)
{
	char tag[32];
	size_t len = (size_t)snprintf(tag, sizeof tag, TAG "%08x", seq);
	if (!name) {
		memcpy(out, tag, len);
		return len;
	}
	const uint8_t head[12] = {(uint8_t)(seq >> 8), (uint8_t)seq, 1, 0, 0, 1};
	const uint8_t tail[5] = {0, 0, 1, 0, 1};
	size_t at = sizeof head;
	memcpy(out, head, sizeof head);
	at += put_label(out + at, tag, len);
	while (*name) {
		size_t label = strcspn(name, ".");
		at += put_label(out + at, name, label);
		name += label + (name[label] == '.');
	}
	memcpy(out + at, tail, sizeof tail);
	return at + sizeof tail;
}

static void send_steadily(int s, unsigned rate, const char *name, const sigset_t *mask)
{
	struct notes sent = {0}, answered = {0};
	uint8_t out[512];
	uint64_t period = SECOND / rate, next = now_ns();
	for (uint32_t seq = 0; !ended;) {
		uint64_t now = now_ns();
		if (now < next) {
			wait_for(s, next - now, mask);
		} else {
			/* a send that fails (no room, a port unreachable of before) is a datagram lost */
			if (send(s, out, make_datagram(seq, name, out), MSG_DONTWAIT) < 0 && errno == EBADF)
				die("send");
			note(&sent, seq++, now);
			next += period;
		}
		receive_all(s, &answered);
	}
	printf("{");
	print_notes(&sent, "");
	printf(", ");
	print_notes(&answered, "answered_");
	printf("}\n");
}

static void receive(int s, const sigset_t *mask)
{
	struct notes seen = {0};
	while (!ended) {
		wait_for(s, SECOND, mask);
		receive_all(s, &seen);
	}
	printf("{");
	print_notes(&seen, "");
	printf("}\n");
}

static int open_socket(const char *address, const char *port, bool sender)
{
	struct addrinfo hints = {.ai_socktype = SOCK_DGRAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
	struct addrinfo *to;
	if (getaddrinfo(address, port, &hints, &to))
		die(address);
	int s = socket(to->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int room = 8 << 20;
	if (s < 0)
		die("socket");
	setsockopt(s, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
	if (sender ? connect(s, to->ai_addr, to->ai_addrlen) : bind(s, to->ai_addr, to->ai_addrlen))
		die(address);
	freeaddrinfo(to);
	return s;
}

int main(int argc, char **argv)
{
	bool sender = argc > 4 && !strcmp(argv[1], "send");
	unsigned rate = sender ? (unsigned)strtoul(argv[4], NULL, 10) : 0;
	if (sender ? !rate || argc > 6 : argc != 4 || strcmp(argv[1], "receive")) {
		fputs("usage: probe send ADDRESS PORT RATE [NAME] | probe receive ADDRESS PORT\n", stderr);
		return 2;
	}
	sigset_t blocked, before;
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	sigprocmask(SIG_BLOCK, &blocked, &before); /* SIGTERM ends a ppoll, and is not missed between two */
	sigaction(SIGTERM, &(struct sigaction){.sa_handler = end}, NULL);
	mlockall(MCL_CURRENT | MCL_FUTURE);
	sched_setscheduler(0, SCHED_FIFO, &(struct sched_param){.sched_priority = 50});

	int s = open_socket(argv[2], argv[3], sender);
	fputs("ready\n", stderr);
	if (sender)
		send_steadily(s, rate, argc > 5 ? argv[5] : NULL, &before);
	else
		receive(s, &before);
	return 0;
}

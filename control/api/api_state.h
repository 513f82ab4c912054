/* SPDX-License-Identifier: BSD-3-Clause */
/* api_state: what socket.c (who is let in) and peer.c (what a connection says) share. */
#ifndef CONTROL_API_API_STATE_H
#define CONTROL_API_API_STATE_H

#include <sys/stat.h>

#include "control/api/api.h"
#include "control/api/call.h"
#include "control/api/denials.h"

#define API_USER_BYTES 64
#define API_READ_BYTES 16384

/* A connection is either being read from or being written to, never both: so whoever does not read its answers is not read
 * either. Of what was read one request is carried out a turn of the loop. */
struct peer {
	struct call call; /* the context of its handlers */
	struct peer *next;
	struct api *api;
	uv_poll_t poll;
	int socket;
	char *out; /* answers on their way; NULL: none */
	size_t out_len, out_sent;
	size_t in_len, in_taken; /* of in[]: there; fed to rpc */
	bool ended, closing;	 /* the peer sends no more; uv_close was called */
	uint64_t asked_ms,
	    sent_ms; /* when its last request was complete, when answers last moved, by uv_now */
	char user[API_USER_BYTES];
	struct rpc_server server;
	struct rpc_connection rpc;
	char in[API_READ_BYTES];
};

struct api {
	uv_loop_t *loop;
	uv_poll_t listener;
	uv_timer_t timer; /* a second */
	uv_idle_t turn;	  /* runs while a peer has bytes that wait for their turn */
	int socket;
	bool closing, paused; /* paused: out of descriptors until the next second */
	unsigned n_handles, n_peers;
	struct peer *peers; /* those not closing */
	struct call call;   /* what all calls have in common */
	const struct rpc_method *methods;
	unsigned n_methods;
	struct denials denials;
	struct api_counts counts;
	char *path;
	struct stat made; /* the socket file, to know it again */
};

/* Takes the socket over. NULL: no memory, and it is closed. */
struct peer *peer_new(struct api *a, int socket, const struct who *who, unsigned roles);
void peer_close(struct peer *p);
/* Whether bytes wait for their turn. */
bool peer_waits(const struct peer *p);
/* Carries out a request at most. May close it. */
void peer_turn(struct peer *p);
/* Whether it does not read its answers. */
bool peer_is_stuck(const struct peer *p, uint64_t now_ms);
/* One line to a peer that is not let in; closes the socket. */
void peer_refuse(int socket, enum rpc_error code, const char *message);

/* For peer.c: journals, within limits; something waits for its turn; a handle is closed. */
void api_denied(struct api *a, const struct who *who, const char *act, const char *text);
void api_turn(struct api *a);
void api_forget(struct api *a);

#endif

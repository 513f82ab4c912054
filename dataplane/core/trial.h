/* SPDX-License-Identifier: BSD-3-Clause */
/* trial: what would the ruleset do with a request? Made in memory as real frames, judged by a pipeline that nothing else uses.
 *
 * Model:    a batch holds requests, each as the frames of one connection: TCP handshake and ClientHello, the same and an HTTP request,
 *           a QUIC Initial, a DNS query in a datagram or over TCP, a SYN to an address. trial_judge puts one request's frames through the same pipeline_burst as
 *           traffic and says what the worker would have done. A trial pipeline is small; its hits, answers and counters are seen by
 *           nobody else. Ports and connection ids differ from request to request, so none sees another's flow.
 * Owner:    batch_new/free; the batch owns the frames and wipes them at every reset. Answers are the caller's.
 * Threads:  trial_add, trial_reset: one thread, while nobody judges. trial_judge: any number, each with a pipeline of its own.
 * Limits:   TRIAL_REQUESTS requests, TRIAL_TEXT_MAX bytes of text each, TRIAL_ROOM bytes of frames.
 * Errors:   -EINVAL: the text is no name, URL or address of its kind; -ENOSPC: the batch is full.
 * Cost:     judging: no heap, lock, clock or system call; what the pipeline needs for the frames. Adding: a QUIC Initial some 3 us.
 */
#ifndef DATAPLANE_CORE_TRIAL_H
#define DATAPLANE_CORE_TRIAL_H

#include "common/err.h"
#include "common/span.h"
#include "common/try_proto.h"
#include "dataplane/core/pipeline.h"

#define TRIAL_REQUESTS	 256
#define TRIAL_TEXT_MAX	 (URL_MAX_BYTES + 64)
#define TRIAL_ROOM	 ((size_t)1 << 20)
#define TRIAL_FRAMES_MAX 12 /* of a request */
#define TRIAL_FRAMES	 (TRIAL_REQUESTS * 6)

/* text: a host name (TLS, QUIC, DNS, DNS_TCP), host[:port][/path] (HTTP), an address (IP). */
struct trial_ask {
	enum try_proto proto;
	struct span text;
};

struct trial_request {
	uint8_t proto; /* enum try_proto */
	uint8_t n;     /* frames */
	uint16_t from; /* the first of them */
};

struct trial_frame {
	uint32_t at, len; /* in room */
};

struct quic_crypto;

struct trial_batch {
	unsigned n, n_frames;
	size_t used;
	uint32_t number; /* requests so far, of all batches: makes ports and connection ids */
	struct quic_crypto *quic;
	/* Both ends of synthetic connections: IPv4 as ::ffff:a.b.c.d */
	uint8_t client[2][16], server[2][16]; /* [0]: IPv4; [1]: IPv6 */
	unsigned family;		      /* in which names and URLs are asked */
	struct trial_request requests[TRIAL_REQUESTS];
	struct trial_frame frames[TRIAL_FRAMES];
	uint8_t room[TRIAL_ROOM];
};

/* clang-format off */
/* X(NAME, word, what it means) */
#define TRIAL_OUTCOMES(X)                                                   \
	X(PASS,     pass,    "nothing matched: it would pass")              \
	X(EXCEPTED, except,  "a rule matched and an exception lets it pass") \
	X(HIT,      hit,     "a rule matched")                              \
	X(UNJUDGED, none,    "this worker judges by no ruleset")
/* clang-format on */

enum trial_outcome {
#define X(id, word, help) TRIAL_##id,
	TRIAL_OUTCOMES(X)
#undef X
	    TRIAL_OUTCOMES_N
};

struct trial_answer {
	uint8_t outcome; /* enum trial_outcome */
	uint8_t proto;	 /* HIT: enum hit_proto by which it was seen */
	uint8_t action;	 /* HIT: enum action */
	bool dropped;	 /* a frame of it would not have left */
	uint16_t list;	 /* HIT: whose rule */
	uint32_t line;
};

int trial_batch_new(struct trial_batch **ret, struct err *e);
void trial_batch_free(struct trial_batch *b);
/* Empties and wipes it. rs (NULL: none): ends are chosen of which it has no address rule, as far as there are such. */
void trial_reset(struct trial_batch *b, const struct ruleset *rs);
int trial_add(struct trial_batch *b, enum try_proto proto, struct span text, struct err *e);

/* A pipeline for trials, with the policies of `like`. Nothing is remembered of one trial in the next. */
int trial_pipeline_new(const struct pipeline_config *like, struct pipeline **ret, struct err *e);
/* Judges request i by the pipeline's ruleset. */
void trial_judge(struct pipeline *p, const struct trial_batch *b, unsigned i, uint64_t now_ns,
		 struct trial_answer *ret);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
/* audit_state: what the files of the intake share. */
#ifndef CONTROL_AUDIT_AUDIT_STATE_H
#define CONTROL_AUDIT_AUDIT_STATE_H

#include "control/audit/audit.h"
#include "control/audit/privacy.h"

#define AUDIT_HOOKS 16
#define AUDIT_PATH  512
#define AUDIT_NODE  33 /* bytes of a data plane's name, with NUL: CONTROL_FORMS NAME */

/* A ring of a data plane's events file: how far it was taken, and what became of its numbers. Kept in the log's map. */
struct ring {
	char node[AUDIT_NODE];
	uint8_t file[16];
	unsigned ring;
	struct ring_place {
		uint64_t source; /* its number in the log; 0: it has none yet */
		uint64_t begin, seq, hits, counted, others, lost, told; /* told: seq of the last tally */
	} at;
};

/* What the loop does again and again. */
enum audit_work { AUDIT_OUTBOX, AUDIT_INDEX, AUDIT_SECOND, AUDIT_WORKS_N };

struct audit {
	uv_loop_t *loop;
	const struct control_config *config;
	struct store *store;
	struct audit_log *log;
	struct audit_index *index;
	struct privacy *privacy;
	struct retention *retention;
	struct stamps *stamps;
	uv_async_t notify; /* the log's threads wake us */
	uv_timer_t tick, work, follow;
	uint64_t followed_ms;
	bool running, stopping;
	bool stalled, alarmed,
	    alarm_due; /* the log takes nothing; the store has the alarm; it has not, or not its end */
	char stall[ERR_BYTES];
	char trouble[AUDIT_WORKS_N][ERR_BYTES]; /* the last that was said of each; "": it is well */
	struct ring *rings;
	unsigned n_rings;
	uint64_t sources;	  /* numbers given so far */
	struct counter *counters; /* counts.c */
	unsigned n_counters;
	int64_t outbox, outbox_gone; /* the last row that is a leaf; the last that was removed */
	uint64_t outbox_ticket;	     /* of which its leaves are durable */
	int64_t head_kept_at, tallied_at;
	struct {
		void (*call)(void *ctx);
		void *ctx;
	} hooks[AUDIT_HOOKS];
	unsigned n_hooks;
	struct entry entry; /* room of the loop's thread: one is filled at a time */
};

/* rings.c: the places up to which rings were taken. NULL: no memory. */
int rings_load(struct audit *a, struct err *e);
struct ring *rings_find(struct audit *a, const char *node, const uint8_t file[16], unsigned ring);
int rings_keep(struct audit *a, const struct ring *r);
/* A leaf for each ring whose numbers went on since the last. */
int rings_tally(struct audit *a, struct err *e);

/* counts.c: hits of a minute that leave no leaf of their own. */
int counts_add(struct audit *a, const char *node, uint64_t minute, const struct privacy_place *place,
	       unsigned protocol, unsigned action);
/* What counts_add took goes into the log's map. */
int counts_keep(struct audit *a);
/* Minutes that are over become leaves. */
int counts_close(struct audit *a, uint64_t now_minute, struct err *e);
void counts_free(struct audit *a);

/* outbox.c: rows of the store's outbox become leaves. *ret_more: some are left. */
int outbox_load(struct audit *a, struct err *e);
int outbox_take(struct audit *a, bool *ret_more, struct err *e);
/* Whether there are rows whose leaves are durable; removes them. */
bool outbox_is_due(const struct audit *a);
int outbox_clean(struct audit *a, struct err *e);

/* head.c: the store remembers the log's last checkpoint, so that a log that was put back, or is gone, is noticed at the start. */
int head_check(struct audit *a, struct err *e);
int head_keep(struct audit *a, struct err *e);

/* Values for a->entry. */
static inline struct entry_value value_uint(uint64_t n)
{
	return (struct entry_value){.n = n};
}
static inline struct entry_value value_int(int64_t i)
{
	return (struct entry_value){.i = i};
}
static inline struct entry_value value_bytes(const void *p, size_t bytes)
{
	return (struct entry_value){.s = {p, bytes}};
}
static inline struct entry_value value_text(const char *text)
{
	return value_bytes(text ? text : "", text ? strlen(text) : 0);
}

#endif

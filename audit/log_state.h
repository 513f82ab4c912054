/* SPDX-License-Identifier: BSD-3-Clause */
/* log_state: what the log's owner and its two threads share.
 *
 * Threads:  each member says whose it is. "lock": read and written under the lock. The frontier is the owner's while a batch is begun (in_batch), and
 *           the lock's else: so whoever fixes a checkpoint's size knows its root.
 */
#ifndef AUDIT_LOG_STATE_H
#define AUDIT_LOG_STATE_H

#include <pthread.h>

#include "audit/log.h"
#include "audit/log_map.h"
#include "audit/tiler.h"
#include "audit/wal.h"

#define LOG_RETRY_MS	  1000
#define LOG_SEGMENT_BYTES (64ull << 20)
#define LOG_SEGMENT_MAX	  (512ull << 20) /* one frame more is still below WAL_FILE_MAX */
#define LOG_KEY_ORIGIN	  "log/origin"
#define LOG_KEY_SIGNER	  "log/key"	   /* 8 bytes: from behind which leaf on; 4 bytes: id */
#define LOG_KEY_BEFORE	  "log/key.before" /* 4 bytes: id of the one that signs the next checkpoint too */
#define LOG_KEYS_PREFIX	  "log/"	   /* the log's own */

struct log_bytes {
	uint8_t *p;
	size_t len, room;
};

/* One batch, or several that became a frame together. */
struct log_batch {
	struct log_bytes sets, leaves;
	uint64_t ticket, size;
	struct frontier frontier;
};

/* A bundle in memory. The owner appends; what is below a size that was committed never changes, but `p` moves, under the lock. */
struct log_held {
	uint64_t n; /* which bundle */
	uint8_t *p;
	size_t room;
	unsigned entries; /* the owner's */
	uint32_t at[TILE_WIDTH + 1];
	struct hash hashes[TILE_WIDTH];
};

struct log_segment {
	uint64_t number, end; /* leaves before its end */
};

/* A size that is to be published. */
struct log_size {
	uint64_t size;
	struct hash root;
};

/* What is wrong, of one thread. */
struct log_trouble {
	char text[ERR_BYTES];
	uint64_t since_ns;
};

struct audit_log {
	/* set at open */
	char *folder, *published_folder;
	char origin[NOTE_NAME_MAX + 1];
	uint64_t checkpoint_ns, segment_bytes;
	void (*notify)(void *ctx);
	void *ctx;
	int lock_fd, folder_fd, wal_fd, keys_fd;
	bool running; /* the threads are */
	pthread_t writer_thread, tiler_thread;

	/* the owner's */
	struct log_map map;
	struct map_row **changed; /* rows to be told with the next batch */
	size_t n_changed, changed_room;
	struct log_batch open;
	bool begun; /* the open batch has leaves */
	uint64_t ticket;
	unsigned reading; /* log_read is under way: bundles stay */
	struct log_status status;
	char recovered[ERR_BYTES];

	pthread_mutex_t lock;
	pthread_cond_t writer_wakes, tiler_wakes, changes;
	struct frontier frontier; /* see Threads */
	/* lock */
	bool stop, writer_ended;
	bool in_batch, wanted, head_due, urgent; /* wanted: the owner's next commit fixes a size */
	uint64_t committed, committed_ticket;
	uint64_t uncovered_ns; /* monotonic: of the first commit behind the fixed size; 0: none */
	uint64_t fixed;	       /* the size that is to be published, or is: a leaf `head` names it */
	struct hash fixed_root;
	struct log_size
	    *later; /* sizes to be fixed next: after a death, those that leaves name and the disk's end */
	size_t later_n, later_room, later_at;
	struct log_batch ready;
	uint64_t durable, published, published_ns, commits, failures, syncs_ns;
	struct hash root;
	struct log_held **held; /* in order, from the bundle that holds leaf `published` at least */
	size_t held_n, held_room;
	struct log_segment *segments; /* closed ones, in order */
	uint64_t newest;	      /* the newest segment that has a state */
	size_t segments_n, segments_room;
	struct log_trouble write_trouble, tile_trouble;
	struct signer *signer,
	    *before; /* before: signs up to the first checkpoint behind key_from, and that one too */
	uint64_t key_from;
	_Atomic uint64_t done;
	_Atomic size_t staged, held_bytes;
	_Atomic bool retired; /* the key before is gone: the owner forgets it */

	pthread_mutex_t signing; /* a signer is used by one thread at a time */

	/* the writer's, once it runs */
	struct log_batch writing;
	struct wal_file wal;
	uint64_t segment, written_ticket; /* segment: the number of the last one */
	bool clean;			  /* the last segment holds a state alone, and that is still true */
	struct frontier written;
	struct log_map written_map;

	/* the tiler's, once it runs */
	struct tiler *tiler;
};

/* log_batch.c */
int bytes_reserve(struct log_bytes *b, size_t more);
void bytes_add(struct log_bytes *b, const void *p, size_t n);
void batch_free(struct log_batch *b);
void batch_clear(struct log_batch *b);
/* Behind what `to` has; on -ENOMEM nothing moved. */
int batch_move(struct log_batch *to, struct log_batch *from);

/* log_held.c */
/* Room for one more entry of so many bytes as leaf `index`. */
int held_reserve(struct audit_log *l, uint64_t index, size_t bytes);
void held_add(struct audit_log *l, const void *entry, size_t bytes, const struct hash *leaf);
struct span held_entry(const struct log_held *h, unsigned i);
/* The owner's: frees what is published. */
void held_release(struct audit_log *l);
void held_free(struct log_held *h);

/* log.c: appends without asking for limits; sets the log's own keys too. */
int log_append_always(struct audit_log *l, const void *entry, size_t bytes, uint64_t *ret);
int log_set_always(struct audit_log *l, struct span key, struct span value);
/* The size that is committed is to be published. Under the lock, no batch begun. */
void log_fix(struct audit_log *l);
/* A size that is to be published later, in order. */
int log_fix_later(struct audit_log *l, uint64_t size, const struct hash *root);
/* May be NULL. Without the lock. */
void log_notify(struct audit_log *l);
void log_trouble(struct audit_log *l, struct log_trouble *t, const struct err *e); /* under the lock */
int log_segment_closed(struct audit_log *l, uint64_t number, uint64_t end);	   /* under the lock */
uint64_t log_monotonic_ns(void);
uint64_t log_now_ns(void);
/* Waits, under the lock, at most so long; false: that was the time. */
bool log_sleep(struct audit_log *l, pthread_cond_t *on, uint64_t until_ns);

/* log_writer.c, log_tiler.c */
void *log_writer(void *l);
void *log_tiler(void *l);
/* The state of what is written as a new segment. */
int log_segment_begin(struct audit_log *l, struct err *e);

/* log_keys.c */
int keys_new(struct audit_log *l, struct err *e);
int keys_load(struct audit_log *l, struct err *e);
/* Removes keys that never signed. */
void keys_tidy(struct audit_log *l);
/* The checkpoint of the log's `size` leaves, signed: at *ret, NOTE_MAX_BYTES. */
int keys_sign(struct audit_log *l, uint64_t size, const struct hash *root, char *ret, size_t *ret_bytes,
	      struct err *e);
/* A checkpoint of `size` leaves is published: what need not sign any more is wiped. */
int keys_retire(struct audit_log *l, uint64_t size, struct err *e);

/* log_recover.c */
int log_recover(struct audit_log *l, struct err *e);

#endif

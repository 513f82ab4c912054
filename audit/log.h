/* SPDX-License-Identifier: BSD-3-Clause */
/* log: appends entries durably, and publishes them as tiles under signed checkpoints.
 *
 * Model:    a batch is what was appended and set between two commits: it is durable as a whole or not at all. A thread of its own writes batches
 *           to the write-ahead files and syncs them; a second one makes tiles and bundles of what is durable and, when these are durable,
 *           signs and renames the checkpoint. A leaf's index is settled when it is appended. Beside the leaves the log keeps a small map of
 *           keys and values that is durable by the same batches: how far each source was taken, counts that are not leaves yet. Before the first
 *           leaf behind a checkpoint comes a leaf `head` that names it, so the log's own leaves say what was ever signed. Such a leaf may be durable before its checkpoint is:
 *           a start publishes that size first, and then what follows, so that every size that a `head` names has its partial tiles.
 * Folder:   FOLDER/log/: what is published (docs/audit-format.md): checkpoint, tile/..., kept/..., pruned, stamps/. FOLDER/wal/: write-ahead files.
 *           FOLDER/keys/: signing keys, mode 0700. One process has them: a lock on FOLDER/lock.
 * Owner:    open allocates; close writes and publishes what is appended, as far as the disk takes it, and frees.
 * Threads:  all functions: the owner's thread. `notify` is called by the log's threads, and may only wake the owner's (uv_async_send).
 * Limits:   LOG_STAGED_MAX bytes not durable yet, LOG_HELD_MAX bytes of bundles not published yet: then append says -EAGAIN until some are. A
 *           quarter of LOG_HELD_MAX is published before its time. LOG_KEYS_MAX keys; LOG_VALUE_MAX bytes a key; a value. Keys that begin with "log/"
 *           are the log's own.
 * Errors:   a disk that does not take a batch: it stays in memory, the write is tried again each second into a new file (what a failed fsync
 *           left in the page cache is not trusted), log_status says what is wrong. Nothing that was reported durable is ever lost: a torn end
 *           is cut at the last whole batch; damage before it is -EBADMSG at open with the file and the byte, and the file is set aside by
 *           nobody but a person.
 * Cost:     append: one copy and one SHA-256, some 300 ns, no system call. A commit: one write and one fdatasync for all that waits.
 */
#ifndef AUDIT_LOG_H
#define AUDIT_LOG_H

#include "audit/entry.h"
#include "audit/note.h"
#include "audit/tree.h"

#define LOG_STAGED_MAX (64u << 20)
#define LOG_HELD_MAX   (256u << 20)
#define LOG_VALUE_MAX  255
#define LOG_KEYS_MAX   65536

struct audit_log;

struct log_config {
	const char *folder;
	const char *
	    origin; /* "roja.isp.example/audit": the checkpoints' origin and the key's name; must not change */
	uint32_t checkpoint_ms; /* at most one checkpoint in so long, and one so long after a leaf */
	uint64_t segment_bytes; /* of a write-ahead file; 0: 64 MiB; 512 MiB at most */
	void (*notify)(void *ctx);
	void *ctx;
};

struct log_status {
	uint64_t size;	    /* leaves appended */
	uint64_t durable;   /* leaves that survive any death */
	uint64_t published; /* leaves of the last checkpoint */
	uint64_t published_ns;
	struct hash root; /* of `published` */
	uint64_t staged_bytes, commits, failures,
	    syncs_ns;		   /* syncs_ns: spent in write and fdatasync, all told */
	char trouble[ERR_BYTES];   /* what is wrong with the disk now; "": nothing */
	uint64_t trouble_ns;	   /* since when */
	char recovered[ERR_BYTES]; /* what open found and did; "": it was closed in good order, or is new */
};

/* Recovers what a death left, publishes it, and appends a leaf `log` to a new log, a leaf `recovered` where there was something to
 * recover. -EBUSY: another process has it. -EBADMSG: damage. -EEXIST: the folder's log has another origin. */
int log_open(const struct log_config *c, struct audit_log **ret, struct err *e);
void log_close(struct audit_log *l);

/* Appends an encoded entry, and returns its index in *ret (may be NULL). -EAGAIN: too much waits for the disk; -EMSGSIZE. */
int log_append(struct audit_log *l, const void *entry, size_t bytes, uint64_t *ret);
/* Encodes and appends. */
int log_add(struct audit_log *l, const struct entry *entry, uint64_t *ret, struct err *e);
/* Sets a key of the map; bytes 0: removes it. Seen by log_get at once. */
int log_set(struct audit_log *l, const char *key, const void *value, size_t bytes);
/* Whether an append and so many sets of new keys behind it will be taken. */
bool log_has_room(const struct audit_log *l, unsigned sets);
/* The value, borrowed until the next set; NULL: none. */
const void *log_get(const struct audit_log *l, const char *key, size_t *ret_bytes);
/* Every key that begins with prefix, in order. The callback may set or remove that one key. */
void log_each(struct audit_log *l, const char *prefix,
	      void (*each)(void *ctx, const char *key, const void *value, size_t bytes), void *ctx);
/* Ends the batch: it goes to the writer. Returns its ticket; durable once log_done >= ticket. Nothing appended: the last ticket. */
uint64_t log_commit(struct audit_log *l);
uint64_t log_done(const struct audit_log *l);
/* For the owner's thread, after notify. Borrowed, until the next call. */
const struct log_status *log_status(struct audit_log *l);
/* Blocks until the ticket is durable, or (published: true) all that is appended is in a signed checkpoint: it is committed first, and the
 * checkpoint comes at once. When the time is over: -EIO with the disk's error where there is one, else -ETIMEDOUT. For starts, tests and tools. */
int log_wait(struct audit_log *l, uint64_t ticket, bool published, unsigned timeout_ms, struct err *e);

/* Entries first.. of those that are durable, from memory or bundles; the callback's span lives until it returns; false from it ends the walk.
 * A body that was pruned comes as {NULL, 0}. */
int log_read(struct audit_log *l, uint64_t first, uint64_t n,
	     bool (*each)(void *ctx, uint64_t index, struct span entry), void *ctx, struct err *e);

/* Makes a new key, appends the leaf `key` that the old one signs, signs from the next checkpoint on with both once and then with the new
 * one alone; the old private key is wiped and removed once that checkpoint is published. ret: the new vkey. */
int log_rotate(struct audit_log *l, char ret[NOTE_VKEY_BYTES], struct err *e);
const struct verifier *log_verifier(const struct audit_log *l);
/* The folder that is published. */
const char *log_folder(const struct audit_log *l);

#endif

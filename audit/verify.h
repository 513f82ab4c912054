/* SPDX-License-Identifier: BSD-3-Clause */
/* verify: is a published log (docs/audit-format.md) whole, unchanged and signed? Trusts nothing of it.
 *
 * Model:    the checkpoint is read first; then every entry is hashed and compared with the hash tiles, these with each other, the root with
 *           the checkpoint, the checkpoint with the chain of keys that the leaves tell; the leaves' own rules (head, key, source and
 *           tally, prune) are checked, every file is accounted for. The verdict is the first fault in the order of the leaves.
 *           Checkpoints that were verified before are kept in a folder of the verifier's (keep.h): a log that lacks one is forked.
 * Owner:    the caller's; a report has no heap.
 * Threads:  a call is a thread's own; it starts `threads` of its own that read and hash.
 * Limits:   VERIFY_SOURCES_MAX rings, VERIFY_KEYS_MAX keys of a chain, VERIFY_PINNED_MAX pinned.
 * Errors:   0: there is a verdict. Else what cannot be read: -ENOENT no such folder, -EACCES, -EIO, -ENOMEM, with a sentence.
 * Live:     a log that is being written verifies: a fault counts once it is there while the checkpoint stands still; files beyond
 *           the checkpoint, while it does not cover them within wait_ms.
 * Cost:     two SHA-256 and one decode an entry, some 0.5 us of a core; each file is read once; memory does not grow with the log but
 *           by some 100 bytes a partial tile.
 */
#ifndef AUDIT_VERIFY_H
#define AUDIT_VERIFY_H

#include "audit/entry.h"
#include "audit/note.h"

#define VERIFY_SOURCES_MAX (1u << 22)
#define VERIFY_KEYS_MAX	   1024
#define VERIFY_PINNED_MAX  16
#define VERIFY_FILE_BYTES  256

/* X(NAME, word, help) */
/* clang-format off */
#define VERIFY_FAULTS(X)                                                                                        \
	X(NONE,        "none",        "nothing is wrong")                                                      \
	X(CHECKPOINT,  "checkpoint",  "there is no checkpoint, or it is none")                                 \
	X(SIGNATURE,   "signature",   "the checkpoint is not signed by the key that its own leaves name")      \
	X(KEY,         "key",         "the chain of keys is broken, or does not hold the key that is known")   \
	X(WITNESS,     "witness",     "fewer witnesses have signed than were asked for")                       \
	X(MISSING,     "missing",     "a file is not there")                                                   \
	X(UNKNOWN,     "unknown",     "a file is there that no log has")                                       \
	X(DAMAGED,     "damaged",     "a file is cut, too long, or not what it must hold")                     \
	X(ENTRY,       "entry",       "an entry was changed: the tree's hash is another's")                    \
	X(HASH,        "hash",        "a hash tile was changed: the entries and the tree above say another hash") \
	X(ROOT,        "root",        "entries and hashes fit each other, but not the signed root")            \
	X(ENCODING,    "encoding",    "an entry is not written as the format says")                            \
	X(HEAD,        "head",        "a checkpoint was signed that the leaves do not name, or another one")   \
	X(SEQUENCE,    "sequence",    "events of a data plane are lacking, twice there, or not as its tally says") \
	X(RETENTION,   "retention",   "bodies were removed that no prune entry names, or are there though they were") \
	X(STAMP,       "stamp",       "a time stamp is not of a checkpoint of this log, or not valid")         \
	X(BEYOND,      "beyond",      "files go on behind the checkpoint")                                     \
	X(OTHER_LOG,   "other log",   "it is the log of another origin")                                       \
	X(ROLLED_BACK, "rolled back", "it is shorter than when it was verified before")                        \
	X(FORKED,      "forked",      "it is another one than what was verified before")                       \
	X(PACKAGE,     "package",     "an export does not hold what its manifest says")
/* clang-format on */

enum verify_fault {
#define X(NAME, word, help) VERIFY_##NAME,
	VERIFY_FAULTS(X)
#undef X
	    VERIFY_FAULTS_N
};
extern const char *const verify_fault_words[VERIFY_FAULTS_N];

struct stamp_trust;

struct verify_options {
	const struct verifier *keys; /* one of them must be of the log's chain; none: any */
	unsigned n_keys;	     /* VERIFY_PINNED_MAX at most */
	const struct verifier *witnesses;
	unsigned n_witnesses, witnesses_needed;
	const struct stamp_trust *trust; /* for time stamps; NULL: they are not checked */
	const char *state;		 /* where verified checkpoints are kept; NULL: nowhere */
	const char *const *custody; /* of an export: SHA-256 of lines that its custody record must hold */
	unsigned n_custody;
	unsigned threads; /* 0: one a processor, 8 at most */
	unsigned wait_ms; /* how long a log that is being written has to publish what it wrote */
};

struct verify_report {
	enum verify_fault fault;
	bool has_leaf; /* the fault is of leaf `leaf`, or of one of leaf..last */
	uint64_t leaf, last;
	char file[VERIFY_FILE_BYTES]; /* below the folder; "": none */
	char text[ERR_BYTES];	      /* what is wrong, for a person */

	char origin[NOTE_NAME_MAX + 1];
	uint64_t size;
	struct hash root;
	uint64_t bytes; /* of bodies that are there */
	uint64_t kinds
	    [ENTRY_KINDS_END]; /* entries by kind; [0]: of later kinds, which only their form is known of */
	uint64_t removed;      /* bodies that retention removed */
	uint64_t first_ns, last_ns; /* times of the first and the last entry that are there */
	uint64_t lost;		    /* events that data planes lost, as gaps and tallies say */
	unsigned heads, keys, witnesses, stamps, stamps_checked;
	uint64_t stamp_size;		 /* the longest tree that a time stamp covers */
	int64_t stamp_s;		 /* when it was stamped */
	char key[NOTE_VKEY_BYTES];	 /* that signed the checkpoint */
	char first_key[NOTE_VKEY_BYTES]; /* the log's first */
	bool pinned;			 /* a key that was given, or kept from before, is of the chain */
	bool first_use;	    /* nothing was known of this log before: its key is kept from now on */
	unsigned kept;	    /* checkpoints from before that it extends */
	uint64_t kept_size; /* the longest of them */

	/* of an export */
	char signer[NOTE_VKEY_BYTES]; /* who signed the manifest; "": nobody */
	bool vouched;		      /* one of the witnesses that were given signed manifest or custody */
	unsigned custody, custody_signed; /* lines */
	char custody_last[65];		  /* SHA-256 of the last one */
	bool custody_known;		  /* it is one that was given */
};

int verify_folder(const char *folder, const struct verify_options *o, struct verify_report *ret,
		  struct err *e);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
/* entry_rows: kinds of entries and their fields. For ever: what is to be added is a new kind behind the others; nothing is changed.
 *
 * Rows:     ENTRY_KINDS: X(KIND, word, number, FIELDS list, help). A fields list: F(KIND, field, TYPE, extra, help). TYPE: of enum entry_type, or
 *           BYTES_OR_NONE: may be empty. extra: of BYTES, how many; of WORD, the table (entry_words.h); else 0.
 */
#ifndef AUDIT_ENTRY_ROWS_H
#define AUDIT_ENTRY_ROWS_H

#include "audit/entry_words.h"

/* clang-format off */
#define ENTRY_LOG_FIELDS(F, K)                                                                              \
	F(K, origin,    TEXT,  0, "the log's name, as in its checkpoints")                                  \
	F(K, vkey,      TEXT,  0, "its first key, as a C2SP vkey")                                          \
	F(K, program,   TEXT,  0, "name and version of the program that began it")
#define ENTRY_HEAD_FIELDS(F, K)                                                                             \
	F(K, size,      UINT,  0, "leaves of the checkpoint that was signed last: this leaf's own index")   \
	F(K, root,      BYTES, 32, "its root")
#define ENTRY_KEY_FIELDS(F, K)                                                                              \
	F(K, vkey,      TEXT,  0, "the key that signs checkpoints that hold this leaf")                     \
	F(K, signature, BYTES, 64, "by the key before it, over \"roja-audit-key/v1\", origin and vkey, a newline behind each")
#define ENTRY_SOURCE_FIELDS(F, K)                                                                           \
	F(K, source,    UINT,  0, "a number that later entries use for what follows here")                  \
	F(K, node,      TEXT,  0, "the data plane's name")                                                  \
	F(K, file,      BYTES, 16, "id of its events file")                                                 \
	F(K, ring,      UINT,  0, "ring of that file: a worker's, or the main thread's")                    \
	F(K, begin,     UINT,  0, "the number before the first one that was taken from it")
#define ENTRY_HIT_FIELDS(F, K)                                                                              \
	F(K, source,    UINT,  0, "which ring told it")                                                     \
	F(K, seq,       UINT,  0, "its number in that ring")                                                \
	F(K, version,   UINT,  0, "the ruleset that judged")                                                \
	F(K, order,     UINT,  0, "whose order; 0: not known")                                              \
	F(K, list,      UINT,  0, "which list of it; 0: not known")                                         \
	F(K, line,      UINT,  0, "line of the list")                                                       \
	F(K, rule,      BYTES, 8, "the rule's opaque number, as on the block page")                         \
	F(K, rule_kind, WORD,  entry_rule_kinds, "kind of rule")                                            \
	F(K, protocol,  WORD,  entry_protocols, "where it was seen")                                        \
	F(K, action,    WORD,  entry_actions, "what was done")                                              \
	F(K, pseudonym, BYTES_OR_NONE, 8, "of the client, where the order's legal basis asks for it; else empty")
#define ENTRY_COUNT_FIELDS(F, K)                                                                            \
	F(K, minute,    UINT,  0, "minutes since 1970")                                                     \
	F(K, node,      TEXT,  0, "the data plane")                                                         \
	F(K, order,     UINT,  0, "whose order")                                                            \
	F(K, list,      UINT,  0, "which list of it")                                                       \
	F(K, protocol,  WORD,  entry_protocols, "where they were seen")                                     \
	F(K, action,    WORD,  entry_actions, "what was done")                                              \
	F(K, hits,      UINT,  0, "how many in that minute")
#define ENTRY_ACT_FIELDS(F, K)                                                                              \
	F(K, act_id,    UINT,  0, "number in the journal")                                                  \
	F(K, uid,       INT,   0, "who: the user's number; -1: the program itself")                         \
	F(K, who,       TEXT,  0, "the user's name")                                                        \
	F(K, act,       TEXT,  0, "what: the API's method")                                                 \
	F(K, subject,   TEXT,  0, "about what")                                                             \
	F(K, outcome,   WORD,  entry_outcomes, "what became of it")                                         \
	F(K, text,      TEXT,  0, "the journal's sentence")
#define ENTRY_OUTAGE_FIELDS(F, K)                                                                           \
	F(K, source,    UINT,  0, "which ring told it")                                                     \
	F(K, seq,       UINT,  0, "its number in that ring")                                                \
	F(K, port,      UINT,  0, "which port was not watched")                                             \
	F(K, reason,    WORD,  entry_outage_reasons, "why")                                                 \
	F(K, began,     NS,    0, "from when")                                                              \
	F(K, ended,     NS,    0, "until when")                                                             \
	F(K, frames,    UINT,  0, "frames meanwhile")                                                       \
	F(K, bytes,     UINT,  0, "bytes of them")                                                          \
	F(K, closed,    FLAG,  0, "true: they were dropped; false: they passed")
#define ENTRY_GAP_FIELDS(F, K)                                                                              \
	F(K, source,    UINT,  0, "which ring told it")                                                     \
	F(K, seq,       UINT,  0, "its number in that ring")                                                \
	F(K, first,     UINT,  0, "first number that was lost, the ring being full")                        \
	F(K, last,      UINT,  0, "last number that was lost; what they told of was enforced")
#define ENTRY_SWAP_FIELDS(F, K)                                                                             \
	F(K, source,    UINT,  0, "which ring told it")                                                     \
	F(K, seq,       UINT,  0, "its number in that ring")                                                \
	F(K, version,   UINT,  0, "the ruleset that is active afterwards")                                  \
	F(K, digest,    BYTES, 32, "its SHA-256")                                                           \
	F(K, outcome,   WORD,  entry_swap_outcomes, "whether it was taken")
#define ENTRY_START_FIELDS(F, K)                                                                            \
	F(K, source,    UINT,  0, "which ring told it")                                                     \
	F(K, seq,       UINT,  0, "its number in that ring")                                                \
	F(K, pid,       UINT,  0, "the data plane's process")
#define ENTRY_LINK_FIELDS(F, K)                                                                             \
	F(K, source,    UINT,  0, "which ring told it")                                                     \
	F(K, seq,       UINT,  0, "its number in that ring")                                                \
	F(K, port,      UINT,  0, "which port")                                                             \
	F(K, up,        FLAG,  0, "whether its link is up")
#define ENTRY_TALLY_FIELDS(F, K)                                                                            \
	F(K, source,    UINT,  0, "of which ring")                                                          \
	F(K, seq,       UINT,  0, "the last number that was taken from it")                                 \
	F(K, hits,      UINT,  0, "hits with an entry of their own; these four are together seq - begin")    \
	F(K, counted,   UINT,  0, "hits that went into minutes' counts")                                    \
	F(K, others,    UINT,  0, "other events")                                                           \
	F(K, lost,      UINT,  0, "numbers that gaps name, or that were damaged")
#define ENTRY_ENFORCED_FIELDS(F, K)                                                                         \
	F(K, node,      TEXT,  0, "the data plane")                                                         \
	F(K, version,   UINT,  0, "the ruleset")                                                            \
	F(K, digest,    BYTES, 32, "its SHA-256")                                                           \
	F(K, sent,      NS,    0, "when it was given to the data plane; 0: it had it")                      \
	F(K, acked,     NS,    0, "when every worker was seen to judge by it")                              \
	F(K, switched,  UINTS, 0, "by worker: ns from the data plane's publication to its switch; 0: not told")
#define ENTRY_ALARM_FIELDS(F, K)                                                                            \
	F(K, alarm,     UINT,  0, "its number")                                                             \
	F(K, alarm_kind, TEXT, 0, "its kind")                                                               \
	F(K, subject,   TEXT,  0, "what it is about")                                                       \
	F(K, state,     WORD,  entry_alarm_states, "what became of it")                                     \
	F(K, text,      TEXT,  0, "what is wrong")
#define ENTRY_ORDER_FIELDS(F, K)                                                                            \
	F(K, order,     UINT,  0, "its number")                                                             \
	F(K, state,     TEXT,  0, "proposed, approved, refused, revoked or expired")                        \
	F(K, authority, TEXT,  0, "who ordered it")                                                         \
	F(K, reference, TEXT,  0, "its protocol number")                                                    \
	F(K, category,  TEXT,  0, "what it is about")                                                       \
	F(K, confidential, FLAG, 0, "whether its entries are secret")                                       \
	F(K, records,   TEXT,  0, "what hits leave: counts, events or pseudonyms")                          \
	F(K, received,  NS,    0, "when it was received")                                                   \
	F(K, starts,    NS,    0, "when it begins")                                                         \
	F(K, expires,   NS,    0, "when it ends by itself")                                                 \
	F(K, digest,    BYTES, 32, "SHA-256 of its fields, as canonical JSON")
#define ENTRY_IMPORT_FIELDS(F, K)                                                                           \
	F(K, import,    UINT,  0, "its number")                                                             \
	F(K, list,      UINT,  0, "of which list")                                                          \
	F(K, order,     UINT,  0, "of which order")                                                         \
	F(K, state,     TEXT,  0, "proposed, approved, refused or withdrawn")                               \
	F(K, file,      BYTES, 32, "SHA-256 of the file as it was received")                                \
	F(K, entries,   UINT,  0, "how many entries it holds")                                              \
	F(K, added,     UINT,  0, "more than the list in force")                                            \
	F(K, removed,   UINT,  0, "fewer than the list in force")
#define ENTRY_VERSION_FIELDS(F, K)                                                                          \
	F(K, version,   UINT,  0, "its number")                                                             \
	F(K, digest,    BYTES, 32, "SHA-256 of the ruleset")                                                \
	F(K, plan,      BYTES, 32, "SHA-256 of what it was compiled from")                                  \
	F(K, rules,     UINT,  0, "how many rules it holds")                                                \
	F(K, orders,    UINTS, 0, "the orders that it enforces; the first 64")
#define ENTRY_PROBE_FIELDS(F, K)                                                                            \
	F(K, node,      TEXT,  0, "the data plane")                                                         \
	F(K, version,   UINT,  0, "the ruleset by which its workers judged")                                \
	F(K, order,     UINT,  0, "of which order")                                                         \
	F(K, workers,   UINT,  0, "how many workers were asked, each with every request")                   \
	F(K, entries,   UINT,  0, "entries that were tried")                                                \
	F(K, enforced,  UINT,  0, "of them: every worker would have acted on each request")                 \
	F(K, missed,    UINT,  0, "of them: a worker would have let one pass")                              \
	F(K, unenforceable, UINT, 0, "entries that cannot be enforced as they stand")                       \
	F(K, neighbours, UINT, 0, "requests beside the entries, which must pass")                           \
	F(K, harmed,    UINT,  0, "of them: a worker would have blocked one")                               \
	F(K, text,      TEXT,  0, "why entries cannot be enforced, and how many for each reason")
#define ENTRY_PRUNE_FIELDS(F, K)                                                                            \
	F(K, minimum,   UINT,  0, "entry bundles below this number may lack bodies")                        \
	F(K, removed,   UINT,  0, "how many bodies are removed below it, all told")                         \
	F(K, bitmaps,   BYTES, 32, "SHA-256 of the file `pruned`, which says which")                        \
	F(K, text,      TEXT,  0, "by which retention, and which holds kept bodies")
#define ENTRY_RECOVERED_FIELDS(F, K)                                                                        \
	F(K, text,      TEXT,  0, "what a start found and did: a torn write, a disk that failed")

#define ENTRY_STAMP_FIELDS(F, K)                                                                            \
	F(K, size,      UINT,  0, "leaves of the checkpoint")                                               \
	F(K, checkpoint, BYTES, 32, "SHA-256 of the file `stamps/SIZE.checkpoint`")                         \
	F(K, reply,     BYTES, 32, "SHA-256 of the file `stamps/SIZE.tsr`")
#define ENTRY_WITNESS_FIELDS(F, K)                                                                          \
	F(K, size,      UINT,  0, "leaves of the checkpoint")                                               \
	F(K, vkey,      TEXT,  0, "the witness's key; its line is in the file `stamps/SIZE.checkpoint`")

#define ENTRY_KINDS(X)                                                                                      \
	X(LOG,      "log",       1,  ENTRY_LOG_FIELDS,       "the log begins: its first leaf")              \
	X(HEAD,     "head",      2,  ENTRY_HEAD_FIELDS,      "which checkpoint was signed before this leaf") \
	X(KEY,      "key",       3,  ENTRY_KEY_FIELDS,       "another key signs from here on")              \
	X(SOURCE,   "source",    4,  ENTRY_SOURCE_FIELDS,    "a ring of a data plane gets a number")        \
	X(HIT,      "hit",       5,  ENTRY_HIT_FIELDS,       "a rule matched")                              \
	X(COUNT,    "count",     6,  ENTRY_COUNT_FIELDS,     "hits of a minute, where single ones are not kept") \
	X(ACT,      "act",       7,  ENTRY_ACT_FIELDS,       "somebody did something, or was refused")      \
	X(OUTAGE,   "outage",    8,  ENTRY_OUTAGE_FIELDS,    "a port was not watched for a while")          \
	X(GAP,      "gap",       9,  ENTRY_GAP_FIELDS,       "a data plane's events were lost")             \
	X(SWAP,     "swap",      10, ENTRY_SWAP_FIELDS,      "a data plane was given a ruleset")            \
	X(START,    "start",     11, ENTRY_START_FIELDS,     "a data plane started")                        \
	X(LINK,     "link",      12, ENTRY_LINK_FIELDS,      "a port's link came or went")                  \
	X(TALLY,    "tally",     13, ENTRY_TALLY_FIELDS,     "what became of a ring's numbers so far")      \
	X(ENFORCED, "enforced",  14, ENTRY_ENFORCED_FIELDS,  "every worker of a data plane judges by a version") \
	X(ALARM,    "alarm",     15, ENTRY_ALARM_FIELDS,     "an alarm was raised, seen, or is over")       \
	X(ORDER,    "order",     16, ENTRY_ORDER_FIELDS,     "an order, when it came and when its state changed") \
	X(IMPORT,   "import",    17, ENTRY_IMPORT_FIELDS,    "a list's file, when it came and when it was decided about") \
	X(VERSION,  "version",   18, ENTRY_VERSION_FIELDS,   "a ruleset was compiled")                      \
	X(PROBE,    "probe",     19, ENTRY_PROBE_FIELDS,     "a compliance self-test of an order")          \
	X(PRUNE,    "prune",     20, ENTRY_PRUNE_FIELDS,     "bodies were removed, their retention being over") \
	X(RECOVERED, "recovered", 21, ENTRY_RECOVERED_FIELDS, "the log was made whole after a death or a fault") \
	X(STAMP,    "stamp",     22, ENTRY_STAMP_FIELDS,     "a checkpoint was time-stamped")               \
	X(WITNESS,  "witness",   23, ENTRY_WITNESS_FIELDS,   "a witness signed a checkpoint")
/* clang-format on */

/* Positions of fields: ENTRY_HIT_order ... */
#define ENTRY_POSITION(KIND, field, type, extra, help) ENTRY_##KIND##_##field,
#define X(KIND, word, number, fields, help)	       enum { fields(ENTRY_POSITION, KIND) ENTRY_##KIND##_N };
ENTRY_KINDS(X)
#undef X

#endif

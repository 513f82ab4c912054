/* SPDX-License-Identifier: BSD-3-Clause */
/* index_state: what the files of the index share.
 *
 * Model:    a scope is a kind, order, list, protocol, action and node; a block is 256 entry bundles. A row of postings says for a block and a scope
 *           how many hits its entries told of when they came, and, a bit each, which bundles of the block hold one: some bytes for hundreds of hits. What a
 *           transaction brings is summed up in memory first (index_gather.c), so that a block's rows lie side by side and are written seldom.
 */
#ifndef CONTROL_AUDIT_INDEX_STATE_H
#define CONTROL_AUDIT_INDEX_STATE_H

#include <sqlite3.h>

#include "audit/tree.h"
#include "control/audit/index.h"

#define BLOCK_BUNDLES 256
#define BLOCK_LEAVES  (BLOCK_BUNDLES * TILE_WIDTH)
#define BLOCK_BITS    (BLOCK_BUNDLES / 8)
#define INDEX_NAME    "index.db"
#define SOURCES_MAX   (1u << 20) /* what is beyond is of no known node */

/* clang-format off */
/* X(NAME, statement): prepared once. */
#define INDEX_STATEMENTS(X)                                                                                 \
	X(APPLIED,  "UPDATE meta SET value = ? WHERE name = 'applied'")                                     \
	X(NODE,     "INSERT INTO nodes(name) VALUES(?) ON CONFLICT DO UPDATE SET name = name RETURNING id") \
	X(SOURCE,   "INSERT OR REPLACE INTO sources(source, node) VALUES(?,?)")                             \
	X(SCOPE,    "INSERT INTO scopes(kind, order_id, list_id, protocol, action, node) VALUES(?,?,?,?,?,?)" \
		    " ON CONFLICT DO UPDATE SET kind = kind RETURNING id")                                  \
	X(POSTED,   "SELECT n, bundles FROM postings WHERE block = ? AND scope = ?")                        \
	X(POST,     "INSERT INTO postings(block, scope, n, bundles) VALUES(?,?,?,?)"                        \
		    " ON CONFLICT DO UPDATE SET n = excluded.n, bundles = excluded.bundles")                \
	X(BLOCK,    "INSERT INTO blocks(block, first_ns, last_ns) VALUES(?,?,?) ON CONFLICT DO UPDATE SET"  \
		    " first_ns = min(first_ns, excluded.first_ns), last_ns = max(last_ns, excluded.last_ns)") \
	X(BUNDLE,   "INSERT INTO bundles(bundle, first_ns, last_ns) VALUES(?,?,?) ON CONFLICT DO UPDATE SET" \
		    " first_ns = min(first_ns, excluded.first_ns), last_ns = max(last_ns, excluded.last_ns)") \
	X(HOUR,     "INSERT INTO hit_counts(hour, order_id, list_id, protocol, action, n) VALUES(?,?,?,?,?,?)" \
		    " ON CONFLICT DO UPDATE SET n = n + excluded.n")                                        \
	X(TOTAL,    "INSERT INTO totals(order_id, action, n) VALUES(?,?,?) ON CONFLICT DO UPDATE SET n = n + excluded.n") \
	X(RULE,     "INSERT OR REPLACE INTO rules(rule, order_id, list_id, line, hour) VALUES(?,?,?,?,?)")  \
	X(ORDER,    "INSERT OR REPLACE INTO orders(id, authority, reference, category, state, confidential, leaf) VALUES(?,?,?,?,?,?,?)") \
	X(OUTAGE,   "INSERT OR REPLACE INTO outages(id, dataplane, port, reason, began_ns, ended_ns, frames, bytes, closed)" \
		    " SELECT ?, coalesce((SELECT name FROM nodes WHERE id = ?), ''), ?, ?, ?, ?, ?, ?, ?")  \
	X(GAP,      "INSERT OR REPLACE INTO gaps(id, dataplane, at_ns, first, last)"                        \
		    " SELECT ?, coalesce((SELECT name FROM nodes WHERE id = ?), ''), ?, ?, ?")              \
	X(SCOPE_OF, "SELECT id FROM scopes WHERE kind = ? AND order_id = ? AND list_id = ? AND protocol = ? AND action = ? AND node = ?") \
	X(NODE_NAMED, "SELECT id FROM nodes WHERE name = ?")                                                \
	X(RULE_OF,  "SELECT order_id, list_id, line FROM rules WHERE rule = ?")                             \
	X(NODE_OF,  "SELECT name FROM nodes WHERE id = ?")                                                  \
	X(SCOPES,   "SELECT id FROM scopes WHERE (kind = ?1 OR kind = ?2) AND (?3 = 0 OR order_id = ?3)"    \
		    " AND (?4 IS NULL OR order_id IN (SELECT id FROM orders WHERE authority = ?4))"         \
		    " AND (?5 IS NULL OR order_id IN (SELECT id FROM orders WHERE category = ?5))"          \
		    " AND (?6 < 0 OR action = ?6) AND (?7 IS NULL OR node = (SELECT id FROM nodes WHERE name = ?7))") \
	X(NEXT_OF,  "SELECT min(block) FROM postings WHERE scope = ? AND block >= ?")                       \
	X(LAST_OF,  "SELECT max(block) FROM postings WHERE scope = ? AND block <= ?")                       \
	X(NEXT,     "SELECT min(block) FROM blocks WHERE block >= ?")                                       \
	X(LAST,     "SELECT max(block) FROM blocks WHERE block <= ?")                                       \
	X(BLOCK_IN, "SELECT 1 FROM blocks WHERE block = ? AND last_ns >= ? AND first_ns < ?")               \
	X(BUNDLE_IN, "SELECT 1 FROM bundles WHERE bundle = ? AND last_ns >= ? AND first_ns < ?")            \
	X(POSTS,    "SELECT scope, bundles FROM postings WHERE block = ?")                                  \
	X(UNPOST,   "DELETE FROM postings WHERE block = ? AND scope = ?")                                   \
	X(UNRULE,   "DELETE FROM rules WHERE order_id = ? AND hour < ?")                                    \
	X(UNCOUNT,  "DELETE FROM hit_counts WHERE hour < ?")                                                \
	X(MERGE,    "INSERT INTO hit_counts SELECT * FROM counts_before WHERE true ON CONFLICT DO UPDATE SET n = max(n, excluded.n)") \
	X(MERGED,   "DELETE FROM counts_before")                                                            \
	X(MERGE_TOTALS, "INSERT INTO totals SELECT * FROM totals_before WHERE true ON CONFLICT DO UPDATE SET n = max(n, excluded.n)") \
	X(MERGED_TOTALS, "DELETE FROM totals_before")
/* clang-format on */

enum index_statement {
#define X(NAME, sql) INDEX_##NAME,
	INDEX_STATEMENTS(X)
#undef X
	    INDEX_STATEMENTS_N
};

struct scope {
	uint8_t kind, protocol, action;
	uint32_t node;
	uint64_t order, list;
};

/* A scope, and what the block at hand and the hour at hand have of it. */
struct posting {
	struct scope scope;
	int64_t id;
	uint64_t block; /* of which n and bits are; UINT64_MAX: none */
	uint64_t n, hour, hour_n;
	bool touched;
	uint8_t bits[BLOCK_BITS];
};

struct bounds {
	uint64_t at, first_ns, last_ns;
	bool any;
};

#define RULES_KNOWN 65536 /* a power of two */
struct rule_seen {
	uint64_t rule, order, list, line, hour;
};

struct audit_index {
	char *folder, *path;
	struct audit_log *log;
	struct store *store;
	bool attached;
	sqlite3 *db;
	sqlite3_stmt *st[INDEX_STATEMENTS_N];
	uint64_t applied;
	bool merging; /* counts_before holds some */
	bool marked;  /* the file says, durably, that it is open */

	/* index_gather.c */
	struct posting *postings; /* by open addressing; id 0: free */
	uint32_t n_postings, room;
	uint32_t *touched, n_touched, touched_room;
	struct bounds block, bundle;
	uint64_t stored_block; /* of this one the file may have rows that memory has not */
	struct rule_seen *rules;
	uint32_t *sources; /* node by number of a source */
	uint32_t n_sources;
	struct entry entry;
};

/* index_file.c */
int index_file_open(struct audit_index *x, struct err *e);
void index_file_close(struct audit_index *x);
/* Before it is opened: what a death left of a renewal. true: it is to be renewed. */
bool index_file_put_back(struct audit_index *x);
/* All of it is on the disk, and it says so. */
void index_file_end(struct audit_index *x);
/* Names the machine's start; tests play another. */
extern const char *index_boot_path;
/* Sets the file aside, keeping its counts by hour where it can be read, and makes a new one. Where that fails the file is as it was, db is NULL, and
 * it is to be called again. */
int index_file_renew(struct audit_index *x, struct err *e);
int index_failed(struct audit_index *x, const char *doing, struct err *e);
int index_exec(struct audit_index *x, const char *sql, struct err *e);
/* Before whatever changes the file. */
int index_begin(struct audit_index *x, struct err *e);
/* Binds: i int64_t; t const char *; b const void *, int. Runs; *ret: the first column of a first row where there is one. */
int index_run(struct audit_index *x, struct err *e, enum index_statement which, int64_t *ret,
	      const char *types, ...);
/* Binds alone; the caller steps, then sqlite3_reset. */
sqlite3_stmt *index_bind(struct audit_index *x, enum index_statement which, const char *types, ...);

/* index_gather.c */
int gather_open(struct audit_index *x, struct err *e);
void gather_close(struct audit_index *x);
/* `hits` more of a scope at a leaf; hour: of hit_counts; 0: not counted there. */
int gather_add(struct audit_index *x, uint64_t leaf, const struct scope *scope, uint64_t hits, uint64_t hour,
	       struct err *e);
/* Of a block the times of all, of a bundle those of hits and counts alone. */
int gather_time(struct audit_index *x, uint64_t leaf, bool is_hit, uint64_t time_ns, struct err *e);
int gather_rule(struct audit_index *x, uint64_t rule, uint64_t order, uint64_t list, uint64_t line,
		uint64_t hour, struct err *e);
int gather_source(struct audit_index *x, uint64_t source, struct span node, struct err *e);
uint32_t gather_node(const struct audit_index *x, uint64_t source);
int index_node(struct audit_index *x, struct span name, uint32_t *ret, struct err *e);
/* Without making them. -ENOENT; 0: there is none such. */
int index_node_of(struct audit_index *x, struct span name, uint32_t *ret);
int64_t gather_id(struct audit_index *x, const struct scope *s);
/* Writes what is gathered. */
int gather_flush(struct audit_index *x, struct err *e);

/* index_take.c: one leaf. */
int index_take(struct audit_index *x, uint64_t leaf, struct span bytes, struct err *e);

#endif

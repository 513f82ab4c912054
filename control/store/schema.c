/* SPDX-License-Identifier: BSD-3-Clause */
/* The schema, as migrations. One that was released is never changed: add another. */
#include <errno.h>

#include "control/store/store_state.h"

static const char *const migrations[] = {
    /* Times are seconds since 1970. who: a user's name; uid: the number that tells people apart. */
    "CREATE TABLE state(name TEXT PRIMARY KEY, value BLOB) STRICT, WITHOUT ROWID;"

    "CREATE TABLE orders(id INTEGER PRIMARY KEY, fields TEXT NOT NULL,"
    "  state TEXT NOT NULL CHECK(state IN ('proposed','approved','refused','revoked','expired')),"
    "  received INTEGER NOT NULL, starts INTEGER NOT NULL, expires INTEGER NOT NULL, deadline INTEGER,"
    "  confidential INTEGER NOT NULL, created INTEGER NOT NULL, uid INTEGER NOT NULL, who TEXT NOT NULL,"
    "  approved INTEGER, approved_who TEXT, ended INTEGER, ended_why TEXT, reviewed INTEGER, confirmed INTEGER,"
    "  held INTEGER NOT NULL DEFAULT 0) STRICT;"

    "CREATE TABLE lists(id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL REFERENCES orders, name TEXT NOT NULL UNIQUE,"
    "  state TEXT NOT NULL CHECK(state IN ('proposed','approved','refused','ended')),"
    "  format TEXT NOT NULL, options TEXT NOT NULL, url BLOB, signature_url BLOB, every_s INTEGER, spool TEXT,"
    "  approval TEXT NOT NULL CHECK(approval IN ('each','signed')), uid INTEGER NOT NULL, who TEXT NOT NULL,"
    "  created INTEGER NOT NULL, active_import INTEGER, etag TEXT, last_modified TEXT, polled INTEGER, next_poll INTEGER,"
    "  failures INTEGER NOT NULL DEFAULT 0, poll_error TEXT) STRICT;"
    "CREATE INDEX lists_order ON lists(order_id);"

    "CREATE TABLE imports(id INTEGER PRIMARY KEY, list_id INTEGER NOT NULL REFERENCES lists,"
    "  state TEXT NOT NULL CHECK(state IN ('proposed','approved','refused','withdrawn')),"
    "  received INTEGER NOT NULL, uid INTEGER NOT NULL, who TEXT NOT NULL, source TEXT NOT NULL, file TEXT NOT NULL,"
    "  sha256 TEXT NOT NULL, bytes INTEGER NOT NULL, original TEXT NOT NULL, object TEXT, report TEXT, serial INTEGER,"
    "  lines INTEGER NOT NULL, entries INTEGER NOT NULL, rejected INTEGER NOT NULL, duplicates INTEGER NOT NULL,"
    "  added INTEGER NOT NULL, removed INTEGER NOT NULL, skipped INTEGER NOT NULL, why TEXT, signature TEXT,"
    "  authenticated TEXT, approved INTEGER, approved_who TEXT) STRICT;"
    "CREATE INDEX imports_list ON imports(list_id, id);"

    "CREATE TABLE proposals(id INTEGER PRIMARY KEY, kind TEXT NOT NULL, subject INTEGER NOT NULL, order_id INTEGER,"
    "  list_id INTEGER, text TEXT NOT NULL, reason TEXT, uid INTEGER NOT NULL, who TEXT NOT NULL, created INTEGER NOT NULL,"
    "  state TEXT NOT NULL CHECK(state IN ('open','approved','refused','withdrawn')),"
    "  decided INTEGER, decided_uid INTEGER, decided_who TEXT, note TEXT) STRICT;"
    "CREATE INDEX proposals_open ON proposals(state, kind, subject);"

    "CREATE TABLE exceptions(id INTEGER PRIMARY KEY, entry BLOB NOT NULL, reason TEXT NOT NULL,"
    "  state TEXT NOT NULL CHECK(state IN ('proposed','active','refused','ended')), uid INTEGER NOT NULL, who TEXT NOT NULL,"
    "  created INTEGER NOT NULL, expires INTEGER, ended INTEGER) STRICT;"

    "CREATE TABLE overrides(id INTEGER PRIMARY KEY, entry BLOB NOT NULL, assessment TEXT NOT NULL,"
    "  order_id INTEGER REFERENCES orders,"
    "  state TEXT NOT NULL CHECK(state IN ('proposed','active','refused','ended')), uid INTEGER NOT NULL, who TEXT NOT NULL,"
    "  created INTEGER NOT NULL, ended INTEGER) STRICT;"

    "CREATE TABLE reveals(id INTEGER PRIMARY KEY, list_id INTEGER NOT NULL REFERENCES lists, import_id INTEGER NOT NULL,"
    "  reason TEXT NOT NULL, uid INTEGER NOT NULL, who TEXT NOT NULL, created INTEGER NOT NULL, until INTEGER) STRICT;"

    "CREATE TABLE stops(id INTEGER PRIMARY KEY, what TEXT NOT NULL CHECK(what IN ('all','list','order')), order_id INTEGER,"
    "  list_id INTEGER, reason TEXT NOT NULL, uid INTEGER NOT NULL, who TEXT NOT NULL, created INTEGER NOT NULL,"
    "  confirm_by INTEGER NOT NULL, confirmed INTEGER, confirmed_who TEXT, ended INTEGER, ended_why TEXT) STRICT;"

    /* A version is a plan compiled: what it holds never changes. Which one is active: the last activation. A plan that comes back is
       a version of its own, as data planes take only a higher number than they have. */
    "CREATE TABLE versions(id INTEGER PRIMARY KEY, created INTEGER NOT NULL, plan TEXT NOT NULL, plan_digest TEXT NOT NULL,"
    "  file TEXT NOT NULL, digest TEXT NOT NULL, bytes INTEGER NOT NULL, rules INTEGER NOT NULL, report TEXT NOT NULL) STRICT;"
    "CREATE INDEX versions_plan ON versions(plan_digest);"
    "CREATE TABLE activations(id INTEGER PRIMARY KEY, version_id INTEGER NOT NULL REFERENCES versions, at INTEGER NOT NULL,"
    "  why TEXT NOT NULL, tripped INTEGER) STRICT;"
    "CREATE TABLE acks(activation_id INTEGER NOT NULL REFERENCES activations, dataplane TEXT NOT NULL, sent_ns INTEGER NOT NULL,"
    "  acked_ns INTEGER NOT NULL, PRIMARY KEY(activation_id, dataplane)) STRICT, WITHOUT ROWID;"
    /* when an order came into force on a node, and with which version */
    "CREATE TABLE order_times(order_id INTEGER NOT NULL REFERENCES orders, dataplane TEXT NOT NULL,"
    "  version_id INTEGER NOT NULL, compiled INTEGER NOT NULL, enforced_ns INTEGER NOT NULL, released_ns INTEGER,"
    "  PRIMARY KEY(order_id, dataplane, enforced_ns)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE cursors(dataplane TEXT NOT NULL, file BLOB NOT NULL, ring INTEGER NOT NULL, seq INTEGER NOT NULL,"
    "  at INTEGER NOT NULL, PRIMARY KEY(dataplane, file, ring)) STRICT, WITHOUT ROWID;"
    /* No address of either side, no name, no URL: which line of which list, when. */
    "CREATE TABLE hits(id INTEGER PRIMARY KEY, time_ns INTEGER NOT NULL, dataplane TEXT NOT NULL, version_id INTEGER NOT NULL,"
    "  order_id INTEGER, list_id INTEGER, line INTEGER NOT NULL, rule TEXT NOT NULL, kind TEXT NOT NULL,"
    "  protocol TEXT NOT NULL, action TEXT NOT NULL) STRICT;"
    "CREATE INDEX hits_order ON hits(order_id, id);"
    "CREATE TABLE hit_counts(hour INTEGER NOT NULL, order_id INTEGER NOT NULL, list_id INTEGER NOT NULL,"
    "  protocol TEXT NOT NULL, action TEXT NOT NULL, n INTEGER NOT NULL,"
    "  PRIMARY KEY(hour, order_id, list_id, protocol, action)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE outages(id INTEGER PRIMARY KEY, dataplane TEXT NOT NULL, port INTEGER NOT NULL, reason TEXT NOT NULL,"
    "  began_ns INTEGER NOT NULL, ended_ns INTEGER NOT NULL, frames INTEGER NOT NULL, bytes INTEGER NOT NULL,"
    "  closed INTEGER NOT NULL) STRICT;"

    "CREATE TABLE alarms(id INTEGER PRIMARY KEY, kind TEXT NOT NULL, subject TEXT NOT NULL, text TEXT NOT NULL,"
    "  raised INTEGER NOT NULL, last INTEGER NOT NULL, times INTEGER NOT NULL, cleared INTEGER,"
    "  acked INTEGER, acked_uid INTEGER, acked_who TEXT, note TEXT) STRICT;"
    "CREATE INDEX alarms_open ON alarms(kind, subject) WHERE cleared IS NULL;"

    "CREATE TABLE appeals(id INTEGER PRIMARY KEY, ticket TEXT NOT NULL UNIQUE, created INTEGER NOT NULL, subject BLOB NOT NULL,"
    "  text BLOB NOT NULL, contact BLOB, rule TEXT, order_id INTEGER, list_id INTEGER, line INTEGER,"
    "  deadline INTEGER NOT NULL, state TEXT NOT NULL CHECK(state IN ('open','upheld','rejected')),"
    "  decided INTEGER, decided_who TEXT, note TEXT) STRICT;"

    /* Every act and every refusal; uid -1: the program itself. */
    "CREATE TABLE journal(id INTEGER PRIMARY KEY, at INTEGER NOT NULL, uid INTEGER NOT NULL, who TEXT NOT NULL,"
    "  act TEXT NOT NULL, subject TEXT NOT NULL, outcome TEXT NOT NULL CHECK(outcome IN ('done','refused','failed')),"
    "  text TEXT NOT NULL) STRICT;",

    /* from a block page's rule to its order */
    "CREATE INDEX hits_rule ON hits(rule, id);"
    /* for the metrics, which then need not read reports */
    "CREATE INDEX imports_state ON imports(state);"
    "CREATE INDEX imports_approved ON imports(list_id, approved);",

    /* the letters to authorities, as they were drafted */
    "CREATE TABLE confirmations(id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL REFERENCES orders,"
    "  created INTEGER NOT NULL, uid INTEGER NOT NULL, who TEXT NOT NULL, text TEXT NOT NULL, sha256 TEXT NOT NULL) STRICT;"
    "CREATE INDEX confirmations_order ON confirmations(order_id, id);"
    /* an order's proposals, for order.show */
    "CREATE INDEX proposals_order ON proposals(order_id);",

    /* to say how long it took until an order was enforced */
    "ALTER TABLE orders ADD COLUMN approved_ns INTEGER;",

    /* When each worker of a data plane switched, as a JSON array of ns. */
    "ALTER TABLE acks ADD COLUMN switched TEXT;"
    /* What is to become a leaf of the log (control/audit/outbox.c), noted by the transaction that did it: no act can forget it. Numbers are
       never used again. What was there before is told as well. */
    "CREATE TABLE outbox(id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, ref INTEGER NOT NULL, text TEXT) STRICT;"
    "INSERT INTO outbox(kind, ref) SELECT 'order', id FROM orders ORDER BY id;"
    "INSERT INTO outbox(kind, ref) SELECT 'import', id FROM imports ORDER BY id;"
    "INSERT INTO outbox(kind, ref) SELECT 'version', id FROM versions ORDER BY id;"
    "INSERT INTO outbox(kind, ref) SELECT 'act', id FROM journal ORDER BY id;"
    "CREATE TRIGGER outbox_act AFTER INSERT ON journal BEGIN INSERT INTO outbox(kind, ref) VALUES('act', new.id); END;"
    "CREATE TRIGGER outbox_order AFTER INSERT ON orders BEGIN INSERT INTO outbox(kind, ref) VALUES('order', new.id); END;"
    "CREATE TRIGGER outbox_order_state AFTER UPDATE ON orders WHEN old.state <> new.state OR old.fields <> new.fields"
    "  BEGIN INSERT INTO outbox(kind, ref) VALUES('order', new.id); END;"
    "CREATE TRIGGER outbox_import AFTER INSERT ON imports BEGIN INSERT INTO outbox(kind, ref) VALUES('import', new.id); END;"
    "CREATE TRIGGER outbox_import_state AFTER UPDATE ON imports WHEN old.state <> new.state"
    "  BEGIN INSERT INTO outbox(kind, ref) VALUES('import', new.id); END;"
    "CREATE TRIGGER outbox_version AFTER INSERT ON versions BEGIN INSERT INTO outbox(kind, ref) VALUES('version', new.id); END;"
    "CREATE TRIGGER outbox_ack AFTER INSERT ON acks"
    "  BEGIN INSERT INTO outbox(kind, ref, text) VALUES('enforced', new.activation_id, new.dataplane); END;"
    "CREATE TRIGGER outbox_alarm AFTER INSERT ON alarms BEGIN INSERT INTO outbox(kind, ref, text) VALUES('alarm', new.id, 'raised'); END;"
    "CREATE TRIGGER outbox_alarm_seen AFTER UPDATE ON alarms WHEN old.acked IS NULL AND new.acked IS NOT NULL"
    "  BEGIN INSERT INTO outbox(kind, ref, text) VALUES('alarm', new.id, 'seen'); END;"
    "CREATE TRIGGER outbox_alarm_over AFTER UPDATE ON alarms WHEN old.cleared IS NULL AND new.cleared IS NOT NULL"
    "  BEGIN INSERT INTO outbox(kind, ref, text) VALUES('alarm', new.id, 'over'); END;",

    /* legal holds: bodies of a held order's entries stay in the log (control/audit/retention.c) */
    "CREATE TABLE holds(id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL REFERENCES orders, reason TEXT NOT NULL,"
    "  state TEXT NOT NULL CHECK(state IN ('proposed','active','refused','ended')), uid INTEGER NOT NULL, who TEXT NOT NULL,"
    "  created INTEGER NOT NULL, began INTEGER, ended INTEGER) STRICT;"
    "CREATE INDEX holds_order ON holds(order_id);",

    /* the last result of the compliance self-test (control/engine/engine_probe.c) */
    "CREATE TABLE probes(order_id INTEGER NOT NULL REFERENCES orders, dataplane TEXT NOT NULL, at INTEGER NOT NULL,"
    "  version_id INTEGER NOT NULL, workers INTEGER NOT NULL, entries INTEGER NOT NULL, enforced INTEGER NOT NULL,"
    "  missed INTEGER NOT NULL, unenforceable INTEGER NOT NULL, neighbours INTEGER NOT NULL, harmed INTEGER NOT NULL,"
    "  text TEXT NOT NULL, PRIMARY KEY(order_id, dataplane)) STRICT;",

    /* for reports: how many orders were probed on a data plane within an hour, and of how many something would have passed or been harmed */
    ("CREATE TABLE probe_counts(hour INTEGER NOT NULL, dataplane TEXT NOT NULL, run INTEGER NOT NULL, failed INTEGER NOT NULL,"
     "  PRIMARY KEY(hour, dataplane)) STRICT, WITHOUT ROWID;"),

    /* Hits are leaves of the log (control/audit/), which its index counts. */
    "DROP TABLE hits; DROP TABLE hit_counts; DROP TABLE outages; DROP TABLE cursors;",
};
#define MIGRATIONS_N (sizeof(migrations) / sizeof(*migrations))

static int apply(struct store *s, unsigned n, struct err *e)
{
	char version[64];
	snprintf(version, sizeof(version), "PRAGMA user_version=%u", n + 1);
	int err = store_begin(s, e);
	if (err)
		return err;
	if (sqlite3_exec(s->db, migrations[n], NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_exec(s->db, version, NULL, NULL, NULL) != SQLITE_OK)
		err = store_failed(s, "a migration", e);
	return store_end(s, err, e);
}

int schema_migrate(struct store *s, struct err *e)
{
	int64_t at = 0;
	int err = store_int(s, &at, e, "PRAGMA user_version", "");
	if (!err && at > (int64_t)MIGRATIONS_N)
		err = err_set(
		    e, -EPROTONOSUPPORT,
		    "%s/store.db was written by a later version of roja-control (schema %lld, this one "
		    "knows %zu): install that one",
		    s->folder, (long long)at, MIGRATIONS_N);
	for (; !err && at < (int64_t)MIGRATIONS_N; at++)
		err = apply(s, (unsigned)at, e);
	return err;
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* The store remembers the log's last checkpoint, and the log begins anew only where the store knows of none: to have both forget, one needs
 * to put back both, and then a checkpoint that was handed out tells. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "audit/dir.h"
#include "common/hex.h"
#include "control/audit/audit_state.h"
#include "control/store/journal.h"

static const char known_sql[] = "SELECT value FROM state WHERE name = 'log-head'";

/* "SIZE ROOT" */
static int parse(const char *text, uint64_t *ret_size, struct hash *ret_root)
{
	char *end;
	*ret_size = strtoull(text, &end, 10);
	return *end == ' ' && hex_read(end + 1, ret_root->b, sizeof(ret_root->b)) ? 0 : -EBADMSG;
}

static int root_at(struct audit *a, uint64_t size, struct hash *ret, struct err *e)
{
	struct log_dir *d;
	int err = dir_open(log_folder(a->log), &d, e);
	if (err)
		return err;
	struct tree_source s = dir_source(d);
	err = tree_root(&s, size, ret, e);
	dir_close(d);
	return err;
}

int head_check(struct audit *a, struct err *e)
{
	char *text = NULL;
	uint64_t size;
	struct hash known, now;
	const struct log_status *s = log_status(a->log);
	int err = store_str(a->store, &text, e, known_sql, "");
	if (err)
		return err == -ENOENT ? 0 : err;
	err = parse(text, &size, &known);
	free(text);
	if (err)
		return err_set(e, err, "%s/store.db: what it knows of the log cannot be read",
			       a->config->state);
	if (s->published < size)
		return err_set(
		    e, -EBADMSG,
		    "%s/audit: the log has %llu leaves, but %llu were signed: it is gone or was put back; bring "
		    "the last one back, or begin another with roja-control --new-log",
		    a->config->state, (unsigned long long)s->published, (unsigned long long)size);
	err = root_at(a, size, &now, e);
	if (!err && !hash_equal(&known, &now))
		err = err_set(
		    e, -EBADMSG,
		    "%s/audit: the first %llu leaves are not those that were signed: bring the log back, or begin "
		    "another with roja-control --new-log",
		    a->config->state, (unsigned long long)size);
	return err;
}

int audit_forget(struct store *s, struct err *e)
{
	int err = store_begin(s, e);
	if (err)
		return err;
	err = store_run(s, e, "DELETE FROM state WHERE name = 'log-head'", "");
	if (!err)
		err = journal_add(s, e, &who_program, "log.new", "log", OUTCOME_DONE,
				  "whoever may start the daemon let the log begin anew");
	return store_end(s, err, e);
}

int head_keep(struct audit *a, struct err *e)
{
	const struct log_status *s = log_status(a->log);
	char text[2 * sizeof(s->root.b) + 24], root[2 * sizeof(s->root.b) + 1];
	if (!s->published)
		return 0;
	hex_write(s->root.b, sizeof(s->root.b), root);
	snprintf(text, sizeof(text), "%llu %s", (unsigned long long)s->published, root);
	return store_run(
	    a->store, e,
	    "INSERT INTO state(name, value) VALUES('log-head', ?1) ON CONFLICT DO UPDATE SET value = ?1"
	    " WHERE value <> ?1",
	    "b", text, strlen(text));
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* lists: what belongs to an order, where it comes from, and each reading of it (an import).
 *
 * Model:    a list names a format and perhaps a source; an import is one original with the entries read from it, both sealed
 *           files that never change. At most one import of a list is active. Approving needs the order and the list approved,
 *           and the input signed or authenticated by a person.
 * Errors:   -ENOENT, -EEXIST, -EPERM, -ESTALE: a later import was approved already.
 */
#ifndef CONTROL_STORE_LISTS_H
#define CONTROL_STORE_LISTS_H

#include "control/store/journal.h"

#define LIST_NAME_MAX 64

struct list_row {
	int64_t id, order_id, active_import; /* active_import 0: none yet */
	char name[LIST_NAME_MAX + 1], format[32], order_state[16], state[16];
	bool confidential, auto_signed; /* auto_signed: a signed import needs no further approval */
	char *options, *authority;	/* options: a JSON object */
};

struct list_source {
	const char *format, *options, *url, *signature_url, *spool,
	    *approval; /* url.. may be NULL; approval: each, signed */
	int64_t every_s;
};

struct import_row {
	int64_t list_id;
	const char *source, *file; /* source: file, url, spool, rule */
	const char *sha256, *original, *object, *report;
	int64_t bytes, serial, lines, entries, rejected, duplicates, added, removed,
	    skipped;	       /* serial -1: it has none */
	const char *why;       /* refused because; NULL: it may be approved */
	const char *signature; /* JSON: who signed, when, by which certificate; NULL: unsigned */
};

int list_add(struct store *s, struct err *e, const struct who *who, int64_t order_id, const char *name,
	     const struct list_source *source, int64_t *ret_id, int64_t *ret_proposal);
/* By its id, or where id is 0 by its name. list_row_free frees what it holds. */
int list_find(struct store *s, struct err *e, int64_t id, const char *name, struct list_row *ret);
void list_row_free(struct list_row *l);

/* *ret_proposal 0: it was refused. An earlier proposal about the list is withdrawn. */
int list_import_add(struct store *s, struct err *e, const struct who *who, const struct import_row *row,
		    int64_t *ret_id, int64_t *ret_proposal);
int list_authenticate(struct store *s, struct err *e, const struct who *who, int64_t import, const char *how);
/* A signed import of a list whose later imports were approved in advance. */
int list_import_standing(struct store *s, struct err *e, int64_t import, int64_t proposal);
/* Makes an import that was active before active again. */
int list_rollback(struct store *s, struct err *e, const struct who *who, int64_t list, int64_t import,
		  const char *reason);
/* The import that was taken (approved or active) last before: its object and serial; -ENOENT. */
int list_last_good(struct store *s, struct err *e, int64_t list, char **ret_object, int64_t *ret_serial);

/* For proposals. */
int list_approved(struct store *s, struct err *e, int64_t id);
int list_refused(struct store *s, struct err *e, int64_t id);
int list_import_approved(struct store *s, struct err *e, int64_t import, const struct who *who);
int list_import_refused(struct store *s, struct err *e, int64_t import);

#endif

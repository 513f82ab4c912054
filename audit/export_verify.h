/* SPDX-License-Identifier: BSD-3-Clause */
/* export_verify: one check of an export; inside audit/export*.c. 0: goes on; 1: a fault is found; -errno. */
#ifndef AUDIT_EXPORT_VERIFY_H
#define AUDIT_EXPORT_VERIFY_H

#include "audit/export.h"
#include "audit/verify_run.h"

struct export_check {
	const struct verify_options *o;
	struct verify_report *r;
	struct verify_finding found;
	const char *folder;
	int fd;
	struct log_dir *dir;
	struct tree_source source;
	struct verify_run chain; /* the keys alone */
	struct export_manifest m;
	char digest[65]; /* of the manifest */
	struct verify_buffer manifest_bytes, buffer, note_bytes;
	struct note note;
	struct checkpoint c;
	bool tile_known;
	uint64_t tile_n, leaves, last;
	uint64_t
	    vouched; /* which of the witnesses that were given have signed manifest or custody, as bits */
	struct hash tile[TILE_WIDTH];
};

int export_check_stamps(struct export_check *x);
/* manifest.note and custody.jsonl. */
int export_check_vouched(struct export_check *x);
/* That no other file is there. */
int export_check_others(struct export_check *x);
/* Keys that are known. */
int export_check_keys(struct export_check *x, const struct verify_options *o);

#endif

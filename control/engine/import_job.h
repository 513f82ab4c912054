/* SPDX-License-Identifier: BSD-3-Clause */
/* import_job: what somebody gave, made a list's import: copied, its signature checked, read, kept sealed, and compared with the last good
 * one. The part that runs in a worker; nothing of it is known to the store before the main thread says so.
 *
 * Owner:    import_job_fini frees what came of it; unless `kept` it also removes the files.
 * Threads:  a worker's.
 * Errors:   0: the result says what came of it, also where it is refused (`why`); -errno: it could not even be judged.
 */
#ifndef CONTROL_ENGINE_IMPORT_JOB_H
#define CONTROL_ENGINE_IMPORT_JOB_H

#include "control/config.h"
#include "control/feed/import.h"
#include "control/feed/signature.h"
#include "control/safety/safety.h"

#define IMPORT_PATH 640

struct import_job {
	/* in */
	int fd; /* taken over */
	char file[256];
	uint64_t size;	    /* announced; 0: not */
	uint8_t *signature; /* heap, or NULL */
	size_t signature_bytes;
	char format[32];
	json_t *options;
	const struct config_authority *authority;
	const char *temp; /* folder, or NULL */
	const struct seal_key *key;
	const struct guard *guard;
	char original[IMPORT_PATH], object[IMPORT_PATH]; /* files to make */
	char previous[IMPORT_PATH];			 /* "": the first one */
	char **overrides;
	unsigned n_overrides;
	uint8_t (*earlier)[32]; /* heap */
	unsigned n_earlier;
	int64_t accepted_serial, accepted_time; /* 0: none */
	int64_t signed_after;			/* 0: no matter */
	uint64_t accept;
	bool confidential, addresses_assessed;

	/* out */
	struct import_result read;
	struct safety_report safety;
	struct signature_result signer;
	bool is_signed, was_read, kept;
	char why[ERR_BYTES]; /* "": not refused */
};

int import_job_run(struct import_job *j, const atomic_bool *cancel, struct err *e);
void import_job_fini(struct import_job *j);

/* The report for the store and the caller; the caller's reference. NULL: no memory. */
json_t *import_job_report(const struct import_job *j);
json_t *import_job_signature(const struct import_job *j); /* NULL: unsigned, or no memory */
/* What a list of this authority must look like: thresholds, and the entries that each of its lists holds. */
void import_policy(struct safety_request *q, const struct config_authority *a, bool addresses_assessed);
/* A safety report's findings and counts, added to `to`. */
int safety_json(json_t *to, const struct safety_report *r, bool reveal);

#endif

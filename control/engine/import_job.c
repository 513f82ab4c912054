/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/engine/import_job.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "control/engine/digest.h"
#include "control/feed/temp.h"

#define REJECTED_MAX 100000

/* A list that is refused is an outcome, not an error: it is kept and shown. */
static int refuse(struct import_job *j, const struct err *why)
{
	snprintf(j->why, sizeof(j->why), "%s", why->text);
	return 0;
}

static int check_signature(struct import_job *j, int fd, struct err *e)
{
	const struct config_authority *a = j->authority;
	const struct signature_policy p = {.trusted = a->trusted,
					   .signer_name = *a->signer_name ? a->signer_name : NULL,
					   .fingerprint = *a->fingerprint ? a->fingerprint : NULL,
					   .now_s = time(NULL),
					   .signed_after_s = j->signed_after};
	if (!j->signature)
		return 0;
	if (!*a->trusted)
		return err_set(
		    e, -EBADMSG,
		    "%s is signed, but the configuration trusts no certificate for its authority: set"
		    " authorities[].trusted, or import it without --signature",
		    j->file);
	int err = signature_check(fd, j->file, j->signature, j->signature_bytes, &p, &j->signer, e);
	j->is_signed = !err;
	return err;
}

static int read_list(struct import_job *j, int fd, const atomic_bool *cancel, struct err *e)
{
	const struct import_request q = {.fd = fd,
					 .name = j->file,
					 .format = j->format,
					 .options = j->options,
					 .original = j->original,
					 .object = j->object,
					 .key = j->key,
					 .max_bytes = j->authority->max_bytes,
					 .max_rejected = REJECTED_MAX,
					 .cancel = cancel};
	int err = import_run(&q, &j->read, e);
	j->was_read = !err;
	return err;
}

void import_policy(struct safety_request *q, const struct config_authority *a, bool addresses_assessed)
{
	q->tests = (const char *const *)a->tests;
	q->n_tests = a->n_tests;
	q->policy = safety_policy_default;
	q->policy.min_entries = a->min_entries;
	q->policy.max_entries = a->max_entries;
	q->policy.max_removed_percent = a->max_removed_percent;
	q->policy.max_added_percent = a->max_added_percent;
	q->policy.max_rejected_percent = a->max_rejected_percent;
	q->policy.skip_guarded = a->skip_guarded;
	q->policy.addresses_assessed = addresses_assessed;
}

static int compare(struct import_job *j, const atomic_bool *cancel, struct err *e)
{
	struct safety_request q = {
	    .entries = j->object,
	    .previous = *j->previous ? j->previous : NULL,
	    .key = j->key,
	    .guard = j->guard,
	    .overrides = (const char *const *)j->overrides,
	    .n_overrides = j->n_overrides,
	    .lines = j->read.lines,
	    .rejected = j->read.rejected,
	    .stamp = {.serial = j->read.serial > 0 ? (uint64_t)j->read.serial : 0, .time = j->read.time},
	    .accepted = {.serial = j->accepted_serial > 0 ? (uint64_t)j->accepted_serial : 0,
			 .time = j->accepted_time},
	    .earlier = (const uint8_t(*)[32])j->earlier,
	    .n_earlier = j->n_earlier,
	    .accept = j->accept,
	    .cancel = cancel};
	import_policy(&q, j->authority, j->addresses_assessed);
	return safety_check(&q, &j->safety, e);
}

/* The first finding that refuses is the sentence; there may be more. */
static void say_refusal(struct import_job *j)
{
	const struct safety_report *r = &j->safety;
	for (unsigned i = 0; i < r->n_findings; i++) {
		const struct safety_finding *f = &r->findings[i];
		if (f->accepted || f->skipped || safety_classes[f->class].severity == SAFETY_NOTE)
			continue;
		size_t n = safety_finding_text(f, !j->confidential, j->why, sizeof(j->why));
		if (r->refusing > 1 && n < sizeof(j->why))
			snprintf(j->why + n, sizeof(j->why) - n, " (and %llu more)",
				 (unsigned long long)r->refusing - 1);
		return;
	}
	snprintf(j->why, sizeof(j->why), "the check refused it");
}

/* What was refused is named as exactly as what is kept. */
static void digest_fd(int fd, char ret[65])
{
	uint8_t part[65536], digest[32];
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	ssize_t n = -1;
	bool good = c && EVP_DigestInit_ex(c, EVP_sha256(), NULL);
	for (off_t at = 0; good && (n = pread(fd, part, sizeof(part), at)) > 0; at += n)
		good = EVP_DigestUpdate(c, part, (size_t)n);
	if (good && !n && EVP_DigestFinal_ex(c, digest, NULL))
		digest_hex(digest, ret);
	EVP_MD_CTX_free(c);
	explicit_bzero(part, sizeof(part));
}

int import_job_run(struct import_job *j, const atomic_bool *cancel, struct err *e)
{
	int fd = -1;
	uint64_t bytes = 0;
	j->read.serial = -1;
	int err = temp_copy(j->fd, j->file, j->temp, j->authority->max_bytes, cancel, &fd, &bytes, e);
	close(j->fd);
	j->fd = -1;
	if (err == -EFBIG)
		return refuse(j, e);
	if (err)
		return err;
	j->read.bytes = bytes;
	if (j->size && bytes < j->size)
		err = err_set(e, -EBADMSG, "%s: cut short: %llu of %llu bytes came; send it again", j->file,
			      (unsigned long long)bytes, (unsigned long long)j->size);
	if (!err)
		err = check_signature(j, fd, e);
	if (!err)
		err = read_list(j, fd, cancel, e);
	if (err && err != -ECANCELED)
		digest_fd(fd, j->read.sha256);
	close(fd);
	if (err == -ECANCELED || err == -ENOMEM || err == -ENOSPC || err == -EIO)
		return err;
	if (err)
		return refuse(j, e);
	err = compare(j, cancel, e);
	if (!err && j->safety.refused)
		say_refusal(j);
	return err;
}

void import_job_fini(struct import_job *j)
{
	if (j->fd >= 0)
		close(j->fd);
	if (!j->kept) {
		unlink(j->original);
		unlink(j->object);
	}
	import_result_free(&j->read);
	safety_report_free(&j->safety);
	json_decref(j->options);
	free(j->signature);
	free(j->earlier);
	for (unsigned i = 0; i < j->n_overrides; i++)
		free(j->overrides[i]);
	free(j->overrides);
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/audit/lifecycle.h"

#include <errno.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

#include "common/hex.h"
#include "control/log.h"
#include "control/store/journal.h"

#define SUBJECT	     "roja-control"
#define DIGEST_BYTES (2 * SHA256_DIGEST_LENGTH + 1)

static int digest(const struct control_config *c, char ret[DIGEST_BYTES], struct err *e)
{
	uint8_t sum[SHA256_DIGEST_LENGTH];
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);
	if (!out)
		return err_set(e, -ENOMEM, "no memory for the configuration's digest");
	control_config_print(c, out);
	if (fclose(out)) {
		free(text);
		return err_set(e, -ENOMEM, "no memory for the configuration's digest");
	}
	SHA256((const uint8_t *)text, n, sum);
	free(text);
	hex_write(sum, sizeof(sum), ret);
	return 0;
}

static int changed(struct store *s, const char *now, struct err *e)
{
	char *before = NULL;
	int err = store_str(s, &before, e, "SELECT value FROM state WHERE name = 'config-digest'", "");
	if (err && err != -ENOENT)
		return err;
	err = 0;
	if (!before || strcmp(before, now)) {
		err = journal_add(s, e, &who_program, "config.change", SUBJECT, OUTCOME_DONE,
				  "SHA-256 of the configuration with every default: %s, before it %s", now,
				  before ? before : "none");
		if (!err)
			err = store_run(s, e,
					"INSERT INTO state(name, value) VALUES('config-digest', ?1)"
					" ON CONFLICT DO UPDATE SET value = ?1",
					"b", now, strlen(now));
	}
	free(before);
	return err;
}

int lifecycle_start(struct store *s, const struct control_config *c, struct err *e)
{
	char now[DIGEST_BYTES];
	int err = digest(c, now, e);
	if (!err)
		err = store_begin(s, e);
	if (err)
		return err;
	err =
	    journal_add(s, e, &who_program, "control.start", SUBJECT, OUTCOME_DONE, "version " ROJA_VERSION);
	if (!err)
		err = changed(s, now, e);
	return store_end(s, err, e);
}

static void add(struct store *s, const char *act, enum outcome outcome, const char *text)
{
	struct err e = {""};
	if (journal_add(s, &e, &who_program, act, SUBJECT, outcome, "%s", text))
		log_error("the journal does not take %s: %s", act, e.text);
}

void lifecycle_stop(struct store *s)
{
	add(s, "control.stop", OUTCOME_DONE, "in good order");
}

void lifecycle_reload(struct store *s, int failed, const struct err *why)
{
	add(s, "reload", failed ? OUTCOME_FAILED : OUTCOME_DONE,
	    failed ? why->text : "the guard's files were read again");
}

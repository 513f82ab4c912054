/* SPDX-License-Identifier: BSD-3-Clause */
/* safety_fixture: a folder with sealed entries files and a guard of invented names, and a ruleset of the same entries. */
#ifndef TESTS_UNIT_SAFETY_FIXTURE_H
#define TESTS_UNIT_SAFETY_FIXTURE_H

#include "control/safety/safety.h"
#include "control/safety/selfcheck.h"
#include "rules/compile.h"
#include "rules/seal.h"
#include "tests/unit/harness.h"

#define FIXTURE_FILES 4

struct safety_fixture {
	char folder[64];
	char path[FIXTURE_FILES][96]; /* entries files, in the order of safety_write */
	unsigned n;
	struct seal_key key;
	struct guard *guard;
	struct compiler *c;
	void *image;
	size_t bytes;
	struct ruleset *rs;
	struct err e;
};

/* The guard: operator.test and 192.0.2.0/28 (operator), help.test (emergency), 10.0.0.0/8 (reserved), blog.test and
 * www.video.test and files.cloud.test (platform), ocsp.test (infrastructure), 198.51.100.0/24 (network). */
void safety_open(struct safety_fixture *f);
void safety_close(struct safety_fixture *f);

/* Writes a plain list as the next sealed entries file; returns its path. */
const char *safety_write(struct safety_fixture *f, const char *list);

/* Compiles lists, leaving out lines of list 0, into f->rs. */
void safety_compile(struct safety_fixture *f, const char *const *lists, unsigned n, const uint32_t *skipped,
		    unsigned n_skipped);

#endif

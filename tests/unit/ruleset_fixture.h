/* SPDX-License-Identifier: BSD-3-Clause */
/* ruleset_fixture: lists as text to a ruleset in memory, and questions to it as text. */
#ifndef TESTS_UNIT_RULESET_FIXTURE_H
#define TESTS_UNIT_RULESET_FIXTURE_H

#include "rules/compile.h"
#include "tests/unit/harness.h"

#define FIXTURE_LISTS 4

struct fixture {
	struct compiler *c;
	void *image;
	size_t bytes;
	struct ruleset *rs;
	struct ruleset_scratch *s;
	struct err e;
};

/* Compiles up to FIXTURE_LISTS lists, named a, b, c, d, with a fixed key; fails the test where that fails. */
void fixture_open(struct fixture *f, const char *const *lists, unsigned n);
void fixture_open_one(struct fixture *f, const char *list);
void fixture_close(struct fixture *f);

/* Adds one list from text. */
int fixture_add(struct compiler *c, const char *text, size_t len, const char *file, struct err *e);

/* What the ruleset says of "name:N", "url:U" or "addr:A", as text: "-" nothing, "block KIND LIST:LINE", or
 * "except KIND LIST:LINE" with the exception's. The text lives until the next call. */
const char *fixture_ask(const struct fixture *f, const char *question);

struct ask_row {
	const char *question, *want;
};
/* Asks all; prints the rows that differ. Returns how many. */
unsigned fixture_ask_all(const struct fixture *f, const struct ask_row *rows, unsigned n);

/* The fixture's key. */
extern const uint8_t fixture_key[16];

#endif

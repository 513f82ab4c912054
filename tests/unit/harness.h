/* SPDX-License-Identifier: BSD-3-Clause */
/* harness: one CUnit suite as a program, and inputs that end at an unreadable page.
 *
 * Prints "ok NAME" or "not ok NAME: file:line: condition" a test and exits 1 where one failed. */
#ifndef TESTS_UNIT_HARNESS_H
#define TESTS_UNIT_HARNESS_H

#include <CUnit/CUnit.h>
#include <stddef.h>
#include <stdint.h>

struct test {
	const char *name;
	void (*run)(void);
};

#define TEST(fn)        \
	{               \
#fn, fn \
	}

/* Runs `n` tests as suite `suite`; the program's exit code. */
int harness_run(const char *suite, const struct test *tests, unsigned n);

#define HARNESS_MAIN(suite, tests)                                                            \
	int main(void)                                                                        \
	{                                                                                     \
		return harness_run(suite, tests, (unsigned)(sizeof(tests) / sizeof(*tests))); \
	}

/* A copy of len bytes that ends at a PROT_NONE page: one byte too far is a fault. Free with guarded_free. */
uint8_t *guarded(const void *p, size_t len);
void guarded_free(uint8_t *g, size_t len);

/* "16 03 01 # comment\n ff" -> bytes. Returns how many; aborts on anything else. */
size_t unhex(const char *text, uint8_t *out, size_t cap);

#endif

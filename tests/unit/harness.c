/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/harness.h"

#include <CUnit/TestRun.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void report(const CU_pTest test, const CU_pSuite suite, const CU_pFailureRecord failure)
{
	if (!failure) {
		printf("ok %s %s\n", suite->pName, test->pName);
		return;
	}
	for (CU_pFailureRecord f = failure; f; f = f->pNext)
		printf("not ok %s %s: %s:%u: %s\n", suite->pName, test->pName, f->strFileName,
		       f->uiLineNumber, f->strCondition);
}

int harness_run(const char *suite, const struct test *tests, unsigned n)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (CU_initialize_registry() != CUE_SUCCESS)
		return 2;
	CU_pSuite s = CU_add_suite(suite, NULL, NULL);
	if (!s)
		return 2;
	for (unsigned i = 0; i < n; i++)
		if (!CU_add_test(s, tests[i].name, tests[i].run))
			return 2;
	CU_set_test_complete_handler(report);
	CU_run_all_tests();
	unsigned failed = CU_get_number_of_tests_failed();
	CU_cleanup_registry();
	return failed ? 1 : 0;
}

static size_t pages_for(size_t len)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	return (len + page - 1) / page * page;
}

uint8_t *guarded(const void *p, size_t len)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), room = pages_for(len);
	uint8_t *m = mmap(NULL, room + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (m == MAP_FAILED || mprotect(m + room, page, PROT_NONE))
		abort();
	uint8_t *g = m + room - len;
	if (len)
		memcpy(g, p, len);
	return g;
}

void guarded_free(uint8_t *g, size_t len)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), room = pages_for(len);
	munmap(g + len - room, room + page);
}

size_t unhex(const char *text, uint8_t *out, size_t cap)
{
	size_t n = 0;
	for (const char *t = text; *t;) {
		if (*t == '#') {
			t += strcspn(t, "\n");
			continue;
		}
		if (isspace((unsigned char)*t)) {
			t++;
			continue;
		}
		if (!isxdigit((unsigned char)t[0]) || !isxdigit((unsigned char)t[1]) || n == cap)
			abort();
		char pair[3] = {t[0], t[1], 0};
		out[n++] = (uint8_t)strtoul(pair, NULL, 16);
		t += 2;
	}
	return n;
}

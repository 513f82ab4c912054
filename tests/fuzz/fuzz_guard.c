/* SPDX-License-Identifier: BSD-3-Clause */
/* fuzz_guard: the same bytes as a guard's file and as a list: every guarded entry is found again, looking up and making witnesses
 * never reads too far, and a witness is within its limit. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "control/safety/guard.h"
#include "control/safety/suffix.h"
#include "control/safety/witness.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static struct url scratch;
static struct witness witness;

static struct guard *load(const uint8_t *p, size_t len)
{
	char path[64];
	const char *file = path;
	struct guard *g = NULL;
	struct err e;
	int fd = memfd_create("guard", 0);
	if (fd < 0 || (len && write(fd, p, len) != (ssize_t)len))
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	struct guard_sources s = {.files = &file, .n_files = 1};
	if (guard_load(&s, &g, &e))
		assert(!g && *e.text);
	close(fd);
	return g;
}

static void check_found(const struct guard *g)
{
	for (unsigned i = 0; i < guard_names(g) + guard_prefixes(g); i++) {
		const struct guard_entry *x = guard_at(g, i);
		struct list_entry e;
		const char *why;
		int got = list_parse_line((const uint8_t *)x->text, strlen(x->text), &scratch, &e, &why);
		assert(got == 1);
		const struct guard_entry *found = guard_find(g, &e);
		assert(found && found->group <= x->group);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct guard *g = load(p, len);
	if (g)
		check_found(g);
	for (size_t at = 0; at < len;) {
		const uint8_t *end = memchr(p + at, '\n', len - at);
		size_t n = end ? (size_t)(end - p) - at : len - at;
		struct list_entry e;
		const char *why;
		if (list_parse_line(p + at, n, &scratch, &e, &why) == 1) {
			if (g)
				guard_find(g, &e);
			if (e.kind <= RULE_SUBDOMAINS)
				suffix_of((const char *)e.text.p, e.text.len);
			if (e.kind == RULE_URL_GLOB || e.kind == RULE_NAME_GLOB || e.kind == RULE_REGEX)
				assert(!witness_of(&e, &witness) || witness.len <= WITNESS_MAX);
		}
		at += n + 1;
	}
	guard_free(g);
	return 0;
}

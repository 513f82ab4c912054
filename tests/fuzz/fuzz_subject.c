/* SPDX-License-Identifier: BSD-3-Clause */
/* fuzz_subject: what a person asks about is canonical or refused; of base64 that is read, as much comes as its length says. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "control/api/base64.h"
#include "rules/subject.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static void check_subject(const char *text)
{
	static struct subject s, again;
	if (subject_read(text, &s) != NAME_OK)
		return;
	assert(s.kind < SUBJECTS_N);
	const char *canonical = subject_canonical(&s);
	bool is_url = s.kind == SUBJECT_URL || s.kind == SUBJECT_HTTPS;
	assert(is_url == (strchr(canonical, '/') != NULL));
	assert(!is_url || !strncmp(canonical, s.name.text, s.name.len));
	if (is_url && s.url.cut)
		return;
	assert(subject_read(canonical, &again) == NAME_OK);
	assert(!strcmp(subject_canonical(&again), canonical));
}

static void check_base64(const char *text)
{
	size_t room = strlen(text) / 4 * 3;
	uint8_t *out = malloc(room ? room : 1);
	assert(out);
	long n = base64_read(text, out);
	assert(n < 0 || ((size_t)n <= room && (size_t)n + 2 >= room));
	free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	char *text = strndup((const char *)p, len);
	assert(text);
	check_subject(text);
	check_base64(text);
	free(text);
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <bpf/libbpf.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "bpf/guard_state.h"

#define SAID_BYTES 300

static _Thread_local char said[SAID_BYTES];
static libbpf_print_fn_t before;

/* The last lines say why; the first ones are the verifier's long story. */
static void keep_last(const char *line)
{
	size_t have = strlen(said), len = strlen(line);
	if (len >= SAID_BYTES / 2) {
		line += len - SAID_BYTES / 2;
		len = SAID_BYTES / 2;
	}
	if (have + len >= SAID_BYTES) {
		size_t cut = have + len - SAID_BYTES + 1;
		memmove(said, said + cut, have - cut + 1);
		have -= cut;
	}
	memcpy(said + have, line, len + 1);
}

static int take(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	char line[2048];
	if (level != LIBBPF_WARN)
		return 0;
	vsnprintf(line, sizeof(line), fmt, ap);
	keep_last(line);
	return 0;
}

void said_begin(void)
{
	said[0] = 0;
	before = libbpf_set_print(take);
}

void said_end(void)
{
	libbpf_set_print(before);
}

void said_forget(void)
{
	said[0] = 0;
}

static void one_line(char *s)
{
	char *to = s;
	for (const char *from = s; *from; from++)
		if (!isspace((unsigned char)*from))
			*to++ = *from;
		else if (to > s && to[-1] != ' ')
			*to++ = ' ';
	while (to > s && to[-1] == ' ')
		to--;
	*to = 0;
}

int said_error(struct err *e, int code, const char *fmt, ...)
{
	char what[ERR_BYTES];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	one_line(said);
	err_set(e, code, "%s: %s%s%s", what, strerror(-code), said[0] ? "; " : "", said);
	said[0] = 0;
	return code;
}

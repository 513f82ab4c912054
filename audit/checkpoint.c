/* SPDX-License-Identifier: BSD-3-Clause */
/* checkpoint: the text of a C2SP tlog-checkpoint. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "audit/base64.h"
#include "audit/note_state.h"

#define SIZE_MOST (UINT64_C(1) << TREE_LEVELS)

enum checkpoint_line { LINE_ORIGIN = 1, LINE_SIZE, LINE_ROOT };

/* Decimal, no zero before others, at most SIZE_MOST. */
static bool parse_size(struct span line, uint64_t *ret)
{
	uint64_t v = 0;
	if (!line.len || (line.len > 1 && *line.p == '0'))
		return false;
	for (size_t i = 0; i < line.len; i++) {
		unsigned digit = line.p[i] - (unsigned)'0';
		if (digit > 9 || v > (SIZE_MOST - digit) / 10)
			return false;
		v = v * 10 + digit;
	}
	*ret = v;
	return true;
}

static const char *parse_line(unsigned number, struct span line, struct checkpoint *ret)
{
	size_t n;
	if (!line.len)
		return "is empty";
	switch (number) {
	case LINE_ORIGIN:
		ret->origin = line;
		return line.len <= NOTE_NAME_MAX ? NULL : "the origin is longer than 255 bytes";
	case LINE_SIZE:
		return parse_size(line, &ret->size)
			   ? NULL
			   : "the size must be a decimal number of at most 2^63 without zeros before it";
	case LINE_ROOT:
		return base64_take(line.p, line.len, ret->root.b, sizeof(ret->root.b), &n) &&
			       n == sizeof(ret->root.b)
			   ? NULL
			   : "the root must be 32 bytes in base64";
	default:
		return NULL; /* an extension: opaque */
	}
}

int checkpoint_parse(struct span text, struct checkpoint *ret, struct err *e)
{
	struct checkpoint c = {0};
	unsigned line;
	const char *fault = note_text_fault(text, &line);
	if (fault)
		return err_set(e, -EBADMSG, "checkpoint, line %u: %s", line, fault);
	line = 1;
	for (size_t at = 0; at < text.len; line++) {
		const uint8_t *end = memchr(text.p + at, '\n', text.len - at);
		struct span one = {text.p + at, (size_t)(end - text.p) - at};
		fault = parse_line(line, one, &c);
		if (fault)
			return err_set(e, -EBADMSG, "checkpoint, line %u: %s", line, fault);
		at += one.len + 1;
	}
	if (line <= LINE_ROOT)
		return err_set(e, -EBADMSG, "checkpoint: must be three lines: origin, size, root");
	*ret = c;
	return 0;
}

size_t checkpoint_print(const char *origin, uint64_t size, const struct hash *root,
			char ret[NOTE_NAME_MAX + 96])
{
	char text[BASE64_CHARS(sizeof(root->b)) + 1];
	*base64_put(root->b, sizeof(root->b), text) = '\0';
	return (size_t)snprintf(ret, NOTE_NAME_MAX + 96, "%.*s\n%" PRIu64 "\n%s\n", NOTE_NAME_MAX, origin,
				size, text);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Plain lists (docs/lists.md). Metadata is a comment here: what an order says binds. */
#include "control/feed/reader.h"

static int read_plain(struct reading *r)
{
	struct input_line line;
	int got;
	while ((got = reading_line(r, &line)) > 0) {
		int err = reading_take(r, TAKE_PLAIN, line.number, line.text);
		if (err)
			return err;
	}
	return got;
}

const struct reader reader_plain = {
    .format = {.name = "plain", .help = "an entry a line, of any kind: the plain list of docs/lists.md"},
    .read = read_plain,
};

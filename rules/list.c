/* SPDX-License-Identifier: BSD-3-Clause */
#include "rules/list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Far above LIST_LINE_MAX, so that lines that are kept are whole in it. */
#define BUFFER_BYTES (256 * 1024)

struct reader {
	FILE *f;
	const struct list_events *ev;
	struct list_totals totals;
	bool seen_meta[META_COUNT];
	bool seen_line; /* an entry or a rejected one: too late for metadata */
	struct url url;
	uint8_t buffer[BUFFER_BYTES];
};

static int reject(struct reader *r, const uint8_t *p, size_t len, const char *why)
{
	size_t shown = len > LIST_LINE_MAX ? LIST_LINE_MAX : len;
	r->totals.rejected++;
	if (!r->ev->rejected)
		return 0;
	return r->ev->rejected(r->ev->ctx, (uint32_t)r->totals.lines, why, (struct span){p, shown});
}

static struct span trimmed(const uint8_t *p, size_t len)
{
	while (len && (p[len - 1] == ' ' || p[len - 1] == '\t' || p[len - 1] == '\r'))
		len--;
	for (; len && (*p == ' ' || *p == '\t'); p++)
		len--;
	return (struct span){p, len};
}

/* "#! key: value" */
static int read_meta(struct reader *r, const uint8_t *p, size_t len)
{
	const uint8_t *colon = memchr(p, ':', len);
	if (!colon)
		return reject(r, p, len,
			      "metadata without a value: write '#! key: value', or '# ' for a comment");
	struct span key = trimmed(p + 2, (size_t)(colon - p - 2));
	struct span text = trimmed(colon + 1, len - (size_t)(colon - p) - 1);
	int f = key.len < 64 ? meta_find((const char *)key.p, (unsigned)key.len) : -1;
	if (f < 0)
		return reject(r, p, len, "an unknown metadata key; docs/lists.md has the table of keys");
	if (r->seen_line)
		return reject(r, p, len, "metadata after the first entry: move it to the top of the list");
	if (r->seen_meta[f])
		return reject(r, p, len, "this metadata key stands twice: leave one line");

	char value[META_MAX_BYTES + 2];
	const char *why;
	size_t n = text.len < sizeof(value) ? text.len : sizeof(value) - 1;
	memcpy(value, text.p, n);
	value[n] = 0;
	if (memchr(value, 0, n))
		return reject(r, p, len, "the value is not UTF-8 text or holds control characters");
	if (meta_check((enum meta_field)f, value, &why))
		return reject(r, p, len, why);
	r->seen_meta[f] = true;
	return r->ev->meta ? r->ev->meta(r->ev->ctx, (enum meta_field)f, value) : 0;
}

static int read_line(struct reader *r, const uint8_t *p, size_t len)
{
	struct list_entry e;
	const char *why;
	if (++r->totals.lines == 1 && len >= 3 && !memcmp(p, "\xef\xbb\xbf", 3)) {
		p += 3;
		len -= 3;
	}
	if (len >= 2 && p[0] == '#' && p[1] == '!')
		return read_meta(r, p, len);
	int kind = list_parse_line(p, len, &r->url, &e, &why);
	if (!kind)
		return 0;
	r->seen_line = true;
	if (kind < 0)
		return reject(r, p, len, why);
	e.line = (uint32_t)r->totals.lines;
	r->totals.entries++;
	return r->ev->entry ? r->ev->entry(r->ev->ctx, &e) : 0;
}

/* Hands on the whole lines of the buffer; *ret_used is where the next one begins. */
static int read_lines(struct reader *r, size_t filled, size_t *ret_used)
{
	size_t at = 0;
	int rc = 0;
	for (const uint8_t *end; !rc && (end = memchr(r->buffer + at, '\n', filled - at));) {
		rc = r->totals.lines < UINT32_MAX
			 ? read_line(r, r->buffer + at, (size_t)(end - r->buffer) - at)
			 : -EFBIG;
		at = (size_t)(end - r->buffer) + 1;
	}
	*ret_used = at;
	return rc;
}

/* Until its end or until a callback says stop. */
static int read_all(struct reader *r)
{
	size_t filled = 0, used;
	bool in_long_line = false;
	for (;;) {
		size_t n = fread(r->buffer + filled, 1, BUFFER_BYTES - filled, r->f);
		filled += n;
		if (in_long_line && filled) { /* its beginning was rejected: drop it to the line break */
			const uint8_t *end = memchr(r->buffer, '\n', filled);
			size_t drop = end ? (size_t)(end - r->buffer) + 1 : filled;
			memmove(r->buffer, r->buffer + drop, filled - drop);
			filled -= drop;
			in_long_line = !end;
		}
		int rc = read_lines(r, filled, &used);
		if (rc)
			return rc;
		memmove(r->buffer, r->buffer + used, filled - used);
		filled -= used;
		bool at_end = !n && (feof(r->f) || ferror(r->f));
		if ((at_end && filled) || filled == BUFFER_BYTES) {
			rc = read_line(r, r->buffer, filled);
			if (rc)
				return rc;
			in_long_line = !at_end;
			filled = 0;
		}
		if (at_end)
			return 0;
	}
}

int list_read(FILE *f, const char *file, const struct list_events *ev, struct list_totals *ret, struct err *e)
{
	struct reader *r = calloc(1, sizeof(*r));
	if (!r)
		return err_set(e, -ENOMEM, "%s: no memory to read the list", file);
	r->f = f;
	r->ev = ev;
	errno = 0;
	int rc = read_all(r);
	if (rc == -EFBIG)
		err_set(e, rc, "%s: more than %u lines: split the list", file, UINT32_MAX);
	else if (!rc && ferror(f))
		rc = err_set(e, -EIO, "%s: cannot be read: %s", file, strerror(errno ? errno : EIO));
	else if (!rc && !r->totals.entries)
		rc = err_set(e, -ENODATA,
			     "%s: not one of %llu lines is an entry: is it a plain list (docs/lists.md)?",
			     file, (unsigned long long)r->totals.lines);
	*ret = r->totals;
	free(r);
	return rc;
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/feed/input.h"

#include <errno.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct input {
	struct input_options o;
	EVP_MD_CTX *digest;
	uint64_t bytes, lines;
	size_t from, to; /* what of buf is not handed out yet */
	bool at_end, in_long_line;
	int failed;
	uint8_t buf[INPUT_BYTES];
};

/* Formats that are no text, by their first bytes. */
static const struct {
	const char *magic;
	size_t n;
	const char *what;
} magics[] = {
    {"\x1f\x8b", 2, "is compressed (gzip): unpack it first"},
    {"PK\x03\x04", 4, "is a zip archive, or a spreadsheet or document that is one: save it as text (CSV)"},
    {"BZh", 3, "is compressed (bzip2): unpack it first"},
    {"\xfd"
     "7zXZ",
     5, "is compressed (xz): unpack it first"},
    {"\x28\xb5\x2f\xfd", 4, "is compressed (zstd): unpack it first"},
    {"%PDF-", 5, "is a PDF document: ask for the list as text"},
    {"\xd0\xcf\x11\xe0", 4, "is a spreadsheet or document of an old office program: save it as text (CSV)"},
    {"\xff\xfe", 2, "is text in UTF-16: save it as UTF-8"},
    {"\xfe\xff", 2, "is text in UTF-16: save it as UTF-8"},
};

int input_open(const struct input_options *o, struct input **ret, struct err *e)
{
	struct stat st;
	if (fstat(o->fd, &st))
		return err_set(e, -errno, "%s: cannot be read: %s", o->name, strerror(errno));
	if (S_ISREG(st.st_mode) && (uint64_t)st.st_size > o->max_bytes)
		return err_set(e, -EFBIG,
			       "%s: has %" PRIu64 " bytes, more than the limit of %" PRIu64
			       ": is it a list? Else raise the limit",
			       o->name, (uint64_t)st.st_size, o->max_bytes);
	if (S_ISREG(st.st_mode) && lseek(o->fd, 0, SEEK_SET) < 0)
		return err_set(e, -errno, "%s: cannot be rewound: %s", o->name, strerror(errno));
	struct input *in =
	    mmap(NULL, sizeof(*in), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (in == MAP_FAILED)
		return err_set(e, -ENOMEM, "%s: no memory to read it", o->name);
	madvise(in, sizeof(*in), MADV_DONTDUMP);
	in->o = *o;
	in->digest = EVP_MD_CTX_new();
	if (!in->digest || !EVP_DigestInit_ex(in->digest, EVP_sha256(), NULL)) {
		input_close(in);
		return err_set(e, -ENOMEM, "%s: SHA-256 cannot be computed", o->name);
	}
	*ret = in;
	return 0;
}

void input_close(struct input *in)
{
	if (!in)
		return;
	EVP_MD_CTX_free(in->digest);
	munmap(in, sizeof(*in));
}

static int check_text(struct input *in, const uint8_t *p, size_t n, struct err *e)
{
	const uint8_t *nul = memchr(p, 0, n);
	bool is_first = !in->bytes;
	for (unsigned i = 0; is_first && i < sizeof(magics) / sizeof(*magics); i++)
		if (n >= magics[i].n && !memcmp(p, magics[i].magic, magics[i].n))
			return err_set(e, -EILSEQ, "%s: %s", in->o.name, magics[i].what);
	if (!nul)
		return 0;
	if (is_first && n > 1 && nul - p < 2 && (p[0] || p[1]))
		return err_set(e, -EILSEQ, "%s: is text in UTF-16: save it as UTF-8", in->o.name);
	return err_set(e, -EILSEQ,
		       "%s: is binary: its byte %" PRIu64
		       " is NUL, which no text holds. Is it the right file? Save lists as text in UTF-8",
		       in->o.name, in->bytes + (uint64_t)(nul - p) + 1);
}

static int take_in(struct input *in, const uint8_t *p, size_t n, struct err *e)
{
	if (n > in->o.max_bytes - in->bytes)
		return err_set(e, -EFBIG,
			       "%s: more than the limit of %" PRIu64
			       " bytes: is it a list? Else raise the limit",
			       in->o.name, in->o.max_bytes);
	int err = check_text(in, p, n, e);
	if (err)
		return err;
	if (!EVP_DigestUpdate(in->digest, p, n))
		return err_set(e, -EIO, "%s: SHA-256 cannot be computed", in->o.name);
	in->bytes += n;
	return in->o.copy ? seal_write(in->o.copy, p, n, e) : 0;
}

/* Fills the buffer as far as there is something. */
static int fill(struct input *in, struct err *e)
{
	memmove(in->buf, in->buf + in->from, in->to - in->from);
	in->to -= in->from;
	in->from = 0;
	size_t before = in->to;
	while (in->to < INPUT_BYTES && !in->at_end) {
		if (in->o.cancel && atomic_load(in->o.cancel))
			return err_set(e, -ECANCELED, "%s: cancelled", in->o.name);
		ssize_t n = read(in->o.fd, in->buf + in->to, INPUT_BYTES - in->to);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(e, -errno, "%s: cannot be read: %s", in->o.name, strerror(errno));
		in->at_end = !n;
		in->to += (size_t)n;
	}
	bool is_first = !in->bytes;
	int err = take_in(in, in->buf + before, in->to - before, e);
	if (!err && is_first && in->to >= 3 && !memcmp(in->buf, "\xef\xbb\xbf", 3))
		in->from = 3;
	return err;
}

static int more(struct input *in, struct err *e)
{
	if (in->failed)
		return err_set(e, in->failed, "%s: cannot be read any further", in->o.name);
	in->failed = fill(in, e);
	return in->failed;
}

/* Drops what is left of a line of which the beginning was handed out. */
static int skip_long_line(struct input *in, struct err *e)
{
	while (in->in_long_line) {
		const uint8_t *end = memchr(in->buf + in->from, '\n', in->to - in->from);
		in->from = end ? (size_t)(end - in->buf) + 1 : in->to;
		in->in_long_line = !end && !in->at_end;
		int err = in->in_long_line ? more(in, e) : 0;
		if (err)
			return err;
	}
	return 0;
}

int input_line(struct input *in, struct input_line *ret, struct err *e)
{
	int err = skip_long_line(in, e);
	const uint8_t *end;
	while (!err && !(end = memchr(in->buf + in->from, '\n', in->to - in->from)) && !in->at_end &&
	       in->to - in->from <= INPUT_LINE_MAX)
		err = more(in, e);
	if (err)
		return err;
	size_t n = (end ? (size_t)(end - in->buf) : in->to) - in->from;
	if (!end && !n)
		return 0;
	if (in->lines == UINT32_MAX)
		return err_set(e, in->failed = -EFBIG, "%s: more than %u lines: split the list", in->o.name,
			       UINT32_MAX);
	*ret = (struct input_line){(uint32_t)++in->lines, n > INPUT_LINE_MAX, {in->buf + in->from, n}};
	in->from += n + !!end;
	in->in_long_line = !end && !in->at_end;
	if (ret->cut)
		ret->text.len = INPUT_LINE_MAX;
	else if (n && ret->text.p[n - 1] == '\r')
		ret->text.len--;
	return 1;
}

ssize_t input_piece(struct input *in, size_t most, const uint8_t **ret, struct err *e)
{
	if (in->from == in->to && !in->at_end) {
		int err = more(in, e);
		if (err)
			return err;
	}
	size_t n = in->to - in->from < most ? in->to - in->from : most;
	*ret = in->buf + in->from;
	in->from += n;
	for (const uint8_t *p = *ret, *end = p + n; (p = memchr(p, '\n', (size_t)(end - p))); p++)
		in->lines++;
	if (n && in->at_end && in->from == in->to && in->buf[in->to - 1] != '\n')
		in->lines++;
	return (ssize_t)n;
}

uint64_t input_bytes(const struct input *in)
{
	return in->bytes;
}

uint64_t input_lines(const struct input *in)
{
	return in->lines;
}

int input_digest(struct input *in, uint8_t ret[INPUT_DIGEST], struct err *e)
{
	if (!EVP_DigestFinal_ex(in->digest, ret, NULL))
		return err_set(e, -EIO, "%s: SHA-256 cannot be computed", in->o.name);
	return 0;
}

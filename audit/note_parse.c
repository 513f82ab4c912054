/* SPDX-License-Identifier: BSD-3-Clause */
/* note_parse: takes a signed note apart, and says who signed it. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "audit/base64.h"
#include "audit/note_state.h"
#include "common/utf8.h"

const char *note_text_fault(struct span text, unsigned *ret_line)
{
	*ret_line = 1;
	if (!text.len)
		return "there is nothing";
	bool ends = text.p[text.len - 1] == '\n';
	for (size_t n; text.len; text.p += n, text.len -= n) {
		n = utf8_sequence(text.p, text.len);
		if (!n)
			return "is not UTF-8";
		if (*text.p < ' ' && *text.p != '\n')
			return "has a control character";
		*ret_line += *text.p == '\n';
	}
	return ends ? NULL : "has no newline at its end: it was cut";
}

/* The first byte behind the last empty line; 0: there is none. */
static size_t behind_last_empty_line(struct span bytes)
{
	size_t at = bytes.len;
	while (at >= 2 && !(bytes.p[at - 1] == '\n' && bytes.p[at - 2] == '\n'))
		at--;
	return at >= 2 ? at : 0;
}

/* A line without its newline: em dash, space, name, space, base64 of at least an id and a byte. NULL, or why it is none. */
static const char *parse_signature(struct span line, struct note_signature *ret)
{
	const size_t head = strlen(SIGNATURE_LINE);
	size_t n;
	if (line.len < head || memcmp(line.p, SIGNATURE_LINE, head) != 0)
		return "is no signature: it must begin with an em dash and a space";
	line.p += head;
	line.len -= head;
	const uint8_t *blank = memchr(line.p, ' ', line.len);
	size_t name = blank ? (size_t)(blank - line.p) : line.len;
	ret->name = (struct span){line.p, name};
	if (!blank || !note_name_ok(ret->name))
		return "has a name that no key may have";
	if (!base64_take(blank + 1, line.len - name - 1, ret->room, sizeof(ret->room), &n))
		return "has a signature that is not base64";
	if (n <= SIGNATURE_ID_BYTES)
		return "has a signature that is too short";
	ret->id = be32(ret->room);
	ret->p = n <= sizeof(ret->room) ? ret->room + SIGNATURE_ID_BYTES : NULL;
	ret->bytes = (unsigned)(n - SIGNATURE_ID_BYTES);
	return NULL;
}

int note_parse(struct span bytes, struct note *ret, struct err *e)
{
	unsigned line;
	if (bytes.len > NOTE_MAX_BYTES)
		return err_set(e, -EBADMSG, "note: %zu bytes: %d is the most", bytes.len, NOTE_MAX_BYTES);
	const char *fault = note_text_fault(bytes, &line);
	if (fault)
		return err_set(e, -EBADMSG, "note, line %u: %s", line, fault);
	size_t at = behind_last_empty_line(bytes);
	if (!at || at == bytes.len)
		return err_set(e, -EBADMSG, "note: has no signature behind an empty line");
	ret->text = (struct span){bytes.p, at - 1};
	ret->n = 0;
	line = 1;
	for (size_t i = 0; i < at; i++)
		line += bytes.p[i] == '\n';
	for (; at < bytes.len; line++) {
		const uint8_t *end = memchr(bytes.p + at, '\n', bytes.len - at);
		struct span one = {bytes.p + at, (size_t)(end - bytes.p) - at};
		if (ret->n == NOTE_SIGNATURES_MAX)
			return err_set(e, -EBADMSG, "note, line %u: over %d signatures", line,
				       NOTE_SIGNATURES_MAX);
		fault = parse_signature(one, &ret->signatures[ret->n]);
		if (fault)
			return err_set(e, -EBADMSG, "note, line %u: %s", line, fault);
		ret->n++;
		at += one.len + 1;
	}
	return 0;
}

static bool made_by(const struct note_signature *s, const struct verifier *v)
{
	return s->id == v->id && s->name.len == strlen(v->name) && !memcmp(s->name.p, v->name, s->name.len);
}

static int check_cosignature(struct span text, const struct note_signature *s, const struct verifier *v,
			     uint64_t *ret_time)
{
	uint64_t time = be64(s->p);
	if (time > INT64_MAX)
		return -EKEYREJECTED;
	char *message = malloc(COSIGNED_HEAD_MAX + text.len);
	if (!message)
		return -ENOMEM;
	size_t head = cosigned_head(time, message);
	memcpy(message + head, text.p, text.len);
	bool ok = verifier_check(v, message, head + text.len, s->p + COSIGNATURE_BYTES - SIGNATURE_BYTES);
	free(message);
	if (!ok)
		return -EKEYREJECTED;
	*ret_time = time;
	return 0;
}

static int check_signature(struct span text, const struct note_signature *s, const struct verifier *v,
			   uint64_t *ret_time)
{
	*ret_time = 0;
	if (v->type == NOTE_COSIGNATURE)
		return s->bytes == COSIGNATURE_BYTES ? check_cosignature(text, s, v, ret_time)
						     : -EKEYREJECTED;
	return s->bytes == SIGNATURE_BYTES && verifier_check(v, text.p, text.len, s->p) ? 0 : -EKEYREJECTED;
}

int note_verify(const struct note *note, const struct verifier *v, unsigned n, uint64_t *ret_mask,
		uint64_t *ret_times, struct err *e)
{
	uint64_t mask = 0, times[64] = {0};
	if (n > 64)
		return err_set(e, -EINVAL, "%u keys: a note is checked with 64 at most", n);
	for (unsigned i = 0; i < note->n * n; i++) {
		const struct note_signature *s = &note->signatures[i / n];
		uint64_t time;
		unsigned k = i % n;
		if (!made_by(s, &v[k]))
			continue;
		int err = check_signature(note->text, s, &v[k], &time);
		if (err == -ENOMEM)
			return err_set(e, err, "note: no memory to check its signatures");
		if (err)
			return err_set(e, err,
				       "note: the signature by %s+%08" PRIx32
				       " is wrong: the text or the signature was changed",
				       v[k].name, v[k].id);
		mask |= UINT64_C(1) << k;
		if (time > times[k])
			times[k] = time;
	}
	if (!mask)
		return err_set(e, -ENOKEY, "note: of its %u signatures none is by a known key", note->n);
	*ret_mask = mask;
	if (ret_times)
		memcpy(ret_times, times, n * sizeof(*ret_times));
	return 0;
}

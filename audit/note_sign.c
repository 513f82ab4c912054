/* SPDX-License-Identifier: BSD-3-Clause */
/* note_sign: appends signatures and cosignatures to notes. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/base64.h"
#include "audit/note_state.h"

size_t cosigned_head(uint64_t time, char ret[COSIGNED_HEAD_MAX])
{
	return (size_t)snprintf(ret, COSIGNED_HEAD_MAX, "cosignature/v1\ntime %" PRIu64 "\n", time);
}

/* The text of a note, or of what is to become one: *ret_empty_line says that the empty line behind it is still to come. */
static int text_of(const char *p, size_t len, struct span *ret, bool *ret_empty_line, struct err *e)
{
	struct span all = {(const uint8_t *)p, len};
	struct note *note = malloc(sizeof(*note));
	unsigned line;
	if (!note)
		return err_set(e, -ENOMEM, "note: no memory to sign it");
	int err = note_parse(all, note, NULL);
	bool full = !err && note->n == NOTE_SIGNATURES_MAX;
	*ret = err ? all : note->text;
	*ret_empty_line = err;
	free(note);
	if (full)
		return err_set(e, -ENOBUFS, "note: has %d signatures already", NOTE_SIGNATURES_MAX);
	const char *fault = note_text_fault(*ret, &line);
	return fault ? err_set(e, -EBADMSG, "note, line %u: %s", line, fault) : 0;
}

/* Appends "- name base64(id, signature)". */
static int append_line(char *p, size_t *len, size_t room, bool empty_line, const struct verifier *by,
		       const uint8_t *signature, size_t n, struct err *e)
{
	uint8_t bytes[SIGNATURE_ID_BYTES + COSIGNATURE_BYTES];
	put_be32(bytes, by->id);
	memcpy(bytes + SIGNATURE_ID_BYTES, signature, n);
	n += SIGNATURE_ID_BYTES;
	size_t more = empty_line + strlen(SIGNATURE_LINE) + strlen(by->name) + 1 + BASE64_CHARS(n) + 1;
	size_t most = room < NOTE_MAX_BYTES ? room : NOTE_MAX_BYTES;
	if (*len > most || more > most - *len)
		return err_set(e, -ENOBUFS, "note: %zu bytes with one signature more: %zu is the most",
			       *len + more, most);
	char *at = p + *len;
	if (empty_line)
		*at++ = '\n';
	at = mempcpy(at, SIGNATURE_LINE, strlen(SIGNATURE_LINE));
	at = mempcpy(at, by->name, strlen(by->name));
	*at++ = ' ';
	at = base64_put(bytes, n, at);
	*at++ = '\n';
	*len = (size_t)(at - p);
	return 0;
}

int note_sign(char *p, size_t *len, size_t room, const struct signer *s, struct err *e)
{
	uint8_t signature[SIGNATURE_BYTES];
	struct span text;
	bool empty_line = false;
	int err = text_of(p, *len, &text, &empty_line, e);
	if (!err)
		err = signer_sign(s, text.p, text.len, signature, e);
	return err ? err
		   : append_line(p, len, room, empty_line, signer_verifier(s), signature, sizeof(signature),
				 e);
}

int note_cosign(char *p, size_t *len, size_t room, const struct signer *s, uint64_t time, struct err *e)
{
	uint8_t signature[COSIGNATURE_BYTES];
	struct verifier witness = *signer_verifier(s);
	struct checkpoint checkpoint;
	struct span text;
	bool empty_line = false;
	if (time > INT64_MAX)
		return err_set(e, -EINVAL, "time of a cosignature: %" PRIu64 " is above 2^63-1", time);
	int err = text_of(p, *len, &text, &empty_line, e);
	if (!err)
		err = checkpoint_parse(text, &checkpoint, e);
	if (err)
		return err;
	char *message = malloc(COSIGNED_HEAD_MAX + text.len);
	if (!message)
		return err_set(e, -ENOMEM, "note: no memory to sign it");
	size_t head = cosigned_head(time, message);
	memcpy(message + head, text.p, text.len);
	uint64_t be = __builtin_bswap64(time);
	memcpy(signature, &be, sizeof(be));
	err = signer_sign(s, message, head + text.len, signature + sizeof(be), e);
	free(message);
	if (err)
		return err;
	witness.type = NOTE_COSIGNATURE;
	verifier_identify(&witness);
	return append_line(p, len, room, empty_line, &witness, signature, sizeof(signature), e);
}

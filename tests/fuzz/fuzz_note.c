/* SPDX-License-Identifier: BSD-3-Clause */
/* fuzz_note: a note's parts lie in it and put it together again; a checkpoint is printed as it was parsed; a vkey too. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "audit/note.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static bool within(struct span all, struct span s)
{
	return s.p >= all.p && s.p + s.len <= all.p + all.len;
}

static void check_vkey(const uint8_t *p, size_t len)
{
	char text[NOTE_VKEY_BYTES], again[NOTE_VKEY_BYTES];
	struct verifier v;
	struct err e = {""};
	if (len >= sizeof(text) || memchr(p, 0, len))
		return;
	memcpy(text, p, len);
	text[len] = 0;
	if (verifier_parse(text, &v, &e)) {
		assert(e.text[0]);
		return;
	}
	verifier_print(&v, again);
	assert(!strcmp(text, again));
}

static void check_checkpoint(struct span text)
{
	char printed[NOTE_NAME_MAX + 96], origin[NOTE_NAME_MAX + 1];
	struct checkpoint c;
	struct err e = {""};
	int err = checkpoint_parse(text, &c, &e);
	if (err) {
		assert(err == -EBADMSG && e.text[0]);
		return;
	}
	assert(within(text, c.origin) && c.origin.len <= NOTE_NAME_MAX);
	memcpy(origin, c.origin.p, c.origin.len);
	origin[c.origin.len] = 0;
	size_t n = checkpoint_print(origin, c.size, &c.root, printed);
	assert(n < sizeof(printed) && n <= text.len &&
	       !memcmp(printed, text.p, n)); /* extension lines may follow */
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	static struct note note;
	struct verifier v[3];
	struct err e = {""};
	struct span all = {p, len};
	uint64_t mask, times[3];
	check_vkey(p, len);
	check_checkpoint(all);
	int err = note_parse(all, &note, &e);
	if (err) {
		assert(err == -EBADMSG && e.text[0]);
		return 0;
	}
	assert(within(all, note.text) && note.text.p == p && note.text.p[note.text.len - 1] == '\n');
	assert(note.n >= 1 && note.n <= NOTE_SIGNATURES_MAX);
	for (unsigned i = 0; i < note.n; i++) {
		const struct note_signature *s = &note.signatures[i];
		assert(within(all, s->name) && s->name.len && s->name.len <= NOTE_NAME_MAX && s->bytes);
		assert(s->p ? s->p + s->bytes <= s->room + sizeof(s->room) : s->bytes + 4 > sizeof(s->room));
	}
	check_checkpoint(note.text);
	/* known: the first signature's name, as either type; and one that is not there */
	memset(v, 0, sizeof(v));
	for (int i = 0; i < 3; i++) {
		v[i].id = note.signatures[0].id;
		v[i].type = i ? NOTE_COSIGNATURE : NOTE_ED25519;
		memcpy(v[i].name, note.signatures[0].name.p, note.signatures[0].name.len);
	}
	v[2].id++;
	memset(v[0].public_key, 7, ED25519_BYTES);
	memset(v[1].public_key, 7, ED25519_BYTES);
	err = note_verify(&note, v, 2, &mask, times, &e);
	assert(err == -EKEYREJECTED); /* of one type it cannot be */
	static const char peter[] = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
	static const char text[] = "If you think cryptography is the answer to your problem,\n"
				   "then you don't know what your problem is.\n";
	assert(!verifier_parse(peter, &v[0], &e));
	err = note_verify(&note, v, 1, &mask, times, &e);
	assert(err == 0 || err == -ENOKEY || err == -EKEYREJECTED);
	if (!err) /* the one text that this key ever signed */
		assert(mask == 1 && note.text.len == strlen(text) &&
		       !memcmp(note.text.p, text, note.text.len));
	return 0;
}

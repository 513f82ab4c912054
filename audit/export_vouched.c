/* SPDX-License-Identifier: BSD-3-Clause */
/* Who vouches for an export: manifest.note and custody.jsonl. Hashes bind the lines of the record to each other and anybody can compute them anew: what
 * binds the record are signatures, and SHA-256 of lines that somebody noted. */
#include <errno.h>
#include <string.h>

#include "audit/export_files.h"
#include "audit/export_sign.h"
#include "audit/export_verify.h"

#define NOTE	"manifest.note"
#define CUSTODY "custody.jsonl"

static int bad(struct export_check *x, const char *file, const char *why)
{
	return verify_find(&x->found, VERIFY_PACKAGE, VERIFY_NO_LEAF, 0, file, "%s", why);
}

/* By whom it says it is, and by which of those that were given. by: a vkey; "": it does not say. */
static int check_signed(struct export_check *x, struct span bytes, const char *what, const char *digest,
			const char *by, const char *file)
{
	struct note note;
	struct err e = {""};
	struct verifier signer;
	char text[128];
	uint64_t mask = 0;
	snprintf(text, sizeof(text), "%s\n%s\n", what, digest);
	if (note_parse(bytes, &note, &e))
		return bad(x, file, e.text);
	if (digest[0] && (note.text.len != strlen(text) || memcmp(note.text.p, text, note.text.len)))
		return bad(x, file, "it signs another manifest");
	if (by[0] && (verifier_parse(by, &signer, &e) || note_verify(&note, &signer, 1, &mask, NULL, &e)))
		return bad(x, file, e.text);
	mask = 0;
	if (x->o->n_witnesses &&
	    note_verify(&note, x->o->witnesses, x->o->n_witnesses, &mask, NULL, &e) == -EKEYREJECTED)
		return bad(x, file, e.text);
	x->vouched |= mask;
	return 0;
}

static int check_note(struct export_check *x)
{
	int err = verify_read(x->fd, NOTE, NOTE_MAX_BYTES, &x->buffer);
	if (err == -ENOENT && !x->m.signer[0])
		return 0;
	if (err)
		return verify_find_read(&x->found, err, VERIFY_NO_LEAF, 0, NOTE);
	snprintf(x->r->signer, sizeof(x->r->signer), "%s", x->m.signer);
	return check_signed(x, (struct span){x->buffer.p, x->buffer.len}, EXPORT_FORMAT, x->digest,
			    x->m.signer, NOTE);
}

static int check_line(struct export_check *x, struct span bytes, const char *before)
{
	char note[EXPORT_NOTE_BYTES];
	size_t n = 0;
	json_t *line = json_loadb((const char *)bytes.p, bytes.len, JSON_REJECT_DUPLICATES, NULL);
	const char *was = json_string_value(json_object_get(line, "before"));
	const char *of = json_string_value(json_object_get(line, "manifest"));
	const char *by = json_string_value(json_object_get(line, "signer"));
	int err = 0;
	if (!was || !of || strcmp(was, before) || strcmp(of, x->digest))
		err = bad(x, CUSTODY,
			  "a line is cut, of another export, or does not go on from the one before it");
	else if (!export_line_note(bytes, line, note, &n))
		err = bad(x, CUSTODY, "a line is signed in another way than such lines are");
	else if (!x->r->custody && x->m.signer[0] && (!by || strcmp(by, x->m.signer)))
		err = bad(x, CUSTODY, "its first line is not signed by who signed the manifest");
	else if (n)
		err =
		    check_signed(x, (struct span){(const uint8_t *)note, n}, EXPORT_CUSTODY, "", by, CUSTODY);
	json_decref(line);
	x->r->custody_signed += !err && n;
	return err;
}

static int check_custody(struct export_check *x)
{
	char *last = x->r->custody_last;
	uint64_t met = 0;
	int err = verify_read(x->fd, CUSTODY, EXPORT_MANIFEST_MAX, &x->buffer);
	if (err)
		return verify_find_read(&x->found, err, VERIFY_NO_LEAF, 0, CUSTODY);
	const char *p = (const char *)x->buffer.p, *end = p + x->buffer.len, *stop;
	if (p == end)
		return bad(x, CUSTODY, "it is empty");
	for (; p < end; p = stop + 1) {
		stop = memchr(p, '\n', (size_t)(end - p));
		if (!stop)
			return bad(x, CUSTODY, "its last line is cut");
		err = check_line(x, (struct span){(const uint8_t *)p, (size_t)(stop - p)}, last);
		if (err)
			return err;
		export_sha256(p, (size_t)(stop + 1 - p), last);
		x->r->custody++;
		x->r->custody_known = false;
		for (unsigned i = 0; i < x->o->n_custody; i++)
			if (!strcmp(x->o->custody[i], last)) {
				met |= UINT64_C(1) << i;
				x->r->custody_known = true;
			}
	}
	for (unsigned i = 0; i < x->o->n_custody; i++)
		if (!(met >> i & 1))
			return verify_find(
			    &x->found, VERIFY_PACKAGE, VERIFY_NO_LEAF, 0, CUSTODY,
			    "no line of it has the SHA-256 that was given (%.16s...): it was cut "
			    "off or changed since",
			    x->o->custody[i]);
	return 0;
}

static int check_witnesses(struct export_check *x)
{
	unsigned have = (unsigned)__builtin_popcountll(x->vouched), must = x->o->witnesses_needed
									       ? x->o->witnesses_needed
									   : x->o->n_witnesses ? 1
											       : 0;
	x->r->witnesses = have;
	x->r->vouched = have;
	return have >= must
		   ? 0
		   : verify_find(&x->found, VERIFY_WITNESS, VERIFY_NO_LEAF, 0, NOTE,
				 "%u of the keys that were given have signed the manifest or a line of "
				 "the custody record, and %u must",
				 have, must);
}

int export_check_vouched(struct export_check *x)
{
	int err = check_note(x);
	if (!err)
		err = check_custody(x);
	return err ? err : check_witnesses(x);
}

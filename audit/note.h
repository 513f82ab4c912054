/* SPDX-License-Identifier: BSD-3-Clause */
/* note: C2SP signed notes, the checkpoints in them (tlog-checkpoint), and cosignatures of witnesses (tlog-cosignature).
 *
 * Model:    a note is text that ends in a newline, an empty line, and signature lines. What is signed is the text. A checkpoint's text is
 *           origin, size and root. A verifier is a name with a public key (a "vkey"); a signer the same with its private key. The log's own key
 *           signs as type 0x01 (Ed25519), a witness as type 0x04 (cosignature/v1, with a time).
 * Owner:    parsed notes borrow the bytes that they were parsed from; signers are allocated and wiped by signer_free.
 * Threads:  no state but the arguments'; a signer may be used by one thread at a time.
 * Limits:   NOTE_MAX_BYTES, NOTE_SIGNATURES_MAX signature lines; NOTE_NAME_MAX bytes of a name.
 * Errors:   -EBADMSG: no note, or no checkpoint, with the line; -EKEYREJECTED: a signature by a known key is wrong; -ENOKEY: none by a
 *           known key; -ENOBUFS: it does not fit.
 */
#ifndef AUDIT_NOTE_H
#define AUDIT_NOTE_H

#include "audit/tree.h"
#include "common/span.h"

#define NOTE_MAX_BYTES	    65536
#define NOTE_SIGNATURES_MAX 64
#define NOTE_NAME_MAX	    255
#define NOTE_VKEY_BYTES	    400 /* a vkey as text, with NUL */
#define ED25519_BYTES	    32

enum note_key_type { NOTE_ED25519 = 0x01, NOTE_COSIGNATURE = 0x04 };

struct verifier {
	char name[NOTE_NAME_MAX + 1];
	uint32_t id; /* the first 4 bytes, big endian, of SHA-256(name, "\n", type, public key) */
	enum note_key_type type;
	uint8_t public_key[ED25519_BYTES];
};

struct signer;

struct note_signature {
	struct span name;
	uint32_t id;
	const uint8_t *p; /* behind the id, in room; NULL: longer than that, so of no type known here */
	unsigned bytes;
	uint8_t room[160]; /* decoded */
};

struct note {
	struct span text; /* with its last newline; signatures point into themselves: a note is not copied */
	unsigned n;
	struct note_signature signatures[NOTE_SIGNATURES_MAX];
};

struct checkpoint {
	struct span origin;
	uint64_t size;
	struct hash root;
};

/* name+hash+base64; whatever a name may not hold (blanks, +, newline) is refused: -EINVAL. */
int verifier_parse(const char *vkey, struct verifier *ret, struct err *e);
void verifier_print(const struct verifier *v, char ret[NOTE_VKEY_BYTES]);
/* Sets the id from the other members. */
void verifier_identify(struct verifier *v);

/* Makes a new key pair; or reads the PEM (PKCS #8) that signer_save wrote, durably: mode 0600, by O_EXCL. A file that others may read is
 * refused: -EPERM. */
int signer_new(const char *name, struct signer **ret, struct err *e);
int signer_load(const char *path, const char *name, struct signer **ret, struct err *e);
int signer_save(const struct signer *s, const char *path, struct err *e);
void signer_free(struct signer *s);
const struct verifier *signer_verifier(const struct signer *s);
/* A raw Ed25519 signature of any bytes. */
int signer_sign(const struct signer *s, const void *bytes, size_t n, uint8_t ret[64], struct err *e);
bool verifier_check(const struct verifier *v, const void *bytes, size_t n, const uint8_t signature[64]);

int note_parse(struct span bytes, struct note *ret, struct err *e);
/* Appends a signature line to the note at p (*len bytes; at first: text, then an empty line is added). Untouched on failure. */
int note_sign(char *p, size_t *len, size_t room, const struct signer *s, struct err *e);
/* The same as a witness, of a checkpoint alone: cosignature/v1 with `time` in seconds since 1970. Its verifier is the signer's with type
 * NOTE_COSIGNATURE, identified anew. */
int note_cosign(char *p, size_t *len, size_t room, const struct signer *s, uint64_t time, struct err *e);
/* Which of n verifiers (at most 64) have signed, as bits; ret_times (NULL, or [n]): of cosignatures. Lines of other keys are
 * ignored; one wrong signature by a known key refuses the note. */
int note_verify(const struct note *note, const struct verifier *v, unsigned n, uint64_t *ret_mask,
		uint64_t *ret_times, struct err *e);

int checkpoint_parse(struct span text, struct checkpoint *ret, struct err *e);
/* origin, size and root, without signatures; returns the bytes. */
size_t checkpoint_print(const char *origin, uint64_t size, const struct hash *root,
			char ret[NOTE_NAME_MAX + 96]);

#endif

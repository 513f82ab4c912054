/* SPDX-License-Identifier: BSD-3-Clause */
/* export_sign: who vouches for an export: signatures of its manifest and of lines of its custody record; inside audit/export*.c.
 *
 * Model:    what is signed is a C2SP note of two lines: what it is (EXPORT_FORMAT or EXPORT_CUSTODY), and a SHA-256. Of a line of custody.jsonl
 *           it is that of the line without its last member, "signature", which holds what stands behind the name in the note's signature line.
 */
#ifndef AUDIT_EXPORT_SIGN_H
#define AUDIT_EXPORT_SIGN_H

#include "audit/export.h"

#define EXPORT_CUSTODY	  "roja-audit-custody/v1"
#define EXPORT_NOTE_BYTES 1024 /* of a note with one signature, with NUL */

/* digest: hexadecimal. ret ends in NUL, which *ret_n does not count. */
int export_note(const char *what, const char *digest, const struct signer *s, char ret[EXPORT_NOTE_BYTES],
		size_t *ret_n, struct err *e);
/* The line of JSON with "signer" and "signature" behind its other members: malloc. NULL: no memory. */
char *export_line_sign(json_t *line, const struct signer *s, struct err *e);
/* Of a line (without newline) the note that its signer signed; false: it has a signer and no signature, or is otherwise not as written here. *ret_n
 * 0: it is not signed. */
bool export_line_note(struct span line, const json_t *json, char ret[EXPORT_NOTE_BYTES], size_t *ret_n);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
/* note_state: what parsing, signing and keys share. Private to audit/note*.c and checkpoint.c. */
#ifndef AUDIT_NOTE_STATE_H
#define AUDIT_NOTE_STATE_H

#include "audit/note.h"

#define SIGNATURE_BYTES	   64
#define SIGNATURE_ID_BYTES 4
#define COSIGNATURE_BYTES  (8 + SIGNATURE_BYTES) /* its time, big endian, before it */
#define COSIGNED_HEAD_MAX  64			 /* "cosignature/v1\ntime N\n" */
#define SIGNATURE_LINE	   "\xe2\x80\x94 "	 /* em dash, space */

/* Not empty, UTF-8, no blank of Unicode, no "+", no control character; NOTE_NAME_MAX bytes at most. */
bool note_name_ok(struct span name);
/* NULL, or why these bytes cannot be a note's text: not empty, UTF-8 whose only control characters are newlines, one of them at the end. *ret_line: where. */
const char *note_text_fault(struct span text, unsigned *ret_line);
/* The head that a cosignature signs before the text; returns its bytes. */
size_t cosigned_head(uint64_t time, char ret[COSIGNED_HEAD_MAX]);

#endif

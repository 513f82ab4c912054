/* SPDX-License-Identifier: BSD-3-Clause */
/* base64: RFC 4648, 4, with its padding, without line breaks, and nothing that would not be written again the same: bits behind the last
 * byte must be zero. So no byte of a note can be changed unseen. */
#ifndef AUDIT_BASE64_H
#define AUDIT_BASE64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BASE64_CHARS(bytes) (((bytes) + 2) / 3 * 4)

/* Writes BASE64_CHARS(n) characters, no NUL; returns what is behind them. */
char *base64_put(const void *bytes, size_t n, char *ret);
/* Bytes of `chars` characters in *ret_n; of them the first `room` in ret. */
bool base64_take(const void *text, size_t chars, uint8_t *ret, size_t room, size_t *ret_n);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
/* idn: internationalised names to ASCII, label by label.
 *
 * Model:    a label with a byte outside ASCII goes through UTS 46 (non-transitional) and IDNA2008 in libidn2;
 *           a label of ASCII alone is copied, so that an "xn--" label that decodes to nothing valid does not
 *           take away the rest of its name. The ideographic full stops (U+3002, U+FF0E, U+FF61) are dots.
 * Threads:  any.
 * Limits:   IDN_INPUT_MAX bytes of UTF-8.
 * Errors:   NAME_BAD_IDN, NAME_TOO_LONG.
 * Cost:     libidn2 allocates and frees for each such label.
 */
#ifndef RULES_IDN_H
#define RULES_IDN_H

#include "rules/name.h"

#define IDN_INPUT_MAX  1024
#define IDN_OUTPUT_MAX 320

/* The result is not yet checked: its bytes, labels and length are name_canonical's business. */
enum name_error idn_to_ascii(const uint8_t *p, size_t len, uint8_t ret[IDN_OUTPUT_MAX], size_t *ret_len);

#endif

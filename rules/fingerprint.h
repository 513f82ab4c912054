/* SPDX-License-Identifier: BSD-3-Clause */
/* fingerprint: keyed 128-bit fingerprints of names and URLs: SipHash-2-4 with 128-bit output.
 *
 * Model:    a text's fingerprint says nothing about it without the key, and nobody who lacks the key can find two texts with
 *           one fingerprint. Names are read label by label from the right, so that all suffixes come from one
 *           pass: a label is absorbed in 8-byte blocks, the last of them holds its length; each suffix is
 *           finished on a copy of the state. Prefixes of a URL likewise, from the left.
 * Threads:  pure.
 * Cost:     about 10 cycles a block of 8 bytes and 60 a fingerprint.
 */
#ifndef RULES_FINGERPRINT_H
#define RULES_FINGERPRINT_H

#include <stddef.h>
#include <stdint.h>

#define FINGERPRINT_KEY_BYTES 16

struct fingerprint {
	uint64_t a, b;
};

/* What a fingerprint is of; one text has different ones. */
enum fingerprint_domain {
	FINGERPRINT_NAME = 1,
	FINGERPRINT_URL,
	FINGERPRINT_URL_PREFIX,
	FINGERPRINT_URL_HOST
};

/* Plain SipHash-2-4-128 (Aumasson, Bernstein), as in its published vectors. */
struct fingerprint fingerprint_plain(const uint8_t key[FINGERPRINT_KEY_BYTES], const void *p, size_t len);

/* Of a whole text. */
struct fingerprint fingerprint_of(const uint8_t key[FINGERPRINT_KEY_BYTES], enum fingerprint_domain domain,
				  const void *p, size_t len);

/* Of the suffixes of a canonical name with so many labels as a bit is set for in `wanted` (bit 0: one label; names
 * of more than 63 labels share bit 63): ret[i] is of ret_labels[i] labels, shortest first. Returns how many, at most
 * `cap`; *ret_total is how many labels the name has. */
unsigned fingerprint_suffixes(const uint8_t key[FINGERPRINT_KEY_BYTES], const char *name, size_t len,
			      uint64_t wanted, struct fingerprint *ret, uint8_t *ret_labels, unsigned cap,
			      unsigned *ret_total);

/* Of the first lens[i] bytes of a text, lens ascending and at most len; domain URL_PREFIX. */
void fingerprint_prefixes(const uint8_t key[FINGERPRINT_KEY_BYTES], const char *text, const uint16_t *lens,
			  unsigned n, struct fingerprint *ret);

static inline int fingerprint_same(struct fingerprint x, struct fingerprint y)
{
	return x.a == y.a && x.b == y.b;
}

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
/* nearest: the known word that a person may have meant.
 *
 * Model:    candidates are shown one by one; the best one within a third of the word's length wins, the first of equals.
 * Limits:   words over NEAREST_MAX bytes are near to nothing.
 * Cost:     the product of both lengths a candidate, no heap.
 */
#ifndef COMMON_NEAREST_H
#define COMMON_NEAREST_H

#define NEAREST_MAX 63

struct nearest {
	const char *word;
	const char *best; /* NULL: nothing is near; borrowed from the caller */
	unsigned distance;
};

void nearest_init(struct nearest *n, const char *word);
void nearest_try(struct nearest *n, const char *candidate);

#endif

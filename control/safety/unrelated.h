/* SPDX-License-Identifier: BSD-3-Clause */
/* unrelated: names that have nothing to do with each other, to find patterns that are too wide.
 *
 * Model:    every word below every top-level domain, alone and with "www." in front. Whatever matches two words is no one's.
 */
#ifndef CONTROL_SAFETY_UNRELATED_H
#define CONTROL_SAFETY_UNRELATED_H

#define UNRELATED_WORDS 72
#define UNRELATED_TOPS	9

extern const char *const unrelated_words[UNRELATED_WORDS]; /* two for each first letter and digit */
extern const char *const unrelated_tops[UNRELATED_TOPS];

#endif

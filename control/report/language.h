/* SPDX-License-Identifier: BSD-3-Clause */
/* language: in which languages reports are written. */
#ifndef CONTROL_REPORT_LANGUAGE_H
#define CONTROL_REPORT_LANGUAGE_H

/* clang-format off */
/* X(NAME, tag of BCP 47, its own name) */
#define LANGUAGES(X)               \
	X(ENGLISH,  "en", "English") \
	X(ALBANIAN, "sq", "Shqip")
/* clang-format on */

enum language {
#define X(id, tag, name) id,
	LANGUAGES(X)
#undef X
	    LANGUAGES_N
};
extern const char *const language_tags[LANGUAGES_N + 1]; /* NULL at the end */

#define LANGUAGES_ALL ((1u << LANGUAGES_N) - 1)

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
/* import_fixture: imports of texts, and what came of them as one text. */
#ifndef TESTS_UNIT_IMPORT_FIXTURE_H
#define TESTS_UNIT_IMPORT_FIXTURE_H

#include "control/feed/entries.h"
#include "control/feed/import.h"
#include "tests/unit/harness.h"

extern struct seal_key fixture_key;
extern char fixture_original[], fixture_object[]; /* paths of the last import */

/* A folder for the files; import_fixture_fini removes it. */
int import_fixture_init(void);
void import_fixture_fini(void);
int import_fixture_fd(const void *p, size_t n);

/* options: "name=value name=value"; max_*: 0 is the default. Returns what import_run does; the result goes by
 * import_result_free. */
int import_bytes(const char *format, const char *options, const void *p, size_t n, uint64_t max_rejected,
		 struct import_result *ret, struct err *e);
int import_text(const char *format, const char *options, const char *text, struct import_result *ret,
		struct err *e);
json_t *import_options(const char *options);

/* "1 name.test; 2 =host.test": line and entry of what was imported, from the sealed file; free it. */
char *import_entries(void);
/* "3 why; 4 why": the notes; free it. */
char *import_notes(const struct import_result *r);

/* Whether no file is in the folder. */
bool import_left_nothing(void);

/* Rows of a format: what is read and what is rejected, or the error. */
struct import_row {
	const char *options, *text;
	const char *entries; /* as import_entries says, or NULL: an error */
	const char *notes;   /* as import_notes says, or the error's sentence */
};
void import_check_rows(const char *format, const struct import_row *rows, unsigned n);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
/* err: why a control-path call failed, in one sentence for a person.
 *
 * Model:    functions return 0 or -errno and, on failure only, set a sentence that names file, line and
 *           field and says what to do. Library code never prints; main and request handlers do.
 * Threads:  the caller's own object.
 * Limits:   ERR_BYTES; a longer sentence is cut.
 */
#ifndef COMMON_ERR_H
#define COMMON_ERR_H

#include <stdarg.h>
#include <stdio.h>

#define ERR_BYTES 512

struct err {
	char text[ERR_BYTES];
};

/* Sets the sentence and returns `code` (a negative errno), so that `return err_set(e, -EINVAL, ...)` reads well.
 * e may be NULL. */
__attribute__((format(printf, 3, 4))) static inline int err_set(struct err *e, int code, const char *fmt, ...)
{
	if (e) {
		va_list ap;
		va_start(ap, fmt);
		vsnprintf(e->text, sizeof(e->text), fmt, ap);
		va_end(ap);
	}
	return code;
}

#endif

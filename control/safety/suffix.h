/* SPDX-License-Identifier: BSD-3-Clause */
/* suffix: what the public suffix list and RFC 6761 say of a name.
 *
 * Model:    the list that libpsl was built with or, where it is newer, that of Debian's package publicsuffix; read once.
 * Threads:  any.
 * Cost:     some hundred nanoseconds a name.
 */
#ifndef CONTROL_SAFETY_SUFFIX_H
#define CONTROL_SAFETY_SUFFIX_H

#include <stddef.h>

enum suffix {
	SUFFIX_NONE,	/* somebody's name */
	SUFFIX_TOP,	/* one label */
	SUFFIX_SPECIAL, /* localhost, local, arpa and what is below them */
	SUFFIX_PUBLIC,	/* of a registry: edu.mk */
	SUFFIX_HOSTING, /* of a service that gives names to its customers */
};

/* Of a canonical name; a NUL need not follow it. */
enum suffix suffix_of(const char *name, size_t len);

#endif

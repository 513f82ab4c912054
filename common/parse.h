/* SPDX-License-Identifier: BSD-3-Clause */
/* parse: the four answers every protocol parser gives. */
#ifndef COMMON_PARSE_H
#define COMMON_PARSE_H

enum parse {
	PARSE_OK,	/* complete and well formed; outputs are set */
	PARSE_MORE,	/* so far plausible; more bytes are needed */
	PARSE_NOT_MINE, /* not this protocol */
	PARSE_BAD,	/* this protocol, but malformed or beyond a limit */
};

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
/* config pages: the page and the man page of a program's configuration, from its rows. */
#ifndef COMMON_CONFIG_PAGES_H
#define COMMON_CONFIG_PAGES_H

#include <stdio.h>

#include "common/config/rows.h"

struct config_page {
	const struct config_program *program;
	const char *title;
	const char *use;	   /* lines: how the program reads the file */
	const char *keys;	   /* the source that holds the keys */
	const char *must;	   /* a sentence without its end: what must be there */
	const char *error;	   /* a line, for example */
	const char *example_about; /* "Example: ...", a line, and what there is to say */
	const unsigned char *example;
	size_t example_bytes;
};

/* docs/NAME.md */
void config_page_md(const struct config_page *p, FILE *out);
/* docs/man/PROGRAM.yaml.5; the program is the manual's name up to ".". */
void config_page_man(const struct config_page *p, FILE *out);

#endif

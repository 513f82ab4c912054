/* SPDX-License-Identifier: BSD-3-Clause */
/* export_files: writing a package's files, each with its SHA-256; inside audit/export*.c. */
#ifndef AUDIT_EXPORT_FILES_H
#define AUDIT_EXPORT_FILES_H

#include <jansson.h>
#include <openssl/evp.h>
#include <stdio.h>

#include "common/err.h"

struct export_out {
	const char *folder;
	json_t *files; /* name: SHA-256 */
};

/* A file that is written piece by piece. */
struct export_file {
	FILE *f;
	EVP_MD_CTX *sum;
	char name[128];
};

int export_file_open(struct export_out *o, const char *name, struct export_file *ret, struct err *e);
void export_file_add(struct export_file *f, const void *p, size_t n);
/* Notes the SHA-256; a write that failed is told here. */
int export_file_close(struct export_out *o, struct export_file *f, struct err *e);
int export_put(struct export_out *o, const char *name, const void *p, size_t n, struct err *e);
/* ret: hexadecimal */
int export_sha256(const void *p, size_t n, char ret[65]);

#endif

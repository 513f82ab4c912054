/* SPDX-License-Identifier: BSD-3-Clause */
/* spool_state: an open spool folder. Private to control/feed/spool*.c. */
#ifndef CONTROL_FEED_SPOOL_STATE_H
#define CONTROL_FEED_SPOOL_STATE_H

#include <sys/stat.h>

#include "control/feed/spool.h"

#define SPOOL_SIGNATURE	      ".p7s"
#define SPOOL_WHY	      ".why"
#define SPOOL_SIGNATURE_BYTES (SPOOL_MAX_NAME + sizeof(SPOOL_SIGNATURE))

/* Renamed into the folder since it was opened: complete, as long as it is still this file. */
struct spool_arrival {
	char name[SPOOL_SIGNATURE_BYTES];
	struct spool_ident ident; /* all 0: not looked at yet */
	bool seen;		  /* in this scan */
};

struct spool {
	char *folder; /* for sentences */
	struct spool_options options;
	int fd, done_fd, refused_fd;
	int inotify_fd; /* or -1 */
	struct spool_arrival *arrivals;
	unsigned n_arrivals;
};

/* Reads what inotify has to say. */
void spool_arrivals_read(struct spool *s);
bool spool_arrivals_have(struct spool *s, const char *name, const struct spool_ident *ident);
/* After a scan: forgets what is gone. */
void spool_arrivals_tidy(struct spool *s);

struct spool_ident spool_ident_of(const struct stat *st);
bool spool_ident_same(const struct spool_ident *a, const struct spool_ident *b);
/* A regular file with one link, whoever made it. */
bool spool_is_regular(const struct stat *st);
/* NAME.p7s; to holds SPOOL_SIGNATURE_BYTES. */
void spool_signature_name(const char *name, char *to);

#endif

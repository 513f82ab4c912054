/* SPDX-License-Identifier: BSD-3-Clause */
/* record: a leaf of the log as a sink sends it: a line of JSON, bare or as a syslog message (RFC 5424).
 *
 * Model:    {"leaf": index, "kind": word, "time": ..., fields as in docs/audit-format.md}. What a leaf says is what is sent, nothing more; pseudonyms are left
 *           out unless the sink asks for them. A run of bodies that retention removed is one record, {"leaf": first, "last": last, "kind": "removed"}.
 * Owner:    the text is the caller's, freed by record_text_fini; it is filled, sent, and emptied again.
 * Threads:  no state but the arguments'.
 * Limits:   an entry's (audit/entry.h); syslog: RFC 5424, 6: APP-NAME, PROCID, MSGID; a MSG is ASCII, so it needs no BOM (6.4).
 * Errors:   -ENOMEM. What is no entry of this program's kinds is a record of kind "unknown".
 */
#ifndef CONTROL_SINK_RECORD_H
#define CONTROL_SINK_RECORD_H

#include "audit/entry.h"

#define RECORD_HOST_MAX	  255
#define RECORD_ORIGIN_MAX 255

struct record_text {
	char *p;
	size_t len, room;
};

/* How octets become messages. */
enum record_frame {
	RECORD_LINE,	 /* JSON, and a newline */
	RECORD_COUNTED,	 /* syslog behind its length (RFC 5425, 4.3; RFC 6587, 3.4.1) */
	RECORD_DATAGRAM, /* syslog alone */
};

struct record_form {
	enum record_frame frame;
	bool pseudonyms;
	/* of syslog */
	unsigned enterprise;		    /* of the SD-ID roja@NUMBER */
	char host[RECORD_HOST_MAX + 1];	    /* "": not known */
	char origin[RECORD_ORIGIN_MAX + 1]; /* the log's */
	unsigned pid;
};

/* Appends the record of leaf `index`; entry.p NULL: bodies of leaves index to last were removed; last is not looked at else. */
int record_add(const struct record_form *form, uint64_t index, uint64_t last, struct span entry,
	       struct record_text *to, struct err *e);
void record_text_fini(struct record_text *t);

/* What host names and others may be in a header (PRINTUSASCII): others become "?"; "" becomes "-". */
void record_header_name(const char *from, size_t max, char *ret);
/* Value of an SD-PARAM with ", \ and ] escaped (6.3.3); returns false where it does not fit. */
bool record_param(const char *from, char *ret, size_t room);
/* The priority, 0 to 191: facility 13 (log audit) and the kind's severity. */
unsigned record_priority(enum entry_kind kind);

#endif

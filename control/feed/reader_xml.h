/* SPDX-License-Identifier: BSD-3-Clause */
/* reader_xml: a register's dump, record by record. Private to control/feed/reader_xml*.c.
 *
 * Model:    a record holds URLs, domains and addresses; which of them are ordered is said by its type, else it is the narrowest
 *           kind that it holds: a record with a URL names the URL's domain and address as facts, not as orders.
 * Limits:   XML_RECORD_MAX bytes and XML_VALUES_MAX values a record, XML_DEPTH_MAX elements in one another, XML_STEP_MAX bytes
 *           between two events (an element, an attribute, a comment).
 */
#ifndef CONTROL_FEED_READER_XML_H
#define CONTROL_FEED_READER_XML_H

#include "control/feed/reader.h"

#define XML_DEPTH_MAX  16
#define XML_RECORD_MAX (1024 * 1024)
#define XML_VALUES_MAX 65536
#define XML_STEP_MAX   (1024 * 1024)
#define XML_TYPE_BYTES 32

enum xml_kind { XML_URL, XML_DOMAIN, XML_IP, XML_KINDS_N };

struct xml_value {
	uint32_t line, at, len;
	uint8_t kind;
	const char *bad;
};

struct xml_record {
	uint32_t line;
	char type[XML_TYPE_BYTES];
	const char *bad; /* why nothing of it is kept */
	unsigned n_values;
	size_t n; /* bytes of text */
	struct xml_value values[XML_VALUES_MAX];
	char text[XML_RECORD_MAX];
};

void xml_record_begin(struct xml_record *x, uint32_t line, const char *type, size_t type_len);
/* An element's text, in pieces. */
void xml_value_begin(struct xml_record *x, uint32_t line, enum xml_kind kind);
void xml_value_add(struct xml_record *x, const char *p, size_t n);
void xml_value_is_bad(struct xml_record *x, const char *why);
/* What is ordered of it goes to the reading. */
int xml_record_take(const struct xml_record *x, struct reading *r);

#endif

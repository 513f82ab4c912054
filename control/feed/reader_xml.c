/* SPDX-License-Identifier: BSD-3-Clause */
/* XML through libxml2's push parser: nothing is loaded, no entity is expanded but the five of XML itself, no document type. */
#include "control/feed/reader_xml.h"

#include <errno.h>
#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define PIECE_BYTES 16384
#define XINCLUDE    "http://www.w3.org/2001/XInclude"

struct xml {
	struct reading *r;
	xmlParserCtxtPtr parser;
	int failed;				   /* -errno; r->e has its sentence */
	unsigned depth, record_depth, value_depth; /* 0: in none */
	uint32_t fault_line;			   /* where libxml2 found the file at fault; 0: nowhere yet */
	bool had_record;
	uint64_t silent; /* bytes since the last event */
	struct xml_record record;
};

/* What libxml2 finds, in words that quote nothing of the file. */
static const struct {
	int code;
	const char *what;
} faults[] = {
    {XML_ERR_DOCUMENT_EMPTY, "there is no element"},
    {XML_ERR_DOCUMENT_END, "it ends before its first element is closed: is it cut short?"},
    {XML_ERR_TAG_NOT_FINISHED, "it ends before an element is closed: is it cut short?"},
    {XML_ERR_GT_REQUIRED, "a tag is not closed by '>'"},
    {XML_ERR_TAG_NAME_MISMATCH, "an element is closed by another name"},
    {XML_ERR_ENTITYREF_SEMICOL_MISSING, "a '&' that is no entity: it is written &amp;"},
    {XML_ERR_NAME_REQUIRED, "a '&' or '<' that begins nothing: they are written &amp; and &lt;"},
    {XML_ERR_UNDECLARED_ENTITY, "an entity that XML itself does not have"},
    {XML_ERR_INVALID_CHAR, "a character that XML does not allow"},
    {XML_ERR_INVALID_ENCODING, "bytes that are not of the encoding that it declares"},
    {XML_ERR_ATTRIBUTE_REDEFINED, "an attribute stands twice"},
    {XML_ERR_CDATA_NOT_FINISHED, "a CDATA section is not closed"},
};

static uint32_t line_of(const struct xml *x)
{
	int line = xmlSAX2GetLineNumber(x->parser);
	return line > 0 ? (uint32_t)line : 1;
}

__attribute__((format(printf, 2, 3))) static void refuse(struct xml *x, const char *fmt, ...)
{
	char why[ERR_BYTES / 2];
	va_list ap;
	if (x->failed)
		return;
	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	uint32_t line = x->fault_line ? x->fault_line : line_of(x);
	x->failed = reading_fail(x->r, line, -EBADMSG, "%s", why);
	xmlStopParser(x->parser);
}

/* Whether a name is one of "a,b,c". */
static bool is_listed(const char *names, const xmlChar *name)
{
	size_t n = strlen((const char *)name);
	for (const char *p = names; *p;) {
		size_t word = strcspn(p, ",");
		if (word == n && !memcmp(p, name, n))
			return true;
		p += word + (p[word] == ',');
	}
	return false;
}

/* libxml2 gives attributes as name, prefix, URI, value, end of value. */
static struct span attribute(const xmlChar **attributes, int n, const char *name)
{
	for (int i = 0; i < n; i++)
		if (is_listed(name, attributes[5 * i]))
			return (struct span){attributes[5 * i + 3],
					     (size_t)(attributes[5 * i + 4] - attributes[5 * i + 3])};
	return (struct span){NULL, 0};
}

static int64_t parse_time(struct span s)
{
	char text[40];
	struct tm tm = {0};
	int sign = 0;
	unsigned hours = 0, minutes = 0;
	if (!s.len || s.len >= sizeof(text))
		return 0;
	memcpy(text, s.p, s.len);
	text[s.len] = 0;
	const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	if (!rest)
		return 0;
	if (*rest == '.')
		rest += 1 + strspn(rest + 1, "0123456789");
	if (*rest == '+' || *rest == '-')
		sign = *rest == '+' ? 1 : -1;
	if (sign && sscanf(rest + 1, "%2u:%2u", &hours, &minutes) != 2)
		return 0;
	return (int64_t)timegm(&tm) - sign * (int64_t)(hours * 3600 + minutes * 60);
}

static void read_root(struct xml *x, const xmlChar **attributes, int n)
{
	struct span serial = attribute(attributes, n, reading_option(x->r, "serial"));
	int64_t number = 0;
	for (size_t i = 0; i < serial.len && serial.len <= 18 && number >= 0; i++)
		number = serial.p[i] >= '0' && serial.p[i] <= '9' ? number * 10 + (serial.p[i] - '0') : -1;
	if (serial.len && serial.len <= 18)
		x->r->result->serial = number;
	x->r->result->time = parse_time(attribute(attributes, n, reading_option(x->r, "time")));
}

/* Only children of a record: what is deeper says something else, such as where the decision is published. */
static void begin_value(struct xml *x, const xmlChar *name)
{
	static const char *const kinds[XML_KINDS_N] = {"url", "domain", "ip"};
	for (unsigned kind = 0; kind < XML_KINDS_N && x->depth == x->record_depth + 1 && !x->value_depth;
	     kind++)
		if (is_listed(reading_option(x->r, kinds[kind]), name)) {
			xml_value_begin(&x->record, line_of(x), kind);
			x->value_depth = x->depth;
		}
}

static void on_start(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
		     int n_namespaces, const xmlChar **namespaces, int n, int n_defaulted,
		     const xmlChar **attributes)
{
	struct xml *x = ctx;
	(void)prefix, (void)n_namespaces, (void)namespaces, (void)n_defaulted;
	x->silent = 0;
	if (uri && !strcmp((const char *)uri, XINCLUDE)) {
		refuse(x, "XInclude would have other files read: give the register as one file");
		return;
	}
	if (x->depth++ == XML_DEPTH_MAX) {
		refuse(x, "elements are more than %d deep in one another: is it a register?", XML_DEPTH_MAX);
		return;
	}
	if (x->depth == 1)
		read_root(x, attributes, n);
	if (x->value_depth) {
		xml_value_is_bad(&x->record, "an element inside of what should be a text");
	} else if (x->record_depth) {
		begin_value(x, name);
	} else if (is_listed(reading_option(x->r, "record"), name)) {
		struct span type = attribute(attributes, n, reading_option(x->r, "type"));
		xml_record_begin(&x->record, line_of(x), (const char *)type.p, type.len);
		x->record_depth = x->depth;
		x->had_record = true;
	}
}

static void on_end(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
	struct xml *x = ctx;
	(void)name, (void)prefix, (void)uri;
	x->silent = 0;
	unsigned depth = x->depth--;
	if (x->failed)
		return;
	if (depth == x->value_depth) {
		x->value_depth = 0;
	} else if (depth == x->record_depth) {
		x->record_depth = 0;
		x->failed = xml_record_take(&x->record, x->r);
		if (x->failed)
			xmlStopParser(x->parser);
	}
}

static void on_text(void *ctx, const xmlChar *p, int n)
{
	struct xml *x = ctx;
	x->silent = 0;
	if (x->value_depth)
		xml_value_add(&x->record, (const char *)p, (size_t)n);
}

static void on_comment(void *ctx, const xmlChar *text)
{
	(void)text;
	((struct xml *)ctx)->silent = 0;
}

static void on_instruction(void *ctx, const xmlChar *target, const xmlChar *data)
{
	(void)target, (void)data;
	((struct xml *)ctx)->silent = 0;
}

static void on_doctype(void *ctx, const xmlChar *name, const xmlChar *id, const xmlChar *system_id)
{
	(void)name, (void)id, (void)system_id;
	refuse(
	    ctx,
	    "a document type (DOCTYPE) could define entities and have files read: a register needs none, leave it "
	    "out");
}

static void on_begin(void *ctx)
{
	static const char *const encodings[] = {"UTF-8", "UTF8",      "US-ASCII",
						"ASCII", "ISO-8859-", "windows-125"};
	struct xml *x = ctx;
	const char *given = (const char *)x->parser->encoding;
	bool known = !given;
	for (unsigned i = 0; i < sizeof(encodings) / sizeof(*encodings) && !known; i++)
		known = !strncasecmp(given, encodings[i], strlen(encodings[i]));
	if (!known)
		refuse(x, "an encoding that is not read: save it as UTF-8");
}

/* Silence: the parser remembers what it found, and its words may quote the list. */
static void on_error(void *ctx, xmlErrorPtr error)
{
	(void)ctx, (void)error;
}

static xmlSAXHandler handler = {
    .initialized = XML_SAX2_MAGIC,
    .startDocument = on_begin,
    .internalSubset = on_doctype,
    .externalSubset = on_doctype,
    .startElementNs = on_start,
    .endElementNs = on_end,
    .characters = on_text,
    .ignorableWhitespace = on_text,
    .cdataBlock = on_text,
    .comment = on_comment,
    .processingInstruction = on_instruction,
    .serror = on_error,
};

static void refuse_fault(struct xml *x)
{
	const xmlError *last = xmlCtxtGetLastError(x->parser);
	int code = last ? last->code : x->parser->errNo;
	const char *what = NULL;
	x->fault_line = last && last->line > 0 ? (uint32_t)last->line : 0;
	for (unsigned i = 0; i < sizeof(faults) / sizeof(*faults); i++)
		if (faults[i].code == code)
			what = faults[i].what;
	if (code == XML_ERR_DOCUMENT_END && !x->depth)
		what = "something stands behind the end of its first element";
	if (what)
		refuse(x, "not well-formed XML: %s", what);
	else
		refuse(x, "not well-formed XML (libxml2's error %d): nothing of the file is used", code);
}

static int feed(struct xml *x, const uint8_t *p, size_t n)
{
	xmlParseChunk(x->parser, (const char *)p, (int)n, !n);
	if (!x->failed && (!x->parser->wellFormed || x->parser->disableSAX))
		refuse_fault(x);
	x->silent += n;
	if (!x->failed && x->silent > XML_STEP_MAX)
		refuse(x, "an element, attribute or comment of over %d bytes: is it a register?",
		       XML_STEP_MAX);
	return x->failed;
}

static int read_all(struct xml *x)
{
	const uint8_t *p;
	ssize_t n;
	bool begun = false;
	do {
		n = input_piece(x->r->in, PIECE_BYTES, &p, x->r->e);
		if (n < 0)
			return (int)n;
		size_t blank = 0;
		while (!begun && blank < (size_t)n && memchr(" \t\r\n", p[blank], 4))
			blank++;
		if (!begun && blank < (size_t)n && p[blank] != '<')
			return reading_fail(x->r, 1, -EBADMSG, "no '<' stands at the beginning: is it XML?");
		begun = begun || blank < (size_t)n;
		if (!n && !begun)
			return 0; /* empty */
		int err = feed(x, p, (size_t)n);
		if (err)
			return err;
	} while (n);
	if (!x->had_record)
		return err_set(
		    x->r->e, -ENODATA,
		    "%s: there is no element %s: is it a register, and does the option record name its records?",
		    x->r->name, reading_option(x->r, "record"));
	return 0;
}

static int read_xml(struct reading *r)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, xmlInitParser);
	struct xml *x = calloc(1, sizeof(*x));
	if (x)
		x->parser = xmlCreatePushParserCtxt(&handler, x, NULL, 0, NULL);
	if (!x || !x->parser) {
		free(x);
		return err_set(r->e, -ENOMEM, "%s: no memory to read it", r->name);
	}
	x->r = r;
	xmlCtxtUseOptions(x->parser, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	int err = read_all(x);
	xmlFreeDoc(x->parser->myDoc);
	xmlFreeParserCtxt(x->parser);
	explicit_bzero(x, sizeof(*x));
	free(x);
	return err;
}

static const char *check_names(const char *value)
{
	bool good = *value && strlen(value) <= 200 && !strpbrk(value, " \t<>&\"'/=");
	return good ? NULL : "a name of XML, or several with a ',' between them";
}

static const struct reader_option options[] = {
    {"record", "NAME", "content", "the element that is a record", check_names},
    {"url", "NAME", "url", "elements in it that hold a URL", check_names},
    {"domain", "NAME", "domain", "elements in it that hold a domain", check_names},
    {"ip", "NAME", "ip,ipSubnet,ipv6,ipv6Subnet", "elements in it that hold an address or a network",
     check_names},
    {"type", "NAME", "blockType",
     "attribute of a record that says what of it is ordered: default, url, domain, domain-mask, ip",
     check_names},
    {"time", "NAME", "updateTime", "attribute of the first element: when it was made", check_names},
    {"serial", "NAME", "serial", "attribute of the first element: its number", check_names},
    READER_URL_OPTIONS,
    {0},
};

const struct reader reader_xml = {
    .format =
	{.name = "xml",
	 .help = "a register's dump in XML: records with URLs, domains and addresses",
	 .options =
	     "record=NAME url=NAME domain=NAME ip=NAME type=NAME time=NAME serial=NAME " READER_URL_WORDS},
    .options = options,
    .read = read_xml,
};

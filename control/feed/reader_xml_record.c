/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "control/feed/reader_xml.h"

#define BIT(kind) (1u << (kind))

/* What a record's type orders; 0: the narrowest that there is. */
static const struct {
	const char *type;
	unsigned kinds;
} types[] = {
    {"", 0},
    {"default", 0},
    {"url", BIT(XML_URL)},
    {"domain", BIT(XML_DOMAIN)},
    {"domain-mask", BIT(XML_DOMAIN)},
    {"ip", BIT(XML_IP)},
};

static const enum reader_take takes[XML_KINDS_N] = {TAKE_URL, TAKE_DOMAIN, TAKE_IP};

void xml_record_begin(struct xml_record *x, uint32_t line, const char *type, size_t type_len)
{
	x->line = line;
	x->bad = type_len < XML_TYPE_BYTES
		     ? NULL
		     : "the record's type is none of default, url, domain, domain-mask, ip";
	x->n_values = 0;
	x->n = 0;
	x->type[0] = 0;
	if (x->bad || !type_len)
		return;
	memcpy(x->type, type, type_len);
	x->type[type_len] = 0;
}

static bool is_full(struct xml_record *x, size_t more)
{
	if (x->n + more > XML_RECORD_MAX || x->n_values == XML_VALUES_MAX)
		x->bad = "the record holds more than 65535 values or 1 MiB: nothing of it is kept";
	return x->bad;
}

void xml_value_begin(struct xml_record *x, uint32_t line, enum xml_kind kind)
{
	if (!is_full(x, 0))
		x->values[x->n_values++] =
		    (struct xml_value){.line = line, .at = (uint32_t)x->n, .kind = (uint8_t)kind};
}

void xml_value_add(struct xml_record *x, const char *p, size_t n)
{
	if (!x->n_values || is_full(x, n))
		return;
	memcpy(x->text + x->n, p, n);
	x->n += n;
	x->values[x->n_values - 1].len += (uint32_t)n;
}

void xml_value_is_bad(struct xml_record *x, const char *why)
{
	if (x->n_values)
		x->values[x->n_values - 1].bad = why;
}

/* Line breaks around a text are its element's layout. */
static struct span value_text(const struct xml_record *x, const struct xml_value *v)
{
	struct span s = {(const uint8_t *)x->text + v->at, v->len};
	while (s.len && memchr(" \t\r\n", s.p[s.len - 1], 4))
		s.len--;
	for (; s.len && memchr(" \t\r\n", *s.p, 4); s.len--)
		s.p++;
	return s;
}

static unsigned narrowest(unsigned held)
{
	for (unsigned kind = 0; kind < XML_KINDS_N; kind++)
		if (held & BIT(kind))
			return BIT(kind);
	return 0;
}

static const char *choose(const struct xml_record *x, unsigned *ret_kinds)
{
	unsigned held = 0, i = 0;
	for (unsigned v = 0; v < x->n_values; v++)
		held |= x->values[v].len ? BIT(x->values[v].kind) : 0;
	while (i < sizeof(types) / sizeof(*types) && strcmp(types[i].type, x->type))
		i++;
	if (i == sizeof(types) / sizeof(*types))
		return "the record's type is none of default, url, domain, domain-mask, ip";
	*ret_kinds = types[i].kinds ? types[i].kinds : narrowest(held);
	if (!held)
		return "the record holds no URL, no domain and no address";
	return held & *ret_kinds ? NULL : "the record holds nothing of what its type orders";
}

int xml_record_take(const struct xml_record *x, struct reading *r)
{
	unsigned kinds = 0;
	const char *why = x->bad ? x->bad : choose(x, &kinds);
	if (why)
		return reading_reject(r, x->line, why,
				      (struct span){(const uint8_t *)x->type, strlen(x->type)});
	int err = 0;
	for (unsigned i = 0; !err && i < x->n_values; i++) {
		const struct xml_value *v = x->values + i;
		struct span text = value_text(x, v);
		if (!(kinds & BIT(v->kind)) || (!text.len && !v->bad))
			continue;
		err = v->bad ? reading_reject(r, v->line, v->bad, text)
			     : reading_take(r, takes[v->kind], v->line, text);
	}
	return err;
}

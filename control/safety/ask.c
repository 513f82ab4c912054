/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/safety/ask.h"

#include <string.h>

/* What no list says of anybody, in front of and behind what one does say. */
#define NOBODY "zq7"

/* "before" + text + "after"; nothing where there is no room, which no list's entry comes to. */
static struct span around(struct asker *a, const char *before, struct span text, const char *after)
{
	size_t n = strlen(before) + text.len + strlen(after);
	if (n > sizeof(a->made) - a->used)
		return (struct span){NULL, 0};
	char *p = a->made + a->used, *end = stpcpy(p, before);
	memcpy(end, text.p, text.len);
	memcpy(end + text.len, after, strlen(after));
	a->used += n;
	return (struct span){(const uint8_t *)p, n};
}

/* The requests that are being made. */
struct asks {
	struct asker *a;
	struct ask *v;
	unsigned n;
};

static void put(struct asks *s, enum ask_what what, struct span text)
{
	if (text.len)
		s->v[s->n++] = (struct ask){.what = what, .text = text};
}

static void put_around(struct asks *s, enum ask_what what, const char *before, struct span text,
		       const char *after)
{
	put(s, what, around(s->a, before, text, after));
}

static void put_address(struct asks *s, const uint8_t addr[16])
{
	struct ask *one = &s->v[s->n++];
	*one = (struct ask){.what = ASK_ADDRESS};
	memcpy(one->addr, addr, sizeof(one->addr));
}

static void last_of(const struct list_entry *e, uint8_t ret[16])
{
	memcpy(ret, e->addr, 16);
	for (unsigned i = e->prefix_len; i < 128; i++)
		ret[i / 8] |= (uint8_t)(0x80 >> i % 8);
}

static void entry_subdomains(struct asks *s, const struct list_entry *e)
{
	bool fits = e->text.len + sizeof(NOBODY ".") - 1 <= NAME_MAX_BYTES;
	put_around(s, ASK_NAME, fits ? NOBODY "." : "z.", e->text, "");
}

static void entry_name(struct asks *s, const struct list_entry *e)
{
	put(s, ASK_NAME, e->text);
}

static void entry_url(struct asks *s, const struct list_entry *e)
{
	put(s, ASK_URL, e->text);
}

/* A prefix's own text may not be canonical ("/a?" or "/a/."); one byte more is. */
static void entry_url_prefix(struct asks *s, const struct list_entry *e)
{
	put_around(s, ASK_URL, "", e->text, "z");
}

static bool witnessed(struct asks *s, const struct list_entry *e, struct span *ret)
{
	struct witness *w = &s->a->witness;
	if (!witness_of(e, w))
		return false;
	*ret = (struct span){(const uint8_t *)w->text, w->len};
	return true;
}

static void entry_glob(struct asks *s, const struct list_entry *e)
{
	struct span text;
	if (witnessed(s, e, &text))
		put(s, e->kind == RULE_NAME_GLOB ? ASK_NAME : ASK_URL, text);
}

static void entry_regex(struct asks *s, const struct list_entry *e)
{
	static const char *const before[] = {"", NOBODY, NOBODY ".example/", NOBODY ".example/?"};
	_Static_assert(sizeof(before) / sizeof(*before) <= ASKS_MAX, "each is asked");
	struct span text;
	if (witnessed(s, e, &text))
		for (unsigned i = 0; i < sizeof(before) / sizeof(*before); i++)
			put_around(s, ASK_URL, before[i], text, "");
}

static void entry_prefix(struct asks *s, const struct list_entry *e)
{
	uint8_t last[16];
	last_of(e, last);
	put_address(s, e->addr);
	if (memcmp(last, e->addr, sizeof(last)) != 0)
		put_address(s, last);
}

static void beside_name(struct asks *s, const struct list_entry *e)
{
	const uint8_t *dot = memchr(e->text.p, '.', e->text.len);
	put_around(s, ASK_NAME, NOBODY, e->text, ""); /* another name that ends alike */
	if (dot)
		put(s, ASK_NAME, (struct span){dot + 1, e->text.len - (size_t)(dot + 1 - e->text.p)});
	if (e->kind == RULE_HOST)
		put_around(s, ASK_NAME, NOBODY ".", e->text, "");
	if (e->kind == RULE_SUBDOMAINS)
		put(s, ASK_NAME, e->text);
}

static void beside_url(struct asks *s, const struct list_entry *e)
{
	struct span host = {e->text.p, e->host_len};
	bool has_query = memchr(e->text.p, '?', e->text.len);
	if (memchr(host.p, ':', host.len))
		return;
	put(s, ASK_NAME, host);
	if (e->kind == RULE_URL) {
		put_around(s, ASK_URL, "", e->text, NOBODY);
		put_around(s, ASK_URL, "", e->text, has_query ? "&" NOBODY : "?" NOBODY);
	}
	if (e->text.len > e->host_len + 1u)
		put_around(s, ASK_URL, "", host, "/");
}

static void step_address(uint8_t addr[16], int by)
{
	for (int i = 15; i >= 0; i--) {
		addr[i] = (uint8_t)(addr[i] + by);
		if (addr[i] != (by > 0 ? 0 : 0xff))
			return;
	}
}

static void beside_prefix(struct asks *s, const struct list_entry *e)
{
	uint8_t before[16], after[16];
	memcpy(before, e->addr, 16);
	last_of(e, after);
	step_address(before, -1);
	step_address(after, 1);
	put_address(s, before);
	put_address(s, after);
}

typedef void make_fn(struct asks *s, const struct list_entry *e);
/* [kind]: what must match, what must not. A pattern's neighbours are beside.h's. */
static const struct {
	make_fn *entry, *beside;
	bool exact;
} makers[RULE_KINDS_N] = {
    [RULE_DOMAIN] = {entry_name, beside_name, false},
    [RULE_HOST] = {entry_name, beside_name, false},
    [RULE_SUBDOMAINS] = {entry_subdomains, beside_name, false},
    [RULE_URL] = {entry_url, beside_url, false},
    [RULE_URL_PREFIX] = {entry_url_prefix, beside_url, false},
    [RULE_URL_GLOB] = {entry_glob, NULL, true},
    [RULE_NAME_GLOB] = {entry_glob, NULL, true},
    [RULE_REGEX] = {entry_regex, NULL, false},
    [RULE_PREFIX] = {entry_prefix, beside_prefix, false},
};

bool ask_is_exact(enum rule_kind kind)
{
	return makers[kind].exact;
}

static unsigned make(struct asker *a, make_fn *how, const struct list_entry *e, struct ask ret[ASKS_MAX])
{
	struct asks s = {.a = a, .v = ret};
	a->used = 0;
	if (how)
		how(&s, e);
	return s.n;
}

unsigned ask_entry(struct asker *a, const struct list_entry *e, struct ask ret[ASKS_MAX], bool *ret_any)
{
	*ret_any = e->kind == RULE_REGEX;
	return make(a, makers[e->kind].entry, e, ret);
}

unsigned ask_beside(struct asker *a, const struct list_entry *e, struct ask ret[ASKS_MAX])
{
	return make(a, makers[e->kind].beside, e, ret);
}

void asker_wipe(struct asker *a)
{
	explicit_bzero(a, sizeof(*a));
}

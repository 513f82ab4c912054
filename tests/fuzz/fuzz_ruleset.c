/* SPDX-License-Identifier: BSD-3-Clause */
/* fuzz_ruleset: whatever an image holds, it is refused with a sentence, or no look-up in it leaves it.
 *
 * The first byte: bit 0 clear, the rest is the image, with a good head put on; bit 0 set, the rest are changes to a
 * compiled image, {32 bits of place, 8 bits of value} each, with bit 2 all in its head. A good digest is put on unless
 * bit 1 is set. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "rules/compile.h"
#include "rules/image.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static const char list[] =
    "#! authority: Example\n#! action_http: redirect\n#! redirect: http://page.test/\n"
    "name.test\n=name.test\n*.name.test\n!a.name.test\nhost.test/a\nhost.test/b*\nhost.test/bcd*\n!host.test/b\n"
    "n*m.host.test\n/abc[0-9]/\nhost.test/*/c\n192.0.2.0/24\n192.0.2.7\n!192.0.2.1\n2001:db8::/32\n!2001:db8:1::/48\n";

static const char *const names[] = {"name.test",       "a.name.test",	  "x.y.z.name.test",
				    "host.test",       "nxm.host.test",	  "test",
				    "192.0.2.7",       "192.0.2.1",	  "203.0.113.9",
				    "[2001:db8::1]",   "[2001:db8:1::1]", "[ffff::]",
				    "255.255.255.255", "0.0.0.0",	  "a.b.c.d.e.f.g.h.i.j.k.l.test"};
static const char *const urls[] = {"name.test/",     "host.test/a",	 "host.test/b",
				   "host.test/bcde", "host.test/x/c",	 "a.test/abc7",
				   "192.0.2.7/",     "host.test:8080/a", "host.test/bcdefghijklmnop?q"};

static void *base;
static size_t base_bytes;

static void compile_base(void)
{
	static const uint8_t key[16] = {1};
	struct compiler *c;
	struct err e;
	FILE *f = fmemopen((void *)(uintptr_t)list, sizeof(list) - 1, "rb");
	if (!f || compiler_new(key, &c, &e) || compiler_add_list(c, f, "fuzz", &e) ||
	    compiler_build(c, &base, &base_bytes, &e))
		abort();
	fclose(f);
	compiler_free(c);
}

static void check_ref(const struct ruleset *rs, const struct rule_ref *r)
{
	if (!r->is_set)
		return;
	assert(r->list < ruleset_lists(rs) && r->kind < RULE_KINDS_N);
	assert(ruleset_action(rs, r->list, META_action_http) < ACTION_N);
}

static void check_match(const struct ruleset *rs, bool block, const struct match *m)
{
	assert(block == m->block && block == (m->rule.is_set && !m->exception.is_set));
	check_ref(rs, &m->rule);
	check_ref(rs, &m->exception);
}

static void look_up(const struct ruleset *rs, struct ruleset_scratch *s)
{
	static struct url u;
	struct name n;
	struct match m;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (name_canonical((const uint8_t *)names[i], strlen(names[i]), &n))
			abort();
		check_match(rs, ruleset_match_name(rs, s, &n, &m), &m);
		if (n.kind != NAME_DNS)
			check_match(rs, ruleset_match_addr(rs, n.addr, &m), &m);
	}
	for (size_t i = 0; i < sizeof(urls) / sizeof(*urls); i++) {
		if (url_from_text((const uint8_t *)urls[i], strlen(urls[i]), &u))
			abort();
		check_match(rs, ruleset_match_url(rs, s, &u, &m), &m);
	}
	for (uint64_t a = 0; a <= UINT32_MAX; a += 0x00fedcba)
		check_match(rs, ruleset_match_addr4(rs, (uint32_t)a, &m), &m);
	for (unsigned i = 0; i < ruleset_lists(rs); i++)
		for (unsigned f = 0; f < META_COUNT; f++)
			assert(strlen(ruleset_meta(rs, i, (enum meta_field)f)) < ruleset_bytes(rs));
}

static void judge(const void *image, size_t bytes)
{
	struct ruleset *rs = NULL;
	struct ruleset_scratch *s = NULL;
	struct err e = {""};
	int rc = ruleset_over(image, bytes, &rs, &e);
	assert(rc ? rc < 0 && *e.text && !rs : rs != NULL);
	if (rc)
		return;
	assert(ruleset_bytes(rs) == bytes);
	if (!ruleset_scratch_new(rs, &s, &e)) {
		look_up(rs, s);
		ruleset_scratch_free(s);
	}
	ruleset_free(rs);
}

static void set_head(uint8_t *image, size_t bytes)
{
	struct image_head *h = (struct image_head *)image;
	if (bytes < sizeof(*h))
		return;
	memcpy(h->magic, IMAGE_MAGIC, sizeof(h->magic));
	h->version = IMAGE_VERSION;
	h->order = IMAGE_ORDER;
	h->bytes = bytes;
}

static void change(uint8_t *image, size_t bytes, const uint8_t *p, size_t len)
{
	for (; len >= 5; p += 5, len -= 5) {
		uint32_t at;
		memcpy(&at, p, sizeof(at));
		image[at % bytes] = p[4];
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	if (!base)
		compile_base();
	if (!len)
		return 0;
	uint8_t mode = *p++;
	size_t bytes = mode & 1 ? base_bytes : --len;
	uint8_t *whole = NULL;
	/* Ends at its last byte, so that one too far is seen. */
	if (posix_memalign((void **)&whole, IMAGE_ALIGN, bytes ? bytes : 1))
		return 0;
	memcpy(whole, mode & 1 ? base : p, bytes);
	if (mode & 1)
		change(whole, mode & 4 ? sizeof(struct image_head) : bytes, p, len - 1);
	else
		set_head(whole, bytes);
	if (!(mode & 2) && bytes >= sizeof(struct image_head))
		image_digest(whole, bytes, ((struct image_head *)whole)->digest);
	judge(whole, bytes);
	free(whole);
	return 0;
}

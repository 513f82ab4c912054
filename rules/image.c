/* SPDX-License-Identifier: BSD-3-Clause */
#include "rules/image.h"

#include <errno.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <string.h>
#if defined(__AVX2__)
#include <immintrin.h>
#endif

static const char *const names[IMAGE_SECTIONS] = {
#define X(name, size) #name,
    IMAGE_SECTIONS_X(X)
#undef X
};
static const uint64_t sizes[IMAGE_SECTIONS] = {
#define X(name, size) size,
    IMAGE_SECTIONS_X(X)
#undef X
};

/* The slot that holds f, or a negative number. */
static inline int slot_of(const struct image_bucket *b, struct fingerprint f)
{
#if defined(__AVX2__)
	const __m256i *pair = (const __m256i *)b->slot;
	const __m256i any = _mm256_set_epi64x(IMAGE_SPILL, 0, IMAGE_SPILL, 0);
	__m256i key = _mm256_set_epi64x((long long)f.b, (long long)f.a, (long long)f.b, (long long)f.a);
	__m256i want = _mm256_or_si256(key, any);
	__m256i low = _mm256_cmpeq_epi64(_mm256_or_si256(_mm256_load_si256(pair), any), want);
	__m256i high = _mm256_cmpeq_epi64(_mm256_or_si256(_mm256_load_si256(pair + 1), any), want);
	unsigned halves = (unsigned)_mm256_movemask_pd(_mm256_castsi256_pd(low)) |
			  (unsigned)_mm256_movemask_pd(_mm256_castsi256_pd(high)) << 4;
	unsigned both = halves & halves >> 1 & 0x55;
	return both ? __builtin_ctz(both) / 2 : -1;
#else
	for (int i = 0; i < IMAGE_SLOTS; i++)
		if (image_holds(b->slot[i], f))
			return i;
	return -1;
#endif
}

uint64_t image_find(const struct image_bucket *keys, const uint64_t *values, uint64_t buckets,
		    struct fingerprint f)
{
	uint64_t b = image_bucket_of(f, buckets);
	if (!buckets)
		return 0;
	for (unsigned probes = 0; probes < IMAGE_MAX_PROBES; probes++) {
		int slot = slot_of(&keys[b], f);
		if (slot >= 0)
			return values[b * IMAGE_SLOTS + (unsigned)slot];
		if (!(keys[b].slot[0].b & IMAGE_SPILL))
			return 0;
		if (++b == buckets)
			b = 0;
	}
	return 0;
}

void image_digest(const void *image, size_t bytes, uint8_t ret[32])
{
	static const uint8_t zero[32];
	const uint8_t *p = image;
	size_t at = offsetof(struct image_head, digest), after = at + sizeof(zero);
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	memset(ret, 0, 32);
	if (c && EVP_DigestInit_ex(c, EVP_sha256(), NULL) && EVP_DigestUpdate(c, p, at) &&
	    EVP_DigestUpdate(c, zero, sizeof(zero)) && EVP_DigestUpdate(c, p + after, bytes - after))
		EVP_DigestFinal_ex(c, ret, NULL);
	EVP_MD_CTX_free(c);
}

static int check_head(const struct image_head *h, size_t bytes, struct err *e)
{
	if (bytes < sizeof(*h) || memcmp(h->magic, IMAGE_MAGIC, sizeof(h->magic)))
		return err_set(e, -EINVAL, "is not a ruleset");
	if (h->version != IMAGE_VERSION)
		return err_set(e, -EINVAL,
			       "is a ruleset of format version %" PRIu32
			       ", this program reads %u: compile it again",
			       h->version, IMAGE_VERSION);
	if (h->order != IMAGE_ORDER)
		return err_set(e, -EINVAL, "was made on a machine of another byte order: compile it again");
	if (h->bytes != bytes)
		return err_set(e, -EINVAL, "is %s: has %zu bytes, says %" PRIu64 ": copy or compile it again",
			       bytes < h->bytes ? "truncated" : "too long", bytes, h->bytes);
	return 0;
}

static int bad(struct err *e, enum image_section s, const char *what)
{
	return err_set(e, -EINVAL, "section %s: %s: compile it again", names[s], what);
}

static int check_bounds(const struct image_head *h, struct err *e)
{
	for (unsigned i = 0; i < IMAGE_SECTIONS; i++) {
		uint64_t off = h->section[i].off, count = h->section[i].count;
		if (off % IMAGE_ALIGN || off < sizeof(*h) || off > h->bytes ||
		    count > (h->bytes - off) / sizes[i])
			return bad(e, (enum image_section)i, "lies outside the file");
	}
	return 0;
}

static bool role_ok(const struct image_head *h, const struct image_role *r)
{
	return r->list < h->section[IMAGE_LISTS].count && r->kind < RULE_KINDS_N && r->exception <= 1;
}

static bool roles_ok(const struct image_head *h, enum image_section s, bool chains)
{
	const struct image_role *r = image_at(h, s);
	uint64_t n = h->section[s].count;
	if (n > UINT32_MAX)
		return false;
	for (uint64_t i = chains; i < n; i++) /* 0 of ROLES is never used */
		if (!role_ok(h, &r[i]) || (r[i].next && (!chains || r[i].next <= i || r[i].next >= n)))
			return false;
	return true;
}

static bool value_ok(const struct image_head *h, uint64_t v)
{
	struct image_role r = {
	    .list = (uint16_t)(v >> 32), .kind = (uint8_t)(v >> 49 & 0xf), .exception = v >> 48 & 1};
	if (v & IMAGE_SINGLE)
		return role_ok(h, &r);
	return !v || v < h->section[IMAGE_ROLES].count;
}

static bool host_value_ok(const struct image_head *h, uint64_t v)
{
	uint64_t count = v >> 32 & 0xffff, index = (uint32_t)v, n = h->section[IMAGE_PREFIX_LENS].count;
	const uint16_t *lens = image_at(h, IMAGE_PREFIX_LENS);
	if (!v)
		return true;
	if (count > IMAGE_MAX_LENS || index > n || count > n - index)
		return false;
	for (uint64_t i = 0; i < count; i++)
		if (lens[index + i] > URL_MAX_BYTES || (i && lens[index + i] <= lens[index + i - 1]))
			return false;
	return true;
}

static bool table_ok(const struct image_head *h, enum image_section keys, bool hosts)
{
	const uint64_t *v = image_at(h, keys + 1);
	uint64_t buckets = h->section[keys].count, n = h->section[keys + 1].count;
	if (n != buckets * IMAGE_SLOTS)
		return false;
	for (uint64_t i = 0; i < n; i++)
		if (!(hosts ? host_value_ok(h, v[i]) : value_ok(h, v[i])))
			return false;
	return true;
}

static bool ranges4_ok(const struct image_head *h, enum image_section s)
{
	const struct image_range4 *r = image_at(h, s);
	uint64_t n = h->section[s].count, roles = h->section[IMAGE_ROLES].count;
	for (uint64_t i = 0; i < n; i++)
		if (r[i].from > r[i].to || (i && r[i].from <= r[i - 1].to) || !r[i].role ||
		    r[i].role >= roles)
			return false;
	return true;
}

static int less6(const uint64_t a[2], const uint64_t b[2])
{
	return a[0] != b[0] ? a[0] < b[0] : a[1] < b[1];
}

static bool ranges6_ok(const struct image_head *h, enum image_section s)
{
	const struct image_range6 *r = image_at(h, s);
	uint64_t n = h->section[s].count, roles = h->section[IMAGE_ROLES].count;
	for (uint64_t i = 0; i < n; i++)
		if (less6(r[i].to, r[i].from) || (i && !less6(r[i - 1].to, r[i].from)) || !r[i].role ||
		    r[i].role >= roles)
			return false;
	return true;
}

/* Values stand in pages, header fields and answers: what a list could not say, an image cannot either. */
static bool meta_ok(enum meta_field f, const char *value, uint8_t action)
{
	const char *why;
	int said = meta_action(f, value);
	return action == (said < 0 ? ACTION_COUNT : said) && (!*value || !meta_check(f, value, &why));
}

static bool lists_ok(const struct image_head *h)
{
	const struct image_list *l = image_at(h, IMAGE_LISTS);
	const char *strings = image_at(h, IMAGE_STRINGS);
	uint64_t n = h->section[IMAGE_LISTS].count, bytes = h->section[IMAGE_STRINGS].count;
	if (n > RULESET_MAX_LISTS || (n && (!bytes || strings[bytes - 1])))
		return false;
	for (uint64_t i = 0; i < n; i++)
		for (unsigned f = 0; f < META_COUNT; f++)
			if (l[i].meta[f] >= bytes ||
			    !meta_ok((enum meta_field)f, strings + l[i].meta[f], l[i].action[f]))
				return false;
	return true;
}

static bool bits_ok(const struct image_head *h, enum image_section s)
{
	uint64_t n = h->section[s].count;
	return n == IMAGE_BITS_BYTES || (!n && !h->section[s + 1].count && !h->section[s + 2].count);
}

static int check_content(const struct image_head *h, struct err *e)
{
	const struct {
		enum image_section section;
		bool ok;
	} checks[] = {
	    {IMAGE_LISTS, lists_ok(h)},
	    {IMAGE_ROLES, roles_ok(h, IMAGE_ROLES, true)},
	    {IMAGE_URL_PATTERN_ROLES, roles_ok(h, IMAGE_URL_PATTERN_ROLES, false)},
	    {IMAGE_NAME_PATTERN_ROLES, roles_ok(h, IMAGE_NAME_PATTERN_ROLES, false)},
	    {IMAGE_NAME_VALUES, table_ok(h, IMAGE_NAME_KEYS, false)},
	    {IMAGE_URL_VALUES, table_ok(h, IMAGE_URL_KEYS, false)},
	    {IMAGE_HOST_VALUES, table_ok(h, IMAGE_HOST_KEYS, true)},
	    {IMAGE_BITS4, bits_ok(h, IMAGE_BITS4)},
	    {IMAGE_BLOCKS4, ranges4_ok(h, IMAGE_BLOCKS4)},
	    {IMAGE_EXCEPTIONS4, ranges4_ok(h, IMAGE_EXCEPTIONS4)},
	    {IMAGE_BITS6, bits_ok(h, IMAGE_BITS6)},
	    {IMAGE_BLOCKS6, ranges6_ok(h, IMAGE_BLOCKS6)},
	    {IMAGE_EXCEPTIONS6, ranges6_ok(h, IMAGE_EXCEPTIONS6)},
	};
	for (unsigned i = 0; i < sizeof(checks) / sizeof(*checks); i++)
		if (!checks[i].ok)
			return bad(e, checks[i].section, "holds an impossible value");
	return 0;
}

int image_check(const void *image, size_t bytes, struct err *e)
{
	const struct image_head *h = image;
	uint8_t digest[32];
	if ((uintptr_t)image % IMAGE_ALIGN)
		return err_set(e, -EINVAL, "does not begin at a multiple of %d bytes in memory", IMAGE_ALIGN);
	int err = check_head(h, bytes, e);
	if (err)
		return err;
	image_digest(image, bytes, digest);
	if (memcmp(digest, h->digest, sizeof(digest)))
		return err_set(e, -EINVAL, "is damaged: its digest differs: copy or compile it again");
	err = check_bounds(h, e);
	return err ? err : check_content(h, e);
}

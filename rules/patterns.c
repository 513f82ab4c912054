/* SPDX-License-Identifier: BSD-3-Clause */
#include "rules/patterns.h"

#include <errno.h>
#include <stdlib.h>

#include "rules/patterns_cache.h"

#define FLAGS (HS_FLAG_DOTALL | HS_FLAG_SINGLEMATCH)

/* What can be told of one expression alone, which is nearly everything. */
static void check_each(struct pattern_source *src, unsigned n, pattern_refused_fn *refused, void *ctx)
{
	for (unsigned i = 0; i < n; i++) {
		hs_expr_info_t *info = NULL;
		hs_compile_error_t *why = NULL;
		if (hs_expression_info(src[i].expression, FLAGS, &info, &why) != HS_SUCCESS) {
			src[i].dropped = true;
			refused(ctx, i, why ? why->message : "not a regular expression");
			hs_free_compile_error(why);
		} else if (info->min_width == 0) {
			src[i].dropped = true;
			refused(
			    ctx, i,
			    "it matches nothing at all, and so every URL: anchor it with ^ and name something");
		}
		free(info);
	}
}

/* Any CPU with AVX2 can load what one of them compiled, also one without AVX-512. */
static hs_platform_info_t any_avx2(void)
{
	hs_platform_info_t p = {0};
	if (hs_populate_platform(&p) == HS_SUCCESS) {
		p.tune = HS_TUNE_FAMILY_GENERIC;
		p.cpu_features &= HS_CPU_FEATURES_AVX2;
	}
	return p;
}

int patterns_compile(struct pattern_source *src, unsigned n, const struct patterns_cache *cache, char **ret,
		     size_t *ret_bytes, bool *ret_cached, pattern_refused_fn *refused, void *ctx,
		     struct err *e)
{
	int err = 0;
	uint8_t name[PATTERNS_CACHE_NAME];
	const hs_platform_info_t target = any_avx2();
	const char **expressions = calloc(n + 1u, sizeof(*expressions));
	unsigned *flags = calloc(n + 1u, sizeof(*flags)), *ids = calloc(n + 1u, sizeof(*ids));
	*ret = NULL;
	*ret_bytes = 0;
	*ret_cached = false;
	if (!expressions || !flags || !ids) {
		err = err_set(e, -ENOMEM, "no memory for %u patterns", n);
		goto out;
	}
	check_each(src, n, refused, ctx);
	for (;;) {
		unsigned left = 0;
		for (unsigned i = 0; i < n; i++) {
			if (src[i].dropped)
				continue;
			expressions[left] = src[i].expression;
			flags[left] = FLAGS;
			ids[left++] = i;
		}
		if (!left)
			goto out;
		if (cache) {
			patterns_cache_name(cache, expressions, ids, left, FLAGS, &target, name);
			*ret_cached = patterns_cache_get(cache, name, ret, ret_bytes);
			if (*ret_cached)
				goto out;
		}
		hs_database_t *db = NULL;
		hs_compile_error_t *why = NULL;
		if (hs_compile_multi(expressions, flags, ids, left, HS_MODE_BLOCK, &target, &db, &why) ==
		    HS_SUCCESS) {
			if (hs_serialize_database(db, ret, ret_bytes) != HS_SUCCESS)
				err = err_set(e, -ENOMEM, "no memory to store %u patterns", left);
			hs_free_database(db);
			if (!err && cache)
				patterns_cache_put(cache, name, *ret, *ret_bytes);
			goto out;
		}
		int index = why ? why->expression : -1;
		if (index < 0 || (unsigned)index >= left) {
			err = err_set(e, -EINVAL, "the patterns cannot be compiled together: %s",
				      why ? why->message : "");
			hs_free_compile_error(why);
			goto out;
		}
		src[ids[index]].dropped = true;
		refused(ctx, ids[index], why->message);
		hs_free_compile_error(why);
	}
out:
	free(expressions);
	free(flags);
	free(ids);
	return err;
}

int patterns_load(const char *bytes, size_t len, hs_database_t **ret, struct err *e)
{
	*ret = NULL;
	if (!len)
		return 0;
	hs_error_t r = hs_deserialize_database(bytes, len, ret);
	if (r == HS_SUCCESS)
		return 0;
	*ret = NULL;
	if (r == HS_DB_PLATFORM_ERROR)
		return err_set(e, -EINVAL,
			       "its patterns were compiled for another kind of CPU: compile it on this one");
	if (r == HS_DB_VERSION_ERROR)
		return err_set(
		    e, -EINVAL,
		    "its patterns were compiled by another version of Hyperscan: compile it again");
	return err_set(e, r == HS_NOMEM ? -ENOMEM : -EINVAL,
		       "its patterns cannot be read (Hyperscan error %d): compile it again", r);
}

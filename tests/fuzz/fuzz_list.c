/* SPDX-License-Identifier: BSD-3-Clause */
/* fuzz_list: every entry is canonical, every refusal has its sentence, the totals add up, and an entry
 * written out again is the same entry. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "rules/glob.h"
#include "rules/list.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

/* Around the text, what makes an entry of it again. */
static const char *const before[RULE_KINDS_N] = {
    [RULE_HOST] = "=",	    [RULE_SUBDOMAINS] = "*.",	   [RULE_REGEX] = "/",
    [RULE_URL] = "http://", [RULE_URL_PREFIX] = "http://", [RULE_URL_GLOB] = "http://"};
static const char *const after[RULE_KINDS_N] = {[RULE_URL_PREFIX] = "*", [RULE_REGEX] = "/"};

static void check_same_again(const struct list_entry *e)
{
	static char line[URL_MAX_BYTES + 16];
	static struct url u;
	struct list_entry again;
	const char *why = "";
	size_t n = 0;
	if (e->exception)
		line[n++] = '!';
	n = (size_t)(stpcpy(line + n, before[e->kind] ? before[e->kind] : "") - line);
	memcpy(line + n, e->text.p, e->text.len);
	n += e->text.len;
	n = (size_t)(stpcpy(line + n, after[e->kind] ? after[e->kind] : "") - line);
	int rc = list_parse_line((const uint8_t *)line, n, &u, &again, &why);
	/* A decoded "&amp;lt;" or a bare "&#" may not come back. */
	if (rc != 1 && memchr(e->text.p, '&', e->text.len))
		return;
	assert(rc == 1 && again.kind == e->kind && again.exception == e->exception);
	assert(again.text.len == e->text.len && !memcmp(again.text.p, e->text.p, e->text.len));
	assert(again.host_len == e->host_len && again.prefix_len == e->prefix_len);
	assert(!memcmp(again.addr, e->addr, 16));
}

static int on_entry(void *ctx, const struct list_entry *e)
{
	static char text[GLOB_EXPRESSION_MAX(URL_MAX_BYTES)];
	uint64_t *entries = ctx;
	++*entries;
	assert(e->kind < RULE_KINDS_N && e->text.len && e->line);
	for (size_t i = 0; i < e->text.len; i++)
		assert(e->text.p[i] > ' ' && e->text.p[i] <= '~');
	if (e->kind == RULE_URL || e->kind == RULE_URL_PREFIX || e->kind == RULE_URL_GLOB)
		assert(e->text.p[e->host_len] == '/');
	if (e->kind == RULE_URL_GLOB || e->kind == RULE_NAME_GLOB)
		assert(glob_expression(e, text, sizeof(text)));
	check_same_again(e);
	return 0;
}

static int on_meta(void *ctx, enum meta_field f, const char *value)
{
	const char *why;
	(void)ctx;
	assert(f < META_COUNT && !meta_check(f, value, &why));
	return 0;
}

static int on_rejected(void *ctx, uint32_t line, const char *why, struct span text)
{
	(void)ctx;
	assert(line && why && *why && text.len <= LIST_LINE_MAX);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	uint64_t entries = 0;
	const struct list_events ev = {&entries, on_entry, on_meta, on_rejected};
	struct list_totals t;
	struct err e;
	FILE *f = len ? fmemopen((void *)(uintptr_t)p, len, "rb") : NULL;
	if (!f)
		return 0;
	int rc = list_read(f, "fuzz", &ev, &t, &e);
	fclose(f);
	assert(t.entries == entries && t.entries + t.rejected <= t.lines && (rc == 0) == (entries > 0));
	return 0;
}

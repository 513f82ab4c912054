/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/ruleset_fixture.h"

#include <stdlib.h>
#include <string.h>

const uint8_t fixture_key[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

int fixture_add(struct compiler *c, const char *text, size_t len, const char *file, struct err *e)
{
	FILE *f = tmpfile();
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	CU_ASSERT_EQUAL_FATAL(fwrite(text, 1, len, f), len);
	rewind(f);
	int rc = compiler_add_list(c, f, file, e);
	fclose(f);
	return rc;
}

static void check(const struct fixture *f, int rc)
{
	if (rc)
		printf("# %s\n", f->e.text);
	CU_ASSERT_EQUAL_FATAL(rc, 0);
}

void fixture_open(struct fixture *f, const char *const *lists, unsigned n)
{
	static const char *const files[FIXTURE_LISTS] = {"some/a.txt", "b.txt", "c", "./d.txt"};
	memset(f, 0, sizeof(*f));
	check(f, compiler_new(fixture_key, &f->c, &f->e));
	for (unsigned i = 0; i < n; i++)
		check(f, fixture_add(f->c, lists[i], strlen(lists[i]), files[i], &f->e));
	check(f, compiler_build(f->c, &f->image, &f->bytes, &f->e));
	check(f, ruleset_over(f->image, f->bytes, &f->rs, &f->e));
	check(f, ruleset_scratch_new(f->rs, &f->s, &f->e));
}

void fixture_open_one(struct fixture *f, const char *list)
{
	fixture_open(f, &list, 1);
}

void fixture_close(struct fixture *f)
{
	ruleset_scratch_free(f->s);
	ruleset_free(f->rs);
	compiler_image_free(f->image, f->bytes);
	compiler_free(f->c);
}

static bool ask_addr(const struct fixture *f, const struct name *n, struct match *m)
{
	bool block = ruleset_match_addr(f->rs, n->addr, m);
	if (n->kind != NAME_IPV4)
		return block;
	struct match m4;
	CU_ASSERT_EQUAL(ruleset_match_addr4(f->rs, be32(n->addr + 12), &m4), block);
	CU_ASSERT(m4.rule.id == m->rule.id && m4.exception.id == m->exception.id);
	return block;
}

static bool ask(const struct fixture *f, const char *question, struct match *m)
{
	static struct url u;
	struct name n;
	size_t word = strcspn(question, ":") + 1;
	const uint8_t *p = (const uint8_t *)question + word;
	size_t len = strlen(question) - word;
	memset(m, 0xaa, sizeof(*m)); /* ret is always set */
	if (*question == 'u') {
		CU_ASSERT_EQUAL_FATAL(url_from_text(p, len, &u), NAME_OK);
		return ruleset_match_url(f->rs, f->s, &u, m);
	}
	CU_ASSERT_EQUAL_FATAL(name_canonical(p, len, &n), NAME_OK);
	return *question == 'n' ? ruleset_match_name(f->rs, f->s, &n, m) : ask_addr(f, &n, m);
}

const char *fixture_ask(const struct fixture *f, const char *question)
{
	static char text[128];
	struct match m;
	bool block = ask(f, question, &m);
	CU_ASSERT(block == m.block && block == (m.rule.is_set && !m.exception.is_set));
	const struct rule_ref *r = block ? &m.rule : &m.exception;
	if (!m.rule.is_set)
		return "-";
	CU_ASSERT(r->id != 0);
	snprintf(text, sizeof(text), "%s %s %s:%u", block ? "block" : "except", rule_kind_names[r->kind],
		 ruleset_meta(f->rs, r->list, META_name), r->line);
	return text;
}

unsigned fixture_ask_all(const struct fixture *f, const struct ask_row *rows, unsigned n)
{
	unsigned failed = 0;
	for (unsigned i = 0; i < n; i++) {
		const char *got = fixture_ask(f, rows[i].question);
		if (!strcmp(got, rows[i].want))
			continue;
		printf("# %s: %s, not %s\n", rows[i].question, got, rows[i].want);
		failed++;
	}
	return failed;
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/safety_fixture.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rules/list_write.h"

static const char guard_text[] = "# what is guarded in tests\n"
				 "operator.test operator its own name\n"
				 "192.0.2.0/28  operator\tits name servers\n"
				 "help.test emergency a helpline\n"
				 "10.0.0.0/8 reserved private (RFC 1918)\n"
				 "\n"
				 "blog.test platform everybody's blogs\n"
				 "www.video.test platform videos\r\n"
				 "files.cloud.test platform files\n"
				 "ocsp.test infrastructure certificates\n"
				 "198.51.100.0/24 network a content network\n";

void safety_open(struct safety_fixture *f)
{
	char path[96];
	memset(f, 0, sizeof(*f));
	strcpy(f->folder, "/tmp/safety-XXXXXX");
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(f->folder));
	snprintf(path, sizeof(path), "%s/key", f->folder);
	CU_ASSERT_EQUAL_FATAL(seal_key_make(path, &f->e), 0);
	CU_ASSERT_EQUAL_FATAL(seal_key_load(path, &f->key, &f->e), 0);
	snprintf(path, sizeof(path), "%s/guard.txt", f->folder);
	FILE *out = fopen(path, "w");
	CU_ASSERT_PTR_NOT_NULL_FATAL(out);
	fputs(guard_text, out);
	fclose(out);
	const char *file = path;
	struct guard_sources sources = {.files = &file, .n_files = 1};
	int err = guard_load(&sources, &f->guard, &f->e);
	if (err)
		printf("# %s\n", f->e.text);
	CU_ASSERT_EQUAL_FATAL(err, 0);
}

static void drop_ruleset(struct safety_fixture *f)
{
	ruleset_free(f->rs);
	compiler_image_free(f->image, f->bytes);
	compiler_free(f->c);
	f->rs = NULL;
	f->image = NULL;
	f->c = NULL;
}

void safety_close(struct safety_fixture *f)
{
	char path[96];
	drop_ruleset(f);
	guard_free(f->guard);
	for (unsigned i = 0; i < f->n; i++)
		unlink(f->path[i]);
	snprintf(path, sizeof(path), "%s/key", f->folder);
	unlink(path);
	snprintf(path, sizeof(path), "%s/guard.txt", f->folder);
	unlink(path);
	rmdir(f->folder);
}

struct line {
	char *text;
	unsigned number;
};

static int by_text(const void *x, const void *y)
{
	const struct line *a = x, *b = y;
	int d = strcmp(a->text, b->text);
	return d ? d : (int)a->number - (int)b->number;
}

/* Calls each(ctx, entry) for the entries of a plain list. */
static void read_list(const char *list, void (*each)(void *ctx, const struct list_entry *e), void *ctx)
{
	static struct url scratch;
	unsigned number = 1;
	for (const char *p = list; *p; number++) {
		size_t n = strcspn(p, "\n");
		struct list_entry e;
		const char *why;
		int got = list_parse_line((const uint8_t *)p, n, &scratch, &e, &why);
		if (got < 0)
			printf("# line %u: %s\n", number, why);
		CU_ASSERT_FATAL(got >= 0);
		e.line = number;
		if (got)
			each(ctx, &e);
		p += n + (p[n] == '\n');
	}
}

struct lines {
	struct line *at;
	size_t n, cap;
};

static void keep_line(void *ctx, const struct list_entry *e)
{
	struct lines *l = ctx;
	char text[LIST_ENTRY_MAX];
	size_t n = list_entry_write(e, text, sizeof(text));
	CU_ASSERT_FATAL(n < sizeof(text));
	if (l->n == l->cap) {
		l->cap = l->cap ? l->cap * 2 : 64;
		l->at = realloc(l->at, l->cap * sizeof(*l->at));
		CU_ASSERT_PTR_NOT_NULL_FATAL(l->at);
	}
	l->at[l->n++] = (struct line){strdup(text), e->line};
}

const char *safety_write(struct safety_fixture *f, const char *list)
{
	struct lines lines = {0};
	struct seal_writer *w;
	char row[LIST_ENTRY_MAX + 16];
	char made[sizeof(f->path[0])], *path = f->path[f->n];
	CU_ASSERT_FATAL(f->n < FIXTURE_FILES);
	snprintf(made, sizeof(made), "%s/%u.entries", f->folder, f->n++);
	strcpy(path, made);
	read_list(list, keep_line, &lines);
	if (lines.n)
		qsort(lines.at, lines.n, sizeof(*lines.at), by_text);
	CU_ASSERT_EQUAL_FATAL(seal_create(path, &f->key, &w, &f->e), 0);
	for (size_t i = 0; i < lines.n; i++) {
		size_t n =
		    (size_t)snprintf(row, sizeof(row), "%u\t%s\n", lines.at[i].number, lines.at[i].text);
		if (!i || strcmp(lines.at[i].text, lines.at[i - 1].text))
			CU_ASSERT_EQUAL_FATAL(seal_write(w, row, n, &f->e), 0);
	}
	CU_ASSERT_EQUAL_FATAL(seal_commit(w, &f->e), 0);
	for (size_t i = 0; i < lines.n; i++)
		free(lines.at[i].text);
	free(lines.at);
	return path;
}

struct compiling {
	struct compiler *c;
	const uint32_t *skipped;
	unsigned n_skipped;
};

static void compile_line(void *ctx, const struct list_entry *e)
{
	struct compiling *c = ctx;
	if (!safety_is_skipped(c->skipped, c->n_skipped, e->line))
		CU_ASSERT_EQUAL_FATAL(compiler_add_entry(c->c, e), 0);
}

void safety_compile(struct safety_fixture *f, const char *const *lists, unsigned n, const uint32_t *skipped,
		    unsigned n_skipped)
{
	static const uint8_t key[16] = {7, 7, 7};
	static const char *const names[] = {"a", "b", "c", "d"};
	drop_ruleset(f);
	CU_ASSERT_EQUAL_FATAL(compiler_new(key, &f->c, &f->e), 0);
	for (unsigned i = 0; i < n; i++) {
		const char *meta[META_COUNT] = {[META_name] = names[i]};
		struct compiling ctx = {f->c, i ? NULL : skipped, i ? 0 : n_skipped};
		CU_ASSERT_EQUAL_FATAL(compiler_begin_list(f->c, meta, &f->e), 0);
		read_list(lists[i], compile_line, &ctx);
	}
	CU_ASSERT_EQUAL_FATAL(compiler_build(f->c, &f->image, &f->bytes, &f->e), 0);
	CU_ASSERT_EQUAL_FATAL(ruleset_over(f->image, f->bytes, &f->rs, &f->e), 0);
}

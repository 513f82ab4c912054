/* SPDX-License-Identifier: BSD-3-Clause */
/* prober_suspects: neighbours that a worker would block. Does the entry of the rule that blocks it cover it, by what the entry says? */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/probe/prober_state.h"
#include "rules/probe.h"

static void add(struct prober *p, struct suspect s, const struct item *i)
{
	s.what = i->what;
	s.text = p->n_suspects < PROBER_SUSPECTS_ROOM ? strndup(p->batch.text + i->at, i->len) : NULL;
	if (s.text)
		p->suspects[p->n_suspects++] = s;
	else if (!s.own) /* not shown to be covered */
		p->ret->nodes[s.node].orders[s.order].harmed++;
}

void prober_suspect(struct prober *p, unsigned node, const struct group *g, const struct item *i,
		    uint32_t list, uint32_t line)
{
	add(p, (struct suspect){.list = list, .line = line, .order = g->order, .node = node}, i);
}

void prober_doubt(struct prober *p, unsigned node, const struct group *g)
{
	for (unsigned k = g->from; k < g->from + g->n; k++)
		add(p,
		    (struct suspect){
			.list = g->list, .line = g->line, .order = g->order, .node = node, .own = true},
		    &p->batch.items[k]);
}

static int by_place(const void *x, const void *y)
{
	const struct suspect *a = x, *b = y;
	if (a->list != b->list)
		return a->list < b->list ? -1 : 1;
	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	return a->own != b->own ? a->own - b->own : (a->node > b->node) - (a->node < b->node);
}

/* The suspects of a line of a list: the first, and how many. */
static struct suspect *of_line(struct prober *p, uint32_t list, uint32_t line, unsigned *ret_n)
{
	unsigned from = 0, to = p->n_suspects;
	while (from < to) {
		unsigned at = (from + to) / 2;
		const struct suspect *s = &p->suspects[at];
		if (s->list < list || (s->list == list && s->line < line))
			from = at + 1;
		else
			to = at;
	}
	*ret_n = 0;
	while (from + *ret_n < p->n_suspects && p->suspects[from + *ret_n].list == list &&
	       p->suspects[from + *ret_n].line == line)
		++*ret_n;
	return &p->suspects[from];
}

static bool same_text(struct span a, const char *text, size_t len)
{
	return a.len == len && !memcmp(a.p, text, len);
}

static bool ends_so(const char *text, size_t len, struct span name)
{
	return len > name.len && text[len - name.len - 1] == '.' &&
	       !memcmp(text + len - name.len, name.p, name.len);
}

/* The host of a name or URL, without its port. */
static size_t host_of(const struct suspect *s)
{
	size_t n = strcspn(s->text, "/");
	const char *colon = memrchr(s->text, ':', n);
	return s->what == ASK_URL && s->text[0] != '[' && colon ? (size_t)(colon - s->text) : n;
}

static bool covers_name(const struct list_entry *e, const struct suspect *s)
{
	size_t n = s->what == ASK_ADDRESS ? 0 : host_of(s);
	bool same = n && same_text(e->text, s->text, n), below = n && ends_so(s->text, n, e->text);
	return e->kind == RULE_DOMAIN ? same || below : e->kind == RULE_HOST ? same : below;
}

static bool covers_url(const struct list_entry *e, const struct suspect *s)
{
	size_t n = strlen(s->text);
	if (s->what == ASK_NAME) /* it was asked as its front page */
		return e->text.len == n + 1 && e->text.p[n] == '/' && !memcmp(e->text.p, s->text, n);
	if (s->what != ASK_URL)
		return false;
	if (e->kind == RULE_URL)
		return same_text(e->text, s->text, n);
	return n >= e->text.len && !memcmp(e->text.p, s->text, e->text.len);
}

static bool covers_address(const struct list_entry *e, const struct suspect *s)
{
	uint8_t addr[16] = {[10] = 0xff, [11] = 0xff};
	char text[INET6_ADDRSTRLEN] = "";
	size_t n = host_of(s), skip = s->text[0] == '[';
	if (n < 2 * skip || n - 2 * skip >= sizeof(text))
		return false;
	memcpy(text, s->text + skip, n - 2 * skip);
	if (inet_pton(AF_INET, text, addr + 12) != 1 && inet_pton(AF_INET6, text, addr) != 1)
		return false;
	for (unsigned i = 0; i < e->prefix_len; i++)
		if ((addr[i / 8] ^ e->addr[i / 8]) & 0x80 >> i % 8)
			return false;
	return true;
}

static void found(void *ctx, unsigned number)
{
	(void)number;
	*(bool *)ctx = true;
}

/* A name was asked as its front page. */
static void look_at_url(struct probe *pattern, struct suspect *s)
{
	char page[NAME_MAX_BYTES + 4];
	size_t n = strlen(s->text);
	if (s->what == ASK_URL) {
		probe_url(pattern, s->text, n, found, &s->covered);
	} else if (n < sizeof(page) - 1) {
		snprintf(page, sizeof(page), "%s/", s->text);
		probe_url(pattern, page, n + 1, found, &s->covered);
		explicit_bzero(page, sizeof(page));
	}
}

/* Asks the pattern alone, compiled by itself. */
static int look_at_pattern(const struct list_entry *e, struct suspect *v, unsigned n, struct err *err)
{
	struct probe *pattern;
	int failed = probe_new(&pattern, err);
	if (failed)
		return failed;
	failed = probe_add(pattern, e, err);
	failed = failed ? failed : probe_compile(pattern, err);
	for (unsigned i = 0; !failed && i < n; i++) {
		if (e->kind == RULE_NAME_GLOB)
			probe_name(pattern, v[i].text, host_of(&v[i]), found, &v[i].covered);
		else if (v[i].what != ASK_ADDRESS)
			look_at_url(pattern, &v[i]);
	}
	probe_free(pattern);
	return failed;
}

static int look_at(const struct list_entry *e, struct suspect *v, unsigned n, struct err *err)
{
	switch (e->kind) {
	case RULE_NAME_GLOB:
	case RULE_URL_GLOB:
	case RULE_REGEX:
		return look_at_pattern(e, v, n, err);
	default:
		break;
	}
	for (unsigned i = 0; i < n; i++)
		v[i].covered |= e->kind == RULE_PREFIX				    ? covers_address(e, &v[i])
				: e->kind == RULE_URL || e->kind == RULE_URL_PREFIX ? covers_url(e, &v[i])
										    : covers_name(e, &v[i]);
	return 0;
}

static int read_list(struct prober *p, uint32_t list)
{
	struct safety_source source = {0};
	struct safety_row row;
	int more = 0, err = safety_source_open(p->q->lists[list].path, p->q->key, &source, p->e);
	while (!err && (more = source.next(source.ctx, &row, p->e)) > 0) {
		unsigned n;
		struct suspect *v = of_line(p, list, row.entry.line, &n);
		if (n && !row.entry.exception)
			err = look_at(&row.entry, v, n, p->e);
	}
	safety_source_close(&source);
	return err ? err : more;
}

/* One neighbour; or all that was asked of an expression on a data plane: where it finds none of that itself nothing is shown. */
static void settle(struct prober *p, unsigned *at)
{
	const struct suspect *s = &p->suspects[*at];
	struct prober_tally *t = &p->ret->nodes[s->node].orders[s->order];
	bool covered = s->covered;
	if (!s->own) {
		t->harmed += !covered;
		return;
	}
	while (*at + 1 < p->n_suspects && !by_place(s, &p->suspects[*at + 1]))
		covered |= p->suspects[++*at].covered;
	if (!covered) {
		t->unenforceable++;
		t->remarks[PROBER_UNPROVEN]++;
		return;
	}
	t->entries++;
	t->missed++;
	if (t->missed_proto < 0) {
		t->missed_proto = TRY_HTTP;
		t->missed_line = s->line;
	}
}

int prober_resolve(struct prober *p)
{
	int err = 0;
	qsort(p->suspects, p->n_suspects, sizeof(*p->suspects), by_place);
	for (unsigned i = 0; !err && i < p->n_suspects; i++) {
		uint32_t list = p->suspects[i].list;
		if ((!i || p->suspects[i - 1].list != list) && list < p->q->n_lists)
			err = read_list(p, list);
	}
	for (unsigned i = 0; i < p->n_suspects; i++)
		settle(p, &i);
	for (unsigned i = 0; i < p->n_suspects; i++) {
		explicit_bzero(p->suspects[i].text, strlen(p->suspects[i].text));
		free(p->suspects[i].text);
	}
	p->n_suspects = 0;
	return err;
}

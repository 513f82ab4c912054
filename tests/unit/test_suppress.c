/* SPDX-License-Identifier: BSD-3-Clause */
/* Two attackers who know the method try to find out what is suppressed: one enumerates all tables that could be, one solves the equations. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/report/suppress.h"
#include "tests/unit/harness.h"

#define ROWS_MAX  9
#define SIDE_MAX  8
#define CELLS_MAX (ROWS_MAX * SIDE_MAX)
#define MARKS_MAX ((ROWS_MAX + 1) * (SIDE_MAX + 1))
#define ABOVE	  6 /* how much more than it is a withheld count is tried to be */
#define VALUES	  256

struct table {
	struct suppress_table t;
	int64_t cells[CELLS_MAX], figures[MARKS_MAX];
	enum suppress_mark marks[MARKS_MAX];
	struct err e;
};

static void add_up(const struct suppress_table *t, const int64_t *cells, int64_t *figures)
{
	memset(figures, 0, MARKS_MAX * sizeof(*figures));
	for (unsigned r = 0; r < t->n_rows; r++)
		for (unsigned c = 0; c < t->n_columns; c++) {
			int64_t v = cells[r * t->n_columns + c] > 0 ? cells[r * t->n_columns + c] : 0;
			figures[suppress_at(t, r, c)] = v;
			figures[suppress_at(t, r, t->n_columns)] += v;
			figures[suppress_at(t, t->n_rows, c)] += v;
			figures[suppress_at(t, t->n_rows, t->n_columns)] += v;
		}
}

static void begin(struct table *x, unsigned n_rows, unsigned n_columns)
{
	x->t = (struct suppress_table){n_rows, n_columns, x->cells, x->marks};
	add_up(&x->t, x->cells, x->figures);
}

static unsigned count_marks(const struct table *x, enum suppress_mark mark)
{
	unsigned n = 0;
	for (unsigned i = 0; i < (x->t.n_rows + 1) * (x->t.n_columns + 1); i++)
		n += x->marks[i] == mark;
	return n;
}

/* What is small is "<10", and nothing else is. */
static void check_marks(const struct table *x)
{
	for (unsigned i = 0; i < (x->t.n_rows + 1) * (x->t.n_columns + 1); i++)
		if (x->marks[i] != MARK_NONE)
			CU_ASSERT_EQUAL(x->marks[i] == MARK_SMALL, x->figures[i] < SUPPRESS_BELOW);
}

/* The enumerating attacker */
struct search {
	const struct table *x;
	int64_t cells[CELLS_MAX];
	bool seen[MARKS_MAX][VALUES];
	uint64_t tables;
};

static bool may_be(const struct table *x, unsigned at, int64_t v)
{
	switch (x->marks[at]) {
	case MARK_SHOWN:
		return v == x->figures[at];
	case MARK_SMALL:
		return v < SUPPRESS_BELOW;
	case MARK_HIDDEN:
		return v >= SUPPRESS_BELOW;
	default:
		return !v;
	}
}

static void found(struct search *s)
{
	int64_t figures[MARKS_MAX];
	const struct suppress_table *t = &s->x->t;
	unsigned n = (t->n_rows + 1) * (t->n_columns + 1);
	add_up(t, s->cells, figures);
	for (unsigned i = 0; i < n; i++)
		if (!may_be(s->x, i, figures[i]))
			return;
	s->tables++;
	for (unsigned i = 0; i < n; i++)
		s->seen[i][figures[i]] = true;
}

static void search(struct search *s, unsigned at)
{
	const struct suppress_table *t = &s->x->t;
	if (at == t->n_rows * t->n_columns) {
		found(s);
		return;
	}
	unsigned r = at / t->n_columns, c = at % t->n_columns, mark = suppress_at(t, r, c);
	int64_t value = s->x->figures[mark];
	int64_t low = s->x->marks[mark] == MARK_SHOWN ? value : 0, high = value + ABOVE;
	for (int64_t v = low; v <= (s->x->marks[mark] == MARK_SMALL ? SUPPRESS_BELOW - 1 : high); v++) {
		if (!may_be(s->x, mark, v))
			continue;
		s->cells[at] = v;
		int64_t sum = 0;
		for (unsigned k = 0; k <= c; k++)
			sum += s->cells[r * t->n_columns + k];
		unsigned total = suppress_at(t, r, t->n_columns);
		if (c + 1 < t->n_columns || may_be(s->x, total, sum))
			search(s, at + 1);
	}
}

static void enumerate(const struct table *x)
{
	static struct search s;
	memset(&s, 0, sizeof(s));
	s.x = x;
	search(&s, 0);
	CU_ASSERT(s.tables > 0);
	for (unsigned i = 0; i < (x->t.n_rows + 1) * (x->t.n_columns + 1); i++) {
		unsigned values = 0;
		for (unsigned v = 0; v < VALUES; v++)
			values += s.seen[i][v];
		CU_ASSERT(s.seen[i][x->figures[i]]);
		if (x->marks[i] == MARK_SMALL)
			CU_ASSERT(values > SUPPRESS_WIDTH);
		if (x->marks[i] == MARK_HIDDEN)
			CU_ASSERT(values > 1);
	}
}

/* The solving attacker: a figure is computed where it is a combination of the equations, all figures that are shown known. */
#define PRIME 2147483647ull

static uint64_t power(uint64_t base, uint64_t n)
{
	uint64_t v = 1;
	for (; n; n >>= 1, base = base * base % PRIME)
		if (n & 1)
			v = v * base % PRIME;
	return v;
}

static void eliminate(uint64_t *rows, unsigned n_rows, unsigned n)
{
	unsigned top = 0;
	for (unsigned c = 0; c < n && top < n_rows; c++) {
		unsigned pivot = top;
		while (pivot < n_rows && !rows[pivot * n + c])
			pivot++;
		if (pivot == n_rows)
			continue;
		for (unsigned k = 0; k < n; k++) {
			uint64_t v = rows[pivot * n + k];
			rows[pivot * n + k] = rows[top * n + k];
			rows[top * n + k] = v;
		}
		uint64_t by = power(rows[top * n + c], PRIME - 2);
		for (unsigned k = 0; k < n; k++)
			rows[top * n + k] = rows[top * n + k] * by % PRIME;
		for (unsigned r = 0; r < n_rows; r++) {
			uint64_t f = rows[r * n + c];
			for (unsigned k = 0; r != top && f && k < n; k++)
				rows[r * n + k] = (rows[r * n + k] + (PRIME - f) * rows[top * n + k]) % PRIME;
		}
		top++;
	}
}

/* Rows sum to their totals, columns to theirs, totals to the grand total: in the unknown figures. */
static unsigned equations(const struct suppress_table *t, uint64_t *rows, unsigned n)
{
	unsigned at = 0;
	for (unsigned r = 0; r <= t->n_rows; r++, at++)
		for (unsigned c = 0; c <= t->n_columns; c++)
			rows[at * n + suppress_at(t, r, c)] = c == t->n_columns ? PRIME - 1 : 1;
	for (unsigned c = 0; c <= t->n_columns; c++, at++)
		for (unsigned r = 0; r <= t->n_rows; r++)
			rows[at * n + suppress_at(t, r, c)] = r == t->n_rows ? PRIME - 1 : 1;
	return at;
}

static void solve(const struct table *x)
{
	static uint64_t rows[(ROWS_MAX + SIDE_MAX + 2) * MARKS_MAX];
	unsigned n = (x->t.n_rows + 1) * (x->t.n_columns + 1);
	memset(rows, 0, sizeof(rows));
	unsigned n_rows = equations(&x->t, rows, n);
	for (unsigned i = 0; i < n_rows * n; i++)
		if (x->marks[i % n] == MARK_SHOWN || x->marks[i % n] == MARK_NONE)
			rows[i] = 0;
	eliminate(rows, n_rows, n);
	for (unsigned r = 0; r < n_rows; r++) {
		unsigned unknowns = 0;
		for (unsigned c = 0; c < n; c++)
			unknowns += rows[r * n + c] != 0;
		CU_ASSERT(unknowns != 1); /* one alone would be solved for */
	}
}

/* Cells by hand, as far as they go; -1 none. */
static const struct {
	const char *what;
	unsigned n_rows, n_columns;
	int64_t cells[9];
	unsigned small, hidden;
} cases[] = {
    {"nothing small", 2, 2, {10, 20, 30, 40}, 0, 0},
    {"all small: so is the sum", 1, 2, {3, 4}, 6, 0},
    {"two small ones hide each other", 1, 2, {5, 6}, 4, 0},
    {"a single small one needs a cycle", 2, 2, {5, 20, 30, 40}, 1, 3},
    {"two nines are 18: the total goes, too", 1, 2, {9, 9}, 4, 2},
    {"nought and ten: the total goes", 1, 2, {0, 10}, 2, 2},
    {"a column by itself", 3, 1, {3, 50, 60}, 2, 2},
    {"no cell can have a count", 1, 2, {-1, -1}, 0, 0},
    {"an empty table", 0, 0, {0}, 0, 0},
};

static void test_suppress_cases(void)
{
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct table x = {0};
		memcpy(x.cells, cases[i].cells, sizeof(cases[i].cells));
		begin(&x, cases[i].n_rows, cases[i].n_columns);
		int err = suppress(&x.t, false, &x.e);
		unsigned small = count_marks(&x, MARK_SMALL), hidden = count_marks(&x, MARK_HIDDEN);
		if (err || small != cases[i].small || hidden != cases[i].hidden)
			printf("# %s: %d, %u small, %u withheld\n", cases[i].what, err, small, hidden);
		CU_ASSERT_EQUAL(err, 0);
		CU_ASSERT_EQUAL(small, cases[i].small);
		CU_ASSERT_EQUAL(hidden, cases[i].hidden);
	}
}

static void fill(struct table *x, unsigned n_rows, unsigned n_columns, int64_t most)
{
	memset(x, 0, sizeof(*x));
	for (unsigned k = 0; k < n_rows * n_columns; k++)
		x->cells[k] = rand() % 8 ? rand() % (most + 1) : SUPPRESS_NONE;
	begin(x, n_rows, n_columns);
}

static void test_suppress_stands_enumeration(void)
{
	static const unsigned shapes[][2] = {{1, 1}, {1, 2}, {2, 1}, {2, 2}, {1, 4}, {4, 1}, {2, 3}, {3, 2}};
	srand(1);
	for (unsigned i = 0; i < 400; i++) {
		struct table x;
		const unsigned *shape = shapes[i % 8];
		fill(&x, shape[0], shape[1], 4 + rand() % 14);
		bool hide = i % 5 == 0;
		int err = suppress(&x.t, hide, &x.e);
		CU_ASSERT_EQUAL_FATAL(err, 0);
		check_marks(&x);
		if (hide)
			CU_ASSERT_NOT_EQUAL(x.marks[(shape[0] + 1) * (shape[1] + 1) - 1], MARK_SHOWN);
		enumerate(&x);
	}
}

static void test_suppress_stands_equations(void)
{
	unsigned shown = 0;
	srand(2);
	for (unsigned i = 0; i < 300; i++) {
		struct table x;
		fill(&x, 1 + rand() % ROWS_MAX, 1 + rand() % SIDE_MAX, 12 + rand() % 100);
		CU_ASSERT_EQUAL_FATAL(suppress(&x.t, i % 7 == 0, &x.e), 0);
		check_marks(&x);
		solve(&x);
		shown += count_marks(&x, MARK_SHOWN);
		for (unsigned r = 0; r <= x.t.n_rows; r++)
			for (unsigned c = 0; c <= x.t.n_columns; c++) {
				unsigned at = suppress_at(&x.t, r, c);
				int64_t low, high;
				if (x.marks[at] != MARK_SMALL && x.marks[at] != MARK_HIDDEN)
					continue;
				CU_ASSERT_EQUAL(suppress_range(&x.t, r, c, &low, &high, &x.e), 0);
				CU_ASSERT(low <= x.figures[at] && x.figures[at] <= high);
				CU_ASSERT(high - low >= (x.marks[at] == MARK_SMALL ? SUPPRESS_WIDTH : 1));
			}
	}
	CU_ASSERT(shown > 2000); /* it is not by withholding all */
}

/* What is not protected is found by both, so that they prove something. */
static void test_suppress_attackers_find_what_is_not_protected(void)
{
	struct table x = {.cells = {5, 20, 30, 40}};
	int64_t low, high;
	begin(&x, 2, 2);
	for (unsigned i = 0; i < 9; i++)
		x.marks[i] = x.figures[i] < SUPPRESS_BELOW ? MARK_SMALL : MARK_SHOWN;
	CU_ASSERT_EQUAL(suppress_range(&x.t, 0, 0, &low, &high, &x.e), 0);
	CU_ASSERT_EQUAL(low, 5);
	CU_ASSERT_EQUAL(high, 5);
	/* hidden in its row alone: its column still tells */
	x.marks[suppress_at(&x.t, 0, 1)] = MARK_HIDDEN;
	CU_ASSERT_EQUAL(suppress_range(&x.t, 0, 0, &low, &high, &x.e), 0);
	CU_ASSERT(low == 5 && high == 5);
}

static void test_suppress_refuses_what_it_cannot(void)
{
	struct table x = {.cells = {-2}};
	begin(&x, 1, 1);
	CU_ASSERT_EQUAL(suppress(&x.t, false, &x.e), -EINVAL);
	x.t.n_rows = SUPPRESS_ROWS + 1;
	CU_ASSERT_EQUAL(suppress(&x.t, false, &x.e), -E2BIG);
}

static const struct test tests[] = {
    TEST(test_suppress_cases),
    TEST(test_suppress_stands_enumeration),
    TEST(test_suppress_stands_equations),
    TEST(test_suppress_attackers_find_what_is_not_protected),
    TEST(test_suppress_refuses_what_it_cannot),
};
HARNESS_MAIN("suppress", tests)

/*
 * regress_table.h - rows to try regressions on.
 */
#ifndef HEATBENCH_TESTS_REGRESS_TABLE_H
#define HEATBENCH_TESTS_REGRESS_TABLE_H

#include "tests/check.h"

#include "analytics/core/regress.h"
#include "tests/analytics/random.h"

enum { ROWS = 20000, MOST = 8 };

/* Rows of a test: column 0 is the constant. */
struct table {
	struct regress_rows rows;
	double x[MOST][ROWS], y[ROWS];
	int group[ROWS];
	const double *column[MOST];
};

static struct table table;

static inline void begin(struct table *t, int p)
{
	t->rows = (struct regress_rows){.p = p, .column = t->column, .y = t->y, .group = t->group, .groups = 6};
	t->column[0] = NULL;
	for (int j = 1; j < p; j++)
		t->column[j] = t->x[j];
}

/* y = 5 + 1.1 x1 - 0.05 x2 + 0 x3 + noise, in the sizes of a heat pump: power, fan, and what does not matter. */
static inline void draw(struct table *t, size_t n, double noise, uint64_t seed)
{
	begin(t, 4);
	t->rows.n = n;
	for (size_t i = 0; i < n; i++) {
		t->x[1][i] = 2000 * random_uniform(&seed);
		t->x[2][i] = 300 + 0.2 * t->x[1][i] + 100 * random_normal(&seed);
		t->x[3][i] = random_normal(&seed);
		t->y[i] = 5 + 1.1 * t->x[1][i] - 0.05 * t->x[2][i] + noise * random_normal(&seed);
		t->group[i] = (int)(i * 6 / n);
	}
}

static inline struct regress fit(const struct regress_rows *rows, struct regress_settings settings)
{
	struct error e = ERROR_INIT;
	struct regress out;

	must(regress_fit(rows, &settings, &out, &e));
	return out;
}

static inline struct regress plain(const struct regress_rows *rows, enum regress_method method)
{
	return fit(rows, (struct regress_settings){.method = method, .lambda = NAN});
}

static inline void relative(double got, double want, double within)
{
	if (!(fabs(got - want) <= within * fabs(want)))
		fail_msg("%.15g, expected %.15g within %g of it", got, want, within);
}

#endif

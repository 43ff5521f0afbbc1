/* The covariance of coefficients under residuals that remember: as it is written down, and whether its intervals hold. */
#include "tests/analytics/regress_table.h"

#include "analytics/core/hac.h"

#include <gsl/gsl_errno.h>
#include <stdlib.h>

/* 95 % intervals under noise with memory 0.5: those of the classical formula are too short, those of hac hold. */
static void intervals_hold_for_residuals_that_remember(void **state)
{
	enum { SERIES = 1000, LONG = 600 };
	uint64_t seed = 99;
	int classical = 0, hac = 0;

	(void)state;
	begin(&table, 2);
	table.rows.n = LONG;
	for (int series = 0; series < SERIES; series++) {
		double u = random_normal(&seed) / sqrt(0.75), x = random_normal(&seed) / sqrt(0.75), score[LONG], covariance[4];
		struct regress r;

		for (int i = 0; i < LONG; i++) {
			u = 0.5 * u + random_normal(&seed);
			x = 0.5 * x + random_normal(&seed);
			table.x[1][i] = x;
			table.y[i] = 3 + 2 * x + u;
		}
		r = plain(&table.rows, REGRESS_OLS);
		regress_scores(&table.rows, &r, score);
		assert_true(hac_covariance(&(struct hac_rows){LONG, 2, table.column, score, NULL}, 12, r.bread, covariance));
		hac += fabs(r.coefficient[0] - 3) < 1.96 * sqrt(covariance[0]);
		hac += fabs(r.coefficient[1] - 2) < 1.96 * sqrt(covariance[3]);
		classical += fabs(r.coefficient[0] - 3) < 1.96 * sqrt(r.bread[0]) * r.residual_sd;
	}
	assert_true(classical < 0.80 * SERIES);
	if (hac < 2 * 0.92 * SERIES || hac > 2 * 0.965 * SERIES)
		fail_msg("%d of %d intervals hold", hac, 2 * SERIES);
}

/* The sums over pairs as they are written down. */
static void no_pair_of_rows_reaches_across_a_break(void **state)
{
	enum { N = 60, LAG = 5 };
	static bool starts[N];
	double score[N], bread[4] = {1, 0, 0, 1}, got[4], want[2][2] = {{0}};
	uint64_t seed = 4;

	(void)state;
	begin(&table, 2);
	for (int i = 0; i < N; i++) {
		table.x[1][i] = random_normal(&seed);
		score[i] = random_normal(&seed);
		starts[i] = i == 0 || i == 7 || i == 8 || i == 40;
	}
	for (int i = 0; i < N; i++)
		for (int k = 0; k < N; k++) {
			int apart = abs(i - k), low = i < k ? i : k, high = i < k ? k : i;
			double weight = fmax(0, 1 - apart / (LAG + 1.0));

			for (int between = low + 1; between <= high; between++)
				if (starts[between])
					weight = 0;
			for (int a = 0; a < 2; a++)
				for (int b = 0; b < 2; b++)
					want[a][b] += weight * score[i] * score[k] * (a ? table.x[1][i] : 1) * (b ? table.x[1][k] : 1);
		}
	assert_true(hac_covariance(&(struct hac_rows){N, 2, table.column, score, starts}, LAG, bread, got));
	for (int a = 0; a < 2; a++)
		for (int b = 0; b < 2; b++)
			assert_near(got[2 * a + b], want[a][b], 1e-11);
	assert_false(hac_covariance(&(struct hac_rows){N, 2, table.column, score, starts}, -1, bread, got));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(intervals_hold_for_residuals_that_remember),
		cmocka_unit_test(no_pair_of_rows_reaches_across_a_break),
	};

	gsl_set_error_handler_off();
	return cmocka_run_group_tests(tests, NULL, NULL);
}

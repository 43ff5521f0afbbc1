/* Regressions against published numbers, and against least squares over all rows at once. */
#include "tests/analytics/regress_table.h"

#include "analytics/core/lsq.h"

#include <gsl/gsl_errno.h>

/* Longley, J. Am. Stat. Assoc. 62 (1967) 819, with the coefficients and deviations that NIST StRD certifies. */
static void longleys_employment_comes_out_to_eleven_digits(void **state)
{
	static const double data[16][7] = {{60323, 83.0, 234289, 2356, 1590, 107608, 1947}, {61122, 88.5, 259426, 2325, 1456, 108632, 1948},
		{60171, 88.2, 258054, 3682, 1616, 109773, 1949}, {61187, 89.5, 284599, 3351, 1650, 110929, 1950},
		{63221, 96.2, 328975, 2099, 3099, 112075, 1951}, {63639, 98.1, 346999, 1932, 3594, 113270, 1952},
		{64989, 99.0, 365385, 1870, 3547, 115094, 1953}, {63761, 100.0, 363112, 3578, 3350, 116219, 1954},
		{66019, 101.2, 397469, 2904, 3048, 117388, 1955}, {67857, 104.6, 419180, 2822, 2857, 118734, 1956},
		{68169, 108.4, 442769, 2936, 2798, 120445, 1957}, {66513, 110.8, 444546, 4681, 2637, 121950, 1958},
		{68655, 112.6, 482704, 3813, 2552, 123366, 1959}, {69564, 114.2, 502601, 3931, 2514, 125368, 1960},
		{69331, 115.7, 518173, 4806, 2572, 127852, 1961}, {70551, 116.9, 554894, 4007, 2827, 130081, 1962}};
	static const double certified[7][2] = {{-3482258.63459582, 890420.383607373}, {15.0618722713733, 84.9149257747669},
		{-0.0358191792925910, 0.0334910077722432}, {-2.02022980381683, 0.488399681651699},
		{-1.03322686717359, 0.214274163161675}, {-0.0511041056535807, 0.226073200069370}, {1829.15146461355, 455.478499142212}};
	struct regress r;

	(void)state;
	begin(&table, 7);
	table.rows.n = 16;
	table.rows.group = NULL;
	for (int i = 0; i < 16; i++) {
		table.y[i] = data[i][0];
		for (int j = 1; j < 7; j++)
			table.x[j][i] = data[i][j];
	}
	r = plain(&table.rows, REGRESS_OLS);
	for (int j = 0; j < 7; j++) {
		relative(r.coefficient[j], certified[j][0], 1e-11);
		relative(sqrt(r.bread[8 * j]) * r.residual_sd, certified[j][1], 1e-11);
	}
	relative(r.residual_sd, 304.854073561965, 1e-11);
}

static void blocks_of_rows_give_what_all_rows_give(void **state)
{
	static double rows[ROWS * 4];
	struct regress r;
	struct lsq l;
	static const size_t sizes[] = {5, 63, 64, 65, 1000, ROWS};

	(void)state;
	for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
		draw(&table, sizes[s], 10, 7 + s);
		for (size_t i = 0; i < sizes[s]; i++)
			for (size_t j = 0; j < 4; j++)
				rows[4 * i + j] = j ? table.x[j][i] : 1;
		l = lsq_fit(rows, table.y, sizes[s], 4);
		r = plain(&table.rows, REGRESS_OLS);
		assert_int_equal(r.n, sizes[s]);
		for (int j = 0; j < 4; j++) {
			relative(r.coefficient[j], l.coefficient[j], 1e-12);
			relative(r.bread[5 * j] * r.residual_sd * r.residual_sd, l.covariance[j][j], 1e-12);
		}
	}
}

/* Stack loss of an ammonia plant (Brownlee 1960), Huber's and Tukey's fit as R's MASS::rlm has them. */
static void stack_loss_is_fitted_as_elsewhere(void **state)
{
	static const double data[21][4] = {{42, 80, 27, 89}, {37, 80, 27, 88}, {37, 75, 25, 90}, {28, 62, 24, 87}, {18, 62, 22, 87},
		{18, 62, 23, 87}, {19, 62, 24, 93}, {20, 62, 24, 93}, {15, 58, 23, 87}, {14, 58, 18, 80}, {14, 58, 18, 89},
		{13, 58, 17, 88}, {11, 58, 18, 82}, {12, 58, 19, 93}, {8, 50, 18, 89}, {7, 50, 18, 86}, {8, 50, 19, 72}, {8, 50, 19, 79},
		{9, 50, 20, 80}, {15, 56, 20, 82}, {15, 70, 20, 91}};
	static const double huber[] = {-41.0265, 0.8294, 0.9261, -0.1278}, bisquare[] = {-42.2853, 0.9275, 0.6507, -0.1123};
	struct regress h, b;

	(void)state;
	begin(&table, 4);
	table.rows.n = 21;
	table.rows.group = NULL;
	for (int i = 0; i < 21; i++) {
		table.y[i] = data[i][0];
		for (int j = 1; j < 4; j++)
			table.x[j][i] = data[i][j];
	}
	h = plain(&table.rows, REGRESS_HUBER);
	b = plain(&table.rows, REGRESS_BISQUARE);
	for (int j = 0; j < 4; j++) {
		relative(h.coefficient[j], huber[j], 1e-3);
		relative(b.coefficient[j], bisquare[j], 1e-3);
	}
	assert_near(h.scale, 2.441, 1e-3);
	assert_near(b.scale, 2.282, 1e-3);
}

/* Columns of plus and minus one that are orthogonal: lasso takes lambda off each, ridge divides by 1 + lambda (Tibshirani 1996, 2.2). */
static void of_orthogonal_columns_lasso_takes_and_ridge_divides(void **state)
{
	static const double beta[] = {3, -2, 0.25};

	(void)state;
	begin(&table, 4);
	table.rows.n = 64;
	for (int i = 0; i < 64; i++) {
		table.y[i] = 10;
		for (int j = 1; j < 4; j++) {
			double x = j * ((i >> (j - 1) & 1) ? 1 : -1); /* standard deviation j */

			table.x[j][i] = x + 100; /* whose mean is no matter */
			table.y[i] += beta[j - 1] * x / j;
		}
	}
	for (double lambda = 0; lambda < 5; lambda += 0.5) {
		struct regress l = fit(&table.rows, (struct regress_settings){.method = REGRESS_LASSO, .lambda = lambda});
		struct regress r = fit(&table.rows, (struct regress_settings){.method = REGRESS_RIDGE, .lambda = lambda});

		double mean[2] = {l.coefficient[0], r.coefficient[0]};

		for (int j = 1; j < 4; j++) {
			double left = fmax(0, fabs(beta[j - 1]) - lambda) * (beta[j - 1] < 0 ? -1 : 1) / j;

			assert_near(l.coefficient[j], left, 1e-12);
			assert_int_equal(l.found[j], left != 0);
			assert_true(l.found[j] || l.coefficient[j] == 0);
			assert_near(r.coefficient[j], beta[j - 1] / j / (1 + lambda), 1e-12);
			mean[0] += 100 * l.coefficient[j];
			mean[1] += 100 * r.coefficient[j];
		}
		assert_near(mean[0], 10, 1e-9);
		assert_near(mean[1], 10, 1e-9);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(longleys_employment_comes_out_to_eleven_digits),
		cmocka_unit_test(blocks_of_rows_give_what_all_rows_give),
		cmocka_unit_test(stack_loss_is_fitted_as_elsewhere),
		cmocka_unit_test(of_orthogonal_columns_lasso_takes_and_ridge_divides),
	};

	gsl_set_error_handler_off();
	return cmocka_run_group_tests(tests, NULL, NULL);
}

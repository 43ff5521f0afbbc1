/* Tolerance and prediction factors against published tables. With arguments N DOF COVERAGE CONFIDENCE: a calculator. */
#include "tests/check.h"

#include "analytics/core/rng.h"
#include "analytics/core/stats.h"
#include "analytics/core/tolerance.h"
#include "tests/analytics/calculator.h"

#include <math.h>
#include <stdlib.h>

/* Two-sided, 95 % of the population with 95 %: Hahn, J. Qual. Tech. 3 (1971) 18, two decimals; n = 2 of ISO 16269-6. */
static void factors_are_those_of_the_published_tables(void **state)
{
	static const struct {
		double n, k, last;
	} rows[] = {{2, 36.519, 6e-4}, {4, 6.34, 6e-3}, {5, 5.08, 6e-3}, {6, 4.42, 6e-3}, {7, 4.02, 6e-3},
		{8, 3.75, 6e-3}, {9, 3.55, 6e-3}, {10, 3.39, 6e-3}, {12, 3.17, 6e-3}, {15, 2.96, 6e-3},
		{20, 2.76, 6e-3}, {25, 2.64, 6e-3}, {30, 2.55, 6e-3}, {40, 2.45, 6e-3}, {60, 2.34, 6e-3},
		{1e8, 1.960, 6e-4}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_near(tolerance_factor(rows[i].n, rows[i].n - 1, 0.95, 0.95), rows[i].k, rows[i].last);
	assert_near(tolerance_factor(5, 4, 0.90, 0.95), 4.29, 6e-3);
	assert_near(tolerance_factor(5, 4, 0.99, 0.95), 6.60, 6e-3);
	assert_near(tolerance_factor(10, 9, 0.99, 0.95), 4.44, 6e-3);
}

/* Wald and Wolfowitz's factors of older tables stay within half a percent, but for two values. */
static void factors_are_near_those_of_older_tables(void **state)
{
	static const struct {
		double n, k;
	} rows[] = {{5, 5.079}, {6, 4.414}, {10, 3.379}, {20, 2.752}, {30, 2.549}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_near(tolerance_factor(rows[i].n, rows[i].n - 1, 0.95, 0.95) / rows[i].k, 1, 5e-3);
	assert_near(tolerance_factor(2, 1, 0.95, 0.95) / 37.674, 1, 4e-2);
}

/* 20,000 samples of six: the interval holds 95 % of the population in 95 of 100. */
static void an_interval_keeps_what_it_promises(void **state)
{
	struct rng rng = rng_seeded(4);
	int kept = 0, next = 0, samples = 20000;
	double k = tolerance_factor(6, 5, 0.95, 0.95), k_next = tolerance_prediction_factor(6, 0.95);

	(void)state;
	for (int s = 0; s < samples; s++) {
		double x[6], mean, sd, future = rng_normal(&rng);

		for (int i = 0; i < 6; i++)
			x[i] = rng_normal(&rng);
		mean = stats_mean(x, 6);
		sd = stats_sd(x, 6);
		kept += 0.5 * (erf((mean + k * sd) / sqrt(2)) - erf((mean - k * sd) / sqrt(2))) >= 0.95;
		next += fabs(future - mean) <= k_next * sd;
	}
	assert_near(kept / (double)samples, 0.95, 4 * sqrt(0.95 * 0.05 / samples));
	assert_near(next / (double)samples, 0.95, 4 * sqrt(0.95 * 0.05 / samples));
}

/* Energy errors of the production model on six heat pumps, in %: not +-4.6 but 11 % for 95 % of them, 7 % for the next. */
static void six_heat_pumps_say_little_about_the_others(void **state)
{
	const double error[] = {-2.86, 0.67, 2.54, 2.93, 3.02, -1.52};
	struct tolerance t = tolerance_of(error, 6, 0.95, 0.95);

	(void)state;
	assert_near(t.mean, 0.797, 1e-3);
	assert_near(t.high - t.mean, 11, 0.5);
	assert_near(t.next_high - t.mean, 7, 0.5);
	assert_near(t.mean - t.low, t.high - t.mean, 1e-12);
	assert_near(t.mean - t.next_low, t.k_next * t.sd, 1e-12);
}

static void one_value_has_no_interval(void **state)
{
	const double x[] = {3};

	(void)state;
	assert_true(
		isnan(tolerance_of(x, 1, 0.95, 0.95).high) && isnan(tolerance_of(x, 1, 0.95, 0.95).next_low));
	assert_true(isnan(tolerance_factor(6, 5, 1, 0.95)) && isnan(tolerance_factor(6, 5, 0.95, 0)));
	assert_true(isnan(tolerance_factor(NAN, 5, 0.95, 0.95)) && isnan(tolerance_factor(6, 0, 0.95, 0.95)));
	assert_true(isnan(tolerance_prediction_factor(1, 0.95)));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(factors_are_those_of_the_published_tables),
		cmocka_unit_test(factors_are_near_those_of_older_tables),
		cmocka_unit_test(an_interval_keeps_what_it_promises),
		cmocka_unit_test(six_heat_pumps_say_little_about_the_others),
		cmocka_unit_test(one_value_has_no_interval),
	};

	if (argc == 5) {
		calculator_write(2,
			tolerance_factor(atof(argv[1]), atof(argv[2]), atof(argv[3]), atof(argv[4])),
			tolerance_prediction_factor(atof(argv[1]), atof(argv[3])));
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}

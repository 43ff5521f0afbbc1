/* Resampled days. With arguments SEED BLOCK REPLICATES LEVEL: a calculator of the ratio of two columns, for the peer. */
#include "tests/check.h"

#include "analytics/core/bootstrap.h"
#include "analytics/core/rng.h"
#include "analytics/core/stats.h"
#include "tests/analytics/calculator.h"

#include <math.h>
#include <stdlib.h>

enum { MOST = 400, DAYS = 27, SERIES = 1500 };

static int calculate(char **argv)
{
	static double x[2 * MOST];
	int n = (int)calculator_read(x, MOST, 2);
	struct bootstrap_plan plan = {
		atoi(argv[2]), atoi(argv[3]), strtoull(argv[1], NULL, 10), atof(argv[4])};
	struct bootstrap b = bootstrap_ratio(x, x + MOST, n, &plan);

	calculator_write(5, b.estimate, b.low, b.high, b.se, (double)b.undefined);
	return 0;
}

static void ones(double *x, int n)
{
	for (int i = 0; i < n; i++)
		x[i] = 1;
}

/* Blocks of one day: the standard deviation over sqrt(n), which theory knows. */
static void the_standard_error_of_a_mean_is_that_of_theory(void **state)
{
	struct bootstrap_plan plan = {1, 40000, 3, 0.95};
	struct rng rng = rng_seeded(11);
	double x[DAYS], one[DAYS];
	struct bootstrap b;

	(void)state;
	ones(one, DAYS);
	for (int i = 0; i < DAYS; i++)
		x[i] = rng_normal(&rng);
	b = bootstrap_ratio(x, one, DAYS, &plan);
	assert_near(b.se * sqrt(DAYS) / stats_sd(x, DAYS), 1, 0.015);
	assert_near(b.estimate, stats_mean(x, DAYS), 1e-15);
	assert_int_equal(b.replicates, 40000);
	assert_true(b.low < b.estimate && b.estimate < b.high);
}

/* Days that cancel in pairs cancel in every replicate of blocks of two, and in no other. */
static void neighbouring_days_stay_together(void **state)
{
	struct bootstrap_plan two = {2, 0, 1, 0}, one = {1, 0, 1, 0};
	double x[12], all[12];

	(void)state;
	ones(all, 12);
	for (int i = 0; i < 12; i++)
		x[i] = i % 2 ? 1 : -1;
	assert_near(bootstrap_ratio(x, all, 12, &two).se, 0, 1e-15);
	assert_near(bootstrap_ratio(x, all, 12, &one).se, 1.0 / sqrt(11), 0.02);
}

static void the_same_seed_gives_the_same_interval(void **state)
{
	struct bootstrap_plan plan = {0, 0, 42, 0}, other = {0, 0, 43, 0};
	struct rng rng = rng_seeded(1);
	double x[DAYS], y[DAYS];
	struct bootstrap a, b, c;

	(void)state;
	for (int i = 0; i < DAYS; i++) {
		x[i] = rng_normal(&rng);
		y[i] = 5 + rng_uniform(&rng);
	}
	a = bootstrap_ratio(x, y, DAYS, &plan);
	b = bootstrap_ratio(x, y, DAYS, &plan);
	c = bootstrap_ratio(x, y, DAYS, &other);
	assert_true(a.low == b.low && a.high == b.high && a.se == b.se);
	assert_true(a.low != c.low && a.estimate == c.estimate);
	assert_int_equal(bootstrap_block(DAYS), 4);
	assert_int_equal(bootstrap_block(7), 2);
	assert_int_equal(bootstrap_block(1), 1);
}

/* Sums a day: 0 value, 1 one, 2 numerator, 3 denominator, 4 square. */
static void three_figures(const void *self, const double *sum, double *value)
{
	(void)self;
	value[0] = sum[0] / sum[1];
	value[1] = sum[2] / sum[3];
	value[2] = sqrt(sum[4] / sum[1]);
}

enum { COLUMNS = 5, FIGURES = 3 };

/* A series of days: errors with a correlation from day to day beside energies of unequal days; truths 0, 1.02, 1. */
static void make_series(double *sums, int n, double correlation, struct rng *rng)
{
	double a = rng_normal(rng), b = rng_normal(rng), rest = sqrt(1 - correlation * correlation);

	for (int i = 0; i < n; i++) {
		double *row = sums + COLUMNS * i, energy = exp(0.4 * b);

		row[0] = a;
		row[1] = 1;
		row[2] = 1.02 * energy + 0.1 * (0.5 + energy) * a;
		row[3] = energy;
		row[4] = a * a;
		a = correlation * a + rest * rng_normal(rng);
		b = correlation * b + rest * rng_normal(rng);
	}
}

static void one_pass_gives_what_single_ones_give(void **state)
{
	struct bootstrap_plan plan = {0, 500, 9, 0.9};
	struct rng rng = rng_seeded(2);
	double sums[DAYS * COLUMNS], a[DAYS], b[DAYS];
	struct bootstrap all[FIGURES], single;

	(void)state;
	make_series(sums, DAYS, 0.3, &rng);
	for (int i = 0; i < DAYS; i++) {
		a[i] = sums[i * COLUMNS + 2];
		b[i] = sums[i * COLUMNS + 3];
	}
	bootstrap_sums(sums, DAYS, COLUMNS, &plan, three_figures, NULL, FIGURES, all);
	single = bootstrap_ratio(a, b, DAYS, &plan);
	assert_true(
		all[1].low == single.low && all[1].high == single.high && all[1].estimate == single.estimate);
	assert_true(all[2].low > 0 && all[2].high > all[2].low);
}

/* How many of SERIES intervals hold the truth, per figure. */
static void coverage(double correlation, uint64_t seed, double *share)
{
	static const double truth[FIGURES] = {0, 1.02, 1};
	struct rng rng = rng_seeded(seed);

	for (int k = 0; k < FIGURES; k++)
		share[k] = 0;
	for (int s = 0; s < SERIES; s++) {
		struct bootstrap_plan plan = {0, 1000, (uint64_t)s, 0.95};
		double sums[DAYS * COLUMNS];
		struct bootstrap b[FIGURES];

		make_series(sums, DAYS, correlation, &rng);
		bootstrap_sums(sums, DAYS, COLUMNS, &plan, three_figures, NULL, FIGURES, b);
		for (int k = 0; k < FIGURES; k++)
			share[k] += (b[k].low <= truth[k] && truth[k] <= b[k].high) / (double)SERIES;
	}
}

static void intervals_of_27_independent_days_hold_the_truth_in_93_to_97_of_100(void **state)
{
	double share[FIGURES];

	(void)state;
	coverage(0, 101, share);
	for (int k = 0; k < FIGURES; k++)
		assert_near(share[k], 0.95, 0.02);
}

static void intervals_of_27_days_that_know_each_other_hold_the_truth_in_93_to_97_of_100(void **state)
{
	double share[FIGURES];

	(void)state;
	coverage(0.3, 202, share);
	for (int k = 0; k < FIGURES; k++)
		assert_near(share[k], 0.95, 0.02);
}

static void too_few_days_have_an_estimate_and_no_interval(void **state)
{
	struct bootstrap_plan plan = {0, 0, 1, 0}, long_blocks = {5, 0, 1, 0};
	const double x[14] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14};
	double one[14];
	struct bootstrap b;

	(void)state;
	ones(one, 14);
	b = bootstrap_ratio(x, one, 2, &plan);
	assert_near(b.estimate, 1.5, 1e-15);
	assert_true(isnan(b.low) && isnan(b.high) && isnan(b.se));
	assert_true(isnan(bootstrap_ratio(x, one, 14, &long_blocks).low));
	assert_false(isnan(bootstrap_ratio(x, one, 3, &plan).low));
	assert_true(isnan(bootstrap_ratio(x, one, 0, &plan).estimate));
}

/* Two days of twenty with a reference: a replicate without them has no ratio (12 % of them); with eight, hardly any. */
static void replicates_without_a_figure_are_counted_and_left_out(void **state)
{
	struct bootstrap_plan plan = {1, 2000, 5, 0.95};
	double x[20], reference[20] = {0};
	struct bootstrap few, enough;

	(void)state;
	ones(x, 20);
	reference[3] = reference[17] = 2;
	few = bootstrap_ratio(x, reference, 20, &plan);
	for (int i = 4; i < 10; i++)
		reference[i] = 2;
	enough = bootstrap_ratio(x, reference, 20, &plan);
	assert_near(few.undefined / 2000.0, pow(0.9, 20), 0.03);
	assert_near(few.estimate, 5, 1e-15);
	assert_true(isnan(few.low) && isnan(few.se));
	assert_true(enough.undefined < 10 && enough.low < 1.25 && enough.high > 1.25);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_standard_error_of_a_mean_is_that_of_theory),
		cmocka_unit_test(neighbouring_days_stay_together),
		cmocka_unit_test(the_same_seed_gives_the_same_interval),
		cmocka_unit_test(one_pass_gives_what_single_ones_give),
		cmocka_unit_test(intervals_of_27_independent_days_hold_the_truth_in_93_to_97_of_100),
		cmocka_unit_test(intervals_of_27_days_that_know_each_other_hold_the_truth_in_93_to_97_of_100),
		cmocka_unit_test(too_few_days_have_an_estimate_and_no_interval),
		cmocka_unit_test(replicates_without_a_figure_are_counted_and_left_out),
	};

	if (argc == 5)
		return calculate(argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

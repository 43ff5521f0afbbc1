/* Lines, agreement and t-tests. With arguments "deming RATIO", "blocks RATIO MODULUS", "ordinary", "agreement", "paired", "pooled": a calculator
 * that reads pairs from standard input, for the peer. */
#include "tests/check.h"

#include "analytics/core/agreement.h"
#include "analytics/core/line_fit.h"
#include "analytics/core/rng.h"
#include "analytics/core/ttest.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOST = 4000 };

static double a[MOST], b[MOST], d[MOST];
static int subject[MOST];

static void print_line(const struct line_fit *f)
{
	printf("%.17g %.17g %.17g %.17g %.17g %.17g %.17g\n", f->slope, f->slope_u, f->intercept, f->intercept_u,
		f->residual_sd, f->p_slope, f->p_intercept);
}

static int calculate(int argc, char **argv)
{
	const char *what = argv[1];
	size_t n = 0;

	while (n < MOST && scanf("%lf %lf", &a[n], &b[n]) == 2) {
		d[n] = b[n] - a[n];
		subject[n] = (int)b[n];
		n++;
	}
	if (strcmp(what, "deming") == 0 && argc == 3) {
		struct line_fit f = line_fit_deming(a, b, n, atof(argv[2]));

		print_line(&f);
	} else if (strcmp(what, "blocks") == 0 && argc == 4) { /* pair i in block i^2 modulo argument */
		struct line_fit f;

		for (size_t i = 0; i < n; i++)
			subject[i] = (int)(i * i) % atoi(argv[3]);
		f = line_fit_deming_blocks(a, b, subject, n, atoi(argv[3]), atof(argv[2]));
		print_line(&f);
	} else if (strcmp(what, "ordinary") == 0) {
		struct line_fit f = line_fit_ordinary(a, b, n);

		print_line(&f);
	} else if (strcmp(what, "agreement") == 0) { /* difference, subject */
		struct agreement g = agreement_repeated(a, subject, n);

		printf("%.17g %.17g %.17g %.17g %.17g %.17g %.17g\n", g.bias, g.within, g.between, g.sd, g.low, g.high, g.bias_u);
	} else if (strcmp(what, "paired") == 0) {
		struct ttest t = ttest_paired(stats_mean(d, n), stats_sd(d, n), (double)n);

		printf("%.17g %.17g\n", t.t, t.p);
	} else if (strcmp(what, "pooled") == 0) {
		struct ttest t = ttest_pooled(
			stats_mean(a, n), stats_sd(a, n), (double)n, stats_mean(b, n), stats_sd(b, n), (double)n);

		printf("%.17g %.17g\n", t.t, t.p);
	} else {
		return 2;
	}
	return 0;
}

static void a_line_without_error_is_found_exactly(void **state)
{
	const double x[] = {1, 2, 4, 8, 9}, y[] = {3.5, 5.5, 9.5, 17.5, 19.5};
	struct line_fit ordinary = line_fit_ordinary(x, y, 5), deming = line_fit_deming(x, y, 5, 1);

	(void)state;
	assert_near(ordinary.slope, 2, 1e-12);
	assert_near(ordinary.intercept, 1.5, 1e-12);
	assert_near(deming.slope, 2, 1e-12);
	assert_near(deming.intercept, 1.5, 1e-11);
	assert_near(deming.slope_u, 0, 1e-9);
	assert_near(line_fit_at(&deming, 10, 0.95).value, 21.5, 1e-10);
}

static void deming_treats_both_axes_alike(void **state)
{
	const double x[] = {1, 2, 3, 4, 5, 6}, y[] = {1.4, 1.7, 3.3, 3.9, 5.3, 5.8};
	struct line_fit one = line_fit_deming(x, y, 6, 1), other = line_fit_deming(y, x, 6, 1);
	struct line_fit nearly = line_fit_deming(x, y, 6, 1e9), ordinary = line_fit_ordinary(x, y, 6);

	(void)state;
	assert_near(one.slope * other.slope, 1, 1e-12);
	assert_near(nearly.slope, ordinary.slope, 1e-6); /* where only y errs it is the ordinary line */
}

static void blocks_of_one_pair_are_the_plain_jackknife(void **state)
{
	const double x[] = {1, 2, 3, 4, 5, 6}, y[] = {1.4, 1.7, 3.3, 3.9, 5.3, 5.8};
	const int own[] = {5, 0, 1, 2, 7, 3};
	struct line_fit plain = line_fit_deming(x, y, 6, 1), blocks = line_fit_deming_blocks(x, y, own, 6, 8, 1);

	(void)state;
	assert_near(blocks.slope, plain.slope, 1e-13);
	assert_near(blocks.slope_u, plain.slope_u, 1e-13);
	assert_near(blocks.intercept_u, plain.intercept_u, 1e-12);
	assert_near(blocks.covariance, plain.covariance, 1e-12);
	assert_near(blocks.dof, plain.dof, 0);
}

/* 20 days of 6 to 18 hours, most of an error common to the day's hours: intervals from blocks hold the truth, those from pairs
 * do not. Errors of x and y have the same variance. */
static void days_left_out_whole_give_honest_intervals(void **state)
{
	struct rng rng = rng_seeded(8);
	int series = 1500, by_day = 0, by_pair = 0, n;

	(void)state;
	for (int s = 0; s < series; s++) {
		struct stats_interval days, pairs;
		struct line_fit f;

		n = 0;
		for (int day = 0; day < 20; day++) {
			double load = 5 + rng_normal(&rng), ex = 0.3 * rng_normal(&rng), ey = 0.3 * rng_normal(&rng);

			for (int h = 0; h < 6 + day % 13; h++, n++) {
				double truth = load + 0.5 * rng_normal(&rng);

				a[n] = truth + ex + 0.1 * rng_normal(&rng);
				b[n] = 0.2 + 1.05 * truth + ey + 0.1 * rng_normal(&rng);
				subject[n] = day;
			}
		}
		f = line_fit_deming_blocks(a, b, subject, (size_t)n, 20, 1);
		days = line_fit_slope(&f, 0.95);
		f = line_fit_ordinary(a, b, (size_t)n); /* as sure of itself as n hours make it */
		pairs = line_fit_slope(&f, 0.95);
		by_day += fabs(days.value - 1.05) <= days.U;
		by_pair += fabs(days.value - 1.05) <= pairs.U;
	}
	assert_near(by_day / (double)series, 0.945, 0.025);
	assert_true(by_pair < 0.7 * series);
}

static void too_little_gives_nothing(void **state)
{
	const double x[] = {1, 2}, same[] = {3, 3, 3}, y[] = {1, 2, 3};
	const int one[] = {1, 1}, two[] = {0, 1, 1};

	(void)state;
	assert_true(isnan(line_fit_ordinary(x, y, 2).slope) && isnan(line_fit_deming(same, y, 3, 1).slope));
	assert_true(isnan(line_fit_ordinary(same, y, 3).slope_u));
	assert_true(isnan(line_fit_deming_blocks(y, y, two, 3, 2, 1).slope));
	assert_true(isnan(line_fit_deming_blocks(y, y, two, 3, 0, 1).slope_u));
	assert_true(isnan(agreement_repeated(x, one, 1).sd));
	assert_true(isnan(ttest_paired(1, 1, 1).p) && isnan(ttest_paired(1, 0, 5).p));
	assert_true(isnan(ttest_pooled(1, NAN, 1, 2, NAN, 1).p));
}

/* One pair a subject: the limits of 1986, mean +- 1.96 sd. */
static void single_pairs_give_the_plain_limits(void **state)
{
	const double x[] = {-2, 1, 0, 3, -1};
	const int own[] = {1, 2, 3, 4, 5};
	struct agreement g = agreement_repeated(x, own, 5);

	(void)state;
	assert_near(g.bias, 0.2, 1e-12);
	assert_near(g.sd, stats_sd(x, 5), 1e-12);
	assert_near(g.high - g.bias, 1.959964 * stats_sd(x, 5), 1e-5);
	assert_true(isnan(g.within) && isnan(g.between));
}

/* Sums by hand: subjects (1, 3) and (6, 8): means 2 and 7, MSw = (2 + 2)/2, MSb = 2 2.5^2 2, m0 = 2. */
static void repeats_split_the_variance(void **state)
{
	const double x[] = {1, 3, 6, 8};
	const int who[] = {4, 4, 9, 9};
	struct agreement g = agreement_repeated(x, who, 4);

	(void)state;
	assert_int_equal(g.subjects, 2);
	assert_near(g.within * g.within, 2, 1e-12);
	assert_near(g.between * g.between, (25 - 2) / 2.0, 1e-12);
	assert_near(g.sd * g.sd, 13.5, 1e-12);
}

static void fewer_independent_readings_make_less_sure(void **state)
{
	(void)state;
	assert_true(ttest_paired(1, 2, 24).p < ttest_paired(1, 2, 3).p);
	assert_near(ttest_p(2.776445, 4), 0.05, 1e-6);
	assert_near(ttest_p(1.959964, INFINITY), 0.05, 1e-6);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_without_error_is_found_exactly),
		cmocka_unit_test(deming_treats_both_axes_alike),
		cmocka_unit_test(blocks_of_one_pair_are_the_plain_jackknife),
		cmocka_unit_test(days_left_out_whole_give_honest_intervals),
		cmocka_unit_test(too_little_gives_nothing),
		cmocka_unit_test(single_pairs_give_the_plain_limits),
		cmocka_unit_test(repeats_split_the_variance),
		cmocka_unit_test(fewer_independent_readings_make_less_sure),
	};

	if (argc > 1)
		return calculate(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

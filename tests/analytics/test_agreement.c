/* Limits of agreement against published examples. With arguments: a calculator of difference and subject, for the peer. */
#include "tests/check.h"

#include "analytics/core/agreement.h"
#include "analytics/core/rng.h"
#include "tests/analytics/calculator.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

enum { MOST = 4000 };

/* Cardiac output by radionuclide ventriculography and impedance cardiography, twelve subjects: Bland and Altman, Stat. Methods
 * Med. Res. 8 (1999) 135, table 4; J. Biopharm. Stat. 17 (2007) 571, table 1. */
static const double output[][3] = {{1, 7.83, 6.57}, {1, 7.42, 5.62}, {1, 7.89, 6.90}, {1, 7.12, 6.57},
	{1, 7.88, 6.35}, {2, 6.16, 4.06}, {2, 7.26, 4.29}, {2, 6.71, 4.26}, {2, 6.54, 4.09}, {3, 4.75, 4.71},
	{3, 5.24, 5.50}, {3, 4.86, 5.08}, {3, 4.78, 5.02}, {3, 6.05, 6.01}, {3, 5.42, 5.67}, {4, 4.21, 4.14},
	{4, 3.61, 4.20}, {4, 3.72, 4.61}, {4, 3.87, 4.68}, {4, 3.92, 5.04}, {5, 3.13, 3.03}, {5, 2.98, 2.86},
	{5, 2.85, 2.77}, {5, 3.17, 2.46}, {5, 3.09, 2.32}, {5, 3.12, 2.43}, {6, 5.92, 5.90}, {6, 6.42, 5.81},
	{6, 5.92, 5.70}, {6, 6.27, 5.76}, {7, 7.13, 5.09}, {7, 6.62, 4.63}, {7, 6.58, 4.61}, {7, 6.93, 5.09},
	{8, 4.54, 4.72}, {8, 4.81, 4.61}, {8, 5.11, 4.36}, {8, 5.29, 4.20}, {8, 5.39, 4.36}, {8, 5.57, 4.20},
	{9, 4.48, 3.17}, {9, 4.92, 3.12}, {9, 3.97, 2.96}, {10, 4.22, 4.35}, {10, 4.65, 4.62},
	{10, 4.74, 3.16}, {10, 4.44, 3.53}, {10, 4.50, 3.53}, {11, 6.78, 7.20}, {11, 6.07, 6.09},
	{11, 6.52, 7.00}, {11, 6.42, 7.10}, {11, 6.41, 7.40}, {11, 5.76, 6.80}, {12, 5.06, 4.50},
	{12, 4.72, 4.20}, {12, 4.90, 3.80}, {12, 4.80, 3.80}, {12, 4.90, 4.20}, {12, 5.10, 4.50}};

enum { PAIRS = sizeof(output) / sizeof(*output), FOUR_SUBJECTS = 20 };

static void differences(double *d, int *subject)
{
	for (int i = 0; i < PAIRS; i++) {
		d[i] = output[i][1] - output[i][2];
		subject[i] = (int)output[i][0];
	}
}

static void twelve_subjects_give_the_published_limits(void **state)
{
	double d[PAIRS];
	int subject[PAIRS];
	struct agreement a;

	(void)state;
	differences(d, subject);
	a = agreement_repeated(d, subject, PAIRS);
	assert_int_equal(a.pairs, 60);
	assert_int_equal(a.subjects, 12);
	assert_near(a.bias, 0.6021667, 1e-6);
	assert_near(a.within * a.within, 0.170714, 1e-6);
	assert_near(a.sd * a.sd, 0.981336, 1e-6);
	/* with 1.96, as printed there */
	assert_near(a.bias - 1.96 * a.sd, -1.3394565, 1e-6);
	assert_near(a.high, 2.5437899, 5e-5);
}

/* The first four of them: Zou (2013), section 4, limits with their confidence limits. */
static void four_subjects_give_the_published_intervals_of_the_limits(void **state)
{
	double d[PAIRS];
	int subject[PAIRS];
	struct agreement a;

	(void)state;
	differences(d, subject);
	a = agreement_by_subject(d, subject, FOUR_SUBJECTS);
	assert_near(a.bias, 0.7255, 5e-3);
	assert_near(a.low, -2.14, 5e-3);
	assert_near(a.high, 3.59, 5e-3);
	assert_near(a.low_from, -9.83, 1e-2);
	assert_near(a.low_to, -0.33, 1e-2);
	assert_near(a.high_from, 1.77, 1e-2);
	assert_near(a.high_to, 11.27, 1e-2);
}

static void subjects_with_equally_many_pairs_give_both_the_same(void **state)
{
	struct rng rng = rng_seeded(6);
	struct agreement a, b;
	double d[30];
	int subject[30];

	(void)state;
	for (int i = 0; i < 30; i++) {
		subject[i] = (i * 7) % 6; /* not in order */
		d[i] = 2 * subject[i] + rng_normal(&rng);
	}
	a = agreement_repeated(d, subject, 30);
	b = agreement_by_subject(d, subject, 30);
	assert_near(a.bias, b.bias, 1e-13);
	assert_near(a.sd, b.sd, 1e-13);
	assert_near(a.bias_u, b.bias_u, 1e-13);
	assert_near(a.between, b.between, 1e-13);
	assert_near(a.limit_u, b.limit_u, 1e-13);
	assert_near(a.low_from, b.low_from, 1e-12);
	assert_near(a.high_to, b.high_to, 1e-12);
}

/* How often 3,000 intervals hold the true upper limit; subjects have 3, 4, 5 ... pairs, sd 1 among and 0.5 within. */
static double coverage(int subjects, bool alike, uint64_t seed)
{
	struct rng rng = rng_seeded(seed);
	double d[200], truth = 0.3 + 1.959964 * sqrt(1.25);
	int subject[200], held = 0, series = 3000;

	for (int s = 0; s < series; s++) {
		struct agreement a;
		size_t n = 0;

		for (int i = 0; i < subjects; i++) {
			double own = 0.3 + rng_normal(&rng);

			for (int j = 0; j < 3 + i % 5; j++, n++) {
				d[n] = own + 0.5 * rng_normal(&rng);
				subject[n] = i;
			}
		}
		a = alike ? agreement_by_subject(d, subject, n) : agreement_repeated(d, subject, n);
		held += a.high_from <= truth && truth <= a.high_to;
	}
	return held / (double)series;
}

static void intervals_of_the_limits_hold_the_truth_in_93_to_97_of_100(void **state)
{
	(void)state;
	assert_near(coverage(6, true, 1), 0.95, 0.02);
	assert_near(coverage(6, false, 2), 0.95, 0.02);
	assert_near(coverage(20, true, 3), 0.95, 0.02);
	assert_near(coverage(20, false, 4), 0.95, 0.02);
}

/* Half a year of hours of twenty heat pumps: so many degrees of freedom that the library's quantile does not converge. */
static void a_hundred_thousand_pairs_still_have_intervals_of_their_limits(void **state)
{
	enum { MANY = 100000, PUMPS = 20 };
	double *d = malloc(MANY * sizeof(*d));
	int *subject = malloc(MANY * sizeof(*subject));
	struct rng rng = rng_seeded(8);
	struct agreement a;

	(void)state;
	assert_true(d && subject);
	for (int i = 0; i < MANY; i++) {
		subject[i] = i % PUMPS;
		d[i] = subject[i] * 0.1 + rng_normal(&rng);
	}
	gsl_set_error_handler_off();
	a = agreement_repeated(d, subject, MANY);
	assert_true(a.low_from < a.low && a.low < a.low_to && a.high_from < a.high && a.high < a.high_to);
	assert_near(a.within, 1, 0.01);
	free(d);
	free(subject);
}

static void one_subject_says_nothing_of_where_the_limits_lie(void **state)
{
	const double d[] = {1, 2, 4};
	const int same[] = {5, 5, 5}, own[] = {1, 2, 3};
	struct agreement a = agreement_repeated(d, same, 3), b = agreement_by_subject(d, own, 3);

	(void)state;
	assert_true(isnan(a.low_from) && isnan(a.high_to) && !isnan(a.low));
	assert_true(b.low_from < b.low && b.low < b.low_to && b.high_from < b.high && b.high < b.high_to);
	assert_true(
		isnan(agreement_by_subject(d, own, 1).low) && isnan(agreement_by_subject(d, own, 0).bias));
}

static int calculate(void)
{
	static double x[2 * MOST];
	static int subject[MOST];
	size_t n = calculator_read(x, MOST, 2);

	for (size_t i = 0; i < n; i++)
		subject[i] = (int)x[MOST + i];
	for (int k = 0; k < 2; k++) {
		struct agreement a =
			k ? agreement_by_subject(x, subject, n) : agreement_repeated(x, subject, n);

		calculator_write(9, a.bias, a.bias_u, a.sd, a.low, a.high, a.low_from, a.low_to, a.high_from,
			a.high_to);
	}
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(twelve_subjects_give_the_published_limits),
		cmocka_unit_test(four_subjects_give_the_published_intervals_of_the_limits),
		cmocka_unit_test(subjects_with_equally_many_pairs_give_both_the_same),
		cmocka_unit_test(intervals_of_the_limits_hold_the_truth_in_93_to_97_of_100),
		cmocka_unit_test(a_hundred_thousand_pairs_still_have_intervals_of_their_limits),
		cmocka_unit_test(one_subject_says_nothing_of_where_the_limits_lie),
	};

	(void)argv;
	if (argc > 1)
		return calculate();
	return cmocka_run_group_tests(tests, NULL, NULL);
}

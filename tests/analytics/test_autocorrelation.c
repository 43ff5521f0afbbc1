/* Series that remember, with gaps. With arguments LAGS or "long" LAG: a calculator of a series, for the peer. */
#include "tests/check.h"

#include "analytics/core/autocorrelation.h"
#include "analytics/core/rng.h"
#include "analytics/core/stats.h"
#include "tests/analytics/calculator.h"

#include <math.h>
#include <stdlib.h>

enum { MOST = 20000 };

static double x[MOST];

static void first_order(double *out, size_t n, double memory, struct rng *rng)
{
	double v = rng_normal(rng);

	for (size_t i = 0; i < n; i++) {
		out[i] = v;
		v = memory * v + sqrt(1 - memory * memory) * rng_normal(rng);
	}
}

static void without_gaps_it_is_the_usual_estimator(void **state)
{
	struct rng rng = rng_seeded(1);
	double r[6];

	(void)state;
	first_order(x, 50, 0.6, &rng);
	autocorrelation(x, 50, 5, r);
	for (size_t k = 0; k <= 5; k++)
		assert_near(r[k], stats_autocorrelation(x, 50, k), 1e-14);
	assert_near(r[0], 1, 1e-15);
}

/* By hand: 1, -, 3, 5, -, 3: mean 3, z = -2, -, 0, 2, -, 0; lag 1 has one pair, lag 2 two, lag 4 none. */
static void pairs_across_a_gap_are_left_out(void **state)
{
	const double y[] = {1, NAN, 3, 5, NAN, 3};
	struct long_run l = autocorrelation_long_run(y, 6, 2);
	double r[6];

	(void)state;
	autocorrelation(y, 6, 5, r);
	assert_near(r[1], 0, 1e-15);
	assert_near(r[2], 0, 1e-15);
	assert_near(r[3], (-4.0 / (2 + 3)) / (8.0 / 4), 1e-15);
	assert_true(isnan(r[4]) && !isnan(r[5]));
	assert_int_equal(l.known, 4);
	assert_near(l.mean, 3, 1e-15);
	assert_near(l.variance, 2, 1e-15);
	assert_near(l.mean_u, sqrt(0.5), 1e-15);
}

/* A fifth of 20,000 samples missing: the correlation of a first-order series stays what it is. */
static void missing_samples_do_not_hide_the_memory(void **state)
{
	struct rng rng = rng_seeded(2);
	double r[4];

	(void)state;
	first_order(x, MOST, 0.6, &rng);
	for (size_t i = 0; i < MOST; i++)
		if (rng_below(&rng, 5) == 0)
			x[i] = NAN;
	autocorrelation(x, MOST, 3, r);
	for (int k = 1; k <= 3; k++)
		assert_near(r[k], pow(0.6, k), 0.03);
}

/* phi = 0.6: (1 + phi)/(1 - phi) = 4 times the variance of independent samples, a quarter of the samples. */
static void the_long_run_variance_is_that_of_theory(void **state)
{
	struct rng rng = rng_seeded(3);
	struct long_run l;

	(void)state;
	first_order(x, MOST, 0.6, &rng);
	l = autocorrelation_long_run(x, MOST, 40);
	assert_near(l.variance, 4, 0.5);
	assert_near(l.n_effective / MOST, 0.25, 0.03);
	assert_near(l.mean_u, sqrt(l.variance / MOST), 1e-15);
}

/* The mean of what is known of 4,000 series of 400 with a third missing in stretches: its scatter against its uncertainty. */
static void the_uncertainty_of_a_mean_with_gaps_is_its_scatter(void **state)
{
	struct rng rng = rng_seeded(4);
	double squares = 0, told = 0;
	int series = 4000;

	(void)state;
	for (int s = 0; s < series; s++) {
		struct long_run l;

		first_order(x, 400, 0.5, &rng);
		for (size_t i = 0; i < 400; i++)
			if (i % 30 >= 20)
				x[i] = NAN;
		l = autocorrelation_long_run(x, 400, 12);
		squares += l.mean * l.mean / series;
		told += l.mean_u * l.mean_u / series;
	}
	assert_near(told / squares, 0.9, 0.1); /* Bartlett's weights and the known mean take some */
}

static void the_rule_of_thumb_is_that_of_the_books(void **state)
{
	(void)state;
	assert_int_equal(autocorrelation_lag(27), 2);
	assert_int_equal(autocorrelation_lag(100), 4);
	assert_int_equal(autocorrelation_lag(200), 4);
	assert_int_equal(autocorrelation_lag(155520), 20);
	assert_int_equal(autocorrelation_long_run(x, 200, AUTOCORRELATION_BY_RULE).lag, 4);
}

static void nothing_known_gives_nothing(void **state)
{
	const double one[] = {NAN, 4, NAN}, same[] = {2, 2, 2};
	double r[2];

	(void)state;
	autocorrelation(one, 3, 1, r);
	assert_true(isnan(r[0]) && isnan(r[1]) && isnan(autocorrelation_long_run(one, 3, 1).mean_u));
	autocorrelation(same, 3, 1, r);
	assert_true(isnan(r[1]) && isnan(autocorrelation_long_run(same, 3, 1).n_effective));
	assert_near(autocorrelation_long_run(same, 3, 9).variance, 0, 0);
	assert_int_equal(autocorrelation_long_run(same, 3, 9).lag, 2);
	assert_true(isnan(autocorrelation_long_run(one, 0, 1).mean));
}

static int calculate(int argc, char **argv)
{
	size_t n = calculator_read(x, MOST, 1);
	double r[100];

	if (argc == 3) {
		struct long_run l = autocorrelation_long_run(x, n, atol(argv[2]));

		calculator_write(5, l.mean, l.variance, l.mean_u, l.n_effective, (double)l.lag);
		return 0;
	}
	autocorrelation(x, n, (size_t)atoi(argv[1]), r);
	for (int k = 0; k <= atoi(argv[1]); k++)
		calculator_write(1, r[k]);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_gaps_it_is_the_usual_estimator),
		cmocka_unit_test(pairs_across_a_gap_are_left_out),
		cmocka_unit_test(missing_samples_do_not_hide_the_memory),
		cmocka_unit_test(the_long_run_variance_is_that_of_theory),
		cmocka_unit_test(the_uncertainty_of_a_mean_with_gaps_is_its_scatter),
		cmocka_unit_test(the_rule_of_thumb_is_that_of_the_books),
		cmocka_unit_test(nothing_known_gives_nothing),
	};

	if (argc > 1)
		return calculate(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

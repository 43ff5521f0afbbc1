/* Units that differ, against a published example. With arguments LEVEL METHOD: a calculator of estimate and variance. */
#include "tests/check.h"

#include "analytics/core/rng.h"
#include "analytics/core/unit_effect.h"
#include "tests/analytics/calculator.h"

#include <math.h>
#include <stdlib.h>

enum { MOST = 200, TRIALS = 13 };

/* The BCG vaccine trials (Colditz et al., JAMA 271 (1994) 698): treated ill and well, controls ill and well. */
static const double trial[TRIALS][4] = {{4, 119, 11, 128}, {6, 300, 29, 274}, {3, 228, 11, 209},
	{62, 13536, 248, 12619}, {33, 5036, 47, 5761}, {180, 1361, 372, 1079}, {8, 2537, 10, 619},
	{505, 87886, 499, 87892}, {29, 7470, 45, 7232}, {17, 1699, 65, 1600}, {186, 50448, 141, 27197},
	{5, 2493, 3, 2338}, {27, 16886, 29, 17825}};

static void log_risk_ratios(double *y, double *v)
{
	for (int i = 0; i < TRIALS; i++) {
		double a = trial[i][0], treated = a + trial[i][1], c = trial[i][2], control = c + trial[i][3];

		y[i] = log(a / treated) - log(c / control);
		v[i] = 1 / a - 1 / treated + 1 / c - 1 / control;
	}
}

/* Viechtbauer, J. Stat. Softw. 36 (2010) 3, and the digits that his metafor gives: it iterates to 1e-5. */
static void thirteen_trials_give_the_published_estimates(void **state)
{
	double y[TRIALS], v[TRIALS];
	struct unit_effect e;

	(void)state;
	log_risk_ratios(y, v);
	e = unit_effect(y, v, TRIALS, 0.95, UNIT_EFFECT_REML);
	assert_near(e.tau2, 0.313243326, 2e-7);
	assert_near(e.mean, -0.714532348, 1e-7);
	assert_near(e.low, -1.108443723, 2e-7);
	assert_near(e.high, -0.320620974, 2e-7);
	assert_near(e.q, 152.233008082373, 1e-9);
	assert_near(e.i2, (152.233008082373 - 12) / 152.233008082373, 1e-12);
	/* 95 % of tau^2: 0.1197 to 1.1115 */
	assert_near(e.tau2_low, 0.1197, 6e-5);
	assert_near(e.tau2_high, 1.1115, 6e-5);
	assert_near(unit_effect(y, v, TRIALS, 0.95, UNIT_EFFECT_PAULE_MANDEL).tau2, 0.3181, 6e-5);
}

static void units_that_agree_do_not_differ_and_are_still_not_certain(void **state)
{
	const double y[] = {0.1, 0.12}, v[] = {0.04, 0.05}, same[] = {1, 1, 1}, small[] = {0.01, 0.01, 0.04};
	struct unit_effect e = unit_effect(y, v, 2, 0.95, UNIT_EFFECT_REML);
	struct unit_effect f = unit_effect(same, small, 3, 0.95, UNIT_EFFECT_REML);

	(void)state;
	assert_near(e.tau2, 0, 0);
	assert_near(e.mean, 0.108888888889, 1e-12);
	assert_true(e.u >= sqrt(1 / (1 / 0.04 + 1 / 0.05)) && e.high > e.low);
	assert_true(isnan(e.next_low) && isnan(e.next_high));
	assert_near(f.u, sqrt(1 / 225.0), 1e-15);
	assert_true(f.next_high > f.high && f.i2 == 0);
}

static void one_unit_says_nothing_of_how_units_differ(void **state)
{
	const double y[] = {2.5, 1}, v[] = {0.01, 0}, bad[] = {NAN, 1}, good[] = {1, 1};
	struct unit_effect e = unit_effect(y, v, 1, 0.95, UNIT_EFFECT_REML);

	(void)state;
	assert_near(e.mean, 2.5, 0);
	assert_true(isnan(e.tau2) && isnan(e.u) && isnan(e.low) && isnan(e.i2) && isnan(e.next_high) &&
		    isnan(e.q_p));
	assert_true(isnan(unit_effect(y, v, 2, 0.95, UNIT_EFFECT_REML).mean));
	assert_true(isnan(unit_effect(bad, good, 2, 0.95, UNIT_EFFECT_REML).mean));
	assert_true(isnan(unit_effect(y, v, 0, 0.95, UNIT_EFFECT_REML).mean));
}

/* Units whose own variance is next to nothing: tau^2 is the sample variance of the estimates, the next unit t(k-1)-like. */
static void exact_estimates_leave_only_what_is_between(void **state)
{
	const double y[] = {1, 2, 4, 7}, v[] = {1e-12, 1e-12, 1e-12, 1e-12};

	(void)state;
	assert_near(unit_effect(y, v, 4, 0.95, UNIT_EFFECT_REML).tau2, 7, 1e-9);
	assert_near(unit_effect(y, v, 4, 0.95, UNIT_EFFECT_PAULE_MANDEL).tau2, 7, 1e-9);
	assert_near(unit_effect(y, v, 4, 0.95, UNIT_EFFECT_REML).u, sqrt(7.0 / 4), 1e-9);
}

/* Six units with variances that differ fivefold, tau = 1: how often the mean, and a new unit, lie inside. */
static void intervals_of_six_units_hold_the_mean_and_the_next(void **state)
{
	struct rng rng = rng_seeded(12);
	int series = 4000, mean = 0, next = 0;

	(void)state;
	for (int s = 0; s < series; s++) {
		double y[6], v[6], future = 3 + rng_normal(&rng);
		struct unit_effect e;

		for (int i = 0; i < 6; i++) {
			v[i] = 0.1 * (1 + i % 5);
			y[i] = 3 + rng_normal(&rng) + sqrt(v[i]) * rng_normal(&rng);
		}
		e = unit_effect(y, v, 6, 0.95, UNIT_EFFECT_REML);
		mean += e.low <= 3 && 3 <= e.high;
		next += e.next_low <= future && future <= e.next_high;
	}
	assert_near(mean / (double)series, 0.955, 0.015);
	assert_near(next / (double)series, 0.935, 0.02); /* as unit_effect.h says */
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(thirteen_trials_give_the_published_estimates),
		cmocka_unit_test(units_that_agree_do_not_differ_and_are_still_not_certain),
		cmocka_unit_test(one_unit_says_nothing_of_how_units_differ),
		cmocka_unit_test(exact_estimates_leave_only_what_is_between),
		cmocka_unit_test(intervals_of_six_units_hold_the_mean_and_the_next),
	};

	if (argc == 3) {
		static double x[2 * MOST];
		int n = (int)calculator_read(x, MOST, 2);
		struct unit_effect e =
			unit_effect(x, x + MOST, n, atof(argv[1]), (enum unit_effect_method)atoi(argv[2]));

		calculator_write(
			10, e.mean, e.u, e.low, e.high, e.tau2, e.q, e.q_p, e.i2, e.next_low, e.next_high);
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}

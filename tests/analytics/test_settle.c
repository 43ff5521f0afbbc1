/* Where a step has settled: against steps whose truth is known. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdlib.h>
#include <stdint.h>
#include <cmocka.h>

#include "analytics/core/settle.h"
#include "analytics/core/stats.h"
#include "analytics/core/uncertainty.h"
#include "tests/analytics/random.h"

enum { MOST = 400 };

struct step {
	int n;
	double from, to, dead, tau; /* s; one sample a second */
	double sd, phi, digit;
	double t[MOST], x[MOST];
};

static void make(struct step *s, uint64_t *seed)
{
	double e = s->sd * random_normal(seed);

	for (int i = 0; i < s->n; i++) {
		double gone = i > s->dead ? exp(-(i - s->dead) / s->tau) : 1, value;

		value = s->to + (s->from - s->to) * gone + e;
		e = s->phi * e + sqrt(1 - s->phi * s->phi) * s->sd * random_normal(seed);
		s->t[i] = i;
		s->x[i] = s->digit > 0 ? s->digit * round(value / s->digit) : value;
	}
}

static struct settle find(const struct step *s)
{
	return settle_find(
		s->t, s->x, (size_t)s->n, &(struct settle_options){s->digit > 0 ? s->digit : NAN, NAN, 0});
}

static void dead_time_and_time_constant_are_found(void **state)
{
	struct step s = {.n = 30, .from = 1119, .to = 995, .dead = 3, .tau = 2.5, .sd = 1, .digit = 0.618};
	uint64_t seed = 1;

	(void)state;
	for (int i = 0; i < 200; i++) {
		struct settle found;

		make(&s, &seed);
		found = find(&s);
		assert_int_equal(found.state, SETTLE_SETTLED);
		assert_true(found.dead_time >= 2 && found.dead_time <= 4);
		assert_true(found.settling_time >= 8 && found.settling_time <= 17);
		assert_true(found.tau > 1.2 && found.tau < 5);
		assert_true(found.first >= 12 && found.first <= 25);
	}
}

/* The proof that matters: over a thousand steps, the 95 % interval of the settled mean contains the truth. */
static double coverage(double amplitude, double phi, int n, int rounds, uint64_t seed)
{
	int inside = 0;

	for (int i = 0; i < rounds; i++) {
		struct step s = {.n = n,
			.to = 500 + random_uniform(&seed),
			.dead = 2 + 2 * random_uniform(&seed),
			.tau = 1.5 + 2 * random_uniform(&seed),
			.sd = 3,
			.phi = phi,
			.digit = 0.618};
		struct settle found;
		struct stats_sample mean;
		struct uncertainty u;

		s.from = s.to - amplitude;
		make(&s, &seed);
		found = find(&s);
		mean = stats_describe(s.x + found.first, (size_t)s.n - found.first);
		u = uncertainty_combine(
			(struct uncertainty_row[]){{"mean", mean.u, DISTRIBUTION_NORMAL, 1, 1, mean.dof},
				{"rest", found.rest, DISTRIBUTION_RECTANGULAR, 0, 1, INFINITY},
				{"digit", uncertainty_digit(s.digit, mean.sd), DISTRIBUTION_NORMAL, 1, 1,
					INFINITY}},
			3, 0.95);
		inside += fabs(mean.mean - s.to) <= u.U;
	}
	return (double)inside / rounds;
}

static void the_interval_covers_the_truth(void **state)
{
	static const double amplitude[] = {0, 10, 60, 200, 800};

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		double white = coverage(amplitude[i], 0, 30, 2000, 11 + i),
		       longer = coverage(amplitude[i], 0, 120, 1000, i + 3);

		print_message("step of %g l/h, white noise of 3: %.1f %% of 30 samples, %.1f %% of 120\n",
			amplitude[i], 100 * white, 100 * longer);
		assert_true(white >= 0.93 && white <= 0.97);
		assert_true(longer >= 0.93 && longer <= 0.97);
	}
}

/* With memory a dozen samples cannot show how long it is: the interval stays a little too short, and less
 * so the longer the step. */
static void noise_with_memory_is_mostly_paid_for(void **state)
{
	double few = coverage(200, 0.5, 30, 1000, 5), more = coverage(200, 0.5, 120, 1000, 6);

	(void)state;
	print_message(
		"first-order noise, 0.5: %.1f %% of 30 samples, %.1f %% of 120\n", 100 * few, 100 * more);
	assert_true(few >= 0.84 && few <= 0.98);
	assert_true(more >= 0.91 && more <= 0.98);
}

static void no_step_takes_the_second_half(void **state)
{
	struct step s = {.n = 30, .from = 40, .to = 40, .dead = 3, .tau = 2, .digit = 1};
	uint64_t seed = 3;
	struct settle found;

	(void)state;
	make(&s, &seed);
	found = find(&s);
	assert_int_equal(found.state, SETTLE_NO_STEP);
	assert_int_equal(found.first, 15);
	assert_true(isnan(found.dead_time) && isnan(found.settling_time));
}

static void a_ramp_never_settles(void **state)
{
	struct step s = {.n = 30, .from = 500, .to = 500, .dead = 3, .tau = 2, .sd = 2};
	uint64_t seed = 4;

	(void)state;
	make(&s, &seed);
	for (int i = 0; i < s.n; i++)
		s.x[i] += 3.0 * i;
	assert_false(settle_usable(find(&s).state));
}

static void a_step_that_comes_at_the_end_is_too_late(void **state)
{
	struct step s = {.n = 30, .from = 300, .to = 500, .dead = 26, .tau = 0.1, .sd = 1};
	uint64_t seed = 5;
	struct settle found;

	(void)state;
	make(&s, &seed);
	found = find(&s);
	assert_false(settle_usable(found.state));
}

/* A start as recorded: code-like readings of 74 to 122 W while nothing flows, then a slow run-up. */
static void start_up_codes_stay_out_of_the_window(void **state)
{
	static const double power[30] = {0, 80, 84, 122, 12, 20, 27, 33, 38, 41, 43, 44, 43, 43, 44, 43, 43,
		43, 44, 43, 43, 43, 44, 43, 43, 43, 44, 43, 43, 43};
	double t[30];
	struct settle found;

	(void)state;
	for (int i = 0; i < 30; i++)
		t[i] = i;
	found = settle_find(t, power, 30, &(struct settle_options){1, NAN, 0});
	assert_int_equal(found.state, SETTLE_SETTLED);
	assert_true(found.first >= 8);
	assert_true(found.settling_time >= 8 && found.settling_time <= 11);
	assert_true(fabs(stats_mean(power + found.first, 30 - found.first) - 43.2) < 0.3);
}

static void one_wild_sample_moves_nothing(void **state)
{
	struct step s = {.n = 30, .from = 1119, .to = 995, .dead = 3, .tau = 2.5, .sd = 1, .digit = 0.618};
	uint64_t seed = 8;
	struct settle clean, wild;

	(void)state;
	make(&s, &seed);
	clean = find(&s);
	s.x[24] += 300;
	wild = find(&s);
	assert_int_equal(wild.state, SETTLE_SETTLED);
	assert_true(labs((long)wild.first - (long)clean.first) <= 3);
}

/* Coarse readings that mostly repeat, with a slow swing at the end: still at rest. */
static void values_that_repeat_do_not_shrink_the_band(void **state)
{
	static const int counts[30] = {0, 0, 0, 0, 831, 1545, 1709, 1767, 1783, 1775, 1789, 1790, 1796, 1791, 1794, 1786,
		1792, 1796, 1796, 1796, 1797, 1796, 1802, 1795, 1795, 1795, 1789, 1787, 1795, 1795};
	double t[30], flow[30];
	struct settle found;

	(void)state;
	for (int i = 0; i < 30; i++) {
		t[i] = i;
		flow[i] = 0.618 * counts[i];
	}
	found = settle_find(t, flow, 30, &(struct settle_options){0.618, NAN, 0});
	assert_int_equal(found.state, SETTLE_SETTLED);
	assert_true(found.first <= 20);
}

static void seven_samples_are_too_few(void **state)
{
	struct step s = {.n = 7, .from = 1, .to = 2, .dead = 1, .tau = 1};
	uint64_t seed = 9;

	(void)state;
	make(&s, &seed);
	assert_int_equal(find(&s).state, SETTLE_TOO_SHORT);
	assert_int_equal(
		settle_find(NULL, NULL, 0, &(struct settle_options){NAN, NAN, 0}).state, SETTLE_TOO_SHORT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dead_time_and_time_constant_are_found),
		cmocka_unit_test(the_interval_covers_the_truth),
		cmocka_unit_test(noise_with_memory_is_mostly_paid_for),
		cmocka_unit_test(no_step_takes_the_second_half),
		cmocka_unit_test(a_ramp_never_settles),
		cmocka_unit_test(a_step_that_comes_at_the_end_is_too_late),
		cmocka_unit_test(start_up_codes_stay_out_of_the_window),
		cmocka_unit_test(one_wild_sample_moves_nothing),
		cmocka_unit_test(values_that_repeat_do_not_shrink_the_band),
		cmocka_unit_test(seven_samples_are_too_few),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

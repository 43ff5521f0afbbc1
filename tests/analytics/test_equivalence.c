/* Equivalence, its days, and several tests at once. With arguments: a calculator for the peer. */
#include "tests/check.h"

#include "analytics/core/equivalence.h"
#include "analytics/core/holm.h"
#include "analytics/core/rng.h"
#include "analytics/core/stats.h"
#include "tests/analytics/calculator.h"

#include <math.h>
#include <stdlib.h>

enum { MOST = 400 };

static void the_verdict_follows_the_interval(void **state)
{
	struct equivalence same = equivalence_of_days(0.002, 0.005, 14, 0.01, 0.05);
	struct equivalence worse = equivalence_of_days(-0.02, 0.005, 14, 0.01, 0.05);
	struct equivalence open = equivalence_of_days(0.008, 0.01, 7, 0.01, 0.05);

	(void)state;
	assert_string_equal(equivalence_word(same.verdict), "equivalent");
	assert_true(same.p < 0.05 && same.p == same.p_above && same.needed <= 14);
	assert_string_equal(equivalence_word(worse.verdict), "worse");
	assert_true(worse.p_below > 0.95 && worse.high < -0.01);
	assert_string_equal(equivalence_word(open.verdict), "inconclusive");
	assert_true(open.needed > 7 && open.p > 0.05);
	/* t(0.95, 13) = 1.771 */
	assert_near(same.high - same.shift, 1.7709334 * 0.005 / sqrt(14), 1e-9);
}

/* Both p below alpha and the interval inside the margin are one and the same. */
static void interval_and_tests_agree(void **state)
{
	struct rng rng = rng_seeded(3);

	(void)state;
	for (int i = 0; i < 500; i++) {
		double mean = 0.012 * rng_normal(&rng), sd = 0.02 * rng_uniform(&rng);
		struct equivalence e = equivalence_of_days(mean, sd, 2 + rng_below(&rng, 30), 0.01, 0.05);

		assert_int_equal(e.verdict == EQUIVALENCE_EQUIVALENT, e.p < 0.05);
		assert_int_equal(e.verdict == EQUIVALENCE_WORSE, e.p > 0.95 && fabs(e.shift) > 0.01);
	}
}

static void too_few_days_are_inconclusive(void **state)
{
	struct equivalence one = equivalence_of_days(0, 0, 1, 0.01, 0.05),
			   none = equivalence_of_days(0, 1, 5, 0, 0.05);
	struct equivalence same = equivalence_of_days(0, 0, 5, 0.01, 0.05);

	(void)state;
	assert_true(isnan(one.p) && isnan(one.low) && one.verdict == EQUIVALENCE_INCONCLUSIVE &&
		    isnan(one.needed));
	assert_true(isnan(none.p) && none.verdict == EQUIVALENCE_INCONCLUSIVE);
	assert_true(same.p == 0 && same.verdict == EQUIVALENCE_EQUIVALENT);
	assert_true(isnan(equivalence_of_days(NAN, 1, 5, 1, 0.05).p) &&
		    isnan(equivalence_of_days(0, NAN, 5, 1, 0.05).p));
	assert_true(isnan(equivalence_needed(0.01, 0.01, 0.01, 0.05, 0.8)));
	assert_true(isnan(equivalence_detectable(1, 1, 0.05, 0.8)));
}

/* Two crossover trials of PowerTOST's manual, limits 0.8 to 1.25, true ratio 0.95: CV 0.2, 20 subjects: power 0.834680; CV 0.3,
 * 40 subjects: 0.815845. u = s sqrt(2/n), s^2 = ln(1 + CV^2), n - 2 degrees of freedom. */
static void power_is_the_published_one(void **state)
{
	double s20 = sqrt(log(1.04) * 2 / 20), s40 = sqrt(log(1.09) * 2 / 40);

	(void)state;
	assert_near(equivalence_power(log(0.95), s20, 18, log(1.25), 0.05), 0.834680, 1e-6);
	assert_near(equivalence_power(log(0.95), s40, 38, log(1.25), 0.05), 0.815845, 1e-6);
}

/* paired daily sd 0.5 % detects 0.54 % in 7 days, 1 % 1.08 %. */
static void seven_days_detect_what_they_are_said_to(void **state)
{
	(void)state;
	assert_near(equivalence_detectable(0.5, 7, 0.05, 0.8), 0.54, 0.005);
	assert_near(equivalence_detectable(1, 7, 0.05, 0.8), 1.08, 0.005);
	assert_true(equivalence_detectable(1, 70, 0.05, 0.8) < 0.31);
}

/* With as many days as needed eight verdicts in ten come, with one less fewer; simulated. */
static void the_days_needed_bring_a_verdict_in_eight_of_ten(void **state)
{
	static const double shift[] = {0.002, 0.016};
	struct rng rng = rng_seeded(21);
	int series = 2000;

	(void)state;
	for (int k = 0; k < 2; k++) {
		double n = equivalence_needed(shift[k], 0.01, 0.01, 0.05, 0.8), x[200];
		double (*power)(double, double, double, double, double) =
			k ? equivalence_power_worse : equivalence_power;
		int came = 0;

		assert_true(n > 3 && n < 200);
		assert_true(power(shift[k], 0.01 / sqrt(n - 1), n - 2, 0.01, 0.05) < 0.8);
		for (int s = 0; s < series; s++) {
			struct equivalence e;

			for (int i = 0; i < n; i++)
				x[i] = shift[k] + 0.01 * rng_normal(&rng);
			e = equivalence_of_days(
				stats_mean(x, (size_t)n), stats_sd(x, (size_t)n), n, 0.01, 0.05);
			came += e.verdict == (k ? EQUIVALENCE_WORSE : EQUIVALENCE_EQUIVALENT);
		}
		assert_near(came / (double)series, power(shift[k], 0.01 / sqrt(n), n - 1, 0.01, 0.05),
			4 * sqrt(0.16 / series));
		assert_true(came >= 0.8 * series - 4 * sqrt(0.16 * series));
	}
}

static void units_that_differ_are_not_counted_as_days(void **state)
{
	const double mean[] = {0.004, -0.006, 0.009, -0.001}, variance[] = {1e-6, 1e-6, 1e-6, 1e-6};
	const double alike[] = {0.001, 0.002, 0.0015, 0.001};
	struct equivalence differ = equivalence_of_units(mean, variance, 4, 0.005, 0.05);
	struct equivalence same = equivalence_of_units(alike, variance, 4, 0.005, 0.05);
	struct equivalence one = equivalence_of_units(alike, variance, 1, 0.005, 0.05);

	(void)state;
	assert_int_equal(differ.verdict, EQUIVALENCE_INCONCLUSIVE);
	assert_near(differ.dof, 3, 0);
	assert_near(differ.u, stats_sd(mean, 4) / 2, 1e-6);
	assert_int_equal(same.verdict, EQUIVALENCE_EQUIVALENT);
	assert_int_equal(one.verdict, EQUIVALENCE_INCONCLUSIVE);
	assert_true(isnan(one.low) && isnan(one.p) && one.shift == 0.001);
}

static void a_smaller_bias_is_not_worse(void **state)
{
	struct equivalence_mean before = {-0.03, 0.002, 20}, after = {0.01, 0.002, 20},
				far = {0.05, 0.002, 20};
	struct equivalence_mean vague = {0.029, 0.03, 20};
	struct equivalence better = equivalence_bias(&before, &after, 0, 0.01, 0.05);
	struct equivalence worse = equivalence_bias(&before, &far, 0, 0.01, 0.05);
	struct equivalence open = equivalence_bias(&before, &vague, 0, 0.01, 0.05);
	struct equivalence replay = equivalence_bias(&before, &far, -0.9, 0.01, 0.05);

	(void)state;
	assert_near(better.shift, -0.02, 1e-15);
	assert_int_equal(better.verdict, EQUIVALENCE_EQUIVALENT);
	assert_true(better.p < 1e-6);
	assert_int_equal(worse.verdict, EQUIVALENCE_WORSE);
	assert_true(worse.p > 0.95 && worse.low > 0.01);
	assert_int_equal(open.verdict, EQUIVALENCE_INCONCLUSIVE);
	assert_true(open.p > 0.05 && open.p < 0.5);
	/* biases of opposite sign that move against each other grow together */
	assert_true(replay.high - replay.low < worse.high - worse.low);
	before.u = NAN;
	assert_true(isnan(equivalence_bias(&before, &after, 0, 0.01, 0.05).high));
}

/* |bias| worse by just the margin passes in 5 of 100, with a bias before far from zero, at it, and near. */
static void a_bias_worse_by_the_margin_passes_in_five_of_a_hundred(void **state)
{
	static const double was[] = {0.03, 0, 0.004};
	struct rng rng = rng_seeded(5);
	int series = 2000;

	(void)state;
	for (size_t k = 0; k < sizeof(was) / sizeof(*was); k++) {
		int passed = 0;

		for (int s = 0; s < series; s++) {
			double x[2][14];
			struct equivalence_mean m[2];

			for (int j = 0; j < 2; j++) {
				for (int i = 0; i < 14; i++)
					x[j][i] = was[k] + 0.01 * j + 0.01 * rng_normal(&rng);
				m[j] = (struct equivalence_mean){
					stats_mean(x[j], 14), stats_sd(x[j], 14) / sqrt(14), 13};
			}
			passed += equivalence_bias(&m[0], &m[1], 0, 0.01, 0.05).verdict ==
				  EQUIVALENCE_EQUIVALENT;
		}
		assert_true(passed <= 0.065 * series && passed >= 0.035 * series);
	}
}

/* Holm (1979): 0.01, 0.02, 0.03, 0.04 become 0.04, 0.06, 0.06, 0.06. */
static void several_tests_share_one_chance_of_a_false_alarm(void **state)
{
	const double p[] = {0.04, 0.01, NAN, 0.03, 0.02, 0.9}, ties[] = {0.5, 0.5, 0.5};
	double adjusted[6];

	(void)state;
	holm_adjust(p, adjusted, 6);
	assert_near(adjusted[1], 0.05, 1e-15);
	assert_near(adjusted[4], 0.08, 1e-15);
	assert_near(adjusted[3], 0.09, 1e-15);
	assert_near(adjusted[0], 0.09, 1e-15);
	assert_near(adjusted[5], 0.9, 1e-15);
	assert_true(isnan(adjusted[2]));
	holm_adjust(ties, adjusted, 3);
	for (int i = 0; i < 3; i++)
		assert_near(adjusted[i], 1, 0);
}

static int calculate(int argc, char **argv)
{
	static double x[MOST], adjusted[MOST];
	double a[6] = {0};
	int n;

	for (int i = 2; i < argc && i < 8; i++)
		a[i - 2] = atof(argv[i]);
	if (strcmp(argv[1], "days") == 0) { /* margin alpha */
		struct equivalence e;

		n = (int)calculator_read(x, MOST, 1);
		e = equivalence_of_days(stats_mean(x, (size_t)n), stats_sd(x, (size_t)n), n, a[0], a[1]);
		calculator_write(5, e.low, e.high, e.p_below, e.p_above, e.needed);
	} else if (strcmp(argv[1], "power") == 0) { /* shift u dof margin alpha */
		calculator_write(2, equivalence_power(a[0], a[1], a[2], a[3], a[4]),
			equivalence_power_worse(a[0], a[1], a[2], a[3], a[4]));
	} else if (strcmp(argv[1], "holm") == 0) {
		n = (int)calculator_read(x, MOST, 1);
		holm_adjust(x, adjusted, n);
		for (int i = 0; i < n; i++)
			calculator_write(1, adjusted[i]);
	} else {
		return 2;
	}
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_verdict_follows_the_interval),
		cmocka_unit_test(interval_and_tests_agree),
		cmocka_unit_test(too_few_days_are_inconclusive),
		cmocka_unit_test(power_is_the_published_one),
		cmocka_unit_test(seven_days_detect_what_they_are_said_to),
		cmocka_unit_test(the_days_needed_bring_a_verdict_in_eight_of_ten),
		cmocka_unit_test(units_that_differ_are_not_counted_as_days),
		cmocka_unit_test(a_smaller_bias_is_not_worse),
		cmocka_unit_test(a_bias_worse_by_the_margin_passes_in_five_of_a_hundred),
		cmocka_unit_test(several_tests_share_one_chance_of_a_false_alarm),
	};

	if (argc > 1)
		return calculate(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

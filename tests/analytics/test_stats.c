/* Statistics and budgets against published numbers. With arguments: a calculator for the peer check. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "analytics/core/decision.h"
#include "analytics/core/stats.h"
#include "analytics/core/uncertainty.h"
#include "tests/analytics/random.h"

#include <stdio.h>
#include <string.h>

static void near(double got, double want, double within)
{
	if (!(fabs(got - want) <= within))
		fail_msg("got %.10g, expected %.10g within %g", got, want, within);
}

/* JCGM 100:2008, table G.2: k for 95 % and 95.45 %. */
static void coverage_factors_are_those_of_the_gum(void **state)
{
	static const struct {
		double dof, k95, k9545;
	} rows[] = {{1, 12.706, 13.968}, {2, 4.303, 4.527}, {3, 3.182, 3.307}, {4, 2.776, 2.869},
		{5, 2.571, 2.649}, {6, 2.447, 2.517}, {8, 2.306, 2.366}, {10, 2.228, 2.284},
		{15, 2.131, 2.181}, {20, 2.086, 2.133}, {30, 2.042, 2.087}, {50, 2.009, 2.051},
		{100, 1.984, 2.025}, {INFINITY, 1.960, 2.000}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		near(stats_coverage_factor(0.95, rows[i].dof), rows[i].k95, 0.00051);
		near(stats_coverage_factor(0.9545, rows[i].dof), rows[i].k9545, 0.0007);
	}
	assert_true(isnan(stats_coverage_factor(0.95, 0)));
	assert_true(isnan(stats_coverage_factor(1, 5)));
	assert_true(isnan(stats_coverage_factor(0.95, NAN)));
}

/* JCGM 100:2008, 4.4.3: twenty temperatures, mean 100.14 (rounded 100.145), s 1.489, u 0.333 degC. */
static void twenty_temperatures_of_the_gum(void **state)
{
	static const double t[] = {96.90, 98.18, 98.25, 98.61, 99.03, 99.49, 99.56, 99.74, 99.89, 100.07,
		100.33, 100.42, 100.68, 100.95, 101.11, 101.20, 101.57, 101.84, 102.36, 102.72};

	(void)state;
	near(stats_mean(t, 20), 100.145, 5e-4);
	near(stats_sd(t, 20), 1.489, 5e-4);
	near(stats_sd(t, 20) / sqrt(20), 0.333, 5e-4);
	near(stats_median(t, 20), 100.20, 1e-12);
}

/* NIST StRD NumAcc3 and NumAcc4: a spread of 0.1 upon a million and ten million. */
static void spread_survives_a_large_offset(void **state)
{
	double x[1001];

	(void)state;
	for (int exponent = 6; exponent <= 7; exponent++) {
		double offset = pow(10, exponent);

		x[0] = offset + 0.2;
		for (int i = 1; i < 1001; i++)
			x[i] = offset + (i % 2 ? 0.1 : 0.3);
		near(stats_mean(x, 1001), offset + 0.2, 1e-8);
		near(stats_sd(x, 1001), 0.1, 2e-9);
	}
}

static void nothing_is_not_zero(void **state)
{
	double one = 4;

	(void)state;
	assert_true(isnan(stats_mean(NULL, 0)));
	assert_true(isnan(stats_median(NULL, 0)));
	assert_true(isnan(stats_sd(&one, 1)));
	assert_true(isnan(stats_describe(&one, 1).u));
	near(stats_describe(&one, 1).mean, 4, 0);
}

/* Welch's test on the two samples of R's `sleep` data set (Student 1908): t -1.8608, df 17.776, 95 % interval
 * of the difference -3.3654832 .. 0.2054832, as t.test(extra ~ group, data = sleep) prints. */
static void welch_interval_of_students_sleep_data(void **state)
{
	static const double a[] = {0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0};
	static const double b[] = {1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4};
	double ua = stats_sd(a, 10) / sqrt(10), ub = stats_sd(b, 10) / sqrt(10);
	struct stats_interval d = stats_difference(stats_mean(a, 10), ua, 9, stats_mean(b, 10), ub, 9, 0.95);

	(void)state;
	near(d.value / d.u, -1.8608, 5e-5);
	near(d.dof, 17.776, 5e-4);
	near(d.value - d.U, -3.3654832, 5e-7);
	near(d.value + d.U, 0.2054832, 5e-7);
}

/* A first-order process with coefficient phi is worth n (1 - phi)/(1 + phi) samples. */
static void memory_costs_samples(void **state)
{
	static double x[20000];
	uint64_t seed = 7;

	(void)state;
	for (int round = 0; round < 3; round++) {
		double phi = (double[]){0, 0.5, 0.8}[round], e = 0, want = 20000 * (1 - phi) / (1 + phi);

		for (int i = 0; i < 20000; i++)
			x[i] = e = phi * e + random_normal(&seed);
		near(stats_effective_n(x, 20000) / want, 1, 0.12);
	}
}

/* JCGM 100:2008, H.1 (end gauge): u_c 32 nm, 16.7 degrees of freedom, U99 = 2.92 * 32 = 93 nm. */
static void budget_of_the_gums_end_gauge(void **state)
{
	static const struct uncertainty_row rows[] = {
		{"calibration of the standard", 25, DISTRIBUTION_NORMAL, 1, 1, 18},
		{"repeated observations", 5.8, DISTRIBUTION_NORMAL, 1, 1, 24},
		{"comparator, random", 3.9, DISTRIBUTION_NORMAL, 1, 1, 5},
		{"comparator, systematic", 6.7, DISTRIBUTION_NORMAL, 1, 1, 8},
		{"expansion coefficients", 0.58e-6, DISTRIBUTION_NORMAL, 1, 50e6 * 0.1, 50},
		{"temperature difference", 0.029, DISTRIBUTION_NORMAL, 1, 50e6 * 11.5e-6, 2},
	};
	struct uncertainty u = uncertainty_combine(rows, 6, 0.99);

	(void)state;
	near(u.u, 31.7, 0.2);
	near(u.dof, 16.7, 0.3);
	near(u.k, 2.90, 0.02);
	near(u.U, 92, 1);
}

static void every_distribution_has_its_divisor(void **state)
{
	struct uncertainty_row row = {"x", 2, DISTRIBUTION_NORMAL, 2, 3, INFINITY};

	(void)state;
	near(uncertainty_share(&row), 3, 1e-12);
	row.distribution = DISTRIBUTION_RECTANGULAR;
	near(uncertainty_standard(&row), 2 / sqrt(3), 1e-12);
	row.distribution = DISTRIBUTION_RESOLUTION;
	near(uncertainty_standard(&row), 2 / sqrt(12), 1e-12);
	row.distribution = DISTRIBUTION_TRIANGULAR;
	near(uncertainty_standard(&row), 2 / sqrt(6), 1e-12);
	near(uncertainty_digit(0.6, 0), 0.6 / sqrt(12), 1e-12);
	near(uncertainty_digit(0.6, 0.1), 0.6 / sqrt(12), 1e-12);
	near(uncertainty_digit(0.6, 0.6), 0, 1e-6);
	row.value = NAN;
	near(uncertainty_combine(&row, 1, 0.95).u, 0, 0);
}

static void nothing_passes_without_a_limit(void **state)
{
	(void)state;
	assert_int_equal(decision_judge(DECISION_SIMPLE, 5, 1, NAN, NAN), VERDICT_NONE);
	assert_int_equal(decision_judge(DECISION_SIMPLE, NAN, 1, 0, 10), VERDICT_UNDECIDED);
	assert_int_equal(decision_judge(DECISION_GUARDED, 5, NAN, 0, 10), VERDICT_UNDECIDED);
}

static void guard_band_lies_on_both_sides_of_the_limit(void **state)
{
	(void)state;
	assert_int_equal(decision_judge(DECISION_SIMPLE, 9.9, 1, NAN, 10), VERDICT_PASSED);
	assert_int_equal(decision_judge(DECISION_SIMPLE, 10.1, 1, NAN, 10), VERDICT_FAILED);
	assert_int_equal(decision_judge(DECISION_GUARDED, 9.0, 1, NAN, 10), VERDICT_PASSED);
	assert_int_equal(decision_judge(DECISION_GUARDED, 9.1, 1, NAN, 10), VERDICT_UNDECIDED);
	assert_int_equal(decision_judge(DECISION_GUARDED, 11.0, 1, NAN, 10), VERDICT_UNDECIDED);
	assert_int_equal(decision_judge(DECISION_GUARDED, 11.1, 1, NAN, 10), VERDICT_FAILED);
	assert_int_equal(decision_judge(DECISION_GUARDED, 5, 6, 0, 10), VERDICT_UNDECIDED);
	assert_int_equal(decision_judge(DECISION_GUARDED, -7, 6, 0, 10), VERDICT_FAILED);
	assert_int_equal(verdict_worse(VERDICT_UNDECIDED, VERDICT_PASSED), VERDICT_UNDECIDED);
	assert_int_equal(verdict_worse(VERDICT_UNDECIDED, VERDICT_FAILED), VERDICT_FAILED);
}

/* "autocorrelation LAG", "describe", on numbers from standard input: so that others can check. */
static int calculate(int argc, char **argv)
{
	static double x[100000];
	struct stats_sample s;
	size_t n = 0;

	while (n < sizeof(x) / sizeof(*x) && scanf("%lf", &x[n]) == 1)
		n++;
	if (strcmp(argv[1], "autocorrelation") == 0 && argc > 2) {
		unsigned lag = 0;

		if (sscanf(argv[2], "%u", &lag) != 1)
			return 2;
		printf("%.17g\n", stats_autocorrelation(x, n, lag));
		return 0;
	}
	s = stats_describe(x, n);
	printf("%zu %.17g %.17g %.17g %.17g %.17g\n", n, s.mean, s.sd, s.n_effective, s.u, s.dof);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(coverage_factors_are_those_of_the_gum),
		cmocka_unit_test(twenty_temperatures_of_the_gum),
		cmocka_unit_test(spread_survives_a_large_offset),
		cmocka_unit_test(nothing_is_not_zero),
		cmocka_unit_test(welch_interval_of_students_sleep_data),
		cmocka_unit_test(memory_costs_samples),
		cmocka_unit_test(budget_of_the_gums_end_gauge),
		cmocka_unit_test(every_distribution_has_its_divisor),
		cmocka_unit_test(nothing_passes_without_a_limit),
		cmocka_unit_test(guard_band_lies_on_both_sides_of_the_limit),
	};

	if (argc > 1)
		return calculate(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

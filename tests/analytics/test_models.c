/* Least squares, ARX, constancy and water density against published numbers and known truth. With an argument:
 * a calculator for models_peer.py. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "analytics/core/arx.h"
#include "analytics/core/constancy.h"
#include "analytics/core/stats.h"
#include "analytics/core/water.h"
#include "tests/analytics/random.h"

#include <gsl/gsl_errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void near(double got, double want, double within)
{
	if (!(fabs(got - want) <= within))
		fail_msg("%.12g, expected %.12g within %g", got, want, within);
}

/* NIST StRD "Norris": 36 readings of an ozone monitor; certified coefficients, deviations, residual. */
static void nists_norris_line(void **state)
{
	static const double data[36][2] = {{0.1, 0.2}, {338.8, 337.4}, {118.1, 118.2}, {888.0, 884.6}, {9.2, 10.1},
		{228.1, 226.5}, {668.5, 666.3}, {998.5, 996.3}, {449.1, 448.6}, {778.9, 777.0}, {559.2, 558.2},
		{0.3, 0.4}, {0.1, 0.6}, {778.1, 775.5}, {668.8, 666.9}, {339.3, 338.0}, {448.9, 447.5}, {10.8, 11.6},
		{557.7, 556.0}, {228.3, 228.1}, {998.0, 995.8}, {888.8, 887.6}, {119.6, 120.2}, {0.3, 0.3}, {0.6, 0.3},
		{557.6, 556.8}, {339.3, 339.1}, {888.0, 887.2}, {998.5, 999.0}, {778.9, 779.0}, {10.2, 11.1},
		{117.6, 118.3}, {228.9, 229.2}, {668.4, 669.1}, {449.2, 448.9}, {0.2, 0.5}};
	double x[72], y[36];
	struct lsq fit;

	(void)state;
	for (int i = 0; i < 36; i++) {
		x[2 * i] = 1;
		x[2 * i + 1] = data[i][1];
		y[i] = data[i][0];
	}
	fit = lsq_fit(x, y, 36, 2);
	near(fit.coefficient[0], -0.262323073774029, 1e-11);
	near(fit.coefficient[1], 1.00211681802045, 1e-12);
	near(lsq_u(&fit, 0), 0.232818234301152, 1e-11);
	near(lsq_u(&fit, 1), 0.429796848199937e-3, 1e-13);
	near(fit.residual_sd, 0.884796396144373, 1e-11);
}

static void a_regressor_that_is_the_sum_of_others_is_no_model(void **state)
{
	double x[30], y[10];
	struct lsq fit;

	(void)state;
	for (int i = 0; i < 10; i++) {
		x[3 * i] = 1;
		x[3 * i + 1] = i;
		x[3 * i + 2] = 7 - 2 * i;
		y[i] = i * i;
	}
	fit = lsq_fit(x, y, 10, 3);
	assert_false(fit.known);
	assert_true(isnan(fit.coefficient[1]) && isnan(lsq_u(&fit, 1)));
	assert_false(lsq_fit(x, y, 3, 3).known);
}

static const double truth[ARX_TERMS] = {-0.012, -0.008, 1.1, -0.35, 12};

/* Filtered noise as the procedure makes it, and the model's answer with white errors of standard deviation sd. */
static void simulate(double *u, double *y, size_t n, double sd, uint64_t *seed)
{
	double level = 475;

	for (size_t k = 0; k < n; k++) {
		level += 0.28 * (100 + 750 * random_uniform(seed) - level);
		u[k] = round(level);
		y[k] = k < 2 ? 10 : truth[ARX_B1] * u[k - 1] + truth[ARX_B2] * u[k - 2] + truth[ARX_A1] * y[k - 1] +
				    truth[ARX_A2] * y[k - 2] + truth[ARX_C] + sd * random_normal(seed);
	}
}

static void arx_finds_its_coefficients_inside_their_intervals(void **state)
{
	static double u[120], y[120];
	uint64_t seed = 11;
	int inside[ARX_TERMS] = {0};

	(void)state;
	for (int round = 0; round < 400; round++) {
		struct arx m;

		simulate(u, y, 120, 0.2, &seed);
		m = arx_fit(u, y, 120);
		assert_true(m.fit.known && m.fit.n == 118 && m.stretches == 1 && m.stable);
		for (int j = 0; j < ARX_TERMS; j++)
			inside[j] += fabs(m.fit.coefficient[j] - truth[j]) <=
				     stats_coverage_factor(0.95, m.fit.dof) * lsq_u(&m.fit, j);
	}
	for (int j = 0; j < ARX_TERMS; j++) { /* 380 of 400; past values among the regressors cost a little */
		print_message("# %s inside its 95 %% interval: %.1f %%\n", arx_term_name((enum arx_term)j), inside[j] / 4.0);
		assert_true(inside[j] >= 364 && inside[j] <= 396);
	}
}

static void without_noise_the_free_run_is_the_signal(void **state)
{
	static double u[120], y[120], run[120];
	uint64_t seed = 5;
	struct arx m;

	(void)state;
	simulate(u, y, 120, 0, &seed);
	m = arx_fit(u, y, 120);
	for (int j = 0; j < ARX_TERMS; j++)
		near(m.fit.coefficient[j], truth[j], 1e-8);
	near(m.free_run.fit, 100, 1e-6);
	near(m.gain, -0.02 / 0.25, 1e-8);
	/* z^2 - 1.1 z + 0.35: complex, magnitude sqrt(0.35) */
	near(m.tau, -1 / log(sqrt(0.35)), 1e-6);
	near(m.pole[0][0], 0.55, 1e-8);
	near(m.pole[0][1], sqrt(0.35 - 0.55 * 0.55), 1e-7);
	arx_free_run(&m, u, y, 120, run);
	for (int k = 0; k < 120; k++)
		near(run[k], y[k], 1e-7);
}

static void no_equation_reaches_across_a_gap(void **state)
{
	static double u[240], y[240], run[240];
	uint64_t seed = 6;
	struct arx whole, m;

	(void)state;
	simulate(u, y, 240, 0.1, &seed);
	whole = arx_fit(u, y, 240);
	y[60] = NAN; /* rows 60, 61 and 62 lose their equations, and 63 begins anew behind it */
	u[100] = NAN; /* 101 and 102 */
	y[150] = y[152] = NAN; /* one row alone between two gaps says nothing */
	m = arx_fit(u, y, 240);
	assert_int_equal(whole.fit.n, 238);
	assert_int_equal(m.fit.n, 238 - 3 - 2 - 5);
	assert_int_equal(m.stretches, 4);
	assert_int_equal(m.free_run.n, m.fit.n);
	near(m.fit.coefficient[ARX_A1], whole.fit.coefficient[ARX_A1], 0.1);
	arx_free_run(&m, u, y, 240, run);
	assert_true(isnan(run[60]) && run[61] == y[61] && run[62] == y[62] && run[63] != y[63]);
	/* a jump behind the gap is no step of the signal */
	for (int k = 61; k < 240; k++)
		y[k] += 1e6 * (k < 62);
	assert_true(arx_fit(u, y, 240).fit.n == m.fit.n);
}

static void an_input_that_does_not_move_gives_no_model(void **state)
{
	static double u[120], y[120];
	uint64_t seed = 9;
	struct arx m;

	(void)state;
	for (int k = 0; k < 120; k++) {
		u[k] = 400;
		y[k] = 20 + random_normal(&seed);
	}
	m = arx_fit(u, y, 120);
	assert_false(m.fit.known);
	assert_true(isnan(m.tau) && isnan(m.free_run.fit));
	assert_false(arx_fit(u, y, 4).fit.known);
	assert_false(arx_fit(u, y, 0).fit.known);
}

/* Moving means remember: with the plain covariance the interval of a slope holds the truth far too seldom. */
static void intervals_of_moving_means_hold(void **state)
{
	enum { N = 120, W = 20, M = N - W + 1 };
	static double u[N], y[N], x[2 * M], means[M];
	static size_t at[M];
	uint64_t seed = 21;
	int plain = 0, robust = 0;

	(void)state;
	for (int round = 0; round < 500; round++) {
		struct lsq fit;
		double level = 475;

		for (int k = 0; k < N; k++) {
			level += 0.28 * (100 + 750 * random_uniform(&seed) - level);
			u[k] = level;
			y[k] = 50 - 0.05 * u[k] + random_normal(&seed);
		}
		for (int k = 0; k < M; k++) {
			at[k] = (size_t)k;
			x[2 * k] = 1;
			x[2 * k + 1] = stats_mean(u + k, W);
			means[k] = stats_mean(y + k, W);
		}
		fit = lsq_fit(x, means, M, 2);
		plain += fabs(fit.coefficient[1] + 0.05) <= 1.96 * lsq_u(&fit, 1);
		lsq_moving(&fit, x, at, W);
		robust += fabs(fit.coefficient[1] + 0.05) <= stats_coverage_factor(0.95, fit.dof) * lsq_u(&fit, 1);
	}
	print_message("# slope of moving means inside: plain %.1f %%, with memory %.1f %%\n", plain / 5.0, robust / 5.0);
	assert_true(plain < 350);
	assert_true(robust >= 460 && robust <= 494);
}

/* Tanaka's values, 0 to 40 degC, as tabled. */
static void water_is_as_dense_as_tanaka_says(void **state)
{
	static const double rows[][2] = {{0, 999.84283}, {4, 999.97495}, {10, 999.70270}, {15, 999.10257}, {20, 998.20675},
		{25, 997.04702}, {30, 995.64880}, {35, 994.03260}, {40, 992.21521}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		near(water_density(rows[i][0]), rows[i][1], 1e-5);
	assert_true(isnan(water_density(-1)) && isnan(water_density(101)) && isnan(water_density(NAN)));
}

/* IAPWS R7-97(2012), table 5: specific volumes for verification. */
static void if97_gives_its_verification_values(void **state)
{
	(void)state;
	near(1 / water_density_if97(300, 3), 0.100215168e-2, 1e-11);
	near(1 / water_density_if97(300, 80), 0.971180894e-3, 1e-12);
	near(1 / water_density_if97(500, 3), 0.120241800e-2, 1e-11);
	near(water_density_if97(313.15, 0.101325), 992.2243, 1e-3);
	near(water_density(60), 983.2, 0.05);
}

static void the_same_value_six_times_passes_as_constant(void **state)
{
	uint64_t seed = 3;
	int rejected = 0;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		double x[6], u[6], dof[6];

		for (int i = 0; i < 6; i++) {
			double sample[15], sd = 1 + i;

			for (int j = 0; j < 15; j++)
				sample[j] = 0.7 + sd * random_normal(&seed);
			x[i] = stats_mean(sample, 15);
			u[i] = stats_sd(sample, 15) / sqrt(15);
			dof[i] = 14;
		}
		rejected += constancy_test(x, u, dof, 6).p < 0.05;
	}
	print_message("# equal means called different at 5 %%: %.1f %%\n", rejected / 20.0);
	assert_true(rejected > 60 && rejected < 140);
}

static void one_value_that_stands_out_is_named(void **state)
{
	double x[] = {0.70, 0.71, NAN, 0.60, 0.705}, u[] = {0.01, 0.01, 0.01, 0.01, 0.01},
	       dof[] = {20, 20, 20, 20, INFINITY};
	struct constancy c = constancy_test(x, u, dof, 5);

	(void)state;
	assert_int_equal(c.k, 4);
	assert_int_equal(c.furthest_at, 3);
	assert_true(c.p < 1e-6);
	near(c.mean, 0.67875, 1e-12);
	for (int i = 0; i < 5; i++)
		dof[i] = INFINITY;
	near(constancy_test(x, u, dof, 5).p / c.p, 0, 1);
	assert_true(isnan(constancy_test(x, u, dof, 1).p));
}

static size_t read_numbers(double *to, size_t most)
{
	size_t n = 0;
	char word[64];

	while (n < most && scanf("%63s", word) == 1)
		to[n++] = strtod(word, NULL);
	return n;
}

/* "arx" (rows of u y), "moving WINDOW" (rows of x y), "constancy" (rows of x u dof), for others to check. */
static int calculate(int argc, char **argv)
{
	static double in[30000], a[10000], b[10000], c[20000];
	size_t n = read_numbers(in, 30000), width = strcmp(argv[1], "constancy") == 0 ? 3 : 2, rows = n / width;

	for (size_t i = 0; i < rows; i++) {
		a[i] = in[i * width];
		b[i] = in[i * width + 1];
		c[i] = in[i * width + width - 1];
	}
	if (strcmp(argv[1], "constancy") == 0) {
		struct constancy k = constancy_test(a, b, c, rows);

		printf("%.17g %.17g %.17g %.17g\n", k.F, k.dof1, k.dof2, k.p);
	} else if (strcmp(argv[1], "arx") == 0) {
		struct arx m = arx_fit(a, b, rows);

		printf("%zu\n", m.fit.n);
		for (int j = 0; j < ARX_TERMS; j++)
			printf("%.17g %.17g\n", m.fit.coefficient[j], lsq_u(&m.fit, j));
		printf("%.17g %.17g %.17g %.17g %.17g\n", m.one_step.rmse, m.free_run.rmse, m.free_run.fit, m.tau, m.gain);
	} else {
		static size_t at[10000];
		struct lsq fit;

		for (size_t i = 0; i < rows; i++) {
			at[i] = i;
			c[2 * i] = 1;
			c[2 * i + 1] = a[i];
		}
		fit = lsq_fit(c, b, rows, 2);
		lsq_moving(&fit, c, at, argc > 2 ? strtoul(argv[2], NULL, 10) : 1);
		printf("%.17g %.17g %.17g %.17g %.17g %.17g\n", fit.coefficient[0], fit.coefficient[1], lsq_u(&fit, 0),
			lsq_u(&fit, 1), fit.residual_sd, fit.dof);
	}
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nists_norris_line),
		cmocka_unit_test(a_regressor_that_is_the_sum_of_others_is_no_model),
		cmocka_unit_test(arx_finds_its_coefficients_inside_their_intervals),
		cmocka_unit_test(without_noise_the_free_run_is_the_signal),
		cmocka_unit_test(no_equation_reaches_across_a_gap),
		cmocka_unit_test(an_input_that_does_not_move_gives_no_model),
		cmocka_unit_test(intervals_of_moving_means_hold),
		cmocka_unit_test(water_is_as_dense_as_tanaka_says),
		cmocka_unit_test(if97_gives_its_verification_values),
		cmocka_unit_test(the_same_value_six_times_passes_as_constant),
		cmocka_unit_test(one_value_that_stands_out_is_named),
	};

	gsl_set_error_handler_off();
	if (argc > 1)
		return calculate(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

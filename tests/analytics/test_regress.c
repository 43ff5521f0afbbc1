/* Regressions against known truth and their own conditions. With arguments: a calculator for regress_peer.py. */
#include "tests/analytics/regress_table.h"

#include "analytics/core/hac.h"

#include <gsl/gsl_errno.h>
#include <stdio.h>
#include <stdlib.h>

static struct table other;

static void lasso_drops_a_useless_column_and_keeps_the_others(void **state)
{
	struct regress r;

	(void)state;
	draw(&table, 3000, 10, 3);
	r = fit(&table.rows, (struct regress_settings){.method = REGRESS_LASSO, .lambda = 1});
	assert_false(r.found[3]);
	assert_near(r.coefficient[3], 0, 0);
	assert_true(r.found[0] && r.found[1] && r.found[2]);
	assert_near(r.coefficient[1], 1.1, 0.01);
	assert_near(r.bread[15], 0, 0);
	assert_true(r.bread[5] > 0);
}

static void units_of_columns_change_no_prediction(void **state)
{
	static const enum regress_method methods[] = {REGRESS_OLS, REGRESS_RIDGE, REGRESS_LASSO, REGRESS_HUBER, REGRESS_BISQUARE};

	(void)state;
	draw(&table, 500, 10, 8);
	draw(&other, 500, 10, 8);
	for (size_t i = 0; i < 500; i++) {
		other.x[1][i] /= 1000;	  /* kW */
		other.x[2][i] *= 6.2831853; /* rad/min */
	}
	for (size_t m = 0; m < sizeof(methods) / sizeof(methods[0]); m++) {
		struct regress a = plain(&table.rows, methods[m]), b = plain(&other.rows, methods[m]);

		relative(b.coefficient[1], 1000 * a.coefficient[1], 1e-9);
		relative(b.coefficient[2], a.coefficient[2] / 6.2831853, 1e-7);
		relative(b.coefficient[0], a.coefficient[0], 1e-7);
	}
}

static void a_group_left_out_is_as_if_it_were_not_there(void **state)
{
	static const enum regress_method methods[] = {REGRESS_OLS, REGRESS_RIDGE, REGRESS_LASSO, REGRESS_HUBER, REGRESS_BISQUARE};
	size_t kept = 0;
	static const int gone = 2;
	static const bool left_out[6] = {[2] = true};

	(void)state;
	draw(&table, 1200, 10, 5);
	draw(&other, 1200, 10, 5);
	for (size_t i = 0; i < 1200; i++) {
		if (table.group[i] == gone)
			continue;
		for (int j = 1; j < 4; j++)
			other.x[j][kept] = table.x[j][i];
		other.group[kept] = table.group[i];
		other.y[kept++] = table.y[i];
	}
	other.rows.n = kept;
	for (size_t m = 0; m < sizeof(methods) / sizeof(methods[0]); m++) {
		struct regress a = fit(&table.rows, (struct regress_settings){.method = methods[m], .lambda = NAN, .left_out = left_out});
		struct regress b = plain(&other.rows, methods[m]), all = plain(&table.rows, methods[m]);

		assert_int_equal(a.n, kept);
		for (int j = 0; j < 3; j++) {
			relative(a.coefficient[j], b.coefficient[j], 1e-10);
			assert_true(a.coefficient[j] != all.coefficient[j]);
			relative(a.bread[5 * j], b.bread[5 * j], 1e-9);
		}
	}
}

static void a_fixed_coefficient_stays_and_is_taken_out_of_y(void **state)
{
	static const enum regress_role role[] = {REGRESS_FREE, REGRESS_FIXED, REGRESS_FREE, REGRESS_FREE};
	static const double fixed[] = {0, 1.05, 0, 0};
	enum regress_method methods[] = {REGRESS_OLS, REGRESS_RIDGE, REGRESS_LASSO, REGRESS_HUBER, REGRESS_BISQUARE, REGRESS_NONNEGATIVE};

	(void)state;
	draw(&table, 800, 10, 6);
	draw(&other, 800, 10, 6);
	for (size_t i = 0; i < 800; i++)
		other.y[i] -= 1.05 * table.x[1][i];
	other.rows.p = 3;
	other.column[1] = other.x[2];
	other.column[2] = other.x[3];
	for (size_t m = 0; m < sizeof(methods) / sizeof(methods[0]); m++) {
		struct regress a = fit(&table.rows,
			(struct regress_settings){.method = methods[m], .lambda = NAN, .role = role, .fixed = fixed});
		struct regress b = plain(&other.rows, methods[m]);

		assert_true(a.coefficient[1] == 1.05 && !a.found[1]);
		assert_near(a.bread[5], 0, 0);
		relative(a.coefficient[0], b.coefficient[0], 1e-9);
		assert_near(a.coefficient[2], b.coefficient[1], 1e-9);
		assert_near(a.coefficient[3], b.coefficient[2], 1e-9);
	}
}

/* Wrong-signed coefficients are 0 and the others those without them; the error falls no further that way. */
static void a_bounded_coefficient_is_not_below_zero(void **state)
{
	static const enum regress_role role[] = {REGRESS_FREE, REGRESS_BOUNDED, REGRESS_BOUNDED, REGRESS_FREE};
	uint64_t seed = 1;

	(void)state;
	draw(&table, 800, 10, 6);
	for (int round = 0; round < 200; round++) {
		enum regress_role some[4];
		struct regress a;

		for (int j = 0; j < 4; j++)
			some[j] = random_uniform(&seed) < 0.6 ? REGRESS_BOUNDED : REGRESS_FREE;
		for (size_t i = 0; i < 800; i++)
			table.y[i] = (random_uniform(&seed) - 0.5) * table.x[1][i] + 100 * random_normal(&seed);
		a = fit(&table.rows, (struct regress_settings){.method = REGRESS_NONNEGATIVE, .lambda = NAN, .role = some});
		for (int j = 0; j < 4; j++) {
			double slope = 0, size = 0;

			for (size_t i = 0; i < 800; i++) {
				double x = j ? table.x[j][i] : 1;

				slope += x * (table.y[i] - regress_at(&table.rows, &a, i));
				size += fabs(x * table.y[i]);
			}
			assert_true(a.coefficient[j] >= 0 || some[j] == REGRESS_FREE);
			assert_int_equal(a.found[j], a.coefficient[j] != 0);
			assert_true(slope <= 1e-10 * size && (!a.found[j] || slope >= -1e-10 * size));
		}
	}
	draw(&table, 800, 10, 6);
	table.rows.p = 3;
	{
		struct regress a = fit(&table.rows, (struct regress_settings){.method = REGRESS_NONNEGATIVE, .lambda = NAN, .role = role}), b;

		assert_true(a.coefficient[2] == 0 && !a.found[2]); /* -0.05 was put in */
		table.rows.p = 2;
		b = plain(&table.rows, REGRESS_OLS);
		relative(a.coefficient[0], b.coefficient[0], 1e-12);
		relative(a.coefficient[1], b.coefficient[1], 1e-12);
	}
}

static void robust_fits_survive_one_outlier_in_twenty(void **state)
{
	struct regress ols, huber, bisquare;

	(void)state;
	draw(&table, 4000, 10, 12);
	for (size_t i = 0; i < 4000; i += 20)
		table.y[i] += 2000;
	ols = plain(&table.rows, REGRESS_OLS);
	huber = plain(&table.rows, REGRESS_HUBER);
	bisquare = plain(&table.rows, REGRESS_BISQUARE);
	assert_true(fabs(ols.coefficient[0] - 5) > 50);
	assert_near(huber.coefficient[0], 5, 4);
	assert_near(bisquare.coefficient[0], 5, 1.5);
	assert_near(bisquare.coefficient[1], 1.1, 0.002);
	assert_near(bisquare.coefficient[2], -0.05, 0.01);
	assert_true(bisquare.low_weight > 0.05 && bisquare.low_weight < 0.15);
	assert_near(bisquare.scale, 10, 1.5);
}

/* From y = 1e6 with residuals of 1e-5 the last digits of y are seen: there must be an end nevertheless. */
static void a_scale_near_the_last_digits_still_settles(void **state)
{
	struct regress r;

	(void)state;
	draw(&table, 2000, 1e-5, 4);
	for (size_t i = 0; i < 2000; i++)
		table.y[i] += 1e6;
	r = plain(&table.rows, REGRESS_BISQUARE);
	assert_near(r.coefficient[0], 1e6 + 5, 3e-6);
	assert_near(r.coefficient[1], 1.1, 3e-9);
}

static void what_cannot_be_found_is_refused_in_words(void **state)
{
	static const char *const names[] = {"constant", "power", "fan", "heater"};
	static const enum regress_role bounded[] = {REGRESS_FREE, REGRESS_BOUNDED, REGRESS_FREE, REGRESS_FREE},
				       all_fixed[] = {REGRESS_FIXED, REGRESS_FIXED, REGRESS_FIXED, REGRESS_FIXED};
	static const double fixed[4] = {0};
	struct regress_settings s = {.lambda = NAN};
	struct regress r = {.n = 77};
	struct error e = ERROR_INIT;

	(void)state;
	draw(&table, 300, 10, 2);
	for (int m = REGRESS_OLS; m <= REGRESS_NONNEGATIVE; m++) {
		s.method = (enum regress_method)m;
		s.lambda = m == REGRESS_RIDGE || m == REGRESS_LASSO ? 0.1 : NAN;
		table.rows.name = NULL;
		for (size_t i = 0; i < 300; i++)
			table.x[3][i] = 0;
		refused(regress_fit(&table.rows, &s, &r, &e), ERROR_DATA, "column 4 is 0 in all 300 rows");
		table.rows.name = names;
		for (size_t i = 0; i < 300; i++)
			table.x[3][i] = 0.1 * table.x[1][i] - 3 * table.x[2][i];
		refused(regress_fit(&table.rows, &s, &r, &e), ERROR_DATA, "power, fan and heater cannot be told apart");
		for (size_t i = 0; i < 300; i++)
			table.x[3][i] = 0.7;
		refused(regress_fit(&table.rows, &s, &r, &e), ERROR_DATA, "constant and heater cannot be told apart");
		table.rows.n = 4;
		refused(regress_fit(&table.rows, &s, &r, &e), ERROR_DATA, "4 rows are too few for 4 coefficients");
		table.rows.n = 300;
	}
	draw(&table, 300, 10, 2);
	table.rows.name = names;
	s = (struct regress_settings){.method = REGRESS_OLS, .lambda = 1};
	refused(regress_fit(&table.rows, &s, &r, &e), ERROR_USAGE, "lambda belongs to ridge and lasso, not to ols");
	s = (struct regress_settings){.method = REGRESS_LASSO, .lambda = -1};
	refused(regress_fit(&table.rows, &s, &r, &e), ERROR_USAGE, "lambda is -1");
	s = (struct regress_settings){.method = REGRESS_HUBER, .lambda = NAN, .role = bounded};
	refused(regress_fit(&table.rows, &s, &r, &e), ERROR_USAGE, "huber keeps nothing from below 0, as wanted for power");
	s = (struct regress_settings){.method = REGRESS_OLS, .lambda = NAN, .role = all_fixed, .fixed = fixed};
	refused(regress_fit(&table.rows, &s, &r, &e), ERROR_USAGE, "nothing is left to be found");
	s = (struct regress_settings){.method = REGRESS_RIDGE, .lambda = NAN};
	table.rows.group = NULL;
	refused(regress_fit(&table.rows, &s, &r, &e), ERROR_DATA, "no two groups of rows to choose lambda by");
	table.rows.group = table.group;
	table.y[7] = NAN;
	refused(regress_fit(&table.rows, &s, &r, &e), ERROR_DATA, "not finite");
	for (size_t i = 0; i < 300; i++)
		table.y[i] = i % 10 ? 5 : table.x[3][i];
	s.method = REGRESS_BISQUARE;
	refused(regress_fit(&table.rows, &s, &r, &e), ERROR_DATA, "half of the rows have no residual");
	assert_int_equal(r.n, 77);
}

static int number_of(const char *const *names, const char *name)
{
	int i = 0;

	while (names[i] && strcmp(names[i], name) != 0)
		i++;
	return i;
}

/* METHOD LAMBDA LAG ROLES: one letter a column: constant, free, bounded, x fixed at 2. Rows of group, y, and columns but constants. */
static int calculate(char **argv)
{
	enum regress_role role[MOST];
	double fixed[MOST], score[ROWS], covariance[MOST * MOST], v;
	static bool starts[ROWS];
	struct regress_settings s = {.method = (enum regress_method)number_of(regress_method_names, argv[1]),
		.lambda = strtod(argv[2], NULL),
		.role = role,
		.fixed = fixed};
	struct error e = ERROR_INIT;
	struct regress r;
	int p = (int)strlen(argv[4]);

	begin(&table, p);
	for (int j = 0; j < p; j++) {
		role[j] = strchr("x", argv[4][j]) ? REGRESS_FIXED : argv[4][j] == 'b' ? REGRESS_BOUNDED : REGRESS_FREE;
		fixed[j] = 2;
		table.column[j] = argv[4][j] == 'c' ? NULL : table.x[j];
	}
	for (size_t i = 0; scanf("%d %lf", &table.group[i], &table.y[i]) == 2; table.rows.n = ++i) {
		for (int j = 0; j < p; j++)
			if (argv[4][j] != 'c') {
				if (scanf("%lf", &v) != 1)
					return 1;
				table.x[j][i] = v;
			}
		starts[i] = i > 0 && table.group[i] != table.group[i - 1];
	}
	if (regress_fit(&table.rows, &s, &r, &e) < 0) {
		fprintf(stderr, "%s\n", e.text);
		return 1;
	}
	regress_scores(&table.rows, &r, score);
	hac_covariance(&(struct hac_rows){table.rows.n, p, table.column, score, starts}, atoi(argv[3]), r.bread, covariance);
	printf("%.17g %.17g %.17g\n", r.residual_sd, r.lambda, r.scale);
	for (int j = 0; j < p; j++)
		printf("%.17g ", r.coefficient[j]);
	for (int j = 0; j < p * p; j++)
		printf("%.17g ", covariance[j]);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lasso_drops_a_useless_column_and_keeps_the_others),
		cmocka_unit_test(units_of_columns_change_no_prediction),
		cmocka_unit_test(a_group_left_out_is_as_if_it_were_not_there),
		cmocka_unit_test(a_fixed_coefficient_stays_and_is_taken_out_of_y),
		cmocka_unit_test(a_bounded_coefficient_is_not_below_zero),
		cmocka_unit_test(robust_fits_survive_one_outlier_in_twenty),
		cmocka_unit_test(a_scale_near_the_last_digits_still_settles),
		cmocka_unit_test(what_cannot_be_found_is_refused_in_words),
	};

	gsl_set_error_handler_off();
	return argc == 5 ? calculate(argv) : cmocka_run_group_tests(tests, NULL, NULL);
}

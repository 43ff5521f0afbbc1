/* Coefficients found in rows of heat pumps whose truth is known. */
#include "tests/accuracy/fit_table.h"

#include "daq/base/text.h"

#include <gsl/gsl_errno.h>

static void every_estimator_finds_what_was_put_in(void **state)
{
	struct model m = electricity();

	(void)state;
	m.term[2].mark = MODEL_FREE;
	draw_rows(6000, 6, 5, 0.5, 0, 1);
	for (int method = REGRESS_OLS; method <= REGRESS_BISQUARE; method++) {
		struct fit_settings s = settings(&m, (enum regress_method)method);
		struct fit *f = fitted(&s);

		assert_int_equal(f->model.fit.in_sample.rows, 6000);
		assert_string_equal(f->model.fit.method, regress_method_names[method]);
		for (int t = 0; t < 6; t++) {
			double u = f->model.fit.standard_error[t];

			assert_true(f->found[t] && u > 0 && u < 1.5);
			assert_near(f->model.term[t].coefficient, truth[t], 4 * u);
		}
		assert_near(f->model.fit.in_sample.rmse, 5 / sqrt(0.75), 0.3);
		assert_near(f->model.fit.in_sample.mean_error, 0, method < REGRESS_HUBER ? 1e-6 : 0.2);
		assert_int_equal(isnan(f->model.fit.lambda), method != REGRESS_RIDGE && method != REGRESS_LASSO);
	}
}

/* The table without the rows of heat pump g. */
static struct fit_table *without(int g)
{
	static struct fit_table rest;
	size_t kept = 0;

	memcpy(&rest, &table, sizeof(table));
	for (size_t i = 0; i < table.rows.n; i++) {
		if (table.pump[i] == g)
			continue;
		for (int c = 0; c < FIT_COLUMNS; c++)
			rest.value[c][kept] = table.value[c][i];
		rest.target[kept] = table.target[i];
		rest.time[kept] = table.time[i];
		rest.pump[kept++] = table.pump[i];
	}
	for (int c = 0; c < FIT_COLUMNS; c++)
		rest.column[c].value = rest.value[c];
	rest.rows.n = kept;
	rest.rows.column = rest.column;
	rest.rows.target = rest.target;
	rest.rows.time = rest.time;
	rest.rows.heat_pump = rest.pump;
	return &rest;
}

/* By the model's own evaluation. */
static struct model_scores by_hand(const struct model *m, size_t from, size_t count)
{
	struct model_column column[FIT_COLUMNS];
	struct model_scores out = {.rows = count};
	struct error e = ERROR_INIT;
	static double value[FIT_ROWS];
	double sum = 0, errors = 0, squares = 0, absolute = 0;

	for (int c = 0; c < FIT_COLUMNS; c++) {
		column[c] = table.column[c];
		column[c].value += from;
	}
	must(model_evaluate(m, column, FIT_COLUMNS, count, &(struct model_rows){value, NULL, NULL}, &e));
	for (size_t i = 0; i < count; i++) {
		double error = value[i] - table.target[from + i];

		squares += error * error;
		absolute += fabs(error);
		errors += error;
		sum += table.target[from + i];
	}
	out.rmse = sqrt(squares / (double)count);
	out.mae = absolute / (double)count;
	out.mean_error = errors / (double)count;
	out.energy_error = errors / sum;
	return out;
}

static void the_same(const struct model_scores *got, const struct model_scores *want)
{
	assert_int_equal(got->rows, want->rows);
	assert_near(got->rmse, want->rmse, 1e-8);
	assert_near(got->mae, want->mae, 1e-8);
	assert_near(got->mean_error, want->mean_error, 1e-8);
	assert_near(got->energy_error, want->energy_error, 1e-11);
}

/* What the rest of a fleet says of one that it never saw is worse than what it says of itself, by the heat pumps' own offsets. */
static void a_heat_pump_that_was_left_out_is_met_less_well(void **state)
{
	struct model m = electricity();
	struct fit_settings s = settings(&m, REGRESS_OLS);
	struct model_scores all;
	struct error e = ERROR_INIT;
	struct fit *f;
	double squares = 0, mean = 0;

	(void)state;
	draw_rows(6000, 6, 1, 0, 20, 3);
	f = fitted(&s);
	assert_int_equal(f->model.fit.pumps, 6);
	for (int g = 0; g < 6; g++) {
		const struct model_scores *own = &f->model.fit.pump[g].left_out;
		struct model_scores want;
		struct fit rest;

		must(accuracy_fit(&without(g)->rows, &s, &rest, &e));
		want = by_hand(&rest.model, (size_t)g * 1000, 1000);
		the_same(own, &want);
		assert_string_equal(rest.model.fit.pump[g].why, "none of its rows is whole");
		squares += own->rmse * own->rmse / 6;
		mean += own->mean_error / 6;
	}
	all = by_hand(&f->model, 0, 6000);
	the_same(&f->model.fit.in_sample, &all);
	assert_near(f->left_out.rmse, sqrt(squares), 1e-8);
	assert_near(f->left_out.mean_error, mean, 1e-8);
	assert_true(f->left_out.rmse > 1.1 * f->model.fit.in_sample.rmse);
}

static bool holds(const struct fit *f, int term)
{
	return fabs(f->model.term[term].coefficient - truth[term]) < 1.96 * f->model.fit.standard_error[term];
}

/* 95 % of the intervals hold the truth where residuals remember a half of themselves: of all coefficients, and of a constant alone,
 * which feels it most. Without a memory its intervals are too short. */
static void intervals_hold_under_noise_with_memory(void **state)
{
	enum { SERIES = 400 };
	struct model m = electricity(), alone = electricity();
	struct fit_settings s = settings(&m, REGRESS_OLS), one = settings(&alone, REGRESS_OLS);
	int all = 0, constant = 0, forgetful = 0;

	(void)state;
	for (int t = 1; t < 6; t++) {
		alone.term[t].coefficient = truth[t];
		alone.term[t].mark = MODEL_FIXED;
	}
	s.lag = 12;
	for (uint64_t seed = 1; seed <= SERIES; seed++) {
		draw_rows(1200, 3, 5, 0.5, 0, seed * UINT64_C(0x9e3779b97f4a7c15));
		for (int t = 0; t < 6; t++)
			all += holds(t == 0 ? fitted(&s) : &latest, t);
		one.lag = 12;
		constant += holds(fitted(&one), 0);
		one.lag = 0;
		forgetful += holds(fitted(&one), 0);
	}
	print_message("# intervals that hold: %d of %d, constant %d of %d, without memory %d\n", all, 6 * SERIES, constant, SERIES, forgetful);
	assert_true(all > 6 * 0.93 * SERIES && all < 6 * 0.97 * SERIES);
	assert_true(constant > 0.91 * SERIES && constant < 0.97 * SERIES);
	assert_true(forgetful < 0.85 * SERIES);
}

/* A floor takes no part in the search, and does in what a row is given. */
static void a_floor_counts_in_scores_and_not_in_the_search(void **state)
{
	struct model m = electricity();
	struct fit_settings s = settings(&m, REGRESS_OLS);
	struct model_scores want;
	struct text t = TEXT_INIT;
	double without;
	struct fit *f;

	(void)state;
	draw_rows(3000, 6, 5, 0, 0, 1);
	m.floor = NAN;
	without = fitted(&s)->model.term[1].coefficient;
	assert_int_equal(latest.floored, 0);
	m.floor = 1000;
	f = fitted(&s);
	assert_near(f->model.term[1].coefficient, without, 0);
	assert_true(f->floored > 500 && f->floored < 2000);
	want = by_hand(&f->model, 0, 3000);
	the_same(&f->model.fit.in_sample, &want);
	assert_true(want.mean_error > 50);
	fit_report(f, &t);
	assert_non_null(strstr(t.data, "at the floor of 1000 W: "));
	text_free(&t);
}

static void marks_of_the_template_are_kept(void **state)
{
	struct error e = ERROR_INIT;
	struct model m = electricity();
	struct fit_settings s = settings(&m, REGRESS_OLS);
	struct fit *f;

	(void)state;
	draw_rows(3000, 6, 5, 0.5, 0, 1);
	must(fit_fix(&m, "pump_duty*pump_relay=1", &e));
	must(fit_fix(&m, "crankcase_heater=40.5", &e));
	f = fitted(&s);
	assert_near(f->model.term[4].coefficient, 1, 0);
	assert_near(f->model.term[5].coefficient, 40.5, 0);
	assert_true(!f->found[4] && !f->found[5] && isnan(f->model.fit.standard_error[5]));
	assert_int_equal(f->model.term[5].mark, MODEL_FIXED);
	refused(fit_fix(&m, "crankcase_heat=1", &e), ERROR_USAGE, "no term 'crankcase_heat'; did you mean 'crankcase_heater'?");
	refused(fit_fix(&m, "crankcase_heater", &e), ERROR_USAGE, "TERM=VALUE was expected");
	refused(fit_fix(&m, "crankcase_heater=4o", &e), ERROR_USAGE, "'4o' is no number");
	refused(fit_fix(&m, "crankcase_heater=nan", &e), ERROR_USAGE, "'nan' is no number");
}

static void a_wrong_sign_is_zero_where_it_must_not_be(void **state)
{
	struct model m = electricity();
	struct fit_settings s = settings(&m, REGRESS_NONNEGATIVE);
	struct error e = ERROR_INIT;
	struct fit *f, other;

	(void)state;
	draw_rows(3000, 6, 5, 0.5, 0, 1);
	f = fitted(&s);
	assert_true(f->model.term[2].coefficient == 0 && !f->found[2]); /* the fan: -0.05 was put in */
	for (int t = 0; t < 6; t++)
		assert_true(f->model.term[t].coefficient >= 0);
	m.term[3].mark = MODEL_NONNEGATIVE; /* that one alone */
	f = fitted(&s);
	assert_near(f->model.term[2].coefficient, -0.05, 0.005);
	s.method = REGRESS_OLS;
	refused(accuracy_fit(&table.rows, &s, &other, &e), ERROR_USAGE, "ols keeps nothing from below 0, as wanted for bottom_plate_heater");
}

static void one_row_in_twenty_far_off_does_no_harm_to_robust_fits(void **state)
{
	struct model m = electricity();
	struct fit_settings s = settings(&m, REGRESS_BISQUARE);
	struct fit *f;

	(void)state;
	draw_rows(6000, 6, 5, 0.5, 0, 1);
	for (size_t i = 0; i < 6000; i += 20)
		table.target[i] += 3000 * table.value[FAN][i] / 900;
	f = fitted(&s);
	for (int t = 0; t < 6; t++)
		assert_near(f->model.term[t].coefficient, truth[t], 4 * f->model.fit.standard_error[t]);
	assert_near(f->low_weight, 0.07, 0.04);
	s.method = REGRESS_OLS;
	f = fitted(&s);
	assert_true(fabs(f->model.term[2].coefficient - truth[2]) > 0.1);
}

static void lasso_drops_the_term_that_does_nothing(void **state)
{
	struct model m = electricity();
	struct fit_settings s = settings(&m, REGRESS_LASSO);
	struct text t = TEXT_INIT;
	struct fit *f;

	(void)state;
	draw_rows(6000, 6, 5, 0.5, 0, 1);
	for (size_t i = 0; i < 6000; i++) /* no crankcase heater draws anything */
		table.target[i] -= truth[5] * table.value[CRANKCASE][i];
	s.lambda = 1;
	f = fitted(&s);
	assert_true(!f->found[5] && f->model.term[5].coefficient == 0);
	for (int k = 0; k < 5; k++)
		assert_true(f->found[k]);
	fit_report(f, &t);
	assert_non_null(strstr(t.data, "crankcase_heater                                      0        dropped"));
	assert_non_null(strstr(t.data, "lambda 1 (seed 0)"));
	text_free(&t);
}

static void terms_that_cannot_be_told_apart_are_named(void **state)
{
	struct model m = electricity();
	struct fit_settings s = settings(&m, REGRESS_OLS);
	struct error e = ERROR_INIT;
	struct fit f;

	(void)state;
	draw_rows(3000, 6, 5, 0.5, 0, 1);
	for (size_t i = 0; i < 3000; i++)
		table.value[CRANKCASE][i] = 1 - table.value[HEATER][i];
	for (int method = REGRESS_OLS; method <= REGRESS_NONNEGATIVE; method++) {
		s.method = (enum regress_method)method;
		refused(accuracy_fit(&table.rows, &s, &f, &e), ERROR_DATA,
			"constant, bottom_plate_heater and crankcase_heater cannot be told apart in these 3000 rows");
	}
	for (size_t i = 0; i < 3000; i++)
		table.value[CRANKCASE][i] = 0;
	refused(accuracy_fit(&table.rows, &s, &f, &e), ERROR_DATA, "crankcase_heater is 0 in all 3000 rows: leave it out, or fix");
	must(fit_fix(&m, "crankcase_heater=40", &e));
	must(accuracy_fit(&table.rows, &s, &f, &e));
}

/* The crankcase heater is on at one heat pump alone: without that one nothing is known of it. */
static void a_score_that_is_not_possible_says_why(void **state)
{
	struct model m = electricity();
	struct fit_settings s = settings(&m, REGRESS_OLS);
	struct text t = TEXT_INIT;
	struct fit *f;

	(void)state;
	draw_rows(3000, 6, 5, 0.5, 0, 1);
	for (size_t i = 0; i < 3000; i++)
		if (table.pump[i] != 2)
			table.value[CRANKCASE][i] = 0;
	f = fitted(&s);
	for (int g = 0; g < 6; g++)
		assert_int_equal(f->model.fit.pump[g].why[0] != 0, g == 2);
	assert_int_equal(f->left_out.rows, 2500);
	fit_report(f, &t);
	assert_non_null(strstr(t.data, "on hp3, without it           not defined: crankcase_heater is 0 in all 2500 rows"));
	assert_null(strstr(t.data, "nan"));
	text_free(&t);
	draw_rows(3000, 1, 5, 0.5, 0, 1);
	f = fitted(&s);
	assert_string_equal(f->model.fit.pump[0].why, "there is no other heat pump to fit");
	assert_true(isnan(f->left_out.rmse));
	fit_report(f, &t);
	assert_null(strstr(t.data, "nan"));
	text_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_estimator_finds_what_was_put_in),
		cmocka_unit_test(a_heat_pump_that_was_left_out_is_met_less_well),
		cmocka_unit_test(intervals_hold_under_noise_with_memory),
		cmocka_unit_test(a_floor_counts_in_scores_and_not_in_the_search),
		cmocka_unit_test(marks_of_the_template_are_kept),
		cmocka_unit_test(a_wrong_sign_is_zero_where_it_must_not_be),
		cmocka_unit_test(one_row_in_twenty_far_off_does_no_harm_to_robust_fits),
		cmocka_unit_test(lasso_drops_the_term_that_does_nothing),
		cmocka_unit_test(terms_that_cannot_be_told_apart_are_named),
		cmocka_unit_test(a_score_that_is_not_possible_says_why),
	};

	gsl_set_error_handler_off();
	return cmocka_run_group_tests(tests, NULL, NULL);
}

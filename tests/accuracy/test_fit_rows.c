/* Which rows a fit takes, what it says of the others, and that only rows and settings decide. */
#include "tests/accuracy/fit_table.h"

#include "daq/base/text.h"

#include <gsl/gsl_errno.h>

static void a_row_that_is_not_used_is_counted_by_its_reason(void **state)
{
	struct model m = electricity();
	struct fit_settings s = settings(&m, REGRESS_OLS);
	static bool excluded[3000];
	struct text t = TEXT_INIT;
	struct fit *f;

	(void)state;
	draw_rows(3000, 6, 5, 0, 0, 1);
	for (size_t i = 0; i < 10; i++)
		table.target[i] = table.value[FAN][i] = NAN;
	for (size_t i = 5; i < 30; i++)
		table.value[FAN][i] = i % 2 ? NAN : INFINITY;
	for (size_t i = 600; i < 605; i++)
		table.value[CURRENT][i] = NAN;
	for (size_t i = 8; i < 12; i++)
		excluded[i] = true;
	table.rows.excluded = excluded;
	table.value[PUMP][700] = 1e300;
	table.value[RELAY][700] = 1e300;
	f = fitted(&s);
	assert_int_equal(f->given, 3000);
	assert_int_equal(f->excluded, 4);
	assert_int_equal(f->no_target, 8);
	assert_int_equal(f->no_input[3], 18); /* fan_speed */
	assert_int_equal(f->no_input[0], 5);  /* apparent_power, by its rule */
	assert_int_equal(f->not_finite, 1);
	assert_int_equal(f->model.fit.in_sample.rows, 3000 - 36);
	assert_int_equal(f->filled[0], 3000 - 36);
	fit_report(f, &t);
	assert_non_null(strstr(t.data, "ols on 2964 of 3000 rows"));
	assert_non_null(strstr(t.data, "not used: 8 rows without the reference"));
	assert_non_null(strstr(t.data, "not used: 18 rows without fan_speed"));
	assert_non_null(strstr(t.data, "by rule: apparent_power in 2964 of the rows used (product)"));
	text_free(&t);
}

static void rows_without_anything_whole_are_refused(void **state)
{
	struct model m = electricity();
	struct fit_settings s = settings(&m, REGRESS_OLS);
	struct error e = ERROR_INIT;
	struct fit f;

	(void)state;
	draw_rows(3000, 6, 5, 0, 0, 1);
	for (size_t i = 0; i < 3000; i++)
		table.value[HEATER][i] = NAN;
	refused(accuracy_fit(&table.rows, &s, &f, &e), ERROR_DATA, "none of 3000 rows is whole: 0 are excluded, 3000 lack bottom_plate_heater");
	table.rows.n = 0;
	refused(accuracy_fit(&table.rows, &s, &f, &e), ERROR_DATA, "none of 0 rows is whole");
	draw_rows(3000, 6, 5, 0, 0, 1);
	table.rows.columns = 2;
	refused(accuracy_fit(&table.rows, &s, &f, &e), ERROR_DATA, "needs fan_speed (rpm), which is not there");
	table.rows.n = 6;
	table.rows.columns = FIT_COLUMNS;
	refused(accuracy_fit(&table.rows, &s, &f, &e), ERROR_DATA, "6 rows are too few for 6 coefficients");
}

static void rows_out_of_order_are_refused(void **state)
{
	struct model m = electricity();
	struct fit_settings s = settings(&m, REGRESS_OLS);
	struct error e = ERROR_INIT;
	struct fit f;

	(void)state;
	draw_rows(3000, 6, 5, 0, 0, 1);
	table.time[17] = table.time[16];
	refused(accuracy_fit(&table.rows, &s, &f, &e), ERROR_DATA, "row 17 of heat pump hp1 is not later than the one before it");
	table.time[17] = NAN;
	refused(accuracy_fit(&table.rows, &s, &f, &e), ERROR_DATA, "row 17 of heat pump hp1 is not later");
	draw_rows(3000, 6, 5, 0, 0, 1);
	table.pump[2999] = 0;
	refused(accuracy_fit(&table.rows, &s, &f, &e), ERROR_DATA, "row 2999: those of heat pump hp1 do not stand together");
	table.pump[2999] = 6;
	refused(accuracy_fit(&table.rows, &s, &f, &e), ERROR_DATA, "row 2999 is of heat pump 6; there are 6");
	table.rows.heat_pumps = MODEL_FIT_PUMPS + 1;
	refused(accuracy_fit(&table.rows, &s, &f, &e), ERROR_USAGE, "64 heat pumps at most");
}

static void settings_that_mean_nothing_are_refused(void **state)
{
	struct model m = electricity();
	struct fit_settings s = settings(&m, REGRESS_OLS);
	struct error e = ERROR_INIT;
	struct fit f;

	(void)state;
	draw_rows(3000, 6, 5, 0, 0, 1);
	s.seed = -1;
	refused(accuracy_fit(&table.rows, &s, &f, &e), ERROR_USAGE, "seed is -1");
	s = settings(&m, REGRESS_OLS);
	s.gap = 0;
	refused(accuracy_fit(&table.rows, &s, &f, &e), ERROR_USAGE, "gap is 0 s");
	s = settings(&m, REGRESS_OLS);
	s.lag = 3000;
	refused(accuracy_fit(&table.rows, &s, &f, &e), ERROR_USAGE, "a memory of 3000 rows is too long for 3000 rows");
	s = settings(&m, REGRESS_OLS);
	s.lambda = 1;
	refused(accuracy_fit(&table.rows, &s, &f, &e), ERROR_USAGE, "lambda belongs to ridge and lasso");
	s = settings(&m, REGRESS_OLS);
	table.rows.target_unit = "VA";
	refused(accuracy_fit(&table.rows, &s, &f, &e), ERROR_CONFIG, "'VA' cannot be given in 'W'");
	table.rows.target_unit = "W";
	m.term[5].factor[0] = m.term[3].factor[0];
	refused(accuracy_fit(&table.rows, &s, &f, &e), ERROR_USAGE, "two terms 'bottom_plate_heater'");
	m.terms = 0;
	refused(accuracy_fit(&table.rows, &s, &f, &e), ERROR_USAGE, "there is nothing to find");
}

static void units_of_columns_and_target_are_converted(void **state)
{
	struct model m = electricity();
	struct fit_settings s = settings(&m, REGRESS_OLS);
	double before[6];
	struct fit *f;

	(void)state;
	draw_rows(3000, 6, 5, 0, 0, 1);
	f = fitted(&s);
	for (int t = 0; t < 6; t++)
		before[t] = f->model.term[t].coefficient;
	table.rows.target_unit = "kW";
	table.column[CURRENT].unit = "mA";
	for (size_t i = 0; i < 3000; i++) {
		table.target[i] /= 1000;
		table.value[CURRENT][i] *= 1000;
	}
	f = fitted(&s);
	for (int t = 0; t < 6; t++)
		assert_near(f->model.term[t].coefficient, before[t], 1e-8);
}

/* A gap ends what residuals remember, and so does a heat pump. */
static void stretches_end_at_gaps_and_heat_pumps(void **state)
{
	struct model m = electricity();
	struct fit_settings s = settings(&m, REGRESS_OLS);
	struct fit *f;
	double whole, broken;

	(void)state;
	draw_rows(3000, 6, 5, 0.9, 0, 1);
	s.lag = 20;
	f = fitted(&s);
	assert_int_equal(f->stretches, 6);
	whole = f->model.fit.standard_error[0];
	table.target[100] = NAN;		  /* one row is a gap */
	for (size_t i = 300; i < 500; i++)	  /* an hour too */
		table.time[i] += 3600;
	assert_int_equal(fitted(&s)->stretches, 8);
	s.gap = 100;
	assert_int_equal(fitted(&s)->stretches, 7);
	s.gap = 1;
	f = fitted(&s); /* nothing is next to anything */
	assert_int_equal(f->stretches, 2999);
	broken = f->model.fit.standard_error[0];
	assert_true(broken < 0.9 * whole);
	s.lag = 0;
	assert_near(fitted(&s)->model.fit.standard_error[0], broken, 1e-12);
}

/* What a flow meter and two thermometers say is there before the terms: they are fitted to what is left. */
static void terms_beside_heat_are_fitted_to_the_rest(void **state)
{
	struct error e = ERROR_INIT;
	struct model m;
	struct fit_settings s = settings(&m, REGRESS_OLS);
	struct fit *f;
	double heat[3000];

	(void)state;
	draw_rows(3000, 6, 5, 0, 0, 1);
	must(model_load("analytics/accuracy/models/heat-en1434.json", &m, &e));
	table.column[0] = (struct model_column){"internal_flow", "l/h", table.value[0]};
	table.column[1] = (struct model_column){"water_out_temperature", "degC", table.value[1]};
	table.column[2] = (struct model_column){"water_in_temperature", "degC", table.value[2]};
	for (size_t i = 0; i < 3000; i++) {
		table.value[0][i] += 700;
		table.value[2][i] = 30;
		table.value[1][i] += 31;
	}
	must(model_evaluate(&m, table.column, 3, 3000, &(struct model_rows){heat, NULL, NULL}, &e));
	for (size_t i = 0; i < 3000; i++)
		table.target[i] = heat[i] - 25 + 0.1 * table.value[0][i] + (double)(i % 3);
	m.terms = 2;
	m.term[0] = (struct model_term){0};
	m.term[1] = (struct model_term){.factors = 1, .factor = {m.heat.flow}};
	f = fitted(&s);
	assert_near(f->model.term[0].coefficient, -24, 4 * f->model.fit.standard_error[0]);
	assert_near(f->model.term[1].coefficient, 0.1, 4 * f->model.fit.standard_error[1]);
	assert_near(f->model.fit.in_sample.rmse, sqrt(2.0 / 3), 0.01);
	for (size_t i = 10; i < 20; i++)
		table.value[1][i] = NAN;
	f = fitted(&s);
	assert_int_equal(f->no_input[m.heat.supply], 10);
}

static void the_digest_is_of_the_rows_used_and_nothing_else(void **state)
{
	struct model m = electricity();
	struct fit_settings s = settings(&m, REGRESS_OLS);
	struct model_column first;
	char before[65];

	(void)state;
	draw_rows(3000, 6, 5, 0, 0, 1);
	table.target[7] = NAN;
	strcpy(before, fitted(&s)->model.fit.data_digest);
	assert_int_equal(strlen(before), 64);
	table.value[FAN][7] = 3; /* of a row that is not used */
	first = table.column[0]; /* another order, and one more */
	table.column[0] = table.column[FAN];
	table.column[FAN] = first;
	assert_string_equal(fitted(&s)->model.fit.data_digest, before);
	s.method = REGRESS_HUBER;
	assert_string_equal(fitted(&s)->model.fit.data_digest, before);
	s.method = REGRESS_OLS;
	table.value[FAN][8] = nextafter(table.value[FAN][8], INFINITY);
	assert_string_not_equal(fitted(&s)->model.fit.data_digest, before);
	table.value[FAN][8] = nextafter(table.value[FAN][8], 0);
	assert_string_equal(fitted(&s)->model.fit.data_digest, before);
	table.time[8] += 1;
	assert_string_not_equal(fitted(&s)->model.fit.data_digest, before);
	table.time[8] -= 1;
	table.rows.n--;
	assert_string_not_equal(fitted(&s)->model.fit.data_digest, before);
}

/* With two heat pumps lambda is chosen by days, which the seed deals out; with more of them nothing is drawn. */
static void only_the_seed_is_left_to_chance(void **state)
{
	struct model m = electricity();
	struct fit_settings s = settings(&m, REGRESS_LASSO);
	double lambda[2] = {NAN, NAN}, six;
	int differ = 0;

	(void)state;
	draw_rows(1200, 6, 100, 0.5, 5, 1);
	six = fitted(&s)->model.fit.lambda;
	s.seed = 5;
	assert_near(fitted(&s)->model.fit.lambda, six, 0);
	draw_rows(1200, 2, 100, 0.5, 5, 1);
	for (s.seed = 0; s.seed < 20; s.seed++) {
		lambda[0] = fitted(&s)->model.fit.lambda;
		assert_int_equal(fitted(&s)->model.fit.seed, s.seed);
		assert_near(fitted(&s)->model.fit.lambda, lambda[0], 0);
		differ += s.seed > 0 && lambda[0] != lambda[1];
		lambda[1] = lambda[0];
	}
	assert_true(differ > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_row_that_is_not_used_is_counted_by_its_reason),
		cmocka_unit_test(rows_without_anything_whole_are_refused),
		cmocka_unit_test(rows_out_of_order_are_refused),
		cmocka_unit_test(settings_that_mean_nothing_are_refused),
		cmocka_unit_test(units_of_columns_and_target_are_converted),
		cmocka_unit_test(stretches_end_at_gaps_and_heat_pumps),
		cmocka_unit_test(terms_beside_heat_are_fitted_to_the_rest),
		cmocka_unit_test(the_digest_is_of_the_rows_used_and_nothing_else),
		cmocka_unit_test(only_the_seed_is_left_to_chance),
	};

	gsl_set_error_handler_off();
	return cmocka_run_group_tests(tests, NULL, NULL);
}

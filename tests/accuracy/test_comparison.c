/* One heat pump against one model whose errors are known by hand. */
#include "analytics/accuracy/comparison.h"
#include "analytics/accuracy/parts.h"
#include "analytics/accuracy/rows.h"
#include "analytics/accuracy/study_pump.h"

#include "tests/accuracy/pump.h"
#include "tests/check.h"

enum { DAY = 5760 };
#define MONDAY 1704067200.0 /* 2024-01-01 00:00 UTC */

/* P = fan speed in rpm, as W. */
static struct model plain_model(void)
{
	struct model m = {.target = MODEL_ELECTRIC_POWER, .unit = "W", .level = MODEL_ALL_INPUTS, .inputs = 1, .terms = 1, .floor = NAN};

	strcpy(m.name, "plain");
	m.input[0] = (struct model_input){.name = "fan_speed", .unit = "rpm", .measured = true, .min = NAN, .max = NAN};
	m.term[0] = (struct model_term){.coefficient = 1, .factors = 1, .factor = {0}};
	return m;
}

static const struct comparison_rules rules = {.regime = {50, 100, 30, 300, 700, 1400}, .covered = 0.9, .skew_step = 150};

static struct study days_of(int days)
{
	struct study s = {.pumps = 1, .pump = calloc(1, sizeof(struct study_pump))};
	struct study_pump *p = s.pump;
	struct error e = ERROR_INIT;

	hand_pump(p, days * DAY, MONDAY, 15);
	hand_column(p, ROLE_FAN_SPEED, 0);
	strcpy(p->unit[ROLE_FAN_SPEED], "rpm");
	hand_column(p, ROLE_OUTSIDE, 3);
	hand_series(&p->electric, days * DAY, MONDAY, 15, 0);
	must(calendar_make(&s.calendar, "UTC", MONDAY, MONDAY + days * 86400.0 - 1, &e));
	return s;
}

static struct comparison compare(const struct study *s)
{
	struct model m = plain_model();
	struct comparison c;
	struct error e = ERROR_INIT;

	must(comparison_make(&c, s, 0, &m, 0, &rules, &e));
	return c;
}

static struct error_sums all_days(const struct comparison *c, enum span span)
{
	struct error_sums sum = {0};

	for (int d = 0; d < c->days; d++)
		error_sums_join(&sum, &c->day[d].span[span]);
	return sum;
}

static void a_constant_error_is_the_bias_at_every_span(void **state)
{
	struct study s = days_of(3);
	struct comparison c;

	(void)state;
	for (int64_t i = 0; i < s.pump->rows; i++) {
		s.pump->electric.v[i] = 1000 + (double)(i % 40 < 20 ? 0 : 20);
		s.pump->column[ROLE_FAN_SPEED][i] = s.pump->electric.v[i] + 7;
	}
	c = compare(&s);
	assert_true(c.there);
	for (int span = 0; span < SPANS; span++) {
		struct error_sums sum = all_days(&c, (enum span)span);

		assert_near(metric_of(&sum, METRIC_BIAS), 7, 1e-9);
		assert_near(metric_of(&sum, METRIC_RMSE), 7, 1e-9);
	}
	assert_near(all_days(&c, SPAN_HOUR).n, 72, 0);
	assert_near(all_days(&c, SPAN_DAY).n, 3, 0);
	assert_near(all_days(&c, SPAN_SAMPLE).n, 3 * DAY, 0);
	comparison_free(&c);
	study_free(&s);
}

static void a_gap_is_not_filled(void **state)
{
	struct study s = days_of(1);
	struct comparison c;

	(void)state;
	for (int64_t i = 0; i < s.pump->rows; i++) {
		s.pump->electric.v[i] = 1000;
		s.pump->column[ROLE_FAN_SPEED][i] = 1000;
		if (i >= 1200 && i < 1680) /* two hours without a fan speed */
			s.pump->column[ROLE_FAN_SPEED][i] = NAN;
	}
	c = compare(&s);
	assert_near(c.day[0].covered, 22 * 3600, 1e-6);
	assert_near(all_days(&c, SPAN_HOUR).n, 22, 0);
	assert_near(all_days(&c, SPAN_DAY).n, 1, 0); /* 22 of 24 h: more than 90 % */
	assert_near(all_days(&c, SPAN_SAMPLE).reference_j, 22 * 3600 * 1000.0, 1e-3);
	assert_int_equal(c.rows_by_reason[EXCLUDED_INPUTS], 480);
	comparison_free(&c);
	study_free(&s);
}

static void parts_of_the_squared_error_belong_to_regimes(void **state)
{
	struct study s = days_of(1);
	struct comparison c;
	double *va = hand_column(s.pump, ROLE_POWER_INPUT, 0), square = 0, seconds = 0;

	(void)state;
	for (int64_t i = 0; i < s.pump->rows; i++) {
		bool on = i % 960 >= 480;

		s.pump->electric.v[i] = on ? 1000 : 6;
		va[i] = on ? 950 : 0;
		s.pump->column[ROLE_FAN_SPEED][i] = on ? 1010 : 7;
	}
	c = compare(&s);
	for (int r = 0; r < REGIMES; r++) {
		square += c.day[0].regime[r].square;
		seconds += c.day[0].regime[r].seconds;
	}
	assert_near(seconds, 86400, 1e-6);
	assert_near(square, all_days(&c, SPAN_SAMPLE).square, 1e-6);
	assert_near(metric_of(&c.day[0].regime[REGIME_OFF], METRIC_RMSE), 1, 1e-9);
	assert_near(metric_of(&c.day[0].regime[REGIME_MIDDLE], METRIC_RMSE), 10, 1e-9);
	assert_true(c.day[0].regime[REGIME_STARTUP].n > 0);
	assert_true(c.day[0].regime[REGIME_TRANSITION].n > 0);
	comparison_free(&c);
	study_free(&s);
}

static void the_worst_moment_is_found_with_its_trace(void **state)
{
	struct study s = days_of(1);
	struct comparison c;

	(void)state;
	for (int64_t i = 0; i < s.pump->rows; i++) {
		s.pump->electric.v[i] = 500;
		s.pump->column[ROLE_FAN_SPEED][i] = 501;
	}
	for (int64_t i = 3000; i < 3010; i++)
		s.pump->column[ROLE_FAN_SPEED][i] = 900;
	s.pump->column[ROLE_FAN_SPEED][3004] = 950;
	c = compare(&s);
	assert_true(c.events > 0);
	assert_near(c.event[0].time, MONDAY + 3004 * 15, 0);
	assert_near(c.event[0].seconds, 150, 0);
	assert_near(c.event[0].m[60], 950, 0);
	assert_true(c.event[0].share > 0.9);
	comparison_free(&c);
	study_free(&s);
}

static void heat_pumps_of_a_day_are_added_up(void **state)
{
	struct study s = days_of(2);
	struct comparison c[3];
	struct error e = ERROR_INIT;

	(void)state;
	for (int64_t i = 0; i < s.pump->rows; i++) {
		s.pump->electric.v[i] = 1000;
		s.pump->column[ROLE_FAN_SPEED][i] = 1010;
	}
	c[0] = compare(&s);
	for (int64_t i = 0; i < s.pump->rows; i++)
		s.pump->column[ROLE_FAN_SPEED][i] = 970;
	c[1] = compare(&s);
	c[1].pump = 1;
	must(comparison_join(&c[2], c, 2, &e));
	assert_near(metric_of(&c[2].day[0].span[SPAN_DAY], METRIC_BIAS), -10, 1e-9);
	assert_near(metric_of(&c[2].day[0].span[SPAN_DAY], METRIC_RMSE), sqrt((100 + 900) / 2.0), 1e-9);
	assert_int_equal(c[2].pairs, c[0].pairs + c[1].pairs);
	assert_near(c[2].residual[5], -10, 1e-9);
	for (int i = 0; i < 3; i++)
		comparison_free(&c[i]);
	study_free(&s);
}

static void two_days_have_no_interval_and_a_month_has(void **state)
{
	const struct comparison_resampling how = {.replicates = 500, .seed = 1, .level = 0.95};
	struct error e = ERROR_INIT;

	(void)state;
	for (int days = 2; days <= 30; days += 28) {
		struct study s = days_of(days);
		struct comparison c;

		for (int64_t i = 0; i < s.pump->rows; i++) {
			s.pump->electric.v[i] = 1000;
			s.pump->column[ROLE_FAN_SPEED][i] = 1000 + 10 * sin((double)(i / DAY) * 2.3);
		}
		c = compare(&s);
		must(comparison_intervals(&c, &how, &e));
		assert_false(isnan(c.metric[SPAN_HOUR][METRIC_BIAS].value));
		assert_int_equal(isnan(c.metric[SPAN_HOUR][METRIC_BIAS].low), days == 2);
		if (days > 2)
			assert_true(c.metric[SPAN_HOUR][METRIC_BIAS].low < c.metric[SPAN_HOUR][METRIC_BIAS].value);
		comparison_free(&c);
		study_free(&s);
	}
}

static void what_is_missing_is_said(void **state)
{
	struct study s = days_of(1);
	struct comparison c;

	(void)state;
	free(s.pump->column[ROLE_FAN_SPEED]);
	s.pump->column[ROLE_FAN_SPEED] = NULL;
	c = compare(&s);
	assert_false(c.there);
	assert_non_null(strstr(c.why, "fan_speed"));
	comparison_free(&c);
	s.pump->electric.n = 0;
	c = compare(&s);
	assert_non_null(strstr(c.why, "no electricity meter"));
	comparison_free(&c);
	study_free(&s);
}

static void hourly_counters_of_an_lte_connection_make_steps(void **state)
{
	struct study s = days_of(1);
	struct study_pump *p = s.pump;
	double *counter = hand_column(p, ROLE_ELECTRIC_COUNTER, 0), *mode = hand_column(p, ROLE_SUPERVISORY_MODE, 2);
	struct comparison_rows rows;
	struct model m;
	struct error e = ERROR_INIT;

	(void)state;
	for (int64_t i = 0; i < p->rows; i++) {
		int hour = (int)(i / 240);

		counter[i] = hour < 12 ? 1000.0 * hour : 400.0 * (hour - 12); /* back to 0 at noon */
		mode[i] = hour == 5 ? 0 : 2;
	}
	must(model_load("analytics/accuracy/models/electricity-lte.json", &m, &e));
	must(comparison_rows_make(&rows, p->rows, &e));
	must(comparison_estimates(&rows, p, &m, NULL, &e));
	assert_true(isnan(rows.estimate[0])); /* nobody knows where it stood before */
	assert_near(rows.estimate[240 * 3 + 7], 2730, 1e-9);
	assert_near(rows.estimate[240 * 5 + 7], 5.15, 1e-9);
	assert_true(isnan(rows.estimate[240 * 12 + 7]));
	assert_near(rows.estimate[240 * 13 + 7], 2.73 * 400, 1e-9);
	assert_int_equal(rows.level[240 * 3 + 7], MODEL_LTE);
	comparison_rows_free(&rows);
	study_free(&s);
}

static void the_old_aggregation_bills_gaps(void **state)
{
	struct study s = days_of(1);
	struct model m = plain_model();
	struct accuracy_production a;
	struct comparison c;
	struct error e = ERROR_INIT;

	(void)state;
	for (int64_t i = 0; i < s.pump->rows; i++) {
		s.pump->electric.v[i] = 1000;
		s.pump->column[ROLE_FAN_SPEED][i] = 1000;
		if (i >= 100)
			s.pump->time[i] += 6 * 3600; /* six hours are missing */
	}
	s.pump->rows = 2000;
	s.pump->step[99] = 0;
	s.pump->excluded[99] = EXCLUDED_GAP;
	c = compare(&s);
	must(accuracy_production_make(&a, s.pump, 0, &m, 0, &c, 900, 0, &e));
	assert_near(a.gaps_wh, 250, 1e-9); /* 900 s at the next row's 1 kW */
	assert_near(a.old_wh, 250 + 1998 * 15 / 3.6, 1e-6);
	free(a.hour);
	free(a.wh);
	must(accuracy_production_make(&a, s.pump, 0, &m, 0, &c, 0, 0, &e));
	assert_near(a.gaps_wh, 1000 * (6 * 3600 + 15) / 3600.0, 1e-9);
	assert_near(a.hour[0], MONDAY + 3600, 0); /* named by its end */
	free(a.hour);
	free(a.wh);
	comparison_free(&c);
	study_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_constant_error_is_the_bias_at_every_span),
		cmocka_unit_test(a_gap_is_not_filled),
		cmocka_unit_test(parts_of_the_squared_error_belong_to_regimes),
		cmocka_unit_test(the_worst_moment_is_found_with_its_trace),
		cmocka_unit_test(heat_pumps_of_a_day_are_added_up),
		cmocka_unit_test(two_days_have_no_interval_and_a_month_has),
		cmocka_unit_test(what_is_missing_is_said),
		cmocka_unit_test(hourly_counters_of_an_lte_connection_make_steps),
		cmocka_unit_test(the_old_aggregation_bills_gaps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

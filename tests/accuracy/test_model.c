/* The production models that are shipped, against their published check values. */
#include "tests/accuracy/models.h"

static void the_published_check_values_come_out_to_the_digit(void **state)
{
	static const struct {
		double row[ELECTRICITY];
		const char *power;
	} checks[] = {
		{{0, 0, 0, 0, 0, 0, 10}, "5.150"},
		{{0, 0, 0, 0, 0, 1, 10}, "45.150"},
		{{0, 0, 1, 0, 0, 1, 10}, "195.215"},
		{{920, 600, 0, 43, 1, 0, 10}, "1053.086"},
		{{1955, 850, 1, 31, 1, 0, 10}, "2342.353"},
	};
	struct model m = load("electricity");
	char text[32];

	(void)state;
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		snprintf(text, sizeof(text), "%.3f", electricity(&m, checks[i].row));
		assert_string_equal(text, checks[i].power);
		assert_int_equal(level[0], MODEL_ALL_INPUTS);
		assert_int_equal(notes[0], 0);
	}
}

static void the_later_hardware_has_its_own_coefficients(void **state)
{
	struct model m = load("electricity-later-hardware");

	(void)state;
	assert_near(electricity(&m, (double[]){0, 0, 0, 0, 0, 0, 0}), 5.93, 1e-12);
	assert_near(electricity(&m, (double[]){0, 0, 1, 0, 0, 1, 0}), 179.55, 1e-12);
	assert_near(electricity(&m, (double[]){920, 600, 0, 43, 1, 0, 0}), 984.66966, 1e-9);
}

static void voltage_times_current_is_all_inputs_too(void **state)
{
	static const double volt[] = {230, NAN, 230}, ampere[] = {4, 4, 4}, apparent[] = {NAN, NAN, 1000}, none[3] = {0};
	const struct model_column columns[] = {{"ac_current", "A", ampere}, {"ac_voltage", "V", volt}, {"fan_speed", "rpm", none},
		{"bottom_plate_heater", "1", none}, {"pump_duty", "W", none}, {"pump_relay", "1", none},
		{"crankcase_heater", "1", none}, {"apparent_power", "VA", apparent}};
	struct model m = load("electricity");

	(void)state;
	for (int with = 0; with < 2; with++) {
		evaluate(&m, columns, 7 + (size_t)with, 3);
		assert_near(value[0], 5.150232354845286 + 1.1240096401010435 * 920, 1e-9);
		assert_int_equal(level[0], MODEL_ALL_INPUTS);
		assert_int_equal(notes[0], 1);
		assert_true(isnan(value[1]));
		assert_int_equal(level[1], MODEL_NO_VALUE);
	}
	assert_near(value[2], 5.150232354845286 + 1124.0096401010435, 1e-9); /* measured goes before the product */
	assert_int_equal(notes[2], 0);
}

static void without_the_flag_the_heater_is_on_by_outside_temperature(void **state)
{
	static const struct {
		double power, outside, probability;
	} rows[] = {{500, -10, 1}, {500, 4, 1}, {500, 4.0000001, 0.8232141505}, {500, 5, 0.1775888538}, {500, 7, 0.0691397901}, {500, 7.01, 0},
		{0, -10, 0}, {0, 5, 0}, {-3, -10, 0}, {0, NAN, 0}};
	struct model absent = load("electricity-no-heater-flag"), all = load("electricity");

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		double row[] = {rows[i].power, 0, 1, 0, 0, 0, rows[i].outside};
		double base = 5.150232354845286 + 1.1240096401010435 * rows[i].power;
		double got = electricity(&absent, row), expected = fmax(0, base + 150.06430841218332 * rows[i].probability);

		assert_near(got, expected, 1e-7);
		assert_int_equal(level[0], MODEL_SUBSTITUTED);
		assert_true(notes[0] & 2);
		row[2] = NAN; /* the model with all inputs fills the same gap in the same way */
		assert_near(electricity(&all, row), got, 0);
		assert_int_equal(level[0], MODEL_SUBSTITUTED);
		row[2] = 0; /* and believes a flag that is there */
		assert_near(electricity(&all, row), fmax(0, base), 1e-9);
		assert_int_equal(level[0], MODEL_ALL_INPUTS);
	}
	assert_true(isnan(electricity(&absent, (double[]){500, 0, 1, 0, 0, 0, NAN})));
}

static void the_crankcase_rule_can_be_turned_round(void **state)
{
	/* power, outside, on as written, on inverted; -1: not known */
	static const double rows[][4] = {{500, 0, 1, 0}, {500, -4, 0, 0}, {0, 0, 0, 0}, {0, -4, 0, 1}, {0, -20, 0, 1}, {500, NAN, -1, 0},
		{0, NAN, 0, -1}};
	struct model m = load("electricity");
	struct error e = ERROR_INIT;
	char before[65], after[65];

	(void)state;
	model_digest(&m, before);
	for (int inverted = 0; inverted < 2; inverted++) {
		must(model_switch(&m, "crankcase_heater", model_variant_names[inverted], &e));
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			double got = electricity(&m, (double[]){rows[i][0], 0, 0, 0, 0, NAN, rows[i][1]}), on = rows[i][2 + inverted];

			if (on < 0)
				assert_true(isnan(got) && level[0] == MODEL_NO_VALUE && notes[0] == 0);
			else
				assert_near(got, 5.150232354845286 + 1.1240096401010435 * rows[i][0] + 40 * on, 1e-9);
			assert_true(on < 0 || (level[0] == MODEL_SUBSTITUTED && notes[0] == 4));
		}
	}
	model_digest(&m, after);
	assert_string_not_equal(before, after);
	refused(model_switch(&m, "crankcase_heater", "upside_down", &e), ERROR_USAGE, "'as_written' or 'inverted'");
	refused(model_switch(&m, "fan_speed", "inverted", &e), ERROR_USAGE, "no rule with variants for 'fan_speed'");
}

static void over_lte_only_counters_speak(void **state)
{
	/* connected, active, step, electricity, heat */
	static const double rows[][5] = {{0, 1, 400, 0, 0}, {1, 0, 400, 5.15, 0}, {1, 1, 400, 1092, 872}, {1, 1, -3, 0, -6.54},
		{1, 0, NAN, 5.15, 0}, {0, NAN, NAN, 0, 0}, {1, 1, NAN, NAN, NAN}, {1, NAN, 400, NAN, NAN}, {NAN, 1, 400, NAN, NAN}};
	enum { COUNT = sizeof(rows) / sizeof(rows[0]) };
	double connected[COUNT], active[COUNT], step[COUNT];
	const struct model_column columns[] = {{"connected", "", connected}, {"active", "1", active},
		{"electric_counter_step", "Wh", step}, {"heat_counter_step", "Wh", step}};

	(void)state;
	for (int i = 0; i < COUNT; i++) {
		connected[i] = rows[i][0];
		active[i] = rows[i][1];
		step[i] = rows[i][2];
	}
	for (int heat = 0; heat < 2; heat++) {
		struct model m = load(heat ? "heat-lte" : "electricity-lte");

		evaluate(&m, columns, 4, COUNT);
		for (int i = 0; i < COUNT; i++) {
			double expected = rows[i][3 + heat];

			assert_int_equal(isnan(value[i]), isnan(expected));
			assert_int_equal(level[i], isnan(expected) ? MODEL_NO_VALUE : MODEL_LTE);
			if (!isnan(expected))
				assert_near(value[i], expected, 1e-9);
		}
		assert_int_equal(notes[3] & MODEL_NOTE_FLOORED, heat ? 0 : MODEL_NOTE_FLOORED);
		assert_true(notes[3] & MODEL_NOTE_OUTSIDE);
	}
}

static void heat_follows_its_named_convention(void **state)
{
	static const struct {
		const char *model;
		double factor; /* MJ/(m3 K) */
	} rows[] = {{"heat-997x4182", 4.169454}, {"heat-1000x4186", 4.186}, {"heat-1.157964", 4.1686704}, {"heat-1.137888", 4.0963968}};
	static const double flow[] = {1000, 1000, 1000, NAN}, supply[] = {35, 45, 55, 40}, ret[] = {30, 40, 50, 35};
	const struct model_column columns[] = {{"internal_flow", "l/h", flow}, {"water_out_temperature", "degC", supply},
		{"water_in_temperature", "degC", ret}};
	struct model m;
	double fixed[4];

	(void)state;
	for (int k = 3; k >= 0; k--) {
		m = load(rows[k].model);
		evaluate(&m, columns, 3, 4);
		for (int i = 0; i < 3; i++)
			assert_near(value[i], rows[k].factor * 5000 / 3.6, 1e-6);
		assert_true(isnan(value[3]));
	}
	memcpy(fixed, value, sizeof(fixed));
	m = load("heat-en1434");
	evaluate(&m, columns, 3, 4);
	for (int i = 0; i < 3; i++) { /* water tables: 996.3, 992.9, 988.7 kg/m3 at 30, 40, 50 degC, cp 4.175, 4.176, 4.177 */
		static const double high[] = {0.0025, 0.0057, 0.0096};

		assert_near(fixed[i] / value[i] - 1, high[i], 5e-4);
	}
	assert_true(isnan(value[3]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_published_check_values_come_out_to_the_digit),
		cmocka_unit_test(the_later_hardware_has_its_own_coefficients),
		cmocka_unit_test(voltage_times_current_is_all_inputs_too),
		cmocka_unit_test(without_the_flag_the_heater_is_on_by_outside_temperature),
		cmocka_unit_test(the_crankcase_rule_can_be_turned_round),
		cmocka_unit_test(over_lte_only_counters_speak),
		cmocka_unit_test(heat_follows_its_named_convention),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What must hold for every model and every row, whatever the coefficients. */
#include "tests/accuracy/models.h"
#include "tests/analytics/random.h"

static const char *const shipped[] = {"electricity", "electricity-no-heater-flag", "electricity-later-hardware", "electricity-lte",
	"heat-lte", "heat-en1434", "heat-997x4182", "heat-1000x4186", "heat-1.157964", "heat-1.137888"};
enum { SHIPPED = sizeof(shipped) / sizeof(shipped[0]) };

/* f(a x + (1-a) y) = a f(x) + (1-a) f(y) wherever the floor is not reached and the pump's relay stays. */
static void a_model_of_plain_terms_is_linear(void **state)
{
	static const char *const names[] = {"electricity", "electricity-later-hardware"};
	uint64_t seed = 5;

	(void)state;
	for (int k = 0; k < 2; k++) {
		struct model m = load(names[k]);

		for (int round = 0; round < 500; round++) {
			static const double span[ELECTRICITY] = {3000, 900, 1, 70, 1, 1, 30};
			double x[ELECTRICITY], y[ELECTRICITY], between[ELECTRICITY], a = random_uniform(&seed), fx, fy;

			for (int i = 0; i < ELECTRICITY; i++) {
				x[i] = i == 4 ? 1 : span[i] * random_uniform(&seed);
				y[i] = i == 4 ? 1 : span[i] * random_uniform(&seed);
				between[i] = a * x[i] + (1 - a) * y[i];
			}
			x[0] += 100; /* above the floor */
			y[0] += 100;
			between[0] += 100;
			fx = electricity(&m, x);
			fy = electricity(&m, y);
			assert_near(electricity(&m, between), a * fx + (1 - a) * fy, 1e-8);
			assert_int_equal(notes[0], 0);
		}
	}
}

static void below_the_floor_is_the_floor_and_missing_stays_missing(void **state)
{
	struct model m = load("electricity");

	(void)state;
	assert_near(electricity(&m, (double[]){0, 900, 0, 0, 0, 0, 10}), 0, 0);
	assert_int_equal(notes[0], MODEL_NOTE_FLOORED);
	assert_int_equal(level[0], MODEL_ALL_INPUTS);
	assert_true(isnan(electricity(&m, (double[]){0, NAN, 0, 0, 0, 0, 10})));
	assert_int_equal(notes[0], 0);
	assert_near(electricity(&m, (double[]){0, 0, 2, 0, 0, 0, 10}), 305.278849179211926, 1e-9);
	assert_int_equal(notes[0], MODEL_NOTE_OUTSIDE);
}

/* Any input, any model: a gap is filled by a rule that is named, or there is no value. Infinity is a gap. */
static void a_missing_input_is_never_zero(void **state)
{
	(void)state;
	for (int k = 0; k < SHIPPED; k++) {
		struct model m = load(shipped[k]);

		for (int gone = 0; gone < m.inputs; gone++)
			for (int bad = 0; bad < 3; bad++) {
				static const double as[] = {NAN, INFINITY, -INFINITY};
				double row[MODEL_INPUTS];
				struct model_column columns[MODEL_INPUTS];
				double whole;
				int with;

				for (int i = 0; i < m.inputs; i++) {
					row[i] = strcmp(m.input[i].unit, "1") == 0 ? 1 : 20 + i;
					columns[i] = (struct model_column){m.input[i].name, m.input[i].unit, &row[i]};
				}
				evaluate(&m, columns, (size_t)m.inputs, 1);
				whole = value[0];
				with = notes[0];
				assert_true(isfinite(whole) && level[0] == (k == 1 ? MODEL_SUBSTITUTED : m.level));
				row[gone] = as[bad];
				evaluate(&m, columns, (size_t)m.inputs, 1);
				if (isnan(value[0]))
					assert_int_equal(level[0], MODEL_NO_VALUE);
				else if (value[0] != whole)
					assert_int_not_equal(notes[0], with);
				else /* it was not needed */
					assert_true(notes[0] != with || strncmp(m.input[gone].name, "ac_", 3) == 0 ||
						    !m.input[gone].measured || strcmp(m.input[gone].name, "outside_temperature") == 0);
			}
	}
}

/* Rows know nothing of their neighbours, wherever a block ends. */
static void each_row_stands_alone(void **state)
{
	static const size_t sizes[] = {0, 1, 255, 256, 257, ROOM};
	static double column[ELECTRICITY][ROOM], one[ROOM];
	static const char *const names[] = {"apparent_power", "fan_speed", "bottom_plate_heater", "pump_duty", "pump_relay",
		"crankcase_heater", "outside_temperature"};
	static const char *const units[] = {"VA", "rpm", "1", "W", "1", "1", "degC"};
	struct model_column columns[ELECTRICITY];
	struct model m = load("electricity");
	signed char one_level[ROOM];
	uint64_t seed = 3;

	(void)state;
	for (int i = 0; i < ELECTRICITY; i++) {
		for (int k = 0; k < ROOM; k++)
			column[i][k] = random_uniform(&seed) < 0.03 ? NAN
				: units[i][0] == '1'		    ? random_uniform(&seed) < 0.5
								    : 1000 * random_uniform(&seed) * (i == 6 ? 0.01 : 1);
		columns[i] = (struct model_column){names[i], units[i], column[i]};
	}
	for (int k = 0; k < ROOM; k++) {
		double row[ELECTRICITY];

		for (int i = 0; i < ELECTRICITY; i++)
			row[i] = column[i][k];
		one[k] = electricity(&m, row);
		one_level[k] = level[0];
	}
	for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
		memset(value, 0x55, sizeof(value));
		memset(level, 0x55, sizeof(level));
		evaluate(&m, columns, ELECTRICITY, sizes[s]);
		assert_memory_equal(value, one, sizes[s] * sizeof(*value));
		assert_memory_equal(level, one_level, sizes[s]);
		assert_true(sizes[s] == ROOM || level[sizes[s]] == 0x55);
	}
}

/* A product beyond all numbers, with both factors on this side. */
static void what_is_beyond_all_numbers_is_no_value(void **state)
{
	struct model m = load("electricity");

	(void)state;
	assert_true(isnan(electricity(&m, (double[]){0, 0, 0, 1e200, 1e200, 0, 10})));
	assert_int_equal(level[0], MODEL_NO_VALUE);
	assert_true(isnan(electricity(&m, (double[]){1.7e308, 0, 0, 0, 0, 0, 10})));
}

static void columns_come_in_any_unit_that_converts(void **state)
{
	struct error e = ERROR_INIT;
	static const double flow[] = {1}, supply[] = {35}, ret[] = {30};
	struct model_column columns[] = {{"internal_flow", "m3/h", flow}, {"water_out_temperature", "°C", supply},
		{"water_in_temperature", "degC", ret}};
	struct model m = load("heat-997x4182");

	(void)state;
	evaluate(&m, columns, 3, 1);
	assert_near(value[0], 4.169454 * 5000 / 3.6, 1e-6);
	must(model_evaluate(&m, columns, 3, 1, &(struct model_rows){value, NULL, NULL}, &e));
	columns[2].unit = "K"; /* a difference */
	refused(model_evaluate(&m, columns, 3, 1, &out, &e), ERROR_CONFIG, "'K' cannot be given in 'degC'");
	m = load("electricity");
	columns[0] = (struct model_column){"apparent_power", "W", flow};
	refused(model_evaluate(&m, columns, 1, 1, &out, &e), ERROR_CONFIG, "'W' cannot be given in 'VA'");
}

static void a_channel_that_the_run_lacks_is_named(void **state)
{
	struct error e = ERROR_INIT;
	static const double one[] = {1};
	const struct model_column columns[] = {{"apparent_power", "VA", one}, {"fan_spede", "rpm", one}, {"pump_duty", "W", one},
		{"pump_relay", "1", one}, {"crankcase_heater", "1", one}, {"fan_speed", "rpm", one}};
	struct model m = load("electricity");

	(void)state;
	value[0] = 77;
	refused(model_evaluate(&m, columns, 5, 1, &out, &e), ERROR_DATA,
		"model electricity needs fan_speed (rpm), which is not there; the nearest name is 'fan_spede'");
	refused(model_evaluate(&m, columns, 6, 1, &out, &e), ERROR_DATA,
		"needs bottom_plate_heater (1), which is not there, nor what its rule is made from");
	refused(model_evaluate(&m, columns, 0, 1, &out, &e), ERROR_DATA, "needs apparent_power (VA)");
	assert_near(value[0], 77, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_model_of_plain_terms_is_linear),
		cmocka_unit_test(below_the_floor_is_the_floor_and_missing_stays_missing),
		cmocka_unit_test(a_missing_input_is_never_zero),
		cmocka_unit_test(each_row_stands_alone),
		cmocka_unit_test(what_is_beyond_all_numbers_is_no_value),
		cmocka_unit_test(columns_come_in_any_unit_that_converts),
		cmocka_unit_test(a_channel_that_the_run_lacks_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

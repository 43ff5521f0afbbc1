#include "tests/check.h"

#include "daq/base/units.h"

#include <math.h>

static double convert(double value, const char *from, const char *to)
{
	struct error e = ERROR_INIT;
	double out = NAN;

	must(unit_convert(value, from, to, &out, &e));
	return out;
}

static void the_words_of_this_field_are_units(void **state)
{
	static const char *const known[] = {"kWh", "Wh", "MWh", "var", "kvar", "kvarh", "VA", "imp", "imp/kWh", "imp/l", "W",
		"kW", "l/h", "l/min", "m3/h", "m³/h", "degC", "°C", "K", "bar", "Pa", "%", "permille", "rpm", "Hz", "s", "ms",
		"min", "h", "A", "V", "", "1", "kg", "m/s", "l.h-1"};
	static const char *const unknown[] = {"banana", "kwH", "3", "5 W", "l/hour of the day", "since", "s since 1970-01-01",
		"K @ 273.15", "s 3", "bar 2"};

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!unit_known(known[i]))
			fail_msg("'%s' is not known", known[i]);
	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
		if (unit_known(unknown[i]))
			fail_msg("'%s' is taken for a unit", unknown[i]);
}

static void energies_flows_and_times_convert(void **state)
{
	(void)state;
	assert_near(convert(1, "kWh", "MJ"), 3.6, 1e-12);
	assert_near(convert(2500, "Wh", "kWh"), 2.5, 1e-12);
	assert_near(convert(1, "m3/h", "l/h"), 1000, 1e-9);
	assert_near(convert(1, "l/s", "m³/h"), 3.6, 1e-12);
	assert_near(convert(850, "permille", "%"), 85, 1e-9);
	assert_near(convert(1.5, "h", "s"), 5400, 1e-9);
	assert_near(convert(1, "kvarh", "varh"), 1000, 1e-9);
	assert_near(convert(3, "°C", "degC"), 3, 0);
}

static void what_only_looks_alike_does_not_convert(void **state)
{
	static const char *const pairs[][2] = {{"VA", "W"}, {"W", "var"}, {"VA", "var"}, {"kVA", "kW"}, {"varh", "Wh"},
		{"imp", "1"}, {"imp/l", "l"}, {"rpm", "Hz"}, {"l", "l/h"}, {"V", "A"}, {"kWh", "kW"}};
	struct error e = ERROR_INIT;
	double out = 42;

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		refused(unit_convert(1, pairs[i][0], pairs[i][1], &out, &e), ERROR_CONFIG, pairs[i][0]);
		assert_non_null(strstr(e.text, pairs[i][1]));
		refused(unit_convert(1, pairs[i][1], pairs[i][0], &out, &e), ERROR_CONFIG, pairs[i][0]);
	}
	assert_near(out, 42, 0); /* written only on success */
}

static void a_temperature_is_never_a_difference(void **state)
{
	struct error e = ERROR_INIT;
	double out;

	(void)state;
	refused(unit_convert(20, "degC", "K", &out, &e), ERROR_CONFIG, "degC");
	refused(unit_convert(5, "K", "degC", &out, &e), ERROR_CONFIG, "degC");
	refused(unit_convert(5, "K", "°C", &out, &e), ERROR_CONFIG, "K");
	refused(quantity_read("5 K", "degC", &out, &e), ERROR_CONFIG, "degC");
	refused(quantity_read("20 degC", "K", &out, &e), ERROR_CONFIG, "degC");
}

static void a_quantity_is_a_number_and_a_unit(void **state)
{
	struct error e = ERROR_INIT;
	char unit[16];
	double v;

	(void)state;
	must(quantity_parse("1000 l/h", &v, unit, sizeof(unit), &e));
	assert_near(v, 1000, 0);
	assert_string_equal(unit, "l/h");
	must(quantity_parse("-3.5e-1degC  ", &v, unit, sizeof(unit), &e));
	assert_near(v, -0.35, 0);
	assert_string_equal(unit, "degC");
	must(quantity_parse("7", &v, unit, sizeof(unit), &e));
	assert_string_equal(unit, "");
	must(quantity_read("0.5 kWh", "Wh", &v, &e));
	assert_near(v, 500, 1e-9);
	must(quantity_read("7", "1", &v, &e));
	assert_near(v, 7, 0);
}

static void a_number_without_its_unit_is_told_which_was_expected(void **state)
{
	struct error e = ERROR_INIT;
	double v = 42;

	(void)state;
	refused(quantity_read("1000", "l/h", &v, &e), ERROR_CONFIG, "'1000 l/h'");
	refused(quantity_read("1000", "W", &v, &e), ERROR_CONFIG, "has no unit");
	assert_near(v, 42, 0);
}

static void what_is_not_finite_or_goes_on_is_refused(void **state)
{
	static const char *const bad[] = {"nan W", "NAN", "inf W", "-infinity W", "1e999 W", "", " ", "W", "five W", "5 watts!",
		"5 W or so", "5 s 3", "5 bar 2", "5 K @ 273.15", "5 banana", "10 W W W W W W W W W W W W W W W W W W W W W W"};
	struct error e = ERROR_INIT;
	double v = 42;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		error_clear(&e);
		if (quantity_read(bad[i], "W", &v, &e) == 0)
			fail_msg("\"%s\" is taken for %g W", bad[i], v);
		assert_int_equal(e.code, ERROR_CONFIG);
		assert_true(strlen(e.text) > 10);
	}
	assert_near(v, 42, 0);
}

static void a_pure_number_has_no_label(void **state)
{
	char room[24];

	(void)state;
	assert_string_equal(unit_label("W", room), " W");
	assert_string_equal(unit_label("1", room), "");
	assert_string_equal(unit_label("", room), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_words_of_this_field_are_units),
		cmocka_unit_test(energies_flows_and_times_convert),
		cmocka_unit_test(what_only_looks_alike_does_not_convert),
		cmocka_unit_test(a_temperature_is_never_a_difference),
		cmocka_unit_test(a_quantity_is_a_number_and_a_unit),
		cmocka_unit_test(a_number_without_its_unit_is_told_which_was_expected),
		cmocka_unit_test(what_is_not_finite_or_goes_on_is_refused),
		cmocka_unit_test(a_pure_number_has_no_label),
	};

	return cmocka_run_group_tests_name("units", tests, NULL, NULL);
}

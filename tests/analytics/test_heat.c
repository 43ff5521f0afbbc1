/*
 * Liquid water and the heat coefficient against published and independently computed values: IAPWS R7-97(2012), table 5, and
 * k at 16 bar as another implementation of IF97 gives it.
 */
#include "tests/check.h"

#include "analytics/core/heat.h"
#include "analytics/core/water.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* As printed: nine significant digits. */
static void as_printed(double value, const char *printed)
{
	char text[40];
	double expected = strtod(printed, NULL);

	snprintf(text, sizeof(text), "%.9g", value);
	if (strtod(text, NULL) != expected)
		fail_msg("%s is not %s", text, printed);
}

static void region_1_gives_the_published_check_values(void **state)
{
	static const struct {
		double T, p;
		const char *v, *h, *u, *s, *cp, *w;
	} rows[] = {
		{300, 3, "0.00100215168", "115.331273", "112.324818", "0.392294792", "4.17301218", "1507.73921"},
		{300, 80, "0.000971180894", "184.142828", "106.448356", "0.368563852", "4.01008987", "1634.69054"},
		{500, 3, "0.001202418", "975.542239", "971.934985", "2.58041912", "4.65580682", "1240.71337"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct if97_state s = if97_region1(rows[i].T, rows[i].p);
		struct if97_isobar at = if97_isobar(rows[i].p);

		as_printed(s.volume, rows[i].v);
		as_printed(s.enthalpy, rows[i].h);
		as_printed(s.energy, rows[i].u);
		as_printed(s.entropy, rows[i].s);
		as_printed(s.cp, rows[i].cp);
		as_printed(s.sound, rows[i].w);
		as_printed(if97_isobar_volume(&at, rows[i].T), rows[i].v);
		as_printed(if97_isobar_enthalpy(&at, rows[i].T), rows[i].h);
	}
	assert_true(isnan(if97_region1(273, 3).volume) && isnan(if97_region1(300, 101).enthalpy) && isnan(if97_region1(NAN, 3).cp));
}

static void an_isobar_is_the_same_water_everywhere(void **state)
{
	struct if97_isobar at = if97_isobar(1.6);

	(void)state;
	for (double t = 273.15; t < 470; t += 0.37) {
		struct if97_state s = if97_region1(t, 1.6);

		assert_near(if97_isobar_volume(&at, t) / s.volume, 1, 1e-13);
		assert_near(if97_isobar_enthalpy(&at, t) - s.enthalpy, 0, 1e-10);
	}
}

static struct heat_medium water(enum heat_sensor sensor, double bar)
{
	struct heat_medium m;
	struct error e = ERROR_INIT;

	must(heat_medium(&m, HEAT_EN1434, sensor, bar, 0, "water", &e));
	return m;
}

static void k_at_16_bar_is_that_of_the_table(void **state)
{
	static const struct {
		double in, out;
		const char *hot, *cold;
	} rows[] = {{25, 20, "4.169261", "4.174146"}, {30, 25, "4.161333", "4.167199"}, {35, 30, "4.153345", "4.160108"},
		{40, 35, "4.145211", "4.152804"}, {45, 40, "4.136903", "4.145268"}, {50, 45, "4.128421", "4.137512"},
		{55, 50, "4.119782", "4.129557"}, {55, 45, "4.119215", "4.138081"}, {60, 50, "4.110182", "4.130382"},
		{70, 50, "4.089653", "4.132540"}, {80, 60, "4.069952", "4.117625"}, {90, 50, "4.043856", "4.138867"}};
	struct heat_medium hot = water(HEAT_SENSOR_SUPPLY, 16), cold = water(HEAT_SENSOR_RETURN, 16);
	struct heat_medium low = water(HEAT_SENSOR_SUPPLY, 3), low_cold = water(HEAT_SENSOR_RETURN, 3);
	char text[32];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		snprintf(text, sizeof(text), "%.6f", heat_coefficient(&hot, rows[i].in, rows[i].out));
		assert_string_equal(text, rows[i].hot);
		snprintf(text, sizeof(text), "%.6f", heat_coefficient(&cold, rows[i].in, rows[i].out));
		assert_string_equal(text, rows[i].cold);
	}
	snprintf(text, sizeof(text), "%.6f", heat_coefficient(&low, 35, 30));
	assert_string_equal(text, "4.154352");
	snprintf(text, sizeof(text), "%.6f", heat_coefficient(&low_cold, 35, 30));
	assert_string_equal(text, "4.161098");
}

/* rho and cp at 3 bar, computed elsewhere. */
static void without_a_difference_k_is_rho_cp(void **state)
{
	static const double rows[][3] = {{20, 998.297, 4.18418}, {30, 995.740, 4.17948}, {40, 992.311, 4.17806}, {55, 985.793, 4.18044}};
	struct heat_medium m = water(HEAT_SENSOR_RETURN, 3);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		double t = rows[i][0], k = heat_coefficient(&m, t, t);

		assert_near(k, rows[i][1] * rows[i][2] / 1000, 1e-5);
		assert_near(heat_coefficient(&m, t + 0.00101, t) / k, 1, 1e-7);
		assert_near(heat_coefficient(&m, t + 0.00099, t) / k, 1, 1e-6);
	}
}

/* 500 l/h, 5 K at a mean of 40 degC: 2878.8 W; the conventions against it. */
static void the_fixed_factors_read_high_or_low_as_is_known(void **state)
{
	static const struct {
		enum heat_convention convention;
		double percent;
	} rows[] = {{HEAT_997_4182, 0.58}, {HEAT_1000_4186, 0.98}, {HEAT_1_157964, 0.56}, {HEAT_1_137888, -1.18}};
	struct error e = ERROR_INIT;
	double rho_cp = 992.311 * 4.17806e-3, truth = 2878.8;

	(void)state;
	assert_near(rho_cp * 500 * 5 / 3.6, truth, 0.5);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct heat_medium m;

		must(heat_medium(&m, rows[i].convention, HEAT_SENSOR_RETURN, 16, 0, "water", &e));
		assert_near(100 * (heat_power(&m, 500, 42.5, 37.5) / truth - 1), rows[i].percent, 0.01);
	}
}

static void heat_of_an_hour_is_power_times_an_hour(void **state)
{
	struct heat_medium m = water(HEAT_SENSOR_RETURN, 16);

	(void)state;
	assert_near(heat_of_volume(&m, 800, 36, 31), heat_power(&m, 800, 36, 31) / 1000, 1e-12);
	assert_near(heat_power(&m, 800, 35, 30), 4.160108 * 800 * 5 / 3.6, 1e-3);
	assert_true(heat_power(&m, 800, 30, 35) < 0); /* a defrost takes heat */
	assert_true(isnan(heat_power(&m, NAN, 36, 31)) && isnan(heat_power(&m, 800, NAN, 31)) && isnan(heat_power(&m, 800, 36, -1)));
}

static void what_cannot_be_reckoned_is_refused(void **state)
{
	struct heat_medium m;
	struct error e = ERROR_INIT;

	(void)state;
	refused(heat_medium(&m, HEAT_EN1434, HEAT_SENSOR_RETURN, 16, 0, "propylene glycol 30 %", &e), ERROR_CONFIG, "propylene glycol 30 %");
	refused(heat_medium(&m, HEAT_GIVEN, HEAT_SENSOR_RETURN, 16, NAN, "propylene glycol 30 %", &e), ERROR_CONFIG, "rho_cp");
	refused(heat_medium(&m, HEAT_EN1434, HEAT_SENSOR_RETURN, 0.5, 0, "water", &e), ERROR_CONFIG, "pressure");
	must(heat_medium(&m, HEAT_GIVEN, HEAT_SENSOR_RETURN, 16, 4.0158, "propylene glycol 30 %", &e));
	assert_near(heat_power(&m, 1000, 40, 35), 4.0158 * 5000 / 3.6, 1e-9);
	m = water(HEAT_SENSOR_RETURN, 3);
	assert_true(isnan(heat_coefficient(&m, 120, 80))); /* at 3 bar it may boil */
	m = water(HEAT_SENSOR_RETURN, 16);
	assert_false(isnan(heat_coefficient(&m, 120, 80)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(region_1_gives_the_published_check_values),
		cmocka_unit_test(an_isobar_is_the_same_water_everywhere),
		cmocka_unit_test(k_at_16_bar_is_that_of_the_table),
		cmocka_unit_test(without_a_difference_k_is_rho_cp),
		cmocka_unit_test(the_fixed_factors_read_high_or_low_as_is_known),
		cmocka_unit_test(heat_of_an_hour_is_power_times_an_hour),
		cmocka_unit_test(what_cannot_be_reckoned_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Head, power, efficiency, grades and energy efficiency index against printed numbers. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "benches/pump/pump_settings.h"
#include "daq/base/error.h"

#include <math.h>
#include <string.h>

static void near(double got, double want, double within)
{
	if (!(fabs(got - want) <= within))
		fail_msg("%.12g, expected %.12g within %g", got, want, within);
}

/* Two circulators as digitised from their data sheets, efficiency as printed beside (to a thousandth). */
static void efficiencies_of_the_reference_pumps_come_out_as_printed(void **state)
{
	static const double rows[][4] = {/* m3/h, m, W, efficiency: 25/1-6 */ {0.03, 3.549, 27.8, 0.011},
		{0.988, 3.542, 35.9, 0.266}, {2.001, 3.519, 46.2, 0.415}, {3.013, 3.307, 55.5, 0.489},
		{3.971, 2.966, 62.4, 0.514}, {4.992, 2.448, 68.7, 0.484}, {6.003, 1.836, 73.3, 0.409},
		{6.739, 1.330, 75.2, 0.325}, /* 25/1-8 */ {2.237, 5.058, 72.8, 0.424}, {3.193, 4.873, 87.1, 0.487},
		{4.149, 4.538, 99.8, 0.514}, {5.071, 4.067, 108.6, 0.517}, {6.049, 3.435, 117.5, 0.482},
		{6.903, 2.838, 123.2, 0.433}, {7.914, 2.104, 128.5, 0.353}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		near(pump_hydraulic_power(rows[i][0], rows[i][1], 1000) / rows[i][2], rows[i][3], 1.2e-3);
	near(pump_hydraulic_power(1, 1, 1000), 2.724, 5e-4);
}

static void head_counts_elevation_and_velocity(void **state)
{
	struct pump_taps taps = {0, 0, 0};
	double v1, v2;

	(void)state;
	near(pump_head(9806.65, 3, 1000, &taps), 1, 1e-12);
	taps.elevation = 0.3;
	near(pump_head(9806.65, 3, 1000, &taps), 1.3, 1e-12);
	taps.inlet = 0.025;
	taps.outlet = 0.020;
	v1 = 3 / 3600.0 / (M_PI * 0.0125 * 0.0125);
	v2 = 3 / 3600.0 / (M_PI * 0.01 * 0.01);
	near(pump_head(9806.65, 3, 1000, &taps), 1.3 + (v2 * v2 - v1 * v1) / (2 * 9.80665), 1e-12);
	taps.inlet = 0.020;
	near(pump_head(9806.65, 3, 1000, &taps), 1.3, 1e-12);
}

static void affinity_scales_by_one_two_three(void **state)
{
	struct pump_operation at = pump_at_speed((struct pump_operation){2, 3, 40}, 2000, 2500);

	(void)state;
	near(at.flow, 2.5, 1e-12);
	near(at.head, 3 * 1.5625, 1e-12);
	near(at.power, 40 * 1.953125, 1e-12);
}

/* ISO 9906:2012, Table 8, as remembered (unverified). */
static void grades_have_their_tolerances(void **state)
{
	static const struct {
		const char *name;
		double q, h, p, eta;
		int one_sided;
	} rows[] = {{"1B", 5, 3, 4, 3, 0}, {"1E", 5, 3, 4, 0, 0}, {"1U", 10, 6, 10, 0, 1}, {"2B", 8, 5, 8, 5, 0},
		{"2U", 16, 10, 16, 5, 1}, {"3B", 9, 7, 9, 7, 0}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct pump_grade *g = pump_grade_find(rows[i].name);

		assert_non_null(g);
		near(100 * g->flow_max, rows[i].q, 1e-9);
		near(100 * g->flow_min, rows[i].one_sided ? 0 : -rows[i].q, 1e-9);
		near(100 * g->head_max, rows[i].h, 1e-9);
		near(100 * g->head_min, rows[i].one_sided ? 0 : -rows[i].h, 1e-9);
		near(100 * g->power_max, rows[i].p, 1e-9);
		near(100 * g->efficiency_min, -rows[i].eta, 1e-9);
	}
	assert_null(pump_grade_find("4B"));
}

/* Unverified formula; the two reference powers are printed. */
static void energy_efficiency_index(void **state)
{
	double load[EEI_LOADS] = {40, 30, 20, 10}, weights = 0;

	(void)state;
	near(eei_reference_power(33.3), 73.6, 0.05);
	near(eei_reference_power(56.6), 113.2, 0.05);
	assert_true(isnan(eei_reference_power(0.5)) && isnan(eei_reference_power(2501)) && isnan(eei_reference_power(NAN)));
	near(eei_reference_head(1, 4), 4, 0);
	near(eei_reference_head(0, 4), 2, 0);
	near(eei_load_power(30, 2, 3), 45, 1e-12);
	near(eei_load_power(30, 4, 3), 30, 0);
	for (int i = 0; i < EEI_LOADS; i++)
		weights += eei_weight[i];
	near(weights, 1, 1e-12);
	near(eei_index(load, 33.3), 0.49 * (0.06 * 40 + 0.15 * 30 + 0.35 * 20 + 0.44 * 10) / 73.6092, 1e-5);
}

static void settings_are_read_with_units_and_refused_with_the_nearest_key(void **state)
{
	struct pump_settings s;
	struct error e = ERROR_INIT;

	(void)state;
	assert_int_equal(pump_settings_read(&s, "", &e), 0);
	assert_true(s.taps.elevation == 0 && s.taps.inlet == 0 && s.temperature == 20 && s.flow == 0 && s.set_point == -1);
	assert_int_equal(pump_settings_read(&s, "elevation=120 mm, inlet=25 mm,outlet=20 mm,flow=2000 l/h,head=3.5 m,grade=1U", &e),
		0);
	near(s.taps.elevation, 0.12, 1e-12);
	near(s.flow, 2, 1e-12);
	assert_string_equal(s.grade, "1U");
	assert_int_equal(pump_settings_read(&s, "elevatoin=1 m", &e), -1);
	assert_non_null(strstr(e.text, "elevation"));
	error_clear(&e);
	assert_int_equal(pump_settings_read(&s, "elevation=0.1", &e), -1); /* of what? */
	error_clear(&e);
	assert_int_equal(pump_settings_read(&s, "flow=2 m3/h", &e), -1);
	assert_non_null(strstr(e.text, "head"));
	error_clear(&e);
	assert_int_equal(pump_settings_read(&s, "grade=9Z", &e), -1);
	error_clear(&e);
	assert_int_equal(pump_settings_read(&s, "head=nan m", &e), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(efficiencies_of_the_reference_pumps_come_out_as_printed),
		cmocka_unit_test(head_counts_elevation_and_velocity),
		cmocka_unit_test(affinity_scales_by_one_two_three),
		cmocka_unit_test(grades_have_their_tolerances),
		cmocka_unit_test(energy_efficiency_index),
		cmocka_unit_test(settings_are_read_with_units_and_refused_with_the_nearest_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

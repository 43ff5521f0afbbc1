/* Every number of the printed tables (BENCHES A1 to A3), band by band. */
#include "tests/check.h"

#include "daq/device/pump_profile.h"

#include <math.h>

enum { STOPS = -1 };

struct row {
	double duty;		 /* per cent */
	double running, stopped; /* speed of the range 0..1 from either state; STOPS: stands still */
};

static const struct pump_profile *profile(const char *name)
{
	const struct pump_profile *p = NULL;
	struct error e = ERROR_INIT;

	must(pump_profile_find(name, &p, &e));
	return p;
}

static void check_demand(const struct pump_profile *p, double percent, bool running, double expected)
{
	struct pump_demand d = pump_profile_demand(p, percent / 100, running);

	if (d.runs != (expected != STOPS))
		fail_msg("%s at %g %% from %s: %s", p->name, percent, running ? "running" : "stopped",
			d.runs ? "runs" : "stops");
	assert_near(d.speed, expected == STOPS ? 0 : expected, 1e-9);
}

static void check_rows(const char *name, const struct row *rows, int count)
{
	for (int i = 0; i < count; i++) {
		check_demand(profile(name), rows[i].duty, true, rows[i].running);
		check_demand(profile(name), rows[i].duty, false, rows[i].stopped);
	}
}

#define CHECK(name, rows) check_rows(name, rows, (int)(sizeof(rows) / sizeof(*(rows))))

static void wilo_ipwm1_falls_from_5_to_85_and_stops_beyond_93(void **state)
{
	static const struct row rows[] = {
		{0, 1, 1},
		{4.9, 1, 1},
		{5, 1, 1},
		{25, 0.75, 0.75},
		{45, 0.5, 0.5},
		{85, 0, 0},
		{86, 0, 0},
		{88, 0, 0},
		{88.1, 0, STOPS},
		{90, 0, STOPS},
		{93, 0, STOPS},
		{93.1, STOPS, STOPS},
		{95, STOPS, STOPS},
		{100, STOPS, STOPS},
	};

	(void)state;
	CHECK("wilo-ipwm1", rows);
}

static void wilo_ipwm2_is_its_mirror(void **state)
{
	const struct pump_profile *one = profile("wilo-ipwm1"), *two = profile("wilo-ipwm2");
	static const struct row rows[] = {{0, STOPS, STOPS}, {6.9, STOPS, STOPS}, {7, 0, STOPS},
		{11.9, 0, STOPS}, {12, 0, 0}, {15, 0, 0}, {55, 0.5, 0.5}, {95, 1, 1}, {95.1, 1, 1},
		{100, 1, 1}};

	(void)state;
	CHECK("wilo-ipwm2", rows);
	for (int tenths = 0; tenths <= 1000; tenths++)
		for (int running = 0; running < 2; running++) {
			struct pump_demand a = pump_profile_demand(one, tenths / 1000.0, running);
			struct pump_demand b = pump_profile_demand(two, (1000 - tenths) / 1000.0, running);

			assert_int_equal(a.runs, b.runs);
			assert_near(a.speed, b.speed, 1e-9);
		}
}

static void grundfos_a_falls_from_10_to_84_and_stops_beyond_95(void **state)
{
	static const struct row rows[] = {{0, 1, 1}, {10, 1, 1}, {47, 0.5, 0.5}, {84, 0, 0}, {84.1, 0, 0},
		{91, 0, 0}, {91.1, 0, STOPS}, {95, 0, STOPS}, {95.1, STOPS, STOPS}, {100, STOPS, STOPS}};

	(void)state;
	CHECK("grundfos-a", rows);
}

static void grundfos_c_rises_from_15_to_90_and_stops_at_5(void **state)
{
	static const struct row rows[] = {{0, STOPS, STOPS}, {5, STOPS, STOPS}, {5.1, 0, STOPS},
		{8, 0, STOPS}, {8.1, 0, 0}, {15, 0, 0}, {52.5, 0.5, 0.5}, {90, 1, 1}, {90.1, 1, 1},
		{100, 1, 1}};

	(void)state;
	CHECK("grundfos-c", rows);
}

static void cable_break_is_full_speed_for_heating_pumps_and_stop_for_solar_pumps(void **state)
{
	(void)state;
	assert_true(pump_profile_broken(profile("wilo-ipwm1")).runs);
	assert_near(pump_profile_broken(profile("wilo-ipwm1")).speed, 1, 0);
	assert_true(pump_profile_broken(profile("grundfos-a")).runs);
	assert_near(pump_profile_broken(profile("grundfos-a")).speed, 1, 0);
	assert_false(pump_profile_broken(profile("wilo-ipwm2")).runs);
	assert_false(pump_profile_broken(profile("grundfos-c")).runs);
	assert_true(pump_profile_demand(profile("wilo-ipwm1"), NAN, false).runs);
}

static void the_safe_duty_stops_every_pump_whatever_it_did(void **state)
{
	(void)state;
	for (int i = 0; i < pump_profile_count; i++)
		for (int running = 0; running < 2; running++)
			assert_false(pump_profile_demand(
				&pump_profiles[i], pump_profiles[i].safe_duty / 100, running)
					     .runs);
}

static void the_duty_of_a_speed_asks_for_that_speed(void **state)
{
	(void)state;
	for (int i = 0; i < pump_profile_count; i++)
		for (int n = 0; n <= 20; n++) {
			double duty = pump_profile_duty(&pump_profiles[i], n / 20.0);
			struct pump_demand d = pump_profile_demand(&pump_profiles[i], duty, false);

			assert_true(d.runs);
			assert_near(d.speed, n / 20.0, 1e-6);
		}
}

static void input_frequencies_are_as_printed(void **state)
{
	(void)state;
	assert_near(profile("wilo-ipwm1")->frequency_min, 100, 0);
	assert_near(profile("wilo-ipwm1")->frequency_max, 5000, 0);
	assert_near(profile("wilo-ipwm1")->frequency_nominal, 1000, 0);
	assert_near(profile("grundfos-a")->frequency_min, 100, 0);
	assert_near(profile("grundfos-a")->frequency_max, 4000, 0);
}

static struct pump_feedback decode(const char *name, double percent, double full)
{
	struct pump_scale scale = {.carries = PUMP_POWER, .full = full};
	struct pump_feedback f;

	pump_profile_decode(profile(name), &scale, percent / 100, &f);
	return f;
}

static void wilo_feedback_codes_are_those_of_its_manual(void **state)
{
	static const struct {
		double duty;
		enum pump_condition condition;
	} rows[] = {{0, PUMP_UNKNOWN}, {2, PUMP_STANDBY}, {5, PUMP_NORMAL}, {40, PUMP_NORMAL},
		{75, PUMP_NORMAL}, {80, PUMP_WARNING}, {85, PUMP_ERROR}, {90, PUMP_ERROR}, {95, PUMP_FAILED},
		{100, PUMP_UNKNOWN}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_int_equal(decode("wilo-ipwm1", rows[i].duty, 145).condition, rows[i].condition);
		assert_int_equal(decode("wilo-ipwm2", rows[i].duty, 145).condition, rows[i].condition);
	}
	/* MAXO 08: 145 W, MAXO 10: 215 W, at 75 %; P = (d - 5) / 70 * P1max */
	assert_near(decode("wilo-ipwm1", 5, 145).value, 0, 1e-9);
	assert_near(decode("wilo-ipwm1", 40, 145).value, 72.5, 1e-9);
	assert_near(decode("wilo-ipwm1", 75, 145).value, 145, 1e-9);
	assert_near(decode("wilo-ipwm1", 75, 215).value, 215, 1e-9);
}

static void grundfos_feedback_codes_are_those_of_its_manual(void **state)
{
	static const struct {
		double duty;
		enum pump_condition condition;
	} rows[] = {{0, PUMP_NORMAL}, {35, PUMP_NORMAL}, {70, PUMP_NORMAL}, {75, PUMP_WARNING},
		{80, PUMP_UNKNOWN}, {85, PUMP_ERROR}, {90, PUMP_FAILED}, {95, PUMP_STANDBY},
		{100, PUMP_UNKNOWN}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_int_equal(decode("grundfos-a", rows[i].duty, 70).condition, rows[i].condition);
		assert_int_equal(decode("grundfos-c", rows[i].duty, 70).condition, rows[i].condition);
	}
}

static void grundfos_slopes_are_1_2_and_3_watts_per_cent(void **state)
{
	struct pump_scale flow = {
		.carries = PUMP_FLOW, .full = 4000}; /* l/h at 70 % (G3: 4 m3/h, 0.057 m3/h per %) */
	struct pump_feedback f;

	(void)state;
	for (int slope = 1; slope <= 3; slope++)
		for (int d = 0; d <= 70; d += 7)
			assert_near(decode("grundfos-a", d, 70.0 * slope).value, (double)d * slope, 1e-9);
	pump_profile_decode(profile("grundfos-a"), &flow, 0.01, &f);
	assert_near(f.value / 1000, 0.057, 0.0005);
}

static void the_same_code_means_different_things_to_the_two_vendors(void **state)
{
	(void)state;
	assert_int_equal(decode("wilo-ipwm1", 75, 70).condition, PUMP_NORMAL);
	assert_int_equal(decode("grundfos-a", 75, 70).condition, PUMP_WARNING);
	assert_int_equal(decode("wilo-ipwm1", 95, 70).condition, PUMP_FAILED);
	assert_int_equal(decode("grundfos-a", 95, 70).condition, PUMP_STANDBY);
}

static void codes_are_known_within_2_per_cent_of_their_duty_and_values_are_never_codes(void **state)
{
	static const double wilo[] = {80, 85, 90, 95}, grundfos[] = {75, 85, 90, 95};

	(void)state;
	for (int i = 0; i < 4; i++)
		for (int side = -2; side <= 2; side++) {
			assert_int_equal(decode("wilo-ipwm1", wilo[i] + side, 70).condition,
				decode("wilo-ipwm1", wilo[i], 70).condition);
			assert_int_equal(decode("grundfos-a", grundfos[i] + side, 70).condition,
				decode("grundfos-a", grundfos[i], 70).condition);
			assert_false(decode("wilo-ipwm1", wilo[i] + side, 70).has_value);
			assert_true(isnan(decode("grundfos-a", grundfos[i] + side, 70).value));
		}
	assert_true(isnan(decode("wilo-ipwm1", 2, 70).value));
}

static void an_offset_moves_the_lower_end_of_the_scale(void **state)
{
	struct pump_scale scale = {.carries = PUMP_POWER, .full = 145, .offset = 5};
	struct pump_feedback f;

	(void)state;
	pump_profile_decode(profile("wilo-ipwm1"), &scale, 0.05, &f);
	assert_near(f.value, 5, 1e-9);
	pump_profile_decode(profile("wilo-ipwm1"), &scale, 0.75, &f);
	assert_near(f.value, 145, 1e-9);
}

static void a_profile_that_is_not_known_names_the_nearest(void **state)
{
	const struct pump_profile *p = NULL;
	struct error e = ERROR_INIT;

	(void)state;
	refused(pump_profile_find("wilo-ipwm3", &p, &e), ERROR_CONFIG, "nearest is wilo-ipwm");
	assert_null(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wilo_ipwm1_falls_from_5_to_85_and_stops_beyond_93),
		cmocka_unit_test(wilo_ipwm2_is_its_mirror),
		cmocka_unit_test(grundfos_a_falls_from_10_to_84_and_stops_beyond_95),
		cmocka_unit_test(grundfos_c_rises_from_15_to_90_and_stops_at_5),
		cmocka_unit_test(cable_break_is_full_speed_for_heating_pumps_and_stop_for_solar_pumps),
		cmocka_unit_test(the_safe_duty_stops_every_pump_whatever_it_did),
		cmocka_unit_test(the_duty_of_a_speed_asks_for_that_speed),
		cmocka_unit_test(input_frequencies_are_as_printed),
		cmocka_unit_test(wilo_feedback_codes_are_those_of_its_manual),
		cmocka_unit_test(grundfos_feedback_codes_are_those_of_its_manual),
		cmocka_unit_test(grundfos_slopes_are_1_2_and_3_watts_per_cent),
		cmocka_unit_test(the_same_code_means_different_things_to_the_two_vendors),
		cmocka_unit_test(codes_are_known_within_2_per_cent_of_their_duty_and_values_are_never_codes),
		cmocka_unit_test(an_offset_moves_the_lower_end_of_the_scale),
		cmocka_unit_test(a_profile_that_is_not_known_names_the_nearest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

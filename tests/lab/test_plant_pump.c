/* The plant alone: what the published pump comparison says (BENCHES A1, A4) must come out of it. */
#include "fixtures/lab/plant_pump.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define S NANOS_PER_S

static struct plant_pump *open_plant(uint64_t seed)
{
	struct plant_pump_config config = PLANT_PUMP_DEFAULTS;
	struct plant_pump *plant;

	config.seed = seed;
	plant = plant_pump_open(&config);
	assert_non_null(plant);
	return plant;
}

static void run_until(struct plant_pump *plant, nanos to)
{
	while (plant_pump_time(plant) + PLANT_STEP <= to)
		plant_pump_step(plant);
}

static struct pump_truth truth(const struct plant_pump *plant, int pump)
{
	struct pump_truth t;

	plant_pump_truth(plant, pump, &t);
	return t;
}

/* A plant whose pump has settled at a duty and valve position. */
static struct plant_pump *settled(int pump, int duty, double valve, uint64_t seed)
{
	struct plant_pump *plant = open_plant(seed);

	plant_pump_valve(plant, valve, 0);
	plant_pump_duty(plant, pump, duty, 0);
	plant_pump_relay(plant, pump, true, 0);
	run_until(plant, 40 * S);
	return plant;
}

static void near(double got, double expected, double tolerance)
{
	if (!(fabs(got - expected) <= tolerance))
		fail_msg("got %g, expected %g within %g", got, expected, tolerance);
}

/* Transcribed a second time from BENCHES A4, so that a slip in the plant's own table shows. */
static const struct published {
	int duty;
	double power[4], flow[4]; /* AWMT open, throttled, Wilo open, throttled */
} table[] = {
	{100, {49.5, 43.5, 43, 31}, {1215, 790, 1119, 791}},
	{250, {38, 33, 38.5, 26}, {1058, 687, 995, 649}},
	{400, {26, 22, 31, 22}, {899, 583, 770, 505}},
	{550, {17, 14, 22, 15}, {724, 480, 544, 369}},
	{700, {9, 10, 12, 8}, {566, 383, 338, 241}},
	{850, {9, 8, 4, 4}, {422, 294, 0, 0}},
};

static void settled_flow_and_power_are_those_of_the_2023_comparison(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		for (int c = 0; c < 4; c++) {
			int pump = c / 2;
			struct plant_pump *plant = settled(pump, table[i].duty, c % 2 ? 0.3 : 1, 7);

			near(plant_pump_flow(plant), table[i].flow[c], 1);
			near(truth(plant, pump).power_w, table[i].power[c], 0.2);
			plant_pump_close(plant);
		}
}

static void wilo_at_850_per_mille_ends_without_flow(void **state)
{
	struct plant_pump *plant = settled(PLANT_WILO, 850, 1, 3);

	(void)state;
	near(plant_pump_flow(plant), 0, 0);
	near(truth(plant, PLANT_WILO).power_w, 4, 0.05);
	assert_int_equal(truth(plant, PLANT_WILO).state, PUMP_RUNNING);
	plant_pump_close(plant);
}

static void between_the_points_harder_duty_and_wider_valve_mean_more_flow(void **state)
{
	struct plant_steady s;

	(void)state;
	for (int pump = 0; pump < PLANT_PUMPS; pump++) {
		assert_int_equal(plant_steady_init(&s, plant_pump_name(pump)), 0);
		for (double valve = 0.05; valve <= 1; valve += 0.05)
			for (double n = 0.34; n < 1; n += 0.01) {
				assert_true(plant_steady_flow(&s, n + 0.01, valve) >=
					    plant_steady_flow(&s, n, valve));
				assert_true(plant_steady_flow(&s, n, valve) >=
					    plant_steady_flow(&s, n, valve - 0.05));
				assert_true(plant_steady_power(&s, n, valve) >= STEADY_STANDBY_W);
			}
	}
}

static void a_shut_valve_lets_nothing_through_and_the_pump_still_draws_power(void **state)
{
	struct plant_pump *plant = settled(PLANT_AWMT, 100, 0, 5);

	(void)state;
	near(plant_pump_flow(plant), 0, 0);
	assert_true(truth(plant, PLANT_AWMT).power_w > 20);
	plant_pump_close(plant);
}

/* Time from a command at `from` until the flow leaves `was` by 1 %, and until it stays within 2 % of the end.
 */
static void measure_step(
	struct plant_pump *plant, nanos from, double was, double end, double *dead, double *done)
{
	double step = fabs(end - was);

	*dead = *done = 0;
	while (plant_pump_time(plant) < from + 25 * S) {
		double t = (double)(plant_pump_time(plant) - from) / 1e9;

		plant_pump_step(plant);
		if (fabs(plant_pump_flow(plant) - was) < 0.01 * step)
			*dead = t;
		if (fabs(plant_pump_flow(plant) - end) > 0.02 * step)
			*done = t;
	}
}

static void a_set_point_shows_after_2_to_4_s_and_has_settled_by_8_to_12_s(void **state)
{
	double dead, done;

	(void)state;
	for (uint64_t seed = 1; seed <= 40; seed++)
		for (int pump = 0; pump < PLANT_PUMPS; pump++) {
			struct plant_pump *plant = settled(pump, 250, 1, seed);

			plant_pump_duty(plant, pump, 550, 40 * S);
			measure_step(plant, 40 * S, table[1].flow[2 * pump], table[3].flow[2 * pump], &dead,
				&done);
			assert_true(dead >= 1.9 && dead <= 4.2);
			assert_true(done >= 5 && done <= 12);
			plant_pump_close(plant);
		}
}

static void awmt_ramps_slowly_and_reaches_its_speed_about_12_s_after_a_start(void **state)
{
	double dead, done;

	(void)state;
	for (uint64_t seed = 1; seed <= 40; seed++) {
		struct plant_pump *plant = open_plant(seed);

		plant_pump_duty(plant, PLANT_AWMT, 100, 0);
		plant_pump_relay(plant, PLANT_AWMT, true, 0);
		measure_step(plant, 0, 0, 1215, &dead, &done);
		assert_true(dead >= 1.9 && dead <= 4.2);
		assert_true(done >= 11 && done <= 12.1);
		plant_pump_close(plant);
	}
}

static void a_start_shows_a_status_code_as_power_while_nothing_flows(void **state)
{
	int usual = 0, rare = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 200; seed++) {
		struct plant_pump *plant = open_plant(seed);
		double shown = 0, code = 0;

		plant_pump_duty(plant, PLANT_WILO, 400, 0);
		plant_pump_relay(plant, PLANT_WILO, true, 0);
		while (plant_pump_time(plant) < 20 * S) {
			plant_pump_step(plant);
			if (truth(plant, PLANT_WILO).code_w > 0) {
				shown += (double)PLANT_STEP / 1e9;
				code = truth(plant, PLANT_WILO).code_w;
				near(plant_pump_flow(plant), 0, 0);
			}
		}
		assert_true(shown >= 0.96 && shown <= 3.04);
		usual += code >= 74 && code <= 84;
		rare += code == 122;
		plant_pump_close(plant);
	}
	assert_int_equal(usual + rare, 200);
	assert_in_range(rare, 4, 40);
}

static void a_running_pump_keeps_running_up_to_93_percent_and_stops_there(void **state)
{
	struct plant_pump *plant = settled(PLANT_AWMT, 850, 1, 9);

	(void)state;
	plant_pump_duty(plant, PLANT_AWMT, 929, 40 * S);
	run_until(plant, 60 * S);
	assert_int_equal(truth(plant, PLANT_AWMT).state, PUMP_RUNNING);
	near(plant_pump_flow(plant), 422, 1);
	plant_pump_duty(plant, PLANT_AWMT, 930, 60 * S);
	run_until(plant, 80 * S);
	assert_int_equal(truth(plant, PLANT_AWMT).state, PUMP_STOPPED);
	near(plant_pump_flow(plant), 0, 0);
	plant_pump_close(plant);
}

static void a_stopped_pump_starts_only_at_88_percent_or_below(void **state)
{
	struct plant_pump *plant = settled(PLANT_AWMT, 1000, 1, 9);

	(void)state;
	plant_pump_duty(plant, PLANT_AWMT, 881, 40 * S);
	run_until(plant, 60 * S);
	assert_int_equal(truth(plant, PLANT_AWMT).state, PUMP_STOPPED);
	plant_pump_duty(plant, PLANT_AWMT, 880, 60 * S);
	run_until(plant, 80 * S);
	assert_int_equal(truth(plant, PLANT_AWMT).state, PUMP_RUNNING);
	near(plant_pump_flow(plant), 422, 1);
	plant_pump_close(plant);
}

static void less_than_5_percent_duty_is_full_speed(void **state)
{
	struct plant_pump *cut = settled(PLANT_AWMT, 0, 1, 2), *low = settled(PLANT_AWMT, 49, 1, 2);

	(void)state;
	near(truth(cut, PLANT_AWMT).speed, 1, 0.01);
	near(truth(low, PLANT_AWMT).speed, 1, 0.01);
	assert_true(plant_pump_flow(cut) > 1240);
	plant_pump_close(cut);
	plant_pump_close(low);
}

static void an_open_relay_means_no_power_at_once_and_no_flow_soon(void **state)
{
	struct plant_pump *plant = settled(PLANT_AWMT, 100, 1, 2);

	(void)state;
	plant_pump_relay(plant, PLANT_AWMT, false, 40 * S);
	plant_pump_step(plant);
	near(truth(plant, PLANT_AWMT).power_w, 0, 0);
	near(plant_pump_supply(plant), 0, 0);
	run_until(plant, 44 * S);
	near(plant_pump_flow(plant), 0, 0);
	plant_pump_close(plant);
}

static void the_valve_takes_its_running_time(void **state)
{
	struct plant_pump *plant = open_plant(1);

	(void)state;
	plant_pump_valve(plant, 0.3, 0);
	run_until(plant, 20 * S);
	assert_true(plant_pump_valve_position(plant) > 0.33);
	run_until(plant, 21 * S + PLANT_STEP);
	near(plant_pump_valve_position(plant), 0.3, 1e-9);
	plant_pump_close(plant);
}

static void commands_given_every_second_are_all_followed_in_order(void **state)
{
	struct plant_pump *plant = settled(PLANT_WILO, 100, 1, 4);

	(void)state;
	for (int i = 0; i < 100; i++) {
		plant_pump_duty(plant, PLANT_WILO, 100 + (i * 37) % 700, (40 + i) * S);
		run_until(plant, (41 + i) * S);
		assert_int_equal(truth(plant, PLANT_WILO).state, PUMP_RUNNING);
	}
	plant_pump_duty(plant, PLANT_WILO, 400, 140 * S);
	run_until(plant, 160 * S);
	near(plant_pump_flow(plant), 770, 2);
	plant_pump_close(plant);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(settled_flow_and_power_are_those_of_the_2023_comparison),
		cmocka_unit_test(wilo_at_850_per_mille_ends_without_flow),
		cmocka_unit_test(between_the_points_harder_duty_and_wider_valve_mean_more_flow),
		cmocka_unit_test(a_shut_valve_lets_nothing_through_and_the_pump_still_draws_power),
		cmocka_unit_test(a_set_point_shows_after_2_to_4_s_and_has_settled_by_8_to_12_s),
		cmocka_unit_test(awmt_ramps_slowly_and_reaches_its_speed_about_12_s_after_a_start),
		cmocka_unit_test(a_start_shows_a_status_code_as_power_while_nothing_flows),
		cmocka_unit_test(a_running_pump_keeps_running_up_to_93_percent_and_stops_there),
		cmocka_unit_test(a_stopped_pump_starts_only_at_88_percent_or_below),
		cmocka_unit_test(less_than_5_percent_duty_is_full_speed),
		cmocka_unit_test(an_open_relay_means_no_power_at_once_and_no_flow_soon),
		cmocka_unit_test(the_valve_takes_its_running_time),
		cmocka_unit_test(commands_given_every_second_are_all_followed_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

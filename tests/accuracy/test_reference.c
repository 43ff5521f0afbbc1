/* The reference at the rows of a heat pump, and what it was doing. */
#include "analytics/accuracy/regime.h"
#include "analytics/accuracy/study_pump.h"

#include "tests/accuracy/pump.h"
#include "tests/check.h"

static void a_straight_line_is_met_at_any_shift(void **state)
{
	struct study_series s;
	double at[] = {100, 107.5, 130.25}, out[3];

	(void)state;
	hand_series(&s, 50, 90, 10, 0);
	for (int i = 0; i < 50; i++)
		s.v[i] = 3 * s.t[i];
	study_interpolate(&s, at, 3, -4.5, 2.5, out);
	for (int i = 0; i < 3; i++)
		assert_near(out[i], 3 * (at[i] - 4.5), 1e-12);
	free(s.t);
	free(s.v);
}

static void across_a_gap_of_the_meter_there_is_no_value(void **state)
{
	struct study_series s;
	double at[] = {85, 90, 110, 125, 140, 151, 155}, out[7];

	(void)state;
	hand_series(&s, 4, 90, 10, 5); /* 90, 100, 110, 120 */
	s.t[3] = 150;
	study_interpolate(&s, at, 7, 0, 2.5, out);
	assert_true(isnan(out[0]));
	assert_near(out[1], 5, 0);
	assert_near(out[2], 5, 0);
	assert_true(isnan(out[3]) && isnan(out[4])); /* 110 to 150 is more than 2.5 x 10 */
	assert_true(isnan(out[5]) && isnan(out[6]));
	free(s.t);
	free(s.v);
}

static void a_register_gives_the_mean_power_of_a_row(void **state)
{
	struct study_series s;
	double at[] = {0, 30, 60}, length[] = {30, 30, 0}, out[3];

	(void)state;
	hand_series(&s, 10, 0, 15, 0);
	for (int i = 0; i < 10; i++)
		s.v[i] = 1000 * s.t[i] / 3.6e6; /* 1 kW */
	s.v[3] = NAN; /* reset at 45 s */
	study_slope(&s, at, length, 3, 0, 2.5, out);
	assert_near(out[0], 1000, 1e-9);
	assert_true(isnan(out[1])); /* both ends are known, what was counted between them is not */
	assert_true(isnan(out[2]));
	study_slope(&s, (double[]){40}, (double[]){15}, 1, 0, 2.5, out);
	assert_true(isnan(out[0]));
	free(s.t);
	free(s.v);
}

static void what_the_meter_draws_itself_is_taken_off(void **state)
{
	struct study_pump p;
	double out[10];

	(void)state;
	hand_pump(&p, 10, 0, 15);
	hand_series(&p.electric, 20, 0, 10, 110);
	hand_series(&p.heat, 20, 0, 10, 400);
	p.own_w = 10.07;
	study_reference(&p, STUDY_ELECTRIC, 0, out);
	assert_near(out[5], 99.93, 1e-12);
	study_reference(&p, STUDY_HEAT, 0, out);
	assert_near(out[5], 400, 0);
	study_pump_free(&p);
}

static const struct regime_rules rules = {.step = 50, .on = 100, .off = 30, .startup = 60, .middle = 700, .high = 1400};

static void regimes_are_told_in_their_order(void **state)
{
	struct study_pump p;
	double reference[40];
	uint8_t regime[40];
	double *va, *defrost, *mode, *bottom, *crankcase, *relay;

	(void)state;
	hand_pump(&p, 40, 0, 15);
	va = hand_column(&p, ROLE_POWER_INPUT, 2);
	defrost = hand_column(&p, ROLE_DEFROST, 0);
	mode = hand_column(&p, ROLE_SUPERVISORY_MODE, 0);
	bottom = hand_column(&p, ROLE_BOTTOM_PLATE_HEATER, 0);
	crankcase = hand_column(&p, ROLE_CRANKCASE_HEATER, 0);
	relay = hand_column(&p, ROLE_PUMP_RELAY, 0);
	for (int i = 0; i < 40; i++)
		reference[i] = i >= 10 && i < 36 ? 800 : 5;
	for (int i = 10; i < 36; i++)
		va[i] = 780;
	defrost[20] = 1;
	mode[22] = 97;
	bottom[24] = bottom[25] = bottom[26] = bottom[27] = 1;
	crankcase[2] = crankcase[3] = crankcase[4] = 1;
	relay[6] = relay[7] = relay[8] = 1;
	regime_find(&p, reference, &rules, regime);
	assert_int_equal(regime[0], REGIME_OFF);
	assert_int_equal(regime[1], REGIME_TRANSITION); /* the crankcase heater switches: a row on each side */
	assert_int_equal(regime[2], REGIME_TRANSITION);
	assert_int_equal(regime[3], REGIME_CRANKCASE);
	assert_int_equal(regime[7], REGIME_STANDBY); /* the pump runs */
	assert_int_equal(regime[9], REGIME_TRANSITION);
	assert_int_equal(regime[10], REGIME_TRANSITION);
	assert_int_equal(regime[11], REGIME_STARTUP);
	assert_int_equal(regime[13], REGIME_STARTUP);
	assert_int_equal(regime[14], REGIME_MIDDLE);
	assert_int_equal(regime[20], REGIME_DEFROST);
	assert_int_equal(regime[22], REGIME_ANTIFREEZE);
	assert_int_equal(regime[25], REGIME_HEATER);
	assert_int_equal(regime[38], REGIME_OFF);
	study_pump_free(&p);
}

static void what_ran_before_a_gap_is_no_start_after_it(void **state)
{
	struct study_pump p;
	double reference[20];
	uint8_t regime[20];
	double *va;

	(void)state;
	hand_pump(&p, 20, 0, 15);
	va = hand_column(&p, ROLE_POWER_INPUT, 2);
	for (int i = 0; i < 20; i++) {
		reference[i] = i < 10 ? 5 : 1500;
		va[i] = i < 10 ? 2 : 1450;
	}
	p.step[9] = 0; /* hours follow in which nobody looked */
	p.excluded[9] = EXCLUDED_GAP;
	regime_find(&p, reference, &rules, regime);
	assert_int_equal(regime[9], REGIME_OFF);
	assert_int_equal(regime[10], REGIME_HIGH);
	study_pump_free(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_straight_line_is_met_at_any_shift),
		cmocka_unit_test(across_a_gap_of_the_meter_there_is_no_value),
		cmocka_unit_test(a_register_gives_the_mean_power_of_a_row),
		cmocka_unit_test(what_the_meter_draws_itself_is_taken_off),
		cmocka_unit_test(regimes_are_told_in_their_order),
		cmocka_unit_test(what_ran_before_a_gap_is_no_start_after_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

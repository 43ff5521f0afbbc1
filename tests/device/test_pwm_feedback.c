#include "tests/check.h"

#include "daq/device/pwm_feedback.h"

#include <math.h>

/* `periods` of a signal from `at` on; returns its end. `jitter`: each edge is moved by up to that, by turns.
 */
static nanos signal(struct pwm_feedback *f, nanos at, double hz, double duty, int periods, nanos jitter)
{
	nanos from = at;

	for (int i = 0; i < periods; i++) {
		nanos rise = from + (nanos)(i * 1e9 / hz), fall = rise + (nanos)(duty * 1e9 / hz);
		nanos off = ((i * 7919) % 13 - 6) * jitter / 6;
		struct edge edges[2] = {{rise + off, true}, {fall - off, false}};

		pwm_feedback_feed(f, edges, 2);
		at = from + (nanos)((i + 1) * 1e9 / hz);
	}
	return at;
}

static void duty_and_frequency_are_averaged_over_16_periods_at_least(void **state)
{
	struct pwm_feedback f;
	struct pwm_feedback_reading r;
	nanos at;

	(void)state;
	pwm_feedback_init(&f, false, 0);
	at = signal(&f, 0, 75, 0.4, 16, 0);
	pwm_feedback_read(&f, at, &r);
	assert_int_equal(r.state, PWM_FEEDBACK_WAITING); /* 16 rising edges are 15 periods */
	assert_int_equal(r.quality, QUALITY_GAP);
	assert_true(isnan(r.duty));
	at = signal(&f, at, 75, 0.4, 1, 0);
	pwm_feedback_read(&f, at, &r);
	assert_int_equal(r.state, PWM_FEEDBACK_OK);
	assert_int_equal(r.periods, 16);
	assert_near(r.duty, 0.4, 1e-6);
	assert_near(r.frequency, 75, 1e-4);
}

static void jitter_of_65_us_still_resolves_half_a_per_cent(void **state)
{
	(void)state;
	for (int percent = 2; percent <= 98; percent++) {
		struct pwm_feedback f;
		struct pwm_feedback_reading r;
		nanos at;

		pwm_feedback_init(&f, false, 0);
		at = signal(&f, 0, 75, percent / 100.0, 20, 65000);
		pwm_feedback_read(&f, at, &r);
		assert_int_equal(r.state, PWM_FEEDBACK_OK);
		assert_near(r.duty, percent / 100.0, 0.0025);
	}
}

static void frequencies_from_60_to_90_hz_are_taken_and_no_others(void **state)
{
	static const struct {
		double hz;
		enum pwm_feedback_state state;
	} rows[] = {{50, PWM_FEEDBACK_FREQUENCY}, {59, PWM_FEEDBACK_FREQUENCY}, {60.1, PWM_FEEDBACK_OK},
		{71.25, PWM_FEEDBACK_OK}, {75, PWM_FEEDBACK_OK}, {78.75, PWM_FEEDBACK_OK},
		{89.9, PWM_FEEDBACK_OK}, {91, PWM_FEEDBACK_FREQUENCY}, {1000, PWM_FEEDBACK_FREQUENCY}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct pwm_feedback f;
		struct pwm_feedback_reading r;
		nanos at;

		pwm_feedback_init(&f, false, 0);
		at = signal(&f, 0, rows[i].hz, 0.5, 30, 0);
		pwm_feedback_read(&f, at, &r);
		assert_int_equal(r.state, rows[i].state);
		assert_int_equal(isnan(r.duty), rows[i].state != PWM_FEEDBACK_OK);
		if (rows[i].state == PWM_FEEDBACK_FREQUENCY) {
			assert_int_equal(r.quality, QUALITY_RANGE);
			assert_near(r.frequency, rows[i].hz, 0.01);
		}
	}
}

static void without_edges_the_level_tells_break_from_short(void **state)
{
	struct pwm_feedback f;
	struct pwm_feedback_reading r;
	struct edge high = {0, true};
	nanos at;

	(void)state;
	pwm_feedback_init(&f, true, 0);
	pwm_feedback_read(&f, 100 * NANOS_PER_MS, &r);
	assert_int_equal(r.state, PWM_FEEDBACK_WAITING);
	pwm_feedback_read(&f, NANOS_PER_S, &r);
	assert_int_equal(r.state, PWM_FEEDBACK_HIGH);
	assert_int_equal(r.quality, QUALITY_TIMEOUT);
	at = signal(&f, NANOS_PER_S, 75, 0.3, 30, 0);
	pwm_feedback_read(&f, at, &r);
	assert_int_equal(r.state, PWM_FEEDBACK_OK);
	pwm_feedback_read(&f, at + NANOS_PER_S, &r); /* it ended low */
	assert_int_equal(r.state, PWM_FEEDBACK_LOW);
	high.at = at + NANOS_PER_S;
	pwm_feedback_feed(&f, &high, 1);
	pwm_feedback_read(&f, at + 2 * NANOS_PER_S, &r);
	assert_int_equal(r.state, PWM_FEEDBACK_HIGH);
	assert_true(isnan(r.duty));
}

static void after_a_break_16_fresh_periods_are_wanted(void **state)
{
	struct pwm_feedback f;
	struct pwm_feedback_reading r;
	nanos at;

	(void)state;
	pwm_feedback_init(&f, false, 0);
	at = signal(&f, 0, 75, 0.3, 40, 0);
	at = signal(&f, at + NANOS_PER_S, 75, 0.8, 10, 0);
	pwm_feedback_read(&f, at, &r); /* nobody read in between */
	assert_int_equal(r.state, PWM_FEEDBACK_WAITING);
	at = signal(&f, at, 75, 0.8, 10, 0);
	pwm_feedback_read(&f, at, &r);
	assert_int_equal(r.state, PWM_FEEDBACK_OK);
	assert_near(r.duty, 0.8, 1e-6);
}

static void lost_edges_spoil_no_average(void **state)
{
	(void)state;
	for (int lost = 0; lost < 60; lost++) { /* and every third time the one behind it as well */
		struct pwm_feedback f;
		struct pwm_feedback_reading r;
		nanos at = 0;

		pwm_feedback_init(&f, false, 0);
		for (int i = 0; i < 80; i++) {
			struct edge e = {(nanos)(i / 2 * 1e9 / 75) + (i % 2 ? 2666667 : 0), i % 2 == 0};

			if (i != lost && (lost % 3 || i != lost + 1))
				pwm_feedback_feed(&f, &e, 1);
			at = e.at;
		}
		pwm_feedback_read(&f, at, &r);
		assert_int_equal(r.state, PWM_FEEDBACK_OK);
		assert_near(r.duty, 0.2, 1e-6);
		assert_near(r.frequency, 75, 1e-3);
	}
}

static void one_second_after_a_change_only_the_new_duty_is_in_the_average(void **state)
{
	struct pwm_feedback f;
	struct pwm_feedback_reading r;
	nanos at = 0;

	(void)state;
	pwm_feedback_init(&f, false, 0);
	at = signal(&f, at, 75, 0.2, 75, 0);
	pwm_feedback_read(&f, at, &r);
	at = signal(&f, at, 75, 0.6, 75, 0);
	pwm_feedback_read(&f, at, &r);
	assert_near(r.duty, 0.6, 1e-6); /* 1 s at 75 Hz is more than the ring holds: all new */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(duty_and_frequency_are_averaged_over_16_periods_at_least),
		cmocka_unit_test(jitter_of_65_us_still_resolves_half_a_per_cent),
		cmocka_unit_test(frequencies_from_60_to_90_hz_are_taken_and_no_others),
		cmocka_unit_test(without_edges_the_level_tells_break_from_short),
		cmocka_unit_test(after_a_break_16_fresh_periods_are_wanted),
		cmocka_unit_test(lost_edges_spoil_no_average),
		cmocka_unit_test(one_second_after_a_change_only_the_new_duty_is_in_the_average),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Counters whose truth is known: what is found of it, and under which name. */
#include "tests/check.h"

#include "analytics/core/counter.h"
#include "tests/analytics/random.h"

#include <math.h>

static struct counter of(double modulus, double max_rate, double step)
{
	struct counter c;

	counter_begin(&c, &(struct counter_rules){.modulus = modulus, .max_rate = max_rate, .step = step, .gap = 10});
	return c;
}

/* Readings one second apart; NaN is missing. */
static void take(struct counter *c, const double *value, int n)
{
	struct counter_increment out[2];

	for (int i = 0; i < n; i++)
		counter_take(c, i, value[i], -1, out);
	counter_end(c);
}

#define TAKE(c, ...)                                                                                                 \
	do {                                                                                                         \
		const double values[] = {__VA_ARGS__};                                                               \
		take(c, values, (int)(sizeof(values) / sizeof(*values)));                                            \
	} while (0)

static void a_single_zero_is_dropped_and_costs_nothing(void **state)
{
	struct counter c = of(0, 5, 1);

	(void)state;
	TAKE(&c, 100, 101, 0, 103, 104);
	assert_near(c.total, 4, 0);
	assert_int_equal(c.dropped, 1);
	assert_int_equal(c.kinds[COUNTER_RESET], 0);
	c = of(0, 5, 1);
	TAKE(&c, 100, 101, 0, 0, 1, 105, 106); /* three in a row, and still it goes on from where it was */
	assert_near(c.total, 6, 0);
	assert_int_equal(c.dropped, 3);
}

static void a_reset_is_believed_when_three_readings_go_on_from_it(void **state)
{
	struct counter c = of(0, 5, 1);

	(void)state;
	TAKE(&c, 100, 101, 0, 1, 2);
	assert_near(c.total, 1, 0);
	assert_int_equal(c.dropped, 3); /* the end came first */
	c = of(0, 5, 1);
	TAKE(&c, 100, 101, 0, 1, 2, 3, 5);
	assert_int_equal(c.kinds[COUNTER_RESET], 1);
	assert_near(c.total, 1 + 5, 0);
	assert_int_equal(c.dropped, 0);
}

static void each_width_wraps_at_its_own_end(void **state)
{
	static const double moduli[] = {COUNTER_UINT16, COUNTER_UINT32, COUNTER_BCD8, 999999};

	(void)state;
	for (size_t i = 0; i < sizeof(moduli) / sizeof(*moduli); i++) {
		double m = moduli[i];
		struct counter c = of(m, 5, 1);

		TAKE(&c, m - 5, m - 2, 1, 3, 4, 6);
		assert_near(c.total, 11, 0);
		assert_int_equal(c.kinds[COUNTER_WRAPPED], 1);
		c = of(m, NAN, 1); /* without a greatest rate only from the end to the beginning */
		TAKE(&c, m - 5, m - 2, 1, 3, 4, 6);
		assert_near(c.total, 11, 0);
		c = of(m, NAN, 1);
		TAKE(&c, m / 2, m / 2 + 1, 1, 3, 4, 6);
		assert_int_equal(c.kinds[COUNTER_RESET], 1);
		assert_near(c.total, 1 + 5, 0);
		c = of(m, 5, 1); /* in the middle it cannot have wrapped */
		TAKE(&c, m / 2, m / 2 + 1, 1, 3, 4, 6);
		assert_int_equal(c.kinds[COUNTER_WRAPPED], 0);
		assert_int_equal(c.kinds[COUNTER_RESET], 1);
	}
}

static void a_fast_counter_may_wrap_at_every_other_reading(void **state)
{
	struct counter c = of(COUNTER_UINT16, 60000, 1);
	double value[200];

	(void)state;
	for (int i = 0; i < 200; i++)
		value[i] = fmod(40000.0 * i, COUNTER_UINT16);
	take(&c, value, 200);
	assert_near(c.total, 40000.0 * 199, 40000.0 * 3); /* what the end did not confirm is missing */
	c = of(COUNTER_UINT16, 70000, 1); /* faster than it can tell: nothing is made up */
	take(&c, value, 200);
	assert_near(c.total, 0, 0);
}

static void another_counter_is_known_by_its_number(void **state)
{
	struct counter c = of(0, 5, 1);
	struct counter_increment out[2];
	int n = 0;

	(void)state;
	for (int i = 0; i < 10; i++)
		n += counter_take(&c, i, 100 + i, i < 5 ? 4711 : 4712, out); /* it even goes on where the other one was */
	assert_int_equal(c.kinds[COUNTER_REPLACED], 1);
	assert_near(c.total, 4 + 4, 0);
	assert_int_equal(n, 4 + 2 + 1);
	c = of(0, 5, 1);
	for (int i = 0; i < 10; i++) /* a number that is not known says nothing */
		counter_take(&c, i, 100 + i, i % 2 ? 4711 : -1, out);
	assert_near(c.total, 9, 0);
}

static void an_impossible_jump_is_no_energy(void **state)
{
	struct counter c = of(0, 5, 1);

	(void)state;
	TAKE(&c, 100, 101, 9000, 103, 104);
	assert_near(c.total, 4, 0);
	assert_int_equal(c.dropped, 1);
	c = of(0, 5, 1);
	TAKE(&c, 0, 9000, 9001, 9002, 9003, 9004); /* the first reading was nonsense */
	assert_near(c.total, 4, 0);
	assert_int_equal(c.kinds[COUNTER_IMPOSSIBLE], 1);
}

static void missing_readings_and_gaps_are_told(void **state)
{
	struct counter c = of(0, 5, 1);
	struct counter_increment out[2];

	(void)state;
	TAKE(&c, 100, NAN, INFINITY, 103);
	assert_near(c.total, 3, 0);
	assert_int_equal(c.missing, 2);
	assert_int_equal(c.kinds[COUNTER_ORDINARY], 1);
	assert_int_equal(counter_take(&c, 13.5, 110, -1, out), 1);
	assert_int_equal(out[0].kind, COUNTER_GAP);
	assert_near(out[0].amount, 7, 0);
	assert_near(out[0].from, 3, 0);
	assert_int_equal(counter_take(&c, 13.5, 111, -1, out), 0); /* time stands still */
	assert_int_equal(c.dropped, 1);
}

/* Steps of single precision, as far as its spacing at this size is known. */
static void single_precision_has_the_known_steps(void **state)
{
	struct counter c;
	struct counter_increment out[2];

	(void)state;
	assert_near(counter_float32_step(10e3) * 1000, 0.977, 0.001);	/* Wh at 10 MWh, of a counter in kWh */
	assert_near(counter_float32_step(100e3) * 1000, 7.8125, 1e-9);
	assert_near(counter_float32_step(1e6) * 1000, 62.5, 1e-9);
	assert_near(counter_float32_step(10e6), 1, 0); /* of a counter in Wh */
	assert_near(counter_float32_step(20e6), 2, 0);
	assert_near(counter_float32_step(100e6), 8, 0);
	counter_begin(&c, &(struct counter_rules){.max_rate = 10 / 3600.0, .float32 = true, .gap = 10});
	for (int i = 0; i < 36000; i++) /* 3 kW for ten hours at 100 MWh: steps of 7.8 Wh, each more than 10 kW for a second */
		counter_take(&c, i, (double)(float)(100e3 + i * 3 / 3600.0), -1, out);
	assert_int_equal(c.kinds[COUNTER_IMPOSSIBLE] + c.kinds[COUNTER_RESET] + c.dropped, 0);
	assert_near(c.total, 30, 0.008);
}

/* A register in steps of 0.1 kWh jumps by 360 kW in a second; it took its time for that. */
static void a_coarse_register_is_possible_also_where_its_step_is_not_known(void **state)
{
	struct counter c = of(0, 10 / 3600.0, NAN);
	struct counter_increment out[2];

	(void)state;
	for (int i = 0; i < 36000; i++)
		counter_take(&c, i, 500 + floor((i + 180) * 2 / 360.0) / 10, -1, out);
	counter_take(&c, 36000, 529, -1, out); /* too much for the time since it last counted */
	assert_near(c.total, 19.9, 1e-9);
	assert_int_equal(c.kinds[COUNTER_IMPOSSIBLE] + c.dropped, 0);
	counter_end(&c);
	assert_int_equal(c.dropped, 1);
}

/* A step back of the last digit is noise: it is not counted again when it comes. */
static void noise_of_a_digit_is_not_counted_twice(void **state)
{
	struct counter c = of(0, 5, 1);

	(void)state;
	TAKE(&c, 100, 101, 100, 101, 100, 101, 102);
	assert_near(c.total, 2, 0);
	assert_int_equal(c.dropped, 0);
}

/* Random counters with everything that happens to them; what was counted while it was known how is told exactly. */
static void random_histories_are_counted_as_they_were(void **state)
{
	uint64_t random = 20240117;

	(void)state;
	for (int round = 0; round < 300; round++) {
		double modulus = round % 3 == 0 ? COUNTER_UINT16 : round % 3 == 1 ? COUNTER_BCD8 : 0;
		double at = modulus ? floor(modulus * (0.9 + 0.1 * random_uniform(&random))) : 12345, truth = 0, since = 0, t = 0;
		struct counter c = of(modulus, 20, 1);
		struct counter_increment out[2];
		int64_t identity = 7;
		double sum = 0;
		int resets = 0, calm = 10;

		for (int i = 0; i < 3000; i++) {
			double u = random_uniform(&random), step = floor(20 * random_uniform(&random)), shown;

			t += 1;
			at += step;
			since += i > 0 ? step : 0;
			if (modulus && at >= modulus)
				at -= modulus, calm = 8;
			if (calm-- <= 0 && u < 0.004 && !(modulus && at > modulus - 50)) { /* reset or replaced, and not what looks like a wrap */
				bool replaced = u < 0.002;

				truth += since - step; /* up to the reading before */
				since = 0;
				at = replaced ? floor(2000 * random_uniform(&random)) + 500 : 0;
				identity += replaced;
				resets++;
				calm = 8;
			}
			shown = at;
			if (calm < 0 && u > 0.99) /* nonsense, one at a time */
				shown = u > 0.997 ? NAN : u > 0.993 ? 0 : at + 5000, calm = 3;
			for (int n = counter_take(&c, t, shown, identity, out), k = 0; k < n; k++)
				sum += isnan(out[k].amount) ? 0 : out[k].amount;
		}
		for (int i = 0; i < 8; i++) /* calm at the end, so that nothing waits */
			for (int n = counter_take(&c, t + 1 + i, at, identity, out), k = 0; k < n; k++)
				sum += isnan(out[k].amount) ? 0 : out[k].amount;
		counter_end(&c);
		truth += since;
		assert_near(sum, truth, 0);
		assert_near(c.total, sum, 1e-6);
		assert_int_equal(c.kinds[COUNTER_RESET] + c.kinds[COUNTER_REPLACED] + c.kinds[COUNTER_IMPOSSIBLE], resets);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_single_zero_is_dropped_and_costs_nothing),
		cmocka_unit_test(a_reset_is_believed_when_three_readings_go_on_from_it),
		cmocka_unit_test(each_width_wraps_at_its_own_end),
		cmocka_unit_test(a_fast_counter_may_wrap_at_every_other_reading),
		cmocka_unit_test(another_counter_is_known_by_its_number),
		cmocka_unit_test(an_impossible_jump_is_no_energy),
		cmocka_unit_test(missing_readings_and_gaps_are_told),
		cmocka_unit_test(single_precision_has_the_known_steps),
		cmocka_unit_test(a_coarse_register_is_possible_also_where_its_step_is_not_known),
		cmocka_unit_test(noise_of_a_digit_is_not_counted_twice),
		cmocka_unit_test(random_histories_are_counted_as_they_were),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

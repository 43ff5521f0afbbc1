#include "tests/check.h"

#include "daq/device/pulse.h"

#include <math.h>
#include <stdlib.h>

#define MS NANOS_PER_MS
#define S NANOS_PER_S

static const struct pulse_config plain = {.width_min = 100000, .zero_after = 5 * S};

static uint64_t seed_of(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return *state >> 33;
}

static nanos between(uint64_t *state, nanos low, nanos high)
{
	return low + (nanos)(seed_of(state) % (uint64_t)(high - low + 1));
}

static void edge(struct pulse *p, nanos at, bool rising)
{
	struct edge e = {at, rising};

	pulse_feed(p, &e, 1);
}

static void pulse_at(struct pulse *p, nanos at, nanos width)
{
	edge(p, at, true);
	edge(p, at + width, false);
}

static void the_rate_is_that_of_the_edges_and_not_of_the_gate(void **state)
{
	struct pulse p;
	struct pulse_reading r;

	(void)state;
	/* 218 l/h at 1200 pulses/l is 72.667 Hz; a gate of 1 s would say 72 or 73 (BENCHES F5: +-1.4 %). */
	pulse_init(&p, &plain, false, 0);
	for (int i = 0; i < 72; i++)
		pulse_at(&p, (nanos)(5 * MS + i * (1e9 / 72.6666667)), 5 * MS);
	pulse_read(&p, S, &r);
	assert_int_equal(r.total, 72);
	assert_int_equal(r.periods, 71);
	assert_near(r.rate, 72.6666667, 1e-4);
	assert_int_equal(r.rate_quality, QUALITY_GOOD);
	assert_near((double)r.periods * 1e9 / (double)(r.last - r.first), r.rate, 1e-12);
}

static void one_pulse_in_an_interval_is_timed_from_the_one_before(void **state)
{
	struct pulse p;
	struct pulse_reading r;

	(void)state;
	pulse_init(&p, &plain, false, 0);
	pulse_at(&p, 500 * MS, 10 * MS);
	pulse_read(&p, S, &r);
	assert_true(isnan(r.rate));
	assert_int_equal(r.rate_quality, QUALITY_GAP);
	pulse_at(&p, 1700 * MS, 10 * MS);
	pulse_read(&p, 2 * S, &r);
	assert_near(r.rate, 1 / 1.2, 1e-9);
	assert_int_equal(r.rate_quality, QUALITY_GOOD);
	assert_int_equal(r.total, 2);
}

static void without_pulses_the_rate_has_only_an_upper_bound(void **state)
{
	struct pulse p;
	struct pulse_reading r;

	(void)state;
	pulse_init(&p, &plain, false, 0);
	for (int i = 0; i < 10; i++)
		pulse_at(&p, i * 100 * MS, 10 * MS);
	pulse_read(&p, S, &r);
	assert_near(r.rate, 10, 1e-9);
	pulse_read(&p, 2 * S, &r); /* 1.1 s since the last */
	assert_near(r.bound, 1 / 1.1, 1e-9);
	assert_near(r.rate, 1 / 1.1, 1e-9);
	assert_int_equal(r.rate_quality, QUALITY_STALE);
	assert_int_equal(r.periods, 0);
	pulse_read(&p, 6 * S, &r);
	assert_near(r.rate, 0, 0);
	assert_near(r.bound, 1 / 5.1, 1e-9);
	assert_int_equal(r.rate_quality, QUALITY_GOOD);
	assert_int_equal(r.total, 10);
}

static void a_meter_that_never_pulsed_is_not_known_to_stand_still_at_once(void **state)
{
	struct pulse p;
	struct pulse_reading r;

	(void)state;
	pulse_init(&p, &plain, true, 10 * S);
	pulse_read(&p, 11 * S, &r);
	assert_true(isnan(r.rate));
	assert_int_equal(r.rate_quality, QUALITY_GAP);
	assert_near(r.bound, 1, 1e-12);
	pulse_read(&p, 15 * S, &r);
	assert_near(r.rate, 0, 0);
	assert_int_equal(r.rate_quality, QUALITY_GOOD);
}

static void the_first_pulse_after_a_standstill_tells_no_rate(void **state)
{
	struct pulse p;
	struct pulse_reading r;

	(void)state;
	pulse_init(&p, &plain, false, 0);
	pulse_at(&p, 0, 10 * MS);
	pulse_read(&p, 600 * S, &r);
	pulse_at(&p, 600 * S + 10 * MS, 10 * MS);
	pulse_read(&p, 601 * S, &r);
	assert_true(isnan(r.rate));
	assert_int_equal(r.rate_quality, QUALITY_GAP);
	assert_int_equal(r.total, 2);
}

static void a_level_that_does_not_last_is_no_pulse(void **state)
{
	struct pulse p;
	struct pulse_reading r;

	(void)state;
	pulse_init(&p, &plain, false, 0);
	pulse_at(&p, 10 * MS, 50000); /* 50 us: a spike */
	pulse_at(&p, 20 * MS, 5 * MS);
	pulse_read(&p, S, &r);
	assert_int_equal(r.total, 1);
	assert_int_equal(r.first, 20 * MS);
	assert_int_equal(p.bounces, 2);
}

static void a_bounce_is_dated_at_the_first_contact(void **state)
{
	struct pulse p;
	struct pulse_reading r;

	(void)state;
	pulse_init(&p, &plain, false, 0);
	edge(&p, 10 * MS, true);
	edge(&p, 10 * MS + 40000, false);
	edge(&p, 10 * MS + 90000, true);
	edge(&p, 20 * MS, false);
	pulse_read(&p, S, &r);
	assert_int_equal(r.total, 1);
	assert_int_equal(r.first, 10 * MS);
}

static void a_pulse_that_has_not_lasted_yet_is_counted_in_the_next_interval(void **state)
{
	struct pulse p;
	struct pulse_reading r;

	(void)state;
	pulse_init(&p, &plain, false, 0);
	edge(&p, S - 50000, true);
	pulse_read(&p, S, &r);
	assert_int_equal(r.total, 0);
	edge(&p, S + 5 * MS, false);
	pulse_read(&p, 2 * S, &r);
	assert_int_equal(r.total, 1);
	assert_int_equal(r.first, S - 50000);
}

static void lost_edges_make_the_reading_suspect_and_the_next_one_good_again(void **state)
{
	struct pulse p;
	struct pulse_reading r;

	(void)state;
	pulse_init(&p, &plain, false, 0);
	for (int i = 0; i < 10; i++)
		pulse_at(&p, i * 100 * MS, 10 * MS);
	pulse_lost(&p, 2);
	pulse_read(&p, S, &r);
	assert_int_equal(r.lost, 2);
	assert_int_equal(r.total_quality, QUALITY_SUSPECT);
	assert_int_equal(r.rate_quality, QUALITY_SUSPECT);
	for (int i = 10; i < 20; i++)
		pulse_at(&p, i * 100 * MS, 10 * MS);
	pulse_lost(&p, 2);
	pulse_read(&p, 2 * S, &r);
	assert_int_equal(r.lost, 0);
	assert_int_equal(r.total_quality, QUALITY_GOOD);
	assert_int_equal(r.rate_quality, QUALITY_GOOD);
}

static void a_lost_falling_edge_costs_no_pulse(void **state)
{
	struct pulse p;
	struct pulse_reading r;

	(void)state;
	pulse_init(&p, &plain, false, 0);
	edge(&p, 0, true);
	edge(&p, 10 * MS, true); /* the falling one between is gone */
	edge(&p, 15 * MS, false);
	pulse_read(&p, S, &r);
	assert_int_equal(r.total, 2);
}

static void an_implausible_rate_is_out_of_range(void **state)
{
	struct pulse_config limited = {.width_min = 0, .zero_after = S, .rate_max = 1000};
	struct pulse p;
	struct pulse_reading r;

	(void)state;
	pulse_init(&p, &limited, false, 0);
	for (int i = 0; i < 100; i++)
		pulse_at(&p, i * 100000, 50000); /* 10 kHz */
	pulse_read(&p, S / 2, &r);
	assert_int_equal(r.rate_quality, QUALITY_RANGE);
}

/* A burst: the edge, then pairs of bounces with gaps shorter than the width. Returns the last edge. */
static nanos burst(struct pulse *p, uint64_t *random, nanos at, bool level, nanos width)
{
	int pairs = (int)(seed_of(random) % 6);

	edge(p, at, level);
	for (int i = 0; i < 2 * pairs; i++) {
		at += between(random, 1, width - 1);
		edge(p, at, i % 2 ? level : !level);
	}
	return at;
}

static void any_train_with_bounce_is_counted_exactly_where_levels_outlast_the_width(void **state)
{
	(void)state;
	for (uint64_t round = 1; round <= 200; round++) {
		uint64_t random = round, expected = 0, bounces;
		nanos width = between(&random, 1000, 2 * MS), at = between(&random, 0, S);
		struct pulse_config config = {.width_min = width, .zero_after = 100 * S};
		bool level = seed_of(&random) & 1;
		struct pulse p;
		struct pulse_reading r;

		pulse_init(&p, &config, level, 0);
		for (int i = 0; i < 500; i++) {
			level = !level;
			expected += level;
			at = burst(&p, &random, at + width + between(&random, 0, 20 * MS), level, width);
			if (seed_of(&random) % 50 == 0) /* whenever somebody reads */
				pulse_read(&p, at + between(&random, 0, width), &r);
		}
		pulse_read(&p, at + width, &r);
		bounces = p.bounces;
		assert_int_equal(r.total, expected);
		assert_int_equal(bounces % 2, 0);
	}
}

static void the_mean_of_the_rates_does_not_drift_from_the_count(void **state)
{
	uint64_t random = 42, pulses = 0;
	nanos at = 0, last = 0, first = 0;
	struct pulse p;
	struct pulse_reading r;

	(void)state;
	pulse_init(&p, &plain, false, 0);
	for (int second = 1; second <= 100; second++) {
		for (; at < second * S - 20 * MS; at += between(&random, 2 * MS, 4 * MS)) {
			pulse_at(&p, at, MS);
			first = pulses++ ? first : at;
			last = at;
		}
		pulse_read(&p, second * S, &r);
		assert_near(r.rate, 333, 40);
	}
	assert_int_equal(r.total, pulses);
	assert_near((double)(pulses - 1) * 1e9 / (double)(last - first), 333, 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_rate_is_that_of_the_edges_and_not_of_the_gate),
		cmocka_unit_test(one_pulse_in_an_interval_is_timed_from_the_one_before),
		cmocka_unit_test(without_pulses_the_rate_has_only_an_upper_bound),
		cmocka_unit_test(a_meter_that_never_pulsed_is_not_known_to_stand_still_at_once),
		cmocka_unit_test(the_first_pulse_after_a_standstill_tells_no_rate),
		cmocka_unit_test(a_level_that_does_not_last_is_no_pulse),
		cmocka_unit_test(a_bounce_is_dated_at_the_first_contact),
		cmocka_unit_test(a_pulse_that_has_not_lasted_yet_is_counted_in_the_next_interval),
		cmocka_unit_test(lost_edges_make_the_reading_suspect_and_the_next_one_good_again),
		cmocka_unit_test(a_lost_falling_edge_costs_no_pulse),
		cmocka_unit_test(an_implausible_rate_is_out_of_range),
		cmocka_unit_test(any_train_with_bounce_is_counted_exactly_where_levels_outlast_the_width),
		cmocka_unit_test(the_mean_of_the_rates_does_not_drift_from_the_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What ends a run by itself: out of bounds, and blind for too long. */
#include "tests/acquire/rig.h"

#include "daq/acquire/interlock.h"

static struct bench bench_with(double min, double max, nanos blind)
{
	struct bench bench = {.channels = 2, .interlocks = 1};

	strcpy(bench.channel[1].name, "level");
	strcpy(bench.channel[1].unit, "kg");
	bench.interlock[0] = (struct bench_interlock){.channel = 1, .min = min, .max = max, .blind = blind};
	strcpy(bench.interlock[0].because, "the tank is full");
	strcpy(bench.interlock[0].source, "rig.lua:7");
	return bench;
}

static int look(struct interlocks *locks, const struct bench *bench, double value, enum quality quality, nanos at, nanos now,
	char why[320])
{
	struct board_value values[2] = {{NAN, QUALITY_GAP, 0}, {value, quality, at}};

	why[0] = '\0';
	return interlocks_look(locks, bench, values, now, why, 320);
}

static void only_a_good_value_out_of_bounds_trips(void **state)
{
	struct bench bench = bench_with(-INFINITY, 50, 0);
	struct interlocks locks;
	char why[320];

	(void)state;
	interlocks_begin(&locks, 0);
	assert_int_equal(look(&locks, &bench, 50, QUALITY_GOOD, S, S, why), -1);
	assert_int_equal(look(&locks, &bench, 51, QUALITY_SUSPECT, 2 * S, 2 * S, why), -1);
	assert_int_equal(look(&locks, &bench, NAN, QUALITY_TIMEOUT, 3 * S, 900 * S, why), -1); /* it may be blind */
	assert_int_equal(look(&locks, &bench, 50.5, QUALITY_GOOD, 901 * S, 901 * S, why), 0);
	assert_string_equal(why, "interlock: level = 50.5 kg is above 50 kg: the tank is full (rig.lua:7)");
	bench = bench_with(2, INFINITY, 0);
	assert_int_equal(look(&locks, &bench, 1, QUALITY_GOOD, 902 * S, 902 * S, why), 0);
	assert_non_null(strstr(why, "is below 2 kg"));
}

static void one_that_may_not_be_blind_trips_without_good_values(void **state)
{
	struct bench bench = bench_with(-INFINITY, 50, 5 * S);
	struct interlocks locks;
	char why[320];

	(void)state;
	interlocks_begin(&locks, 100 * S);
	assert_int_equal(look(&locks, &bench, NAN, QUALITY_GAP, 0, 105 * S, why), -1);
	assert_int_equal(look(&locks, &bench, 1, QUALITY_GOOD, 105 * S, 105 * S, why), -1);
	assert_int_equal(look(&locks, &bench, 1, QUALITY_STALE, 109 * S, 110 * S, why), -1);
	assert_int_equal(look(&locks, &bench, 1, QUALITY_STALE, 110 * S, 111 * S, why), 0);
	assert_non_null(strstr(why, "level has given no good value for 6.0 s: cannot tell whether the tank is full"));
	/* A good value that is only the last one of long ago proves nothing either. */
	interlocks_begin(&locks, 100 * S);
	assert_int_equal(look(&locks, &bench, 1, QUALITY_GOOD, 100 * S, 106 * S, why), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_a_good_value_out_of_bounds_trips),
		cmocka_unit_test(one_that_may_not_be_blind_trips_without_good_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

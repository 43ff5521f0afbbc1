/* The bus over a device in memory, behind a faulty end, in lock-step time: every fault and what becomes of the values. */
#include "tests/acquire/rig.h"

/* Runs for a time and counts the qualities of column `column` from tick 0 on; `first` gets those of the first ticks. */
static void run_and_count(struct rig *rig, nanos duration, int column, int *count, uint8_t *first, int n, char *events, size_t size)
{
	struct rig_scan s;
	int64_t tick = 0;

	rig_start(rig);
	rig_run(rig, duration + rig->bench->tick / 2);
	rig_stop(rig);
	memset(count, 0, QUALITY_COUNT * sizeof(*count));
	while (rig_next(rig, &s, events, size)) {
		assert_int_equal(s.tick, tick++);
		rig_check_good(rig, &s);
		count[s.quality[column]]++;
		if (s.tick < n)
			first[s.tick] = s.quality[column];
	}
}

/* One device with one register: identity, check register, then transaction 2 + n is tick n, so long as all goes well. */
static void one_fault(enum words_fault_kind kind, nanos late, enum quality expected, int bad)
{
	const struct words_fault fault = {kind, 2 + 5, 1, late};
	struct rig rig;
	int count[QUALITY_COUNT];
	uint8_t first[12];

	rig_describe(&rig, 1, 1, 2 * S, 100 * MS);
	rig_make(&rig);
	rig_open_bus(&rig, rig_words(&rig, &fault, 1, 10 * MS));
	run_and_count(&rig, 60 * S, 0, count, first, 12, NULL, 0);
	assert_int_equal(first[4], QUALITY_GOOD);
	if (first[5] != expected)
		fail_msg("fault %d gives %s, expected %s", kind, quality_name(first[5]), quality_name(expected));
	assert_int_equal(count[QUALITY_GOOD] + bad, 30);
	rig_free(&rig);
}

static void every_fault_has_its_quality_and_costs_one_value(void **state)
{
	(void)state;
	one_fault(FAULT_MUTE, 0, QUALITY_TIMEOUT, 1);
	one_fault(FAULT_SHORT, 0, QUALITY_CHECKSUM, 1);
	one_fault(FAULT_GARBLED, 0, QUALITY_CHECKSUM, 1);
	one_fault(FAULT_WRONG_UNIT, 0, QUALITY_CHECKSUM, 1);
	one_fault(FAULT_EXCEPTION, 0, QUALITY_EXCEPTION, 1);
	one_fault(FAULT_LATE, 250 * MS, QUALITY_TIMEOUT, 1);
	one_fault(FAULT_LATE, 50 * MS, QUALITY_GOOD, 0);
}

static void a_reply_later_than_any_drain_is_caught_by_the_check_register(void **state)
{
	const struct words_fault fault = {FAULT_LATE, 2 + 5, 1, 2050 * MS}; /* into the next tick's reading */
	struct rig rig;
	int count[QUALITY_COUNT];
	uint8_t first[12];

	(void)state;
	rig_describe(&rig, 1, 1, 2 * S, 100 * MS);
	rig_make(&rig);
	rig_open_bus(&rig, rig_words(&rig, &fault, 1, 10 * MS));
	run_and_count(&rig, 60 * S, 0, count, first, 12, NULL, 0);
	assert_int_equal(first[5], QUALITY_TIMEOUT);
	assert_int_equal(first[6], QUALITY_SUSPECT);
	assert_int_equal(first[7], QUALITY_GOOD);
	assert_int_equal(count[QUALITY_GOOD], 28);
	rig_free(&rig);
}

static void a_late_reply_does_not_pass_for_the_check_register_itself(void **state)
{
	/* Tick 3 reads register 0 and the check register, ticks 4 and 5 the check register alone: the late reply of the
	 * one comes as the answer of the other, whose own answer would then prove it. */
	const struct words_fault fault = {FAULT_LATE, 6, 1, 2020 * MS};
	struct rig rig;
	struct rig_scan s;
	int good = 0;

	(void)state;
	rig_describe(&rig, 1, 1, 2 * S, 100 * MS);
	rig_channel(&rig, 0, 2, false);
	rig.bench->channel[0].every = 3;
	rig_make(&rig);
	rig_open_bus(&rig, rig_words(&rig, &fault, 1, 10 * MS));
	rig_start(&rig);
	rig_run(&rig, 60 * S);
	rig_stop(&rig);
	while (rig_next(&rig, &s, NULL, 0)) {
		rig_check_good(&rig, &s);
		if (s.n == 1 && s.tick == 3)
			assert_int_equal(s.quality[0], QUALITY_TIMEOUT);
		if (s.n == 2 && s.tick == 4)
			assert_int_equal(s.quality[1], QUALITY_SUSPECT);
		good += s.n == 2 && s.quality[1] == QUALITY_GOOD;
	}
	assert_true(good >= 27);
	rig_free(&rig);
}

static void a_device_without_check_register_is_suspect_after_a_time_out_and_good_again_later(void **state)
{
	const struct words_fault fault = {FAULT_MUTE, 1 + 5, 1, 0};
	struct rig rig;
	int count[QUALITY_COUNT];
	uint8_t first[20];

	(void)state;
	rig_describe(&rig, 1, 1, 2 * S, 100 * MS);
	rig.map.check = -1;
	rig_make(&rig);
	rig_open_bus(&rig, rig_words(&rig, &fault, 1, 10 * MS));
	run_and_count(&rig, 60 * S, 0, count, first, 20, NULL, 0);
	assert_int_equal(first[5], QUALITY_TIMEOUT);
	for (int tick = 6; tick < 10; tick++)
		assert_int_equal(first[tick], QUALITY_SUSPECT);
	assert_int_equal(count[QUALITY_GOOD], 30 - 1 - 5); /* probation: 10 s */
	rig_free(&rig);
}

static void a_silent_device_costs_its_mates_one_time_out_and_one_drain_in_each_interval(void **state)
{
	struct rig rig;
	struct bus_health health;
	int count[QUALITY_COUNT];
	uint8_t first[4];
	char events[4000] = "";

	(void)state;
	rig_describe(&rig, 2, 2, 3 * S, 100 * MS);
	rig.silent_from = 20 * S;
	rig.silent_to = 80 * S;
	rig_make(&rig);
	rig_open_bus(&rig, rig_words(&rig, NULL, 0, 10 * MS));
	run_and_count(&rig, 120 * S, 3, count, first, 4, events, sizeof(events)); /* of the second device */
	assert_int_equal(count[QUALITY_GOOD], 40);
	bus_health(rig.bus, &health);
	/* two to find out, then one each 5 s, which is every second tick of 3 s, for the rest of the minute */
	assert_in_range(health.timeouts, 2 + 8, 2 + 10);
	assert_true(health.busy <= health.timeouts * (1100 * MS) + health.transactions * 10 * MS);
	assert_int_equal(health.missed_ticks, 0);
	assert_non_null(strstr(events, "device1: does not answer"));
	assert_non_null(strstr(events, "device1: answers again"));
	assert_null(strstr(events, "device2"));
	rig_free(&rig);
}

static void a_device_that_was_away_is_timed_out_then_a_gap_then_good_again(void **state)
{
	struct rig rig;
	int count[QUALITY_COUNT];
	uint8_t first[60];

	(void)state;
	rig_describe(&rig, 1, 1, 2 * S, 100 * MS);
	rig.silent_from = 20 * S;
	rig.silent_to = 80 * S;
	rig_make(&rig);
	rig_open_bus(&rig, rig_words(&rig, NULL, 0, 10 * MS));
	run_and_count(&rig, 120 * S, 0, count, first, 60, NULL, 0);
	assert_int_equal(first[8], QUALITY_GOOD);
	assert_int_equal(first[9], QUALITY_TIMEOUT);
	assert_int_equal(first[11], QUALITY_GAP);
	assert_int_equal(first[59], QUALITY_GOOD);
	assert_true(count[QUALITY_TIMEOUT] >= 10);
	assert_in_range(count[QUALITY_GOOD], 60 - 30 - 3, 60 - 30 + 1);
	assert_int_equal(count[QUALITY_GOOD] + count[QUALITY_TIMEOUT] + count[QUALITY_GAP], 60);
	rig_free(&rig);
}

static void another_device_that_answers_in_its_place_is_never_good(void **state)
{
	struct rig rig;
	struct rig_scan s;
	char events[4000] = "";

	(void)state;
	for (int check = 0; check < 2; check++) { /* also with nothing but the identity to tell */
		rig_describe(&rig, 1, 1, 2 * S, 100 * MS);
		rig.map.check = check ? rig.map.check : -1;
		rig.silent_from = 20 * S;
		rig.silent_to = 60 * S;
		rig_make(&rig);
		rig_open_bus(&rig, rig_words(&rig, NULL, 0, 10 * MS));
		rig_start(&rig);
		rig_run(&rig, 40 * S);
		rig.serial++; /* nobody reads it now: time stands still, and the device is silent */
		rig_run(&rig, 60 * S);
		rig_stop(&rig);
		while (rig_next(&rig, &s, events, sizeof(events)))
			if (s.tick > 11)
				assert_int_not_equal(s.quality[0], QUALITY_GOOD);
		assert_true(s.quality[0] == QUALITY_SUSPECT);
		rig_free(&rig);
	}
	assert_non_null(strstr(events, "another device answers"));
}

/* Sets the output of device 0 while the bus runs; what became of it. */
static int set_output(struct rig *rig, double value, struct error *e)
{
	long ticket = bus_command(rig->bus, 1, value, rig->seat);
	int done;

	error_clear(e);
	while ((done = bus_command_done(rig->bus, ticket, e)) == 0)
		clock_wait(rig->seat, clock_now(rig->clock) + 10 * S);
	return done;
}

static void a_write_is_tried_three_times(void **state)
{
	static const struct words_fault twice[] = {{FAULT_MUTE, 2, 1, 0}, {FAULT_GARBLED, 3, 1, 0}};
	static const struct words_fault thrice[] = {{FAULT_MUTE, 2, 3, 0}};
	static const struct words_fault refusal[] = {{FAULT_EXCEPTION, 2, 1, 0}};
	static const struct {
		const struct words_fault *faults;
		int n, done, writes, quality;
	} cases[] = {{twice, 2, 1, 3, QUALITY_GOOD}, {thrice, 1, -1, 3, QUALITY_SUSPECT}, {refusal, 1, -1, 1, QUALITY_SUSPECT}};
	struct error e = ERROR_INIT;
	struct board_value latest[2];
	struct rig rig;

	(void)state;
	for (int i = 0; i < 3; i++) {
		rig_describe(&rig, 1, 1, 10 * S, 100 * MS);
		rig_make(&rig);
		rig_open_bus(&rig, rig_words(&rig, cases[i].faults, cases[i].n, 10 * MS));
		rig_start(&rig); /* the first tick is 10 s away: the write comes first */
		assert_int_equal(set_output(&rig, 400, &e), cases[i].done);
		assert_int_equal(rig.writes, cases[i].writes);
		assert_int_equal(rig.written[10], 400);
		board_snapshot(rig.board, latest);
		assert_int_equal(latest[1].quality, cases[i].quality);
		assert_int_equal(strstr(e.text, "device1") != NULL, cases[i].done < 0);
		rig_stop(&rig);
		rig_free(&rig);
	}
}

static void a_set_point_that_does_not_fit_is_refused_and_not_written(void **state)
{
	struct error e = ERROR_INIT;
	struct rig rig;

	(void)state;
	rig_describe(&rig, 1, 1, 10 * S, 100 * MS);
	rig_make(&rig);
	rig_open_bus(&rig, rig_words(&rig, NULL, 0, 10 * MS));
	rig_start(&rig);
	assert_int_equal(set_output(&rig, 70000, &e), -1);
	assert_int_equal(e.code, ERROR_LIMIT);
	assert_int_equal(rig.writes, 0);
	assert_int_equal(bus_command_done(rig.bus, 9999, &e), -1);
	rig_stop(&rig);
	rig_free(&rig);
}

static void outputs_are_suspect_once_their_device_was_away(void **state)
{
	struct error e = ERROR_INIT;
	struct rig_scan s;
	struct rig rig;
	int suspect = 0;

	(void)state;
	rig_describe(&rig, 1, 1, 2 * S, 100 * MS);
	rig.silent_from = 20 * S;
	rig.silent_to = 40 * S;
	rig_make(&rig);
	rig_open_bus(&rig, rig_words(&rig, NULL, 0, 10 * MS));
	rig_start(&rig);
	assert_int_equal(set_output(&rig, 400, &e), 1);
	rig_run(&rig, 60 * S);
	while (rig_next(&rig, &s, NULL, 0)) {
		nanos at = board_tick_time(rig.board, s.tick);

		if (at > S && at < 18 * S)
			assert_int_equal(s.quality[1], QUALITY_GOOD);
		if (at > 24 * S) {
			assert_int_equal(s.quality[1], QUALITY_SUSPECT);
			assert_near(s.value[1], 400, 0);
			suspect++;
		}
	}
	assert_true(suspect > 10);
	assert_int_equal(set_output(&rig, 400, &e), 1); /* until it is set again */
	rig_run(&rig, 4 * S);
	assert_true(rig_next(&rig, &s, NULL, 0) && rig_next(&rig, &s, NULL, 0));
	assert_int_equal(s.quality[1], QUALITY_GOOD);
	rig_stop(&rig);
	rig_free(&rig);
}

static void a_device_that_is_not_the_one_in_the_bench_file_is_refused(void **state)
{
	struct bus_identity identity;
	struct bus_setup setup;
	struct error e = ERROR_INIT;
	struct rig rig;

	(void)state;
	rig_describe(&rig, 1, 1, 2 * S, 100 * MS);
	rig_make(&rig);
	setup = (struct bus_setup){.bench = rig.bench, .plan = &rig.plan, .seat = rig.seat, .board = rig.board,
		.journal = &rig.journal};
	must(bus_open(&rig.bus, &setup, rig_words(&rig, NULL, 0, 10 * MS), &e));
	must(bus_identify(rig.bus, 0, &identity, &e));
	assert_string_equal(identity.what[0], "serial");
	assert_string_equal(identity.value[0], "4711");
	rig.bench->device[0].expects = 1;
	strcpy(rig.bench->device[0].expect[0].what, "serial");
	strcpy(rig.bench->device[0].expect[0].value, "4712");
	refused(bus_identify(rig.bus, 0, &identity, &e), ERROR_DEVICE, "4711");
	assert_non_null(strstr(e.text, "4712"));
	assert_non_null(strstr(e.text, "rig.lua:1"));
	rig.silent_to = 1000 * S;
	refused(bus_identify(rig.bus, 0, &identity, &e), ERROR_DEVICE, "time-out");
	rig_free(&rig);
}

static void a_tick_that_is_due_when_the_one_before_ends_is_not_missed(void **state)
{
	struct bus_health health;
	int count[QUALITY_COUNT];
	uint8_t first[1];
	struct rig rig;

	(void)state;
	rig_describe(&rig, 1, 10, 100 * MS, 50 * MS); /* ten reads of 10 ms fill the tick to the last nanosecond */
	rig_make(&rig);
	rig_open_bus(&rig, rig_words(&rig, NULL, 0, 10 * MS));
	run_and_count(&rig, 10 * S, 8, count, first, 1, NULL, 0);
	bus_health(rig.bus, &health);
	assert_int_equal(health.missed_ticks, 0);
	assert_in_range(count[QUALITY_GOOD], 99, 100);
	rig_free(&rig);
}

static void a_bus_that_is_too_slow_misses_ticks_and_counts_them(void **state)
{
	struct bus_health health;
	int count[QUALITY_COUNT];
	uint8_t first[1];
	struct rig rig;

	(void)state;
	rig_describe(&rig, 1, 15, 100 * MS, 50 * MS);
	rig_make(&rig);
	rig_open_bus(&rig, rig_words(&rig, NULL, 0, 10 * MS));
	run_and_count(&rig, 10 * S, 0, count, first, 1, NULL, 0);
	bus_health(rig.bus, &health);
	assert_in_range(health.missed_ticks, 49, 51); /* every second one */
	assert_in_range(count[QUALITY_GOOD], 49, 51);
	assert_in_range(count[QUALITY_GAP], 49, 51); /* and each of them is there */
	rig_free(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_fault_has_its_quality_and_costs_one_value),
		cmocka_unit_test(a_reply_later_than_any_drain_is_caught_by_the_check_register),
		cmocka_unit_test(a_late_reply_does_not_pass_for_the_check_register_itself),
		cmocka_unit_test(a_device_without_check_register_is_suspect_after_a_time_out_and_good_again_later),
		cmocka_unit_test(a_silent_device_costs_its_mates_one_time_out_and_one_drain_in_each_interval),
		cmocka_unit_test(a_device_that_was_away_is_timed_out_then_a_gap_then_good_again),
		cmocka_unit_test(another_device_that_answers_in_its_place_is_never_good),
		cmocka_unit_test(a_write_is_tried_three_times),
		cmocka_unit_test(a_set_point_that_does_not_fit_is_refused_and_not_written),
		cmocka_unit_test(outputs_are_suspect_once_their_device_was_away),
		cmocka_unit_test(a_device_that_is_not_the_one_in_the_bench_file_is_refused),
		cmocka_unit_test(a_tick_that_is_due_when_the_one_before_ends_is_not_missed),
		cmocka_unit_test(a_bus_that_is_too_slow_misses_ticks_and_counts_them),
	};

	return cmocka_run_group_tests_name("bus", tests, NULL, NULL);
}

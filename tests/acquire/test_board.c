/* The board by itself: which scan a value lands in, what is missing, what a window measures. And the plan. */
#include "tests/acquire/rig.h"

/* Two channels and an output of one device; every second tick channel 1 where `slow`. */
static void board_rig(struct rig *rig, bool slow)
{
	rig_describe(rig, 1, 2, S, 100 * MS);
	rig->bench->channel[1].every = slow ? 2 : 1;
	rig_make(rig);
}

static void publish(struct rig *rig, int poll, int64_t tick, double value, enum quality quality)
{
	const uint8_t q[] = {(uint8_t)quality};

	board_publish(rig->board, &rig->plan.poll[poll], tick, tick * S, &value, q);
}

static void expect(struct rig *rig, int64_t tick, double a, int qa, double b, int qb)
{
	struct rig_scan s;

	assert_true(rig_next(rig, &s, NULL, 0));
	assert_int_equal(s.tick, tick);
	if (isnan(a))
		assert_true(isnan(s.value[0]));
	else
		assert_near(s.value[0], a, 0);
	assert_int_equal(s.quality[0], qa);
	if (isnan(b))
		assert_true(isnan(s.value[1]));
	else
		assert_near(s.value[1], b, 0);
	assert_int_equal(s.quality[1], qb);
}

static void expect_none(struct rig *rig)
{
	struct rig_scan s;

	assert_false(rig_next(rig, &s, NULL, 0));
}

static void a_scan_that_is_complete_closes_at_once(void **state)
{
	struct rig rig;
	struct board_value latest[3];

	(void)state;
	board_rig(&rig, false);
	board_start(rig.board, 0, 0);
	assert_int_equal(board_snapshot(rig.board, latest), -1);
	publish(&rig, 1, 0, 2, QUALITY_GOOD);
	expect_none(&rig);
	publish(&rig, 0, 0, 1, QUALITY_SUSPECT);
	expect(&rig, 0, 1, QUALITY_SUSPECT, 2, QUALITY_GOOD);
	assert_int_equal(board_snapshot(rig.board, latest), 0);
	assert_near(latest[1].value, 2, 0);
	board_close_overdue(rig.board, 100 * MS);
	expect_none(&rig);
	rig_free(&rig);
}

static void what_is_missing_at_the_next_tick_is_a_gap_and_what_comes_later_is_no_value(void **state)
{
	struct rig rig;
	struct board_counts counts;

	(void)state;
	board_rig(&rig, false);
	board_start(rig.board, 0, 0);
	publish(&rig, 0, 0, 1, QUALITY_GOOD);
	board_close_overdue(rig.board, S - 1);
	expect_none(&rig);
	board_close_overdue(rig.board, S);
	expect(&rig, 0, 1, QUALITY_GOOD, NAN, QUALITY_GAP);
	publish(&rig, 1, 0, 2, QUALITY_GOOD); /* too late */
	expect_none(&rig);
	board_counts(rig.board, &counts);
	assert_int_equal(counts.late, 1);
	assert_int_equal(counts.scans, 1);
	assert_int_equal(counts.not_good, 1); /* the gap; an output that was never set is no fault */
	rig_free(&rig);
}

static void every_tick_has_its_scan_also_when_nobody_reports(void **state)
{
	struct rig rig;

	(void)state;
	board_rig(&rig, false);
	board_start(rig.board, 0, 0);
	board_close_overdue(rig.board, 3 * S + S / 2);
	for (int tick = 0; tick < 3; tick++)
		expect(&rig, tick, NAN, QUALITY_GAP, NAN, QUALITY_GAP);
	expect_none(&rig);
	publish(&rig, 0, 3, 1, QUALITY_GOOD);
	publish(&rig, 1, 3, 1, QUALITY_GOOD);
	expect(&rig, 3, 1, QUALITY_GOOD, 1, QUALITY_GOOD);
	publish(&rig, 0, 7, 1, QUALITY_GOOD); /* three ticks were missed before the clerk came by */
	publish(&rig, 1, 7, 1, QUALITY_GOOD);
	for (int tick = 4; tick < 7; tick++)
		expect(&rig, tick, NAN, QUALITY_GAP, NAN, QUALITY_GAP);
	expect(&rig, 7, 1, QUALITY_GOOD, 1, QUALITY_GOOD);
	expect_none(&rig);
	rig_free(&rig);
}

static void scans_leave_in_the_order_of_their_ticks(void **state)
{
	struct rig rig;

	(void)state;
	board_rig(&rig, false);
	board_start(rig.board, 0, 0);
	publish(&rig, 0, 0, 10, QUALITY_GOOD); /* the other bus is behind */
	publish(&rig, 0, 1, 11, QUALITY_GOOD);
	publish(&rig, 1, 1, 21, QUALITY_GOOD);
	expect(&rig, 0, 10, QUALITY_GOOD, NAN, QUALITY_GAP);
	expect(&rig, 1, 11, QUALITY_GOOD, 21, QUALITY_GOOD);
	for (int tick = 2; tick < 12; tick++) /* more open ones than there are rows */
		publish(&rig, 0, tick, tick, QUALITY_GOOD);
	board_close_all(rig.board);
	for (int tick = 2; tick < 12; tick++)
		expect(&rig, tick, tick, QUALITY_GOOD, NAN, QUALITY_GAP);
	expect_none(&rig);
	rig_free(&rig);
}

static void ticks_lie_at_start_plus_n_periods(void **state)
{
	struct rig rig;

	(void)state;
	board_rig(&rig, false);
	board_start(rig.board, 5 * S, 100);
	assert_int_equal(board_tick_time(rig.board, 100), 5 * S);
	assert_int_equal(board_tick_time(rig.board, 107), 12 * S);
	assert_int_equal(board_next_tick(rig.board, 0), 100);
	assert_int_equal(board_next_tick(rig.board, 5 * S - 1), 100);
	assert_int_equal(board_next_tick(rig.board, 5 * S), 101);
	assert_int_equal(board_next_tick(rig.board, 6 * S - 1), 101);
	board_close_overdue(rig.board, 0); /* before the start nothing is overdue */
	expect_none(&rig);
	board_close_overdue(rig.board, 6 * S);
	expect(&rig, 100, NAN, QUALITY_GAP, NAN, QUALITY_GAP);
	rig_free(&rig);
}

static void a_slow_group_has_its_scans_at_its_own_ticks(void **state)
{
	struct rig rig;
	int scans[2] = {0};
	struct rig_scan s;

	(void)state;
	board_rig(&rig, true);
	assert_int_equal(rig.plan.groups, 2);
	board_start(rig.board, 0, 3); /* a resumed run: the group's ticks stay multiples of 2 */
	board_close_overdue(rig.board, 7 * S);
	while (rig_next(&rig, &s, NULL, 0)) {
		if (s.group == 1)
			assert_int_equal(s.tick % 2, 0);
		scans[s.group]++;
	}
	assert_int_equal(scans[0], 7); /* 3..9 */
	assert_int_equal(scans[1], 3); /* 4, 6, 8 */
	rig_free(&rig);
}

static void an_output_has_the_value_that_its_device_acknowledged(void **state)
{
	struct rig rig;
	struct rig_scan s;

	(void)state;
	board_rig(&rig, false);
	assert_true(isnan(board_commanded(rig.board, 2)));
	board_start(rig.board, 0, 0);
	board_close_overdue(rig.board, S);
	board_command(rig.board, 2, 400, QUALITY_GOOD, S);
	board_close_overdue(rig.board, 2 * S);
	board_command(rig.board, 2, 400, QUALITY_SUSPECT, 2 * S);
	board_close_overdue(rig.board, 3 * S);
	assert_true(rig_next(&rig, &s, NULL, 0));
	assert_true(isnan(s.value[2]));
	assert_int_equal(s.quality[2], QUALITY_GAP);
	assert_true(rig_next(&rig, &s, NULL, 0));
	assert_near(s.value[2], 400, 0);
	assert_int_equal(s.quality[2], QUALITY_GOOD);
	assert_true(rig_next(&rig, &s, NULL, 0));
	assert_near(s.value[2], 400, 0);
	assert_int_equal(s.quality[2], QUALITY_SUSPECT);
	assert_near(board_commanded(rig.board, 2), 400, 0);
	rig_free(&rig);
}

static void an_output_is_doubted_from_the_attempt_on_that_nobody_acknowledged(void **state)
{
	struct rig rig;
	struct rig_scan s;

	(void)state;
	board_rig(&rig, false);
	board_doubt(rig.board, 2, 0);
	assert_true(isnan(board_commanded(rig.board, 2)));
	board_start(rig.board, 0, 0);
	board_command(rig.board, 2, 400, QUALITY_GOOD, S / 2);
	board_close_overdue(rig.board, S);
	board_doubt(rig.board, 2, 3 * S / 2);
	board_close_overdue(rig.board, 2 * S);
	board_command(rig.board, 2, 700, QUALITY_GOOD, 5 * S / 2);
	board_close_overdue(rig.board, 4 * S);
	while (rig_next(&rig, &s, NULL, 0)) {
		double value[] = {NAN, 400, 400, 700};
		enum quality quality[] = {QUALITY_GAP, QUALITY_GOOD, QUALITY_SUSPECT, QUALITY_GOOD};

		assert_in_range(s.tick, 0, 3);
		assert_int_equal(s.quality[2], quality[s.tick]);
		assert_true(s.value[2] == value[s.tick] || (isnan(s.value[2]) && isnan(value[s.tick])));
	}
	rig_free(&rig);
}

static void a_window_measures_the_good_samples_of_its_ticks_and_counts_the_others(void **state)
{
	struct rig rig;
	static struct measurement m[BENCH_CHANNELS];

	(void)state;
	board_rig(&rig, false);
	board_start(rig.board, 0, 0);
	board_window_open(rig.board, 2, 5, rig.seat);
	for (int tick = 0; tick < 6; tick++) {
		assert_false(board_window(rig.board, m));
		publish(&rig, 0, tick, 1e9 + tick, tick == 3 ? QUALITY_SUSPECT : QUALITY_GOOD);
		publish(&rig, 1, tick, NAN, QUALITY_TIMEOUT);
	}
	assert_true(clock_wait(rig.seat, clock_now(rig.clock) + S)); /* it was woken */
	assert_true(board_window(rig.board, m));
	assert_int_equal(m[0].good, 3);
	assert_int_equal(m[0].bad, 1);
	assert_near(m[0].mean, 1e9 + 11 / 3.0, 1e-6);
	assert_near(m[0].sd, sqrt((25 + 1 + 16) / 9.0 / 2), 1e-6); /* of 2, 4, 5 */
	assert_near(m[0].min, 1e9 + 2, 0);
	assert_near(m[0].max, 1e9 + 5, 0);
	assert_near(m[0].last, 1e9 + 5, 0);
	assert_int_equal(m[1].good, 0);
	assert_int_equal(m[1].bad, 4);
	assert_true(isnan(m[1].mean) && isnan(m[1].sd) && isnan(m[1].last));
	assert_false(board_window(rig.board, m)); /* it was fetched */
	rig_free(&rig);
}

static void a_window_ends_although_a_bus_never_reports(void **state)
{
	struct rig rig;
	static struct measurement m[BENCH_CHANNELS];

	(void)state;
	board_rig(&rig, true);
	board_start(rig.board, 0, 0);
	board_window_open(rig.board, 1, 3, rig.seat);
	for (int s = 1; s <= 4; s++) {
		board_close_overdue(rig.board, s * S);
		assert_true(board_window(rig.board, m) == (s == 4));
	}
	assert_int_equal(m[0].bad, 3);
	assert_int_equal(m[1].bad, 1); /* tick 2 */
	rig_free(&rig);
}

static void a_bus_load_is_the_printed_formula(void **state)
{
	struct rig rig;
	double load, share;

	(void)state;
	rig_describe(&rig, 2, 2, S, 100 * MS);
	rig.map.max_gap = 20;
	rig.bench->bus[0].words.baud = 9600;
	rig.bench->channel[4].every = 10; /* the second device's second channel, every 10th tick */
	rig_make(&rig);
	assert_int_equal(rig.plan.polls, 3);
	assert_int_equal(rig.plan.poll[0].read.count, 11);
	/* (8 + 5 + 2N + 7) x 11 bits / baud + 15 ms turnaround; N = 11 and 1 each second, 1 every ten */
	load = (42 + 22 + 2.2) * 11 / 9600 + 0.015 * 2.1;
	assert_near(plan_bus_load(&rig.plan, rig.bench, 0), load, 1e-6);
	assert_int_equal(plan_heaviest_device(&rig.plan, rig.bench, 0, &share), 0);
	assert_near(share, (42 * 11.0 / 9600 + 0.015) / load, 1e-6);
	assert_true(plan_bytes_per_second(&rig.plan, rig.bench, true) > plan_bytes_per_second(&rig.plan, rig.bench, false));
	rig_free(&rig);
}

static void a_plan_serves_every_channel_once_and_no_output(void **state)
{
	struct rig rig;
	int served[BENCH_CHANNELS] = {0};

	(void)state;
	rig_describe(&rig, 3, 5, S, 100 * MS);
	for (int c = 0; c < rig.bench->channels; c++)
		rig.bench->channel[c].every = 1 + c % 3;
	rig.map.max_gap = 30;
	rig_make(&rig);
	for (int p = 0; p < rig.plan.polls; p++)
		for (int i = 0; i < rig.plan.poll[p].channels; i++) {
			const struct plan_poll *poll = &rig.plan.poll[p];
			const struct bench_channel *c = &rig.bench->channel[poll->channel[i]];

			served[poll->channel[i]]++;
			assert_int_equal(c->device, poll->device);
			assert_int_equal(c->every, rig.plan.group[poll->group].every);
			assert_int_equal(poll->read.address + poll->at[i], rig.map.row[c->reg].address);
		}
	for (int c = 0; c < rig.bench->channels; c++) {
		assert_int_equal(served[c], !rig.bench->channel[c].output);
		assert_int_equal(rig.plan.group[rig.plan.group_of[c]].channel[rig.plan.column_of[c]], c);
	}
	rig_free(&rig);
}

static void too_many_rates_are_refused_by_name(void **state)
{
	struct plan *plan = calloc(1, sizeof(*plan));
	struct error e = ERROR_INIT;
	struct rig rig;

	(void)state;
	rig_describe(&rig, 2, 8, S, 100 * MS);
	for (int c = 0; c < rig.bench->channels; c++)
		rig.bench->channel[c].every = c + 1;
	refused(plan_make(plan, rig.bench, &e), ERROR_CONFIG, rig.bench->channel[16].name);
	free(plan);
	free(rig.map.row);
	free(rig.bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_scan_that_is_complete_closes_at_once),
		cmocka_unit_test(what_is_missing_at_the_next_tick_is_a_gap_and_what_comes_later_is_no_value),
		cmocka_unit_test(every_tick_has_its_scan_also_when_nobody_reports),
		cmocka_unit_test(scans_leave_in_the_order_of_their_ticks),
		cmocka_unit_test(ticks_lie_at_start_plus_n_periods),
		cmocka_unit_test(a_slow_group_has_its_scans_at_its_own_ticks),
		cmocka_unit_test(an_output_has_the_value_that_its_device_acknowledged),
		cmocka_unit_test(an_output_is_doubted_from_the_attempt_on_that_nobody_acknowledged),
		cmocka_unit_test(a_window_measures_the_good_samples_of_its_ticks_and_counts_the_others),
		cmocka_unit_test(a_window_ends_although_a_bus_never_reports),
		cmocka_unit_test(a_bus_load_is_the_printed_formula),
		cmocka_unit_test(a_plan_serves_every_channel_once_and_no_output),
		cmocka_unit_test(too_many_rates_are_refused_by_name),
	};

	return cmocka_run_group_tests_name("board and plan", tests, NULL, NULL);
}

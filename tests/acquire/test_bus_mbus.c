/* A bus of M-Bus meters: values in the bench's units, who is believed, who is left alone. */
#include "tests/acquire/mbus_rig.h"

static void values_come_in_the_units_of_the_rows(void **state)
{
	struct rig rig;
	struct meters meters;
	uint8_t quality[64];
	double value[64];
	char events[2000] = "";
	int n;

	(void)state;
	meters_init(&meters);
	describe(&rig, 1, 2);
	add_channel(&rig, 0, POWER, 2);
	begin(&rig, &meters, NULL, 0);
	assert_int_equal(rig.identity.count, 4);
	assert_string_equal(rig.identity.value[0], "12345678");
	assert_string_equal(rig.identity.value[1], "KAM");
	assert_string_equal(rig.identity.value[2], "53");
	assert_string_equal(rig.identity.value[3], "4");
	rig_run(&rig, 20 * S);
	n = collect(&rig, ENERGY, quality, value, events, sizeof(events));
	assert_in_range(n, 9, 11);
	for (int i = 0; i < n; i++) {
		assert_int_equal(quality[i], QUALITY_GOOD);
		assert_near(value[i], (FIRST_ENERGY + 2 + i) / 1000.0, 1e-12);
	}
	/* It has no power: said once, and never a value. */
	assert_non_null(strstr(events, "hm0: its telegram has no record for 'power' (key \"power\")"));
	assert_null(strstr(strstr(events, "has no record") + 1, "has no record"));
	rig_free(&rig);
}

static void a_record_that_is_missing_is_a_gap_and_no_zero(void **state)
{
	struct rig rig;
	struct meters meters;
	uint8_t quality[64];
	double value[64];
	int n;

	(void)state;
	meters_init(&meters);
	describe(&rig, 1, 2);
	add_channel(&rig, 0, POWER, 2);
	begin(&rig, &meters, NULL, 0);
	rig_run(&rig, 10 * S);
	n = collect(&rig, 3, quality, value, NULL, 0);
	assert_true(n > 3);
	for (int i = 0; i < n; i++)
		assert_true(quality[i] == QUALITY_GAP && isnan(value[i]));
	rig_free(&rig);
}

static void a_meter_that_was_away_is_good_again_with_its_first_answer(void **state)
{
	struct rig rig;
	struct meters meters;
	uint8_t quality[64];
	double value[64];
	char events[2000] = "";
	int n, gap = 0, good = 0;

	(void)state;
	meters_init(&meters);
	describe(&rig, 1, 5);
	begin(&rig, &meters, NULL, 0);
	rig_run(&rig, 20 * S);
	meters.meter[0].mute = true;
	rig_run(&rig, 40 * S);
	meters.meter[0].mute = false;
	rig_run(&rig, 40 * S);
	n = collect(&rig, ENERGY, quality, value, events, sizeof(events));
	for (int i = 0; i < n; i++) {
		gap += quality[i] == QUALITY_GAP || quality[i] == QUALITY_TIMEOUT;
		good += quality[i] == QUALITY_GOOD;
		assert_true(quality[i] == QUALITY_GOOD ? value[i] > 1 : isnan(value[i]));
	}
	assert_int_equal(good + gap, n);
	assert_in_range(gap, 8, 10);
	assert_non_null(strstr(events, "hm0: does not answer; asked again every 10 s"));
	assert_non_null(strstr(events, "hm0: answers again"));
	rig_free(&rig);
}

static void another_meter_in_its_place_is_seen_at_once(void **state)
{
	struct rig rig;
	struct meters meters;
	uint8_t quality[64];
	double value[64];
	char events[2000] = "";
	int n;

	(void)state;
	meters_init(&meters);
	describe(&rig, 1, 5);
	begin(&rig, &meters, NULL, 0);
	rig_run(&rig, 23 * S); /* not at a tick */
	meters.meter[0].id[0] = 0x79;
	meters.meter[0].energy = 3; /* a new one */
	rig_run(&rig, 20 * S);
	meters.meter[0].id[0] = 0x78;
	meters.meter[0].energy = FIRST_ENERGY + 100;
	rig_run(&rig, 20 * S);
	n = collect(&rig, ENERGY, quality, value, events, sizeof(events));
	assert_in_range(n, 11, 13);
	for (int i = 0; i < n; i++)
		assert_int_equal(quality[i], i < 5 || i > 8 ? QUALITY_GOOD : QUALITY_SUSPECT);
	assert_non_null(strstr(events, "another meter answers in its place (123456792D2C3504, not 123456782D2C3504): its values are suspect"));
	assert_non_null(strstr(events, "hm0: meter 123456782D2C3504 is back"));
	assert_null(strstr(events, "went back")); /* what is not good is no baseline */
	rig_free(&rig);
}

static void a_meter_that_reports_an_error_is_suspect_and_says_why(void **state)
{
	struct rig rig;
	struct meters meters;
	uint8_t quality[64];
	double value[64];
	char events[2000] = "";
	int n;

	(void)state;
	meters_init(&meters);
	describe(&rig, 1, 5);
	begin(&rig, &meters, NULL, 0);
	rig_run(&rig, 23 * S); /* not at a tick */
	meters.meter[0].status = 0x14;
	rig_run(&rig, 20 * S);
	meters.meter[0].status = 0x04; /* power low spoils no value */
	rig_run(&rig, 20 * S);
	n = collect(&rig, SUPPLY, quality, value, events, sizeof(events));
	for (int i = 0; i < n; i++) {
		assert_int_equal(quality[i], i < 5 || i > 8 ? QUALITY_GOOD : QUALITY_SUSPECT);
		assert_near(value[i], 35, 1e-9);
	}
	assert_non_null(strstr(events, "hm0: meter status 14h: temporary error, power low"));
	assert_non_null(strstr(events, "hm0: meter status 04h: power low"));
	rig_free(&rig);
}

static void two_rates_of_one_meter_share_its_telegram(void **state)
{
	struct rig rig;
	struct meters meters;
	uint8_t quality[64];
	double value[64];
	struct bus_health health;

	(void)state;
	meters_init(&meters);
	describe(&rig, 1, 2);
	rig.bench->channel[SUPPLY].every = 4;
	begin(&rig, &meters, NULL, 0);
	rig_run(&rig, 40 * S);
	assert_in_range(collect(&rig, ENERGY, quality, value, NULL, 0), 19, 21);
	bus_health(rig.bus, &health);
	assert_in_range(health.transactions, 20, 22); /* one for each two seconds and one at start */
	rig_free(&rig);
}

static void a_silent_meter_leaves_its_mates_their_time(void **state)
{
	struct rig rig;
	struct meters meters;
	struct bus_health health;
	uint8_t quality[64];
	double value[64];
	int n, good = 0;

	(void)state;
	meters_init(&meters);
	meters.meter[1].address = 6;
	describe(&rig, 2, 2);
	begin(&rig, &meters, NULL, 0);
	rig_run(&rig, 10 * S);
	meters.meter[0].mute = true;
	rig_run(&rig, 50 * S);
	n = collect(&rig, 3 + ENERGY, quality, value, NULL, 0);
	for (int i = 0; i < n; i++)
		good += quality[i] == QUALITY_GOOD;
	assert_true(n >= 29 && good >= n - 2);
	bus_health(rig.bus, &health);
	assert_in_range(health.timeouts, 4, 7);
	rig_free(&rig);
}

static void what_the_bench_file_demands_of_a_meter_is_checked(void **state)
{
	struct rig rig;
	struct meters meters;
	struct error e = ERROR_INIT;

	(void)state;
	meters_init(&meters);
	describe(&rig, 1, 2);
	rig.bench->device[0].expects = 1;
	strcpy(rig.bench->device[0].expect[0].what, "serial");
	strcpy(rig.bench->device[0].expect[0].value, "12345679");
	rig_make(&rig);
	refused(open_bus(&rig, &meters, NULL, 0, &e), ERROR_DEVICE, "its serial is 12345678, the bench file says 12345679");
	meters.meter[0].mute = true;
	error_clear(&e);
	refused(bus_identify(rig.bus, 0, &rig.identity, &e), ERROR_DEVICE,
		"device 'hm0' (map heat, primary address 5 on bus mbus) does not say who it is: ");
	rig_free(&rig);
}

static void every_telegram_is_kept_as_it_came(void **state)
{
	struct rig rig;
	struct meters meters;
	const void *data;
	size_t bytes;
	int kind, blocks = 0;

	(void)state;
	meters_init(&meters);
	describe(&rig, 1, 2);
	begin(&rig, &meters, NULL, 0);
	rig_run(&rig, 10 * S);
	rig_stop(&rig);
	while (ring_peek(rig.ring, 0, &kind, &data, &bytes)) {
		const struct record_block *head = data;
		const uint8_t *raw = (const uint8_t *)data + sizeof(*head);
		struct mbus_frame frame;

		if (kind == RECORD_BLOCK) {
			blocks++;
			assert_int_equal(mbus_frame_parse(raw, bytes - sizeof(*head), &frame, NULL), MBUS_FOUND_FRAME);
			assert_int_equal(frame.size, bytes - sizeof(*head));
			assert_true(head->before < head->last);
		}
		ring_done(rig.ring);
	}
	assert_in_range(blocks, 4, 6);
	rig_free(&rig);
}

static void a_port_that_is_gone_is_a_time_out_and_then_a_gap(void **state)
{
	const struct bytes_fault fault = {BYTES_GONE, 5, 1, 0};
	struct rig rig;
	struct meters meters;
	uint8_t quality[64];
	double value[64];
	char events[2000] = "";
	int n;

	(void)state;
	meters_init(&meters);
	describe(&rig, 1, 5);
	strcpy(rig.bench->bus[0].bytes.port, "/nowhere");
	begin(&rig, &meters, &fault, 1);
	rig_run(&rig, 60 * S);
	n = collect(&rig, ENERGY, quality, value, events, sizeof(events));
	assert_int_equal(quality[0], QUALITY_GOOD);
	assert_int_equal(quality[3], QUALITY_TIMEOUT);
	for (int i = 4; i < n; i++)
		assert_true(quality[i] == QUALITY_GAP && isnan(value[i]));
	assert_non_null(strstr(events, "bus mbus: the port is gone; trying again every 10 s"));
	rig_free(&rig);
}

static void a_bus_that_cannot_carry_its_meters_shows_in_its_load(void **state)
{
	struct rig rig;

	(void)state;
	describe(&rig, 2, 2);
	rig_make(&rig);
	assert_true(plan_bus_load(&rig.plan, rig.bench, 0) > 1.2);
	rig.bench->bus[0].bytes.baud = 9600;
	assert_in_range((long)(1000 * plan_bus_load(&rig.plan, rig.bench, 0)), 300, 420);
	rig_free(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_come_in_the_units_of_the_rows),
		cmocka_unit_test(a_record_that_is_missing_is_a_gap_and_no_zero),
		cmocka_unit_test(a_meter_that_was_away_is_good_again_with_its_first_answer),
		cmocka_unit_test(another_meter_in_its_place_is_seen_at_once),
		cmocka_unit_test(a_meter_that_reports_an_error_is_suspect_and_says_why),
		cmocka_unit_test(two_rates_of_one_meter_share_its_telegram),
		cmocka_unit_test(a_silent_meter_leaves_its_mates_their_time),
		cmocka_unit_test(what_the_bench_file_demands_of_a_meter_is_checked),
		cmocka_unit_test(every_telegram_is_kept_as_it_came),
		cmocka_unit_test(a_port_that_is_gone_is_a_time_out_and_then_a_gap),
		cmocka_unit_test(a_bus_that_cannot_carry_its_meters_shows_in_its_load),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

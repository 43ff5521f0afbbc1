/* The master of an M-Bus: what it asks, what it takes for an answer, and what it never takes for one. */
#include "tests/device/mbus_meters.h"

enum { ANSWER_MS = 60 };

struct rig {
	struct meters meters;
	struct bytes *wire;
	struct mbus_master master;
	struct mbus_slave slave;
	struct mbus_reading r;
};

static void rig_open(struct rig *rig, const struct bytes_fault *faults, int count)
{
	const struct mbus_master_config config = {.baud = 2400, .retries = 1};

	memset(rig, 0, sizeof(*rig));
	meters_init(&rig->meters);
	rig->wire = meters_wire(&rig->meters, faults, count, ANSWER_MS * MS, seat);
	mbus_master_init(&rig->master, &config, rig->wire);
	rig->slave = (struct mbus_slave){.address = {.primary = 5}, .reset = -1};
}

static void rig_close(struct rig *rig)
{
	mbus_telegram_free(&rig->r.telegram);
	bytes_close(rig->wire);
}

static double energy_of(const struct rig *rig)
{
	return rig->r.telegram.records ? rig->r.telegram.record[0].value / 1000 : NAN;
}

/* One reading; if it is taken, it must be the meter's answer to what was asked for last. */
static enum wire_status reading(struct rig *rig)
{
	mbus_master_read(&rig->master, &rig->slave, &rig->r);
	if (rig->r.status == WIRE_OK && !rig->r.unproved && rig->meters.meter[0].telegrams <= 1 && energy_of(rig) != rig->meters.meter[0].energy)
		fail_msg("energy %g is taken, the meter's last answer was %d; it heard %s", energy_of(rig), rig->meters.meter[0].energy,
			rig->meters.heard);
	assert_true((rig->r.status == WIRE_OK && !rig->r.unproved) || rig->r.detail[0]);
	return rig->r.status;
}

static void readings_toggle_the_frame_count_bit(void **state)
{
	struct rig rig;
	nanos start;

	(void)state;
	rig_open(&rig, NULL, 0);
	for (int i = 0; i < 4; i++)
		assert_int_equal(reading(&rig), WIRE_OK);
	assert_string_equal(rig.meters.heard, "40 7B 5B 7B 5B ");
	assert_near(energy_of(&rig), FIRST_ENERGY + 4, 1e-9);
	start = clock_now(clock_);
	reading(&rig);
	assert_int_equal(rig.r.before, start);
	assert_int_equal(rig.r.last, start + ANSWER_MS * MS);
	assert_int_equal(rig.r.size, rig.r.raw[1] + 6);
	/* What 60 ms are not the 36 bytes of the answer (165 ms) leave: nothing. */
	assert_int_equal(rig.r.half_width, 0);
	rig_close(&rig);
}

static void a_meter_with_three_telegrams_is_asked_on_and_begun_again_each_time(void **state)
{
	struct rig rig;

	(void)state;
	rig_open(&rig, NULL, 0);
	rig.meters.meter[0].telegrams = 3;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(reading(&rig), WIRE_OK);
		assert_int_equal(rig.r.telegram.frames, 3);
		assert_int_equal(rig.r.telegram.records, 4);
		assert_string_equal(rig.r.telegram.record[0].meaning.quantity, "energy");
		assert_int_equal(rig.r.telegram.record[2].tariff, 1);
	}
	assert_string_equal(rig.meters.heard, "40 7B 5B 7B 40 7B 5B 7B ");
	rig_close(&rig);
}

static void a_meter_whose_records_never_end_is_given_up(void **state)
{
	struct rig rig;

	(void)state;
	rig_open(&rig, NULL, 0);
	rig.meters.meter[0].telegrams = 1000;
	assert_int_equal(reading(&rig), WIRE_MISMATCH);
	assert_string_equal(rig.r.detail, "more than 16 telegrams");
	rig_close(&rig);
}

static void a_secondary_address_selects_one_of_several(void **state)
{
	struct rig rig;
	struct error e = ERROR_INIT;

	(void)state;
	rig_open(&rig, NULL, 0);
	rig.meters.meter[1].address = 5; /* the same primary address */
	rig.meters.meter[1].energy = 2000;
	must(mbus_address_parse("12345679", &rig.slave.address, &e));
	mbus_master_read(&rig.master, &rig.slave, &rig.r);
	assert_int_equal(rig.r.status, WIRE_OK);
	assert_string_equal(rig.r.telegram.header.id, "12345679");
	assert_near(energy_of(&rig), 2001, 1e-9);
	assert_string_equal(rig.meters.heard, "52 7B ");
	must(mbus_address_parse("123456782D2CFF04", &rig.slave.address, &e));
	assert_int_equal(reading(&rig), WIRE_OK);
	assert_string_equal(rig.r.telegram.header.id, "12345678");
	must(mbus_address_parse("123456782D2CFF07", &rig.slave.address, &e));
	assert_int_equal(reading(&rig), WIRE_TIMEOUT);
	assert_string_equal(rig.r.detail, "selection of its secondary address: no answer");
	rig_close(&rig);
}

static void a_meter_that_was_not_selected_is_not_taken(void **state)
{
	struct rig rig;
	struct error e = ERROR_INIT;

	(void)state;
	rig_open(&rig, NULL, 0);
	must(mbus_address_parse("12345678", &rig.slave.address, &e));
	assert_int_equal(reading(&rig), WIRE_OK);
	rig.meters.meter[0].id[6] = 0x36; /* still selected: the address leaves the version open */
	assert_int_equal(reading(&rig), WIRE_OK);
	must(mbus_address_parse("123456782D2C3604", &rig.slave.address, &e));
	assert_int_equal(reading(&rig), WIRE_OK);
	rig.slave.address.select[6] = 0xFF;
	rig.slave.address.select[0] = 0x77;
	rig.meters.meter[0].id[0] = 0x77;
	assert_int_equal(reading(&rig), WIRE_OK);
	rig_close(&rig);
}

static void addresses_that_are_none_are_refused(void **state)
{
	static const char *const bad[] = {"", "1234567", "123456789", "1234567F", "12345678GGGGGGGG", "12345678 2D2C3504"};
	struct mbus_address address = {.primary = 7};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct error e = ERROR_INIT;

		refused(mbus_address_parse(bad[i], &address, &e), ERROR_CONFIG, "secondary address '");
		assert_int_equal(address.primary, 7);
	}
}

static void another_address_in_the_answer_is_no_answer(void **state)
{
	struct rig rig;

	(void)state;
	rig_open(&rig, NULL, 0);
	rig.meters.meter[0].says_address = 6;
	assert_int_equal(reading(&rig), WIRE_MISMATCH);
	assert_string_equal(rig.r.detail, "request for data (REQ_UD2): address 6 answers instead of 5");
	assert_int_equal(rig.r.wrong, 1);
	rig_close(&rig);
}

static void an_acknowledgement_alone_is_no_data(void **state)
{
	struct rig rig;

	(void)state;
	rig_open(&rig, NULL, 0);
	rig.meters.meter[0].only_ack = true;
	assert_int_equal(reading(&rig), WIRE_EXCEPTION);
	assert_string_equal(rig.r.detail, "request for data (REQ_UD2): acknowledged (E5h), but no data came");
	rig_close(&rig);
}

static void a_telegram_that_cannot_be_read_says_why_and_is_not_asked_for_again(void **state)
{
	struct rig rig;

	(void)state;
	rig_open(&rig, NULL, 0);
	rig.meters.meter[0].mode = 5;
	assert_int_equal(reading(&rig), WIRE_EXCEPTION);
	assert_string_equal(rig.r.detail,
		"request for data (REQ_UD2): byte 17: the telegram is encrypted (mode 5): only plain ones are read");
	assert_string_equal(rig.meters.heard, "40 7B ");
	rig_close(&rig);
}

static void echo_and_noise_before_an_answer_are_passed_over(void **state)
{
	struct rig rig;

	(void)state;
	rig_open(&rig, NULL, 0);
	rig.meters.echo = true;
	rig.meters.before = "00 FF 68 07 07 41";
	for (int i = 0; i < 3; i++)
		assert_int_equal(reading(&rig), WIRE_OK);
	rig.meters.meter[0].mute = true; /* an echo is no answer */
	rig.meters.before = NULL;
	assert_int_equal(reading(&rig), WIRE_TIMEOUT);
	rig_close(&rig);
}

static void a_broken_answer_is_asked_for_again_and_is_the_same_then(void **state)
{
	const struct bytes_fault fault = {BYTES_GARBLED, 1, 1, 0};
	struct rig rig;

	(void)state;
	rig_open(&rig, &fault, 1);
	assert_int_equal(reading(&rig), WIRE_OK);
	assert_string_equal(rig.meters.heard, "40 7B 7B 40 "); /* and a proof */
	assert_false(rig.r.unproved);
	assert_int_equal(rig.r.checksums, 1);
	assert_near(energy_of(&rig), FIRST_ENERGY + 1, 1e-9);
	assert_true(rig.r.half_width > 50 * MS); /* it is of the first request's time */
	rig_close(&rig);
}

static void half_an_answer_twice_is_a_checksum_and_not_a_time_out(void **state)
{
	const struct bytes_fault fault = {BYTES_SHORT, 1, 2, 0};
	struct rig rig;

	(void)state;
	rig_open(&rig, &fault, 1);
	assert_int_equal(reading(&rig), WIRE_CHECKSUM);
	assert_non_null(strstr(rig.r.detail, "the frame is cut short"));
	assert_int_equal(reading(&rig), WIRE_OK);
	assert_string_equal(rig.meters.heard, "40 7B 7B 40 7B 40 ");
	rig_close(&rig);
}

static void a_silent_meter_costs_one_time_out_once_it_is_known_to_be_silent(void **state)
{
	struct rig rig;
	nanos start, first, second;

	(void)state;
	rig_open(&rig, NULL, 0);
	rig.meters.meter[0].mute = true;
	start = clock_now(clock_);
	assert_int_equal(reading(&rig), WIRE_TIMEOUT);
	first = clock_now(clock_) - start;
	mbus_master_recover(&rig.master);
	start = clock_now(clock_);
	assert_int_equal(reading(&rig), WIRE_TIMEOUT);
	second = clock_now(clock_) - start;
	assert_string_equal(rig.r.detail, "initialisation (SND_NKE): no answer");
	assert_near((double)second, (double)mbus_response_time(2400, false), 1e6);
	assert_true(first > 2 * second);
	rig_close(&rig);
}

/* Whatever goes wrong at whatever exchange, and however late: what is taken is the answer to what was asked last. */
static void no_fault_at_any_time_makes_an_old_answer_good(void **state)
{
	static const enum bytes_fault_kind kinds[] = {BYTES_LATE, BYTES_MUTE, BYTES_SHORT, BYTES_GARBLED};
	int good = 0, bad = 0;

	(void)state;
	for (int kind = 0; kind < 4; kind++)
		for (int from = 1; from < 6; from++)
			for (int late = 100; late < (kind == 0 ? 9000 : 200); late += 90) {
				const struct bytes_fault fault = {kinds[kind], from, 1 + late % 3, late * MS};
				struct rig rig;

				rig_open(&rig, &fault, 1);
				for (int i = 0; i < 8; i++) {
					bool ok = reading(&rig) == WIRE_OK && !rig.r.unproved;

					good += ok;
					bad += !ok;
					clock_wait(seat, clock_now(clock_) + (i % 3) * 400 * MS);
				}
				rig_close(&rig);
			}
	assert_true(good > 1500 && bad > 100);
}

/* Two meters in turn: what is taken is of the one that was asked, and of its latest answer. */
static void read_two(struct rig *rig, struct mbus_slave *slave, int *good, int *bad)
{
	for (int i = 0; i < 10; i++) {
		int who = i % 2;

		mbus_master_read(&rig->master, &slave[who], &rig->r);
		if (rig->r.status == WIRE_OK && !rig->r.unproved) {
			if (memcmp(rig->r.telegram.header.raw, rig->meters.meter[who].id, 8) != 0 ||
				energy_of(rig) != rig->meters.meter[who].energy)
				fail_msg("meter %d: %s with %g is taken, its last answer was %d", who, rig->r.telegram.header.id,
					energy_of(rig), rig->meters.meter[who].energy);
			++*good;
		} else {
			++*bad;
		}
		clock_wait(seat, clock_now(clock_) + (i % 3) * 300 * MS);
	}
}

static void no_answer_of_one_meter_is_taken_for_the_other_s(void **state)
{
	static const enum bytes_fault_kind kinds[] = {BYTES_LATE, BYTES_MUTE, BYTES_GARBLED};
	int good = 0, bad = 0;

	(void)state;
	for (int secondary = 0; secondary < 2; secondary++)
		for (int kind = 0; kind < 3; kind++)
			for (int from = 1; from < 8; from++)
				for (int late = 100; late < (kind == 0 ? 6000 : 200); late += 130) {
					const struct bytes_fault fault = {kinds[kind], from, 1 + late % 4, late * MS};
					struct mbus_slave slave[2] = {{.address = {.primary = 5}, .reset = -1}, {.address = {.primary = 6}, .reset = -1}};
					struct rig rig;
					struct error e = ERROR_INIT;

					rig_open(&rig, &fault, 1);
					rig.meters.meter[1].address = 6;
					rig.meters.meter[1].energy = 3000;
					if (secondary) {
						must(mbus_address_parse("12345678", &slave[0].address, &e));
						must(mbus_address_parse("12345679", &slave[1].address, &e));
					}
					read_two(&rig, slave, &good, &bad);
					rig_close(&rig);
				}
	assert_true(good > 4000 && bad > 300);
}

static void an_application_reset_goes_before_the_first_reading_only(void **state)
{
	struct rig rig;

	(void)state;
	rig_open(&rig, NULL, 0);
	rig.slave.reset = 0x10;
	for (int i = 0; i < 2; i++)
		assert_int_equal(reading(&rig), WIRE_OK);
	assert_int_equal(rig.meters.last_reset, 0x10);
	assert_string_equal(rig.meters.heard, "40 50 5B 7B ");
	rig_close(&rig);
}

static void times_are_those_of_the_standard(void **state)
{
	(void)state;
	/* 330 bits and 50 ms: 187.5 ms at 2400, 1.15 s at 300; and 150 ms for adapters. */
	assert_near((double)mbus_response_time(2400, false), 337.5e6, 1e3);
	assert_near((double)mbus_response_time(300, false), 1300e6, 1e3);
	/* A telegram of 63 bytes at 2400 baud is 289 ms of wire (BENCHES E6), a request 23 ms. */
	assert_near((double)mbus_reading_time(2400, 63), (289 + 23) * 1e6 + 330 / 2.4 / 2 * 1e6 + 50e6, 1e6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(readings_toggle_the_frame_count_bit),
		cmocka_unit_test(a_meter_with_three_telegrams_is_asked_on_and_begun_again_each_time),
		cmocka_unit_test(a_meter_whose_records_never_end_is_given_up),
		cmocka_unit_test(a_secondary_address_selects_one_of_several),
		cmocka_unit_test(a_meter_that_was_not_selected_is_not_taken),
		cmocka_unit_test(addresses_that_are_none_are_refused),
		cmocka_unit_test(another_address_in_the_answer_is_no_answer),
		cmocka_unit_test(an_acknowledgement_alone_is_no_data),
		cmocka_unit_test(a_telegram_that_cannot_be_read_says_why_and_is_not_asked_for_again),
		cmocka_unit_test(echo_and_noise_before_an_answer_are_passed_over),
		cmocka_unit_test(a_broken_answer_is_asked_for_again_and_is_the_same_then),
		cmocka_unit_test(half_an_answer_twice_is_a_checksum_and_not_a_time_out),
		cmocka_unit_test(a_silent_meter_costs_one_time_out_once_it_is_known_to_be_silent),
		cmocka_unit_test(no_fault_at_any_time_makes_an_old_answer_good),
		cmocka_unit_test(no_answer_of_one_meter_is_taken_for_the_other_s),
		cmocka_unit_test(an_application_reset_goes_before_the_first_reading_only),
		cmocka_unit_test(times_are_those_of_the_standard),
	};

	return cmocka_run_group_tests(tests, open_clock, close_clock);
}

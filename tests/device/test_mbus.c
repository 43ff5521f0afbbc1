/* M-Bus telegrams: records of real meters, every data type, and everything that can be off in them. */
#include "tests/device/mbus_frames.h"

#include "daq/device/mbus_value.h"

#include <math.h>

static void integers_have_a_sign_and_a_value_that_stands_for_none(void **state)
{
	static const uint8_t minus2[] = {0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}, least[] = {0, 0, 0, 0, 0, 0, 0, 0x80},
		most[] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F};
	double v = 0;

	(void)state;
	for (int size = 1; size <= 8; size++) {
		assert_true(mbus_signed(minus2, size, &v) && v == -2);
		assert_false(mbus_signed(least + 8 - size, size, &v));
		assert_true(mbus_signed(most + 8 - size, size, &v) && v == pow(2, 8 * size - 1) - (size < 8 ? 1 : 0));
		assert_true(mbus_unsigned(minus2, size, &v) && v == pow(2, 8 * size) - (size < 7 ? 2 : 0));
	}
}

static void bcd_has_two_digits_a_byte_and_a_minus_for_its_highest(void **state)
{
	static const uint8_t plain[] = {0x45, 0x33, 0x08, 0x24}, minus[] = {0x21, 0xF3}, letter[] = {0x1A, 0x00}, shown[] = {0x00, 0xEE};
	double v = 0;

	(void)state;
	assert_true(mbus_bcd(plain, 4, &v) && v == 24083345);
	assert_true(mbus_bcd(minus, 2, &v) && v == -321);
	assert_false(mbus_bcd(letter, 2, &v));
	assert_false(mbus_bcd(shown, 2, &v));
}

static void dates_are_days_that_exist(void **state)
{
	static const struct { uint8_t bytes[6]; int size; const char *text; double seconds; } good[] = {
		{{0x8C, 0x11}, 2, "2012-01-12", 1326326400}, {{0xBF, 0x1C}, 2, "2013-12-31", 1388448000},
		{{0x17, 0x2E, 0xCC, 0x13}, 4, "2014-03-12T14:23", 1394634180}, {{0x18, 0x0D, 0x98, 0x11}, 4, "2012-01-24T13:24", 1327411440},
		{{0x10, 0x09, 0x05, 0xC5}, 4, "1996-05-05T09:16", 831287760}, {{0x1D, 0x12}, 2, "2008-02-29", 1204243200},
		{{0x3B, 0x17, 0x0E, 0xCC, 0x13, 0x00}, 6, "2014-03-12T14:23:59", 1394634239}};
	static const struct { uint8_t bytes[6]; int size; } bad[] = {{{0x00, 0x00}, 2}, {{0xFF, 0xFF}, 2}, {{0x3D, 0x12}, 2},
		{{0x97, 0x2E, 0xCC, 0x13}, 4}, {{0x3C, 0x2E, 0xCC, 0x13}, 4}, {{0x17, 0x18, 0xCC, 0x13}, 4}, {{0x8C, 0x11, 0x00}, 3},
		{{0x00, 0x80, 0x00, 0x01, 0x01, 0x00}, 6}};
	char text[24];
	double seconds;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(mbus_date(good[i].bytes, good[i].size, &seconds, text));
		assert_string_equal(text, good[i].text);
		assert_near(seconds, good[i].seconds, 0.5);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (mbus_date(bad[i].bytes, bad[i].size, &seconds, text))
			fail_msg("date %zu is taken as %s", i, text);
}

static const struct mbus_record *only(struct mbus_telegram *t, const char *text)
{
	struct error e = ERROR_INIT;

	mbus_telegram_clear(t);
	if (read_records_of(text, t, &e) != 0)
		fail_msg("%s", e.text);
	assert_int_equal(t->records, 1);
	return &t->record[0];
}

static void each_data_type_gives_its_value(void **state)
{
	static const struct { const char *text; double value; const char *unit; } cases[] = {
		{"01 66 F6", -1, "degC"}, {"02 FD 48 44 09", 237.2, "V"}, {"03 FD 59 BE FF FF", -0.066, "A"},
		{"05 2E B1 D1 2E BE", -170.7217, "W"}, {"06 03 00 00 00 00 00 01", 1099511627776.0, "Wh"},
		{"07 03 FF FF FF FF FF FF FF FF", -1, "Wh"}, {"09 66 12", 1.2, "degC"}, {"0A 5A 88 12", 128.8, "degC"},
		{"0B 61 23 77 00", 77.23, "K"}, {"0C 15 03 00 00 00", 0.3, "m3"}, {"0E 06 56 34 12 00 00 F0", -123456000, "Wh"},
		{"04 0F 02 00 00 00", 20000000, "J"}, {"04 FB 09 02 00 00 00", 2e9, "J"}, {"04 FB 01 02 00 00 00", 2e6, "Wh"},
		{"04 36 24 00 00 00", 10000, "W"}, {"02 41 0A 00", 6e-4, "m3/h"}, {"02 48 0A 00", 3.6e-5, "m3/h"},
		{"02 FB 2E F4 01", 50, "Hz"}, {"02 FB 16 05 00", 500, "var"}, {"02 26 02 00", 7200, "s"}, {"0D 78 C2 34 12", 1234, "1"},
		{"0D 78 D1 34", -34, "1"}, {"0D 78 E2 FE FF", -2, "1"}, {"02 83 7D 05 00", 5000, "Wh"}, {"02 83 74 05 00", 0.05, "Wh"},
		{"02 DA 7B 64 00", 11, "degC"}, {"02 FF 07 05 00", 5, "1"}};
	struct mbus_telegram t = {.frames = 0};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct mbus_record *r = only(&t, cases[i].text);

		if (!r->valid || fabs(r->value - cases[i].value) > 1e-6 * fabs(cases[i].value) || strcmp(r->meaning.unit, cases[i].unit) != 0)
			fail_msg("%s gives %.9g %s, expected %.9g %s", cases[i].text, r->value, r->meaning.unit, cases[i].value, cases[i].unit);
	}
	mbus_telegram_free(&t);
}

static void what_a_meter_marks_as_no_value_is_none(void **state)
{
	static const struct { const char *text, *why; } cases[] = {{"02 5A 00 80", "the meter marks it invalid"},
		{"0A 5A 3E 12", "the meter marks it invalid"}, {"05 5B 00 00 C0 7F", "the meter marks it invalid"},
		{"04 6D 80 00 00 00", "no valid date"}, {"04 86 15 01 00 00 00", "the meter reports: no data available"},
		{"04 86 18 01 00 00 00", "the meter reports: data error"}, {"04 86 10 01 00 00 00", "the meter reports: error 10h"}};
	struct mbus_telegram t = {.frames = 0};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct mbus_record *r = only(&t, cases[i].text);

		assert_false(r->valid);
		assert_true(isnan(r->value));
		assert_string_equal(r->why, cases[i].why);
	}
	mbus_telegram_free(&t);
}

static void storage_tariff_and_subunit_are_put_together_from_all_difes(void **state)
{
	struct mbus_telegram t = {.frames = 0};
	const struct mbus_record *r = only(&t, "C4 EF 9A 01 06 00 00 00 00");

	(void)state;
	/* DIF bit 6: 1; EFh: F, tariff 2, subunit 1; 9Ah: A, 1, 0; 01h: 1, 0, 0 */
	assert_int_equal(r->storage, 1 + (0xF << 1) + (0xA << 5) + (0x1 << 9));
	assert_int_equal(r->tariff, 2 + (1 << 2));
	assert_int_equal(r->subunit, 1);
	r = only(&t, "84 80 40 14 00 00 00 00");
	assert_int_equal(r->subunit, 2);
	mbus_telegram_free(&t);
}

static void plain_text_units_of_a_real_meter_are_read_backwards(void **state)
{
	struct mbus_telegram t = {.frames = 0};

	(void)state;
	read_hex(ELVACO, &t);
	assert_string_equal(t.header.id, "24011561");
	assert_string_equal(t.header.manufacturer, "ELV");
	assert_true(t.more);
	assert_string_equal(t.record[1].meaning.unit, "%RH");
	assert_near(t.record[1].value, 54.10, 1e-9);
	assert_int_equal(t.record[2].function, MBUS_MINIMUM);
	assert_near(t.record[2].value, 33.64, 1e-9);
	assert_string_equal(t.record[4].meaning.quantity, "external_temperature");
	assert_near(t.record[4].value, 20.94, 1e-9);
	assert_int_equal(t.record[8].storage, 1);
	mbus_telegram_free(&t);
}

static void high_byte_first_gives_the_same_as_low_byte_first(void **state)
{
	static const char *const records[] = {"04 06 D2 04 00 00 02 59 AC 0D 0C 78 78 56 34 12 02 FC 03 48 52 25 74 22 15 0D 11 03 43 42 41",
		"04 06 00 00 04 D2 02 59 0D AC 0C 78 12 34 56 78 02 FC 03 25 52 48 74 15 22 0D 11 03 41 42 43"};
	static const char *const headers[] = {"78 56 34 12 2D 2C 35 04 07 00 00 00 ", "12 34 56 78 2C 2D 35 04 07 00 00 00 "};
	struct mbus_telegram t[2] = {{.frames = 0}, {.frames = 0}};

	(void)state;
	for (int i = 0; i < 2; i++) {
		char all[600];
		uint8_t bytes[300];
		struct mbus_frame frame;
		struct error e = ERROR_INIT;

		snprintf(all, sizeof(all), "%s%s", headers[i], records[i]);
		frame_of(bytes, seal(bytes, 5, i ? 0x76 : 0x72, all), &frame);
		must(mbus_telegram_add(&t[i], &frame, &e));
	}
	assert_true(mbus_header_same(&t[0].header, &t[1].header));
	assert_string_equal(t[1].header.id, "12345678");
	assert_int_equal(t[0].records, 5);
	assert_int_equal(t[1].records, 5);
	for (int i = 0; i < 5; i++) {
		assert_string_equal(t[0].record[i].text, t[1].record[i].text);
		assert_string_equal(t[0].record[i].meaning.unit, t[1].record[i].meaning.unit);
		if (i < 4)
			assert_near(t[0].record[i].value, t[1].record[i].value, 1e-12);
	}
	assert_string_equal(t[0].record[4].text, "ABC");
	mbus_telegram_free(&t[0]);
	mbus_telegram_free(&t[1]);
}

static void two_telegrams_of_one_meter_are_one_and_of_two_are_refused(void **state)
{
	struct mbus_telegram t = {.frames = 0};
	uint8_t bytes[300];
	struct mbus_frame frame;
	struct error e = ERROR_INIT;
	int first;

	(void)state;
	read_hex(POLLUTHERM, &t);
	assert_true(t.more);
	first = t.records;
	read_hex(POLLUTHERM, &t);
	assert_int_equal(t.records, 2 * first);
	assert_int_equal(t.frames, 2);
	frame_of(bytes, hex_bytes(MINOCAL, bytes), &frame);
	assert_int_equal(mbus_telegram_add(&t, &frame, &e), -1);
	assert_sentence(&e, "the telegram before was of meter 21050076184E3104, this one is of 314250844D6A8104");
	mbus_telegram_free(&t);
}

static void every_telegram_cut_anywhere_and_sealed_again_is_refused_or_whole_records(void **state)
{
	static const char *const frames[] = {ELVACO, POLLUTHERM, MINOCAL};
	struct mbus_telegram whole = {.frames = 0}, t = {.frames = 0};
	uint8_t bytes[300], made[300];

	(void)state;
	for (size_t f = 0; f < sizeof(frames) / sizeof(frames[0]); f++) {
		int n = hex_bytes(frames[f], bytes);

		mbus_telegram_clear(&whole);
		read_hex(frames[f], &whole);
		for (int size = 0; size < n - 9; size++) {
			struct mbus_frame frame;
			struct error e = ERROR_INIT;
			int made_size = mbus_frame_long(made, 8, 1, 0x72, bytes + MBUS_USER_DATA, size), result;

			frame_of(made, made_size, &frame);
			mbus_telegram_clear(&t);
			result = mbus_telegram_add(&t, &frame, &e);
			assert_true(result == 0 || strstr(e.text, "byte ") != NULL);
			assert_true(t.records <= whole.records);
			for (int i = 0; i < t.records; i++)
				if (t.record[i].valid && t.record[i].content == MBUS_NUMBER)
					assert_true(t.record[i].value == whole.record[i].value);
		}
	}
	mbus_telegram_free(&whole);
	mbus_telegram_free(&t);
}

static void random_bytes_do_no_harm(void **state)
{
	struct mbus_telegram t = {.frames = 0};
	unsigned seed = 7;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		uint8_t data[252], made[300];
		struct mbus_frame frame;
		int size = 12 + rand_r(&seed) % 240;

		for (int k = 0; k < size; k++)
			data[k] = (uint8_t)rand_r(&seed);
		data[11] = 0; /* not encrypted */
		frame_of(made, mbus_frame_long(made, 8, 1, i % 2 ? 0x72 : 0x76, data, size), &frame);
		mbus_telegram_clear(&t);
		mbus_telegram_add(&t, &frame, NULL);
		for (int r = 0; r < t.records; r++)
			assert_true(t.record[r].at >= 19 && t.record[r].at + t.record[r].size <= frame.size - 2);
	}
	mbus_telegram_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(integers_have_a_sign_and_a_value_that_stands_for_none),
		cmocka_unit_test(bcd_has_two_digits_a_byte_and_a_minus_for_its_highest),
		cmocka_unit_test(dates_are_days_that_exist),
		cmocka_unit_test(each_data_type_gives_its_value),
		cmocka_unit_test(what_a_meter_marks_as_no_value_is_none),
		cmocka_unit_test(storage_tariff_and_subunit_are_put_together_from_all_difes),
		cmocka_unit_test(plain_text_units_of_a_real_meter_are_read_backwards),
		cmocka_unit_test(high_byte_first_gives_the_same_as_low_byte_first),
		cmocka_unit_test(two_telegrams_of_one_meter_are_one_and_of_two_are_refused),
		cmocka_unit_test(every_telegram_cut_anywhere_and_sealed_again_is_refused_or_whole_records),
		cmocka_unit_test(random_bytes_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

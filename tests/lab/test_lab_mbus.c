/* The lab's M-Bus against frames of real meters (../shared/data/mbus-frames): what they send must be frames to it, what they
 * are called must be spelt as it spells itself. */
#include "fixtures/lab/instrument_mbus.h"

#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define FRAMES "../shared/data/mbus-frames/"

static glob_t frames;

static int read_hex(const char *path, uint8_t *bytes, int room)
{
	FILE *f = fopen(path, "r");
	unsigned value;
	int count = 0;

	assert_non_null(f);
	while (count < room && fscanf(f, "%2x", &value) == 1)
		bytes[count++] = (uint8_t)value;
	fclose(f);
	return count;
}

static void frames_of_real_meters_are_whole_and_right(void **state)
{
	uint8_t bytes[2 * MBUS_FRAME];

	(void)state;
	for (size_t i = 0; i < frames.gl_pathc; i++) {
		int count = read_hex(frames.gl_pathv[i], bytes, sizeof(bytes));

		assert_int_equal(mbus_frame_length(bytes, count), count);
		assert_true(mbus_frame_right(bytes, count));
		for (int n = 1; n < count; n++)
			assert_int_equal(mbus_frame_length(bytes, n), 0);
		for (int n = 4; n < count; n++) {
			bytes[n] ^= 0x10;
			assert_false(mbus_frame_right(bytes, count));
			bytes[n] ^= 0x10;
		}
	}
}

/* A meter's answer to REQ_UD2; returns the length. */
static int ask(uint8_t *said)
{
	static const uint8_t request[] = {0x10, 0x7b, 0x05, 0x80, 0x16};
	struct plant_heat_meter heat = {.energy_kwh = 12345.9,
		.volume_m3 = 678.919,
		.power_w = 4321,
		.lph = 812.4,
		.supply = 35.5,
		.back = 30.12,
		.hours = 99.9};
	struct mbus_meter meter = {.base = {.unit = 5}, .heat = &heat, .identity = 14839120};
	struct value_faults none = {0};

	mbus_meter_init(&meter);
	assert_true(mbus_frame_right(request, mbus_frame_length(request, 5)));
	return meter.base.kind->talk(&meter.base, (const char *)request, 5, &none, 0, (char *)said);
}

static void a_telegram_has_eight_records_in_their_units(void **state)
{
	uint8_t said[MBUS_FRAME];
	int length = ask(said);

	(void)state;
	assert_int_equal(length, 63);
	assert_int_equal(mbus_frame_length(said, length), length);
	assert_true(mbus_frame_right(said, length));
	/* energy 12345 kWh, volume 67891 of 0.01 m3, 99 h, 43 of 100 W, 812 l/h, 35.50, 30.12, 5.38 */
	assert_memory_equal(said + 19,
		"\x04\x06\x39\x30\x00\x00\x04\x14\x33\x09\x01\x00\x04\x22\x63\x00\x00\x00\x04\x2d\x2b\x00\x00\x00"
		"\x04\x3b\x2c\x03\x00\x00\x02\x59\xde\x0d\x02\x5d\xc4\x0b\x02\x61\x1a\x02",
		42);
}

static void a_telegram_begins_as_a_real_kamstrups(void **state)
{
	uint8_t real[2 * MBUS_FRAME], said[MBUS_FRAME];

	(void)state;
	ask(said);
	read_hex(FRAMES "kamstrup_382_005.hex", real, sizeof(real));
	assert_memory_equal(said + 7, real + 7, 6); /* identity 14839120, manufacturer KAM */
	assert_int_equal(said[4], real[4]);
	assert_int_equal(said[6], real[6]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_telegram_has_eight_records_in_their_units),
		cmocka_unit_test(frames_of_real_meters_are_whole_and_right),
		cmocka_unit_test(a_telegram_begins_as_a_real_kamstrups),
	};
	const struct CMUnitTest alone[] = {cmocka_unit_test(a_telegram_has_eight_records_in_their_units)};
	int result;

	cmocka_set_message_output(CM_OUTPUT_TAP);
	if (glob(FRAMES "*.hex", 0, NULL, &frames) == 0) {
		result = cmocka_run_group_tests(tests, NULL, NULL);
		globfree(&frames);
		return result;
	}
	result = cmocka_run_group_tests(alone, NULL, NULL);
	puts("ok 2 - frames_of_real_meters_are_whole_and_right # SKIP " FRAMES " is absent");
	puts("ok 3 - a_telegram_begins_as_a_real_kamstrups # SKIP " FRAMES " is absent");
	return result;
}

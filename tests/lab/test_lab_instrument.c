/* Registers as a master sees them, held against frames and figures of the facts (BENCHES E1, G1), not of the
 * lab. */
#include "fixtures/lab/instrument_odu.h"
#include "fixtures/lab/instrument_sdm120.h"
#include "fixtures/lab/lab_frame.h"
#include "fixtures/lab/lab_noise.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct value_faults no_faults;

static struct odu make_odu(struct plant_pump **plant)
{
	struct plant_pump_config config = PLANT_PUMP_DEFAULTS;
	struct odu odu = {.base = {.name = "odu1", .unit = 1, .id = 1, .seed = 1}};

	*plant = plant_pump_open(&config);
	assert_non_null(*plant);
	odu.plant = *plant;
	odu_init(&odu, 2, 3);
	return odu;
}

static double no_supply(const void *plant)
{
	(void)plant;
	return 0;
}

static struct sdm120 make_meter(void)
{
	struct sdm120 meter = {.base = {.name = "meter", .unit = 1, .id = 3, .seed = 1},
		.supply = no_supply,
		.energy_wh = 123456.7};

	sdm120_init(&meter, 0x12345678);
	return meter;
}

static void published_frames_have_the_crc_that_is_reckoned_here(void **state)
{
	static const uint8_t frames[][8] = {
		{0x01, 0x04, 0x00, 0x00, 0x00, 0x02, 0x71, 0xcb},
		{0x01, 0x04, 0x00, 0x0c, 0x00, 0x02, 0xb1, 0xc8},
		{0x01, 0x04, 0x00, 0x48, 0x00, 0x02, 0xf1, 0xdd},
	};
	static const uint8_t reply[] = {0x04, 0x04, 0x43, 0x66, 0x33, 0x33};
	uint8_t frame[FRAME_BYTES];

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(lab_frame_crc(frames[i], 8), 0);
		assert_int_equal(lab_frame_rtu_length(frames[i], 8), 8);
	}
	assert_int_equal(lab_frame_rtu(frame, 1, reply, sizeof(reply)), 9);
	assert_int_equal(frame[7], 0x5a);
	assert_int_equal(frame[8], 0xfa);
}

static void a_float_goes_out_high_word_first(void **state)
{
	struct sdm120 meter = make_meter();
	uint16_t words[2];

	(void)state;
	meter.base.value[0] = 230.2; /* the published reply: 43 66 33 33 */
	assert_int_equal(instrument_read(&meter.base, 4, 0, 2, &no_faults, words), MODBUS_OK);
	assert_int_equal(words[0], 0x4366);
	assert_int_equal(words[1], 0x3333);
	assert_int_equal(instrument_read(&meter.base, 3, 0xfc00, 2, &no_faults, words), MODBUS_OK);
	assert_int_equal(words[0], 0x1234);
	assert_int_equal(words[1], 0x5678);
}

static void the_meter_answers_blocks_with_gaps_and_refuses_what_lies_outside(void **state)
{
	struct sdm120 meter = make_meter();
	uint16_t words[128];

	(void)state;
	assert_int_equal(instrument_read(&meter.base, 4, 0, 80, &no_faults, words), MODBUS_OK);
	assert_int_equal(words[2], 0);
	assert_int_equal(instrument_read(&meter.base, 4, 0, 81, &no_faults, words), MODBUS_VALUE);
	assert_int_equal(instrument_read(&meter.base, 4, 0x015a, 2, &no_faults, words), MODBUS_ADDRESS);
	assert_int_equal(instrument_read(&meter.base, 3, 0x0000, 2, &no_faults, words), MODBUS_ADDRESS);
	assert_int_equal(instrument_read(&meter.base, 4, 0, 0, &no_faults, words), MODBUS_VALUE);
}

static void the_units_block_is_readable_in_one_piece_and_its_edges_are_refused(void **state)
{
	struct plant_pump *plant;
	struct odu odu = make_odu(&plant);
	uint16_t words[64];

	(void)state;
	assert_int_equal(instrument_read(&odu.base, 3, 2099, 40, &no_faults, words), MODBUS_OK);
	assert_in_range(words[2133 - 2099], 4990, 5010); /* 20 degC: (raw - 3000) * 0.01 */
	assert_int_equal(words[2122 - 2099], 0x0203);
	assert_int_equal(words[2106 - 2099], 0);
	assert_int_equal(instrument_read(&odu.base, 3, 2099, 41, &no_faults, words), MODBUS_ADDRESS);
	assert_int_equal(instrument_read(&odu.base, 3, 2098, 1, &no_faults, words), MODBUS_ADDRESS);
	assert_false(instrument_serves(&odu.base, 4));
	plant_pump_close(plant);
}

static void the_unit_takes_only_what_its_registers_can_mean(void **state)
{
	struct plant_pump *plant;
	struct odu odu = make_odu(&plant);
	struct pump_truth t;

	(void)state;
	assert_int_equal(instrument_write(&odu.base, SPACE_HOLDING, 2015, 1, (uint16_t[]){1001}, 0), MODBUS_VALUE);
	assert_int_equal(instrument_write(&odu.base, SPACE_HOLDING, 2010, 1, (uint16_t[]){1}, 0), MODBUS_VALUE);
	assert_int_equal(instrument_write(&odu.base, SPACE_HOLDING, 2137, 1, (uint16_t[]){1}, 0), MODBUS_ADDRESS);
	assert_int_equal(instrument_write(&odu.base, SPACE_HOLDING, 2010, 1, (uint16_t[]){4096}, 0), MODBUS_OK);
	assert_int_equal(instrument_write(&odu.base, SPACE_HOLDING, 2015, 1, (uint16_t[]){850}, 0), MODBUS_OK);
	plant_pump_truth(plant, PLANT_AWMT, &t);
	assert_true(t.relay);
	assert_int_equal(t.duty, 850);
	plant_pump_close(plant);
}

static void value_faults_change_what_is_shown_and_not_what_is_true(void **state)
{
	struct sdm120 meter = make_meter();
	double mark[INSTRUMENT_VALUES];
	struct value_faults frozen = {.frozen = mark}, broken = {.nan = true};
	uint16_t before[2], words[2];

	(void)state;
	memcpy(mark, meter.base.value, sizeof(mark));
	assert_int_equal(instrument_read(&meter.base, 4, 0, 2, &no_faults, before), MODBUS_OK);
	meter.base.value[0] += 5;
	assert_int_equal(instrument_read(&meter.base, 4, 0, 2, &frozen, words), MODBUS_OK);
	assert_memory_equal(before, words, sizeof(words));
	assert_int_equal(instrument_read(&meter.base, 4, 0, 2, &broken, words), MODBUS_OK);
	assert_int_equal(words[0] & 0x7fc0, 0x7fc0);
	assert_int_equal(instrument_read(&meter.base, 4, 0, 2, &no_faults, words), MODBUS_OK);
	assert_memory_not_equal(before, words, sizeof(words));
}

static void noise_has_mean_0_and_deviation_1_and_no_memory(void **state)
{
	double sum = 0, squares = 0;
	int n = 20000;

	(void)state;
	for (int i = 0; i < n; i++) {
		double x = lab_noise_normal(1, 2, 3, i);

		sum += x;
		squares += x * x;
	}
	assert_true(fabs(sum / n) < 0.03);
	assert_true(fabs(squares / n - 1) < 0.03);
	assert_true(lab_noise_normal(1, 2, 3, 77) == lab_noise_normal(1, 2, 3, 77));
	assert_true(lab_noise_normal(1, 2, 3, 77) != lab_noise_normal(2, 2, 3, 77));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_frames_have_the_crc_that_is_reckoned_here),
		cmocka_unit_test(a_float_goes_out_high_word_first),
		cmocka_unit_test(the_meter_answers_blocks_with_gaps_and_refuses_what_lies_outside),
		cmocka_unit_test(the_units_block_is_readable_in_one_piece_and_its_edges_are_refused),
		cmocka_unit_test(the_unit_takes_only_what_its_registers_can_mean),
		cmocka_unit_test(value_faults_change_what_is_shown_and_not_what_is_true),
		cmocka_unit_test(noise_has_mean_0_and_deviation_1_and_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* word_order of a device: for instruments that have it as a setting. */
#include "tests/script/fixture.h"

#include <math.h>

#define BUS "local b = modbus_tcp{ name = 'b', host = 'localhost' }\n"
#define END "return bench{ name = 'rig', tick = '1 s' }\n"

static const uint16_t high_first[] = {0x4366, 0x3334}; /* 230.2 */

static double voltage_of(const struct bench *bench, int device)
{
	const struct register_map *map = bench->device[device].map;
	double value = NAN;

	register_decode(&map->row[register_find(map, "voltage_1")], high_first, &value);
	return value;
}

static void two_meters_with_one_map_may_differ_in_word_order(void **state)
{
	struct bench *bench = NULL;
	struct error e = ERROR_INIT;

	(void)state;
	if (bench_file_read(&bench, fixture_write("two.lua", BUS
		"device{ name = 'swapped', bus = b, unit = 1, map = 'shelly-pro-3em', word_order = 'high-first' }\n"
		"device{ name = 'plain', bus = b, unit = 2, map = 'shelly-pro-3em' }\n"
		"device{ name = 'same', bus = b, unit = 3, map = 'shelly-pro-3em', word_order = 'low-first' }\n"
		"channel{ name = 'v', from = 'plain.voltage_1' }\n" END), &e) != 0)
		fail_msg("%s", e.text);
	assert_true(fabs(voltage_of(bench, 0) - 230.2) < 1e-4);
	assert_true(fabs(voltage_of(bench, 1)) < 1e-6);
	assert_true(fabs(voltage_of(bench, 2)) < 1e-6);
	bench_free(bench);
}

static void a_row_that_says_its_order_keeps_it(void **state)
{
	struct bench *bench = NULL;
	struct error e = ERROR_INIT;
	const struct register_map *map;

	(void)state;
	if (bench_file_read(&bench, fixture_write("own.lua", BUS
		"device{ name = 'm', bus = b, unit = 1, map = 'em24', word_order = 'high-first' }\n"
		"channel{ name = 'v', from = 'm.voltage_1' }\n" END), &e) != 0)
		fail_msg("%s", e.text);
	map = bench->device[0].map;
	assert_int_equal(map->row[register_find(map, "serial_1")].order, WORDS_HIGH_FIRST);
	assert_int_equal(map->row[register_find(map, "power")].order, WORDS_HIGH_FIRST);
	bench_free(bench);
}

static void another_word_is_refused_with_the_choices(void **state)
{
	struct bench *bench = NULL;
	struct error e = ERROR_INIT;

	(void)state;
	assert_int_equal(bench_file_read(&bench, fixture_write("bad.lua", BUS
		"device{ name = 'm', bus = b, unit = 1, map = 'sdm120', word_order = 'swapped' }\n" END), &e), -1);
	assert_sentence(&e, "device.word_order = \"swapped\": expected one of map, high-first, low-first");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_meters_with_one_map_may_differ_in_word_order),
		cmocka_unit_test(a_row_that_says_its_order_keeps_it),
		cmocka_unit_test(another_word_is_refused_with_the_choices),
	};

	return cmocka_run_group_tests_name("word order", tests, NULL, fixture_remove);
}

/* Bench files and maps with M-Bus meters: what they mean, and what is said about a wrong one. */
#include "tests/script/fixture.h"

#include "daq/device/mbus_key.h"
#include "daq/script/map_file.h"

#include <math.h>

#define BUS "local m = mbus{ name = 'mbus', port = '/dev/ttyUSB0' }\n"
#define END "return bench{ name = 'meters' }\n"

static void refused_bench(const char *text, const char *sentence)
{
	struct error e = ERROR_INIT;
	struct bench *bench = NULL;

	if (bench_file_read(&bench, fixture_write("bad.lua", text), &e) == 0) {
		bench_free(bench);
		fail_msg("was taken, expected: %s", sentence);
	}
	if (!strstr(e.text, sentence))
		fail_msg("\"%s\" does not say \"%s\"", e.text, sentence);
}

static void meters_have_a_bus_an_address_and_points(void **state)
{
	static const char text[] = BUS
		"local g = mbus_tcp{ name = 'gate', host = '10.0.0.9', tcp_port = 10001, baud = 9600, retries = 2 }\n"
		"dut{ name = 'hp5', kind = 'heat_pump' }\n"
		"local a = device{ name = 'hm5', bus = m, map = 'kamstrup-403-mbus', unit = 5, identity = { serial = '12345678' } }\n"
		"local b = device{ name = 'hm6', bus = m, map = 'mbus-heat', secondary = '123456792D2CFFFF' }\n"
		"local c = device{ name = 'em', bus = g, map = 'mbus-electricity', unit = 0, application_reset = 0x10 }\n"
		"channel{ name = 'hp5_heat_energy', from = a.energy, dut = 'hp5', role = 'heat_energy', every = '10 s' }\n"
		"channel{ name = 'hp6_flow', from = b.flow, every = '10 s' }\n"
		"channel{ name = 'power', from = c.power, every = '10 s' }\n" END;
	struct error e = ERROR_INIT;
	struct bench *bench = NULL;

	(void)state;
	if (bench_file_read(&bench, fixture_write("meters.lua", text), &e) != 0)
		fail_msg("%s", e.text);
	assert_int_equal(bench->bus[0].kind, BUS_MBUS);
	assert_int_equal(bench->bus[0].bytes.baud, 2400);
	assert_int_equal(bench->bus[0].bytes.parity, 'E');
	assert_true(bench->bus[0].bytes.response_timeout > 300000000);
	assert_int_equal(bench->bus[0].retries, 1);
	assert_int_equal(bench->bus[1].bytes.kind, BYTES_TCP);
	assert_int_equal(bench->bus[1].bytes.tcp_port, 10001);
	assert_int_equal(bench->device[0].unit, 5);
	assert_int_equal(bench->device[0].on_mbus.reset, -1);
	assert_string_equal(bench->device[0].expect[0].value, "12345678");
	assert_string_equal(bench->device[1].on_mbus.secondary, "123456792D2CFFFF");
	assert_int_equal(bench->device[2].on_mbus.reset, 0x10);
	assert_string_equal(bench->channel[0].unit, "kWh");
	assert_int_equal(bench->channel[0].kind, KIND_COUNTER);
	bench_free(bench);
}

static void wrong_addresses_are_refused(void **state)
{
	(void)state;
	refused_bench(BUS "device{ name = 'a', bus = m, map = 'mbus-heat' }\n" END, "a meter has either unit = its primary address (0 to 250)");
	refused_bench(BUS "device{ name = 'a', bus = m, map = 'mbus-heat', unit = 1, secondary = '12345678' }\n" END, "a meter has either");
	refused_bench(BUS "device{ name = 'a', bus = m, map = 'mbus-heat', unit = 251 }\n" END, "device.unit = 251 is no primary address");
	refused_bench(BUS "device{ name = 'a', bus = m, map = 'mbus-heat', secondary = '1234' }\n" END,
		"device.secondary: secondary address '1234': wrong length: expected the 8 digits");
	refused_bench(BUS "device{ name = 'a', bus = m, map = 'mbus-heat', unit = 1 }\ndevice{ name = 'b', bus = m, map = 'mbus-heat', unit = 1 }\n" END,
		"unit 1 of bus 'mbus' is 'a' already");
	refused_bench(BUS "device{ name = 'a', bus = m, map = 'mbus-heat', secondary = '12345678' }\n"
			  "device{ name = 'b', bus = m, map = 'mbus-heat', secondary = '123456782D2CFFFF' }\n" END,
		"device.secondary: meter 12345678 of bus 'mbus' is 'a' already");
	refused_bench("local r = modbus_rtu{ name = 'r', port = '/dev/x', baud = 9600, parity = 'N' }\n"
		      "device{ name = 'a', bus = r, map = 'sdm120', secondary = '12345678', unit = 1 }\n" END,
		"device.secondary: bus 'r' is no M-Bus");
	refused_bench("local r = modbus_rtu{ name = 'r', port = '/dev/x', baud = 9600, parity = 'N' }\n"
		      "device{ name = 'a', bus = r, map = 'sdm120' }\n" END, "device: 'unit' is missing");
}

static void wrong_buses_and_maps_are_refused(void **state)
{
	(void)state;
	refused_bench(BUS "device{ name = 'a', bus = m, map = 'sdm120', unit = 1 }\n" END,
		"map 'sdm120' is of registers, and bus 'mbus' gives M-Bus");
	refused_bench(BUS "local x = mbus{ name = 'other', port = '/dev/ttyUSB0' }\n" END, "mbus.port: /dev/ttyUSB0 is bus 'mbus' already");
	refused_bench("mbus{ name = 'm', port = '/dev/x', baud = 100 }\n" END, "mbus.baud = 100");
	refused_bench("mbus{ name = 'm', port = '/dev/x', retries = 3 }\n" END, "mbus.retries = 3");
	refused_bench("mbus_tcp{ name = 'm', host = 'x' }\n" END, "mbus_tcp: 'tcp_port' is missing");
	refused_bench(BUS "local a = device{ name = 'a', bus = m, map = 'mbus-heat', unit = 1, identity = { firmware = '1' } }\n" END,
		"map mbus-heat cannot tell 'firmware'");
	refused_bench(BUS "local a = device{ name = 'a', bus = m, map = 'mbus-heat', unit = 1 }\n"
			  "channel{ name = 'e', from = a.energy, output = true }\n" END, "channel");
}

static void refused_map(const char *points, const char *sentence)
{
	char text[600];
	struct error e = ERROR_INIT;
	struct register_map *map = NULL;

	snprintf(text, sizeof(text), "return mbus_map{ name = 'mine', title = 't', manual = 'm', points = { %s } }\n", points);
	if (map_file_read(&map, fixture_write("mine.lua", text), &e) == 0) {
		register_map_free(map);
		fail_msg("was taken, expected: %s", sentence);
	}
	if (!strstr(e.text, sentence))
		fail_msg("\"%s\" does not say \"%s\"", e.text, sentence);
}

static void keys_that_name_nothing_are_refused_with_the_nearest_name(void **state)
{
	(void)state;
	refused_map("{ name = 'a', key = 'enrgy', unit = 'kWh' }", "point 'a': key 'enrgy': 'enrgy' is no quantity of M-Bus (did you mean 'energy'?)");
	refused_map("{ name = 'a', key = 'energy', unit = 'W' }", "key 'energy': a value in 'Wh' cannot be given in 'W'");
	refused_map("{ name = 'a', key = 'energy storge=1', unit = 'kWh' }", "'storge': expected storage=, tariff=");
	refused_map("{ name = 'a', key = 'energy tariff=-1', unit = 'kWh' }", "tariff = '-1': expected a number from 0");
	refused_map("{ name = 'a', key = 'energy function=mean', unit = 'kWh' }", "function = 'mean': expected instantaneous, maximum or minimum");
	refused_map("{ name = 'a', key = 'power vife=f', unit = 'W' }", "vife = 'f': expected pairs of hex digits");
	refused_map("{ name = 'a', key = 'power nth=0', unit = 'W' }", "nth = 0: the first is 1");
	refused_map("{ name = 'a', key = 'power', unit = 'W' }, { name = 'b', key = 'power', unit = 'kW' }", "have the same key 'power'");
	refused_map("{ name = 'a', key = 'power', unit = 'W', writable = true }", "writable");
}

static void a_key_says_all_that_tells_records_apart(void **state)
{
	struct mbus_key key;
	struct error e = ERROR_INIT;

	(void)state;
	assert_int_equal(mbus_key_parse("power storage=3 tariff=2 subunit=1 function=max vife=FF01 nth=2", &key, &e), 0);
	assert_string_equal(key.quantity, "power");
	assert_string_equal(key.unit, "W");
	assert_int_equal(key.storage, 3);
	assert_int_equal(key.tariff, 2);
	assert_int_equal(key.subunit, 1);
	assert_int_equal(key.function, MBUS_MAXIMUM);
	assert_int_equal(key.vifes, 2);
	assert_int_equal(key.vife[0], 0x7F);
	assert_int_equal(key.nth, 2);
}

/* An EMU Professional: three phases under VIFEs of its maker, minimum and maximum beside the value. */
static void a_key_finds_its_record_and_no_other(void **state)
{
	static const struct { const char *key, *unit; double value; } cases[] = {{"voltage vife=7F01", "V", 225.7},
		{"voltage vife=7F01 function=minimum", "V", 187.4}, {"voltage vife=ff01 function=max", "V", 241.0},
		{"energy tariff=1", "Wh", 1364}, {"energy tariff=1 subunit=2", "kWh", 7.854}, {"power", "W", -2},
		{"power subunit=2", "kW", 0.014}, {"current", "A", -0.066}, {"reset_counter", "1", 56}, {"makers vife=52", "1", 500},
		{"id", "1", 32629}, {"status", "1", 0}, {"access", "1", 2}};
	static const char *const absent[] = {"voltage", "energy", "energy tariff=3", "power nth=2", "flow", "power storage=1"};
	static const uint8_t head[] = {0x68, 0, 0, 0x68, 0x08, 0x00, 0x72, 0x29, 0x26, 0x03, 0x00, 0xB5, 0x15, 0x10, 0x02, 0x02, 0, 0, 0};
	static const uint8_t records[] = {0x84, 0x10, 0x03, 0x54, 0x05, 0, 0, 0x84, 0x90, 0x40, 0x03, 0xAE, 0x1E, 0, 0, 0x04, 0xAB, 0xFF,
		0x01, 0xFE, 0xFF, 0xFF, 0xFF, 0x04, 0x2B, 0xFE, 0xFF, 0xFF, 0xFF, 0x84, 0x80, 0x40, 0x2B, 0x0E, 0, 0, 0, 0x02, 0xFD, 0xC8,
		0xFF, 0x01, 0xD1, 0x08, 0x22, 0xFD, 0xC8, 0xFF, 0x01, 0x52, 0x07, 0x12, 0xFD, 0xC8, 0xFF, 0x01, 0x6A, 0x09, 0x03, 0xFD, 0x59,
		0xBE, 0xFF, 0xFF, 0x02, 0xFF, 0x52, 0xF4, 0x01, 0x02, 0xFD, 0x60, 0x38, 0};
	uint8_t frame[MBUS_FRAME_MAX], data[MBUS_FRAME_MAX];
	int size = (int)(sizeof(head) - MBUS_USER_DATA);
	double value = 0;

	(void)state;
	memcpy(data, head + MBUS_USER_DATA, (size_t)size);
	memcpy(data + size, records, sizeof(records));
	size = mbus_frame_long(frame, 0x08, 0, 0x72, data, size + (int)sizeof(records));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct error e = ERROR_INIT;

		if (mbus_key_show(cases[i].key, cases[i].unit, frame, (size_t)size, &value, &e) != 0)
			fail_msg("%s: %s", cases[i].key, e.text);
		if (fabs(value - cases[i].value) > 1e-9)
			fail_msg("%s gives %.9g, expected %.9g", cases[i].key, value, cases[i].value);
	}
	for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++) {
		struct error e = ERROR_INIT;

		assert_int_equal(mbus_key_show(absent[i], i < 1 ? "V" : i < 3 ? "Wh" : i == 4 ? "l/h" : "W", frame, (size_t)size, &value, &e), -1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(meters_have_a_bus_an_address_and_points),
		cmocka_unit_test(wrong_addresses_are_refused),
		cmocka_unit_test(wrong_buses_and_maps_are_refused),
		cmocka_unit_test(keys_that_name_nothing_are_refused_with_the_nearest_name),
		cmocka_unit_test(a_key_says_all_that_tells_records_apart),
		cmocka_unit_test(a_key_finds_its_record_and_no_other),
	};

	fixture_environment();
	return cmocka_run_group_tests(tests, NULL, fixture_remove);
}

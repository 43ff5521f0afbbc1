/* Register maps: every shipped one holds, and what is said about a wrong one. */
#include "tests/script/fixture.h"

#include <math.h>

static void refused(const char *body, const char *sentence)
{
	struct register_map *map = NULL;
	struct error e = ERROR_INIT;
	char text[2048];

	snprintf(text, sizeof(text), "return register_map{ name = 'bad', title = 'T', manual = 'M', %s }\n", body);
	if (map_file_read(&map, fixture_write("bad.lua", text), &e) == 0) {
		register_map_free(map);
		fail_msg("was taken, expected: %s", sentence);
	}
	assert_sentence(&e, sentence);
}

#define ROW "read_function = 3, registers = { { name = 'a', address = 0, type = 'u16' } }"

static void every_shipped_map_is_sound_and_fits_its_examples(void **state)
{
	struct error e = ERROR_INIT;
	char **names = NULL;
	int count = 0;

	(void)state;
	assert_int_equal(map_file_list(&names, &e), 0);
	for (char **n = names; *n; n++, count++) {
		struct register_map *map = NULL;

		if (map_file_read(&map, *n, &e) != 0 || register_map_check(map, &e) != 0 || register_map_prove(map, &e) != 0)
			fail_msg("%s", e.text);
		assert_string_equal(map->name, *n);
		assert_true(map->rows > 0 && map->manual[0]);
		assert_true(map->check < 0 || map->row[map->check].kind == KIND_STATE); /* never a reading */
		register_map_free(map);
		free(*n);
	}
	free(names);
	assert_true(count >= 14);
}

static void only_a_map_with_a_frame_from_outside_is_verified(void **state)
{
	static const struct {
		const char *name;
		bool verified;
	} maps[] = {{"sdm120", true}, {"sdm230", true}, {"sdm630", true}, {"em111", true}, {"abb-b23", true}, {"em24", false},
		{"em340", false}, {"shelly-pro-3em", false}, {"keller-33x", false}, {"adam-4015", false}, {"excelog-6", false},
		{"generic-float", false}, {"quatt-odu", false}, {"belimo-mod", false}, {"cic-feed", false}, {"cic-redis", false}};
	struct error e = ERROR_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++) {
		struct register_map *map = NULL;

		assert_int_equal(map_file_read(&map, maps[i].name, &e), 0);
		assert_true(register_map_verified(map) == maps[i].verified);
		register_map_free(map);
	}
}

static void the_outdoor_unit_is_decoded_as_its_table_says(void **state)
{
	static const struct {
		const char *name;
		uint16_t raw;
		double value;
	} cases[] = {{"water_in_temperature", 5500, 25}, {"outside_temperature", 2500, -5}, {"ac_current", 23, 2.3},
		{"pump_power", 385, 38.5}, {"flow", 1000, 618}, {"pump_relay", 4096, 1}, {"pump_relay", 0, 0},
		{"pump_relay_state", 1 << 11, 1}, {"pump_relay_state", 0xf7ff, 0}, {"pump_failure", 1 << 13, 1}};
	struct register_map *map = NULL;
	struct error e = ERROR_INIT;
	double value;

	(void)state;
	assert_int_equal(map_file_read(&map, "quatt-odu", &e), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int row = register_find(map, cases[i].name);

		assert_true(row >= 0 && register_decode(&map->row[row], &cases[i].raw, &value));
		assert_true(fabs(value - cases[i].value) < 1e-9);
	}
	assert_int_equal(map->row[register_find(map, "pump_speed")].address, 2015);
	assert_int_equal(map->row[register_find(map, "flow")].function, 3);
	register_map_free(map);
}

static void the_serial_number_is_read_with_a_function_of_its_own(void **state)
{
	struct register_map *map = NULL;
	struct error e = ERROR_INIT;

	(void)state;
	assert_int_equal(map_file_read(&map, "sdm120", &e), 0);
	assert_int_equal(map->row[map->check].function, 3);
	assert_int_equal(map->row[map->check].address, 0xfc00);
	assert_int_equal(map->row[register_find(map, "power")].function, 4);
	assert_string_equal(map->identity_name[0], "serial");
	register_map_free(map);
}

static void a_wrong_map_is_refused_with_the_row(void **state)
{
	(void)state;
	refused("read_function = 3, registers = { { name = 'a', adress = 0, type = 'u16' } }",
		"bad.lua:1: register_map.registers[1]: unknown key 'adress' (did you mean 'address'?)");
	refused("read_function = 3, registers = { { name = 'a', address = 0, type = 'u61' } }",
		"register_map.registers[1].type = \"u61\": expected one of u16");
	refused("read_function = 3, registers = { { name = 'a', address = 0, type = 'u16', unit = 'blub' } }",
		"register 'a': unknown unit 'blub'");
	refused("read_function = 3, registers = { { name = 'a', address = 0, type = 'u16' }, { name = 'a', address = 1, type = 'u16' } }",
		"register 'a' is there twice");
	refused("read_function = 3, registers = { { name = 'a', address = 0, type = 'u32' }, { name = 'b', address = 1, type = 'u16' } }", "overlap");
	refused("read_function = 3, registers = { { name = 'a', address = 0, type = 'u16', scale = 0/0 } }", "scale is not a finite number");
	refused("read_function = 3, registers = { { name = 'a', address = 0, type = 'u16', refused = {} } }", "expected a list of 1 to 4 raw values");
	refused("read_function = 3, registers = { { name = 'a', address = 0, type = 'u16', min = 2, max = 1 } }", "min 2 is above max 1");
	refused("read_function = 3, registers = { { name = 'a', address = 0, type = 'u16', expect = { 2, 1 } } }", "expected {lowest, highest}");
	refused("registers = {}", "register_map: 'read_function' is missing");
	refused(ROW ", check = 'b'", "register_map.check: no register is called 'b'");
	refused(ROW ", identity = { serial = 'ab' }", "register_map.identity: no register is called 'ab' (did you mean 'a'?)");
	refused(ROW ", registers = 5", "register_map.registers: expected a list in braces {...}, got a number");
}

static void a_map_that_does_not_fit_its_example_is_refused(void **state)
{
	(void)state;
	refused(ROW ", examples = { { frame = '01 03 02 00 05 78 47', address = 0, name = 'a', value = 6, source = 's' } }",
		"gives a = 5 1, expected 6 (s)");
	refused(ROW ", examples = { { frame = '01 03 02 00 05 78 48', address = 0, name = 'a', value = 5, source = 's' } }", "fails its CRC");
	refused(ROW ", examples = { { frame = 'what', address = 0, name = 'a', value = 5, source = 's' } }", "is not a Modbus RTU reply");
}

static void rows_may_be_found_by_a_key(void **state)
{
	static const char feed[] = "return document_map{ name = 'feed', title = 'T', manual = 'M', points = {"
				   "{ name = 'power', key = 'hp1.powerInput', unit = 'W', nominal = 900 },"
				   "{ name = 'mode', key = 'hp1.getMainWorkingMode', kind = 'state' } } }";
	struct register_map *map = NULL;
	struct error e = ERROR_INIT;
	struct register_block block;

	(void)state;
	if (map_file_read(&map, fixture_write("feed.lua", feed), &e) != 0)
		fail_msg("%s", e.text);
	assert_int_equal(map->kind, MAP_DOCUMENT);
	assert_string_equal(map->row[1].key, "hp1.getMainWorkingMode");
	assert_true(map->row[1].kind == KIND_STATE && isnan(map->row[0].resolution) && map->check == -1);
	assert_int_equal(register_coalesce(map, (const int[]){0, 1}, 2, &block, 1, &e), 1); /* all in one read */
	register_map_free(map);
	assert_int_equal(map_file_read(&map, fixture_write("two.lua", "return mbus_map{ name = 'two', title = 'T', manual = 'M', points = {"
		"{ name = 'a', key = 'energy', unit = 'kWh' }, { name = 'b', key = 'energy', unit = 'kWh' } } }"), &e), -1);
	assert_sentence(&e, "'a' and 'b' have the same key 'energy'");
	error_clear(&e);
	assert_int_equal(map_file_read(&map, fixture_write("bad.lua", "return mbus_map{ name = 'bad', title = 'T', manual = 'M', points = {"
		"{ name = 'a', key = 'energy', adress = 1 } } }"), &e), -1);
	assert_sentence(&e, "mbus_map.points[1]: unknown key 'adress'");
}

static void a_map_is_named_as_its_file(void **state)
{
	struct register_map *map = NULL;
	struct error e = ERROR_INIT;

	(void)state;
	assert_int_equal(map_file_read(&map, fixture_write("other.lua", "return register_map{ name = 'bad', title = 'T', manual = 'M', " ROW " }"), &e), -1);
	assert_sentence(&e, "register_map.name = \"bad\": the file must then be called bad.lua");
	error_clear(&e);
	assert_int_equal(map_file_read(&map, fixture_write("none.lua", "local x = 1"), &e), -1);
	assert_sentence(&e, "holds no register_map{...}");
}

static void maps_of_the_lab_come_before_those_of_the_program(void **state)
{
	struct register_map *map = NULL;
	struct error e = ERROR_INIT;

	(void)state;
	fixture_write("sdm120.lua", "return register_map{ name = 'sdm120', title = 'ours', manual = 'M', " ROW " }");
	setenv("HEATBENCH_MAPS", fixture_folder, 1);
	assert_int_equal(map_file_read(&map, "sdm120", &e), 0);
	unsetenv("HEATBENCH_MAPS");
	assert_string_equal(map->title, "ours");
	register_map_free(map);
	assert_int_equal(map_file_read(&map, "sdm12", &e), -1);
	assert_sentence(&e, "there is no map 'sdm12' (did you mean 'sdm120'?)");
}

static void the_pump_recording_map_knows_the_columns_of_the_lab(void **state)
{
	struct recording_map map;
	struct error e = ERROR_INIT;
	char path[640];

	(void)state;
	snprintf(path, sizeof(path), "%s/benches/pump/recording.lua", data_directory());
	if (recording_map_read(&map, path, &e) != 0)
		fail_msg("%s", e.text);
	assert_string_equal(map.time_column, "time");
	assert_string_equal(map.dut_column, "pump_name");
	assert_string_equal(map.set_point, "duty");
	assert_int_equal(map.columns, 3);
	assert_string_equal(map.column[0].column, "set_pump_duty_cycle");
	assert_true(map.column[0].required && map.column[0].scale == 1 && isnan(map.column[1].resolution));
}

static void recording_refused(const char *body, const char *sentence)
{
	struct recording_map map;
	struct error e = ERROR_INIT;
	char text[1024];

	snprintf(text, sizeof(text), "return recording{ title = 'T', %s }\n", body);
	assert_int_equal(recording_map_read(&map, fixture_write("rec.lua", text), &e), -1);
	assert_sentence(&e, sentence);
}

static void a_wrong_recording_map_is_refused(void **state)
{
	static const char good[] = "time = { column = 't' }, dut = { kind = 'pump' }, ";
	char body[512];

	(void)state;
	recording_refused("dut = { kind = 'pump' }, columns = {}", "rec.lua:1: recording: 'time' is missing");
	recording_refused("time = { colum = 't' }, dut = { kind = 'pump' }, columns = {}",
		"rec.lua:1: recording.time: unknown key 'colum' (did you mean 'column'?)");
	recording_refused("time = { column = 't', unit = 'l' }, dut = { kind = 'pump' }, columns = {}", "'l' is not a unit of time");
	snprintf(body, sizeof(body), "%s set_point = 'dutty', columns = { { column = 'd', channel = 'duty', unit = '%%', quantity = 'q' } }", good);
	recording_refused(body, "recording.set_point: no column becomes channel 'dutty' (did you mean 'duty'?)");
	snprintf(body, sizeof(body), "%s columns = { { column = 'd', channel = 'duty', unit = 'x y', quantity = 'q' } }", good);
	recording_refused(body, "recording.columns[1].unit: 'x y' is not a unit that is known here");
	snprintf(body, sizeof(body), "%s columns = { { column = 'd', channel = 'duty', unit = '%%', quantity = 'q', kind = 'gage' } }", good);
	recording_refused(body, "recording.columns[1].kind = \"gage\": expected one of gauge");
	snprintf(body, sizeof(body), "%s columns = { { column = 'd', channel = 'a', unit = '1', quantity = 'q' }, { column = 'e', channel = 'a', unit = '1', quantity = 'q' } }", good);
	recording_refused(body, "channel 'a' is there twice");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_shipped_map_is_sound_and_fits_its_examples),
		cmocka_unit_test(only_a_map_with_a_frame_from_outside_is_verified),
		cmocka_unit_test(the_outdoor_unit_is_decoded_as_its_table_says),
		cmocka_unit_test(the_serial_number_is_read_with_a_function_of_its_own),
		cmocka_unit_test(a_wrong_map_is_refused_with_the_row),
		cmocka_unit_test(a_map_that_does_not_fit_its_example_is_refused),
		cmocka_unit_test(rows_may_be_found_by_a_key),
		cmocka_unit_test(a_map_is_named_as_its_file),
		cmocka_unit_test(maps_of_the_lab_come_before_those_of_the_program),
		cmocka_unit_test(the_pump_recording_map_knows_the_columns_of_the_lab),
		cmocka_unit_test(a_wrong_recording_map_is_refused),
	};

	fixture_environment();
	return cmocka_run_group_tests(tests, NULL, fixture_remove);
}

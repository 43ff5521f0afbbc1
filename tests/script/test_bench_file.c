/* Bench files: what they mean, and what is said about a wrong one. */
#include "tests/script/fixture.h"

#include <math.h>

/* Reads a file that must be refused, with this in its sentence. */
static void refused(const char *text, const char *sentence)
{
	struct error e = ERROR_INIT;
	struct bench *bench = NULL;

	if (bench_file_read(&bench, fixture_write("bad.lua", text), &e) == 0) {
		bench_free(bench);
		fail_msg("was taken, expected: %s", sentence);
	}
	assert_null(bench);
	assert_sentence(&e, sentence);
}

#define RIG(more) FIXTURE_RIG more FIXTURE_END

static void an_unknown_key_is_named_with_its_line_and_nearest_name(void **state)
{
	(void)state;
	refused("local x = 1\n\nmodbus_rtu{ name = 'odu', port = '/dev/x', baudrate = 9600, parity = 'N' }\n",
		"bad.lua:3: modbus_rtu: unknown key 'baudrate' (did you mean 'baud'?)");
	refused(RIG("channel{ name = 'x', from = hp.flow, rool = 'flow' }\n"),
		"bad.lua:8: channel: unknown key 'rool' (did you mean 'role'?)");
	refused("device{ 5 }\n", "bad.lua:1: device[1]: expected only keys like name = ...");
}

static void a_key_of_several_lines_is_named_with_the_line_of_its_constructor(void **state)
{
	(void)state;
	refused("\nmodbus_tcp{\n\tname = 'm',\n\thost = 'h',\n\ttcp_prt = 502,\n}\n",
		"bad.lua:2: modbus_tcp: unknown key 'tcp_prt' (did you mean 'tcp_port'?)");
}

static void a_missing_key_is_named_with_what_it_is_for(void **state)
{
	(void)state;
	refused("modbus_rtu{ name = 'odu', baud = 9600, parity = 'N' }\n", "bad.lua:1: modbus_rtu: 'port' is missing (device file");
	refused("modbus_tcp{ name = 'odu', host = 'x' }\ndevice{ name = 'a', bus = 'odu', unit = 1 }\n",
		"bad.lua:2: device: 'map' is missing");
}

static void a_wrong_type_is_named_with_its_key_path(void **state)
{
	(void)state;
	refused("modbus_rtu{ name = 'odu', port = {}, baud = 9600, parity = 'N' }\n",
		"bad.lua:1: modbus_rtu.port: expected a text, got a table");
	refused("modbus_rtu{ name = 'odu', port = '/dev/x', baud = 'fast', parity = 'N' }\n",
		"bad.lua:1: modbus_rtu.baud = \"fast\": expected a number");
	refused("modbus_rtu{ name = 'odu', port = '/dev/x', baud = 9600.5, parity = 'N' }\n",
		"bad.lua:1: modbus_rtu.baud = 9600.5: expected a whole number");
	refused("modbus_rtu{ name = 'odu', port = '/dev/x', baud = 9600, parity = 'even' }\n",
		"bad.lua:1: modbus_rtu.parity = \"even\": expected one of N, E, O");
	refused("modbus_rtu{ name = 'a', port = '/dev/x', baud = 9600, parity = 'N', listen_only = 1 }\n",
		"bad.lua:1: modbus_rtu.listen_only: expected true or false");
	refused("modbus_rtu('odu')\n", "bad.lua:1: modbus_rtu: expected one table, as in modbus_rtu{ key = value, ... }");
}

static void a_value_outside_its_limits_is_refused(void **state)
{
	(void)state;
	refused("modbus_rtu{ name = 'odu', port = '/dev/x', baud = 50, parity = 'N' }\n",
		"bad.lua:1: modbus_rtu.baud = 50 is outside 300 to 1e+06");
	refused("modbus_rtu{ name = 'odu', port = '/dev/x', baud = 9600, parity = 'N' }\n"
		"device{ name = 'a', bus = 'odu', unit = 248, map = 'sdm120' }\n",
		"bad.lua:2: device.unit = 248 is outside 1 to 247");
}

static void nan_is_never_a_setting(void **state)
{
	(void)state;
	refused("modbus_rtu{ name = 'odu', port = '/dev/x', baud = 0/0, parity = 'N' }\n", "modbus_rtu.baud is not a finite number");
	refused("modbus_rtu{ name = 'odu', port = '/dev/x', baud = 9600, parity = 'N', response_timeout = 'nan s' }\n",
		"'nan s' is not a finite number");
	refused(RIG("channel{ name = 'x', from = hp.flow, gain = 0/0 }\n"), "bad.lua:8: channel.gain is not a finite number");
	refused(RIG("channel{ name = 'x', from = hp.flow, max = 'nan l/h' }\n"), "bad.lua:8: channel.max: 'nan l/h' is not a finite");
	refused(RIG("limit{ quantity = 'volume flow', min = 0/0 }\n"), "nan' is not a finite number");
}

static void a_quantity_without_unit_says_which_is_expected(void **state)
{
	(void)state;
	refused("modbus_tcp{ name = 'm', host = 'h', response_timeout = 300 }\n",
		"bad.lua:1: modbus_tcp.response_timeout = 300 has no unit: expected a text like \"300 s\"");
	refused(RIG("channel{ name = 'x', from = hp.flow, max = 100 }\n"),
		"bad.lua:8: channel.max: '100' has no unit: expected one like '100 l/h'");
	refused(RIG("safe{ channel = 'wilo_duty', value = 1000 }\n"), "bad.lua:8: safe.value: '1000' has no unit");
	refused("bench{ name = 'x', tick = '1 l' }\n", "bench.tick: a value in 'l' cannot be given in 's'");
}

static void a_limit_without_unit_is_an_error(void **state)
{
	(void)state;
	refused(RIG("limit{ quantity = 'volume flow', min = 1050, max = '1200 l/h' }\n"),
		"bad.lua:8: limit.min = \"1050\" has no unit: write it like \"1050 l/h\"");
	refused(RIG("limit{ quantity = 'volume flow', min = '1050 l/h', max = 1200 }\n"),
		"bad.lua:8: limit.max: '1200' has no unit");
	refused(RIG("limit{ quantity = 'volume flow', min = '1050 l/h', set_point = 100 }\n"),
		"bad.lua:8: limit.set_point: '100' has no unit: expected one like '100 permille'");
}

static void a_limit_that_could_judge_nothing_is_an_error(void **state)
{
	(void)state;
	refused(RIG("limit{ quantity = 'volum flow', min = '1 l/h' }\n"),
		"bad.lua:8: limit.quantity: no channel measures 'volum flow' (did you mean 'volume flow'?)");
	refused(RIG("limit{ quantity = 'volume flow', min = '1 W' }\n"), "which 'W' cannot be turned into");
	refused(RIG("limit{ quantity = 'volume flow' }\n"), "bad.lua:8: limit: neither min nor max is given");
	refused(RIG("limit{ quantity = 'volume flow', min = '2 l/h', max = '1 l/h' }\n"), "min 2 is not below max 1 l/h");
	refused(RIG("limit{ dut = 'wila', quantity = 'volume flow', min = '2 l/h' }\n"),
		"bad.lua:8: limit.dut: no dut is called 'wila' (did you mean 'wilo'?)");
	refused(RIG("limit{ quantity = 'volume flow', min = '2 l/h', rule = 'lenient' }\n"), "expected one of simple, guarded");
	refused(RIG("limit{ quantity = 'volume flow', min = '2 l/h' }\nlimit{ quantity = 'volume flow', min = '3 l/h' }\n"),
		"bad.lua:9: limit: there is one for the same case already");
}

static void two_identical_names_are_refused_with_both_lines(void **state)
{
	(void)state;
	refused(RIG("channel{ name = 'WILO_flow', from = hp.flow }\n"), "bad.lua:8: channel: the name 'WILO_flow' is taken (");
	refused(RIG("dut{ name = 'wilo', kind = 'pump' }\n"), "bad.lua:8: dut: the name 'wilo' is taken");
	refused(RIG("modbus_tcp{ name = 'odu', host = 'h' }\n"), "bad.lua:8: modbus_tcp: the name 'odu' is taken");
	refused(RIG("device{ name = 'hp', bus = odu, unit = 2, map = 'sdm120' }\n"), "bad.lua:8: device: the name 'hp' is taken");
	refused(RIG("device{ name = 'hq', bus = odu, unit = 1, map = 'sdm120' }\n"),
		"bad.lua:8: device: unit 1 of bus 'odu' is 'hp' already");
	refused(RIG("modbus_rtu{ name = 'odu2', port = '/dev/null-port', baud = 9600, parity = 'N' }\n"), "is bus 'odu' already");
	refused(RIG("channel{ name = 'x', from = hp.flow, dut = 'wilo', role = 'flow' }\n"), "dut wilo has role 'flow' already");
	refused(RIG("bench{ name = 'a' }\n"), "bench: there is one already");
}

static void an_unknown_name_suggests_the_nearest(void **state)
{
	(void)state;
	refused("modbus_rut{ name = 'odu' }\n", "bad.lua:1: unknown name 'modbus_rut' (did you mean 'modbus_rtu'?)");
	refused(RIG("channel{ name = 'x', from = hp.pump_sped }\n"),
		"bad.lua:8: device 'hp' (map quatt-odu) has no register 'pump_sped' (did you mean 'pump_speed'?)");
	refused(RIG("channel{ name = 'x', from = 'hp.flaw' }\n"), "has no register 'flaw' (did you mean 'flow'?)");
	refused(RIG("channel{ name = 'x', from = hp.flow, dut = 'willo' }\n"), "no dut is called 'willo' (did you mean 'wilo'?)");
	refused(RIG("device{ name = 'm', bus = 'odo', unit = 2, map = 'sdm120' }\n"), "no bus is called 'odo' above (did you mean 'odu'?)");
	refused(RIG("device{ name = 'm', bus = odu, unit = 2, map = 'smd120' }\n"),
		"bad.lua:8: device.map: there is no map 'smd120' (did you mean 'sdm120'?)");
	refused(RIG("safe{ channel = 'wilo_dutty', value = '1 permille' }\n"), "no channel is called 'wilo_dutty' (did you mean 'wilo_duty'?)");
	refused(RIG("device{ name = 'm', bus = odu, unit = 2, map = 'sdm120', identity = { serail = '1' } }\n"),
		"map sdm120 cannot tell 'serail' (did you mean 'serial'?)");
	refused(RIG("channel{ name = 'x', from = hp.flow, certificate = 'C1' }\n"), "none has the id 'C1'");
}

static void a_set_point_may_only_be_what_bench_and_device_allow(void **state)
{
	(void)state;
	refused(RIG("channel{ name = 'x', from = hp.water_in_temperature, output = true }\n"),
		"register water_in_temperature cannot be written, so it is no output");
	refused(RIG("channel{ name = 'x', from = hp.compressor_level, output = true, max = 11 }\n"),
		"is more than register compressor_level takes");
	refused(RIG("channel{ name = 'x', from = hp.pump_speed, output = true }\n"), "its register is set by 'wilo_duty' already");
	refused(RIG("safe{ channel = 'wilo_flow', value = '0 l/h' }\n"), "'wilo_flow' is no output");
	refused(RIG("interlock{ channel = 'wilo_flo', max = '9 l/h' }\n"),
		"bad.lua:8: interlock.channel: no channel is called 'wilo_flo' (did you mean 'wilo_flow'?)");
	refused(RIG("interlock{ channel = 'wilo_duty', max = '900 permille' }\n"), "'wilo_duty' is an output");
	refused(RIG("interlock{ channel = 'wilo_flow' }\n"), "interlock: expected min, max or both");
	refused(RIG("interlock{ channel = 'wilo_flow', max = 900 }\n"), "interlock.max: '900' has no unit");
	refused(RIG("interlock{ channel = 'wilo_flow', min = '9 l/h', max = '9 l/h' }\n"), "min 9 is not below max 9 l/h");
	refused(RIG("safe{ channel = 'wilo_duty', value = '1001 permille' }\n"), "is outside 0 to 1000 permille of channel 'wilo_duty'");
}

static void a_rate_must_be_a_multiple_of_the_tick(void **state)
{
	(void)state;
	refused(RIG("channel{ name = 'x', from = hp.flow, every = '1500 ms' }\n"),
		"bad.lua:8: channel.every = 1.5 s is no multiple of the bench's tick of 1 s");
	refused(RIG("channel{ name = 'x', from = hp.flow, every = '500 ms' }\n"), "is no multiple");
}

static void syntax_errors_and_other_luas_are_named_with_their_line(void **state)
{
	(void)state;
	refused("local x = 1\nlocal y = = 2\n", "bad.lua:2: unexpected symbol near '='");
	refused("local t = unpack({1})\n", "bad.lua:1: 'unpack' is not available: in Lua 5.4 it is table.unpack");
	refused("setfenv(1, {})\n", "'setfenv' is not available: Lua 5.4 has none");
	refused("require('x')\n", "'require' is not available: there are no modules here; a bench file has include");
	refused("\x1bLua", "bad.lua is compiled: only Lua text is taken");
}

static void a_file_without_a_bench_says_what_is_missing(void **state)
{
	(void)state;
	refused("", "holds no bench: end it with return bench{ name = ..., ... }");
	refused("return bench{ name = 'x' }\n", "bench 'x' has no channel");
	refused("return bench{ name = '../x' }\n", "bench.name = \"../x\": expected a letter");
}

static void a_file_that_does_not_exist_is_an_io_error(void **state)
{
	struct error e = ERROR_INIT;
	struct bench *bench = NULL;

	(void)state;
	assert_int_equal(bench_file_read(&bench, fixture_path("none.lua"), &e), -1);
	assert_int_equal(e.code, ERROR_IO);
	assert_sentence(&e, "No such file or directory");
	error_clear(&e);
	assert_int_equal(bench_file_read(&bench, "/dev/zero", &e), -1);
	assert_sentence(&e, "is not a regular file");
}

static void a_file_may_include_others_but_not_itself(void **state)
{
	struct error e = ERROR_INIT;
	struct bench *bench = NULL;

	(void)state;
	fixture_write("part.lua", "local odu = ...\nreturn { quantity = 'volume flow', min = '10 l/h' }\n");
	assert_int_equal(bench_file_read(&bench, fixture_write("whole.lua", RIG("limit(include('part.lua'))\n")), &e), 0);
	assert_int_equal(bench->limits, 1);
	assert_int_equal(bench->files, 3);
	bench_free(bench);
	refused("include('bad.lua')\n", "bad.lua includes itself");
	fixture_write("a.lua", "include('b.lua')\n");
	fixture_write("b.lua", "\ninclude('a.lua')\n");
	refused("include('a.lua')\n", "b.lua:2: include: ");
	refused("\ninclude('nothing.lua')\n", "bad.lua:2: include: cannot open");
	fixture_write("a.lua", "local x = nil + 1\n");
	refused("include('a.lua')\n", "a.lua:1: attempt to perform arithmetic on a nil value");
}

static void the_digest_covers_the_file_and_everything_it_reads(void **state)
{
	struct bench *one = fixture_bench(""), *two = fixture_bench(""), *other = fixture_bench("-- more\n");

	(void)state;
	assert_int_equal(strlen(one->digest), 64);
	assert_string_equal(one->digest, two->digest);
	assert_string_not_equal(one->digest, other->digest);
	assert_int_equal(one->files, 2);
	assert_non_null(strstr(one->used[1], "quatt-odu.lua"));
	bench_free(one);
	bench_free(two);
	bench_free(other);
}

static void channels_take_what_the_map_says_in_their_own_unit(void **state)
{
	struct bench *b = fixture_bench("channel{ name = 'flow_m3', from = hp.flow, unit = 'm3/h', gain = 2, offset = '0.1 m3/h' }\n"
					"channel{ name = 'cold', from = hp.water_in_temperature, offset = '-0.2 K', every = '5 s' }\n"
					"channel{ name = 'out', from = 'hp.water_out_temperature', offset = '0.3 K', min = '-5 degC' }\n");
	const struct bench_channel *m3 = &b->channel[bench_find_channel(b, "flow_m3")];
	const struct bench_channel *out = &b->channel[bench_find_channel(b, "out")];

	(void)state;
	assert_string_equal(m3->quantity, "volume flow");
	assert_true(fabs(m3->gain - 0.002) < 1e-12 && fabs(m3->offset - 0.1) < 1e-12);
	assert_true(fabs(m3->max - 5) < 1e-9 && fabs(m3->resolution - 0.618e-3) < 1e-9);
	assert_true(out->gain == 1 && fabs(out->offset - 0.3) < 1e-12 && fabs(out->min + 5) < 1e-9 && out->max == 160);
	assert_int_equal(b->channel[b->channels - 2].every, 5);
	assert_int_equal(m3->every, 1);
	assert_int_equal(m3->dut, -1);
	assert_true(isnan(m3->uncertainty));
	bench_free(b);
}

static void a_temperature_in_kelvin_is_not_a_temperature_in_celsius(void **state)
{
	(void)state;
	refused(RIG("channel{ name = 'x', from = hp.water_in_temperature, unit = 'W' }\n"),
		"channel 'x': a value in 'degC' cannot be given in 'W' (register water_in_temperature)");
	refused(RIG("channel{ name = 'x', from = hp.water_in_temperature, offset = '0.3 degC' }\n"),
		"a value in 'degC' cannot be given in 'K'");
}

static void a_certificate_covers_channels_in_its_unit(void **state)
{
	struct bench *b = fixture_bench("certificate{ id = 'C1', laboratory = 'Lab', date = '2024-05-31', due = '2026-05-31', unit = 'l/h',\n"
					"  U = '4 l/h', points = {{0, 0}, {1000, -3.5}} }\n"
					"channel{ name = 'x', from = hp.flow, certificate = 'C1' }\n");

	(void)state;
	assert_int_equal(b->channel[b->channels - 1].certificate, 0);
	assert_true(b->certificate[0].U == 4 && b->certificate[0].k == 2 && b->certificate[0].points == 2);
	assert_true(b->certificate[0].correction[1] == -3.5);
	bench_free(b);
	refused(RIG("certificate{ id = 'C1', laboratory = 'Lab', date = '31.5.2024', due = '2026-05-31', unit = 'l/h', U = '4 l/h' }\n"),
		"bad.lua:8: certificate.date = \"31.5.2024\": expected a date like 2024-05-31");
	refused(RIG("certificate{ id = 'C1', laboratory = 'Lab', date = '2024-05-31', due = '2026-05-31', unit = 'W', U = '4 W' }\n"
		    "channel{ name = 'x', from = hp.flow, certificate = 'C1' }\n"),
		"channel 'x' is in l/h, its certificate 'C1' in W");
	refused(RIG("certificate{ id = 'C', laboratory = 'L', date = '2024-05-31', due = '2026-05-31', unit = 'W', U = '4 W', points = {{1, 1}, {0, 1}} }\n"),
		"certificate.points[2]: readings must grow");
}

static void limits_may_come_from_a_file_of_their_own(void **state)
{
	struct bench *b = fixture_bench("limit{ quantity = 'volume flow', min = '1 l/h' }\n");
	struct error e = ERROR_INIT;

	(void)state;
	assert_int_equal(bench_file_limits(b, fixture_write("limits.lua",
		"limit{ dut = 'wilo', quantity = 'volume flow', valve = 'open', set_point = '10 %', min = '1.05 m3/h', max = '1200 l/h', rule = 'guarded' }\n"
		"limit{ quantity = 'volume flow deviation', max = '2 %' }\n"
		"limit{ quantity = 'volume flow ratio', min = 0.6, max = '72 %' }\nlimit{ quantity = 'flow', max = '3 l/min' }\n"), &e), 0);
	assert_int_equal(b->limits, 4);
	assert_true(fabs(b->limit[2].max - 0.72) < 1e-9);
	assert_true(fabs(b->limit[0].set_point - 100) < 1e-9 && fabs(b->limit[0].max - 1.2) < 1e-9);
	assert_string_equal(b->limit[0].unit, "m3/h");
	assert_string_equal(b->limit[0].rule, "guarded");
	assert_true(isnan(b->limit[1].min) && isnan(b->limit[1].set_point));
	assert_int_equal(bench_file_limits(b, fixture_write("limits.lua", "device{ name = 'x' }\n"), &e), -1);
	assert_sentence(&e, "limits.lua:1: unknown name 'device'");
	assert_int_equal(b->limits, 4); /* untouched */
	bench_free(b);
}

static void the_pump_bench_is_as_the_lab_wires_it(void **state)
{
	struct error e = ERROR_INIT;
	struct bench *b = NULL;
	char path[640];

	(void)state;
	snprintf(path, sizeof(path), "%s/benches/pump/bench.lua", data_directory());
	if (bench_file_read(&b, path, &e) != 0)
		fail_msg("%s", e.text);
	assert_int_equal(b->bus[bench_find_bus(b, "odu")].words.baud, 19200);
	assert_int_equal(b->bus[bench_find_bus(b, "odu")].words.parity, 'E');
	assert_int_equal(b->bus[bench_find_bus(b, "meter")].words.kind, WORDS_TCP);
	assert_int_equal(b->duts, 2);
	assert_true(b->safes == 4 && b->safe[0].value >= 950 && b->safe[1].value >= 950 && b->safe[3].value == 0);
	for (int i = 0; i < b->limits; i++)
		assert_string_equal(b->limit[i].rule, "guarded");
	bench_free(b);
}

static void every_constructor_is_in_the_help(void **state)
{
	static const char *const names[] = {"### bench", "### modbus_rtu", "### modbus_tcp", "### device", "### channel",
		"### dut", "### limit", "### safe", "### interlock", "### certificate"};
	char *help = NULL;
	size_t length;
	FILE *f = open_memstream(&help, &length);

	(void)state;
	bench_file_help(f);
	fclose(f);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_non_null(strstr(help, names[i]));
	free(help);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_unknown_key_is_named_with_its_line_and_nearest_name),
		cmocka_unit_test(a_key_of_several_lines_is_named_with_the_line_of_its_constructor),
		cmocka_unit_test(a_missing_key_is_named_with_what_it_is_for),
		cmocka_unit_test(a_wrong_type_is_named_with_its_key_path),
		cmocka_unit_test(a_value_outside_its_limits_is_refused),
		cmocka_unit_test(nan_is_never_a_setting),
		cmocka_unit_test(a_quantity_without_unit_says_which_is_expected),
		cmocka_unit_test(a_limit_without_unit_is_an_error),
		cmocka_unit_test(a_limit_that_could_judge_nothing_is_an_error),
		cmocka_unit_test(two_identical_names_are_refused_with_both_lines),
		cmocka_unit_test(an_unknown_name_suggests_the_nearest),
		cmocka_unit_test(a_set_point_may_only_be_what_bench_and_device_allow),
		cmocka_unit_test(a_rate_must_be_a_multiple_of_the_tick),
		cmocka_unit_test(syntax_errors_and_other_luas_are_named_with_their_line),
		cmocka_unit_test(a_file_without_a_bench_says_what_is_missing),
		cmocka_unit_test(a_file_that_does_not_exist_is_an_io_error),
		cmocka_unit_test(a_file_may_include_others_but_not_itself),
		cmocka_unit_test(the_digest_covers_the_file_and_everything_it_reads),
		cmocka_unit_test(channels_take_what_the_map_says_in_their_own_unit),
		cmocka_unit_test(a_temperature_in_kelvin_is_not_a_temperature_in_celsius),
		cmocka_unit_test(a_certificate_covers_channels_in_its_unit),
		cmocka_unit_test(limits_may_come_from_a_file_of_their_own),
		cmocka_unit_test(the_pump_bench_is_as_the_lab_wires_it),
		cmocka_unit_test(every_constructor_is_in_the_help),
	};

	fixture_environment();
	return cmocka_run_group_tests(tests, NULL, fixture_remove);
}

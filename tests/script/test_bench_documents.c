/* Bench files with feeds, Redis and buses that are only listened to. */
#include "tests/script/fixture.h"

static void takes(struct bench **out, const char *text)
{
	struct error e = ERROR_INIT;

	if (bench_file_read(out, fixture_write("good.lua", text), &e) != 0)
		fail_msg("%s", e.text);
}

static void refused(const char *text, const char *words)
{
	struct bench *bench = NULL;
	struct error e = ERROR_INIT;

	assert_int_equal(bench_file_read(&bench, fixture_write("bad.lua", text), &e), -1);
	if (!strstr(e.text, words))
		fail_msg("\"%s\" does not say \"%s\"", e.text, words);
}

#define FEED "local f = http_feed{ name = 'cic1', url = 'http://cic1:8080/beta/feed/data.json' }\n"
#define CIC FEED "local c = device{ name = 'cic1', bus = f, map = 'cic-feed' }\n"
#define REDIS "local r = redis{ name = 'redis1', host = 'cic1' }\nlocal c = device{ name = 'regs1', bus = r, map = 'cic-redis' }\n"
#define ODU "local b = modbus_rtu{ name = 'odu1', port = '/dev/odu1', baud = 19200, parity = 'E', listen_only = true }\n" \
	    "local c = device{ name = 'odu1', bus = b, map = 'quatt-odu', unit = 1 }\n"
#define END "return bench{ name = 'b' }\n"

static void a_feed_and_its_channels_are_read(void **state)
{
	struct bench *bench = NULL;

	(void)state;
	takes(&bench, CIC "channel{ name = 'p', from = c.hp1_power_input, unit = 'kW', every = '10 s' }\n"
			  "channel{ name = 'skew', from = c.clock_offset }\nchannel{ name = 'age', from = 'cic1.document_age' }\n" END);
	assert_int_equal(bench->bus[0].kind, BUS_DOCUMENTS);
	assert_int_equal(bench->bus[0].documents.kind, DOCUMENTS_HTTP);
	assert_string_equal(bench->bus[0].documents.url, "http://cic1:8080/beta/feed/data.json");
	assert_string_equal(bench->bus[0].documents.name, "cic1");
	assert_string_equal(bench->bus[0].time_key, "time.ts");
	assert_true(bench->bus[0].documents.response_timeout == 3 * NANOS_PER_S);
	assert_string_equal(bench->device[0].map->row[bench->channel[0].reg].key, "hp1.powerInput");
	assert_true(bench->channel[0].gain == 0.001 && bench->channel[0].every == 10);
	assert_string_equal(bench->channel[1].unit, "s");
	bench_free(bench);
}

static void redis_may_have_several_devices_and_a_clock_if_it_is_named(void **state)
{
	struct bench *bench = NULL;

	(void)state;
	takes(&bench, "local r = redis{ name = 'redis1', host = 'cic1', database = 2, password = 'x', time = '9000' }\n"
		      "local a = device{ name = 'a', bus = r, map = 'cic-redis' }\nlocal c = device{ name = 'c', bus = r, map = 'cic-redis' }\n"
		      "channel{ name = 'flow', from = a.flow }\nchannel{ name = 'skew', from = c.clock_offset }\n" END);
	assert_int_equal(bench->bus[0].documents.tcp_port, 6379);
	assert_int_equal(bench->bus[0].documents.database, 2);
	assert_string_equal(bench->bus[0].documents.password, "x");
	assert_int_equal(bench->devices, 2);
	bench_free(bench);
	refused(REDIS "channel{ name = 'skew', from = c.clock_offset }\n" END,
		"bad.lua:3: channel 'skew': regs1.clock_offset needs the document's own time stamp, and bus 'redis1' names none (time)");
}

static void what_does_not_fit_a_document_is_refused(void **state)
{
	(void)state;
	refused("http_feed{ name = 'f', url = 'cic1:8080/feed' }\n", "bad.lua:1: http_feed.url = \"cic1:8080/feed\": expected http://");
	refused("http_feed{ name = 'f' }\n", "bad.lua:1: http_feed: 'url' is missing");
	refused(FEED "device{ name = 'a', bus = f, map = 'cic-feed', unit = 1 }\n", "bad.lua:2: device.unit: documents have no units");
	refused(CIC "device{ name = 'd', bus = f, map = 'cic-feed' }\n", "bad.lua:3: device: the document of bus 'cic1' is 'cic1' already");
	refused(FEED "device{ name = 'a', bus = f, map = 'sdm120' }\n", "map 'sdm120' is of registers, and bus 'cic1' gives document");
	refused("local t = modbus_tcp{ name = 't', host = 'h' }\ndevice{ name = 'a', bus = t, map = 'cic-feed', unit = 1 }\n",
		"map 'cic-feed' is of document, and bus 't' gives registers");
	refused("local t = modbus_tcp{ name = 't', host = 'h' }\ndevice{ name = 'a', bus = t, map = 'sdm120' }\n",
		"bad.lua:2: device: 'unit' is missing");
	refused(CIC "channel{ name = 'p', from = c.hp1_power_imput }\n" END, "did you mean 'hp1_power_input'?");
	refused(CIC "channel{ name = 'p', from = c.hp1_power_input, output = true, min = '0 W', max = '1 W' }\n" END,
		"cannot be written, so it is no output");
	refused("redis{ name = 'r', host = 'h', tcp_port = 0 }\n", "redis.tcp_port = 0 is outside 1 to 65535");
}

static void nothing_can_be_set_on_a_bus_that_is_listened_to(void **state)
{
	struct bench *bench = NULL;

	(void)state;
	takes(&bench, ODU "channel{ name = 'set', from = c.pump_speed }\nchannel{ name = 'mode', from = c.working_mode }\n" END);
	assert_true(bench->bus[0].listen_only);
	bench_free(bench);
	refused(ODU "channel{ name = 'set', from = c.pump_speed, output = true }\n" END,
		"bad.lua:3: channel 'set': bus 'odu1' has another master (listen_only), so nothing can be set on it");
	refused("modbus_tcp{ name = 't', host = 'h', listen_only = true }\n", "modbus_tcp: unknown key 'listen_only'");
}

static void a_map_of_a_document_may_not_take_the_names_of_the_built_in_points(void **state)
{
	struct bench *bench = NULL;
	struct error e = ERROR_INIT;

	(void)state;
	fixture_write("own.lua", "return document_map{ name = 'own', title = 't', manual = 'm', points = {{ name = 'clock_offset', key = 'x' }} }\n");
	assert_int_equal(bench_file_read(&bench, fixture_write("bad.lua", FEED "device{ name = 'a', bus = f, map = 'own.lua' }\n"), &e), -1);
	if (!strstr(e.text, "register 'clock_offset' is there twice"))
		fail_msg("%s", e.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_feed_and_its_channels_are_read),
		cmocka_unit_test(redis_may_have_several_devices_and_a_clock_if_it_is_named),
		cmocka_unit_test(what_does_not_fit_a_document_is_refused),
		cmocka_unit_test(nothing_can_be_set_on_a_bus_that_is_listened_to),
		cmocka_unit_test(a_map_of_a_document_may_not_take_the_names_of_the_built_in_points),
	};

	fixture_environment();
	return cmocka_run_group_tests_name("bench_documents", tests, NULL, fixture_remove);
}

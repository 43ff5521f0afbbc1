#include "tests/store/sample.h"

#include "daq/store/mount.h"

static void what_a_run_is_comes_back_as_it_was_said(void **state)
{
	struct run_about about = sample_about();
	struct run_summary s;
	struct run_reader *reader = NULL;
	struct error e = ERROR_INIT;
	char path[4096];

	sample_finished(*state, 7, path, sizeof(path));
	must(run_reader_open(&reader, path, &e));
	must(run_reader_summary(reader, &s, &e));
	assert_memory_equal(&s.about, &about, offsetof(struct run_about, origin));
	assert_int_equal(s.about.origin, about.origin);
	assert_int_equal(s.about.seed, about.seed);
	assert_int_equal(s.about.utc, about.utc);
	assert_int_equal(s.about.period, about.period);
	assert_string_equal(s.verdict, "complete");
	assert_int_equal(s.ended_utc, about.utc + 7 * NANOS_PER_S);
	assert_int_equal(s.scans, 7);
	assert_int_equal(s.first_tick, 0);
	assert_int_equal(s.last_tick, 6);
	assert_int_equal(s.segments, 1);
	assert_string_equal(run_reader_path(reader), path);
	run_reader_close(reader);
}

/* Bytes of a struct, NaNs included; static ones, whose padding is zero. */
#define same(a, b) assert_memory_equal(a, b, sizeof(*(a)))

static void every_definition_comes_back_as_it_was_given(void **state)
{
	static const struct run_dut dut = {"wilo", "pump", "iPWM1", "4711", "1.2", ORIGIN_MEASURED, ORIGIN_TYPED};
	static const struct run_device device = {"odu", "modbus", "odu-v1", "rtu:1", "{\"model\": \"x \\u00b0\"}"};
	static const struct run_certificate certificate = {.id = "C-1", .laboratory = "VSL", .date = "2025-01-02",
		.due = "2027-01-02", .file = "c-1.pdf", .U = 0.3, .k = 2, .points = "[[0, 0.1], [10, -0.2]]"};
	static const struct run_limit limit = {.dut = "wilo", .quantity = "flow", .valve = "open", .set_point = 100,
		.min = 900, .max = NAN, .unit = "l/h", .rule = "guarded", .source = "rig.lua:12"};
	static const struct run_channel channel = {.name = "flow", .quantity = "flow", .unit = "l/h", .kind = "gauge",
		.group = "scan", .dut = "wilo", .role = "flow", .device = 0, .origin = ORIGIN_SIMULATED, .resolution = 0.5,
		.uncertainty = NAN, .certificate = 0};
	static const struct run_segment segment = {.boot_id = "b", .bench_digest = "d", .monotonic_zero = 5, .utc = 7, .first_tick = 0};
	struct run *run = sample_empty(*state);
	struct run_reader *reader = NULL;
	struct error e = ERROR_INIT;
	char path[4096];
	void *rows[6];
	int n = 0;

	must(run_define_dut(run, &dut, &e));
	must(run_define_device(run, &device, &e));
	must(run_define_certificate(run, &certificate, &e));
	must(run_define_limit(run, &limit, &e));
	must(run_define_channel(run, &channel, &e));
	must(run_define_group(run, "scan", 3, &e));
	assert_int_equal(run_begin_segment(run, &segment, &e), 0);
	sample_finish(run, path, sizeof(path));
	must(run_reader_open(&reader, path, &e));
	must(run_reader_duts(reader, (struct run_dut **)&rows[0], &n, &e));
	assert_int_equal(n, 1);
	same((struct run_dut *)rows[0], &dut);
	must(run_reader_devices(reader, (struct run_device **)&rows[1], &n, &e));
	same((struct run_device *)rows[1], &device);
	must(run_reader_certificates(reader, (struct run_certificate **)&rows[2], &n, &e));
	same((struct run_certificate *)rows[2], &certificate);
	must(run_reader_limits(reader, (struct run_limit **)&rows[3], &n, &e));
	same((struct run_limit *)rows[3], &limit);
	must(run_reader_channels(reader, (struct run_channel **)&rows[4], &n, &e));
	same((struct run_channel *)rows[4], &channel);
	must(run_reader_segments(reader, (struct run_segment **)&rows[5], &n, &e));
	same((struct run_segment *)rows[5], &segment);
	for (int i = 0; i < 6; i++)
		free(rows[i]);
	run_reader_close(reader);
}

static void a_device_under_test_is_typed_unless_it_was_read(void **state)
{
	struct run_dut dut = {.name = "a", .serial_origin = ORIGIN_TYPED, .firmware_origin = ORIGIN_MEASURED};
	struct run *run = sample_empty(*state);
	struct run_reader *reader = NULL;
	struct error e = ERROR_INIT;
	struct run_dut *back = NULL;
	char path[4096];
	int n = 0;

	must(run_define_dut(run, &dut, &e));
	sample_finish(run, path, sizeof(path));
	must(run_reader_open(&reader, path, &e));
	must(run_reader_duts(reader, &back, &n, &e));
	assert_int_equal(back->serial_origin, ORIGIN_TYPED);
	assert_int_equal(back->firmware_origin, ORIGIN_MEASURED);
	free(back);
	run_reader_close(reader);
}

static void every_kind_of_row_comes_back_as_it_was_given(void **state)
{
	struct run_step step = {.number = 1, .name = "wilo open 100", .dut = "wilo", .valve = "open", .unit = "permille",
		.set_point = NAN, .first_tick = 0, .last_tick = -1, .done = 0};
	static const struct run_mark mark = {.name = "settled", .step = 1, .first_tick = 3, .last_tick = 9};
	static struct run_health health = {.segment = 0, .bus = "rtu", .transactions = INT64_C(1) << 40, .timeouts = 2,
		.checksums = 3, .exceptions = 4, .wrong = 5, .late = 6, .missed_ticks = 7, .drops = 8, .utilisation = 0.25};
	struct run *run = sample_begin(*state);
	struct run_reader *reader = NULL;
	struct error e = ERROR_INIT;
	struct run_step *steps = NULL;
	struct run_mark *marks = NULL;
	struct run_health *healths = NULL;
	struct run_event *events = NULL;
	char path[4096];
	int n = 0;

	for (int i = 0; i < 24; i++)
		health.lateness[i] = (int64_t)1 << (2 * i);
	must(run_put_step(run, &step, &e));
	step.last_tick = 29; /* the same step, ended: replaces */
	step.set_point = 100;
	step.done = 1;
	must(run_put_step(run, &step, &e));
	must(run_put_mark(run, &mark, &e));
	must(run_put_health(run, &health, &e));
	must(run_put_health(run, &health, &e));
	must(run_put_event(run, 17, -1, "warning", "rtu", "a 'quoted' \"text\"; DROP TABLE scan", &e));
	must(run_put_event(run, -18, 4, "error", "writer", "", &e));
	sample_finish(run, path, sizeof(path));
	must(run_reader_open(&reader, path, &e));
	must(run_reader_steps(reader, &steps, &n, &e));
	assert_int_equal(n, 1);
	assert_memory_equal(steps, &step, offsetof(struct run_step, done) + sizeof(step.done));
	must(run_reader_marks(reader, &marks, &n, &e));
	same(marks, &mark);
	must(run_reader_health(reader, &healths, &n, &e));
	assert_int_equal(n, 1);
	same(healths, &health);
	must(run_reader_events(reader, &events, &n, &e));
	assert_int_equal(n, 2);
	assert_int_equal(events[0].tick, -1);
	assert_string_equal(events[0].text, "a 'quoted' \"text\"; DROP TABLE scan");
	assert_int_equal(events[1].at, -18);
	assert_int_equal(events[1].tick, 4);
	free(steps);
	free(marks);
	free(healths);
	free(events);
	run_reader_close(reader);
}

static void a_call_is_answered_from_the_record_or_not_at_all(void **state)
{
	struct run *run = sample_begin(*state);
	struct run_reader *reader = NULL;
	struct error e = ERROR_INIT;
	char path[4096], *what = NULL, *answer = NULL;
	int64_t step = 0;

	must(run_put_call(run, 1, 1, "measure", "{\"mean\": 1}", &e));
	must(run_put_call(run, 1, 2, "measure", "{\"mean\": 2}", &e));
	sample_finish(run, path, sizeof(path));
	must(run_reader_open(&reader, path, &e));
	must(run_reader_call(reader, 1, &step, &what, &answer, &e));
	assert_int_equal(step, 2);
	assert_string_equal(what, "measure");
	assert_string_equal(answer, "{\"mean\": 2}");
	free(what);
	free(answer);
	must(run_reader_call(reader, 2, &step, &what, &answer, &e));
	assert_null(answer);
	run_reader_close(reader);
}

static void transactions_and_clock_pairs_are_kept_whole(void **state)
{
	static const unsigned char raw[] = {1, 3, 0, 255};
	struct run_block block = {.device = 2, .block = 1, .tick = 9, .before = 10, .after = 20, .last = 30,
		.half_width = 5, .status = QUALITY_CHECKSUM, .raw = raw, .raw_size = sizeof(raw)};
	struct run *run = sample_begin(*state);
	struct error e = ERROR_INIT;
	char path[4096], got[256];

	must(run_put_block(run, &block, &e));
	block.raw = NULL;
	must(run_put_block(run, &block, &e));
	must(run_put_clock_pair(run, 1, 2, 3, &e));
	sample_finish(run, path, sizeof(path));
	sample_query(path, "SELECT device || ' ' || block || ' ' || tick || ' ' || before || ' ' || after || ' ' || last || ' ' || "
		    "half_width || ' ' || name || ' ' || hex(raw) FROM block JOIN quality ON code = status ORDER BY id",
		got, sizeof(got));
	assert_string_equal(got, "2 1 9 10 20 30 5 checksum 010300FF");
	sample_query(path, "SELECT count(*) FROM block WHERE raw IS NULL", got, sizeof(got));
	assert_string_equal(got, "1");
	sample_query(path, "SELECT monotonic || ' ' || utc || ' ' || error_bound FROM clock_pair", got, sizeof(got));
	assert_string_equal(got, "1 2 3");
}

static void runs_that_begin_in_the_same_second_do_not_meet(void **state)
{
	struct run_about about = sample_about();
	struct error e = ERROR_INIT;
	char results[600], want[1200];
	struct run *run[3];

	snprintf(results, sizeof(results), "%s/not/yet/there", (char *)*state);
	snprintf(about.label, sizeof(about.label), "../a b:c\xc3\xa9");
	for (int i = 0; i < 3; i++)
		must(run_create(&run[i], results, &about, 0, &e));
	snprintf(want, sizeof(want), "%s/20231114T221320Z-pump-.._a_b_c__", results);
	assert_string_equal(run_path(run[0]), want);
	snprintf(want, sizeof(want), "%s/20231114T221320Z-pump-.._a_b_c__-3", results);
	assert_string_equal(run_path(run[2]), want);
	for (int i = 0; i < 3; i++)
		run_abandon(run[i]);
}

static void a_place_where_no_run_can_be_is_refused_with_the_reason(void **state)
{
	struct run_about about = sample_about();
	struct run *run = NULL;
	struct error e = ERROR_INIT;
	char path[600];
	FILE *f;

	snprintf(path, sizeof(path), "%s/file", (char *)*state);
	f = fopen(path, "w");
	assert_non_null(f);
	fclose(f);
	assert_int_equal(run_create(&run, path, &about, 0, &e), -1);
	assert_int_equal(e.code, ERROR_IO);
	assert_non_null(strstr(e.text, "is a file"));
	error_clear(&e);
	assert_int_equal(run_create(&run, "/proc/runs", &about, 0, &e), -1);
	assert_non_null(strstr(e.text, "/proc/runs"));
	error_clear(&e);
	assert_int_equal(run_create(&run, *state, &about, INT64_C(1) << 60, &e), -1);
	assert_non_null(strstr(e.text, "needs about 1152921504.6 GB, but only"));
	assert_null(run);
}

static void a_file_system_on_another_machine_is_known(void **state)
{
	(void)state;
	assert_string_equal(mount_network_name(0x6969, ""), "NFS");
	assert_string_equal(mount_network_name((unsigned long)(int)0xff534d42, ""), "CIFS");
	assert_string_equal(mount_network_name(0xfe534d42, ""), "SMB2");
	assert_string_equal(mount_network_name(0x65735546, "fuse.sshfs"), "sshfs");
	assert_null(mount_network_name(0x65735546, "fuseblk"));
	assert_null(mount_network_name(0xef53, "ext4"));
}

static void a_file_added_is_kept_and_not_silently_replaced(void **state)
{
	struct run *run = sample_empty(*state);
	struct error e = ERROR_INIT;
	char one[600], two[600];
	FILE *f;

	snprintf(one, sizeof(one), "%s/one.lua", (char *)*state);
	snprintf(two, sizeof(two), "%s/two.lua", (char *)*state);
	f = fopen(one, "w");
	fputs("bench{}", f);
	fclose(f);
	f = fopen(two, "w");
	fputs("bench{2}", f);
	fclose(f);
	must(run_add_file(run, one, "bench.lua", &e));
	must(run_add_file(run, one, "bench.lua", &e)); /* a resume adds the same again */
	assert_int_equal(run_add_file(run, two, "bench.lua", &e), -1);
	assert_int_equal(e.code, ERROR_DATA);
	error_clear(&e);
	assert_int_equal(run_add_file(run, two, "../bench.lua", &e), -1);
	error_clear(&e);
	assert_int_equal(run_add_file(run, two, "run.db", &e), -1);
	error_clear(&e);
	assert_int_equal(run_add_file(run, "/no/such/file", "x", &e), -1);
	assert_int_equal(e.code, ERROR_IO);
	run_abandon(run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_a_run_is_comes_back_as_it_was_said, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(every_definition_comes_back_as_it_was_given, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(a_device_under_test_is_typed_unless_it_was_read, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(every_kind_of_row_comes_back_as_it_was_given, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(a_call_is_answered_from_the_record_or_not_at_all, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(transactions_and_clock_pairs_are_kept_whole, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(runs_that_begin_in_the_same_second_do_not_meet, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(a_place_where_no_run_can_be_is_refused_with_the_reason, scratch_make, scratch_remove),
		cmocka_unit_test(a_file_system_on_another_machine_is_known),
		cmocka_unit_test_setup_teardown(a_file_added_is_kept_and_not_silently_replaced, scratch_make, scratch_remove),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "tests/store/sample.h"

#include "daq/store/mount.h"

#include <sqlite3.h>

static struct run *begin_empty(const char *results)
{
	struct run_about about = sample_about();
	struct error e = ERROR_INIT;
	struct run *run = NULL;

	must(run_create(&run, results, &about, 0, &e));
	return run;
}

static void finish(struct run *run, char *path, size_t size)
{
	struct error e = ERROR_INIT;

	snprintf(path, size, "%s", run_path(run));
	must(run_finish(run, sample_about().utc + NANOS_PER_S, "complete", "", &e));
}

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
	struct run *run = begin_empty(*state);
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
	finish(run, path, sizeof(path));
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
	struct run *run = begin_empty(*state);
	struct run_reader *reader = NULL;
	struct error e = ERROR_INIT;
	struct run_dut *back = NULL;
	char path[4096];
	int n = 0;

	must(run_define_dut(run, &dut, &e));
	finish(run, path, sizeof(path));
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
	finish(run, path, sizeof(path));
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
	finish(run, path, sizeof(path));
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

/* Reads with SQLite alone, as any tool would. */
static void query(const char *path, const char *sql, char *out, size_t size)
{
	char file[4200];
	sqlite3 *db = NULL;
	sqlite3_stmt *s = NULL;

	snprintf(file, sizeof(file), "%s/run.db", path);
	assert_int_equal(sqlite3_open_v2(file, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &s, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(s), SQLITE_ROW);
	snprintf(out, size, "%s", sqlite3_column_text(s, 0) ? (const char *)sqlite3_column_text(s, 0) : "NULL");
	sqlite3_finalize(s);
	sqlite3_close(db);
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
	finish(run, path, sizeof(path));
	query(path, "SELECT device || ' ' || block || ' ' || tick || ' ' || before || ' ' || after || ' ' || last || ' ' || "
		    "half_width || ' ' || name || ' ' || hex(raw) FROM block JOIN quality ON code = status ORDER BY id",
		got, sizeof(got));
	assert_string_equal(got, "2 1 9 10 20 30 5 checksum 010300FF");
	query(path, "SELECT count(*) FROM block WHERE raw IS NULL", got, sizeof(got));
	assert_string_equal(got, "1");
	query(path, "SELECT monotonic || ' ' || utc || ' ' || error_bound FROM clock_pair", got, sizeof(got));
	assert_string_equal(got, "1 2 3");
}

static void a_missing_value_is_null_and_every_other_one_exact(void **state)
{
	static const double values[] = {0, -0.0, 1e308, -1e308, 5e-324, 0.1, 1.0 / 3, 140737488355329.0, 9007199254740993.0,
		-1, INFINITY};
	enum { ROWS = sizeof(values) / sizeof(values[0]) };
	const uint8_t good[SAMPLE_CHANNELS] = {0};
	struct run *run = sample_begin(*state);
	struct run_reader *reader = NULL;
	struct error e = ERROR_INIT;
	struct run_table t;
	char path[4096], got[64];

	for (int i = 0; i < ROWS; i++) {
		double row[SAMPLE_CHANNELS] = {values[i], NAN, 0};

		must(run_put_scan(run, 0, i, row, good, SAMPLE_CHANNELS, &e));
	}
	finish(run, path, sizeof(path));
	must(run_reader_open(&reader, path, &e));
	must(run_reader_table(reader, "scan", &t, &e));
	for (int i = 0; i < ROWS; i++) {
		assert_true(t.value[0][i] == values[i]);
		assert_true(isnan(t.value[1][i]));
		assert_int_equal(t.quality[1][i], QUALITY_GOOD);
		assert_true(t.value[2][i] == 0);
	}
	run_table_free(&t);
	run_reader_close(reader);
	query(path, "SELECT count(*) FROM scan WHERE flow IS NULL AND power = 0 AND typeof(power) = 'real'", got,
		sizeof(got));
	assert_int_equal(atoi(got), ROWS);
}

static void rate_groups_keep_apart_and_know_their_times(void **state)
{
	const uint8_t good[2] = {0}, bad[2] = {QUALITY_STALE, QUALITY_RANGE};
	struct run_segment segment = {.utc = sample_about().utc};
	struct run *run = begin_empty(*state);
	struct run_reader *reader = NULL;
	struct error e = ERROR_INIT;
	struct run_table t;
	char path[4096];
	struct {
		const char *name, *group;
	} channels[] = {{"a", "scan"}, {"b", "scan_slow"}, {"c", "scan"}};

	for (int i = 0; i < 3; i++) {
		struct run_channel channel = sample_channel(channels[i].name, channels[i].group);

		must(run_define_channel(run, &channel, &e));
	}
	must(run_define_group(run, "scan", 1, &e));
	must(run_define_group(run, "scan_slow", 10, &e));
	must(run_begin_segment(run, &segment, &e));
	for (int i = 0; i < 30; i++)
		must(run_put_scan(run, 0, i, (double[]){i, 2 * i}, i == 20 ? bad : good, 2, &e));
	for (int i = 0; i < 30; i += 10)
		must(run_put_scan(run, 1, i, (double[]){-i}, i == 10 ? bad : good, 1, &e));
	assert_int_equal(run_next_tick(run), 30);
	finish(run, path, sizeof(path));
	must(run_reader_open(&reader, path, &e));
	must(run_reader_table(reader, "scan", &t, &e));
	assert_int_equal(t.rows, 30);
	assert_int_equal(t.columns, 2);
	assert_int_equal(t.channel[1], 2);
	assert_true(t.value[1][29] == 58 && t.time[29] == 29);
	assert_int_equal(t.quality[0][20], QUALITY_STALE);
	assert_int_equal(t.quality[1][20], QUALITY_RANGE);
	assert_int_equal(t.quality[0][10], QUALITY_GOOD);
	run_table_free(&t);
	must(run_reader_table(reader, "scan_slow", &t, &e));
	assert_int_equal(t.rows, 3);
	assert_int_equal(t.every, 10);
	assert_true(t.value[0][2] == -20 && t.time[2] == 20);
	assert_int_equal(t.quality[0][1], QUALITY_STALE);
	run_table_free(&t);
	assert_int_equal(run_reader_table(reader, "nothing", &t, &e), -1);
	assert_int_equal(e.code, ERROR_DATA);
	run_reader_close(reader);
}

static void a_stored_row_is_never_overwritten(void **state)
{
	struct run *run = sample_begin(*state);
	struct error e = ERROR_INIT;
	char path[4096];

	must(sample_put(run, 0, &e));
	must(run_commit(run, &e));
	assert_int_equal(sample_put(run, 0, &e), -1);
	error_clear(&e);
	must(sample_put(run, 1, &e));
	finish(run, path, sizeof(path));
	assert_int_equal(sample_compare(path), 2);
}

static void a_name_that_sql_takes_for_something_else_is_refused(void **state)
{
	static const char *const refused[] = {"tick", "rowid", "order", "null", "select", "current_time", "Flow", "2nd",
		"a b", "a\"b", "", "_x", "flow;"};
	static const char *const taken[] = {"flow", "current", "last", "t2", "cop_el"};
	struct run *run = begin_empty(*state);

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct run_channel channel = sample_channel(refused[i], "scan");
		struct error e = ERROR_INIT;

		assert_int_equal(run_define_channel(run, &channel, &e), -1);
		assert_int_equal(e.code, ERROR_CONFIG);
	}
	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
		struct run_channel channel = sample_channel(taken[i], "scan");
		struct error e = ERROR_INIT;

		must(run_define_channel(run, &channel, &e));
		assert_int_equal(run_define_channel(run, &channel, &e), -1); /* twice */
	}
	for (size_t i = 0; i < 2; i++) {
		struct error e = ERROR_INIT;

		assert_int_equal(run_define_group(run, i ? "event" : "scan x", 1, &e), -1);
		assert_int_equal(e.code, ERROR_CONFIG);
	}
	run_abandon(run);
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
	struct run *run = begin_empty(*state);
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

static void a_value_takes_at_most_twelve_bytes(void **state)
{
	enum { CHANNELS = 20, ROWS = 5000 };
	uint8_t quality[CHANNELS] = {0};
	double value[CHANNELS];
	struct run_segment segment = {.utc = 1};
	struct run *run = begin_empty(*state);
	struct error e = ERROR_INIT;
	struct stat st;
	char path[4096], file[4200];

	for (int c = 0; c < CHANNELS; c++) {
		char name[16];
		struct run_channel channel;

		snprintf(name, sizeof(name), "c%d", c);
		channel = sample_channel(name, "scan");
		must(run_define_channel(run, &channel, &e));
	}
	must(run_define_group(run, "scan", 1, &e));
	must(run_begin_segment(run, &segment, &e));
	for (int i = 0; i < ROWS; i++) {
		for (int c = 0; c < CHANNELS; c++) {
			value[c] = sin(i + c); /* nothing to round */
			quality[c] = (i * CHANNELS + c) % 100 == 0 ? QUALITY_SUSPECT : QUALITY_GOOD;
		}
		must(run_put_scan(run, 0, i, value, quality, CHANNELS, &e));
	}
	finish(run, path, sizeof(path));
	snprintf(file, sizeof(file), "%s/run.db", path);
	assert_int_equal(stat(file, &st), 0);
	print_message("# %.2f bytes a value\n", (double)st.st_size / ROWS / CHANNELS);
	assert_true(st.st_size <= 12 * ROWS * CHANNELS);
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
		cmocka_unit_test_setup_teardown(a_missing_value_is_null_and_every_other_one_exact, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(rate_groups_keep_apart_and_know_their_times, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(a_stored_row_is_never_overwritten, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(a_name_that_sql_takes_for_something_else_is_refused, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(runs_that_begin_in_the_same_second_do_not_meet, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(a_place_where_no_run_can_be_is_refused_with_the_reason, scratch_make, scratch_remove),
		cmocka_unit_test(a_file_system_on_another_machine_is_known),
		cmocka_unit_test_setup_teardown(a_file_added_is_kept_and_not_silently_replaced, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(a_value_takes_at_most_twelve_bytes, scratch_make, scratch_remove),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

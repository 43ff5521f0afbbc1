#include "tests/store/sample.h"

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
	sample_finish(run, path, sizeof(path));
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
	sample_query(path, "SELECT count(*) FROM scan WHERE flow IS NULL AND power = 0 AND typeof(power) = 'real'", got,
		sizeof(got));
	assert_int_equal(atoi(got), ROWS);
}

static void rate_groups_keep_apart_and_know_their_times(void **state)
{
	const uint8_t good[2] = {0}, bad[2] = {QUALITY_STALE, QUALITY_RANGE};
	struct run_segment segment = {.utc = sample_about().utc};
	struct run *run = sample_empty(*state);
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
	sample_finish(run, path, sizeof(path));
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
	sample_finish(run, path, sizeof(path));
	assert_int_equal(sample_compare(path), 2);
}

static void a_name_that_sql_takes_for_something_else_is_refused(void **state)
{
	static const char *const refused[] = {"tick", "rowid", "order", "null", "select", "current_time", "Flow", "2nd",
		"a b", "a\"b", "", "_x", "flow;"};
	static const char *const taken[] = {"flow", "current", "last", "t2", "cop_el"};
	struct run *run = sample_empty(*state);

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

static void a_value_takes_at_most_twelve_bytes(void **state)
{
	enum { CHANNELS = 20, ROWS = 5000 };
	uint8_t quality[CHANNELS] = {0};
	double value[CHANNELS];
	struct run_segment segment = {.utc = 1};
	struct run *run = sample_empty(*state);
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
	sample_finish(run, path, sizeof(path));
	snprintf(file, sizeof(file), "%s/run.db", path);
	assert_int_equal(stat(file, &st), 0);
	print_message("# %.2f bytes a value\n", (double)st.st_size / ROWS / CHANNELS);
	assert_true(st.st_size <= 12 * ROWS * CHANNELS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_missing_value_is_null_and_every_other_one_exact, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(rate_groups_keep_apart_and_know_their_times, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(a_stored_row_is_never_overwritten, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(a_name_that_sql_takes_for_something_else_is_refused, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(a_value_takes_at_most_twelve_bytes, scratch_make, scratch_remove),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

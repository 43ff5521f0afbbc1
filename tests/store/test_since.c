#include "tests/store/sample.h"

static int64_t rows_since(struct run_reader *reader, int64_t first_tick)
{
	struct error e = ERROR_INIT;
	struct run_table t;
	int64_t rows;

	must(run_reader_table_since(reader, "scan", first_tick, &t, &e));
	for (int64_t i = 0; i < t.rows; i++) {
		int64_t tick = t.tick[0] + i;

		assert_true(tick >= first_tick);
		assert_int_equal(t.tick[i], tick);
		assert_true(t.time[i] == (double)tick);
		for (int c = 0; c < SAMPLE_CHANNELS; c++) {
			double want = sample_value(tick, c);

			assert_true(isnan(want) ? isnan(t.value[c][i]) : want == t.value[c][i]);
			assert_int_equal(t.quality[c][i], sample_quality(tick, c));
		}
	}
	rows = t.rows;
	run_table_free(&t);
	return rows;
}

static void rows_since_a_tick_come_with_their_own_times_and_flags(void **state)
{
	struct run_reader *reader = NULL;
	struct error e = ERROR_INIT;
	char path[4096];

	sample_finished(*state, 100, path, sizeof(path));
	must(run_reader_open(&reader, path, &e));
	for (int64_t first = 0; first <= 100; first++)
		assert_int_equal(rows_since(reader, first), 100 - first);
	assert_int_equal(rows_since(reader, -5), 100);
	assert_int_equal(rows_since(reader, INT64_MIN), 100);
	assert_int_equal(rows_since(reader, INT64_MAX), 0);
	run_reader_close(reader);
}

/* A viewer of a run being written asks again and again: together it gets every row once. */
static void what_was_committed_since_the_last_look_comes_once(void **state)
{
	struct run *run = sample_begin(*state);
	struct run_reader *reader = NULL;
	struct error e = ERROR_INIT;
	int64_t next = 0;

	must(run_commit(run, &e));
	must(run_reader_open(&reader, run_path(run), &e));
	for (int64_t tick = 0; tick < 60; tick++) {
		must(sample_put(run, tick, &e));
		if (tick % 7)
			continue;
		assert_int_equal(rows_since(reader, next), 0);
		must(run_commit(run, &e));
		assert_int_equal(rows_since(reader, next), tick + 1 - next);
		next = tick + 1;
	}
	run_reader_close(reader);
	run_abandon(run);
}

static void rows_since_a_tick_are_found_by_the_primary_key(void **state)
{
	char path[4096], plan[256] = "";
	static const char *const sql[] = {"EXPLAIN QUERY PLAN SELECT tick, duty FROM scan WHERE tick >= 5 ORDER BY tick",
		"EXPLAIN QUERY PLAN SELECT tick, channel, quality FROM flag WHERE tick >= 5 ORDER BY tick"};
	sqlite3_stmt *s = NULL;
	sqlite3 *db = NULL;
	char file[4200];

	sample_finished(*state, 10, path, sizeof(path));
	snprintf(file, sizeof(file), "%s/run.db", path);
	assert_int_equal(sqlite3_open_v2(file, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(sqlite3_prepare_v2(db, sql[i], -1, &s, NULL), SQLITE_OK);
		assert_int_equal(sqlite3_step(s), SQLITE_ROW);
		snprintf(plan, sizeof(plan), "%s", sqlite3_column_text(s, 3));
		assert_non_null(strstr(plan, "SEARCH"));
		assert_non_null(strstr(plan, "PRIMARY KEY"));
		assert_int_equal(sqlite3_step(s), SQLITE_DONE); /* and nothing is sorted */
		sqlite3_finalize(s);
	}
	sqlite3_close(db);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(rows_since_a_tick_come_with_their_own_times_and_flags, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(what_was_committed_since_the_last_look_comes_once, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(rows_since_a_tick_are_found_by_the_primary_key, scratch_make, scratch_remove),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

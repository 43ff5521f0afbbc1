/* A long run: one database for each UTC day, closed for good when it is over, and read as if it were one. */
#include "tests/store/sample.h"

#include "daq/store/export.h"

/* A tick of ten minutes from 2023-11-14T22:13:20Z on: eleven on the first day, 144 on each other. */
enum { FIRST_DAY = 11, DAY_TICKS = 144, ROWS = FIRST_DAY + 3 * DAY_TICKS + 20 };

static struct run *begin(const char *results, bool in_days)
{
	static const char *const names[] = {"duty", "flow", "power"};
	struct run_segment segment = {.boot_id = "boot", .bench_digest = "digest", .utc = sample_about().utc};
	struct run_about about = sample_about();
	struct error e = ERROR_INIT;
	struct run *run = NULL;

	about.period = 600 * NANOS_PER_S;
	must(run_create(&run, results, &about, 0, &e));
	if (in_days)
		must(run_in_days(run, &e));
	for (int c = 0; c < 4; c++) {
		struct run_channel channel = sample_channel(c < 3 ? names[c] : "slow", c < 3 ? "scan" : "scan_6");

		must(run_define_channel(run, &channel, &e));
	}
	must(run_define_group(run, "scan", 1, &e));
	must(run_define_group(run, "scan_6", 6, &e));
	must(run_begin_segment(run, &segment, &e));
	must(run_commit(run, &e));
	return run;
}

/* Rows of [from, to), the slow ones as late as they may come, a commit now and then. */
static void put(struct run *run, int64_t from, int64_t to)
{
	struct error e = ERROR_INIT;

	for (int64_t tick = from; tick < to; tick++) {
		struct run_block block = {.device = 0, .tick = tick, .before = tick, .after = tick + 1, .last = tick + 2,
			.raw = "\x01\x02", .raw_size = 2};
		double slow = (double)tick - 6;
		uint8_t good = QUALITY_GOOD;

		must(sample_put(run, tick, &e));
		must(run_put_block(run, &block, &e));
		if (tick % 6 == 0 && tick >= 6)
			must(run_put_scan(run, 1, tick - 6, &slow, &good, 1, &e));
		if (tick % 5 == 0) {
			must(run_put_event(run, tick, tick, "info", "test", "five more", &e));
			must(run_commit(run, &e));
		}
	}
	must(run_commit(run, &e));
}

static void finish(struct run *run, char *path, size_t size)
{
	struct error e = ERROR_INIT;

	snprintf(path, size, "%s", run_path(run));
	must(run_finish(run, sample_about().utc + (nanos)ROWS * 600 * NANOS_PER_S, "complete", NULL, &e));
}

static void digest_of(const char *path, char out[65])
{
	struct run_reader *reader = NULL;
	struct error e = ERROR_INIT;

	must(run_reader_open(&reader, path, &e));
	must(run_reader_digest(reader, out, &e));
	run_reader_close(reader);
}

static void day_digest(const char *path, const char *date, char out[65])
{
	struct error e = ERROR_INIT;
	char file[4400];

	snprintf(file, sizeof(file), "%s/days/%s.db", path, date);
	must(file_digest(file, out, &e));
}

static int64_t ask(const char *path, const char *file, const char *sql)
{
	sqlite3_stmt *s = NULL;
	sqlite3 *db = NULL;
	char name[4400];
	int64_t n;

	snprintf(name, sizeof(name), "%s/%s", path, file);
	assert_int_equal(sqlite3_open_v2(name, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &s, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(s), SQLITE_ROW);
	n = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	sqlite3_close(db);
	return n;
}

static int visit(void *self, const struct run_block *block, struct error *e)
{
	(void)e;
	assert_int_equal(block->tick, (*(int64_t *)self)++);
	return 0;
}

static void a_run_in_days_reads_like_any_other(void **state)
{
	struct run_reader *reader = NULL;
	struct run_summary summary;
	struct run_table t;
	struct error e = ERROR_INIT;
	char one[4096], days[4096], a[65], b[65];
	enum run_state verdict;
	char detail[256];
	int64_t blocks = 0;
	struct run *run = begin(*state, false);

	put(run, 0, ROWS);
	finish(run, one, sizeof(one));
	run = begin(*state, true);
	put(run, 0, ROWS);
	finish(run, days, sizeof(days));
	digest_of(one, a);
	digest_of(days, b);
	assert_string_equal(a, b);
	must(run_reader_open(&reader, days, &e));
	must(run_reader_summary(reader, &summary, &e));
	assert_int_equal(summary.scans, ROWS);
	assert_true(summary.first_tick == 0 && summary.last_tick == ROWS - 1);
	for (int64_t since = 0; since < ROWS; since += 37) {
		must(run_reader_table_since(reader, "scan", since, &t, &e));
		assert_int_equal(t.rows, ROWS - since);
		for (int64_t i = 0; i < t.rows; i++) {
			assert_int_equal(t.tick[i], since + i);
			assert_true(t.value[0][i] == (double)(since + i) && t.time[i] == 600.0 * (double)(since + i));
			assert_int_equal(t.quality[2][i], sample_quality(since + i, 2));
		}
		run_table_free(&t);
	}
	must(run_reader_table(reader, "scan_6", &t, &e));
	assert_int_equal(t.rows, (ROWS - 1) / 6);
	assert_true(t.value[0][10] == 60);
	run_table_free(&t);
	assert_int_equal(run_reader_blocks(reader, -1, INT64_MIN, INT64_MAX, visit, &blocks, &e), 0);
	assert_int_equal(blocks, ROWS);
	blocks = 200;
	assert_int_equal(run_reader_blocks(reader, 0, 200, 299, visit, &blocks, &e), 0);
	assert_int_equal(blocks, 300);
	run_reader_close(reader);
	must(run_verify(days, &verdict, detail, sizeof(detail), &e));
	assert_int_equal(verdict, RUN_INTACT);
}

static void a_day_that_is_over_is_closed_and_never_touched_again(void **state)
{
	struct run *run = begin(*state, true);
	char path[4096], before[65], after[65];

	snprintf(path, sizeof(path), "%s", run_path(run));
	put(run, 0, FIRST_DAY + 3); /* what is late may still come */
	assert_int_equal(ask(path, "run.db", "SELECT count(*) FROM day WHERE sha256 IS NULL"), 2);
	put(run, FIRST_DAY + 3, FIRST_DAY + 20);
	assert_int_equal(ask(path, "run.db", "SELECT count(*) FROM day WHERE sha256 IS NULL"), 1);
	assert_int_equal(ask(path, "run.db", "SELECT last_tick FROM day WHERE date = '2023-11-14'"), FIRST_DAY - 1);
	day_digest(path, "2023-11-14", before);
	assert_int_equal(ask(path, "run.db", "SELECT length(sha256) FROM day WHERE date = '2023-11-14'"), 64);
	/* It can be read alone: values, and what they are. */
	assert_int_equal(ask(path, "days/2023-11-14.db", "SELECT count(*) FROM scan"), FIRST_DAY);
	assert_int_equal(ask(path, "days/2023-11-14.db", "SELECT count(*) FROM channel"), 4);
	assert_int_equal(ask(path, "days/2023-11-14.db", "SELECT count(*) FROM quality"), QUALITY_COUNT);
	put(run, FIRST_DAY + 20, ROWS);
	finish(run, path, sizeof(path));
	day_digest(path, "2023-11-14", after);
	assert_string_equal(before, after);
	assert_int_equal(ask(path, "run.db", "SELECT count(*) FROM day WHERE sha256 IS NULL"), 0);
	assert_int_equal(ask(path, "run.db", "SELECT count(*) FROM day"), 5);
	assert_int_equal(ask(path, "run.db", "SELECT count(*) FROM sqlite_schema WHERE name LIKE 'scan%'"), 0);
}

static void a_viewer_does_not_keep_a_day_from_closing_and_misses_nothing(void **state)
{
	struct run *run = begin(*state, true);
	struct run_reader *reader = NULL;
	struct error e = ERROR_INIT;
	sqlite3 *watching = NULL;
	sqlite3_stmt *s = NULL;
	char path[4200];
	int64_t next = 0;

	put(run, 0, 6);
	snprintf(path, sizeof(path), "%s/days/2023-11-14.db", run_path(run));
	assert_int_equal(sqlite3_open_v2(path, &watching, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(watching, "SELECT tick FROM scan", -1, &s, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(s), SQLITE_ROW); /* in the middle of a look */
	must(run_reader_open(&reader, run_path(run), &e));
	for (int64_t tick = 6; tick < ROWS; tick += 10) {
		struct run_table t;

		put(run, tick, tick + 10 < ROWS ? tick + 10 : ROWS);
		must(run_reader_table_since(reader, "scan", next, &t, &e));
		assert_true(t.rows > 0 && t.tick[0] == next);
		next = t.tick[t.rows - 1] + 1;
		run_table_free(&t);
	}
	assert_int_equal(next, ROWS);
	run_reader_close(reader);
	assert_int_equal(ask(run_path(run), "run.db", "SELECT count(*) FROM day WHERE sha256 IS NULL"), 1);
	sqlite3_finalize(s);
	sqlite3_close(watching);
	finish(run, path, sizeof(path));
}

/* Let go at every kind of moment: within a day, just about midnight, before anything; then taken up. */
static void a_run_that_was_cut_goes_on_without_touching_what_was_there(void **state)
{
	static const int64_t cuts[] = {3, FIRST_DAY, FIRST_DAY + 1, FIRST_DAY + 5, FIRST_DAY + 40, FIRST_DAY + DAY_TICKS + 2};
	char whole[4096], a[65];
	struct run *run = begin(*state, false);

	put(run, 0, ROWS);
	finish(run, whole, sizeof(whole));
	digest_of(whole, a);
	for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
		struct run_segment again = {.boot_id = "boot2", .bench_digest = "digest", .first_tick = cuts[i],
			.utc = sample_about().utc + cuts[i] * 600 * NANOS_PER_S};
		char path[4096], before[65] = "", after[65] = "";
		struct error e = ERROR_INIT;
		int64_t closed;

		run = begin(*state, true);
		put(run, 0, cuts[i]);
		snprintf(path, sizeof(path), "%s", run_path(run));
		run_abandon(run);
		closed = ask(path, "run.db", "SELECT count(*) FROM day WHERE sha256 IS NOT NULL");
		if (closed)
			day_digest(path, "2023-11-14", before);
		must(run_resume(&run, path, "digest", &e));
		assert_int_equal(run_next_tick(run), cuts[i]);
		must(run_begin_segment(run, &again, &e));
		put(run, cuts[i], ROWS);
		finish(run, path, sizeof(path));
		if (closed)
			day_digest(path, "2023-11-14", after);
		assert_string_equal(before, after);
		assert_int_equal(ask(path, "days/2023-11-15.db", "SELECT count(*) FROM scan"), DAY_TICKS);
		assert_int_equal(ask(path, "days/2023-11-15.db", "SELECT count(DISTINCT id) FROM block"), DAY_TICKS);
	}
}

static void a_run_that_was_killed_is_recovered_with_its_days(void **state)
{
	struct run *run = begin(*state, true);
	struct error e = ERROR_INIT;
	enum run_state verdict;
	char path[4096], detail[256], a[65], b[65];

	put(run, 0, FIRST_DAY + 100);
	snprintf(path, sizeof(path), "%s", run_path(run));
	run_abandon(run);
	digest_of(path, a);
	must(run_recover(path, &e));
	must(run_verify(path, &verdict, detail, sizeof(detail), &e));
	assert_int_equal(verdict, RUN_INTACT);
	assert_int_equal(ask(path, "run.db", "SELECT count(*) FROM day WHERE sha256 IS NULL"), 0);
	assert_int_equal(ask(path, "days/2023-11-15.db", "SELECT count(*) FROM scan"), 100);
	digest_of(path, b);
	assert_string_not_equal(a, b); /* recovered, and says so in its table `run` */
	/* A day that is changed afterwards is seen. */
	snprintf(detail, sizeof(detail), "%.200s/days/2023-11-15.db", path);
	chmod(detail, 0644);
	assert_int_equal(truncate(detail, 8192), 0);
	must(run_verify(path, &verdict, detail, sizeof(detail), &e));
	assert_int_equal(verdict, RUN_CHANGED);
	assert_non_null(strstr(detail, "2023-11-15"));
}

static void exported_and_imported_it_holds_the_same(void **state)
{
	char path[4096], to[4200], back[4096], a[65], b[65], results[4200];
	struct run *run = begin(*state, true);
	struct error e = ERROR_INIT;

	put(run, 0, ROWS);
	finish(run, path, sizeof(path));
	snprintf(to, sizeof(to), "%.4000s/export", (char *)*state);
	snprintf(results, sizeof(results), "%.4000s/results2", (char *)*state);
	must(run_export(path, to, NULL, NULL, &e));
	must(run_import(to, results, back, sizeof(back), NULL, &e));
	digest_of(path, a);
	digest_of(back, b);
	assert_string_equal(a, b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_run_in_days_reads_like_any_other, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(a_day_that_is_over_is_closed_and_never_touched_again, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(a_viewer_does_not_keep_a_day_from_closing_and_misses_nothing, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(a_run_that_was_cut_goes_on_without_touching_what_was_there, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(a_run_that_was_killed_is_recovered_with_its_days, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(exported_and_imported_it_holds_the_same, scratch_make, scratch_remove),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "tests/store/sample.h"

#include "daq/base/text.h"
#include "daq/store/export.h"

#include <float.h>

static const double odd_values[] = {0.0, -0.0, 1e308, -DBL_MAX, DBL_TRUE_MIN, DBL_MIN, 0.1, 1.0 / 3, 1e15 + 0.5,
	9007199254740993.0, 123456789012345678.0, -1, INFINITY, -INFINITY, NAN, 5e-324 * 3};

enum { ODD = sizeof(odd_values) / sizeof(odd_values[0]) };

static const char odd_text[] = " \"quoted\", with\na line, a \ttab, \xc3\xa9\xe2\x82\xac\xf0\x9f\x94\xa5, 0x12 and a blank ";

static void put_definitions(struct run *run)
{
	static const struct run_dut dut = {"wilo", "pump", "iPWM1", "47,11", "1.2 \"b\"", ORIGIN_MEASURED, ORIGIN_TYPED};
	static const struct run_device device = {"odu", "modbus", "odu-v1", "rtu:1", "{\"model\": \"x \\u00b0\"}"};
	static const struct run_certificate certificate = {.id = "C-1", .laboratory = "VSL", .U = NAN, .k = 1e-320,
		.points = "[[0, 0.1], [10, -0.2]]"};
	static const struct run_limit limit = {.dut = "wilo", .quantity = "flow", .set_point = NAN, .min = -INFINITY,
		.max = 1e308, .unit = "l/h", .rule = "guarded", .source = "rig.lua:12"};
	static const char *const names[] = {"duty", "flow", "power", "slow"};
	struct error e = ERROR_INIT;

	must(run_define_dut(run, &dut, &e));
	must(run_define_device(run, &device, &e));
	must(run_define_certificate(run, &certificate, &e));
	must(run_define_limit(run, &limit, &e));
	for (int i = 0; i < 4; i++) {
		struct run_channel channel = sample_channel(names[i], i < 3 ? "scan" : "flag_10");

		channel.resolution = i ? odd_values[i] : NAN;
		must(run_define_channel(run, &channel, &e));
	}
	must(run_define_group(run, "scan", 1, &e));
	must(run_define_group(run, "flag_10", 10, &e));
}

static void put_blocks(struct run *run)
{
	static const uint16_t raw[] = {0x4366, 0x3333};
	struct run_block block = {.device = 0, .block = 1, .tick = 3, .before = 10, .after = 20, .last = 30,
		.half_width = 4, .status = QUALITY_GOOD, .raw = raw, .raw_size = sizeof(raw)};
	struct error e = ERROR_INIT;

	must(run_put_block(run, &block, &e));
	block.raw_size = 0; /* nothing came: not the same as not kept */
	must(run_put_block(run, &block, &e));
	block.raw = NULL;
	block.before = INT64_MIN;
	block.after = INT64_MAX;
	must(run_put_block(run, &block, &e));
}

static void put_happenings(struct run *run)
{
	struct run_step step = {.number = 1, .name = "a, \"b\"", .unit = "permille", .set_point = NAN, .last_tick = -1};
	struct run_mark mark = {.name = "settled\n", .step = 1, .first_tick = 3, .last_tick = 9};
	struct run_health health = {.bus = "odu", .transactions = INT64_MAX, .utilisation = NAN};
	struct error e = ERROR_INIT;

	must(run_put_step(run, &step, &e));
	must(run_put_mark(run, &mark, &e));
	must(run_put_health(run, &health, &e));
	must(run_put_event(run, 7, -1, "info", "bus odu", odd_text, &e));
	must(run_put_event(run, 8, 2, "error", "", "", &e));
	must(run_put_call(run, 1, 1, "set", "{\"a\": [1, null]}", &e));
	must(run_put_call(run, 2, 1, "bytes that are no character: \xff\xc3", "", &e));
	must(run_put_clock_pair(run, 5, 6, -1, &e));
	put_blocks(run);
}

/* A run with everything that a run can hold, two segments, and files beside the database. */
static struct run *odd_run(const char *results)
{
	struct run_segment segment = {.boot_id = "boot", .bench_digest = "digest", .utc = sample_about().utc};
	struct run *run = sample_empty(results);
	struct error e = ERROR_INIT;
	uint8_t quality[3] = {QUALITY_GOOD, QUALITY_RANGE, QUALITY_GOOD};
	char path[4300];

	put_definitions(run);
	must(run_begin_segment(run, &segment, &e));
	segment.first_tick = ODD / 2;
	segment.utc += 1000 * NANOS_PER_S + 7;
	must(run_begin_segment(run, &segment, &e));
	for (int i = 0; i < ODD; i++) {
		double value[3] = {odd_values[i], odd_values[(i + 5) % ODD], odd_values[(i + 9) % ODD]};

		must(run_put_scan(run, 0, i, value, quality, 3, &e));
	}
	must(run_put_scan(run, 1, 0, &odd_values[6], quality, 1, &e));
	put_happenings(run);
	snprintf(path, sizeof(path), "%s/truth", run_path(run));
	assert_int_equal(mkdir(path, 0777), 0);
	snprintf(path, sizeof(path), "%s/truth/events.csv", run_path(run));
	must(text_write_file(path, "t,what\n0,x\n", 11, &e));
	return run;
}

static void digest_of_run(const char *path, char out[65])
{
	struct run_reader *reader = NULL;
	struct error e = ERROR_INIT;

	must(run_reader_open(&reader, path, &e));
	must(run_reader_digest(reader, out, &e));
	run_reader_close(reader);
}

static void scratch_path(void **state, const char *name, char *out, size_t size)
{
	snprintf(out, size, "%s/%s", (char *)*state, name);
}

/* There and back; both digests are the same. */
static void journey(void **state, const char *run, char *back, size_t size)
{
	char out[700], results[700], before[65], after[65];
	struct error e = ERROR_INIT;

	scratch_path(state, "out", out, sizeof(out));
	scratch_path(state, "back", results, sizeof(results));
	must(run_export(run, out, NULL, NULL, &e));
	must(run_import(out, results, back, size, NULL, &e));
	digest_of_run(run, before);
	digest_of_run(back, after);
	assert_string_equal(before, after);
	assert_int_equal(strlen(after), 64);
}

static void every_kind_of_value_survives_export_and_import(void **state)
{
	char run[4096], back[4096], detail[200];
	enum run_state verdict;
	struct error e = ERROR_INIT;
	char text[400];

	sample_finish(odd_run(*state), run, sizeof(run));
	journey(state, run, back, sizeof(back));
	must(run_verify(back, &verdict, detail, sizeof(detail), &e));
	assert_int_equal(verdict, RUN_INTACT);
	sample_query(back, "SELECT text FROM event WHERE id = 1", text, sizeof(text));
	assert_string_equal(text, odd_text);
	sample_query(back, "SELECT group_concat(typeof(raw) || ifnull(length(raw), '')) FROM block", text, sizeof(text));
	assert_string_equal(text, "blob4,blob0,null");
	sample_query(back, "SELECT max(duty) FROM scan WHERE duty < 1e-320", text, sizeof(text));
	assert_true(strtod(text, NULL) >= 0);
}

static void a_run_without_clean_end_survives_and_stays_incomplete(void **state)
{
	char run[4096], back[4096], text[64];
	struct error e = ERROR_INIT;
	struct run *open = odd_run(*state);

	snprintf(run, sizeof(run), "%s", run_path(open));
	must(run_commit(open, &e));
	run_abandon(open);
	journey(state, run, back, sizeof(back));
	sample_query(back, "SELECT verdict || ifnull(ended, ', no end') FROM run", text, sizeof(text));
	assert_string_equal(text, "incomplete, no end");
}

static void a_run_that_is_being_written_is_exported_as_it_is_now(void **state)
{
	char run[4096], back[4096];
	struct error e = ERROR_INIT;
	struct run *open = odd_run(*state);

	snprintf(run, sizeof(run), "%s", run_path(open));
	must(run_commit(open, &e));
	journey(state, run, back, sizeof(back));
	run_abandon(open);
}

static void a_second_journey_keeps_what_the_first_left(void **state)
{
	char run[4096], back[4096], again[4096], out[700], file[4200];
	struct error e = ERROR_INIT;

	sample_finish(odd_run(*state), run, sizeof(run));
	journey(state, run, back, sizeof(back));
	scratch_path(state, "out2", out, sizeof(out));
	must(run_export(back, out, NULL, NULL, &e));
	must(run_import(out, *state, again, sizeof(again), NULL, &e));
	snprintf(file, sizeof(file), "%s/import-2.json", again);
	assert_int_equal(access(file, F_OK), 0);
	snprintf(file, sizeof(file), "%s/truth/events.csv", again);
	assert_int_equal(access(file, F_OK), 0);
}

/* Changes one word of a file by another of the same length. */
static void replace_word(const char *path, const char *word, const char *by)
{
	struct error e = ERROR_INIT;
	char *text = NULL, *at;
	size_t length = 0;

	must(text_read_file(path, &text, &length, &e));
	at = strstr(text, word);
	assert_non_null(at);
	memcpy(at, by, strlen(by));
	must(text_write_file(path, text, length, &e));
	free(text);
}

static void refuse_import(const char *from, const char *results, const char *word)
{
	struct error e = ERROR_INIT;
	char back[4096];

	assert_int_equal(run_import(from, results, back, sizeof(back), NULL, &e), -1);
	if (!strstr(e.text, word))
		fail_msg("\"%s\" does not say \"%s\"", e.text, word);
	assert_int_equal(rmdir(results), 0); /* nothing is left in it */
}

static void an_export_that_was_changed_is_refused_and_leaves_nothing(void **state)
{
	char run[4096], out[700], results[700], file[800];
	struct error e = ERROR_INIT;

	sample_finish(odd_run(*state), run, sizeof(run));
	scratch_path(state, "out", out, sizeof(out));
	scratch_path(state, "back", results, sizeof(results));
	must(run_export(run, out, NULL, NULL, &e));
	snprintf(file, sizeof(file), "%s/scan.csv", out);
	replace_word(file, "9007199254740992", "9007199254740994");
	refuse_import(out, results, "was changed since the export");
	replace_word(file, "9007199254740994", "900719925474099x");
	refuse_import(out, results, "is no number");
	replace_word(file, "900719925474099x", "\"007199254740992");
	refuse_import(out, results, "scan.csv");
	replace_word(file, "\"007199254740992", "9007199254740992");
	snprintf(file, sizeof(file), "%s/files/truth/events.csv", out);
	replace_word(file, "0,x", "1,x");
	refuse_import(out, results, "files/truth/events.csv changed");
	assert_int_equal(unlink(file), 0);
	refuse_import(out, results, "missing");
}

static void what_is_no_export_is_refused(void **state)
{
	char results[700], out[700], file[800];
	struct error e = ERROR_INIT;
	char back[4096];

	scratch_path(state, "back", results, sizeof(results));
	assert_int_equal(run_import(*state, results, back, sizeof(back), NULL, &e), -1);
	assert_non_null(strstr(e.text, "is no export of a run"));
	scratch_path(state, "out", out, sizeof(out));
	assert_int_equal(mkdir(out, 0777), 0);
	snprintf(file, sizeof(file), "%s/definitions.json", out);
	must(text_write_file(file, "{\"format\": 1}", 13, (error_clear(&e), &e)));
	assert_int_equal(run_import(out, results, back, sizeof(back), NULL, &e), -1);
	assert_non_null(strstr(e.text, "a key of it is missing"));
}

static void one_rate_group_alone_is_no_whole_run(void **state)
{
	char run[4096], out[700], results[700], back[4096], file[800];
	struct error e = ERROR_INIT;

	sample_finish(odd_run(*state), run, sizeof(run));
	scratch_path(state, "out", out, sizeof(out));
	scratch_path(state, "back", results, sizeof(results));
	must(run_export(run, out, "flag_10", NULL, &e));
	snprintf(file, sizeof(file), "%s/flag_10.csv", out);
	assert_int_equal(access(file, F_OK), 0);
	snprintf(file, sizeof(file), "%s/scan.csv", out);
	assert_int_not_equal(access(file, F_OK), 0);
	assert_int_equal(run_import(out, results, back, sizeof(back), NULL, &e), -1);
	assert_non_null(strstr(e.text, "one rate group only"));
	error_clear(&e);
	assert_int_equal(run_export(run, results, "scan_9", NULL, &e), -1);
	assert_non_null(strstr(e.text, "no rate group \"scan_9\""));
	assert_int_not_equal(access(results, F_OK), 0);
}

static void an_export_goes_to_an_empty_place_or_nowhere(void **state)
{
	char run[4096], out[700];
	struct error e = ERROR_INIT;

	sample_finished(*state, 3, run, sizeof(run));
	scratch_path(state, "out", out, sizeof(out));
	assert_int_equal(mkdir(out, 0777), 0);
	must(run_export(run, out, NULL, NULL, &e));
	assert_int_equal(run_export(run, out, NULL, NULL, &e), -1);
	assert_non_null(strstr(e.text, "is there already"));
}

static void a_scan_says_its_units_and_both_times(void **state)
{
	static const char want[] = "tick,utc,elapsed [s],duty [l/h],flow [l/h],power [l/h]\n"
				   "0,2023-11-14T22:13:20.000000005Z,0.000000000,0,1,2\n"
				   "1,2023-11-14T22:13:21.000000005Z,1.000000000,1,1.1000000000000001,2.1000000000000001\n"
				   "2,2023-11-14T22:13:22.000000005Z,2.000000000,2,1.2,2.2000000000000002\n"
				   "3,2023-11-14T22:13:23.000000005Z,3.000000000,3,1.3,\n";
	char run[4096], out[700], file[800], *text = NULL;
	struct error e = ERROR_INIT;
	size_t length = 0;

	sample_finished(*state, 4, run, sizeof(run));
	scratch_path(state, "out", out, sizeof(out));
	must(run_export(run, out, NULL, NULL, &e));
	snprintf(file, sizeof(file), "%s/scan.csv", out);
	must(text_read_file(file, &text, &length, &e));
	assert_string_equal(text, want);
	free(text);
	snprintf(file, sizeof(file), "%s/flag.csv", out);
	must(text_read_file(file, &text, &length, &e));
	assert_string_equal(text, "tick,channel,quality,(channel),(quality)\n3,2,3,\"power\",\"timeout\"\n");
	free(text);
}

static void the_digest_tells_one_bit_and_not_how_the_file_lies(void **state)
{
	char run[4096], file[4200], before[65], after[65];
	sqlite3 *db = NULL;

	sample_finished(*state, 50, run, sizeof(run));
	snprintf(file, sizeof(file), "%s/run.db", run);
	digest_of_run(run, before);
	assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "PRAGMA page_size = 1024; VACUUM", NULL, NULL, NULL), SQLITE_OK);
	digest_of_run(run, after);
	assert_string_equal(before, after);
	assert_int_equal(sqlite3_exec(db, "UPDATE scan SET flow = 1.1000000000000003 WHERE tick = 1", NULL, NULL, NULL),
		SQLITE_OK);
	digest_of_run(run, after);
	assert_string_not_equal(before, after);
	sqlite3_close(db);
}

static void a_table_of_a_later_version_changes_no_digest_and_travels(void **state)
{
	char run[4096], file[4200], before[65], after[65], out[700], results[700], back[4096];
	struct run_reader *reader = NULL;
	struct error e = ERROR_INIT;
	struct run_mark *marks = NULL;
	int count = 1;
	sqlite3 *db = NULL;

	sample_finished(*state, 5, run, sizeof(run));
	snprintf(file, sizeof(file), "%s/run.db", run);
	digest_of_run(run, before);
	assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "CREATE TABLE later (a INTEGER PRIMARY KEY, b TEXT)", NULL, NULL, NULL), SQLITE_OK);
	digest_of_run(run, after);
	assert_string_equal(before, after);
	assert_int_equal(sqlite3_exec(db, "DROP TABLE mark", NULL, NULL, NULL), SQLITE_OK); /* as if there never was */
	sqlite3_close(db);
	must(run_reader_open(&reader, run, &e));
	must(run_reader_marks(reader, &marks, &count, &e));
	assert_int_equal(count, 0);
	run_reader_close(reader);
	journey(state, run, back, sizeof(back));
	assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "INSERT INTO later VALUES (1, 'x')", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	digest_of_run(run, after);
	assert_string_not_equal(before, after);
	/* its rows are in the export, and an older program that cannot keep them refuses */
	scratch_path(state, "out3", out, sizeof(out));
	scratch_path(state, "back3", results, sizeof(results));
	must(run_export(run, out, NULL, NULL, &e));
	snprintf(file, sizeof(file), "%s/later.csv", out);
	assert_int_equal(access(file, F_OK), 0);
	refuse_import(out, results, "digest");
}

static void told(void *self, const char *table, int64_t row, int64_t rows)
{
	int64_t *calls = self;

	assert_true(row <= rows);
	*calls += strcmp(table, "scan") == 0;
}

static void who_waits_is_told_how_far_it_is(void **state)
{
	char run[4096], out[700];
	struct error e = ERROR_INIT;
	int64_t calls = 0;
	struct run_progress progress = {told, &calls};

	sample_finished(*state, 12000, run, sizeof(run));
	scratch_path(state, "out", out, sizeof(out));
	must(run_export(run, out, NULL, &progress, &e));
	assert_int_equal(calls, 3); /* twice on the way and at the end */
}

struct walked {
	int count;
	size_t bytes;
};

static int walk_block(void *self, const struct run_block *block, struct error *e)
{
	struct walked *w = self;

	(void)e;
	w->count++;
	w->bytes += block->raw_size;
	assert_int_equal(block->half_width, 4);
	return 0;
}

static int walk_call(void *self, const struct run_call *call, struct error *e)
{
	struct walked *w = self;

	(void)e;
	w->count++;
	assert_int_equal(call->call, w->count);
	return call->call == 1 && strcmp(call->what, "set") != 0;
}

static void transactions_calls_and_clock_pairs_are_read_back(void **state)
{
	struct run_reader *reader = NULL;
	struct run_clock_pair *pair = NULL;
	struct walked blocks = {0, 0}, calls = {0, 0}, none = {0, 0};
	struct error e = ERROR_INIT;
	char run[4096];
	int pairs = 0;

	sample_finish(odd_run(*state), run, sizeof(run));
	must(run_reader_open(&reader, run, &e));
	must(run_reader_blocks(reader, -1, 0, 10, walk_block, &blocks, &e));
	assert_int_equal(blocks.count, 3);
	assert_int_equal(blocks.bytes, 4);
	must(run_reader_blocks(reader, 1, 0, 10, walk_block, &none, &e));
	must(run_reader_blocks(reader, 0, 4, 10, walk_block, &none, &e));
	assert_int_equal(none.count, 0);
	must(run_reader_calls(reader, walk_call, &calls, &e));
	assert_int_equal(calls.count, 2);
	must(run_reader_clock_pairs(reader, &pair, &pairs, &e));
	assert_int_equal(pairs, 1);
	assert_int_equal(pair->monotonic, 5);
	assert_int_equal(pair->utc, 6);
	assert_int_equal(pair->error_bound, -1);
	free(pair);
	run_reader_close(reader);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_kind_of_value_survives_export_and_import, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(a_run_without_clean_end_survives_and_stays_incomplete, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(a_run_that_is_being_written_is_exported_as_it_is_now, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(a_second_journey_keeps_what_the_first_left, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(an_export_that_was_changed_is_refused_and_leaves_nothing, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(what_is_no_export_is_refused, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(one_rate_group_alone_is_no_whole_run, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(an_export_goes_to_an_empty_place_or_nowhere, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(a_scan_says_its_units_and_both_times, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(the_digest_tells_one_bit_and_not_how_the_file_lies, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(a_table_of_a_later_version_changes_no_digest_and_travels, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(who_waits_is_told_how_far_it_is, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(transactions_calls_and_clock_pairs_are_read_back, scratch_make, scratch_remove),
	};
	char path[4096];

	/* `test_export --make DIR` leaves a run with everything for tests of programs and prints its path. */
	if (argc == 3 && strcmp(argv[1], "--make") == 0) {
		sample_finish(odd_run(argv[2]), path, sizeof(path));
		return puts(path) < 0;
	}
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

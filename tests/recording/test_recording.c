#include "tests/store/sample.h"

#include "daq/recording/recording.h"
#include "daq/recording/recording_choice.h"

static struct recording_map sample_map(void)
{
	struct recording_map map = {.title = "CSV", .time_column = "time", .time_unit = "s", .dut_column = "pump_name",
		.set_point = "duty", .dut_kind = "pump", .dut_profile = "wilo-ipwm1", .columns = 4,
		.dut_name = {{"AWMT 25", "awmt"}}, .dut_names = 1,
		.column = {{.column = "set_pump_duty_cycle", .channel = "duty", .unit = "permille", .kind = "setpoint",
				   .quantity = "duty", .scale = 1, .required = true, .resolution = 1},
			{.column = "pump_feedback", .channel = "feedback", .unit = "W", .kind = "gauge", .scale = 1,
				.required = true, .resolution = NAN},
			{.column = "measured_flow", .channel = "flow", .unit = "l/h", .kind = "gauge", .scale = 60,
				.offset = 1, .required = true, .resolution = NAN},
			{.column = "temperature", .channel = "temperature", .unit = "degC", .kind = "gauge", .scale = 1,
				.required = false, .resolution = NAN}}};

	return map;
}

#define HEADER "time,pump_name,set_pump_duty_cycle,pump_feedback,measured_flow\n"

static void put(void **state, const char *name, const char *text, struct recording_file *out)
{
	FILE *f;

	memset(out, 0, sizeof(*out));
	snprintf(out->path, sizeof(out->path), "%.400s/%s", (char *)*state, name);
	f = fopen(out->path, "wb");
	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

static int import_files(void **state, const struct recording_file *file, int files, char path[4096], struct error *e)
{
	struct recording_map map = sample_map();
	struct run_about about = {.bench = "pump", .label = "imported", .software = "heatbench 0.1.0", .seed = -1};
	const struct run_limit limit = {.dut = "", .quantity = "flow", .set_point = 100, .min = 900, .max = NAN,
		.unit = "l/h", .rule = "simple", .source = "rig.lua:3"};
	const struct recording_import import = {.file = file, .files = files, .map = &map, .map_path = NULL, .limit = &limit,
		.limits = 1};
	char results[600];

	snprintf(results, sizeof(results), "%s/results", (char *)*state);
	return recording_import(&import, &about, results, path, 4096, e);
}

struct imported {
	char path[4096];
	struct run_reader *reader;
	struct run_table table;
	struct run_step *step;
	struct run_event *event;
	struct run_channel *channel;
	int steps, events, channels;
};

static void import_texts(void **state, int count, const char *const *texts, struct imported *out)
{
	static const char *const valves[] = {"open", "throttled", ""};
	struct recording_file file[3];
	struct error e = ERROR_INIT;

	memset(out, 0, sizeof(*out));
	for (int i = 0; i < count; i++) {
		char name[16];

		snprintf(name, sizeof(name), "%d.csv", i);
		put(state, name, texts[i], &file[i]);
		snprintf(file[i].valve, sizeof(file[i].valve), "%s", valves[i]);
	}
	must(import_files(state, file, count, out->path, &e));
	must(run_reader_open(&out->reader, out->path, &e));
	must(run_reader_table(out->reader, "scan", &out->table, &e));
	must(run_reader_steps(out->reader, &out->step, &out->steps, &e));
	must(run_reader_events(out->reader, &out->event, &out->events, &e));
	must(run_reader_channels(out->reader, &out->channel, &out->channels, &e));
}

static void imported_free(struct imported *in)
{
	run_table_free(&in->table);
	free(in->step);
	free(in->event);
	free(in->channel);
	run_reader_close(in->reader);
}

static bool told(const struct imported *in, const char *text)
{
	for (int i = 0; i < in->events; i++)
		if (strstr(in->event[i].text, text))
			return true;
	return false;
}

static void several_files_become_one_run(void **state)
{
	static const char *const texts[] = {HEADER "1000.25,Wilo,100,60,20\n1001.25,Wilo,100,61,21\n1002.25,Wilo,250,50,18\n"
						   "1003.25,AWMT 25,100,70,19\n",
		HEADER "2000,Wilo,100,55,10\n2001,Wilo,100,55,11\n"};
	struct run_segment *segment = NULL;
	struct error e = ERROR_INIT;
	struct run_limit *limit = NULL;
	struct run_summary s;
	struct imported in;
	enum run_state verdict;
	char detail[256];
	int n = 0;

	import_texts(state, 2, texts, &in);
	must(run_reader_summary(in.reader, &s, &e));
	assert_int_equal(s.about.origin, ORIGIN_IMPORTED);
	assert_int_equal(s.about.utc, 1000250000000);
	assert_int_equal(s.about.period, NANOS_PER_S);
	assert_string_equal(s.verdict, "complete");
	assert_int_equal(s.ended_utc, 2001 * NANOS_PER_S);
	assert_int_equal(s.scans, 6);
	must(run_reader_segments(in.reader, &segment, &n, &e));
	assert_int_equal(n, 2);
	assert_int_equal(segment[1].first_tick, 4);
	assert_int_equal(segment[1].utc, 2000 * NANOS_PER_S);
	assert_int_equal(in.channels, 9);
	assert_string_equal(in.channel[0].role, "time");
	assert_string_equal(in.channel[3].name, "wilo_flow");
	assert_string_equal(in.channel[7].name, "awmt_flow");
	assert_string_equal(in.channel[7].role, "flow");
	assert_int_equal(in.channel[7].origin, ORIGIN_IMPORTED);
	assert_true(in.table.value[3][1] == 21 * 60 + 1 && in.table.value[0][5] == 2001);
	assert_true(in.table.time[0] == 0 && in.table.time[5] == 1000.75);
	must(run_reader_limits(in.reader, &limit, &n, &e));
	assert_int_equal(n, 1);
	must(run_verify(in.path, &verdict, detail, sizeof(detail), &e));
	assert_int_equal(verdict, RUN_INTACT);
	free(segment);
	free(limit);
	imported_free(&in);
}

static void a_pump_that_does_not_run_has_no_value_and_no_flag(void **state)
{
	static const char *const texts[] = {HEADER "1,a,100,60,20\n2,b,100,61,21\n"};
	struct imported in;

	import_texts(state, 1, texts, &in);
	for (int c = 1; c < in.channels; c++) {
		int row = c < 5 ? 1 : 0; /* of the other pump; the file has no temperature at all */

		assert_true(isnan(in.table.value[c][row]));
		assert_int_equal(in.table.quality[c][row], QUALITY_GOOD);
	}
	assert_true(isnan(in.table.value[4][0]));
	assert_int_equal(in.table.quality[4][0], QUALITY_GOOD);
	assert_int_equal(in.events, 0);
	imported_free(&in);
}

static void a_step_is_a_stretch_of_one_pump_at_one_set_point(void **state)
{
	static const char *const texts[] = {
		HEADER "1,w,100,1,1\n2,w,100,1,1\n3,w,,1,1\n4,w,250,1,1\n5,x,250,1,1\n6,x,250,1,1\n", HEADER "7,x,250,1,1\n"};
	struct imported in;

	import_texts(state, 2, texts, &in);
	assert_int_equal(in.steps, 4);
	assert_string_equal(in.step[0].name, "w open 100");
	assert_int_equal(in.step[0].last_tick, 2); /* an empty cell ends no step */
	assert_string_equal(in.step[0].valve, "open");
	assert_string_equal(in.step[0].unit, "permille");
	assert_true(in.step[1].set_point == 250);
	assert_string_equal(in.step[2].name, "x open 250");
	assert_int_equal(in.step[2].first_tick, 4);
	assert_int_equal(in.step[2].last_tick, 5);
	assert_string_equal(in.step[3].name, "x throttled 250");
	assert_int_equal(in.step[3].done, 1);
	imported_free(&in);
}

static void cells_without_a_number_are_flagged_and_told(void **state)
{
	static const char *const texts[] = {
		HEADER "1,w,100,60,20\n2,w,100,,20\n3,w,100,60,nan\n4,w,100,abc,20\n5,w,100,inf,20\n6,w,100\n7,w,100,1,2,3\n8,w,100,0,0\n"};
	struct imported in;

	import_texts(state, 1, texts, &in);
	assert_int_equal(in.table.rows, 7);
	assert_true(isnan(in.table.value[2][1]));
	assert_int_equal(in.table.quality[2][1], QUALITY_GAP);
	assert_true(isnan(in.table.value[3][2]));
	assert_int_equal(in.table.quality[3][2], QUALITY_EXCEPTION);
	assert_int_equal(in.table.quality[2][3], QUALITY_EXCEPTION);
	assert_int_equal(in.table.quality[2][4], QUALITY_EXCEPTION);
	assert_int_equal(in.table.quality[2][5], QUALITY_GAP);
	assert_int_equal(in.table.quality[3][5], QUALITY_GAP);
	assert_true(in.table.value[2][6] == 0); /* a zero that was measured stays one */
	assert_true(told(&in, "line 4, column \"measured_flow\": \"nan\" is no finite number"));
	assert_true(told(&in, "line 5, column \"pump_feedback\": \"abc\" is no number"));
	assert_true(told(&in, "line 7: has fewer cells"));
	assert_true(told(&in, "line 8: left out, it has more cells"));
	assert_true(told(&in, "1 of 8 rows were left out"));
	assert_string_equal(in.event[0].source, "0.csv");
	assert_int_equal(in.event[0].tick, 2);
	imported_free(&in);
}

static void rows_without_a_usable_time_are_left_out_and_told(void **state)
{
	static const char *const texts[] = {HEADER "1,w,100,1,1\n,w,100,2,1\nnoon,w,100,3,1\n-5,w,100,4,1\nnan,w,100,5,1\n2,w,100,6,1\n"};
	struct imported in;

	import_texts(state, 1, texts, &in);
	assert_int_equal(in.table.rows, 2);
	assert_true(in.table.value[2][1] == 6);
	assert_true(told(&in, "lines 3 to 6: left out"));
	assert_true(told(&in, "4 of 6 rows were left out"));
	imported_free(&in);
}

static void one_wild_time_costs_one_row(void **state)
{
	static const char *const texts[] = {
		HEADER "10,w,100,1,1\n11,w,100,2,1\n99,w,100,3,1\n12,w,100,4,1\n3,w,100,5,1\n13,w,100,6,1\n13,w,100,7,1\n"};
	static const double want[] = {1, 2, 4, 6, 7};
	struct imported in;

	import_texts(state, 1, texts, &in);
	assert_int_equal(in.table.rows, 5);
	for (int i = 0; i < 5; i++) {
		assert_true(in.table.value[2][i] == want[i]);
		assert_true(i == 0 || in.table.time[i] >= in.table.time[i - 1]);
	}
	assert_true(told(&in, "line 4: left out, its time is out of order"));
	assert_true(told(&in, "line 6: left out, its time is out of order"));
	imported_free(&in);
}

static void the_end_of_a_cut_file_is_never_taken_for_good(void **state)
{
	static const char *const whole = HEADER "1,wilo,100,60,20\n2,wilo,100,60,21\n";
	const size_t rows = strlen(HEADER "1,wilo,100,60,20\n");
	char text[200];

	for (size_t n = rows + 1; n < strlen(whole); n++) {
		const char *texts[] = {text};
		struct imported in;

		snprintf(text, sizeof(text), "%.*s", (int)n, whole);
		import_texts(state, 1, texts, &in);
		assert_true(in.table.rows == 1 || in.table.rows == 2);
		assert_int_equal(in.channels, 5); /* "wi" is no other pump */
		assert_int_equal(in.steps, 1);	  /* "1" is no other set point */
		assert_true(told(&in, "line 3"));
		if (in.table.rows == 2)
			assert_int_not_equal(in.table.quality[3][1], QUALITY_GOOD);
		imported_free(&in);
	}
}

static void an_unusable_file_is_refused_and_leaves_no_run(void **state)
{
	static const struct {
		const char *text, *word;
	} cases[] = {{"", "is empty"}, {HEADER, "holds a header and no rows"},
		{"time,pump_name,set_pump_duty_cycle,pump_feedback,mesured_flow\n1,w,1,1,1\n",
			"no column \"measured_flow\": did you mean \"mesured_flow\"?"},
		{HEADER "x,w,100,1,1\ny,w,100,1,1\n", "none of its 2 rows can be used; lines 2 to 3"},
		{HEADER "1,,100,1,1\n", "names no pump"}, {"\0\0\0", "is empty"}, {"a\n1\n", "no column \"time\""}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct recording_file file;
		struct error e = ERROR_INIT;
		char path[4096] = "untouched", results[600];

		put(state, "x.csv", cases[i].text, &file);
		assert_int_equal(import_files(state, &file, 1, path, &e), -1);
		assert_int_equal(e.code, ERROR_DATA);
		if (!strstr(e.text, cases[i].word) || !strstr(e.text, "x.csv"))
			fail_msg("%s; expected \"%s\"", e.text, cases[i].word);
		assert_string_equal(path, "untouched");
		snprintf(results, sizeof(results), "%s/results", (char *)*state);
		assert_int_equal(access(results, F_OK), -1);
	}
}

static void a_name_on_the_command_line_replaces_the_column(void **state)
{
	struct recording_file file;
	struct run_reader *reader = NULL;
	struct error e = ERROR_INIT;
	struct run_dut *dut = NULL;
	char path[4096];
	int n = 0;

	put(state, "x.csv", "time,set_pump_duty_cycle,pump_feedback,measured_flow\n1,100,60,20\n", &file);
	assert_int_equal(import_files(state, &file, 1, path, &e), -1);
	assert_non_null(strstr(e.text, "no column \"pump_name\""));
	error_clear(&e);
	snprintf(file.dut, sizeof(file.dut), "Pump 3");
	must(import_files(state, &file, 1, path, &e));
	must(run_reader_open(&reader, path, &e));
	must(run_reader_duts(reader, &dut, &n, &e));
	assert_int_equal(n, 1);
	assert_string_equal(dut[0].name, "pump_3");
	assert_string_equal(dut[0].profile, "wilo-ipwm1");
	free(dut);
	run_reader_close(reader);
}

static void recordings_are_kept_as_they_were_even_of_one_name(void **state)
{
	struct recording_file file[2];
	struct error e = ERROR_INIT;
	char folder[600], path[4096], kept[4200], one[65], two[65];

	put(state, "x.csv", HEADER "1,w,100,60,20\n", &file[0]);
	snprintf(folder, sizeof(folder), "%s/other", (char *)*state);
	assert_int_equal(mkdir(folder, 0777), 0);
	put(state, "other/x.csv", HEADER "5,w,100,60,20\n", &file[1]);
	must(import_files(state, file, 2, path, &e));
	for (int i = 0; i < 2; i++) {
		snprintf(kept, sizeof(kept), "%s/%s", path, i ? "2-x.csv" : "x.csv");
		must(file_digest(kept, one, &e));
		must(file_digest(file[i].path, two, &e));
		assert_string_equal(one, two);
	}
}

static void letters_of_another_alphabet_do_no_harm(void **state)
{
	struct recording_file file;
	struct run_reader *reader = NULL;
	struct error e = ERROR_INIT;
	struct run_event *event = NULL;
	enum run_state verdict;
	char path[4096], detail[256];
	int n = 0;

	put(state, "m\xe4rz.csv", HEADER "1,w,100,12 \xb0,20\n2,w,100,1,1\n", &file); /* ISO 8859-1 */
	must(import_files(state, &file, 1, path, &e));
	must(run_reader_open(&reader, path, &e));
	must(run_reader_events(reader, &event, &n, &e));
	assert_int_equal(n, 2);
	assert_string_equal(event[1].text, "1 cell of column \"pump_feedback\": no number");
	assert_string_equal(event[0].source, "m?rz.csv");
	assert_string_equal(event[0].text, "line 2, column \"pump_feedback\": \"12 ?\" is no number");
	must(run_verify(path, &verdict, detail, sizeof(detail), &e));
	assert_int_equal(verdict, RUN_INTACT);
	free(event);
	run_reader_close(reader);
}

/* Two runs of one controller beside a reference that is the bench's. */
static void shared_columns_are_of_the_bench_and_steps_count_runs(void **state)
{
	struct recording_map map = {.title = "flow", .time_column = "time", .time_unit = "s", .dut_fixed = "internal",
		.set_point = "duty", .dut_kind = "flow_meter", .columns = 3,
		.column = {{.column = "set", .channel = "duty", .unit = "permille", .kind = "setpoint", .scale = 1,
				   .required = true, .resolution = 1, .shared = true},
			{.column = "internal_flow", .channel = "flow", .unit = "l/h", .kind = "gauge", .scale = 1,
				.required = true, .resolution = NAN},
			{.column = "external_flow", .channel = "reference", .unit = "l/h", .kind = "gauge", .scale = 1,
				.required = true, .resolution = NAN, .shared = true}}};
	struct run_about about = {.bench = "flow", .software = "heatbench 0.1.0", .seed = -1};
	struct recording_file file[2];
	const struct recording_import import = {.file = file, .files = 2, .map = &map};
	struct error e = ERROR_INIT;
	struct imported in = {.steps = 0};
	char results[600];

	put(state, "a.csv", "time,set,internal_flow,external_flow\n1000,100,1128,1125\n1005,100,1127,1125\n1010,250,860,862\n",
		&file[0]);
	put(state, "b.csv", "time,set,internal_flow,external_flow\n2000,100,1129,1124\n2005,100,1128,\n", &file[1]);
	assert_true(recording_fits(&file[0], &map));
	snprintf(results, sizeof(results), "%s/results", (char *)*state);
	must(recording_import(&import, &about, results, in.path, sizeof(in.path), &e));
	must(run_reader_open(&in.reader, in.path, &e));
	must(run_reader_table(in.reader, "scan", &in.table, &e));
	must(run_reader_steps(in.reader, &in.step, &in.steps, &e));
	must(run_reader_channels(in.reader, &in.channel, &in.channels, &e));
	assert_int_equal(in.channels, 4);
	assert_string_equal(in.channel[1].name, "internal_flow");
	assert_string_equal(in.channel[1].dut, "internal");
	assert_string_equal(in.channel[2].name, "duty");
	assert_string_equal(in.channel[3].role, "reference");
	assert_string_equal(in.channel[3].dut, "");
	assert_int_equal(in.steps, 3);
	assert_string_equal(in.step[0].name, "100 run 1");
	assert_string_equal(in.step[1].name, "250 run 1");
	assert_string_equal(in.step[2].name, "100 run 2");
	assert_string_equal(in.step[2].dut, "");
	assert_true(in.table.value[1][2] == 860 && in.table.value[2][2] == 250 && in.table.value[3][3] == 1124);
	assert_true(isnan(in.table.value[3][4]) && in.table.quality[3][4] == QUALITY_GAP);
	imported_free(&in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(several_files_become_one_run, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(a_pump_that_does_not_run_has_no_value_and_no_flag, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(a_step_is_a_stretch_of_one_pump_at_one_set_point, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(cells_without_a_number_are_flagged_and_told, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(rows_without_a_usable_time_are_left_out_and_told, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(one_wild_time_costs_one_row, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(the_end_of_a_cut_file_is_never_taken_for_good, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(an_unusable_file_is_refused_and_leaves_no_run, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(a_name_on_the_command_line_replaces_the_column, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(letters_of_another_alphabet_do_no_harm, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(recordings_are_kept_as_they_were_even_of_one_name, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(shared_columns_are_of_the_bench_and_steps_count_runs, scratch_make, scratch_remove),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "tests/acquire/rig.h"

#include "daq/base/text.h"
#include "daq/wire/words_record.h"
#include "daq/wire/words_replay.h"
#include "tests/wire/record_cases.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static char scratch[300];

static const char *place(const char *name)
{
	static char path[400];

	snprintf(path, sizeof(path), "%s/%s", scratch, name);
	return path;
}

/* A recording by hand. */
static const char *write_recording(const char *name, const char *lines)
{
	struct text t = TEXT_INIT;
	struct error e = ERROR_INIT;
	const char *path = place(name);

	text_add(&t, "heatbench-wire 1 words\n%s", lines);
	must(text_write_file(path, t.data, t.length, &e));
	text_free(&t);
	return path;
}

/* ---- a whole bench: recorded and replayed ---- */

static struct case_result first, second;

static void what_is_recorded_replays_to_the_same_scans_and_events(void **state)
{
	static const struct words_fault faults[] = {{FAULT_LATE, 40, 1, 450 * MS}, {FAULT_GARBLED, 90, 2, 0},
		{FAULT_EXCEPTION, 120, 1, 0}, {FAULT_LATE, 150, 1, 1700 * MS}, {FAULT_MUTE, 180, 5, 0}};
	struct words *words = NULL, *recorder = NULL;
	struct error e = ERROR_INIT;
	struct rig rig;

	(void)state;
	rig_describe(&rig, 2, 4, S, 300 * MS);
	rig_make(&rig);
	words = rig_words(&rig, faults, 5, 20 * MS);
	must(words_record_open(&recorder, words, place("bench.wire"), &rig.bench->bus[0].words, rig.seat, &e));
	case_run(&rig, recorder, 60, &first);
	rig_describe(&rig, 2, 4, S, 300 * MS);
	rig_make(&rig);
	must(words_replay_open(&words, place("bench.wire"), rig.seat, &e));
	case_run(&rig, words, 60, &second);
	assert_string_equal(first.qualities, second.qualities);
	assert_string_equal(first.values, second.values);
	assert_string_equal(first.events, second.events);
	assert_non_null(strchr(first.qualities, 't'));
	assert_non_null(strstr(first.values, "nan/5 ")); /* an exception */
}

/* ---- cases of fixtures/recordings ---- */

static void replay_case(const struct record_case *c, struct case_result *out)
{
	struct words *words = NULL;
	struct error e = ERROR_INIT;
	char path[200];
	struct rig rig;

	snprintf(path, sizeof(path), "fixtures/recordings/%s.wire", c->name);
	c->describe(&rig);
	rig_make(&rig);
	must(words_replay_open(&words, path, rig.seat, &e));
	case_run(&rig, words, c->seconds, out);
	if (strcmp(out->qualities, c->qualities) != 0)
		fail_msg("%s: qualities are\n%s, not\n%s\n%s", c->name, out->qualities, c->qualities, out->events);
	if (!strstr(out->events, c->event))
		fail_msg("%s: no event says \"%s\":\n%s", c->name, c->event, out->events);
	assert_true(out->lowest >= c->lowest);
	assert_true(out->highest <= c->highest);
}

static void a_late_reply_of_the_lab_is_never_a_good_value(void **state)
{
	(void)state;
	replay_case(record_case_find("odu-late"), &first);
}

static void a_garbled_reply_of_the_lab_is_no_value(void **state)
{
	(void)state;
	replay_case(record_case_find("odu-garbled"), &first);
}

static void an_exception_of_the_lab_is_no_value(void **state)
{
	(void)state;
	replay_case(record_case_find("odu-exception"), &first);
}

static void a_pulled_cable_of_the_lab_is_a_gap_and_not_a_zero(void **state)
{
	(void)state;
	replay_case(record_case_find("odu-gone"), &first);
}

static void the_published_frame_of_an_sdm120_is_230_2_volts(void **state)
{
	(void)state;
	replay_case(record_case_find("sdm120-voltage"), &first);
}

/* ---- the two ends by themselves ---- */

static struct clock *alone;
static struct clock_seat *seat;

static int set_up(void **state)
{
	struct error e = ERROR_INIT;

	(void)state;
	if (lockstep_open_alone(&alone, 0, &e) != 0)
		return -1;
	seat = clock_join(alone, "test");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	clock_leave(seat);
	clock_close(alone);
	return 0;
}

static int count_up(void *self, int unit, int function, int address, int count, uint16_t *words)
{
	int *calls = self;

	(void)unit;
	(void)function;
	for (int i = 0; i < count; i++)
		words[i] = (uint16_t)(address + i + *calls);
	++*calls;
	return address == 666 ? 2 : address == 999 ? -1 : 0;
}

static int swallow(void *self, int unit, int address, int count, const uint16_t *words)
{
	(void)self;
	(void)unit;
	(void)count;
	(void)words;
	return address == 666 ? 3 : 0;
}

static const struct words_config config = {.name = "bus", .baud = 9600, .parity = 'E', .data_bits = 8,
	.stop_bits = 1, .response_timeout = 300 * MS};

static struct words *recorder_at(const char *path, int *calls)
{
	const struct words_memory memory = {count_up, swallow, calls, 20 * MS, 300 * MS};
	struct words *inner = NULL, *out = NULL;
	struct error e = ERROR_INIT;

	must(words_memory_open(&inner, &memory, seat, &e));
	must(words_record_open(&out, inner, path, &config, seat, &e));
	return out;
}

static struct words *replay_of(const char *path)
{
	struct words *out = NULL;
	struct error e = ERROR_INIT;

	must(words_replay_open(&out, path, seat, &e));
	return out;
}

/* A few of everything, with a pause between. */
static void talk(struct words *w, struct words_reply *reply)
{
	static const uint16_t data[] = {0x1234, 0xffff};

	words_read(w, 1, 3, 100, 2, &reply[0]);
	clock_wait(seat, clock_now(alone) + 7 * MS);
	words_read(w, 1, 4, 999, 1, &reply[1]);
	words_drain(w, 100 * MS, NULL);
	words_read(w, 2, 3, 666, 3, &reply[2]);
	words_write(w, 1, 10, 2, data, &reply[3]);
	words_write(w, 1, 666, 1, data, &reply[4]);
	words_read(w, 1, 3, 0, 125, &reply[5]);
}

static void every_reply_comes_back_with_status_words_detail_and_timing(void **state)
{
	struct words_reply was[6], is[6];
	struct words_replay_state s;
	struct words *w;
	int calls = 0;
	nanos zero;

	(void)state;
	w = recorder_at(place("talk.wire"), &calls);
	talk(w, was);
	words_close(w);
	clock_wait(seat, clock_now(alone) + 5 * S);
	w = replay_of(place("talk.wire"));
	zero = clock_now(alone) - was[0].before;
	talk(w, is);
	for (int i = 0; i < 6; i++) {
		assert_int_equal(is[i].status, was[i].status);
		assert_int_equal(is[i].exception, was[i].exception);
		assert_int_equal(is[i].count, was[i].count);
		assert_memory_equal(is[i].words, was[i].words, (size_t)was[i].count * 2);
		assert_string_equal(is[i].detail, was[i].detail);
		assert_int_equal(is[i].before, was[i].before + zero);
		assert_int_equal(is[i].after, was[i].after + zero);
		assert_int_equal(is[i].last, was[i].last + zero);
	}
	words_replay_state(w, &s);
	assert_int_equal(s.lines, 7);
	assert_int_equal(s.line, 7);
	assert_true(s.ended && !s.cut && !s.trouble[0]);
	words_close(w);
}

static void a_request_out_of_turn_says_what_was_expected_and_what_came(void **state)
{
	struct words_reply r;
	struct words *w;

	(void)state;
	w = replay_of(write_recording("turn.wire", "open x\n# twice\nr 1 3 100 1 @0 +0 +1 +2 ok 0001\n"
						   "r 1 3 200 1 @0 +0 +1 +2 ok 0002\n"));
	words_read(w, 1, 3, 100, 1, &r);
	assert_int_equal(r.status, WIRE_OK);
	words_read(w, 1, 3, 300, 2, &r);
	assert_int_equal(r.status, WIRE_GONE);
	assert_string_equal(r.detail, "line 5: expected r 1 3 200 1, came r 1 3 300 2");
	words_read(w, 1, 3, 200, 1, &r); /* too late to be good again */
	assert_int_equal(r.status, WIRE_GONE);
	words_close(w);
	w = replay_of(place("turn.wire"));
	assert_int_equal(words_drain(w, 5 * MS, NULL), 0);
	words_read(w, 1, 3, 100, 1, &r);
	assert_string_equal(r.detail, "line 4: expected r 1 3 100 1, came d 5000000");
	words_close(w);
}

static void a_request_after_the_end_is_said(void **state)
{
	struct words_reply r;
	struct words *w = replay_of(write_recording("end.wire", "open x\nend 0\n"));
	const uint16_t word = 7;

	(void)state;
	words_write(w, 1, 100, 1, &word, &r);
	assert_int_equal(r.status, WIRE_GONE);
	assert_string_equal(r.detail, "after the recording's end came w 1 100 1 0007");
	words_close(w);
}

static void a_tolerant_replay_answers_by_content(void **state)
{
	struct words_reply r;
	struct words *w = replay_of(write_recording("tolerant.wire",
		"open x\nr 1 3 100 1 @0 +0 +1 +2 ok 0001\nr 1 3 200 1 @0 +0 +1 +2 ok 0002\n"
		"d 5 @0 +5 3 +2\nr 1 3 100 1 @0 +0 +1 +2 ok 0003\n"));
	static const struct {
		int address, want;
	} turns[] = {{200, 2}, {100, 3}, {100, 1}, {100, 3}, {200, 2}};

	(void)state;
	words_replay_tolerant(w);
	for (int i = 0; i < 5; i++) {
		words_read(w, 1, 3, turns[i].address, 1, &r);
		assert_int_equal(r.status, WIRE_OK);
		assert_int_equal(r.words[0], turns[i].want);
	}
	assert_int_equal(words_drain(w, 77, NULL), 3); /* it stands next */
	assert_int_equal(words_drain(w, 77, NULL), 0);
	words_read(w, 1, 3, 300, 1, &r);
	assert_int_equal(r.status, WIRE_GONE);
	assert_string_equal(r.detail, "never recorded: r 1 3 300 1");
	words_close(w);
}

static void a_recording_cut_anywhere_is_read_up_to_its_last_whole_line(void **state)
{
	struct words_reply reply[6];
	struct error e = ERROR_INIT;
	struct words *w;
	char *text = NULL;
	size_t length = 0;
	int calls = 0, most = 0;

	(void)state;
	w = recorder_at(place("whole.wire"), &calls);
	talk(w, reply);
	words_close(w);
	must(text_read_file(place("whole.wire"), &text, &length, &e));
	for (size_t n = 0; n < length; n++) {
		struct words_replay_state s;
		bool header = memchr(text, '\n', n) != NULL;
		int opened;

		must(text_write_file(place("cut.wire"), text, n, &e));
		opened = words_replay_open(&w, place("cut.wire"), seat, &e);
		assert_int_equal(opened, header ? 0 : -1);
		error_clear(&e);
		if (opened != 0)
			continue;
		words_replay_state(w, &s);
		assert_true(s.lines == most || s.lines == most + 1);
		assert_int_equal(s.cut, text[n - 1] != '\n');
		assert_false(s.ended);
		most = s.lines;
		words_close(w);
	}
	assert_int_equal(most, 7);
	free(text);
}

static void what_is_no_recording_is_refused_with_its_line(void **state)
{
	static const char *const bad[] = {"x 1 2\n", "r 1 3 100\n", "r 1 3 100 1 @0 +0 +1 +2 ok\n",
		"r 1 3 100 1 @0 +0 +1 +2 ok 0001 0002\n", "r 1 3 100 1 @0 +0 +1 +2 perhaps \"\"\n",
		"r 1 3 100 126 @0 +0 +1 +2 ok 0001\n", "r 1 3 100 1 @0 +5 +1 +2 ok 0001\n", "w 1 100 1 12 @0 +0 +1 +2 ok\n",
		"r 1 3 100 1 @0 +0 +1 +2 gone no quotes\n", "d 5 @0 +5 3\n", "r 1 3 100 1 @0 +0 +1 +2 gone \"open\n"};
	struct words *w = NULL;
	struct error e = ERROR_INIT;
	char lines[200];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(lines, sizeof(lines), "open x\n# a comment\n\n%s", bad[i]);
		refused(words_replay_open(&w, write_recording("bad.wire", lines), seat, &e), ERROR_DATA,
			"bad.wire:5: not a line of a recording");
	}
	must(text_write_file(place("bad.wire"), "time,flow\n1,2\n", 14, &e));
	refused(words_replay_open(&w, place("bad.wire"), seat, &e), ERROR_DATA, "is no recording of a wire");
	must(text_write_file(place("bad.wire"), "heatbench-wire 9 words\n", 23, &e));
	refused(words_replay_open(&w, place("bad.wire"), seat, &e), ERROR_DATA, "version 9");
	must(text_write_file(place("bad.wire"), "heatbench-wire 1 lines\n", 23, &e));
	refused(words_replay_open(&w, place("bad.wire"), seat, &e), ERROR_DATA, "of lines, not of words");
	refused(words_replay_open(&w, place("nothing.wire"), seat, &e), ERROR_IO, "nothing.wire");
}

static void nothing_that_is_no_recording_is_written_over(void **state)
{
	const struct words_memory memory = {count_up, swallow, NULL, 20 * MS, 300 * MS};
	struct words *inner = NULL, *w = NULL;
	struct error e = ERROR_INIT;
	char *text = NULL;
	size_t length = 0;

	(void)state;
	must(words_memory_open(&inner, &memory, seat, &e));
	must(text_write_file(place("notes.txt"), "my notes\n", 9, &e));
	refused(words_record_open(&w, inner, place("notes.txt"), &config, seat, &e), ERROR_DATA, "is no recording");
	must(text_read_file(place("notes.txt"), &text, &length, &e));
	assert_string_equal(text, "my notes\n");
	free(text);
	refused(words_record_open(&w, inner, place("no/such/folder.wire"), &config, seat, &e), ERROR_IO, "folder.wire");
	words_close(inner);
}

static void a_wire_that_is_opened_again_goes_on_in_the_same_recording(void **state)
{
	struct words_reply r;
	struct words *w;
	int calls = 0;
	FILE *f;

	(void)state;
	w = recorder_at(place("again.wire"), &calls);
	words_read(w, 1, 3, 100, 1, &r);
	words_close(w);
	f = fopen(place("again.wire"), "a");
	fputs("r 1 3 100 1 @5", f); /* killed in the middle of a line */
	fclose(f);
	w = recorder_at(place("again.wire"), &calls);
	words_read(w, 1, 3, 100, 1, &r);
	words_close(w);
	w = replay_of(place("again.wire"));
	words_read(w, 1, 3, 100, 1, &r);
	assert_int_equal(r.words[0], 100);
	words_read(w, 1, 3, 100, 1, &r);
	assert_int_equal(r.words[0], 101);
	assert_true(words_replay_from(w, 1));
	words_read(w, 1, 3, 100, 1, &r);
	assert_int_equal(r.words[0], 101);
	assert_false(words_replay_from(w, 2));
	words_close(w);
}

static void a_bounded_recording_keeps_the_newest(void **state)
{
	struct words_reply r;
	struct words *w;
	struct stat now, old;
	char path[420];
	int calls = 0;

	(void)state;
	w = recorder_at(place("bound.wire"), &calls);
	words_record_bound(w, 4000);
	for (int i = 0; i < 1000; i++)
		words_read(w, 1, 3, 100, 1, &r);
	words_close(w);
	assert_int_equal(stat(place("bound.wire"), &now), 0);
	snprintf(path, sizeof(path), "%s.old", place("bound.wire"));
	assert_int_equal(stat(path, &old), 0);
	assert_true(now.st_size <= 2100 && old.st_size <= 2100); /* its end is written beyond the bound */
	w = replay_of(place("bound.wire"));
	words_read(w, 1, 3, 100, 1, &r);
	assert_int_equal(r.status, WIRE_OK);
	assert_true(r.words[0] > 1000);
	words_close(w);
}

static void a_full_disk_ends_the_recording_and_not_the_wire(void **state)
{
	struct rlimit was, little = {1000, 1000};
	struct words_reply r;
	struct words *w;
	int calls = 0;

	(void)state;
	w = recorder_at(place("full.wire"), &calls);
	assert_null(words_record_trouble(w));
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &was);
	little.rlim_max = was.rlim_max;
	setrlimit(RLIMIT_FSIZE, &little);
	for (int i = 0; i < 50; i++) {
		words_read(w, 1, 3, 100, 1, &r);
		assert_int_equal(r.status, WIRE_OK);
	}
	setrlimit(RLIMIT_FSIZE, &was);
	assert_non_null(strstr(words_record_trouble(w), "full.wire ended"));
	words_close(w);
	w = replay_of(place("full.wire"));
	words_read(w, 1, 3, 100, 1, &r);
	assert_int_equal(r.words[0], 100);
	words_close(w);
}

#define ALONE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_recorded_replays_to_the_same_scans_and_events),
		cmocka_unit_test(a_late_reply_of_the_lab_is_never_a_good_value),
		cmocka_unit_test(a_garbled_reply_of_the_lab_is_no_value),
		cmocka_unit_test(an_exception_of_the_lab_is_no_value),
		cmocka_unit_test(a_pulled_cable_of_the_lab_is_a_gap_and_not_a_zero),
		cmocka_unit_test(the_published_frame_of_an_sdm120_is_230_2_volts),
		ALONE(every_reply_comes_back_with_status_words_detail_and_timing),
		ALONE(a_request_out_of_turn_says_what_was_expected_and_what_came),
		ALONE(a_request_after_the_end_is_said),
		ALONE(a_tolerant_replay_answers_by_content),
		ALONE(a_recording_cut_anywhere_is_read_up_to_its_last_whole_line),
		ALONE(what_is_no_recording_is_refused_with_its_line),
		ALONE(nothing_that_is_no_recording_is_written_over),
		ALONE(a_wire_that_is_opened_again_goes_on_in_the_same_recording),
		ALONE(a_bounded_recording_keeps_the_newest),
		ALONE(a_full_disk_ends_the_recording_and_not_the_wire),
	};
	char command[400];
	int failed;

	/* `test_words_record --record LAB DIR`: makes the recordings of the virtual lab anew. */
	if (argc == 4 && strcmp(argv[1], "--record") == 0)
		return record_cases(argv[2], argv[3]);
	snprintf(scratch, sizeof(scratch), "%s/heatbench-wire-XXXXXX", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	if (!mkdtemp(scratch))
		return 2;
	cmocka_set_message_output(CM_OUTPUT_TAP);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	snprintf(command, sizeof(command), "rm -rf '%s'", scratch);
	return system(command) != 0 ? 2 : failed;
}

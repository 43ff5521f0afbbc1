#include "tests/check.h"

#include "daq/base/lockstep.h"
#include "daq/base/text.h"
#include "daq/wire/lines_faulty.h"
#include "daq/wire/lines_record.h"
#include "daq/wire/lines_replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define MS NANOS_PER_MS

enum { RELAY, DRIVE, PULSES, FEEDBACK };

static const struct lines_config config = {.name = "rig", .lines = 4,
	.line = {{.name = "relay", .kind = LINE_OUTPUT}, {.name = "drive", .kind = LINE_PWM, .frequency = 1000, .duty = 1},
		{.name = "pulses", .kind = LINE_EDGES}, {.name = "feedback", .kind = LINE_EDGES}}};

static char scratch[300];
static struct clock *alone;
static struct clock_seat *seat;

static const char *place(const char *name)
{
	static char path[400];

	snprintf(path, sizeof(path), "%s/%s", scratch, name);
	return path;
}

static int set_up(void **state)
{
	struct error e = ERROR_INIT;

	(void)state;
	if (lockstep_open_alone(&alone, 0, &e) != 0)
		return -1;
	seat = clock_join(alone, "test");
	clock_wait(seat, 1234567);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	clock_leave(seat);
	clock_close(alone);
	return 0;
}

/* What a session of some lines gave, in words. */
static void note(struct text *t, struct lines *l, enum line_status status)
{
	text_add(t, "%d%s%s ", status, status ? " " : "", status ? lines_detail(l) : "");
}

static void note_edges(struct text *t, struct lines *l, int line, nanos zero)
{
	struct line_state state;
	struct edge edge[4];
	int n;

	while ((n = lines_take(l, line, edge, 4)) > 0)
		for (int i = 0; i < n; i++)
			text_add(t, "%c%lld ", edge[i].rising ? '+' : '-', (long long)(edge[i].at - zero));
	note(t, l, lines_get(l, line, &state));
	text_add(t, "%llu %llu %d %lld\n", (unsigned long long)state.edges, (unsigned long long)state.lost_edges,
		state.level, (long long)(state.last ? state.last - zero : -1));
}

/* Sets, waits and takes. `memory` is fed with edges where there is one: the replay has its own. */
static void talk(struct lines *l, struct lines *memory, struct text *t)
{
	nanos zero = clock_now(alone);

	note(t, l, lines_set(l, RELAY, true));
	note(t, l, lines_set_duty(l, DRIVE, 0.1));
	note_edges(t, l, PULSES, zero);
	for (int i = 0; i < 60; i++) {
		clock_wait(seat, zero + (i + 1) * 10 * MS);
		if (memory && i % 5 == 0)
			for (int k = 0; k < 6; k++)
				lines_memory_feed(memory, PULSES, clock_now(alone) - (6 - k) * MS, k % 2 == 0);
		if (memory && i == 30)
			lines_memory_feed(memory, FEEDBACK, clock_now(alone), true);
		note_edges(t, l, PULSES, zero);
		if (i % 10 == 0)
			note_edges(t, l, FEEDBACK, zero);
	}
	note(t, l, lines_set_duty(l, DRIVE, 1.0 / 3));
	note(t, l, lines_set(l, RELAY, false));
}

static struct lines *record(const char *path, struct lines **memory)
{
	static const struct lines_fault faults[] = {{LINES_REFUSED, DRIVE, 1, 1, 0}, {LINES_GONE, RELAY, 1, 1, 0},
		{LINES_LOST, PULSES, 20, 1, 0}};
	struct lines *faulty = NULL, *out = NULL;
	struct error e = ERROR_INIT;

	must(lines_memory_open(memory, &config, &e));
	must(lines_faulty_open(&faulty, *memory, faults, 3, &e));
	must(lines_record_open(&out, faulty, path, &config, seat, &e));
	return out;
}

static struct lines *replay_of(const char *path)
{
	struct lines *out = NULL;
	struct error e = ERROR_INIT;

	must(lines_replay_open(&out, path, seat, &e));
	return out;
}

static struct lines *replay_text(const char *name, const char *lines)
{
	struct text t = TEXT_INIT;
	struct error e = ERROR_INIT;

	text_add(&t, "heatbench-wire 1 lines\nopen board=rig\n%s", lines);
	must(text_write_file(place(name), t.data, t.length, &e));
	text_free(&t);
	return replay_of(place(name));
}

static void a_replayed_board_says_what_the_recorded_one_said(void **state)
{
	struct text was = TEXT_INIT, is = TEXT_INIT;
	struct lines *memory = NULL, *l = record(place("board.wire"), &memory);
	struct lines_replay_state s;

	(void)state;
	talk(l, memory, &was);
	lines_close(l);
	clock_wait(seat, clock_now(alone) + 500 * MS);
	l = replay_of(place("board.wire"));
	talk(l, NULL, &is);
	assert_string_equal(is.data, was.data);
	assert_non_null(strstr(was.data, "\n2 ")); /* a duty that was refused, a relay that was gone */
	assert_non_null(strstr(was.data, " 1 "));
	lines_replay_state(l, &s);
	assert_int_equal(s.line, s.lines);
	assert_true(s.ended && !s.cut && !s.trouble[0]);
	lines_close(l);
	text_free(&is);
	/* the same by content: here nothing is out of turn */
	l = replay_of(place("board.wire"));
	lines_replay_tolerant(l);
	talk(l, NULL, &is);
	assert_string_equal(is.data, was.data);
	lines_close(l);
	text_free(&is);
	text_free(&was);
}

static void edges_are_there_when_their_time_has_come(void **state)
{
	struct lines *l = replay_text("time.wire", "t 2 @50000000 3 +10000000 -20000000 +30000000\n");
	nanos zero = clock_now(alone);
	struct edge edge[4];

	(void)state;
	assert_int_equal(lines_take(l, PULSES, edge, 4), 0);
	clock_wait(seat, zero + 49 * MS);
	assert_int_equal(lines_take(l, PULSES, edge, 4), 0);
	clock_wait(seat, zero + 51 * MS);
	assert_int_equal(lines_take(l, FEEDBACK, edge, 4), 0);
	assert_int_equal(lines_take(l, PULSES, edge, 2), 2);
	assert_int_equal(edge[1].at, zero + 20 * MS);
	assert_false(edge[1].rising);
	assert_int_equal(lines_take(l, PULSES, edge, 4), 1);
	assert_int_equal(lines_take(l, PULSES, edge, 4), 0);
	lines_close(l);
}

static void a_call_out_of_turn_says_what_was_expected_and_what_came(void **state)
{
	struct lines *l = replay_text("turn.wire", "s 0 1 @0 ok\nu 1 0.25 @0 ok\n");

	(void)state;
	assert_int_equal(lines_set(l, RELAY, true), LINE_OK);
	assert_int_equal(lines_set_duty(l, DRIVE, 0.5), LINE_GONE);
	assert_string_equal(lines_detail(l), "line 4: expected u 1 0.25, came u 1 0.5");
	assert_int_equal(lines_set_duty(l, DRIVE, 0.25), LINE_GONE);
	lines_close(l);
	l = replay_of(place("turn.wire"));
	lines_replay_tolerant(l);
	assert_int_equal(lines_set_duty(l, DRIVE, 0.25), LINE_OK);
	assert_int_equal(lines_set(l, RELAY, true), LINE_OK);
	assert_int_equal(lines_set(l, RELAY, true), LINE_OK);
	assert_int_equal(lines_set(l, RELAY, false), LINE_GONE);
	assert_string_equal(lines_detail(l), "never recorded: s 0 0");
	lines_close(l);
}

static void a_recording_cut_anywhere_is_read_up_to_its_last_whole_line(void **state)
{
	struct lines *memory = NULL, *l = record(place("whole.wire"), &memory);
	struct text said = TEXT_INIT;
	struct error e = ERROR_INIT;
	char *text = NULL;
	size_t length = 0;
	int most = 0;

	(void)state;
	talk(l, memory, &said);
	lines_close(l);
	text_free(&said);
	must(text_read_file(place("whole.wire"), &text, &length, &e));
	for (size_t n = 23; n < length && n < 1500; n++) {
		struct lines_replay_state s;

		must(text_write_file(place("cut.wire"), text, n, &e));
		must(lines_replay_open(&l, place("cut.wire"), seat, &e));
		lines_replay_state(l, &s);
		assert_true(s.lines == most || s.lines == most + 1);
		assert_int_equal(s.cut, text[n - 1] != '\n');
		most = s.lines;
		lines_close(l);
	}
	assert_true(most > 20);
	free(text);
}

static void what_is_no_line_is_refused_with_its_place(void **state)
{
	static const char *const bad[] = {"x\n", "s 0\n", "s 40 1 @0 ok\n", "s 0 1 @0 fine\n", "s 0 1 @0 gone\n",
		"u 1 half @0 ok\n", "g 2 1 0 1 @0 ok\n", "t 2 @0 2 +1\n", "t 2 @0 999999999 +1\n", "t 2 @0 1 *1\n",
		"t 2 @0 1 +1 -2\n"};
	struct lines *l = NULL;
	struct error e = ERROR_INIT;
	struct text t = TEXT_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		text_add(&t, "heatbench-wire 1 lines\nopen x\n%s", bad[i]);
		must(text_write_file(place("bad.wire"), t.data, t.length, &e));
		text_free(&t);
		refused(lines_replay_open(&l, place("bad.wire"), seat, &e), ERROR_DATA,
			"bad.wire:3: not a line of a recording");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_replayed_board_says_what_the_recorded_one_said, set_up, tear_down),
		cmocka_unit_test_setup_teardown(edges_are_there_when_their_time_has_come, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_call_out_of_turn_says_what_was_expected_and_what_came, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_recording_cut_anywhere_is_read_up_to_its_last_whole_line, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_no_line_is_refused_with_its_place, set_up, tear_down),
	};
	char command[400];
	int failed;

	snprintf(scratch, sizeof(scratch), "%s/heatbench-lines-XXXXXX", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	if (!mkdtemp(scratch))
		return 2;
	cmocka_set_message_output(CM_OUTPUT_TAP);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	snprintf(command, sizeof(command), "rm -rf '%s'", scratch);
	return system(command) != 0 ? 2 : failed;
}

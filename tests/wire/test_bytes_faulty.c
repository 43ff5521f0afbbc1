/* The end in memory and the faulty end, on a clock of their own: what a serial line does to answers. */
#include "tests/check.h"

#include "daq/base/lockstep.h"
#include "daq/wire/bytes_faulty.h"

#include <stdio.h>

#define MS NANOS_PER_MS

static struct clock *clock_;
static struct clock_seat *seat;

/* Says the number of the request. */
static int count_up(void *self, const char *request, size_t size, char *reply, size_t room)
{
	int *number = self;

	assert_memory_equal(request, "ask\n", size);
	return snprintf(reply, room, "answer %d\n", (*number)++);
}

struct line_case {
	enum wire_status status;
	const char *line;
	nanos at; /* after the write; 0: not looked at */
};

static struct bytes *open_faulty(const struct bytes_fault *faults, int count, int *number)
{
	const struct bytes_memory memory = {.answer = count_up, .self = number, .duration = 5 * MS};
	struct bytes *inner = NULL, *b = NULL;
	struct error e = ERROR_INIT;

	*number = 0;
	must(bytes_memory_open(&inner, &memory, seat, &e));
	must(bytes_faulty_open(&b, inner, faults, count, &e));
	assert_string_equal(bytes_note(b), "");
	return b;
}

/* One exchange after another, 100 ms for each answer. */
static void ask_all(struct bytes *b, const struct line_case *expected, int n)
{
	struct bytes_line kept = {.have = 0};
	struct bytes_stamps stamps;
	char line[64];

	for (int i = 0; i < n; i++) {
		enum wire_status status = bytes_write(b, "ask\n", 4, &stamps);

		if (status == WIRE_OK)
			status = bytes_read_line(b, &kept, '\n', line, sizeof(line), 100 * MS, &stamps);
		if (status != expected[i].status)
			fail_msg("exchange %d: %s", i, wire_status_name(status));
		if (expected[i].line)
			assert_string_equal(line, expected[i].line);
		if (expected[i].at)
			assert_int_equal(stamps.last - stamps.before, expected[i].at);
	}
}

static void an_answer_from_memory_takes_its_time(void **state)
{
	static const struct line_case expected[] = {{WIRE_OK, "answer 0", 5 * MS}, {WIRE_OK, "answer 1", 5 * MS}};
	int number;
	struct bytes *b = open_faulty(NULL, 0, &number);

	(void)state;
	ask_all(b, expected, 2);
	bytes_close(b);
}

static void each_fault_has_its_status(void **state)
{
	static const struct bytes_fault faults[] = {{BYTES_MUTE, 0, 1, 0}, {BYTES_SHORT, 2, 1, 0},
		{BYTES_GARBLED, 4, 1, 0}, {BYTES_GONE, 6, 2, 0}};
	static const struct line_case expected[] = {{WIRE_TIMEOUT, NULL, 100 * MS}, {WIRE_OK, "answer 1", 5 * MS},
		{WIRE_CHECKSUM, NULL, 100 * MS}, {WIRE_OK, "answer 3", 0}, {WIRE_OK, "answ\x75r 4", 0},
		{WIRE_OK, "answer 5", 0}, {WIRE_GONE, NULL, 0}, {WIRE_GONE, NULL, 0}, {WIRE_OK, "answer 6", 0}};
	int number;
	struct bytes *b = open_faulty(faults, 4, &number);

	(void)state;
	ask_all(b, expected, sizeof(expected) / sizeof(expected[0]));
	bytes_close(b);
}

static void a_late_answer_is_read_as_the_answer_to_the_next_question(void **state)
{
	static const struct bytes_fault faults[] = {{BYTES_LATE, 1, 1, 150 * MS}};
	static const struct line_case expected[] = {{WIRE_OK, "answer 0", 0}, {WIRE_TIMEOUT, NULL, 100 * MS},
		{WIRE_OK, "answer 1", 50 * MS}, {WIRE_OK, "answer 2", 0}, {WIRE_OK, "answer 3", 0}};
	int number;
	struct bytes *b = open_faulty(faults, 1, &number);

	(void)state;
	ask_all(b, expected, sizeof(expected) / sizeof(expected[0]));
	bytes_close(b);
}

static void draining_takes_the_late_answer_out_of_the_line(void **state)
{
	static const struct bytes_fault faults[] = {{BYTES_LATE, 0, 1, 350 * MS}};
	static const struct line_case late = {WIRE_TIMEOUT, NULL, 0}, next = {WIRE_OK, "answer 1", 5 * MS};
	int number;
	struct bytes *b = open_faulty(faults, 1, &number);

	(void)state;
	ask_all(b, &late, 1);
	assert_int_equal(bytes_drain(b, 0), 0);
	assert_int_equal(bytes_drain(b, 200 * MS), 0); /* too early */
	assert_int_equal(bytes_drain(b, 100 * MS), 9);
	ask_all(b, &next, 1);
	bytes_close(b);
}

static void a_wake_during_a_wait_is_kept(void **state)
{
	static const struct bytes_fault faults[] = {{BYTES_MUTE, 0, 1, 0}};
	static const struct line_case mute = {WIRE_TIMEOUT, NULL, 100 * MS};
	int number;
	struct bytes *b = open_faulty(faults, 1, &number);

	(void)state;
	clock_wake(seat);
	ask_all(b, &mute, 1);
	assert_true(clock_wait(seat, clock_now(clock_) + NANOS_PER_S));
	bytes_close(b);
}

static int open_all(void **state)
{
	struct error e = ERROR_INIT;

	(void)state;
	must(lockstep_open_alone(&clock_, 0, &e));
	seat = clock_join(clock_, "test");
	return 0;
}

static int close_all(void **state)
{
	(void)state;
	clock_leave(seat);
	clock_close(clock_);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_from_memory_takes_its_time),
		cmocka_unit_test(each_fault_has_its_status),
		cmocka_unit_test(a_late_answer_is_read_as_the_answer_to_the_next_question),
		cmocka_unit_test(draining_takes_the_late_answer_out_of_the_line),
		cmocka_unit_test(a_wake_during_a_wait_is_kept),
	};

	return cmocka_run_group_tests_name("bytes, faulty", tests, open_all, close_all);
}

/* The ends that tests stand on: a device in memory, and the faulty end in front of it, in lock-step time. */
#include "tests/check.h"

#include "daq/base/lockstep.h"
#include "daq/wire/words_faulty.h"

#define MS NANOS_PER_MS
#define DURATION (10 * MS)
#define TIMEOUT (100 * MS)

static struct clock *clock_;
static struct clock_seat *seat;
static uint16_t written[4];

static int answer(void *self, int unit, int function, int address, int count, uint16_t *words)
{
	(void)self;
	if (unit == 9)
		return -1;
	if (function == 4)
		return 1; /* illegal function */
	for (int i = 0; i < count; i++)
		words[i] = (uint16_t)(address + i);
	return 0;
}

static int accept_words(void *self, int unit, int address, int count, const uint16_t *words)
{
	(void)self;
	(void)unit;
	if (address + count > 4)
		return 2;
	memcpy(written + address, words, (size_t)count * 2);
	return 0;
}

/* The device in memory, behind a faulty end where there are faults. */
static struct words *device(const struct words_fault *faults, int count)
{
	const struct words_memory memory = {answer, accept_words, NULL, DURATION, TIMEOUT};
	struct words *words = NULL, *faulty = NULL;
	struct error e = ERROR_INIT;

	must(words_memory_open(&words, &memory, seat, &e));
	if (!count)
		return words;
	must(words_faulty_open(&faulty, words, faults, count, TIMEOUT, seat, &e));
	return faulty;
}

static nanos now(void)
{
	return clock_now(clock_);
}

static void memory_answers_refuses_or_is_silent_and_takes_its_time(void **state)
{
	struct words *words = device(NULL, 0);
	struct words_reply r;
	nanos start = now();

	(void)state;
	words_read(words, 1, 3, 40, 3, &r);
	assert_int_equal(r.status, WIRE_OK);
	assert_int_equal(r.count, 3);
	assert_int_equal(r.words[2], 42);
	assert_int_equal(r.before, start);
	assert_int_equal(r.last, start + DURATION);
	words_read(words, 1, 4, 40, 3, &r);
	assert_int_equal(r.status, WIRE_EXCEPTION);
	assert_int_equal(r.exception, 1);
	assert_int_equal(r.count, 0);
	start = now();
	words_read(words, 9, 3, 40, 3, &r);
	assert_int_equal(r.status, WIRE_TIMEOUT);
	assert_int_equal(now(), start + TIMEOUT);
	words_write(words, 1, 1, 2, (const uint16_t[]){5, 6}, &r);
	assert_int_equal(r.status, WIRE_OK);
	assert_int_equal(written[2], 6);
	words_write(words, 1, 3, 2, (const uint16_t[]){5, 6}, &r);
	assert_int_equal(r.status, WIRE_EXCEPTION);
	start = now();
	assert_int_equal(words_drain(words, TIMEOUT, NULL), 0);
	assert_int_equal(now(), start + TIMEOUT);
	words_close(words);
}

static void a_wake_does_not_make_a_device_faster_and_is_not_lost(void **state)
{
	struct words *words = device(NULL, 0);
	struct words_reply r;
	nanos start = now();

	(void)state;
	clock_wake(seat);
	words_read(words, 1, 3, 40, 1, &r);
	assert_int_equal(r.last, start + DURATION);
	assert_true(clock_wait(seat, now() + MS));
	words_close(words);
}

static void each_fault_acts_on_its_transactions_only(void **state)
{
	static const struct words_fault faults[] = {{FAULT_MUTE, 1, 1, 0}, {FAULT_SHORT, 3, 1, 0}, {FAULT_GARBLED, 4, 1, 0},
		{FAULT_WRONG_UNIT, 5, 1, 0}, {FAULT_EXCEPTION, 6, 2, 0}, {FAULT_GONE, 8, 1, 0}, {FAULT_LATE, 9, 1, 50 * MS}};
	static const enum wire_status expected[] = {WIRE_OK, WIRE_TIMEOUT, WIRE_OK, WIRE_CHECKSUM, WIRE_CHECKSUM,
		WIRE_MISMATCH, WIRE_EXCEPTION, WIRE_EXCEPTION, WIRE_GONE, WIRE_OK, WIRE_OK};
	struct words *words = device(faults, 7);
	struct words_reply r;

	(void)state;
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		words_read(words, 1, 3, 40, 1, &r);
		assert_int_equal(r.status, expected[i]);
		assert_int_equal(r.count, expected[i] == WIRE_OK);
	}
	words_close(words);
}

static void the_trap_is_there_a_late_reply_answers_the_next_request(void **state)
{
	static const struct words_fault faults[] = {{FAULT_LATE, 0, 1, 150 * MS}};
	struct words *words = device(faults, 1);
	struct words_reply r;

	(void)state;
	words_read(words, 1, 3, 40, 1, &r);
	assert_int_equal(r.status, WIRE_TIMEOUT);
	for (int i = 1; i < 20; i++) { /* every later value is silently that of the request before */
		words_read(words, 1, 3, 40 + i, 1, &r);
		assert_int_equal(r.status, WIRE_OK);
		assert_int_equal(r.words[0], 40 + i - 1);
	}
	assert_true(words_pending(words));
	assert_int_equal(words_drain(words, MS, NULL), 7);
	words_read(words, 1, 3, 60, 1, &r);
	assert_int_equal(r.words[0], 60);
	words_close(words);
}

static void a_late_reply_of_another_length_is_a_mismatch(void **state)
{
	static const struct words_fault faults[] = {{FAULT_LATE, 0, 1, 150 * MS}};
	struct words *words = device(faults, 1);
	struct words_reply r;

	(void)state;
	words_read(words, 1, 3, 40, 1, &r);
	words_read(words, 1, 3, 40, 2, &r);
	assert_int_equal(r.status, WIRE_MISMATCH);
	words_close(words);
}

static void a_drain_that_is_long_enough_takes_a_late_reply_out(void **state)
{
	static const struct words_fault faults[] = {{FAULT_LATE, 0, 1, 350 * MS}};
	struct words *words = device(faults, 1);
	struct words_reply r;
	nanos latest = 0, start = now();

	(void)state;
	words_read(words, 1, 3, 40, 1, &r);
	assert_false(words_pending(words));
	assert_int_equal(words_drain(words, 1000 * MS, &latest), 7);
	assert_int_equal(latest, start + 350 * MS);
	words_read(words, 1, 3, 41, 1, &r);
	assert_int_equal(r.words[0], 41);
	words_close(words);
}

static void a_reply_that_is_not_yet_there_answers_nobody(void **state)
{
	static const struct words_fault faults[] = {{FAULT_LATE, 0, 1, 5000 * MS}};
	struct words *words = device(faults, 1);
	struct words_reply r;

	(void)state;
	words_read(words, 1, 3, 40, 1, &r);
	words_read(words, 1, 3, 41, 1, &r);
	assert_int_equal(r.status, WIRE_OK);
	assert_int_equal(r.words[0], 41);
	words_close(words);
}

static int sit_down(void **state)
{
	struct error e = ERROR_INIT;

	(void)state;
	must(lockstep_open_alone(&clock_, 0, &e));
	seat = clock_join(clock_, "test");
	return seat ? 0 : -1;
}

static int get_up(void **state)
{
	(void)state;
	clock_leave(seat);
	clock_close(clock_);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_answers_refuses_or_is_silent_and_takes_its_time),
		cmocka_unit_test(a_wake_does_not_make_a_device_faster_and_is_not_lost),
		cmocka_unit_test(each_fault_acts_on_its_transactions_only),
		cmocka_unit_test(the_trap_is_there_a_late_reply_answers_the_next_request),
		cmocka_unit_test(a_late_reply_of_another_length_is_a_mismatch),
		cmocka_unit_test(a_drain_that_is_long_enough_takes_a_late_reply_out),
		cmocka_unit_test(a_reply_that_is_not_yet_there_answers_nobody),
	};

	return cmocka_run_group_tests_name("words in memory", tests, sit_down, get_up);
}

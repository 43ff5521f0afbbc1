/* The real end against a device made of raw bytes: every reply that is not the answer is told apart. */
#include "tests/wire/responder.h"

#include <signal.h>

static struct clock *clock_;
static struct clock_seat *seat;

static struct words *open_to(const struct responder *r, int timeout_ms)
{
	struct words_config config = responder_config(r, timeout_ms);
	struct words *words = NULL;
	struct error e = ERROR_INIT;

	must(words_open(&words, &config, seat, &e));
	return words;
}

static void requests_are_the_printed_frames(void **state)
{
	/* BENCHES E1, and "Modbus application protocol" V1.1b3, 6.12 for function 16 */
	static const struct {
		int function, address, count;
		uint8_t frame[8];
	} read[] = {{4, 0x0000, 2, {0x01, 0x04, 0x00, 0x00, 0x00, 0x02, 0x71, 0xcb}},
		{4, 0x000c, 2, {0x01, 0x04, 0x00, 0x0c, 0x00, 0x02, 0xb1, 0xc8}},
		{4, 0x0048, 2, {0x01, 0x04, 0x00, 0x48, 0x00, 0x02, 0xf1, 0xdd}}};
	static const uint8_t write[] = {0x01, 0x10, 0x00, 0x01, 0x00, 0x02, 0x04, 0x00, 0x0a, 0x01, 0x02};
	struct words_reply reply;
	struct responder r;
	struct words *words;
	uint8_t request[260];

	(void)state;
	responder_start(&r, false, NULL, 0, NULL);
	words = open_to(&r, 1000);
	for (size_t i = 0; i < sizeof(read) / sizeof(read[0]); i++) {
		words_read(words, 1, read[i].function, read[i].address, read[i].count, &reply);
		assert_int_equal(reply.status, WIRE_OK);
		assert_int_equal(responder_latest(&r, request), 8);
		assert_memory_equal(request, read[i].frame, 8);
	}
	words_write(words, 1, 1, 2, (const uint16_t[]){0x000a, 0x0102}, &reply);
	assert_int_equal(reply.status, WIRE_OK);
	assert_int_equal(responder_latest(&r, request), 13);
	assert_memory_equal(request, write, sizeof(write));
	words_close(words);
	responder_stop(&r);
}

static void words_go_both_ways(bool tcp)
{
	uint8_t request[260];
	struct words_reply reply;
	struct responder r;
	struct words *words;

	responder_start(&r, tcp, NULL, 0, NULL);
	words = open_to(&r, 1000);
	for (int count = 1; count <= 125; count += 31) {
		words_read(words, 3, 3, 100, count, &reply);
		assert_int_equal(reply.status, WIRE_OK);
		assert_int_equal(reply.count, count);
		assert_true(reply.before <= reply.after && reply.after <= reply.last);
		for (int i = 0; i < count; i++)
			assert_int_equal(reply.words[i], responder_word(3, 100 + i));
	}
	words_write(words, 3, 7, 1, (const uint16_t[]){0xbeef}, &reply);
	assert_int_equal(reply.status, WIRE_OK);
	responder_latest(&r, request);
	assert_int_equal(request[1], 6);
	words_write(words, 3, 8, 3, (const uint16_t[]){1, 2, 3}, &reply);
	assert_int_equal(reply.status, WIRE_OK);
	assert_int_equal(reply.count, 0);
	assert_int_equal(r.held[7], 0xbeef);
	assert_int_equal(r.held[10], 3);
	assert_false(words_pending(words));
	words_close(words);
	responder_stop(&r);
}

static void words_go_both_ways_over_a_terminal(void **state)
{
	(void)state;
	words_go_both_ways(false);
}

static void words_go_both_ways_over_tcp(void **state)
{
	(void)state;
	words_go_both_ways(true);
}

/* Transactions 0, 2, 4 ... misbehave, the others must come through although. */
struct outcome {
	enum manner manner;
	enum wire_status status;
};

static void each_fault_has_its_status(bool tcp, const struct outcome *expected, int n)
{
	struct misbehaviour table[16];
	struct words_reply reply;
	struct responder r;
	struct words *words;

	for (int i = 0; i < n; i++)
		table[i] = (struct misbehaviour){.manner = expected[i].manner, .from = 2 * i, .count = 1};
	responder_start(&r, tcp, table, n, NULL);
	words = open_to(&r, 200);
	for (int i = 0; i < n; i++) {
		words_read(words, 1, 3, 40 + i, 4, &reply);
		if (reply.status != expected[i].status)
			fail_msg("manner %d gives %s (%s), expected %s", expected[i].manner, wire_status_name(reply.status),
				reply.detail, wire_status_name(expected[i].status));
		assert_int_equal(reply.count, 0);
		assert_true(reply.detail[0]);
		if (reply.status == WIRE_EXCEPTION)
			assert_int_equal(reply.exception, 2);
		words_drain(words, 20 * NANOS_PER_MS, NULL);
		words_read(words, 1, 3, 40 + i, 4, &reply);
		assert_int_equal(reply.status, WIRE_OK);
		assert_int_equal(reply.words[3], responder_word(1, 43 + i));
	}
	words_close(words);
	responder_stop(&r);
}

static void each_fault_on_a_terminal_has_its_status(void **state)
{
	static const struct outcome expected[] = {{MUTE, WIRE_TIMEOUT}, {SHORT, WIRE_CHECKSUM}, {GARBLED, WIRE_CHECKSUM},
		{WRONG_UNIT, WIRE_MISMATCH}, {WRONG_FUNCTION, WIRE_MISMATCH}, {EXCEPTION, WIRE_EXCEPTION},
		{FEWER_WORDS, WIRE_MISMATCH}};

	(void)state;
	each_fault_has_its_status(false, expected, sizeof(expected) / sizeof(expected[0]));
}

static void each_fault_over_tcp_has_its_status(void **state)
{
	static const struct outcome expected[] = {{MUTE, WIRE_TIMEOUT}, {SHORT, WIRE_CHECKSUM},
		{WRONG_UNIT, WIRE_MISMATCH}, {WRONG_FUNCTION, WIRE_MISMATCH}, {EXCEPTION, WIRE_EXCEPTION},
		{WRONG_NUMBER, WIRE_MISMATCH}, {WRONG_LENGTH, WIRE_MISMATCH}, {FEWER_WORDS, WIRE_MISMATCH}};

	(void)state;
	each_fault_has_its_status(true, expected, sizeof(expected) / sizeof(expected[0]));
}

static void a_write_that_another_unit_confirms_is_not_confirmed(void **state)
{
	static const struct misbehaviour table[] = {{WRONG_UNIT, 0, 1, 0}, {EXCEPTION, 1, 1, 0}, {MUTE, 2, 1, 0}};
	static const enum wire_status expected[] = {WIRE_MISMATCH, WIRE_EXCEPTION, WIRE_TIMEOUT, WIRE_OK};
	struct words_reply reply;
	struct responder r;
	struct words *words;

	(void)state;
	for (int tcp = 0; tcp < 2; tcp++) {
		responder_start(&r, tcp, table, 3, NULL);
		words = open_to(&r, 200);
		for (int i = 0; i < 4; i++) {
			words_write(words, 1, 5, 1, (const uint16_t[]){1000}, &reply);
			assert_int_equal(reply.status, expected[i]);
		}
		words_close(words);
		responder_stop(&r);
	}
}

/* The trap itself: the wire cannot know (words.h); only TCP's number tells. */
static void a_late_reply_waits_in_the_line_until_it_is_drained(void **state)
{
	static const struct misbehaviour table[] = {{LATE, 0, 1, 80}};
	struct words_reply reply;
	struct responder r;
	struct words *words;
	nanos latest = 0;

	(void)state;
	responder_start(&r, false, table, 1, NULL);
	words = open_to(&r, 20);
	words_read(words, 1, 3, 0, 2, &reply);
	assert_int_equal(reply.status, WIRE_TIMEOUT);
	assert_int_equal(words_drain(words, 300 * NANOS_PER_MS, &latest), 9);
	assert_true(latest >= reply.before + 80 * NANOS_PER_MS);
	assert_false(words_pending(words));
	assert_int_equal(words_drain(words, NANOS_PER_MS, &latest), 0);
	words_close(words);
	responder_stop(&r);
}

static void a_late_reply_over_tcp_is_never_taken_for_the_next_answer(void **state)
{
	static const struct misbehaviour table[] = {{LATE, 0, 1, 60}};
	struct words_reply reply;
	struct responder r;
	struct words *words;

	(void)state;
	responder_start(&r, true, table, 1, NULL);
	words = open_to(&r, 30);
	words_read(words, 1, 3, 0, 2, &reply);
	assert_int_equal(reply.status, WIRE_TIMEOUT);
	for (int i = 0; i < 5; i++) {
		words_read(words, 1, 3, 10 + i, 2, &reply);
		if (reply.status == WIRE_OK)
			assert_int_equal(reply.words[0], responder_word(1, 10 + i));
	}
	words_close(words);
	responder_stop(&r);
}

static void a_connection_that_ends_is_gone_not_silent(void **state)
{
	static const struct misbehaviour table[] = {{HANG_UP, 1, 1, 0}};
	struct words_reply reply;
	struct responder r;
	struct words *words;

	(void)state;
	responder_start(&r, true, table, 1, NULL);
	words = open_to(&r, 1000);
	words_read(words, 1, 3, 0, 1, &reply);
	assert_int_equal(reply.status, WIRE_OK);
	words_read(words, 1, 3, 0, 1, &reply);
	assert_int_equal(reply.status, WIRE_GONE);
	words_close(words);
	words = open_to(&r, 1000);
	words_read(words, 1, 3, 0, 1, &reply);
	assert_int_equal(reply.status, WIRE_OK);
	words_close(words);
	responder_stop(&r);
}

static void an_unplugged_terminal_is_gone_not_silent(void **state)
{
	struct words_reply reply;
	struct responder r;
	struct words *words;

	(void)state;
	responder_start(&r, false, NULL, 0, NULL);
	words = open_to(&r, 1000);
	words_read(words, 1, 3, 0, 1, &reply);
	assert_int_equal(reply.status, WIRE_OK);
	responder_stop(&r);
	words_read(words, 1, 3, 0, 1, &reply);
	assert_int_equal(reply.status, WIRE_GONE);
	words_write(words, 1, 0, 1, (const uint16_t[]){1}, &reply);
	assert_int_equal(reply.status, WIRE_GONE);
	assert_false(words_pending(words));
	words_close(words);
}

static int sit_down(void **state)
{
	(void)state;
	clock_ = clock_open_system(1);
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
		cmocka_unit_test(requests_are_the_printed_frames),
		cmocka_unit_test(words_go_both_ways_over_a_terminal),
		cmocka_unit_test(words_go_both_ways_over_tcp),
		cmocka_unit_test(each_fault_on_a_terminal_has_its_status),
		cmocka_unit_test(each_fault_over_tcp_has_its_status),
		cmocka_unit_test(a_write_that_another_unit_confirms_is_not_confirmed),
		cmocka_unit_test(a_late_reply_waits_in_the_line_until_it_is_drained),
		cmocka_unit_test(a_late_reply_over_tcp_is_never_taken_for_the_next_answer),
		cmocka_unit_test(a_connection_that_ends_is_gone_not_silent),
		cmocka_unit_test(an_unplugged_terminal_is_gone_not_silent),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("words", tests, sit_down, get_up);
}

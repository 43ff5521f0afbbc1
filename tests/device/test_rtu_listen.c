/* Overhearing Modbus RTU: printed frames, cuts, noise, and what must not be taken for an answer. */
#include "tests/check.h"

#include "daq/device/rtu_listen.h"

#include <stdio.h>
#include <stdlib.h>

#define CHARACTER (NANOS_PER_S / 1745) /* 19200 8E1 */

/* BENCHES E1: the question for V of an SDM120 and its answer, 230.2 V; further frames are built with the CRC of V1.02. */
static const uint8_t ask_volts[] = {0x01, 0x04, 0x00, 0x00, 0x00, 0x02, 0x71, 0xCB};
static const uint8_t volts[] = {0x01, 0x04, 0x04, 0x43, 0x66, 0x33, 0x33, 0x5A, 0xFA};
static const uint8_t ask_watts[] = {0x01, 0x04, 0x00, 0x0C, 0x00, 0x02, 0xB1, 0xC8};
static const uint8_t ask_import[] = {0x01, 0x04, 0x00, 0x48, 0x00, 0x02, 0xF1, 0xDD};

struct stream {
	uint8_t bytes[65536];
	size_t size;
	nanos now;
	struct rtu_listen listen;
	struct rtu_heard heard[512];
	int count;
};

static struct stream *stream_new(void)
{
	struct stream *s = calloc(1, sizeof(*s));

	s->now = NANOS_PER_S;
	rtu_listen_init(&s->listen, CHARACTER);
	return s;
}

static void listen_to(struct stream *s, const void *bytes, size_t size)
{
	const uint8_t *from = bytes;

	s->now += (nanos)size * CHARACTER;
	while (size) {
		size_t n = rtu_listen_feed(&s->listen, from, size, s->now);

		while (s->count < 512 && rtu_listen_next(&s->listen, s->now, &s->heard[s->count]))
			s->count++;
		from += n;
		size -= n;
	}
}

static void wait_for(struct stream *s, nanos duration)
{
	s->now += duration;
	while (s->count < 512 && rtu_listen_next(&s->listen, s->now, &s->heard[s->count]))
		s->count++;
}

/* Bit by bit, as the specification draws it: not the parser's own. */
static size_t with_crc(uint8_t *frame, size_t n)
{
	unsigned crc = 0xffff;

	for (size_t i = 0; i < n; i++)
		for (int b = -1; b < 8; b++)
			crc = b < 0 ? crc ^ frame[i] : (crc & 1) ? (crc >> 1) ^ 0xa001 : crc >> 1;
	frame[n] = (uint8_t)(crc & 0xff);
	frame[n + 1] = (uint8_t)(crc >> 8);
	return n + 2;
}

static size_t request(uint8_t *f, int unit, int function, int address, int count)
{
	const uint8_t head[] = {(uint8_t)unit, (uint8_t)function, (uint8_t)(address >> 8), (uint8_t)address, (uint8_t)(count >> 8),
		(uint8_t)count};

	memcpy(f, head, sizeof(head));
	return with_crc(f, sizeof(head));
}

static uint16_t truth(int unit, int address, int turn)
{
	return (uint16_t)(unit * 7919 + address * 131 + turn * 17);
}

static size_t reply(uint8_t *f, int unit, int function, int address, int count, int turn)
{
	f[0] = (uint8_t)unit;
	f[1] = (uint8_t)function;
	f[2] = (uint8_t)(2 * count);
	for (int i = 0; i < count; i++) {
		f[3 + 2 * i] = (uint8_t)(truth(unit, address + i, turn) >> 8);
		f[4 + 2 * i] = (uint8_t)truth(unit, address + i, turn);
	}
	return with_crc(f, (size_t)(3 + 2 * count));
}

static void printed_frames_are_heard_and_paired(void **state)
{
	struct stream *s = stream_new();
	const struct rtu_heard *h = s->heard;

	(void)state;
	listen_to(s, ask_volts, sizeof(ask_volts));
	wait_for(s, 20 * NANOS_PER_MS);
	listen_to(s, volts, sizeof(volts));
	assert_int_equal(s->count, 1);
	assert_int_equal(h->kind, HEARD_READ);
	assert_true(h->unit == 1 && h->function == 4 && h->address == 0 && h->count == 2);
	assert_true(h->words[0] == 0x4366 && h->words[1] == 0x3333);
	assert_true(h->last == s->now);
	assert_true(h->after == h->last - 9 * CHARACTER - 20 * NANOS_PER_MS);
	assert_true(h->after - h->before == 7 * CHARACTER);
	free(s);
}

static void a_question_without_an_answer_is_counted_and_gives_nothing(void **state)
{
	struct stream *s = stream_new();

	(void)state;
	listen_to(s, ask_volts, sizeof(ask_volts));
	wait_for(s, NANOS_PER_S);
	listen_to(s, ask_volts, sizeof(ask_volts));
	wait_for(s, NANOS_PER_S);
	assert_int_equal(s->count, 0);
	assert_int_equal(s->listen.counts.requests, 2);
	assert_int_equal(s->listen.counts.unanswered, 1); /* the second may still be answered */
	free(s);
}

static void an_answer_of_another_length_unit_or_time_is_not_used(void **state)
{
	struct stream *s = stream_new();
	uint8_t f[300];

	(void)state;
	listen_to(s, ask_volts, sizeof(ask_volts));
	listen_to(s, f, reply(f, 1, 4, 0, 3, 0)); /* too long */
	listen_to(s, ask_volts, sizeof(ask_volts));
	listen_to(s, f, reply(f, 2, 4, 0, 2, 0)); /* another unit */
	listen_to(s, ask_volts, sizeof(ask_volts));
	listen_to(s, f, reply(f, 1, 3, 0, 2, 0)); /* another function */
	listen_to(s, ask_volts, sizeof(ask_volts));
	wait_for(s, RTU_LISTEN_PATIENCE + NANOS_PER_MS);
	listen_to(s, volts, sizeof(volts)); /* too late */
	listen_to(s, volts, sizeof(volts)); /* unasked */
	assert_int_equal(s->count, 0);
	assert_int_equal(s->listen.counts.misfits, 5);
	free(s);
}

/* The trap of RTU, on a line that is only listened to: the late answer to one question comes after the next. */
static void a_late_answer_is_never_taken_for_that_to_the_next_question(void **state)
{
	struct stream *s = stream_new();
	uint8_t f[300];

	(void)state;
	listen_to(s, ask_volts, sizeof(ask_volts));
	wait_for(s, 500 * NANOS_PER_MS);
	listen_to(s, ask_watts, sizeof(ask_watts));
	listen_to(s, volts, sizeof(volts)); /* late */
	listen_to(s, ask_import, sizeof(ask_import));
	listen_to(s, f, reply(f, 1, 4, 12, 2, 0)); /* watts, late as well */
	assert_int_equal(s->count, 0);
	listen_to(s, f, request(f, 1, 4, 0, 20)); /* another length is its own proof */
	listen_to(s, f, reply(f, 1, 4, 0, 20, 0));
	assert_int_equal(s->count, 1);
	wait_for(s, RTU_LISTEN_LATE);
	listen_to(s, ask_watts, sizeof(ask_watts));
	listen_to(s, f, reply(f, 1, 4, 12, 2, 0));
	assert_int_equal(s->count, 2);
	free(s);
}

/* The same question again: whichever answer comes is one to it. */
static void the_answer_to_a_question_asked_again_is_used(void **state)
{
	struct stream *s = stream_new();

	(void)state;
	for (int i = 0; i < 3; i++) {
		listen_to(s, ask_volts, sizeof(ask_volts));
		wait_for(s, 500 * NANOS_PER_MS);
	}
	listen_to(s, volts, sizeof(volts));
	assert_int_equal(s->count, 1);
	free(s);
}

/* The answer to one question and the next question are both garbled: the answer that comes then is to another question. */
static void an_answer_behind_garbled_frames_is_not_used(void **state)
{
	struct stream *s = stream_new();
	uint8_t f[300];
	size_t n;

	(void)state;
	listen_to(s, ask_volts, sizeof(ask_volts));
	n = reply(f, 1, 4, 0, 2, 0);
	f[4] ^= 1;
	listen_to(s, f, n);
	memcpy(f, ask_watts, sizeof(ask_watts));
	f[3] ^= 1;
	listen_to(s, f, sizeof(ask_watts));
	listen_to(s, f, reply(f, 1, 4, 12, 2, 0));
	wait_for(s, NANOS_PER_S);
	assert_int_equal(s->count, 0);
	wait_for(s, RTU_LISTEN_LATE);
	listen_to(s, ask_import, sizeof(ask_import));
	listen_to(s, f, reply(f, 1, 4, 72, 2, 0));
	assert_int_equal(s->count, 1);
	assert_int_equal(s->heard[0].address, 72);
	free(s);
}

/* A line that turns round often gives a byte of its own. */
static void a_stray_byte_between_question_and_answer_does_no_harm(void **state)
{
	static const uint8_t stray[] = {0x00, 0xff};
	struct stream *s = stream_new();

	(void)state;
	for (size_t i = 0; i <= sizeof(stray); i++) {
		listen_to(s, ask_volts, sizeof(ask_volts));
		listen_to(s, stray, i);
		listen_to(s, volts, sizeof(volts));
		wait_for(s, NANOS_PER_S / 2);
	}
	assert_int_equal(s->count, 3);
	assert_int_equal(s->listen.counts.noise, 3);
	free(s);
}

static void exceptions_and_writes_are_heard(void **state)
{
	static const uint8_t pump[] = {0x01, 0x06, 0x07, 0xDF, 0x01, 0x90};
	struct stream *s = stream_new();
	uint8_t f[300] = {0x02, 0x83, 0x02}, w[32] = {0x01, 0x10, 0x07, 0xCF, 0x00, 0x02, 0x04, 0x00, 0x05, 0x00, 0x06}, r[32];
	size_t n;

	(void)state;
	listen_to(s, r, request(r, 2, 3, 5000, 4));
	listen_to(s, f, with_crc(f, 3));
	assert_int_equal(s->heard[0].kind, HEARD_EXCEPTION);
	assert_int_equal(s->heard[0].exception, 2);
	memcpy(f, pump, sizeof(pump));
	n = with_crc(f, sizeof(pump));
	listen_to(s, f, n);
	listen_to(s, f, n); /* its echo */
	assert_int_equal(s->count, 2);
	assert_true(s->heard[1].kind == HEARD_WRITE && s->heard[1].address == 2015 && s->heard[1].words[0] == 400);
	listen_to(s, w, with_crc(w, 11));
	memcpy(f, w, 6);
	listen_to(s, f, with_crc(f, 6));
	assert_int_equal(s->count, 3);
	assert_true(s->heard[2].kind == HEARD_WRITE && s->heard[2].address == 1999 && s->heard[2].count == 2);
	assert_true(s->heard[2].words[0] == 5 && s->heard[2].words[1] == 6);
	free(s);
}

/* A master that gets no echo says the same again after its time-out: nobody has confirmed it. */
static void a_write_asked_again_is_not_its_own_echo(void **state)
{
	struct stream *s = stream_new();
	uint8_t f[16] = {0x01, 0x06, 0x07, 0xDF, 0x01, 0x90};
	size_t n = with_crc(f, 6);

	(void)state;
	for (int i = 0; i < 5; i++) {
		listen_to(s, f, n);
		wait_for(s, 300 * NANOS_PER_MS);
	}
	assert_int_equal(s->count, 0);
	assert_int_equal(s->listen.counts.requests, 5);
	listen_to(s, f, n);
	listen_to(s, f, n);
	assert_int_equal(s->count, 1);
	free(s);
}

/* A request for 4 words at 2048 to 2303 begins like an answer of 4 words. */
static void a_question_that_begins_like_the_awaited_answer_is_a_question(void **state)
{
	struct stream *s = stream_new();
	uint8_t f[64];

	(void)state;
	for (int i = 0; i < 3; i++) {
		listen_to(s, f, request(f, 1, 3, 2099, 4));
		wait_for(s, 500 * NANOS_PER_MS);
	}
	listen_to(s, f, reply(f, 1, 3, 2099, 4, 7));
	wait_for(s, NANOS_PER_S);
	assert_int_equal(s->count, 1);
	assert_int_equal(s->heard[0].words[3], truth(1, 2102, 7));
	assert_int_equal(s->listen.counts.requests, 3);
	free(s);
}

static uint32_t seeded;

static unsigned random_below(unsigned n)
{
	seeded = seeded * 1664525u + 1013904223u;
	return (seeded >> 8) % n;
}

/* A line of traffic with lost, flipped and stray bytes, in lumps of any size: whatever is told must be true. */
static int true_of(const struct rtu_heard *h, int turns)
{
	for (int turn = 0; turn < turns; turn++) {
		int i = 0;

		while (i < h->count && h->words[i] == truth(h->unit, h->address + i, turn))
			i++;
		if (i == h->count)
			return 1;
	}
	return 0;
}

static void make_traffic(struct stream *s, int turns, unsigned trouble)
{
	for (int turn = 0; turn < turns; turn++) {
		int unit = 1 + (int)random_below(2), count = 1 + (int)random_below(40), address = 2099 + (int)random_below(30);
		uint8_t f[400];
		size_t n = request(f, unit, 3, address, count);

		if (random_below(20) != 0) /* sometimes nobody answers */
			n += reply(f + n, unit, 3, address, count, turn);
		for (size_t i = 0; i < n; i++) {
			unsigned fate = trouble ? random_below(trouble) : 9;

			if (fate == 0)
				continue;
			s->bytes[s->size++] = fate == 1 ? (uint8_t)(f[i] ^ 1u << random_below(8)) : f[i];
			if (fate == 2)
				s->bytes[s->size++] = (uint8_t)random_below(256);
		}
	}
}

static void random_cuts_and_noise_never_give_a_wrong_value(void **state)
{
	int told = 0;

	(void)state;
	for (int seed = 1; seed <= 40; seed++) {
		struct stream *s = stream_new();
		size_t at = 0;

		seeded = (uint32_t)seed;
		make_traffic(s, 300, seed % 2 ? 0 : 40u << seed % 5);
		while (at < s->size) {
			size_t n = 1 + random_below(random_below(10) ? 20 : 700);

			n = n < s->size - at ? n : s->size - at;
			listen_to(s, s->bytes + at, n);
			at += n;
			if (seed % 2 == 0 && random_below(30) == 0)
				wait_for(s, 250 * NANOS_PER_MS);
		}
		wait_for(s, NANOS_PER_S);
		for (int i = 0; i < s->count; i++)
			if (!true_of(&s->heard[i], 300))
				fail_msg("seed %d: unit %d, %d words at %d are told, and were never said", seed, s->heard[i].unit,
					s->heard[i].count, s->heard[i].address);
		if (seed % 2) /* without trouble nothing is missed */
			assert_int_equal(s->count + s->listen.counts.unanswered + s->listen.request.open, 300);
		told += s->count;
		free(s);
	}
	assert_true(told > 20 * 240 + 20 * 50); /* all of the clean lines, and many of the others */
}

static void pure_noise_tells_nothing(void **state)
{
	struct stream *s = stream_new();

	(void)state;
	seeded = 7;
	for (int i = 0; i < 500000; i++) {
		uint8_t byte = (uint8_t)random_below(256);

		listen_to(s, &byte, 1);
	}
	assert_int_equal(s->count, 0);
	assert_true(s->listen.counts.noise > 480000);
	free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(printed_frames_are_heard_and_paired),
		cmocka_unit_test(a_question_without_an_answer_is_counted_and_gives_nothing),
		cmocka_unit_test(an_answer_of_another_length_unit_or_time_is_not_used),
		cmocka_unit_test(a_late_answer_is_never_taken_for_that_to_the_next_question),
		cmocka_unit_test(the_answer_to_a_question_asked_again_is_used),
		cmocka_unit_test(an_answer_behind_garbled_frames_is_not_used),
		cmocka_unit_test(a_stray_byte_between_question_and_answer_does_no_harm),
		cmocka_unit_test(exceptions_and_writes_are_heard),
		cmocka_unit_test(a_write_asked_again_is_not_its_own_echo),
		cmocka_unit_test(a_question_that_begins_like_the_awaited_answer_is_a_question),
		cmocka_unit_test(random_cuts_and_noise_never_give_a_wrong_value),
		cmocka_unit_test(pure_noise_tells_nothing),
	};

	return cmocka_run_group_tests_name("rtu_listen", tests, NULL, NULL);
}

#include "tests/check.h"

#include "daq/acquire/ring.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

static void push(struct ring *ring, uint64_t n, size_t padding, bool must_fit)
{
	char tail[512];

	memset(tail, (int)n, sizeof(tail));
	assert_true(ring_push(ring, 5, &n, sizeof(n), tail, padding, must_fit));
}

/* Takes one and checks it. */
static void pop(struct ring *ring, uint64_t expected, size_t padding)
{
	const char *data;
	size_t size;
	uint64_t n;
	int kind;

	assert_true(ring_peek(ring, 0, &kind, (const void **)&data, &size));
	assert_int_equal(kind, 5);
	assert_int_equal(size, sizeof(n) + padding);
	memcpy(&n, data, sizeof(n));
	assert_int_equal(n, expected);
	for (size_t i = 0; i < padding; i++)
		assert_int_equal((unsigned char)data[sizeof(n) + i], n & 255);
	ring_done(ring);
}

static void records_leave_in_their_order_however_often_the_ring_goes_round(void **state)
{
	struct ring *ring = ring_open(4096, false);
	uint64_t in = 0, out = 0;

	(void)state;
	/* more than a megabyte of reserve lies behind the 4 KiB: some 10,000 records go round it several times */
	while (in < 20000) {
		for (int i = 0; i < 7; i++, in++)
			push(ring, in, (size_t)(in * 37 % 400), false);
		for (int i = 0; i < 7; i++, out++)
			pop(ring, out, (size_t)(out * 37 % 400));
	}
	assert_int_equal(ring_drops(ring), 0);
	assert_true(ring_fill(ring) > 0 && ring_fill(ring) < 0.01);
	ring_close(ring);
	ring_close(NULL);
}

static void what_does_not_fit_is_dropped_and_counted_and_the_rest_is_whole(void **state)
{
	struct ring *ring = ring_open(1000, false);
	uint64_t in = 0;

	(void)state;
	while (ring_push(ring, 5, &in, sizeof(in), NULL, 0, false))
		in++;
	assert_int_equal(in, 1000 / 16);
	for (uint64_t n = 0; n < 9; n++)
		assert_false(ring_push(ring, 5, &n, sizeof(n), NULL, 0, false));
	assert_int_equal(ring_drops(ring), 10);
	for (uint64_t n = 0; n < in; n++)
		pop(ring, n, 0);
	push(ring, 7, 0, false);
	pop(ring, 7, 0);
	ring_close(ring);
}

static void a_flood_of_samples_leaves_room_for_events(void **state)
{
	struct ring *ring = ring_open(1000, false);
	uint64_t n = 0;

	(void)state;
	while (ring_push(ring, 5, &n, sizeof(n), NULL, 0, false))
		n++;
	for (int i = 0; i < 1000; i++)
		push(ring, (uint64_t)i, 100, true);
	assert_int_equal(ring_drops(ring), 1);
	for (uint64_t i = 0; i < n; i++)
		pop(ring, i, 0);
	for (uint64_t i = 0; i < 1000; i++)
		pop(ring, i, 100);
	ring_close(ring);
}

static void an_empty_ring_waits_and_an_ended_one_does_not(void **state)
{
	struct ring *ring = ring_open(1000, false);
	const void *data;
	size_t size;
	int kind;

	(void)state;
	assert_false(ring_peek(ring, 2, &kind, &data, &size));
	assert_false(ring_ended(ring));
	push(ring, 1, 0, false);
	ring_end(ring);
	assert_true(ring_ended(ring));
	assert_false(ring_push(ring, 5, &size, sizeof(size), NULL, 0, true));
	pop(ring, 1, 0); /* what was in it still comes out */
	assert_false(ring_peek(ring, 600000, &kind, &data, &size));
	ring_close(ring);
}

enum { PRODUCERS = 4, EACH = 5000 };

static void *produce(void *argument)
{
	struct ring *ring = ((void **)argument)[0];
	uint64_t who = (uint64_t)(uintptr_t)((void **)argument)[1];

	for (uint64_t i = 0; i < EACH; i++) {
		uint64_t n = who << 32 | i;

		ring_push(ring, 5, &n, sizeof(n), "tail", i % 5, false);
	}
	return NULL;
}

/* The ring holds some 60 records: lossless producers must wait for the consumer again and again. */
static void a_lossless_ring_blocks_and_loses_nothing_from_several_producers(void **state)
{
	struct ring *ring = ring_open(1000, true);
	void *argument[PRODUCERS][2];
	pthread_t thread[PRODUCERS];
	uint64_t next[PRODUCERS] = {0};

	(void)state;
	for (int i = 0; i < PRODUCERS; i++) {
		argument[i][0] = ring;
		argument[i][1] = (void *)(uintptr_t)i;
		pthread_create(&thread[i], NULL, produce, argument[i]);
	}
	for (int i = 0; i < PRODUCERS * EACH; i++) {
		const void *data;
		size_t size;
		uint64_t n;
		int kind;

		assert_true(ring_peek(ring, 60000, &kind, &data, &size));
		memcpy(&n, data, sizeof(n));
		assert_int_equal(n & 0xffffffff, next[n >> 32]++); /* each in its own order */
		assert_int_equal(size, sizeof(n) + (n & 0xffffffff) % 5);
		ring_done(ring);
	}
	for (int i = 0; i < PRODUCERS; i++)
		pthread_join(thread[i], NULL);
	assert_int_equal(ring_drops(ring), 0);
	ring_close(ring);
}

static void *push_until_ended(void *argument)
{
	uint64_t n = 0;

	while (ring_push(argument, 5, &n, sizeof(n), NULL, 0, false))
		n++;
	return NULL;
}

static void an_end_frees_who_waits_for_room(void **state)
{
	struct ring *ring = ring_open(1000, true);
	pthread_t thread;

	(void)state;
	pthread_create(&thread, NULL, push_until_ended, ring);
	usleep(2000);
	ring_end(ring);
	pthread_join(thread, NULL);
	ring_close(ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_leave_in_their_order_however_often_the_ring_goes_round),
		cmocka_unit_test(what_does_not_fit_is_dropped_and_counted_and_the_rest_is_whole),
		cmocka_unit_test(a_flood_of_samples_leaves_room_for_events),
		cmocka_unit_test(an_empty_ring_waits_and_an_ended_one_does_not),
		cmocka_unit_test(a_lossless_ring_blocks_and_loses_nothing_from_several_producers),
		cmocka_unit_test(an_end_frees_who_waits_for_room),
	};

	return cmocka_run_group_tests_name("ring", tests, NULL, NULL);
}

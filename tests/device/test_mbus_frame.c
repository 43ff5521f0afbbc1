/* M-Bus frames: made as the standard has them, found among noise, and what is broken about one. */
#include "tests/device/mbus_frames.h"

static void short_frames_are_those_of_the_standard(void **state)
{
	static const uint8_t init[] = {0x10, 0x40, 0x01, 0x41, 0x16}, ask[] = {0x10, 0x5B, 0x01, 0x5C, 0x16},
		again[] = {0x10, 0x7B, 0x01, 0x7C, 0x16}, all[] = {0x10, 0x5B, 0xFE, 0x59, 0x16};
	uint8_t made[MBUS_FRAME_MAX];
	struct mbus_frame frame;

	(void)state;
	assert_int_equal(mbus_frame_short(made, MBUS_SND_NKE, 1), 5);
	assert_memory_equal(made, init, 5);
	mbus_frame_short(made, MBUS_REQ_UD2, 1);
	assert_memory_equal(made, ask, 5);
	mbus_frame_short(made, MBUS_REQ_UD2 | MBUS_FCB, 1);
	assert_memory_equal(made, again, 5);
	mbus_frame_short(made, MBUS_REQ_UD2, 0xFE);
	assert_memory_equal(made, all, 5);
	frame_of(all, 5, &frame);
	assert_int_equal(frame.kind, MBUS_SHORT);
	assert_int_equal(frame.a, 0xFE);
	assert_int_equal(frame.ci, -1);
}

static void put(struct mbus_reader *r, const uint8_t *bytes, int from, int to)
{
	mbus_reader_put(r, bytes + from, (size_t)(to - from));
}

static void a_frame_is_found_whatever_pieces_it_comes_in(void **state)
{
	struct mbus_reader r = {.have = 0};
	struct mbus_frame frame;
	uint8_t bytes[300];
	int n = hex_bytes(ELVACO, bytes);

	(void)state;
	for (int i = 0; i < n - 1; i++) {
		put(&r, bytes, i, i + 1);
		assert_int_equal(mbus_reader_next(&r, &frame, NULL), MBUS_FOUND_NOTHING);
		assert_true(i < 1 || mbus_reader_missing(&r) == n - 1 - i);
	}
	put(&r, bytes, n - 1, n);
	assert_int_equal(mbus_reader_next(&r, &frame, NULL), MBUS_FOUND_FRAME);
	assert_int_equal(frame.size, n);
	assert_int_equal(r.noise, 0);
}

static void noise_between_frames_is_passed_over(void **state)
{
	static const uint8_t noise[] = {0x00, 0xFF, 0x16, 0x68, 0x05, 0x68, 0x10, 0x10, 0x5B, 0x68, 0x20, 0x20, 0x00};
	struct mbus_reader r = {.have = 0};
	struct mbus_frame frame;
	uint8_t bytes[300];
	int n = hex_bytes(ELVACO, bytes), found = 0;

	(void)state;
	for (int k = 0; k < 3; k++) {
		put(&r, noise, 0, sizeof(noise));
		put(&r, bytes, 0, n);
		while (mbus_reader_next(&r, &frame, NULL) == MBUS_FOUND_FRAME)
			found += frame.kind == MBUS_LONG && frame.size == n;
	}
	assert_int_equal(found, 3);
	assert_int_equal(r.noise, 3 * sizeof(noise));
}

static void a_lost_byte_costs_one_frame_and_not_the_next(void **state)
{
	struct mbus_frame frame;
	uint8_t bytes[300];
	int n = hex_bytes(POLLUTHERM, bytes);

	(void)state;
	for (int lost = 0; lost < n; lost++) {
		struct mbus_reader r = {.have = 0};
		int whole = 0;
		enum mbus_found found;

		put(&r, bytes, 0, lost);
		put(&r, bytes, lost + 1, n);
		put(&r, bytes, 0, n);
		do {
			found = mbus_reader_next(&r, &frame, NULL);
			whole += found == MBUS_FOUND_FRAME && frame.kind == MBUS_LONG && frame.size == n;
		} while (found != MBUS_FOUND_NOTHING);
		do {
			found = mbus_reader_end(&r, &frame, NULL);
			whole += found == MBUS_FOUND_FRAME && frame.kind == MBUS_LONG && frame.size == n;
		} while (found == MBUS_FOUND_FRAME || found == MBUS_FOUND_CHECKSUM);
		if (whole != 1)
			fail_msg("byte %d lost: %d frames found", lost, whole);
	}
}

static void a_wrong_checksum_is_told_apart_from_a_frame_cut_short(void **state)
{
	struct mbus_reader r = {.have = 0};
	struct mbus_frame frame;
	uint8_t bytes[300];
	struct error e = ERROR_INIT;
	int n = hex_bytes(ELVACO, bytes);

	(void)state;
	put(&r, bytes, 0, n - 3);
	assert_int_equal(mbus_reader_next(&r, &frame, &e), MBUS_FOUND_NOTHING);
	assert_int_equal(mbus_reader_end(&r, &frame, &e), MBUS_FOUND_CUT);
	assert_sentence(&e, "the frame is cut short: it has 89 bytes by its lengths, 86 came");
	error_clear(&e);
	bytes[40] ^= 0x01;
	r = (struct mbus_reader){.have = 0};
	put(&r, bytes, 0, n);
	assert_int_equal(mbus_reader_next(&r, &frame, &e), MBUS_FOUND_CHECKSUM);
	assert_sentence(&e, "byte 87: wrong checksum: BDh came, the bytes before it add up to");
	bytes[40] ^= 0x01;
	bytes[n - 1] = 0x17;
	error_clear(&e);
	assert_int_equal(mbus_frame_parse(bytes, (size_t)n, &frame, &e), MBUS_FOUND_CHECKSUM);
	assert_sentence(&e, "byte 88: expected the stop 16h, 17h came");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(short_frames_are_those_of_the_standard),
		cmocka_unit_test(a_frame_is_found_whatever_pieces_it_comes_in),
		cmocka_unit_test(noise_between_frames_is_passed_over),
		cmocka_unit_test(a_lost_byte_costs_one_frame_and_not_the_next),
		cmocka_unit_test(a_wrong_checksum_is_told_apart_from_a_frame_cut_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

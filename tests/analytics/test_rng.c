/* Random numbers against published sequences. */
#include "tests/check.h"

#include "analytics/core/rng.h"

#include <math.h>

/* The reference sequence of xoshiro256** from the state 1, 2, 3, 4. */
static void the_sequence_is_the_published_one(void **state)
{
	static const uint64_t expected[] = {UINT64_C(11520), 0, UINT64_C(1509978240),
		UINT64_C(1215971899390074240), UINT64_C(1216172134540287360), UINT64_C(607988272756665600),
		UINT64_C(16172922978634559625), UINT64_C(8476171486693032832), UINT64_C(10595114339597558777),
		UINT64_C(2904607092377533576)};
	struct rng rng = {{1, 2, 3, 4}};

	(void)state;
	for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++)
		assert_true(rng_next(&rng) == expected[i]);
}

/* The published outputs of splitmix64 for the seed 1234567. */
static void a_seed_fills_the_state_by_splitmix(void **state)
{
	static const uint64_t expected[] = {UINT64_C(6457827717110365317), UINT64_C(3203168211198807973),
		UINT64_C(9817491932198370423), UINT64_C(4593380528125082431)};
	struct rng rng = rng_seeded(1234567);

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_true(rng.state[i] == expected[i]);
}

/* 7 sevenths of 70,000: chi-squared with 6 degrees of freedom stays below its 99.9 % point. */
static void each_day_is_drawn_as_often_as_the_others(void **state)
{
	struct rng rng = rng_seeded(0);
	double chi = 0;
	int seen[7] = {0};

	(void)state;
	for (int i = 0; i < 70000; i++)
		seen[rng_below(&rng, 7)]++;
	for (int i = 0; i < 7; i++)
		chi += (seen[i] - 10000.0) * (seen[i] - 10000.0) / 10000;
	assert_true(chi < 22.46);
	assert_int_equal(rng_below(&rng, 1), 0);
	assert_true(rng_below(&rng, UINT32_MAX) < UINT32_MAX);
}

/* Moments of 200,000 numbers within four standard errors. */
static void normal_numbers_have_the_moments_of_the_normal(void **state)
{
	struct rng rng = rng_seeded(7);
	double sum[5] = {0};
	int n = 200000;

	(void)state;
	for (int i = 0; i < n; i++) {
		double x = rng_normal(&rng), power = 1;

		for (int k = 1; k <= 4; k++)
			sum[k] += (power *= x) / n;
	}
	assert_near(sum[1], 0, 4 / sqrt(n));
	assert_near(sum[2], 1, 4 * sqrt(2.0 / n));
	assert_near(sum[3], 0, 4 * sqrt(15.0 / n));
	assert_near(sum[4], 3, 4 * sqrt(96.0 / n));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_sequence_is_the_published_one),
		cmocka_unit_test(a_seed_fills_the_state_by_splitmix),
		cmocka_unit_test(each_day_is_drawn_as_often_as_the_others),
		cmocka_unit_test(normal_numbers_have_the_moments_of_the_normal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

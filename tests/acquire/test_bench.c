/* A reading in its channel's unit: calibration and certificate. */
#include "tests/acquire/rig.h"

static double reading(const struct bench *bench, double decoded)
{
	return bench_reading(bench, &bench->channel[0], decoded);
}

static void what_a_certificate_says_is_added_at_its_reading(void **state)
{
	struct bench bench = {.channels = 1, .certificates = 1};
	struct bench_certificate *c = &bench.certificate[0];

	(void)state;
	bench.channel[0] = (struct bench_channel){.gain = 2, .offset = 1, .certificate = -1};
	assert_near(reading(&bench, 10), 21, 0);
	bench.channel[0].certificate = 0;
	assert_near(reading(&bench, 10), 21, 0); /* without points it only says how well it is known */
	c->points = 3;
	memcpy(c->reading, (double[]){0, 20, 40}, 3 * sizeof(double));
	memcpy(c->correction, (double[]){0.5, -0.5, 1.5}, 3 * sizeof(double));
	assert_near(reading(&bench, -5), -9 + 0.5, 1e-12);
	assert_near(reading(&bench, 4.5), 10 + 0, 1e-12);
	assert_near(reading(&bench, 9.5), 20 - 0.5, 1e-12);
	assert_near(reading(&bench, 14.5), 30 + 0.5, 1e-12);
	assert_near(reading(&bench, 19.5), 40 + 1.5, 1e-12);
	assert_near(reading(&bench, 100), 201 + 1.5, 1e-12);
	assert_true(isnan(reading(&bench, NAN)));
	c->points = 1;
	assert_near(reading(&bench, 100), 201.5, 1e-12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(what_a_certificate_says_is_added_at_its_reading)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

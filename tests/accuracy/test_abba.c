/* Which days make pairs, and what their order shows. */
#include "tests/analytics/random.h"
#include "tests/check.h"

#include "analytics/accuracy/abba.h"

#include <math.h>

static struct release_effect effect;
static struct release_pair pairs[64];

static struct abba_day on(int day, char release, double estimate)
{
	return (struct abba_day){.day = day, .newer = release == 'B', .estimate = estimate, .reference = 1};
}

static struct abba_design lay_out(const char *releases)
{
	struct abba_day day[128];
	struct abba_design design;
	int n = 0;

	for (int i = 0; releases[i]; i++)
		if (releases[i] != '-')
			day[n++] = on(i, releases[i], 1 + 0.001 * i);
	abba_pair(day, &n, 3, 0.05, pairs, &design);
	return design;
}

static void days_are_paired_with_the_nearest_that_waited(void **state)
{
	struct abba_design d = lay_out("ABBAABBA");

	(void)state;
	assert_int_equal(d.pairs, 4);
	assert_int_equal(d.old_first, 2);
	assert_int_equal(d.unpaired[0] + d.unpaired[1], 0);
	assert_int_equal(d.switches, 4);
	assert_null(abba_doubt(&d));
	assert_int_equal(pairs[1].old_day, 3);
	assert_int_equal(pairs[1].cluster, 2);
	d = lay_out("ABABAB");
	assert_int_equal(d.pairs, 3);
	assert_int_equal(d.old_first, 3);
	assert_null(abba_doubt(&d));
	assert_true(isnan(d.order.low)); /* one order only: a drift cannot be seen */
	d = lay_out("AABB----BBAA");
	assert_int_equal(d.pairs, 4);
	assert_int_equal(pairs[0].old_day, 0);
	assert_int_equal(pairs[0].cluster, 2);
	d = lay_out("A----B");
	assert_int_equal(d.pairs, 0);
	assert_int_equal(d.unpaired[0], 1);
	assert_int_equal(d.unpaired[1], 1);
}

static void all_old_before_all_new_is_not_decided(void **state)
{
	struct abba_design d = lay_out("AAAAAAABBBBBBB");

	(void)state;
	assert_true(d.separate);
	assert_true(strstr(abba_doubt(&d), "weather") != NULL);
	d = lay_out("AAAA");
	assert_true(strstr(abba_doubt(&d), "no day") != NULL);
	d = lay_out("AB---BA---");
	assert_null(abba_doubt(&d));
	d = lay_out("A----B----A----B");
	assert_true(strstr(abba_doubt(&d), "too far apart") != NULL);
}

static void a_drift_cancels_in_abba_and_shows_as_order(void **state)
{
	struct release_rules rules = release_rules_default();
	struct abba_day day[32];
	struct abba_design design;
	uint64_t seed = 4;
	int n = 0;

	(void)state;
	for (int i = 0; i < 24; i++)
		day[n++] = on(i, "ABBA"[i % 4], exp(0.002 * i + 0.0002 * random_normal(&seed)));
	abba_pair(day, &n, 3, 0.05, pairs, &design);
	release_effect(&effect, pairs, design.pairs, &rules);
	assert_near(effect.difference.value, 0, 2e-4);
	assert_near(design.order.value, 2 * 0.002, 3e-4);
	assert_true(design.order.p < 1e-6);
}

static void a_day_that_both_releases_claim_and_one_without_energy_do_not_count(void **state)
{
	struct abba_day day[] = {on(0, 'A', 1), on(0, 'B', 1), on(1, 'A', 1), on(2, 'B', 1), on(3, 'B', 0), on(4, 'A', NAN), on(5, 'A', 1), on(5, 'B', -1)};
	struct abba_design design;
	int n = 8;

	(void)state;
	abba_pair(day, &n, 3, 0.05, pairs, &design);
	assert_int_equal(design.shared, 2);
	assert_int_equal(design.undefined[0], 1);
	assert_int_equal(design.undefined[1], 1);
	assert_int_equal(n, 2);
	assert_int_equal(design.pairs, 1);
	assert_true(day[0].paired && day[1].paired);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(days_are_paired_with_the_nearest_that_waited),
		cmocka_unit_test(all_old_before_all_new_is_not_decided),
		cmocka_unit_test(a_drift_cancels_in_abba_and_shows_as_order),
		cmocka_unit_test(a_day_that_both_releases_claim_and_one_without_energy_do_not_count),
	};

	return cmocka_run_group_tests_name("abba", tests, NULL, NULL);
}

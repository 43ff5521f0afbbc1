/* Sums of two estimators over the same rows. */
#include "tests/analytics/random.h"
#include "tests/check.h"

#include "analytics/accuracy/replay.h"

#include <math.h>

enum { ROWS = 4000, DAYS = 3, SPACING = 60 };

static struct {
	double time[ROWS], step[ROWS], old[ROWS], fresh[ROWS], reference[ROWS], outside[ROWS];
	int day[ROWS];
	signed char old_level[ROWS], new_level[ROWS];
	uint8_t regime[ROWS], excluded[ROWS];
} c;
static struct replay_sums day_sums[2][DAYS];

static struct replay_rows rows(void)
{
	return (struct replay_rows){.rows = ROWS, .time = c.time, .step = c.step, .day = c.day, .old = c.old, .fresh = c.fresh, .reference = c.reference,
		.outside = c.outside, .old_level = c.old_level, .new_level = c.new_level, .regime = c.regime, .excluded = c.excluded};
}

static void grow(uint64_t seed)
{
	for (int i = 0; i < ROWS; i++) {
		c.time[i] = 1e9 + SPACING * i;
		c.step[i] = SPACING;
		c.reference[i] = 500 + 1000 * random_uniform(&seed);
		c.old[i] = 1.01 * c.reference[i] + 10 * random_normal(&seed);
		c.fresh[i] = c.old[i] + 5 * random_normal(&seed);
		c.outside[i] = 7;
		c.day[i] = i * DAYS / ROWS;
		c.old_level[i] = c.new_level[i] = MODEL_ALL_INPUTS;
		c.regime[i] = (uint8_t)(i / 100 % REGIMES);
		c.excluded[i] = INCLUDED;
	}
}

static struct replay_pump start(int which)
{
	memset(day_sums[which], 0, sizeof(day_sums[which]));
	return (struct replay_pump){.days = DAYS, .day = day_sums[which]};
}

static void only_rows_with_both_estimates_count_and_errors_need_a_reference(void **state)
{
	struct replay_rows r = rows();
	struct replay_pump p = start(0);
	double old = 0, fresh = 0, square = 0, n = 0, with = 0;

	(void)state;
	grow(1);
	c.old[10] = c.fresh[20] = c.reference[30] = NAN;
	c.old_level[10] = c.new_level[20] = MODEL_NO_VALUE;
	c.excluded[40] = EXCLUDED_LISTED;
	c.step[50] = 0;
	c.excluded[50] = EXCLUDED_GAP;
	for (int i = 0; i < ROWS; i++) {
		if (i == 10 || i == 20 || i == 40 || i == 50)
			continue;
		old += c.old[i] * SPACING;
		fresh += c.fresh[i] * SPACING;
		square += (c.fresh[i] - c.old[i]) * (c.fresh[i] - c.old[i]);
		n++;
		with += i != 30;
	}
	replay_add(&p, &r, 0);
	assert_near(p.all.n, n, 0);
	assert_near(p.all.old.n, with, 0);
	assert_near(p.all.fresh.n, with, 0);
	assert_near(replay_energy_of_old(&p.all), 100 * (fresh - old) / old, 1e-9);
	assert_near(replay_rms(&p.all), sqrt(square / n), 1e-9);
	assert_near(p.level_rows[0][3], 1, 0);
	assert_near(p.level_rows[3][0], 1, 0);
	assert_near(p.level_rows[3][3], ROWS - 4, 0);
}

static void days_and_regimes_add_up_to_all_of_it(void **state)
{
	struct replay_rows r = rows();
	struct replay_pump p = start(0), all = start(1);
	struct replay_sums days = {0}, regimes = {0};

	(void)state;
	grow(2);
	replay_add(&p, &r, 0);
	for (int d = 0; d < DAYS; d++) {
		days.new_j += p.day[d].new_j;
		error_sums_join(&days.fresh, &p.day[d].fresh);
	}
	for (int k = 0; k < REGIMES; k++) {
		regimes.new_j += p.regime[k].new_j;
		error_sums_join(&regimes.fresh, &p.regime[k].fresh);
	}
	assert_near(days.new_j, p.all.new_j, 1e-6);
	assert_near(regimes.new_j, p.all.new_j, 1e-6);
	assert_near(days.fresh.square, p.all.fresh.square, 1e-6);
	assert_near(regimes.fresh.square, p.all.fresh.square, 1e-6);
	replay_join(&all, &p);
	replay_join(&all, &p);
	assert_near(all.all.n, 2 * p.all.n, 0);
	assert_near(all.day[1].old_j, 2 * p.day[1].old_j, 1e-6);
	assert_near(replay_energy_of_reference(&all.all), replay_energy_of_reference(&p.all), 1e-9);
}

static void the_worst_rows_are_apart_and_in_order_also_where_differences_grow_from_row_to_row(void **state)
{
	static const int at[] = {100, 101, 105, 700, 1500, 3000};
	static const double by[] = {300, 400, 350, -900, 200, 250};
	struct replay_rows r = rows();
	struct replay_pump p = start(0), all = start(1);

	(void)state;
	grow(3);
	for (int i = 0; i < ROWS; i++)
		c.fresh[i] = c.old[i] + 1e-3 * i / ROWS;
	for (int k = 0; k < 6; k++)
		c.fresh[at[k]] = c.old[at[k]] + by[k];
	replay_add(&p, &r, 4);
	assert_int_equal(p.worst_rows, REPLAY_WORST);
	assert_near(p.worst[0].fresh - p.worst[0].old, -900, 1e-9);
	assert_near(p.worst[1].time, c.time[101], 0); /* 100 and 105 are the same event */
	assert_near(p.worst[2].time, c.time[3000], 0);
	assert_near(p.worst[3].time, c.time[1500], 0);
	assert_int_equal(p.worst[0].pump, 4);
	for (int i = 1; i < p.worst_rows; i++) {
		assert_true(fabs(p.worst[i].fresh - p.worst[i].old) <= fabs(p.worst[i - 1].fresh - p.worst[i - 1].old));
		for (int k = 0; k < i; k++)
			assert_true(fabs(p.worst[i].time - p.worst[k].time) >= REPLAY_APART);
	}
	replay_join(&all, &p);
	p.worst_rows = 3;
	replay_join(&all, &p);
	assert_int_equal(all.worst_rows, REPLAY_WORST);
	for (int i = 0; i < 6; i++)
		assert_near(all.worst[i].time, p.worst[i / 2].time, 0);
}

static void estimators_that_agree_have_no_worst_row_and_nothing_is_infinite(void **state)
{
	struct replay_rows r = rows();
	struct replay_pump p = start(0), none = start(1);

	(void)state;
	grow(4);
	for (int i = 0; i < ROWS; i++)
		c.old[i] = c.fresh[i] = c.reference[i] = 0;
	replay_add(&p, &r, 0);
	assert_int_equal(p.worst_rows, 0);
	assert_true(isnan(replay_energy_of_old(&p.all)) && isnan(replay_energy_of_reference(&p.all)));
	assert_near(replay_rms(&p.all), 0, 0);
	assert_true(isnan(replay_change(&p.all, METRIC_NMBE)));
	assert_true(isnan(replay_rms(&none.all)) && isnan(replay_change(&none.all, METRIC_BIAS)));
}

static void bias_that_changes_its_sign_changes_by_its_size(void **state)
{
	struct replay_sums s = {0};

	(void)state;
	error_sums_add(&s.old, 100, 110, 1);
	error_sums_add(&s.fresh, 100, 96, 1);
	assert_near(replay_change(&s, METRIC_BIAS), -6, 1e-12);
	assert_near(replay_change(&s, METRIC_NMBE), -6, 1e-12);
	assert_near(replay_change(&s, METRIC_ENERGY), -6, 1e-12);
	assert_near(replay_change(&s, METRIC_RMSE), -6, 1e-12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_rows_with_both_estimates_count_and_errors_need_a_reference),
		cmocka_unit_test(days_and_regimes_add_up_to_all_of_it),
		cmocka_unit_test(the_worst_rows_are_apart_and_in_order_also_where_differences_grow_from_row_to_row),
		cmocka_unit_test(estimators_that_agree_have_no_worst_row_and_nothing_is_infinite),
		cmocka_unit_test(bias_that_changes_its_sign_changes_by_its_size),
	};

	return cmocka_run_group_tests_name("replay", tests, NULL, NULL);
}

/* Verdicts over releases: what is known beforehand, and how often they are wrong on seeded series. */
#include "tests/analytics/random.h"
#include "tests/check.h"

#include "analytics/accuracy/abba.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { SERIES = 5000, DAYS_MOST = 2048 };

static struct release_effect effect;
static struct release_pair pairs[DAYS_MOST / 2];

/* A plant: daily errors of both releases, in ln. */
struct plant {
	int units, cycles; /* ABBA, ABBA, ... */
	double bias, effect, sd; /* sd: of the difference of two days */
	double unit_bias, unit_effect, autoregression;
	double shared; /* share of the variance that the heat pumps have in common */
};

static double daily(uint64_t *seed, const struct plant *p, double *state)
{
	double phi = p->autoregression;

	*state = phi * *state + sqrt(1 - phi * phi) * random_normal(seed);
	return *state;
}

static int grow(uint64_t *seed, const struct plant *p, struct abba_day *day)
{
	double bias[RELEASE_UNITS], own[RELEASE_UNITS], state[RELEASE_UNITS + 1];
	int n = 0;

	for (int u = 0; u <= p->units; u++) {
		bias[u % RELEASE_UNITS] = p->bias + p->unit_bias * random_normal(seed);
		own[u % RELEASE_UNITS] = p->effect + p->unit_effect * random_normal(seed);
		state[u] = random_normal(seed);
	}
	for (int t = 0; t < 4 * p->cycles; t++) {
		double common = daily(seed, p, &state[p->units]);
		bool newer = t % 4 == 1 || t % 4 == 2;

		for (int u = 0; u < p->units; u++) {
			double e = bias[u] + (newer ? own[u] : 0) +
				p->sd / sqrt(2) * (sqrt(1 - p->shared) * daily(seed, p, &state[u]) + sqrt(p->shared) * common);

			day[n++] = (struct abba_day){.unit = u, .day = 20000 + t, .newer = newer, .estimate = exp(e), .reference = 1};
		}
	}
	return n;
}

struct rates {
	double equivalent, worse, not_worse, inconclusive, shown, farther, covered, not_inferior;
};

/* Shares of SERIES series, for the given rules. */
static struct rates simulate(const struct plant *p, const struct release_rules *rules)
{
	static struct abba_day day[DAYS_MOST];
	struct release_effect *metric[1] = {&effect};
	struct abba_design design;
	struct rates r = {.worse = 0};
	uint64_t seed = UINT64_C(0x9e3779b97f4a7c15);

	for (int i = 0; i < SERIES; i++) {
		int n = grow(&seed, p, day);

		abba_pair(day, &n, 3, rules->alpha, pairs, &design);
		release_effect(&effect, pairs, design.pairs, rules);
		switch (release_decide(metric, 1, rules)) {
		case RELEASE_EQUIVALENT: r.equivalent += 1.0 / SERIES; break;
		case RELEASE_WORSE: r.worse += 1.0 / SERIES; break;
		case RELEASE_NOT_WORSE: r.not_worse += 1.0 / SERIES; break;
		default: r.inconclusive += 1.0 / SERIES;
		}
		r.shown += (effect.difference.p <= rules->alpha) / (double)SERIES;
		r.farther += effect.farther / (double)SERIES;
		r.covered += (effect.difference.low <= p->effect && p->effect <= effect.difference.high) / (double)SERIES;
		r.not_inferior += effect.not_inferior / (double)SERIES;
	}
	return r;
}

/* With so many series a share of 5 % scatters by 0.5 %. */
#define FIVE 0.06

static void tell(const char *what, const struct rates *r)
{
	print_message("# %s: equivalent %.1f %%, worse %.1f %%, not worse %.1f %%, inconclusive %.1f %%, shown %.1f %%, farther %.1f %%, covered %.1f %%, not inferior %.1f %%\n",
		what, 100 * r->equivalent, 100 * r->worse, 100 * r->not_worse, 100 * r->inconclusive, 100 * r->shown, 100 * r->farther, 100 * r->covered,
		100 * r->not_inferior);
}

/* Old bias far from zero, at it, and so that the new one lies on the other side. */
static const double biases[] = {-0.03, -0.005, 0, 0.001, 0.03};

static void releases_that_differ_by_the_margin_are_called_equivalent_or_worse_in_five_of_a_hundred(void **state)
{
	struct release_rules rules = release_rules_default();

	(void)state;
	for (int i = 0; i < 5; i++)
		for (int cycles = 2; cycles <= 7; cycles += 5) {
			struct plant p = {.units = 1, .cycles = cycles, .bias = biases[i], .sd = 0.005, .effect = biases[i] < 0 ? log(0.99) : log(1.01)};
			struct rates r = simulate(&p, &rules);

			tell("at the margin", &r);
			assert_true(r.equivalent <= FIVE && r.equivalent > 0.03);
			assert_true(r.worse <= FIVE);
			assert_true(r.covered > 0.88 && r.covered < 0.92);
			/* Without any old bias the two ways of not being inferior are nearly independent, and their risks add. */
			if (fabs(biases[i]) != 0.005)
				assert_true(r.not_inferior <= (fabs(biases[i]) < 0.002 ? 0.08 : FIVE));
		}
}

static void a_release_that_changes_nothing_is_called_worse_in_five_of_a_hundred_at_most(void **state)
{
	struct release_rules rules = release_rules_default();

	(void)state;
	for (int i = 0; i < 5; i++)
		for (int cycles = 2; cycles <= 7; cycles += 5) {
			struct plant p = {.units = 1, .cycles = cycles, .bias = biases[i], .sd = 0.01};
			struct rates r = simulate(&p, &rules);

			tell("nothing changed", &r);
			assert_true(r.worse <= FIVE && r.farther <= FIVE);
			/* The same with a margin so small that nothing is equivalent and every false alarm shows. */
			rules.margin = 1e-6;
			r = simulate(&p, &rules);
			tell("nothing changed, no margin", &r);
			assert_true(r.worse <= FIVE);
			rules.margin = 0.01;
		}
}

static void a_release_that_is_worse_by_three_margins_is_found_so(void **state)
{
	struct release_rules rules = release_rules_default();
	struct plant p = {.units = 1, .cycles = 4, .bias = 0.01, .sd = 0.01, .effect = 0.03};
	struct rates r = simulate(&p, &rules);

	(void)state;
	tell("three margins", &r);
	assert_true(r.worse > 0.95);
	p.effect = -0.04; /* now as far below as it was above, and farther */
	p.bias = 0.03;
	r = simulate(&p, &rules);
	tell("to the other side, nearer", &r);
	assert_true(r.not_worse > 0.95);
}

static void several_heat_pumps_with_effects_of_their_own_keep_both_risks(void **state)
{
	struct release_rules rules = release_rules_default();

	(void)state;
	for (int units = 2; units <= 6; units += 2) {
		struct plant p = {.units = units, .cycles = 4, .bias = 0.04, .unit_bias = 0.005, .unit_effect = 0.003, .sd = 0.005, .effect = log(1.01), .shared = 0.5};
		struct rates r = simulate(&p, &rules);

		tell("heat pumps, at the margin", &r);
		assert_true(r.equivalent <= FIVE && r.worse <= FIVE && r.not_inferior <= FIVE);
		assert_true(r.covered > 0.88);
		p.bias = 0;
		p.unit_bias = 0;
		r = simulate(&p, &rules);
		tell("heat pumps without bias, at the margin", &r);
		assert_true(r.equivalent <= FIVE && r.worse <= FIVE && r.not_inferior <= FIVE);
		p.effect = 0;
		p.bias = 0.01;
		p.unit_bias = 0.02;
		rules.margin = 1e-6;
		r = simulate(&p, &rules);
		tell("heat pumps, nothing changed on the whole", &r);
		assert_true(r.worse <= FIVE);
		rules.margin = 0.01;
	}
}

static void heat_pumps_that_share_the_weather_are_not_counted_twice(void **state)
{
	struct release_rules rules = release_rules_default();
	struct plant p = {.units = 4, .cycles = 4, .bias = 0.02, .sd = 0.01, .shared = 0.8};
	struct rates r;

	(void)state;
	rules.fixed = true;
	r = simulate(&p, &rules);
	tell("four heat pumps, one weather", &r);
	assert_true(r.covered > 0.88 && r.covered < 0.92);
}

static void days_that_remember_cost_little(void **state)
{
	struct release_rules rules = release_rules_default();
	struct plant p = {.units = 1, .cycles = 7, .bias = 0.02, .sd = 0.005, .effect = log(1.01), .autoregression = 0.3};
	struct rates r = simulate(&p, &rules);

	(void)state;
	tell("AR(0.3), at the margin", &r);
	assert_true(r.equivalent <= 0.09 && r.worse <= 0.09);
	assert_true(r.covered > 0.84);
}

/* STUDIES A7: 7 days of each release; half a cycle more would make 8. */
static void seven_days_show_what_the_plan_says(void **state)
{
	static const double sd[] = {0.005, 0.01}, found[] = {0.0054, 0.0108};
	struct release_rules rules = release_rules_default();

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct release_scatter s = {.within = sd[i]};
		double smallest = release_detectable(s, 7, rules.alpha, rules.power);
		uint64_t seed = 5;
		int shown = 0;

		assert_near(smallest, found[i], 0.00005);
		for (int k = 0; k < SERIES; k++) {
			for (int d = 0; d < 7; d++)
				pairs[d] = (struct release_pair){.cluster = d, .difference = found[i] + sd[i] * random_normal(&seed)};
			release_effect(&effect, pairs, 7, &rules);
			shown += effect.difference.p <= rules.alpha;
		}
		assert_true(shown >= 0.78 * SERIES && shown <= 0.84 * SERIES);
	}
}

static void at_the_days_needed_equal_releases_are_found_equal_four_times_in_five(void **state)
{
	static const double sd[] = {0.003, 0.008, 0.015, 0.03};
	struct release_rules rules = release_rules_default();

	(void)state;
	for (int i = 0; i < 4; i++) {
		struct release_scatter s = {.within = sd[i]};
		int n = (int)release_pairs_needed(s, &(struct release_aim){log1p(rules.margin), 0, rules.alpha, rules.power}), equal = 0, fewer = 0;
		uint64_t seed = 9;

		for (int k = 0; k < SERIES; k++) {
			for (int d = 0; d < n; d++)
				pairs[d] = (struct release_pair){.cluster = d, .difference = sd[i] * random_normal(&seed)};
			release_effect(&effect, pairs, n, &rules);
			equal += effect.difference.low > log(0.99) && effect.difference.high < log(1.01);
			release_effect(&effect, pairs, n - 1, &rules);
			fewer += effect.difference.low > log(0.99) && effect.difference.high < log(1.01);
		}
		print_message("# sd %.1f %%: %d days, equal in %.1f %%; one day fewer %.1f %%\n", 100 * sd[i], n, 100.0 * equal / SERIES,
			100.0 * fewer / SERIES);
		assert_true(equal >= 0.785 * SERIES);
		assert_true(fewer < 0.82 * SERIES);
	}
}

static void where_heat_pumps_differ_more_days_do_not_help_but_more_heat_pumps_do(void **state)
{
	struct release_rules rules = release_rules_default();
	struct release_scatter s = {.within = 0.005, .between = 0.008, .units = 3};
	struct release_aim aim = {log1p(rules.margin), 0, rules.alpha, rules.power};
	double units;

	(void)state;
	assert_true(isnan(release_pairs_needed(s, &aim)));
	units = release_units_needed(s, 8, &aim);
	assert_true(units > 3 && units < 30);
	{
		struct plant p = {.units = (int)units, .cycles = 4, .sd = 0.005, .unit_effect = 0.008};
		struct rates r = simulate(&p, &rules);

		tell("as many heat pumps as needed", &r);
		assert_true(r.equivalent >= 0.785);
	}
}

static void verdicts_of_plain_cases(void **state)
{
	static const struct {
		double old, difference, scatter;
		enum release_verdict verdict;
		bool not_inferior, nearer, farther;
	} cases[] = {
		{0.01, 0.002, 0.0015, RELEASE_EQUIVALENT, true, false, true},
		{-0.01, 0.002, 0.0015, RELEASE_EQUIVALENT, true, true, false},
		{0.01, 0.02, 0.0015, RELEASE_WORSE, false, false, true},
		{-0.01, -0.02, 0.0015, RELEASE_WORSE, false, false, true},
		{-0.03, 0.02, 0.0015, RELEASE_NOT_WORSE, true, true, false},
		{0.03, -0.02, 0.0015, RELEASE_NOT_WORSE, true, true, false},
		{0.02, -0.04, 0.0015, RELEASE_NOT_WORSE, true, false, false}, /* as far off as before, on the other side */
		{0.02, 0.0099, 0.0015, RELEASE_INCONCLUSIVE, false, false, true},
		{0.02, 0.0012, 0.02, RELEASE_INCONCLUSIVE, false, false, false},
	};
	struct release_rules rules = release_rules_default();
	struct release_effect *metric[1] = {&effect};

	(void)state;
	for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
		for (int d = 0; d < 8; d++)
			pairs[d] = (struct release_pair){.cluster = d, .old_error = cases[c].old + 0.001 * (d % 3 - 1),
				.difference = cases[c].difference + cases[c].scatter * (d % 2 ? 1 : -1)};
		release_effect(&effect, pairs, 8, &rules);
		assert_int_equal(release_decide(metric, 1, &rules), cases[c].verdict);
		assert_int_equal(effect.not_inferior, cases[c].not_inferior);
		assert_int_equal(effect.nearer, cases[c].nearer);
		assert_int_equal(effect.farther, cases[c].farther);
	}
}

static void without_a_reference_nothing_is_worse_and_too_few_days_say_nothing(void **state)
{
	struct release_rules rules = release_rules_default();
	struct release_effect *metric[1] = {&effect};

	(void)state;
	for (int d = 0; d < 5; d++)
		pairs[d] = (struct release_pair){.cluster = d, .difference = 0.03 + 0.001 * d, .old_error = NAN};
	release_effect(&effect, pairs, 5, &rules);
	assert_false(effect.has_reference);
	assert_int_equal(release_decide(metric, 1, &rules), RELEASE_INCONCLUSIVE);
	assert_true(isnan(effect.bias.value) && isnan(effect.p_worse_holm) && !effect.not_inferior);
	for (int n = 0; n < 2; n++) {
		release_effect(&effect, pairs, n, &rules);
		assert_int_equal(release_decide(metric, 1, &rules), RELEASE_INCONCLUSIVE);
		assert_true(isnan(effect.difference.low) && isnan(release_plan(&effect, &rules).needed));
	}
	assert_int_equal(release_decide(metric, 0, &rules), RELEASE_INCONCLUSIVE);
	/* Two estimators that agree to the last bit leave nothing open. */
	for (int d = 0; d < 3; d++)
		pairs[d] = (struct release_pair){.cluster = d, .difference = 0, .old_error = 0.01};
	release_effect(&effect, pairs, 3, &rules);
	assert_int_equal(release_decide(metric, 1, &rules), RELEASE_EQUIVALENT);
	assert_near(effect.difference.high, 0, 0);
}

/* R: t.test(new, old, paired = TRUE, conf.level = 0.9) on these eight days; the figures by hand from t(0.95, 7) = 1.894578605. */
static void one_heat_pump_is_students_paired_test(void **state)
{
	static const double d[] = {0.012, -0.004, 0.007, 0.003, 0.009, -0.001, 0.006, 0.008};
	struct release_rules rules = release_rules_default();

	(void)state;
	for (int i = 0; i < 8; i++)
		pairs[i] = (struct release_pair){.cluster = i, .difference = d[i], .old_error = 0.02};
	release_effect(&effect, pairs, 8, &rules);
	assert_near(effect.difference.value, 0.005, 1e-15);
	assert_near(effect.difference.u, 0.00188982236504613613, 1e-15);
	assert_near(effect.difference.low, 0.005 - 1.894578605 * 0.00188982236504613613, 1e-11);
	assert_near(effect.difference.high, 0.005 + 1.894578605 * 0.00188982236504613613, 1e-11);
	assert_near(effect.bias.value, 0.005, 1e-15);
	rules.fixed = true;
	release_effect(&effect, pairs, 8, &rules);
	assert_near(effect.difference.u, 0.00188982236504613613, 1e-15);
}

/* Three metrics, none changed: one false alarm among all of them in five of a hundred. */
static void three_metrics_raise_no_more_false_alarms_than_one(void **state)
{
	struct release_rules rules = release_rules_default();
	static struct release_effect of[3];
	struct release_effect *metric[3] = {&of[0], &of[1], &of[2]};
	uint64_t seed = 3;
	int alarms = 0;

	(void)state;
	rules.margin = 1e-6;
	for (int k = 0; k < SERIES; k++) {
		for (int m = 0; m < 3; m++) {
			for (int d = 0; d < 10; d++)
				pairs[d] = (struct release_pair){.cluster = d, .old_error = 0.03, .difference = 0.01 * random_normal(&seed)};
			release_effect(&of[m], pairs, 10, &rules);
		}
		alarms += release_decide(metric, 3, &rules) == RELEASE_WORSE;
	}
	assert_true(alarms <= FIVE * SERIES && alarms > 0.03 * SERIES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(releases_that_differ_by_the_margin_are_called_equivalent_or_worse_in_five_of_a_hundred),
		cmocka_unit_test(a_release_that_changes_nothing_is_called_worse_in_five_of_a_hundred_at_most),
		cmocka_unit_test(a_release_that_is_worse_by_three_margins_is_found_so),
		cmocka_unit_test(several_heat_pumps_with_effects_of_their_own_keep_both_risks),
		cmocka_unit_test(heat_pumps_that_share_the_weather_are_not_counted_twice),
		cmocka_unit_test(days_that_remember_cost_little),
		cmocka_unit_test(seven_days_show_what_the_plan_says),
		cmocka_unit_test(at_the_days_needed_equal_releases_are_found_equal_four_times_in_five),
		cmocka_unit_test(where_heat_pumps_differ_more_days_do_not_help_but_more_heat_pumps_do),
		cmocka_unit_test(verdicts_of_plain_cases),
		cmocka_unit_test(without_a_reference_nothing_is_worse_and_too_few_days_say_nothing),
		cmocka_unit_test(one_heat_pump_is_students_paired_test),
		cmocka_unit_test(three_metrics_raise_no_more_false_alarms_than_one),
	};

	return cmocka_run_group_tests_name("release", tests, NULL, NULL);
}

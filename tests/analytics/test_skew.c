/* Skew between two signals from their steps: against series whose skew is known. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdlib.h>
#include <stdint.h>
#include <cmocka.h>

#include "analytics/core/hold.h"
#include "analytics/core/skew.h"
#include "analytics/core/transition.h"
#include "tests/analytics/random.h"

#define LENGTH 14400.0 /* s */
enum { MOST = 16384, EDGES = 64, SERIES = 200 };

/* A heat pump's power: levels joined by ramps, some of them sudden, a heater switching now and then. */
struct truth {
	int edges, heats;
	double at[EDGES], ramp[EDGES],
		level[EDGES];  /* from the level before to this one, within ramp seconds */
	double heat_at[EDGES]; /* on, off, on, ... */
};

struct series {
	size_t n;
	double t[MOST], y[MOST], x[MOST];
};

struct kind {
	double meter, cic; /* s between samples */
	double longest;	   /* s, of ramps; 0: all sudden */
	double refresh;	   /* s, for which the CiC shows one reading; 0: it does not hold */
	double jitter;	   /* s, of the samples' instants */
	bool same_tick;	   /* both sampled at the same instants */
	bool heat;	   /* a heater that V x I knows nothing of */
	double bend;	   /* of the power factor, from no load to 2 kW */
};

static struct truth make_truth(const struct kind *kind, uint64_t *seed)
{
	struct truth p = {.level[0] = 10};
	double t = 200 + 200 * random_uniform(seed);

	for (p.edges = 1; p.edges < EDGES && t < LENGTH - 300; p.edges++) {
		bool on = p.level[p.edges - 1] < 100;

		p.at[p.edges] = t;
		p.ramp[p.edges] = kind->longest * random_uniform(seed);
		p.level[p.edges] = on ? 500 + 1200 * random_uniform(seed)
				      : (random_uniform(seed) < 0.5 ? 10 : 400 + 800 * random_uniform(seed));
		t += 240 + 500 * random_uniform(seed);
	}
	t = 100;
	for (; kind->heat && p.heats < EDGES && t < LENGTH; p.heats++) {
		p.heat_at[p.heats] = t;
		t += 200 + 600 * random_uniform(seed);
	}
	return p;
}

static double compressor(const struct truth *p, double t)
{
	int i = p->edges - 1;

	while (i > 0 && p->at[i] > t)
		i--;
	if (i == 0)
		return p->level[0];
	if (t >= p->at[i] + p->ramp[i])
		return p->level[i];
	return p->level[i - 1] + (p->level[i] - p->level[i - 1]) * (t - p->at[i]) / p->ramp[i];
}

static bool heater(const struct truth *p, double t)
{
	int i = 0;

	while (i < p->heats && p->heat_at[i] <= t)
		i++;
	return i % 2 == 1;
}

static struct series read_meter(const struct truth *p, const struct kind *kind, uint64_t *seed)
{
	struct series s = {0};

	for (double t = 0; t < LENGTH; t += kind->meter) {
		double when = t + kind->jitter * random_uniform(seed);

		s.t[s.n] = when;
		s.y[s.n++] =
			1.004 * (compressor(p, when) + 150 * heater(p, when)) + 4 + 2 * random_normal(seed);
	}
	return s;
}

/* V x I by whole volts and tenths of an ampere, at a power factor that grows with the load. */
static double apparent(double power, double bend, uint64_t *seed)
{
	double v = round(231 + random_normal(seed)), factor = 0.9 + bend * power / 2000;

	return v * round(10 * power / factor / v) / 10;
}

static struct series read_cic(const struct truth *p, const struct kind *kind, double skew, uint64_t *seed)
{
	struct series s = {0};
	double phase = kind->same_tick ? 0 : kind->cic * random_uniform(seed), shown = NAN, next = 0;

	for (double t = phase; t < LENGTH; t += kind->cic) {
		double when = t + kind->jitter * random_uniform(seed);

		if (!(when < next)) {
			next = kind->refresh > 0 ? kind->refresh * (1 + floor(when / kind->refresh)) : when;
			shown = apparent(
				compressor(p, (kind->refresh > 0 ? next - kind->refresh : when) - skew),
				kind->bend, seed);
		}
		s.t[s.n] = when;
		s.x[s.n] = heater(p, when - skew);
		s.y[s.n++] = shown;
	}
	return s;
}

static struct skew estimate(
	const struct series *cic, const struct series *meter, enum skew_kind kind, bool heat)
{
	const double *regressor[] = {cic->x};
	struct skew_options options = {-12, 12, 100, 5, 0, regressor, heat};

	return skew_estimate(&(struct skew_series){cic->t, cic->y, cic->n, kind},
		&(struct skew_series){meter->t, meter->y, meter->n, SKEW_LINEAR}, &options);
}

static struct series meter, cic; /* too large for a stack */

struct score {
	int found, inside;
	double bias, sd, u;
};

static struct score many(const struct kind *kind)
{
	struct score score = {0};
	uint64_t seed = 20240131;

	for (int i = 0; i < SERIES; i++) {
		double skew = -6 + 12 * random_uniform(&seed), error;
		struct truth truth = make_truth(kind, &seed);
		struct stats_interval interval;
		struct skew found;

		meter = read_meter(&truth, kind, &seed);
		cic = read_cic(&truth, kind, skew, &seed);
		found = estimate(&cic, &meter, kind->refresh > 0 ? SKEW_HOLD : SKEW_LINEAR, kind->heat);
		if (found.state != SKEW_FOUND)
			continue;
		interval = skew_interval(&found, 0.95);
		error = found.skew - skew;
		score.found++;
		score.inside += fabs(error) <= interval.U;
		score.bias += error;
		score.sd += error * error;
		score.u += found.u;
	}
	score.bias /= score.found;
	score.sd = sqrt(score.sd / score.found - score.bias * score.bias);
	score.u /= score.found;
	return score;
}

static void prove(const char *name, const struct kind *kind, double sd_most, double bias_most)
{
	struct score s = many(kind);

	print_message("%-34s inside %5.1f %%, bias %+.4f s, sd %.4f s, mean u %.4f s\n", name,
		100.0 * s.inside / s.found, s.bias, s.sd, s.u);
	assert_int_equal(s.found, SERIES);
	assert_true(s.inside >= SERIES * 95 / 100);
	assert_true(fabs(s.bias) < fmax(3 * s.sd / sqrt(SERIES), bias_most));
	assert_true(s.sd < sd_most);
}

static void a_known_skew_is_found_within_its_interval_from_ramps(void **state)
{
	(void)state;
	prove("ramps, 1 s and 1 s", &(struct kind){1, 1, 60, 0, 0.02, false, false, 0}, 0.1, 0);
	prove("ramps, 1 s and 10 s", &(struct kind){1, 10, 60, 0, 0.02, false, false, 0}, 0.12, 0);
	prove("ramps, 1 s and 15 s", &(struct kind){1, 15, 60, 0, 0.02, false, false, 0}, 0.12, 0);
	prove("ramps, 5 s and 10 s", &(struct kind){5, 10, 60, 0, 0.02, false, false, 0}, 0.6, 0);
}

static void a_known_skew_is_found_within_its_interval_from_sudden_steps(void **state)
{
	(void)state;
	prove("sudden, 1 s and 1 s", &(struct kind){1, 1, 0, 0, 0.02, false, false, 0}, 0.15, 0);
	prove("sudden, 1 s and 1 s, one tick", &(struct kind){1, 1, 0, 0, 0, true, false, 0}, 0.15, 0);
	prove("sudden, 1 s and 10 s", &(struct kind){1, 10, 0, 0, 0.02, false, false, 0}, 0.5, 0);
	prove("sudden, 1 s and 15 s", &(struct kind){1, 15, 0, 0, 0.02, false, false, 0}, 0.7, 0);
}

/* All refreshes may be seen late by up to the sampling interval: nobody can tell. */
static void a_signal_that_holds_is_uncertain_by_the_interval_at_which_it_is_read(void **state)
{
	(void)state;
	prove("held 10 s, read each second", &(struct kind){1, 1, 60, 10, 0.02, false, false, 0}, 0.4, 0);
	prove("held 15 s, read each 5 s", &(struct kind){1, 5, 60, 15, 0.02, false, false, 0}, 1.6, 0);
}

static void a_heater_and_a_power_factor_that_the_model_does_not_know_stay_inside_the_interval(void **state)
{
	(void)state;
	prove("power factor", &(struct kind){1, 10, 60, 0, 0.02, false, false, 0.06}, 0.12, 0.05);
	prove("heater", &(struct kind){1, 10, 60, 0, 0.02, false, true, 0}, 0.15, 0);
	prove("heater and power factor", &(struct kind){1, 10, 60, 0, 0.02, false, true, 0.06}, 0.15, 0.05);
}

static void make(const struct kind *kind, double skew, uint64_t seed)
{
	struct truth truth = make_truth(kind, &seed);

	meter = read_meter(&truth, kind, &seed);
	cic = read_cic(&truth, kind, skew, &seed);
}

static const struct kind usual = {1, 10, 60, 0, 0.02, false, false, 0.06};

static void the_curve_is_lowest_at_the_skew_and_knows_the_rmse_before_it_was_corrected(void **state)
{
	struct skew found;
	size_t low = 0;

	(void)state;
	make(&usual, 4.2, 7);
	found = estimate(&cic, &meter, SKEW_LINEAR, false);
	assert_int_equal(found.state, SKEW_FOUND);
	assert_int_equal(found.points, SKEW_POINTS);
	for (size_t i = 0; i < found.points; i++)
		if (found.curve[i].rmse < found.curve[low].rmse)
			low = i;
	assert_true(fabs(found.curve[low].skew - found.skew) <= 0.13);
	assert_true(found.rmse == found.curve[low].rmse && found.rmse_zero > 3 * found.rmse);
	assert_true(found.steps >= found.blocks && found.blocks > 10 && found.readings > 6 * found.blocks);
	assert_true(fabs(found.skew - 4.2) < 0.3);
}

static void the_same_series_give_the_same_digits(void **state)
{
	struct skew a, b;

	(void)state;
	make(&usual, -3.3, 8);
	a = estimate(&cic, &meter, SKEW_LINEAR, false);
	b = estimate(&cic, &meter, SKEW_LINEAR, false);
	assert_true(a.skew == b.skew && a.u == b.u);
}

static void without_steps_no_skew_is_measured(void **state)
{
	struct skew found;

	(void)state;
	make(&usual, 2, 9);
	for (size_t i = 0; i < meter.n; i++)
		meter.y[i] = 700 + (double)(i % 7);
	found = estimate(&cic, &meter, SKEW_LINEAR, false);
	assert_int_equal(found.state, SKEW_NO_STEPS);
	assert_true(isnan(found.skew) && isnan(found.u) && isnan(found.rmse) && found.points == 0);
	assert_true(isnan(skew_interval(&found, 0.95).U));
	assert_string_equal(skew_state_name(found.state), "not measurable: too few steps");
	meter.n = 1;
	assert_int_equal(estimate(&cic, &meter, SKEW_LINEAR, false).state, SKEW_NO_STEPS);
	meter.n = 0;
	cic.n = 0;
	assert_int_equal(estimate(&cic, &meter, SKEW_LINEAR, false).state, SKEW_NO_STEPS);
}

static void a_signal_that_does_not_follow_the_steps_has_no_skew(void **state)
{
	uint64_t seed = 11;

	(void)state;
	make(&usual, 2, 10);
	for (int again = 0; again < 20; again++) {
		struct skew found;

		for (size_t i = 0; i < cic.n; i++)
			cic.y[i] = 700 + 5 * random_normal(&seed);
		found = estimate(&cic, &meter, SKEW_LINEAR, false);
		assert_true(found.state == SKEW_NOT_FOLLOWED || found.state == SKEW_UNDECIDED);
		assert_true(found.not_followed > 10 && isnan(found.skew) && isnan(found.u));
	}
	for (size_t i = 0; i < cic.n; i++)
		cic.y[i] = 700;
	assert_int_equal(estimate(&cic, &meter, SKEW_LINEAR, false).state, SKEW_NOT_FOLLOWED);
	make(&usual, 0, 10);
	for (size_t i = 0; i < cic.n; i++)
		cic.y[i] = -cic.y[i]; /* falls where the meter rises */
	assert_int_equal(estimate(&cic, &meter, SKEW_LINEAR, false).state, SKEW_NOT_FOLLOWED);
}

static void a_skew_beyond_the_range_is_not_put_at_its_edge(void **state)
{
	struct skew found;

	(void)state;
	make(&usual, 14.5, 12);
	found = estimate(&cic, &meter, SKEW_LINEAR, false);
	assert_int_equal(found.state, SKEW_UNDECIDED);
	assert_true(isnan(found.skew) && found.points == SKEW_POINTS);
}

static void a_gap_of_the_meter_is_not_interpolated(void **state)
{
	struct skew whole, torn;
	size_t kept = 0;

	(void)state;
	make(&usual, 1.5, 13);
	whole = estimate(&cic, &meter, SKEW_LINEAR, false);
	for (size_t i = 0; i < meter.n; i++)
		if (fmod(meter.t[i], 3600) >= 1800) {
			meter.t[kept] = meter.t[i];
			meter.y[kept++] = meter.y[i];
		}
	meter.n = kept;
	torn = estimate(&cic, &meter, SKEW_LINEAR, false);
	assert_int_equal(torn.state, SKEW_FOUND);
	assert_true(torn.readings < whole.readings * 3 / 4);
	assert_true(fabs(torn.skew - 1.5) <= skew_interval(&torn, 0.95).U);
}

static void a_regressor_that_says_nothing_changes_nothing(void **state)
{
	struct skew without, with;

	(void)state;
	make(&usual, -2, 14);
	for (size_t i = 0; i < cic.n; i++)
		cic.x[i] = 1;
	without = estimate(&cic, &meter, SKEW_LINEAR, false);
	with = estimate(&cic, &meter, SKEW_LINEAR, true);
	assert_true(without.state == SKEW_FOUND && with.state == SKEW_FOUND);
	assert_true(fabs(without.skew - with.skew) < 0.01);
}

static void transitions_have_begin_end_and_change(void **state)
{
	double t[100], x[100];
	struct transition found[4];

	(void)state;
	for (int i = 0; i < 100; i++) { /* up by 200 at 20, a ramp down by 300 from 50 to 80 */
		t[i] = i;
		x[i] = i < 20 ? 100 : i < 50 ? 300 : i < 80 ? 300 - 10 * (i - 50) : 0;
	}
	assert_int_equal(transition_find(t, x, 100, 40, 5, 2, found, 4), 2);
	assert_true(found[0].from == 15 && found[0].to == 24 && found[0].change == 200);
	assert_true(found[1].from <= 50 && found[1].to >= 80 && found[1].change == -300);
	assert_int_equal(transition_find(t, x, 100, 40, 5, 2, NULL, 0), 2);
	assert_int_equal(transition_find(t, x, 100, 250, 5, 2, NULL, 0), 0);
	for (int i = 20; i < 100; i++)
		t[i] += 10;
	assert_int_equal(transition_find(t, x, 100, 40, 5, 2, found, 4), 1); /* the first fell into a gap */
	assert_int_equal(transition_find(t, x, 0, 40, 5, 2, found, 4), 0);
}

static void refreshes_that_show_the_same_digits_are_readings_too(void **state)
{
	double t[120], x[120], when[120];
	size_t at[120], n;

	(void)state;
	for (int i = 0; i < 120; i++) { /* refreshed at 10, 20, ...; the same digits at 50, 60, 70 */
		int of = i / 10;

		t[i] = i;
		x[i] = of >= 4 && of <= 7 ? 4 : of;
	}
	n = hold_refreshes(t, x, 120, 5, when, at);
	assert_int_equal(n, 11);
	for (size_t i = 0; i < n; i++) {
		assert_true(fabs(when[i] - (10.0 * (double)(i + 1) - 0.5)) < 0.01);
		assert_true(fabs(t[at[i]] - when[i]) <= 1);
	}
	for (int i = 45; i < 120; i++)
		t[i] += 100; /* what stood in the gap is not known */
	n = hold_refreshes(t, x, 120, 5, when, at);
	assert_int_equal(n, 8);
	assert_true(fabs(when[3] - 39.5) < 0.01 && fabs(when[4] - 179.5) < 0.01);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_known_skew_is_found_within_its_interval_from_ramps),
		cmocka_unit_test(a_known_skew_is_found_within_its_interval_from_sudden_steps),
		cmocka_unit_test(a_signal_that_holds_is_uncertain_by_the_interval_at_which_it_is_read),
		cmocka_unit_test(
			a_heater_and_a_power_factor_that_the_model_does_not_know_stay_inside_the_interval),
		cmocka_unit_test(the_curve_is_lowest_at_the_skew_and_knows_the_rmse_before_it_was_corrected),
		cmocka_unit_test(the_same_series_give_the_same_digits),
		cmocka_unit_test(without_steps_no_skew_is_measured),
		cmocka_unit_test(a_signal_that_does_not_follow_the_steps_has_no_skew),
		cmocka_unit_test(a_skew_beyond_the_range_is_not_put_at_its_edge),
		cmocka_unit_test(a_gap_of_the_meter_is_not_interpolated),
		cmocka_unit_test(a_regressor_that_says_nothing_changes_nothing),
		cmocka_unit_test(transitions_have_begin_end_and_change),
		cmocka_unit_test(refreshes_that_show_the_same_digits_are_readings_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

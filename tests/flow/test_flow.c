/* The flow rig's evaluation against calibrations whose truth is known, and against tables. */
#include "tests/flow/rig.h"

#include "analytics/core/hold.h"
#include "analytics/core/water.h"
#include "benches/flow/meter_class.h"

static const struct rig plain = {.lph = 800, .seconds = 60, .error = 0.0123, .pulses = 1200, .digit = 0.001, .line = 5, .water = 20,
	.trials = 3, .seed = 1};

static void buoyancy_and_air_are_those_of_the_tables(void **state)
{
	(void)state;
	assert_near(weighing_air(1013.25, 50, 20), 1.1993, 5e-5);
	assert_near(weighing_air(1000, 40, 22), 1.1760, 5e-5);
	assert_near(weighing_buoyancy(1.2, water_density(20)), 1.0010534, 5e-8);
	assert_near(weighing_buoyancy(1.2, water_density(40)), 1.0010607, 5e-8);
	assert_near(weighing_buoyancy(1.15, water_density(20)), 1.0010095, 5e-8);
	assert_near(100 * weighing_expansion(20), 0.021, 0.0005);
	assert_near(100 * weighing_expansion(40), 0.038, 0.0008);
	assert_near(weighing_water(20, 10) / water_density(20), 1.00046, 1e-9);
}

static void density_is_that_of_tanaka_and_no_other(void **state)
{
	static const double table[][2] = {{0, 999.84283}, {4, 999.97495}, {10, 999.70270}, {15, 999.10257}, {20, 998.20675},
		{25, 997.04702}, {30, 995.64880}, {35, 994.03260}, {40, 992.21521}};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		assert_near(water_density(table[i][0]), table[i][1], 1e-5);
}

static void coverage_factors_are_those_of_the_table(void **state)
{
	static const double table[][3] = {{1, 13.968, 12.706}, {2, 4.527, 4.303}, {3, 3.307, 3.182}, {4, 2.869, 2.776},
		{5, 2.649, 2.571}, {6, 2.517, 2.447}, {8, 2.366, 2.306}, {10, 2.284, 2.228}, {15, 2.181, 2.131}, {20, 2.133, 2.086},
		{30, 2.087, 2.042}, {50, 2.051, 2.009}, {100, 2.025, 1.984}, {INFINITY, 2.000, 1.960}};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		assert_near(stats_coverage_factor(0.9545, table[i][0]), table[i][1], 2e-3 * (table[i][0] < 2 ? 4 : 1));
		assert_near(stats_coverage_factor(0.95, table[i][0]), table[i][2], 6e-4);
	}
}

static void so_much_must_be_collected(void **state)
{
	(void)state;
	assert_near(flow_collection_needed(0.001, 0, 0.05).mass, 0.816, 1e-3);
	assert_near(flow_collection_needed(0.010, 0, 0.05).mass, 8.16, 1e-2);
	assert_near(flow_collection_needed(0, 1200, 0.05).volume, 1.667, 1e-3);
	assert_near(flow_collection_needed(0.001, 100, 0.05).least, 20, 1e-9);
	assert_true(flow_collection_needed(0.001, 0, 0.05).volume == 0);
	assert_true(isnan(flow_collection_needed(0.001, 100, 0).least));
}

static double mpe(const char *settings, double flow, double temperature)
{
	struct flow_settings s;
	struct error e = ERROR_INIT;

	must(flow_settings_read(&s, settings, &e));
	return meter_class_mpe(&s, flow, temperature);
}

static void class_limits_are_those_of_the_standards(void **state)
{
	static const double flows[] = {15, 100, 500, 800};
	static const double wants[3][4] = {{2, 1.15, 1.03, 1.019}, {4, 2.3, 2.06, 2.038}, {5, 3.75, 3.15, 3.094}};
	static const char water[] = "standard=iso4064,class=2,q3=1.6 m3/h,ratio=80";
	char text[64];

	(void)state;
	for (int c = 0; c < 3; c++)
		for (int i = 0; i < 4; i++) {
			snprintf(text, sizeof(text), "standard=en1434,class=%d,qp=1.5 m3/h", c + 1);
			assert_near(mpe(text, flows[i], 20), wants[c][i], 5e-4);
		}
	assert_near(mpe(water, 20, 20), 5, 0); /* Q1 */
	assert_near(mpe(water, 31, 20), 5, 0);
	assert_near(mpe(water, 32, 20), 2, 0); /* Q2 */
	assert_near(mpe(water, 2000, 20), 2, 0); /* Q4 */
	assert_near(mpe(water, 800, 35), 3, 0);
	assert_true(isnan(mpe(water, 15, 20)) && isnan(mpe(water, 2500, 20)) && isnan(mpe("", 800, 20)));
	assert_near(mpe("standard=iso4064,class=1,q3=1.6 m3/h", 800, 20), 1, 0);
}

static void settings_that_make_no_sense_are_refused(void **state)
{
	struct flow_settings s;
	struct error e = ERROR_INIT;

	(void)state;
	refused(flow_settings_read(&s, "scale_resolutoin=1 g", &e), ERROR_CONFIG, "scale_resolution");
	refused(flow_settings_read(&s, "scale_resolution=1", &e), ERROR_CONFIG, "kg");
	refused(flow_settings_read(&s, "standard=iso4064", &e), ERROR_CONFIG, "q3");
	refused(flow_settings_read(&s, "standard=iso4064,q3=1 m3/h,class=3", &e), ERROR_CONFIG, "classes 1 and 2");
	refused(flow_settings_read(&s, "standard=mid", &e), ERROR_CONFIG, "iso4064");
	must(flow_settings_read(&s, "scale_resolution=1 g,standard=en1434,qp=1500 l/h,statistic=median", &e));
	assert_near(s.scale_resolution, 0.001, 1e-12);
	assert_near(s.qp, 1.5, 1e-12);
	assert_int_equal(s.statistic, FLOW_MEDIAN);
}

static void an_exact_rig_gives_the_injected_error(void **state)
{
	static const double waters[] = {10, 20, 39, 55};

	(void)state;
	for (size_t i = 0; i < 4; i++)
		for (int standing = 0; standing < 2; standing++) {
			struct rig rig = plain;
			struct flow_evaluation ev;

			rig.water = waters[i];
			rig.standing = standing;
			rig.digit = 1e-6;
			ev = rig_evaluated(&rig, standing ? "start=standing" : "");
			assert_int_equal(ev.points, 1);
			assert_int_equal(ev.point[0].used, 3);
			assert_near(ev.point[0].error, 1.23, standing ? 0.006 : 4e-4); /* standing: whole pulses */
			assert_near(ev.trial[0].k_factor, 1200 * 1.0123, standing ? 0.1 : 0.01);
			assert_near(ev.point[0].reference, 800, 0.01);
			flow_evaluation_free(&ev);
		}
}

static void a_correction_that_is_told_is_made(void **state)
{
	struct rig rig = plain;
	struct flow_evaluation ev;

	(void)state;
	rig.digit = 1e-6;
	ev = rig_evaluated(&rig, "diverter_correction=60 ms"); /* a thousandth longer: less water a second */
	assert_near(ev.point[0].error, 100 * (1.0123 * 1.001 - 1), 1e-3);
	flow_evaluation_free(&ev);
	ev = rig_evaluated(&rig, "line_volume=100 l,line_warming=1 K");
	assert_near(ev.trial[0].volume, 800.0 / 60 - 100 * weighing_expansion(20), 1e-3);
	flow_evaluation_free(&ev);
	ev = rig_evaluated(&rig, "air_pressure=800 hPa");
	assert_near(ev.point[0].error, 1.23 + 101.23 * (weighing_air(1013.25, 50, 20) - weighing_air(800, 50, 20)) *
			(1 / 998.2 - 1 / 8000.0), 1e-3);
	flow_evaluation_free(&ev);
}

static void meters_without_instants_count_a_pulse_more_or_less(void **state)
{
	struct rig rig = plain;
	struct flow_evaluation ev;

	(void)state;
	rig.no_edges = true;
	rig.pulses = 100;
	ev = rig_evaluated(&rig, "scale_uncertainty=1 g");
	assert_true(fabs(ev.point[0].error - 1.23) < ev.point[0].total.U);
	assert_non_null(strstr(ev.trial[0].why, "collection too short for its pulses"));
	assert_non_null(strstr(ev.trial[0].why, "20 l are needed"));
	flow_evaluation_free(&ev);
}

static const char *verdict_sentence(struct rig rig, enum verdict want, int used)
{
	static char why[240];
	struct flow_evaluation ev =
		rig_evaluated(&rig, "scale_uncertainty=2 g,standard=iso4064,class=2,q3=1.6 m3/h");

	text_copy(why, sizeof(why), ev.point[0].why);
	assert_int_equal(ev.point[0].used, used);
	assert_int_equal(ev.result[0].verdict, want);
	flow_evaluation_free(&ev);
	return why;
}

static void what_cannot_be_used_is_said(void **state)
{
	static const struct {
		enum rig_fault fault;
		enum verdict verdict;
		int used;
		const char *words;
	} cases[] = {
		{RIG_SOUND, VERDICT_PASSED, 3, ""},
		{RIG_INTERRUPTED, VERDICT_PASSED, 2, "interrupted: the full tank was not weighed"},
		{RIG_UNSTABLE, VERDICT_PASSED, 2, "the scale was not stable: 10 stable readings before and 0 after, 3 are needed"},
		{RIG_OVERLOAD, VERDICT_PASSED, 2, "overloaded"},
		{RIG_DRIFT, VERDICT_UNDECIDED, 3, "drifted by 0.009 kg"},
		{RIG_NO_PULSE, VERDICT_UNDECIDED, 2, "the meter gave no pulses"},
		{RIG_BACK, VERDICT_UNDECIDED, 2, "its counter went back"},
		{RIG_TWICE, VERDICT_PASSED, 2, "interrupted: the diverter was switched to the tank 2 times"},
		{RIG_ELSEWHERE, VERDICT_PASSED, 2, "interrupted: the diverter did not reach the tank"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct rig rig = plain;
		const char *why;

		rig.fault = cases[i].fault;
		rig.fault_trial = 1;
		why = verdict_sentence(rig, cases[i].verdict, cases[i].used);
		if (!strstr(why, cases[i].words))
			fail_msg("\"%s\" does not say \"%s\"", why, cases[i].words);
	}
}

static void a_point_without_a_sound_trial_is_undecided(void **state)
{
	struct rig rig = plain;

	(void)state;
	rig.trials = 1;
	rig.fault = RIG_OVERLOAD;
	verdict_sentence(rig, VERDICT_UNDECIDED, 0);
	rig.fault = RIG_INTERRUPTED;
	verdict_sentence(rig, VERDICT_UNDECIDED, 0);
}

static void an_expired_certificate_leaves_it_undecided(void **state)
{
	struct rig rig = plain;

	(void)state;
	rig.due = "2023-11-01"; /* the run began on the 14th */
	assert_non_null(strstr(verdict_sentence(rig, VERDICT_UNDECIDED, 3), "certificate had expired"));
	rig.due = "2024-11-01";
	verdict_sentence(rig, VERDICT_PASSED, 3);
}

static void an_unknown_reference_decides_nothing(void **state)
{
	struct rig rig = plain;
	struct flow_evaluation ev = rig_evaluated(&rig, "standard=iso4064,class=2,q3=1.6 m3/h");

	(void)state;
	assert_int_equal(ev.result[0].verdict, VERDICT_UNDECIDED);
	assert_non_null(strstr(ev.result[0].note, "reference's uncertainty is not known"));
	flow_evaluation_free(&ev);
}

static void simple_acceptance_wants_a_third(void **state)
{
	struct rig rig = plain;
	struct flow_evaluation ev;

	(void)state;
	ev = rig_evaluated(&rig, "scale_uncertainty=120 g,standard=iso4064,class=2,q3=1.6 m3/h,rule=simple"); /* U 0.9 % */
	assert_int_equal(ev.result[0].verdict, VERDICT_UNDECIDED);
	assert_non_null(strstr(ev.result[0].note, "a third"));
	flow_evaluation_free(&ev);
	ev = rig_evaluated(&rig, "scale_uncertainty=60 g,standard=iso4064,class=2,q3=1.6 m3/h,rule=simple");
	assert_int_equal(ev.result[0].verdict, VERDICT_PASSED);
	flow_evaluation_free(&ev);
	rig.error = 0.019;
	ev = rig_evaluated(&rig, "scale_uncertainty=60 g,standard=iso4064,class=2,q3=1.6 m3/h"); /* 1.9 +- 0.5 */
	assert_int_equal(ev.result[0].verdict, VERDICT_UNDECIDED);
	flow_evaluation_free(&ev);
	rig.error = 0.03;
	ev = rig_evaluated(&rig, "scale_uncertainty=60 g,standard=iso4064,class=2,q3=1.6 m3/h");
	assert_int_equal(ev.result[0].verdict, VERDICT_FAILED);
	flow_evaluation_free(&ev);
}

static void a_limit_may_be_in_litres_an_hour(void **state)
{
	struct run_limit limit[2] = {{.quantity = "flow_error", .set_point = NAN, .min = -12, .max = 12, .unit = "l/h"},
		{.quantity = "flow_error", .set_point = NAN, .min = -0.5, .max = 0.5, .unit = "l/min"}};
	struct evaluation_options options = {.settings = "scale_uncertainty=2 g", .limit = limit, .limits = 2};
	struct stored_run run = rig_run(&plain);
	struct flow_evaluation ev;
	struct error e = ERROR_INIT;

	(void)state;
	must(flow_evaluate_stored(&ev, &run, &options, &e)); /* 1.23 % of 800 l/h: 9.84 l/h */
	assert_int_equal(ev.result[0].verdict, VERDICT_PASSED);
	assert_near(ev.result[0].max, 1.5, 1e-3);
	assert_near(ev.result[1].max, 3.75, 1e-3);
	flow_evaluation_free(&ev);
}

static void budgets_add_up(void **state)
{
	struct rig rig = plain;
	struct flow_evaluation ev;
	double squares = 0;

	(void)state;
	rig.u.repeat = 5e-4;
	rig.trials = 5;
	ev = rig_evaluated(&rig, "scale_uncertainty=2 g,line_volume=5 l,splash=0.2 g");
	for (int i = 0; i < ev.point[0].rows; i++)
		squares += pow(uncertainty_share(&ev.point[0].row[i]), 2);
	assert_near(ev.point[0].total.u, sqrt(squares), 1e-12);
	assert_true(ev.point[0].rows >= 9);
	assert_true(ev.point[0].total.dof > 3 && ev.point[0].total.dof < 200); /* the five trials are in it */
	assert_true(fabs(ev.point[0].error - 1.23) < ev.point[0].total.U);
	flow_evaluation_free(&ev);
}

/* How often the interval holds the truth, in %. */
static double covered(struct rig rig, const char *settings, int calibrations, double *U)
{
	int inside = 0;

	*U = 0;
	for (int i = 0; i < calibrations; i++) {
		struct flow_evaluation ev;

		rig.seed = (uint64_t)i + 1;
		rig.error = 0.05 * ((i % 41) / 20.0 - 1);
		ev = rig_evaluated(&rig, settings);
		assert_int_equal(ev.point[0].used, rig.trials);
		inside += fabs(ev.point[0].error - 100 * rig.error) <= ev.point[0].total.U;
		*U += ev.point[0].total.U / calibrations;
		flow_evaluation_free(&ev);
	}
	return 100.0 * inside / calibrations;
}

#define NOTHING_ELSE "air_uncertainty=0,density_uncertainty=0 %,diverter_uncertainty=0 s,edge_uncertainty=0 s,"

static void intervals_hold_what_was_injected(void **state)
{
	/* of the scale: 3e-4 of 13.3 kg; the diverter's is of both switches */
	static const struct {
		const char *name, *settings;
		struct rig_spread u;
		int trials;
		double least, most;
	} cases[] = {
		{"shared normal contributions", NOTHING_ELSE "scale_uncertainty=4 g,scale_k=1,diverter_uncertainty=10 ms",
			{.scale = 4e-3 / 13.324, .diverter = 10e-3 * M_SQRT2, .noise = 1e-3, .water = 0.1}, 3, 93, 97},
		{"repeatability of five trials", NOTHING_ELSE "scale_uncertainty=2 g,scale_k=1",
			{.scale = 2e-3 / 13.324, .noise = 1e-3, .repeat = 8e-4}, 5, 93, 97},
		{"repeatability of three trials alone", NOTHING_ELSE "scale_uncertainty=0.2 g,scale_k=1",
			{.scale = 0.2e-3 / 13.324, .noise = 0.5e-3, .repeat = 1e-3}, 3, 93, 97},
		{"everything, normal", "scale_uncertainty=2 g,scale_k=1,diverter_uncertainty=5 ms,line_volume=5 l,splash=1 g,"
			"air_uncertainty=0.05,density_uncertainty=0.02 %,edge_uncertainty=1 ms",
			{.scale = 2e-3 / 13.324, .air = 0.05 / 1.7320508, .water = 0.1, .density = 2e-4 / 1.7320508,
				.diverter = 5e-3 * M_SQRT2, .line = 0.5 / 1.7320508, .noise = 1e-3, .edge = 1e-3, .repeat = 3e-4,
				.splash = 1e-3 / 1.7320508}, 6, 93, 97},
		{"everything, rectangular", "scale_uncertainty=2 g,scale_k=1,diverter_uncertainty=5 ms,line_volume=5 l,splash=1 g,"
			"air_uncertainty=0.05,density_uncertainty=0.02 %,edge_uncertainty=1 ms",
			{.scale = 2e-3 / 13.324, .air = 0.05 / 1.7320508, .water = 0.1, .density = 2e-4 / 1.7320508,
				.diverter = 5e-3 * M_SQRT2, .line = 0.5 / 1.7320508, .noise = 1e-3, .edge = 1e-3, .repeat = 3e-4,
				.splash = 1e-3 / 1.7320508, .rectangular = true}, 3, 94, 100},
		{"a coarse scale and few pulses", NOTHING_ELSE "scale_uncertainty=1 g,scale_k=1", {.scale = 1e-3 / 13.324}, 1, 94, 100},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct rig rig = plain;
		double U, share;

		rig.u = cases[i].u;
		rig.trials = cases[i].trials;
		if (i == 5) {
			rig.digit = 0.01;
			rig.pulses = 100;
			rig.no_edges = true;
		}
		share = covered(rig, cases[i].settings, 2000, &U);
		print_message("# %s: 95 %% intervals hold the error in %.1f %% (mean U %.3f %%)\n", cases[i].name, share, U);
		assert_true(share >= cases[i].least && share <= cases[i].most);
	}
}

static void a_held_signal_is_told_from_a_quiet_one(void **state)
{
	enum { N = 216 };
	double t[N], held[N], quiet[N], steady[N];
	uint64_t random = 77;
	struct hold h;

	(void)state;
	for (int i = 0; i < N; i++) {
		t[i] = 5.0 * i + 0.2 * random_uniform(&random);
		held[i] = (i + 7) % 12 == 0 || i == 0 ? 500 + 3 * random_normal(&random) : held[i - 1];
		quiet[i] = 3 * round((500 + 0.6 * random_normal(&random)) / 3);
		steady[i] = 500;
	}
	h = hold_find(t, held, N);
	assert_true(h.held);
	assert_near(h.period, 60, 1);
	assert_int_equal(hold_readings(held, N), h.changes + 1);
	assert_false(hold_find(t, quiet, N).held);
	assert_false(hold_find(t, steady, N).held);
	assert_false(hold_find(t, held, 2).held);
}

static void pulses_are_counted_between_their_instants(void **state)
{
	static const double edge[] = {0.9, 1.4, 2.4}, count[] = {10, 11, 13};

	(void)state;
	assert_near(flow_count_at(edge, count, 3, 0.9), 10, 1e-12);
	assert_near(flow_count_at(edge, count, 3, 1.15), 10.5, 1e-12);
	assert_near(flow_count_at(edge, count, 3, 1.9), 12, 1e-12);
	assert_true(isnan(flow_count_at(edge, count, 3, 0.5)) && isnan(flow_count_at(edge, count, 3, 2.5)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(buoyancy_and_air_are_those_of_the_tables),
		cmocka_unit_test(density_is_that_of_tanaka_and_no_other),
		cmocka_unit_test(coverage_factors_are_those_of_the_table),
		cmocka_unit_test(so_much_must_be_collected),
		cmocka_unit_test(class_limits_are_those_of_the_standards),
		cmocka_unit_test(settings_that_make_no_sense_are_refused),
		cmocka_unit_test(pulses_are_counted_between_their_instants),
		cmocka_unit_test(a_held_signal_is_told_from_a_quiet_one),
		cmocka_unit_test(an_exact_rig_gives_the_injected_error),
		cmocka_unit_test(a_correction_that_is_told_is_made),
		cmocka_unit_test(meters_without_instants_count_a_pulse_more_or_less),
		cmocka_unit_test(what_cannot_be_used_is_said),
		cmocka_unit_test(a_point_without_a_sound_trial_is_undecided),
		cmocka_unit_test(an_expired_certificate_leaves_it_undecided),
		cmocka_unit_test(an_unknown_reference_decides_nothing),
		cmocka_unit_test(simple_acceptance_wants_a_third),
		cmocka_unit_test(a_limit_may_be_in_litres_an_hour),
		cmocka_unit_test(budgets_add_up),
		cmocka_unit_test(intervals_hold_what_was_injected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

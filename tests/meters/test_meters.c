/* Energy, heat and what stands behind them: permitted errors, cells, rate groups, gaps over midnight, registers. */
#include "tests/check.h"

#include "benches/meters/evaluate.h"
#include "analytics/core/meters_permitted.h"
#include "daq/base/text.h"
#include "daq/base/units.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct meters_settings with(const char *text)
{
	struct meters_settings s;
	struct error e = ERROR_INIT;

	must(meters_settings_read(&s, text, &e));
	return s;
}

/* Class 2 at qp 1.5 m3/h, 0.8 m3/h, least difference 3 K; electricity by class and range. */
static void permitted_errors_are_those_of_the_tables(void **state)
{
	static const double heat[][2] = {{3, 7.04}, {4, 6.04}, {5, 5.44}, {6, 5.04}, {8, 4.54}, {10, 4.24}, {20, 3.64}};
	struct meters_settings s = with("heat_class=2,qp=1.5 m3/h,electric_class=C");

	(void)state;
	for (size_t i = 0; i < sizeof(heat) / sizeof(*heat); i++) {
		assert_near(permitted_heat_share(&s, 800, heat[i][0]), heat[i][1], 0.005);
		assert_near(permitted_heat(&s, 800, -heat[i][0], 4.16) / (4.16 * 800 * heat[i][0] / 3.6) * 100,
			permitted_heat_share(&s, 800, heat[i][0]), 1e-9);
	}
	assert_near(permitted_heat_share(&s, 15, 10) - 1 - 1.2, 4, 1e-9);
	assert_near(permitted_heat_share(&s, 1, 10) - 1 - 1.2, 5, 1e-9); /* at most */
	assert_near(permitted_electric_share(&s, 100), 1, 0);
	assert_near(permitted_electric_share(&s, 1000), 0.7, 0);
	s = with("electric_class=A,heat_class=3,qp=1.5 m3/h");
	assert_near(permitted_electric(&s, -2000), 70, 1e-9);
	assert_near(permitted_heat_share(&s, 500, 3) - 1 - 4, 3.15, 1e-9);
	s = with("");
	assert_true(isnan(permitted_electric(&s, 1000)) && isnan(permitted_heat(&s, 800, 5, 4.16)));
}

static void amounts_fall_into_their_cells_and_days(void **state)
{
	struct integral x = {.factor = 1 / 3.6e6, .limit = 25};
	struct integral_sum sum;

	(void)state;
	for (int i = 0; i <= 720; i++) /* two hours around midnight, rising by 1 W every 10 s */
		integral_take(&x, 86400 - 3600 + 10.0 * i, i, 0.02 * i);
	sum = integral_sum(&x, 0, CELLS_A_DAY);
	assert_near(sum.amount, 180 / 1000.0, 1e-12);
	assert_near(sum.seconds, 3600, 1e-6);
	sum = integral_sum(&x, CELLS_A_DAY, 2 * CELLS_A_DAY);
	assert_near(sum.amount, 540 / 1000.0, 1e-12);
	assert_near(sum.permitted, 0.02 * 0.54, 1e-12);
	integral_free(&x);
}

static void a_gap_is_never_filled(void **state)
{
	struct integral x = {.factor = 1, .limit = 25};

	(void)state;
	for (int i = 0; i < 100; i++)
		if (i < 40 || i >= 60)
			integral_take(&x, 1000 + 10.0 * i, 2, NAN);
	assert_near(integral_total(&x).amount, 2 * (390 + 390), 1e-9);
	assert_near(integral_longest_gap(&x, 1000, 1990), 210, 1e-9);
	assert_near(integral_longest_gap(&x, 500, 1990), 500, 1e-9);
	assert_near(integral_longest_gap(&x, 1450, 1500), 50, 1e-9);
	integral_free(&x);
}

static void what_a_register_counted_over_midnight_unseen_is_of_no_day(void **state)
{
	struct integral x = {.limit = 25};

	(void)state;
	integral_count(&x, 86000, 86010, 1, true);
	integral_count(&x, 86010, 86300, 2, false);
	integral_count(&x, 86300, 86500, 4, false);
	integral_count(&x, 86500, 86600, NAN, false);
	assert_near(integral_sum(&x, 0, CELLS_A_DAY).amount, 3, 1e-12);
	assert_near(integral_sum(&x, CELLS_A_DAY, 2 * CELLS_A_DAY).amount, 0, 0);
	assert_near(integral_total(&x).amount, 7, 1e-12);
	assert_int_equal(x.gaps, 3);
	integral_free(&x);
}

static void a_deviation_that_the_meters_cannot_resolve_is_neither(void **state)
{
	(void)state;
	assert_int_equal(meters_agreement(0.5, 0.1, 1), CHECK_AGREES);
	assert_int_equal(meters_agreement(-1.5, 0.1, 1), CHECK_DISAGREES);
	assert_int_equal(meters_agreement(3, 5.4, 5), CHECK_NOT_RESOLVABLE);
	assert_int_equal(meters_agreement(11, 5.4, 5), CHECK_DISAGREES);
	assert_int_equal(meters_agreement(3, NAN, 5), CHECK_NOT_RESOLVABLE);
	assert_int_equal(meters_agreement(NAN, 1, 5), CHECK_UNKNOWN);
}

static void settings_that_cannot_be_are_refused(void **state)
{
	struct error e = ERROR_INIT;

	(void)state;
	refused(meters_check_settings("heat_class=2", &e), ERROR_CONFIG, "qp");
	refused(meters_check_settings("heat_clas=2", &e), ERROR_CONFIG, "heat_class");
	refused(meters_check_settings("fluid=glycol", &e), ERROR_CONFIG, "glycol");
	refused(meters_check_settings("coverage=nan %", &e), ERROR_CONFIG, "coverage");
	refused(meters_check_settings("electric_class=D", &e), ERROR_CONFIG, "electric_class");
}

static void what_is_said_of_one_heat_pump_counts_for_it_alone(void **state)
{
	static const char text[] = "hp3.heat_class=3, hp3.flow_sensor=supply,heat_class=2,qp=1.5 m3/h,hp3.electric_class=C";
	struct meters_settings all, hp3, hp4;
	struct error e = ERROR_INIT;

	(void)state;
	must(meters_check_settings(text, &e));
	must(meters_settings_read(&all, text, &e));
	must(meters_settings_read_of(&hp3, text, "hp3", &e));
	must(meters_settings_read_of(&hp4, text, "hp4", &e));
	assert_int_equal(hp3.heat_class, 3); /* over what comes later and counts for all */
	assert_int_equal(hp3.flow_sensor, HEAT_SENSOR_SUPPLY);
	assert_int_equal(hp3.electric_class, METERS_ELECTRIC_C);
	assert_near(hp3.qp, 1.5, 0);
	assert_memory_equal(&hp4, &all, sizeof(all));
	assert_int_equal(hp4.heat_class, 2);
	must(meters_check_settings("hp3.heat_class=2,hp3.qp=1.5 m3/h", &e)); /* the others have none */
	refused(meters_check_settings("hp3.heat_class=2", &e), ERROR_CONFIG, "hp3: heat_class = 2 needs qp");
	refused(meters_check_settings("hp3.heat_clas=2", &e), ERROR_CONFIG, "heat_class");
	refused(meters_check_settings("hp3.heat_class=7", &e), ERROR_CONFIG, "hp3.heat_class");
	refused(meters_check_settings("hp3.coverage=90 %", &e), ERROR_CONFIG, "not for 'hp3' alone");
}

enum { HOURS = 3, TICKS = HOURS * 3600 };

static void define(struct run *run, const char *name, const char *role, const char *unit, const char *group)
{
	struct run_channel c = {.device = -1, .certificate = -1, .resolution = NAN, .uncertainty = NAN};
	struct error e = ERROR_INIT;

	text_copy(c.name, sizeof(c.name), name);
	text_copy(c.role, sizeof(c.role), role);
	text_copy(c.unit, sizeof(c.unit), unit);
	text_copy(c.group, sizeof(c.group), group);
	text_copy(c.kind, sizeof(c.kind), "gauge");
	text_copy(c.dut, sizeof(c.dut), role[0] == 'c' ? "" : "hp1");
	must(run_define_channel(run, &c, &e));
}

/* Three hours around a midnight: electricity each second with ten minutes missing, heat every ten, temperatures every twenty. */
static void make_run(char *path, size_t size, const char *folder)
{
	struct run_about about = {.bench = "meters", .origin = ORIGIN_SIMULATED, .seed = -1, .period = NANOS_PER_S,
		.utc = (19723 * 86400LL - 3600) * NANOS_PER_S};
	struct run_segment segment = {.utc = about.utc};
	struct run_dut dut = {.name = "hp1", .kind = "heat_pump"};
	struct error e = ERROR_INIT;
	struct run *run = NULL;

	must(run_create(&run, folder, &about, 0, &e));
	must(run_define_dut(run, &dut, &e));
	define(run, "p", "electric_power", "kW", "fast");
	define(run, "e", "electric_energy", "kWh", "fast");
	define(run, "q", "flow", "m3/h", "medium");
	define(run, "offset", "clock_offset", "s", "medium");
	define(run, "t1", "supply_temperature", "degC", "slow");
	define(run, "t2", "return_temperature", "degC", "slow");
	must(run_define_group(run, "fast", 1, &e));
	must(run_define_group(run, "medium", 10, &e));
	must(run_define_group(run, "slow", 20, &e));
	must(run_begin_segment(run, &segment, &e));
	for (int i = 0; i <= TICKS; i++) {
		bool away = i > 6000 && i < 6600;
		double fast[] = {away ? NAN : 1.8, away ? NAN : 100 + floor(i * 1.8 / 36) / 100}, medium[] = {0.8, 2 + i / 86400.0},
		       slow[] = {35, 30};
		uint8_t bad[2] = {away ? QUALITY_TIMEOUT : QUALITY_GOOD, away ? QUALITY_TIMEOUT : QUALITY_GOOD}, good[2] = {0};

		must(run_put_scan(run, 0, i, fast, bad, 2, &e));
		if (i % 10 == 0)
			must(run_put_scan(run, 1, i, medium, good, 2, &e));
		if (i % 20 == 0)
			must(run_put_scan(run, 2, i, slow, good, 2, &e));
	}
	text_copy(path, size, run_path(run));
	must(run_finish(run, about.utc + TICKS * NANOS_PER_S, "complete", "", &e));
}

static void rate_groups_gaps_and_midnights_come_to_what_they_are(void **state)
{
	static struct meters_evaluation ev;
	char folder[] = "/tmp/heatbench-meters-XXXXXX", path[4096];
	struct evaluation_options options = {.settings = "electric_class=B,heat_class=2,qp=1.5 m3/h"};
	struct run_reader *reader = NULL;
	struct error e = ERROR_INIT;
	const struct meters_period *w, *d;
	double k = 4.160108; /* 35/30 degC, flow sensor in the return */

	(void)state;
	assert_non_null(mkdtemp(folder));
	make_run(path, sizeof(path), folder);
	must(run_reader_open(&reader, path, &e));
	must(meters_evaluate(&ev, reader, &options, &e));
	assert_int_equal(ev.wholes, 1);
	assert_int_equal(ev.days, 2);
	w = &ev.whole[0];
	d = ev.day;
	assert_int_equal(ev.choice[0].electric, ELECTRIC_COUNTER);
	assert_int_equal(ev.choice[0].heat, HEAT_FLOW);
	assert_near(w->amount[ELECTRIC_COUNTER], 5.4, 1e-9); /* counts on while nobody looks */
	assert_near(w->amount[ELECTRIC_POWER], 1.8 * (HOURS - 600 / 3600.0), 1e-9);
	assert_near(w->covered[ELECTRIC_POWER], 100 * (1 - 600.0 / TICKS), 1e-6);
	assert_near(w->electric_gap, 600, 1e-9);
	assert_near(w->amount[HEAT_FLOW], k * 800 * 5 / 3.6 * HOURS / 1000, 1e-5);
	assert_near(w->heat.U / w->heat.value, 0.054375, 1e-6);
	assert_near(w->cop.U / w->cop.value, hypot(w->heat.U / w->heat.value, w->electric.U / w->electric.value), 1e-9);
	assert_near(d[0].amount[ELECTRIC_POWER], 1.8, 1e-9); /* the hour before midnight */
	assert_near(d[0].covered[ELECTRIC_POWER], 100 / 24.0, 1e-6);
	assert_false(d[0].decided);
	assert_near(d[1].amount[ELECTRIC_COUNTER], 3.6, 0.0101);
	assert_near(ev.check[0].deviation, 0, 0.2); /* the gap is in neither */
	assert_int_equal(ev.check[0].kind, CHECK_ELECTRIC_REGISTER);
	assert_int_equal(ev.check[0].verdict, CHECK_AGREES);
	assert_int_equal(ev.clocks, 1);
	assert_near(ev.clock[0].median, 2 + TICKS / 2 / 86400.0, 1e-9);
	assert_near(ev.clock[0].drift, 1, 1e-6);
	assert_int_equal(ev.verdict, VERDICT_UNDECIDED);
	meters_evaluation_free(&ev);
	options.settings = "electric_class=B,heat_class=2,qp=1.5 m3/h,hp1.heat_class=3,hp1.electric_class=A";
	must(meters_evaluate(&ev, reader, &options, &e));
	assert_near(ev.whole[0].heat.U / ev.whole[0].heat.value, 0.01 * (3 + 0.05 * 1.5 / 0.8 + 1 + 4 * 3 / 5.0), 1e-6);
	assert_near(ev.whole[0].electric.U / ev.whole[0].electric.value, 0.035, 1e-4);
	meters_evaluation_free(&ev);
	options.settings = "hp2.electric_class=A";
	refused(meters_evaluate(&ev, reader, &options, &e), ERROR_CONFIG, "no device under test 'hp2' (did you mean 'hp1'?)");
	run_reader_close(reader);
	must(run_remove(path, &e));
	rmdir(folder);
}

/* A heat pump that ramps up and down every so often, never twice alike, and a heater between. */
static double drawn(double t)
{
	double power = 12;

	for (int i = 0; i < 60; i++) {
		double on = 400 + 611.3 * i, off = on + 290, up = fmin(fmax((t - on) / 25, 0), 1), down = fmin(fmax((t - off) / 12, 0), 1);

		power += (700 + 17 * (i % 9)) * (up - down);
	}
	return power;
}

/* Meter each second, the CiC's V x I every ten, `late` seconds behind; its estimate never moves. */
static void make_steps(char *path, size_t size, const char *folder, double late, bool steps)
{
	struct run_about about = {.bench = "meters", .origin = ORIGIN_SIMULATED, .seed = -1, .period = NANOS_PER_S, .utc = 19723 * 86400LL * NANOS_PER_S};
	struct run_segment segment = {.utc = about.utc};
	struct run_dut dut = {.name = "hp1", .kind = "heat_pump"};
	struct error e = ERROR_INIT;
	struct run *run = NULL;

	must(run_create(&run, folder, &about, 0, &e));
	must(run_define_dut(run, &dut, &e));
	define(run, "p", "electric_power", "kW", "fast");
	define(run, "vi", "power_input", "W", "slow");
	define(run, "guess", "estimated_power", "W", "slow");
	must(run_define_group(run, "fast", 1, &e));
	must(run_define_group(run, "slow", 10, &e));
	must(run_begin_segment(run, &segment, &e));
	for (int i = 0; i <= 30000; i++) {
		double fast[] = {steps ? drawn(i) / 1000 : 0.4}, slow[] = {steps ? 1.1 * drawn(i - late) + 3 : 440, 400};
		uint8_t good[2] = {0};

		must(run_put_scan(run, 0, i, fast, good, 1, &e));
		if (i % 10 == 0)
			must(run_put_scan(run, 1, i, slow, good, 2, &e));
	}
	text_copy(path, size, run_path(run));
	must(run_finish(run, about.utc + 30000 * NANOS_PER_S, "complete", "", &e));
}

static void skew_of(struct meters_evaluation *ev, double late, bool steps, const char *settings)
{
	char folder[] = "/tmp/heatbench-meters-XXXXXX", path[4096];
	struct evaluation_options options = {.settings = settings};
	struct run_reader *reader = NULL;
	struct error e = ERROR_INIT;

	assert_non_null(mkdtemp(folder));
	make_steps(path, sizeof(path), folder, late, steps);
	must(run_reader_open(&reader, path, &e));
	must(meters_evaluate(ev, reader, &options, &e));
	run_reader_close(reader);
	must(run_remove(path, &e));
	rmdir(folder);
}

static void the_skew_of_a_run_is_found_from_its_own_steps_below_the_sampling(void **state)
{
	static struct meters_evaluation ev;

	(void)state;
	skew_of(&ev, 3.4, true, "");
	assert_int_equal(ev.skews, 2);
	assert_int_equal(ev.skew[0].view, VIEW_POWER_INPUT);
	assert_int_equal(ev.skew[0].skew.state, SKEW_FOUND);
	assert_near(ev.skew[0].skew.skew, 3.4, 0.05);
	assert_true(fabs(ev.skew[0].skew.skew - 3.4) <= skew_interval(&ev.skew[0].skew, 0.95).U);
	assert_true(ev.skew[0].skew.steps > 80 && ev.skew[0].skew.rmse_zero > 10 * ev.skew[0].skew.rmse);
	assert_int_equal(ev.skew[1].view, VIEW_ESTIMATE);
	assert_int_equal(ev.skew[1].skew.state, SKEW_NOT_FOLLOWED);
	meters_evaluation_free(&ev);
	skew_of(&ev, -5.6, true, "skew_range=10 s,skew_step=300 W");
	assert_near(ev.skew[0].skew.skew, -5.6, 0.05);
	meters_evaluation_free(&ev);
	skew_of(&ev, 12, true, "skew_range=10 s");
	assert_int_equal(ev.skew[0].skew.state, SKEW_UNDECIDED);
	meters_evaluation_free(&ev);
}

static void a_run_without_steps_says_so_and_gives_no_skew(void **state)
{
	static struct meters_evaluation ev;

	(void)state;
	skew_of(&ev, 2, false, "");
	assert_int_equal(ev.skews, 2);
	assert_int_equal(ev.skew[0].skew.state, SKEW_NO_STEPS);
	assert_true(isnan(ev.skew[0].skew.skew));
	meters_evaluation_free(&ev);
}

/* Memory does not grow with the number of steps, and what stays is spread over the run. */
static void of_many_steps_some_of_the_whole_run_stay(void **state)
{
	static struct meters_steps s;
	struct skew found;
	struct error e = ERROR_INIT;
	const double none[STEPS_REGRESSORS] = {0};

	(void)state;
	meters_steps_begin(&s, 100, 15);
	s.gap = 3;
	for (int i = 0; i < 1500 * 300; i++) {
		double phase = i % 300, power = phase < 100 ? 20 : 20 + 900 * fmin(1, (phase - 100) / 30), late = (i + 297) % 300;

		meters_steps_meter(&s, i, power);
		if (i % 7 == 0)
			meters_steps_view(&s, VIEW_POWER_INPUT, i, late < 100 ? 20 : 20 + 900 * fmin(1, (late - 100) / 30), none);
	}
	assert_true(s.windows > STEPS_WINDOWS / 2 - 2 && s.windows <= STEPS_WINDOWS);
	assert_true(s.window[s.windows - 1].meter.sample[0].t > 1450 * 300 && s.window[0].meter.sample[0].t < 300);
	must(meters_steps_skew(&found, &s, VIEW_POWER_INPUT, &e));
	assert_int_equal(found.state, SKEW_FOUND);
	assert_near(found.skew, 3, 0.1);
	meters_steps_free(&s);
}

/* A heat meter that works out its flow every 32 s and is read every 4 s; the pump starts ten minutes in. */
static struct meters_check volume_check(double seconds, double gain, char words[80])
{
	static struct meters_evaluation ev;
	struct run_about about = {.bench = "meters", .origin = ORIGIN_SIMULATED, .seed = -1, .period = 4 * NANOS_PER_S, .utc = 19723 * 86400LL * NANOS_PER_S};
	struct run_segment segment = {.utc = about.utc};
	struct run_dut dut = {.name = "hp1", .kind = "heat_pump"};
	char folder[] = "/tmp/heatbench-meters-XXXXXX", path[4096];
	struct run_reader *reader = NULL;
	struct meters_check check = {0};
	struct error e = ERROR_INIT;
	struct run *run = NULL;
	double shown = 0, volume = 100, counted = 100;

	assert_non_null(mkdtemp(folder));
	must(run_create(&run, folder, &about, 0, &e));
	must(run_define_dut(run, &dut, &e));
	define(run, "q", "flow", "l/h", "scan");
	define(run, "v", "volume", "m3", "scan");
	must(run_define_group(run, "scan", 1, &e));
	must(run_begin_segment(run, &segment, &e));
	for (int i = 0; i <= seconds / 4; i++) {
		double flow = 4 * i < 600 ? 0 : 1200 + 4 * sin(i);
		uint8_t good[2] = {0};

		if (i % 8 == 0) {
			shown = flow;
			counted = floor(volume * 1e4) / 1e4;
		}
		volume += gain * flow * 4 / 3600e3;
		must(run_put_scan(run, 0, i, (double[]){shown, counted}, good, 2, &e));
	}
	text_copy(path, sizeof(path), run_path(run));
	must(run_finish(run, about.utc + (nanos)seconds * NANOS_PER_S, "complete", "", &e));
	must(run_reader_open(&reader, path, &e));
	must(meters_evaluate(&ev, reader, NULL, &e));
	for (int i = 0; i < ev.checks; i++)
		if (ev.check[i].kind == CHECK_VOLUME_REGISTER)
			check = ev.check[i];
	meters_verdict_words(words, &check, &ev.settings);
	meters_evaluation_free(&ev);
	run_reader_close(reader);
	must(run_remove(path, &e));
	rmdir(folder);
	return check;
}

static void a_check_that_lasts_few_refreshes_of_a_slow_meter_is_not_judged(void **state)
{
	struct meters_check c;
	char words[80];

	(void)state;
	c = volume_check(1500, 1, words);
	assert_int_equal(c.verdict, CHECK_SHORT);
	assert_true(fabs(c.deviation) > 0.5);
	assert_string_equal(words, "not judged: shorter than 100 refreshes of 32 s");
	c = volume_check(6000, 1, words);
	assert_int_equal(c.verdict, CHECK_AGREES);
	assert_near(c.turn, 32, 0.5);
	c = volume_check(6000, 1.03, words);
	assert_string_equal(words, "does not agree");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(permitted_errors_are_those_of_the_tables),
		cmocka_unit_test(amounts_fall_into_their_cells_and_days),
		cmocka_unit_test(a_gap_is_never_filled),
		cmocka_unit_test(what_a_register_counted_over_midnight_unseen_is_of_no_day),
		cmocka_unit_test(a_deviation_that_the_meters_cannot_resolve_is_neither),
		cmocka_unit_test(settings_that_cannot_be_are_refused),
		cmocka_unit_test(what_is_said_of_one_heat_pump_counts_for_it_alone),
		cmocka_unit_test(the_skew_of_a_run_is_found_from_its_own_steps_below_the_sampling),
		cmocka_unit_test(a_run_without_steps_says_so_and_gives_no_skew),
		cmocka_unit_test(of_many_steps_some_of_the_whole_run_stay),
		cmocka_unit_test(a_check_that_lasts_few_refreshes_of_a_slow_meter_is_not_judged),
		cmocka_unit_test(rate_groups_gaps_and_midnights_come_to_what_they_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

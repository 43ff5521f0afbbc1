/* The models of the pump's evaluation over runs of known truth: excitation recordings, curves with dp. With
 * "curve DIR [SETTINGS]": writes and evaluates a curve run, for others to look at. */
#include "tests/store/sample.h"

#include "benches/pump/evaluate.h"
#include "daq/recording/recording_choice.h"
#include "daq/script/map_file.h"
#include "tests/analytics/random.h"

#include <gsl/gsl_errno.h>

/* ---- Excitation recordings ---- */

/* The answer of a first-order pump: feedback 50 W - 0.05 W/permille, 3 s late, time constant 1.5 s. */
static void write_recording(const char *path, int seed, int gap_at, const char *pumps)
{
	FILE *f = fopen(path, "wb");
	uint64_t random = (uint64_t)seed * 7919 + 1;
	double time = 1700000000.25;

	assert_non_null(f);
	fputs("time,idx,pump_name,set_pump_duty_cycle,pump_feedback,measured_flow_external,measured_flow_integrated\n", f);
	for (const char *p = pumps; *p; p++) {
		double duty[130] = {0}, level = 475, w = 26, q = 800;

		for (int i = 0; i < 120; i++) {
			level += 0.28 * (100 + 750 * random_uniform(&random) - level);
			duty[i] = round(level);
			w += 0.5 * (50 - 0.05 * duty[i > 3 ? i - 3 : 0] - w);
			q += 0.5 * (1300 - duty[i > 3 ? i - 3 : 0] - q);
			time += i == gap_at ? 7 : 1;
			fprintf(f, "%.3f,%d,%s,%.0f,%.1f,%.0f,\n", time + 0.02 * random_uniform(&random), i,
				*p == 'w' ? "Wilo" : "AWMT", duty[i], w + 0.2 * random_normal(&random), 3 * round(q / 3));
		}
		time += 60;
	}
	assert_int_equal(fclose(f), 0);
}

static const char *const map_names[] = {"recording.lua", "recording-excitation.lua"};

static void read_maps(struct recording_map map[2])
{
	struct error e = ERROR_INIT;
	char path[600];

	for (int i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/benches/pump/%s", data_directory(), map_names[i]);
		must(recording_map_read(&map[i], path, &e));
	}
}

static struct pump_evaluation evaluated_recording(void **state, int seed, int gap_at, const char *pumps,
	const struct pump_options *options)
{
	static struct recording_map map[2];
	struct recording_file file = {.valve = "open"};
	struct recording_import import = {.file = &file, .files = 1, .map = &map[1]};
	struct run_about about = {.bench = "pump", .seed = -1};
	struct run_reader *reader = NULL;
	struct pump_evaluation ev;
	struct error e = ERROR_INIT;
	char results[600], path[4096];

	snprintf(file.path, sizeof(file.path), "%.400s/%d.csv", (char *)*state, seed);
	snprintf(results, sizeof(results), "%s/results", (char *)*state);
	write_recording(file.path, seed, gap_at, pumps);
	read_maps(map);
	assert_int_equal(recording_choose(&file, 1, map, 2), 1);
	must(recording_import(&import, &about, results, path, sizeof(path), &e));
	must(run_reader_open(&reader, path, &e));
	must(pump_evaluate(&ev, reader, options, &e));
	run_reader_close(reader);
	return ev;
}

static void an_excitation_recording_is_one_stretch_for_each_pump(void **state)
{
	struct pump_evaluation ev = evaluated_recording(state, 1, -1, "aw", NULL);

	assert_int_equal(ev.run.steps, 2);
	assert_true(ev.step[0].excitation && ev.step[1].excitation);
	assert_int_equal(ev.points, 0);
	assert_int_equal(ev.dynamics_count, 2);
	assert_int_equal(ev.lines, 2);
	for (int i = 0; i < 2; i++) {
		const struct pump_dynamics *d = &ev.dynamics[i];

		assert_int_equal(d->samples, 120);
		assert_int_equal(d->model[PUMP_FEEDBACK].fit.n, 118);
		assert_int_equal(d->model[PUMP_FEEDBACK].stretches, 1);
		assert_true(d->model[PUMP_FEEDBACK].stable && d->model[PUMP_FLOW].stable);
		assert_true(d->model[PUMP_FEEDBACK].free_run.fit > 50 && d->model[PUMP_FLOW].free_run.fit > 50);
		assert_true(fabs(d->period - 1) < 0.03);
	}
	for (int i = 0; i < ev.run.channels; i++)
		if (strcmp(ev.run.channel[i].role, "flow") == 0)
			assert_true(ev.run.channel[i].resolution == 3);
	pump_evaluation_free(&ev);
}

static void the_static_line_of_an_excitation_is_the_pumps(void **state)
{
	int inside = 0;

	for (int seed = 10; seed < 30; seed++) {
		struct pump_evaluation ev = evaluated_recording(state, seed, -1, "w", NULL);
		const struct pump_line *l = &ev.line[0];

		assert_true(l->excitation && l->delay >= 3 && l->delay <= 6);
		assert_true(fabs(l->fit.coefficient[1] + 0.05) < 0.02);
		inside += fabs(l->fit.coefficient[1] + 0.05) <= l->k * lsq_u(&l->fit, 1);
		pump_evaluation_free(&ev);
	}
	print_message("# slope inside its 95 %% interval in %d of 20\n", inside);
	assert_true(inside >= 16);
}

static void a_pause_in_the_recording_is_never_bridged(void **state)
{
	struct pump_evaluation ev = evaluated_recording(state, 2, 60, "w", NULL);
	const struct pump_dynamics *d = &ev.dynamics[0];

	assert_int_equal(ev.run.steps, 1);
	assert_int_equal(d->model[PUMP_FEEDBACK].stretches, 2);
	assert_int_equal(d->model[PUMP_FEEDBACK].fit.n, 116);
	assert_int_equal(d->rows, 121);
	assert_true(isnan(d->duty[60]));
	pump_evaluation_free(&ev);
}

static struct run_limit limit(const char *quantity, double min, double max, const char *unit, const char *rule)
{
	struct run_limit l = {.set_point = NAN, .min = min, .max = max};

	snprintf(l.quantity, sizeof(l.quantity), "%s", quantity);
	snprintf(l.unit, sizeof(l.unit), "%s", unit);
	snprintf(l.rule, sizeof(l.rule), "%s", rule);
	snprintf(l.source, sizeof(l.source), "limits.lua:1");
	return l;
}

static const struct report_result *result_of(const struct pump_evaluation *ev, const char *quantity)
{
	for (int i = 0; i < ev->results; i++)
		if (strcmp(ev->result[i].quantity, quantity) == 0)
			return &ev->result[i];
	fail_msg("no result %s", quantity);
	return NULL;
}

static void limits_may_name_what_the_models_found(void **state)
{
	struct run_limit limits[] = {limit("feedback slope", -0.10, -0.01, "W/permille", "guarded"),
		limit("arx fit", 50, NAN, "%", "simple"), limit("time constant", NAN, 1, "s", "simple"),
		limit("eei", NAN, 0.23, "1", "guarded")};
	struct pump_options options = {.limit = limits, .limits = 4};
	struct pump_evaluation ev = evaluated_recording(state, 3, -1, "w", &options);

	assert_int_equal(result_of(&ev, "feedback slope")->verdict, VERDICT_PASSED);
	assert_true(result_of(&ev, "feedback slope")->U > 0);
	assert_int_equal(result_of(&ev, "arx fit")->verdict, VERDICT_PASSED);
	assert_int_equal(result_of(&ev, "time constant")->verdict, VERDICT_FAILED);
	assert_int_equal(result_of(&ev, "eei")->verdict, VERDICT_UNDECIDED);
	assert_int_equal(ev.results, 4); /* what no limit names stays in the tables */
	pump_evaluation_free(&ev);
}

static void a_map_is_chosen_by_the_header(void **state)
{
	static struct recording_map map[2];
	struct recording_file file[2] = {{.valve = ""}, {.valve = ""}};
	FILE *f;

	read_maps(map);
	snprintf(file[0].path, sizeof(file[0].path), "%.400s/sweep.csv", (char *)*state);
	f = fopen(file[0].path, "wb");
	fputs("time,pump_name,set_pump_duty_cycle,pump_feedback,measured_flow\n", f);
	fclose(f);
	snprintf(file[1].path, sizeof(file[1].path), "%.400s/exc.csv", (char *)*state);
	write_recording(file[1].path, 4, -1, "w");
	assert_int_equal(recording_choose(file, 1, map, 2), 0);
	assert_int_equal(recording_choose(file + 1, 1, map, 2), 1);
	assert_int_equal(recording_choose(file, 2, map, 2), 0); /* none fits both: the first, which says what it misses */
	snprintf(file[0].path, sizeof(file[0].path), "%.400s/nothing.csv", (char *)*state);
	assert_int_equal(recording_choose(file, 1, map, 2), 0);
}

/* ---- Curves ---- */

enum { DUTIES = 4, VALVES = 6, SECONDS = 40, CHANNELS = 7 };

/* Whether speed and water temperature are measured; then the pump also slows down a little under load. */
static bool instrumented;
static const double duties[DUTIES] = {100, 300, 500, 700}, relative_speed[DUTIES] = {1, 0.85, 0.68, 0.5};

/* H = 6 - 0.05 Q - 0.25 Q^2, P = 25 + 15 Q - 1.2 Q^2 at full speed. */
static double true_head(double q, double n)
{
	return 6 * n * n - 0.05 * q * n - 0.25 * q * q;
}
static double true_power(double q, double n)
{
	return 3 + 22 * n * n * n + 15 * q * n * n - 1.2 * q * q * n;
}

/* Where the pump's curve meets a valve's H = k Q^2. */
static double true_flow(double k, double n)
{
	double a = k + 0.25, b = 0.05 * n;

	return (-b + sqrt(b * b + 4 * a * 6 * n * n)) / (2 * a);
}

static int define_curve_run(struct run *run, struct error *e)
{
	static const char *const roles[CHANNELS] = {"duty", "flow", "feedback", "power", "dp", "speed", "water_temperature"};
	static const char *const units[CHANNELS] = {"permille", "l/h", "W", "W", "mbar", "1/min", "degC"};
	static const double uncertainty[CHANNELS] = {NAN, 20, 1, 0.3, 2, NAN, NAN};
	struct run_dut dut = {.name = "wilo", .kind = "pump", .profile = "wilo-ipwm1"};

	if (run_define_dut(run, &dut, e) < 0)
		return -1;
	for (int i = 0; i < CHANNELS - 2 * !instrumented; i++) {
		struct run_channel c = {.kind = "gauge", .group = "scan", .dut = "wilo", .device = -1, .certificate = -1,
			.origin = ORIGIN_SIMULATED};

		c.resolution = 0.1;
		c.uncertainty = uncertainty[i];
		snprintf(c.name, sizeof(c.name), "wilo_%s", roles[i]);
		snprintf(c.role, sizeof(c.role), "%s", roles[i]);
		snprintf(c.quantity, sizeof(c.quantity), "%s", roles[i]);
		snprintf(c.unit, sizeof(c.unit), "%s", units[i]);
		if (run_define_channel(run, &c, e) < 0)
			return -1;
	}
	return run_define_group(run, "scan", 1, e);
}

static int put_curve_step(struct run *run, int duty, int valve, uint64_t *random, int64_t *tick, struct error *e)
{
	static const double k[VALVES] = {0.12, 0.3, 0.7, 1.8, 5, 25};
	double n = relative_speed[duty] * (instrumented ? 1.02 - 0.01 * valve : 1), q = true_flow(k[valve], n);
	struct run_step step = {.number = 1 + *tick / SECONDS, .dut = "wilo", .unit = "permille", .set_point = duties[duty],
		.first_tick = *tick, .last_tick = *tick + SECONDS - 1, .done = 1};

	snprintf(step.valve, sizeof(step.valve), "%d", valve + 1);
	snprintf(step.name, sizeof(step.name), "wilo %d %g", valve + 1, duties[duty]);
	for (int i = 0; i < SECONDS; i++) {
		double v[CHANNELS] = {duties[duty], 1000 * q + 3 * random_normal(random),
			true_power(q, n) + 1 + 0.3 * random_normal(random), true_power(q, n) + 0.1 * random_normal(random),
			true_head(q, n) * 998.20675 * HYDRAULICS_G / 100 + 0.5 * random_normal(random), 2500 * n,
			40 + 0.1 * random_normal(random)};
		uint8_t quality[CHANNELS] = {0};

		for (int c = 1; c < CHANNELS; c++)
			v[c] = 0.1 * round(v[c] / 0.1);
		if (run_put_scan(run, 0, (*tick)++, v, quality, CHANNELS - 2 * !instrumented, e) < 0)
			return -1;
	}
	return run_put_step(run, &step, e);
}

static int make_curve_run(const char *results, char *path, size_t size, struct error *e)
{
	struct run_about about = {.bench = "pump", .label = "curve", .origin = ORIGIN_SIMULATED, .seed = 1,
		.utc = INT64_C(1700000000) * NANOS_PER_S, .period = NANOS_PER_S};
	struct run_segment segment = {.utc = about.utc};
	uint64_t random = 99;
	struct run *run = NULL;
	int64_t tick = 0;

	memset(segment.bench_digest, 'a', 64);
	if (run_create(&run, results, &about, 0, e) < 0)
		return -1;
	snprintf(path, size, "%s", run_path(run));
	if (define_curve_run(run, e) < 0 || run_begin_segment(run, &segment, e) < 0)
		return -1;
	for (int v = 0; v < VALVES; v++)
		for (int d = 0; d < DUTIES; d++)
			if (put_curve_step(run, d, v, &random, &tick, e) < 0)
				return -1;
	return run_commit(run, e) < 0 ? -1 : run_finish(run, about.utc + tick * NANOS_PER_S, "complete", "", e);
}

static struct pump_evaluation evaluated_curve(void **state, const char *settings_text)
{
	static int runs;
	struct pump_settings settings;
	struct pump_options options = {.settings = &settings};
	struct run_reader *reader = NULL;
	struct pump_evaluation ev;
	struct error e = ERROR_INIT;
	char results[600], path[4096];

	must(pump_settings_read(&settings, settings_text, &e));
	snprintf(results, sizeof(results), "%s/curve%d", (char *)*state, runs++);
	must(make_curve_run(results, path, sizeof(path), &e));
	must(run_reader_open(&reader, path, &e));
	must(pump_evaluate(&ev, reader, &options, &e));
	run_reader_close(reader);
	return ev;
}

static void curves_are_those_of_the_pump(void **state)
{
	struct pump_evaluation ev = evaluated_curve(state, "");

	assert_int_equal(ev.curves, DUTIES);
	for (int i = 0; i < ev.curves; i++) {
		const struct pump_curve *c = &ev.curve[i];
		double n = relative_speed[i];

		assert_true(c->n >= VALVES - 1); /* one stretch in a thousand passes for a drift */
		assert_true(c->reference_power && !c->temperature_measured && fabs(c->density - 998.20675) < 1e-4);
		for (double q = c->flow_min; q <= c->flow_max; q += 0.3) {
			assert_true(fabs(pump_curve_head(c, q) - true_head(q, n)) < 0.01);
			assert_true(fabs(pump_curve_power(c, q) - true_power(q, n)) < 0.1);
		}
		for (int j = 0; j < c->n; j++) {
			const struct pump_curve_point *p = &c->at[j];
			double want = pump_hydraulic_power(p->flow, true_head(p->flow, n), c->density) / true_power(p->flow, n);

			assert_true(fabs(p->efficiency.value - want) < p->efficiency.U && p->efficiency.U < 0.06);
		}
	}
	assert_int_equal(ev.guarantees, 0);
	pump_evaluation_free(&ev);
}

static void elevation_and_temperature_shift_the_head(void **state)
{
	struct pump_evaluation plain = evaluated_curve(state, ""),
			       told = evaluated_curve(state, "elevation=200 mm,temperature=60 degC");

	assert_true(fabs(told.curve[0].density - 983.2) < 0.1);
	assert_true(fabs(told.curve[0].at[0].head -
			 (plain.curve[0].at[0].head * plain.curve[0].density / told.curve[0].density + 0.2)) < 1e-9);
	pump_evaluation_free(&plain);
	pump_evaluation_free(&told);
}

static void where_speed_is_measured_a_curve_is_of_one_speed(void **state)
{
	struct pump_evaluation ev;
	const struct pump_curve *c;

	instrumented = true;
	ev = evaluated_curve(state, "speed=2500");
	instrumented = false;
	c = &ev.curve[0];
	assert_int_equal(ev.curves, DUTIES);
	assert_true(c->speed == 2500 && c->temperature_measured && fabs(c->density - 992.22) < 0.1);
	for (double q = c->flow_min; q <= c->flow_max; q += 0.3) /* its dp was written for water of 20 degC */
		assert_true(fabs(pump_curve_head(c, q) * c->density / 998.20675 - true_head(q, 1)) < 0.015);
	pump_evaluation_free(&ev);
}

static void a_guarantee_on_the_curve_is_met_and_one_beside_it_is_not(void **state)
{
	/* at 2 m3/h: 4.9 m, 50.2 W, 53 % */
	struct pump_evaluation met = evaluated_curve(state, "flow=2 m3/h,head=4.9 m,power=50 W,efficiency=0.52,grade=2B"),
			       high = evaluated_curve(state, "flow=2 m3/h,head=5.6 m,grade=2B"),
			       beyond = evaluated_curve(state, "flow=9 m3/h,head=4.9 m,grade=2B");

	assert_int_equal(met.guarantees, 1);
	assert_true(fabs(met.guarantee[0].head.value - 4.9) < 0.01 && fabs(met.guarantee[0].flow.value - 2) < 0.01);
	assert_true(met.guarantee[0].head.U > 0 && met.guarantee[0].head.U < 0.1);
	assert_int_equal(met.verdict, VERDICT_PASSED);
	assert_non_null(strstr(result_of(&met, "guarantee head")->note, "unverified"));
	assert_non_null(strstr(result_of(&met, "guarantee head")->limit_source, "unverified"));
	assert_int_equal(result_of(&high, "guarantee head")->verdict, VERDICT_FAILED);
	assert_int_equal(result_of(&high, "guarantee flow")->verdict, VERDICT_FAILED);
	assert_int_equal(result_of(&beyond, "guarantee head")->verdict, VERDICT_UNDECIDED);
	pump_evaluation_free(&met);
	pump_evaluation_free(&high);
	pump_evaluation_free(&beyond);
}

static void the_efficiency_index_follows_the_control_line(void **state)
{
	struct pump_evaluation ev = evaluated_curve(state, "");
	const struct pump_eei *x = &ev.eei[0];
	double load[EEI_LOADS], best = 0, q100 = 0;

	/* the truth: largest Q H at full speed, then at each load the speed that puts the head on the line */
	for (double q = 0.5; q < 4.5; q += 0.001)
		if (q * true_head(q, 1) > best) {
			best = q * true_head(q, 1);
			q100 = q;
		}
	assert_int_equal(ev.eeis, 1);
	assert_true(fabs(x->flow100 - q100) < 0.05 && !x->at_the_edge);
	for (int i = 0; i < EEI_LOADS; i++) {
		double q = eei_share[i] * q100, want = eei_reference_head(eei_share[i], true_head(q100, 1)), n = 1;

		while (true_head(q, n) > want)
			n -= 1e-4;
		load[i] = true_power(q, n);
		assert_true(fabs(x->load[i] / load[i] - 1) < 0.05); /* between the curves it is interpolated */
	}
	assert_true(fabs(x->index.value / eei_index(load, pump_hydraulic_power(q100, true_head(q100, 1), 998.2)) - 1) < 0.03);
	pump_evaluation_free(&ev);
}

static int curve_for_others(int argc, char **argv)
{
	struct evaluation_options options = {.settings = argc > 3 ? argv[3] : ""};
	struct error e = ERROR_INIT;
	struct report r;
	char path[4096], file[4400];

	if (make_curve_run(argv[2], path, sizeof(path), &e) < 0 ||
		pump_evaluate_run(&r, path, argv[2], &options, &e) < 0) {
		fprintf(stderr, "%s\n", e.text);
		return 2;
	}
	snprintf(file, sizeof(file), "%s/report.html", argv[2]);
	report_html(&r, file, &e);
	snprintf(file, sizeof(file), "%s/report.json", argv[2]);
	report_json(&r, file, &e);
	report_free(&r);
	puts(path);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_excitation_recording_is_one_stretch_for_each_pump, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(the_static_line_of_an_excitation_is_the_pumps, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(a_pause_in_the_recording_is_never_bridged, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(limits_may_name_what_the_models_found, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(a_map_is_chosen_by_the_header, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(curves_are_those_of_the_pump, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(elevation_and_temperature_shift_the_head, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(where_speed_is_measured_a_curve_is_of_one_speed, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(a_guarantee_on_the_curve_is_met_and_one_beside_it_is_not, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(the_efficiency_index_follows_the_control_line, scratch_make, scratch_remove),
	};

	gsl_set_error_handler_off();
	if (argc > 2 && strcmp(argv[1], "curve") == 0)
		return curve_for_others(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

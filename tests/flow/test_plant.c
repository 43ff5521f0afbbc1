/* Collections of the virtual lab's plant, without wires: what it knows of itself against what is found. */
#include "fixtures/lab/plant_flow.h"
#include "tests/flow/rig.h"

/* A reading of the plant as the run that the bench would have stored. */
static struct stored_run run_of(const struct flow_point *point, const struct flow_reading *r, double noise, uint64_t *random)
{
	struct rig rig = {.lph = point->lph, .seconds = point->seconds, .pulses = point->pulses_per_litre,
		.digit = point->resolution_g / 1000, .water = point->water, .trials = 1, .seed = 1};
	struct stored_run run = rig_run(&rig);
	struct run_table *t = run.table;
	int64_t full = t->rows - 10;
	double opened = 9.3, apart = (r->last_edge_s - r->first_edge_s) / (double)(r->pulses - 1);

	for (int64_t i = 0; i < t->rows; i++) {
		double since = (double)i - opened, n = floor((since - r->first_edge_s) / apart) + 1;
		double kg = (i < full ? r->before_g : r->after_g) / 1000 + noise * random_normal(random);

		t->value[RIG_WEIGHT][i] = rig.digit * round(kg / rig.digit);
		t->value[RIG_WATER][i] = r->water;
		t->value[RIG_COUNT][i] = 1e6 + n;
		t->value[RIG_VOLUME][i] = (1e6 + n) / rig.pulses;
		t->value[RIG_EDGE][i] = opened + r->first_edge_s + (n - 1) * apart;
	}
	run.channel[RIG_WATER].uncertainty = 2 * point->water_read.u;
	run.event[0].at = llround(opened * 1e9);
	run.event[1].at = llround((opened + r->seconds) * 1e9);
	return run;
}

/* Share of 2,000 calibrations of one collection each whose interval holds the meter's true error, in %. */
static double covered(struct flow_point point, double *U)
{
	/* scale: 25 ppm of 13.3 kg and what it drifts; both switches of the diverter together 5 ms; half widths are sqrt 3 u */
	double u_scale = hypot(point.sensitivity.u * 13.31, point.drift_g.u / 1000), noise = 0.0003;
	uint64_t random = 4711;
	char settings[400];
	int inside = 0;

	snprintf(settings, sizeof(settings),
		"scale_uncertainty=%.9g kg,scale_k=1,air_pressure=1013.85 hPa,air_uncertainty=%.6g,density_uncertainty=0 %%,"
		"line_volume=%g l,line_warming_uncertainty=%.6g K,diverter_uncertainty=%.6g s,edge_uncertainty=%.6g s,splash=%.6g kg",
		u_scale, point.air_read.u * sqrt(3), point.pipe_litres, point.pipe_change.u * sqrt(3),
		point.diverter_s.u / sqrt(2), point.timer_s.u / sqrt(2), point.lost_g.u / 1000 * sqrt(3));
	point.resolution_g = 1;
	point.noise_g.u = 0; /* each reading of the window has its own, above */
	point.repeat.u = 0;  /* one collection shows no repeatability */
	*U = 0;
	for (int i = 0; i < 2000; i++) {
		struct evaluation_options options = {.settings = settings};
		struct flow_reading reading;
		struct flow_evaluation ev;
		struct stored_run run;
		struct error e = ERROR_INIT;

		point.error = 0.04 * ((i % 81) / 40.0 - 1);
		point.tank_g = 3500 + 0.37 * i;
		{
			struct flow_point exact = point;

			exact.resolution_g = 1e-6;
			plant_flow_point(&exact, (uint64_t)i + 1, &reading);
		}
		run = run_of(&point, &reading, noise, &random);
		must(flow_evaluate_stored(&ev, &run, &options, &e));
		assert_true(ev.point[0].known);
		inside += fabs(ev.point[0].error - 100 * reading.truth.error) <= ev.point[0].total.U;
		*U += ev.point[0].total.U / 2000;
		flow_evaluation_free(&ev);
	}
	return 100.0 * inside / 2000;
}

static void intervals_hold_the_errors_of_the_plant(void **state)
{
	struct flow_point point = FLOW_POINT_DEFAULTS, normal = FLOW_POINT_DEFAULTS;
	double U, share = covered(point, &U);

	(void)state;
	print_message("# plant, as it stands: %.1f %% of 2000 (mean U %.3f %%)\n", share, U);
	assert_true(share >= 94);
	normal.drift_g.shape = normal.air_read.shape = normal.lost_g.shape = normal.timer_s.shape = FLOW_NORMAL;
	normal.water_read.shape = normal.pipe_change.shape = FLOW_NORMAL;
	share = covered(normal, &U);
	print_message("# plant, normal: %.1f %% of 2000 (mean U %.3f %%)\n", share, U);
	assert_true(share >= 93 && share <= 97);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(intervals_hold_the_errors_of_the_plant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

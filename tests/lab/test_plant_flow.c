/* The flow plant alone, held against published figures (BENCHES C1, C2, F1, F2, G5), against balances, and
 * against an evaluation of its own. */
#include "fixtures/lab/instrument_scale.h"
#include "fixtures/lab/plant_flow.h"
#include "fixtures/lab/plant_meter.h"
#include "fixtures/lab/plant_scale.h"
#include "fixtures/lab/plant_water.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define S NANOS_PER_S

static void near(double got, double expected, double tolerance)
{
	if (!(fabs(got - expected) <= tolerance))
		fail_msg("got %.9g, expected %.9g within %g", got, expected, tolerance);
}

static void densities_are_tanakas(void **state)
{
	static const double rows[][2] = {{0, 999.84283}, {4, 999.97495}, {10, 999.70270}, {15, 999.10257},
		{20, 998.20675}, {25, 997.04702}, {30, 995.64880}, {35, 994.03260}, {40, 992.21521}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		near(plant_water_density(rows[i][0]), rows[i][1], 6e-6);
}

static void a_scale_shows_water_less_its_buoyancy(void **state)
{
	(void)state;
	near(1 / plant_water_shown(1.2, plant_water_density(20)), 1.0010534, 5e-8);
	near(1 / plant_water_shown(1.2, plant_water_density(40)), 1.0010607, 1.5e-7); /* there by IF97 */
	near(1 / plant_water_shown(1.15, plant_water_density(20)), 1.0010095, 5e-8);
	near(plant_water_shown(1.2, WEIGHT_DENSITY), 1, 1e-15);
	near(plant_air_density(1013.25, 50, 20), 1.1993, 5e-5);
	near(plant_air_density(1000, 40, 22), 1.1760, 5e-5);
}

static const struct plant_diverter_config slow = {0.03, 0.05, 0.08, 0.12, 0.1};

static struct plant_flow_config config_of(uint64_t seed)
{
	return (struct plant_flow_config){.seed = seed,
		.pump = {seed, 2, 4, 8, 12, 12, 30, 0.3},
		.diverter = slow,
		.water = 20,
		.drift = 2,
		.ripple = 0.002,
		.pipe_litres = 5,
		.overflow_kg = 50,
		.heel_kg = 0.08,
		.drain_kg_s = 1,
		.splash_ppm = 20,
		.evaporation_g_h = 5};
}

static struct plant_flow *open_plant(const struct plant_flow_config *config, int duty, double valve)
{
	struct plant_flow *plant = plant_flow_open(config);

	assert_non_null(plant);
	plant_pump_valve(plant_flow_pump(plant), valve, 0);
	plant_pump_duty(plant_flow_pump(plant), PLANT_WILO, duty, 0);
	plant_pump_relay(plant_flow_pump(plant), PLANT_WILO, true, 0);
	return plant;
}

static void run_until(struct plant_flow *plant, nanos to)
{
	while (plant_flow_time(plant) + PLANT_STEP <= to)
		plant_flow_step(plant);
}

static struct flow_truth truth(const struct plant_flow *plant)
{
	struct flow_truth t;

	plant_flow_truth(plant, &t);
	return t;
}

static void the_published_set_points_give_the_published_flows(void **state)
{
	static const double rows[][2] = {
		{100, 1125.5}, {250, 862.7}, {400, 557.7}, {550, 404.5}, {700, 310.3}, {850, 218.0}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct plant_flow_config config = config_of(1);
		struct plant_flow *plant;

		config.ripple = 0;
		plant = open_plant(&config, (int)rows[i][0], 0.3);
		run_until(plant, 60 * S);
		near(truth(plant).lph, rows[i][1], 0.01);
		plant_flow_close(plant);
	}
}

static void every_flow_from_15_to_3125_lph_can_be_set(void **state)
{
	static const double flows[] = {15.6, 25, 875, 1750, 2500, 3125}; /* Q1 .. Q4 of a DN20 meter, R 160 */

	(void)state;
	for (size_t i = 0; i < sizeof(flows) / sizeof(*flows); i++) {
		bool reached = false;

		for (int duty = 50; duty <= 850 && !reached; duty += 100)
			for (int valve = 100; valve <= 10000 && !reached; valve++)
				reached = fabs(plant_flow_settled(plant_steady_speed(duty), valve / 1e4) /
							  flows[i] -
						  1) < 0.01;
		if (!reached)
			fail_msg("%g l/h cannot be set", flows[i]);
	}
}

static double balance(const struct flow_truth *t, double heel)
{
	return heel + t->diverted_kg - t->splashed_kg - t->evaporated_kg - t->drained_kg - t->lost_kg -
	       t->tank_kg;
}

/* Summed up a second time, from flow, density and the flap's share at both ends of a step. */
static void the_tank_holds_the_integral_of_the_mass_flow_that_was_diverted(void **state)
{
	struct plant_flow_config config = config_of(3);
	struct plant_flow *plant;
	double sum = 0, share = 0;

	(void)state;
	config.drift = config.evaporation_g_h = config.splash_ppm = 0;
	plant = open_plant(&config, 250, 0.5);
	run_until(plant, 30 * S);
	plant_diverter_command(plant_flow_diverter(plant), true, 30 * S + 7 * NANOS_PER_MS);
	while (plant_flow_time(plant) < 70 * S) {
		double before = share;
		struct flow_truth t;

		if (plant_flow_time(plant) == 60 * S)
			plant_diverter_command(plant_flow_diverter(plant), false, 60 * S + 3 * NANOS_PER_MS);
		plant_flow_step(plant);
		t = truth(plant);
		share = plant_diverter_share(plant_flow_diverter(plant));
		sum += t.lph / 3.6e6 * t.density * 0.02 * (before + share) / 2;
		near(balance(&t, config.heel_kg), 0, 1e-9);
	}
	assert_true(sum > 10);
	near(truth(plant).tank_kg - config.heel_kg, sum, 2e-3); /* one step of flow at each end is 6 g */
	plant_flow_close(plant);
}

static void nothing_is_lost_but_what_is_said_to_be(void **state)
{
	struct plant_flow_config config = config_of(4);
	struct plant_flow *plant = open_plant(&config, 100, 1);
	struct flow_truth t;

	(void)state;
	plant_diverter_command(plant_flow_diverter(plant), true, 0);
	run_until(plant, 50 * S);
	plant_flow_drain(plant, true);
	run_until(plant, 300 * S);
	t = truth(plant);
	near(balance(&t, config.heel_kg), 0, 1e-9);
	assert_true(t.drained_kg > 10 && t.splashed_kg > 1e-3 && t.evaporated_kg > 1e-4);
	plant_flow_close(plant);
}

static void a_pipe_that_becomes_warmer_gives_off_water(void **state)
{
	struct plant_flow_config config = config_of(6);
	struct plant_flow *plant;
	double sum = 0, density;

	(void)state;
	config.drift = 20;
	config.overflow_kg = 1000;
	plant = open_plant(&config, 100, 0.3);
	plant_diverter_command(plant_flow_diverter(plant), true, 0);
	density = truth(plant).density;
	run_until(
		plant, S); /* the pump has not moved yet, the pipe only dilates: by less than is seen below */
	while (plant_flow_time(plant) < 600 * S) {
		struct flow_truth t;

		plant_flow_step(plant);
		t = truth(plant);
		sum += t.lph / 3.6e6 * t.density * 0.02;
	}
	near(truth(plant).diverted_kg - sum, 5e-3 * (density - truth(plant).density), 1e-5);
	assert_true(density - truth(plant).density > 0.6);
	plant_flow_close(plant);
}

static void a_full_tank_overflows_says_so_and_loses_the_rest(void **state)
{
	struct plant_flow_config config = config_of(5);
	struct plant_flow *plant;
	struct flow_truth t;

	(void)state;
	config.overflow_kg = 10;
	plant = open_plant(&config, 100, 0.3);
	plant_diverter_command(plant_flow_diverter(plant), true, 0);
	run_until(plant, 25 * S);
	assert_false(truth(plant).overflow);
	run_until(plant, 100 * S);
	assert_true(truth(plant).overflow);
	near(truth(plant).tank_kg, 10, 1e-9);
	assert_true(truth(plant).lost_kg > 5);
	t = truth(plant);
	near(balance(&t, config.heel_kg), 0, 1e-9);
	plant_diverter_command(plant_flow_diverter(plant), false, 100 * S);
	plant_flow_drain(plant, true);
	run_until(plant, 160 * S);
	assert_false(truth(plant).overflow);
	near(truth(plant).tank_kg, config.heel_kg, 1e-3);
	plant_flow_close(plant);
}

/* Seconds of full flow in the tank when it is sent there at `on` and back at `off`; when its switch changed.
 */
static double collected(
	const struct plant_diverter_config *config, nanos on, nanos off, nanos step, nanos switched[2])
{
	struct plant_diverter d;
	double sum = 0;

	plant_diverter_init(&d, config);
	for (nanos t = 0; t < off + 4 * S; t += step) {
		if (on >= t && on < t + step)
			plant_diverter_command(&d, true, on);
		if (off >= t && off < t + step)
			plant_diverter_command(&d, false, off);
		sum += plant_diverter_move(&d, t + step);
		if (plant_diverter_switch(&d))
			switched[0] = d.switched;
	}
	switched[1] = d.switched;
	assert_int_equal(plant_diverter_end(&d), DIVERTER_BYPASS);
	return sum;
}

static void what_a_diverter_adds_is_the_difference_of_its_delays(void **state)
{
	static const struct plant_diverter_config rows[] = {{0, 0, 1e-6, 1e-6, 0},
		{0.03, 0.05, 0.08, 0.12, 0.1}, {0.05, 0.02, 0.2, 0.05, -0.25}, {0, 0.3, 1, 2, 0.3}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		for (nanos at = S; at < S + 40 * NANOS_PER_MS; at += 3 * NANOS_PER_MS) {
			nanos switched[2], off = at + 10 * S + 1;
			double got = collected(&rows[i], at, off, PLANT_STEP, switched);
			double timed = (double)(switched[1] - switched[0]) / 1e9;

			near(got - (double)(off - at) / 1e9, plant_diverter_command_error(&rows[i]), 2e-6);
			near(got - timed, plant_diverter_switch_error(&rows[i]), 2e-6);
			near(collected(&rows[i], at, off, NANOS_PER_MS, switched), got,
				1e-8); /* on any grid */
		}
	near(plant_diverter_command_error(&rows[1]), 0.05 + 0.4 * 0.12 - 0.03 - 0.6 * 0.08, 1e-12);
	near(plant_diverter_switch_error(&rows[1]), -0.1 * 0.2, 1e-12);
}

static void a_stuck_flap_stays_where_it_is_and_then_goes_where_it_was_sent(void **state)
{
	struct plant_diverter d;

	(void)state;
	plant_diverter_init(&d, &slow);
	d.stuck = true;
	plant_diverter_command(&d, true, 0);
	near(plant_diverter_move(&d, 5 * S), 0, 0);
	d.stuck = false;
	assert_true(plant_diverter_move(&d, 6 * S) > 0.9);
	assert_int_equal(plant_diverter_end(&d), DIVERTER_TANK);
	plant_diverter_command(&d, false, 6 * S);
	plant_diverter_move(&d, 6 * S + 110 * NANOS_PER_MS);
	assert_int_equal(plant_diverter_end(&d), DIVERTER_MOVING);
	plant_diverter_command(&d, true, 6 * S + 110 * NANOS_PER_MS); /* turned round on its way */
	plant_diverter_move(&d, 7 * S);
	assert_int_equal(plant_diverter_end(&d), DIVERTER_TANK);
}

static void a_meter_shows_flow_times_gain_plus_offset_and_nothing_below_its_start(void **state)
{
	const struct plant_meter meter = {0.01, -0.2, 8, 100};

	(void)state;
	near(plant_meter_shown(&meter, 100), 100.8, 1e-12);
	near(plant_meter_error(&meter, 100), 0.008, 1e-12);
	near(plant_meter_shown(&meter, 7.9), 0, 0);
	near(plant_meter_error(&meter, 7.9), -1, 0);
	near(plant_meter_error(&meter, 0), 0, 0);
	/* BENCHES G5 */
	near(plant_meter_published(218), 0.073, 5e-4);
	near(plant_meter_published(310.3), 0.023, 5e-4);
	near(plant_meter_published(557.7), -0.015, 5e-4);
	near(plant_meter_published(1125.5), 0.002, 5e-4);
	near(plant_meter_published(3000), 0, 0);
}

static struct plant_scale make_scale(double sensitivity, double noise)
{
	struct plant_scale_config config = {1, 1, 60000, sensitivity, 2, 10, noise, 30, 1.5};
	struct plant_scale scale;

	plant_scale_init(&scale, &config);
	return scale;
}

static void load(struct plant_scale *scale, double grams, double per_s, nanos from, nanos to)
{
	for (nanos t = from + PLANT_STEP; t <= to; t += PLANT_STEP)
		plant_scale_step(scale, grams + per_s * (double)(t - from) / 1e9, per_s / 1000, t);
}

static void a_scale_rests_one_and_a_half_seconds_after_the_last_change(void **state)
{
	struct plant_scale scale = make_scale(0, 0.3);

	(void)state;
	load(&scale, 100, 0, 0, S);
	assert_false(plant_scale_stable(&scale));
	load(&scale, 100, 0, S, 4 * S);
	assert_true(plant_scale_stable(&scale));
	load(&scale, 100, 300, 4 * S, 10 * S);
	assert_false(plant_scale_stable(&scale));
	load(&scale, 1900, 0, 10 * S, 11 * S + 400 * NANOS_PER_MS);
	assert_false(plant_scale_stable(&scale));
	load(&scale, 1900, 0, 11 * S + 400 * NANOS_PER_MS, 14 * S);
	assert_true(plant_scale_stable(&scale));
}

static void a_scale_shows_its_load_with_sensitivity_offset_and_drift(void **state)
{
	struct plant_scale scale = make_scale(1e-3, 0);

	(void)state;
	load(&scale, 20000, 0, 0, 3600 * S);
	near(plant_scale_gross(&scale), 20000 * 1.001 + 2 + 10, 1e-3);
	near(plant_scale_round(&scale.config, 1234.4), 1234, 0);
	assert_false(signbit(plant_scale_round(&scale.config, -0.3)));
}

static void line_is(const char *got, int length, const char *expected)
{
	assert_int_equal(length, strlen(expected));
	assert_memory_equal(got, expected, strlen(expected));
}

/* BENCHES F1: the manual's lines. */
static void sics_lines_are_those_of_the_manual(void **state)
{
	char out[32];

	(void)state;
	line_is(out, scale_line_sics(out, "S", SCALE_STABLE, 100, 2, "g"), "S S     100.00 g\r\n");
	line_is(out, scale_line_sics(out, "S", SCALE_DYNAMIC, 12345.6, 1, "g"), "S D    12345.6 g\r\n");
	line_is(out, scale_line_sics(out, "S", SCALE_DYNAMIC, 129.07, 2, "g"), "S D     129.07 g\r\n");
	line_is(out, scale_line_sics(out, "S", SCALE_STABLE, -100, 2, "g"), "S S    -100.00 g\r\n");
	line_is(out, scale_line_sics(out, "S", SCALE_STABLE, 18.71, 3, "kg"), "S S     18.710 kg\r\n");
	line_is(out, scale_line_sics(out, "T", SCALE_STABLE, 100, 2, "g"), "T S     100.00 g\r\n");
	line_is(out, scale_line_sics(out, "S", SCALE_OVER, 0, 2, "g"), "S +\r\n");
	line_is(out, scale_line_sics(out, "S", SCALE_UNDER, 0, 2, "g"), "S -\r\n");
}

/* BENCHES F2, and Cubis MSE operating instructions p. 69 and 70: + 123.56 g with 16 and 22 characters. */
static void sbi_lines_are_those_of_the_manual(void **state)
{
	char out[32];

	(void)state;
	line_is(out, scale_line_sbi(out, false, SCALE_STABLE, 123.56, 2, "g"), "+   123.56 g  \r\n");
	line_is(out, scale_line_sbi(out, true, SCALE_STABLE, 123.56, 2, "g"), "N     +   123.56 g  \r\n");
	line_is(out, scale_line_sbi(out, false, SCALE_DYNAMIC, 123.56, 2, "g"), "+   123.56    \r\n");
	line_is(out, scale_line_sbi(out, false, SCALE_STABLE, -5, 0, "g"), "-        5 g  \r\n");
	line_is(out, scale_line_sbi(out, true, SCALE_OVER, 0, 0, "g"), "Stat        High    \r\n");
	line_is(out, scale_line_sbi(out, true, SCALE_UNDER, 0, 0, "g"), "Stat        Low     \r\n");
}

static const struct flow_spread none = {0, FLOW_NORMAL};

/* Everything exactly known: what is left is rounding. */
static struct flow_point exact_point(void)
{
	struct flow_point p = FLOW_POINT_DEFAULTS;

	p.sensitivity = p.drift_g = p.noise_g = p.water_read = p.pipe_change = p.air_read = none;
	p.diverter_s = p.timer_s = p.lost_g = p.repeat = none;
	p.resolution_g = 1e-6;
	p.error = 0.0123;
	return p;
}

/* An evaluation written for this test: error of the meter from what the bench reads. */
static double evaluate(const struct flow_point *p, const struct flow_reading *r)
{
	double density = plant_water_density(r->water);
	double kg = (r->after_g - r->before_g) / 1000 / plant_water_shown(r->air, density);
	double litres = kg / density * 1000;
	double shown = (double)(r->pulses - 1) / p->pulses_per_litre * r->seconds /
		       (r->last_edge_s - r->first_edge_s);

	return shown / litres - 1;
}

static void a_point_without_uncertainty_gives_back_the_error_put_in(void **state)
{
	struct flow_point p = exact_point();
	struct flow_reading r;

	(void)state;
	for (uint64_t seed = 1; seed < 100; seed++) {
		plant_flow_point(&p, seed, &r);
		near(evaluate(&p, &r), 0.0123, 1e-9);
		near((double)r.pulses, r.truth.litres * 1200 * 1.0123, 1);
		near(r.truth.litres, 800.0 / 60, 1e-12);
		near((r.after_g - r.before_g) * 1.0010534, 1000 * r.truth.kg, 1e-3);
	}
}

static void a_display_of_a_register_moves_in_its_steps(void **state)
{
	struct flow_point p = exact_point();
	struct flow_reading r;
	double sum = 0;

	(void)state;
	p.register_litres = 1;
	for (uint64_t seed = 1; seed <= 2000; seed++) {
		plant_flow_point(&p, seed, &r);
		near(r.register_after, round(r.register_after), 0);
		near(r.register_after - r.register_before, r.truth.litres * 1.0123, 1);
		sum += r.register_after - r.register_before;
	}
	near(sum / 2000, r.truth.litres * 1.0123, 0.05);
}

/* Each source alone moves the result by what the model equation says. */
static void every_source_moves_the_result_by_its_sensitivity(void **state)
{
	struct flow_reading r;
	struct flow_point p = exact_point();
	double e;

	(void)state;
	p.diverter_s.u = 0.05;
	plant_flow_point(&p, 11, &r);
	e = evaluate(&p, &r);
	near((1 + e) / 1.0123 - 1, -r.truth.diverter_s / 60, 1e-6);
	p = exact_point();
	p.sensitivity.u = 1e-3;
	plant_flow_point(&p, 12, &r);
	near((1 + evaluate(&p, &r)) / 1.0123 - 1, -r.truth.sensitivity, 1e-5);
	p = exact_point();
	p.lost_mean_g = 13.3;
	plant_flow_point(&p, 13, &r);
	near((1 + evaluate(&p, &r)) / 1.0123 - 1, 13.3 / (r.truth.kg * 1000 + 13.3), 2e-6);
	p = exact_point();
	p.water_read.u = 0.5;
	plant_flow_point(&p, 14, &r);
	near((1 + evaluate(&p, &r)) / 1.0123 - 1, -2.1e-4 * (r.water - 20), 3e-5);
}

/* The sources' shares of u(E), by hand. */
static double combined(const struct flow_point *p, const struct flow_reading *r)
{
	double g = r->after_g - r->before_g, litres = g / 998;
	double u[] = {p->sensitivity.u, p->drift_g.u / g, p->noise_g.u * sqrt(2) / g,
		p->resolution_g / sqrt(6) / g, 2.1e-4 * p->water_read.u,
		2.1e-4 * p->pipe_litres / litres * p->pipe_change.u, p->air_read.u * (1 / 998.2 - 1 / 8000.0),
		p->diverter_s.u / r->seconds, p->lost_g.u / g, p->repeat.u};
	double sum = 0;

	for (size_t i = 0; i < sizeof(u) / sizeof(*u); i++)
		sum += u[i] * u[i];
	return sqrt(sum);
}

static void an_honest_budget_covers_the_truth_in_95_of_100_points(void **state)
{
	struct flow_point p = FLOW_POINT_DEFAULTS;
	struct flow_reading r;
	int inside = 0, n = 20000;
	double sum = 0, squares = 0;

	(void)state;
	p.error = -0.02;
	for (int i = 0; i < n; i++) {
		double z;

		plant_flow_point(&p, (uint64_t)i, &r);
		z = (evaluate(&p, &r) - r.truth.error) / combined(&p, &r);
		inside += fabs(z) <= 1.96;
		sum += z;
		squares += z * z;
	}
	near((double)inside / n, 0.95, 0.006);
	near(sum / n, 0, 0.03);
	near(squares / n, 1, 0.05);
}

static void a_seed_always_gives_the_same_point_and_another_gives_another(void **state)
{
	struct flow_point p = FLOW_POINT_DEFAULTS;
	struct flow_reading a, b;

	(void)state;
	plant_flow_point(&p, 77, &a);
	plant_flow_point(&p, 78, &b);
	assert_true(a.water != b.water && a.truth.repeat != b.truth.repeat);
	plant_flow_point(&p, 77, &b);
	assert_memory_equal(&a, &b, sizeof(a));
}

static void two_thousand_points_take_less_than_a_second(void **state)
{
	struct flow_point p = FLOW_POINT_DEFAULTS;
	struct flow_reading r;
	clock_t from = clock();

	(void)state;
	for (uint64_t seed = 0; seed < 2000; seed++)
		plant_flow_point(&p, seed, &r);
	assert_true((double)(clock() - from) / CLOCKS_PER_SEC < 1);
}

static void the_plant_is_the_same_however_its_steps_were_asked_for(void **state)
{
	struct plant_flow_config config = config_of(9);
	struct plant_flow *a = open_plant(&config, 250, 0.6), *b = open_plant(&config, 250, 0.6);
	struct flow_truth ta, tb;

	(void)state;
	plant_diverter_command(plant_flow_diverter(a), true, 0);
	plant_diverter_command(plant_flow_diverter(b), true, 0);
	run_until(a, 60 * S);
	for (nanos t = 0; t <= 60 * S; t += 130 * NANOS_PER_MS)
		run_until(b, t);
	run_until(b, 60 * S);
	ta = truth(a);
	tb = truth(b);
	assert_true(ta.tank_kg == tb.tank_kg && ta.litres == tb.litres && ta.lph == tb.lph);
	assert_true(ta.water == tb.water && ta.evaporated_kg == tb.evaporated_kg && ta.tank_kg > 10);
	plant_flow_close(a);
	plant_flow_close(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(densities_are_tanakas),
		cmocka_unit_test(a_scale_shows_water_less_its_buoyancy),
		cmocka_unit_test(the_published_set_points_give_the_published_flows),
		cmocka_unit_test(every_flow_from_15_to_3125_lph_can_be_set),
		cmocka_unit_test(the_tank_holds_the_integral_of_the_mass_flow_that_was_diverted),
		cmocka_unit_test(nothing_is_lost_but_what_is_said_to_be),
		cmocka_unit_test(a_pipe_that_becomes_warmer_gives_off_water),
		cmocka_unit_test(a_full_tank_overflows_says_so_and_loses_the_rest),
		cmocka_unit_test(what_a_diverter_adds_is_the_difference_of_its_delays),
		cmocka_unit_test(a_stuck_flap_stays_where_it_is_and_then_goes_where_it_was_sent),
		cmocka_unit_test(a_meter_shows_flow_times_gain_plus_offset_and_nothing_below_its_start),
		cmocka_unit_test(a_scale_rests_one_and_a_half_seconds_after_the_last_change),
		cmocka_unit_test(a_scale_shows_its_load_with_sensitivity_offset_and_drift),
		cmocka_unit_test(sics_lines_are_those_of_the_manual),
		cmocka_unit_test(sbi_lines_are_those_of_the_manual),
		cmocka_unit_test(a_point_without_uncertainty_gives_back_the_error_put_in),
		cmocka_unit_test(a_display_of_a_register_moves_in_its_steps),
		cmocka_unit_test(every_source_moves_the_result_by_its_sensitivity),
		cmocka_unit_test(an_honest_budget_covers_the_truth_in_95_of_100_points),
		cmocka_unit_test(a_seed_always_gives_the_same_point_and_another_gives_another),
		cmocka_unit_test(two_thousand_points_take_less_than_a_second),
		cmocka_unit_test(the_plant_is_the_same_however_its_steps_were_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

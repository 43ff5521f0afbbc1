/*
 * make_run.h - writes a pump test as a run of the store, with known truth: the published medians of the
 * 2023 comparison, dead time 3 s, time constant 2.5 s, noise, quantised readings, status codes after a
 * start.
 */
#ifndef HEATBENCH_TESTS_MAKE_RUN_H
#define HEATBENCH_TESTS_MAKE_RUN_H

#include <stdbool.h>
#include <stdint.h>
#include <stddef.h>

#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/store/run.h"
#include "tests/analytics/random.h"

#include <stdio.h>
#include <string.h>

struct made_run {
	int pumps, valves, set_points; /* at most 2, 2, 6 */
	int repeats;		       /* of the whole sweep; 0 means 1 */
	int samples;		       /* per step, at 1 Hz; 0 means 30 */
	double noise;		       /* l/h; 0 means 3. Power has a sixth */
	bool no_reference, no_codes;
	bool no_clean_end;
	bool standby;	/* a stretch with the pump told to stop, relay still closed, before each sweep */
	int dead_step;	/* step (from 1) whose readings all time out; 0: none */
	int alarm_step; /* step in which the read-back stays at 85 and nothing flows; 0: none */
	uint64_t seed;
	const struct run_limit *limit;
	int limits;
	const char *due; /* of the reference meter's certificate; NULL: none */
};

/* pump 0 is awmt, 1 wilo; valve 0 open, 1 throttled */
static const int set_points[6] = {100, 250, 400, 550, 700, 850};
/* BENCHES: steady medians of the 2023 comparison, awmt and wilo, open and throttled */
static const double flows[2][2][6] = {
	{{1215, 1058, 899, 724, 566, 422}, {790, 687, 583, 480, 383, 294}},
	{{1119, 995, 770, 544, 338, 0}, {791, 649, 505, 369, 241, 0}},
};
static const double powers[2][2][6] = {
	{{49.5, 38, 26, 17, 9, 9}, {43.5, 33, 22, 14, 10, 8}},
	{{43, 38.5, 31, 22, 12, 4}, {31, 26, 22, 15, 8, 4}},
};

struct maker {
	const struct made_run *want;
	struct run *run;
	uint64_t random;
	int64_t tick, step;
	double flow[2], power[2]; /* where each pump stands */
	bool codes;		  /* just started */
};

enum { DUTY, RELAY, FEEDBACK, FLOW, OWN }; /* channels of one pump */

static const char *const pump_names[2] = {"awmt", "wilo"};

static int define_pumps(struct maker *m, struct error *e)
{
	for (int p = 0; p < m->want->pumps; p++) {
		struct run_dut dut = {.kind = "pump", .profile = "wilo-ipwm1", .firmware = "1.7"};

		dut.serial_origin = ORIGIN_TYPED;
		dut.firmware_origin = ORIGIN_MEASURED;
		text_copy(dut.name, sizeof(dut.name), pump_names[p]);
		snprintf(dut.serial, sizeof(dut.serial), "P-%04d", 17 + p);
		if (run_define_dut(m->run, &dut, e) < 0)
			return -1;
	}
	return 0;
}

static int define_channels(struct maker *m, struct error *e)
{
	static const struct {
		const char *role, *quantity, *unit, *kind;
		double resolution, uncertainty;
	} own[OWN] = {
		{"duty", "pump speed", "permille", "setpoint", 1, NAN},
		{"relay", "relay", "", "state", 1, NAN},
		{"feedback", "feedback power", "W", "gauge", 0.1, 1},
		{"flow", "volume flow", "l/h", "gauge", 0.618, 15},
	};

	for (int i = 0; i < m->want->pumps * OWN; i++) {
		const char *pump = pump_names[i / OWN], *role = own[i % OWN].role;
		struct run_channel c = {.group = "scan", .device = -1, .origin = ORIGIN_SIMULATED, .certificate = -1};

		c.resolution = own[i % OWN].resolution;
		c.uncertainty = own[i % OWN].uncertainty;
		snprintf(c.name, sizeof(c.name), "%s_%s", pump, role);
		text_copy(c.dut, sizeof(c.dut), pump);
		text_copy(c.role, sizeof(c.role), role);
		text_copy(c.quantity, sizeof(c.quantity), own[i % OWN].quantity);
		text_copy(c.unit, sizeof(c.unit), own[i % OWN].unit);
		text_copy(c.kind, sizeof(c.kind), own[i % OWN].kind);
		if (run_define_channel(m->run, &c, e) < 0)
			return -1;
	}
	return 0;
}

static int define(struct maker *m, struct error *e)
{
	struct run_certificate certificate = {.id = "K-1234", .laboratory = "a laboratory", .points = "[]"};
	struct run_channel power = {.name = "power", .quantity = "active power", .unit = "W", .kind = "gauge"};

	certificate.U = 0.2;
	certificate.k = 2;
	text_copy(certificate.date, sizeof(certificate.date), "2025-01-15");
	text_copy(certificate.due, sizeof(certificate.due), m->want->due ? m->want->due : "");
	text_copy(power.group, sizeof(power.group), "scan");
	text_copy(power.role, sizeof(power.role), "power");
	power.device = -1;
	power.origin = ORIGIN_SIMULATED;
	power.resolution = 0.01;
	power.uncertainty = NAN;
	power.certificate = m->want->due ? 0 : -1;
	if (define_pumps(m, e) < 0 || (m->want->due && run_define_certificate(m->run, &certificate, e) < 0))
		return -1;
	for (int i = 0; i < m->want->limits; i++)
		if (run_define_limit(m->run, &m->want->limit[i], e) < 0)
			return -1;
	if (define_channels(m, e) < 0 || (!m->want->no_reference && run_define_channel(m->run, &power, e) < 0))
		return -1;
	return run_define_group(m->run, "scan", 1, e);
}

static double digitise(double value, double digit)
{
	return digit * round(value / digit);
}

/* One second: the pump that runs at `pump`, commanded `duty`, `since` its last change. */
static int second(struct maker *m, int pump, double duty, bool relay, double flow, double power, int since,
	bool dead, struct error *e)
{
	double values[2 * OWN + 1] = {0}, noise = m->want->noise > 0 ? m->want->noise : 3;
	uint8_t quality[2 * OWN + 1] = {0};
	int n = m->want->pumps * OWN + !m->want->no_reference;
	double step = since > 3 ? 1 - exp(-1 / 2.5) : 0;

	m->flow[pump] += (flow - m->flow[pump]) * step;
	m->power[pump] += (power - m->power[pump]) * step;
	for (int p = 0; p < m->want->pumps; p++) {
		double *own = values + (ptrdiff_t)p * OWN;
		bool on = p == pump && relay;

		own[DUTY] = p == pump ? duty : 1000;
		own[RELAY] = on;
		own[FLOW] = on && m->flow[p] > 0.5
				    ? fmax(0, digitise(m->flow[p] + noise * random_normal(&m->random), 0.618))
				    : 0;
		own[FEEDBACK] = on ? digitise(m->power[p] + noise / 6 * random_normal(&m->random), 0.1) : 0;
		if (on && m->codes && since <= 3) {
			own[FEEDBACK] = (double[]){0, 80, 84, 122}[since];
			own[FLOW] = 0;
		}
		if (on && dead)
			for (int i = FEEDBACK; i <= FLOW; i++) {
				own[i] = NAN;
				quality[p * OWN + i] = QUALITY_TIMEOUT;
			}
	}
	if (!m->want->no_reference)
		values[n - 1] =
			relay ? digitise(m->power[pump] + 0.8 + 0.1 * random_normal(&m->random), 0.01) : 0;
	return run_put_scan(m->run, 0, m->tick++, values, quality, n, e);
}

static int one_step(struct maker *m, int pump, int valve, int i, struct error *e)
{
	struct run_step step = {.number = ++m->step,
		.set_point = set_points[i],
		.unit = "permille",
		.first_tick = m->tick,
		.done = 1};
	int samples = m->want->samples > 0 ? m->want->samples : 30;
	bool alarm = m->want->alarm_step == step.number;

	snprintf(step.name, sizeof(step.name), "%s at %d", pump ? "wilo" : "awmt", set_points[i]);
	text_copy(step.dut, sizeof(step.dut), pump ? "wilo" : "awmt");
	text_copy(step.valve, sizeof(step.valve), valve ? "throttled" : "open");
	step.last_tick = m->tick + samples - 1;
	if (alarm) {
		m->flow[pump] = 0;
		m->power[pump] = 85;
	}
	if (run_put_step(m->run, &step, e) < 0)
		return -1;
	for (int s = 0; s < samples; s++)
		if (second(m, pump, set_points[i], true, alarm ? 0 : flows[pump][valve][i],
			    alarm ? 85 : powers[pump][valve][i], s, m->want->dead_step == step.number, e) < 0)
			return -1;
	m->codes = false;
	return run_commit(m->run, e);
}

static int sweep(struct maker *m, int pump, int valve, struct error *e)
{
	m->flow[pump] = m->power[pump] = 0;
	for (int s = 0; s < 20 && m->want->standby; s++)
		if (second(m, pump, 1000, true, 0, 1.5, 10, false, e) < 0)
			return -1;
	m->codes = !m->want->no_codes;
	for (int i = 0; i < m->want->set_points; i++)
		if (one_step(m, pump, valve, i, e) < 0)
			return -1;
	for (int s = 0; s < 10; s++)
		if (second(m, pump, 1000, false, 0, 0, 10, false, e) < 0)
			return -1;
	return 0;
}

static int fill(struct maker *m, struct error *e)
{
	struct run_segment segment = {.boot_id = "boot", .utc = INT64_C(1700000000) * NANOS_PER_S};
	struct run_health health = {.bus = "odu",
		.transactions = 720,
		.utilisation = 0.12,
		.lateness = {0, 0, 0, 0, 10, 200, 400, 100, 10}};

	memset(segment.bench_digest, 'a', 64);
	if (define(m, e) < 0 || run_begin_segment(m->run, &segment, e) < 0)
		return -1;
	for (int r = 0; r < (m->want->repeats ? m->want->repeats : 1); r++)
		for (int p = 0; p < m->want->pumps; p++)
			for (int v = 0; v < m->want->valves; v++)
				if (sweep(m, p, v, e) < 0)
					return -1;
	if (run_put_health(m->run, &health, e) < 0 ||
		run_put_event(m->run, 5 * NANOS_PER_S, 5, "info", "session", "valve <open> & ready", e) < 0)
		return -1;
	return run_commit(m->run, e);
}

/* Makes the run below `folder`; its path in `path`. */
static int make_run(const struct made_run *want, const char *folder, char *path, size_t size, struct error *e)
{
	struct run_about about = {.bench = "pump",
		.label = "known truth",
		.procedure = "pump-sweep.lua",
		.operator= "test",
		.host = "here",
		.software = "test",
		.command = "test_evaluate",
		.time_zone = "UTC",
		.origin = ORIGIN_SIMULATED,
		.seed = (int64_t)want->seed,
		.utc = INT64_C(1700000000) * NANOS_PER_S,
		.period = NANOS_PER_S};
	struct maker m = {.want = want, .random = want->seed * UINT64_C(2654435761) + 1};

	if (run_create(&m.run, folder, &about, 0, e) < 0)
		return -1;
	text_copy(path, size, run_path(m.run));
	if (fill(&m, e) < 0) {
		run_abandon(m.run);
		return -1;
	}
	if (want->no_clean_end) {
		run_abandon(m.run);
		return 0;
	}
	return run_finish(m.run, about.utc + m.tick * NANOS_PER_S, "complete", "", e);
}

#endif

/*
 * rig.h - a weighing rig without wires: what a run would hold of collections whose truth is known. In memory, so that
 * thousands take seconds; and knobs for everything that may go wrong.
 */
#ifndef HEATBENCH_TESTS_FLOW_RIG_H
#define HEATBENCH_TESTS_FLOW_RIG_H

#include "analytics/core/weighing.h"
#include "benches/flow/evaluate.h"
#include "daq/base/text.h"
#include "tests/analytics/random.h"
#include "tests/check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Standard uncertainties of what is drawn once for a calibration (common) and for each trial. */
struct rig_spread {
	double scale, air, water, density, diverter; /* relative, kg/m3, K, relative, s (of both switches) */
	double line, noise, edge, repeat, splash;    /* K, kg, s, relative, kg */
	bool rectangular;			     /* all but noise and repeat */
};

enum rig_fault {
	RIG_SOUND,
	RIG_INTERRUPTED, /* the step ended before the tank was weighed again */
	RIG_UNSTABLE,	 /* no stable reading after */
	RIG_OVERLOAD,
	RIG_DRIFT,    /* 1 g/s after */
	RIG_NO_PULSE, /* the counter stands still */
	RIG_BACK,     /* the counter goes back */
	RIG_TWICE,    /* the diverter is switched to the tank twice */
	RIG_ELSEWHERE /* its contact says bypass */
};

struct rig {
	double lph, seconds;
	double error;	/* of the meter, relative: what has to be found */
	double pulses;	/* imp/l */
	double digit;	/* kg */
	double line;	/* l */
	double water;	/* degC */
	int trials;
	struct rig_spread u;
	enum rig_fault fault;
	int fault_trial; /* from 0 */
	bool standing, no_edges;
	const char *due; /* of the scale's certificate; NULL: none */
	uint64_t seed;
};

enum { RIG_WEIGHT, RIG_STATE, RIG_DIVERTER, RIG_CONTACT, RIG_WATER, RIG_COUNT, RIG_VOLUME, RIG_EDGE, RIG_CHANNELS };

struct rig_common {
	double scale, air, water, density, diverter;
};

static inline double rig_draw(uint64_t *random, double u, bool rectangular)
{
	return rectangular ? u * sqrt(3) * (2 * random_uniform(random) - 1) : u * random_normal(random);
}

static inline void rig_channels(struct stored_run *run, const struct rig *rig)
{
	static const struct {
		const char *name, *role, *unit, *kind;
	} rows[RIG_CHANNELS] = {{"weight", "weight", "kg", "gauge"}, {"weight_state", "weight_state", "1", "state"},
		{"diverter", "diverter", "1", "setpoint"}, {"contact", "diverter_state", "1", "state"},
		{"water", "water_temperature", "degC", "gauge"}, {"meter_count", "count", "imp", "counter"},
		{"meter_volume", "volume", "l", "counter"}, {"meter_edge", "last_edge", "s", "gauge"}};

	run->channels = RIG_CHANNELS - rig->no_edges;
	run->channel = calloc(RIG_CHANNELS, sizeof(*run->channel));
	for (int i = 0; i < run->channels; i++) {
		struct run_channel *c = &run->channel[i];

		*c = (struct run_channel){.group = "scan", .device = -1, .certificate = -1, .resolution = NAN, .uncertainty = NAN};
		text_copy(c->name, sizeof(c->name), rows[i].name);
		text_copy(c->role, sizeof(c->role), rows[i].role);
		text_copy(c->unit, sizeof(c->unit), rows[i].unit);
		text_copy(c->kind, sizeof(c->kind), rows[i].kind);
		if (i >= RIG_COUNT)
			text_copy(c->dut, sizeof(c->dut), "meter");
	}
	run->channel[RIG_WEIGHT].resolution = rig->digit;
	if (rig->due) {
		run->certificates = 1;
		run->certificate = calloc(1, sizeof(*run->certificate));
		run->certificate[0].U = 0.002;
		run->certificate[0].k = 2;
		text_copy(run->certificate[0].due, sizeof(run->certificate[0].due), rig->due);
		run->channel[RIG_WEIGHT].certificate = 0;
	}
	run->channel[RIG_WATER].uncertainty = rig->u.water > 0 ? 2 * rig->u.water : 0.02;
}

static inline void rig_table(struct stored_run *run, int64_t rows)
{
	struct run_table *t = calloc(1, sizeof(*t));

	text_copy(t->group, sizeof(t->group), "scan");
	t->every = 1;
	t->columns = run->channels;
	t->rows = rows;
	t->channel = calloc((size_t)t->columns, sizeof(*t->channel));
	t->tick = calloc((size_t)rows, sizeof(*t->tick));
	t->time = calloc((size_t)rows, sizeof(*t->time));
	t->value = calloc((size_t)t->columns, sizeof(*t->value));
	t->quality = calloc((size_t)t->columns, sizeof(*t->quality));
	t->value[0] = calloc((size_t)(rows * t->columns), sizeof(double)); /* one block, as the store makes them */
	t->quality[0] = calloc((size_t)(rows * t->columns), 1);
	for (int c = 0; c < t->columns; c++) {
		t->channel[c] = c;
		t->value[c] = t->value[0] + c * rows;
		t->quality[c] = t->quality[0] + c * rows;
	}
	for (int64_t i = 0; i < rows; i++) {
		t->tick[i] = i;
		t->time[i] = (double)i;
	}
	run->table = t;
	run->tables = 1;
}

/* A trial's ticks: 10 before, what it takes, 8 for the scale to rest, 10 after. */
static inline int64_t rig_ticks(const struct rig *rig)
{
	return 10 + (int64_t)ceil(rig->seconds) + 8 + 10;
}

static inline void rig_event(struct stored_run *run, double at, const char *text)
{
	struct run_event *event = &run->event[run->events++];

	event->at = llround(at * 1e9);
	event->tick = (int64_t)floor(at);
	text_copy(event->source, sizeof(event->source), "procedure");
	text_copy(event->text, sizeof(event->text), text);
}

static inline void rig_mark(struct stored_run *run, const char *name, int64_t step, int64_t first, int64_t last)
{
	struct run_mark *mark = &run->mark[run->marks++];

	*mark = (struct run_mark){.step = step, .first_tick = first, .last_tick = last};
	text_copy(mark->name, sizeof(mark->name), name);
}

/* Pulses: instants at even distances, with a phase by chance; those of a standing start begin and end within. */
static inline void rig_pulses(struct run_table *t, const struct rig *rig, int64_t base, double opened, double litres,
	double start_count, double jitter, double phase, uint64_t *random)
{
	double apart = rig->seconds / (litres * rig->pulses), last = base - 5.0, count = start_count;
	int64_t end = base + rig_ticks(rig);

	for (int64_t i = base; i < end; i++) {
		double from = rig->standing ? opened : (double)base - 5, to = rig->standing ? opened + rig->seconds : 1e18;
		double n = floor((fmin((double)i, to) - from) / apart + phase);

		if (n >= 1) {
			count = start_count + n;
			last = from + (n - phase) * apart + jitter * random_normal(random);
		}
		t->value[RIG_COUNT][i] = count;
		t->value[RIG_VOLUME][i] = count / rig->pulses;
		if (!rig->no_edges)
			t->value[RIG_EDGE][i] = last;
	}
}

static inline void rig_break(struct stored_run *run, const struct rig *rig, int trial, int64_t base)
{
	struct run_table *t = run->table;
	int64_t end = base + rig_ticks(rig), full = end - 10;

	if (trial != rig->fault_trial)
		return;
	for (int64_t i = base; i < end; i++) {
		bool after = i >= full;

		if (rig->fault == RIG_UNSTABLE && after)
			t->value[RIG_STATE][i] = 1;
		if (rig->fault == RIG_OVERLOAD && after)
			t->value[RIG_STATE][i] = 2;
		if (rig->fault == RIG_DRIFT && after)
			t->value[RIG_WEIGHT][i] += 0.001 * (double)(i - full);
		if (rig->fault == RIG_NO_PULSE)
			t->value[RIG_COUNT][i] = t->value[RIG_VOLUME][i] = 7;
		if (rig->fault == RIG_BACK && i > base + 20)
			t->value[RIG_COUNT][i] -= 1000;
		if (rig->fault == RIG_ELSEWHERE)
			t->value[RIG_CONTACT][i] = 0;
	}
	if (rig->fault == RIG_INTERRUPTED) {
		run->marks--;
		run->step[trial].done = 0;
	}
	if (rig->fault == RIG_TWICE) {
		rig_event(run, (double)base + 20, "diverter = 0");
		rig_event(run, (double)base + 25, "diverter = 1");
	}
}

static inline void rig_trial(struct stored_run *run, const struct rig *rig, const struct rig_common *c, int trial,
	uint64_t *random)
{
	struct run_table *t = run->table;
	int64_t base = trial * rig_ticks(rig), collect = base + 10, full = base + rig_ticks(rig) - 10;
	double opened = (double)base + 9.3, litres = rig->lph * rig->seconds / 3600;
	double density = weighing_water(rig->water, 0) * (1 + c->density), beta = weighing_expansion(rig->water);
	double out = litres * (rig->standing ? 1 : 1 + c->diverter / rig->seconds) +
		     rig->line * beta * rig_draw(random, rig->u.line, rig->u.rectangular);
	double mass = out * density / 1000 - rig_draw(random, rig->u.splash, rig->u.rectangular);
	double reading = mass / weighing_buoyancy(1.2 + c->air, density) * (1 + c->scale);
	double counted = litres * (1 + rig->error + rig->u.repeat * random_normal(random)), empty = 0.5 + 0.01 * trial;
	double dust = rig->digit * random_uniform(random);

	for (int64_t i = base; i < full + 10; i++) {
		double w = (i < collect ? empty : empty + reading) + dust + rig->u.noise * random_normal(random);

		t->value[RIG_WEIGHT][i] = rig->digit * round(w / rig->digit);
		t->value[RIG_STATE][i] = i >= collect && i < full;
		t->value[RIG_DIVERTER][i] = t->value[RIG_CONTACT][i] = i >= collect && i < full - 8;
		t->value[RIG_WATER][i] = rig->water + c->water;
	}
	rig_pulses(t, rig, base, opened, counted, 1000.0 * trial * rig->pulses, rig->u.edge, random_uniform(random), random);
	run->step[trial] = (struct run_step){.number = trial + 1, .unit = "l/h", .set_point = rig->lph, .first_tick = base,
		.last_tick = full + 9, .done = 1};
	snprintf(run->step[trial].name, sizeof(run->step[trial].name), "Q3 run %d", trial + 1);
	rig_mark(run, "empty", trial + 1, base, base + 9);
	rig_mark(run, "collect", trial + 1, collect, full - 9);
	rig_mark(run, "full", trial + 1, full, full + 9);
	if (!rig->standing) {
		rig_event(run, opened, "diverter = 1");
		rig_event(run, opened + rig->seconds, "diverter = 0");
	}
	rig_break(run, rig, trial, base);
}

static inline struct rig_common rig_common(const struct rig *rig, uint64_t *random)
{
	bool r = rig->u.rectangular;

	return (struct rig_common){rig_draw(random, rig->u.scale, r), rig_draw(random, rig->u.air, r),
		rig_draw(random, rig->u.water, r), rig_draw(random, rig->u.density, r), rig_draw(random, rig->u.diverter, r)};
}

/* A calibration of one meter at one flow, as it would be read from the store. */
static inline struct stored_run rig_run(const struct rig *rig)
{
	struct stored_run run = {.path = "rig", .duts = 1, .segments = 1, .steps = rig->trials};
	uint64_t random = rig->seed * UINT64_C(2654435761) + 88172645463325252u;
	struct rig_common common;

	for (int i = 0; i < 20; i++)
		random_uniform(&random);
	common = rig_common(rig, &random);
	run.summary.about = (struct run_about){.bench = "flow", .utc = INT64_C(1700000000) * NANOS_PER_S, .period = NANOS_PER_S};
	run.summary.ended_utc = run.summary.about.utc + NANOS_PER_S;
	text_copy(run.summary.verdict, sizeof(run.summary.verdict), "complete");
	run.dut = calloc(1, sizeof(*run.dut));
	text_copy(run.dut[0].name, sizeof(run.dut[0].name), "meter");
	text_copy(run.dut[0].kind, sizeof(run.dut[0].kind), "flow_meter");
	run.segment = calloc(1, sizeof(*run.segment));
	run.segment[0].utc = run.summary.about.utc;
	run.step = calloc((size_t)rig->trials, sizeof(*run.step));
	run.mark = calloc((size_t)rig->trials * 3, sizeof(*run.mark));
	run.event = calloc((size_t)rig->trials * 4, sizeof(*run.event));
	rig_channels(&run, rig);
	rig_table(&run, rig->trials * rig_ticks(rig));
	for (int i = 0; i < rig->trials; i++)
		rig_trial(&run, rig, &common, i, &random);
	return run;
}

static inline struct flow_evaluation rig_evaluated(const struct rig *rig, const char *settings)
{
	struct evaluation_options options = {.settings = settings};
	struct stored_run run = rig_run(rig);
	struct flow_evaluation ev;
	struct error e = ERROR_INIT;

	must(flow_evaluate_stored(&ev, &run, &options, &e));
	return ev;
}

#endif

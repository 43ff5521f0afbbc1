/*
 * dry.h - a procedure run dry: time passes on paper, measure returns nominal values, nothing is touched.
 */
#ifndef HEATBENCH_ACQUIRE_DRY_H
#define HEATBENCH_ACQUIRE_DRY_H

#include "daq/acquire/bench.h"
#include "daq/acquire/target.h"

enum { DRY_STEPS = 10000 };

struct dry {
	const struct bench *bench;
	nanos elapsed;
	int steps, asks;
	bool touched[BENCH_CHANNELS]; /* outputs that the procedure sets */
	double output[BENCH_CHANNELS];
	/* What a listing wants to hear; may be NULL. */
	void (*say)(void *self, nanos at, const char *text);
	void *say_self;
	/* What is measured, and in which step; may be NULL. */
	void (*measured)(void *self, const struct target_step *step, const char *name, nanos duration);
	void *measured_self;
	struct target_step step;
	nanos transaction; /* assumed time of one set */
};

/* Clears it and fills `out`. */
void dry_target(struct dry *dry, const struct bench *bench, struct target *out);

/* A channel's value in a dry run: its nominal, else the map's, else the middle of its range, else 0. */
double dry_nominal(const struct bench *bench, int channel);

#endif

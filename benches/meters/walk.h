/*
 * walk.h - once through a run of weeks, some hours at a time: every instant of every rate group, in order.
 */
#ifndef HEATBENCH_METERS_WALK_H
#define HEATBENCH_METERS_WALK_H

#include "benches/meters/heat_pump.h"

/* Readings of clock_offset: a CiC's clock against ours. */
struct meters_clock {
	int channel;
	int64_t readings, room;
	double *time, *offset; /* s since 1970, s */
};

enum { METERS_PUMPS = 64, METERS_CLOCKS = 16 };

struct meters_walk {
	struct meters_pump *pump;
	int pumps;
	struct meters_clock clock[METERS_CLOCKS];
	int clocks;
};

/* Gives every pump all its samples. `walk` has its pumps begun; its clocks are filled, and the caller frees them with
 * meters_walk_free(). Errors: ERROR_IO, ERROR_SYSTEM. */
int meters_walk(struct meters_walk *walk, const struct stored_run *run, struct run_reader *reader, struct error *e);
void meters_walk_free(struct meters_walk *walk);

#endif

/*
 * excitation.h - stretches in which the set point never rests: what the pump does with it, as a model.
 *
 * A step is one under excitation when its duty differs from that of the sample before at most of its samples.
 * All of one pump and valve position go into one model; pauses, flagged readings, and read-backs that are
 * status codes break it into stretches.
 */
#ifndef HEATBENCH_PUMP_EXCITATION_H
#define HEATBENCH_PUMP_EXCITATION_H

#include "analytics/core/arx.h"
#include "benches/pump/step.h"

enum { PUMP_EXCITATION_LEAST = 20 }; /* samples; fewer are no excitation */

bool pump_excited(const struct stored_run *run, const struct run_step *step);

/* The answers that are modelled: enum pump_quantity PUMP_FLOW and PUMP_FEEDBACK. */
enum { PUMP_ANSWERS = 2 };

struct pump_dynamics {
	char dut[32], valve[24];
	double period; /* s between samples: the median */
	size_t rows, samples; /* rows: with one of NaN between stretches */
	double *time;	      /* s in the run's time */
	double *duty;
	double *answer[PUMP_ANSWERS], *free_run[PUMP_ANSWERS];
	int channel[PUMP_ANSWERS]; /* -1: not measured */
	struct arx model[PUMP_ANSWERS];
};

/* One for each pump and valve position with such steps. Free with pump_dynamics_free(). ERROR_SYSTEM. */
int pump_dynamics_make(struct pump_dynamics **out, int *count, const struct stored_run *run,
	const struct pump_step *step, int steps, struct error *e);
void pump_dynamics_free(struct pump_dynamics *dynamics, int count);

#endif

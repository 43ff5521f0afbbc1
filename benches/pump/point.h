/*
 * point.h - one operating point (device, valve position, set point): its steps pooled, with a budget for
 * each quantity.
 */
#ifndef HEATBENCH_PUMP_POINT_H
#define HEATBENCH_PUMP_POINT_H

#include "analytics/core/uncertainty.h"
#include "benches/pump/step.h"

#define PUMP_LEVEL 0.95 /* of all expanded uncertainties */

enum { PUMP_BUDGET = 7 };

struct pump_value {
	bool known; /* at least one step gives a mean that stands */
	int steps;  /* pooled */
	int64_t n;  /* samples behind it */
	double n_effective;
	double value, sd; /* sd: of a sample, pooled over the steps */
	double half;	  /* mean of the last halves */
	double u_here,
		dof_here; /* without the instrument's uncertainty: for comparisons with the same instrument */
	struct uncertainty total;
	int rows;
	struct uncertainty_row row[PUMP_BUDGET];
	bool instrument_known;
	bool certificate_expired;
};

struct pump_point {
	char dut[32], valve[24], unit[16];
	double set_point;
	int steps;	       /* all of this point, usable or not */
	int first;	       /* index of the first of them */
	bool unfinished;       /* one of them did not end as it should */
	enum pump_state state; /* of the steps; the worst where they differ */
	char why[320];
	struct pump_value quantity[PUMP_QUANTITIES];
	struct pump_value gap; /* read-back minus reference */
};

/* Groups steps into points, in the order of their first steps. The caller frees *out. ERROR_SYSTEM. */
int pump_points_make(struct pump_point **out, int *count, const struct stored_run *run,
	const struct pump_step *step, int steps, struct error *e);

#endif

/*
 * compare.h - valve against valve (ratio) and pump against pump (difference), each with its interval.
 */
#ifndef HEATBENCH_PUMP_COMPARE_H
#define HEATBENCH_PUMP_COMPARE_H

#include "benches/pump/point.h"

/* Flow throttled / open of one pump at one set point. Both readings come from the same sensor, whose
 * proportional error cancels: the interval holds scatter, approach and resolution only. */
struct pump_ratio {
	const struct pump_point *open, *throttled;
	struct stats_interval flow; /* NaN where one of them does not flow */
};

/* Pump a minus pump b at one set point and valve position, after Welch. The instruments' uncertainty is in it
 * unless both were measured with one and the same channel. */
struct pump_difference {
	const struct pump_point *a, *b;
	enum pump_quantity quantity;
	struct stats_interval value;
};

/* Arrays for the caller to free. ERROR_SYSTEM. */
int pump_ratios_make(
	struct pump_ratio **out, int *count, const struct pump_point *point, int points, struct error *e);
int pump_differences_make(struct pump_difference **out, int *count, const struct stored_run *run,
	const struct pump_point *point, int points, struct error *e);

#endif

/*
 * period.h - a heat pump's day (UTC), or its whole run: energy, heat, coefficient of performance, each with an interval, and how
 * much of the time stands behind them.
 */
#ifndef HEATBENCH_METERS_PERIOD_H
#define HEATBENCH_METERS_PERIOD_H

#include "benches/meters/heat_pump.h"

/* What energy and heat of a heat pump are taken from; -1: it has nothing of the kind. */
struct meters_choice {
	int electric, heat; /* enum meters_quantity */
};

struct meters_value {
	double value, U; /* kWh, or a ratio; NaN: not known */
};

struct meters_period {
	int pump;
	int64_t day;	 /* since 1970; -1: the whole run */
	double from, to; /* s since 1970 */
	double amount[QUANTITIES], covered[QUANTITIES]; /* kWh or m3; % of the period; NaN: no such quantity */
	struct meters_value electric, heat, cop;
	double electric_covered, heat_covered;		 /* %: of what was chosen */
	double electric_gap, heat_gap;			 /* s: longest; of a day, the part inside the run */
	bool decided; /* both are covered as far as they have to be */
	char why[160]; /* why not; "" */
};

struct meters_choice meters_choose(const struct meters_pump *pump, const struct meters_settings *settings);

/* The whole run of a pump, or one of its days. */
struct meters_period meters_whole(const struct meters_pump *pump, int index, struct meters_choice choice);
struct meters_period meters_day(const struct meters_pump *pump, int index, struct meters_choice choice, int64_t day);

/* "2024-01-31"; "whole run" for -1. Returns `out`. */
const char *meters_day_name(char out[16], int64_t day);

#endif

/*
 * affinity.h - through a fixed valve the flow throttled / open should not depend on speed (Q ~ n): does it?
 */
#ifndef HEATBENCH_PUMP_AFFINITY_H
#define HEATBENCH_PUMP_AFFINITY_H

#include "analytics/core/constancy.h"
#include "benches/pump/compare.h"

#define PUMP_AFFINITY_P 0.05 /* a smaller chance: the ratios differ by more than their uncertainties */

struct pump_affinity {
	char dut[32];
	struct constancy test;
	double furthest;     /* of one ratio from the mean, as a share of the mean, with sign */
	double furthest_U;   /* expanded, of that */
	double furthest_at;  /* set point */
};

/* One for each pump with at least two ratios. Caller frees. ERROR_SYSTEM. */
int pump_affinities_make(
	struct pump_affinity **out, int *count, const struct pump_ratio *ratio, int ratios, struct error *e);

#endif

/*
 * acceptance.h - a pump's curves against what was promised for it: guarantee point with the tolerances of ISO
 * 9906, and energy efficiency index. Both tables are from memory: unverified.
 */
#ifndef HEATBENCH_PUMP_ACCEPTANCE_H
#define HEATBENCH_PUMP_ACCEPTANCE_H

#include "benches/pump/curve.h"

#define PUMP_ACCEPTANCE_SOURCE "unverified table"

/* Where the measured curve passes the guarantee point G. NaN: outside what was measured. */
struct pump_guarantee {
	const struct pump_curve *curve;
	struct stats_interval head; /* at the flow of G: the vertical arm of the tolerance cross */
	struct stats_interval flow; /* at the head of G: the horizontal arm */
	double met_flow, met_head;  /* where the curve meets the line from the origin through G */
	struct stats_interval power, efficiency; /* there */
};

/* Of the pump's curve that the settings name; false: they promise nothing for it, or it has no fitted curve. */
bool pump_guarantee_find(struct pump_guarantee *out, const struct pump_curve *curve, int curves, const char *dut,
	const struct pump_settings *settings);

struct pump_eei {
	char dut[32];
	const struct pump_curve *strongest; /* where flow times head is largest */
	double flow100, head100, hydraulic; /* that point: m3/h, m, W */
	bool at_the_edge; /* the largest product is at an end of what was measured: may lie beyond */
	double reference; /* W */
	double flow[EEI_LOADS], head[EEI_LOADS], load[EEI_LOADS]; /* control line, and P_L there in W */
	struct stats_interval index; /* NaN: a load was not measured */
};

/* One for each pump with a fitted curve; a load between two curves is interpolated over head. Caller frees. */
int pump_eei_make(struct pump_eei **out, int *count, const struct pump_curve *curve, int curves, struct error *e);

#endif

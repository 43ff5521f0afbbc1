/*
 * hydraulics.h - what a pump does to water, and how it is accepted: pure functions.
 *
 * Units: flow m3/h, pressure Pa, head m, power W, speed 1/min, lengths m, density kg/m3. NaN where something
 * is not known.
 */
#ifndef HEATBENCH_PUMP_HYDRAULICS_H
#define HEATBENCH_PUMP_HYDRAULICS_H

#include <stdbool.h>

#define HYDRAULICS_G 9.80665 /* m/s2, standard gravity (CGPM 1901) */

/* Between the pressure taps: from inlet to outlet. Diameters 0 or NaN: the same on both sides. */
struct pump_taps {
	double elevation; /* m, outlet tap above inlet tap */
	double inlet, outlet; /* m, inner diameters of the pipe at the taps */
};

/* Total head H = dp/(rho g) + dz + (v2^2 - v1^2)/(2 g), v = Q/A (ISO 9906, unverified: from memory). */
double pump_head(double dp, double flow, double density, const struct pump_taps *taps);

/* P_h = rho g Q H: 2.724 W for 1 m3/h at 1 m and 1000 kg/m3. */
double pump_hydraulic_power(double flow, double head, double density);

/* Affinity laws, from the speed at which it was measured to another: Q ~ n, H ~ n^2, P ~ n^3 (unverified). */
struct pump_operation {
	double flow, head, power;
};
struct pump_operation pump_at_speed(struct pump_operation measured, double from, double to);

/* ---- Acceptance. All tables from memory of ISO 9906:2012, Table 8: unverified. ---- */

/* Allowed deviations from the guarantee point, as fractions of it. */
struct pump_grade {
	const char *name; /* "1B", "1E", "1U", "2B", "2U", "3B" */
	double flow_min, flow_max, head_min, head_max; /* tau_Q, tau_H */
	double power_max, efficiency_min;	       /* tau_P, tau_eta */
};
const struct pump_grade *pump_grade_find(const char *name); /* NULL: none of that name */

/* ---- Energy efficiency index: Regulation (EC) 641/2009 as amended by (EU) 622/2012, EN 16297-1 and -2, from
 * memory: unverified. ---- */

/* Pref = 1.7 Phyd + 17 (1 - e^(-0.3 Phyd)), Phyd in W from 1 to 2500; NaN outside. */
double eei_reference_power(double hydraulic);

/* Head of the control line at a share (0 to 1) of the flow Q100: from H100/2 at no flow to H100. */
double eei_reference_head(double share, double head100);

/* What a power counts for at a load: P H_ref/H where the measured head is below the line, else P. */
double eei_load_power(double power, double head, double reference_head);

enum { EEI_LOADS = 4 };
extern const double eei_share[EEI_LOADS], eei_weight[EEI_LOADS]; /* 100, 75, 50, 25 %; 6, 15, 35, 44 % */

/* EEI = 0.49 sum(weight_i P_L,i) / Pref of a pump that stands by itself; load powers in the order of eei_share. */
double eei_index(const double load_power[EEI_LOADS], double hydraulic);

#endif

/*
 * curve.h - head, power and efficiency over flow, where the differential pressure over the pump is measured
 * (a channel with role "dp").
 *
 * One curve for each pump and set point, through its valve positions: H = h0 + h1 Q + h2 Q^2 and P likewise by
 * least squares, each operating point reduced to the curve's speed first where a channel with role "speed" is
 * there (affinity laws); without one a set point is taken to be one speed.
 */
#ifndef HEATBENCH_PUMP_CURVE_H
#define HEATBENCH_PUMP_CURVE_H

#include "analytics/core/lsq.h"
#include "benches/pump/point.h"
#include "benches/pump/pump_settings.h"

struct pump_curve_point {
	const struct pump_point *point;
	double flow, head, power;	/* m3/h, m, W */
	double flow_u, head_u, power_u; /* standard uncertainties, instruments included */
	double flow_dof, head_dof, power_dof;
	double hydraulic;		/* W */
	struct stats_interval efficiency;
};

struct pump_curve {
	char dut[32], unit[16]; /* unit of the set point */
	double set_point;
	int n;
	struct pump_curve_point *at; /* by rising flow */
	double speed;		     /* 1/min; NaN: not measured */
	bool reference_power;	     /* else the pump's own read-back */
	double temperature, density; /* degC, kg/m3 */
	bool temperature_measured;
	struct lsq head, power;	   /* of 1, Q, Q^2; known from four points on */
	double flow_min, flow_max; /* measured */
	double flow_s, head_s, power_s; /* of that, standard uncertainty that all points share: the instruments' */
	double best_flow, best_efficiency; /* of the fits, inside what was measured; NaN: no fit */
};

/* Errors: ERROR_DATA (units that are none of pressure, flow or power), ERROR_SYSTEM. *count is 0 where no dp
 * is measured. */
int pump_curves_make(struct pump_curve **out, int *count, const struct stored_run *run,
	const struct pump_point *point, int points, const struct pump_settings *settings, struct error *e);
void pump_curves_free(struct pump_curve *curve, int count);

/* The fits; NaN where there is none. */
double pump_curve_head(const struct pump_curve *c, double flow);
double pump_curve_power(const struct pump_curve *c, double flow);
double pump_curve_efficiency(const struct pump_curve *c, double flow);

/* Whether a flow lies within what was measured (and 2 % beyond). */
bool pump_curve_covers(const struct pump_curve *c, double flow);

#endif

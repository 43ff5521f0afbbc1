/*
 * whole.h - one meter over all its set points: how its readings follow the reference, how well both agree, and what
 * correction would help.
 *
 * Lines through (reference, reading) of all trials in l/h. Agreement by set point as subject, in l/h and in %.
 * Correction: true = gain x reading + offset, by least squares of the relative residuals
 *	1 = gain (reading/reference) + offset (1/reference)
 * so that each trial counts alike in percent, whatever its flow. The gain's interval holds what all trials share
 * (calibration of the reference, density) as well; the lines' and the agreement's intervals hold scatter only.
 */
#ifndef HEATBENCH_FLOW_WHOLE_H
#define HEATBENCH_FLOW_WHOLE_H

#include "analytics/core/agreement.h"
#include "analytics/core/line_fit.h"
#include "analytics/core/lsq.h"
#include "benches/flow/point.h"

struct flow_correction {
	struct lsq fit; /* gain, offset (l/h) */
	struct stats_interval gain, offset;
	double residual_sd;	    /* % */
	double worst_before, worst; /* % of the points, largest without and with it */
	double rms_before, rms;	    /* % over the trials */
	bool called_for;	    /* gain differs from 1 or offset from 0 by more than its interval */
};

struct flow_whole {
	int dut;
	enum flow_method method;
	int n;			    /* trials with an error */
	double *reference, *reading, *error; /* [n] */
	int *subject;			     /* [n]: point */
	struct line_fit ordinary, deming;
	struct agreement absolute, relative; /* l/h, % */
	struct flow_correction correction;
};

/* One for each meter and method that has a trial with an error. Caller frees with flow_wholes_free(). */
int flow_wholes_make(struct flow_whole **out, int *count, const struct stored_run *run, const struct flow_trial *trial,
	int trials, const struct meter_point *point, int points, const struct flow_settings *settings, struct error *e);
void flow_wholes_free(struct flow_whole *whole, int count);

/* Error in % that is left of a reading when it is corrected. */
double flow_corrected(const struct flow_correction *correction, double reading, double reference);

#endif

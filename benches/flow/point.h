/*
 * point.h - one meter at one set point: its trials pooled, with the whole budget of the error.
 *
 * The error is the mean of the trials' errors. Of m trials with random contributions u_j each and common ones c_i:
 *	u_c^2 = sum c_i^2 + sum u_j^2/m^2 + max(0, s^2 - mean u_j^2)/m
 * the last term being what the trials scatter beyond what each is uncertain by itself (variance components by
 * moments, as s_L^2 in ISO 5725-2). s is the repeatability. It is s^2/m that is known with m - 1 degrees of freedom; a
 * part f of it has (m - 1) f^2, so that the sum after Welch and Satterthwaite comes out right.
 */
#ifndef HEATBENCH_FLOW_POINT_H
#define HEATBENCH_FLOW_POINT_H

#include "benches/flow/trial.h"

enum { FLOW_BUDGET = FLOW_ROWS + 1 };

struct meter_point {
	int dut;
	enum flow_method method;
	char unit[16]; /* of the set point */
	double set_point;
	int first;	/* index of its first trial */
	int trials, used; /* all; those with an error */
	bool known, doubtful;
	char why[240];
	double error;	      /* %, mean of the trials */
	double repeatability; /* %, standard deviation of the trials; NaN: fewer than two */
	double reference, reading; /* l/h, means */
	double difference, difference_U; /* l/h */
	double temperature;
	double mpe; /* %, of the class; NaN: none */
	int64_t n;  /* samples or pulses */
	double n_reference; /* independent readings of the reference, or collections */
	struct ttest paired, pooled; /* comparison: over the independent readings of all trials */
	double mean_error, median_error, volume_error; /* comparison: by either statistic, by totals; means of the trials */
	struct uncertainty total;
	int rows;
	struct uncertainty_row row[FLOW_BUDGET];
	bool shared[FLOW_BUDGET]; /* rows that all trials share */
	bool reference_known; /* the scale's or reference meter's calibration is in the budget */
};

/* Groups trials by meter, method and set point, in the order in which they come. Caller frees. ERROR_SYSTEM. */
int meter_points_make(struct meter_point **out, int *count, const struct stored_run *run, const struct flow_trial *trial,
	int trials, const struct flow_settings *settings, struct error *e);

/* Whether a trial belongs to a point. */
bool meter_point_has(const struct meter_point *point, const struct stored_run *run, const struct flow_trial *trial);

/* "calibration": a row that says how well the reference itself is known. */
bool flow_row_is_reference(const char *name);

#endif

/*
 * trial.h - one meter in one step: what it showed, what the reference says, and what each is uncertain by.
 *
 * Errors are in percent of the reference: E = 100 (reading - reference)/reference. Every contribution is a row whose
 * sensitivity turns it into that percent; rows that are new in every trial (`random`) shrink by pooling repeats,
 * those that all trials share do not.
 */
#ifndef HEATBENCH_FLOW_TRIAL_H
#define HEATBENCH_FLOW_TRIAL_H

#include "analytics/core/stored_run.h"
#include "analytics/core/ttest.h"
#include "analytics/core/uncertainty.h"
#include "benches/flow/flow_settings.h"

#define FLOW_LEVEL 0.95 /* of all expanded uncertainties */

enum { FLOW_ROWS = 16 };

enum flow_method { FLOW_GRAVIMETRIC, FLOW_COMPARISON };

struct flow_row {
	struct uncertainty_row row;
	bool random;
};

struct flow_rows {
	int n;
	struct flow_row row[FLOW_ROWS];
};

/* What a comparison adds: samples and what they are worth. */
struct flow_samples {
	size_t n;			 /* of both that were used */
	double n_reading, n_reference;	 /* independent readings */
	double mean, median;		 /* errors in % by either statistic */
	double mean_reading, median_reading, mean_reference, median_reference; /* l/h */
	double sd_reading, sd_reference; /* l/h */
	double volume_error;		 /* % by totals of both over the window; NaN where not both have one */
	double from, to;		 /* s in the run's time */
	struct ttest paired, pooled;
};

struct flow_trial {
	int step, dut; /* indices into the run */
	int number;    /* of this set point's trials, from 1 */
	enum flow_method method;
	bool known;    /* there is an error of measurement; else the trial is refused: why */
	bool doubtful; /* it may not be judged: why */
	char why[240];
	double reference, reading; /* l/h */
	double error;		   /* % */
	double temperature;	   /* degC; NaN: not measured */
	double volume;		   /* l that passed the meter, by the reference; NaN: comparison */
	double volume_reading;	   /* l that the meter counted */
	double pulses, k_factor;   /* imp, imp/l; NaN: it has none */
	bool expired;		   /* a certificate had */
	struct flow_samples samples;
	struct flow_rows rows;
};

/* A contribution with its sensitivity; nothing for one that is zero (below 1e-6 %) or not
 * known. */
void flow_row_add(struct flow_rows *rows, const char *name, double value, enum distribution distribution,
	double divisor, double sensitivity, double dof, bool random);

/* Adds a reason to `why`, once. */
void flow_say(char why[240], const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A trial of which nothing is known yet. */
struct flow_trial flow_trial_new(int step, int dut, enum flow_method method);

/* How well a channel is known: standard uncertainty times `*divisor` in its unit, from what it says, else its
 * certificate; NaN: not at all. Notes an expired certificate. */
double flow_instrument(const struct stored_run *run, int channel, double *divisor, bool *expired);

/* The meter of one comparison step (comparison.c) against the reference meter. Errors: ERROR_SYSTEM. */
int flow_compare(struct flow_trial *out, const struct stored_run *run, const struct flow_settings *settings,
	double hold_period, struct error *e);

/* Seconds between refreshes of a reference that holds its value; NaN: it does not. Errors: ERROR_SYSTEM. */
int flow_hold(double *period, const struct stored_run *run, struct error *e);

#endif

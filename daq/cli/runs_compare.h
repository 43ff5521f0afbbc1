/*
 * runs_compare.h - two runs of one bench, set point by set point: what `heatbench runs compare` holds and shows.
 *
 * The values are the results[] of each run's newest report.json. The difference B - A has the interval
 * U = k sqrt(u_A^2 + u_B^2) with u = U/k of each report; each k gives its degrees of freedom back (it is the
 * 95 % factor of Student's t), and those of the difference are Welch's and Satterthwaite's. The level is such
 * that all intervals hold together with 95 % (Bonferroni: 1 - 0.05/m each for m of them), so that one set point
 * in twenty does not differ by chance alone. Both are taken as independent: what the runs share, such as the
 * calibration of the same instrument, makes the interval wider than it need be, never narrower.
 */
#ifndef HEATBENCH_CLI_RUNS_COMPARE_H
#define HEATBENCH_CLI_RUNS_COMPARE_H

#include "daq/store/reader.h"

#include <jansson.h>
#include <stdbool.h>

struct compare_side {
	char path[4400];
	const char *name; /* as on the command line */
	struct run_summary summary;
	struct run_dut *dut;
	struct run_device *device;
	int duts, devices;
	char limits[65], procedure[65], bench[65]; /* digests; "" without one */
	json_t *report;
	int evaluation; /* its number */
};

struct compare_condition {
	char what[64], a[160], b[160];
};

enum compare_outcome { COMPARE_SAME, COMPARE_DIFFERS, COMPARE_ONLY_A, COMPARE_ONLY_B, COMPARE_NO_INTERVAL };

struct compare_value {
	double value, U, k; /* NaN: not known */
};

struct compare_row {
	char dut[32], quantity[48], valve[24], unit[16], set_point_unit[16];
	double set_point;
	struct compare_value a, b; /* in `unit`, that of A */
	double difference, U, k, dof;
	enum compare_outcome outcome;
};

struct comparison {
	struct compare_side a, b;
	struct compare_condition *condition;
	struct compare_row *row;
	int conditions, rows;
	int compared, differ;
	double level; /* of each interval */
	bool same_bench, enough;
};

/* Reads a run and its newest report; evaluates it first where there is none. */
int compare_side_read(struct compare_side *side, const char *path, const char *name, struct error *e);
void compare_side_free(struct compare_side *side);

/* What was otherwise than in the other run. */
int compare_conditions(struct comparison *c, struct error *e);

/* Matches the results and judges every pair. */
int compare_rows(struct comparison *c, struct error *e);

const char *compare_outcome_name(enum compare_outcome outcome);
void compare_print(const struct comparison *c);
int compare_print_json(const struct comparison *c, struct error *e);

#endif

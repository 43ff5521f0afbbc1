/*
 * evaluate.h - what reference meters measured of heat pumps: from a stored run to energy, heat and coefficients of performance
 * by day with intervals, cross-checks, and from these and the limits to a verdict. Reads only; docs/evaluation-meters.md is
 * its manual.
 */
#ifndef HEATBENCH_METERS_EVALUATE_H
#define HEATBENCH_METERS_EVALUATE_H

#include "analytics/core/evaluation.h"
#include "analytics/core/report.h"
#include "benches/meters/cross_check.h"
#include "benches/meters/walk.h"

/* A CiC's clock against ours. */
struct clock_summary {
	int channel;
	int64_t readings;
	double median, least, most; /* s; NaN: no reading */
	double drift;		    /* s a day, least squares; NaN: fewer than two instants */
};

/* By how much what a CiC shows of a heat pump's electric power comes later than the meter. */
struct meters_skew {
	int pump;
	enum meters_view view;
	struct skew skew;
};

struct meters_evaluation {
	struct stored_run run; /* without samples */
	struct meters_settings settings; /* what counts for all */
	struct meters_settings own[METERS_PUMPS]; /* of each of walk.pump */
	struct heat_medium medium[METERS_PUMPS];  /* likewise */
	struct meters_walk walk;
	struct meters_choice choice[METERS_PUMPS];
	int wholes, days, checks, clocks, results, limits;
	struct meters_period *whole, *day; /* [pumps]; by pump, then day */
	struct meters_check *check;
	struct meters_skew *skew; /* [skews]: of every pump that has an electricity meter, each view that its CiC gives */
	int skews;
	struct clock_summary clock[METERS_CLOCKS];
	struct report_result *result;
	const struct run_limit *limit;
	const char *limit_file;
	enum verdict verdict;
	char sentence[400];
};

/* Evaluates a run. Errors: ERROR_DATA (no heat pump, no channel of a meter, a unit), ERROR_CONFIG (settings), ERROR_IO. */
int meters_evaluate(struct meters_evaluation *out, struct run_reader *reader, const struct evaluation_options *options,
	struct error *e);
void meters_evaluation_free(struct meters_evaluation *ev);

/* Fills ev->result, verdict and sentence (judge.c). Errors: ERROR_DATA, ERROR_SYSTEM. */
int meters_judge(struct meters_evaluation *ev, struct error *e);

/* The whole way: opens `run_path`, evaluates, draws the figures and writes days.csv into `folder` (an existing one; NULL: none)
 * and fills the report. `options` may be NULL. The caller frees it with report_free(). */
int meters_evaluate_run(struct report *out, const char *run_path, const char *folder, const struct evaluation_options *options,
	struct error *e);

/* Whether such settings can be read: before anything is made. Errors: ERROR_CONFIG. */
int meters_check_settings(const char *settings, struct error *e);

#endif

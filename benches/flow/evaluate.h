/*
 * evaluate.h - the flow rig's measurand and verdict: from a stored run to error curves with intervals, and from these
 * and the limits to passed, failed or undecided. Reads only; docs/evaluation-flow.md is its manual.
 */
#ifndef HEATBENCH_FLOW_EVALUATE_H
#define HEATBENCH_FLOW_EVALUATE_H

#include "analytics/core/evaluation.h"
#include "analytics/core/report.h"
#include "benches/flow/collection.h"
#include "benches/flow/whole.h"

struct flow_evaluation {
	struct stored_run run;
	struct flow_settings settings;
	int collections, trials, points, wholes, results, limits;
	int *collected; /* [collections]: step */
	struct flow_collection *collection;
	struct flow_trial *trial;
	struct meter_point *point;
	struct flow_whole *whole;
	double hold; /* s between refreshes of a reference that holds its value; NaN: it does not, or there is none */
	struct report_result *result;
	struct run_limit *limit; /* those that were applied, class limits among them */
	const char *limit_file;
	enum verdict verdict;
	char sentence[400];
};

/* Evaluates a run. Errors: ERROR_DATA (no meter under test, nothing collected or compared), ERROR_CONFIG (settings),
 * ERROR_IO. */
int flow_evaluate(struct flow_evaluation *out, struct run_reader *reader, const struct evaluation_options *options,
	struct error *e);
/* The same of a run that was read already; it is taken over, and freed also where this fails. */
int flow_evaluate_stored(struct flow_evaluation *out, struct stored_run *run, const struct evaluation_options *options,
	struct error *e);
void flow_evaluation_free(struct flow_evaluation *ev);

/* Fills ev->result, verdict and sentence (judge.c). Errors: ERROR_DATA, ERROR_SYSTEM. */
int flow_judge(struct flow_evaluation *ev, struct error *e);

/* Limits of the class that the settings name, as far as there are points for them (judge.c): at most two a point. */
int flow_class_limits(struct run_limit *out, const struct flow_evaluation *ev);

/* The whole way: opens `run_path`, evaluates, draws the figures into `folder` (an existing one; NULL: none)
 * and fills the report. `options` may be NULL. The caller frees it with report_free(). */
int flow_evaluate_run(struct report *out, const char *run_path, const char *folder,
	const struct evaluation_options *options, struct error *e);

/* Whether such settings can be read: before anything is made. Errors: ERROR_CONFIG. */
int flow_check_settings(const char *settings, struct error *e);

/* What is said of it (flow_report.c). Errors: ERROR_SYSTEM. */
int flow_report(struct report *out, const struct flow_evaluation *ev, const char *folder,
	const struct evaluation_options *options, struct error *e);

#endif

/*
 * evaluate.h - the pump test's measurand and verdict: from a stored run to numbers with intervals, and from
 * these and the limits to passed, failed or undecided. Reads only; docs/evaluation-pump.md is its manual.
 */
#ifndef HEATBENCH_PUMP_EVALUATE_H
#define HEATBENCH_PUMP_EVALUATE_H

#include "analytics/core/evaluation.h"
#include "analytics/core/report.h"
#include "benches/pump/acceptance.h"
#include "benches/pump/affinity.h"
#include "benches/pump/finding.h"
#include "benches/pump/line.h"

struct pump_options {
	const struct run_limit *limit; /* instead of the run's own; NULL: these */
	int limits;
	const char *limit_file; /* where they came from, for the report; NULL */
	const char *command;	/* how to do this again, for the report; NULL */
	const struct pump_settings *settings; /* of the rig and the guarantee; NULL: pump_settings_default() */
};

struct pump_evaluation {
	struct stored_run run;
	int steps, points, ratios, differences, results;
	struct pump_step *step;
	struct pump_point *point;
	struct pump_ratio *ratio;	    /* point into `point` */
	struct pump_difference *difference; /* likewise */
	int dynamics_count, lines, affinities, curves, guarantees, eeis, findings; /* what the run has data for */
	struct pump_settings settings;
	struct pump_dynamics *dynamics;
	struct pump_line *line;
	struct pump_affinity *affinity;
	struct pump_curve *curve;
	struct pump_guarantee *guarantee; /* points into `curve`, as eei does */
	struct pump_eei *eei;
	struct pump_finding *finding;
	struct report_result *result;
	struct run_limit *limit; /* those that were applied */
	int limits;
	const char *limit_file;
	enum verdict verdict; /* passed, failed or undecided */
	bool incomplete;      /* no clean end, or changed since: undecided at best */
	char sentence[400];
};

/* Evaluates a run. Errors: ERROR_DATA (nothing under test, a limit in a unit that does not convert), ERROR_IO. */
int pump_evaluate(struct pump_evaluation *out, struct run_reader *reader, const struct pump_options *options,
	struct error *e);
void pump_evaluation_free(struct pump_evaluation *ev);

/* The whole way: opens `run_path`, evaluates, draws the figures into `folder` (an existing one; NULL: none)
 * and fills the report. `options` may be NULL. The caller frees it with report_free(). */
int pump_evaluate_run(struct report *out, const char *run_path, const char *folder,
	const struct evaluation_options *options, struct error *e);

/* Whether such settings can be read: before anything is made. Errors: ERROR_CONFIG. */
int pump_check_settings(const char *settings, struct error *e);

#endif

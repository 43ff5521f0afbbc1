/*
 * replay_study.h - the same logs through two estimators, from run folders to a verdict.
 */
#ifndef HEATBENCH_ACCURACY_REPLAY_STUDY_H
#define HEATBENCH_ACCURACY_REPLAY_STUDY_H

#include "analytics/accuracy/comparison.h"
#include "analytics/accuracy/release_data.h"
#include "analytics/accuracy/replay.h"
#include "analytics/core/report.h"

enum replay_quantity { REPLAY_ENERGY, REPLAY_DAILY_ERROR, REPLAY_QUANTITIES };

struct replay_options {
	const char *const *run;
	int runs;
	const char *old_model, *new_model; /* files, or "reported" */
	struct release_rules rules;
	struct comparison_rules comparison; /* accuracy_rules() */
	struct study_options study;
	const char *command;
};

struct replay_study {
	struct replay_options options;
	struct study study;
	struct release_model old, fresh;
	int pumps;		    /* of the study, in its order */
	struct replay_pump *pump;   /* [pumps + 1], last all of them */
	bool *there;		    /* [pumps + 1] */
	char (*why)[320];	    /* [pumps], where not there */
	bool *has_reference;	    /* [pumps] */
	double *skew;		    /* [pumps], s, applied */
	int uncovered;		    /* days of which too little counts for a pair */
	int without;		    /* pairs of days without reference, left out where others have one */
	struct release_metric metric[REPLAY_QUANTITIES]; /* |error| by day only where there is a reference */
	bool incomplete, referenced;
	enum release_verdict verdict;
	char sentence[400];
};

/* Errors: as study_load() and model_load(); ERROR_CONFIG (two targets); ERROR_DATA (no heat pump has what both estimators need). */
int replay_run(struct replay_study *out, const struct replay_options *options, struct error *e);
void replay_free(struct replay_study *r);

/* As abba_report(). */
int replay_report(struct report *out, const struct replay_study *r, const char *folder, struct error *e);

#endif

/*
 * abba_study.h - runs under two firmware releases that took turns day by day, held against each other.
 */
#ifndef HEATBENCH_ACCURACY_ABBA_STUDY_H
#define HEATBENCH_ACCURACY_ABBA_STUDY_H

#include "analytics/accuracy/abba.h"
#include "analytics/accuracy/comparison.h"
#include "analytics/accuracy/release_data.h"
#include "analytics/core/report.h"

enum abba_quantity { ABBA_ELECTRICITY, ABBA_HEAT, ABBA_COP, ABBA_QUANTITIES };

struct abba_options {
	const char *const *run[2]; /* under the old release, under the new */
	int runs[2];
	const char *const *model; /* files, or "reported"; at most one for each target */
	int models;
	const char *label[2];	  /* "" or what to call the releases; else their firmware as the runs name it */
	struct release_rules rules;
	int apart;		  /* days that a pair may be apart */
	struct comparison_rules comparison; /* accuracy_rules(): of its `covered` days are made; skew is nothing to a day */
	struct study_options study; /* zone: NULL that of the first old run */
	const char *command;	  /* for the report; NULL */
};

struct abba_unit {
	char name[32], serial[64];
	int pump[2]; /* in the studies */
	char firmware[2][64];
};

struct abba_study {
	struct abba_options options;
	struct study study[2];
	char label[2][64];
	int units;
	struct abba_unit unit[RELEASE_UNITS];
	char alone[320]; /* heat pumps of one side only; "" */
	int models;
	struct release_model model[2];
	struct {
		int days;
		struct abba_day *day; /* that count */
		struct abba_design design;
		int uncovered[2]; /* days of which too little counts */
	} of[ABBA_QUANTITIES];
	struct release_metric metric[ABBA_QUANTITIES];
	bool same_firmware, incomplete;
	enum release_verdict verdict;
	char sentence[400];
};

/* Errors: as study_load() and model_load(); ERROR_USAGE (no runs, two models of one target); ERROR_DATA (no heat pump under both releases, one
 * name for two serial numbers, both releases claim the same hours of a heat pump, nothing that can be compared). */
int abba_run(struct abba_study *out, const struct abba_options *options, struct error *e);
void abba_free(struct abba_study *a);

/* Figures and CSV files land in `folder` (an existing one; NULL: neither). The caller frees it with report_free(). */
int abba_report(struct report *out, const struct abba_study *a, const char *folder, struct error *e);

#endif

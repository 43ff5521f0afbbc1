/*
 * study_pump.h - a heat pump's columns under construction: run after run, from the tables of its rate groups.
 */
#ifndef HEATBENCH_ACCURACY_STUDY_PUMP_H
#define HEATBENCH_ACCURACY_STUDY_PUMP_H

#include "analytics/accuracy/study.h"

enum { STUDY_GROUPS = 32 };

/* One run, opened: its tables hold the channels that roles want. */
struct study_source {
	const struct stored_run *stored;
	int tables;
	const struct run_table *table;
	double origin; /* s since 1970 of the tables' times */
	int run;       /* index in study.run */
	double bridge;
};

/* Rows that were read, and what was taken away: of one heat pump, added up afterwards, because heat pumps are worked on by several threads. */
struct study_tally {
	int64_t scans, rows[EXCLUSIONS];
	double seconds[EXCLUSIONS];
};

/* Appends the rows of the device under test of its name. Rows that lie before the pump's last one are counted as overlapping or going back, not kept.
 * Errors: ERROR_DATA (a unit), ERROR_SYSTEM. */
int study_pump_append(struct study_pump *p, const struct study_source *from, struct study_tally *tally, struct error *e);
void study_pump_free(struct study_pump *p);

/* Median of the distances of ascending instants (of the first few thousand); NaN for fewer than two. */
double study_spacing(const double *t, int64_t n);

#endif

/*
 * replay.h - two estimators on the same rows: where the new one differs from the old, and which of them is nearer to the reference.
 *
 * Rows count where both estimators have a value and nothing else speaks against the row. What is said of energy and of differences between the
 * two is over all of them; what is said of errors is over those that have a reference.
 */
#ifndef HEATBENCH_ACCURACY_REPLAY_H
#define HEATBENCH_ACCURACY_REPLAY_H

#include "analytics/accuracy/exclusion.h"
#include "analytics/accuracy/metrics.h"
#include "analytics/accuracy/model.h"
#include "analytics/accuracy/regime.h"

#include <stdbool.h>

enum { REPLAY_WORST = 10, REPLAY_LEVELS = 4 };

/* Worst rows are at least so far apart, s: one event is one of them. */
#define REPLAY_APART 900.0

struct replay_sums {
	double n, seconds, old_j, new_j; /* rows with both estimates */
	double absolute, square;	 /* of new - old, W, each row once */
	struct error_sums old, fresh;	 /* rows with a reference besides */
};

struct replay_worst {
	double time, old, fresh, reference, outside; /* s since 1970, W, W, W, degC; NaN */
	int pump;
	uint8_t regime;
	signed char old_level, new_level;
};

struct replay_pump {
	struct replay_sums all, regime[REGIMES];
	int days;
	struct replay_sums *day;
	double level[REPLAY_LEVELS][REPLAY_LEVELS];	   /* s: [old level + 1][new level + 1], of all rows that the list of runs does not exclude */
	double level_rows[REPLAY_LEVELS][REPLAY_LEVELS];
	int worst_rows;
	struct replay_worst worst[REPLAY_WORST]; /* by |new - old|, the largest first */
};

/* Columns of one heat pump, [rows] each. */
struct replay_rows {
	int64_t rows;
	const double *time, *step;
	const int *day; /* -1: of none */
	const double *old, *fresh, *reference, *outside; /* NaN; outside may be NULL */
	const signed char *old_level, *new_level;
	const uint8_t *regime, *excluded; /* enum exclusion, whatever the model */
};

/* Once for each heat pump. out->day: [out->days], the caller's, zeroed. */
void replay_add(struct replay_pump *out, const struct replay_rows *rows, int pump);

/* All heat pumps: `to` has the same days. */
void replay_join(struct replay_pump *to, const struct replay_pump *from);

/* What the sums say. */
double replay_energy_of_old(const struct replay_sums *s);	/* (new - old)/old, % */
double replay_energy_of_reference(const struct replay_sums *s); /* (new - old)/reference, %; rows with a reference; NaN */
double replay_rms(const struct replay_sums *s);		/* of new - old, W */

/* Change of the metric from old to new; of bias, NMBE and energy the change of its absolute value. NaN. */
double replay_change(const struct replay_sums *s, enum metric metric);

#endif

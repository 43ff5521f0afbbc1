/*
 * steps.h - the electricity meter's steps of weeks, and what the CiC showed around them: what its skew is measured from.
 *
 * Samples come one after the other; only those within `around` seconds of a step stay, of at most WINDOWS stretches: when there
 * are more, every other one is dropped, and from then on only every other step kept, so that what stays is spread over the run.
 */
#ifndef HEATBENCH_METERS_STEPS_H
#define HEATBENCH_METERS_STEPS_H

#include "analytics/core/skew.h"

#include <stdbool.h>

/* What a CiC shows of the electric power. */
enum meters_view { VIEW_POWER_INPUT, VIEW_VOLT_AMPERE, VIEW_ESTIMATE, VIEWS };

extern const char *const meters_view_names[VIEWS]; /* "power input", "V x I", "estimated power" */

enum { STEPS_WINDOWS = 200, STEPS_REGRESSORS = 2 };

struct steps_sample {
	double t, y;
	float x[STEPS_REGRESSORS]; /* heaters, as the CiC said */
};

struct steps_series {
	struct steps_sample *sample;
	size_t n, room;
};

struct steps_window {
	struct steps_series meter, view[VIEWS];
};

struct meters_steps {
	double least, range, gap; /* W; s searched to either side; s between samples of the meter that are no neighbours */
	struct steps_window recent, window[STEPS_WINDOWS];
	int windows, stride;
	long long seen;	    /* steps */
	bool open;	    /* the last window still takes samples */
	double begun, until; /* s: of the last step's neighbourhood, kept or not */
	bool failed;	    /* memory ran out */
};

void meters_steps_begin(struct meters_steps *s, double least, double range);
void meters_steps_free(struct meters_steps *s);

/* A good sample of the meter (W). Times go on, over all of these. */
void meters_steps_meter(struct meters_steps *s, double time, double power);

/* A good sample of what the CiC shows; `heaters` are its flags, 0 where not known. */
void meters_steps_view(struct meters_steps *s, enum meters_view view, double time, double power, const double *heaters);

/* By how much the view comes later than the meter. Whether they hold their readings is told from them. Errors: ERROR_SYSTEM. */
struct error;
int meters_steps_skew(struct skew *out, const struct meters_steps *s, enum meters_view view, struct error *e);

#endif

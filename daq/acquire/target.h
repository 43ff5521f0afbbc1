/*
 * target.h - what a procedure may ask of whoever runs it: a live session (session.h) or a dry run (dry.h).
 */
#ifndef HEATBENCH_ACQUIRE_TARGET_H
#define HEATBENCH_ACQUIRE_TARGET_H

#include "daq/base/clock.h"
#include "daq/base/quality.h"

#include <stddef.h>

struct bench;
struct error;

/* One channel over a window. */
struct measurement {
	double mean, sd, min, max, last; /* of the good samples; NaN without */
	int good, bad;
};

struct target_step {
	char name[96], dut[32], valve[24], unit[16];
	double set_point; /* NaN: none */
};

struct target {
	const struct bench *bench;
	void *self;
	/* All return 0 or -1; ERROR_STOPPED means the user ended the run, anything else fails the step. */
	int (*set)(void *self, int channel, double value, struct error *e);
	int (*wait)(void *self, nanos duration, struct error *e);
	int (*step)(void *self, const struct target_step *step, struct error *e); /* ends the one before */
	/* out: one for each channel of the bench; `name` may be "" */
	int (*measure)(void *self, const char *name, nanos duration, struct measurement *out, struct error *e);
	/* waits until the channel's spread (max - min) over `window` is at most `band`; fails after `limit` */
	int (*settle)(void *self, int channel, double band, nanos window, nanos limit, struct error *e);
	int (*read)(void *self, int channel, double *value, enum quality *quality, struct error *e);
	int (*ask)(void *self, const char *prompt, char *answer, size_t size, struct error *e);
	int (*note)(void *self, const char *text, struct error *e);
	/* Every call, numbered from 1, before it is carried out: a resumed run answers the calls of its
	 * finished steps from the record. Sets *answer (to be freed) to the recorded JSON, or NULL: do it. */
	int (*recall)(void *self, long call, const char *what, char **answer, struct error *e);
	/* ... and after: the answer as JSON, to be recorded. May be NULL. */
	int (*record)(void *self, long call, const char *what, const char *answer, struct error *e);
};

#endif

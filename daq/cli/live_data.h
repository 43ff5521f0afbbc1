/*
 * live_data.h - the last stretch of a run, as it grows: a ring of rows for each rate group.
 *
 * run.db is opened for each look and closed again, read only: the bench can close its run in place, and a
 * run that is completed or recovered meanwhile is never seen through an old file. Each look reads what is
 * new since the last one. Memory is bounded by the span, not by the run.
 */
#ifndef HEATBENCH_CLI_LIVE_DATA_H
#define HEATBENCH_CLI_LIVE_DATA_H

#include "daq/base/clock.h"
#include "daq/base/settings.h"
#include "daq/store/reader.h"

enum live_state {
	LIVE_RUNNING, /* somebody writes it */
	LIVE_ENDED,   /* a clean end: verdict and why say which */
	LIVE_CUT,     /* no clean end, and nobody writes it */
};

struct live_ring {
	char group[32];
	int columns;
	double pause;		       /* s: rows further apart than this do not belong together */
	int64_t capacity, first, rows; /* row i is at (first + i) % capacity */
	int64_t next_tick;	       /* first one not read yet */
	double *time, *value;	       /* value[row * columns + column] */
	uint8_t *quality;
};

struct live_series { /* a channel that is shown */
	struct run_channel channel;
	int ring, column;
	bool steps; /* holds its value until the next one: a set point, a state */
};

struct live_data {
	char folder[4096], name[256], evaluation[32];
	nanos span;
	struct setting_list *wanted; /* channels; none: all */
	struct run_summary summary;
	enum live_state state;
	struct live_ring *ring;
	struct live_series *series;
	struct run_step *step;
	struct run_segment *segment;
	int rings, serieses, steps, segments;
	double from, to; /* s since the run's start: what there is */
	int64_t looked;	 /* real ms, 0: never */
};

/* The run in this folder; reads nothing yet but what it is. `wanted` must outlive it. Errors: as of
 * run_reader_open(); ERROR_USAGE for a channel that the run has not, with the nearest name. */
int live_data_open(
	struct live_data *data, const char *folder, nanos span, struct setting_list *wanted, struct error *e);
void live_data_close(struct live_data *data);

/* Takes what is new. Errors: ERROR_BUSY, ERROR_IO, ERROR_DATA; what was there stays, and the next look may
 * succeed. */
int live_data_look(struct live_data *data, struct error *e);

/* Row i of a series: its time, its value (NaN: missing) and its quality. */
int64_t live_data_rows(const struct live_data *data, const struct live_series *series);
double live_data_time(const struct live_data *data, const struct live_series *series, int64_t i);
double live_data_value(const struct live_data *data, const struct live_series *series, int64_t i);
enum quality live_data_quality(const struct live_data *data, const struct live_series *series, int64_t i);

/* A tick as seconds since the run's start. */
double live_data_instant(const struct live_data *data, int64_t tick);

/* The step going on at the end of what was read, or NULL. */
const struct run_step *live_data_step(const struct live_data *data);

#endif

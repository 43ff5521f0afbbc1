/*
 * board.h - where bus threads put what they read, and from where scans go to the ring.
 *
 * Tick n of a run is at start + (n - first) * period. A scan of a rate group is complete when every read of
 * that tick has reported, and is closed at the group's next tick at the latest: what is missing then is NaN
 * with quality "gap" (also where nobody reported at all: every tick has its scan), what comes later is counted as
 * late and becomes no value. Thread-safe.
 */
#ifndef HEATBENCH_ACQUIRE_BOARD_H
#define HEATBENCH_ACQUIRE_BOARD_H

#include "daq/acquire/plan.h"
#include "daq/acquire/ring.h"
#include "daq/acquire/target.h"

struct board;

struct board_value {
	double value; /* NaN: none */
	enum quality quality;
	nanos at; /* bench time of the reading; 0: never */
};

/* bench, plan and ring must outlive it. */
int board_open(struct board **out, const struct bench *bench, const struct plan *plan, struct ring *ring,
	struct error *e);
void board_close(struct board *board); /* NULL is fine */

void board_start(struct board *board, nanos start, int64_t first_tick);
nanos board_tick_time(const struct board *board, int64_t tick);
/* Bench time of the segment's first tick: 0 s of what is told as "since the start". */
nanos board_zero(const struct board *board);
/* The first tick that lies after `now`. */
int64_t board_next_tick(const struct board *board, nanos now);

/* A poll of `tick` ended: values and quality of poll->channels channels, read at bench time `at`. */
void board_publish(struct board *board, const struct plan_poll *poll, int64_t tick, nanos at,
	const double *values, const uint8_t *quality);

/* An output was acknowledged by its device, or (value NaN) is not known any more. */
void board_command(struct board *board, int channel, double value, enum quality quality, nanos at);
/* Since `at` it is not known whether a device still has the command it acknowledged last. */
void board_doubt(struct board *board, int channel, nanos at);
double board_commanded(struct board *board, int channel); /* NaN: never */
nanos board_commanded_at(struct board *board, int channel); /* bench time of that acknowledgement; 0: never */

/* Closes every scan whose time is over. */
void board_close_overdue(struct board *board, nanos now);
/* Closes what is open, complete or not: at the end. */
void board_close_all(struct board *board);

/* The latest of every channel (bench->channels of them). Returns the last closed tick, -1 for none. */
int64_t board_snapshot(struct board *board, struct board_value *out);

/* One window at a time: means over the scans of ticks first..last; `wake` is woken when the last is closed.
 * board_window returns true and fills out[channels] once it is complete. */
void board_window_open(struct board *board, int64_t first, int64_t last, struct clock_seat *wake);
bool board_window(struct board *board, struct measurement *out);

struct board_counts {
	int64_t scans, late, not_good;
};
void board_counts(struct board *board, struct board_counts *out);

#endif

/*
 * pulse.h - edges of a meter's pulse output -> pulses: total, rate, and how far to trust them. Pure.
 *
 * Debounce is by width: a level counts once it has lasted `width_min`; its instant is that of the first edge
 * of the burst, which is the contact's. So the count is exact whenever contacts bounce with gaps shorter than
 * width_min and rest longer than it.
 *
 * The rate is counted the reciprocal way: n periods over the time from the first to the last rising edge in
 * the interval, so its resolution is that of the stamps and not one pulse per interval (BENCHES F5: a gate of
 * 1 s is +-1.4 % wrong at 218 l/h). The same edges, count and time, are given out for a collection that is
 * timed by the meter's own edges at its start and end (double timing, as flying start-stop methods of ISO
 * 4185 do).
 */
#ifndef HEATBENCH_DEVICE_PULSE_H
#define HEATBENCH_DEVICE_PULSE_H

#include "daq/base/quality.h"
#include "daq/wire/lines.h"

struct pulse_config {
	nanos width_min;  /* shortest level that is not a bounce; 0: no debounce */
	nanos zero_after; /* without a pulse for so long the rate is 0; before, it only has an upper bound */
	double rate_max;  /* 1/s; a higher one is not plausible; 0: no limit */
};

/* State; begin with pulse_init. */
struct pulse {
	struct pulse_config config;
	uint64_t total;		     /* pulses since init */
	uint64_t bounces;	     /* edges that were debounced away */
	uint64_t lost, lost_before;  /* edges known to be lost; as of the latest reading */
	nanos since;		     /* since when there has been a look at the line */
	bool stable;		     /* level that has lasted */
	bool pending, pending_level; /* the latest edge has not yet lasted */
	bool missed;		     /* in the burst an edge between two of a kind was lost */
	nanos pending_at, burst_at;  /* the latest edge; the first of its burst */
	uint64_t burst_edges;
	uint64_t interval; /* pulses in the interval */
	nanos first, last; /* of the interval; `last` is kept over intervals, `total` > 0 */
	double rate;	   /* the latest that was measured */
	bool has_rate;
};

struct pulse_reading {
	uint64_t total;	   /* pulses since init, each once */
	double rate;	   /* 1/s; NaN: not known yet */
	double bound;	   /* the rate is not higher than this; INFINITY: no bound */
	uint64_t periods;  /* that `rate` was measured over; 0: it was not, in this interval */
	nanos first, last; /* rising edges that enclose them */
	uint64_t lost;	   /* edges lost in the interval */
	enum quality total_quality, rate_quality;
};

/* The line has had `level` at `now`. */
void pulse_init(struct pulse *p, const struct pulse_config *config, bool level, nanos now);

/* Edges in order, as lines_take gives them. */
void pulse_feed(struct pulse *p, const struct edge *edges, int count);

/* What lines_get says: lost_edges since the line was opened. */
void pulse_lost(struct pulse *p, uint64_t lost_edges);

/*
 * Ends the interval that began with the reading before, at `now`, and begins the next.
 *  two pulses or more   rate = (n - 1) / (last - first)                       good
 *  one                  rate = 1 / (time since the pulse before)              good; NaN, gap, if none in
 * zero_after none, for t          rate < 1/t; the earlier rate or that bound            stale none for
 * zero_after  rate = 0                                              good Lost edges make total and rate of
 * the reading that notices them suspect (a difference of totals that does not span that reading is whole); a
 * rate above rate_max is QUALITY_RANGE.
 */
void pulse_read(struct pulse *p, nanos now, struct pulse_reading *out);

#endif

/*
 * hold.h - does a signal hold its value between refreshes (sample and hold), so that most readings of it are the
 * same one again?
 *
 * Told from the distances between changes: those of a signal that is refreshed at a fixed rate are alike and several
 * samples long; those of a quiet signal with coarse digits are short and long by chance. Held: at least three of them,
 * their median is two and a half sampling intervals or more, and nine in ten are at least 0.6 of it. (Two refreshes
 * that give the same digits look like one long distance; that does no harm.)
 */
#ifndef HEATBENCH_CORE_HOLD_H
#define HEATBENCH_CORE_HOLD_H

#include <stdbool.h>
#include <stddef.h>

struct hold {
	bool held;
	double period;	/* s between refreshes, the median; NaN: not held */
	size_t changes;
};

/* t ascending, in seconds; x finite. */
struct hold hold_find(const double *t, const double *x, size_t n);

/* Number of stretches of equal values: the independent readings of a signal that is held. 0 for n = 0. */
size_t hold_readings(const double *x, size_t n);

/* When each refresh was: between the last sample of the old value and the first of the new one, in their middle. Where a value
 * stands for several periods (hold_find), it was refreshed in between with the same digits: those are spread evenly. The first
 * value (begun before the series), and changes and stretches with samples more than `gap` seconds apart, are left out.
 * when[n] (s, ascending), at[n] (a sample that shows it). Returns how many. */
size_t hold_refreshes(const double *t, const double *x, size_t n, double gap, double *when, size_t *at);

#endif

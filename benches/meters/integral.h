/*
 * integral.h - a quantity over weeks: amounts in cells of five minutes UTC, how much of each was covered, and the gaps.
 */
#ifndef HEATBENCH_METERS_INTEGRAL_H
#define HEATBENCH_METERS_INTEGRAL_H

#include <stdbool.h>
#include <stdint.h>

enum { CELL_SECONDS = 300, CELLS_A_DAY = 86400 / CELL_SECONDS };

struct cell {
	double amount;	  /* counted or integrated where it was covered */
	double permitted; /* error of it that the meter's class permits; NaN: not known */
	double seconds;	  /* covered */
	double over_gaps; /* counted over gaps that begin here and end on the same day */
};

struct gap {
	double from, to; /* s since 1970 */
};

struct integral {
	bool used;
	double factor;	/* from value times seconds to the amount's unit */
	double limit;	/* s between good samples from which on it is a gap */
	bool begun;
	double since, time, value, permitted; /* first and last sample */
	int64_t first; /* cell */
	int cells, cells_room, gaps, gaps_room;
	struct cell *cell;
	struct gap *gap;
	double over_days; /* counted over gaps that hold a midnight: of no day */
	bool failed;	  /* memory ran out */
};

/* Sums of some cells. */
struct integral_sum {
	double amount, permitted, seconds, absolute; /* absolute: of the amounts' absolute values */
};

void integral_free(struct integral *x);

/* A good sample of a rate (W, l/h), with the error of it that is permitted: trapezoids between samples that are not too far
 * apart. Times go on. */
void integral_take(struct integral *x, double time, double value, double permitted);

/* A counter's increment: an amount that came evenly, or (covered false) one over a gap; NaN: not known, a gap. */
void integral_count(struct integral *x, double from, double to, double amount, bool covered);

/* Cell `index` (of 300 s since 1970), or NULL: nothing is known of it. */
const struct cell *integral_cell(const struct integral *x, int64_t index);

/* Of the cells [first, end). What was counted over gaps inside one day is in the amount, not in the seconds. */
struct integral_sum integral_sum(const struct integral *x, int64_t first, int64_t end);

/* Of all, with what was counted over gaps that hold a midnight. */
struct integral_sum integral_total(const struct integral *x);

/* Longest part of a gap inside [from, to], which begins and ends with the first and last sample or the bounds. */
double integral_longest_gap(const struct integral *x, double from, double to);

#endif

/*
 * skew_private.h - what the estimator of a skew works on: blocks of readings around the reference's steps,
 * and what is left of each at each shift when its own straight line is taken out.
 */
#ifndef HEATBENCH_CORE_SKEW_PRIVATE_H
#define HEATBENCH_CORE_SKEW_PRIVATE_H

#include "analytics/core/skew.h"

#include <stdbool.h>

/* A little more than SKEW_POINTS: compilers make vector code of loops over whole eights. */
enum { SKEW_ROOM = (SKEW_POINTS + 7) / 8 * 8 };

struct skew_block {
	double from, to; /* of the readings' times */
	size_t steps;
	double weight, sudden; /* sum of the steps' squares; of the squared differences of reference samples
				  within them */
	size_t first, n;       /* readings */
	double *sum; /* [skew_search.sums][SKEW_ROOM]: yy, x y [p], x x [p][p], of what its own line leaves */
	bool follows;
};

struct skew_search {
	const struct skew_series *reference;
	double from, step;	  /* s, of the grid */
	double distance, between; /* s, of reference samples; of readings */
	double refresh_u;	  /* s, by which the instant of a refresh is uncertain */
	double gap;		  /* s, of the reference */
	int p;
	size_t sums; /* 1 + p + p p */
	size_t n;    /* readings of the observed signal */
	double *t, *y, *x[SKEW_REGRESSORS];
	size_t blocks;
	struct skew_block *block;
	double *sum;
};

/* Cuts the blocks and reduces them at every shift. FOUND, or why there is nothing to compare. skew_release()
 * in any case. */
enum skew_state skew_prepare(
	struct skew_search *s, const struct skew_series *observed, const struct skew_options *options);
void skew_release(struct skew_search *s);

/* skew_reduce.c: fills every block's sums, and whether it follows. False: out of memory. */
bool skew_reduce(struct skew_search *s);

static inline double skew_shift(const struct skew_search *s, size_t point)
{
	return s->from + (double)point * s->step;
}

#endif

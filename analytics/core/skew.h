/*
 * skew.h - by how much one signal comes later than another that shows the same thing, found below the sampling interval from
 * the steps of both.
 *
 * Model, of the readings i in a block k around one or some steps of the reference:
 *
 *	observed_i = a_k + b_k reference(t_i - skew) + sum_j c_j x_ij + noise
 *
 * skew > 0: the observed signal comes later than the reference. Each block has its own straight line a_k, b_k (so that a wrong
 * scale, or one that depends on the load, moves nothing), the other regressors one coefficient for all; at each shift all of
 * them are profiled out by least squares (Frisch and Waugh, Econometrica 1 (1933) 387), which leaves the residual sum
 * RSS(skew) on a grid of SKEW_POINTS shifts. A squared residual counts 1/(1 - h) times, h the leverage of its reading in its
 * block (HC2: MacKinnon, White, J. Econometrics 29 (1985) 305): leverage changes with the shift, and the plain sum would be least
 * where the line bends most easily to the one reading amid a step, a fiftieth of a coarse sampling interval off.
 *
 * The skew is the mean of exp(-(RSS - RSS_min)/(2 s^2)) over the grid, s^2 = RSS_min/(readings - regressors - 1):
 * the posterior mean under a flat prior (Gelman et al.: Bayesian Data Analysis, 3.2), which is right for ramps (the
 * parabola's vertex) and for sudden steps between coarse samples (the middle of what is possible) alike. Where that peak is
 * narrower than the grid it is the vertex of the parabola through the lowest three points. Its standard uncertainty:
 *
 *	u^2 = max(u_peak, u_blocks, u_sampling, u_coarse)^2 + u_refresh^2
 *	u_peak		the peak's standard deviation: what is possible between coarse samples
 *	u_blocks	standard deviation of the skew over 200 bootstrap draws of K blocks, times sqrt(K/(K-1)), of more than
 *			100 in 100 groups (Efron, Tibshirani: An Introduction to the Bootstrap, 6.2): knows what residuals do not say, memory and models that do not fit. The
 *			draws are seeded: the same series give the same number
 *	u_sampling	d sqrt(sum_k S_k Q_k/6) / sum_k S_k, with d the distance of reference samples, S_k the squared change of a block's
 *			steps, Q_k/S_k the share of it between neighbouring samples: whether a sudden step is seen one sample
 *			earlier or later in either signal is two rectangular distributions of width d, and by chance may never show
 *	u_coarse	D q/sqrt(2 (N+1) (N+2)), D the distance of readings, q = sum_k S_k Q_k/sum_k S_k^2, N = (sum S_k)^2/sum S_k^2: of
 *			the middle of what N sudden steps between readings leave possible (midrange of a rectangular distribution; David,
 *			Nagaraja: Order Statistics, 2.3)
 *	u_refresh	observed signals that hold: D/sqrt 12, D the distance of samples, by which all refreshes may be seen late
 *
 * The first four tell of the same instants in different ways: the greatest counts, their sum would count them again (on a hundred
 * month-long logs with samples every 15 s 95 % intervals of the sum held 99.5 %; of the greatest, on a thousand, 96.5 %:
 * docs/reliability.md). With N - 1 degrees of freedom: blocks with large steps count for more. Blocks share no reading.
 *
 * What counts as skew: everything that makes the observed signal late, its clock, its age when it was read, its filter.
 */
#ifndef HEATBENCH_CORE_SKEW_H
#define HEATBENCH_CORE_SKEW_H

#include "analytics/core/stats.h"

#include <stddef.h>

enum { SKEW_POINTS = 201, SKEW_REGRESSORS = 4, SKEW_BLOCKS_LEAST = 3 };

/* What a signal is between its samples.
 *	LINEAR	samples of something that goes on; the reference is interpolated
 *	HOLD	as reference: stands at its last sample. As observed: shows each reading until the next, and its readings are
 *		those of hold_refreshes() (hold.h, which also tells whether a signal holds) */
enum skew_kind {
	SKEW_LINEAR,
	SKEW_HOLD,
};

struct skew_series {
	const double *t, *y; /* s, ascending; finite */
	size_t n;
	enum skew_kind kind;
};

struct skew_options {
	double from, to;   /* s, shifts to search; the finer the grid the narrower the range */
	double step_least; /* change of the reference that is a step, in its unit; > 0 */
	double within;	   /* s, in which it happens (transition.h) */
	double gap; /* s: reference samples further apart are not interpolated; 0: five median distances */
	const double *const *regressor; /* [regressors][observed.n], at the samples of the observed signal */
	int regressors;			/* at most SKEW_REGRESSORS */
};

enum skew_state {
	SKEW_FOUND,
	SKEW_NO_STEPS, /* fewer than SKEW_BLOCKS_LEAST blocks with steps of the reference and readings of both */
	SKEW_NOT_FOLLOWED, /* there are steps, but the observed signal follows too few of them at any shift */
	SKEW_UNDECIDED,	   /* the range is too narrow, or the steps do not tell one skew in it from another */
	SKEW_NO_MEMORY,
};

struct skew_point {
	double skew; /* s */
	double rmse; /* of the model at this shift: sqrt(RSS / readings), in the observed signal's unit */
};

struct skew {
	enum skew_state state;
	double skew, u, dof;  /* s; NaN unless FOUND */
	size_t steps, blocks; /* steps of the reference in the blocks that were used; those blocks */
	size_t not_followed; /* blocks left out: R^2 of observed against reference below 0.75 at every shift, or one falls
				 where the other rises */
	size_t readings;	/* of the observed signal in the blocks used */
	double rmse, rmse_zero; /* least of the curve; at no skew (NaN where 0 is not within the range) */
	size_t points;		/* of the curve; 0 where nothing could be compared */
	struct skew_point curve[SKEW_POINTS];
};

struct skew skew_estimate(const struct skew_series *observed, const struct skew_series *reference,
	const struct skew_options *options);

/* With its interval at a level; NaN unless FOUND. */
struct stats_interval skew_interval(const struct skew *skew, double level);

/* "measured", "not measurable: too few steps", ... */
const char *skew_state_name(enum skew_state state);

#endif

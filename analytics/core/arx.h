/*
 * arx.h - a sampled signal that follows an input: second-order ARX model with a constant, by least squares.
 *
 *	y[k] = b1 u[k-1] + b2 u[k-2] + a1 y[k-1] + a2 y[k-2] + c + e[k]
 *
 * (Ljung: System Identification, 2nd ed., 4.2 and 10.1; a1 and a2 with the sign above.) Rows are equally
 * spaced; NaN in u or y is a gap: it begins a new stretch, and no equation reaches across it. Errors e are
 * taken to be white: noise of the measurement alone makes a1 and a2 too small, and the free run shows it.
 */
#ifndef HEATBENCH_CORE_ARX_H
#define HEATBENCH_CORE_ARX_H

#include "analytics/core/lsq.h"

enum arx_term { ARX_B1, ARX_B2, ARX_A1, ARX_A2, ARX_C, ARX_TERMS };

/* How near a prediction comes: rmse in the unit of y; fit = 100 (1 - |y - p| / |y - mean y|) in percent
 * (Ljung, 16.4), 100 for a perfect one, 0 for one no better than the mean, negative below. */
struct arx_error {
	size_t n;
	double rmse, fit;
};

struct arx {
	struct lsq fit;	 /* coefficients in the order of enum arx_term; fit.known says whether there is a model */
	size_t stretches; /* unbroken, with at least one equation each */
	struct arx_error one_step; /* each y from the measured two before it */
	struct arx_error free_run; /* from the first two of each stretch on by itself, the input alone given */
	double pole[2][2];	   /* real and imaginary part of the roots of z^2 = a1 z + a2, the slower first */
	bool stable;		   /* both inside the unit circle */
	double tau;		   /* rows: -1 / ln |slower pole|; NaN where not stable */
	double gain;		   /* y per u in the long run, (b1 + b2)/(1 - a1 - a2); NaN where not stable */
};

/* Too few rows, or an input that does not move: fit.known is false and all numbers are NaN. */
struct arx arx_fit(const double *u, const double *y, size_t n);

/* The free run into out[n]: the measured value in the first two rows of each stretch, NaN in gaps. */
void arx_free_run(const struct arx *model, const double *u, const double *y, size_t n, double *out);

/* "b1", "b2", "a1", "a2", "c". */
const char *arx_term_name(enum arx_term term);

#endif

/*
 * constancy.h - are several values one and the same? Each comes with its own standard uncertainty.
 *
 * Welch's analysis of variance (Biometrika 38 (1951) 330): w_i = 1/u_i^2, W = sum w_i, mean = sum w_i x_i / W,
 *	F = (sum w_i (x_i - mean)^2 / (k-1)) / (1 + 2 (k-2) L / (k^2-1)),  L = sum (1 - w_i/W)^2 / dof_i
 * which has F's distribution with k-1 and (k^2-1)/(3 L) degrees of freedom where all are the same.
 */
#ifndef HEATBENCH_CORE_CONSTANCY_H
#define HEATBENCH_CORE_CONSTANCY_H

#include <stddef.h>

struct constancy {
	size_t k;	       /* values that count */
	double mean, u;	       /* weighted; 1/sqrt(W) */
	double F, dof1, dof2;
	double p;	       /* chance of so large an F where they are the same */
	double furthest;       /* largest |x_i - mean| */
	size_t furthest_at;    /* index into x */
};

/* Values with x or u not finite, or u not above zero, do not count. NaN for fewer than two. */
struct constancy constancy_test(const double *x, const double *u, const double *dof, size_t n);

#endif

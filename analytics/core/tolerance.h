/*
 * tolerance.h - where other units will lie, from a few that were measured: mean +- k sd of n values of a normal population.
 *
 * Tolerance interval: holds at least a share `coverage` of the population with probability `confidence`. The exact factor
 * solves
 *	integral over z of P(chi^2(dof) >= dof r(z/sqrt n)^2 / k^2) phi(z) dz = confidence,
 *	r(x): P(|Z - x| <= r) = coverage, Z standard normal
 * (Odeh, Owen: Tables for Normal Tolerance Limits, Dekker 1980; Krishnamoorthy, Mathew: Statistical Tolerance Regions, Wiley
 * 2009, 2.3; ISO 16269-6:2014, annex F). Prediction interval: holds the next single unit with probability `level`,
 * k = t(n-1) sqrt(1 + 1/n) (Hahn, Meeker: Statistical Intervals, Wiley 1991, 4.7).
 *
 * "mean +- 2 sd" is neither: of six units, 95 %/95 % takes k = 4.42. Older tables have Wald and Wolfowitz's approximation
 * (Ann. Math. Stat. 17 (1946) 208), in which r is taken at 1/sqrt n alone: 4.414 there.
 */
#ifndef HEATBENCH_CORE_TOLERANCE_H
#define HEATBENCH_CORE_TOLERANCE_H

#include <stddef.h>

/* n values (> 0; need not be whole) behind the mean, `dof` degrees of freedom (> 0) behind the sd: n - 1 for one sample.
 * NaN otherwise, and for shares outside 0 < x < 1. */
double tolerance_factor(double n, double dof, double coverage, double confidence);
double tolerance_prediction_factor(double n, double level);

struct tolerance {
	size_t n;
	double mean, sd;
	double k, low, high;		    /* tolerance interval */
	double k_next, next_low, next_high; /* prediction interval of one more, level = coverage */
};

/* NaN for n < 2. */
struct tolerance tolerance_of(const double *x, size_t n, double coverage, double confidence);

#endif

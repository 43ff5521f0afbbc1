/*
 * lsq.h - linear least squares with a few regressors: y = sum_j coefficient_j x_j + residual.
 *
 * Solved by orthogonal decomposition in long double (qr.h) of columns scaled to one length, so that a constant and permille
 * beside each other do no harm; held against the linear sets of NIST StRD. Covariance s^2 (X'X)^-1, s^2 = sum residual^2 / (n - p)
 * (Draper, Smith: Applied Regression Analysis, 5.1): right for residuals without memory; lsq_moving() for moving means.
 */
#ifndef HEATBENCH_CORE_LSQ_H
#define HEATBENCH_CORE_LSQ_H

#include <stdbool.h>
#include <stddef.h>

enum { LSQ_REGRESSORS = 16 };

struct lsq {
	bool known; /* n > p, and no regressor is a sum of the others */
	size_t n;
	int p;
	double coefficient[LSQ_REGRESSORS];
	double covariance[LSQ_REGRESSORS][LSQ_REGRESSORS];
	double residual_sd; /* divisor n-p */
	double dof;	    /* n-p */
};

/* x row by row, [n * p], p at most LSQ_REGRESSORS. Where nothing can be found everything is NaN. */
struct lsq lsq_fit(const double *x, const double *y, size_t n, int p);

/* y = sum_j coefficient_j x^j, j = 0 ... degree < LSQ_REGRESSORS. The powers are kept in long double: rounded to double they
 * cost a high degree half its digits (NIST's Filip). */
struct lsq lsq_polynomial(const double *x, const double *y, size_t n, int degree);

/* For rows that are moving means over `window` samples, at[i] the place of the first of each: neighbours share
 * samples, so that residuals have the correlation R_ij = max(0, 1 - |at_i - at_j| / window) where those of the
 * samples have none. The coefficients stay; with A = (X'X)^-1, M = I - X A X':
 *	s^2 = sum residual^2 / tr(M R),  covariance s^2 A X' R X A,  dof = tr(M R)^2 / tr(M R M R)
 * (the last as in Satterthwaite, Biometrics Bull. 2 (1946) 110). */
void lsq_moving(struct lsq *fit, const double *x, const size_t *at, size_t window);

double lsq_u(const struct lsq *fit, int j);		      /* standard uncertainty of a coefficient */
double lsq_at(const struct lsq *fit, const double *x);	      /* the fit at one row of regressors */
double lsq_u_at(const struct lsq *fit, const double *x); /* its standard uncertainty: sqrt(x' C x) */

#endif

/*
 * hac.h - the covariance of regression coefficients whose residuals remember: heteroscedasticity and autocorrelation consistent
 * (Newey, West, Econometrica 55 (1987) 703).
 *
 *	V = B S B,  S = G_0 + sum_{l=1..lag} (1 - l/(lag + 1)) (G_l + G_l'),  G_l = sum_i g_i g_{i-l}',  g_i = score_i x_i
 *
 * with B = (X'X)^-1 and score = residual for least squares, and `bread` and scores of regress.h for other estimators. A pair
 * of rows counts only where both stand in one stretch: nothing is taken across a gap, or from one heat pump to the next. No
 * correction for a small n (as statsmodels' cov_type "HAC" with use_correction False).
 *
 * It holds where lag is long against the memory of the residuals and n long against lag (a rule: autocorrelation_lag()). It knows nothing of what all rows of one
 * heat pump have in common: for another heat pump, leave whole ones out.
 */
#ifndef HEATBENCH_CORE_HAC_H
#define HEATBENCH_CORE_HAC_H

#include <stdbool.h>
#include <stddef.h>

enum { HAC_COLUMNS = 24 };

struct hac_rows {
	size_t n;
	int p;				     /* at most HAC_COLUMNS */
	const double *const *column;	     /* [p] columns of n; NULL: the constant 1 */
	const double *score;		     /* [n] */
	const bool *starts;		     /* [n]: the row is the first of a stretch; NULL: all are one */
};

/* bread and out [p * p]. False, with nothing written: memory ran out, or lag is below 0. NaN comes out where NaN went in. */
bool hac_covariance(const struct hac_rows *rows, int lag, const double *bread, double *out);

#endif

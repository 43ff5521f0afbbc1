/*
 * line_fit.h - a straight line through pairs: y = intercept + slope x, where only y errs (ordinary least squares),
 * or where both do (Deming).
 *
 *	ordinary	slope = Sxy/Sxx; u(slope) = s/sqrt(Sxx), u(intercept) = s sqrt(1/n + mx^2/Sxx), s^2 = sum r^2/(n-2)
 *			(Draper, Smith: Applied Regression Analysis, 1.4)
 *	Deming		slope = (Syy - c Sxx + sqrt((Syy - c Sxx)^2 + 4 c Sxy^2))/(2 Sxy), c = variance of y's errors over
 *			that of x's (Deming 1943; Linnet, Clin. Chem. 39 (1993) 424); standard uncertainties by the
 *			jackknife: of pseudo-values n b - (n-1) b_without_i (Linnet, Stat. Med. 9 (1990) 1463)
 *
 * Pairs that know each other, as those of one day, are left out together: block j of g holds m_j of the n pairs, h_j = n/m_j,
 * pseudo-values h_j b - (h_j - 1) b_without_j, variance the mean over j of (pseudo-value - B)^2/(h_j - 1) about
 * B = g b - sum (1 - m_j/n) b_without_j (Busing, Meijer, van der Leeden, Stat. Comput. 9 (1999) 3); with blocks of one pair
 * that is the above.
 *
 * Intervals with n - 2 degrees of freedom, or g - 2.
 */
#ifndef HEATBENCH_CORE_LINE_FIT_H
#define HEATBENCH_CORE_LINE_FIT_H

#include "analytics/core/stats.h"

struct line_fit {
	size_t n;
	double intercept, slope, intercept_u, slope_u;
	double covariance;  /* of intercept and slope */
	double dof;	    /* n - 2, or blocks - 2 */
	double residual_sd; /* of y - line, divisor n - 2 */
	double p_intercept, p_slope; /* chance of such a line where it is y = x: intercept 0, slope 1 */
};

/* NaN for fewer than three pairs or no spread in x. */
struct line_fit line_fit_ordinary(const double *x, const double *y, size_t n);
struct line_fit line_fit_deming(const double *x, const double *y, size_t n, double variance_ratio);

/* block[i] of 0 ... blocks-1; those without pairs do not count. NaN for fewer than three with pairs, and where memory runs out. */
struct line_fit line_fit_deming_blocks(
	const double *x, const double *y, const int *block, size_t n, int blocks, double variance_ratio);

/* Of slope and intercept at a level. */
struct stats_interval line_fit_slope(const struct line_fit *fit, double level);
struct stats_interval line_fit_intercept(const struct line_fit *fit, double level);

/* The line at x with its interval. */
struct stats_interval line_fit_at(const struct line_fit *fit, double x, double level);

#endif

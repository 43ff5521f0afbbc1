/*
 * stats.h - statistics of one stretch of samples: pure functions, no state, NaN for "not defined".
 *
 * The callers leave out what is not good beforehand; an array here holds finite values only.
 */
#ifndef HEATBENCH_CORE_STATS_H
#define HEATBENCH_CORE_STATS_H

#include <stddef.h>

double stats_mean(const double *x, size_t n);	/* NaN for n = 0; compensated summation (Neumaier) */
double stats_sd(const double *x, size_t n);	/* divisor n-1; NaN for n < 2 */
double stats_median(const double *x, size_t n); /* mean of the middle two for even n; NaN for n = 0 */

/* 1.4826 * median |x - median|: the standard deviation of a normal population, deaf to outliers. */
double stats_mad(const double *x, size_t n);

/* (90 % quantile - 10 % quantile) / 2.563: likewise, deaf to a tenth of outliers on either side, and not
 * taken in by values that repeat. Quantiles interpolate between order statistics (Hyndman and Fan's type
 * 7). NaN for n = 0. */
double stats_spread(const double *x, size_t n);

/* Sample autocorrelation r_k = sum (x_i - m)(x_{i+k} - m) / sum (x_i - m)^2, the usual biased estimator
 * (Box, Jenkins: Time Series Analysis, 2.1.5). NaN where the variance is zero or lag >= n. */
double stats_autocorrelation(const double *x, size_t n, size_t lag);

/* Number of independent samples worth the same: n / (1 + 2 sum_k (1 - k/n) rho_k) (Zieba, Metrol. Meas.
 * Syst. XVII (2010) 3-16), with rho_k = r_k corrected for its bias in a short stretch, r + (1 + 4 r)/n
 * (Marriott and Pope, Biometrika 41 (1954) 390). The sum is taken twice, over the r_k down to the first
 * that is next to nothing (below 1/(2 sqrt n)), and over rho_1^k as in a first-order process; the larger
 * counts, because a stretch of fifteen samples shows too little of its memory. Never above n, never below
 * 3; n itself for n < 8. */
double stats_effective_n(const double *x, size_t n);

/* Two-sided coverage factor: P(|t| <= k) = level for Student's t with `dof` degrees of freedom (> 0, need
 * not be whole, INFINITY: normal). NaN outside 0 < level < 1. JCGM 100:2008, G.3. */
double stats_coverage_factor(double level, double dof);

/* What a stretch says about its mean. */
struct stats_sample {
	size_t n;
	double n_effective;
	double mean, sd;
	double u;   /* standard uncertainty of the mean, type A: s_c / sqrt(n_effective), where
		       s_c^2 = s^2 n_eff (n-1) / (n (n_eff-1)) undoes the bias of s^2 (Zieba 2010, eq. 16) */
	double dof; /* n_effective - 1 */
};
struct stats_sample stats_describe(const double *x, size_t n);

/* A value with an interval at a stated level. */
struct stats_interval {
	double value;
	double u, dof, k;
	double U; /* k * u */
};
struct stats_interval stats_interval(double value, double u, double dof, double level);

/* Degrees of freedom of u = sqrt(ua^2 + ub^2) (Welch 1947, Satterthwaite 1946; JCGM 100:2008, G.4.1). */
double stats_welch_dof(double ua, double dof_a, double ub, double dof_b);

/* a - b for independent a and b with standard uncertainties ua, ub. */
struct stats_interval stats_difference(
	double a, double ua, double dof_a, double b, double ub, double dof_b, double level);

/* a / b for independent a and b: relative uncertainties add in squares (JCGM 100:2008, 5.1.6).
 * NaN where b is zero or its interval is not small against it (u_b > |b| / 4: no first-order law then). */
struct stats_interval stats_ratio(
	double a, double ua, double dof_a, double b, double ub, double dof_b, double level);

/* Straight line by least squares: x = intercept + slope * t. */
struct stats_line {
	double intercept, slope;
	double slope_u;	    /* standard uncertainty of the slope for white residuals */
	double residual_sd; /* divisor n-2 */
};
struct stats_line stats_line(
	const double *t, const double *x, size_t n); /* NaN for n < 3 or no spread in t */

#endif

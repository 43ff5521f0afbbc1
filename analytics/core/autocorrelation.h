/*
 * autocorrelation.h - what a sample of a series says about the next ones, where samples may be missing (NaN).
 *
 * n places equally spaced, of which m are known; z_i = x_i - mean of the known. Pairs with a missing sample are left out;
 * p_k pairs have the lag k.
 *
 *	correlation	r_k = (sum z_i z_{i+k} / (p_k + k)) / (sum z_i^2 / m): without gaps the usual biased estimator (Box,
 *			Jenkins: Time Series Analysis, 2.1.5), with them not drawn towards zero
 *	long-run	s = c_0 + 2 sum_{k=1}^{L} (1 - k/(L+1)) c_k, c_k = sum z_i z_{i+k} / m (Newey, West, Econometrica 55
 *			(1987) 703; with gaps amplitude-modulated: Parzen, Sankhya A 25 (1963) 383; it is then the known
 *			samples' own); never negative. The mean of the known samples has the variance s/m
 *	lag		L = floor(4 (m/100)^(2/9)) (Newey, West, Rev. Econ. Stud. 61 (1994) 631). Series whose memory is longer
 *			than that need L given
 *	effective	m c_0/s, at most m: so many independent samples would know the mean as well
 *
 * Series of different heat pumps are told apart by a gap of L missing samples, or one call each. Everything is NaN where fewer
 * than two samples are known; where all are equal, r_k and the effective number are.
 */
#ifndef HEATBENCH_CORE_AUTOCORRELATION_H
#define HEATBENCH_CORE_AUTOCORRELATION_H

#include <stddef.h>

/* r_0 ... r_lags into r[lags + 1]; NaN where no pair has the lag. Time: n lags. */
void autocorrelation(const double *x, size_t n, size_t lags, double *r);

/* For m samples. */
size_t autocorrelation_lag(size_t known);

enum { AUTOCORRELATION_BY_RULE = -1 };

struct long_run {
	size_t known; /* m */
	size_t lag;   /* L that was used, at most n - 1 */
	double mean;
	double variance; /* s; c_0, with divisor m, for L = 0 */
	double mean_u;	 /* sqrt(s/m) */
	double n_effective;
};

/* `lag` given, or AUTOCORRELATION_BY_RULE. */
struct long_run autocorrelation_long_run(const double *x, size_t n, long lag);

#endif

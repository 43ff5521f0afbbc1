/*
 * bootstrap.h - intervals by resampling days, for figures whose samples know each other: the day is the unit, and
 * neighbouring days stay together in blocks.
 *
 * Circular blocks (Politis, Romano: in LePage, Billard (eds.), Exploring the Limits of Bootstrap, Wiley 1992, 263): a
 * replicate of n days is put together from blocks of `block` days in a row that begin anywhere, the first day following
 * the last. Its quantiles are taken bias-corrected and accelerated (BCa: Efron, J. Am. Stat. Assoc. 82 (1987) 171), the
 * acceleration from the n estimates without one block each (jackknife; times sqrt(block), as blocks overlap).
 *
 * Few days make such intervals too narrow (Hesterberg, Am. Stat. 69 (2015) 371, section 4: by sqrt((n-1)/n) and by the
 * normal in place of Student's quantile). With b = n/block blocks, therefore, both ends are drawn away from the estimate by
 *	f = sqrt(b/(b-1)) t(b-1)/z
 * and se by sqrt(b/(b-1)). Without a given length a block is round(1.4 n^(1/3)) days, at most n/3 (rate: Hall, Horowitz,
 * Jing, Biometrika 82 (1995) 561; the factor by simulation). Simulated coverage of 95 % intervals for means and ratios,
 * 4,000 series of n days with a correlation of r from day to day:
 *	n	7	14	20	27	40	60
 *	r = 0	0.98	0.97	0.97	0.97	0.96	0.96
 *	r = 0.3	0.95	0.94	0.95	0.94	0.94	0.94
 *	r = 0.5	0.90	0.90	0.92	0.91	0.92	0.92
 * (tests/analytics/test_bootstrap.c holds the middle of it.) Of a root mean square they miss a truth above more often than
 * one below. Longer blocks help where days remember longer: 60 days, r = 0.5, block 10: 0.95.
 *
 * Days are taken to follow each other; days without data are left out by the caller. The same seed gives the same
 * numbers. When memory runs out, or there are fewer than three blocks, or the estimate is not defined, low, high and se
 * are NaN; likewise where more than one replicate in twenty is not defined (the others are left out).
 */
#ifndef HEATBENCH_CORE_BOOTSTRAP_H
#define HEATBENCH_CORE_BOOTSTRAP_H

#include <stdint.h>

struct bootstrap_plan {
	int block;	/* days; 0: bootstrap_block(days) */
	int replicates; /* 0: 2000 */
	uint64_t seed;
	double level; /* 0: 0.95 */
};

struct bootstrap {
	double estimate; /* of the days as they are */
	double low, high, se;
	int replicates; /* that were made */
	int undefined;	/* of them, NaN */
};

int bootstrap_block(int days);

/* `count` figures by the same replicates: statistics() writes count values for n days, which are indices, n not always
 * `days`; NaN where one is not defined. It must be a pure function. out[count]. */
void bootstrap_days(int days, const struct bootstrap_plan *plan,
	void (*statistics)(const void *self, const int *day, int n, double *value), const void *self,
	int count, struct bootstrap *out);

/* The same for figures made of sums over days: sums[days * columns], day by day; statistics() sees the `columns` sums of a
 * replicate. Bias, RMSE, NMBE and energy error together are one call. */
void bootstrap_sums(const double *sums, int days, int columns, const struct bootstrap_plan *plan,
	void (*statistics)(const void *self, const double *sum, double *value), const void *self, int count,
	struct bootstrap *out);

/* sum of numerator / sum of denominator. */
struct bootstrap bootstrap_ratio(
	const double *numerator, const double *denominator, int days, const struct bootstrap_plan *plan);

#endif

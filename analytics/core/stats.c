#include "analytics/core/stats.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

double stats_mean(const double *x, size_t n)
{
	double sum = 0, lost = 0;

	if (n == 0)
		return NAN;
	for (size_t i = 0; i < n; i++) {
		double next = sum + x[i];

		lost += fabs(sum) >= fabs(x[i]) ? (sum - next) + x[i] : (x[i] - next) + sum;
		sum = next;
	}
	return (sum + lost) / (double)n;
}

/* Sum of squared deviations; the second term takes out the rounding of the mean. */
static double squares(const double *x, size_t n, double mean)
{
	double sum = 0, rest = 0;

	for (size_t i = 0; i < n; i++) {
		double d = x[i] - mean;

		sum += d * d;
		rest += d;
	}
	return fmax(0, sum - rest * rest / (double)n);
}

double stats_sd(const double *x, size_t n)
{
	if (n < 2)
		return NAN;
	return sqrt(squares(x, n, stats_mean(x, n)) / (double)(n - 1));
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double *sorted_copy(const double *x, size_t n)
{
	double *sorted = n ? malloc(n * sizeof(*sorted)) : NULL;

	if (!sorted)
		return NULL;
	memcpy(sorted, x, n * sizeof(*sorted));
	qsort(sorted, n, sizeof(*sorted), ascending);
	return sorted;
}

static double quantile(const double *sorted, size_t n, double p)
{
	double at = p * (double)(n - 1);
	size_t low = (size_t)at, high = low + 1 < n ? low + 1 : low;

	return sorted[low] + (at - (double)low) * (sorted[high] - sorted[low]);
}

static void swap(double *a, double *b)
{
	double kept = *a;

	*a = *b;
	*b = kept;
}

/* Puts the k-th smallest (from 0) at x[k], smaller ones before it (Hoare, Commun. ACM 4 (1961) 321). */
static void select_kth(double *x, size_t n, size_t k)
{
	size_t low = 0, high = n - 1;

	while (low < high) {
		double pivot = x[low + (high - low) / 2];
		size_t i = low, j = high;

		for (;; i++, j--) {
			while (x[i] < pivot)
				i++;
			while (pivot < x[j])
				j--;
			if (i >= j)
				break;
			swap(&x[i], &x[j]);
		}
		/* x[low ... j] <= pivot <= x[j + 1 ... high] */
		if (k <= j)
			high = j;
		else
			low = j + 1;
	}
}

double stats_median(const double *x, size_t n)
{
	double *copy = n ? malloc(n * sizeof(*copy)) : NULL, median, below;

	if (!copy)
		return NAN;
	memcpy(copy, x, n * sizeof(*copy));
	select_kth(copy, n, n / 2);
	median = below = copy[n / 2];
	if (n % 2 == 0) {
		below = copy[0];
		for (size_t i = 1; i < n / 2; i++)
			below = copy[i] > below ? copy[i] : below;
		median = 0.5 * (below + median);
	}
	free(copy);
	return median;
}

double stats_spread(const double *x, size_t n)
{
	double *sorted = sorted_copy(x, n), spread;

	if (!sorted)
		return NAN;
	spread = (quantile(sorted, n, 0.9) - quantile(sorted, n, 0.1)) / 2.5631;
	free(sorted);
	return spread;
}

double stats_mad(const double *x, size_t n)
{
	double median = stats_median(x, n), *apart, mad;

	if (n == 0)
		return NAN;
	apart = malloc(n * sizeof(*apart));
	if (!apart)
		return NAN;
	for (size_t i = 0; i < n; i++)
		apart[i] = fabs(x[i] - median);
	mad = 1.4826 * stats_median(apart, n);
	free(apart);
	return mad;
}

double stats_autocorrelation(const double *x, size_t n, size_t lag)
{
	double mean = stats_mean(x, n), sum = 0, all;

	if (lag >= n)
		return NAN;
	all = squares(x, n, mean);
	if (!(all > 0))
		return NAN;
	for (size_t i = 0; i + lag < n; i++)
		sum += (x[i] - mean) * (x[i + lag] - mean);
	return sum / all;
}

/* r_k without its bias in a short stretch. */
static double unbiased(double r, double count)
{
	return fmin(0.95, r + (1 + 4 * r) / count);
}

double stats_effective_n(const double *x, size_t n)
{
	double count = (double)n, least = 0.5 / sqrt(count), summed = 1, modelled = 1;
	double first = stats_autocorrelation(x, n, 1), power = 1;

	if (n < 8 || !(first >= least))
		return count;
	for (size_t k = 1; k < n; k++) {
		power *= unbiased(first, count);
		modelled += 2 * (1 - (double)k / count) * power;
	}
	for (size_t k = 1; k < n / 2; k++) {
		double r = stats_autocorrelation(x, n, k);

		if (!(r >= least))
			break;
		summed += 2 * (1 - (double)k / count) * unbiased(r, count);
	}
	return fmax(3, fmin(count, count / fmax(summed, modelled)));
}

double stats_coverage_factor(double level, double dof)
{
	double p = 0.5 + 0.5 * level;

	if (!(level > 0 && level < 1) || !(dof > 0))
		return NAN;
	/* from here on t and normal agree to 1e-7, and GSL's series need not converge */
	if (dof > 1e7)
		return gsl_cdf_ugaussian_Pinv(p);
	return gsl_cdf_tdist_Pinv(p, dof);
}

struct stats_sample stats_describe(const double *x, size_t n)
{
	struct stats_sample s = {n, NAN, stats_mean(x, n), stats_sd(x, n), NAN, NAN};
	double count = (double)n;

	if (n < 2)
		return s;
	s.n_effective = s.sd > 0 ? stats_effective_n(x, n) : count;
	s.u = s.sd * sqrt((count - 1) / (count * (s.n_effective - 1)));
	s.dof = s.n_effective - 1;
	return s;
}

struct stats_interval stats_interval(double value, double u, double dof, double level)
{
	struct stats_interval i = {value, u, dof, stats_coverage_factor(level, dof), NAN};

	i.U = i.k * u;
	return i;
}

/* u^4 / dof: what a contribution takes from the effective degrees of freedom. */
static double fourth(double u, double dof)
{
	return u > 0 ? u * u * u * u / dof : 0;
}

double stats_welch_dof(double ua, double dof_a, double ub, double dof_b)
{
	double u2 = ua * ua + ub * ub, share = fourth(ua, dof_a) + fourth(ub, dof_b);

	if (isnan(u2) || isnan(share))
		return NAN;
	return share > 0 ? u2 * u2 / share : INFINITY;
}

struct stats_interval stats_difference(
	double a, double ua, double dof_a, double b, double ub, double dof_b, double level)
{
	return stats_interval(a - b, hypot(ua, ub), stats_welch_dof(ua, dof_a, ub, dof_b), level);
}

struct stats_interval stats_ratio(
	double a, double ua, double dof_a, double b, double ub, double dof_b, double level)
{
	double from_a = ua / fabs(b), from_b = ub * fabs(a) / (b * b);

	if (!(fabs(b) > 4 * ub))
		return (struct stats_interval){NAN, NAN, NAN, NAN, NAN};
	return stats_interval(
		a / b, hypot(from_a, from_b), stats_welch_dof(from_a, dof_a, from_b, dof_b), level);
}

struct stats_line stats_line(const double *t, const double *x, size_t n)
{
	struct stats_line line = {NAN, NAN, NAN, NAN};
	double mt = stats_mean(t, n), mx = stats_mean(x, n), tt = 0, tx = 0, rest = 0;

	for (size_t i = 0; i < n; i++) {
		tt += (t[i] - mt) * (t[i] - mt);
		tx += (t[i] - mt) * (x[i] - mx);
	}
	if (n < 3 || !(tt > 0))
		return line;
	line.slope = tx / tt;
	line.intercept = mx - line.slope * mt;
	for (size_t i = 0; i < n; i++) {
		double d = x[i] - line.intercept - line.slope * t[i];

		rest += d * d;
	}
	line.residual_sd = sqrt(rest / (double)(n - 2));
	line.slope_u = line.residual_sd / sqrt(tt);
	return line;
}

#include "analytics/core/autocorrelation.h"

#include <math.h>

/* Compensated (Neumaier), over the known. */
static double mean_of(const double *x, size_t n, size_t *known)
{
	double sum = 0, lost = 0;

	*known = 0;
	for (size_t i = 0; i < n; i++) {
		double next;

		if (isnan(x[i]))
			continue;
		next = sum + x[i];
		lost += fabs(sum) >= fabs(x[i]) ? (sum - next) + x[i] : (x[i] - next) + sum;
		sum = next;
		++*known;
	}
	return (sum + lost) / (double)*known;
}

/* Sum of products at a lag over the pairs, which are counted. */
static double products(const double *x, size_t n, double mean, size_t lag, size_t *pairs)
{
	double sum = 0;

	*pairs = 0;
	for (size_t i = 0; i + lag < n; i++) {
		double product = (x[i] - mean) * (x[i + lag] - mean);

		if (isnan(product))
			continue;
		sum += product;
		++*pairs;
	}
	return sum;
}

void autocorrelation(const double *x, size_t n, size_t lags, double *r)
{
	size_t known, pairs;
	double mean = mean_of(x, n, &known), squares = products(x, n, mean, 0, &pairs);

	for (size_t k = 0; k <= lags; k++) {
		double sum = products(x, n, mean, k, &pairs);

		r[k] = known > 1 && pairs > 0 && squares > 0
			       ? sum / (double)(pairs + k) / (squares / (double)known)
			       : NAN;
	}
}

size_t autocorrelation_lag(size_t known)
{
	return (size_t)floor(4 * pow((double)known / 100, 2.0 / 9));
}

struct long_run autocorrelation_long_run(const double *x, size_t n, long lag)
{
	struct long_run l = {0, 0, NAN, NAN, NAN, NAN};
	double m, squares;
	size_t pairs;

	l.mean = mean_of(x, n, &l.known);
	if (l.known < 2)
		return l;
	m = (double)l.known;
	l.lag = lag < 0 ? autocorrelation_lag(l.known) : (size_t)lag;
	if (l.lag > n - 1)
		l.lag = n - 1;
	squares = products(x, n, l.mean, 0, &pairs) / m;
	l.variance = squares;
	for (size_t k = 1; k <= l.lag; k++)
		l.variance +=
			2 * (1 - (double)k / (double)(l.lag + 1)) * products(x, n, l.mean, k, &pairs) / m;
	l.variance = fmax(0, l.variance); /* but for rounding it is */
	l.mean_u = sqrt(l.variance / m);
	l.n_effective = squares > 0 ? fmin(m, m * squares / l.variance) : NAN;
	return l;
}

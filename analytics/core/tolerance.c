#include "analytics/core/tolerance.h"

#include "analytics/core/stats.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

/* The integrand is smooth, even in z and gone at 9: the trapezoidal rule converges faster than any power of its step. */
enum { STEPS = 144 };
#define STEP 0.0625

static double density(double z)
{
	return exp(-0.5 * z * z) / sqrt(2 * M_PI);
}

/* r with P(|Z - x| <= r) = coverage, by Newton's steps from the right, where the function is concave. */
static double half_width(double x, double coverage)
{
	double r = x + gsl_cdf_ugaussian_Pinv(0.5 + 0.5 * coverage);

	for (int i = 0; i < 100; i++) {
		double excess = gsl_cdf_ugaussian_P(r - x) - gsl_cdf_ugaussian_P(-r - x) - coverage;
		double step = excess / (density(r - x) + density(r + x));

		r -= step;
		if (fabs(step) <= 1e-15 * r)
			break;
	}
	return r;
}

/* P(chi^2 >= dof x). For many degrees of freedom, where GSL's series need not converge, by the cube root (Wilson, Hilferty: Proc.
 * Natl. Acad. Sci. 17 (1931) 684). */
static double above(double x, double dof)
{
	double c = 2 / (9 * dof);

	return dof > 1e5 ? gsl_cdf_ugaussian_Q((cbrt(x) - 1 + c) / sqrt(c)) : gsl_cdf_chisq_Q(dof * x, dof);
}

static double confidence_of(double k, double dof, const double *squared)
{
	double sum = 0;

	for (int i = 0; i < STEPS; i++)
		sum += (i ? 2 : 1) * STEP * density(i * STEP) * above(squared[i] / (k * k), dof);
	return sum;
}

static int share(double x)
{
	return x > 0 && x < 1;
}

double tolerance_factor(double n, double dof, double coverage, double confidence)
{
	double squared[STEPS], low = 1e-9, high = 1;

	if (!(n > 0 && dof > 0 && isfinite(n) && isfinite(dof)) || !share(coverage) || !share(confidence))
		return NAN;
	for (int i = 0; i < STEPS; i++)
		squared[i] = pow(half_width(i * STEP / sqrt(n), coverage), 2);
	while (confidence_of(high, dof, squared) < confidence) {
		low = high;
		high *= 2;
		if (high > 1e15)
			return NAN;
	}
	while (high - low > 1e-14 * high) {
		double middle = 0.5 * (low + high);

		if (middle <= low || middle >= high)
			break;
		if (confidence_of(middle, dof, squared) < confidence)
			low = middle;
		else
			high = middle;
	}
	return 0.5 * (low + high);
}

double tolerance_prediction_factor(double n, double level)
{
	return n > 1 ? stats_coverage_factor(level, n - 1) * sqrt(1 + 1 / n) : NAN;
}

struct tolerance tolerance_of(const double *x, size_t n, double coverage, double confidence)
{
	struct tolerance t = {.n = n, .mean = stats_mean(x, n), .sd = stats_sd(x, n)};

	t.k = tolerance_factor((double)n, (double)n - 1, coverage, confidence);
	t.low = t.mean - t.k * t.sd;
	t.high = t.mean + t.k * t.sd;
	t.k_next = tolerance_prediction_factor((double)n, coverage);
	t.next_low = t.mean - t.k_next * t.sd;
	t.next_high = t.mean + t.k_next * t.sd;
	return t;
}

/* How many days an equivalence takes. */
#include "analytics/core/equivalence.h"

#include "analytics/core/stats.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdbool.h>

enum { PANELS = 24, POINTS = 5, MOST_DAYS = 10000 };

/* Gauss-Legendre, five points on -1 ... 1: Abramowitz and Stegun, table 25.4. */
static const double at[POINTS] = {
	-0.906179845938664, -0.538469310105683, 0, 0.538469310105683, 0.906179845938664};
static const double weight[POINTS] = {
	0.236926885056189, 0.478628670499366, 0.568888888888889, 0.478628670499366, 0.236926885056189};

struct test {
	double shift, u, dof, margin, t;
	bool worse;
};

/* Chance of the verdict where u is estimated as s u. */
static double given(const struct test *of, double s)
{
	double reach = of->t * of->u * s, inside = of->margin - reach, outside = of->margin + reach;

	if (of->worse)
		return gsl_cdf_ugaussian_Q((outside - of->shift) / of->u) +
		       gsl_cdf_ugaussian_P((-outside - of->shift) / of->u);
	if (inside <= 0)
		return 0;
	return gsl_cdf_ugaussian_P((inside - of->shift) / of->u) -
	       gsl_cdf_ugaussian_P((-inside - of->shift) / of->u);
}

/* Over s = sqrt(chi^2(dof)/dof), whose density is 2 dof s times that of chi^2 at dof s^2. */
static double integral(const struct test *of)
{
	double width = 12 / sqrt(2 * of->dof), low = fmax(0, 1 - width), high = 1 + width, sum = 0;

	if (of->dof > 1e6)
		return given(of, 1);
	if (!of->worse)
		high = fmin(high,
			of->margin / (of->t * of->u)); /* nothing is shown beyond, and there is a kink */
	if (!(high > low))
		return 0;
	for (int i = 0; i < PANELS * POINTS; i++) {
		double half = (high - low) / (2 * PANELS);
		double s = low + half * (2 * (i / POINTS) + 1 + at[i % POINTS]);

		sum += half * weight[i % POINTS] * given(of, s) * 2 * of->dof * s *
		       gsl_ran_chisq_pdf(of->dof * s * s, of->dof);
	}
	return fmin(1, sum);
}

static double power_of(double shift, double u, double dof, double margin, double alpha, bool worse)
{
	struct test of = {shift, u, dof, margin, stats_coverage_factor(1 - 2 * alpha, dof), worse};

	if (!(u > 0) || !(margin > 0) || !(alpha > 0 && alpha < 0.5) || !isfinite(shift) || isnan(of.t))
		return NAN;
	return integral(&of);
}

double equivalence_power(double shift, double u, double dof, double margin, double alpha)
{
	return power_of(shift, u, dof, margin, alpha, false);
}

double equivalence_power_worse(double shift, double u, double dof, double margin, double alpha)
{
	return power_of(shift, u, dof, margin, alpha, true);
}

double equivalence_needed(double shift, double sd, double margin, double alpha, double power)
{
	bool worse = fabs(shift) > margin;
	int low = 1, high = 2;

	if (sd == 0)
		return fabs(shift) == margin ? NAN : 2;
	if (!(sd > 0) || !(power > 0 && power < 1) || isnan(power_of(shift, sd, 1, margin, alpha, worse)))
		return NAN;
	while (power_of(shift, sd / sqrt(high), high - 1, margin, alpha, worse) < power) {
		if (high >= MOST_DAYS)
			return NAN;
		low = high;
		high = high * 2 > MOST_DAYS ? MOST_DAYS : high * 2;
	}
	while (high - low > 1) {
		int middle = (low + high) / 2;

		if (power_of(shift, sd / sqrt(middle), middle - 1, margin, alpha, worse) < power)
			low = middle;
		else
			high = middle;
	}
	return high;
}

double equivalence_detectable(double sd, double n, double alpha, double power)
{
	if (!(n >= 2) || !(sd >= 0) || !(alpha > 0 && alpha < 0.5) || !(power > 0.5 && power < 1))
		return NAN;
	return (stats_coverage_factor(1 - 2 * alpha, n - 1) + stats_coverage_factor(2 * power - 1, n - 1)) *
	       sd / sqrt(n);
}

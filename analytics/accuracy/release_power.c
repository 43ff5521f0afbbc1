#include "analytics/accuracy/release_power.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdbool.h>

enum { STEPS = 400, UNITS_MOST = 1000 };

static bool usable(double se, double dof, double alpha)
{
	return se > 0 && isfinite(se) && dof > 0 && alpha > 0 && alpha < 1;
}

/* The i-th of STEPS equally likely values of s/se. */
static double spread(int i, double dof)
{
	return sqrt(gsl_cdf_chisq_Pinv((i + 0.5) / STEPS, dof) / dof);
}

double release_power_shown(double difference, double se, double dof, double alpha)
{
	double t, sum = 0;

	if (!usable(se, dof, alpha))
		return NAN;
	t = gsl_cdf_tdist_Pinv(1 - alpha, dof);
	for (int i = 0; i < STEPS; i++)
		sum += gsl_cdf_ugaussian_Q(t * spread(i, dof) - difference / se);
	return sum / STEPS;
}

double release_power_equivalent(double margin, double difference, double se, double dof, double alpha)
{
	double t, sum = 0;

	if (!usable(se, dof, alpha))
		return NAN;
	t = gsl_cdf_tdist_Pinv(1 - alpha, dof);
	for (int i = 0; i < STEPS; i++) {
		double room = margin / se - t * spread(i, dof);

		if (room <= 0)
			break; /* it only becomes wider */
		sum += gsl_cdf_ugaussian_P(room - difference / se) - gsl_cdf_ugaussian_P(-room - difference / se);
	}
	return sum / STEPS;
}

/* Standard deviation of the effect from `pairs` pairs of each heat pump; *dof of its estimate. */
static double standard_error(struct release_scatter s, double pairs, double units, double *dof)
{
	double day = s.within * s.within / pairs;

	*dof = s.units < 2 ? pairs - 1 : fmin(units, pairs) - 1;
	return s.units < 2 ? sqrt(day) : sqrt((s.between * s.between + day) / units + s.common * s.common / pairs);
}

/* What is to be shown, and how surely. */
struct aim {
	double margin, difference, alpha, power;
};

static bool reached(struct release_scatter s, const struct aim *a, double pairs, double units)
{
	double dof, se = standard_error(s, pairs, units, &dof);

	if (se == 0)
		return fabs(a->difference) < a->margin;
	return release_power_equivalent(a->margin, a->difference, se, dof, a->alpha) >= a->power;
}

/* Fewest pairs with `fixed` heat pumps, or heat pumps with `fixed` pairs: 2 to `most`, where more is never worse; NaN: not by `most`. */
static double fewest(struct release_scatter s, const struct aim *a, bool heat_pumps, double fixed, int most)
{
	int low = 1, high = 2;

	while (!(heat_pumps ? reached(s, a, fixed, high) : reached(s, a, high, fixed))) {
		if (high >= most)
			return NAN;
		low = high;
		high = 2 * high < most ? 2 * high : most;
	}
	while (high - low > 1) {
		int middle = (low + high) / 2;

		if (heat_pumps ? reached(s, a, fixed, middle) : reached(s, a, middle, fixed))
			high = middle;
		else
			low = middle;
	}
	return high;
}

double release_pairs_needed(struct release_scatter s, double margin, double difference, double alpha, double power)
{
	struct aim aim = {margin, difference, alpha, power};

	if (!isfinite(s.within) || !(margin > 0) || (s.units > 1 && !isfinite(s.between)))
		return NAN;
	return fewest(s, &aim, false, s.units, RELEASE_PAIRS_MOST);
}

double release_units_needed(struct release_scatter s, double pairs, double margin, double alpha, double power)
{
	struct aim aim = {margin, 0, alpha, power};

	if (s.units < 2 || !isfinite(s.within) || !isfinite(s.between) || !(pairs >= 1) || !(margin > 0))
		return NAN;
	return fewest(s, &aim, true, pairs, UNITS_MOST);
}

double release_detectable(struct release_scatter s, double pairs, double alpha, double power)
{
	double dof, se = standard_error(s, pairs, s.units, &dof), low = 0, high = se;

	if (!usable(se, dof, alpha) || !(power > alpha && power < 1))
		return NAN;
	while (release_power_shown(high, se, dof, alpha) < power)
		high *= 2;
	for (int i = 0; i < 60; i++) {
		double middle = (low + high) / 2;

		if (release_power_shown(middle, se, dof, alpha) < power)
			low = middle;
		else
			high = middle;
	}
	return high;
}

#include "analytics/core/equivalence.h"

#include "analytics/core/stats.h"
#include "analytics/core/unit_effect.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdbool.h>

#define POWER 0.8

const char *equivalence_word(enum equivalence_verdict verdict)
{
	switch (verdict) {
	case EQUIVALENCE_EQUIVALENT:
		return "equivalent";
	case EQUIVALENCE_WORSE:
		return "worse";
	case EQUIVALENCE_INCONCLUSIVE:
		break;
	}
	return "inconclusive";
}

static bool asked(double margin, double alpha)
{
	return margin > 0 && alpha > 0 && alpha < 0.5;
}

/* P(T >= t); a shift without uncertainty is on one side or the other. */
static double above(double distance, double u, double dof)
{
	if (u == 0)
		return distance > 0 ? 0 : 1;
	return dof > 1e7 ? gsl_cdf_ugaussian_Q(distance / u) : gsl_cdf_tdist_Q(distance / u, dof);
}

static struct equivalence nothing(double n, double shift, double margin, double alpha)
{
	return (struct equivalence){.n = n,
		.shift = shift,
		.u = NAN,
		.dof = NAN,
		.margin = margin,
		.alpha = alpha,
		.low = NAN,
		.high = NAN,
		.p_below = NAN,
		.p_above = NAN,
		.p = NAN,
		.verdict = EQUIVALENCE_INCONCLUSIVE,
		.needed = NAN};
}

static struct equivalence tested(double n, double shift, double u, double dof, double margin, double alpha)
{
	struct equivalence e = nothing(n, shift, margin, alpha);
	double t = stats_coverage_factor(1 - 2 * alpha, dof);

	if (!asked(margin, alpha) || !(dof > 0) || !(u >= 0) || !isfinite(u) || !isfinite(shift))
		return e;
	e.u = u;
	e.dof = dof;
	e.low = shift - t * u;
	e.high = shift + t * u;
	e.p_below = above(shift + margin, u, dof);
	e.p_above = above(margin - shift, u, dof);
	e.p = fmax(e.p_below, e.p_above);
	if (e.low > -margin && e.high < margin)
		e.verdict = EQUIVALENCE_EQUIVALENT;
	else if (e.low > margin || e.high < -margin)
		e.verdict = EQUIVALENCE_WORSE;
	return e;
}

struct equivalence equivalence_of_days(double mean, double sd, double n, double margin, double alpha)
{
	struct equivalence e = tested(n, mean, sd / sqrt(n), n - 1, margin, alpha);

	if (!isnan(e.u))
		e.needed = equivalence_needed(mean, sd, margin, alpha, POWER);
	return e;
}

struct equivalence equivalence_of_units(
	const double *mean, const double *variance, int units, double margin, double alpha)
{
	struct unit_effect e = unit_effect(mean, variance, units, 1 - 2 * alpha, UNIT_EFFECT_REML);

	return tested(units, e.mean, e.u, e.dof, margin, alpha);
}

/* Half the interval; at half the level where the sign of the mean is open, since |mean| has then two ways to come out large. */
static double half(const struct equivalence_mean *of, double alpha, bool in_doubt)
{
	return stats_coverage_factor(1 - (in_doubt ? alpha : 2 * alpha), of->dof) * of->u;
}

static bool sign_open(const struct equivalence_mean *of, double alpha)
{
	return fabs(of->mean) <= half(of, alpha, false);
}

/* The larger of the two has to be beyond doubt: for the upper limit that is the one before, for the lower the one after. */
static void limits(const struct equivalence_mean *before, const struct equivalence_mean *after,
	double correlation, double alpha, double *low, double *high)
{
	double shift = fabs(after->mean) - fabs(before->mean);
	double r = before->mean * after->mean < 0 ? -correlation : correlation;
	bool doubt = sign_open(before, alpha);
	double b = half(before, alpha, doubt), a = half(after, alpha, doubt);

	*high = shift + sqrt(fmax(0, a * a + b * b - 2 * r * a * b));
	doubt = sign_open(after, alpha);
	b = half(before, alpha, doubt);
	a = half(after, alpha, doubt);
	*low = shift - sqrt(fmax(0, a * a + b * b - 2 * r * a * b));
}

/* The level at which a limit meets the margin. */
static double level_at(const struct equivalence_mean *before, const struct equivalence_mean *after,
	double correlation, double margin, bool upper)
{
	double low = 0, high = 0.5;

	for (int i = 0; i < 60; i++) {
		double middle = 0.5 * (low + high), from, to;

		limits(before, after, correlation, middle, &from, &to);
		if (upper ? to < margin : from > margin)
			high = middle;
		else
			low = middle;
	}
	return 0.5 * (low + high);
}

static bool known(const struct equivalence_mean *m)
{
	return isfinite(m->mean) && m->u >= 0 && isfinite(m->u) && m->dof > 0;
}

struct equivalence equivalence_bias(const struct equivalence_mean *before,
	const struct equivalence_mean *after, double correlation, double margin, double alpha)
{
	struct equivalence e = nothing(NAN, fabs(after->mean) - fabs(before->mean), margin, alpha);

	if (!asked(margin, alpha) || !known(before) || !known(after) || !(fabs(correlation) <= 1))
		return e;
	limits(before, after, correlation, alpha, &e.low, &e.high);
	e.p_above = e.shift < margin ? level_at(before, after, correlation, margin, true)
				     : 1 - level_at(before, after, correlation, margin, false);
	e.p = e.p_above;
	if (e.high < margin)
		e.verdict = EQUIVALENCE_EQUIVALENT;
	else if (e.low > margin)
		e.verdict = EQUIVALENCE_WORSE;
	return e;
}

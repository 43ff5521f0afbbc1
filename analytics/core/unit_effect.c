#include "analytics/core/unit_effect.h"

#include "analytics/core/stats.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdbool.h>

struct units {
	const double *y, *v;
	int k;
};

/* Sums at one tau^2. */
struct sums {
	double w, mean;
	double q;		  /* sum w (y - mean)^2 */
	double likelihood, slope; /* REML, and its derivative */
};

static struct sums sums_at(const struct units *u, double tau2)
{
	struct sums s = {0, 0, 0, 0, 0};
	double w2 = 0, q2 = 0, logs = 0;

	for (int i = 0; i < u->k; i++) {
		double w = 1 / (u->v[i] + tau2);

		s.w += w;
		s.mean += w * u->y[i];
		w2 += w * w;
		logs -= log(w);
	}
	s.mean /= s.w;
	for (int i = 0; i < u->k; i++) {
		double w = 1 / (u->v[i] + tau2), d = u->y[i] - s.mean;

		s.q += w * d * d;
		q2 += w * w * d * d;
	}
	s.likelihood = -0.5 * (logs + log(s.w) + s.q);
	s.slope = -0.5 * (s.w - w2 / s.w - q2);
	return s;
}

/* The tau^2 where the sum of squares is as large as wanted; 0 where it is smaller without any. It falls with tau^2. */
static double where_squares_are(const struct units *u, double wanted)
{
	double low = 0, high = u->v[0];

	if (sums_at(u, 0).q <= wanted)
		return 0;
	for (; sums_at(u, high).q > wanted && high < 1e300; high *= 2)
		low = high;
	for (int i = 0; i < 200 && high > low; i++) {
		double middle = 0.5 * (low + high);

		if (sums_at(u, middle).q > wanted)
			low = middle;
		else
			high = middle;
	}
	return 0.5 * (low + high);
}

/* The likelihood may have more than one top: the best of a grid, then its slope's zero. */
static double reml(const struct units *u)
{
	double scale = 0, best = 0, low, high, step = 1.25;
	double most = sums_at(u, 0).likelihood;

	for (int i = 0; i < u->k; i++)
		for (int j = 0; j < i; j++)
			scale = fmax(scale, pow(u->y[i] - u->y[j], 2));
	if (!(scale > 0))
		return 0;
	for (double tau2 = scale * 1e-8; tau2 < scale * 10; tau2 *= step) {
		double likelihood = sums_at(u, tau2).likelihood;

		if (likelihood > most) {
			most = likelihood;
			best = tau2;
		}
	}
	low = best / step;
	high = best > 0 ? best * step : scale * 1e-8;
	if (sums_at(u, low).slope <= 0)
		return low;
	for (int i = 0; i < 200; i++) {
		double middle = 0.5 * (low + high);

		if (sums_at(u, middle).slope > 0)
			low = middle;
		else
			high = middle;
	}
	return 0.5 * (low + high);
}

static bool usable(const struct units *u)
{
	for (int i = 0; i < u->k; i++)
		if (!isfinite(u->y[i]) || !(u->v[i] > 0) || !isfinite(u->v[i]))
			return false;
	return u->k > 0;
}

static void spread(
	struct unit_effect *out, const struct units *u, double level, enum unit_effect_method method)
{
	struct sums s;
	double t;

	out->dof = u->k - 1;
	out->q = sums_at(u, 0).q;
	out->q_p = gsl_cdf_chisq_Q(out->q, out->dof);
	out->i2 = out->q > out->dof ? (out->q - out->dof) / out->q : 0;
	out->tau2 = method == UNIT_EFFECT_REML ? reml(u) : where_squares_are(u, out->dof);
	out->tau2_low = where_squares_are(u, gsl_cdf_chisq_Pinv(0.5 + 0.5 * level, out->dof));
	out->tau2_high = where_squares_are(u, gsl_cdf_chisq_Pinv(0.5 - 0.5 * level, out->dof));
	s = sums_at(u, out->tau2);
	out->mean = s.mean;
	out->u = sqrt(fmax(1, s.q / out->dof) / s.w);
	t = stats_coverage_factor(level, out->dof);
	out->low = out->mean - t * out->u;
	out->high = out->mean + t * out->u;
	if (u->k > 2) {
		t = stats_coverage_factor(level, out->dof - 1);
		out->next_low = out->mean - t * sqrt(out->tau2 + out->u * out->u);
		out->next_high = out->mean + t * sqrt(out->tau2 + out->u * out->u);
	}
}

struct unit_effect unit_effect(const double *estimate, const double *variance, int units, double level,
	enum unit_effect_method method)
{
	struct units u = {estimate, variance, units};
	struct unit_effect out = {units, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN};

	if (!usable(&u))
		return out;
	out.mean = estimate[0];
	if (units > 1)
		spread(&out, &u, level, method);
	return out;
}

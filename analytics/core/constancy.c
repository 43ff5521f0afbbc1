#include "analytics/core/constancy.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdbool.h>

static bool counts(double x, double u)
{
	return isfinite(x) && isfinite(u) && u > 0;
}

static void find_furthest(struct constancy *c, const double *x, const double *u, size_t n)
{
	c->furthest = -1;
	for (size_t i = 0; i < n; i++)
		if (counts(x[i], u[i]) && fabs(x[i] - c->mean) > c->furthest) {
			c->furthest = fabs(x[i] - c->mean);
			c->furthest_at = i;
		}
}

struct constancy constancy_test(const double *x, const double *u, const double *dof, size_t n)
{
	struct constancy c = {0, NAN, NAN, NAN, NAN, NAN, NAN, NAN, 0};
	double W = 0, sum = 0, between = 0, L = 0, k;

	for (size_t i = 0; i < n; i++)
		if (counts(x[i], u[i])) {
			c.k++;
			W += 1 / (u[i] * u[i]);
			sum += x[i] / (u[i] * u[i]);
		}
	if (c.k < 2)
		return c;
	c.mean = sum / W;
	c.u = 1 / sqrt(W);
	for (size_t i = 0; i < n; i++)
		if (counts(x[i], u[i])) {
			double w = 1 / (u[i] * u[i]);

			between += w * (x[i] - c.mean) * (x[i] - c.mean);
			L += (1 - w / W) * (1 - w / W) / dof[i];
		}
	k = (double)c.k;
	c.dof1 = k - 1;
	c.dof2 = (k * k - 1) / (3 * L);
	c.F = between / c.dof1 / (1 + 2 * (k - 2) / (k * k - 1) * L);
	/* GSL's F distribution loses its way with infinite degrees of freedom; chi-squared is its limit */
	c.p = c.dof2 < 1e7 ? gsl_cdf_fdist_Q(c.F, c.dof1, c.dof2) : gsl_cdf_chisq_Q(c.F * c.dof1, c.dof1);
	find_furthest(&c, x, u, n);
	return c;
}

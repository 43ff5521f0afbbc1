#include "analytics/core/ttest.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

double ttest_p(double t, double dof)
{
	if (isnan(t) || !(dof > 0))
		return NAN;
	if (isinf(t))
		return 0;
	return dof > 1e7 ? 2 * gsl_cdf_ugaussian_Q(fabs(t)) : 2 * gsl_cdf_tdist_Q(fabs(t), dof);
}

static struct ttest finish(double difference, double u, double dof)
{
	struct ttest out = {difference, u, u > 0 ? difference / u : NAN, dof, NAN};

	out.p = ttest_p(out.t, dof);
	return out;
}

struct ttest ttest_paired(double mean, double sd, double n)
{
	return finish(mean, n >= 2 ? sd / sqrt(n) : NAN, n >= 2 ? n - 1 : NAN);
}

struct ttest ttest_pooled(double a, double sa, double na, double b, double sb, double nb)
{
	double dof = na + nb - 2, squares;

	if (!(na >= 1 && nb >= 1) || !(dof > 0))
		return finish(a - b, NAN, NAN);
	squares = (na > 1 ? (na - 1) * sa * sa : 0) + (nb > 1 ? (nb - 1) * sb * sb : 0);
	return finish(a - b, sqrt(squares / dof * (1 / na + 1 / nb)), dof);
}

#include "analytics/core/water.h"

#include "analytics/core/if97.h"

#include <math.h>

static double tanaka(double t)
{
	static const double a1 = -3.983035, a2 = 301.797, a3 = 522528.9, a4 = 69.34881, a5 = 999.974950;

	return a5 * (1 - (t + a1) * (t + a1) * (t + a2) / (a3 * (t + a4)));
}

double water_density_if97(double kelvin, double megapascal)
{
	return 1 / if97_region1(kelvin, megapascal).volume;
}

double water_density(double t)
{
	if (!(t >= 0 && t <= 100))
		return NAN;
	return t <= 40 ? tanaka(t) : water_density_if97(t + 273.15, 0.101325);
}

#include "analytics/core/weighing.h"

#include "analytics/core/water.h"

#include <math.h>

#define COMPRESSIBILITY 4.6e-5 /* 1/bar, of water around 20 degC */

double weighing_air(double hectopascal, double humidity, double t)
{
	return (0.34848 * hectopascal - 0.009 * humidity * exp(0.061 * t)) / (273.15 + t);
}

double weighing_buoyancy(double air, double water)
{
	return (1 - air / WEIGHING_STEEL) / (1 - air / water);
}

double weighing_water(double t, double bar)
{
	return water_density(t) * (1 + COMPRESSIBILITY * bar);
}

double weighing_expansion(double t)
{
	/* the two formulas of water_density() meet at 40 degC with a step of 9 ppm: both ends on one side of it */
	double low = fmax(0, t <= 40 ? fmin(t - 0.5, 39) : fmax(t - 0.5, 40.001)), high = low + 1;

	return (water_density(low) - water_density(high)) / water_density(t);
}

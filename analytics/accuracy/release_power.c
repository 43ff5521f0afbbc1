#include "analytics/accuracy/release_power.h"

#include "analytics/core/equivalence.h"

#include <math.h>
#include <stdbool.h>

/* Standard deviation of the effect from `pairs` pairs of each heat pump; *dof of its estimate. */
static double standard_error(struct release_scatter s, double pairs, double units, double *dof)
{
	double day = s.within * s.within / pairs;

	*dof = s.units < 2 ? pairs - 1 : fmin(units, pairs) - 1;
	return s.units < 2 ? sqrt(day) : sqrt((s.between * s.between + day) / units + s.common * s.common / pairs);
}

static bool reached(struct release_scatter s, const struct release_aim *a, double pairs, double units)
{
	double dof, se = standard_error(s, pairs, units, &dof);
	bool inside = fabs(a->difference) < a->margin;

	if (se == 0)
		return fabs(a->difference) != a->margin;
	return (inside ? equivalence_power : equivalence_power_worse)(a->difference, se, dof, a->margin, a->alpha) >= a->power;
}

/* Fewest pairs with `fixed` heat pumps, or heat pumps with `fixed` pairs: 2 to `most`, where more is never worse; NaN: not by `most`. */
static double fewest(struct release_scatter s, const struct release_aim *a, bool heat_pumps, double fixed, int most)
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

static bool usable(struct release_scatter s, const struct release_aim *a)
{
	return isfinite(s.within) && (s.units < 2 || (isfinite(s.between) && isfinite(s.common))) && a->margin > 0 && isfinite(a->difference);
}

double release_pairs_needed(struct release_scatter s, const struct release_aim *aim)
{
	return usable(s, aim) ? fewest(s, aim, false, s.units, RELEASE_PAIRS_MOST) : NAN;
}

double release_units_needed(struct release_scatter s, double pairs, const struct release_aim *aim)
{
	return usable(s, aim) && s.units > 1 && pairs >= 1 ? fewest(s, aim, true, pairs, RELEASE_UNITS_MOST) : NAN;
}

double release_detectable(struct release_scatter s, double pairs, double alpha, double power)
{
	double dof, se = standard_error(s, pairs, s.units, &dof);

	return equivalence_detectable(se * sqrt(dof + 1), dof + 1, alpha, power);
}

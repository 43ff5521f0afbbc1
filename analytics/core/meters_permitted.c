#include "analytics/core/meters_permitted.h"

#include <math.h>

double permitted_electric_share(const struct meters_settings *s, double power)
{
	static const double low[] = {NAN, 3.5, 2, 1}, high[] = {NAN, 3.5, 2, 0.7};

	return isnan(power) ? NAN : fabs(power) / s->mains < s->itr ? low[s->electric_class] : high[s->electric_class];
}

double permitted_electric(const struct meters_settings *s, double power)
{
	return fabs(power) * permitted_electric_share(s, power) / 100;
}

/* % of the flow sensor. */
static double flow_share(const struct meters_settings *s, double flow)
{
	static const double base[] = {NAN, 1, 2, 3}, slope[] = {NAN, 0.01, 0.02, 0.05};

	if (s->heat_class == 0 || isnan(flow))
		return NAN;
	return flow > 0 ? fmin(5, base[s->heat_class] + slope[s->heat_class] * 1000 * s->qp / flow) : 5;
}

double permitted_heat_share(const struct meters_settings *s, double flow, double dt)
{
	return flow_share(s, flow) + 1 + 4 * s->dt_min / fabs(dt);
}

double permitted_heat(const struct meters_settings *s, double flow, double dt, double k)
{
	return k * fabs(flow) / 3.6 * (fabs(dt) * (flow_share(s, flow) + 1) + 4 * s->dt_min) / 100;
}

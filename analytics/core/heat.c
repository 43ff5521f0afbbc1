#include "analytics/core/heat.h"

#include "daq/base/error.h"

#include <math.h>
#include <string.h>

const char *const heat_convention_names[HEAT_CONVENTIONS + 1] = {
	"en1434", "997x4182", "1000x4186", "1.157964", "1.137888", "given", NULL};
const char *const heat_sensor_names[] = {"supply", "return", NULL};

static const double factors[HEAT_CONVENTIONS] = {
	[HEAT_EN1434] = NAN,
	[HEAT_997_4182] = 997 * 4182e-6,
	[HEAT_1000_4186] = 1000 * 4186e-6,
	[HEAT_1_157964] = 1.157964 * 3.6,
	[HEAT_1_137888] = 1.137888 * 3.6,
	[HEAT_GIVEN] = NAN,
};

int heat_medium(struct heat_medium *out, enum heat_convention convention, enum heat_sensor sensor, double bar, double rho_cp,
	const char *fluid, struct error *e)
{
	struct heat_medium medium = {.convention = convention, .sensor = sensor, .factor = factors[convention]};

	if (strcmp(fluid, "water") != 0 && convention != HEAT_GIVEN)
		return error_set(e, ERROR_CONFIG,
			"no table of \"%s\" is known: its heat needs convention = given and rho_cp, its density times its heat "
			"capacity in MJ/(m3 K)", fluid);
	if (convention == HEAT_GIVEN && !(rho_cp > 0 && rho_cp < 10))
		return error_set(e, ERROR_CONFIG,
			"convention = given needs rho_cp, density times heat capacity in MJ/(m3 K) (water: about 4.15), not %g", rho_cp);
	if (convention == HEAT_EN1434 && !(bar >= 1 && bar <= 1000))
		return error_set(e, ERROR_CONFIG, "the heat coefficient needs a pressure from 1 to 1000 bar (16 by convention), not %g",
			bar);
	if (convention == HEAT_GIVEN)
		medium.factor = rho_cp;
	if (convention == HEAT_EN1434)
		medium.water = if97_isobar(bar / 10);
	*out = medium;
	return 0;
}

double heat_coefficient(const struct heat_medium *m, double supply, double ret)
{
	double at = m->sensor == HEAT_SENSOR_SUPPLY ? supply : ret, cp;

	if (!isfinite(supply) || !isfinite(ret))
		return NAN;
	if (m->convention != HEAT_EN1434)
		return m->factor;
	if (fmin(supply, ret) < 0 || fmax(supply, ret) > (m->water.megapascal < 1.6 ? 100 : 200))
		return NAN;
	if (fabs(supply - ret) < 1e-3) /* cp itself: a difference would be all rounding */
		cp = if97_region1((supply + ret) / 2 + 273.15, m->water.megapascal).cp;
	else
		cp = (if97_isobar_enthalpy(&m->water, supply + 273.15) - if97_isobar_enthalpy(&m->water, ret + 273.15)) /
		     (supply - ret);
	return cp / if97_isobar_volume(&m->water, at + 273.15) / 1000;
}

/* MJ/(m3 K) times l/h times K is kJ/h. */
double heat_power(const struct heat_medium *m, double flow, double supply, double ret)
{
	return heat_coefficient(m, supply, ret) * flow * (supply - ret) / 3.6;
}

double heat_of_volume(const struct heat_medium *m, double volume, double supply, double ret)
{
	return heat_coefficient(m, supply, ret) * volume * (supply - ret) / 3600;
}

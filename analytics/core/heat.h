/*
 * heat.h - from flow and two temperatures to heat, as a heat meter's calculator does it (EN 1434-1).
 *
 *	P = k q (t_supply - t_return),  k = rho(t at the flow sensor) (h_supply - h_return)/(t_supply - t_return)
 *
 * rho and h after IAPWS-IF97 region 1 (if97.h) at one pressure, 16 bar by convention (EN 1434-1, from memory). Besides: the
 * fixed factors that programs use instead, by their names, because part of a "model error" may be one of them.
 */
#ifndef HEATBENCH_CORE_HEAT_H
#define HEATBENCH_CORE_HEAT_H

#include "analytics/core/if97.h"

struct error;

enum heat_convention {
	HEAT_EN1434,	/* the heat coefficient above */
	HEAT_997_4182,	/* 997 kg/m3 x 4182 J/(kg K): 4.169454 MJ/(m3 K) */
	HEAT_1000_4186, /* 1 kg/l x 4186 J/(kg K): 4.186 */
	HEAT_1_157964,	/* 1.157964 Wh/(l K), a table's value at 40 degC: 4.1686704 */
	HEAT_1_137888,	/* 1.137888 Wh/(l K): 4.0963968 */
	HEAT_GIVEN,	/* rho cp of the fluid as somebody gave it */
	HEAT_CONVENTIONS
};

enum heat_sensor { HEAT_SENSOR_SUPPLY, HEAT_SENSOR_RETURN }; /* which pipe the flow sensor sits in */

/* "en1434", "997x4182", "1000x4186", "1.157964", "1.137888", "given", then NULL: for settings tables. */
extern const char *const heat_convention_names[HEAT_CONVENTIONS + 1];
extern const char *const heat_sensor_names[]; /* "supply", "return", NULL */

/* What heat is reckoned with; made once. */
struct heat_medium {
	enum heat_convention convention;
	enum heat_sensor sensor;
	double factor; /* MJ/(m3 K) of all conventions but HEAT_EN1434, whose is NaN */
	struct if97_isobar water;
};

/* `bar`: absolute pressure, for HEAT_EN1434. `rho_cp`: MJ/(m3 K), for HEAT_GIVEN. `fluid`: "water", or what is in it: then
 * only HEAT_GIVEN is possible, since no table of any other fluid is known here. Errors: ERROR_CONFIG. */
int heat_medium(struct heat_medium *out, enum heat_convention convention, enum heat_sensor sensor, double bar, double rho_cp,
	const char *fluid, struct error *e);

/* k in MJ/(m3 K) between two temperatures in degC (in either order; where they are equal, rho cp). NaN outside 0 to 200 degC,
 * above 100 degC below 16 bar (it may boil), and where a temperature is NaN. */
double heat_coefficient(const struct heat_medium *medium, double supply, double ret);

/* W from flow in l/h; kWh from a volume in l. Negative where the supply is the colder. NaN where anything is. */
double heat_power(const struct heat_medium *medium, double flow, double supply, double ret);
double heat_of_volume(const struct heat_medium *medium, double volume, double supply, double ret);

#endif

/*
 * meters_permitted.h - the maximum permissible errors of the meters' classes at an operating point.
 *
 *	electricity	MID 2014/32/EU annex V, table 2, at +5 to +30 degC: below Itr 3.5, 2, 1 % (A, B, C), above it 3.5, 2, 0.7 %
 *	heat		EN 1434-1 and MID annex VI, complete meter: Ef + Et + Ec with
 *			Ef = 1 + 0.01 qp/q, 2 + 0.02 qp/q, 3 + 0.05 qp/q %, at most 5 % (classes 1, 2, 3; 1 and 3 from memory),
 *			Et = 0.5 + 3 dTmin/dT %, Ec = 0.5 + dTmin/dT %
 */
#ifndef HEATBENCH_CORE_METERS_PERMITTED_H
#define HEATBENCH_CORE_METERS_PERMITTED_H

#include "analytics/core/meters_settings.h"

/* W of a reading of `power` W; NaN where no class was said. */
double permitted_electric(const struct meters_settings *s, double power);

/* %: of the current that `power` is at the mains' voltage. */
double permitted_electric_share(const struct meters_settings *s, double power);

/* W of heat that flows at `flow` l/h with a difference of `dt` K (whichever sign) and `k` MJ/(m3 K). The parts of the
 * temperatures are finite also where dt is 0. NaN where no class was said, or where anything is. */
double permitted_heat(const struct meters_settings *s, double flow, double dt, double k);

/* %: Ef + Et + Ec. */
double permitted_heat_share(const struct meters_settings *s, double flow, double dt);

#endif

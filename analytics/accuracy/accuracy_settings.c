#include "analytics/accuracy/accuracy.h"

#define AT(field) offsetof(struct accuracy_settings, field)

/* clang-format off */
const struct setting accuracy_settings_rows[] = {
	{.name = "bootstrap", .type = SETTING_INTEGER, .offset = AT(bootstrap), .min = 200, .max = 100000, .fallback = "2000", .help = "times that blocks of days are drawn again for the intervals"},
	{.name = "block", .type = SETTING_INTEGER, .offset = AT(block), .min = 0, .max = 366, .fallback = "0", .help = "days that stay together in it; 0: by their number"},
	{.name = "seed", .type = SETTING_INTEGER, .offset = AT(seed), .min = 0, .max = 2147483647, .fallback = "1", .help = "of the drawing: the same seed gives the same intervals"},
	{.name = "covered", .type = SETTING_NUMBER, .offset = AT(covered), .unit = "%", .min = 1, .max = 100, .fallback = "90 %", .help = "of 5 minutes, an hour, a day that must be known for its mean to count"},
	{.name = "skew", .type = SETTING_NUMBER, .offset = AT(skew), .unit = "s", .min = -3600, .max = 3600, .fallback = "nan", .help = "how much later the CiC's values come than the meters', where it is known; else it is found"},
	{.name = "skew_from", .type = SETTING_NUMBER, .offset = AT(skew_from), .unit = "s", .min = -3600, .max = 3600, .fallback = "-20 s", .help = "least skew that is looked for"},
	{.name = "skew_to", .type = SETTING_NUMBER, .offset = AT(skew_to), .unit = "s", .min = -3600, .max = 3600, .fallback = "20 s", .help = "greatest skew that is looked for"},
	{.name = "skew_step", .type = SETTING_NUMBER, .offset = AT(skew_step), .unit = "W", .min = 1, .max = 1e5, .fallback = "150 W", .help = "change of power that shows when it happened"},
	{.name = "step", .type = SETTING_NUMBER, .offset = AT(step), .unit = "W", .min = 1, .max = 1e5, .fallback = "50 W", .help = "change between two rows that makes both a transition"},
	{.name = "on", .type = SETTING_NUMBER, .offset = AT(on), .unit = "W", .min = 0, .max = 1e5, .fallback = "100 W", .help = "voltage times current above which the compressor runs"},
	{.name = "off", .type = SETTING_NUMBER, .offset = AT(off), .unit = "W", .min = 0, .max = 1e5, .fallback = "30 W", .help = "power below which the heat pump is off"},
	{.name = "startup", .type = SETTING_NUMBER, .offset = AT(startup), .unit = "s", .min = 0, .max = 86400, .fallback = "300 s", .help = "after the compressor came on that are the start-up"},
	{.name = "middle", .type = SETTING_NUMBER, .offset = AT(middle), .unit = "W", .min = 0, .max = 1e6, .fallback = "700 W", .help = "power from which on a steady load is a middle one"},
	{.name = "high", .type = SETTING_NUMBER, .offset = AT(high), .unit = "W", .min = 0, .max = 1e6, .fallback = "1400 W", .help = "power from which on it is a high one"},
	{.name = "max_daily_nmbe", .type = SETTING_NUMBER, .offset = AT(max_daily_nmbe), .unit = "%", .min = 0, .max = 1000, .fallback = "2 %", .help = "limit: absolute NMBE of daily means of electric power"},
	{.name = "max_hourly_cvrmse", .type = SETTING_NUMBER, .offset = AT(max_hourly_cvrmse), .unit = "%", .min = 0, .max = 1000, .fallback = "5 %", .help = "limit: CV(RMSE) of hourly means of electric power"},
	{.name = "max_steady_rmse", .type = SETTING_NUMBER, .offset = AT(max_steady_rmse), .unit = "W", .min = 0, .max = 1e6, .fallback = "20 W", .help = "limit: RMSE of electric power while the load is steady"},
	{.name = "max_off_rmse", .type = SETTING_NUMBER, .offset = AT(max_off_rmse), .unit = "W", .min = 0, .max = 1e6, .fallback = "3 W", .help = "limit: RMSE of electric power while the heat pump is off"},
	{.name = "max_heat_nmbe", .type = SETTING_NUMBER, .offset = AT(max_heat_nmbe), .unit = "%", .min = 0, .max = 1000, .fallback = "5 %", .help = "limit: absolute NMBE of daily means of heat power"},
	{.name = "production_cap", .type = SETTING_NUMBER, .offset = AT(production_cap), .unit = "s", .min = 0, .max = 1e6, .fallback = "900 s", .help = "of a gap that the old aggregation counts; 0: all of it, as it did before"},
	SETTING_END
};
/* clang-format on */

#include "benches/pump/pump_settings.h"

#include "analytics/core/evaluation.h"
#include "daq/base/error.h"

#define AT(field) offsetof(struct pump_settings, field)

/* clang-format off */
const struct setting pump_settings_rows[] = {
	{.name = "elevation", .type = SETTING_NUMBER, .offset = AT(taps.elevation), .unit = "m", .min = -10, .max = 10, .fallback = "0 m", .help = "outlet tap above inlet tap"},
	{.name = "inlet", .type = SETTING_NUMBER, .offset = AT(taps.inlet), .unit = "m", .min = 0, .max = 1, .fallback = "0 m", .help = "inner diameter of the pipe at the inlet tap; 0: as at the outlet"},
	{.name = "outlet", .type = SETTING_NUMBER, .offset = AT(taps.outlet), .unit = "m", .min = 0, .max = 1, .fallback = "0 m", .help = "inner diameter of the pipe at the outlet tap; 0: as at the inlet"},
	{.name = "temperature", .type = SETTING_NUMBER, .offset = AT(temperature), .unit = "degC", .min = 0, .max = 100, .fallback = "20 degC", .help = "of the water where no channel measures it"},
	{.name = "speed", .type = SETTING_NUMBER, .offset = AT(speed), .min = 0, .max = 100000, .fallback = "0", .help = "1/min to which curves are reduced where speed is measured; 0: their own mean"},
	{.name = "dut", .type = SETTING_TEXT, .offset = AT(dut), .size = 32, .fallback = "", .help = "pump that the guarantee is for; none: each"},
	{.name = "set_point", .type = SETTING_NUMBER, .offset = AT(set_point), .min = -1, .max = 1000, .fallback = "-1", .help = "permille duty that the guarantee is for; -1: the strongest curve"},
	{.name = "flow", .type = SETTING_NUMBER, .offset = AT(flow), .unit = "m3/h", .min = 0, .max = 1000, .fallback = "0 m3/h", .help = "guarantee point"},
	{.name = "head", .type = SETTING_NUMBER, .offset = AT(head), .unit = "m", .min = 0, .max = 1000, .fallback = "0 m", .help = "guarantee point"},
	{.name = "power", .type = SETTING_NUMBER, .offset = AT(power), .unit = "W", .min = 0, .max = 1e6, .fallback = "0 W", .help = "guaranteed to be at most; 0: not promised"},
	{.name = "efficiency", .type = SETTING_NUMBER, .offset = AT(efficiency), .min = 0, .max = 1, .fallback = "0", .help = "guaranteed to be at least; 0: not promised"},
	{.name = "grade", .type = SETTING_TEXT, .offset = AT(grade), .size = 4, .fallback = "2B", .help = "of ISO 9906:2012 (unverified table): 1B, 1E, 1U, 2B, 2U, 3B"},
	SETTING_END
};
/* clang-format on */

struct pump_settings pump_settings_default(void)
{
	struct pump_settings s = {.grade = ""};

	settings_defaults(pump_settings_rows, &s, NULL);
	return s;
}

int pump_settings_read(struct pump_settings *out, const char *text, struct error *e)
{
	struct pump_settings s = pump_settings_default();

	if (evaluation_settings(pump_settings_rows, &s, text, "pump settings", e) < 0)
		return -1;
	if ((s.flow > 0) != (s.head > 0))
		return error_set(e, ERROR_CONFIG, "pump settings: a guarantee point needs flow and head");
	if (!pump_grade_find(s.grade))
		return error_set(e, ERROR_CONFIG,
			"pump settings: grade = \"%s\": expected 1B, 1E, 1U, 2B, 2U or 3B", s.grade);
	*out = s;
	return 0;
}

#include "analytics/core/meters_settings.h"

#include "analytics/core/evaluation.h"
#include "analytics/core/heat.h"
#include "daq/base/error.h"

#define AT(field) offsetof(struct meters_settings, field)
#define SIZE(field) sizeof(((struct meters_settings *)0)->field)

static const char *const electric_classes[] = {"none", "A", "B", "C", NULL};
static const char *const sources[] = {"auto", "counter", "power", NULL};

/* clang-format off */
const struct setting meters_settings_rows[] = {
	{.name = "electric_class", .each = true, .type = SETTING_CHOICE, .offset = AT(electric_class), .choices = electric_classes, .fallback = "none", .help = "accuracy class (MID annex V) of the electricity meters; none: how well they are known was not said"},
	{.name = "itr", .each = true, .type = SETTING_NUMBER, .offset = AT(itr), .unit = "A", .min = 0.001, .max = 100, .fallback = "0.5 A", .help = "their transitional current, above which class C is narrower"},
	{.name = "imin", .each = true, .type = SETTING_NUMBER, .offset = AT(imin), .unit = "A", .min = 0, .max = 100, .fallback = "0.25 A", .help = "their least current, below which the class says nothing"},
	{.name = "mains", .type = SETTING_NUMBER, .offset = AT(mains), .unit = "V", .min = 50, .max = 500, .fallback = "230 V", .help = "by which power becomes current, for the class"},
	{.name = "heat_class", .each = true, .type = SETTING_INTEGER, .offset = AT(heat_class), .min = 0, .max = 3, .fallback = "0", .help = "accuracy class (EN 1434) of the heat meters; 0: how well they are known was not said"},
	{.name = "qp", .each = true, .type = SETTING_NUMBER, .offset = AT(qp), .unit = "m3/h", .min = 0, .max = 1000, .fallback = "0 m3/h", .help = "their nominal flow rate; needed by heat_class"},
	{.name = "dt_min", .each = true, .type = SETTING_NUMBER, .offset = AT(dt_min), .unit = "K", .min = 0.5, .max = 20, .fallback = "3 K", .help = "their least temperature difference"},
	{.name = "flow_sensor", .each = true, .type = SETTING_CHOICE, .offset = AT(flow_sensor), .choices = heat_sensor_names, .fallback = "return", .help = "pipe of their flow sensor"},
	{.name = "convention", .type = SETTING_CHOICE, .offset = AT(convention), .choices = heat_convention_names, .fallback = "en1434", .help = "how flow and temperatures become heat: the heat coefficient, or a fixed factor"},
	{.name = "pressure", .type = SETTING_NUMBER, .offset = AT(pressure), .unit = "bar", .min = 1, .max = 100, .fallback = "16 bar", .help = "of the heat coefficient, absolute"},
	{.name = "rho_cp", .type = SETTING_NUMBER, .offset = AT(rho_cp), .min = 0, .max = 10, .fallback = "0", .help = "density times heat capacity in MJ/(m3 K), for convention = given"},
	{.name = "fluid", .type = SETTING_TEXT, .offset = AT(fluid), .size = SIZE(fluid), .fallback = "water", .help = "what circulates; anything but water is not MID and needs rho_cp"},
	{.name = "source", .type = SETTING_CHOICE, .offset = AT(source), .choices = sources, .fallback = "auto", .help = "of energy and heat: the meter's counter, or its power integrated; auto: the counter where there is one"},
	{.name = "float32", .each = true, .type = SETTING_SWITCH, .offset = AT(float32), .fallback = "yes", .help = "counters come in single precision, whose spacing is a step of theirs"},
	{.name = "electric_max", .type = SETTING_NUMBER, .offset = AT(electric_max), .unit = "W", .min = 10, .max = 1e6, .fallback = "20 kW", .help = "more than this no heat pump can draw: faster counters are impossible"},
	{.name = "heat_max", .type = SETTING_NUMBER, .offset = AT(heat_max), .unit = "W", .min = 10, .max = 1e6, .fallback = "60 kW", .help = "likewise of heat"},
	{.name = "flow_max", .type = SETTING_NUMBER, .offset = AT(flow_max), .unit = "l/h", .min = 1, .max = 1e6, .fallback = "10000 l/h", .help = "likewise of the volume"},
	{.name = "electric_modulus", .each = true, .type = SETTING_NUMBER, .offset = AT(electric_modulus), .unit = "kWh", .min = 0, .max = 1e12, .fallback = "0 kWh", .help = "where the energy register wraps; 0: it does not"},
	{.name = "heat_modulus", .each = true, .type = SETTING_NUMBER, .offset = AT(heat_modulus), .unit = "kWh", .min = 0, .max = 1e12, .fallback = "0 kWh", .help = "likewise of the heat register"},
	{.name = "volume_modulus", .each = true, .type = SETTING_NUMBER, .offset = AT(volume_modulus), .unit = "m3", .min = 0, .max = 1e12, .fallback = "0 m3", .help = "likewise of the volume register"},
	{.name = "coverage", .type = SETTING_NUMBER, .offset = AT(coverage), .unit = "%", .min = 0, .max = 100, .fallback = "95 %", .help = "of a day that must be covered by good samples: below it the day is undecided"},
	{.name = "bridge", .type = SETTING_NUMBER, .offset = AT(bridge), .min = 1, .max = 100, .fallback = "2.5", .help = "periods of a channel that two good samples may be apart; more is a gap, which is never filled"},
	{.name = "register_tolerance", .type = SETTING_NUMBER, .offset = AT(register_tolerance), .unit = "%", .min = 0, .max = 100, .fallback = "1 %", .help = "of a register against its power or flow, integrated"},
	{.name = "vipf_tolerance", .type = SETTING_NUMBER, .offset = AT(vipf_tolerance), .unit = "%", .min = 0, .max = 100, .fallback = "2 %", .help = "of V x I x PF against power"},
	{.name = "flow_tolerance", .type = SETTING_NUMBER, .offset = AT(flow_tolerance), .unit = "%", .min = 0, .max = 100, .fallback = "2 %", .help = "of heat from flow and temperatures against the heat meter's"},
	{.name = "estimate_tolerance", .type = SETTING_NUMBER, .offset = AT(estimate_tolerance), .unit = "%", .min = 0, .max = 100, .fallback = "5 %", .help = "of the CiC's estimates against the meters"},
	{.name = "meter_offset", .each = true, .type = SETTING_NUMBER, .offset = AT(meter_offset), .unit = "W", .min = -1000, .max = 1000, .fallback = "0 W", .help = "what the electricity meters measure that the heat pumps do not draw, such as their own consumption: taken off where models are held against them"},
	{.name = "boundary", .each = true, .type = SETTING_TEXT, .offset = AT(boundary), .size = SIZE(boundary), .fallback = "", .help = "what the electricity meters measure, in words: heat pump alone, with its CiC ..."},
	{.name = "standstill", .type = SETTING_NUMBER, .offset = AT(standstill), .unit = "s", .min = 1, .max = 86400, .fallback = "300 s", .help = "a value that stood for longer stood still by itself: not counted where it is asked how often a meter shows another one"},
	{.name = "changes_least", .type = SETTING_INTEGER, .offset = AT(changes_least), .min = 2, .max = 1000000, .fallback = "10", .help = "changes from which on it is told how often a meter shows another value"},
	{.name = "slow_turn", .type = SETTING_NUMBER, .offset = AT(slow_turn), .unit = "s", .min = 1, .max = 3600, .fallback = "12 s", .help = "a heat meter that shows another value more seldom is named: it is in a slow mode (Kamstrup's fast modes take 4 to 8 s, its normal ones 32 s)"},
	{.name = "refreshes_least", .type = SETTING_INTEGER, .offset = AT(refreshes_least), .min = 1, .max = 1000000, .fallback = "100", .help = "of a heat meter, that a cross-check of it must last: one of them is what its ends cannot tell"},
	{.name = "skew_range", .type = SETTING_NUMBER, .offset = AT(skew_range), .unit = "s", .min = 1, .max = 300, .fallback = "15 s", .help = "by so much at most what a CiC shows is looked for before and after the electricity meter"},
	{.name = "skew_step", .type = SETTING_NUMBER, .offset = AT(skew_step), .unit = "W", .min = 1, .max = 1e5, .fallback = "100 W", .help = "change of the electricity meter within 10 s that is a step, for the skew"},
	{.name = "day", .type = SETTING_TEXT, .offset = AT(day), .size = SIZE(day), .fallback = "", .help = "whose power is drawn (2024-01-31); empty: the last one that was covered"},
	SETTING_END
};
/* clang-format on */

struct meters_settings meters_settings_default(void)
{
	struct meters_settings s = {.source = METERS_AUTO};

	settings_defaults(meters_settings_rows, &s, NULL);
	return s;
}

int meters_settings_read(struct meters_settings *out, const char *text, struct error *e)
{
	struct meters_settings s = meters_settings_default();

	if (evaluation_settings(meters_settings_rows, &s, text, "meters settings", e) < 0)
		return -1;
	*out = s;
	return 0;
}

/* What only all keys together can say: a class without what it needs, a fluid that heat cannot be reckoned of. */
static int sensible(const struct meters_settings *s, const char *dut, struct error *e)
{
	const char *colon = dut[0] ? ": " : "";
	struct heat_medium unused;
	struct error why = ERROR_INIT;

	if (s->heat_class > 0 && !(s->qp > 0))
		return error_set(e, ERROR_CONFIG, "meters settings: %s%sheat_class = %d needs qp, the meters' nominal flow rate", dut, colon,
			s->heat_class);
	if (heat_medium(&unused, (enum heat_convention)s->convention, (enum heat_sensor)s->flow_sensor, s->pressure, s->rho_cp,
		    s->fluid, &why) < 0)
		return error_set(e, ERROR_CONFIG, "meters settings: %s%s%s", dut, colon, why.text);
	return 0;
}

int meters_settings_read_of(struct meters_settings *out, const char *text, const char *dut, struct error *e)
{
	struct meters_settings s = meters_settings_default();

	if (evaluation_settings_of(meters_settings_rows, &s, text, dut, "meters settings", e) < 0 || sensible(&s, dut, e) < 0)
		return -1;
	*out = s;
	return 0;
}

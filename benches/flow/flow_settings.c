#include "benches/flow/flow_settings.h"

#include "analytics/core/evaluation.h"
#include "daq/base/error.h"

#define AT(field) offsetof(struct flow_settings, field)

static const char *const starts[] = {"auto", "flying", "standing", NULL};
static const char *const standards[] = {"none", "iso4064", "en1434", NULL};
static const char *const rules[] = {"simple", "guarded", NULL};
static const char *const statistics[] = {"mean", "median", NULL};

/* clang-format off */
const struct setting flow_settings_rows[] = {
	{.name = "start", .type = SETTING_CHOICE, .offset = AT(start), .choices = starts, .fallback = "auto", .help = "flying (diverter) or standing start of a collection; auto: flying where the diverter was switched, standing where it led to the tank all the time"},
	{.name = "scale_resolution", .type = SETTING_NUMBER, .offset = AT(scale_resolution), .unit = "kg", .min = 0, .max = 1000, .fallback = "0 kg", .help = "one digit of the scale; 0: as its channel says"},
	{.name = "scale_uncertainty", .type = SETTING_NUMBER, .offset = AT(scale_uncertainty), .unit = "kg", .min = 0, .max = 1000, .fallback = "0 kg", .help = "expanded, of a difference of two readings; 0: as the channel or its certificate says"},
	{.name = "scale_k", .type = SETTING_NUMBER, .offset = AT(scale_k), .min = 1, .max = 15, .fallback = "2", .help = "coverage factor of scale_uncertainty"},
	{.name = "air_pressure", .type = SETTING_NUMBER, .offset = AT(air_pressure), .unit = "hPa", .min = 500, .max = 1200, .fallback = "1013.25 hPa", .help = "around the scale, for its buoyancy"},
	{.name = "air_humidity", .type = SETTING_NUMBER, .offset = AT(air_humidity), .unit = "%", .min = 0, .max = 100, .fallback = "50 %", .help = "relative"},
	{.name = "air_temperature", .type = SETTING_NUMBER, .offset = AT(air_temperature), .unit = "degC", .min = -20, .max = 60, .fallback = "20 degC", .help = "around the scale"},
	{.name = "air_uncertainty", .type = SETTING_NUMBER, .offset = AT(air_uncertainty), .min = 0, .max = 1, .fallback = "0.05", .help = "kg/m3, half width: how far the air's density may be off (0.05: weather and a heated lab)"},
	{.name = "water_temperature", .type = SETTING_NUMBER, .offset = AT(water_temperature), .unit = "degC", .min = 0, .max = 100, .fallback = "20 degC", .help = "at the meter, where no channel measures it"},
	{.name = "temperature_uncertainty", .type = SETTING_NUMBER, .offset = AT(temperature_uncertainty), .unit = "K", .min = 0, .max = 20, .fallback = "0.4 K", .help = "of it, expanded (k = 2), where its channel does not say"},
	{.name = "density_uncertainty", .type = SETTING_NUMBER, .offset = AT(density_uncertainty), .unit = "%", .min = 0, .max = 5, .fallback = "0.01 %", .help = "half width: how far this water may be from pure water"},
	{.name = "pressure", .type = SETTING_NUMBER, .offset = AT(pressure), .unit = "bar", .min = 0, .max = 25, .fallback = "0 bar", .help = "at the meter, above the atmosphere"},
	{.name = "line_volume", .type = SETTING_NUMBER, .offset = AT(line_volume), .unit = "l", .min = 0, .max = 1000, .fallback = "0 l", .help = "between meter and outlet (line pack)"},
	{.name = "line_warming", .type = SETTING_NUMBER, .offset = AT(line_warming), .unit = "K", .min = -50, .max = 50, .fallback = "0 K", .help = "of that water during a collection"},
	{.name = "line_warming_uncertainty", .type = SETTING_NUMBER, .offset = AT(line_warming_uncertainty), .unit = "K", .min = 0, .max = 50, .fallback = "0.5 K", .help = "half width"},
	{.name = "diverter_correction", .type = SETTING_NUMBER, .offset = AT(diverter_correction), .unit = "s", .min = -5, .max = 5, .fallback = "0 s", .help = "longer than between its two acknowledgements the water ran into the tank"},
	{.name = "diverter_uncertainty", .type = SETTING_NUMBER, .offset = AT(diverter_uncertainty), .unit = "s", .min = 0, .max = 5, .fallback = "20 ms", .help = "standard, of each switch"},
	{.name = "splash", .type = SETTING_NUMBER, .offset = AT(splash), .unit = "kg", .min = 0, .max = 100, .fallback = "0 kg", .help = "half width: evaporation and splash of a collection"},
	{.name = "pulses", .type = SETTING_NUMBER, .offset = AT(pulses), .unit = "imp/l", .min = 0, .max = 1e6, .fallback = "0 imp/l", .help = "of the meters, where counter and volume do not tell"},
	{.name = "edge_uncertainty", .type = SETTING_NUMBER, .offset = AT(edge_uncertainty), .unit = "s", .min = 0, .max = 10, .fallback = "1 ms", .help = "standard, of a pulse's instant against the diverter's"},
	{.name = "standard", .type = SETTING_CHOICE, .offset = AT(standard), .choices = standards, .fallback = "none", .help = "whose class the meters are held against: iso4064 (needs q3, ratio), en1434 (needs qp)"},
	{.name = "class", .type = SETTING_INTEGER, .offset = AT(class), .min = 1, .max = 3, .fallback = "2", .help = "1 or 2 (ISO 4064), 1, 2 or 3 (EN 1434)"},
	{.name = "q3", .type = SETTING_NUMBER, .offset = AT(q3), .unit = "m3/h", .min = 0, .max = 10000, .fallback = "0 m3/h", .help = "permanent flow rate of ISO 4064"},
	{.name = "ratio", .type = SETTING_NUMBER, .offset = AT(ratio), .min = 1, .max = 2000, .fallback = "80", .help = "Q3/Q1 of ISO 4064"},
	{.name = "qp", .type = SETTING_NUMBER, .offset = AT(qp), .unit = "m3/h", .min = 0, .max = 10000, .fallback = "0 m3/h", .help = "nominal flow rate of EN 1434"},
	{.name = "rule", .type = SETTING_CHOICE, .offset = AT(rule), .choices = rules, .fallback = "guarded", .help = "by which a class is judged; simple wants U at most a third of the limit"},
	{.name = "last", .type = SETTING_INTEGER, .offset = AT(last), .min = 0, .max = 100000, .fallback = "24", .help = "samples at the end of a step that a comparison uses; 0: all after the settling"},
	{.name = "statistic", .type = SETTING_CHOICE, .offset = AT(statistic), .choices = statistics, .fallback = "mean", .help = "of them that a comparison is about; both are shown"},
	{.name = "reference_uncertainty", .type = SETTING_NUMBER, .offset = AT(reference_uncertainty), .unit = "%", .min = 0, .max = 100, .fallback = "0 %", .help = "of a reading of the reference meter, expanded; 0: as its channel or certificate says"},
	{.name = "reference_k", .type = SETTING_NUMBER, .offset = AT(reference_k), .min = 1, .max = 15, .fallback = "2", .help = "coverage factor of reference_uncertainty"},
	{.name = "variance_ratio", .type = SETTING_NUMBER, .offset = AT(variance_ratio), .min = 0.0001, .max = 10000, .fallback = "1", .help = "variance of the errors under test over that of the reference's, for Deming's line"},
	{.name = "target", .type = SETTING_NUMBER, .offset = AT(target), .unit = "%", .min = 0.001, .max = 10, .fallback = "0.05 %", .help = "standard uncertainty that scale and pulses may each bring: how much must be collected"},
	SETTING_END
};
/* clang-format on */

struct flow_settings flow_settings_default(void)
{
	struct flow_settings s = {.start = 0};

	settings_defaults(flow_settings_rows, &s, NULL);
	return s;
}

int flow_settings_read(struct flow_settings *out, const char *text, struct error *e)
{
	struct flow_settings s = flow_settings_default();

	if (evaluation_settings(flow_settings_rows, &s, text, "flow settings", e) < 0)
		return -1;
	if (s.standard == FLOW_STANDARD_ISO4064 && !(s.q3 > 0))
		return error_set(e, ERROR_CONFIG, "flow settings: standard = iso4064 needs q3 (and ratio, Q3/Q1)");
	if (s.standard == FLOW_STANDARD_ISO4064 && s.class > 2)
		return error_set(e, ERROR_CONFIG, "flow settings: ISO 4064 has classes 1 and 2");
	if (s.standard == FLOW_STANDARD_EN1434 && !(s.qp > 0))
		return error_set(e, ERROR_CONFIG, "flow settings: standard = en1434 needs qp");
	*out = s;
	return 0;
}

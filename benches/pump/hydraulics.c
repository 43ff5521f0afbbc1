#include "benches/pump/hydraulics.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#define SECONDS_PER_HOUR 3600.0

static double velocity(double flow, double diameter)
{
	return flow / SECONDS_PER_HOUR / (M_PI / 4 * diameter * diameter);
}

double pump_head(double dp, double flow, double density, const struct pump_taps *taps)
{
	double head = dp / (density * HYDRAULICS_G) + taps->elevation, in, out;

	if (!(taps->inlet > 0 && taps->outlet > 0) || taps->inlet == taps->outlet)
		return head;
	in = velocity(flow, taps->inlet);
	out = velocity(flow, taps->outlet);
	return head + (out * out - in * in) / (2 * HYDRAULICS_G);
}

double pump_hydraulic_power(double flow, double head, double density)
{
	return density * HYDRAULICS_G * flow / SECONDS_PER_HOUR * head;
}

struct pump_operation pump_at_speed(struct pump_operation m, double from, double to)
{
	double r = to / from;

	return (struct pump_operation){m.flow * r, m.head * r * r, m.power * r * r * r};
}

/* Rows as remembered of ISO 9906:2012, Table 8; nobody has held them against the standard. */
static const struct pump_grade grades[] = {
	{"1B", -0.05, 0.05, -0.03, 0.03, 0.04, -0.03},
	{"1E", -0.05, 0.05, -0.03, 0.03, 0.04, 0},
	{"1U", 0, 0.10, 0, 0.06, 0.10, 0},
	{"2B", -0.08, 0.08, -0.05, 0.05, 0.08, -0.05},
	{"2U", 0, 0.16, 0, 0.10, 0.16, -0.05},
	{"3B", -0.09, 0.09, -0.07, 0.07, 0.09, -0.07},
};

const struct pump_grade *pump_grade_find(const char *name)
{
	for (size_t i = 0; i < sizeof(grades) / sizeof(*grades); i++)
		if (strcmp(grades[i].name, name) == 0)
			return &grades[i];
	return NULL;
}

const double eei_share[EEI_LOADS] = {1, 0.75, 0.5, 0.25};
const double eei_weight[EEI_LOADS] = {0.06, 0.15, 0.35, 0.44};

double eei_reference_power(double hydraulic)
{
	if (!(hydraulic >= 1 && hydraulic <= 2500))
		return NAN;
	return 1.7 * hydraulic + 17 * (1 - exp(-0.3 * hydraulic));
}

double eei_reference_head(double share, double head100)
{
	return head100 / 2 * (1 + share);
}

double eei_load_power(double power, double head, double reference_head)
{
	return head <= reference_head ? power * reference_head / head : power;
}

double eei_index(const double load_power[EEI_LOADS], double hydraulic)
{
	double average = 0;

	for (int i = 0; i < EEI_LOADS; i++)
		average += eei_weight[i] * load_power[i];
	return 0.49 * average / eei_reference_power(hydraulic);
}

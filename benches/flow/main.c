/*
 * main.c - heatbench flow: the flow-meter accuracy rig, on hardware, on the virtual lab, or from recordings.
 */
#include "benches/flow/collection_needed.h"
#include "benches/flow/evaluate.h"
#include "benches/flow/flow_settings.h"
#include "daq/acquire/bench.h"
#include "daq/base/units.h"
#include "daq/program/acquisition.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const char *const maps[] = {"benches/flow/recording.lua", NULL};

static const struct bench_channel *with_role(const struct bench *bench, const char *role, int dut)
{
	for (int c = 0; c < bench->channels; c++)
		if (strcmp(bench->channel[c].role, role) == 0 && (dut < 0 || bench->channel[c].dut == dut))
			return &bench->channel[c];
	return NULL;
}

/* The fewest pulses a litre of a meter whose pulses are only counted; the instants of edges make up for few pulses. */
static double coarsest_meter(const struct bench *bench, const char **name)
{
	double coarsest = 0;

	for (int d = 0; d < bench->duts; d++) {
		const struct bench_channel *count = with_role(bench, "volume", d);
		double pulses = count ? bench->device[count->device].on_line.pulses_per_litre : NAN;

		if (!count || with_role(bench, "last_edge", d) || !(pulses > 0) || (coarsest > 0 && pulses >= coarsest))
			continue;
		coarsest = pulses;
		*name = bench->dut[d].name;
	}
	return coarsest;
}

/* A collection that is too small for its scale or its pulses is refused before a litre has run. */
static bool collection_unfit(const struct bench *bench, const struct target_step *step, const char *name,
	nanos duration, char *why, size_t size)
{
	const struct bench_channel *weight = with_role(bench, "weight", -1);
	const char *meter = "";
	struct flow_needed needed;
	double flow, kilograms;

	if (!weight || strcmp(name, "collect") != 0 || !(step->set_point > 0) ||
		unit_convert(step->set_point, step->unit, "l/h", &flow, NULL) != 0)
		return false;
	needed = flow_collection_needed(isnan(weight->resolution) ? 0 : weight->resolution,
		coarsest_meter(bench, &meter), 0.05);
	kilograms = flow * (double)duration / 3600e9;
	if (kilograms >= needed.least)
		return false;
	snprintf(why, size, "%g s at %g l/h collect %.2f kg, and %.2f kg are needed for 0.05 %% each (%.2f kg for the scale's "
		"digit%s%s): collect for %.0f s or more", (double)duration / 1e9, flow, kilograms, needed.least, needed.mass,
		needed.volume > 0 ? ", the rest for the pulses of " : "", meter, ceil(needed.least / flow * 3600));
	return true;
}

static const struct acquisition flow = {
	.name = "flow",
	.purpose = "Calibrates flow meters against a weighing tank or a reference meter, then evaluation and report.",
	.bench = "benches/flow/bench.lua",
	.procedure = "scripts/flow-gravimetric.lua",
	.evaluation = flow_settings_rows,
	.check_evaluation = flow_check_settings,
	.unfit = collection_unfit,
	.maps = maps,
};

int main(int argc, char **argv)
{
	return acquisition_main(&flow, argc, argv);
}

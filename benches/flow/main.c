/*
 * main.c - heatbench flow: the flow-meter accuracy rig, on hardware, on the virtual lab, or from recordings.
 */
#include "daq/program/acquisition.h"

#include <stddef.h>

static const char *const maps[] = {"benches/flow/recording.lua", NULL};

static const struct acquisition flow = {
	.name = "flow",
	.purpose = "Calibrates flow meters against a weighing tank or a reference meter, then evaluation and report.",
	.bench = "benches/flow/bench.lua",
	.procedure = "scripts/flow-gravimetric.lua",
	.maps = maps,
};

int main(int argc, char **argv)
{
	return acquisition_main(&flow, argc, argv);
}

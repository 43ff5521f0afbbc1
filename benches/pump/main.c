/*
 * main.c - heatbench pump: the pump test, on hardware, on the virtual lab, or from recordings.
 */
#include "benches/pump/evaluate.h"
#include "benches/pump/pump_settings.h"
#include "daq/program/acquisition.h"

#include <stddef.h>

static const char *const maps[] = {"benches/pump/recording.lua", "benches/pump/recording-excitation.lua", NULL};

static const struct acquisition pump = {
	.name = "pump",
	.purpose = "Runs the pump test: duties and valve positions by a procedure, then evaluation and report.",
	.bench = "benches/pump/bench.lua",
	.procedure = "scripts/pump-sweep.lua",
	.evaluation = pump_settings_rows,
	.check_evaluation = pump_check_settings,
	.maps = maps,
};

int main(int argc, char **argv)
{
	return acquisition_main(&pump, argc, argv);
}

/*
 * main.c - heatbench meters: reference meters beside heat pumps for weeks, on hardware, on the virtual lab, or from
 * recordings.
 */
#include "analytics/core/meters_settings.h"
#include "benches/meters/evaluate.h"
#include "daq/program/acquisition.h"

#include <stddef.h>

static const char *const maps[] = {"benches/meters/recording.lua", NULL};

static const struct acquisition meters = {
	.name = "meters",
	.rig = "cics",
	.purpose = "Logs reference electricity and heat meters beside heat pumps, then evaluation and report by day.",
	.bench = "benches/meters/bench.lua",
	.procedure = "scripts/meters-log.lua",
	.evaluation = meters_settings_rows,
	.check_evaluation = meters_check_settings,
	.maps = maps,
	.without_steps = true,
};

int main(int argc, char **argv)
{
	return acquisition_main(&meters, argc, argv);
}

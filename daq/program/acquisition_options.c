#include "daq/program/acquisition.h"

#include <stddef.h>

#define OFFSET(field) offsetof(struct acquisition_options, field)
#define SIZE(field) sizeof(((struct acquisition_options *)0)->field)

/* clang-format off */
const struct setting acquisition_rows[] = {
	{.name = "bench", .type = SETTING_TEXT, .offset = OFFSET(bench), .size = SIZE(bench), .fallback = "",
		.placeholder = "FILE", .help = "bench file: wiring, channels, limits, safe state"},
	{.name = "procedure", .type = SETTING_TEXT, .offset = OFFSET(procedure), .size = SIZE(procedure), .fallback = "",
		.placeholder = "FILE", .help = "procedure: what is done, step by step"},
	{.name = "virtual", .type = SETTING_SWITCH, .offset = OFFSET(virtual_lab), .fallback = "no",
		.help = "on the virtual lab instead of hardware"},
	{.name = "speed", .type = SETTING_NUMBER, .offset = OFFSET(speed), .min = 0, .max = 1000, .fallback = "0",
		.help = "virtual lab: times faster than time; 1 paces bytes like the wire; 0: lock-step"},
	{.name = "seed", .type = SETTING_INTEGER, .offset = OFFSET(seed), .min = 0, .max = 2147483647, .fallback = "1",
		.help = "virtual lab: of its noise; the same seed gives the same run"},
	{.name = "fault", .type = SETTING_LIST, .offset = OFFSET(fault), .fallback = "",
		.placeholder = "DEVICE:KIND@T+D", .help = "virtual lab: a fault; may be given again"},
	{.name = "lab", .type = SETTING_LIST, .offset = OFFSET(lab), .fallback = "",
		.placeholder = "NAME=VALUE", .help = "virtual lab: an injected error or a property of the rig (heatbench lab --help)"},
	{.name = "dut", .type = SETTING_LIST, .offset = OFFSET(dut), .fallback = "",
		.placeholder = "NAME:KEY=VALUE,...", .help = "serial=, firmware= of a device under test"},
	{.name = "argument", .type = SETTING_TEXT, .offset = OFFSET(argument), .size = SIZE(argument), .fallback = "",
		.placeholder = "TEXT", .help = "what the procedure sees as `argument`"},
	{.name = "operator", .type = SETTING_TEXT, .offset = OFFSET(operator), .size = SIZE(operator), .fallback = "",
		.placeholder = "NAME", .help = "who runs it"},
	{.name = "label", .type = SETTING_TEXT, .offset = OFFSET(label), .size = SIZE(label), .fallback = "",
		.placeholder = "TEXT", .help = "goes into the name of the run"},
	{.name = "answers", .type = SETTING_TEXT, .offset = OFFSET(answers), .size = SIZE(answers), .fallback = "",
		.placeholder = "FILE", .help = "answers to what the procedure asks, one a line"},
	{.name = "resume", .type = SETTING_TEXT, .offset = OFFSET(resume), .size = SIZE(resume), .fallback = "",
		.placeholder = "RUN", .help = "goes on with a run that had no clean end"},
	{.name = "recording", .type = SETTING_LIST, .offset = OFFSET(recording), .fallback = "",
		.placeholder = "FILE[,KEY=VALUE]", .help = "evaluates a recorded test instead; valve=, dut=; may be given again"},
	{.name = "map", .type = SETTING_TEXT, .offset = OFFSET(map), .size = SIZE(map), .fallback = "",
		.placeholder = "FILE", .help = "column map of the recordings"},
	{.name = "set", .type = SETTING_LIST, .offset = OFFSET(set), .fallback = "",
		.placeholder = "KEY=VALUE", .help = "of the recordings: what a bench file says in evaluation{...}; DUT.KEY=VALUE of one device"},
	{.name = "record-wire", .type = SETTING_TEXT, .offset = OFFSET(record), .size = SIZE(record), .fallback = "",
		.placeholder = "DIR", .help = "writes every transaction of every bus to DIR/<bus>.wire, for replay"},
	{.name = "out", .type = SETTING_TEXT, .offset = OFFSET(out), .size = SIZE(out), .fallback = "",
		.placeholder = "DIR", .help = "folder for runs (default $HEATBENCH_RESULTS, else ./results)"},
	{.name = "live", .type = SETTING_SWITCH, .offset = OFFSET(live), .fallback = "no",
		.help = "shows the run in a window while it goes on (heatbench live)"},
	{.name = "check", .type = SETTING_SWITCH, .offset = OFFSET(check), .fallback = "no",
		.help = "reads everything, says what would happen, touches nothing"},
	{.name = "json", .type = SETTING_SWITCH, .offset = OFFSET(json), .fallback = "no", .help = "the result as JSON"},
	{.name = "quiet", .type = SETTING_SWITCH, .offset = OFFSET(quiet), .fallback = "no", .help = "only the result"},
	SETTING_END,
};
/* clang-format on */

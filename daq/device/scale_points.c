#include "daq/device/scale_points.h"

#include <math.h>

/* clang-format off */
static struct register_row rows[] = {
	[SCALE_POINT_WEIGHT] = {.name = "weight", .address = SCALE_POINT_WEIGHT, .type = REGISTER_U16, .scale = 1, .unit = "kg",
		.kind = KIND_GAUGE, .quantity = "weight", .resolution = NAN, .nominal = 10, .min = -10000, .max = 100000},
	[SCALE_POINT_STATE] = {.name = "state", .address = SCALE_POINT_STATE, .type = REGISTER_U16, .scale = 1, .unit = "1",
		.kind = KIND_STATE, .quantity = "scale state", .resolution = 1, .nominal = 0, .min = 0, .max = 20,
		.help = "0 stable, 1 dynamic, 2 overload, 3 underload, 4 not executable, 5 fault (daq/device/scale.h)"},
	[SCALE_POINT_TARE] = {.name = "tare", .address = SCALE_POINT_TARE, .type = REGISTER_U16, .scale = 1, .unit = "1",
		.kind = KIND_SETPOINT, .quantity = "tare", .resolution = 1, .nominal = 0, .min = 0, .max = 1, .writable = true,
		.help = "set to 1: tares"},
	[SCALE_POINT_ZERO] = {.name = "zero", .address = SCALE_POINT_ZERO, .type = REGISTER_U16, .scale = 1, .unit = "1",
		.kind = KIND_SETPOINT, .quantity = "zero", .resolution = 1, .nominal = 0, .min = 0, .max = 1, .writable = true,
		.help = "set to 1: zeroes"},
};
/* clang-format on */

const struct register_map scale_map = {.name = "scale", .title = "scale on a serial line", .manual = "docs/scales.md",
	.max_words = SCALE_POINTS, .max_gap = SCALE_POINTS, .rows = SCALE_POINTS, .row = rows, .check = -1};

#include "daq/device/document_points.h"

#include <math.h>
#include <string.h>

/* A clock more than a minute off is set wrong, and not slow. */
#define FAR 60

/* clang-format off */
const struct register_row document_points[DOCUMENT_POINTS] = {
	[DOCUMENT_POINT_OFFSET] = {.name = "clock_offset", .key = "(clock_offset)", .type = REGISTER_U16, .scale = 1, .unit = "s",
		.kind = KIND_GAUGE, .quantity = "clock offset", .resolution = 0.001, .nominal = 0, .min = -FAR, .max = FAR},
	[DOCUMENT_POINT_AGE] = {.name = "document_age", .key = "(document_age)", .type = REGISTER_U16, .scale = 1, .unit = "s",
		.kind = KIND_GAUGE, .quantity = "age", .resolution = 0.001, .nominal = 0, .min = 0, .max = INFINITY},
};
/* clang-format on */

enum document_point document_point_of(const struct register_row *row)
{
	for (int i = 0; i < DOCUMENT_POINTS; i++)
		if (strcmp(row->key, document_points[i].key) == 0)
			return (enum document_point)i;
	return DOCUMENT_POINT_NONE;
}

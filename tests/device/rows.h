/* rows.h - register rows and maps made by tests. */
#ifndef HEATBENCH_TESTS_DEVICE_ROWS_H
#define HEATBENCH_TESTS_DEVICE_ROWS_H

#include "tests/check.h"

#include "daq/device/register_map.h"

#include <math.h>
#include <stdio.h>

static inline struct register_row a_row(const char *name, int address, enum register_type type, enum word_order order)
{
	struct register_row row = {.address = address, .function = 3, .type = type, .order = order, .scale = 1, .unit = "1",
		.nominal = NAN, .min = NAN, .max = NAN, .writable = true};

	snprintf(row.name, sizeof(row.name), "%s", name);
	return row;
}

static inline struct register_map a_map(struct register_row *rows, int count)
{
	struct register_map map = {.name = "test", .max_words = 125, .rows = count, .row = rows, .check = -1};

	return map;
}

#endif

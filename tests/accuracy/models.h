/*
 * models.h - the shipped models, and rows to try them on.
 */
#ifndef HEATBENCH_TESTS_ACCURACY_MODELS_H
#define HEATBENCH_TESTS_ACCURACY_MODELS_H

#include "tests/check.h"

#include "analytics/accuracy/model.h"

#include <math.h>
#include <stdio.h>

#define MODELS "analytics/accuracy/models/"

enum { ROOM = 1000, ELECTRICITY = 7 };

static inline struct model load(const char *name)
{
	struct error e = ERROR_INIT;
	struct model m;
	char path[128];

	snprintf(path, sizeof(path), MODELS "%s.json", name);
	must(model_load(path, &m, &e));
	return m;
}

static double value[ROOM];
static signed char level[ROOM];
static uint16_t notes[ROOM];
static const struct model_rows out = {value, level, notes};

static inline void evaluate(const struct model *m, const struct model_column *columns, size_t count, size_t rows)
{
	struct error e = ERROR_INIT;

	must(model_evaluate(m, columns, count, rows, &out, &e));
}

/* One row: apparent power, fan, heater, pump, relay, crankcase, outside temperature. */
static inline double electricity(const struct model *m, const double row[ELECTRICITY])
{
	const struct model_column columns[ELECTRICITY] = {{"apparent_power", "VA", row}, {"fan_speed", "rpm", row + 1},
		{"bottom_plate_heater", "1", row + 2}, {"pump_duty", "W", row + 3}, {"pump_relay", "1", row + 4},
		{"crankcase_heater", "1", row + 5}, {"outside_temperature", "degC", row + 6}};

	evaluate(m, columns, ELECTRICITY, 1);
	return value[0];
}

#endif

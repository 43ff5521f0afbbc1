/*
 * fit_table.h - rows of heat pumps whose truth is known, to fit models to.
 */
#ifndef HEATBENCH_TESTS_ACCURACY_FIT_TABLE_H
#define HEATBENCH_TESTS_ACCURACY_FIT_TABLE_H

#include "tests/check.h"

#include "analytics/accuracy/fit.h"
#include "tests/analytics/random.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { FIT_ROWS = 12000, FIT_COLUMNS = 7 };

static struct fit_table {
	struct fit_rows rows;
	struct model_column column[FIT_COLUMNS];
	double value[FIT_COLUMNS][FIT_ROWS], target[FIT_ROWS], time[FIT_ROWS];
	int pump[FIT_ROWS], day[FIT_ROWS];
} table;

enum { VOLTAGE, CURRENT, FAN, HEATER, PUMP, RELAY, CRANKCASE };

static const double truth[] = {5.15, 1.12, -0.05, 150, 1, 40}; /* by term of electricity.json */

static inline struct model electricity(void)
{
	struct error e = ERROR_INIT;
	struct model m;

	must(model_load("analytics/accuracy/models/electricity.json", &m, &e));
	return m;
}

/* What the true model says of a row, plus the heat pump's own offset. */
static inline double true_power(size_t i)
{
	return truth[0] + truth[1] * table.value[VOLTAGE][i] * table.value[CURRENT][i] + truth[2] * table.value[FAN][i] +
	       truth[3] * table.value[HEATER][i] + truth[4] * table.value[PUMP][i] * table.value[RELAY][i] +
	       truth[5] * table.value[CRANKCASE][i];
}

/* n rows, 15 s apart, of `pumps` heat pumps; noise with memory `phi`; each heat pump off by a draw with sd `unit`. */
static inline void draw_rows(size_t n, int pumps, double noise, double phi, double unit, uint64_t seed)
{
	static const char *const names[] = {"hp1", "hp2", "hp3", "hp4", "hp5", "hp6"};
	static const struct model_column columns[FIT_COLUMNS] = {{"ac_voltage", "V", NULL}, {"ac_current", "A", NULL},
		{"fan_speed", "rpm", NULL}, {"bottom_plate_heater", "1", NULL}, {"pump_duty", "W", NULL}, {"pump_relay", "1", NULL},
		{"crankcase_heater", "1", NULL}};
	double memory = 0, own = 0;
	size_t each = n / (size_t)pumps;

	for (int c = 0; c < FIT_COLUMNS; c++) {
		table.column[c] = columns[c];
		table.column[c].value = table.value[c];
	}
	table.rows = (struct fit_rows){n, table.column, FIT_COLUMNS, table.target, "W", table.pump, table.day, table.time, names, pumps, NULL};
	for (size_t i = 0; i < n; i++) {
		table.pump[i] = i / each < (size_t)pumps ? (int)(i / each) : pumps - 1;
		if (i == 0 || table.pump[i] != table.pump[i - 1]) {
			own = unit * random_normal(&seed);
			memory = noise * random_normal(&seed);
		}
		table.time[i] = 1706700000 + 15.0 * (double)(i % each);
		table.day[i] = (int)(i % each) / 100;
		table.value[VOLTAGE][i] = 230 + random_normal(&seed);
		table.value[CURRENT][i] = 1 + 8 * random_uniform(&seed);
		table.value[FAN][i] = 400 + 500 * random_uniform(&seed);
		table.value[HEATER][i] = random_uniform(&seed) < 0.2;
		table.value[PUMP][i] = 20 + 40 * random_uniform(&seed);
		table.value[RELAY][i] = random_uniform(&seed) < 0.7;
		table.value[CRANKCASE][i] = random_uniform(&seed) < 0.1;
		memory = phi * memory + noise * random_normal(&seed);
		table.target[i] = true_power(i) + memory + own;
	}
}

static inline struct fit_settings settings(const struct model *template, enum regress_method method)
{
	return (struct fit_settings){.template = template, .method = method, .lambda = NAN, .lag = -1, .gap = NAN};
}

static struct fit latest;

static inline struct fit *fitted(const struct fit_settings *s)
{
	struct error e = ERROR_INIT;

	must(accuracy_fit(&table.rows, s, &latest, &e));
	return &latest;
}

#endif

/*
 * pump.h - a heat pump's columns by hand, for tests that need a few rows.
 */
#ifndef HEATBENCH_TESTS_ACCURACY_PUMP_H
#define HEATBENCH_TESTS_ACCURACY_PUMP_H

#include "analytics/accuracy/study.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>


/* Rows `spacing` s apart from `start` on; every row counts. */
static inline void hand_pump(struct study_pump *p, int rows, double start, double spacing)
{
	*p = (struct study_pump){.rows = rows, .spacing = spacing};
	strcpy(p->name, "hp1");
	p->own = meters_settings_default();
	p->settings = &p->own;
	p->electric.spacing = p->heat.spacing = p->electric_register.spacing = p->heat_register.spacing = NAN;
	p->time = malloc((size_t)rows * sizeof(double));
	p->step = malloc((size_t)rows * sizeof(double));
	p->excluded = calloc((size_t)rows, 1);
	p->run = calloc((size_t)rows, 1);
	for (int i = 0; i < rows; i++) {
		p->time[i] = start + i * spacing;
		p->step[i] = spacing;
	}
}

/* A column of one value. */
static inline double *hand_column(struct study_pump *p, enum meters_role role, double value)
{
	p->column[role] = malloc((size_t)p->rows * sizeof(double));
	strcpy(p->unit[role], meters_roles[role].unit[0] ? meters_roles[role].unit : "1");
	for (int64_t i = 0; i < p->rows; i++)
		p->column[role][i] = value;
	return p->column[role];
}

static inline void hand_series(struct study_series *s, int n, double start, double spacing, double value)
{
	*s = (struct study_series){.n = n, .spacing = spacing, .t = malloc((size_t)n * sizeof(double)), .v = malloc((size_t)n * sizeof(double))};
	for (int i = 0; i < n; i++) {
		s->t[i] = start + i * spacing;
		s->v[i] = value;
	}
}

#endif

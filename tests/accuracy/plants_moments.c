/*
 * plants_moments.c - second moments of z over rows, hours and days, at the instants where a study should look.
 */
#include "tests/accuracy/plants.h"

#include <string.h>

static void add(struct plant_moments *m, const double z[PLANT_Z])
{
	m->n++;
	for (int a = 0; a < PLANT_Z; a++)
		for (int b = 0; b < PLANT_Z; b++)
			m->zz[a][b] += z[a] * z[b];
}

/* Means of `rows` rows. */
static void add_mean(struct plant_moments *m, const double sum[PLANT_Z], double rows)
{
	double z[PLANT_Z];

	for (int a = 0; a < PLANT_Z; a++)
		z[a] = sum[a] / rows;
	add(m, z);
}

/* Beginning with the second row: the first has no meter reading before it. */
void plant_moments_add(struct plant *plant, int pump)
{
	struct plant_moments *m = plant->moments[pump];
	int64_t hour = (int64_t)(3600 / plant->rules.dt), day = 24 * hour;
	double u = plant->unit[pump].skew / plant->rules.dt, hours[PLANT_Z] = {0}, days[PLANT_Z] = {0};

	for (int64_t i = 1; i < plant->study.pump[pump].rows; i++) {
		double z[PLANT_Z] = {1, plant->z[PLANT_ESTIMATE][i]};

		for (int q = PLANT_LOAD; q < PLANT_Z; q++)
			z[q] = (1 - u) * plant->z[q][i] + u * plant->z[q][i - 1];
		add(&m[PLANT_ROW], z);
		for (int q = 0; q < PLANT_Z; q++) {
			hours[q] += z[q];
			days[q] += z[q];
		}
		if ((i + 1) % hour == 0) {
			add_mean(&m[PLANT_HOUR], hours, hours[PLANT_ONE]);
			memset(hours, 0, sizeof(hours));
		}
		if ((i + 1) % day == 0) {
			add_mean(&m[PLANT_DAY], days, days[PLANT_ONE]);
			memset(days, 0, sizeof(days));
		}
	}
}

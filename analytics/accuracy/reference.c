/* The reference at the rows of a heat pump: study_reference() and what it is made of. */
#include "analytics/accuracy/study.h"

#include <math.h>
#include <stdbool.h>

/* Both neighbours of `t`, or no value; *k only ever goes on. */
static double at(const struct study_series *s, double t, double most, int64_t *k)
{
	while (*k + 1 < s->n && s->t[*k + 1] <= t)
		++*k;
	if (s->n == 0 || !(t >= s->t[0]))
		return NAN;
	if (s->t[*k] == t)
		return s->v[*k];
	if (*k + 1 >= s->n || s->t[*k + 1] - s->t[*k] > most)
		return NAN;
	return s->v[*k] + (s->v[*k + 1] - s->v[*k]) * ((t - s->t[*k]) / (s->t[*k + 1] - s->t[*k]));
}

void study_interpolate(const struct study_series *s, const double *time, int64_t n, double shift, double bridge, double *out)
{
	double most = bridge * s->spacing;
	int64_t k = 0;

	for (int64_t i = 0; i < n; i++)
		out[i] = at(s, time[i] + shift, most, &k);
}

/* Whether the readings (a, b] hold one that says that counting is not known there. */
static bool broken(const struct study_series *s, int64_t a, int64_t b)
{
	for (int64_t k = a + 1; k <= b && k < s->n; k++)
		if (isnan(s->v[k]))
			return true;
	return false;
}

void study_slope(const struct study_series *s, const double *time, const double *length, int64_t n, double shift, double bridge, double *out)
{
	double most = bridge * s->spacing;
	int64_t a = 0, b = 0;

	for (int64_t i = 0; i < n; i++) {
		double from = at(s, time[i] + shift, most, &a), to = at(s, time[i] + length[i] + shift, most, &b);

		out[i] = length[i] > 0 && !broken(s, a, b) ? (to - from) * 3.6e6 / length[i] : NAN;
	}
}

void study_reference(const struct study_pump *p, enum study_target target, double shift, double *out)
{
	const struct study_series *power = target == STUDY_ELECTRIC ? &p->electric : &p->heat;
	const struct study_series *counted = target == STUDY_ELECTRIC ? &p->electric_register : &p->heat_register;

	if (power->n > 0)
		study_interpolate(power, p->time, p->rows, shift, p->settings->bridge, out);
	else
		study_slope(counted, p->time, p->step, p->rows, shift, p->settings->bridge, out);
	for (int64_t i = 0; target == STUDY_ELECTRIC && p->own_w != 0 && i < p->rows; i++)
		out[i] -= p->own_w;
}

#include "analytics/core/arx.h"

#include <math.h>
#include <stdlib.h>

const char *arx_term_name(enum arx_term term)
{
	static const char *const names[ARX_TERMS] = {"b1", "b2", "a1", "a2", "c"};

	return names[term];
}

/* Whether row k has its two predecessors in the same stretch. */
static bool equation(const double *u, const double *y, size_t k)
{
	return k >= 2 && isfinite(y[k]) && isfinite(y[k - 1]) && isfinite(y[k - 2]) && isfinite(u[k - 1]) &&
	       isfinite(u[k - 2]);
}

/* Whether row k begins a stretch that holds an equation. */
static bool begins(const double *u, const double *y, size_t n, size_t k)
{
	return k + 2 < n && equation(u, y, k + 2) && !(k >= 1 && equation(u, y, k + 1));
}

static void regressors(double *row, const double *u, const double *y, size_t k)
{
	row[ARX_B1] = u[k - 1];
	row[ARX_B2] = u[k - 2];
	row[ARX_A1] = y[k - 1];
	row[ARX_A2] = y[k - 2];
	row[ARX_C] = 1;
}

void arx_free_run(const struct arx *model, const double *u, const double *y, size_t n, double *out)
{
	double row[ARX_TERMS];

	for (size_t k = 0; k < n; k++) {
		out[k] = isfinite(u[k]) ? y[k] : NAN;
		if (!equation(u, y, k))
			continue;
		regressors(row, u, out, k);
		out[k] = lsq_at(&model->fit, row);
	}
}

/* Of the rows that have an equation; the others are given, not predicted. */
static struct arx_error compare(const double *u, const double *y, const double *predicted, size_t n)
{
	struct arx_error e = {0, NAN, NAN};
	double sum = 0, squares = 0, about = 0, mean;

	for (size_t k = 0; k < n; k++)
		if (equation(u, y, k)) {
			e.n++;
			sum += y[k];
			squares += (y[k] - predicted[k]) * (y[k] - predicted[k]);
		}
	if (e.n == 0)
		return e;
	mean = sum / (double)e.n;
	for (size_t k = 0; k < n; k++)
		if (equation(u, y, k))
			about += (y[k] - mean) * (y[k] - mean);
	e.rmse = sqrt(squares / (double)e.n);
	e.fit = about > 0 ? 100 * (1 - sqrt(squares / about)) : NAN;
	return e;
}

/* Roots of z^2 - a1 z - a2, the larger magnitude first. */
static void poles(struct arx *m)
{
	double half = m->fit.coefficient[ARX_A1] / 2, d = half * half + m->fit.coefficient[ARX_A2], slower;

	if (d < 0) {
		m->pole[0][0] = m->pole[1][0] = half;
		m->pole[0][1] = sqrt(-d);
		m->pole[1][1] = -sqrt(-d);
	} else {
		m->pole[0][0] = half + (half < 0 ? -sqrt(d) : sqrt(d));
		m->pole[1][0] = half - (half < 0 ? -sqrt(d) : sqrt(d));
		m->pole[0][1] = m->pole[1][1] = 0;
	}
	slower = hypot(m->pole[0][0], m->pole[0][1]);
	m->stable = slower < 1;
	if (!m->stable)
		return;
	m->tau = slower > 0 ? -1 / log(slower) : 0;
	m->gain = (m->fit.coefficient[ARX_B1] + m->fit.coefficient[ARX_B2]) /
		  (1 - m->fit.coefficient[ARX_A1] - m->fit.coefficient[ARX_A2]);
}

static void judge_prediction(struct arx *m, const double *u, const double *y, size_t n, double *room)
{
	double row[ARX_TERMS];

	for (size_t k = 0; k < n; k++) {
		room[k] = NAN;
		if (!equation(u, y, k))
			continue;
		regressors(row, u, y, k);
		room[k] = lsq_at(&m->fit, row);
	}
	m->one_step = compare(u, y, room, n);
	arx_free_run(m, u, y, n, room);
	m->free_run = compare(u, y, room, n);
}

struct arx arx_fit(const double *u, const double *y, size_t n)
{
	double *x = calloc(n + 1, ARX_TERMS * sizeof(*x)), *target = calloc(n + 1, sizeof(*target));
	struct arx m = {.one_step = {0, NAN, NAN},
		.free_run = {0, NAN, NAN},
		.tau = NAN,
		.gain = NAN,
		.pole = {{NAN, NAN}, {NAN, NAN}}};
	size_t rows = 0;

	for (size_t k = 0; k < n && x && target; k++) {
		m.stretches += begins(u, y, n, k);
		if (!equation(u, y, k))
			continue;
		regressors(x + rows * ARX_TERMS, u, y, k);
		target[rows++] = y[k];
	}
	m.fit = lsq_fit(x, target, x && target ? rows : 0, ARX_TERMS);
	if (m.fit.known) {
		judge_prediction(&m, u, y, n, x);
		poles(&m);
	}
	free(x);
	free(target);
	return m;
}

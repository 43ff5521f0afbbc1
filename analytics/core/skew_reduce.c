/*
 * skew_reduce.c - what is left of each block of readings at each shift when its own straight line on the reference is
 * taken out. All shifts of a reading at once.
 */
#include "analytics/core/skew_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define R2_LEAST 0.75
#define FREE_LEAST 0.05 /* what a reading's own leverage leaves of it, at least */

enum { COLUMNS = 1 + SKEW_REGRESSORS }; /* y and x */

/* Of one block; rows of SKEW_ROOM shifts. */
struct reduction {
	double *r; /* [readings][SKEW_ROOM]: the reference, then less its mean */
	double rr[SKEW_ROOM], by[SKEW_ROOM], with_r[COLUMNS][SKEW_ROOM], slope[COLUMNS][SKEW_ROOM];
	double w[SKEW_ROOM], left[COLUMNS][SKEW_ROOM];
};

static void add(double *restrict to, const double *restrict from)
{
	for (size_t i = 0; i < SKEW_ROOM; i++)
		to[i] += from[i];
}

static void subtract_scaled(double *restrict from, const double *restrict what, double scale)
{
	for (size_t i = 0; i < SKEW_ROOM; i++)
		from[i] -= scale * what[i];
}

static void add_scaled(double *restrict to, const double *restrict from, double scale)
{
	for (size_t i = 0; i < SKEW_ROOM; i++)
		to[i] += scale * from[i];
}

static void add_square(double *restrict to, const double *restrict of)
{
	for (size_t i = 0; i < SKEW_ROOM; i++)
		to[i] += of[i] * of[i];
}

static void add_product(double *restrict to, const double *restrict w, const double *restrict a, const double *restrict b)
{
	for (size_t i = 0; i < SKEW_ROOM; i++)
		to[i] += w[i] * a[i] * b[i];
}

/* `by`: 1 over the reference's square sum. */
static void weigh(double *restrict w, const double *restrict r, const double *restrict by, double rest)
{
	for (size_t i = 0; i < SKEW_ROOM; i++) {
		double open = rest - r[i] * r[i] * by[i];

		/* The greater of open and FREE_LEAST, without a branch. */
		w[i] = 2 / (open + FREE_LEAST + fabs(open - FREE_LEAST));
	}
}

static void take_line(double *restrict left, double value, const double *restrict slope, const double *restrict r)
{
	for (size_t i = 0; i < SKEW_ROOM; i++)
		left[i] = value - slope[i] * r[i];
}

/* The sample not after t less the first shift. */
static size_t first_sample(const struct skew_search *s, double t)
{
	const struct skew_series *r = s->reference;
	size_t low = 0, high = r->n - 1;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (r->t[middle] <= t - s->from)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/* The reference at t less every shift of the grid, from sample to sample: later shifts are earlier instants. */
static void reference_at(const struct skew_search *s, double t, double *out)
{
	const struct skew_series *r = s->reference;
	size_t j = first_sample(s, t), i = 0;

	while (i < SKEW_POINTS) {
		double slope = r->kind == SKEW_HOLD ? 0 : (r->y[j + 1] - r->y[j]) / (r->t[j + 1] - r->t[j]), when = t - skew_shift(s, i);

		for (; i < SKEW_POINTS && (when >= r->t[j] || j == 0); when = t - skew_shift(s, ++i))
			out[i] = r->kind == SKEW_HOLD && r->t[j + 1] <= when ? r->y[j + 1] : r->y[j] + slope * (when - r->t[j]);
		j -= j > 0;
	}
	for (; i < SKEW_ROOM; i++)
		out[i] = out[SKEW_POINTS - 1];
}

static void take_mean(double *x, size_t n)
{
	double mean = stats_mean(x, n);

	for (size_t i = 0; i < n; i++)
		x[i] -= mean;
}

static double *column(const struct skew_search *s, const struct skew_block *b, int c)
{
	return (c == 0 ? s->y : s->x[c - 1]) + b->first;
}

/* Reference rows less their means, its square sums and its products with the columns. */
static void look_up(const struct skew_search *s, const struct skew_block *b, struct reduction *work)
{
	double mean[SKEW_ROOM] = {0};

	memset(work->rr, 0, sizeof(work->rr));
	memset(work->with_r, 0, sizeof(work->with_r));
	for (size_t i = 0; i < b->n; i++) {
		reference_at(s, s->t[b->first + i], work->r + i * SKEW_ROOM);
		add(mean, work->r + i * SKEW_ROOM);
	}
	for (size_t i = 0; i < b->n; i++) {
		double *r = work->r + i * SKEW_ROOM;

		subtract_scaled(r, mean, 1 / (double)b->n);
		add_square(work->rr, r);
		for (int c = 0; c <= s->p; c++)
			add_scaled(work->with_r[c], r, column(s, b, c)[i]);
	}
}

/* Returns the best R^2 of y against the reference, negative where they fall against each other. A reference that does not move at
 * a shift explains nothing there. */
static double fit(const struct skew_search *s, struct reduction *work, double yy)
{
	double best = -1;

	for (size_t i = 0; i < SKEW_ROOM; i++) {
		double with = work->with_r[0][i];

		work->by[i] = work->rr[i] > 0 ? 1 / work->rr[i] : 0;
		for (int c = 0; c <= s->p; c++)
			work->slope[c][i] = work->with_r[c][i] * work->by[i];
		if (i < SKEW_POINTS)
			best = fmax(best, yy > 0 ? copysign(with * work->slope[0][i] / yy, with) : 0);
	}
	return best;
}

static void add_up(const struct skew_search *s, const struct skew_block *b, struct reduction *work)
{
	for (size_t i = 0; i < b->n; i++) {
		const double *r = work->r + i * SKEW_ROOM;
		double *sum = b->sum;

		weigh(work->w, r, work->by, 1 - 1 / (double)b->n);
		for (int c = 0; c <= s->p; c++)
			take_line(work->left[c], column(s, b, c)[i], work->slope[c], r);
		add_product(sum, work->w, work->left[0], work->left[0]);
		for (int c = 1; c <= s->p; c++)
			add_product(sum += SKEW_ROOM, work->w, work->left[c], work->left[0]);
		for (int c = 1; c <= s->p; c++)
			for (int d = 1; d <= s->p; d++)
				add_product(sum += SKEW_ROOM, work->w, work->left[c], work->left[d]);
	}
}

bool skew_reduce(struct skew_search *s)
{
	struct reduction *work = malloc(sizeof(*work));
	size_t most = 0;

	for (size_t k = 0; k < s->blocks; k++)
		most = s->block[k].n > most ? s->block[k].n : most;
	if (!work)
		return false;
	work->r = malloc(most * SKEW_ROOM * sizeof(*work->r));
	for (size_t k = 0; work->r && k < s->blocks; k++) {
		struct skew_block *b = &s->block[k];
		double yy = 0;

		b->sum = s->sum + k * SKEW_ROOM * s->sums;
		for (int c = 0; c <= s->p; c++)
			take_mean(column(s, b, c), b->n);
		for (size_t i = 0; i < b->n; i++)
			yy += column(s, b, 0)[i] * column(s, b, 0)[i];
		look_up(s, b, work);
		b->follows = fit(s, work, yy) >= R2_LEAST;
		add_up(s, b, work);
	}
	most = work->r != NULL;
	free(work->r);
	free(work);
	return most;
}

#include "analytics/core/triangle.h"

#include <math.h>
#include <string.h>

/* Rows that are folded in at once; one block of all columns stays in the first caches. */
enum { BLOCK = 64 };

struct block {
	long double column[TRIANGLE_COLUMNS][BLOCK];
	int rows;
};

/* What an addend counts for a column of the sum: a share below this is rounding. */
#define SHARE_LEAST 1e-7L

struct triangle triangle_empty(int p)
{
	struct triangle t = {.p = p};

	return t;
}

/* v = (v0, v of the block) as reflected at the plane across itself: what row j and the block have in column k. */
static void reflect(long double *top, long double *c, const long double *v, long double v0, long double factor, int rows)
{
	long double along = v0 * *top;

	for (int i = 0; i < rows; i++)
		along += v[i] * c[i];
	along *= factor;
	*top -= along * v0;
	for (int i = 0; i < rows; i++)
		c[i] -= along * v[i];
}

/* Householder's reflections, one for each column, fold the block into the triangle. */
static void fold(struct triangle *t, struct block *b)
{
	for (int j = 0; j <= t->p; j++) {
		long double *v = b->column[j], below = 0, length, head = t->r[j][j];

		for (int i = 0; i < b->rows; i++)
			below += v[i] * v[i];
		if (below == 0)
			continue;
		length = sqrtl(head * head + below);
		t->r[j][j] = head > 0 ? -length : length;
		head -= t->r[j][j];
		for (int k = j + 1; k <= t->p; k++)
			reflect(&t->r[j][k], b->column[k], v, head, 1 / (length * fabsl(head)), b->rows);
	}
}

static void fill(struct block *b, int p, const double *const *column, const double *y, size_t at)
{
	for (int j = 0; j <= p; j++) {
		const double *from = j < p ? column[j] : y;

		for (int i = 0; i < b->rows; i++)
			b->column[j][i] = from ? from[at + (size_t)i] : 1;
	}
}

static void weigh(struct block *b, int p, const double *weight)
{
	for (int i = 0; i < b->rows; i++) {
		long double root = sqrtl(weight[i]);

		for (int j = 0; j <= p; j++)
			b->column[j][i] *= root;
	}
}

void triangle_add(struct triangle *t, const double *const *column, const double *y, const double *weight, size_t from, size_t to)
{
	struct block b;

	for (size_t at = from; at < to; at += (size_t)b.rows) {
		b.rows = to - at < BLOCK ? (int)(to - at) : BLOCK;
		fill(&b, t->p, column, y, at);
		if (weight)
			weigh(&b, t->p, weight + at);
		fold(t, &b);
		t->n += (size_t)b.rows;
	}
}

void triangle_join(struct triangle *t, const struct triangle *other)
{
	struct block b = {.rows = other->p + 1};

	for (int j = 0; j <= other->p; j++)
		for (int i = 0; i < b.rows; i++)
			b.column[j][i] = other->r[i][j];
	fold(t, &b);
	t->n += other->n;
}

void triangle_penalise(struct triangle *t, int j, long double root)
{
	struct block b = {.rows = 1};

	b.column[j][0] = root;
	fold(t, &b);
}

struct triangle triangle_pick(const struct triangle *t, const int *which, int count, const double *offset)
{
	struct triangle out = {.p = count};
	struct block b = {.rows = t->p + 1};

	for (int i = 0; i < b.rows; i++) {
		for (int k = 0; k < count; k++)
			b.column[k][i] = t->r[i][which[k]];
		b.column[count][i] = t->r[i][t->p];
		for (int j = 0; offset && j < t->p; j++)
			b.column[count][i] -= offset[j] * t->r[i][j];
	}
	fold(&out, &b);
	out.n = t->n;
	return out;
}

bool triangle_finite(const struct triangle *t)
{
	for (int i = 0; i <= t->p; i++)
		for (int j = i; j <= t->p; j++)
			if (!isfinite(t->r[i][j]))
				return false;
	return true;
}

long double triangle_length(const struct triangle *t, int j)
{
	long double sum = 0;

	for (int i = 0; i <= j; i++)
		sum += t->r[i][j] * t->r[i][j];
	return sqrtl(sum);
}

/* R b = right side in place, of the first `count` regressors. */
static void substitute(const struct triangle *t, int count, long double *b)
{
	for (int j = count; j-- > 0;) {
		for (int k = j + 1; k < count; k++)
			b[j] -= t->r[j][k] * b[k];
		b[j] /= t->r[j][j];
	}
}

int triangle_dependent(const struct triangle *t, double least, unsigned *among)
{
	for (int j = 0; j < t->p; j++) {
		long double length = triangle_length(t, j), share[TRIANGLE_COLUMNS];

		if (fabsl(t->r[j][j]) > least * length)
			continue;
		for (int i = 0; i < j; i++)
			share[i] = t->r[i][j];
		substitute(t, j, share);
		*among = 1U << j;
		for (int i = 0; i < j; i++)
			if (fabsl(share[i]) * triangle_length(t, i) > SHARE_LEAST * length)
				*among |= 1U << i;
		return j;
	}
	return -1;
}

static void invert(const struct triangle *t, double *out)
{
	long double column[TRIANGLE_COLUMNS][TRIANGLE_COLUMNS] = {{0}}; /* of R^-1 */
	int p = t->p;

	for (int j = 0; j < p; j++) {
		column[j][j] = 1;
		substitute(t, p, column[j]);
	}
	for (int a = 0; a < p; a++)
		for (int b = 0; b < p; b++) {
			long double sum = 0;

			for (int k = 0; k < p; k++)
				sum += column[k][a] * column[k][b];
			out[a * p + b] = (double)sum;
		}
}

void triangle_solve(const struct triangle *t, long double *b, double *inverse)
{
	for (int j = 0; j < t->p; j++)
		b[j] = t->r[j][t->p];
	substitute(t, t->p, b);
	if (inverse)
		invert(t, inverse);
}

/* Row i of R (-b, 1): what the reflections left of the residuals. */
static long double left_over(const struct triangle *t, const long double *b, int i)
{
	long double rest = t->r[i][t->p];

	for (int j = i; j < t->p; j++)
		rest -= t->r[i][j] * b[j];
	return rest;
}

long double triangle_squares(const struct triangle *t, const long double *b)
{
	long double sum = 0;

	for (int i = 0; i <= t->p; i++) {
		long double rest = left_over(t, b, i);

		sum += rest * rest;
	}
	return sum;
}

void triangle_gradient(const struct triangle *t, const long double *b, long double *out)
{
	for (int j = 0; j < t->p; j++)
		out[j] = 0;
	for (int i = 0; i < t->p; i++) {
		long double rest = left_over(t, b, i);

		for (int j = i; j < t->p; j++)
			out[j] += t->r[i][j] * rest;
	}
}

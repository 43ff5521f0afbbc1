#include "analytics/core/qr.h"

#include <math.h>
#include <stdlib.h>

enum { PASSES = 2 };

static long double inner(const long double *a, const long double *b, size_t n)
{
	long double sum = 0, lost = 0;

	for (size_t i = 0; i < n; i++) {
		long double term = a[i] * b[i], next = sum + term;

		lost += fabsl(sum) >= fabsl(term) ? (sum - next) + term : (term - next) + sum;
		sum = next;
	}
	return sum + lost;
}

/* Takes from v what lies along the first `count` columns and adds it up in `along`. */
static void across(long double *v, const long double *columns, size_t n, size_t count, long double *along, size_t stride)
{
	for (int pass = 0; pass < PASSES; pass++)
		for (size_t j = 0; j < count; j++) {
			const long double *q = columns + j * n;
			long double part = inner(q, v, n);

			along[j * stride] += part;
			for (size_t i = 0; i < n; i++)
				v[i] -= part * q[i];
		}
}

/* Divides by its length, and gives that; 0 where it has none or is not finite. */
static long double normalise(long double *v, size_t n)
{
	long double length = sqrtl(inner(v, v, n));

	if (!(length > 0) || !isfinite(length))
		return 0;
	for (size_t i = 0; i < n; i++)
		v[i] /= length;
	return length;
}

/* columns becomes Q, r (upper triangle, row by row) and scale what X was. */
static bool decompose(long double *columns, size_t n, size_t p, double dependent, long double *r, long double *scale)
{
	for (size_t j = 0; j < p; j++) {
		long double *v = columns + j * n;

		scale[j] = normalise(v, n);
		if (scale[j] == 0)
			return false;
		across(v, columns, n, j, r + j, p);
		r[j * p + j] = normalise(v, n);
		if (!(r[j * p + j] > (long double)dependent))
			return false;
	}
	return true;
}

/* R x = b in place. */
static void substitute(const long double *r, size_t p, long double *b)
{
	for (size_t j = p; j-- > 0;) {
		for (size_t k = j + 1; k < p; k++)
			b[j] -= r[j * p + k] * b[k];
		b[j] /= r[j * p + j];
	}
}

/* (X'X)^-1 = D R^-1 R^-T D, D the scales' reciprocals; `t` [p * p] is for R^-1, column by column. */
static void invert(const long double *r, const long double *scale, size_t p, long double *t, double *out)
{
	for (size_t j = 0; j < p; j++) {
		for (size_t i = 0; i < p; i++)
			t[j * p + i] = i == j;
		substitute(r, p, t + j * p);
	}
	for (size_t a = 0; a < p; a++)
		for (size_t b = 0; b < p; b++) {
			long double sum = 0;

			for (size_t k = 0; k < p; k++)
				sum += t[k * p + a] * t[k * p + b];
			out[a * p + b] = (double)(sum / scale[a] / scale[b]);
		}
}

bool qr_solve(long double *columns, long double *y, size_t n, size_t p, double dependent, struct qr_solution *out)
{
	long double *room = calloc(2 * p * p + 2 * p, sizeof(*room)), *r = room, *t = r ? r + p * p : NULL,
		    *scale = t ? t + p * p : NULL, *b = scale ? scale + p : NULL, squares;
	bool solved = false;

	if (!room || !decompose(columns, n, p, dependent, r, scale))
		goto out;
	across(y, columns, n, p, b, 1);
	squares = inner(y, y, n);
	substitute(r, p, b);
	for (size_t j = 0; j < p; j++)
		if (!isfinite(b[j] / scale[j]))
			goto out;
	if (!isfinite(squares))
		goto out;
	for (size_t j = 0; j < p; j++)
		out->coefficient[j] = (double)(b[j] / scale[j]);
	invert(r, scale, p, t, out->inverse);
	out->squares = (double)squares;
	solved = true;
out:
	free(room);
	return solved;
}

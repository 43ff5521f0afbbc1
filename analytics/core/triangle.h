/*
 * triangle.h - what a least-squares problem keeps of its rows: the triangle R of the orthogonal decomposition of [X y].
 *
 *	[X y] = Q R,  so that |y - X b| = |R (-b, 1)| for every b
 *
 * Rows are taken in by blocks, and triangles of parts of the rows join to that of the whole (Golub, Van Loan: Matrix Computations,
 * 5.2, Householder; the order of the blocks as in Demmel, Grigori, Hoemmen, Langou, SIAM J. Sci. Comput. 34 (2012) A206, "TSQR"). A million
 * rows so leave some kilobytes, with the digits of an orthogonal decomposition in long double: nothing is squared as in X'X.
 * Everything a fit with squared residuals asks (any subset of columns, penalties, the error on a part of the rows) is
 * answered from triangles without going back to the rows.
 */
#ifndef HEATBENCH_CORE_TRIANGLE_H
#define HEATBENCH_CORE_TRIANGLE_H

#include <stdbool.h>
#include <stddef.h>

enum { TRIANGLE_REGRESSORS = 24, TRIANGLE_COLUMNS = TRIANGLE_REGRESSORS + 1 };

struct triangle {
	int p;	  /* regressors; column p is y */
	size_t n; /* rows taken in */
	long double r[TRIANGLE_COLUMNS][TRIANGLE_COLUMNS]; /* zero below the diagonal */
};

struct triangle triangle_empty(int p);

/* Rows `from` to before `to` of the p columns and y, each times the root of its weight (>= 0; NULL: 1). A column that is NULL is the
 * constant 1. What is not finite spoils the triangle: triangle_finite(). */
void triangle_add(struct triangle *t, const double *const *column, const double *y, const double *weight, size_t from, size_t to);

/* The rows of both. */
void triangle_join(struct triangle *t, const struct triangle *other);

/* A row that has `root` in regressor j and 0 elsewhere (y too): the penalty (root b_j)^2. It does not count in n. */
void triangle_penalise(struct triangle *t, int j, long double root);

/* Of the regressors which[0 ... count - 1], in that order, and y - sum_j offset_j x_j over all regressors (NULL: y). */
struct triangle triangle_pick(const struct triangle *t, const int *which, int count, const double *offset);

bool triangle_finite(const struct triangle *t);
long double triangle_length(const struct triangle *t, int j); /* root of the sum of squares of a column */

/* The first regressor of which less than `least` of its length stands across those before it; -1: none. Bit k of `among`: it
 * and those that it is a sum of. */
int triangle_dependent(const struct triangle *t, double least, unsigned *among);

/* Least squares where no regressor is dependent: b [p], and (X'X)^-1 [p * p] (NULL: not wanted). */
void triangle_solve(const struct triangle *t, long double *b, double *inverse);

/* sum of (y - X b)^2 over the rows. */
long double triangle_squares(const struct triangle *t, const long double *b);

/* x_j'(y - X b) for each regressor. */
void triangle_gradient(const struct triangle *t, const long double *b, long double *out);

#endif

/*
 * regress.h - linear regression y = sum_j b_j x_j + residual by one call, whatever the estimator. n rows of p columns.
 *
 *	ols		least sum of r^2
 *	ridge		least sum of r^2/n + lambda sum_j (s_j b_j)^2 (Hoerl, Kennard, Technometrics 12 (1970) 55)
 *	lasso		least sum of r^2/(2n) + lambda sum_j |s_j b_j| by coordinate descent (Tibshirani, J. R. Stat. Soc. B 58 (1996) 267;
 *			Friedman, Hastie, Tibshirani, J. Stat. Softw. 33 (2010) 1); what came out is held against the
 *			Karush-Kuhn-Tucker conditions
 *	huber, bisquare	sum of psi(r/s) x_j = 0, s = median |r| / 0.6745, by reweighted least squares (Huber, Ronchetti: Robust Statistics,
 *			7.8; Beaton, Tukey, Technometrics 16 (1974) 147): psi is 1 around 0 up to |r/s| = 1.345, or 4.685 for bisquare (95 %
 *			efficiency on normal residuals). Deaf to outlying y, not to outlying x.
 *	nonnegative	least sum of r^2 with b_j >= 0 for bounded columns (Lawson, Hanson: Solving Least Squares Problems, 23)
 *
 * s_j is the standard deviation (divisor n) of column j, where the constant is among what is to be found; where it is not, the
 * root of the mean square. So ridge's lambda is a pure number and lasso's is in the unit of y, and neither depends on
 * units of columns or on n. The constant is not penalised.
 *
 * A lambda that is not given (NaN) is the one of a hundred with the least squared error in rows of groups that were
 * left out, one group after the other (ridge: 1e-8 to 100; lasso: from where all is dropped down to 1e-5 of that).
 *
 * Everything but huber and bisquare works on triangles (triangle.h): one pass over the rows and no memory that grows with
 * them. These two take two numbers a row, and two passes an iteration.
 *
 * Columns of which one is a sum of the others (1e-13 of its length) are refused, for ridge and lasso too: what rows cannot tell
 * apart, no penalty can.
 */
#ifndef HEATBENCH_CORE_REGRESS_H
#define HEATBENCH_CORE_REGRESS_H

#include "analytics/core/triangle.h"

#include <stdbool.h>
#include <stddef.h>

struct error;

enum { REGRESS_COLUMNS = TRIANGLE_REGRESSORS };

enum regress_method { REGRESS_OLS, REGRESS_RIDGE, REGRESS_LASSO, REGRESS_HUBER, REGRESS_BISQUARE, REGRESS_NONNEGATIVE };

extern const char *const regress_method_names[]; /* "ols", "ridge", ..., "nonnegative", NULL */

enum regress_role {
	REGRESS_FREE,
	REGRESS_FIXED,	 /* the coefficient is known */
	REGRESS_BOUNDED, /* >= 0: for REGRESS_NONNEGATIVE alone */
};

/* The caller's, and finite throughout. */
struct regress_rows {
	size_t n;
	int p;
	const double *const *column; /* [p]; NULL: the constant 1 */
	const double *y;
	const char *const *name; /* [p], for what an error says; NULL: "column 1" ... */
	const int *group;	 /* [n], 0 ... groups - 1; NULL: one group. Quickest where the rows of a group stand together */
	int groups;
};

struct regress_settings {
	enum regress_method method;
	double lambda;		       /* of ridge and lasso, >= 0; NaN: to be chosen */
	const enum regress_role *role; /* [p]; NULL: all free */
	const double *fixed;	       /* [p], of fixed columns */
	const bool *left_out;	       /* [groups]: as if it were not there; NULL: all are */
	const double *start;	       /* [p], where huber and bisquare begin; NULL: at ols, and bisquare where huber ends */
};

struct regress {
	enum regress_method method;
	size_t n; /* rows used */
	int p;
	double coefficient[REGRESS_COLUMNS];
	bool found[REGRESS_COLUMNS]; /* by the rows: neither fixed, nor dropped by lasso, nor at its bound */
	/* For standard errors: with S the covariance of the sum over rows of x_j psi(r), bread S bread is that of the coefficients
	 * (hac.h). (X'X)^-1 of the found columns; with the penalty for ridge; (sum of psi' x x')^-1 for huber and bisquare.
	 * [p * p], 0 for what was not found; NaN where bisquare has no such inverse. It knows nothing of a choice of columns or lambda. */
	double bread[REGRESS_COLUMNS * REGRESS_COLUMNS];
	double residual_sd; /* divisor n - found columns; NaN where that is 0 */
	double lambda;	    /* NaN: none */
	double scale;	    /* s of huber and bisquare; NaN: none */
	double low_weight;  /* the share of rows that huber or bisquare gave less than half a weight; NaN: none */
	int iterations;	    /* of huber and bisquare; 0: none */
};

/* Errors: ERROR_DATA for fewer rows than columns, dependent columns (by name), numbers that are not finite, no two groups to choose
 * lambda by, huber and bisquare where more than half of the rows have no residual or nothing settles; ERROR_USAGE for
 * settings that do not fit together; ERROR_SYSTEM for memory. */
int regress_fit(const struct regress_rows *rows, const struct regress_settings *settings, struct regress *out, struct error *e);

double regress_at(const struct regress_rows *rows, const struct regress *fit, size_t row); /* sum_j b_j x_j */

/* out [n]: psi(r) of each row in the unit of y: the residual, or what huber or bisquare makes of it. */
void regress_scores(const struct regress_rows *rows, const struct regress *fit, double *out);

#endif

/*
 * regress_private.h - what the files of regress.h share.
 */
#ifndef HEATBENCH_CORE_REGRESS_PRIVATE_H
#define HEATBENCH_CORE_REGRESS_PRIVATE_H

#include "analytics/core/regress.h"

/* A fit that is under way: the columns to be found, the constant first where it is among them. */
struct regress_task {
	const struct regress_rows *rows;
	const struct regress_settings *settings;
	int count, which[REGRESS_COLUMNS]; /* columns of `rows` */
	bool constant;			   /* which[0] is the constant */
	bool bounded[REGRESS_COLUMNS];	   /* [count] */
	double offset[REGRESS_COLUMNS];	   /* [p], fixed coefficients, else 0 */
	struct triangle *group;		   /* [groups], of the columns to be found */
	struct triangle all;		   /* their sum without the groups left out */
	struct error *e;
};

/* What was found, [count]. */
struct regress_answer {
	long double b[REGRESS_COLUMNS];
	bool found[REGRESS_COLUMNS];
};

/* The length s_j sqrt(n) of each column after its mean was taken out (where there is a constant); 0 for the constant, and for what
 * does not move. */
void regress_lengths(const struct triangle *t, bool constant, long double *out);

/* These answer for any triangle and lambda, also where a column of the triangle does not move: its coefficient is 0. */
bool regress_ridge(const struct triangle *t, bool constant, double lambda, struct regress_answer *out);
bool regress_lasso(const struct triangle *t, bool constant, double lambda, struct regress_answer *out); /* in: where to begin */
double regress_lasso_most(const struct triangle *t, bool constant); /* from here on all is dropped */
int regress_nonnegative(const struct regress_task *task, struct regress_answer *out);

/* (X'X)^-1 of the found columns, with the penalty where lambda is a number: [count * count]. */
void regress_bread(const struct triangle *t, bool constant, double lambda, const bool *found, double *out);

/* The lambda with the least error in left-out groups. */
int regress_choose(const struct regress_task *task, double *lambda);

/* Fills coefficients, bread, scale, low_weight and iterations. */
int regress_robust(const struct regress_task *task, struct regress *out);

double regress_residual(const struct regress_rows *rows, const double *coefficient, size_t row);

#endif

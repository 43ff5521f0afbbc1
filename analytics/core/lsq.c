#include "analytics/core/lsq.h"

#include "analytics/core/qr.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

/* How much of a column must stand across the others. Columns given in double carry rounding of 1e-16 of their length, powers
 * made here only that of a long double. */
#define DEPENDENT (64 * DBL_EPSILON)
#define DEPENDENT_POWER (64 * (double)LDBL_EPSILON)

static struct lsq unknown(size_t n, int p)
{
	struct lsq fit = {.n = n, .p = p, .residual_sd = NAN, .dof = NAN};

	for (int i = 0; i < LSQ_REGRESSORS; i++) {
		fit.coefficient[i] = NAN;
		for (int j = 0; j < LSQ_REGRESSORS; j++)
			fit.covariance[i][j] = NAN;
	}
	return fit;
}

/* `columns` and `y` are overwritten. */
static void solve(struct lsq *fit, long double *columns, long double *y, double dependent)
{
	double inverse[LSQ_REGRESSORS * LSQ_REGRESSORS], coefficient[LSQ_REGRESSORS];
	struct qr_solution solution = {coefficient, inverse, NAN};
	int p = fit->p;

	if (!qr_solve(columns, y, fit->n, (size_t)p, dependent, &solution))
		return;
	fit->known = true;
	fit->dof = (double)(fit->n - (size_t)p);
	fit->residual_sd = sqrt(solution.squares / fit->dof);
	for (int i = 0; i < p; i++) {
		fit->coefficient[i] = coefficient[i];
		for (int j = 0; j < p; j++)
			fit->covariance[i][j] = inverse[i * p + j] * solution.squares / fit->dof;
	}
}

struct lsq lsq_fit(const double *x, const double *y, size_t n, int p)
{
	struct lsq fit = unknown(n, p);
	long double *columns;

	if (p < 1 || p > LSQ_REGRESSORS || n <= (size_t)p)
		return fit;
	columns = calloc(n, ((size_t)p + 1) * sizeof(*columns));
	for (size_t i = 0; columns && i < n; i++) {
		for (size_t j = 0; j < (size_t)p; j++)
			columns[j * n + i] = x[i * (size_t)p + j];
		columns[(size_t)p * n + i] = y[i];
	}
	if (columns)
		solve(&fit, columns, columns + (size_t)p * n, DEPENDENT);
	free(columns);
	return fit;
}

struct lsq lsq_polynomial(const double *x, const double *y, size_t n, int degree)
{
	size_t p = degree >= 0 && degree < LSQ_REGRESSORS ? (size_t)degree + 1 : 0;
	struct lsq fit = unknown(n, (int)p);
	long double *columns;

	if (p == 0 || n <= p)
		return fit;
	columns = calloc(n, (p + 1) * sizeof(*columns));
	for (size_t i = 0; columns && i < n; i++) {
		columns[i] = 1;
		for (size_t j = 1; j < p; j++)
			columns[j * n + i] = columns[(j - 1) * n + i] * x[i];
		columns[p * n + i] = y[i];
	}
	if (columns)
		solve(&fit, columns, columns + p * n, DEPENDENT_POWER);
	free(columns);
	return fit;
}

static double correlation(const size_t *at, size_t i, size_t j, size_t window)
{
	double apart = fabs((double)at[i] - (double)at[j]);

	return fmax(0, 1 - apart / (double)window);
}

/* B = X'RX, C = X'RRX and tr(RR). */
static double overlap(double B[LSQ_REGRESSORS][LSQ_REGRESSORS], double C[LSQ_REGRESSORS][LSQ_REGRESSORS],
	const struct lsq *fit, const double *x, const size_t *at, size_t window)
{
	size_t p = (size_t)fit->p;
	double trace = 0;

	for (size_t i = 0; i < fit->n; i++) {
		double row[LSQ_REGRESSORS] = {0}; /* of R X */

		for (size_t j = 0; j < fit->n; j++) {
			double r = correlation(at, i, j, window);

			trace += r * r;
			for (size_t a = 0; a < p && r > 0; a++)
				row[a] += r * x[j * p + a];
		}
		for (size_t a = 0; a < p; a++)
			for (size_t b = 0; b < p; b++) {
				B[a][b] += x[i * p + a] * row[b];
				C[a][b] += row[a] * row[b];
			}
	}
	return trace;
}

static void multiply(double out[LSQ_REGRESSORS][LSQ_REGRESSORS], double a[LSQ_REGRESSORS][LSQ_REGRESSORS],
	double b[LSQ_REGRESSORS][LSQ_REGRESSORS], int p)
{
	for (int i = 0; i < p; i++)
		for (int j = 0; j < p; j++) {
			out[i][j] = 0;
			for (int k = 0; k < p; k++)
				out[i][j] += a[i][k] * b[k][j];
		}
}

static double trace_of(double a[LSQ_REGRESSORS][LSQ_REGRESSORS], int p)
{
	double sum = 0;

	for (int i = 0; i < p; i++)
		sum += a[i][i];
	return sum;
}

void lsq_moving(struct lsq *fit, const double *x, const size_t *at, size_t window)
{
	double A[LSQ_REGRESSORS][LSQ_REGRESSORS],
		B[LSQ_REGRESSORS][LSQ_REGRESSORS] = {{0}}, C[LSQ_REGRESSORS][LSQ_REGRESSORS] = {{0}},
		AB[LSQ_REGRESSORS][LSQ_REGRESSORS], AC[LSQ_REGRESSORS][LSQ_REGRESSORS],
		ABAB[LSQ_REGRESSORS][LSQ_REGRESSORS];
	double variance = fit->residual_sd * fit->residual_sd, rr, mr, mrmr;

	if (!fit->known || !(variance > 0)) /* nothing is left over: nothing to remember */
		return;
	for (int i = 0; i < fit->p; i++)
		for (int j = 0; j < fit->p; j++)
			A[i][j] = fit->covariance[i][j] / variance;
	rr = overlap(B, C, fit, x, at, window);
	multiply(AB, A, B, fit->p);
	multiply(AC, A, C, fit->p);
	multiply(ABAB, AB, AB, fit->p);
	mr = (double)fit->n - trace_of(AB, fit->p);
	mrmr = rr - 2 * trace_of(AC, fit->p) + trace_of(ABAB, fit->p);
	variance *= fit->dof / mr;
	multiply(fit->covariance, AB, A, fit->p);
	for (int i = 0; i < fit->p; i++)
		for (int j = 0; j < fit->p; j++)
			fit->covariance[i][j] *= variance;
	fit->residual_sd = sqrt(variance);
	fit->dof = mr * mr / mrmr;
}

double lsq_u(const struct lsq *fit, int j)
{
	return sqrt(fit->covariance[j][j]);
}

double lsq_at(const struct lsq *fit, const double *x)
{
	double sum = 0;

	for (int j = 0; j < fit->p; j++)
		sum += fit->coefficient[j] * x[j];
	return sum;
}

double lsq_u_at(const struct lsq *fit, const double *x)
{
	double sum = 0;

	for (int i = 0; i < fit->p; i++)
		for (int j = 0; j < fit->p; j++)
			sum += x[i] * fit->covariance[i][j] * x[j];
	return sqrt(fmax(0, sum));
}

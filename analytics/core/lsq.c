#include "analytics/core/lsq.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_multifit.h>
#include <math.h>
#include <stdlib.h>

/* What GSL needs for one fit; freed in one place. */
struct work {
	gsl_matrix *x, *covariance;
	gsl_vector *y, *c;
	gsl_multifit_linear_workspace *space;
};

static void work_free(struct work *w)
{
	gsl_matrix_free(w->x);
	gsl_matrix_free(w->covariance);
	gsl_vector_free(w->y);
	gsl_vector_free(w->c);
	if (w->space)
		gsl_multifit_linear_free(w->space);
}

static bool work_alloc(struct work *w, const double *x, const double *y, size_t n, size_t p)
{
	*w = (struct work){gsl_matrix_alloc(n, p), gsl_matrix_alloc(p, p), gsl_vector_alloc(n),
		gsl_vector_alloc(p), gsl_multifit_linear_alloc(n, p)};
	if (!w->x || !w->covariance || !w->y || !w->c || !w->space)
		return false;
	for (size_t i = 0; i < n; i++) {
		gsl_vector_set(w->y, i, y[i]);
		for (size_t j = 0; j < p; j++)
			gsl_matrix_set(w->x, i, j, x[i * p + j]);
	}
	return true;
}

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

struct lsq lsq_fit(const double *x, const double *y, size_t n, int p)
{
	struct lsq fit = unknown(n, p);
	size_t rank = 0;
	double chisq;
	struct work w;

	if (p < 1 || p > LSQ_REGRESSORS || n <= (size_t)p)
		return fit;
	if (work_alloc(&w, x, y, n, (size_t)p) &&
		gsl_multifit_linear_tsvd(w.x, w.y, 1e-10, w.c, w.covariance, &chisq, &rank, w.space) ==
			GSL_SUCCESS &&
		rank == (size_t)p) {
		fit.known = true;
		fit.dof = (double)(n - (size_t)p);
		fit.residual_sd = sqrt(chisq / fit.dof);
		for (int i = 0; i < p; i++) {
			fit.coefficient[i] = gsl_vector_get(w.c, (size_t)i);
			for (int j = 0; j < p; j++)
				fit.covariance[i][j] = gsl_matrix_get(w.covariance, (size_t)i, (size_t)j);
		}
	}
	work_free(&w);
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

#include "analytics/core/regress_private.h"

#include "daq/base/error.h"

#include <float.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>

enum { TURNS = 500 };

#define TUNE_HUBER 1.345
#define TUNE_BISQUARE 4.685
#define NORMAL_QUARTILE 0.67448975019608171 /* median |z| of a normal z */
#define DEPENDENT 1e-13
#define STEP_LEAST 1e-10	      /* in y, as a share of the scale */
#define ROUNDING (16 * DBL_EPSILON) /* ... or of what a column adds to y */
#define SCALE_LEAST 1e-12	    /* as a share of y: below it residuals are rounding */

struct robust {
	const struct regress_task *task;
	enum regress_method method;
	double coefficient[REGRESS_COLUMNS]; /* [p] of the rows */
	double scale, least;
	double low;
	double *weight, *room; /* [n] */
	int turns;
};

/* psi(r)/r. */
static double weight_of(enum regress_method method, double r, double scale)
{
	double u = fabs(r / scale);

	if (method == REGRESS_HUBER)
		return u <= TUNE_HUBER ? 1 : TUNE_HUBER / u;
	u /= TUNE_BISQUARE;
	return u < 1 ? (1 - u * u) * (1 - u * u) : 0;
}

/* psi'(r). */
static double slope_of(enum regress_method method, double r, double scale)
{
	double u = fabs(r / scale);

	if (method == REGRESS_HUBER)
		return u <= TUNE_HUBER;
	u /= TUNE_BISQUARE;
	return u < 1 ? (1 - u * u) * (1 - 5 * u * u) : 0;
}

static bool absent(const struct regress_task *task, size_t row)
{
	const bool *out = task->settings->left_out;

	return out && out[task->rows->group ? task->rows->group[row] : 0];
}

/* Residuals, their scale, and each row's weight. */
static int weigh(struct robust *r)
{
	const struct regress_rows *rows = r->task->rows;
	size_t count = 0, low = 0;

	for (size_t i = 0; i < rows->n; i++) {
		r->weight[i] = regress_residual(rows, r->coefficient, i);
		if (!absent(r->task, i))
			r->room[count++] = fabs(r->weight[i]);
	}
	r->scale = gsl_stats_median(r->room, 1, count) / NORMAL_QUARTILE;
	if (!(r->scale > r->least))
		return error_set(r->task->e, ERROR_DATA,
			"half of the rows have no residual, which leaves %s without a scale: an estimator with squared residuals may do",
			regress_method_names[r->method]);
	for (size_t i = 0; i < rows->n; i++) {
		r->weight[i] = absent(r->task, i) ? 0 : weight_of(r->method, r->weight[i], r->scale);
		low += !absent(r->task, i) && r->weight[i] < 0.5;
	}
	r->low = (double)low / (double)count;
	return 0;
}

/* Least squares with these weights; `still`: y hardly moved by it. */
static int reweighted(struct robust *r, bool *still)
{
	const struct regress_task *task = r->task;
	struct triangle t = triangle_empty(task->rows->p);
	long double b[REGRESS_COLUMNS], root = sqrtl((long double)task->all.n);
	unsigned among;

	triangle_add(&t, task->rows->column, task->rows->y, r->weight, 0, task->rows->n);
	t = triangle_pick(&t, task->which, task->count, task->offset);
	if (triangle_dependent(&t, DEPENDENT, &among) >= 0)
		return error_set(task->e, ERROR_DATA, "the rows that %s leaves a weight do not determine the coefficients",
			regress_method_names[r->method]);
	triangle_solve(&t, b, NULL);
	*still = true;
	for (int k = 0; k < task->count; k++) {
		double *c = &r->coefficient[task->which[k]], size = (double)(triangle_length(&task->all, k) / root);

		*still = *still && fabs((double)b[k] - *c) * size <= STEP_LEAST * r->scale + ROUNDING * fabs(*c) * size;
		*c = (double)b[k];
	}
	return 0;
}

static int settle(struct robust *r, enum regress_method method)
{
	bool still = false;

	r->method = method;
	r->least = SCALE_LEAST * (double)(triangle_length(&r->task->all, r->task->count) / sqrtl((long double)r->task->all.n));
	for (int turn = 0; turn < TURNS && !still; turn++, r->turns++)
		if (weigh(r) < 0 || reweighted(r, &still) < 0)
			return -1;
	if (!still)
		return error_set(r->task->e, ERROR_DATA, "%s does not settle in %d turns", regress_method_names[method], TURNS);
	return weigh(r);
}

/* Inverse of the symmetric m [p][p] by Cholesky's decomposition; false: not positive. */
static bool invert(long double m[REGRESS_COLUMNS][REGRESS_COLUMNS], int p, double *out)
{
	struct triangle t = triangle_empty(p);
	long double b[REGRESS_COLUMNS];

	for (int j = 0; j < p; j++)
		for (int k = j; k < p; k++) {
			long double rest = m[j][k];

			for (int i = 0; i < j; i++)
				rest -= t.r[i][j] * t.r[i][k];
			if (k == j && !(rest > DEPENDENT * m[j][j]))
				return false;
			t.r[j][k] = k == j ? sqrtl(rest) : rest / t.r[j][j];
		}
	triangle_solve(&t, b, out);
	return true;
}

/* (sum of psi' x x')^-1, in columns of one length. */
static void bread(const struct robust *r, double *out)
{
	const struct regress_task *task = r->task;
	const struct regress_rows *rows = task->rows;
	long double m[REGRESS_COLUMNS][REGRESS_COLUMNS] = {{0}}, length[REGRESS_COLUMNS];
	double inverse[REGRESS_COLUMNS * REGRESS_COLUMNS], x[REGRESS_COLUMNS];
	int count = task->count;
	bool known;

	for (int k = 0; k < count; k++)
		length[k] = triangle_length(&task->all, k);
	for (size_t i = 0; i < rows->n; i++) {
		double slope = absent(task, i) ? 0 : slope_of(r->method, regress_residual(rows, r->coefficient, i), r->scale);

		for (int k = 0; slope != 0 && k < count; k++) {
			const double *column = rows->column[task->which[k]];

			x[k] = (column ? column[i] : 1) / (double)length[k];
			for (int l = 0; l <= k; l++)
				m[l][k] += slope * x[k] * x[l];
		}
	}
	known = invert(m, count, inverse);
	for (int k = 0; k < count; k++)
		for (int l = 0; l < count; l++)
			out[task->which[k] * rows->p + task->which[l]] =
				known ? inverse[k * count + l] / (double)(length[k] * length[l]) : NAN;
}

int regress_robust(const struct regress_task *task, struct regress *out)
{
	size_t n = task->rows->n;
	struct robust r = {.task = task, .weight = calloc(n, sizeof(double)), .room = calloc(n, sizeof(double))};
	enum regress_method method = task->settings->method;
	const double *start = task->settings->start;
	int result = -1;

	for (int j = 0; j < task->rows->p; j++)
		r.coefficient[j] = start && out->found[j] ? start[j] : out->coefficient[j];
	if (!r.weight || !r.room) {
		error_set(task->e, ERROR_SYSTEM, "no memory for the weights of %zu rows", n);
		goto out;
	}
	if ((method == REGRESS_BISQUARE && !start && settle(&r, REGRESS_HUBER) < 0) || settle(&r, method) < 0)
		goto out;
	for (int j = 0; j < task->rows->p; j++)
		out->coefficient[j] = r.coefficient[j];
	out->scale = r.scale;
	out->low_weight = r.low;
	out->iterations = r.turns;
	bread(&r, out->bread);
	result = 0;
out:
	free(r.weight);
	free(r.room);
	return result;
}

void regress_scores(const struct regress_rows *rows, const struct regress *fit, double *out)
{
	bool robust = fit->method == REGRESS_HUBER || fit->method == REGRESS_BISQUARE;

	for (size_t i = 0; i < rows->n; i++) {
		out[i] = regress_residual(rows, fit->coefficient, i);
		if (robust)
			out[i] *= weight_of(fit->method, out[i], fit->scale);
	}
}

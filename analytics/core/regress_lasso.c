#include "analytics/core/regress_private.h"

#include <math.h>

enum { SWEEPS = 50000 };

/* Against the largest |x_j'y|: a step that is none any more, and what the conditions may be off. */
#define STEP_LEAST 1e-16L
#define CONDITION 1e-10L

/* In columns of standard deviation 1 (divisor n), without their means: half beta'G beta - c'beta + lambda |beta|. */
struct standard {
	int p, first; /* columns; the first that is penalised */
	long double g[REGRESS_COLUMNS][REGRESS_COLUMNS], c[REGRESS_COLUMNS], sd[REGRESS_COLUMNS];
	long double most; /* the largest |c| */
};

static struct standard standardise(const struct triangle *t, bool constant)
{
	struct standard s = {.p = t->p, .first = constant};
	long double length[REGRESS_COLUMNS], root = sqrtl((long double)t->n);

	regress_lengths(t, constant, length);
	for (int j = s.first; j < s.p; j++) {
		s.sd[j] = length[j] / root;
		if (length[j] == 0)
			continue;
		for (int i = s.first; i <= j; i++)
			s.c[j] += t->r[i][j] * t->r[i][t->p] / (length[j] * root);
		s.most = fmaxl(s.most, fabsl(s.c[j]));
		for (int k = s.first; k <= j; k++) {
			for (int i = s.first; length[k] > 0 && i <= k; i++)
				s.g[j][k] += t->r[i][j] * t->r[i][k] / (length[j] * length[k]);
			s.g[k][j] = s.g[j][k];
		}
	}
	return s;
}

double regress_lasso_most(const struct triangle *t, bool constant)
{
	return (double)standardise(t, constant).most;
}

/* x_j'(y - X beta) / n. */
static long double gradient(const struct standard *s, const long double *beta, int j)
{
	long double sum = s->c[j];

	for (int k = s->first; k < s->p; k++)
		sum -= s->g[j][k] * beta[k];
	return sum;
}

static long double shrink(long double v, long double by)
{
	return v > by ? v - by : v < -by ? v + by : 0;
}

static void descend(const struct standard *s, long double lambda, long double *beta)
{
	for (int sweep = 0; sweep < SWEEPS; sweep++) {
		long double step = 0;

		for (int j = s->first; j < s->p; j++) {
			long double was = beta[j];

			if (s->sd[j] == 0)
				continue;
			beta[j] = shrink(gradient(s, beta, j) + was, lambda);
			step = fmaxl(step, fabsl(beta[j] - was));
		}
		if (step <= STEP_LEAST * s->most)
			return;
	}
}

/* Karush, Kuhn, Tucker: the gradient is lambda with the coefficient's sign, and within lambda where the coefficient is 0. */
static bool settled(const struct standard *s, long double lambda, const long double *beta)
{
	for (int j = s->first; j < s->p; j++) {
		long double slope = gradient(s, beta, j), off = fabsl(slope) - lambda;

		if (s->sd[j] == 0)
			continue;
		if (beta[j] != 0)
			off = fabsl(slope - (beta[j] > 0 ? lambda : -lambda));
		if (!(off <= CONDITION * s->most))
			return false;
	}
	return true;
}

bool regress_lasso(const struct triangle *t, bool constant, double lambda, struct regress_answer *out)
{
	struct standard s = standardise(t, constant);
	long double beta[REGRESS_COLUMNS] = {0};

	for (int j = s.first; j < s.p; j++)
		beta[j] = out->b[j] * s.sd[j];
	descend(&s, lambda, beta);
	for (int j = s.first; j < s.p; j++) {
		out->b[j] = beta[j] != 0 ? beta[j] / s.sd[j] : 0;
		out->found[j] = beta[j] != 0;
	}
	if (constant) {
		out->b[0] = t->r[0][t->p];
		for (int j = 1; j < t->p; j++)
			out->b[0] -= t->r[0][j] * out->b[j];
		out->b[0] /= t->r[0][0];
		out->found[0] = true;
	}
	return settled(&s, lambda, beta);
}

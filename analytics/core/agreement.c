#include "analytics/core/agreement.h"

#include "analytics/core/stats.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

#define TIMES 1.959963984540054 /* 97.5 % of the normal distribution */

struct pair {
	int subject;
	double d;
};

struct variance {
	double subjects, squares;	/* s, sum m_i^2 */
	double between, within;		/* sums of squares */
	double mean, among, reciprocal; /* of subjects' means: their mean and sum of squares; sum 1/m_i */
};

static int by_subject(const void *a, const void *b)
{
	int x = ((const struct pair *)a)->subject, y = ((const struct pair *)b)->subject;

	return (x > y) - (x < y);
}

static void add_subject(struct variance *v, const struct pair *pair, size_t m, double mean)
{
	double own = 0, apart;

	for (size_t i = 0; i < m; i++)
		own += pair[i].d / (double)m;
	for (size_t i = 0; i < m; i++)
		v->within += (pair[i].d - own) * (pair[i].d - own);
	v->subjects++;
	v->squares += (double)m * (double)m;
	v->between += (double)m * (own - mean) * (own - mean);
	v->reciprocal += 1 / (double)m;
	apart = own - v->mean;
	v->mean += apart / v->subjects;
	v->among += apart * (own - v->mean);
}

/* False where memory runs out. */
static int analyse(struct variance *v, const double *d, const int *subject, size_t n, double mean)
{
	struct pair *pair = malloc(n * sizeof(*pair));

	if (!pair)
		return 0;
	for (size_t i = 0; i < n; i++)
		pair[i] = (struct pair){subject[i], d[i]};
	qsort(pair, n, sizeof(*pair), by_subject);
	for (size_t from = 0, to; from < n; from = to) {
		for (to = from + 1; to < n && pair[to].subject == pair[from].subject; to++)
			;
		add_subject(v, pair + from, to - from, mean);
	}
	free(pair);
	return 1;
}

static double square(double x)
{
	return x * x;
}

/* One pair each: what is within cannot be told from what is between. */
static void plain(struct agreement *a, const double *d, size_t n)
{
	double N = (double)n;

	a->sd = stats_sd(d, n);
	a->within = a->between = NAN;
	a->bias_u = a->sd / sqrt(N);
	a->dof = N - 1;
	a->limit_u = sqrt(a->sd * a->sd / N + TIMES * TIMES * a->sd * a->sd / (2 * (N - 1)));
}

static void repeated(struct agreement *a, const struct variance *v)
{
	double N = (double)a->pairs, s = v->subjects;
	double m0 = s > 1 ? (N - v->squares / N) / (s - 1) : N;
	double MSw = v->within / (N - s), MSb = s > 1 ? v->between / (s - 1) : MSw;
	double between = s > 1 ? fmax(0, (MSb - MSw) / m0) : 0, u;

	a->within = sqrt(MSw);
	a->between = sqrt(between);
	a->sd = sqrt(between + MSw);
	a->bias_u = sqrt(between * v->squares / (N * N) + MSw / N);
	a->dof = between > 0 ? s - 1 : N - 1;
	u = 2 * (square((1 - 1 / m0) * MSw) / (N - s) +
			(s > 1 ? square(MSb / m0) / (s - 1) : square(MSw / m0) / N));
	a->limit_u = sqrt(a->bias_u * a->bias_u + TIMES * TIMES * u / (4 * a->sd * a->sd));
}

/* Point p of chi^2(dof) over dof. GSL's does not converge for some 1e5; there Wilson and Hilferty's (Proc. Natl. Acad. Sci. 17 (1931) 684)
 * is good to 1e-8. */
static double point(double dof, double p)
{
	double c = 2 / (9 * dof);

	return dof < 3e4 ? gsl_cdf_chisq_Pinv(p, dof) / dof : pow(1 - c + gsl_cdf_ugaussian_Pinv(p) * sqrt(c), 3);
}

/* How far A may be from a limit of its own. */
static double off(double A, double dof, double p)
{
	return dof > 0 ? A * fabs(1 - 1 / point(dof, p)) : 0;
}

static void limits(struct agreement *a, double A, double B)
{
	double N = (double)a->pairs, s = (double)a->subjects, total = a->sd * a->sd, l, u, in, out;

	a->low = a->bias - TIMES * a->sd;
	a->high = a->bias + TIMES * a->sd;
	if (a->subjects < 2)
		return;
	l = total - hypot(off(A, s - 1, 0.975), off(B, N - s, 0.975));
	u = total + hypot(off(A, s - 1, 0.025), off(B, N - s, 0.025));
	in = TIMES * hypot(a->bias_u, a->sd - sqrt(fmax(0, l)));
	out = TIMES * hypot(a->bias_u, sqrt(u) - a->sd);
	a->low_from = a->low - out;
	a->low_to = a->low + in;
	a->high_from = a->high - in;
	a->high_to = a->high + out;
}

static struct agreement nothing(size_t n)
{
	return (struct agreement){.pairs = n,
		.bias = NAN,
		.bias_u = NAN,
		.dof = NAN,
		.within = NAN,
		.between = NAN,
		.sd = NAN,
		.low = NAN,
		.high = NAN,
		.limit_u = NAN,
		.low_from = NAN,
		.low_to = NAN,
		.high_from = NAN,
		.high_to = NAN};
}

struct agreement agreement_repeated(const double *d, const int *subject, size_t n)
{
	struct agreement a = nothing(n);
	struct variance v = {0};
	double N = (double)n, m0;

	a.bias = stats_mean(d, n);
	if (n < 1 || !analyse(&v, d, subject, n, a.bias))
		return a;
	a.subjects = (size_t)v.subjects;
	if (n < 2)
		return a;
	if (a.subjects == n)
		plain(&a, d, n);
	else
		repeated(&a, &v);
	m0 = (N - v.squares / N) / (v.subjects - 1);
	limits(&a, v.between / (v.subjects - 1) / m0,
		a.subjects < n ? (1 - 1 / m0) * v.within / (N - v.subjects) : 0);
	return a;
}

struct agreement agreement_by_subject(const double *d, const int *subject, size_t n)
{
	struct agreement a = agreement_repeated(d, subject, n);
	struct variance v = {0};
	double s, mh, A, MSw;

	if (a.subjects < 2 || a.subjects == n)
		return a;
	if (!analyse(&v, d, subject, n, a.bias))
		return nothing(n);
	s = v.subjects;
	mh = s / v.reciprocal;
	A = v.among / (s - 1);
	MSw = v.within / ((double)n - s);
	a.bias = v.mean;
	a.bias_u = sqrt(A / s);
	a.dof = s - 1;
	a.between = sqrt(fmax(0, A - MSw / mh));
	a.sd = sqrt(A + (1 - 1 / mh) * MSw);
	a.limit_u = sqrt(a.bias_u * a.bias_u +
			 TIMES * TIMES * 2 *
				 (square(A) / (s - 1) + square((1 - 1 / mh) * MSw) / ((double)n - s)) /
				 (4 * a.sd * a.sd));
	limits(&a, A, (1 - 1 / mh) * MSw);
	return a;
}

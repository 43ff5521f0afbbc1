#include "analytics/core/agreement.h"

#include "analytics/core/stats.h"

#include <math.h>
#include <stdbool.h>

#define TIMES 1.959963984540054 /* 97.5 % of the normal distribution */

struct variance {
	double subjects, squares; /* s, sum m_i^2 */
	double between, within;	  /* sums of squares */
};

static struct variance analyse(const double *d, const int *subject, size_t n, double mean)
{
	struct variance v = {0, 0, 0, 0};

	for (size_t i = 0; i < n; i++) {
		double sum = 0, m = 0, own;
		bool seen = false;

		for (size_t j = 0; j < i && !seen; j++)
			seen = subject[j] == subject[i];
		for (size_t j = i; j < n && !seen; j++)
			if (subject[j] == subject[i]) {
				sum += d[j];
				m++;
			}
		if (seen)
			continue;
		own = sum / m;
		v.subjects++;
		v.squares += m * m;
		v.between += m * (own - mean) * (own - mean);
		for (size_t j = i; j < n; j++)
			if (subject[j] == subject[i])
				v.within += (d[j] - own) * (d[j] - own);
	}
	return v;
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
	u = 2 * (pow((1 - 1 / m0) * MSw, 2) / (N - s) + (s > 1 ? pow(MSb / m0, 2) / (s - 1) : pow(MSw / m0, 2) / N));
	a->limit_u = sqrt(a->bias_u * a->bias_u + TIMES * TIMES * u / (4 * a->sd * a->sd));
}

struct agreement agreement_repeated(const double *d, const int *subject, size_t n)
{
	struct agreement a = {n, 0, stats_mean(d, n), NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN};
	struct variance v = analyse(d, subject, n, a.bias);

	a.subjects = (size_t)v.subjects;
	if (n < 2)
		return a;
	if (a.subjects == n)
		plain(&a, d, n);
	else
		repeated(&a, &v);
	a.low = a.bias - TIMES * a.sd;
	a.high = a.bias + TIMES * a.sd;
	return a;
}

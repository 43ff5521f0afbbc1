#include "analytics/core/line_fit.h"

#include "analytics/core/ttest.h"

#include <math.h>
#include <stdlib.h>

struct moments {
	double n, mx, my, xx, xy, yy; /* means, and sums of squared deviations */
};

/* Welford. */
static void add(struct moments *m, double x, double y)
{
	double dx = x - m->mx, dy = y - m->my;

	m->n++;
	m->mx += dx / m->n;
	m->my += dy / m->n;
	m->xx += dx * (x - m->mx);
	m->yy += dy * (y - m->my);
	m->xy += dx * (y - m->my);
}

/* Chan, Golub, LeVeque: Am. Stat. 37 (1983) 242. */
static void join(struct moments *m, const struct moments *b)
{
	double n = m->n + b->n, dx = b->mx - m->mx, dy = b->my - m->my, weight = n > 0 ? m->n * b->n / n : 0;

	if (!(b->n > 0))
		return;
	m->xx += b->xx + weight * dx * dx;
	m->yy += b->yy + weight * dy * dy;
	m->xy += b->xy + weight * dx * dy;
	m->mx += dx * b->n / n;
	m->my += dy * b->n / n;
	m->n = n;
}

/* Without pair `but` (n: all of them). */
static struct moments moments_of(const double *x, const double *y, size_t n, size_t but)
{
	struct moments m = {0, 0, 0, 0, 0, 0};

	for (size_t i = 0; i < n; i++)
		if (i != but)
			add(&m, x[i], y[i]);
	return m;
}

static double deming_slope(const struct moments *m, double c)
{
	double d = m->yy - c * m->xx;

	return (d + sqrt(d * d + 4 * c * m->xy * m->xy)) / (2 * m->xy);
}

static struct line_fit nothing(size_t n)
{
	return (struct line_fit){n, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN};
}

static void finish(struct line_fit *f, const double *x, const double *y)
{
	double rest = 0;

	f->dof = (double)f->n - 2;
	for (size_t i = 0; i < f->n; i++) {
		double r = y[i] - f->intercept - f->slope * x[i];

		rest += r * r;
	}
	f->residual_sd = sqrt(rest / f->dof);
}

static void chances(struct line_fit *f)
{
	f->p_intercept = ttest_p(f->intercept_u > 0 ? f->intercept / f->intercept_u : NAN, f->dof);
	f->p_slope = ttest_p(f->slope_u > 0 ? (f->slope - 1) / f->slope_u : NAN, f->dof);
}

struct line_fit line_fit_ordinary(const double *x, const double *y, size_t n)
{
	struct moments m = moments_of(x, y, n, n);
	struct line_fit f = nothing(n);

	if (n < 3 || !(m.xx > 0))
		return f;
	f.slope = m.xy / m.xx;
	f.intercept = m.my - f.slope * m.mx;
	finish(&f, x, y);
	f.slope_u = f.residual_sd / sqrt(m.xx);
	f.intercept_u = f.residual_sd * sqrt(1 / m.n + m.mx * m.mx / m.xx);
	f.covariance = -m.mx * f.slope_u * f.slope_u;
	chances(&f);
	return f;
}

/* Pseudo-values of slope and intercept, their variances and covariance over n. */
static void jackknife(struct line_fit *f, const double *x, const double *y, double c)
{
	double n = (double)f->n, ms = 0, mi = 0, ss = 0, ii = 0, si = 0;

	for (size_t i = 0; i < f->n; i++) {
		struct moments m = moments_of(x, y, f->n, i);
		double slope = deming_slope(&m, c), intercept = m.my - slope * m.mx;
		double s = n * f->slope - (n - 1) * slope, j = n * f->intercept - (n - 1) * intercept;
		double ds = s - ms, dj = j - mi, k = (double)i + 1;

		ms += ds / k;
		mi += dj / k;
		ss += ds * (s - ms);
		ii += dj * (j - mi);
		si += ds * (j - mi);
	}
	f->slope_u = sqrt(ss / (n - 1) / n);
	f->intercept_u = sqrt(ii / (n - 1) / n);
	f->covariance = si / (n - 1) / n;
}

struct line_fit line_fit_deming(const double *x, const double *y, size_t n, double variance_ratio)
{
	struct moments m = moments_of(x, y, n, n);
	struct line_fit f = nothing(n);

	if (n < 3 || !(m.xx > 0) || m.xy == 0 || !(variance_ratio > 0))
		return f;
	f.slope = deming_slope(&m, variance_ratio);
	f.intercept = m.my - f.slope * m.mx;
	finish(&f, x, y);
	jackknife(&f, x, y, variance_ratio);
	chances(&f);
	return f;
}

/* Slope and intercept without a block, and how many blocks' worth n is of it. */
struct without {
	double slope, intercept, h;
};

/* Those of the blocks that have pairs into out[blocks]; returns how many. */
static int leave_out(const struct moments *of, int blocks, double n, double c, struct without *out)
{
	int g = 0;

	for (int j = 0; j < blocks; j++) {
		struct moments m = {0, 0, 0, 0, 0, 0};

		if (!(of[j].n > 0))
			continue;
		for (int k = 0; k < blocks; k++)
			if (k != j)
				join(&m, &of[k]);
		out[g].slope = deming_slope(&m, c);
		out[g].intercept = m.my - out[g].slope * m.mx;
		out[g++].h = n / of[j].n;
	}
	return g;
}

static void jackknife_blocks(struct line_fit *f, const struct without *w, int g)
{
	double slope = g * f->slope, intercept = g * f->intercept, ss = 0, ii = 0, si = 0;

	for (int j = 0; j < g; j++) {
		slope -= (1 - 1 / w[j].h) * w[j].slope;
		intercept -= (1 - 1 / w[j].h) * w[j].intercept;
	}
	for (int j = 0; j < g; j++) {
		double h = w[j].h, s = h * f->slope - (h - 1) * w[j].slope - slope;
		double i = h * f->intercept - (h - 1) * w[j].intercept - intercept;

		ss += s * s / (h - 1) / g;
		ii += i * i / (h - 1) / g;
		si += s * i / (h - 1) / g;
	}
	f->slope_u = sqrt(ss);
	f->intercept_u = sqrt(ii);
	f->covariance = si;
}

struct line_fit line_fit_deming_blocks(
	const double *x, const double *y, const int *block, size_t n, int blocks, double variance_ratio)
{
	struct moments *of = blocks > 0 ? calloc((size_t)blocks, sizeof(*of)) : NULL, m = {0, 0, 0, 0, 0, 0};
	struct without *without = blocks > 0 ? malloc((size_t)blocks * sizeof(*without)) : NULL;
	struct line_fit f = nothing(n);
	int g;

	if (!of || !without)
		goto out;
	for (size_t i = 0; i < n; i++)
		add(&of[block[i]], x[i], y[i]);
	for (int j = 0; j < blocks; j++)
		join(&m, &of[j]);
	g = leave_out(of, blocks, (double)n, variance_ratio, without);
	if (g < 3 || !(m.xx > 0) || m.xy == 0 || !(variance_ratio > 0))
		goto out;
	f.slope = deming_slope(&m, variance_ratio);
	f.intercept = m.my - f.slope * m.mx;
	finish(&f, x, y);
	f.dof = g - 2;
	jackknife_blocks(&f, without, g);
	chances(&f);
out:
	free(of);
	free(without);
	return f;
}

struct stats_interval line_fit_slope(const struct line_fit *f, double level)
{
	return stats_interval(f->slope, f->slope_u, f->dof, level);
}

struct stats_interval line_fit_intercept(const struct line_fit *f, double level)
{
	return stats_interval(f->intercept, f->intercept_u, f->dof, level);
}

struct stats_interval line_fit_at(const struct line_fit *f, double x, double level)
{
	double squared =
		f->intercept_u * f->intercept_u + 2 * x * f->covariance + x * x * f->slope_u * f->slope_u;

	return stats_interval(f->intercept + f->slope * x, sqrt(fmax(0, squared)), f->dof, level);
}

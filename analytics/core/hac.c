#include "analytics/core/hac.h"

#include <stdlib.h>
#include <string.h>

/* The last `lag` of the g_i in a ring, so that no more is kept than they. */
struct past {
	double *g; /* [lag][p] */
	int lag, kept, next;
};

/* sum over the kept of (1 - l/(lag + 1)) g_{i-l}. */
static void weighted_past(const struct past *past, int p, double *sum)
{
	for (int a = 0; a < p; a++)
		sum[a] = 0;
	for (int l = 1; l <= past->kept; l++) {
		const double *g = past->g + (past->next + past->lag - l) % past->lag * p;
		double weight = 1 - (double)l / (past->lag + 1);

		for (int a = 0; a < p; a++)
			sum[a] += weight * g[a];
	}
}

static void remember(struct past *past, int p, const double *g)
{
	if (past->lag == 0)
		return;
	memcpy(past->g + past->next * p, g, (size_t)p * sizeof(*g));
	past->next = (past->next + 1) % past->lag;
	past->kept += past->kept < past->lag;
}

/* S = sum_i (g_i g_i' + g_i w_i' + w_i g_i'), w_i the weighted past. */
static void meat(const struct hac_rows *rows, struct past *past, double *s)
{
	int p = rows->p;

	for (size_t i = 0; i < rows->n; i++) {
		double g[HAC_COLUMNS], w[HAC_COLUMNS];

		if (rows->starts && rows->starts[i])
			past->kept = 0;
		for (int a = 0; a < p; a++)
			g[a] = rows->score[i] * (rows->column[a] ? rows->column[a][i] : 1);
		weighted_past(past, p, w);
		for (int a = 0; a < p; a++)
			for (int b = 0; b <= a; b++)
				s[a * p + b] += g[a] * g[b] + g[a] * w[b] + w[a] * g[b];
		remember(past, p, g);
	}
	for (int a = 0; a < p; a++)
		for (int b = 0; b < a; b++)
			s[b * p + a] = s[a * p + b];
}

static void multiply(const double *a, const double *b, int p, double *out)
{
	for (int i = 0; i < p; i++)
		for (int j = 0; j < p; j++) {
			out[i * p + j] = 0;
			for (int k = 0; k < p; k++)
				out[i * p + j] += a[i * p + k] * b[k * p + j];
		}
}

bool hac_covariance(const struct hac_rows *rows, int lag, const double *bread, double *out)
{
	double s[HAC_COLUMNS * HAC_COLUMNS] = {0}, bs[HAC_COLUMNS * HAC_COLUMNS];
	struct past past = {.lag = lag};

	if (lag < 0)
		return false;
	past.g = calloc((size_t)lag * (size_t)rows->p + 1, sizeof(*past.g));
	if (!past.g)
		return false;
	meat(rows, &past, s);
	free(past.g);
	multiply(bread, s, rows->p, bs);
	multiply(bs, bread, rows->p, out);
	return true;
}

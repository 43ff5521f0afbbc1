/* Intervals of a comparison, by resampling blocks of days: all figures from the same replicates. */
#include "analytics/accuracy/comparison.h"

#include "analytics/core/bootstrap.h"
#include "daq/base/error.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A day's row: sums of spans, then of regimes. */
enum {
	COLUMNS = (SPANS + REGIMES) * ERROR_SUMS,
	FIGURES = (SPANS + REGIMES) * METRICS + 2 * REGIMES,
};

static void figures(const void *self, const double *sum, double *value)
{
	const struct error_sums *s = (const struct error_sums *)(const void *)sum, *regime = s + SPANS;
	double seconds = 0, square = 0;

	(void)self;
	for (int i = 0; i < SPANS + REGIMES; i++)
		for (int m = 0; m < METRICS; m++)
			*value++ = metric_of(&s[i], (enum metric)m);
	for (int r = 0; r < REGIMES; r++) {
		seconds += regime[r].seconds;
		square += regime[r].square;
	}
	for (int r = 0; r < REGIMES; r++)
		*value++ = seconds > 0 ? 100 * regime[r].seconds / seconds : NAN;
	for (int r = 0; r < REGIMES; r++)
		*value++ = square > 0 ? 100 * regime[r].square / square : NAN;
}

static double between(double x, double least, double most)
{
	return isnan(x) ? x : fmax(least, fmin(most, x));
}

/* Few days draw the ends so far from the estimate that they may leave what is possible. */
static struct interval interval_of(const struct bootstrap *b, double least, double most)
{
	return (struct interval){b->estimate, between(b->low, least, most), between(b->high, least, most)};
}

static struct interval metric_interval(const struct bootstrap *b, enum metric m)
{
	bool size = m == METRIC_MAE || m == METRIC_RMSE || m == METRIC_CVRMSE;

	return interval_of(b, size ? 0 : -INFINITY, m == METRIC_R2 ? 1 : INFINITY);
}

static void take(struct comparison *c, const struct bootstrap *b)
{
	for (int s = 0; s < SPANS; s++)
		for (int m = 0; m < METRICS; m++)
			c->metric[s][m] = metric_interval(b++, (enum metric)m);
	for (int r = 0; r < REGIMES; r++)
		for (int m = 0; m < METRICS; m++)
			c->regime[r][m] = metric_interval(b++, (enum metric)m);
	for (int r = 0; r < REGIMES; r++)
		c->share_time[r] = interval_of(b++, 0, 100);
	for (int r = 0; r < REGIMES; r++)
		c->share_square[r] = interval_of(b++, 0, 100);
}

int comparison_intervals(struct comparison *c, const struct comparison_resampling *how, struct error *e)
{
	const struct bootstrap_plan plan = {.block = how->block, .replicates = how->replicates, .seed = how->seed, .level = how->level};
	double *sums = malloc((size_t)(c->days + 1) * COLUMNS * sizeof(*sums));
	struct bootstrap *b = malloc(FIGURES * sizeof(*b));
	int days = 0, result = -1;

	if (!sums || !b) {
		error_set(e, ERROR_SYSTEM, "no memory to resample %d days", c->days);
		goto out;
	}
	for (int d = 0; d < c->days; d++) {
		double *row = sums + (size_t)days * COLUMNS;

		if (c->day[d].covered <= 0)
			continue;
		memcpy(row, c->day[d].span, sizeof(c->day[d].span));
		memcpy(row + SPANS * ERROR_SUMS, c->day[d].regime, sizeof(c->day[d].regime));
		days++;
	}
	bootstrap_sums(sums, days, COLUMNS, &plan, figures, NULL, FIGURES, b);
	take(c, b);
	c->energy_se = b[SPAN_SAMPLE * METRICS + METRIC_ENERGY].se;
	result = 0;
out:
	free(sums);
	free(b);
	return result;
}

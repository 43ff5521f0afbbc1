#include "analytics/core/bootstrap.h"

#include "analytics/core/rng.h"
#include "analytics/core/stats.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

enum { REPLICATES = 2000, FEWEST_BLOCKS = 3, COLUMNS_ON_STACK = 64 };

/* Everything that one call works on. */
struct work {
	int days, block, replicates, count;
	double level;
	void (*statistics)(const void *self, const int *day, int n, double *value);
	const void *self;
	int *day;	   /* [days] */
	double *estimate;  /* [count] */
	double *replicate; /* [replicates * count] */
	double *without;   /* [days * count]: without the block that begins on a day */
	double *one;	   /* [replicates]: one figure's replicates, sorted */
};

int bootstrap_block(int days)
{
	int block = days > 0 ? (int)lround(1.4 * cbrt(days)) : 1, most = days / FEWEST_BLOCKS;

	block = block < most ? block : most;
	return block < 1 ? 1 : block;
}

static int work_open(struct work *w)
{
	size_t count = (size_t)w->count, days = (size_t)w->days, replicates = (size_t)w->replicates;

	w->day = malloc(days * sizeof(*w->day));
	w->estimate = malloc(count * sizeof(double));
	w->replicate = malloc(replicates * count * sizeof(double));
	w->without = malloc(days * count * sizeof(double));
	w->one = malloc(replicates * sizeof(double));
	return w->day && w->estimate && w->replicate && w->without && w->one ? 0 : -1;
}

static void work_close(struct work *w)
{
	free(w->day);
	free(w->estimate);
	free(w->replicate);
	free(w->without);
	free(w->one);
}

static void calculate(struct work *w, uint64_t seed)
{
	struct rng rng = rng_seeded(seed);
	uint32_t days = (uint32_t)w->days;

	for (int i = 0; i < w->days; i++)
		w->day[i] = i;
	w->statistics(w->self, w->day, w->days, w->estimate);
	for (int r = 0; r < w->replicates; r++) {
		uint32_t at = 0;

		for (int i = 0; i < w->days; i++) {
			at = i % w->block == 0 ? rng_below(&rng, days) : (at + 1) % days;
			w->day[i] = (int)at;
		}
		w->statistics(w->self, w->day, w->days, w->replicate + (size_t)r * (size_t)w->count);
	}
	for (int from = 0; from < w->days; from++) {
		for (int i = 0; i < w->days - w->block; i++)
			w->day[i] = (from + w->block + i) % w->days;
		w->statistics(
			w->self, w->day, w->days - w->block, w->without + (size_t)from * (size_t)w->count);
	}
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The defined replicates of figure j into w->one, in order; returns how many. */
static int sorted(struct work *w, int j)
{
	int n = 0;

	for (int r = 0; r < w->replicates; r++) {
		double v = w->replicate[(size_t)r * (size_t)w->count + (size_t)j];

		if (isfinite(v))
			w->one[n++] = v;
	}
	qsort(w->one, (size_t)n, sizeof(*w->one), ascending);
	return n;
}

/* sqrt(block) sum (m - x)^3 / (6 (sum (m - x)^2)^1.5); 0, no acceleration, where an estimate without a block is not defined
 * or they are all alike. */
static double acceleration(const struct work *w, int j)
{
	double mean = 0, squares = 0, cubes = 0;

	for (int i = 0; i < w->days; i++)
		mean += w->without[(size_t)i * (size_t)w->count + (size_t)j] / w->days;
	for (int i = 0; i < w->days; i++) {
		double d = mean - w->without[(size_t)i * (size_t)w->count + (size_t)j];

		squares += d * d;
		cubes += d * d * d;
	}
	return squares > 0 && isfinite(cubes) ? sqrt(w->block) * cubes / (6 * pow(squares, 1.5)) : 0;
}

/* Quantile z before correction for the bias z0 and the acceleration. */
static double corrected(const double *x, int n, double z, double z0, double a)
{
	double p = gsl_cdf_ugaussian_P(z0 + (z0 + z) / (1 - a * (z0 + z))), at = p * (n + 1) - 1;
	int low;

	if (!(at > 0))
		return x[0];
	if (at >= n - 1)
		return x[n - 1];
	low = (int)at;
	return x[low] + (at - low) * (x[low + 1] - x[low]);
}

/* Normal quantile of the share of replicates below the estimate, ties by halves; kept finite. */
static double bias(const double *x, int n, double estimate)
{
	double below = 0;

	for (int i = 0; i < n; i++)
		below += x[i] < estimate ? 1 : x[i] > estimate ? 0 : 0.5;
	return gsl_cdf_ugaussian_Pinv(fmin(fmax(below, 0.5), n - 0.5) / n);
}

static struct bootstrap interval(struct work *w, int j)
{
	struct bootstrap out = {w->estimate[j], NAN, NAN, NAN, w->replicates, 0};
	double blocks = (double)w->days / w->block, widen = sqrt(blocks / (blocks - 1)), z, z0, a, times;
	int n = sorted(w, j);

	out.undefined = w->replicates - n;
	if (!isfinite(out.estimate) || n < 2 || 20.0 * out.undefined > w->replicates)
		return out;
	z = stats_coverage_factor(w->level, INFINITY);
	z0 = bias(w->one, n, out.estimate);
	a = acceleration(w, j);
	times = widen * stats_coverage_factor(w->level, blocks - 1) / z;
	out.se = widen * stats_sd(w->one, (size_t)n);
	out.low = out.estimate - times * (out.estimate - corrected(w->one, n, -z, z0, a));
	out.high = out.estimate + times * (corrected(w->one, n, z, z0, a) - out.estimate);
	return out;
}

void bootstrap_days(int days, const struct bootstrap_plan *plan,
	void (*statistics)(const void *self, const int *day, int n, double *value), const void *self,
	int count, struct bootstrap *out)
{
	struct work w = {.days = days,
		.block = plan->block > 0 ? plan->block : bootstrap_block(days),
		.replicates = plan->replicates > 0 ? plan->replicates : REPLICATES,
		.count = count,
		.level = plan->level > 0 ? plan->level : 0.95,
		.statistics = statistics,
		.self = self};

	for (int j = 0; j < count; j++)
		out[j] = (struct bootstrap){NAN, NAN, NAN, NAN, 0, 0};
	if (count < 1 || days < 1 || work_open(&w) < 0)
		goto out;
	if (days >= FEWEST_BLOCKS * w.block) {
		calculate(&w, plan->seed);
		for (int j = 0; j < count; j++)
			out[j] = interval(&w, j);
		goto out;
	}
	for (int i = 0; i < days; i++)
		w.day[i] = i;
	statistics(self, w.day, days, w.estimate);
	for (int j = 0; j < count; j++)
		out[j].estimate = w.estimate[j];
out:
	work_close(&w);
}

struct of_sums {
	const double *sums;
	int columns;
	double *total; /* [columns] */
	void (*statistics)(const void *self, const double *sum, double *value);
	const void *self;
};

static void add_days(const void *self, const int *day, int n, double *value)
{
	const struct of_sums *s = self;

	for (int c = 0; c < s->columns; c++)
		s->total[c] = 0;
	for (int i = 0; i < n; i++) {
		const double *row = s->sums + (size_t)day[i] * (size_t)s->columns;

		for (int c = 0; c < s->columns; c++)
			s->total[c] += row[c];
	}
	s->statistics(s->self, s->total, value);
}

void bootstrap_sums(const double *sums, int days, int columns, const struct bootstrap_plan *plan,
	void (*statistics)(const void *self, const double *sum, double *value), const void *self, int count,
	struct bootstrap *out)
{
	double few[COLUMNS_ON_STACK];
	double *total = columns > COLUMNS_ON_STACK ? malloc((size_t)columns * sizeof(*total)) : few;
	struct of_sums of = {sums, columns, total, statistics, self};

	if (total)
		bootstrap_days(days, plan, add_days, &of, count, out);
	else
		for (int j = 0; j < count; j++)
			out[j] = (struct bootstrap){NAN, NAN, NAN, NAN, 0, 0};
	if (total != few)
		free(total);
}

struct two_columns {
	const double *numerator, *denominator;
};

static void ratio(const void *self, const int *day, int n, double *value)
{
	const struct two_columns *of = self;
	double above = 0, below = 0;

	for (int i = 0; i < n; i++) {
		above += of->numerator[day[i]];
		below += of->denominator[day[i]];
	}
	*value = below != 0 ? above / below : NAN;
}

struct bootstrap bootstrap_ratio(
	const double *numerator, const double *denominator, int days, const struct bootstrap_plan *plan)
{
	struct two_columns of = {numerator, denominator};
	struct bootstrap out;

	bootstrap_days(days, plan, ratio, &of, 1, &out);
	return out;
}

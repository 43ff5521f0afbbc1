#include "analytics/core/skew_private.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
	SUMS = 1 + SKEW_REGRESSORS + SKEW_REGRESSORS * SKEW_REGRESSORS, /* at most; see struct skew_block */
	REPLICATES = 200,
	GROUPS = 100, /* of blocks that are drawn together; fewer blocks: each by itself */
};

#define COLLINEAR 1e-9

static const char *const state_names[] = {
	[SKEW_FOUND] = "measured",
	[SKEW_NO_STEPS] = "not measurable: too few steps",
	[SKEW_NOT_FOLLOWED] = "not measurable: the one signal does not follow the other's steps",
	[SKEW_UNDECIDED] = "not measurable: the steps do not tell one shift within the range from another",
	[SKEW_NO_MEMORY] = "not measurable: out of memory",
};

const char *skew_state_name(enum skew_state state)
{
	return (size_t)state < sizeof(state_names) / sizeof(*state_names) ? state_names[state] : "?";
}

/* Residual sum when the other regressors are fitted too: Gaussian elimination, leaving out what is a sum of
 * the others. */
static double residual(const double *sums, int p)
{
	double v[SKEW_REGRESSORS], m[SKEW_REGRESSORS][SKEW_REGRESSORS], rss = sums[0];

	for (int j = 0; j < p; j++) {
		v[j] = sums[1 + j];
		for (int k = 0; k < p; k++)
			m[j][k] = sums[1 + p + j * p + k];
	}
	for (int j = 0; j < p; j++) {
		if (!(m[j][j] > COLLINEAR * sums[1 + p + j * p + j]))
			continue;
		rss -= v[j] * v[j] / m[j][j];
		for (int i = j + 1; i < p; i++) {
			double f = m[i][j] / m[j][j];

			v[i] -= f * v[j];
			for (int k = j + 1; k < p; k++)
				m[i][k] -= f * m[j][k];
		}
	}
	return fmax(rss, 0);
}

static void add(double *restrict to, const double *restrict from, double times)
{
	for (size_t i = 0; i < SKEW_ROOM; i++)
		to[i] += times * from[i];
}

static void residuals(const struct skew_search *s, const double *sums, double *rss)
{
	double one[SUMS];

	for (size_t i = 0; i < SKEW_POINTS; i++) {
		for (size_t j = 0; j < s->sums; j++)
			one[j] = sums[j * SKEW_ROOM + i];
		rss[i] = residual(one, s->p);
	}
}

/* The curve of all blocks. */
static void curve(const struct skew_search *s, double *rss)
{
	double sums[SUMS * SKEW_ROOM] = {0};

	for (size_t k = 0; k < s->blocks; k++)
		for (size_t j = 0; j < s->sums; j++)
			add(sums + j * SKEW_ROOM, s->block[k].sum + j * SKEW_ROOM, 1);
	residuals(s, sums, rss);
}

static size_t lowest(const double *rss)
{
	size_t at = 0;

	for (size_t i = 1; i < SKEW_POINTS; i++)
		if (rss[i] < rss[at])
			at = i;
	return at;
}

/* Mean and standard deviation of the peak. */
static double centre(const struct skew_search *s, const double *rss, double variance, double *sd)
{
	size_t at = lowest(rss);
	double weight = 0, mean = 0, square = 0, bend;

	for (size_t i = 0; i < SKEW_POINTS; i++) {
		double w = exp(-(rss[i] - rss[at]) / (2 * variance)), x = (double)i - (double)at;

		weight += w;
		mean += w * x;
		square += w * x * x;
	}
	mean /= weight;
	*sd = s->step * sqrt(fmax(square / weight - mean * mean, 0));
	if (*sd < s->step / 2 && at > 0 && at + 1 < SKEW_POINTS) {
		bend = rss[at - 1] - 2 * rss[at] + rss[at + 1];
		mean = bend > 0 ? (rss[at - 1] - rss[at + 1]) / (2 * bend) : 0;
		*sd = bend > 0 ? s->step * sqrt(2 * variance / bend) : *sd;
	}
	return skew_shift(s, at) + mean * s->step;
}

static uint64_t draw(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/* Blocks that are drawn together: their sums are added up once. Dealt out in turn, so that neighbours are in different ones. */
static double *group_blocks(const struct skew_search *s, size_t groups)
{
	size_t size = s->sums * SKEW_ROOM;
	double *sum = calloc(groups * size, sizeof(*sum));

	for (size_t k = 0; sum && k < s->blocks; k++)
		for (size_t j = 0; j < s->sums; j++)
			add(sum + k % groups * size + j * SKEW_ROOM, s->block[k].sum + j * SKEW_ROOM, 1);
	return sum;
}

/* Standard deviation over REPLICATES draws of as many groups of blocks; NaN: out of memory. */
static double bootstrap(const struct skew_search *s, double variance)
{
	size_t groups = s->blocks < GROUPS ? s->blocks : GROUPS, size = s->sums * SKEW_ROOM;
	double rss[SKEW_POINTS], sums[SUMS * SKEW_ROOM], sd, mean = 0, square = 0, n = (double)groups;
	double *group = group_blocks(s, groups);
	uint64_t seed = 1;

	for (int r = 0; group && r < REPLICATES; r++) {
		double x, d;

		memset(sums, 0, sizeof(sums));
		for (size_t k = 0; k < groups; k++)
			for (size_t j = 0, at = draw(&seed) % groups * size; j < size; j += SKEW_ROOM)
				add(sums + j, group + at + j, 1);
		residuals(s, sums, rss);
		x = centre(s, rss, variance, &sd);
		d = x - mean;
		mean += d / (r + 1);
		square += d * (x - mean);
	}
	if (!group)
		return NAN;
	free(group);
	return sqrt(square / (REPLICATES - 1) * n / (n - 1));
}

/* What sampling leaves of sudden steps: see the header. */
struct sampling {
	double dof, sampling, coarse;
};

static struct sampling sampling(const struct skew_search *s)
{
	double weight = 0, square = 0, sudden = 0, n;

	for (size_t k = 0; k < s->blocks; k++) {
		weight += s->block[k].weight;
		square += s->block[k].weight * s->block[k].weight;
		sudden += s->block[k].weight * s->block[k].sudden;
	}
	n = weight * weight / square;
	return (struct sampling){fmax(n - 1, 1), s->distance * sqrt(sudden / 6) / weight,
		s->between * sudden / square / sqrt(2 * (n + 1) * (n + 2))};
}

static double rmse_at(const struct skew *skew, double shift)
{
	for (size_t i = 1; i < skew->points; i++) {
		const struct skew_point *a = &skew->curve[i - 1], *b = &skew->curve[i];

		if (a->skew <= shift && shift <= b->skew)
			return a->rmse + (b->rmse - a->rmse) * (shift - a->skew) / (b->skew - a->skew);
	}
	return NAN;
}

static void conclude(const struct skew_search *s, struct skew *out)
{
	double rss[SKEW_POINTS], variance, peak, blocks, free_readings;
	struct sampling u = sampling(s);

	curve(s, rss);
	for (size_t i = 0; i < SKEW_POINTS; i++)
		out->curve[i] = (struct skew_point){skew_shift(s, i), sqrt(rss[i] / (double)out->readings)};
	out->points = SKEW_POINTS;
	out->rmse = out->curve[lowest(rss)].rmse;
	out->rmse_zero = rmse_at(out, 0);
	free_readings = (double)out->readings - s->p - 1;
	variance = fmax(rss[lowest(rss)] / free_readings, 1e-30 * rss[0] + 1e-300); /* a fit without noise */
	out->skew = centre(s, rss, variance, &peak);
	blocks = bootstrap(s, variance);
	out->dof = u.dof;
	out->u = hypot(fmax(fmax(peak, blocks), fmax(u.sampling, u.coarse)), s->refresh_u);
	out->state =
		out->skew - 2 * out->u > s->from && out->skew + 2 * out->u < skew_shift(s, SKEW_POINTS - 1)
			? SKEW_FOUND
			: SKEW_UNDECIDED;
	if (out->state != SKEW_FOUND)
		out->skew = out->u = out->dof = NAN;
	if (isnan(blocks))
		out->state = SKEW_NO_MEMORY;
}

/* Leaves out what does not follow, and adds up the rest. */
static void compare(struct skew_search *s, struct skew *out)
{
	size_t kept = 0;

	for (size_t k = 0; k < s->blocks; k++) {
		struct skew_block b = s->block[k];

		if (!b.follows) {
			out->not_followed++;
			continue;
		}
		out->steps += b.steps;
		out->readings += b.n;
		s->block[kept++] = b;
	}
	s->blocks = out->blocks = kept;
	out->state = SKEW_NOT_FOLLOWED;
	if (kept >= SKEW_BLOCKS_LEAST)
		conclude(s, out);
}

struct skew skew_estimate(const struct skew_series *observed, const struct skew_series *reference,
	const struct skew_options *options)
{
	struct skew out = {.skew = NAN, .u = NAN, .dof = NAN, .rmse = NAN, .rmse_zero = NAN};
	struct skew_search s = {.reference = reference, .from = options->from, .p = options->regressors};

	out.state = skew_prepare(&s, observed, options);
	if (out.state == SKEW_FOUND)
		compare(&s, &out);
	skew_release(&s);
	return out;
}

struct stats_interval skew_interval(const struct skew *skew, double level)
{
	return stats_interval(skew->skew, skew->u, skew->dof, level);
}

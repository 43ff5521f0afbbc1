#include "analytics/core/settle.h"

#include "analytics/core/stats.h"

#include <math.h>
#include <stdlib.h>

#define BAND_NOISE 2.5 /* of a sample's noise, at least: */
#define BAND_SMOOTHED                                                                                        \
	3.5	       /* of its running median's, which is 0.67 of it for white noise and more with memory */
#define BIAS_SHARE 0.3 /* of the window's standard uncertainty; the rest goes into the budget */
#define TREND_LEVEL 0.999 /* a trend is called one in a thousand times by chance */

static const char *const state_names[] = {
	[SETTLE_SETTLED] = "settled",
	[SETTLE_NO_STEP] = "no step visible",
	[SETTLE_DRIFTING] = "never settled: still drifting",
	[SETTLE_TOO_LATE] = "settled too late",
	[SETTLE_TOO_SHORT] = "too few samples",
};

const char *settle_state_name(enum settle_state state)
{
	return (size_t)state < sizeof(state_names) / sizeof(*state_names) ? state_names[state] : "?";
}

int settle_usable(enum settle_state state)
{
	return state == SETTLE_SETTLED || state == SETTLE_NO_STEP;
}

static double middle(double a, double b, double c)
{
	return fmax(fmin(a, b), fmin(fmax(a, b), c));
}

/* Running median of three; the ends take the median of the nearest three. */
static void smooth(const double *x, size_t n, double *out)
{
	for (size_t i = 0; i < n; i++) {
		size_t at = i == 0 ? 1 : i == n - 1 ? n - 2 : i;

		out[i] = middle(x[at - 1], x[at], x[at + 1]);
	}
	out[0] = x[0]; /* the first sample is the level before the step, not part of what follows */
}

/* The smallest step between two samples that differ: the digit of a coarse signal, next to nothing else. */
static double smallest_step(const double *x, size_t n)
{
	double least = INFINITY;

	for (size_t i = 1; i < n; i++) {
		double d = fabs(x[i] - x[i - 1]);

		if (d > 0 && d < least)
			least = d;
	}
	return isfinite(least) ? least : 0;
}

/* Scatter of a sample over the second half, and of its running median over the tail: the spread about the
 * middle sees slow noise, differences do not see a drift; the larger counts. All deaf to single outliers. */
static double noise_of(const double *x, size_t n, double *work)
{
	size_t half = n / 2, count = n - half;

	for (size_t i = 1; i < count; i++)
		work[i - 1] = fabs(x[half + i] - x[half + i - 1]);
	return fmax(stats_mad(x + half, count), 1.4826 * stats_median(work, count - 1) / sqrt(2));
}

/* Last sample further than `limit` from the level; -1: none. */
static long last_outside(const double *x, size_t n, double level, double limit)
{
	for (size_t i = n; i > 0; i--)
		if (fabs(x[i - 1] - level) > limit)
			return (long)i - 1;
	return -1;
}

/* Time of the last sample that had not moved: two in a row away from the start count as movement. */
static double dead_time(const double *t, const double *x, size_t n, double start, double band)
{
	for (size_t i = 0; i < n; i++)
		if (fabs(x[i] - start) > band && (i + 1 == n || fabs(x[i + 1] - start) > band))
			return i ? t[i - 1] - t[0] : 0;
	return NAN;
}

/* Bias of the mean of the samples from k on: what a first-order approach still lacks there, averaged. */
static double bias_from(const double *t, size_t n, size_t from, size_t k, double tau, double band)
{
	double rest = band * exp(-(t[k] - t[from]) / tau), span = t[n - 1] - t[k];

	return tau > 0 && span > 0 ? rest * tau * -expm1(-span / tau) / span : 0;
}

/* Where the window starts: as soon as the bias no longer matters; where the step is too short for that, where
 * bias and noise together are least. */
static size_t window_start(
	const double *t, size_t n, size_t from, double tau, double band, double noise, double tolerance)
{
	double least = INFINITY;
	size_t best = from;

	for (size_t k = from; k + SETTLE_LEAST <= n; k++) {
		double bias = bias_from(t, n, from, k, tau, band), u = noise / sqrt((double)(n - k));

		if (bias <= fmax(BIAS_SHARE * u, tolerance))
			return k;
		if (bias * bias / 3 + u * u < least) {
			least = bias * bias / 3 + u * u;
			best = k;
		}
	}
	return best;
}

/* A trend over the window: beyond chance (with the residuals' own memory counted in) and beyond what
 * matters. */
static int drifts(const double *t, const double *x, size_t n, double matters, double *work)
{
	struct stats_line line = stats_line(t, x, n);
	double memory, u;

	if (!isfinite(line.slope) || fabs(line.slope) * (t[n - 1] - t[0]) <= matters)
		return 0;
	for (size_t i = 0; i < n; i++)
		work[i] = x[i] - line.intercept - line.slope * t[i];
	memory = line.residual_sd > 0 ? (double)n / stats_effective_n(work, n) : 1;
	u = line.slope_u * sqrt(memory);
	return fabs(line.slope) > stats_coverage_factor(TREND_LEVEL, (double)(n - 2)) * u;
}

/* First sample from which on the signal stays in the band for a sixth of the step (at least four samples);
 * -1 where there is none. Later excursions are judged apart: noise with a memory makes them. */
static long first_entry(const double *x, size_t n, double level, double band)
{
	size_t need = n / 6 < 4 ? 4 : n / 6, in = 0, from = 0;

	for (size_t i = 0; i < n;
		i++) /* not before the largest excursion: a signal may pass its end level early */
		if (fabs(x[i] - level) > fabs(x[from] - level))
			from = i;
	for (size_t i = from; i < n; i++) {
		in = fabs(x[i] - level) <= band ? in + 1 : 0;
		if (in == need)
			return (long)(i + 1 - need);
	}
	return -1;
}

/* Whether what follows is rest with chance excursions: few, and none wild. */
static int at_rest(const double *x, size_t n, double level, double band)
{
	size_t outside = 0;

	for (size_t i = 0; i < n; i++) {
		double apart = fabs(x[i] - level);

		if (apart > 3 * band)
			return 0;
		outside += apart > band;
	}
	return 20 * outside <= 3 * n;
}

/* The window behind a sample that is in the band: the approach's rest must not matter any more. */
static void window_from(struct settle *s, size_t in, const double *t, const double *smoothed, size_t n,
	double band, double noise, double tolerance)
{
	double most = 0, rest;
	long half;

	for (size_t i = 0; i < n; i++)
		most = fmax(most, fabs(smoothed[i] - s->level));
	s->settling_time = t[in] - t[0];
	if (most < 2 * band) { /* too small to show its time constant: stay clear of it */
		s->first = in > n / 2 ? in : n / 2;
		return;
	}
	half = last_outside(smoothed, in, s->level, most / 2);
	rest = log(most / 2 / band);
	/* the two passages may be one sample apart: then the logarithm says too little to divide by */
	s->tau = (t[in] - t[half < 0 ? 0 : half]) / fmax(0.5, rest);
	s->first = window_start(t, n, in, s->tau, band, noise, tolerance);
	s->rest = bias_from(t, n, in, s->first, s->tau, band);
}

/* The window of a step that is visible. */
static void find_window(struct settle *s, const double *t, const double *smoothed, size_t n, double band,
	double noise, double tolerance)
{
	long in = first_entry(smoothed, n, s->level, band);

	if (in < 0 || !at_rest(smoothed + in, n - (size_t)in, s->level, band))
		in = last_outside(smoothed, n, s->level, band) + 1;
	if ((size_t)in >= n) {
		s->state = SETTLE_TOO_LATE;
		return;
	}
	window_from(s, (size_t)in, t, smoothed, n, band, noise, tolerance);
	s->state = n - s->first < SETTLE_LEAST ? SETTLE_TOO_LATE : SETTLE_SETTLED;
}

/* Half width of "at its end level": noise, digit, and for a signal that has neither a thousandth of its
 * excursion. `matters`: a drift over the window that is worth a word. */
static double band_of(struct settle *s, const double *x, const double *smoothed, size_t n, size_t tail,
	double digit, double *work, double *matters)
{
	double range = 0, least;

	s->noise = fmax(noise_of(x, n, work), stats_spread(x + n - tail, tail));
	for (size_t i = 0; i < n; i++)
		range = fmax(range, fabs(smoothed[i] - s->level));
	least = fmax(fmax(digit / sqrt(12), 1e-3 * range / BAND_NOISE), 1e-12 * fabs(s->level));
	s->noise = fmax(s->noise, least);
	*matters = 1.5 * digit + 2e-3 * range;
	return fmax(fmax(BAND_NOISE * s->noise, BAND_SMOOTHED * stats_mad(smoothed + n - tail, tail)),
		1.01 * digit);
}

static void find(struct settle *s, const double *t, const double *x, size_t n, const struct settle_options *o,
	double *smoothed, double *work)
{
	size_t tail = n / 3 < SETTLE_LEAST ? SETTLE_LEAST : n / 3;
	double digit = isfinite(o->resolution) ? o->resolution : smallest_step(x, n), band, matters;

	smooth(x, n, smoothed);
	s->level = stats_median(x + n - tail, tail);
	band = band_of(s, x, smoothed, n, tail, digit, work, &matters);
	if (last_outside(smoothed, n, s->level, band) < 0) {
		s->state = SETTLE_NO_STEP;
		s->first = n / 2;
	} else {
		s->dead_time = dead_time(t, x, n, isfinite(o->before) ? o->before : x[0], 1.4 * band);
		find_window(s, t, smoothed, n, band, s->noise, o->tolerance > 0 ? o->tolerance : 0);
	}
	if (settle_usable(s->state) && drifts(t + s->first, x + s->first, n - s->first, matters, work))
		s->state = SETTLE_DRIFTING;
	if (s->first >= n || !settle_usable(s->state))
		s->first = n - tail;
}

struct settle settle_find(const double *t, const double *x, size_t n, const struct settle_options *options)
{
	struct settle s = {SETTLE_TOO_SHORT, n / 2, NAN, NAN, NAN, NAN, NAN, 0};
	double *work;

	if (n < 8) {
		s.level = stats_median(x + n / 2, n - n / 2);
		return s;
	}
	work = calloc(2 * n, sizeof(*work));
	if (!work)
		return s;
	find(&s, t, x, n, options, work, work + n);
	free(work);
	return s;
}

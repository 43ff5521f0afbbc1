#include "analytics/core/skew_private.h"

#include "analytics/core/hold.h"
#include "analytics/core/transition.h"

#include <math.h>
#include <stdlib.h>

enum { READINGS_LEAST = 6 }; /* of a block, two of which its line takes */

#define REST_LEAST 20.0	  /* s of rest on either side of a step, */
#define REST_READINGS 3.0 /* and readings */
#define LONGEST 3.0	  /* blocks grow over neighbouring steps to so many times that of a sudden one */
#define PERIODS 5.0	  /* median distances that neighbours may be apart */

static double median_distance(const double *t, size_t n)
{
	double *d = n > 1 ? calloc(n - 1, sizeof(*d)) : NULL, median = NAN;

	for (size_t i = 1; d && i < n; i++)
		d[i - 1] = t[i] - t[i - 1];
	if (d)
		median = stats_median(d, n - 1);
	free(d);
	return median;
}

/* Whether the reference is known without a gap from `from` to `to`; *at moves up to the last sample not after
 * `from`. */
static bool reference_known(const struct skew_search *s, size_t *at, double from, double to)
{
	const struct skew_series *r = s->reference;

	while (*at + 1 < r->n && r->t[*at + 1] <= from)
		++*at;
	if (r->t[*at] > from)
		return false;
	for (size_t j = *at; j + 1 < r->n; j++) {
		if (r->t[j + 1] - r->t[j] > s->gap)
			return false;
		if (r->t[j + 1] >= to)
			return true;
	}
	return false;
}

/* The readings of each block, moved together; blocks with too few go. */
static void gather(struct skew_search *s, const struct skew_options *options)
{
	size_t kept = 0, at = 0, i = 0, n = 0;

	for (size_t k = 0; k < s->blocks; k++) {
		struct skew_block b = s->block[k];

		b.first = n;
		while (i < s->n && s->t[i] < b.from)
			i++;
		for (; i < s->n && s->t[i] <= b.to; i++) {
			if (!reference_known(s, &at, s->t[i] - options->to, s->t[i] - options->from))
				continue;
			s->t[n] = s->t[i];
			s->y[n] = s->y[i];
			for (int j = 0; j < s->p; j++)
				s->x[j][n] = s->x[j][i];
			n++;
		}
		b.n = n - b.first;
		if (b.n >= READINGS_LEAST)
			s->block[kept++] = b;
		else
			n = b.first;
	}
	s->blocks = kept;
}

static struct skew_block block_of(const struct skew_series *r, const struct transition *step, size_t *at)
{
	struct skew_block b = {.steps = 1, .weight = step->change * step->change};

	while (r->t[*at] < step->from)
		++*at;
	for (size_t j = *at; j + 1 < r->n && r->t[j + 1] <= step->to; j++)
		b.sudden += (r->y[j + 1] - r->y[j]) * (r->y[j + 1] - r->y[j]);
	b.sudden = fmin(b.sudden, b.weight);
	return b;
}

/* Blocks around the steps, one after the other without overlap. */
static bool cut_blocks(struct skew_search *s, const struct skew_options *options, double rest)
{
	const struct skew_series *r = s->reference;
	size_t at = 0, steps = transition_find(
			       r->t, r->y, r->n, options->step_least, options->within, s->gap, NULL, 0);
	struct transition *found = calloc(steps + 1, sizeof(*found));
	double longest = LONGEST * (options->to - options->from + 2 * rest);

	s->block = calloc(steps + 1, sizeof(*s->block));
	if (found && s->block)
		transition_find(r->t, r->y, r->n, options->step_least, options->within, s->gap, found, steps);
	for (size_t i = 0; found && s->block && i < steps; i++) {
		struct skew_block b = block_of(r, &found[i], &at),
				  *last = s->blocks > 0 ? &s->block[s->blocks - 1] : NULL;

		b.from = found[i].from + options->from - rest;
		b.to = found[i].to + options->to + rest;
		if (last && b.from <= last->to && b.to - last->from <= longest) {
			last->to = fmax(last->to, b.to);
			last->steps++;
			last->weight += b.weight;
			last->sudden += b.sudden;
			continue;
		}
		if (last && b.from <= last->to)
			b.from = nextafter(last->to, INFINITY);
		s->block[s->blocks++] = b;
	}
	free(found);
	return s->block != NULL;
}

/* Copies the observed signal's readings with what belongs to them. */
static bool take_readings(struct skew_search *s, const struct skew_series *o,
	const struct skew_options *options, double distance)
{
	size_t *at = calloc(o->n, sizeof(*at));
	bool done = false;

	s->t = calloc(o->n, sizeof(*s->t));
	s->y = calloc(o->n, sizeof(*s->y));
	for (int j = 0; j < s->p; j++)
		if (!(s->x[j] = calloc(o->n, sizeof(*s->x[j]))))
			goto out;
	if (!at || !s->t || !s->y)
		goto out;
	if (o->kind == SKEW_HOLD)
		s->n = hold_refreshes(o->t, o->y, o->n, PERIODS * distance, s->t, at);
	else
		for (; s->n < o->n; s->n++) {
			s->t[s->n] = o->t[s->n];
			at[s->n] = s->n;
		}
	for (size_t i = 0; i < s->n; i++) {
		s->y[i] = o->y[at[i]];
		for (int j = 0; j < s->p; j++)
			s->x[j][i] = options->regressor[j][at[i]];
	}
	done = true;
out:
	free(at);
	return done;
}

enum skew_state skew_prepare(
	struct skew_search *s, const struct skew_series *o, const struct skew_options *options)
{
	double distance = median_distance(o->t, o->n);

	s->sums = (size_t)(1 + s->p + s->p * s->p);
	s->step = (options->to - options->from) / (SKEW_POINTS - 1);
	s->distance = median_distance(s->reference->t, s->reference->n);
	s->gap = options->gap > 0 ? options->gap : PERIODS * s->distance;
	s->refresh_u = o->kind == SKEW_HOLD ? distance / sqrt(12) : 0;
	if (o->n < READINGS_LEAST || s->reference->n < 2)
		return SKEW_NO_STEPS;
	if (!take_readings(s, o, options, distance))
		return SKEW_NO_MEMORY;
	s->between = s->n > 1 ? median_distance(s->t, s->n) : distance;
	if (!cut_blocks(s, options, fmax(REST_LEAST, REST_READINGS * s->between)))
		return SKEW_NO_MEMORY;
	gather(s, options);
	if (s->blocks < SKEW_BLOCKS_LEAST)
		return SKEW_NO_STEPS;
	s->sum = calloc(s->blocks * SKEW_ROOM * s->sums, sizeof(*s->sum));
	return s->sum && skew_reduce(s) ? SKEW_FOUND : SKEW_NO_MEMORY;
}

void skew_release(struct skew_search *s)
{
	free(s->t);
	free(s->y);
	for (int j = 0; j < s->p; j++)
		free(s->x[j]);
	free(s->block);
	free(s->sum);
}

#include "benches/meters/steps.h"

#include "analytics/core/hold.h"
#include "daq/base/error.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WITHIN 10.0   /* s: a compressor that starts takes longer, and is a step all the same */
#define REST 60.0     /* s of rest on either side, for readings that come every 15 s (skew.h) */
#define LONGEST 900.0 /* s of one window */

const char *const meters_view_names[VIEWS] = {"power input", "V x I", "estimated power"};

void meters_steps_begin(struct meters_steps *s, double least, double range)
{
	*s = (struct meters_steps){.least = least, .range = range, .gap = INFINITY, .stride = 1, .begun = -INFINITY, .until = -INFINITY};
}

static void window_free(struct steps_window *w)
{
	free(w->meter.sample);
	for (int v = 0; v < VIEWS; v++)
		free(w->view[v].sample);
	*w = (struct steps_window){.meter = {0}};
}

void meters_steps_free(struct meters_steps *s)
{
	window_free(&s->recent);
	for (int i = 0; i < s->windows; i++)
		window_free(&s->window[i]);
	s->windows = 0;
}

static bool append(struct steps_series *to, const struct steps_sample *sample)
{
	if (to->n == to->room) {
		size_t room = to->room ? 2 * to->room : 64;
		struct steps_sample *grown = realloc(to->sample, room * sizeof(*grown));

		if (!grown)
			return false;
		to->sample = grown;
		to->room = room;
	}
	to->sample[to->n++] = *sample;
	return true;
}

/* What is too old to be near the next step goes, a good deal at a time. */
static void forget(struct steps_series *of, double before)
{
	size_t old = 0;

	while (old < of->n && of->sample[old].t < before)
		old++;
	if (old < 64 || old < of->n / 2)
		return;
	of->n -= old;
	memmove(of->sample, of->sample + old, of->n * sizeof(*of->sample));
}

static double around(const struct meters_steps *s)
{
	return 2 * s->range + REST;
}

static struct steps_window *now_in(struct meters_steps *s)
{
	return s->open ? &s->window[s->windows - 1] : &s->recent;
}

static void take(struct meters_steps *s, struct steps_series *to, double time, double y, const double *heaters)
{
	struct steps_sample sample = {.t = time, .y = y};

	for (int i = 0; heaters && i < STEPS_REGRESSORS; i++)
		sample.x[i] = (float)heaters[i];
	if (!append(to, &sample))
		s->failed = true;
	if (!s->open)
		forget(to, time - around(s));
}

/* Every other window goes, and with it every other step to come. */
static void thin(struct meters_steps *s)
{
	int kept = 0;

	for (int i = 0; i < s->windows; i++) {
		if (i % 2 == 0)
			s->window[kept++] = s->window[i];
		else
			window_free(&s->window[i]);
	}
	s->windows = kept;
	s->stride *= 2;
}

static void close_old(struct meters_steps *s, double time)
{
	if (s->open && (time > s->until || time - s->begun > LONGEST))
		s->open = false;
}

/* A step goes on at `time`, or begins; its samples so far are in `recent`, or in the window that is open. */
static void step(struct meters_steps *s, double time)
{
	bool begins = time > s->until || time - s->begun > LONGEST;

	s->until = time + around(s);
	if (!begins)
		return;
	s->begun = time;
	if (s->seen++ % s->stride != 0)
		return;
	if (s->windows == STEPS_WINDOWS)
		thin(s);
	s->window[s->windows++] = s->recent;
	s->recent = (struct steps_window){.meter = {0}};
	s->open = true;
}

static bool is_step(const struct meters_steps *s, const struct steps_series *meter, double time, double power)
{
	double next = time;

	for (size_t i = meter->n; i-- > 0;) {
		const struct steps_sample *before = &meter->sample[i];

		if (next - before->t > s->gap)
			return false;
		if (time - before->t >= WITHIN || i == 0)
			return fabs(power - before->y) >= s->least;
		next = before->t;
	}
	return false;
}

void meters_steps_meter(struct meters_steps *s, double time, double power)
{
	close_old(s, time);
	if (is_step(s, &now_in(s)->meter, time, power))
		step(s, time);
	take(s, &now_in(s)->meter, time, power, NULL);
}

void meters_steps_view(struct meters_steps *s, enum meters_view view, double time, double power, const double *heaters)
{
	close_old(s, time);
	take(s, &now_in(s)->view[view], time, power, heaters);
}

/* All windows one after the other. */
struct columns {
	size_t n;
	double *t, *y, *x[STEPS_REGRESSORS];
	enum skew_kind kind;
};

static void columns_free(struct columns *c)
{
	free(c->t);
	free(c->y);
	for (int i = 0; i < STEPS_REGRESSORS; i++)
		free(c->x[i]);
}

static const struct steps_series *series_of(const struct steps_window *w, int view)
{
	return view < 0 ? &w->meter : &w->view[view];
}

static bool collect(struct columns *c, const struct meters_steps *s, int view)
{
	size_t n = 0;

	for (int i = 0; i < s->windows; i++)
		n += series_of(&s->window[i], view)->n;
	c->t = calloc(n + 1, sizeof(*c->t));
	c->y = calloc(n + 1, sizeof(*c->y));
	for (int k = 0; k < STEPS_REGRESSORS; k++)
		if (!(c->x[k] = calloc(n + 1, sizeof(*c->x[k]))))
			return false;
	if (!c->t || !c->y)
		return false;
	for (int i = 0; i < s->windows; i++) {
		const struct steps_series *of = series_of(&s->window[i], view);

		for (size_t j = 0; j < of->n; j++, c->n++) {
			c->t[c->n] = of->sample[j].t;
			c->y[c->n] = of->sample[j].y;
			for (int k = 0; k < STEPS_REGRESSORS; k++)
				c->x[k][c->n] = (double)of->sample[j].x[k];
		}
	}
	c->kind = hold_find(c->t, c->y, c->n).held ? SKEW_HOLD : SKEW_LINEAR;
	return true;
}

/* A meter that is read more often than it refreshes is known where it did. */
static bool refreshes(struct columns *c)
{
	size_t *at = calloc(c->n + 1, sizeof(*at));
	double *when = calloc(c->n + 1, sizeof(*when)), *y = calloc(c->n + 1, sizeof(*y));

	if (!at || !when || !y) {
		free(at);
		free(when);
		free(y);
		return false;
	}
	c->n = hold_refreshes(c->t, c->y, c->n, REST, when, at);
	for (size_t i = 0; i < c->n; i++)
		y[i] = c->y[at[i]];
	free(at);
	free(c->t);
	free(c->y);
	c->t = when;
	c->y = y;
	c->kind = SKEW_LINEAR;
	return true;
}

int meters_steps_skew(struct skew *out, const struct meters_steps *s, enum meters_view view, struct error *e)
{
	struct columns meter = {0}, seen = {0};
	struct skew_options options = {-s->range, s->range, s->least, WITHIN, 0, NULL, STEPS_REGRESSORS};
	const double *regressor[STEPS_REGRESSORS];
	int result = -1;

	if (s->failed || !collect(&meter, s, -1) || !collect(&seen, s, (int)view) || (meter.kind == SKEW_HOLD && !refreshes(&meter))) {
		error_set(e, ERROR_SYSTEM, "out of memory while measuring the skew of %s", meters_view_names[view]);
		goto out;
	}
	for (int k = 0; k < STEPS_REGRESSORS; k++)
		regressor[k] = seen.x[k];
	options.regressor = regressor;
	*out = skew_estimate(&(struct skew_series){seen.t, seen.y, seen.n, seen.kind},
		&(struct skew_series){meter.t, meter.y, meter.n, SKEW_LINEAR}, &options);
	if (out->state == SKEW_NO_MEMORY)
		error_set(e, ERROR_SYSTEM, "out of memory while measuring the skew of %s", meters_view_names[view]);
	else
		result = 0;
out:
	columns_free(&meter);
	columns_free(&seen);
	return result;
}

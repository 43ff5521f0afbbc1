#include "analytics/accuracy/replay.h"

#include <math.h>
#include <string.h>

static void sum_add(struct replay_sums *s, const struct replay_rows *r, int64_t i)
{
	double difference = r->fresh[i] - r->old[i];

	s->n += 1;
	s->seconds += r->step[i];
	s->old_j += r->old[i] * r->step[i];
	s->new_j += r->fresh[i] * r->step[i];
	s->absolute += fabs(difference);
	s->square += difference * difference;
	if (isnan(r->reference[i]))
		return;
	error_sums_add(&s->old, r->reference[i], r->old[i], r->step[i]);
	error_sums_add(&s->fresh, r->reference[i], r->fresh[i], r->step[i]);
}

static void sum_join(struct replay_sums *to, const struct replay_sums *from)
{
	to->n += from->n;
	to->seconds += from->seconds;
	to->old_j += from->old_j;
	to->new_j += from->new_j;
	to->absolute += from->absolute;
	to->square += from->square;
	error_sums_join(&to->old, &from->old);
	error_sums_join(&to->fresh, &from->fresh);
}

static double size_of(const struct replay_worst *w)
{
	return fabs(w->fresh - w->old);
}

/* Into the list, which stays sorted; what is nearer than REPLAY_APART to a larger one gives way, and the other way round. */
static void keep_worst(struct replay_pump *out, const struct replay_worst *w)
{
	int n = out->worst_rows, kept = 0, at;

	if (!(size_of(w) > 0) || (n == REPLAY_WORST && size_of(w) <= size_of(&out->worst[n - 1])))
		return;
	for (int i = 0; i < n; i++)
		if (out->worst[i].pump == w->pump && fabs(out->worst[i].time - w->time) < REPLAY_APART && size_of(&out->worst[i]) >= size_of(w))
			return;
	for (int i = 0; i < n; i++)
		if (out->worst[i].pump != w->pump || fabs(out->worst[i].time - w->time) >= REPLAY_APART)
			out->worst[kept++] = out->worst[i];
	n = kept < REPLAY_WORST ? kept + 1 : REPLAY_WORST;
	for (at = n - 1; at > 0 && size_of(&out->worst[at - 1]) < size_of(w); at--)
		out->worst[at] = out->worst[at - 1];
	out->worst[at] = *w;
	out->worst_rows = n;
}

void replay_add(struct replay_pump *out, const struct replay_rows *r, int pump)
{
	for (int64_t i = 0; i < r->rows; i++) {
		if (r->excluded[i] != INCLUDED)
			continue;
		out->level[r->old_level[i] + 1][r->new_level[i] + 1] += r->step[i];
		out->level_rows[r->old_level[i] + 1][r->new_level[i] + 1] += 1;
		if (isnan(r->old[i]) || isnan(r->fresh[i]))
			continue;
		sum_add(&out->all, r, i);
		sum_add(&out->regime[r->regime[i]], r, i);
		if (r->day[i] >= 0 && r->day[i] < out->days)
			sum_add(&out->day[r->day[i]], r, i);
		keep_worst(out, &(struct replay_worst){.time = r->time[i], .old = r->old[i], .fresh = r->fresh[i], .reference = r->reference[i],
					.outside = r->outside ? r->outside[i] : NAN, .pump = pump, .regime = r->regime[i],
					.old_level = r->old_level[i], .new_level = r->new_level[i]});
	}
}

void replay_join(struct replay_pump *to, const struct replay_pump *from)
{
	sum_join(&to->all, &from->all);
	for (int k = 0; k < REGIMES; k++)
		sum_join(&to->regime[k], &from->regime[k]);
	for (int d = 0; d < to->days && d < from->days; d++)
		sum_join(&to->day[d], &from->day[d]);
	for (int a = 0; a < REPLAY_LEVELS; a++)
		for (int b = 0; b < REPLAY_LEVELS; b++) {
			to->level[a][b] += from->level[a][b];
			to->level_rows[a][b] += from->level_rows[a][b];
		}
	for (int i = 0; i < from->worst_rows; i++)
		keep_worst(to, &from->worst[i]);
}

static double quotient(double a, double b)
{
	return b != 0 && isfinite(a / b) ? a / b : NAN;
}

double replay_energy_of_old(const struct replay_sums *s)
{
	return 100 * quotient(s->new_j - s->old_j, s->old_j);
}

double replay_energy_of_reference(const struct replay_sums *s)
{
	return 100 * quotient(s->fresh.estimate_j - s->old.estimate_j, s->old.reference_j);
}

double replay_rms(const struct replay_sums *s)
{
	return s->n > 0 ? sqrt(s->square / s->n) : NAN;
}

double replay_change(const struct replay_sums *s, enum metric metric)
{
	double old = metric_of(&s->old, metric), fresh = metric_of(&s->fresh, metric);

	switch (metric) {
	case METRIC_BIAS:
	case METRIC_NMBE:
	case METRIC_ENERGY:
		return fabs(fresh) - fabs(old);
	default:
		return fresh - old;
	}
}

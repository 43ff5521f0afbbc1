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

static bool counts(const struct replay_rows *r, int64_t i)
{
	return r->excluded[i] == INCLUDED && !isnan(r->old[i]) && !isnan(r->fresh[i]);
}

static bool taken(const struct replay_pump *p, double time)
{
	for (int k = 0; k < p->worst_rows; k++)
		if (fabs(p->worst[k].time - time) < REPLAY_APART)
			return true;
	return false;
}

/* The largest first, then the largest of those far enough from it, and so on. */
static void find_worst(struct replay_pump *out, const struct replay_rows *r, int pump)
{
	while (out->worst_rows < REPLAY_WORST) {
		int64_t worst = -1;
		double most = 0;

		for (int64_t i = 0; i < r->rows; i++)
			if (counts(r, i) && fabs(r->fresh[i] - r->old[i]) > most && !taken(out, r->time[i])) {
				most = fabs(r->fresh[i] - r->old[i]);
				worst = i;
			}
		if (worst < 0)
			return;
		out->worst[out->worst_rows++] = (struct replay_worst){.time = r->time[worst], .old = r->old[worst], .fresh = r->fresh[worst],
			.reference = r->reference[worst], .outside = r->outside ? r->outside[worst] : NAN, .pump = pump, .regime = r->regime[worst],
			.old_level = r->old_level[worst], .new_level = r->new_level[worst]};
	}
}

/* Both lists are sorted; so is what is kept. */
static void join_worst(struct replay_pump *to, const struct replay_pump *from)
{
	struct replay_worst all[REPLAY_WORST];
	int n = 0, a = 0, b = 0;

	while (n < REPLAY_WORST && (a < to->worst_rows || b < from->worst_rows)) {
		bool first = b >= from->worst_rows || (a < to->worst_rows && size_of(&to->worst[a]) >= size_of(&from->worst[b]));

		all[n++] = first ? to->worst[a++] : from->worst[b++];
	}
	memcpy(to->worst, all, (size_t)n * sizeof(*all));
	to->worst_rows = n;
}

void replay_add(struct replay_pump *out, const struct replay_rows *r, int pump)
{
	for (int64_t i = 0; i < r->rows; i++) {
		if (r->excluded[i] != INCLUDED)
			continue;
		out->level[r->old_level[i] + 1][r->new_level[i] + 1] += r->step[i];
		out->level_rows[r->old_level[i] + 1][r->new_level[i] + 1] += 1;
		if (!counts(r, i))
			continue;
		sum_add(&out->all, r, i);
		sum_add(&out->regime[r->regime[i]], r, i);
		if (r->day[i] >= 0 && r->day[i] < out->days)
			sum_add(&out->day[r->day[i]], r, i);
	}
	find_worst(out, r, pump);
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
	join_worst(to, from);
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

/* One meter's part in a collection: how much it counted while the water ran into the tank. */
#include "benches/flow/collection.h"

#include "analytics/core/stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct reading {
	size_t n; /* readings of its flow behind the mean; 0: it counts */
	double volume;	 /* l; NaN: nothing usable */
	double pulses;	 /* imp; NaN: it has none */
	double each;	 /* l a pulse; NaN */
	bool edges;	 /* timed by the pulses' own instants: no pulse more or less */
	struct flow_rows rows; /* contributions in l, sensitivity 1 */
	char why[240];
};

double flow_count_at(const double *edge, const double *count, size_t n, double t)
{
	for (size_t i = 1; i < n; i++)
		if (edge[i - 1] <= t && t < edge[i])
			return count[i - 1] + (count[i] - count[i - 1]) * (t - edge[i - 1]) / (edge[i] - edge[i - 1]);
	return NAN;
}

/* Litres a pulse: from counter and volume side by side, else as set. */
static double litres_a_pulse(const struct stored_run *run, const char *dut, const struct run_step *step, double set)
{
	struct stored_series count = stored_series(run, stored_channel(run, dut, "count")),
			     volume = stored_series(run, stored_channel(run, dut, "volume"));
	double n0 = NAN, v0 = NAN, n1 = NAN, v1 = NAN;
	size_t first, end;

	if (count.rows == 0 || volume.rows != count.rows || volume.tick != count.tick)
		return set > 0 ? 1 / set : NAN;
	stored_series_range(&count, step->first_tick, step->last_tick, &first, &end);
	for (size_t i = first; i < end; i++) {
		if (!stored_series_good(&count, i) || !stored_series_good(&volume, i))
			continue;
		n1 = count.value[i];
		v1 = volume.value[i];
		n0 = isnan(n0) ? n1 : n0;
		v0 = isnan(v0) ? v1 : v0;
	}
	return n1 > n0 && v1 > v0 ? (v1 - v0) / (n1 - n0) : set > 0 ? 1 / set : NAN;
}

/* Good rows of `counter` in the step; their times, or the instants of `edge` where that is a series. Rows whose edge
 * did not move are left out. Returns how many; false in *forward where the counter went back. */
static size_t gather(const struct stored_series *counter, const struct stored_series *edge, const struct run_step *step,
	double *t, double *x, bool *forward)
{
	size_t first, end, n = 0;

	stored_series_range(counter, step->first_tick, step->last_tick, &first, &end);
	*forward = true;
	for (size_t i = first; i < end; i++) {
		double at = edge->rows ? edge->value[i] : counter->time[i];

		if (!stored_series_good(counter, i) || (edge->rows && !stored_series_good(edge, i)))
			continue;
		if (n && counter->value[i] < x[n - 1] - 1e-9)
			*forward = false;
		if (n && at <= t[n - 1])
			continue;
		t[n] = at;
		x[n++] = counter->value[i];
	}
	return n;
}

/* Value of a counter at the last good row not behind a tick, or the first not before it. */
static double counter_at(const struct stored_series *s, int64_t tick, bool behind)
{
	double found = NAN;

	for (size_t i = 0; i < s->rows; i++) {
		if (!stored_series_good(s, i))
			continue;
		if (!behind && s->tick[i] > tick)
			break;
		found = s->value[i];
		if (behind && s->tick[i] >= tick)
			break;
	}
	return found;
}

/* Difference of a counter over the collection in its own unit. `*edges`: timed by the pulses' own instants. */
static double counted(const struct flow_collection *c, const struct stored_run *run, const char *dut, const char *role,
	const struct run_step *step, bool *edges, char why[240])
{
	struct stored_series counter = stored_series(run, stored_channel(run, dut, role)),
			     edge = stored_series(run, stored_channel(run, dut, "last_edge"));
	double *room, difference = NAN;
	bool forward = true;
	size_t n;

	*edges = c->flying && strcmp(role, "count") == 0 && edge.rows == counter.rows && edge.tick == counter.tick;
	if (!*edges)
		edge.rows = 0;
	room = calloc(2 * counter.rows + 2, sizeof(*room));
	if (!room)
		return NAN;
	n = gather(&counter, &edge, step, room, room + counter.rows + 1, &forward);
	if (c->flying)
		difference = flow_count_at(room, room + counter.rows + 1, n, c->to) -
			     flow_count_at(room, room + counter.rows + 1, n, c->from);
	else
		difference = counter_at(&counter, c->after, true) - counter_at(&counter, c->before, false);
	if (!forward)
		flow_say(why, "its counter went back");
	if (forward && isnan(difference) &&
		counter_at(&counter, step->last_tick, false) > counter_at(&counter, step->first_tick, true))
		flow_say(why, "its counter does not reach over the collection");
	free(room);
	return forward ? difference : NAN;
}

static void by_pulses(struct reading *r, const struct flow_collection *c, const struct stored_run *run, const char *dut,
	const struct run_step *step, const struct flow_settings *s)
{
	double n = counted(c, run, dut, "count", step, &r->edges, r->why);

	r->each = litres_a_pulse(run, dut, step, s->pulses);
	r->pulses = n;
	if (isnan(r->each)) {
		flow_say(r->why, "nothing says how much a pulse is (evaluation{ pulses = ... })");
		return;
	}
	r->volume = n * r->each;
	if (r->edges)
		flow_row_add(&r->rows, "pulses, their instants", s->edge_uncertainty, DISTRIBUTION_NORMAL, 1,
			sqrt(2) * r->volume / c->duration, INFINITY, true);
	else
		flow_row_add(&r->rows, "pulses, one more or less", 1, DISTRIBUTION_TRIANGULAR, 0, r->each, INFINITY, true);
}

static void by_volume(struct reading *r, const struct flow_collection *c, const struct stored_run *run, const char *dut,
	const struct run_step *step)
{
	int channel = stored_channel(run, dut, "volume");
	bool edges;

	r->volume = counted(c, run, dut, "volume", step, &edges, r->why);
	flow_row_add(&r->rows, "volume, digit of two readings", run->channel[channel].resolution, DISTRIBUTION_TRIANGULAR, 0,
		1, INFINITY, true);
}

/* The reading's mean over the collection. */
static void by_flow(struct reading *r, const struct flow_collection *c, const struct stored_run *run, const char *dut)
{
	int channel = stored_channel(run, dut, "flow");
	struct stored_series s = stored_series(run, channel);
	double *x = calloc(s.rows + 1, sizeof(*x)), hours = c->duration / 3600;
	struct stats_sample mean;
	size_t n = 0;

	for (size_t i = 0; x && i < s.rows; i++)
		if (s.time[i] >= c->from && s.time[i] <= c->to && stored_series_good(&s, i))
			x[n++] = s.value[i];
	mean = stats_describe(x, x ? n : 0);
	free(x);
	if (n < 5) {
		flow_say(r->why, "fewer than five good readings of its flow");
		return;
	}
	r->n = n;
	r->volume = mean.mean * hours;
	flow_row_add(&r->rows, "reading under test, scatter", mean.u, DISTRIBUTION_NORMAL, 1, hours, mean.dof, true);
	flow_row_add(&r->rows, "reading under test, digit", uncertainty_digit(run->channel[channel].resolution, mean.sd),
		DISTRIBUTION_NORMAL, 1, hours, INFINITY, true);
}

static struct reading read_meter(const struct flow_collection *c, const struct stored_run *run, int dut, int step,
	const struct flow_settings *s)
{
	const char *name = run->dut[dut].name;
	struct reading r = {.volume = NAN, .pulses = NAN, .each = NAN};

	if (stored_channel(run, name, "count") >= 0)
		by_pulses(&r, c, run, name, &run->step[step], s);
	else if (stored_channel(run, name, "volume") >= 0)
		by_volume(&r, c, run, name, &run->step[step]);
	else if (stored_channel(run, name, "flow") >= 0)
		by_flow(&r, c, run, name);
	else
		flow_say(r.why, "no channel with role count, volume or flow is its");
	return r;
}

/* Enough water for the scale, and for pulses that are only counted? */
static void long_enough(struct flow_trial *t, const struct flow_collection *c, double each, const struct flow_settings *s)
{
	struct flow_needed needed =
		flow_collection_needed(c->resolution > 0 ? c->resolution : 0, each > 0 ? 1 / each : 0, s->target);

	if (c->mass < needed.mass)
		flow_say(t->why, "collection too short for its scale: %.3g kg, %.3g kg are needed for %g %%", c->mass,
			needed.mass, s->target);
	if (each > 0 && c->volume < needed.volume)
		flow_say(t->why, "collection too short for its pulses: %.3g l, %.3g l are needed for %g %%", c->volume,
			needed.volume, s->target);
}

static void take(struct flow_trial *t, const struct flow_collection *c, const struct reading *r)
{
	double per_litre = 100 / c->volume, ratio = r->volume / c->volume;

	t->known = true;
	t->volume = c->volume;
	t->volume_reading = r->volume;
	t->pulses = r->pulses;
	t->samples.n = r->n;
	t->k_factor = r->pulses / c->volume;
	t->reference = c->volume / c->duration * 3600;
	t->reading = r->volume / c->duration * 3600;
	t->error = 100 * (ratio - 1);
	for (int i = 0; i < c->rows.n; i++) {
		struct uncertainty_row row = c->rows.row[i].row;

		flow_row_add(&t->rows, row.name, row.value, row.distribution, row.divisor, row.sensitivity * ratio, row.dof,
			c->rows.row[i].random);
	}
	for (int i = 0; i < r->rows.n; i++) {
		struct uncertainty_row row = r->rows.row[i].row;

		flow_row_add(&t->rows, row.name, row.value, row.distribution, row.divisor, row.sensitivity * per_litre,
			row.dof, r->rows.row[i].random);
	}
}

struct flow_trial flow_collected(const struct flow_collection *c, const struct stored_run *run, int step, int dut,
	const struct flow_settings *s)
{
	struct flow_trial t = flow_trial_new(step, dut, FLOW_GRAVIMETRIC);
	struct reading r;

	flow_say(t.why, "%s", c->why);
	t.temperature = c->temperature;
	t.doubtful = c->doubtful && c->known;
	t.expired = c->expired;
	if (!c->known)
		return t;
	r = read_meter(c, run, dut, step, s);
	flow_say(t.why, "%s", r.why);
	if (!isnan(r.pulses) && r.pulses < 1)
		flow_say(t.why, "the meter gave no pulses");
	else if (!isnan(r.volume) && r.volume <= 0)
		flow_say(t.why, "the meter did not move");
	else if (!isnan(r.volume))
		take(&t, c, &r);
	if (t.known && r.n > 0 && !c->flying) {
		flow_say(t.why, "its reading is of the moment, which start and end of a standing start are no part of");
		t.doubtful = true;
	}
	if (!t.known)
		t.doubtful = true;
	else
		long_enough(&t, c, r.edges ? NAN : r.each, s);
	return t;
}

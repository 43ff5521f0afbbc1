#include "benches/flow/collection.h"

#include "analytics/core/stats.h"
#include "analytics/core/weighing.h"
#include "daq/base/error.h"
#include "daq/base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SCALE_STABLE = 0, SCALE_DYNAMIC = 1, SCALE_OVERLOAD = 2, SCALE_UNDERLOAD = 3 };

#define DRIFT_DIGITS 3.0   /* a reading that moved by more over its window drifts, if it does so */
#define DRIFT_SURELY 4.0   /* standard uncertainties above chance */
#define TEMPERATURE_ROUND 0.5 /* K, half width, where nobody measured it and nothing is set */

double flow_seconds(const struct stored_run *run, nanos at)
{
	int s = 0;

	while (s + 1 < run->segments && run->segment[s + 1].monotonic_zero <= at)
		s++;
	return (double)(at - run->segment[s].monotonic_zero + run->segment[s].utc - run->segment[0].utc) / 1e9;
}

double flow_volume(double mass, double density, double duration, double correction, double line_volume,
	double expansion, double warming, bool flying)
{
	double collected = 1000 * mass / density;

	if (flying)
		collected *= duration / (duration + correction);
	return collected - line_volume * expansion * warming;
}

static const struct run_mark *mark_of(const struct stored_run *run, const struct run_step *step, const char *name)
{
	for (int i = 0; i < run->marks; i++)
		if (run->mark[i].step == step->number && strcmp(run->mark[i].name, name) == 0)
			return &run->mark[i];
	return NULL;
}

/* A state's value at a tick: that of the last row not behind it. */
static double state_at(const struct stored_series *s, int64_t tick)
{
	size_t first, end;

	if (s->rows == 0)
		return NAN;
	stored_series_range(s, s->tick[0], tick, &first, &end);
	return end > first && stored_series_good(s, end - 1) ? s->value[end - 1] : NAN;
}

/* Stable readings of a window. */
static int weigh(struct flow_weight *out, const struct stored_run *run, const struct run_mark *mark, struct error *e)
{
	struct stored_series w = stored_series(run, stored_channel(run, "", "weight")),
			     state = stored_series(run, stored_channel(run, "", "weight_state"));
	size_t first = 0, end = 0, n = 0;
	double *t, *x;

	*out = (struct flow_weight){.mean = NAN, .u = NAN, .dof = NAN, .drift = NAN, .drift_u = NAN};
	if (mark && w.rows)
		stored_series_range(&w, mark->first_tick, mark->last_tick, &first, &end);
	t = calloc(2 * (end - first) + 1, sizeof(*t));
	if (!t)
		return error_set(e, ERROR_SYSTEM, "out of memory while weighing in %s", run->path);
	x = t + (end - first);
	for (size_t i = first; i < end; i++) {
		double is = state.rows ? state_at(&state, w.tick[i]) : SCALE_STABLE;

		out->overloaded += is == SCALE_OVERLOAD || is == SCALE_UNDERLOAD;
		if (is != SCALE_STABLE || !stored_series_good(&w, i)) {
			out->unstable++;
			continue;
		}
		t[n] = w.time[i];
		x[n++] = w.value[i];
	}
	out->n = n;
	if (n >= 2) {
		struct stats_sample s = stats_describe(x, n);
		struct stats_line line = stats_line(t, x, n);

		out->mean = s.mean;
		out->u = s.u;
		out->dof = s.dof;
		out->drift = line.slope * (t[n - 1] - t[0]);
		out->drift_u = line.slope_u * (t[n - 1] - t[0]);
	}
	free(t);
	return 0;
}

static bool drifts(const struct flow_weight *w, double digit)
{
	return fabs(w->drift) > DRIFT_DIGITS * (digit > 0 ? digit : 0) && fabs(w->drift) > DRIFT_SURELY * w->drift_u;
}

/* What the scale did in its windows; true where the readings can be used. */
static bool scale_sound(struct flow_collection *c)
{
	if (c->empty.overloaded + c->full.overloaded > 0) {
		flow_say(c->why, "the scale was overloaded or underloaded");
		return false;
	}
	if (c->empty.n < FLOW_STABLE_LEAST || c->full.n < FLOW_STABLE_LEAST) {
		flow_say(c->why, "the scale was not stable: %zu stable readings before and %zu after, %d are needed",
			c->empty.n, c->full.n, FLOW_STABLE_LEAST);
		return false;
	}
	if (drifts(&c->empty, c->resolution) || drifts(&c->full, c->resolution)) {
		flow_say(c->why, "the scale drifted by %.3g kg while it should have rested",
			fabs(c->full.drift) > fabs(c->empty.drift) ? fabs(c->full.drift) : fabs(c->empty.drift));
		c->doubtful = true;
	}
	return true;
}

/* "diverter = 1" and "diverter = 0" within the step: when the water ran into the tank. */
static bool switched(struct flow_collection *c, const struct stored_run *run, const struct run_step *step)
{
	int channel = stored_channel(run, "", "diverter"), inside = 0, ends = 0;
	char name[64];
	size_t length;

	if (channel < 0)
		return false;
	length = (size_t)snprintf(name, sizeof(name), "%s = ", run->channel[channel].name);
	for (int i = 0; i < run->events; i++) {
		const struct run_event *event = &run->event[i];

		if (strcmp(event->source, "procedure") != 0 || event->tick < step->first_tick ||
			event->tick > step->last_tick || strncmp(event->text, name, length) != 0)
			continue;
		if (strtod(event->text + length, NULL) > 0.5) {
			c->from = flow_seconds(run, event->at);
			inside++;
			ends = 0;
		} else if (inside && ends == 0) {
			c->to = flow_seconds(run, event->at);
			ends++;
		}
	}
	if (inside > 1) {
		flow_say(c->why, "interrupted: the diverter was switched to the tank %d times", inside);
		c->known = false;
	}
	return inside == 1 && ends == 1 && c->to > c->from;
}

/* The diverter is switched to the tank and says that it is not there. */
static void diverter_elsewhere(struct flow_collection *c, const struct stored_run *run, const struct run_mark *mark)
{
	struct stored_series s = stored_series(run, stored_channel(run, "", "diverter_state"));
	size_t first, end, away = 0, n = 0;

	if (s.rows == 0)
		return;
	stored_series_range(&s, mark->first_tick, mark->last_tick, &first, &end);
	for (size_t i = first; i < end; i++) {
		n += stored_series_good(&s, i);
		away += stored_series_good(&s, i) && s.value[i] == 0;
	}
	if (n && 2 * away > n) {
		flow_say(c->why, "interrupted: the diverter did not reach the tank");
		c->known = false;
	} else if (away) {
		flow_say(c->why, "interrupted: the diverter left the tank");
		c->known = false;
	}
}

/* The outlet led to the tank before anything ran: nothing was switched, so it was a standing start. */
static bool led_to_tank(const struct stored_run *run, const struct run_step *step, const struct run_mark *collect)
{
	struct stored_series s = stored_series(run, stored_channel(run, "", "diverter"));
	size_t first = 0, end = 0, inside = 0;

	if (s.rows)
		stored_series_range(&s, step->first_tick, collect->last_tick, &first, &end);
	for (size_t i = first; i < end; i++)
		inside += stored_series_good(&s, i) && s.value[i] > 0.5;
	return end > first && inside == end - first;
}

/* From when to when it was collected. */
static void time_it(struct flow_collection *c, const struct stored_run *run, const struct run_step *step,
	const struct run_mark *mark, const struct flow_settings *s)
{
	struct stored_series w = stored_series(run, stored_channel(run, "", "weight"));
	size_t first, end;
	bool events = switched(c, run, step);

	c->flying = s->start == FLOW_START_FLYING || (s->start == FLOW_START_AUTO && stored_channel(run, "", "diverter") >= 0 &&
							     (events || !led_to_tank(run, step, mark)));
	if (!c->flying || !events) {
		stored_series_range(&w, mark->first_tick, mark->last_tick, &first, &end);
		c->from = end > first ? w.time[first] : NAN;
		c->to = end > first ? w.time[end - 1] + (double)run->summary.about.period / 1e9 : NAN;
		c->by_tick = c->flying;
	}
	if (c->by_tick) {
		flow_say(c->why, "when the diverter was switched is known to a tick only");
	}
	c->duration = c->to - c->from;
	if (!(c->duration > 0)) {
		flow_say(c->why, "interrupted: nothing says how long it was collected");
		c->known = false;
	}
}

/* Mean of the good samples of a bench-wide channel between two instants; NaN where there are none. */
static double mean_between(const struct stored_run *run, int channel, double from, double to)
{
	struct stored_series s = stored_series(run, channel);
	double sum = 0;
	size_t n = 0;

	for (size_t i = 0; i < s.rows; i++)
		if (s.time[i] >= from - 1e-9 && s.time[i] <= to + 1e-9 && stored_series_good(&s, i)) {
			sum += s.value[i];
			n++;
		}
	return n ? sum / (double)n : NAN;
}

static void scale_rows(struct flow_collection *c, const struct stored_run *run, const struct flow_settings *s)
{
	double reading = c->full.mean - c->empty.mean, divisor, U, each = 100 / reading;

	U = flow_instrument(run, stored_channel(run, "", "weight"), &divisor, &c->expired);
	if (s->scale_uncertainty > 0) {
		U = s->scale_uncertainty;
		divisor = s->scale_k;
	}
	c->scale_known = !isnan(U);
	flow_row_add(&c->rows, "scale, calibration", U, DISTRIBUTION_NORMAL, divisor, each, INFINITY, false);
	flow_row_add(&c->rows, "scale, digit of two readings", c->resolution, DISTRIBUTION_RESOLUTION, 0, sqrt(2) * each,
		INFINITY, true);
	flow_row_add(&c->rows, "scale, scatter of its readings", hypot(c->empty.u, c->full.u), DISTRIBUTION_NORMAL, 1, each,
		stats_welch_dof(c->empty.u, c->empty.dof, c->full.u, c->full.dof), true);
	flow_row_add(&c->rows, "splash and evaporation", s->splash, DISTRIBUTION_RECTANGULAR, 0, 100 / c->mass, INFINITY,
		false);
}

static void water_rows(struct flow_collection *c, const struct stored_run *run, const struct flow_settings *s,
	double expansion)
{
	int channel = stored_channel(run, "", "water_temperature");
	double divisor = 2, U = flow_instrument(run, channel, &divisor, &c->expired);

	if (isnan(U)) {
		U = s->temperature_uncertainty;
		divisor = 2;
	}
	flow_row_add(&c->rows, "water temperature (density)", U, DISTRIBUTION_NORMAL, divisor, 100 * expansion, INFINITY,
		false);
	flow_row_add(&c->rows, "density of this water", s->density_uncertainty, DISTRIBUTION_RECTANGULAR, 0, 1, INFINITY,
		false);
	flow_row_add(&c->rows, "density of the air (buoyancy)", s->air_uncertainty, DISTRIBUTION_RECTANGULAR, 0,
		100 * (1 / c->density - 1 / WEIGHING_STEEL), INFINITY, false);
	flow_row_add(&c->rows, "line pack", s->line_warming_uncertainty, DISTRIBUTION_RECTANGULAR, 0,
		100 * s->line_volume * expansion / c->volume, INFINITY, true);
}

static void diverter_rows(struct flow_collection *c, const struct stored_run *run, const struct flow_settings *s)
{
	double tick = (double)run->summary.about.period / 1e9;

	if (!c->flying)
		return;
	flow_row_add(&c->rows, "diverter, two switches", s->diverter_uncertainty, DISTRIBUTION_NORMAL, 1,
		sqrt(2) * 100 / c->duration, INFINITY, false);
	if (c->by_tick)
		flow_row_add(&c->rows, "diverter, known to a tick", tick, DISTRIBUTION_RECTANGULAR, 0,
			sqrt(2) * 100 / c->duration, INFINITY, true);
}

static void compute(struct flow_collection *c, const struct stored_run *run, const struct flow_settings *s)
{
	int thermometer = stored_channel(run, "", "water_temperature");
	double expansion;

	c->temperature = mean_between(run, thermometer, c->from, c->to);
	if (isnan(c->temperature)) {
		c->temperature = s->water_temperature;
		if (thermometer >= 0)
			flow_say(c->why, "the water's temperature was not measured: %g degC taken", c->temperature);
	}
	c->density = weighing_water(c->temperature, s->pressure);
	expansion = weighing_expansion(c->temperature);
	c->air = weighing_air(s->air_pressure, s->air_humidity, s->air_temperature);
	c->buoyancy = weighing_buoyancy(c->air, c->density);
	c->mass = (c->full.mean - c->empty.mean) * c->buoyancy;
	c->volume = flow_volume(c->mass, c->density, c->duration, s->diverter_correction, s->line_volume, expansion,
		s->line_warming, c->flying);
	if (!(c->volume > 0)) {
		flow_say(c->why, "nothing came into the tank");
		c->known = false;
		return;
	}
	scale_rows(c, run, s);
	water_rows(c, run, s, expansion);
	diverter_rows(c, run, s);
	if (c->expired) {
		flow_say(c->why, "a certificate had expired");
		c->doubtful = true;
	}
}

int flow_collect(struct flow_collection *out, const struct stored_run *run, int step, const struct flow_settings *s,
	struct error *e)
{
	const struct run_step *of = &run->step[step];
	const struct run_mark *empty = mark_of(run, of, "empty"), *collect = mark_of(run, of, "collect"),
			      *full = mark_of(run, of, "full");
	struct flow_collection c = {.from = NAN, .to = NAN, .duration = NAN, .temperature = NAN, .density = NAN,
		.air = NAN, .buoyancy = NAN, .mass = NAN, .volume = NAN};
	int weight = stored_channel(run, "", "weight");

	c.resolution = s->scale_resolution > 0 ? s->scale_resolution : weight < 0 ? NAN : run->channel[weight].resolution;
	if (weigh(&c.empty, run, empty, e) < 0 || weigh(&c.full, run, full, e) < 0)
		return -1;
	if (!of->done || !empty || !collect || !full) {
		flow_say(c.why, "interrupted: %s", !empty     ? "the empty tank was not weighed"
						    : !collect ? "nothing was collected"
						    : !full    ? "the full tank was not weighed"
							       : "the step did not end as it should");
	} else {
		c.before = empty->last_tick;
		c.after = full->first_tick;
		c.known = scale_sound(&c);
		time_it(&c, run, of, collect, s);
		if (c.flying)
			diverter_elsewhere(&c, run, collect);
		if (c.known)
			compute(&c, run, s);
	}
	*out = c;
	return 0;
}

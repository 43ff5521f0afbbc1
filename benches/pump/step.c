#include "benches/pump/step.h"

#include "benches/pump/excitation.h"

#include "daq/base/error.h"
#include "daq/base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST_STANDBY = 5 };

/* The good samples of one channel in one step; t in seconds since the step's first row. */
struct samples {
	size_t n, rows;
	double *t, *x;
	int64_t *tick;
	double start, end; /* run time of first and last row, good or not */
};

static const char *const quantity_names[] = {
	[PUMP_FLOW] = "flow", [PUMP_FEEDBACK] = "feedback", [PUMP_POWER] = "power", [PUMP_DP] = "dp"};

const char *pump_quantity_name(enum pump_quantity q)
{
	return quantity_names[q];
}

bool pump_mean_usable(const struct pump_mean *m)
{
	return m->channel >= 0 && settle_usable(m->settle.state) && m->mean.n >= SETTLE_LEAST;
}

static void samples_free(struct samples *s)
{
	free(s->t);
	free(s->x);
	free(s->tick);
	*s = (struct samples){0};
}

static int samples_read(struct samples *out, const struct stored_run *run, int channel,
	const struct run_step *step, struct error *e)
{
	struct stored_series series = stored_series(run, channel);
	size_t first, end;

	*out = (struct samples){0, 0, NULL, NULL, NULL, NAN, NAN};
	stored_series_range(&series, step->first_tick, step->last_tick, &first, &end);
	out->rows = end - first;
	out->t = calloc(out->rows + 1, sizeof(*out->t));
	out->x = calloc(out->rows + 1, sizeof(*out->x));
	out->tick = calloc(out->rows + 1, sizeof(*out->tick));
	if (!out->t || !out->x || !out->tick) {
		samples_free(out);
		return error_set(e, ERROR_SYSTEM, "out of memory while evaluating step \"%s\"", step->name);
	}
	if (out->rows > 0) {
		out->start = series.time[first];
		out->end = series.time[end - 1];
	}
	for (size_t i = first; i < end; i++) {
		if (!stored_series_good(&series, i))
			continue;
		out->t[out->n] = series.time[i] - out->start;
		out->x[out->n] = series.value[i];
		out->tick[out->n++] = series.tick[i];
	}
	return 0;
}

static size_t first_at(const struct samples *s, double t)
{
	size_t i = 0;

	while (i < s->n && s->t[i] < t - 1e-9)
		i++;
	return i;
}

/* Index of the sample at `tick`; s->n where there is none. */
static size_t at_tick(const struct samples *s, int64_t tick)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->tick[i] == tick)
			return i;
	return s->n;
}

static bool still_at(const struct samples *flow, double digit, int64_t tick)
{
	size_t i = at_tick(flow, tick);

	return i < flow->n && flow->x[i] <= fmax(1, 2 * (isnan(digit) ? 0 : digit));
}

/* Start of a quantity's window, in seconds since the step's first row. */
static double window_start(const struct pump_mean *m, const struct samples *s, double length)
{
	return m->settle.first < s->n ? s->t[m->settle.first] : length / 2;
}

/* Takes the read-backs that are codes out of what is averaged, and counts them over the whole step. */
static size_t without_codes(struct samples *feedback, const struct samples *flow, double digit,
	const struct state_profile *profile)
{
	size_t kept = 0, codes = 0;

	for (size_t i = 0; i < feedback->n; i++) {
		if (still_at(flow, digit, feedback->tick[i]) &&
			state_profile_is_code(profile, feedback->x[i])) {
			codes++;
			continue;
		}
		feedback->t[kept] = feedback->t[i];
		feedback->x[kept] = feedback->x[i];
		feedback->tick[kept++] = feedback->tick[i];
	}
	feedback->n = kept;
	return codes;
}

/* Pairs of the same tick: what is common to both readings of a moment does not count as scatter. */
static struct stats_sample paired(const struct samples *a, const struct samples *b, double from)
{
	struct stats_sample none = {0, NAN, NAN, NAN, NAN, NAN}, out;
	double *gap = calloc(a->n + 1, sizeof(*gap));
	size_t n = 0;

	if (!gap)
		return none;
	for (size_t i = first_at(a, from); i < a->n; i++) {
		size_t j = at_tick(b, a->tick[i]);

		if (j < b->n)
			gap[n++] = a->x[i] - b->x[j];
	}
	out = n ? stats_describe(gap, n) : none;
	free(gap);
	return out;
}

static double half_mean(const struct samples *s, double length)
{
	size_t first = first_at(s, length / 2);

	return stats_mean(s->x + first, s->n - first);
}

static double share(const struct pump_mean *m)
{
	return m->channel < 0 || m->rows == 0 ? NAN : (double)m->good / (double)m->rows;
}

static double largest_alarm(const struct stored_run *run, const struct run_step *step)
{
	struct stored_series s = stored_series(run, stored_channel(run, step->dut, "alarm"));
	size_t first, end;
	double most = NAN;

	stored_series_range(&s, step->first_tick, step->last_tick, &first, &end);
	for (size_t i = first; i < end; i++)
		if (stored_series_good(&s, i))
			most = fmax(most, s.value[i]);
	return most;
}

static double digit_of(const struct stored_run *run, int channel)
{
	return channel < 0 ? NAN : run->channel[channel].resolution;
}

static void find_state(struct pump_step *out, const struct stored_run *run, const struct state_profile *profile,
	const struct pump_standby *standby, const struct samples *feedback_in_window)
{
	const struct pump_mean *flow = &out->quantity[PUMP_FLOW], *feedback = &out->quantity[PUMP_FEEDBACK];
	const struct pump_mean *power = &out->quantity[PUMP_POWER];
	const struct pump_mean *best = power->mean.n ? power : feedback;
	double digit = digit_of(run, best->channel);
	struct pump_evidence v = {
		.duty = out->step->set_point,
		.flow = flow->mean.mean,
		.flow_digit = isnan(digit_of(run, flow->channel)) ? 0 : digit_of(run, flow->channel),
		.feedback = stats_median(feedback_in_window->x, feedback_in_window->n),
		.power = best->mean.mean,
		.power_U = fmax(isnan(digit) ? 0 : digit / 2, isnan(best->mean.u) ? 0 : 2 * best->mean.u),
		.standby = standby->level,
		.standby_U = standby->U,
		.good_share = fmin(share(flow), share(feedback)),
		.alarm = largest_alarm(run, out->step),
		.has_flow = flow->channel >= 0,
	};

	out->state = pump_state_find(profile, &v, out->why, sizeof(out->why));
}

/* Settling is looked for in all good readings, codes included: they are part of the start. */
static void settle_all(struct pump_step *out, const struct stored_run *run, const struct samples *s)
{
	const struct settle *flow = &out->quantity[PUMP_FLOW].settle,
			    *feedback = &out->quantity[PUMP_FEEDBACK].settle;

	for (int q = 0; q < PUMP_QUANTITIES; q++) {
		int channel = out->quantity[q].channel;
		/* a tenth of the instrument's standard uncertainty (U / 2) adds half a percent to it */
		struct settle_options options = {digit_of(run, channel), NAN,
			channel < 0 ? 0 : run->channel[channel].uncertainty / 20};

		out->quantity[q].settle = settle_find(s[q].t, s[q].x, s[q].n, &options);
	}
	out->dead_time = isnan(flow->dead_time) ? feedback->dead_time : flow->dead_time;
	out->settling_time = isnan(flow->settling_time) ? feedback->settling_time : flow->settling_time;
}

static void average(struct pump_step *out, struct samples *s, const struct stored_run *run,
	const struct state_profile *profile, const struct pump_standby *standby)
{
	double start[PUMP_QUANTITIES], length = out->to - out->from;
	struct samples raw;
	size_t first;

	for (int q = 0; q < PUMP_QUANTITIES; q++) {
		start[q] = window_start(&out->quantity[q], &s[q], length);
		out->quantity[q].window = s[q].rows ? s[q].start + start[q] : NAN;
		out->quantity[q].half = half_mean(&s[q], length);
	}
	/* the state is judged on what was read, the mean on what is power */
	first = first_at(&s[PUMP_FEEDBACK], start[PUMP_FEEDBACK]);
	raw = (struct samples){.n = s[PUMP_FEEDBACK].n - first};
	raw.x = calloc(raw.n + 1, sizeof(*raw.x));
	if (raw.x)
		memcpy(raw.x, s[PUMP_FEEDBACK].x + first, raw.n * sizeof(*raw.x));
	else
		raw.n = 0;
	out->codes = without_codes(
		&s[PUMP_FEEDBACK], &s[PUMP_FLOW], digit_of(run, out->quantity[PUMP_FLOW].channel), profile);
	for (int q = 0; q < PUMP_QUANTITIES; q++) {
		first = first_at(&s[q], start[q]);
		out->quantity[q].mean = stats_describe(s[q].x + first, s[q].n - first);
	}
	out->gap = paired(&s[PUMP_FEEDBACK], &s[PUMP_POWER], fmax(start[PUMP_FEEDBACK], start[PUMP_POWER]));
	find_state(out, run, profile, standby, &raw);
	free(raw.x);
}

/* Under excitation there is no window, and no mean that would mean anything. */
static void nothing_settles(struct pump_step *out)
{
	out->excitation = true;
	out->dead_time = out->settling_time = NAN;
	for (int q = 0; q < PUMP_QUANTITIES; q++) {
		out->quantity[q].window = out->quantity[q].half = NAN;
		out->quantity[q].mean = (struct stats_sample){0, NAN, NAN, NAN, NAN, NAN};
	}
	out->state = PUMP_RUNNING;
	text_copy(out->why, sizeof(out->why), "excitation: the set point changes at most samples");
}

int pump_step_evaluate(struct pump_step *out, const struct stored_run *run, const struct run_step *step,
	const struct state_profile *profile, const struct pump_standby *standby, struct error *e)
{
	struct samples s[PUMP_QUANTITIES] = {{0}};
	struct pump_step made = {.step = step, .from = NAN, .to = NAN};
	int status = -1;

	for (int q = 0; q < PUMP_QUANTITIES; q++) {
		struct pump_mean *m = &made.quantity[q];

		m->channel = stored_channel(run, step->dut, pump_quantity_name((enum pump_quantity)q));
		if (samples_read(&s[q], run, m->channel, step, e) < 0)
			goto out;
		m->rows = s[q].rows;
		m->good = s[q].n;
		made.from = fmin(made.from, s[q].start);
		made.to = fmax(made.to, s[q].end);
	}
	if (pump_excited(run, step)) {
		nothing_settles(&made);
	} else {
		settle_all(&made, run, s);
		average(&made, s, run, profile, standby);
	}
	*out = made;
	status = 0;
out:
	for (int q = 0; q < PUMP_QUANTITIES; q++)
		samples_free(&s[q]);
	return status;
}

/* Whether at `tick` the pump was powered and told to stop: with its relay open it says nothing of standby. */
static bool told_to_stop(const struct stored_series *duty, const struct stored_series *relay, int64_t tick,
	const struct state_profile *profile)
{
	size_t at, end;

	stored_series_range(duty, tick, tick, &at, &end);
	if (at == end || !stored_series_good(duty, at) || duty->value[at] < profile->stop_from)
		return false;
	if (relay->rows == 0)
		return true;
	stored_series_range(relay, tick, tick, &at, &end);
	return at < end && stored_series_good(relay, at) && relay->value[at] > 0;
}

struct pump_standby pump_standby_find(
	const struct stored_run *run, const char *dut, const struct state_profile *profile)
{
	struct stored_series feedback = stored_series(run, stored_channel(run, dut, "feedback"));
	struct stored_series duty = stored_series(run, stored_channel(run, dut, "duty"));
	struct stored_series relay = stored_series(run, stored_channel(run, dut, "relay"));
	double digit = digit_of(run, stored_channel(run, dut, "feedback"));
	double *level = calloc(feedback.rows + 1, sizeof(*level));
	struct pump_standby out = {NAN, NAN};
	size_t n = 0;

	if (!level)
		return out;
	for (size_t i = 0; i < feedback.rows; i++)
		if (stored_series_good(&feedback, i) &&
			told_to_stop(&duty, &relay, feedback.tick[i], profile) &&
			!state_profile_is_code(profile, feedback.value[i]))
			level[n++] = feedback.value[i];
	if (n >= LEAST_STANDBY) { /* the median: a pump runs on for some seconds after it was told to stop */
		out.level = stats_median(level, n);
		out.U = fmax(isnan(digit) ? 0 : digit / 2, 2 * stats_mad(level, n) / sqrt((double)n));
	}
	free(level);
	return out;
}

#include "benches/pump/excitation.h"

#include "daq/base/error.h"
#include "daq/base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A longer distance than this many periods is a gap. */
#define LONGEST 1.5

bool pump_excited(const struct stored_run *run, const struct run_step *step)
{
	struct stored_series duty = stored_series(run, stored_channel(run, step->dut, "duty"));
	size_t first, end, pairs = 0, changes = 0;

	stored_series_range(&duty, step->first_tick, step->last_tick, &first, &end);
	for (size_t i = first + 1; i < end; i++) {
		if (!stored_series_good(&duty, i) || !stored_series_good(&duty, i - 1))
			continue;
		pairs++;
		changes += duty.value[i] != duty.value[i - 1];
	}
	return pairs + 1 >= PUMP_EXCITATION_LEAST && 2 * changes > pairs;
}

static bool belongs(const struct pump_step *s, const struct pump_dynamics *d)
{
	return s->excitation && strcmp(s->step->dut, d->dut) == 0 && strcmp(s->step->valve, d->valve) == 0;
}

/* The good value at a tick, else NaN. */
static double value_at(const struct stored_series *s, int64_t tick)
{
	size_t at, end;

	stored_series_range(s, tick, tick, &at, &end);
	return at < end && stored_series_good(s, at) ? s->value[at] : NAN;
}

/* With nothing flowing a read-back may be a status code that looks like power. */
static double without_code(
	const struct stored_run *run, const struct pump_dynamics *d, double feedback, double flow)
{
	const struct state_profile *profile = state_profile_find(stored_dut(run, d->dut)->profile);
	int channel = d->channel[PUMP_FLOW];
	double digit = channel < 0 ? NAN : run->channel[channel].resolution;
	bool still = channel >= 0 && !(flow > fmax(1, 2 * (isnan(digit) ? 0 : digit)));

	return still && state_profile_is_code(profile, feedback) ? NAN : feedback;
}

static void put_row(struct pump_dynamics *d, double time, double duty, double flow, double feedback)
{
	d->time[d->rows] = time;
	d->duty[d->rows] = duty;
	d->answer[PUMP_FLOW][d->rows] = flow;
	d->answer[PUMP_FEEDBACK][d->rows++] = feedback;
}

static void put_step(struct pump_dynamics *d, const struct stored_run *run, const struct run_step *step)
{
	struct stored_series duty = stored_series(run, stored_channel(run, d->dut, "duty"));
	struct stored_series flow = stored_series(run, d->channel[PUMP_FLOW]),
			   feedback = stored_series(run, d->channel[PUMP_FEEDBACK]);
	size_t first, end;

	stored_series_range(&duty, step->first_tick, step->last_tick, &first, &end);
	for (size_t i = first; i < end; i++) {
		double q = value_at(&flow, duty.tick[i]), w = value_at(&feedback, duty.tick[i]);
		bool gap = i == first ? d->rows > 0 : duty.time[i] - duty.time[i - 1] > LONGEST * d->period;

		if (gap)
			put_row(d, NAN, NAN, NAN, NAN);
		put_row(d, duty.time[i], stored_series_good(&duty, i) ? duty.value[i] : NAN, q,
			without_code(run, d, w, q));
		d->samples++;
	}
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Room for all rows, and the median distance of two. `apart` is one of the arrays, used before it is filled.
 */
static int make_room(struct pump_dynamics *d, const struct stored_run *run, const struct pump_step *step,
	int steps, struct error *e)
{
	struct stored_series duty = stored_series(run, stored_channel(run, d->dut, "duty"));
	size_t room = 1, n = 0, first, end;

	for (int i = 0; i < steps; i++)
		if (belongs(&step[i], d)) {
			stored_series_range(
				&duty, step[i].step->first_tick, step[i].step->last_tick, &first, &end);
			room += 2 * (end - first);
		}
	d->time = calloc(room, sizeof(*d->time));
	d->duty = calloc(room, sizeof(*d->duty));
	for (int a = 0; a < PUMP_ANSWERS; a++) {
		d->answer[a] = calloc(room, sizeof(*d->answer[a]));
		d->free_run[a] = calloc(room, sizeof(*d->free_run[a]));
		if (!d->answer[a] || !d->free_run[a])
			d->period = -1;
	}
	if (!d->time || !d->duty || d->period < 0)
		return error_set(e, ERROR_SYSTEM, "out of memory while modelling %s", run->path);
	for (int i = 0; i < steps; i++) {
		if (!belongs(&step[i], d))
			continue;
		stored_series_range(&duty, step[i].step->first_tick, step[i].step->last_tick, &first, &end);
		for (size_t j = first + 1; j < end; j++)
			d->time[n++] = duty.time[j] - duty.time[j - 1];
	}
	qsort(d->time, n, sizeof(*d->time), ascending);
	d->period = n ? d->time[n / 2] : NAN;
	return 0;
}

static int fill(struct pump_dynamics *d, const struct stored_run *run, const struct pump_step *step, int steps,
	const struct run_step *like, struct error *e)
{
	text_copy(d->dut, sizeof(d->dut), like->dut);
	text_copy(d->valve, sizeof(d->valve), like->valve);
	d->channel[PUMP_FLOW] = stored_channel(run, d->dut, "flow");
	d->channel[PUMP_FEEDBACK] = stored_channel(run, d->dut, "feedback");
	if (make_room(d, run, step, steps, e) < 0)
		return -1;
	for (int i = 0; i < steps; i++)
		if (belongs(&step[i], d))
			put_step(d, run, step[i].step);
	for (int a = 0; a < PUMP_ANSWERS; a++) {
		d->model[a] = arx_fit(d->duty, d->answer[a], d->rows);
		if (d->model[a].fit.known)
			arx_free_run(&d->model[a], d->duty, d->answer[a], d->rows, d->free_run[a]);
	}
	return 0;
}

int pump_dynamics_make(struct pump_dynamics **out, int *count, const struct stored_run *run,
	const struct pump_step *step, int steps, struct error *e)
{
	struct pump_dynamics *made = calloc((size_t)steps + 1, sizeof(*made));
	int n = 0;

	if (!made)
		return error_set(e, ERROR_SYSTEM, "out of memory while modelling %s", run->path);
	for (int i = 0; i < steps; i++) {
		bool seen = !step[i].excitation;

		for (int j = 0; j < n && !seen; j++)
			seen = belongs(&step[i], &made[j]);
		if (seen)
			continue;
		if (fill(&made[n++], run, step, steps, step[i].step, e) < 0) {
			pump_dynamics_free(made, n);
			return -1;
		}
	}
	*out = made;
	*count = n;
	return 0;
}

void pump_dynamics_free(struct pump_dynamics *dynamics, int count)
{
	for (int i = 0; i < count; i++) {
		free(dynamics[i].time);
		free(dynamics[i].duty);
		for (int a = 0; a < PUMP_ANSWERS; a++) {
			free(dynamics[i].answer[a]);
			free(dynamics[i].free_run[a]);
		}
	}
	free(dynamics);
}

/* One comparison step: meter against reference meter over the settled window. */
#include "benches/flow/trial.h"

#include "analytics/core/hold.h"
#include "analytics/core/settle.h"
#include "analytics/core/stats.h"
#include "daq/base/error.h"

#include <math.h>
#include <stdlib.h>

enum { COMPARE_LEAST = 5 }; /* samples of both */

/* Samples of a step that are good in both. */
struct pairs {
	size_t n;
	double *t, *reading, *reference, *room;
};

static int pairs_new(struct pairs *p, size_t most, const char *path, struct error *e)
{
	*p = (struct pairs){.t = calloc(4 * most + 4, sizeof(double))};
	if (!p->t)
		return error_set(e, ERROR_SYSTEM, "out of memory while comparing meters in %s", path);
	p->reading = p->t + most + 1;
	p->reference = p->reading + most + 1;
	p->room = p->reference + most + 1;
	return 0;
}

/* Value of a series at a tick of another: its last row not behind it, if that is good. */
static double at_tick(const struct stored_series *s, int64_t tick)
{
	size_t first, end;

	if (s->rows == 0)
		return NAN;
	stored_series_range(s, s->tick[0], tick, &first, &end);
	return end > first && stored_series_good(s, end - 1) ? s->value[end - 1] : NAN;
}

static void pairs_fill(struct pairs *p, const struct stored_run *run, const char *dut, int64_t from, int64_t to)
{
	struct stored_series reading = stored_series(run, stored_channel(run, dut, "flow")),
			     reference = stored_series(run, stored_channel(run, "", "reference"));
	size_t first, end;

	stored_series_range(&reading, from, to, &first, &end);
	for (size_t i = first; i < end; i++) {
		double x = at_tick(&reference, reading.tick[i]);

		if (!stored_series_good(&reading, i) || isnan(x))
			continue;
		p->t[p->n] = reading.time[i];
		p->reading[p->n] = reading.value[i];
		p->reference[p->n++] = x;
	}
}

int flow_hold(double *period, const struct stored_run *run, struct error *e)
{
	struct stored_series s = stored_series(run, stored_channel(run, "", "reference"));
	double *t = calloc(2 * s.rows + 2, sizeof(*t)), *x = t ? t + s.rows + 1 : NULL;
	size_t n = 0;

	*period = NAN;
	if (!t)
		return error_set(e, ERROR_SYSTEM, "out of memory while comparing meters in %s", run->path);
	for (size_t i = 0; i < s.rows; i++)
		if (stored_series_good(&s, i)) {
			t[n] = s.time[i];
			x[n++] = s.value[i];
		}
	*period = hold_find(t, x, n).period;
	free(t);
	return 0;
}

/* First sample that is used: behind the first hold period, and the last so many, or the settled window. */
static size_t window(struct pairs *p, const struct flow_settings *s, double hold, struct flow_trial *t)
{
	struct settle_options options = {NAN, NAN, 0};
	size_t first = 0;

	while (!isnan(hold) && first < p->n && p->t[first] - p->t[0] < hold - 1e-6)
		first++;
	if (s->last > 0 && p->n > (size_t)s->last && first < p->n - (size_t)s->last)
		first = p->n - (size_t)s->last;
	if (s->last == 0 && first < p->n) {
		struct settle settled;

		for (size_t i = 0; i < p->n; i++)
			p->room[i] = p->t[i] - p->t[0];
		settled = settle_find(p->room, p->reading, p->n, &options);
		if (!settle_usable(settled.state)) {
			flow_say(t->why, "%s", settle_state_name(settled.state));
			t->doubtful = true;
		}
		first = settled.first > first ? settled.first : first;
	}
	return first;
}

/* Standard uncertainty of a statistic of samples that are worth `independent`: of a median sqrt(pi/2) times as much,
 * with the standard deviation that is deaf to outliers (Kenney, Keeping: Mathematics of Statistics, 1, 6.10). */
static double of_statistic(const double *x, size_t n, double sd, double independent, int statistic)
{
	double robust = stats_mad(x, n);

	if (statistic == FLOW_MEDIAN)
		return sqrt(M_PI / 2) * (robust > 0 ? robust : 0) / sqrt(independent);
	return sd / sqrt(independent);
}

/* Scatter of the reference by its independent readings: each held value once. */
static double held_sd(const double *x, size_t n, double *room)
{
	size_t k = 0;

	for (size_t i = 0; i < n; i++)
		if (i == 0 || x[i] != x[i - 1])
			room[k++] = x[i];
	return stats_sd(room, k);
}

/* Differences: of each sample, or of each held value with the mean of the readings beside it. */
static size_t differences(double *out, const double *reading, const double *reference, size_t n, bool held)
{
	size_t k = 0, m = 0;
	double sum = 0;

	for (size_t i = 0; i < n; i++) {
		if (!held) {
			out[k++] = reading[i] - reference[i];
			continue;
		}
		sum += reading[i];
		m++;
		if (i + 1 == n || reference[i + 1] != reference[i]) {
			out[k++] = sum / (double)m - reference[i];
			sum = 0;
			m = 0;
		}
	}
	return k;
}

static void tests(struct flow_samples *out, struct pairs *p, size_t first, bool held)
{
	size_t n = p->n - first, k;
	struct stats_sample d;

	out->pooled = ttest_pooled(out->mean_reading, out->sd_reading, out->n_reading, out->mean_reference,
		out->sd_reference, out->n_reference);
	k = differences(p->room, p->reading + first, p->reference + first, n, held);
	d = stats_describe(p->room, k);
	out->paired = ttest_paired(d.mean, held ? d.sd : d.u * sqrt(d.n_effective), held ? (double)k : d.n_effective);
}

static void statistics(struct flow_samples *out, struct pairs *p, size_t first, bool held)
{
	const double *y = p->reading + first, *x = p->reference + first;
	size_t n = p->n - first;
	struct stats_sample reading = stats_describe(y, n), reference = stats_describe(x, n);

	out->n = n;
	out->from = p->t[first];
	out->to = p->t[p->n - 1];
	out->n_reading = reading.n_effective;
	out->n_reference = held ? (double)hold_readings(x, n) : reference.n_effective;
	out->mean_reading = reading.mean;
	out->mean_reference = reference.mean;
	out->median_reading = stats_median(y, n);
	out->median_reference = stats_median(x, n);
	out->mean = 100 * (reading.mean / reference.mean - 1);
	out->median = 100 * (out->median_reading / out->median_reference - 1);
	out->sd_reading = reading.sd;
	out->sd_reference = held ? held_sd(x, n, p->room) : reference.sd;
	tests(out, p, first, held);
}

static void reference_rows(struct flow_trial *t, const struct stored_run *run, const struct flow_settings *s, double each)
{
	int channel = stored_channel(run, "", "reference");
	double divisor, U = flow_instrument(run, channel, &divisor, &t->expired);

	if (s->reference_uncertainty > 0)
		flow_row_add(&t->rows, "reference, calibration", s->reference_uncertainty, DISTRIBUTION_NORMAL,
			s->reference_k, 1 + t->error / 100, INFINITY, false);
	else
		flow_row_add(&t->rows, "reference, calibration", U, DISTRIBUTION_NORMAL, divisor,
			each * (1 + t->error / 100), INFINITY, false);
}

static void rows(struct flow_trial *t, const struct stored_run *run, const struct pairs *p, size_t first,
	const struct flow_settings *s)
{
	const struct flow_samples *a = &t->samples;
	double each = 100 / t->reference, ratio = 1 + t->error / 100;
	int under = stored_channel(run, run->dut[t->dut].name, "flow"), ref = stored_channel(run, "", "reference");
	size_t n = p->n - first;

	flow_row_add(&t->rows, "reading under test, scatter",
		of_statistic(p->reading + first, n, a->sd_reading, a->n_reading, s->statistic), DISTRIBUTION_NORMAL, 1, each,
		a->n_reading - 1, true);
	flow_row_add(&t->rows, "reading under test, digit", uncertainty_digit(run->channel[under].resolution, a->sd_reading),
		DISTRIBUTION_NORMAL, 1, each, INFINITY, true);
	if (a->n_reference > 1)
		flow_row_add(&t->rows, "reference, scatter", a->sd_reference / sqrt(a->n_reference), DISTRIBUTION_NORMAL, 1,
			each * ratio, a->n_reference - 1, true);
	flow_row_add(&t->rows, "reference, digit",
		uncertainty_digit(run->channel[ref].resolution, a->n_reference > 1 ? a->sd_reference : 0),
		DISTRIBUTION_NORMAL, 1, each * ratio, INFINITY, true);
	reference_rows(t, run, s, each);
}

/* By what both counted between the same two instants. */
static double by_totals(const struct stored_run *run, const char *dut, double from, double to)
{
	const int channel[2] = {stored_channel(run, dut, "volume"), stored_channel(run, "", "reference_volume")};
	double difference[2];

	for (int k = 0; k < 2; k++) {
		struct stored_series s = stored_series(run, channel[k]);
		double first = NAN, last = NAN;

		for (size_t i = 0; i < s.rows; i++)
			if (s.time[i] >= from - 1e-9 && s.time[i] <= to + 1e-9 && stored_series_good(&s, i)) {
				first = isnan(first) ? s.value[i] : first;
				last = s.value[i];
			}
		difference[k] = last - first;
	}
	return difference[1] > 0 ? 100 * (difference[0] / difference[1] - 1) : NAN;
}

static void conclude(struct flow_trial *t, const struct stored_run *run, const struct flow_settings *s, struct pairs *p,
	size_t first, bool held)
{
	struct flow_samples *a = &t->samples;

	statistics(a, p, first, held);
	t->reading = s->statistic == FLOW_MEDIAN ? a->median_reading : a->mean_reading;
	t->reference = s->statistic == FLOW_MEDIAN ? a->median_reference : a->mean_reference;
	t->error = 100 * (t->reading / t->reference - 1);
	a->volume_error = by_totals(run, run->dut[t->dut].name, a->from, a->to);
	if (!(t->reference > 0)) {
		flow_say(t->why, "no flow at the reference");
		return;
	}
	if (!(a->mean_reading > 0))
		flow_say(t->why, "the meter shows no flow");
	t->known = true;
	rows(t, run, p, first, s);
	if (a->n_reference < 2)
		flow_say(t->why, "one independent reading of the reference only");
	if (t->expired)
		flow_say(t->why, "a certificate had expired");
	t->doubtful |= t->expired;
}

static double temperature(const struct stored_run *run, double from, double to)
{
	struct stored_series s = stored_series(run, stored_channel(run, "", "water_temperature"));
	double sum = 0;
	size_t n = 0;

	for (size_t i = 0; i < s.rows; i++)
		if (s.time[i] >= from && s.time[i] <= to && stored_series_good(&s, i)) {
			sum += s.value[i];
			n++;
		}
	return n ? sum / (double)n : NAN;
}

int flow_compare(struct flow_trial *out, const struct stored_run *run, const struct flow_settings *s, double hold,
	struct error *e)
{
	const struct run_step *step = &run->step[out->step];
	struct flow_trial t = *out;
	int64_t ticks = step->last_tick - step->first_tick + 1; /* none in a step that ended before its first */
	struct pairs p;
	size_t first;

	if (pairs_new(&p, ticks > 0 ? (size_t)ticks : 0, run->path, e) < 0)
		return -1;
	pairs_fill(&p, run, run->dut[t.dut].name, step->first_tick, step->last_tick);
	first = window(&p, s, hold, &t);
	if (!step->done) {
		flow_say(t.why, "the step did not end as it should");
		t.doubtful = true;
	}
	if (p.n - first < COMPARE_LEAST)
		flow_say(t.why, "fewer than five good samples of both that may be used%s",
			isnan(hold) ? "" : " (the reference holds its value: the first hold period is dropped)");
	else
		conclude(&t, run, s, &p, first, !isnan(hold));
	t.temperature = temperature(run, t.samples.from, t.samples.to);
	free(p.t);
	*out = t;
	return 0;
}

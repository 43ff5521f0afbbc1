#include "benches/flow/point.h"

#include "benches/flow/meter_class.h"
#include "daq/base/error.h"
#include "daq/base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bool flow_row_is_reference(const char *name)
{
	return strstr(name, "calibration") != NULL;
}

bool meter_point_has(const struct meter_point *p, const struct stored_run *run, const struct flow_trial *t)
{
	const struct run_step *step = &run->step[t->step];

	return p->dut == t->dut && p->method == t->method && p->set_point == step->set_point &&
	       strcmp(p->unit, step->unit) == 0;
}

/* What the trials of a point say of one row: the largest as it stands, and what all come to. */
struct pooled_row {
	struct uncertainty_row row;
	bool random;
	double sum, squares, fourths;
};

static void pool_row(struct pooled_row *list, int *n, const struct flow_row *r)
{
	double share = uncertainty_share(&r->row);
	int i = 0;

	while (i < *n && strcmp(list[i].row.name, r->row.name) != 0)
		i++;
	if (i == *n && *n == FLOW_ROWS)
		return;
	if (i == *n) {
		list[(*n)++] = (struct pooled_row){.row = r->row, .random = r->random};
	} else if (share > uncertainty_share(&list[i].row)) {
		list[i].row = r->row;
	}
	list[i].sum += share;
	list[i].squares += share * share;
	list[i].fourths += share * share * share * share / r->row.dof;
}

/* Common rows have the trials' mean share, random ones the root of the sum of squares over m. */
static void finish_row(struct meter_point *p, const struct pooled_row *r)
{
	double m = p->used, share = r->random ? sqrt(r->squares) / m : r->sum / m;
	struct uncertainty_row *row = &p->row[p->rows];

	*row = r->row;
	row->sensitivity = share / uncertainty_standard(row);
	if (r->random && r->fourths > 0)
		row->dof = r->squares * r->squares / r->fourths;
	p->shared[p->rows++] = !r->random;
}

static void between_trials(struct meter_point *p, const struct pooled_row *list, int n)
{
	double m = p->used, within = 0, beyond;

	for (int i = 0; i < n; i++)
		if (list[i].random)
			within += list[i].squares / m;
	if (p->used < 2)
		return;
	beyond = p->repeatability * p->repeatability - within;
	if (!(beyond > 0))
		return;
	p->row[p->rows] = (struct uncertainty_row){"repeatability beyond these (A)", sqrt(beyond / m), DISTRIBUTION_NORMAL, 1, 1,
		(m - 1) * pow(beyond / (p->repeatability * p->repeatability), 2)};
	p->shared[p->rows++] = false;
}

static void budget(struct meter_point *p, const struct stored_run *run, const struct flow_trial *trial, int trials)
{
	struct pooled_row list[FLOW_ROWS];
	int n = 0;

	for (int i = 0; i < trials; i++)
		if (trial[i].known && meter_point_has(p, run, &trial[i]))
			for (int j = 0; j < trial[i].rows.n; j++)
				pool_row(list, &n, &trial[i].rows.row[j]);
	for (int i = 0; i < n; i++) {
		finish_row(p, &list[i]);
		p->reference_known |= flow_row_is_reference(list[i].row.name);
	}
	between_trials(p, list, n);
	p->total = uncertainty_combine(p->row, (size_t)p->rows, FLOW_LEVEL);
	p->difference = p->reading - p->reference;
	p->difference_U = p->total.U / 100 * p->reference;
}

/* Readings of several trials as one lot: n, mean, and sum of squared deviations. */
struct lot {
	double n, mean, squares;
};

static void lot_add(struct lot *lot, double n, double mean, double sd)
{
	double d = mean - lot->mean;

	if (!(n > 0) || isnan(mean))
		return;
	lot->squares += (n > 1 && sd > 0 ? (n - 1) * sd * sd : 0) + d * d * lot->n * n / (lot->n + n);
	lot->mean += d * n / (lot->n + n);
	lot->n += n;
}

static double lot_sd(const struct lot *lot)
{
	return lot->n > 1 ? sqrt(lot->squares / (lot->n - 1)) : NAN;
}

static void test(struct meter_point *p, const struct stored_run *run, const struct flow_trial *trial, int trials)
{
	struct lot difference = {0, 0, 0}, reading = {0, 0, 0}, reference = {0, 0, 0};
	double m = 0;

	p->mean_error = p->median_error = p->volume_error = 0;
	for (int i = 0; i < trials; i++) {
		const struct flow_samples *s = &trial[i].samples;
		double n = isnan(s->paired.dof) ? 1 : s->paired.dof + 1;

		if (!trial[i].known || !meter_point_has(p, run, &trial[i]))
			continue;
		m++;
		lot_add(&difference, n, s->paired.difference, n > 1 ? s->paired.u * sqrt(n) : 0);
		lot_add(&reading, s->n_reading, s->mean_reading, s->sd_reading);
		lot_add(&reference, s->n_reference, s->mean_reference, s->sd_reference);
		p->mean_error += (s->mean - p->mean_error) / m;
		p->median_error += (s->median - p->median_error) / m;
		p->volume_error += (s->volume_error - p->volume_error) / m;
	}
	p->paired = ttest_paired(difference.mean, lot_sd(&difference), difference.n);
	p->pooled = ttest_pooled(reading.mean, lot_sd(&reading), reading.n, reference.mean, lot_sd(&reference), reference.n);
}

static void add(struct meter_point *p, const struct flow_trial *t)
{
	double m, d = t->error;

	p->trials++;
	p->doubtful |= t->doubtful;
	if (strncmp(p->why, t->why, strcspn(t->why, "0123456789")) != 0) /* the same with other numbers: once */
		flow_say(p->why, "%s", t->why);
	if (!t->known)
		return;
	m = ++p->used;
	d -= p->error;
	p->error += d / m;
	p->repeatability += d * (t->error - p->error); /* sum of squares, until it is finished */
	p->reference += (t->reference - p->reference) / m;
	p->reading += (t->reading - p->reading) / m;
	p->temperature += (t->temperature - p->temperature) / m;
	p->n += t->method == FLOW_COMPARISON ? (int64_t)t->samples.n : t->pulses > 0 ? (int64_t)llround(t->pulses) : (int64_t)t->samples.n;
	p->n_reference += t->method == FLOW_COMPARISON ? t->samples.n_reference : 1;
}

static void fill(struct meter_point *p, const struct stored_run *run, const struct flow_trial *trial, int trials,
	const struct flow_settings *s)
{
	for (int i = 0; i < trials; i++)
		if (meter_point_has(p, run, &trial[i]))
			add(p, &trial[i]);
	p->known = p->used > 0;
	p->repeatability = p->used > 1 ? sqrt(p->repeatability / (p->used - 1)) : NAN;
	if (!p->known) {
		p->error = p->reference = p->reading = p->temperature = p->difference = p->difference_U = NAN;
		p->mpe = strcmp(p->unit, "l/h") == 0 ? meter_class_mpe(s, p->set_point, s->water_temperature) : NAN;
		p->total = (struct uncertainty){NAN, NAN, NAN, NAN, FLOW_LEVEL};
		return;
	}
	budget(p, run, trial, trials);
	if (p->method == FLOW_COMPARISON)
		test(p, run, trial, trials);
	p->mpe = meter_class_mpe(s, p->reference, isnan(p->temperature) ? s->water_temperature : p->temperature);
}

int meter_points_make(struct meter_point **out, int *count, const struct stored_run *run, const struct flow_trial *trial,
	int trials, const struct flow_settings *s, struct error *e)
{
	struct meter_point *point = calloc((size_t)trials + 1, sizeof(*point));
	int points = 0;

	if (!point)
		return error_set(e, ERROR_SYSTEM, "out of memory while pooling the trials of %s", run->path);
	for (int i = 0; i < trials; i++) {
		struct meter_point *p = &point[points];
		bool seen = false;

		for (int j = 0; j < points && !seen; j++)
			seen = meter_point_has(&point[j], run, &trial[i]);
		if (seen)
			continue;
		p->dut = trial[i].dut;
		p->method = trial[i].method;
		p->set_point = run->step[trial[i].step].set_point;
		text_copy(p->unit, sizeof(p->unit), run->step[trial[i].step].unit);
		p->first = i;
		fill(p, run, trial, trials, s);
		points++;
	}
	*out = point;
	*count = points;
	return 0;
}

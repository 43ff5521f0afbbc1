#include "analytics/accuracy/comparison.h"

#include "analytics/accuracy/buckets.h"
#include "analytics/accuracy/comparison_events.h"
#include "analytics/accuracy/rows.h"
#include "analytics/core/meters_permitted.h"
#include "daq/base/error.h"
#include "daq/base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const span_names[SPANS] = {"15 s", "5 min", "15 min", "1 h", "1 d"};

static const double span_seconds[SPANS] = {15, 300, 900, 3600, 0};

/* Rows that are this close to 15 s apart are taken as they are. */
#define SAMPLE_LEAST 10.0

struct filling {
	struct comparison *c;
	const struct study *study;
	enum span span;
};

int comparison_allocate(struct comparison *c, int days, int pairs, struct error *e)
{
	size_t n = (size_t)days, m = (size_t)pairs + 1;

	c->days = days;
	c->day = calloc(n, sizeof(*c->day));
	c->residual = malloc(n * 24 * sizeof(double));
	c->pair_reference = malloc(m * sizeof(double));
	c->pair_estimate = malloc(m * sizeof(double));
	c->pair_day = malloc(m * sizeof(int));
	if (!c->day || !c->residual || !c->pair_reference || !c->pair_estimate || !c->pair_day)
		return error_set(e, ERROR_SYSTEM, "no memory for a comparison of %d days", days);
	for (size_t i = 0; i < n * 24; i++)
		c->residual[i] = NAN;
	for (int k = 0; k <= LAGS; k++)
		c->acf[k] = NAN;
	for (int d = 0; d < days; d++)
		c->day[d].register_j = c->day[d].outside = c->day[d].permitted_j = NAN;
	return 0;
}

static void bucket_of_span(void *self, int day, int64_t index, double seconds, double reference, double estimate)
{
	const struct filling *f = self;
	struct comparison *c = f->c;

	error_sums_add(&c->day[day].span[f->span], reference, estimate, seconds);
	if (f->span != SPAN_HOUR)
		return;
	c->residual[day * 24 + f->study->calendar.day[day].hour[index]] = estimate - reference;
	c->pair_reference[c->pairs] = reference;
	c->pair_estimate[c->pairs] = estimate;
	c->pair_day[c->pairs++] = day;
}

static void fill_span(struct comparison *c, const struct study *study, const struct study_pump *p, const struct comparison_rows *rows,
	enum span span, double covered)
{
	struct filling f = {c, study, span};
	struct bucket b = {.length = span_seconds[span], .share = covered, .day = -1};
	const struct calendar *cal = &study->calendar;
	int day = 0;

	for (int64_t i = 0; i < p->rows; i++) {
		double at = p->time[i], end = at + p->step[i];

		if (rows->reason[i] != INCLUDED)
			continue;
		while (day + 1 < cal->days && at >= cal->day[day].end)
			bucket_flush(&b, cal->day[day].end - cal->day[day].start, bucket_of_span, &f), day++;
		/* A row over midnight is of two days. */
		for (int d = day; d < cal->days && at < end; d++) {
			double to = fmin(end, cal->day[d].end);

			if (d != day)
				bucket_flush(&b, cal->day[day].end - cal->day[day].start, bucket_of_span, &f), day = d;
			bucket_take(&b, d, cal->day[d].end - cal->day[d].start, at - cal->day[d].start, to - at, rows->reference[i], rows->estimate[i],
				bucket_of_span, &f);
			at = to;
		}
	}
	bucket_flush(&b, cal->day[day].end - cal->day[day].start, bucket_of_span, &f);
}

static int bin(double x, double first, double width, int bins)
{
	double k = floor((x - first) / width);

	return k < 0 ? 0 : k >= bins ? bins - 1 : (int)k;
}

/* W that the meter's class permits in a row. */
static double permitted_of(const struct study_pump *p, enum study_target target, const struct heat_medium *medium, double reference, int64_t i)
{
	double flow, supply, back;

	if (target == STUDY_ELECTRIC)
		return permitted_electric(p->settings, reference);
	if (!p->column[ROLE_FLOW] || !p->column[ROLE_SUPPLY] || !p->column[ROLE_RETURN])
		return NAN;
	flow = p->column[ROLE_FLOW][i];
	supply = p->column[ROLE_SUPPLY][i];
	back = p->column[ROLE_RETURN][i];
	return permitted_heat(p->settings, flow, supply - back, heat_coefficient(medium, supply, back));
}

struct day_means {
	double outside, outside_s, permitted, permitted_s;
};

static void fill_row(struct comparison *c, struct comparison_day *d, const struct study_pump *p, const struct comparison_rows *rows, int64_t i,
	int hour)
{
	double reference = rows->reference[i], estimate = rows->estimate[i], step = p->step[i];
	double outside = p->column[ROLE_OUTSIDE] ? p->column[ROLE_OUTSIDE][i] : NAN;
	int power = bin(reference, 0, POWER_BIN_W, POWER_BINS), warmth = bin(outside, TEMPERATURE_FIRST, TEMPERATURE_BIN_K, TEMPERATURE_BINS);

	error_sums_add(&d->regime[rows->regime[i]], reference, estimate, step);
	if (rows->level[i] >= 0)
		error_sums_add(&d->level[rows->level[i]], reference, estimate, step);
	error_sums_add(&c->power[power], reference, estimate, step);
	error_sums_add(&c->hour[hour], reference, estimate, step);
	if (!isnan(outside)) {
		error_sums_add(&c->temperature[warmth], reference, estimate, step);
		error_sums_add(&c->point[power][warmth], reference, estimate, step);
	}
	d->covered += step;
}

static void end_day(struct comparison_day *d, const struct day_means *m)
{
	d->outside = m->outside_s > 0 ? m->outside / m->outside_s : NAN;
	d->permitted_j = m->permitted_s > 0 ? m->permitted / m->permitted_s * d->covered : NAN;
}

static int fill_rows(struct comparison *c, const struct study *study, const struct study_pump *p, const struct comparison_rows *rows,
	enum study_target target, struct error *e)
{
	const struct meters_settings *s = p->settings;
	const struct calendar *cal = &study->calendar;
	struct heat_medium medium;
	struct day_means mean = {0};
	int day = 0;

	if (heat_medium(&medium, (enum heat_convention)s->convention, (enum heat_sensor)s->flow_sensor, s->pressure, s->rho_cp, s->fluid, e) < 0)
		return -1;
	for (int64_t i = 0; i < p->rows; i++) {
		double permitted, outside;

		c->rows_by_reason[rows->reason[i]]++;
		c->seconds_by_reason[rows->reason[i]] += p->step[i];
		while (day + 1 < cal->days && p->time[i] >= cal->day[day].end) {
			end_day(&c->day[day++], &mean);
			mean = (struct day_means){0};
		}
		if (rows->reason[i] != INCLUDED)
			continue;
		fill_row(c, &c->day[day], p, rows, i, calendar_hour(cal, day, p->time[i]));
		permitted = permitted_of(p, target, &medium, rows->reference[i], i);
		mean.permitted += isnan(permitted) ? 0 : permitted * p->step[i];
		mean.permitted_s += isnan(permitted) ? 0 : p->step[i];
		outside = p->column[ROLE_OUTSIDE] ? p->column[ROLE_OUTSIDE][i] : NAN;
		mean.outside += isnan(outside) ? 0 : outside * p->step[i];
		mean.outside_s += isnan(outside) ? 0 : p->step[i];
	}
	end_day(&c->day[day], &mean);
	return 0;
}

/* Rows as they are where they are about 15 s apart; finer ones in buckets. */
static void fill_samples(struct comparison *c, const struct study *study, const struct study_pump *p, const struct comparison_rows *rows,
	double covered)
{
	if (p->spacing < SAMPLE_LEAST) {
		fill_span(c, study, p, rows, SPAN_SAMPLE, covered);
		return;
	}
	for (int d = 0; d < c->days; d++)
		for (int r = 0; r < REGIMES; r++)
			error_sums_join(&c->day[d].span[SPAN_SAMPLE], &c->day[d].regime[r]);
}

static void count_notes(struct comparison *c, const struct comparison_rows *rows, const struct model *model)
{
	for (int64_t i = 0; i < rows->rows; i++) {
		uint16_t notes = rows->notes[i];

		if (rows->reason[i] != INCLUDED || notes == 0)
			continue;
		c->floored += (notes & MODEL_NOTE_FLOORED) != 0;
		c->outside_range += (notes & MODEL_NOTE_OUTSIDE) != 0;
		for (int r = 0; r < model->rules; r++)
			c->rule_used[r] += notes >> r & 1;
	}
}

/* The register at both midnights: energy without any sampling, where nothing happened to it in between. */
static void fill_registers(struct comparison *c, const struct calendar *cal, const struct study_pump *p, enum study_target target)
{
	const struct study_series *s = target == STUDY_ELECTRIC ? &p->electric_register : &p->heat_register;

	if (s->n < 2)
		return;
	for (int d = 0; d < c->days; d++) {
		double start = cal->day[d].start, length = cal->day[d].end - start, power;

		study_slope(s, &start, &length, 1, 0, p->settings->bridge, &power);
		c->day[d].register_j = (power - (target == STUDY_ELECTRIC ? p->own_w : 0)) * length;
	}
}

static double permitted_share(const struct comparison *c)
{
	double permitted = 0, reference = 0;

	for (int d = 0; d < c->days; d++) {
		struct error_sums all = {0};

		for (int r = 0; r < REGIMES; r++)
			error_sums_join(&all, &c->day[d].regime[r]);
		if (all.n == 0)
			continue;
		if (isnan(c->day[d].permitted_j))
			return NAN;
		permitted += c->day[d].permitted_j;
		reference += fabs(all.reference_j);
	}
	return reference > 0 ? 100 * permitted / reference : NAN;
}

static int compare(struct comparison *c, const struct study *study, const struct study_pump *p, const struct model *model,
	struct comparison_rows *rows, const struct comparison_rules *rules, struct error *e)
{
	enum study_target target = comparison_target(model);

	if (fill_rows(c, study, p, rows, target, e) < 0)
		return -1;
	fill_samples(c, study, p, rows, rules->covered);
	for (int s = SPAN_5MIN; s < SPANS; s++)
		fill_span(c, study, p, rows, (enum span)s, rules->covered);
	count_notes(c, rows, model);
	fill_registers(c, &study->calendar, p, target);
	comparison_events(c, p, rows);
	c->permitted = permitted_share(c);
	c->there = c->rows_by_reason[INCLUDED] > 0;
	if (!c->there)
		snprintf(c->why, sizeof(c->why), "%s: no row has a value of the model and of the reference (%lld rows: %lld without a value of the model, %lld "
			"without one of the reference)", p->name, (long long)p->rows, (long long)c->rows_by_reason[EXCLUDED_INPUTS],
			(long long)c->rows_by_reason[EXCLUDED_REFERENCE]);
	return 0;
}

int comparison_make(struct comparison *out, const struct study *study, int pump, const struct model *model, int number,
	const struct comparison_rules *rules, struct error *e)
{
	const struct study_pump *p = &study->pump[pump];
	struct comparison c = {.pump = pump, .model = number, .permitted = NAN, .acf_spacing = NAN, .skew = {.skew = NAN, .u = NAN, .rmse_before = NAN, .rmse_after = NAN}};
	struct comparison_rows rows = {.rows = 0};
	struct error why = ERROR_INIT;

	if (comparison_allocate(&c, study->calendar.days, study->calendar.days * CALENDAR_HOURS, e) < 0 || comparison_rows_make(&rows, p->rows, e) < 0)
		goto fail;
	if (!comparison_has_reference(p, comparison_target(model), c.why, sizeof(c.why)))
		goto out;
	if (comparison_estimates(&rows, p, model, NULL, &why) < 0) {
		if (why.code == ERROR_SYSTEM) {
			error_set(e, why.code, "%s", why.text);
			goto fail;
		}
		text_copy(c.why, sizeof(c.why), why.text);
		goto out;
	}
	c.skew = comparison_find_skew(p, comparison_target(model), &rows, rules);
	comparison_references(&rows, p, comparison_target(model), -c.skew.applied, &rules->regime);
	if (compare(&c, study, p, model, &rows, rules, e) < 0)
		goto fail;
out:
	comparison_rows_free(&rows);
	*out = c;
	return 0;
fail:
	comparison_rows_free(&rows);
	comparison_free(&c);
	return -1;
}

void comparison_free(struct comparison *c)
{
	free(c->day);
	free(c->residual);
	free(c->pair_reference);
	free(c->pair_estimate);
	free(c->pair_day);
	*c = (struct comparison){.pump = -1};
}

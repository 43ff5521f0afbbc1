/*
 * study_made.h - a study filled by hand, without runs: what comes of it is known, the rest of the program is not needed.
 *
 * Heat pumps switch on and off by the hour and read consistently high or low by their number.
 */
#ifndef HEATBENCH_TESTS_ACCURACY_STUDY_MADE_H
#define HEATBENCH_TESTS_ACCURACY_STUDY_MADE_H

#include "tests/check.h"

#include "analytics/accuracy/parts.h"
#include "analytics/core/rng.h"
#include "daq/base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define MADE_START 1711752000.0 /* 2024-03-29 23:00 UTC: midnight in Amsterdam, two days before the clocks change */
#define MADE_STEP 60.0

struct made {
	int pumps, days, models; /* the last model is one of heat where there are more than one */
	double bias;		 /* % of all heat pumps */
	const char *origin;	 /* unused by the report; for the reader */
};

static inline void made_metrics_unknown(struct comparison *c)
{
	const struct interval unknown = {NAN, NAN, NAN};

	for (int s = 0; s < SPANS; s++)
		for (int m = 0; m < METRICS; m++)
			c->metric[s][m] = unknown;
	for (int r = 0; r < REGIMES; r++) {
		for (int m = 0; m < METRICS; m++)
			c->regime[r][m] = unknown;
		c->share_time[r] = c->share_square[r] = unknown;
	}
	c->permitted = c->acf_spacing = NAN;
	c->skew = (struct comparison_skew){.skew = NAN, .u = NAN, .rmse_before = NAN, .rmse_after = NAN, .why = "no step to tell it by"};
	for (int k = 0; k <= LAGS; k++)
		c->acf[k] = NAN;
}

static inline struct comparison made_empty(int pump, int model, int days)
{
	struct comparison c = {.pump = pump, .model = model, .days = days};

	made_metrics_unknown(&c);
	c.day = calloc((size_t)days, sizeof(*c.day));
	c.residual = malloc((size_t)days * 24 * sizeof(double));
	c.pair_reference = calloc((size_t)days * 26, sizeof(double));
	c.pair_estimate = calloc((size_t)days * 26, sizeof(double));
	c.pair_day = calloc((size_t)days * 26, sizeof(int));
	for (int i = 0; i < days * 24; i++)
		c.residual[i] = NAN;
	for (int d = 0; d < days; d++)
		c.day[d].permitted_j = c.day[d].register_j = c.day[d].outside = NAN;
	return c;
}

static inline enum regime made_regime(double reference, bool switched)
{
	return switched ? REGIME_TRANSITION : reference < 30 ? REGIME_OFF : reference < 700 ? REGIME_LOW : reference < 1400 ? REGIME_MIDDLE : REGIME_HIGH;
}

static inline int made_bin(double x, double first, double width, int bins)
{
	int k = (int)floor((x - first) / width);

	return k < 0 ? 0 : k >= bins ? bins - 1 : k;
}

/* One mean over some time into all that keeps it. */
static inline void made_hour(struct comparison *c, int day, int hour, const double *sum, int n)
{
	struct comparison_day *d = &c->day[day];
	double reference = sum[0] / n, estimate = sum[1] / n;

	error_sums_add(&d->span[SPAN_HOUR], reference, estimate, 3600);
	c->residual[day * 24 + hour % 24] = estimate - reference;
	c->pair_reference[c->pairs] = reference;
	c->pair_estimate[c->pairs] = estimate;
	c->pair_day[c->pairs++] = day;
}

static inline void made_row(struct comparison *c, int day, int hour, double reference, double estimate, double outside, bool switched)
{
	struct comparison_day *d = &c->day[day];
	int power = made_bin(reference, 0, POWER_BIN_W, POWER_BINS), warmth = made_bin(outside, TEMPERATURE_FIRST, TEMPERATURE_BIN_K, TEMPERATURE_BINS);

	error_sums_add(&d->span[SPAN_SAMPLE], reference, estimate, MADE_STEP);
	error_sums_add(&d->regime[made_regime(reference, switched)], reference, estimate, MADE_STEP);
	error_sums_add(&d->level[hour % 11 ? 2 : 1], reference, estimate, MADE_STEP);
	error_sums_add(&c->power[power], reference, estimate, MADE_STEP);
	error_sums_add(&c->temperature[warmth], reference, estimate, MADE_STEP);
	error_sums_add(&c->point[power][warmth], reference, estimate, MADE_STEP);
	error_sums_add(&c->hour[hour % 24], reference, estimate, MADE_STEP);
	d->covered += MADE_STEP;
}

static inline void made_event(struct comparison *c, const struct calendar *cal, int i)
{
	struct comparison_event *e = &c->event[i];

	*e = (struct comparison_event){.pump = c->pump, .time = cal->day[i % c->days].start + 3600.0 * (5 + 2 * i) + 40 * c->pump, .seconds = 90,
		.reference = 1800, .estimate = 2300 + 30 * i - 20 * c->pump, .outside = i ? 3.5 : NAN, .regime = REGIME_TRANSITION, .share = 0.02 / (i + 1), .n = TRACE};
	for (int k = 0; k < TRACE; k++) {
		e->at[k] = (k - 60) * 15;
		e->r[k] = k > 100 && k < 106 ? NAN : k < 60 ? 35 : 1800 + 10 * sin(k);
		e->m[k] = k > 100 && k < 106 ? NAN : k < 57 ? 40 : 1850;
	}
	c->events = i + 1;
}

static inline struct comparison made_comparison(const struct calendar *cal, int pump, int model, double gain)
{
	struct comparison c = made_empty(pump, model, cal->days);
	struct rng rng = rng_seeded((uint64_t)(100 * model + pump + 1));
	double noise = 0;

	for (int day = 0; day < c.days; day++) {
		double day_gain = gain + 0.4 * rng_normal(&rng), load = 400 + 1500 * rng_uniform(&rng), sums[2] = {0, 0};
		int hours = (int)((cal->day[day].end - cal->day[day].start) / 3600);

		for (int hour = 0; hour < hours; hour++) {
			double sum[2] = {0, 0}, outside = 4 + 5 * sin(hour / 3.8) + rng_normal(&rng);
			double level = (hour + pump) % 5 == 0 ? 12 : load * (0.7 + 0.6 * rng_uniform(&rng));

			for (int k = 0; k < 60; k++) {
				double reference = level + 4 * rng_normal(&rng), estimate;
				bool switched = k == 0 && hour % 5 < 2;

				noise = 0.6 * noise + 5 * rng_normal(&rng);
				estimate = reference * (1 + day_gain / 100) + (reference > 30 ? noise : 0.2 * noise) + (switched ? 120 * rng_normal(&rng) : 0) - 1;
				made_row(&c, day, hour, reference, estimate, outside, switched);
				sum[0] += reference;
				sum[1] += estimate;
				if (k % 5 == 4)
					error_sums_add(&c.day[day].span[SPAN_5MIN], reference, estimate, 300);
				if (k % 15 == 14)
					error_sums_add(&c.day[day].span[SPAN_15MIN], reference, estimate, 900);
			}
			made_hour(&c, day, hour, sum, 60);
			sums[0] += sum[0] / 60;
			sums[1] += sum[1] / 60;
		}
		error_sums_add(&c.day[day].span[SPAN_DAY], sums[0] / hours, sums[1] / hours, 3600.0 * hours);
		c.day[day].permitted_j = 0.008 * c.day[day].span[SPAN_SAMPLE].reference_j;
		c.day[day].register_j = c.day[day].span[SPAN_SAMPLE].reference_j * 1.001;
		c.day[day].outside = 4;
	}
	return c;
}

static inline void made_rest(struct comparison *c, const struct calendar *cal)
{
	c->there = true;
	c->permitted = 0.8;
	c->seconds_by_reason[INCLUDED] = 86400.0 * c->days;
	c->seconds_by_reason[EXCLUDED_INPUTS] = 1800;
	c->rows_by_reason[INCLUDED] = 1440 * c->days;
	c->rows_by_reason[EXCLUDED_GAP] = 2;
	c->acf_spacing = 15;
	for (int k = 0; k <= LAGS; k++)
		c->acf[k] = exp(-k / (8.0 + 4 * c->pump)) * (0.5 + 0.05 * c->pump) + 0.02 * cos(k / 9.0);
	c->skew = (struct comparison_skew){.known = true, .skew = 2.2 + 0.7 * c->pump, .u = 0.1, .rmse_before = 44, .rmse_after = 15 + c->pump, .applied = 2.2 + 0.7 * c->pump, .n = 161};
	for (int k = 0; k < 161; k++) {
		c->skew.at[k] = (k - 80) / 4.0;
		c->skew.rmse[k] = hypot(15 + c->pump, 9 * (c->skew.at[k] - c->skew.skew));
	}
	for (int i = 0; i < WORST; i++)
		made_event(c, cal, i);
}

static inline void made_study(struct accuracy *a, const struct made *how)
{
	struct error e = ERROR_INIT;
	struct study *s = &a->study;

	s->runs = 1;
	s->run = calloc(1, sizeof(*s->run));
	s->pumps = how->pumps;
	s->pump = calloc((size_t)how->pumps, sizeof(*s->pump));
	must(calendar_make(&s->calendar, "Europe/Amsterdam", MADE_START, MADE_START + 86400.0 * how->days - 7200, &e));
	text_copy(s->run->path, sizeof(s->run->path), "/results/20240329-meters-made");
	text_copy(s->run->bench, sizeof(s->run->bench), "meters");
	text_copy(s->run->label, sizeof(s->run->label), "<made> & \"quoted\"");
	text_copy(s->run->boundary, sizeof(s->run->boundary), "heat pump and its socket");
	s->run->origin = ORIGIN_MEASURED;
	s->run->settings = meters_settings_default();
	s->run->settings.electric_class = METERS_ELECTRIC_C;
	s->run->settings.heat_class = 2;
	s->run->settings.qp = 1.5;
	s->run->from = s->calendar.day[0].start;
	s->run->to = s->calendar.day[s->calendar.days - 1].end;
	for (int i = 0; i < how->pumps; i++) {
		struct study_pump *p = &s->pump[i];

		snprintf(p->name, sizeof(p->name), "hp%d", i + 1);
		snprintf(p->serial, sizeof(p->serial), "SN%03d", i + 1);
		p->spacing = 15;
		p->own_w = i ? 0 : 10.07;
		p->settings = &s->run->settings;
		p->electric.n = 2;
		p->heat.n = i ? 2 : 0;
	}
}

static inline void made_models(struct accuracy *a, const struct made *how)
{
	static const char *const names[] = {"electricity", "electricity-no-heater-flag", "heat-en1434"};

	a->models = how->models;
	for (int m = 0; m < how->models; m++) {
		struct accuracy_model *model = &a->model[m];
		bool heat = m > 0 && m == how->models - 1;

		text_copy(model->model.name, sizeof(model->model.name), names[heat ? 2 : m % 2]);
		text_copy(model->model.version, sizeof(model->model.version), "1");
		text_copy(model->model.unit, sizeof(model->model.unit), "W");
		text_copy(model->digest, sizeof(model->digest), "0123456789abcdef");
		text_copy(model->file, sizeof(model->file), "models/made.json");
		model->model.target = heat ? MODEL_HEAT_POWER : MODEL_ELECTRIC_POWER;
		model->model.level = MODEL_ALL_INPUTS;
		model->model.floor = NAN;
	}
}

/* Heat pump 1 has no heat meter. */
static inline void made_compare(struct accuracy *a, const struct made *how)
{
	const struct comparison_resampling resampling = {.replicates = 400, .seed = 1, .level = 0.95};
	int pumps = a->study.pumps;
	struct error e = ERROR_INIT;

	a->comparison = calloc((size_t)(a->models * (pumps + 1)), sizeof(*a->comparison));
	for (int m = 0; m < a->models; m++) {
		struct comparison *of = &a->comparison[m * (pumps + 1)];

		for (int p = 0; p < pumps; p++) {
			bool none = p == 0 && a->model[m].model.target == MODEL_HEAT_POWER;

			of[p] = none ? made_empty(p, m, a->study.calendar.days) : made_comparison(&a->study.calendar, p, m, how->bias + 1.6 * (p - (pumps - 1) / 2.0) / pumps + m);
			if (none)
				snprintf(of[p].why, sizeof(of[p].why), "it has no heat meter");
			else
				made_rest(&of[p], &a->study.calendar);
			must(comparison_intervals(&of[p], &resampling, &e));
		}
		must(comparison_join(&of[pumps], of, pumps, &e));
		must(comparison_intervals(&of[pumps], &resampling, &e));
		accuracy_spread_make(&a->spread[m], of, pumps);
		must(accuracy_agreement_make(&a->agreement[m], of, pumps, &e));
		a->comparisons += pumps + 1;
	}
}

static inline void made_parts(struct accuracy *a)
{
	const struct comparison_resampling resampling = {.replicates = 400, .seed = 1, .level = 0.95};
	int pumps = a->study.pumps, heat = a->models - 1;
	struct error e = ERROR_INIT;

	a->variant = calloc(2, sizeof(*a->variant));
	a->variants = 2;
	a->variant[0] = (struct accuracy_variant){.model = 0, .input = "bottom_plate_heater", .there = true, .how = "by cold_probability", .energy = 0.4, .nmbe = 0.4,
		.rmse = 26, .energy_cost = 0.2, .rmse_cost = 9, .level = 1};
	a->variant[1] = (struct accuracy_variant){.model = 0, .input = "ac_current", .how = "no value without it", .energy = NAN, .nmbe = NAN, .rmse = NAN,
		.energy_cost = NAN, .rmse_cost = NAN};
	if (heat == 0)
		return;
	a->heat = calloc((size_t)pumps, sizeof(*a->heat));
	a->cop = calloc((size_t)pumps + 1, sizeof(*a->cop));
	for (int p = 0; p < pumps; p++) {
		a->heat[a->heats++] = (struct accuracy_heat){.there = p > 0, .why = "it has no heat meter", .pump = p, .model = heat, .seconds = 3e5, .reference_j = 1e9,
			.estimate_j = 1.03e9, .flow_j = 1.5e7, .temperature_j = 1.2e7, .both_j = 2e5, .convention_j = 2.8e6, .meter_j = 0, .flow_bias = 1.5, .dt_bias = 0.06};
		must(accuracy_cop_make(&a->cop[a->cops], accuracy_comparison(a, 0, p), accuracy_comparison(a, heat, p), &resampling, &e));
		a->cop[a->cops++].pump = p;
	}
}

static inline void made(struct accuracy *a, const struct made *how)
{
	*a = (struct accuracy){.settings = accuracy_settings_default()};
	a->settings.bootstrap = 400;
	text_copy(a->command, sizeof(a->command), "heatbench accuracy made --model models/made.json");
	made_study(a, how);
	made_models(a, how);
	made_compare(a, how);
	made_parts(a);
}

#endif

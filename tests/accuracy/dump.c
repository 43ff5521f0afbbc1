/*
 * dump RUN MODEL... [key=value ...]: one study with every number it is made of, all digits, as JSON. For those who reckon it again.
 *	zone=Europe/Amsterdam exclude=FILE set=KEY=VALUE[,...] rows=1 production=1 bootstrap=2000 skew=2.5
 */
#include "analytics/accuracy/parts.h"
#include "analytics/accuracy/rows.h"
#include "daq/base/error.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *number(double v)
{
	return isfinite(v) ? json_real(v) : json_null();
}

static json_t *numbers(const double *v, int64_t n)
{
	json_t *out = json_array();

	for (int64_t i = 0; i < n; i++)
		json_array_append_new(out, number(v[i]));
	return out;
}

static json_t *bytes(const uint8_t *v, int64_t n)
{
	json_t *out = json_array();

	for (int64_t i = 0; i < n; i++)
		json_array_append_new(out, json_integer((signed char)v[i]));
	return out;
}

static void put(json_t *to, const char *key, double v)
{
	json_object_set_new(to, key, number(v));
}

static json_t *sums(const struct error_sums *s, int64_t n)
{
	json_t *out = json_array();

	for (int64_t i = 0; i < n; i++)
		json_array_append_new(out, numbers(&s[i].n, ERROR_SUMS));
	return out;
}

static json_t *days(const struct comparison *c)
{
	json_t *out = json_array();

	for (int d = 0; d < c->days; d++) {
		const struct comparison_day *day = &c->day[d];
		json_t *o = json_object();

		json_object_set_new(o, "span", sums(day->span, SPANS));
		json_object_set_new(o, "regime", sums(day->regime, REGIMES));
		json_object_set_new(o, "level", sums(day->level, 3));
		put(o, "covered", day->covered);
		put(o, "permitted_j", day->permitted_j);
		put(o, "register_j", day->register_j);
		put(o, "outside", day->outside);
		json_array_append_new(out, o);
	}
	return out;
}

static json_t *skew(const struct comparison_skew *s)
{
	json_t *o = json_object();

	put(o, "skew", s->known ? s->skew : NAN);
	put(o, "u", s->u);
	put(o, "applied", s->applied);
	put(o, "rmse_before", s->rmse_before);
	put(o, "rmse_after", s->rmse_after);
	json_object_set_new(o, "why", json_string(s->why));
	return o;
}

static json_t *events(const struct comparison *c)
{
	json_t *out = json_array();

	for (int i = 0; i < c->events; i++) {
		const struct comparison_event *ev = &c->event[i];
		double v[] = {ev->time, ev->seconds, ev->reference, ev->estimate, ev->outside, ev->regime, ev->share};

		json_array_append_new(out, numbers(v, sizeof(v) / sizeof(*v)));
	}
	return out;
}

static json_t *comparison(const struct comparison *c)
{
	json_t *o = json_object();
	json_t *metric = json_array();

	json_object_set_new(o, "pump", json_integer(c->pump));
	json_object_set_new(o, "model", json_integer(c->model));
	json_object_set_new(o, "there", json_boolean(c->there));
	json_object_set_new(o, "why", json_string(c->why));
	json_object_set_new(o, "skew", skew(&c->skew));
	json_object_set_new(o, "days", days(c));
	json_object_set_new(o, "point", sums(&c->point[0][0], POWER_BINS * TEMPERATURE_BINS));
	json_object_set_new(o, "power", sums(c->power, POWER_BINS));
	json_object_set_new(o, "temperature", sums(c->temperature, TEMPERATURE_BINS));
	json_object_set_new(o, "hour", sums(c->hour, 24));
	json_object_set_new(o, "residual", numbers(c->residual, (int64_t)c->days * 24));
	json_object_set_new(o, "acf", numbers(c->acf, LAGS + 1));
	json_object_set_new(o, "seconds_by_reason", numbers(c->seconds_by_reason, EXCLUSIONS));
	put(o, "permitted", c->permitted);
	put(o, "energy_se", c->energy_se);
	put(o, "floored", (double)c->floored);
	for (int s = 0; s < SPANS; s++)
		for (int m = 0; m < METRICS; m++)
			json_array_append_new(metric, numbers(&c->metric[s][m].value, 3));
	json_object_set_new(o, "metric", metric);
	json_object_set_new(o, "pair_reference", numbers(c->pair_reference, c->pairs));
	json_object_set_new(o, "pair_estimate", numbers(c->pair_estimate, c->pairs));
	json_object_set_new(o, "events", events(c));
	return o;
}

/* Estimates, references, regimes of a heat pump, with the skew as applied. */
static json_t *rows(const struct accuracy *a, int model, int pump, struct error *e)
{
	const struct comparison *c = accuracy_comparison(a, model, pump);
	const struct study_pump *p = &a->study.pump[pump];
	struct comparison_rows r;
	struct regime_rules rules = {a->settings.step, a->settings.on, a->settings.off, a->settings.startup, a->settings.middle, a->settings.high};
	json_t *o = json_object();

	if (!c->there || comparison_rows_make(&r, p->rows, e) < 0)
		return o;
	if (comparison_estimates(&r, p, &a->model[model].model, NULL, e) == 0) {
		comparison_references(&r, p, comparison_target(&a->model[model].model), -c->skew.applied, &rules);
		json_object_set_new(o, "time", numbers(p->time, p->rows));
		json_object_set_new(o, "step", numbers(p->step, p->rows));
		json_object_set_new(o, "estimate", numbers(r.estimate, p->rows));
		json_object_set_new(o, "reference", numbers(r.reference, p->rows));
		json_object_set_new(o, "regime", bytes(r.regime, p->rows));
		json_object_set_new(o, "level", bytes((const uint8_t *)r.level, p->rows));
		json_object_set_new(o, "reason", bytes(r.reason, p->rows));
	}
	comparison_rows_free(&r);
	return o;
}

static json_t *across(const struct accuracy *a)
{
	json_t *out = json_array();

	for (int m = 0; m < a->models; m++) {
		const struct accuracy_spread *s = &a->spread[m];
		const struct accuracy_agreement *g = &a->agreement[m];
		json_t *o = json_object();
		double spread[] = {s->n, s->mean, s->sd, s->tolerance_k, s->tolerance_low, s->tolerance_high, s->prediction_low, s->prediction_high,
			s->unit_sd, s->within_sd, s->common, s->common_low, s->common_high, s->heterogeneity};
		double agreement[] = {g->pairs, g->subjects, g->bias, g->sd, g->within_sd, g->between_sd, g->lower.value, g->lower.low, g->lower.high,
			g->upper.value, g->upper.low, g->upper.high, g->slope.value, g->slope.low, g->slope.high, g->intercept.value, g->intercept.low,
			g->intercept.high};

		json_object_set_new(o, "spread", numbers(spread, sizeof(spread) / sizeof(*spread)));
		json_object_set_new(o, "agreement", numbers(agreement, sizeof(agreement) / sizeof(*agreement)));
		json_array_append_new(out, o);
	}
	return out;
}

static json_t *heats(const struct accuracy *a)
{
	json_t *out = json_array();

	for (int i = 0; i < a->heats; i++) {
		const struct accuracy_heat *h = &a->heat[i];
		double v[] = {h->model, h->pump, h->seconds, h->reference_j, h->estimate_j, h->flow_j, h->temperature_j, h->both_j, h->convention_j,
			h->meter_j, h->flow_bias, h->dt_bias};

		json_array_append_new(out, numbers(v, sizeof(v) / sizeof(*v)));
	}
	return out;
}

static json_t *cops(const struct accuracy *a)
{
	json_t *out = json_array();

	for (int i = 0; i < a->cops; i++) {
		const struct accuracy_cop *c = &a->cop[i];
		json_t *o = json_object(), *d = json_array();

		json_object_set_new(o, "pump", json_integer(c->pump));
		put(o, "reference", c->reference.value);
		put(o, "estimate", c->estimate.value);
		put(o, "error", c->error.value);
		for (int k = 0; k < c->days; k++) {
			double v[] = {c->day[k].day, c->day[k].reference, c->day[k].estimate, c->day[k].permitted};

			json_array_append_new(d, numbers(v, 4));
		}
		json_object_set_new(o, "days", d);
		json_array_append_new(out, o);
	}
	return out;
}

static json_t *variants(const struct accuracy *a)
{
	json_t *out = json_array();

	for (int i = 0; i < a->variants; i++) {
		const struct accuracy_variant *v = &a->variant[i];
		json_t *o = json_object();

		json_object_set_new(o, "model", json_integer(v->model));
		json_object_set_new(o, "input", json_string(v->input));
		json_object_set_new(o, "there", json_boolean(v->there));
		put(o, "energy", v->energy);
		put(o, "nmbe", v->nmbe);
		put(o, "rmse", v->rmse);
		put(o, "energy_cost", v->energy_cost);
		put(o, "rmse_cost", v->rmse_cost);
		put(o, "level", v->level);
		json_array_append_new(out, o);
	}
	return out;
}

static json_t *productions(const struct accuracy *a)
{
	json_t *out = json_array();

	for (int i = 0; i < a->productions; i++) {
		const struct accuracy_production *p = &a->production[i];
		double v[] = {p->model, p->pump, p->old_wh, p->new_wh, p->reference_wh, p->gaps_wh, p->zeros_s};
		json_t *o = json_object();

		json_object_set_new(o, "totals", numbers(v, sizeof(v) / sizeof(*v)));
		json_object_set_new(o, "hour", numbers(p->hour, p->hours));
		json_object_set_new(o, "wh", numbers(p->wh, p->hours));
		json_array_append_new(out, o);
	}
	return out;
}

static json_t *everything(const struct accuracy *a, bool with_rows, struct error *e)
{
	json_t *o = json_object(), *comparisons = json_array(), *row = json_array(), *pump = json_array();

	for (int i = 0; i < a->comparisons; i++)
		json_array_append_new(comparisons, comparison(&a->comparison[i]));
	for (int m = 0; with_rows && m < a->models; m++)
		for (int p = 0; p < a->study.pumps; p++)
			json_array_append_new(row, rows(a, m, p, e));
	for (int p = 0; p < a->study.pumps; p++)
		json_array_append_new(pump, json_string(a->study.pump[p].name));
	json_object_set_new(o, "pumps", pump);
	json_object_set_new(o, "models", json_integer(a->models));
	json_object_set_new(o, "scans", json_integer(a->study.scans));
	put(o, "load_s", a->load_s);
	put(o, "compute_s", a->compute_s);
	json_object_set_new(o, "comparisons", comparisons);
	json_object_set_new(o, "rows", row);
	json_object_set_new(o, "across", across(a));
	json_object_set_new(o, "heats", heats(a));
	json_object_set_new(o, "cops", cops(a));
	json_object_set_new(o, "variants", variants(a));
	json_object_set_new(o, "productions", productions(a));
	return o;
}

struct arguments {
	const char *path[STUDY_RUNS + ACCURACY_MODELS];
	int paths;
	struct accuracy_settings settings;
	struct study_options options;
	struct exclusion_list exclude;
	bool rows, production;
};

static int take(struct arguments *a, char *word, struct error *e)
{
	char *equals = strchr(word, '=');

	if (!equals) {
		a->path[a->paths++] = word;
		return 0;
	}
	*equals++ = 0;
	if (strcmp(word, "zone") == 0)
		a->options.zone = equals;
	else if (strcmp(word, "set") == 0)
		a->options.set = equals;
	else if (strcmp(word, "rows") == 0)
		a->rows = true;
	else if (strcmp(word, "production") == 0)
		a->production = true;
	else if (strcmp(word, "bootstrap") == 0)
		a->settings.bootstrap = (int)strtol(equals, NULL, 10);
	else if (strcmp(word, "skew") == 0)
		a->settings.skew = strtod(equals, NULL);
	else if (strcmp(word, "exclude") == 0)
		return exclusion_read(&a->exclude, equals, e);
	else
		return error_set(e, ERROR_USAGE, "what is %s?", word);
	return 0;
}

int main(int argc, char **argv)
{
	static struct arguments a;
	static struct accuracy study;
	struct error e = ERROR_INIT;
	json_t *all = NULL;
	int result = 2;

	a.settings = accuracy_settings_default();
	a.options.exclude = &a.exclude;
	for (int i = 1; i < argc; i++)
		if (take(&a, argv[i], &e) < 0)
			goto out;
	if (a.paths < 2)
		error_set(&e, ERROR_USAGE, "a run and at least one model");
	else if (accuracy_run(&study, a.path, 1, a.path + 1, a.paths - 1, &a.settings, &a.options, a.production, &e) == 0)
		all = everything(&study, a.rows, &e);
	if (all && json_dumpf(all, stdout, JSON_REAL_PRECISION(17) | JSON_COMPACT) == 0)
		result = 0;
out:
	if (e.code)
		fprintf(stderr, "dump: %s\n", e.text);
	json_decref(all);
	accuracy_free(&study);
	exclusion_free(&a.exclude);
	return result;
}

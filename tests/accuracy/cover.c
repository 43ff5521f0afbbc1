/*
 * cover [key=value ...]: plants drawn one after the other, studied, and what the study's intervals said of each, as CSV; then the second
 * moments from which the truth follows (plants.h), as JSON on the last line. tests/accuracy/coverage.py holds them against each other.
 *	first=1 plants=10 days=27 interval=15 pumps=6 memory=0.3 unit_sd=0.02 meter_sd=0.003 missing=0.001 replicates=1000 block=0
 *
 *	U,plant,pump,gain,offset,heater,crankcase,skew,meter_gain,meter_offset,meter_noise	what was injected
 *	I,plant,pump,span,metric,value,low,high		an interval; pump -1: all of them together
 *	S,plant,pump,skew,u				what was found of it; NaN: not found
 *	P,plant,pump,permitted				% of the reference's energy that its class permits
 *	N,plant,n,mean,sd,tolerance_low,tolerance_high,prediction_low,prediction_high	energy errors across heat pumps
 *	D,plant,slope,low,high,bias,sd,lower,upper	agreement of hourly means
 */
#include "tests/accuracy/plants.h"

#include "analytics/accuracy/parts.h"
#include "daq/base/error.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct work {
	struct plant_rules rules;
	int first, plants, replicates, block;
	struct plant plant;
	struct model model;
	struct comparison comparison[PLANT_PUMPS + 1];
	struct plant_moments moments[PLANT_PUMPS][PLANT_SPANS];
};

static const enum span spans[] = {SPAN_SAMPLE, SPAN_HOUR, SPAN_DAY};
static const enum metric metrics[] = {METRIC_BIAS, METRIC_RMSE, METRIC_NMBE, METRIC_CVRMSE, METRIC_ENERGY};

static void add_moments(struct work *w)
{
	for (int p = 0; p < w->rules.pumps; p++)
		for (int s = 0; s < PLANT_SPANS; s++) {
			const struct plant_moments *from = &w->plant.moments[p][s];

			w->moments[p][s].n += from->n;
			for (int i = 0; i < PLANT_Z * PLANT_Z; i++)
				(&w->moments[p][s].zz[0][0])[i] += (&from->zz[0][0])[i];
		}
}

static void print_comparison(const struct comparison *c, int plant)
{
	for (size_t s = 0; s < sizeof(spans) / sizeof(*spans); s++)
		for (size_t m = 0; m < sizeof(metrics) / sizeof(*metrics); m++) {
			const struct interval *i = &c->metric[spans[s]][metrics[m]];

			printf("I,%d,%d,%zu,%s,%.12g,%.12g,%.12g\n", plant, c->pump, s, metric_rows[metrics[m]].name, i->value, i->low, i->high);
		}
	if (c->pump < 0)
		return;
	printf("S,%d,%d,%.12g,%.12g\n", plant, c->pump, c->skew.known ? c->skew.skew : (double)NAN, c->skew.u);
	printf("P,%d,%d,%.12g\n", plant, c->pump, c->permitted);
}

static void print_unit(const struct plant_unit *u, int plant, int pump)
{
	printf("U,%d,%d,%.12g,%.12g,%.12g,%.12g,%.12g,%.12g,%.12g,%.12g\n", plant, pump, u->gain, u->offset, u->heater, u->crankcase, u->skew,
		u->meter_gain, u->meter_offset, u->meter_noise);
}

static void print_across(const struct accuracy_spread *s, const struct accuracy_agreement *a, int plant)
{
	printf("N,%d,%d,%.12g,%.12g,%.12g,%.12g,%.12g,%.12g\n", plant, s->n, s->mean, s->sd, s->tolerance_low, s->tolerance_high,
		s->prediction_low, s->prediction_high);
	printf("D,%d,%.12g,%.12g,%.12g,%.12g,%.12g,%.12g,%.12g\n", plant, a->slope.value, a->slope.low, a->slope.high, a->bias, a->sd,
		a->lower.value, a->upper.value);
}

static int compare(struct work *w, int seed, struct error *e)
{
	struct comparison_resampling how = {.replicates = w->replicates, .block = w->block, .seed = (uint64_t)seed, .level = 0.95};
	const struct accuracy_settings settings = accuracy_settings_default();
	struct comparison_rules rules = accuracy_rules(&settings);
	int pumps = w->rules.pumps;

	for (int p = 0; p < pumps; p++) {
		if (comparison_make(&w->comparison[p], &w->plant.study, p, &w->model, 0, &rules, e) < 0)
			return -1;
		if (!w->comparison[p].there)
			return error_set(e, ERROR_DATA, "%s", w->comparison[p].why);
	}
	if (comparison_join(&w->comparison[pumps], w->comparison, pumps, e) < 0)
		return -1;
	for (int p = 0; p <= pumps; p++)
		if (comparison_intervals(&w->comparison[p], &how, e) < 0)
			return -1;
	return 0;
}

static int study(struct work *w, int seed, struct error *e)
{
	struct accuracy_agreement agreement;
	struct accuracy_spread spread;
	int pumps = w->rules.pumps, result = -1;

	plant_draw(&w->plant, (uint64_t)seed);
	add_moments(w);
	if (compare(w, seed, e) < 0)
		goto out;
	accuracy_spread_make(&spread, w->comparison, pumps);
	if (accuracy_agreement_make(&agreement, w->comparison, pumps, e) < 0)
		goto out;
	for (int p = 0; p < pumps; p++)
		print_unit(&w->plant.unit[p], seed, p);
	for (int p = 0; p <= pumps; p++)
		print_comparison(&w->comparison[p], seed);
	print_across(&spread, &agreement, seed);
	result = 0;
out:
	for (int p = 0; p <= pumps; p++)
		comparison_free(&w->comparison[p]);
	return result;
}

static void print_moments(const struct work *w)
{
	printf("[");
	for (int p = 0; p < w->rules.pumps; p++) {
		printf("%s[", p ? "," : "");
		for (int s = 0; s < PLANT_SPANS; s++) {
			const struct plant_moments *m = &w->moments[p][s];

			printf("%s{\"n\":%.17g,\"zz\":[", s ? "," : "", m->n);
			for (int i = 0; i < PLANT_Z * PLANT_Z; i++)
				printf("%s%.17g", i ? "," : "", (&m->zz[0][0])[i]);
			printf("]}");
		}
		printf("]");
	}
	printf("]\n");
}

static int take(struct work *w, const char *key, const char *value)
{
	const struct {
		const char *key;
		int *whole;
		double *real;
	} rows[] = {{"first", &w->first, NULL}, {"plants", &w->plants, NULL}, {"days", &w->rules.days, NULL}, {"pumps", &w->rules.pumps, NULL},
		{"replicates", &w->replicates, NULL}, {"block", &w->block, NULL}, {"interval", NULL, &w->rules.dt},
		{"memory", NULL, &w->rules.memory}, {"unit_sd", NULL, &w->rules.unit_sd}, {"meter_sd", NULL, &w->rules.meter_sd},
		{"missing", NULL, &w->rules.missing}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (strcmp(rows[i].key, key) != 0)
			continue;
		if (rows[i].whole)
			*rows[i].whole = (int)strtol(value, NULL, 10);
		else
			*rows[i].real = strtod(value, NULL);
		return 0;
	}
	return -1;
}

int main(int argc, char **argv)
{
	static struct work w;
	struct error e = ERROR_INIT;

	w.rules = plant_rules_default();
	w.first = 1;
	w.plants = 10;
	w.replicates = 1000;
	for (int i = 1; i < argc; i++) {
		char *equals = strchr(argv[i], '=');

		if (equals)
			*equals = 0;
		if (!equals || take(&w, argv[i], equals + 1) < 0) {
			fprintf(stderr, "cover: what is %s?\n", argv[i]);
			return 2;
		}
	}
	if (model_load("analytics/accuracy/models/electricity.json", &w.model, &e) < 0 || plant_make(&w.plant, &w.rules, &e) < 0)
		goto fail;
	for (int i = 0; i < w.plants; i++)
		if (study(&w, w.first + i, &e) < 0)
			goto fail;
	print_moments(&w);
	plant_free(&w.plant);
	return fflush(stdout) == 0 ? 0 : 2;
fail:
	fprintf(stderr, "cover: %s\n", e.text);
	plant_free(&w.plant);
	return 2;
}

#include "analytics/accuracy/accuracy.h"

#include "analytics/accuracy/parts.h"
#include "analytics/accuracy/rows.h"
#include "daq/base/error.h"
#include "daq/base/parallel.h"
#include "daq/base/text.h"
#include "daq/store/reader.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct accuracy_settings accuracy_settings_default(void)
{
	struct accuracy_settings s = {.bootstrap = 0};

	settings_defaults(accuracy_settings_rows, &s, NULL);
	return s;
}

const struct comparison *accuracy_comparison(const struct accuracy *a, int model, int pump)
{
	return &a->comparison[model * (a->study.pumps + 1) + (pump < 0 ? a->study.pumps : pump)];
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

struct comparison_rules accuracy_rules(const struct accuracy_settings *s)
{
	bool given = !isnan(s->skew);

	return (struct comparison_rules){.regime = {s->step, s->on, s->off, s->startup, s->middle, s->high},
		.covered = s->covered / 100,
		.skew_from = given ? s->skew : s->skew_from,
		.skew_to = given ? s->skew : s->skew_to,
		.skew_step = s->skew_step};
}

static struct comparison_resampling resampling_of(const struct accuracy_settings *s)
{
	return (struct comparison_resampling){.replicates = s->bootstrap, .block = s->block, .seed = (uint64_t)s->seed, .level = 0.95};
}

static void reported(struct accuracy_model *m, enum model_target target)
{
	m->reported = true;
	m->model = comparison_reported(target);
	text_copy(m->file, sizeof(m->file), "reported");
}

static int load_models(struct accuracy *a, const char *const *file, int files, struct error *e)
{
	for (int i = 0; i < files; i++) {
		bool own = strcmp(file[i], "reported") == 0;
		struct accuracy_model *m = &a->model[a->models];

		if (a->models + 1 + own > ACCURACY_MODELS)
			return error_set(e, ERROR_USAGE, "more than %d models", ACCURACY_MODELS);
		if (own) {
			reported(m, MODEL_ELECTRIC_POWER);
			reported(m + 1, MODEL_HEAT_POWER);
			a->models += 2;
			continue;
		}
		if (model_load(file[i], &m->model, e) < 0 || file_digest(file[i], m->file_digest, e) < 0)
			return -1;
		model_digest(&m->model, m->digest);
		text_copy(m->file, sizeof(m->file), file[i]);
		a->models++;
	}
	return 0;
}

/* What every heat pump against every model, and every missing input, is reckoned with. */
struct reckoning {
	struct accuracy *a;
	struct comparison_rules rules;
	struct comparison_resampling how;
};

static int compare_pump(void *self, int i, struct error *e)
{
	const struct reckoning *r = self;
	struct accuracy *a = r->a;
	int model = i / a->study.pumps, pump = i % a->study.pumps;
	struct comparison *c = &a->comparison[model * (a->study.pumps + 1) + pump];

	return comparison_make(c, &a->study, pump, &a->model[model].model, model, &r->rules, e) < 0 ? -1 : comparison_intervals(c, &r->how, e);
}

static int join_pumps(void *self, int model, struct error *e)
{
	const struct reckoning *r = self;
	struct accuracy *a = r->a;
	int pumps = a->study.pumps;
	struct comparison *of = &a->comparison[model * (pumps + 1)];

	if (comparison_join(&of[pumps], of, pumps, e) < 0 || comparison_intervals(&of[pumps], &r->how, e) < 0)
		return -1;
	accuracy_spread_make(&a->spread[model], of, pumps);
	return accuracy_agreement_make(&a->agreement[model], of, pumps, e);
}

/* Something must be comparable, else nobody needs a report. */
static int check_any(const struct accuracy *a, struct error *e)
{
	for (int m = 0; m < a->models; m++)
		if (accuracy_comparison(a, m, -1)->there)
			return 0;
	return error_set(e, ERROR_DATA, "nothing can be compared: %s", a->models ? accuracy_comparison(a, 0, 0)->why : "no model was given");
}

static int vary(void *self, int i, struct error *e)
{
	const struct reckoning *r = self;
	struct accuracy_variant *v = &r->a->variant[i];
	int model = v->model;

	return accuracy_variant(v, &r->a->study, &r->a->model[model].model, model, v->number, accuracy_comparison(r->a, model, 0), e);
}

static int variants(struct reckoning *r, struct error *e)
{
	struct accuracy *a = r->a;

	a->variant = calloc(ACCURACY_MODELS * MODEL_INPUTS, sizeof(*a->variant));
	if (!a->variant)
		return error_set(e, ERROR_SYSTEM, "no memory for the models without their inputs");
	for (int m = 0; m < a->models; m++)
		for (int i = 0; accuracy_comparison(a, m, -1)->there && i < a->model[m].model.inputs; i++) {
			a->variant[a->variants].model = m;
			a->variant[a->variants++].number = i;
		}
	return parallel_each(a->variants, vary, r, e);
}

static int heats(struct accuracy *a, const struct comparison_rules *rules, struct error *e)
{
	a->heat = calloc((size_t)(a->models * a->study.pumps) + 1, sizeof(*a->heat));
	if (!a->heat)
		return error_set(e, ERROR_SYSTEM, "no memory for the parts of heat");
	for (int m = 0; m < a->models; m++)
		for (int p = 0; a->model[m].model.heat.used && p < a->study.pumps; p++)
			if (accuracy_heat_split(&a->heat[a->heats++], &a->study.pump[p], p, &a->model[m].model, m, accuracy_comparison(a, m, p), rules, e) < 0)
				return -1;
	return 0;
}

/* The first model of each target that could be compared. */
static int first_of(const struct accuracy *a, enum model_target target)
{
	for (int m = 0; m < a->models; m++)
		if (a->model[m].model.target == target && accuracy_comparison(a, m, -1)->there)
			return m;
	return -1;
}

static int cops(struct accuracy *a, const struct comparison_resampling *how, struct error *e)
{
	int electric = first_of(a, MODEL_ELECTRIC_POWER), heat = first_of(a, MODEL_HEAT_POWER);

	if (electric < 0 || heat < 0)
		return 0;
	a->cop = calloc((size_t)a->study.pumps + 1, sizeof(*a->cop));
	if (!a->cop)
		return error_set(e, ERROR_SYSTEM, "no memory for the COP");
	for (int p = -1; p < a->study.pumps; p++) {
		if (accuracy_cop_make(&a->cop[a->cops], accuracy_comparison(a, electric, p), accuracy_comparison(a, heat, p), how, e) < 0)
			return -1;
		a->cop[a->cops++].pump = p;
	}
	return 0;
}

static int productions(struct accuracy *a, struct error *e)
{
	a->production = calloc((size_t)(a->models * a->study.pumps) + 1, sizeof(*a->production));
	if (!a->production)
		return error_set(e, ERROR_SYSTEM, "no memory for the old aggregation");
	for (int m = 0; m < a->models; m++)
		for (int p = 0; p < a->study.pumps; p++)
			if (accuracy_production_make(&a->production[a->productions++], &a->study.pump[p], p, &a->model[m].model, m, accuracy_comparison(a, m, p),
				    a->settings.production_cap, a->study.rows_by_reason[EXCLUDED_BACKWARDS], e) < 0)
				return -1;
	return 0;
}

static int compute(struct accuracy *a, bool as_production, struct error *e)
{
	struct reckoning r = {a, accuracy_rules(&a->settings), resampling_of(&a->settings)};
	int comparisons = a->models * (a->study.pumps + 1);

	a->comparison = calloc((size_t)comparisons + 1, sizeof(*a->comparison));
	if (!a->comparison)
		return error_set(e, ERROR_SYSTEM, "no memory for the comparisons");
	a->comparisons = comparisons; /* one that is still empty is freed as such */
	if (parallel_each(a->models * a->study.pumps, compare_pump, &r, e) < 0 || parallel_each(a->models, join_pumps, &r, e) < 0)
		return -1;
	if (check_any(a, e) < 0 || variants(&r, e) < 0 || heats(a, &r.rules, e) < 0 || cops(a, &r.how, e) < 0)
		return -1;
	return as_production ? productions(a, e) : 0;
}

int accuracy_run(struct accuracy *out, const char *const *run, int runs, const char *const *model, int models,
	const struct accuracy_settings *settings, const struct study_options *options, bool as_production, struct error *e)
{
	struct accuracy *a = out;
	double begun = seconds();

	*a = (struct accuracy){.settings = *settings};
	if (load_models(a, model, models, e) < 0 || study_load(&a->study, run, runs, options, e) < 0)
		goto fail;
	a->load_s = seconds() - begun;
	if (compute(a, as_production, e) < 0)
		goto fail;
	a->compute_s = seconds() - begun - a->load_s;
	return 0;
fail:
	accuracy_free(a);
	return -1;
}

void accuracy_free(struct accuracy *a)
{
	for (int i = 0; i < a->comparisons; i++)
		comparison_free(&a->comparison[i]);
	for (int i = 0; i < a->cops; i++)
		free(a->cop[i].day);
	for (int i = 0; i < a->productions; i++) {
		free(a->production[i].hour);
		free(a->production[i].wh);
	}
	free(a->comparison);
	free(a->variant);
	free(a->heat);
	free(a->cop);
	free(a->production);
	free(a->verdict_row);
	study_free(&a->study);
	*a = (struct accuracy){.models = 0};
}

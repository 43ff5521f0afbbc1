#include "analytics/accuracy/replay_study.h"

#include "analytics/accuracy/rows.h"
#include "daq/base/error.h"
#include "daq/base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int load(struct replay_study *r, struct error *e)
{
	const struct replay_options *o = &r->options;

	/* "reported" means what the other one estimates. */
	if (strcmp(o->old_model, "reported") != 0) {
		if (release_model_load(&r->old, o->old_model, MODEL_ELECTRIC_POWER, e) < 0 ||
			release_model_load(&r->fresh, o->new_model, r->old.model.target, e) < 0)
			return -1;
	} else if (release_model_load(&r->fresh, o->new_model, MODEL_ELECTRIC_POWER, e) < 0 ||
		   release_model_load(&r->old, o->old_model, r->fresh.model.target, e) < 0) {
		return -1;
	}
	if (r->old.model.target != r->fresh.model.target)
		return error_set(e, ERROR_CONFIG, "%s estimates %s and %s estimates %s: nothing to compare", o->old_model,
			model_target_names[r->old.model.target], o->new_model, model_target_names[r->fresh.model.target]);
	if (study_load(&r->study, o->run, o->runs, &o->study, e) < 0)
		return -1;
	for (int i = 0; i < r->study.runs; i++)
		r->incomplete |= r->study.run[i].incomplete;
	return 0;
}

static int make_room(struct replay_study *r, struct error *e)
{
	size_t n = (size_t)r->study.pumps + 1, days = (size_t)r->study.calendar.days;
	bool all = true;

	r->pumps = r->study.pumps;
	r->pump = calloc(n, sizeof(*r->pump));
	r->there = calloc(n, sizeof(*r->there));
	r->why = calloc(n, sizeof(*r->why));
	r->has_reference = calloc(n, sizeof(*r->has_reference));
	r->skew = calloc(n, sizeof(*r->skew));
	for (size_t p = 0; r->pump && p < n; p++) {
		r->pump[p].days = (int)days;
		r->pump[p].day = calloc(days + 1, sizeof(*r->pump[p].day));
		all &= r->pump[p].day != NULL;
	}
	for (int q = 0; q < REPLAY_QUANTITIES; q++) {
		r->metric[q].pair = calloc(n * days + 1, sizeof(*r->metric[q].pair));
		all &= r->metric[q].pair != NULL;
	}
	if (!all || !r->pump || !r->there || !r->why || !r->has_reference || !r->skew)
		return error_set(e, ERROR_SYSTEM, "no memory for %zu heat pumps of %zu days", n - 1, days);
	return 0;
}

/* The two sets of rows of a heat pump; the reference stands in the old one's. */
struct both {
	struct comparison_rows old, fresh;
	int *day;
};

static void free_both(struct both *b)
{
	comparison_rows_free(&b->old);
	comparison_rows_free(&b->fresh);
	free(b->day);
}

/* Regimes without a meter are told from the inputs, with one by its power at the skew of the old estimator. */
static void refer(struct replay_study *r, int pump, struct both *b)
{
	const struct study_pump *p = &r->study.pump[pump];
	enum study_target target = comparison_target(&r->old.model);
	const struct comparison_rules *rules = &r->options.comparison;
	char why[320];

	r->has_reference[pump] = comparison_has_reference(p, target, why, sizeof(why));
	if (r->has_reference[pump])
		r->skew[pump] = comparison_find_skew(p, target, &b->old, rules).applied;
	comparison_references(&b->old, p, target, -r->skew[pump], &rules->regime);
	if (!r->has_reference[pump])
		for (int64_t i = 0; i < p->rows; i++)
			b->old.reference[i] = NAN;
	r->referenced |= r->has_reference[pump];
}

static int replay_pump_rows(struct replay_study *r, int pump, struct error *e)
{
	const struct study_pump *p = &r->study.pump[pump];
	struct both b = {.day = malloc((size_t)(p->rows + 1) * sizeof(int))};
	struct error why = ERROR_INIT;
	int result = -1;

	if (!b.day) {
		error_set(e, ERROR_SYSTEM, "no memory for the rows of %s", p->name);
		goto out;
	}
	if (comparison_rows_make(&b.old, p->rows, e) < 0 || comparison_rows_make(&b.fresh, p->rows, e) < 0)
		goto out;
	if (comparison_estimates(&b.old, p, &r->old.model, NULL, &why) < 0 || comparison_estimates(&b.fresh, p, &r->fresh.model, NULL, &why) < 0) {
		snprintf(r->why[pump], sizeof(*r->why), "%.300s", why.text);
		result = why.code == ERROR_SYSTEM ? error_set(e, ERROR_SYSTEM, "%s", why.text) : 0;
		goto out;
	}
	refer(r, pump, &b);
	for (int64_t i = 0, day = 0; i < p->rows; i++) {
		while (day + 1 < r->study.calendar.days && p->time[i] >= r->study.calendar.day[day].end)
			day++;
		b.day[i] = (int)day;
	}
	replay_add(&r->pump[pump],
		&(struct replay_rows){.rows = p->rows, .time = p->time, .step = p->step, .day = b.day, .old = b.old.estimate, .fresh = b.fresh.estimate,
			.reference = b.old.reference, .outside = p->column[ROLE_OUTSIDE], .old_level = b.old.level, .new_level = b.fresh.level,
			.regime = b.old.regime, .excluded = p->excluded},
		pump);
	r->there[pump] = true;
	result = 0;
out:
	free_both(&b);
	return result;
}

static void add_pair(struct release_metric *m, int unit, int day, double old, double difference)
{
	m->pair[m->pairs++] = (struct release_pair){.unit = unit, .cluster = day, .old_day = day, .old_error = old, .difference = difference};
}

/* One day of a heat pump: its signed error, and the size of it. */
static void pair_day(struct replay_study *r, int pump, int day)
{
	const struct replay_sums *s = &r->pump[pump].day[day];
	const struct calendar_day *c = &r->study.calendar.day[day];
	double covered = (r->referenced ? s->old.seconds : s->seconds) / (c->end - c->start), old, fresh;
	int number = release_day_number(&r->study.calendar, day);

	if (s->n == 0)
		return;
	if (r->referenced && !r->has_reference[pump]) {
		r->without++;
		return;
	}
	if (covered < r->options.comparison.covered) {
		r->uncovered++;
		return;
	}
	if (!r->referenced) {
		if (s->old_j > 0 && s->new_j > 0)
			add_pair(&r->metric[REPLAY_ENERGY], pump, number, NAN, log(s->new_j / s->old_j));
		return;
	}
	if (!(s->old.estimate_j > 0 && s->fresh.estimate_j > 0 && s->old.reference_j > 0))
		return;
	old = log(s->old.estimate_j / s->old.reference_j);
	fresh = log(s->fresh.estimate_j / s->old.reference_j);
	add_pair(&r->metric[REPLAY_ENERGY], pump, number, old, fresh - old);
	add_pair(&r->metric[REPLAY_DAILY_ERROR], pump, number, fabs(old), fabs(fresh) - fabs(old));
}

static int decide(struct replay_study *r, struct error *e)
{
	struct release_metric *energy = &r->metric[REPLAY_ENERGY], *daily = &r->metric[REPLAY_DAILY_ERROR];
	const char *target = r->old.model.target == MODEL_HEAT_POWER ? "heat" : "electricity";

	for (int p = 0; p < r->pumps; p++)
		r->there[r->pumps] |= r->there[p];
	if (!r->there[r->pumps])
		return error_set(e, ERROR_DATA, "no heat pump has what both estimators need: %s", r->why[0]);
	snprintf(energy->name, sizeof(energy->name), "%s", target);
	snprintf(energy->title, sizeof(energy->title), "%s", target);
	snprintf(daily->name, sizeof(daily->name), "%s_daily_error", target);
	snprintf(daily->title, sizeof(daily->title), "|daily error| of %s", target);
	for (int p = 0; p < r->pumps; p++) {
		if (!r->there[p])
			continue;
		replay_join(&r->pump[r->pumps], &r->pump[p]);
		for (int d = 0; d < r->pump[p].days; d++)
			pair_day(r, p, d);
	}
	energy->there = energy->same_days = daily->same_days = true;
	daily->there = r->referenced;
	snprintf(daily->why, sizeof(daily->why), "the logs have no reference");
	for (int q = 0; q < REPLAY_QUANTITIES; q++)
		release_runs_doubt(r->metric[q].doubt, sizeof(r->metric[q].doubt), &r->study);
	r->verdict = release_judge(r->metric, REPLAY_QUANTITIES, &r->options.rules);
	release_sentence(r->sentence, sizeof(r->sentence), r->metric, REPLAY_QUANTITIES, r->verdict, &r->options.rules);
	return 0;
}

int replay_run(struct replay_study *out, const struct replay_options *options, struct error *e)
{
	struct replay_study *r = out;

	*r = (struct replay_study){.options = *options};
	if (load(r, e) < 0 || make_room(r, e) < 0)
		goto failed;
	for (int p = 0; p < r->pumps; p++)
		if (replay_pump_rows(r, p, e) < 0)
			goto failed;
	if (decide(r, e) < 0)
		goto failed;
	return 0;
failed:
	replay_free(r);
	return -1;
}

void replay_free(struct replay_study *r)
{
	for (int p = 0; r->pump && p <= r->study.pumps; p++)
		free(r->pump[p].day);
	free(r->pump);
	free(r->there);
	free(r->why);
	free(r->has_reference);
	free(r->skew);
	for (int q = 0; q < REPLAY_QUANTITIES; q++)
		release_metric_free(&r->metric[q]);
	study_free(&r->study);
	*r = (struct replay_study){.pumps = 0};
}

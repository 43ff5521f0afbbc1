#include "analytics/accuracy/accuracy.h"
#include "analytics/accuracy/accuracy_page.h"
#include "analytics/accuracy/requirement.h"

#include "analytics/core/bootstrap.h"
#include "daq/base/error.h"
#include "daq/base/text.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is required of a model of this target. */
struct demand {
	const char *what, *unit;
	enum model_target target;
	size_t limit; /* in accuracy_settings */
	bool deviation;
	struct interval (*value)(const struct comparison *, const struct interval *steady);
	const char *nothing; /* why it may not be known */
};

static struct interval daily_nmbe(const struct comparison *c, const struct interval *steady)
{
	(void)steady;
	return c->metric[SPAN_DAY][METRIC_NMBE];
}

static struct interval hourly_cvrmse(const struct comparison *c, const struct interval *steady)
{
	(void)steady;
	return c->metric[SPAN_HOUR][METRIC_CVRMSE];
}

static struct interval steady_rmse(const struct comparison *c, const struct interval *steady)
{
	(void)c;
	return *steady;
}

static struct interval off_rmse(const struct comparison *c, const struct interval *steady)
{
	(void)steady;
	return c->regime[REGIME_OFF][METRIC_RMSE];
}

#define LIMIT(field) offsetof(struct accuracy_settings, field)
static const char no_day[] = "no whole day is covered, or the reference's energy is zero";

/* clang-format off */
static const struct demand demands[] = {
	{"daily NMBE", "%", MODEL_ELECTRIC_POWER, LIMIT(max_daily_nmbe), true, daily_nmbe, no_day},
	{"hourly CV(RMSE)", "%", MODEL_ELECTRIC_POWER, LIMIT(max_hourly_cvrmse), false, hourly_cvrmse, "no whole hour is covered, or the reference's energy is zero"},
	{"steady RMSE", "W", MODEL_ELECTRIC_POWER, LIMIT(max_steady_rmse), false, steady_rmse, "it was never on and steady"},
	{"off RMSE", "W", MODEL_ELECTRIC_POWER, LIMIT(max_off_rmse), false, off_rmse, "it was never off"},
	{"daily NMBE", "%", MODEL_HEAT_POWER, LIMIT(max_heat_nmbe), true, daily_nmbe, no_day},
};
/* clang-format on */
enum { DEMANDS = sizeof(demands) / sizeof(*demands) };

static void rmse_of(const void *self, const double *sum, double *value)
{
	const struct error_sums *s = (const struct error_sums *)(const void *)sum;

	(void)self;
	*value = metric_of(s, METRIC_RMSE);
}

/* RMSE of all steady loads together; drawn again as the other intervals are. */
static int steady(const struct comparison *c, const struct accuracy *a, struct interval *out, struct error *e)
{
	const struct bootstrap_plan plan = {a->settings.block, a->settings.bootstrap, (uint64_t)a->settings.seed, 0.95};
	struct error_sums *sums = calloc((size_t)c->days + 1, sizeof(*sums));
	struct bootstrap b;
	int days = 0;

	if (!sums)
		return error_set(e, ERROR_SYSTEM, "out of memory while judging");
	for (int i = 0; i < c->days; i++) {
		if (c->day[i].covered <= 0)
			continue;
		for (int r = REGIME_LOW; r <= REGIME_HIGH; r++)
			error_sums_join(&sums[days], &c->day[i].regime[r]);
		days++;
	}
	bootstrap_sums((const double *)sums, days, ERROR_SUMS, &plan, rmse_of, NULL, 1, &b);
	*out = (struct interval){b.estimate, b.low < 0 ? 0 : b.low, b.high};
	free(sums);
	return 0;
}

static int add(struct accuracy *a, const struct accuracy_verdict *row, struct error *e)
{
	struct accuracy_verdict *more = realloc(a->verdict_row, (size_t)(a->verdicts + 1) * sizeof(*more));

	if (!more)
		return error_set(e, ERROR_SYSTEM, "out of memory while judging");
	a->verdict_row = more;
	more[a->verdicts++] = *row;
	return 0;
}

static void weigh(struct accuracy_verdict *row, const struct demand *d)
{
	struct requirement_outcome o = d->deviation ? requirement_deviation(&row->value, row->limit, row->permitted)
						    : requirement_size(&row->value, row->limit);

	row->verdict = o.verdict;
	row->not_resolvable = o.not_resolvable;
	if (isnan(row->value.value))
		snprintf(row->note, sizeof(row->note), "not known: %s", d->nothing);
	else
		snprintf(row->note, sizeof(row->note), "%s", o.why);
	if (d->deviation && isnan(row->permitted) && !row->note[0])
		snprintf(row->note, sizeof(row->note), "the reference's class was not said: taken as true");
}

static int judge_one(struct accuracy *a, const struct comparison *c, enum verdict absent, struct error *e)
{
	struct interval on = {NAN, NAN, NAN};
	enum model_target target = a->model[c->model].model.target;

	if (c->there && target == MODEL_ELECTRIC_POWER && steady(c, a, &on, e) < 0)
		return -1;
	for (int i = 0; i < DEMANDS; i++) {
		struct accuracy_verdict row = {.model = c->model, .pump = c->pump, .value = {NAN, NAN, NAN}, .permitted = NAN};

		if (demands[i].target != target)
			continue;
		text_copy(row.what, sizeof(row.what), demands[i].what);
		text_copy(row.unit, sizeof(row.unit), demands[i].unit);
		row.limit = *(const double *)((const char *)&a->settings + demands[i].limit);
		row.verdict = absent;
		if (c->there) {
			row.value = demands[i].value(c, &on);
			row.permitted = demands[i].deviation ? c->permitted : NAN;
			weigh(&row, &demands[i]);
		} else {
			snprintf(row.note, sizeof(row.note), "not known: %.220s", c->why);
		}
		if (add(a, &row, e) < 0)
			return -1;
	}
	return 0;
}

/* A heat pump that could not be compared is named and not judged; a model that could be compared with none is undecided. */
static int judge_model(struct accuracy *a, int model, struct error *e)
{
	const struct comparison *all = accuracy_comparison(a, model, -1);
	int there = 0;

	for (int p = 0; p < a->study.pumps; p++) {
		const struct comparison *c = accuracy_comparison(a, model, p);

		if (c && judge_one(a, c, VERDICT_NONE, e) < 0)
			return -1;
		there += c && c->there;
	}
	if (all && (there != 1 || a->study.pumps > 1))
		return judge_one(a, all, VERDICT_UNDECIDED, e);
	return 0;
}

static void say(struct accuracy *a, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(struct accuracy *a, const char *format, ...)
{
	size_t used = strlen(a->sentence);
	va_list args;

	va_start(args, format);
	vsnprintf(a->sentence + used, sizeof(a->sentence) - used, format, args);
	va_end(args);
}

static void name_first(struct accuracy *a, enum verdict which)
{
	char label[PAGE_LABEL], value[32], limit[32];

	for (int i = 0; i < a->verdicts; i++) {
		const struct accuracy_verdict *v = &a->verdict_row[i];

		if (v->verdict != which)
			continue;
		say(a, " First %s: %s, %s, %s", verdict_name(which), page_model(a, v->model, label), page_pump(a, v->pump), v->what);
		report_value(value, sizeof(value), v->value.value, (v->value.high - v->value.low) / 2);
		snprintf(limit, sizeof(limit), "%g %s", v->limit, v->unit);
		if (isnan(v->value.value))
			say(a, " %s.", v->note);
		else
			say(a, " %s %s (limit %s%s%s).", value, v->unit, limit, v->note[0] ? "; " : "", v->note);
		return;
	}
}

/* A heat pump whose meter was used beyond its due date, or NULL. */
static const struct study_pump *first_expired(const struct accuracy *a)
{
	for (int i = 0; i < a->study.pumps; i++)
		if (a->study.pump[i].meter[STUDY_ELECTRIC].expired || a->study.pump[i].meter[STUDY_HEAT].expired)
			return &a->study.pump[i];
	return NULL;
}

/* Sentences in the order of their weight: what does not fit at the end is in the report. */
static void conclude(struct accuracy *a)
{
	int count[4] = {0}, unresolved = 0, absent = 0, judged;
	const struct study_run *bad = NULL;
	const struct study_pump *expired;

	for (int i = 0; i < a->verdicts; i++) {
		count[a->verdict_row[i].verdict]++;
		unresolved += a->verdict_row[i].not_resolvable;
		a->verdict = verdict_worse(a->verdict, a->verdict_row[i].verdict);
	}
	for (int i = 0; i < a->study.runs && !bad; i++)
		bad = a->study.run[i].incomplete ? &a->study.run[i] : NULL;
	for (int i = 0; i < a->comparisons; i++)
		absent += a->comparison[i].pump >= 0 && !a->comparison[i].there;
	judged = a->verdicts - count[VERDICT_NONE];
	expired = first_expired(a);
	if (bad || expired || judged == 0)
		a->verdict = verdict_worse(a->verdict, VERDICT_UNDECIDED);
	if (judged == 0)
		say(a, "Nothing could be judged.");
	else if (a->verdict == VERDICT_PASSED)
		say(a, "All %d requirements are met.", judged);
	else
		say(a, "%d requirements judged: %d failed, %d undecided, %d passed.", judged, count[VERDICT_FAILED], count[VERDICT_UNDECIDED],
			count[VERDICT_PASSED]);
	if (bad)
		say(a, " Incomplete: run %.60s cannot pass (%.80s).", bad->label[0] ? bad->label : page_base(bad->path),
			bad->state[0] ? bad->state : "had no clean end");
	if (expired)
		say(a, " The certificate of a meter of %s had expired (%.80s): it cannot pass.", expired->name,
			expired->meter[expired->meter[STUDY_ELECTRIC].expired ? STUDY_ELECTRIC : STUDY_HEAT].certificate);
	if (absent)
		say(a, " %d of %d comparisons of a model with a heat pump could not be made.", absent, a->models * a->study.pumps);
	if (unresolved)
		say(a, " %d not resolvable: inside the reference's own permitted error.", unresolved);
	if (judged > 0)
		name_first(a, count[VERDICT_FAILED] ? VERDICT_FAILED : VERDICT_UNDECIDED);
}

int accuracy_judge(struct accuracy *a, struct error *e)
{
	free(a->verdict_row);
	a->verdict_row = NULL;
	a->verdicts = 0;
	a->verdict = VERDICT_NONE;
	a->sentence[0] = '\0';
	for (int m = 0; m < a->models; m++)
		if (judge_model(a, m, e) < 0)
			return -1;
	conclude(a);
	return 0;
}

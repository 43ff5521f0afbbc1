#include "analytics/accuracy/abba_study.h"

#include "daq/base/error.h"
#include "daq/base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name, *title;
} quantities[ABBA_QUANTITIES] = {
	[ABBA_ELECTRICITY] = {"electricity", "electricity"}, [ABBA_HEAT] = {"heat", "heat"}, [ABBA_COP] = {"cop", "COP"}};

static enum abba_quantity quantity_of(const struct release_model *m)
{
	return m->model.target == MODEL_HEAT_POWER ? ABBA_HEAT : ABBA_ELECTRICITY;
}

static int load_models(struct abba_study *a, struct error *e)
{
	const struct abba_options *o = &a->options;

	for (int i = 0; i < o->models; i++) {
		bool reported = strcmp(o->model[i], "reported") == 0;

		for (int target = MODEL_ELECTRIC_POWER; target <= (reported ? MODEL_HEAT_POWER : MODEL_ELECTRIC_POWER); target++) {
			struct release_model m;

			if (release_model_load(&m, o->model[i], (enum model_target)target, e) < 0)
				return -1;
			for (int k = 0; k < a->models; k++)
				if (a->model[k].model.target == m.model.target)
					return error_set(e, ERROR_USAGE, "%s and %s are both models of %s: one for each is asked for", a->model[k].file, m.file,
						model_target_names[m.model.target]);
			a->model[a->models++] = m;
		}
	}
	return 0;
}

static int load_studies(struct abba_study *a, struct error *e)
{
	struct study_options options = a->options.study;

	for (int r = 0; r < 2; r++) {
		if (a->options.runs[r] == 0)
			return error_set(e, ERROR_USAGE, "no run under the %s release", r ? "new" : "old");
		if (study_load(&a->study[r], a->options.run[r], a->options.runs[r], &options, e) < 0)
			return -1;
		options.zone = a->study[0].calendar.zone; /* both by the same days */
		for (int i = 0; i < a->study[r].runs; i++)
			a->incomplete |= a->study[r].run[i].incomplete;
	}
	return 0;
}

static void add_alone(struct abba_study *a, const char *name, const char *release)
{
	size_t used = strlen(a->alone);

	snprintf(a->alone + used, sizeof(a->alone) - used, "%s%s (%s)", used ? ", " : "", name, release);
}

static int find_pump(const struct study *s, const char *name)
{
	for (int p = 0; p < s->pumps; p++)
		if (strcmp(s->pump[p].name, name) == 0)
			return p;
	return -1;
}

static int match_units(struct abba_study *a, struct error *e)
{
	for (int p = 0; p < a->study[0].pumps; p++) {
		const struct study_pump *old = &a->study[0].pump[p], *fresh;
		int q = find_pump(&a->study[1], old->name);
		struct abba_unit *u = &a->unit[a->units];

		if (q < 0) {
			add_alone(a, old->name, "old release only");
			continue;
		}
		fresh = &a->study[1].pump[q];
		if (old->serial[0] && fresh->serial[0] && strcmp(old->serial, fresh->serial) != 0)
			return error_set(e, ERROR_DATA, "%s is serial %s under the old release and serial %s under the new: releases are compared on one heat pump",
				old->name, old->serial, fresh->serial);
		*u = (struct abba_unit){.pump = {p, q}};
		text_copy(u->name, sizeof(u->name), old->name);
		text_copy(u->serial, sizeof(u->serial), old->serial[0] ? old->serial : fresh->serial);
		text_copy(u->firmware[0], sizeof(u->firmware[0]), old->firmware);
		text_copy(u->firmware[1], sizeof(u->firmware[1]), fresh->firmware);
		a->same_firmware |= old->firmware[0] && strcmp(old->firmware, fresh->firmware) == 0;
		a->units++;
	}
	for (int q = 0; q < a->study[1].pumps; q++)
		if (find_pump(&a->study[0], a->study[1].pump[q].name) < 0)
			add_alone(a, a->study[1].pump[q].name, "new release only");
	if (a->units == 0)
		return error_set(e, ERROR_DATA, "no heat pump was logged under both releases: %s", a->alone);
	return 0;
}

static void name_releases(struct abba_study *a)
{
	for (int r = 0; r < 2; r++) {
		const char *given = a->options.label[r], *firmware = a->unit[0].firmware[r];

		text_copy(a->label[r], sizeof(a->label[r]), given && given[0] ? given : firmware[0] ? firmware : r ? "new" : "old");
	}
}

/* First and last instant of each day on which the heat pump was logged under a release. */
struct hours {
	double from, to;
};

static struct hours *claimed(const struct study *s, int pump)
{
	struct hours *day = malloc((size_t)(s->calendar.days + 1) * sizeof(*day));
	const struct study_pump *p = &s->pump[pump];

	for (int d = 0; day && d < s->calendar.days; d++)
		day[d] = (struct hours){INFINITY, -INFINITY};
	for (int64_t i = 0; day && i < p->rows; i++) {
		int d = calendar_find(&s->calendar, p->time[i]);

		if (d < 0 || p->excluded[i] == EXCLUDED_LISTED)
			continue;
		day[d].from = fmin(day[d].from, p->time[i]);
		day[d].to = fmax(day[d].to, p->time[i]);
	}
	return day;
}

/* A heat pump runs one release at a time: hours that both claim are a mistake in the list of runs. */
static int check_claims(const struct abba_study *a, const struct abba_unit *u, struct error *e)
{
	struct hours *old = claimed(&a->study[0], u->pump[0]), *fresh = claimed(&a->study[1], u->pump[1]);
	const struct calendar *was = &a->study[0].calendar, *is = &a->study[1].calendar;
	int result = 0, shift = release_day_number(is, 0) - release_day_number(was, 0);

	if (!old || !fresh)
		result = error_set(e, ERROR_SYSTEM, "no memory for the days of %s", u->name);
	for (int d = 0; d < was->days && result == 0; d++) {
		int k = d - shift;

		if (k >= 0 && k < is->days && fmax(old[d].from, fresh[k].from) <= fmin(old[d].to, fresh[k].to))
			result = error_set(e, ERROR_DATA, "both releases claim %s on %s: a run under the old one and a run under the new one overlap in time", u->name,
				was->day[d].name);
	}
	free(old);
	free(fresh);
	return result;
}

/* Energies of one heat pump under one release; NULL where the quantity has no model or the heat pump no reference. */
struct energies {
	struct day_energy *of[2]; /* electricity, heat */
};

static double share(const struct calendar *c, int day, const struct day_energy *of)
{
	return of[day].seconds / (c->day[day].end - c->day[day].start);
}

static void take_day(struct abba_study *a, enum abba_quantity q, int unit, int release, int day, double covered, double estimate, double reference)
{
	const struct calendar *c = &a->study[release].calendar;

	if (!(covered > 0))
		return;
	if (covered < a->options.comparison.covered) {
		a->of[q].uncovered[release]++;
		return;
	}
	a->of[q].day[a->of[q].days++] = (struct abba_day){
		.unit = unit, .day = release_day_number(c, day), .newer = release == 1, .estimate = estimate, .reference = reference};
}

static void take_days(struct abba_study *a, int unit, int release, const struct energies *e)
{
	const struct calendar *c = &a->study[release].calendar;

	for (int d = 0; d < c->days; d++) {
		for (int q = ABBA_ELECTRICITY; q <= ABBA_HEAT; q++)
			if (e->of[q])
				take_day(a, (enum abba_quantity)q, unit, release, d, share(c, d, e->of[q]), e->of[q][d].estimate_j, e->of[q][d].reference_j);
		if (e->of[0] && e->of[1])
			take_day(a, ABBA_COP, unit, release, d, fmin(share(c, d, e->of[0]), share(c, d, e->of[1])),
				e->of[1][d].estimate_j / e->of[0][d].estimate_j, e->of[1][d].reference_j / e->of[0][d].reference_j);
	}
}

/* A heat pump that lacks what a quantity needs is left out of it, and named. */
static void leave_out(struct release_metric *m, const char *unit, const char *why)
{
	size_t used = strlen(m->left_out);

	if (!m->why[0])
		text_copy(m->why, sizeof(m->why), why);
	if (!strstr(m->left_out, why))
		snprintf(m->left_out + used, sizeof(m->left_out) - used, "%s%s: %s", used ? "; " : "", unit, why);
}

static int unit_days(struct abba_study *a, int unit, struct error *e)
{
	struct energies of[2] = {{{NULL}}};
	int result = -1;

	for (int m = 0; m < a->models; m++) {
		enum abba_quantity q = quantity_of(&a->model[m]);

		for (int r = 0; r < 2; r++) {
			struct error why = ERROR_INIT;

			if (release_day_energy(&of[r].of[q], &a->study[r], a->unit[unit].pump[r], &a->model[m].model, &a->options.comparison.regime, &why) == 0)
				continue;
			if (why.code == ERROR_SYSTEM) {
				*e = why;
				goto out;
			}
			leave_out(&a->metric[q], a->unit[unit].name, why.text);
		}
		if (of[0].of[q] && of[1].of[q])
			a->metric[q].there = true;
		for (int r = 0; r < 2 && !(of[0].of[q] && of[1].of[q]); r++) {
			free(of[r].of[q]);
			of[r].of[q] = NULL;
		}
	}
	a->metric[ABBA_COP].there |= of[0].of[0] && of[0].of[1];
	for (int r = 0; r < 2; r++)
		take_days(a, unit, r, &of[r]);
	result = 0;
out:
	for (int r = 0; r < 2; r++)
		for (int q = 0; q < 2; q++)
			free(of[r].of[q]);
	return result;
}

static int make_room(struct abba_study *a, struct error *e)
{
	size_t days = (size_t)a->units * (size_t)(a->study[0].calendar.days + a->study[1].calendar.days);

	for (int q = 0; q < ABBA_QUANTITIES; q++) {
		struct release_metric *m = &a->metric[q];

		text_copy(m->name, sizeof(m->name), quantities[q].name);
		text_copy(m->title, sizeof(m->title), quantities[q].title);
		a->of[q].day = calloc(days + 1, sizeof(*a->of[q].day));
		m->pair = calloc(days / 2 + 1, sizeof(*m->pair));
		if (!a->of[q].day || !m->pair)
			return error_set(e, ERROR_SYSTEM, "no memory for %zu days", days);
	}
	return 0;
}

/* What is against a verdict: the runs, or how the days lie. */
static void doubt(struct abba_study *a, enum abba_quantity q)
{
	struct release_metric *m = &a->metric[q];
	const char *why = abba_doubt(&a->of[q].design);

	for (int r = 0; r < 2 && !m->doubt[0]; r++)
		release_runs_doubt(m->doubt, sizeof(m->doubt), &a->study[r]);
	if (!m->doubt[0] && why)
		text_copy(m->doubt, sizeof(m->doubt), why);
}

static int decide(struct abba_study *a, struct error *e)
{
	bool any = false;

	for (int q = 0; q < ABBA_QUANTITIES; q++) {
		struct release_metric *m = &a->metric[q];

		any |= m->there;
		if (!m->there) {
			if (!m->why[0])
				text_copy(m->why, sizeof(m->why), q == ABBA_COP ? "it needs electricity and heat" : "no model of it was given");
			continue;
		}
		abba_pair(a->of[q].day, &a->of[q].days, a->options.apart, a->options.rules.alpha, m->pair, &a->of[q].design);
		m->pairs = a->of[q].design.pairs;
		doubt(a, (enum abba_quantity)q);
	}
	if (!any)
		return error_set(e, ERROR_DATA, "nothing can be compared: %s", a->metric[quantity_of(&a->model[0])].why);
	a->verdict = release_judge(a->metric, ABBA_QUANTITIES, &a->options.rules);
	release_sentence(a->sentence, sizeof(a->sentence), a->metric, ABBA_QUANTITIES, a->verdict, &a->options.rules);
	return 0;
}

int abba_run(struct abba_study *out, const struct abba_options *options, struct error *e)
{
	struct abba_study *a = out;

	*a = (struct abba_study){.options = *options};
	if (load_models(a, e) < 0 || load_studies(a, e) < 0 || match_units(a, e) < 0)
		goto failed;
	name_releases(a);
	for (int u = 0; u < a->units; u++)
		if (check_claims(a, &a->unit[u], e) < 0)
			goto failed;
	if (make_room(a, e) < 0)
		goto failed;
	for (int u = 0; u < a->units; u++)
		if (unit_days(a, u, e) < 0)
			goto failed;
	if (decide(a, e) < 0)
		goto failed;
	return 0;
failed:
	abba_free(a);
	return -1;
}

void abba_free(struct abba_study *a)
{
	for (int r = 0; r < 2; r++)
		study_free(&a->study[r]);
	for (int q = 0; q < ABBA_QUANTITIES; q++) {
		release_metric_free(&a->metric[q]);
		free(a->of[q].day);
		a->of[q].day = NULL;
	}
}

/* 1: what was required, of whom, and whether it is so. */
#include "analytics/accuracy/accuracy_page.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { DEMANDS_MOST = 6 };

/* The requirements that a model of a target is held against, in the order of their first row. */
static int demands_of(const struct accuracy *a, enum model_target target, const struct accuracy_verdict *first[DEMANDS_MOST])
{
	int n = 0;

	for (int i = 0; i < a->verdicts; i++) {
		bool seen = a->model[a->verdict_row[i].model].model.target != target;

		for (int j = 0; j < n && !seen; j++)
			seen = strcmp(first[j]->what, a->verdict_row[i].what) == 0;
		if (!seen && n < DEMANDS_MOST)
			first[n++] = &a->verdict_row[i];
	}
	return n;
}

static const struct accuracy_verdict *find(const struct accuracy *a, int model, int pump, const char *what)
{
	for (int i = 0; i < a->verdicts; i++) {
		const struct accuracy_verdict *v = &a->verdict_row[i];

		if (v->model == model && v->pump == pump && strcmp(v->what, what) == 0)
			return v;
	}
	return NULL;
}

static void verdict_cell(struct row *row, const struct accuracy_verdict *v)
{
	if (!v) {
		row_interval(row, NAN, NAN, NAN, 1);
		return;
	}
	row_interval(row, v->value.value, v->value.low, v->value.high, 1);
	row_mark(row, v->verdict);
}

static enum verdict worst_of(const struct accuracy *a, int model, int pump, bool *unresolved)
{
	enum verdict worst = VERDICT_NONE;

	*unresolved = false;
	for (int i = 0; i < a->verdicts; i++)
		if (a->verdict_row[i].model == model && a->verdict_row[i].pump == pump) {
			worst = verdict_worse(worst, a->verdict_row[i].verdict);
			*unresolved |= a->verdict_row[i].not_resolvable;
		}
	return worst;
}

static void matrix_row(struct accuracy_page *p, struct report_table *t, int model, int pump,
	const struct accuracy_verdict *const first[], int demands)
{
	struct row row = {.n = 0};
	bool unresolved;
	enum verdict worst = worst_of(p->a, model, pump, &unresolved);

	if (!accuracy_comparison(p->a, model, pump) || !find(p->a, model, pump, first[0]->what))
		return;
	row_who(&row, p->a, model, pump);
	for (int i = 0; i < demands; i++)
		verdict_cell(&row, find(p->a, model, pump, first[i]->what));
	row_text(&row, worst == VERDICT_UNDECIDED && unresolved ? "not resolvable" : verdict_name(worst));
	row_mark(&row, worst);
	row_add(&p->r, t, &row);
}

/* One row a model and heat pump, one column a requirement. */
static void matrix(struct accuracy_page *p, enum model_target target, const char *name, const char *title)
{
	const struct accuracy_verdict *first[DEMANDS_MOST];
	const char *columns[DEMANDS_MOST + 4] = {"model", "heat pump"};
	char text[DEMANDS_MOST][160];
	int n = demands_of(p->a, target, first), at = 2;
	struct report_table *t;

	if (n == 0)
		return;
	for (int i = 0; i < n; i++) {
		snprintf(text[i], sizeof(text[i]), "~%s|%s, limit %s%g", first[i]->what, first[i]->unit,
			strstr(first[i]->what, "NMBE") ? "\xc2\xb1" : "", first[i]->limit);
		columns[at++] = text[i];
	}
	columns[at++] = "verdict";
	columns[at] = NULL;
	t = report_table(&p->r, name, title, columns);
	if (t)
		text_copy(t->text, sizeof(t->text), target == MODEL_HEAT_POWER ? "Below each value its 95 % interval." :
			"Below each value its 95 % interval. Steady: on, with nothing switching, at any load. Off: below the limit of the regime \"off\". "
			"Disc met, diamond failed, square undecided, none not judged.");
	for (int m = 0; m < p->a->models; m++) {
		if (p->a->model[m].model.target != target)
			continue;
		for (int i = 0; i < p->a->study.pumps && page_there(p->a, m, -1); i++)
			matrix_row(p, t, m, i, first, n);
		matrix_row(p, t, m, -1, first, n);
	}
}

/* What was not judged is named where it is said why (section 3). */
static void not_passed(struct accuracy_page *p)
{
	static const char *const columns[] = {"model", "heat pump", "requirement", "~value", "unit", "#limit", "#permitted|of the reference", "verdict",
		"remark", NULL};
	struct report_table *t = NULL;

	for (int i = 0; i < p->a->verdicts; i++) {
		const struct accuracy_verdict *v = &p->a->verdict_row[i];
		struct row row = {.n = 0};

		if (v->verdict == VERDICT_NONE || (v->verdict == VERDICT_PASSED && !v->note[0]))
			continue;
		if (!t)
			t = report_table(&p->r, "remarks", "Not met, or with a remark", columns);
		row_who(&row, p->a, v->model, v->pump);
		row_text(&row, v->what);
		row_metric(&row, &v->value, 1);
		row_text(&row, v->unit);
		row_number(&row, v->limit);
		row_fixed(&row, v->permitted, 2);
		row_text(&row, v->not_resolvable ? "not resolvable" : verdict_name(v->verdict));
		row_mark(&row, v->verdict);
		row_text(&row, v->note);
		row_add(&p->r, t, &row);
	}
	if (t)
		t->aside = t->rows > 2 * PAGE_ROWS;
}

static void guideline_row(struct accuracy_page *p, struct report_table *t, const struct comparison *c)
{
	const struct interval *cv = &c->metric[SPAN_HOUR][METRIC_CVRMSE], *nmbe = &c->metric[SPAN_HOUR][METRIC_NMBE];
	struct row row = {.n = 0};

	row_who(&row, p->a, c->model, c->pump);
	row_metric(&row, cv, 1);
	row_metric(&row, nmbe, 1);
	row_text(&row, isnan(cv->value) || isnan(nmbe->value) ? "not known" : cv->value <= 30 && fabs(nmbe->value) <= 10 ? "yes" : "no");
	row_add(&p->r, t, &row);
}

/* ASHRAE Guideline 14-2014, 5.3.2.4 (from memory): calibrated models of whole buildings. */
static void guideline(struct accuracy_page *p)
{
	static const char *const columns[] = {"model", "heat pump", "~CV(RMSE), hourly|%, guideline 30", "~NMBE, hourly|%, guideline \xc2\xb1" "10",
		"within the guideline", NULL};
	struct report_table *t = page_joined(p, "guideline_14", "Beside it: ASHRAE Guideline 14", columns, guideline_row);

	if (t)
		text_copy(t->text, sizeof(t->text),
			"Limits for calibrated models of whole buildings: hourly CV(RMSE) 30 % and NMBE 10 %; monthly 15 % and 5 %. Far too wide for a model of one "
			"appliance: nothing is judged by them. Monthly values would need a year of months.");
	page_aside(p, "guideline_14_each", "The same of each heat pump", columns, guideline_row);
}

void accuracy_section_verdict(struct accuracy_page *p)
{
	report_section(&p->r, "Verdict by requirement", "");
	matrix(p, MODEL_ELECTRIC_POWER, "verdicts", "Electric power");
	matrix(p, MODEL_HEAT_POWER, "verdicts_heat", "Heat");
	not_passed(p);
	guideline(p);
}

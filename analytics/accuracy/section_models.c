/* 12: models beside each other; what a missing input costs; the old aggregation. */
#include "analytics/accuracy/accuracy_page.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void side_by_side(struct accuracy_page *p)
{
	static const char *const columns[] = {"model", "target", "#heat pumps", "~energy error|%", "~daily NMBE|%", "~hourly CV(RMSE)|%", "~RMSE|W, row by row", "~bias|W",
		"~R\xc2\xb2|hourly", "#between heat pumps|sd, %", "#all inputs|% of the time", NULL};
	struct report_table *t = report_table(&p->r, "models_compared", "Side by side, all heat pumps together", columns);

	for (int m = 0; m < p->a->models; m++) {
		const struct comparison *c = page_there(p->a, m, -1);
		struct row row = {.n = 0};
		char label[PAGE_LABEL];
		double all = 0;

		if (!c)
			continue;
		for (int k = 0; k < 3; k++)
			all += page_level(c, k).seconds;
		row_text(&row, page_model(p->a, m, label));
		row_text(&row, p->a->model[m].model.target == MODEL_HEAT_POWER ? "heat" : "electricity");
		row_count(&row, p->a->spread[m].n);
		row_metric(&row, &c->metric[SPAN_SAMPLE][METRIC_ENERGY], 2);
		row_metric(&row, &c->metric[SPAN_DAY][METRIC_NMBE], 2);
		row_metric(&row, &c->metric[SPAN_HOUR][METRIC_CVRMSE], 2);
		row_metric(&row, &c->metric[SPAN_SAMPLE][METRIC_RMSE], 1);
		row_metric(&row, &c->metric[SPAN_SAMPLE][METRIC_BIAS], 2);
		row_metric(&row, &c->metric[SPAN_HOUR][METRIC_R2], 4);
		row_fixed(&row, p->a->spread[m].sd, 2);
		row_fixed(&row, all > 0 ? 100 * page_level(c, MODEL_ALL_INPUTS).seconds / all : NAN, 1);
		row_add(&p->r, t, &row);
	}
}

static void variants_table(struct accuracy_page *p)
{
	static const char *const columns[] = {"model", "without", "then", "#level", "#energy error|%", "#NMBE|%", "#RMSE|W", "#energy error costs|%", "#RMSE costs|W", NULL};
	struct report_table *t;

	if (p->a->variants == 0)
		return;
	t = report_table(&p->r, "missing_inputs", "What a missing input costs", columns);
	if (t)
		text_copy(t->text, sizeof(t->text), "The model evaluated again over the same rows as if the input had never been recorded, all heat pumps together. Costs: against all inputs.");
	for (int i = 0; i < p->a->variants; i++) {
		const struct accuracy_variant *v = &p->a->variant[i];
		struct row row = {.n = 0};
		char label[PAGE_LABEL];

		row_text(&row, page_model(p->a, v->model, label));
		row_text(&row, v->input);
		row_text(&row, v->how);
		if (v->there)
			row_count(&row, v->level);
		else
			row_fixed(&row, NAN, 0);
		row_fixed(&row, v->there ? v->energy : NAN, 2);
		row_fixed(&row, v->there ? v->nmbe : NAN, 2);
		row_fixed(&row, v->there ? v->rmse : NAN, 1);
		row_fixed(&row, v->there ? v->energy_cost : NAN, 2);
		row_fixed(&row, v->there ? v->rmse_cost : NAN, 1);
		row_add(&p->r, t, &row);
	}
}

static double percent(double a, double b)
{
	return b != 0 && isfinite(a / b) ? 100 * (a / b - 1) : NAN;
}

static void production_table(struct accuracy_page *p)
{
	static const char *const columns[] = {"model", "heat pump", "#as production|kWh", "#here|kWh", "#reference|kWh", "#as production|% of reference",
		"#here|% of reference", "#over gaps|kWh", "#at 0 W|h", "#dropped|rows", "#active|kWh", "#boiler|kWh", "#antifreeze|kWh", "#commissioning|kWh", NULL};
	struct report_table *t;

	if (p->a->productions == 0)
		return;
	t = report_table(&p->r, "as_production", "The old hourly aggregation", columns);
	if (t)
		text_copy(t->text, sizeof(t->text),
			"As it was done before: the sample on the right times the interval, capped; missing inputs as 0 W; duplicates dropped; hours labelled by their end. Over "
			"gaps: energy that it counts where nothing was recorded. At 0 W: time for which an input was missing. By the CiC's mode, which may overlap: active 2 or 3, "
			"boiler 3 or 4, antifreeze 96 to 99, commissioning from 100.");
	for (int i = 0; i < p->a->productions; i++) {
		const struct accuracy_production *o = &p->a->production[i];
		struct row row = {.n = 0};

		row_who(&row, p->a, o->model, o->pump);
		row_fixed(&row, o->old_wh / 1000, 2);
		row_fixed(&row, o->new_wh / 1000, 2);
		row_fixed(&row, o->reference_wh / 1000, 2);
		row_fixed(&row, percent(o->old_wh, o->reference_wh), 2);
		row_fixed(&row, percent(o->new_wh, o->reference_wh), 2);
		row_fixed(&row, o->gaps_wh / 1000, 2);
		row_fixed(&row, o->zeros_s / 3600, 2);
		row_count(&row, o->duplicates);
		row_fixed(&row, o->active_wh / 1000, 2);
		row_fixed(&row, o->boiler_wh / 1000, 2);
		row_fixed(&row, o->antifreeze_wh / 1000, 2);
		row_fixed(&row, o->commissioning_wh / 1000, 2);
		row_add(&p->r, t, &row);
	}
}

static void production_hours(struct accuracy_page *p)
{
	static const char *const columns[] = {"model", "heat pump", "#hour ends|s since 1970", "#as production|Wh", NULL};
	struct report_table *t;

	if (p->a->productions == 0)
		return;
	t = report_table(&p->r, "as_production_hours", "Its hours", columns);
	for (int i = 0; i < p->a->productions; i++) {
		const struct accuracy_production *o = &p->a->production[i];

		for (int h = 0; h < o->hours; h++) {
			struct row row = {.n = 0};

			row_who(&row, p->a, o->model, o->pump);
			row_fixed(&row, o->hour[h], 0);
			row_fixed(&row, o->wh[h], 3);
			row_add(&p->r, t, &row);
		}
	}
	if (t)
		t->aside = true;
}

void accuracy_section_models(struct accuracy_page *p)
{
	report_section(&p->r, "Models beside each other", "");
	side_by_side(p);
	variants_table(p);
	production_table(p);
	production_hours(p);
}

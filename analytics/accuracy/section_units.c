/* 14: from one heat pump to the next. */
#include "analytics/accuracy/accuracy_page.h"

#include "analytics/core/figures.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void spread_table(struct accuracy_page *p)
{
	static const char *const columns[] = {"model", "#heat pumps", "#mean|%", "#sd|%", "#of units|sd, %", "#of days|sd, %", "~common|%, weighted", "#I\xc2\xb2|%",
		"#k", "~tolerance|%, 95 % of all", "~prediction|%, one more", NULL};
	struct report_table *t = report_table(&p->r, "spread", "Energy error across heat pumps", columns);

	if (t)
		text_copy(t->text, sizeof(t->text),
			"Mean and sd: each heat pump once. Of units: random unit effect, what the heat pumps differ by beyond what their days explain. Common: weighted, interval "
			"after Hartung and Knapp. Tolerance: holds 95 % of all heat pumps with 95 % confidence (mean \xc2\xb1 k sd). Prediction: one more heat pump lies in it with "
			"95 %. Both take the heat pumps as a random sample of a normal population; a dash for a single heat pump, which says nothing of the next.");
	for (int i = 0; i < p->a->models; i++) {
		const struct accuracy_spread *s = &p->a->spread[i];
		struct row row = {.n = 0};
		char label[PAGE_LABEL];

		if (s->n == 0)
			continue;
		row_text(&row, page_model(p->a, i, label));
		row_count(&row, s->n);
		row_fixed(&row, s->mean, 2);
		row_fixed(&row, s->sd, 2);
		row_fixed(&row, s->unit_sd, 2);
		row_fixed(&row, s->within_sd, 2);
		row_interval(&row, s->common, s->common_low, s->common_high, 2);
		row_fixed(&row, s->heterogeneity, 0);
		row_fixed(&row, s->tolerance_k, 2);
		row_interval(&row, s->mean, s->tolerance_low, s->tolerance_high, 2);
		row_interval(&row, s->common, s->prediction_low, s->prediction_high, 2);
		row_add(&p->r, t, &row);
	}
}

static void units_table(struct accuracy_page *p)
{
	static const char *const columns[] = {"model", "heat pump", "~energy error|%", NULL};
	struct report_table *t = report_table(&p->r, "spread_units", "Each heat pump", columns);

	for (int i = 0; i < p->a->models; i++)
		for (int k = 0; k < p->a->spread[i].n; k++) {
			struct row row = {.n = 0};

			row_who(&row, p->a, i, p->a->spread[i].pump[k]);
			row_metric(&row, &p->a->spread[i].error[k], 2);
			row_add(&p->r, t, &row);
		}
	if (t)
		t->aside = true;
}

/* Below the heat pumps: the common value, then where the next ones may lie. */
enum { BELOW = 3 };

static void forest_line(struct accuracy_page *p, double at, double value, double low, double high)
{
	if (!isnan(value))
		text_add(&p->script, "%g %.6g %.6g %.6g\n", at, value, isnan(low) ? value : low, isnan(high) ? value : high);
}

static void forest_data(struct accuracy_page *p, const struct accuracy_spread *s)
{
	static const char none[] = "0 NaN NaN NaN\n";

	page_data(p, "unit", 0);
	text_add(&p->script, none);
	for (int k = 0; k < s->n; k++)
		forest_line(p, BELOW + s->n - k + 0.4, s->error[k].value, s->error[k].low, s->error[k].high);
	page_data_end(p);
	page_data(p, "common", 0);
	text_add(&p->script, none);
	forest_line(p, 3, s->common, s->common_low, s->common_high);
	page_data_end(p);
	page_data(p, "next", 0);
	text_add(&p->script, none);
	if (!isnan(s->prediction_low))
		forest_line(p, 2, s->common, s->prediction_low, s->prediction_high);
	if (!isnan(s->tolerance_low))
		forest_line(p, 1, s->mean, s->tolerance_low, s->tolerance_high);
	page_data_end(p);
}

static void forest_names(struct accuracy_page *p, const struct accuracy_spread *s)
{
	text_add(&p->script, "set yrange [0.4:%g]\nset ytics scale 0 (", BELOW + s->n + 1.1);
	for (int k = 0; k < s->n; k++) {
		page_tic(p, page_pump(p->a, s->pump[k]), BELOW + s->n - k + 0.4);
		text_add(&p->script, ", ");
	}
	page_tic(p, "all, weighted", 3);
	text_add(&p->script, ", ");
	page_tic(p, "one more heat pump", 2);
	text_add(&p->script, ", ");
	page_tic(p, "95 % of all", 1);
	text_add(&p->script, ")\n");
}

/* Wide enough for an interval, but not more than `width` wider. */
static void widen(double *low, double *high, double from, double to, double width)
{
	if (isnan(from) || isnan(to))
		return;
	*low = fmin(*low, fmax(*low - width, from));
	*high = fmax(*high, fmin(*high + width, to));
}

/* From the heat pumps and the limit; of two or three heat pumps alone the intervals for others may be huge and are cut. */
static void forest_range(struct accuracy_page *p, const struct accuracy_spread *s, double limit)
{
	double low = -1.1 * limit, high = 1.1 * limit;

	for (int k = 0; k < s->n; k++) {
		low = fmin(low, fmin(s->error[k].value, s->error[k].low));
		high = fmax(high, fmax(s->error[k].value, s->error[k].high));
	}
	widen(&low, &high, s->prediction_low, s->prediction_high, high - low);
	widen(&low, &high, s->tolerance_low, s->tolerance_high, high - low);
	text_add(&p->script, "set xrange [%.5g:%.5g]\n", low - 0.03 * (high - low), high + 0.03 * (high - low));
	if (isnan(s->prediction_low))
		text_add(&p->script, "set label 1 'not known' at graph 0.02, first 2 left tc rgb '" PAGE_SOFT "'\n");
	if (isnan(s->tolerance_low))
		text_add(&p->script, "set label 2 'not known' at graph 0.02, first 1 left tc rgb '" PAGE_SOFT "'\n");
}

static void forest_figure(struct accuracy_page *p, int model)
{
	const struct accuracy_spread *s = &p->a->spread[model];
	bool heat = p->a->model[model].model.target == MODEL_HEAT_POWER, main = model == p->model;
	double limit = heat ? p->a->settings.max_heat_nmbe : p->a->settings.max_daily_nmbe;
	char name[32], title[PAGE_LABEL + 32], label[PAGE_LABEL];

	snprintf(name, sizeof(name), main ? "forest" : "forest_%d", model + 1);
	snprintf(title, sizeof(title), "%s.", page_model(p->a, model, label));
	page_figure(p, name, main ? PAGE_WIDE : PAGE_HALF, 110 + 27 * (s->n + BELOW));
	forest_data(p, s);
	page_axes(p, "energy error / %", "");
	text_add(&p->script, "unset grid\nset grid x lc rgb '" PAGE_PALE "' lw 0.6 lt 1\nset border 1\nset tmargin 1\nset lmargin 19\nset rmargin 3\nset bmargin 3.2\nunset key\n"
			     "set errorbars 0.6\n"
			     "set object 1 rectangle from first %g, graph 0 to first %g, graph 1 fc rgb '#edf2f6' fs solid noborder behind\n"
			     "set arrow 1 from first 0, graph 0 to first 0, graph 1 nohead lc rgb '" PAGE_INK "' lw 0.8 back\n"
			     "set arrow 2 from graph 0, first 3.75 to graph 1, first 3.75 nohead lc rgb '#8b96a1' lw 0.6 back\n", -limit, limit);
	forest_names(p, s);
	forest_range(p, s, limit);
	text_add(&p->script, "plot $unit0 using 2:1:3:4 with xerrorbars pt 7 ps 0.8 lw 1.6 lc rgb '#0072b2', "
			     "$common0 using 2:1:3:4 with xerrorbars pt 13 ps 1.4 lw 2.4 lc rgb '" PAGE_INK "', "
			     "$next0 using 2:1:3:4 with xerrorbars pt 2 ps 0.7 lw 2 lc rgb '#d55e00'\n");
	figures_announce(&p->r, name, title, !main,
		s->n < 2 ? "A single heat pump: how much the next one differs is not known. Shaded: the limit."
			 : "Energy error with 95 % intervals by days. Orange: where one more heat pump lies (prediction), and 95 % of all of them (tolerance), cut where they leave the figure. Shaded: the limit.");
}

void accuracy_section_units(struct accuracy_page *p)
{
	report_section(&p->r, "From one heat pump to the next",
		"A heat pump reads consistently high or low: that is the unit, not noise, and no number of days makes it smaller. What is said of heat pumps that were not in "
		"the study is said from the heat pumps, each once.");
	if (p->model >= 0 && p->a->spread[p->model].n > 0)
		forest_figure(p, p->model);
	for (int i = 0; i < p->a->models; i++)
		if (i != p->model && p->a->spread[i].n > 0)
			forest_figure(p, i);
	spread_table(p);
	units_table(p);
}

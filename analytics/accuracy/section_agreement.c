/* 9 and 10: agreement of hourly means; how much later the CiC speaks than the meter. */
#include "analytics/accuracy/accuracy_page.h"

#include "analytics/core/figures.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void agreement_table(struct accuracy_page *p)
{
	static const char *const columns[] = {"model", "#pairs", "#pumps", "#bias|W", "#sd|W", "#within|sd, W", "#between|sd, W", "~lower limit|W", "~upper limit|W",
		"~slope|Deming", "~intercept|Deming, W", "#ratio|Deming", NULL};
	struct report_table *t = report_table(&p->r, "agreement", "Agreement of hourly means", columns);

	if (t)
		text_copy(t->text, sizeof(t->text),
			"Limits of agreement: 95 % of the hours of any heat pump lie between them; repeated pairs by heat pump (Bland, Altman: J. Biopharm. Stat. 17 (2007) "
			"571). Within: from hour to hour of one heat pump; between: from one heat pump to another, not known of a single one. Deming: a line that knows that both "
			"sides have errors, their variances in the ratio given; interval by jackknife over days.");
	for (int i = 0; i < p->a->models; i++) {
		const struct accuracy_agreement *g = &p->a->agreement[i];
		struct row row = {.n = 0};
		char label[PAGE_LABEL];

		if (g->pairs == 0)
			continue;
		row_text(&row, page_model(p->a, i, label));
		row_count(&row, g->pairs);
		row_count(&row, g->subjects);
		row_fixed(&row, g->bias, 2);
		row_fixed(&row, g->sd, 2);
		row_fixed(&row, g->within_sd, 2);
		row_fixed(&row, g->between_sd, 2);
		row_metric(&row, &g->lower, 2);
		row_metric(&row, &g->upper, 2);
		row_metric(&row, &g->slope, 4);
		row_metric(&row, &g->intercept, 2);
		row_number(&row, g->ratio);
		row_add(&p->r, t, &row);
	}
}

/* Pairs of all heat pumps, thinned evenly to what a figure holds; returns how many stand for each that is drawn. */
static int pair_data(struct accuracy_page *p, double *least, double *most)
{
	const struct accuracy *a = p->a;
	int pairs = page_there(a, p->model, -1)->pairs, every = 1 + pairs / SCATTER_MOST;

	*least = INFINITY;
	*most = -INFINITY;
	for (int i = 0; i < a->study.pumps; i++) {
		const struct comparison *c = page_there(a, p->model, i);

		if (!c)
			continue;
		page_data(p, "pair", i);
		text_add(&p->script, "NaN NaN\n");
		for (int k = 0; k < c->pairs; k += every) {
			text_add(&p->script, "%.5g %.5g\n", c->pair_reference[k], c->pair_estimate[k]);
			*least = fmin(*least, fmin(c->pair_reference[k], c->pair_estimate[k]));
			*most = fmax(*most, fmax(c->pair_reference[k], c->pair_estimate[k]));
		}
		page_data_end(p);
	}
	return every;
}

static void pair_plot(struct accuracy_page *p, const char *using)
{
	const struct accuracy *a = p->a;

	for (int i = 0; i < a->study.pumps; i++) {
		if (!page_there(a, p->model, i))
			continue;
		text_add(&p->script, "$pair%d using %s with points pt 7 ps 0.28 lc rgb '#90%s' notitle, ", i, using, page_colour(a, i) + 1);
		if (page_few(a) && a->study.pumps > 1) {
			text_add(&p->script, "NaN with points pt 7 ps 0.8 lc rgb '%s'", page_colour(a, i));
			page_title(p, page_pump(a, i), true);
			text_add(&p->script, ", ");
		}
	}
}

static void scatter_figure(struct accuracy_page *p)
{
	const struct accuracy_agreement *g = &p->a->agreement[p->model];
	double least, most;
	char caption[600], more[64] = "";
	int every;

	page_figure(p, "scatter", PAGE_HALF, 480);
	every = pair_data(p, &least, &most);
	page_axes(p, "reference, hourly mean / W", "model, hourly mean / W");
	text_add(&p->script, "set tmargin 4\nset size square\nset xrange [%.4g:%.4g]\nset yrange [%.4g:%.4g]\nset key maxrows 2 width 0.5\nset grid x y lc rgb '" PAGE_PALE "' lw 0.6 lt 1\nplot ",
		fmin(0, least), most * 1.03, fmin(0, least), most * 1.03);
	pair_plot(p, "1:2");
	text_add(&p->script, "x with lines lw 1 dt 2 lc rgb '" PAGE_SOFT "' title 'equal'");
	if (!isnan(g->slope.value))
		text_add(&p->script, ", %.8g + %.8g*x with lines lw 1.8 lc rgb '" PAGE_INK "' title 'Deming'", g->intercept.value, g->slope.value);
	text_add(&p->script, "\n");
	if (every > 1)
		snprintf(more, sizeof(more), " One hour in %d is drawn.", every);
	if (isnan(g->slope.value))
		snprintf(caption, sizeof(caption), "No line: fewer than two different hours.%s", more);
	else if (isnan(g->slope.low))
		snprintf(caption, sizeof(caption), "Deming line: slope %.4f, intercept %.1f W; no interval: too few days.%s", g->slope.value, g->intercept.value, more);
	else
		snprintf(caption, sizeof(caption), "Deming line: slope %.4f (%.4f \xe2\x80\xa6 %.4f), intercept %.1f W (%.1f \xe2\x80\xa6 %.1f).%s", g->slope.value,
			g->slope.low, g->slope.high, g->intercept.value, g->intercept.low, g->intercept.high, more);
	figures_announce(&p->r, "scatter", "Hourly means.", true, caption);
}

/* A horizontal line with its interval as a band. */
static void level_band(struct accuracy_page *p, int number, const struct interval *v, const char *colour, const char *band)
{
	if (isnan(v->value))
		return;
	if (!isnan(v->low) && !isnan(v->high))
		text_add(&p->script, "set object %d rectangle from graph 0, first %.6g to graph 1, first %.6g fc rgb '%s' fs solid noborder behind\n", number, v->low,
			v->high, band);
	text_add(&p->script, "set arrow %d from graph 0, first %.6g to graph 1, first %.6g nohead lc rgb '%s' lw 1.4 back\n", number, v->value, v->value, colour);
	text_add(&p->script, "set label %d '%.1f' at graph 1.01, first %.6g left tc rgb '%s' font ',11'\n", number, v->value, v->value, colour);
}

static void bland_altman_figure(struct accuracy_page *p)
{
	const struct accuracy_agreement *g = &p->a->agreement[p->model];
	const struct interval bias = {g->bias, NAN, NAN};
	double least, most;

	page_figure(p, "bland_altman", PAGE_HALF, 480);
	pair_data(p, &least, &most);
	page_axes(p, "mean of both / W", "model - reference / W");
	text_add(&p->script, "set tmargin 4\nset rmargin 7\nset key maxrows 2 width 0.5\nset xrange [%.4g:%.4g]\nset yrange [*:*]\nset xzeroaxis lc rgb '" PAGE_INK "' lw 0.8 lt 1\n"
			     "set offsets 0, 0, graph 0.05, graph 0.05\n", fmin(0, least), most * 1.03);
	level_band(p, 1, &g->lower, "#b93a00", "#fbe6d9");
	level_band(p, 2, &g->upper, "#b93a00", "#fbe6d9");
	level_band(p, 3, &bias, PAGE_INK, "#ffffff");
	text_add(&p->script, "plot ");
	pair_plot(p, "(($1+$2)/2):($2-$1)");
	text_add(&p->script, "NaN notitle\n");
	figures_announce(&p->r, "bland_altman", "Bland-Altman.", true,
		"Black: bias. Red: limits of agreement with their 95 % intervals; 95 % of the hours of any heat pump lie between them.");
}

void accuracy_section_agreement(struct accuracy_page *p)
{
	report_section(&p->r, "Agreement", "");
	if (page_there(p->a, p->model, -1) && page_there(p->a, p->model, -1)->pairs > 0) {
		scatter_figure(p);
		bland_altman_figure(p);
	}
	agreement_table(p);
}

static void skew_table(struct accuracy_page *p)
{
	static const char *const columns[] = {"model", "heat pump", "#skew|s", "#u|s", "#applied|s", "#RMSE before|W", "#RMSE after|W", "#gain|%", "remark", NULL};
	struct report_table *t = report_table(&p->r, "skew", "Time skew", columns);

	if (t)
		text_copy(t->text, sizeof(t->text), "Positive: the CiC's values come later than the meter's by so much. Before and after: model against reference, row by row.");
	for (int i = 0; i < p->a->comparisons; i++) {
		const struct comparison *c = &p->a->comparison[i];
		const struct comparison_skew *s = &c->skew;
		struct row row = {.n = 0};

		if (c->pump < 0 || !c->there)
			continue;
		row_who(&row, p->a, c->model, c->pump);
		row_fixed(&row, s->known ? s->skew : NAN, 2);
		row_fixed(&row, s->known ? s->u : NAN, 2);
		row_fixed(&row, s->applied, 2);
		row_fixed(&row, s->rmse_before, 2);
		row_fixed(&row, s->rmse_after, 2);
		row_fixed(&row, s->rmse_before > 0 ? 100 * (1 - s->rmse_after / s->rmse_before) : NAN, 1);
		row_text(&row, s->why);
		row_add(&p->r, t, &row);
	}
	if (t)
		t->aside = t->rows > PAGE_ROWS;
}

static void skew_curve_table(struct accuracy_page *p)
{
	static const char *const columns[] = {"model", "heat pump", "#skew|s", "#left around steps|W", NULL};
	struct report_table *t = report_table(&p->r, "skew_curve", "The curves", columns);

	for (int i = 0; i < p->a->comparisons; i++) {
		const struct comparison *c = &p->a->comparison[i];

		for (int k = 0; k < c->skew.n && c->there && c->pump >= 0; k++) {
			struct row row = {.n = 0};

			row_who(&row, p->a, c->model, c->pump);
			row_fixed(&row, c->skew.at[k], 2);
			row_fixed(&row, c->skew.rmse[k], 3);
			row_add(&p->r, t, &row);
		}
	}
	if (t)
		t->aside = true;
}

/* The curve at the skew that was found, which lies between its points. */
static double curve_at(const struct comparison_skew *s, double at)
{
	for (int k = 0; k + 1 < s->n; k++)
		if (s->at[k] <= at && at <= s->at[k + 1])
			return s->rmse[k] + (s->rmse[k + 1] - s->rmse[k]) * (at - s->at[k]) / (s->at[k + 1] - s->at[k]);
	return NAN;
}

static int skew_data(struct accuracy_page *p)
{
	int n = 0;

	for (int i = 0; i < p->a->study.pumps; i++) {
		const struct comparison *c = page_there(p->a, p->model, i);

		if (!c)
			continue;
		page_data(p, "skew", i);
		text_add(&p->script, "NaN NaN\n");
		for (int k = 0; k < c->skew.n; k++, n++)
			text_add(&p->script, "%.6g %.6g\n", c->skew.at[k], c->skew.rmse[k]);
		page_data_end(p);
		page_data(p, "best", i);
		text_add(&p->script, "NaN NaN NaN\n");
		if (c->skew.known)
			text_add(&p->script, "%.6g %.6g %.6g\n", c->skew.skew, curve_at(&c->skew, c->skew.skew), 2 * c->skew.u);
		page_data_end(p);
	}
	return n;
}

static void skew_figure(struct accuracy_page *p)
{
	const struct accuracy *a = p->a;
	const char *separator = "";

	if (skew_data(p) == 0)
		return;
	page_figure(p, "skew", PAGE_WIDE, 360);
	page_axes(p, "assumed skew / s", "left around steps / W");
	text_add(&p->script, "set grid x y lc rgb '" PAGE_PALE "' lw 0.6 lt 1\nset yrange [0:*]\nset arrow 1 from first 0, graph 0 to first 0, graph 1 nohead lc rgb '" PAGE_INK "' lw 0.8 back\nplot ");
	for (int i = 0; i < a->study.pumps; i++) {
		if (!page_there(a, p->model, i))
			continue;
		text_add(&p->script, "%s$skew%d using 1:2 with lines lw 1.8 dt %d lc rgb '%s'", separator, i, page_dashes(a, i), page_colour(a, i));
		page_title(p, page_pump(a, i), page_few(a));
		text_add(&p->script, ", $best%d using 1:2:3 with xerrorbars pt %d ps 1 lw 1.4 lc rgb '%s' notitle", i, page_mark(i), page_colour(a, i));
		separator = ", ";
	}
	text_add(&p->script, "\n");
	figures_announce(&p->r, "skew", "What is left over the skew that is assumed.", false,
		"RMSE of the model around steps of the reference, each stretch with a straight line of its own, so that neither scale nor offset count. Marks: the skew that was "
		"found, with twice its standard uncertainty. Where a curve has no valley, nothing in the data tells when it happened.");
}

void accuracy_section_skew(struct accuracy_page *p)
{
	report_section(&p->r, "Time skew", "What the CiC says comes some seconds after what the meter measured. It is found below the sample, taken off before anything else is reckoned, "
					   "and not a fault of the model.");
	if (p->model >= 0)
		skew_figure(p);
	skew_table(p);
	skew_curve_table(p);
}

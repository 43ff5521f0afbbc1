/* 5: energy by day, week, and of the whole. */
#include "analytics/accuracy/accuracy_page.h"

#include "analytics/core/figures.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MANY_DAYS = 60 };

static double kwh(double joule)
{
	return joule / 3.6e6;
}

static double error_share(double estimate, double reference)
{
	return reference != 0 && isfinite(estimate / reference) ? 100 * (estimate / reference - 1) : NAN;
}

/* Of what counts on some days together. */
struct energy {
	double reference_j, estimate_j, permitted_j, covered;
	double register_j; /* of the days on which the register says it */
	int days, register_days;
};

static void energy_add(struct energy *e, const struct comparison_day *d)
{
	const struct error_sums *s = &d->span[SPAN_SAMPLE];

	if (d->covered <= 0)
		return;
	e->reference_j += s->reference_j;
	e->estimate_j += s->estimate_j;
	e->permitted_j += d->permitted_j;
	if (!isnan(d->register_j)) {
		e->register_j += d->register_j;
		e->register_days++;
	}
	e->covered += d->covered;
	e->days++;
}

static void energy_cells(struct row *row, const struct energy *e)
{
	row_fixed(row, e->covered / 3600, 1);
	row_fixed(row, kwh(e->reference_j), 3);
	row_fixed(row, kwh(e->estimate_j), 3);
	row_fixed(row, kwh(e->estimate_j - e->reference_j), 3);
	row_fixed(row, error_share(e->estimate_j, e->reference_j), 2);
	row_fixed(row, error_share(e->permitted_j + e->reference_j, e->reference_j), 2);
	row_fixed(row, e->register_days ? kwh(e->register_j) : NAN, 3);
	row_count(row, e->register_days);
}

static void totals_table(struct accuracy_page *p)
{
	static const char *const columns[] = {"model", "heat pump", "#days", "#counts|h", "#reference|kWh", "#model|kWh", "#difference|kWh",
		"~energy error|%, 95 % interval", "#permitted|%, of the reference", "#register|kWh", "#its days", NULL};
	struct report_table *t = report_table(&p->r, "energy_total", "Energy of the whole", columns);

	if (t)
		text_copy(t->text, sizeof(t->text),
			"Over the rows that count: of reference and model the same instants. Permitted: what the meter's class allows. Register: what the "
			"meter counted from the first midnight to the last, gaps included; a dash where it was reset or says nothing on a day.");
	for (int i = 0; i < p->a->comparisons; i++) {
		const struct comparison *c = &p->a->comparison[i];
		struct energy e = {.days = 0};
		struct row row = {.n = 0};

		if (!c->there || (c->pump < 0 && p->a->study.pumps == 1))
			continue;
		for (int d = 0; d < c->days; d++)
			energy_add(&e, &c->day[d]);
		row_who(&row, p->a, c->model, c->pump);
		row_count(&row, e.days);
		row_fixed(&row, e.covered / 3600, 1);
		row_fixed(&row, kwh(e.reference_j), 2);
		row_fixed(&row, kwh(e.estimate_j), 2);
		row_fixed(&row, kwh(e.estimate_j - e.reference_j), 2);
		row_metric(&row, &c->metric[SPAN_SAMPLE][METRIC_ENERGY], 2);
		row_fixed(&row, c->permitted, 2);
		row_fixed(&row, e.register_days ? kwh(e.register_j) : NAN, 2);
		row_count(&row, e.register_days);
		row_add(&p->r, t, &row);
	}
	if (t)
		t->aside = t->rows > 2 * PAGE_ROWS;
}

static void period_row(struct accuracy_page *p, struct report_table *t, const struct comparison *c, const char *name, const struct energy *e)
{
	struct row row = {.n = 0};

	if (e->days == 0)
		return;
	row_who(&row, p->a, c->model, c->pump);
	row_text(&row, name);
	energy_cells(&row, e);
	row_add(&p->r, t, &row);
}

static void weeks_of(struct accuracy_page *p, struct report_table *t, const struct comparison *c)
{
	const struct calendar *cal = &p->a->study.calendar;

	for (int w = 0; w < cal->weeks; w++) {
		struct energy e = {.days = 0};

		for (int d = 0; d < c->days; d++)
			if (cal->day[d].week == w)
				energy_add(&e, &c->day[d]);
		period_row(p, t, c, cal->week[w], &e);
	}
}

static void days_of(struct accuracy_page *p, struct report_table *t, const struct comparison *c)
{
	for (int d = 0; d < c->days; d++) {
		struct energy e = {.days = 0};

		energy_add(&e, &c->day[d]);
		period_row(p, t, c, p->a->study.calendar.day[d].name, &e);
	}
}

static void period_tables(struct accuracy_page *p)
{
	const char *columns[] = {"model", "heat pump", "week", "#counts|h", "#reference|kWh", "#model|kWh", "#difference|kWh", "#energy error|%",
		"#permitted|%, of the reference", "#register|kWh", "#its days", NULL};

	page_tables(p, "energy_by_week", "By week", columns, weeks_of);
	columns[2] = "day";
	page_tables(p, "energy_by_day", "By day", columns, days_of);
}

/* Of a model: day, cumulated reference, difference and what is permitted, in kWh. */
static void cumulated(struct accuracy_page *p, int model)
{
	const struct comparison *c = page_there(p->a, model, -1);
	struct energy e = {.days = 0};

	page_data(p, "cum", model);
	text_add(&p->script, "0 0 0 0\n");
	for (int d = 0; d < c->days; d++) {
		energy_add(&e, &c->day[d]);
		text_add(&p->script, "%d %.6g %.6g %.6g\n", d + 1, kwh(e.reference_j), kwh(e.estimate_j - e.reference_j),
			isnan(e.permitted_j) ? 0 : kwh(e.permitted_j));
	}
	page_data_end(p);
}

static void cumulative_plots(struct accuracy_page *p, int shown)
{
	const struct accuracy *a = p->a;
	char label[PAGE_LABEL];
	int drawn = 0;

	text_add(&p->script, "set multiplot layout 2,1\n");
	page_axes(p, "", "cumulated / kWh");
	page_days_axis(p, PAGE_WIDE);
	text_add(&p->script, "set yrange [0:*]\nplot $cum%d using 1:2 with filledcurves y1=0 lc rgb '#e3e8ee' notitle, "
			     "$cum%d using 1:2 with lines lw 2 lc rgb '" PAGE_INK "' title 'reference', $cum%d using 1:($2+$3) with lines lw 2 dt 2 lc rgb '%s'",
		shown, shown, shown, figures_colour(shown));
	page_title(p, page_model(a, shown, label), true);
	text_add(&p->script, "\n");
	page_axes(p, "", "model - reference / kWh");
	page_days_axis(p, PAGE_WIDE);
	text_add(&p->script, "set yrange [*:*]\nset offsets 0, 0, graph 0.05, graph 0.05\nset xzeroaxis lc rgb '" PAGE_INK "' lw 0.8 lt 1\nset tmargin 3.2\n"
			     "plot $cum%d using 1:(-$4):4 with filledcurves lc rgb '#e3e8ee' title 'permitted of the reference'", shown);
	for (int m = 0; m < a->models; m++) {
		if (a->model[m].model.target != a->model[shown].model.target || !page_there(a, m, -1) || drawn++ == 6)
			continue;
		text_add(&p->script, ", $cum%d using 1:3 with linespoints pt %d ps 0.35 lw %g lc rgb '%s'", m, page_mark(m), m == shown ? 2.4 : 1.4,
			figures_colour(m));
		page_title(p, page_model(a, m, label), true);
	}
	text_add(&p->script, "\nunset multiplot\n");
}

static void cumulative_figure(struct accuracy_page *p, int shown, const char *name, const char *title)
{
	const struct accuracy *a = p->a;

	page_figure(p, name, PAGE_WIDE, 560);
	for (int m = 0; m < a->models; m++)
		if (a->model[m].model.target == a->model[shown].model.target && page_there(a, m, -1))
			cumulated(p, m);
	cumulative_plots(p, shown);
	figures_announce(&p->r, name, title, false,
		"All heat pumps together, at local midnights. Below: how far each model has run away from the reference; the grey wedge is what the class of "
		"the reference permits it to be off. Days on which nothing counts are level.");
}

static double day_error(const struct comparison_day *d)
{
	return d->covered > 0 ? error_share(d->span[SPAN_SAMPLE].estimate_j, d->span[SPAN_SAMPLE].reference_j) : NAN;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* What is drawn: the limits, and all but a few of the days; one of next to no demand must not flatten all others. */
struct reach {
	double low, high;
	int outside;
};

static struct reach reach_of(const struct accuracy *a, int model, double limit)
{
	double *error = malloc(((size_t)a->study.pumps + 1) * ((size_t)a->study.calendar.days + 1) * sizeof(*error));
	struct reach r = {-1.6 * limit, 1.6 * limit, 0};
	int n = 0;

	for (int i = -1; i < a->study.pumps && error; i++) {
		const struct comparison *c = page_there(a, model, i);

		for (int d = 0; c && d < c->days; d++)
			if (isfinite(day_error(&c->day[d])))
				error[n++] = day_error(&c->day[d]);
	}
	if (n > 0) {
		qsort(error, (size_t)n, sizeof(*error), by_size);
		r.low = fmin(r.low, 1.15 * error[(n - 1) * 2 / 100]);
		r.high = fmax(r.high, 1.15 * error[(n - 1) - (n - 1) * 2 / 100]);
	}
	for (int i = 0; i < n; i++)
		r.outside += error[i] < r.low || error[i] > r.high;
	free(error);
	return r;
}

static double inside(const struct reach *r, double x)
{
	return fmax(r->low, fmin(r->high, x));
}

/* Days of one heat pump beside each other: day, error, permitted; what lies outside is at the edge. */
static void daily_data(struct accuracy_page *p, const struct comparison *c, int number, const struct reach *r)
{
	double place = page_place(p->a, c->pump);

	page_data(p, "day", number);
	text_add(&p->script, "0 NaN 0\n");
	for (int d = 0; d < c->days; d++) {
		const struct comparison_day *day = &c->day[d];
		double error = day_error(day), permitted = error_share(day->permitted_j + day->span[SPAN_SAMPLE].reference_j, day->span[SPAN_SAMPLE].reference_j);

		if (isfinite(error))
			text_add(&p->script, "%.4f %.6g %.6g\n", d + place, inside(r, error), isnan(permitted) ? 0 : permitted);
	}
	page_data_end(p);
}

static void daily_band(struct accuracy_page *p, const struct interval *nmbe, double limit, const struct reach *r)
{
	text_add(&p->script, "set yrange [%.4g:%.4g]\nset xzeroaxis lc rgb '" PAGE_INK "' lw 0.8 lt 1\n"
			     "set object 1 rectangle from graph 0, first %g to graph 1, first %g fc rgb '#edf2f6' fs solid noborder behind\n"
			     "set arrow 1 from graph 0, first %g to graph 1, first %g nohead lc rgb '#d55e00' lw 1.2 dt 2 back\n"
			     "set arrow 2 from graph 0, first %g to graph 1, first %g nohead lc rgb '#d55e00' lw 1.2 dt 2 back\n"
			     "set label 1 'limit' at graph 0.995, first %g right offset 0,0.5 tc rgb '#b93a00' font ',11'\n",
		r->low, r->high, -limit, limit, limit, limit, -limit, -limit, limit);
	if (!isnan(nmbe->value))
		text_add(&p->script, "set arrow 3 from graph 0, first %.6g to graph 1, first %.6g nohead lc rgb '#0072b2' lw 1.6 back\n", inside(r, nmbe->value),
			inside(r, nmbe->value));
	if (!isnan(nmbe->low) && !isnan(nmbe->high))
		text_add(&p->script, "set object 2 rectangle from graph 0, first %.6g to graph 1, first %.6g fc rgb '#cfe2f0' fs solid noborder behind\n",
			inside(r, nmbe->low), inside(r, nmbe->high));
}

static void daily_figure(struct accuracy_page *p, int model, double limit, const char *name, const char *title)
{
	const struct accuracy *a = p->a;
	const struct comparison *all = page_there(a, model, -1);
	bool few = page_few(a) && a->study.pumps > 1;
	char caption[600];
	struct reach r = reach_of(a, model, limit);

	page_figure(p, name, PAGE_WIDE, 400);
	for (int i = 0; i < a->study.pumps; i++)
		if (page_there(a, model, i) && a->study.pumps > 1)
			daily_data(p, page_there(a, model, i), i, &r);
	daily_data(p, all, a->study.pumps, &r);
	page_axes(p, "", "energy error of the day / %");
	page_days_axis(p, PAGE_WIDE);
	daily_band(p, &all->metric[SPAN_DAY][METRIC_NMBE], limit, &r);
	text_add(&p->script, "plot ");
	for (int i = 0; i < a->study.pumps; i++) {
		if (!page_there(a, model, i) || a->study.pumps == 1)
			continue;
		text_add(&p->script, "$day%d using 1:2 with points pt %d ps 0.55 lc rgb '%s'", i, page_mark(i), page_colour(a, i));
		page_title(p, page_pump(a, i), few);
		text_add(&p->script, ", ");
	}
	text_add(&p->script, "$day%d using 1:2:3 with yerrorbars pt 7 ps %g lw %g lc rgb '" PAGE_INK "' title 'all'\n", a->study.pumps,
		all->days > MANY_DAYS ? 0.35 : 0.8, all->days > MANY_DAYS ? 0.5 : 1.6);
	snprintf(caption, sizeof(caption), "Black bars: what the class of the reference permits on that day. Dashed: the limit. Blue: NMBE of all days with its 95 %% "
		"interval.");
	if (r.outside)
		snprintf(caption + strlen(caption), sizeof(caption) - strlen(caption), " %d value%s of days with little demand lie%s outside the axis and stand at its "
			"edge.", r.outside, r.outside == 1 ? "" : "s", r.outside == 1 ? "s" : "");
	figures_announce(&p->r, name, title, false, caption);
}

void accuracy_section_energy(struct accuracy_page *p)
{
	const struct accuracy_settings *s = &p->a->settings;

	report_section(&p->r, "Energy", "");
	if (p->model >= 0 && p->model != p->heat) {
		cumulative_figure(p, p->model, "cumulative", "Electricity, cumulated.");
		daily_figure(p, p->model, s->max_daily_nmbe, "daily_error", "Error of the day's electricity.");
	}
	if (p->heat >= 0) {
		cumulative_figure(p, p->heat, "cumulative_heat", "Heat, cumulated.");
		daily_figure(p, p->heat, s->max_heat_nmbe, "daily_error_heat", "Error of the day's heat.");
	}
	totals_table(p);
	period_tables(p);
}

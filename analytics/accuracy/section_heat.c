/* 13: heat error split into flow and temperature difference; coefficient of performance. */
#include "analytics/accuracy/accuracy_page.h"

#include "analytics/core/figures.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static double share(double part, double whole)
{
	return whole != 0 && isfinite(part / whole) ? 100 * part / whole : NAN;
}

static void split_table(struct accuracy_page *p)
{
	static const char *const columns[] = {"model", "heat pump", "#over|h", "#reference|kWh", "#error|%", "#flow|%", "#temperatures|%", "#both|%", "#convention|%",
		"#meter|%", "#flow reads|% more", "#dT reads|K more", "remark", NULL};
	struct report_table *t;

	if (p->a->heats == 0)
		return;
	t = report_table(&p->r, "heat_split", "Where the error of heat comes from", columns);
	if (t)
		text_copy(t->text, sizeof(t->text),
			"In % of the reference's heat, over the rows in which both sides have flow and temperatures: of the CiC's flow (at the meter's temperature difference), of its "
			"temperature difference (at the meter's flow), of both together, and of the convention by which the model makes heat of them, which is no measuring error. "
			"Meter: its power against its own flow and temperatures (cold of a defrost that it does not count, its refresh), no error of the model either. The five add "
			"up to the error.");
	for (int i = 0; i < p->a->heats; i++) {
		const struct accuracy_heat *h = &p->a->heat[i];
		struct row row = {.n = 0};
		double whole = h->there ? h->reference_j : NAN;

		row_who(&row, p->a, h->model, h->pump);
		row_fixed(&row, h->there ? h->seconds / 3600 : NAN, 1);
		row_fixed(&row, whole / 3.6e6, 2);
		row_fixed(&row, share(h->estimate_j - h->reference_j, whole), 2);
		row_fixed(&row, share(h->flow_j, whole), 2);
		row_fixed(&row, share(h->temperature_j, whole), 2);
		row_fixed(&row, share(h->both_j, whole), 2);
		row_fixed(&row, share(h->convention_j, whole), 2);
		row_fixed(&row, share(h->meter_j, whole), 2);
		row_fixed(&row, h->there ? h->flow_bias : NAN, 2);
		row_fixed(&row, h->there ? h->dt_bias : NAN, 3);
		row_text(&row, h->there ? "" : h->why);
		row_add(&p->r, t, &row);
	}
	if (t)
		t->aside = t->rows > PAGE_ROWS;
}

static void cop_table(struct accuracy_page *p)
{
	static const char *const columns[] = {"heat pump", "electricity by", "heat by", "#days", "~COP, reference", "~COP, models", "~error|%", "remark", NULL};
	struct report_table *t;

	if (p->a->cops == 0)
		return;
	t = report_table(&p->r, "cop", "Coefficient of performance", columns);
	if (t)
		text_copy(t->text, sizeof(t->text), "Heat over electricity of the days that have both. Error: of the models' quotient against the meters'.");
	for (int i = 0; i < p->a->cops; i++) {
		const struct accuracy_cop *c = &p->a->cop[i];
		struct row row = {.n = 0};
		char label[PAGE_LABEL];

		row_text(&row, page_pump(p->a, c->pump));
		row_text(&row, page_model(p->a, c->electric_model, label));
		row_text(&row, page_model(p->a, c->heat_model, label));
		row_count(&row, c->there ? c->days : 0);
		row_metric(&row, &c->reference, 3);
		row_metric(&row, &c->estimate, 3);
		row_metric(&row, &c->error, 2);
		row_text(&row, c->there ? "" : c->why);
		row_add(&p->r, t, &row);
	}
}

static void cop_days(struct accuracy_page *p)
{
	static const char *const columns[] = {"heat pump", "electricity by", "heat by", "day", "#COP, reference", "#permitted", "#COP, models", "#error|%", NULL};
	struct report_table *t;

	if (p->a->cops == 0)
		return;
	t = report_table(&p->r, "cop_days", "COP by day", columns);
	for (int i = 0; i < p->a->cops; i++) {
		const struct accuracy_cop *c = &p->a->cop[i];

		for (int d = 0; d < c->days && c->there; d++) {
			const struct accuracy_cop_day *day = &c->day[d];
			struct row row = {.n = 0};
			char label[PAGE_LABEL];

			row_text(&row, page_pump(p->a, c->pump));
			row_text(&row, page_model(p->a, c->electric_model, label));
			row_text(&row, page_model(p->a, c->heat_model, label));
			row_text(&row, p->a->study.calendar.day[day->day].name);
			row_fixed(&row, day->reference, 3);
			row_fixed(&row, day->permitted, 3);
			row_fixed(&row, day->estimate, 3);
			row_fixed(&row, share(day->estimate - day->reference, day->reference), 2);
			row_add(&p->r, t, &row);
		}
	}
	if (t)
		t->aside = true;
}

/* The pair of models that is drawn: of the first COP that is there. */
static const struct accuracy_cop *drawn(const struct accuracy *a, int i, const struct accuracy_cop *first)
{
	const struct accuracy_cop *c = &a->cop[i];

	if (!c->there || c->days == 0 || (c->pump < 0 && a->study.pumps > 1))
		return NULL;
	return !first || (c->electric_model == first->electric_model && c->heat_model == first->heat_model) ? c : NULL;
}

/* Day, reference, permitted, models, error in %. Quotients of days on which next to nothing ran say nothing. */
static void cop_data(struct accuracy_page *p, const struct accuracy_cop *c, double *most)
{
	page_data(p, "cop", c->pump < 0 ? 0 : c->pump);
	text_add(&p->script, "NaN NaN NaN NaN NaN\n");
	for (int d = 0; d < c->days; d++) {
		const struct accuracy_cop_day *day = &c->day[d];

		if (!(day->reference > 0.2) || !(day->estimate > 0.2) || day->reference > 15 || day->estimate > 15)
			continue;
		*most = fmax(*most, fmax(day->reference, day->estimate));
		text_add(&p->script, "%.3f %.5g %.5g %.5g %.5g\n", day->day + page_place(p->a, c->pump), day->reference, isnan(day->permitted) ? 0 : day->permitted, day->estimate,
			share(day->estimate - day->reference, day->reference));
	}
	page_data_end(p);
}

static void cop_plot(struct accuracy_page *p, const struct accuracy_cop *first, const char *using, bool key)
{
	const struct accuracy *a = p->a;
	const char *separator = "";

	for (int i = 0; i < a->cops; i++) {
		const struct accuracy_cop *c = drawn(a, i, first);
		int pump = c && c->pump > 0 ? c->pump : 0;

		if (!c)
			continue;
		text_add(&p->script, "%s$cop%d using %s pt %d ps 0.6 lw 1 lc rgb '%s'", separator, pump, using, page_mark(pump), page_colour(a, pump));
		page_title(p, page_pump(a, c->pump), key && page_few(a) && a->study.pumps > 1);
		separator = ", ";
	}
}

static void cop_figure(struct accuracy_page *p)
{
	const struct accuracy *a = p->a;
	const struct accuracy_cop *first = NULL;
	double most = 1;

	for (int i = 0; i < a->cops && !first; i++)
		first = drawn(a, i, NULL);
	if (!first)
		return;
	page_figure(p, "cop", PAGE_WIDE, 430);
	for (int i = 0; i < a->cops; i++)
		if (drawn(a, i, first))
			cop_data(p, drawn(a, i, first), &most);
	text_add(&p->script, "set multiplot\n");
	page_axes(p, "COP of the day, meters", "COP of the day, models");
	text_add(&p->script, "set origin 0,0\nset size 0.42,1\nset lmargin 8\nset rmargin 1\nset tmargin 4.4\nset grid x y lc rgb '" PAGE_PALE "' lw 0.6 lt 1\n"
			     "set xrange [0:%.3g]\nset yrange [0:%.3g]\nset key maxrows 2 width 0.5\nplot ", most * 1.08, most * 1.08);
	cop_plot(p, first, "2:4:3 with xerrorbars", true);
	text_add(&p->script, ", x with lines lw 1 dt 2 lc rgb '" PAGE_SOFT "' title 'equal'\n");
	page_axes(p, "", "models - meters / %");
	page_days_axis(p, 560);
	text_add(&p->script, "set origin 0.42,0\nset size 0.58,1\nset lmargin 8\nset rmargin 2\nset tmargin 4.4\nset offsets 0, 0, graph 0.06, graph 0.06\n"
			     "set xzeroaxis lc rgb '" PAGE_INK "' lw 0.8 lt 1\nplot ");
	cop_plot(p, first, "1:5:($2 > 0 ? 100*$3/$2 : 0) with yerrorbars", false);
	text_add(&p->script, "\nunset multiplot\n");
	figures_announce(&p->r, "cop", "Coefficient of performance by day.", false,
		"Left: what the models say against what the meters say. Right: the error by day. Bars: what the classes of the meters permit. Days on which next to nothing ran are left out.");
}

void accuracy_section_heat(struct accuracy_page *p)
{
	report_section(&p->r, "Heat and COP", p->a->heats || p->a->cops ? "" : "No model of heat was held against a heat meter.");
	cop_figure(p);
	cop_table(p);
	split_table(p);
	cop_days(p);
}

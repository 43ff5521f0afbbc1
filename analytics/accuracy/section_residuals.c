/* 11: what the errors look like in time. */
#include "analytics/accuracy/accuracy_page.h"

#include "analytics/core/figures.h"
#include "analytics/core/plot.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MAP_COLUMNS = 180 };

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Mean of the hour over `together` days. */
static double map_cell(const struct comparison *c, int day, int together, int hour)
{
	double sum = 0;
	int n = 0;

	for (int d = day; d < day + together && d < c->days; d++)
		if (!isnan(c->residual[d * 24 + hour])) {
			sum += c->residual[d * 24 + hour];
			n++;
		}
	return n ? sum / n : NAN;
}

/* Half the colour scale: what all but one cell in fifty stay within. */
static double map_reach(const struct comparison *c, int together)
{
	double *size = malloc(((size_t)c->days + 1) * 24 * sizeof(*size)), most = NAN;
	int n = 0;

	for (int d = 0; d < c->days && size; d += together)
		for (int h = 0; h < 24; h++)
			if (!isnan(map_cell(c, d, together, h)))
				size[n++] = fabs(map_cell(c, d, together, h));
	if (n > 0) {
		qsort(size, (size_t)n, sizeof(*size), by_size);
		most = fmax(1, size[(n - 1) * 98 / 100]);
	}
	free(size);
	return most;
}

static void map_figure(struct accuracy_page *p, const struct comparison *c)
{
	int together = 1 + c->days / MAP_COLUMNS;
	double most = map_reach(c, together);
	char caption[600];

	if (isnan(most))
		return;
	page_figure(p, "residual_map", PAGE_WIDE, 400);
	page_data(p, "map", 0);
	for (int d = 0; d < c->days; d += together)
		for (int h = 0; h < 24; h++)
			if (!isnan(map_cell(c, d, together, h)))
				text_add(&p->script, "%g %d %.5g\n", d + together / 2.0, h, fmax(-most, fmin(most, map_cell(c, d, together, h))));
	page_data_end(p);
	page_axes(p, "", "local hour");
	page_days_axis(p, PAGE_WIDE - 90);
	text_add(&p->script, "unset grid\nset border 0\nset rmargin 13\nset tmargin 1\nset lmargin 7\nset yrange [-0.5:23.5]\nset ytics 0,3 scale 0\n"
			     "set object 1 rectangle from graph 0, graph 0 to graph 1, graph 1 fc rgb '#e9ecef' fs solid noborder behind\n"
			     "set cbrange [%.4g:%.4g]\nset cblabel 'model - reference / W' offset 0.5,0\nset cbtics scale 0.3\n"
			     "set colorbox user origin screen 0.905, graph 0 size screen 0.015, graph 1\n"
			     "set palette defined (-1 '#b3480a', -0.5 '#f0a35e', 0 '#ffffff', 0.5 '#6fb1dc', 1 '#00507f')\nset style fill solid 1 noborder\n"
			     "plot $map0 using 1:2:(%g):(0.5):3 with boxxyerror lc palette notitle\n", -most, most, together / 2.0);
	snprintf(caption, sizeof(caption), "Mean error of each hour, mean of the heat pumps. Blue: the model says too much; brown: too little. Grey: nothing counts. One cell in "
		"fifty may lie beyond the scale.%s", together > 1 ? " Several days share a column." : "");
	figures_announce(&p->r, "residual_map", "Errors by day and hour.", false, caption);
}

static void acf_line(struct accuracy_page *p, const struct comparison *c, int number)
{
	page_data(p, "acf", number);
	text_add(&p->script, "NaN NaN\n");
	for (int k = 1; k <= LAGS; k++)
		if (!isnan(c->acf[k]))
			text_add(&p->script, "%.6g %.5g\n", k * c->acf_spacing / 60, c->acf[k]);
	page_data_end(p);
}

static bool has_acf(const struct comparison *c)
{
	return c && !isnan(c->acf_spacing) && !isnan(c->acf[1]);
}

static void acf_figure(struct accuracy_page *p)
{
	const struct accuracy *a = p->a;
	bool first = true;

	page_figure(p, "autocorrelation", PAGE_WIDE, 330);
	for (int i = 0; i < a->study.pumps; i++)
		if (has_acf(page_there(a, p->model, i)))
			acf_line(p, page_there(a, p->model, i), i);
	page_axes(p, "lag / min", "autocorrelation of the error");
	text_add(&p->script, "set grid x y lc rgb '" PAGE_PALE "' lw 0.6 lt 1\nset xrange [0:*]\nset yrange [*<-0.2:1]\nset xzeroaxis lc rgb '" PAGE_INK "' lw 0.8 lt 1\nplot ");
	for (int i = 0; i < a->study.pumps; i++) {
		if (!has_acf(page_there(a, p->model, i)))
			continue;
		text_add(&p->script, "%s$acf%d using 1:2 with lines lw 1.6 dt %d lc rgb '%s'", first ? "" : ", ", i, page_dashes(a, i), page_colour(a, i));
		page_title(p, page_pump(a, i), page_few(a));
		first = false;
	}
	text_add(&p->script, "\n");
	figures_announce(&p->r, "autocorrelation", "Memory of the error.", false,
		"Errors of neighbouring rows know each other, so rows are no independent evidence: intervals are made by drawing days again, not rows.");
}

static double acf_at(const struct comparison *c, double seconds)
{
	double k = round(seconds / c->acf_spacing);

	return k >= 1 && k <= LAGS ? c->acf[(int)k] : NAN;
}

static void acf_table(struct accuracy_page *p)
{
	static const char *const columns[] = {"model", "heat pump", "#spacing|s", "#lag 1", "#1 min", "#5 min", "#15 min", "#1 h", NULL};
	static const double lags[] = {60, 300, 900, 3600};
	struct report_table *t = report_table(&p->r, "autocorrelation", "Autocorrelation of the error", columns);

	for (int i = 0; i < p->a->comparisons; i++) {
		const struct comparison *c = &p->a->comparison[i];
		struct row row = {.n = 0};

		if (!c->there || c->pump < 0 || !has_acf(c))
			continue;
		row_who(&row, p->a, c->model, c->pump);
		row_fixed(&row, c->acf_spacing, 1);
		row_fixed(&row, c->acf[1], 3);
		for (size_t k = 0; k < sizeof(lags) / sizeof(*lags); k++)
			row_fixed(&row, acf_at(c, lags[k]), 3);
		row_add(&p->r, t, &row);
	}
	if (t)
		t->aside = t->rows > PAGE_ROWS;
}

static const char *local_instant(const struct accuracy *a, double t, char out[40])
{
	int day = calendar_find(&a->study.calendar, t);
	long long s;

	if (day < 0) {
		snprintf(out, 40, "%.0f", t);
		return out;
	}
	s = (long long)(t - a->study.calendar.day[day].start);
	snprintf(out, 40, "%s %02d:%02lld", a->study.calendar.day[day].name, calendar_hour(&a->study.calendar, day, t), s / 60 % 60);
	return out;
}

static void events_table(struct accuracy_page *p, const struct comparison *c)
{
	static const char *const columns[] = {"heat pump", "when|local", "#lasted|s", "regime", "#outside|\xc2\xb0" "C", "#reference|W", "#model|W", "#error|W",
		"#of its squared error|%", NULL};
	struct report_table *t = report_table(&p->r, "worst_events", "Worst moments", columns);
	char when[40];

	for (int i = 0; i < c->events; i++) {
		const struct comparison_event *e = &c->event[i];
		struct row row = {.n = 0};

		row_text(&row, page_pump(p->a, e->pump));
		row_text(&row, local_instant(p->a, e->time, when));
		row_fixed(&row, e->seconds, 0);
		row_text(&row, regime_names[e->regime]);
		row_fixed(&row, e->outside, 1);
		row_fixed(&row, e->reference, 0);
		row_fixed(&row, e->estimate, 0);
		row_fixed(&row, e->estimate - e->reference, 0);
		row_fixed(&row, 100 * e->share, 2);
		row_add(&p->r, t, &row);
	}
}

static void event_data(struct accuracy_page *p, const struct comparison_event *e, int number)
{
	page_data(p, "event", number);
	for (int k = 0; k < e->n; k++) {
		if (isnan(e->r[k]) && isnan(e->m[k]))
			text_add(&p->script, "\n");
		else
			text_add(&p->script, "%.5g %.5g %.5g\n", e->at[k] / 60, e->r[k], e->m[k]);
	}
	page_data_end(p);
}

static void event_plot(struct accuracy_page *p, const struct comparison_event *e, int number)
{
	char title[120], when[40];

	page_axes(p, "min", number % 3 ? "" : "W");
	text_add(&p->script, "set tmargin 3\nset lmargin 8\nset rmargin 1.5\nset bmargin 3\nset grid x y lc rgb '" PAGE_PALE "' lw 0.6 lt 1\nset xrange [-15:15]\nset xtics 5\nset yrange [0:*]\n"
			     "set offsets 0, 0, graph 0.08, 0\nset title ");
	snprintf(title, sizeof(title), "%s, %s, %s", page_pump(p->a, e->pump), local_instant(p->a, e->time, when), regime_names[e->regime]);
	plot_quote(&p->script, title);
	text_add(&p->script, " font ',12' offset 0,-0.6\nplot $event%d using 1:2 with steps lw 2 lc rgb '" PAGE_INK "'", number);
	page_title(p, "", false);
	text_add(&p->script, ", $event%d using 1:3 with steps lw 1.6 lc rgb '#d55e00'", number);
	page_title(p, "", false);
	text_add(&p->script, "\n");
}

static void events_figure(struct accuracy_page *p, const struct comparison *c)
{
	int rows = (c->events + 2) / 3;

	page_figure(p, "worst_events", PAGE_WIDE, 20 + 260 * rows);
	for (int i = 0; i < c->events; i++)
		event_data(p, &c->event[i], i);
	text_add(&p->script, "set multiplot layout %d,3\n", rows);
	for (int i = 0; i < c->events; i++)
		event_plot(p, &c->event[i], i);
	text_add(&p->script, "unset multiplot\n");
	figures_announce(&p->r, "worst_events", "Worst moments.", false, "Black: reference; orange: model. A quarter of an hour before and after, skew taken off; lines are broken in gaps.");
}

static void hour_rows(struct accuracy_page *p, struct report_table *t, const struct comparison *c)
{
	for (int h = 0; h < 24; h++) {
		struct row row = {.n = 0};

		if (c->hour[h].n == 0)
			continue;
		row_who(&row, p->a, c->model, c->pump);
		row_count(&row, h);
		row_count(&row, (long long)c->hour[h].n);
		row_sums(&row, &c->hour[h], METRIC_BIAS, 2);
		row_sums(&row, &c->hour[h], METRIC_RMSE, 2);
		row_sums(&row, &c->hour[h], METRIC_ENERGY, 2);
		row_add(&p->r, t, &row);
	}
}

static void map_rows(struct accuracy_page *p, struct report_table *t, const struct comparison *c)
{
	for (int d = 0; d < c->days && c->residual; d++)
		for (int h = 0; h < 24; h++) {
			struct row row = {.n = 0};

			if (isnan(c->residual[d * 24 + h]))
				continue;
			row_who(&row, p->a, c->model, c->pump);
			row_text(&row, p->a->study.calendar.day[d].name);
			row_count(&row, h);
			row_fixed(&row, c->residual[d * 24 + h], 3);
			row_add(&p->r, t, &row);
		}
}

void accuracy_section_residuals(struct accuracy_page *p)
{
	static const char *const hours[] = {"model", "heat pump", "#local hour", "#rows", "#bias|W", "#RMSE|W", "#energy error|%", NULL};
	static const char *const map[] = {"model", "heat pump", "day", "#local hour", "#mean error|W", NULL};
	const struct comparison *c = page_there(p->a, p->model, -1);
	bool memory = false;

	report_section(&p->r, "Errors in time", "");
	if (!c)
		return;
	for (int i = 0; i < p->a->study.pumps; i++)
		memory |= has_acf(page_there(p->a, p->model, i));
	map_figure(p, c);
	if (memory)
		acf_figure(p);
	if (c->events > 0)
		events_figure(p, c);
	events_table(p, c);
	acf_table(p);
	page_aside(p, "by_hour", "By hour of the local day", hours, hour_rows);
	page_aside(p, "residual_map", "Mean error of every hour", map, map_rows);
}

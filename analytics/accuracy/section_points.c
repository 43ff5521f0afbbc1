/* 8: errors by operating point. */
#include "analytics/accuracy/accuracy_page.h"

#include "analytics/core/figures.h"
#include "analytics/core/plot.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { BIN_LEAST = 20 }; /* rows of a bin that is drawn */

/* A bin's name: "250 to 500"; the outer ones are open. */
static const char *bin_name(char out[32], int i, int n, double first, double width)
{
	double from = first + i * width;

	if (i == 0)
		snprintf(out, 32, "below %g", from + width);
	else if (i == n - 1)
		snprintf(out, 32, "from %g", from);
	else
		snprintf(out, 32, "%g to %g", from, from + width);
	return out;
}

static void bin_rows(struct accuracy_page *p, struct report_table *t, const struct comparison *c, const struct error_sums *bin, int n, double first,
	double width)
{
	char name[32];

	for (int i = 0; i < n; i++) {
		struct row row = {.n = 0};

		if (bin[i].n == 0)
			continue;
		row_who(&row, p->a, c->model, c->pump);
		row_text(&row, bin_name(name, i, n, first, width));
		row_count(&row, (long long)bin[i].n);
		row_fixed(&row, bin[i].seconds / 3600, 1);
		row_fixed(&row, bin[i].seconds > 0 ? bin[i].reference_j / bin[i].seconds : NAN, 1);
		row_sums(&row, &bin[i], METRIC_BIAS, 2);
		row_sums(&row, &bin[i], METRIC_MAE, 2);
		row_sums(&row, &bin[i], METRIC_RMSE, 2);
		row_sums(&row, &bin[i], METRIC_ENERGY, 2);
		row_add(&p->r, t, &row);
	}
}

/* Middle, bias, RMSE, share of the rows in %. */
static void bin_data(struct accuracy_page *p, int number, const struct error_sums *bin, int n, double first, double width)
{
	double all = 0;

	for (int i = 0; i < n; i++)
		all += bin[i].n;
	page_data(p, "bin", number);
	text_add(&p->script, "0 NaN NaN NaN\n");
	for (int i = 0; i < n; i++)
		if (bin[i].n > 0)
			text_add(&p->script, "%.6g %.6g %.6g %.6g\n", first + (i + 0.5) * width, bin[i].n < BIN_LEAST ? NAN : metric_of(&bin[i], METRIC_BIAS),
				bin[i].n < BIN_LEAST ? NAN : metric_of(&bin[i], METRIC_RMSE), 100 * bin[i].n / all);
	page_data_end(p);
}

struct bins {
	const char *figure, *title, *x;
	int n;
	double first, width;
	const struct error_sums *(*of)(const struct comparison *);
};

static const struct error_sums *power_of(const struct comparison *c)
{
	return c->power;
}

static const struct error_sums *temperature_of(const struct comparison *c)
{
	return c->temperature;
}

static const struct bins bins[] = {
	{"error_power", "Error over power.", "reference / W", POWER_BINS, 0, POWER_BIN_W, power_of},
	{"error_outside", "Error over outside temperature.", "outside / \xc2\xb0" "C", TEMPERATURE_BINS, TEMPERATURE_FIRST, TEMPERATURE_BIN_K, temperature_of},
};

static void bin_plot(struct accuracy_page *p, const struct bins *b)
{
	const struct accuracy *a = p->a;
	bool few = page_few(a) && a->study.pumps > 1;

	page_axes(p, b->x, "error / W");
	text_add(&p->script, "set rmargin 8\nset tmargin 5.4\nset border 11\nset y2label 'rows / %%' offset -0.8,0 tc rgb '" PAGE_SOFT "'\nset y2tics scale 0.5 tc rgb '" PAGE_SOFT
			     "'\nset y2range [0:*]\nset xrange [%g:%g]\nset xzeroaxis lc rgb '" PAGE_INK "' lw 0.8 lt 1\nset boxwidth %g\n"
			     "set style fill solid 1 noborder\nset key maxrows 3 width 0.5\nplot $bin%d using 1:4 axes x1y2 with boxes lc rgb '#e6ebf0' notitle",
		b->first, b->first + b->n * b->width, 0.92 * b->width, a->study.pumps);
	for (int i = 0; i < a->study.pumps; i++) {
		if (!page_there(a, p->model, i) || a->study.pumps == 1)
			continue;
		text_add(&p->script, ", $bin%d using 1:2 with linespoints pt %d ps 0.45 lw 1 dt %d lc rgb '%s'", i, page_mark(i), page_dashes(a, i), page_colour(a, i));
		page_title(p, page_pump(a, i), few);
	}
	text_add(&p->script, ", $bin%d using 1:2 with linespoints pt 7 ps 0.7 lw 2.6 lc rgb '" PAGE_INK "' title 'bias, all', "
			     "$bin%d using 1:3 with lines lw 1.6 dt 2 lc rgb '" PAGE_INK "' title 'RMSE, all'\n", a->study.pumps, a->study.pumps);
}

static void bin_figure(struct accuracy_page *p, const struct comparison *c, const struct bins *b)
{
	double n = 0;

	for (int i = 0; i < b->n; i++)
		n += b->of(c)[i].n;
	if (n == 0)
		return;
	page_figure(p, b->figure, PAGE_HALF, 400);
	for (int i = 0; i < p->a->study.pumps; i++)
		if (page_there(p->a, p->model, i) && p->a->study.pumps > 1)
			bin_data(p, i, b->of(page_there(p->a, p->model, i)), b->n, b->first, b->width);
	bin_data(p, p->a->study.pumps, b->of(c), b->n, b->first, b->width);
	bin_plot(p, b);
	figures_announce(&p->r, b->figure, b->title, true, "Grey bars: share of the rows. The outer bins are open; bins of fewer than 20 rows have no error.");
}

static void point_rows(struct accuracy_page *p, struct report_table *t, const struct comparison *c)
{
	char power[32], outside[32];

	for (int i = 0; i < POWER_BINS; i++)
		for (int k = 0; k < TEMPERATURE_BINS; k++) {
			const struct error_sums *s = &c->point[i][k];
			struct row row = {.n = 0};

			if (s->n == 0)
				continue;
			row_who(&row, p->a, c->model, c->pump);
			row_text(&row, bin_name(power, i, POWER_BINS, 0, POWER_BIN_W));
			row_text(&row, bin_name(outside, k, TEMPERATURE_BINS, TEMPERATURE_FIRST, TEMPERATURE_BIN_K));
			row_count(&row, (long long)s->n);
			row_sums(&row, s, METRIC_BIAS, 2);
			row_sums(&row, s, METRIC_RMSE, 2);
			row_sums(&row, s, METRIC_ENERGY, 2);
			row_add(&p->r, t, &row);
		}
}

static void power_rows(struct accuracy_page *p, struct report_table *t, const struct comparison *c)
{
	bin_rows(p, t, c, c->power, POWER_BINS, 0, POWER_BIN_W);
}

static void temperature_rows(struct accuracy_page *p, struct report_table *t, const struct comparison *c)
{
	bin_rows(p, t, c, c->temperature, TEMPERATURE_BINS, TEMPERATURE_FIRST, TEMPERATURE_BIN_K);
}

void accuracy_section_points(struct accuracy_page *p)
{
	static const char *const columns[] = {"model", "heat pump", "power|W", "outside|\xc2\xb0" "C", "#rows", "#bias|W", "#RMSE|W", "#energy error|%", NULL};
	const char *one[] = {"model", "heat pump", "power|W", "#rows", "#time|h", "#mean reference|W", "#bias|W", "#MAE|W", "#RMSE|W", "#energy error|%", NULL};
	const struct comparison *c = page_there(p->a, p->model, -1);

	report_section(&p->r, "By operating point", "By the reference's power and the outside temperature, row by row.");
	for (size_t i = 0; i < sizeof(bins) / sizeof(*bins) && c; i++)
		bin_figure(p, c, &bins[i]);
	page_tables(p, "by_power", "By power, all heat pumps together", one, power_rows);
	one[2] = "outside|\xc2\xb0" "C";
	page_tables(p, "by_outside", "By outside temperature, all heat pumps together", one, temperature_rows);
	page_aside(p, "operating_points", "By power and outside temperature", columns, point_rows);
}

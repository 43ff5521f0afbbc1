/* 7: errors by what the heat pump did. */
#include "analytics/accuracy/accuracy_page.h"

#include "analytics/core/figures.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static struct error_sums regime_sum(const struct comparison *c, int regime)
{
	struct error_sums s = {.n = 0};

	for (int d = 0; d < c->days; d++)
		error_sums_join(&s, &c->day[d].regime[regime]);
	return s;
}

static void regime_rows(struct accuracy_page *p, struct report_table *t, const struct comparison *c)
{
	for (int k = 0; k < REGIMES; k++) {
		struct error_sums s = regime_sum(c, k);
		struct row row = {.n = 0};

		if (s.n == 0)
			continue;
		row_who(&row, p->a, c->model, c->pump);
		row_text(&row, regime_names[k]);
		row_count(&row, (long long)s.n);
		row_metric(&row, &c->share_time[k], 1);
		row_metric(&row, &c->share_square[k], 1);
		row_fixed(&row, s.seconds > 0 ? s.reference_j / s.seconds : NAN, 1);
		row_metric(&row, &c->regime[k][METRIC_BIAS], 2);
		row_metric(&row, &c->regime[k][METRIC_MAE], 2);
		row_metric(&row, &c->regime[k][METRIC_RMSE], 2);
		row_add(&p->r, t, &row);
	}
}

static void regime_bar(struct accuracy_page *p, const struct interval *v, double at)
{
	bool known = !isnan(v->low) && !isnan(v->high);

	if (!isnan(v->value))
		text_add(&p->script, "%.2f %.5g %.5g %.5g\n", at, v->value, known ? fmax(0, v->low) : v->value, known ? v->high : v->value);
}

/* Regimes from top to bottom as they are in the list; those that occur. */
static void regime_figure(struct accuracy_page *p, const struct comparison *c)
{
	int order[REGIMES], n = 0;

	for (int k = 0; k < REGIMES; k++)
		if (regime_sum(c, k).n > 0)
			order[n++] = k;
	if (n == 0)
		return;
	page_figure(p, "regimes", PAGE_WIDE, 90 + 42 * n);
	page_data(p, "time", 0);
	text_add(&p->script, "0 NaN NaN NaN\n");
	for (int i = 0; i < n; i++)
		regime_bar(p, &c->share_time[order[i]], n - i + 0.19);
	page_data_end(p);
	page_data(p, "square", 0);
	text_add(&p->script, "0 NaN NaN NaN\n");
	for (int i = 0; i < n; i++)
		regime_bar(p, &c->share_square[order[i]], n - i - 0.19);
	page_data_end(p);
	page_axes(p, "share / %", "");
	text_add(&p->script, "unset grid\nset grid x lc rgb '" PAGE_PALE "' lw 0.6 lt 1\nset lmargin 17\nset border 2\nset yrange [0.4:%d.6]\nset xrange [0:*]\nset ytics scale 0 (", n);
	for (int i = 0; i < n; i++) {
		text_add(&p->script, i ? ", " : "");
		page_tic(p, regime_names[order[i]], n - i);
	}
	text_add(&p->script, ")\nset style fill solid 1 noborder\nset errorbars 0.7\n"
			     "plot $time0 using (0):1:(0):2:($1-0.17):($1+0.17) with boxxyerror lc rgb '#9aa7b4' title 'of the time', "
			     "$square0 using (0):1:(0):2:($1-0.17):($1+0.17) with boxxyerror lc rgb '#d55e00' title 'of the squared error', "
			     "$time0 using 2:1:3:4 with xerrorbars pt -1 lw 1.1 lc rgb '" PAGE_INK "' notitle, "
			     "$square0 using 2:1:3:4 with xerrorbars pt -1 lw 1.1 lc rgb '" PAGE_INK "' notitle\n");
	figures_announce(&p->r, "regimes", "Where the squared error comes from.", false,
		"All heat pumps together, with 95 % intervals. A regime whose lower bar is longer than its upper one costs more than its time.");
}

void accuracy_section_regimes(struct accuracy_page *p)
{
	static const char *const columns[] = {"model", "heat pump", "regime", "#rows", "~of the time|%", "~of the squared error|%", "#mean reference|W", "~bias|W",
		"~MAE|W", "~RMSE|W", NULL};
	const struct comparison *c = page_there(p->a, p->model, -1);

	report_section(&p->r, "By regime", "Each row is in one regime, the first of the list that holds. Transition: power stepped or something switched, one row on each side.");
	if (c)
		regime_figure(p, c);
	page_tables(p, "regimes", "Regimes, all heat pumps together", columns, regime_rows);
}

#include "analytics/accuracy/abba_study.h"

#include "analytics/accuracy/release_page.h"
#include "analytics/core/figures.h"
#include "analytics/core/plot.h"
#include "analytics/core/table_row.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DAY = 86400 };

static const char keep[] = "What to keep in mind";

static double error_of(const struct abba_day *d)
{
	return release_percent(log(d->estimate / d->reference));
}

static void scope(struct release_page *p, const struct abba_study *a)
{
	report_fact(&p->r, "Releases", "old", "%s", a->label[0]);
	report_fact(&p->r, "Releases", "new", "%s", a->label[1]);
	report_fact(&p->r, "Releases", "margin", "\xc2\xb1%g %%", 100 * a->options.rules.margin);
	report_fact(&p->r, "Releases", "pairs", "days not more than %d apart", a->options.apart);
	report_fact(&p->r, "Releases", "a day counts", "where %g %% of it does", 100 * a->options.comparison.covered);
	report_fact(&p->r, "Releases", "heat pumps", "%s",
		a->units == 1 ? "one" : a->options.rules.fixed ? "these alone (--units fixed)" : "stand for others (--units random)");
	for (int m = 0; m < a->models; m++)
		release_page_model(p, a->model[m].model.target == MODEL_HEAT_POWER ? "heat" : "electricity", &a->model[m]);
	release_page_scope(p, &a->study[0], "Under the old release");
	release_page_scope(p, &a->study[1], "Under the new release");
	release_page_again(p, a->options.command);
}

static void design_table(struct release_page *p, const struct abba_study *a)
{
	static const char *const columns[] = {"quantity", "#days old", "#days new", "#part old", "#part new", "#no energy", "#of both", "#lone old",
		"#lone new", "#pairs", "#old first", "#switches", "~order|%", NULL};
	struct report_table *t = report_table(&p->r, "design", "How the days lie", columns);

	if (t)
		snprintf(t->text, sizeof(t->text),
			"Days of all heat pumps. Part: less than %g %% of the day counts, as where the release was changed at noon: such days are left out. Lone: no "
			"day of the other release within %d days. Old first: pairs whose earlier day is the old release's; best is half of them. Order: what pairs "
			"with the new release later show above the others: a drift shows here, and cancels in new - old where half of the pairs lie either way.",
			100 * a->options.comparison.covered, a->options.apart);
	for (int q = 0; q < ABBA_QUANTITIES; q++) {
		const struct abba_design *d = &a->of[q].design;
		struct row row = {.n = 0};

		if (!a->metric[q].there)
			continue;
		row_text(&row, a->metric[q].title);
		row_count(&row, d->days[0]);
		row_count(&row, d->days[1]);
		row_count(&row, a->of[q].uncovered[0]);
		row_count(&row, a->of[q].uncovered[1]);
		row_count(&row, d->undefined[0] + d->undefined[1]);
		row_count(&row, d->shared);
		row_count(&row, d->unpaired[0]);
		row_count(&row, d->unpaired[1]);
		row_count(&row, d->pairs);
		row_count(&row, d->old_first);
		row_count(&row, d->switches);
		row_interval(&row, release_percent(d->order.value), release_percent(d->order.low), release_percent(d->order.high), 2);
		row_add(&p->r, t, &row);
	}
}

static void days_table(struct release_page *p, const struct abba_study *a)
{
	static const char *const columns[] = {"quantity", "heat pump", "day", "release", "#estimate|kWh, COP", "#reference|kWh, COP", "#error|%", "paired", NULL};
	struct report_table *t = report_table(&p->r, "days", "Day by day", columns);

	for (int q = 0; q < ABBA_QUANTITIES; q++)
		for (int i = 0; i < a->of[q].days; i++) {
			const struct abba_day *d = &a->of[q].day[i];
			double scale = q == ABBA_COP ? 1 : 3.6e6;
			struct row row = {.n = 0};
			char day[16];

			row_text(&row, a->metric[q].title);
			row_text(&row, a->unit[d->unit].name);
			row_text(&row, release_day_name(day, d->day));
			row_text(&row, a->label[d->newer]);
			row_fixed(&row, d->estimate / scale, 3);
			row_fixed(&row, d->reference / scale, 3);
			row_fixed(&row, error_of(d), 2);
			row_text(&row, d->paired ? "yes" : "no");
			row_add(&p->r, t, &row);
		}
	if (t)
		t->aside = t->rows > RELEASE_PAGE_ROWS;
}

static void pairs_table(struct release_page *p, const struct abba_study *a)
{
	static const char *const columns[] = {"quantity", "heat pump", "day old", "day new", "#error old|%", "#error new|%", "#new - old|%", NULL};
	struct report_table *t = report_table(&p->r, "pairs", "Pairs of days", columns);

	for (int q = 0; q < ABBA_QUANTITIES; q++)
		for (int i = 0; a->metric[q].there && i < a->metric[q].pairs; i++) {
			const struct release_pair *x = &a->metric[q].pair[i];
			struct row row = {.n = 0};
			char day[16];

			row_text(&row, a->metric[q].title);
			row_text(&row, a->unit[x->unit].name);
			row_text(&row, release_day_name(day, x->old_day));
			row_text(&row, release_day_name(day, x->cluster));
			row_fixed(&row, release_percent(x->old_error), 2);
			row_fixed(&row, release_percent(x->old_error + x->difference), 2);
			row_fixed(&row, release_percent(x->difference), 2);
			row_add(&p->r, t, &row);
		}
	if (t)
		t->aside = t->rows > RELEASE_PAGE_ROWS;
}

static void range_of_days(const struct abba_study *a, int *first, int *last)
{
	*first = 1 << 30;
	*last = -(1 << 30);
	for (int q = 0; q < ABBA_QUANTITIES; q++)
		for (int i = 0; i < a->of[q].days; i++) {
			*first = a->of[q].day[i].day < *first ? a->of[q].day[i].day : *first;
			*last = a->of[q].day[i].day > *last ? a->of[q].day[i].day : *last;
		}
}

/* Heat pumps side by side inside their day. */
static double place(const struct abba_study *a, int unit)
{
	return DAY * (0.5 + 0.6 * (unit - (a->units - 1) / 2.0) / (a->units + 1));
}

static void daily_panel(struct text *t, const struct abba_study *a, int q)
{
	char y[64];

	for (int r = 0; r < 2; r++) {
		text_add(t, "$d%d%d << EOD\n0 NaN\n", q, r);
		for (int i = 0; i < a->of[q].days; i++)
			if (a->of[q].day[i].newer == r)
				text_add(t, "%.0f %.6g\n", (double)a->of[q].day[i].day * DAY + place(a, a->of[q].day[i].unit), error_of(&a->of[q].day[i]));
		text_add(t, "EOD\n");
	}
	text_add(t, "$l%d << EOD\n0 NaN\n", q);
	for (int i = 0; i < a->metric[q].pairs; i++) {
		const struct release_pair *x = &a->metric[q].pair[i];

		text_add(t, "%.0f %.6g\n%.0f %.6g\n\n", (double)x->old_day * DAY + place(a, x->unit), release_percent(x->old_error),
			(double)x->cluster * DAY + place(a, x->unit), release_percent(x->old_error + x->difference));
	}
	text_add(t, "EOD\n");
	snprintf(y, sizeof(y), "%s: error / %%", a->metric[q].title);
	release_page_axes(t, y);
	text_add(t, "set xzeroaxis lc rgb '#8b96a1' lw 0.8 lt 1\nset offsets 0, 0, graph 0.06, graph 0.06\n");
}

static void plot_panel(struct text *t, const struct abba_study *a, int q, bool key)
{
	text_add(t, "plot $l%d using 1:2 with lines lw 1 lc rgb '#b8c1ca' notitle", q);
	for (int r = 0; r < 2; r++) {
		text_add(t, ", $d%d%d using 1:2 with points pt %d ps %s lc rgb '%s' ", q, r, r ? 9 : 6, r ? "0.9" : "0.8", figures_colour(r ? 1 : 0));
		text_add(t, key ? "title " : "notitle");
		if (key)
			plot_quote(t, a->label[r]);
	}
	text_add(t, "\n");
}

static void daily_figure(struct release_page *p, const struct abba_study *a)
{
	struct text *t = &p->script;
	int first, last, panels = 0;
	bool key = true;

	range_of_days(a, &first, &last);
	for (int q = 0; q < ABBA_QUANTITIES; q++)
		panels += a->metric[q].there && a->of[q].days > 0;
	if (panels == 0)
		return;
	plot_begin(t, "daily.svg", "daily", 1040, 60 + 240 * panels);
	text_add(t, "set multiplot layout %d,1\n", panels);
	for (int q = 0; q < ABBA_QUANTITIES; q++) {
		if (!a->metric[q].there || a->of[q].days == 0)
			continue;
		daily_panel(t, a, q);
		release_page_days(t, first, last);
		plot_panel(t, a, q, key);
		key = false;
	}
	text_add(t, "unset multiplot\n");
	figures_announce(&p->r, "daily", "Error of each day.", false,
		"Estimate against reference, one mark a heat pump and day; circles: old release, triangles: new release; a line joins the two days of a pair.");
}

static void order_notes(struct release_page *p, const struct abba_study *a)
{
	for (int q = 0; q < ABBA_QUANTITIES; q++) {
		const struct abba_design *d = &a->of[q].design;

		if (!a->metric[q].there || a->metric[q].doubt[0])
			continue;
		if (d->pairs > 1 && (d->old_first == 0 || d->old_first == d->pairs))
			report_note(&p->r, keep, "%s: in all pairs the %s release came first: a drift from day to day would count as an effect of the release. "
				"Alternate old, new, new, old.", a->metric[q].title, d->old_first ? "old" : "new");
		if (d->order.low > 0 || d->order.high < 0)
			report_note(&p->r, keep, "%s: pairs with the new release later differ from the others by %+.2f %% (p %.2g, two-sided): the days drift. %s",
				a->metric[q].title, release_percent(d->order.value), 2 * fmin(d->order.p, 1 - d->order.p),
				abs(2 * d->old_first - d->pairs) > d->pairs / 4 ? "The pairs do not lie evenly either way, so that part of it is in new - old."
										: "As many pairs lie either way, so that it cancels.");
		if (2 * (d->unpaired[0] + d->unpaired[1]) > d->days[0] + d->days[1])
			report_note(&p->r, keep, "%s: more than half of the days found no day of the other release within %d days: alternate more often, or see --apart.",
				a->metric[q].title, a->options.apart);
	}
}

static void notes(struct release_page *p, const struct abba_study *a)
{
	if (a->same_firmware)
		report_note(&p->r, keep, "The runs under the old and under the new release name the same firmware: check that they are what they are said to be.");
	for (int u = 0; u < a->units; u++)
		for (int r = 0; r < 2; r++)
			if (strchr(a->unit[u].firmware[r], ','))
				report_note(&p->r, keep, "%s ran more than one firmware under the %s release: %s.", a->unit[u].name, r ? "new" : "old", a->unit[u].firmware[r]);
	if (a->alone[0])
		report_note(&p->r, keep, "Not compared, for want of the other release: %s.", a->alone);
	order_notes(p, a);
	release_page_notes(p);
}

int abba_report(struct report *out, const struct abba_study *a, const char *folder, struct error *e)
{
	struct release_page p = {.r = {.bench = ""}, .script = TEXT_INIT, .metric = a->metric, .metrics = ABBA_QUANTITIES, .rules = &a->options.rules,
		.label = {a->label[0], a->label[1]}, .day_word = "pairs of days"};
	const struct study *const study[] = {&a->study[0], &a->study[1]};

	for (int u = 0; u < a->units; u++)
		p.unit[u] = a->unit[u].name;
	release_page_head(&p, "Release check: two releases by turns", study, 2, a->verdict, a->sentence);
	if (a->same_firmware) {
		size_t used = strlen(p.r.banner);

		snprintf(p.r.banner + used, sizeof(p.r.banner) - used, "%sOld and new runs name the same firmware", used ? ". " : "");
	}
	scope(&p, a);
	release_page_results(&p);
	release_page_forest(&p);
	daily_figure(&p, a);
	release_page_effects(&p);
	design_table(&p, a);
	pairs_table(&p, a);
	days_table(&p, a);
	notes(&p, a);
	return release_page_finish(&p, out, folder, e);
}

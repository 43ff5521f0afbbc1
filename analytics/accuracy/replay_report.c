#include "analytics/accuracy/replay_study.h"

#include "analytics/accuracy/release_page.h"
#include "analytics/core/figures.h"
#include "analytics/core/plot.h"
#include "analytics/core/table_row.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { DAY = 86400 };

static const char keep[] = "What to keep in mind";

static const char *pump_name(const struct replay_study *r, int pump)
{
	return pump < r->pumps ? r->study.pump[pump].name : "all";
}

static void scope(struct release_page *p, const struct replay_study *r)
{
	report_fact(&p->r, "Estimators", "target", "%s", model_target_names[r->old.model.target]);
	release_page_model(p, "old", &r->old);
	release_page_model(p, "new", &r->fresh);
	report_fact(&p->r, "Estimators", "margin", "\xc2\xb1%g %%", 100 * r->options.rules.margin);
	report_fact(&p->r, "Estimators", "a day counts", "where %g %% of it does", 100 * r->options.comparison.covered);
	report_fact(&p->r, "Estimators", "reference", "%s", r->referenced ? "as metered" : "none: only held against each other");
	for (int i = 0; i < r->pumps; i++)
		if (r->there[i] && r->has_reference[i])
			report_fact(&p->r, "Skew taken off", r->study.pump[i].name, "%.2f s", r->skew[i]);
	release_page_scope(p, &r->study, "Logs");
	release_page_again(p, r->options.command);
}

static void row_change(struct row *row, const struct replay_sums *s, enum metric metric)
{
	row_fixed(row, metric_of(&s->old, metric), 2);
	row_fixed(row, metric_of(&s->fresh, metric), 2);
	row_fixed(row, replay_change(s, metric), 2);
}

/* What the errors were, and what they are. */
static void change_row(struct release_page *p, struct report_table *t, const char *first, const char *second, const struct replay_sums *s)
{
	struct row row = {.n = 0};

	row_text(&row, first);
	row_text(&row, second);
	row_fixed(&row, s->seconds / 3600, 1);
	row_fixed(&row, replay_energy_of_old(s), 3);
	row_fixed(&row, replay_energy_of_reference(s), 3);
	row_change(&row, s, METRIC_BIAS);
	row_change(&row, s, METRIC_RMSE);
	row_change(&row, s, METRIC_NMBE);
	row_add(&p->r, t, &row);
}

static const char *const change_columns[] = {"heat pump", "", "#time|h", "#energy|% of old", "#energy|% of ref.", "#bias old|W", "#bias new|W",
	"#bias +|W", "#RMSE old|W", "#RMSE new|W", "#RMSE +|W", "#NMBE old|%", "#NMBE new|%", "#NMBE +|%", NULL};

static void change_tables(struct release_page *p, const struct replay_study *r)
{
	struct report_table *t = report_table(&p->r, "changes", "Old and new, by heat pump", change_columns);

	if (t)
		snprintf(t->text, sizeof(t->text),
			"The same rows through both: new - old is certain, not estimated. Energy: new - old, as a share of old and of the reference. Errors row by row, "
			"over rows that have a reference. +: growth, of bias and NMBE that of the absolute value; below zero is nearer to the reference.");
	for (int i = 0; i <= r->pumps; i++)
		if (r->there[i] && (i < r->pumps || r->pumps > 1))
			change_row(p, t, pump_name(r, i), "", &r->pump[i].all);
	t = report_table(&p->r, "regimes", "Old and new, by regime", change_columns);
	for (int i = 0; i <= r->pumps; i++)
		for (int k = 0; k < REGIMES && r->there[i] && (i < r->pumps || r->pumps > 1); k++)
			if (r->pump[i].regime[k].n > 0)
				change_row(p, t, pump_name(r, i), regime_names[k], &r->pump[i].regime[k]);
	if (t)
		t->aside = t->rows > RELEASE_PAGE_ROWS;
	t = report_table(&p->r, "days", "Old and new, by day", change_columns);
	for (int i = 0; i <= r->pumps; i++)
		for (int d = 0; d < r->pump[i].days && r->there[i] && (i < r->pumps || r->pumps > 1); d++)
			if (r->pump[i].day[d].n > 0)
				change_row(p, t, pump_name(r, i), r->study.calendar.day[d].name, &r->pump[i].day[d]);
	if (t)
		t->aside = t->rows > RELEASE_PAGE_ROWS;
}

static const char *const level_names[REPLAY_LEVELS] = {"no value", "LTE counters", "without heater flags", "all inputs"};

static void levels_table(struct release_page *p, const struct replay_study *r)
{
	static const char *const columns[] = {"heat pump", "old", "new", "#rows", "#time|h", "#of all|%", NULL};
	struct report_table *t = report_table(&p->r, "levels", "Rows whose availability differs", columns);

	if (t)
		text_copy(t->text, sizeof(t->text), "What the value of a row rests on, for either estimator, where that is not the same. Rows without a value of "
			"one of them are in no other table.");
	for (int i = 0; i < r->pumps; i++) {
		double all = 0;

		for (int a = 0; a < REPLAY_LEVELS; a++)
			for (int b = 0; b < REPLAY_LEVELS; b++)
				all += r->pump[i].level_rows[a][b];
		for (int a = 0; a < REPLAY_LEVELS; a++)
			for (int b = 0; b < REPLAY_LEVELS; b++) {
				struct row row = {.n = 0};

				if (a == b || !(r->pump[i].level_rows[a][b] > 0))
					continue;
				row_text(&row, r->study.pump[i].name);
				row_text(&row, level_names[a]);
				row_text(&row, level_names[b]);
				row_count(&row, (long long)r->pump[i].level_rows[a][b]);
				row_fixed(&row, r->pump[i].level[a][b] / 3600, 2);
				row_fixed(&row, 100 * r->pump[i].level_rows[a][b] / all, 2);
				row_add(&p->r, t, &row);
			}
	}
}

static void worst_table(struct release_page *p, const struct replay_study *r)
{
	static const char *const columns[] = {"heat pump", "instant (UTC)", "regime", "#old|W", "#new|W", "#new - old|W", "#reference|W",
		"#outside|\xc2\xb0" "C", "old rests on", "new rests on", NULL};
	struct report_table *t = report_table(&p->r, "worst", "The largest differences", columns);
	const struct replay_pump *all = &r->pump[r->pumps];

	if (t)
		snprintf(t->text, sizeof(t->text), "Rows by the size of new - old, those of one heat pump at least %g min apart.", REPLAY_APART / 60);
	for (int i = 0; i < all->worst_rows; i++) {
		const struct replay_worst *w = &all->worst[i];
		time_t at = (time_t)floor(w->time);
		struct row row = {.n = 0};
		char when[32];
		struct tm utc;

		gmtime_r(&at, &utc);
		strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", &utc);
		row_text(&row, pump_name(r, w->pump));
		row_text(&row, when);
		row_text(&row, regime_names[w->regime]);
		row_fixed(&row, w->old, 1);
		row_fixed(&row, w->fresh, 1);
		row_fixed(&row, w->fresh - w->old, 1);
		row_fixed(&row, w->reference, 1);
		row_fixed(&row, w->outside, 1);
		row_text(&row, level_names[w->old_level + 1]);
		row_text(&row, level_names[w->new_level + 1]);
		row_add(&p->r, t, &row);
	}
}

static double place(const struct replay_study *r, int pump)
{
	return DAY * (0.5 + 0.6 * (pump - (r->pumps - 1) / 2.0) / (r->pumps + 1));
}

static double daily(const struct replay_sums *s, int which)
{
	return which == 0 ? replay_energy_of_old(s) : metric_of(which == 1 ? &s->old : &s->fresh, METRIC_ENERGY);
}

/* Blocks $<which><pump>: instant, value. */
static void day_blocks(struct text *t, const struct replay_study *r, int which)
{
	for (int i = 0; i < r->pumps; i++) {
		text_add(t, "$w%d_%d << EOD\n0 NaN\n", which, i);
		for (int d = 0; d < r->pump[i].days && r->there[i]; d++) {
			double x = r->pump[i].day[d].n > 0 ? daily(&r->pump[i].day[d], which) : NAN;

			if (isfinite(x))
				text_add(t, "%.0f %.6g\n", (double)release_day_number(&r->study.calendar, d) * DAY + place(r, i), x);
		}
		text_add(t, "EOD\n");
	}
}

static void plot_days(struct text *t, const struct replay_study *r, int which, int type, bool key, bool first)
{
	bool comma = !first;

	for (int i = 0; i < r->pumps; i++) {
		if (!r->there[i])
			continue;
		text_add(t, "%s$w%d_%d using 1:2 with points pt %d ps 0.8 lw 1.4 lc rgb '%s' ", comma ? ", " : "", which, i, type, figures_colour(i));
		comma = true;
		text_add(t, key ? "title " : "notitle");
		if (key)
			plot_quote(t, r->study.pump[i].name);
	}
}

static void daily_figure(struct release_page *p, const struct replay_study *r)
{
	struct text *t = &p->script;
	int first = release_day_number(&r->study.calendar, 0), last = first + r->study.calendar.days - 1;

	plot_begin(t, "daily.svg", "daily", 1040, r->referenced ? 560 : 320);
	for (int w = 0; w < 3; w++)
		day_blocks(t, r, w);
	text_add(t, "set multiplot layout %d,1\n", r->referenced ? 2 : 1);
	release_page_axes(t, "new - old, of old / %");
	release_page_days(t, first, last);
	text_add(t, "set xzeroaxis lc rgb '#8b96a1' lw 0.8 lt 1\nset offsets 0, 0, graph 0.06, graph 0.06\nplot ");
	plot_days(t, r, 0, 7, true, true);
	text_add(t, "\n");
	if (r->referenced) {
		release_page_axes(t, "against reference / %");
		release_page_days(t, first, last);
		text_add(t, "set xzeroaxis lc rgb '#8b96a1' lw 0.8 lt 1\nset offsets 0, 0, graph 0.06, graph 0.06\nplot ");
		plot_days(t, r, 1, 6, false, true);
		plot_days(t, r, 2, 9, false, false);
		text_add(t, "\n");
	}
	text_add(t, "unset multiplot\n");
	figures_announce(&p->r, "daily", "Energy of each day.", false,
		r->referenced ? "Above: what the new estimator changes. Below: error of the old (circles) and of the new one (triangles) against the reference."
			      : "What the new estimator changes.");
}

static void regime_figure(struct release_page *p, const struct replay_study *r)
{
	const struct replay_pump *all = &r->pump[r->pumps];
	struct text *t = &p->script;
	int n = 0;

	if (!r->referenced)
		return;
	text_add(t, "$regimes << EOD\n");
	for (int k = 0; k < REGIMES; k++)
		if (all->regime[k].old.n > 0) {
			text_add(t, "%d %.6g %.6g ", n++, metric_of(&all->regime[k].old, METRIC_RMSE), metric_of(&all->regime[k].fresh, METRIC_RMSE));
			text_add(t, "\"%s\"\n", regime_names[k]);
		}
	text_add(t, "EOD\n");
	if (n == 0)
		return;
	plot_begin(t, "regimes.svg", "regimes", 1040, 340);
	release_page_axes(t, "RMSE / W");
	text_add(t, "set style fill solid 1 noborder\nset boxwidth 0.36\nset yrange [0:*]\nset xrange [-0.6:%g]\nset bmargin 5\nset xtics rotate by 20 right scale 0\n"
		    "set datafile separator whitespace\nplot $regimes using ($1-0.19):2:xtic(4) with boxes lc rgb '%s' title 'old', "
		    "$regimes using ($1+0.19):3 with boxes lc rgb '%s' title 'new'\n", n - 0.4, figures_colour(0), figures_colour(1));
	figures_announce(&p->r, "regimes", "Errors by regime.", false, "Row by row, all heat pumps with a reference; docs/accuracy.md says what the regimes are.");
}

static void notes(struct release_page *p, const struct replay_study *r)
{
	for (int i = 0; i < r->pumps; i++) {
		if (!r->there[i])
			report_note(&p->r, keep, "%s is left out: %s.", r->study.pump[i].name, r->why[i]);
		else if (r->referenced && !r->has_reference[i])
			report_note(&p->r, keep, "%s has no reference: its differences are in the tables, the verdict is without it.", r->study.pump[i].name);
	}
	if (!r->referenced)
		report_note(&p->r, keep, "No heat pump has a reference: that the new estimator is worse cannot be found, only whether both agree within the margin.");
	if (r->uncovered)
		report_note(&p->r, keep, "%d day%s of a heat pump with less than %g %% that counts: in the sums, not in the verdict.", r->uncovered,
			r->uncovered == 1 ? "" : "s", 100 * r->options.comparison.covered);
	if (r->old.digest[0] && strcmp(r->old.digest, r->fresh.digest) == 0)
		report_note(&p->r, keep, "Both files hold the same model.");
	release_page_notes(p);
}

int replay_report(struct report *out, const struct replay_study *r, const char *folder, struct error *e)
{
	char old[100], fresh[100];
	struct release_page p = {.r = {.bench = ""}, .script = TEXT_INIT, .metric = r->metric, .metrics = REPLAY_QUANTITIES, .rules = &r->options.rules,
		.label = {old, fresh}, .day_word = "days"};
	const struct study *const study[] = {&r->study};

	snprintf(old, sizeof(old), "%s %s", r->old.model.name, r->old.model.version);
	snprintf(fresh, sizeof(fresh), "%s %s", r->fresh.model.name, r->fresh.model.version);
	for (int i = 0; i < r->pumps; i++)
		p.unit[i] = r->study.pump[i].name;
	release_page_head(&p, "Release check: one log through two estimators", study, 1, r->verdict, r->sentence);
	scope(&p, r);
	release_page_results(&p);
	release_page_forest(&p);
	daily_figure(&p, r);
	regime_figure(&p, r);
	release_page_effects(&p);
	change_tables(&p, r);
	levels_table(&p, r);
	worst_table(&p, r);
	notes(&p, r);
	return release_page_finish(&p, out, folder, e);
}

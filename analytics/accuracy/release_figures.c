/* Figures that replay and ABBA have in common. */
#include "analytics/accuracy/release_page.h"

#include "analytics/core/figures.h"
#include "analytics/core/plot.h"

#include <math.h>
#include <stdio.h>

enum { DAY = 86400 };

void release_page_axes(struct text *t, const char *y)
{
	text_add(t, "reset\nset border 3 lc rgb '#8b96a1' lw 0.8\nset tics nomirror scale 0.5 tc rgb '#1c2530'\n"
		    "set grid y lc rgb '#dfe4ea' lw 0.6 lt 1\nset datafile missing 'NaN'\n"
		    "set key at graph 0, graph 1.03 left bottom horizontal Left reverse samplen 1.5 spacing 1.2 width 1 font ',12'\n"
		    "set lmargin 9\nset rmargin 3\nset tmargin 2.5\nset bmargin 2.5\nset ylabel ");
	plot_quote(t, y);
	text_add(t, " offset 0.5,0\n");
}

void release_page_days(struct text *t, int first, int last)
{
	int step = (last - first) / 12 + 1;

	text_add(t, "set xdata time\nset timefmt '%%s'\nset format x '%%d %%b'\nset xrange ['%lld':'%lld']\nset xtics %lld, %lld\n", (long long)first * DAY,
		(long long)(last + 1) * DAY, (long long)first * DAY + DAY / 2, (long long)step * DAY);
}

/* Lines of the forest: "low value high y all", from the top down; returns how many. */
static int forest_rows(struct release_page *p, struct text *tics, double *reach)
{
	struct text *t = &p->script;
	int n = 0;

	text_add(t, "$effects << EOD\nNaN NaN NaN 0 0\n");
	for (int i = 0; i < p->metrics; i++) {
		const struct release_effect *e = &p->metric[i].effect;

		for (int u = 0; p->metric[i].there && u <= RELEASE_UNITS; u++) {
			bool all = u == RELEASE_UNITS;
			const struct release_interval *x = all ? &e->difference : &e->unit[u].difference;
			double low = release_percent(isnan(x->low) ? x->value : x->low), high = release_percent(isnan(x->high) ? x->value : x->high);

			if (isnan(x->value) || (all && e->units == 1) || (!all && e->unit[u].pairs == 0))
				continue;
			text_add(t, "%.6g %.6g %.6g %d %d\n", low, release_percent(x->value), high, -n, all);
			text_add(tics, "%s", n ? ", " : "");
			{
				char label[160];

				snprintf(label, sizeof(label), "%s, %s", p->metric[i].title, all ? "all" : p->unit[u]);
				plot_quote(tics, label);
			}
			text_add(tics, " %d", -n++);
			*reach = fmax(*reach, fmin(fmax(fabs(low), fabs(high)), 20 * 100 * p->rules->margin));
		}
	}
	text_add(t, "EOD\n");
	return n;
}

void release_page_forest(struct release_page *p)
{
	struct text *t = &p->script, tics = TEXT_INIT;
	double margin = 100 * p->rules->margin, reach = 1.3 * margin;
	int rows;
	char caption[400];

	rows = forest_rows(p, &tics, &reach);
	if (rows == 0) {
		text_free(&tics);
		return;
	}
	plot_begin(t, "effects.svg", "effects", 1040, 110 + 30 * rows);
	release_page_axes(t, "");
	text_add(t, "unset ylabel\nunset grid\nset grid x lc rgb '#dfe4ea' lw 0.6 lt 1\nset border 1\nset lmargin 34\nset bmargin 3.5\nset tmargin 1\nunset key\n"
		    "set yrange [%g:0.7]\nset ytics (%s) scale 0\nset xrange [%.6g:%.6g]\nset xlabel 'new - old / %%'\n"
		    "set object 1 rectangle from first %.6g, graph 0 to first %.6g, graph 1 fc rgb '#e3f1ec' fs solid noborder behind\n"
		    "set arrow 1 from first 0, graph 0 to first 0, graph 1 nohead lc rgb '#8b96a1' lw 1 back\n"
		    "plot $effects using 1:4:($3-$1):(0) with vectors nohead lw 2.5 lc rgb '%s', "
		    "$effects using ($5 > 0 ? NaN : $2):4 with points pt 7 ps 0.8 lc rgb '%s', "
		    "$effects using ($5 > 0 ? $2 : NaN):4 with points pt 13 ps 1.6 lc rgb '%s'\n",
		0.3 - rows, tics.data ? tics.data : "", -1.05 * reach, 1.05 * reach, -margin, margin, figures_colour(0), figures_colour(0), figures_colour(1));
	snprintf(caption, sizeof(caption), "Bars: intervals of %g %%; diamonds: all heat pumps, each once. Shaded: the margin of \xc2\xb1%g %%, inside which the "
		"bar must lie to be called equivalent.", 100 * (1 - 2 * p->rules->alpha), margin);
	figures_announce(&p->r, "effects", "What the new one changes.", false, caption);
	text_free(&tics);
}

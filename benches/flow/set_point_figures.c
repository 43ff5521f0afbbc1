/* Reading and reference over the set points of a comparison: boxes of the samples that were used. */
#include "benches/flow/flow_report.h"

#include "analytics/core/figures.h"
#include "analytics/core/plot.h"
#include "daq/base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

struct lot {
	double *x;
	size_t n, room;
};

static void lot_add(struct lot *lot, double x)
{
	if (lot->n == lot->room) {
		size_t room = lot->room ? 2 * lot->room : 64;
		double *more = realloc(lot->x, room * sizeof(*more));

		if (!more)
			return;
		lot->x = more;
		lot->room = room;
	}
	lot->x[lot->n++] = x;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void take(struct lot *lot, const struct stored_run *run, int channel, double from, double to)
{
	struct stored_series s = stored_series(run, channel);

	for (size_t i = 0; i < s.rows; i++)
		if (s.time[i] >= from - 1e-9 && s.time[i] <= to + 1e-9 && stored_series_good(&s, i))
			lot_add(lot, s.value[i]);
}

static double at(const struct lot *lot, double p)
{
	return lot->x[(size_t)(p * (double)(lot->n - 1) + 0.5)];
}

/* Place, 5 %, 25 %, median, 75 %, 95 % of a point's samples, all less its reference's median, in % of that. */
static void box(struct text *t, struct lot *lot, double place, double base)
{
	if (lot->n == 0)
		return;
	qsort(lot->x, lot->n, sizeof(*lot->x), ascending);
	text_add(t, "%.3f", place);
	for (int i = 0; i < 5; i++)
		text_add(t, " %.6g", 100 * (at(lot, (double[]){0.05, 0.25, 0.5, 0.75, 0.95}[i]) / base - 1));
	text_add(t, "\n");
}

static int data(struct text *t, const struct flow_evaluation *ev, int dut, struct text *tics, bool reference)
{
	int place = 0, channel = reference ? stored_channel(&ev->run, "", "reference")
					   : stored_channel(&ev->run, ev->run.dut[dut].name, "flow");

	text_add(t, "$box%d%s << EOD\n", dut, reference ? "r" : "m");
	for (int i = 0; i < ev->points; i++) {
		const struct meter_point *p = &ev->point[i];
		struct lot lot = {NULL, 0, 0};
		double base = 0;

		if (p->dut != dut || p->method != FLOW_COMPARISON || !p->known)
			continue;
		for (int j = 0; j < ev->trials; j++) {
			const struct flow_trial *x = &ev->trial[j];

			if (x->known && meter_point_has(p, &ev->run, x)) {
				take(&lot, &ev->run, channel, x->samples.from, x->samples.to);
				base += x->samples.median_reference / p->used;
			}
		}
		box(t, &lot, place + (reference ? 0.17 : -0.17), base);
		free(lot.x);
		if (reference)
			text_add(tics, "%s\"%g %s\\n%.0f l/h\" %d", place ? ", " : "", p->set_point,
				p->unit[0] == 'p' ? "\xe2\x80\xb0" : p->unit, p->reference, place);
		place++;
	}
	text_add(t, "EOD\n");
	return place;
}

void flow_figures_set_points(struct text *t, struct report *r, const struct flow_evaluation *ev)
{
	for (int d = 0; d < ev->run.duts; d++) {
		char name[32], file[64], title[128];
		struct text tics = TEXT_INIT;
		int n = data(t, ev, d, &tics, false);

		data(t, ev, d, &tics, true);
		if (n > 0) {
			snprintf(name, sizeof(name), "set_points%d", d + 1);
			snprintf(file, sizeof(file), "%s.svg", name);
			snprintf(title, sizeof(title), "%s and the reference at each set point.", ev->run.dut[d].name);
			plot_begin(t, file, name, 1040, 420);
			flow_figures_dress(t, "", "deviation from the reference / %");
			text_add(t,
				"set bmargin 4\nset xtics (%s)\nset xrange [-0.6:%g]\nset offsets 0, 0, graph 0.06, graph 0.06\n"
				"set xzeroaxis lc rgb '#8b96a1' lw 0.8 lt 1\nset boxwidth 0.26\n",
				tics.data, n - 0.4);
			text_add(t,
				"plot $box%dm using 1:3:2:6:5 with candlesticks lw 1.2 lc rgb '%s' fs solid 0.35 title ", d,
				figures_colour(d));
			plot_quote(t, ev->run.dut[d].name);
			text_add(t,
				" whiskerbars 0.5, $box%dm using 1:4:4:4:4 with candlesticks lw 2.4 lc rgb '%s' notitle, "
				"$box%dr using 1:3:2:6:5 with candlesticks lw 1.2 lc rgb '#5b6774' fs solid 0.35 title 'reference' whiskerbars 0.5, "
				"$box%dr using 1:4:4:4:4 with candlesticks lw 2.4 lc rgb '#1c2530' notitle\nset xtics autofreq\n",
				d, figures_colour(d), d, d);
			figures_announce(r, name, title, false,
				"The samples that were used, relative to the median of the reference's: boxes hold the middle half, whiskers "
				"nine tenths, the bar is the median.");
		}
		text_free(&tics);
	}
}

/* The budget as bars: what each contribution has of the variance, and U itself beside them. */
#include "benches/flow/flow_report.h"

#include "analytics/core/figures.h"
#include "analytics/core/plot.h"
#include "daq/base/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { SHADES = 9, HEAD = 70, FOOT = 64 }; /* pixels above and below the bars */

static const char *const shade[SHADES] = {
	"#0072b2", "#56b4e9", "#009e73", "#e69f00", "#d55e00", "#cc79a7", "#7a6ab0", "#8c7a5b", "#b3bcc6"};

struct legend {
	int n;
	const char *name[SHADES]; /* the last one: all others */
};

static double share(const struct meter_point *p, int row)
{
	double u = uncertainty_share(&p->row[row]);

	return p->total.u > 0 ? 100 * u * u / (p->total.u * p->total.u) : 0;
}

/* The contributions of one meter with the largest shares anywhere, largest first; the rest together. */
static void choose(struct legend *l, const struct flow_evaluation *ev, int dut)
{
	l->n = 0;
	while (l->n < SHADES - 1) {
		const char *best = NULL;
		double most = 0.5; /* % */

		for (int i = 0; i < ev->points; i++)
			for (int j = 0; j < ev->point[i].rows && ev->point[i].dut == dut && ev->point[i].known; j++) {
				const char *name = ev->point[i].row[j].name;
				bool taken = false;

				for (int k = 0; k < l->n && !taken; k++)
					taken = strcmp(l->name[k], name) == 0;
				if (!taken && share(&ev->point[i], j) > most) {
					most = share(&ev->point[i], j);
					best = name;
				}
			}
		if (!best)
			break;
		l->name[l->n++] = best;
	}
}

/* One line a point: its place, then the shares one after the other, each as from and to. */
static int data(struct text *t, const struct flow_evaluation *ev, int dut, const struct legend *l, struct text *tics)
{
	int place = 0;

	text_add(t, "$budget%d << EOD\n", dut);
	for (int i = 0; i < ev->points; i++) {
		const struct meter_point *p = &ev->point[i];
		double at = 0;
		char U[32];

		if (p->dut != dut || !p->known || !(p->total.u > 0))
			continue;
		text_add(t, "%d", place);
		for (int k = 0; k < l->n; k++) {
			double own = 0;

			for (int j = 0; j < p->rows; j++)
				own += strcmp(p->row[j].name, l->name[k]) == 0 ? share(p, j) : 0;
			text_add(t, " %.4g %.4g", at, at + own);
			at += own;
		}
		text_add(t, " %.4g 100\n", at);
		text_add(tics, "%s'%.4g %s' %d", place ? ", " : "", p->set_point,
			p->unit[0] == 'p' ? "\xe2\x80\xb0" : "l/h", place);
		text_add(t, "# U = %s\n", report_uncertainty(U, sizeof(U), p->total.U));
		place++;
	}
	text_add(t, "EOD\n");
	return place;
}

static void expanded(struct text *t, const struct flow_evaluation *ev, int dut)
{
	int place = 0;

	for (int i = 0; i < ev->points; i++) {
		const struct meter_point *p = &ev->point[i];
		char U[32];

		if (p->dut != dut || !p->known || !(p->total.u > 0))
			continue;
		text_add(t, "set label 'U = %s %%' at 102, %d left font ',12'\n", report_uncertainty(U, sizeof(U), p->total.U),
			place++);
	}
}

void flow_figures_budget(struct text *t, struct report *r, const struct flow_evaluation *ev)
{
	for (int d = 0; d < ev->run.duts; d++) {
		char name[32], file[64], title[128];
		struct text tics = TEXT_INIT;
		struct legend l;
		int n;

		choose(&l, ev, d);
		n = data(t, ev, d, &l, &tics);
		if (n == 0) {
			text_free(&tics);
			continue;
		}
		snprintf(name, sizeof(name), "budget%d", d + 1);
		snprintf(file, sizeof(file), "%s.svg", name);
		snprintf(title, sizeof(title), "What the uncertainty of %s is made of.", ev->run.dut[d].name);
		plot_begin(t, file, name, 1040, HEAD + FOOT + 34 * n);
		flow_figures_dress(t, "share of the variance / %", "");
		text_add(t,
			"unset label\nunset grid\nset border 1\nset offsets 0, 0, 0, 0\nset xrange [0:100]\nset yrange [%g:-0.6]\n"
			"set ytics (%s) scale 0\nset lmargin 10\nset rmargin 14\nset tmargin at screen %.4f\nset bmargin at screen %.4f\n"
			"set key at screen 0.09, screen 0.995 left top vertical Left reverse maxrows 3 samplen 1.5 width 2\n",
			n - 0.4, tics.data, 1 - (double)HEAD / (HEAD + FOOT + 34 * n), (double)FOOT / (HEAD + FOOT + 34 * n));
		expanded(t, ev, d);
		text_add(t, "plot ");
		for (int k = 0; k <= l.n; k++) {
			text_add(t,
				"%s$budget%d using (($%d+$%d)/2):1:(($%d-$%d)/2):(0.33) with boxxyerror fs solid 1 noborder lc rgb '%s' title ",
				k ? ", " : "", d, 2 * k + 2, 2 * k + 3, 2 * k + 3, 2 * k + 2, k < l.n ? shade[k] : shade[SHADES - 1]);
			plot_quote(t, k < l.n ? l.name[k] : "all others");
		}
		text_add(t, "\nunset label\nset ytics autofreq\n");
		figures_announce(r, name, title, false,
			"Each bar is one set point; U on its right is the expanded uncertainty of the error there, in percent.");
		text_free(&tics);
	}
}

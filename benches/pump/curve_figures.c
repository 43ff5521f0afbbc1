/* The figure of a pump's curves: head, power and efficiency over flow, one above the other. */
#include "benches/pump/figures.h"

#include "analytics/core/plot.h"
#include "daq/base/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { CURVE_POINTS = 60 };

static bool of(const struct pump_curve *c, const char *dut)
{
	return strcmp(c->dut, dut) == 0;
}

/* Points: flow, U, head, U, power, U, efficiency, U. Curve: flow, head, power, efficiency in percent. */
static void curve_data(struct text *t, const struct pump_curve *c, int i)
{
	text_add(t, "$p%d << EOD\n", i);
	for (int j = 0; j < c->n; j++) {
		const struct pump_curve_point *p = &c->at[j];

		text_add(t, "%.6g %.6g %.6g %.6g %.6g %.6g %.6g %.6g\n", p->flow, 2 * p->flow_u, p->head,
			2 * p->head_u, p->power, 2 * p->power_u, 100 * p->efficiency.value,
			100 * p->efficiency.U);
	}
	text_add(t, "EOD\n$c%d << EOD\n", i);
	for (int j = 0; j <= CURVE_POINTS; j++) {
		double q = c->flow_min + (c->flow_max - c->flow_min) * j / CURVE_POINTS;

		text_add(t, "%.6g %.6g %.6g %.6g\n", q, pump_curve_head(c, q), pump_curve_power(c, q),
			100 * pump_curve_efficiency(c, q));
	}
	text_add(t, "EOD\n");
}

/* `column`: of the points; the curve has the same quantity in (column + 1) / 2. */
static void curves(
	struct text *t, const struct pump_evaluation *ev, const char *dut, const char *colour, int column)
{
	int shown = 0;

	text_add(t, "plot ");
	for (int i = 0; i < ev->curves; i++) {
		if (!of(&ev->curve[i], dut))
			continue;
		text_add(t,
			"%s$p%d using 1:($%d-$%d):(0):(2*$%d) with vectors nohead lw 2.6 lc rgb '#c3ccd6', "
			"$p%d using ($1-$2):%d:(2*$2):(0) with vectors nohead lw 2.6 lc rgb '#c3ccd6'",
			shown++ ? ", " : "", i, column, column + 1, column + 1, i, column);
		if (ev->curve[i].head.known)
			text_add(t, ", $c%d using 1:%d with lines lw 1.7 lc rgb '%s' notitle", i,
				(column + 1) / 2, colour);
		text_add(t, ", $p%d using 1:%d with points pt 7 ps 0.45 lc rgb '%s' notitle", i, column,
			colour);
	}
	text_add(t, "\n");
}

/* The set point of each curve beside its last point. */
static void labels(struct text *t, const struct pump_evaluation *ev, const char *dut)
{
	for (int i = 0; i < ev->curves; i++) {
		const struct pump_curve *c = &ev->curve[i];

		if (of(c, dut))
			text_add(t,
				"set label '%g ‰' at %.6g, %.6g left offset 0.9,0 font ',11' tc rgb "
				"'#5b6774'\n",
				c->set_point, c->at[c->n - 1].flow, c->at[c->n - 1].head);
	}
}

/* The tolerance cross: arms from the guarantee point as long as the grade allows, and the line through it. */
static void cross(struct text *t, const struct pump_evaluation *ev, const char *dut)
{
	const struct pump_settings *s = &ev->settings;
	const struct pump_grade *g = pump_grade_find(s->grade);

	for (int i = 0; i < ev->guarantees; i++) {
		if (!g || strcmp(ev->guarantee[i].curve->dut, dut) != 0)
			continue;
		text_add(t,
			"set arrow from 0, 0 to %.6g, %.6g nohead dt (3,4) lw 0.9 lc rgb '#8b96a1' front\n"
			"set arrow from %.6g, %.6g to %.6g, %.6g nohead lw 2.4 lc rgb '#1c2530' front\n"
			"set arrow from %.6g, %.6g to %.6g, %.6g nohead lw 2.4 lc rgb '#1c2530' front\n"
			"set label 'guarantee, %s' at %.6g, %.6g left offset 0.8,1.1 font ',12' front\n",
			s->flow * (1 + fmax(0, g->flow_max)), s->head * (1 + fmax(0, g->flow_max)),
			s->flow * (1 + g->flow_min), s->head, s->flow * (1 + g->flow_max), s->head, s->flow,
			s->head * (1 + g->head_min), s->flow, s->head * (1 + g->head_max), s->grade,
			s->flow * (1 + g->flow_max), s->head);
	}
}

static void panel(struct text *t, double bottom, double top, const char *label)
{
	text_add(t,
		"unset label\nunset arrow\nset bmargin at screen %g\nset tmargin at screen %g\nset ylabel "
		"'%s'\n",
		bottom, top, label);
}

static void plot_pump(struct text *t, const struct pump_evaluation *ev, const char *dut, const char *colour)
{
	double most = 0;

	for (int i = 0; i < ev->curves; i++)
		if (of(&ev->curve[i], dut)) {
			curve_data(t, &ev->curve[i], i);
			most = fmax(most, ev->curve[i].flow_max);
		}
	text_add(t,
		"set multiplot\nset border 3 lc rgb '#8b96a1' lw 0.8\nset tics nomirror scale 0.5 tc rgb "
		"'#1c2530'\n"
		"set grid lc rgb '#dfe4ea' lw 0.6 lt 1\nset datafile missing 'NaN'\nset key off\n"
		"set lmargin at screen 0.075\nset rmargin at screen 0.95\nset format x ''\nset yrange [0:*]\n"
		"set offsets 0, 0, graph 0.08, 0\nset bars 0\n");
	text_add(t, "set xrange [0:%.6g]\n", 1.06 * most);
	panel(t, 0.56, 0.97, "head / m");
	labels(t, ev, dut);
	cross(t, ev, dut);
	curves(t, ev, dut, colour, 3);
	panel(t, 0.335, 0.53, "P_1  / W");
	curves(t, ev, dut, colour, 5);
	text_add(t, "set format x '%%g'\nset xlabel 'flow / (m³/h)'\n");
	panel(t, 0.09, 0.305, "efficiency / %");
	curves(t, ev, dut, colour, 7);
	text_add(t, "unset multiplot\n");
}

void pump_figures_curves(struct text *script, struct report *report, const struct pump_evaluation *ev)
{
	char name[32], file[64], title[128];

	for (int d = 0; d < ev->run.duts; d++) {
		const char *dut = ev->run.dut[d].name;
		bool any = false;

		for (int i = 0; i < ev->curves; i++)
			any |= of(&ev->curve[i], dut);
		if (!any)
			continue;
		snprintf(name, sizeof(name), "curve%d", d + 1);
		snprintf(file, sizeof(file), "%s.svg", name);
		snprintf(title, sizeof(title), "Head, power and efficiency of %s.", dut);
		plot_begin(script, file, name, 1040, 760);
		plot_pump(script, ev, dut, figures_colour(d));
		figures_announce(report, name, title, false,
			ev->guarantees ? "Points with expanded uncertainties, quadratic fits per set point. "
					 "Cross: guarantee point "
					 "with the tolerances of ISO 9906 (unverified table); dotted: the "
					 "line on which power and "
					 "efficiency are read."
				       : "Points with expanded uncertainties, quadratic fits per set point.");
	}
}

/* Error curves, differences, regression. */
#include "benches/flow/flow_report.h"

#include "analytics/core/figures.h"
#include "analytics/core/plot.h"
#include "benches/flow/meter_class.h"
#include "daq/base/text.h"

#include <math.h>
#include <stdio.h>

enum { LIMIT_STEPS = 120 };

void flow_figures_dress(struct text *t, const char *x, const char *y)
{
	text_add(t, "set border 3 lc rgb '#8b96a1' lw 0.8\nset tics nomirror scale 0.5 tc rgb '#1c2530'\n"
		    "set grid y lc rgb '#dfe4ea' lw 0.6 lt 1\nset datafile missing 'NaN'\n"
		    "set key default\nset key at graph 0, graph 1.03 left bottom horizontal Left reverse samplen 2 spacing 1.2 width 1 font ',12'\n"
		    "set lmargin 9\nset rmargin 3\nset tmargin 3\nset bmargin 3.6\nset xrange [*:*]\nset yrange [*:*]\n"
		    "set offsets graph 0.04, graph 0.04, graph 0.08, graph 0.06\n");
	text_add(t, "set xlabel '%s'\nset ylabel '%s' offset 0.5,0\n", x, y);
}

static double highest_flow(const struct flow_evaluation *ev, double *lowest)
{
	double most = 0;

	*lowest = INFINITY;
	for (int i = 0; i < ev->points; i++)
		if (ev->point[i].known) {
			most = fmax(most, ev->point[i].reference);
			*lowest = fmin(*lowest, ev->point[i].reference);
		}
	return most;
}

/* The class limits as a staircase over flow; false without a class. */
static bool class_limits(struct text *t, const struct flow_evaluation *ev)
{
	double low, high = highest_flow(ev, &low) * 1.06, temperature = 20, before = NAN;
	int n = 0;

	low *= 0.94;
	for (int i = 0; i < ev->points; i++)
		if (!isnan(ev->point[i].temperature))
			temperature = ev->point[i].temperature;
	text_add(t, "$limit << EOD\n");
	for (int i = 0; i <= LIMIT_STEPS && high > 0; i++) {
		double q = low * pow(high / low, (double)i / LIMIT_STEPS), mpe = meter_class_mpe(&ev->settings, q, temperature);

		if (isnan(mpe)) {
			text_add(t, "\n");
			continue;
		}
		if (fabs(mpe - before) > 0.2 * mpe) /* a step, not a slope */
			text_add(t, "%.6g %.6g\n", q, before);
		text_add(t, "%.6g %.6g\n", q, mpe);
		before = mpe;
		n++;
	}
	text_add(t, "EOD\n");
	return n > 0;
}

/* Points of one meter in the order of flow, and its single trials. */
static int error_data(struct text *t, const struct flow_evaluation *ev, int dut)
{
	double last = -INFINITY;
	int n = 0;

	text_add(t, "$point%d << EOD\n", dut);
	for (;;) {
		const struct meter_point *next = NULL;

		for (int i = 0; i < ev->points; i++) {
			const struct meter_point *p = &ev->point[i];

			if (p->dut == dut && p->known && p->reference > last && (!next || p->reference < next->reference))
				next = p;
		}
		if (!next)
			break;
		last = next->reference;
		text_add(t, "%.6g %.6g %.6g\n", next->reference, next->error, next->total.U);
		n++;
	}
	text_add(t, "EOD\n$trial%d << EOD\n", dut);
	for (int i = 0; i < ev->trials; i++)
		if (ev->trial[i].dut == dut && ev->trial[i].known)
			text_add(t, "%.6g %.6g\n", ev->trial[i].reference, ev->trial[i].error);
	text_add(t, "-1 NaN\nEOD\n");
	return n;
}

/* Flows of more than a decade are drawn by their logarithms. */
static void flow_axis(struct text *t, const struct flow_evaluation *ev)
{
	double low, high = highest_flow(ev, &low);

	if (high > 12 * low)
		text_add(t, "set logscale x\nset xtics (10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000)\n");
	text_add(t, "set xrange [%.6g:%.6g]\n", low * 0.92, high * 1.08);
}

static void error_curve(struct text *script, struct report *r, const struct flow_evaluation *ev)
{
	struct text plot = TEXT_INIT;
	bool limits = false;

	plot_begin(script, "error.svg", "error", 1040, 460);
	flow_figures_dress(script, "flow / (l/h)", "error / %");
	text_add(script, "set offsets 0, 0, graph 0.08, graph 0.06\nset xzeroaxis lc rgb '#8b96a1' lw 0.8 lt 1\n");
	limits = class_limits(script, ev);
	flow_axis(script, ev);
	if (limits)
		text_add(&plot, ", $limit using 1:2 with lines lw 1.4 dt (6,4) lc rgb '#5b6774' title 'class limit', "
				"$limit using 1:(-$2) with lines lw 1.4 dt (6,4) lc rgb '#5b6774' notitle");
	for (int d = 0; d < ev->run.duts; d++) {
		const char *colour = figures_colour(d);

		if (error_data(script, ev, d) == 0)
			continue;
		text_add(&plot,
			", $trial%d using 1:2 with points pt 6 ps 0.45 lw 0.8 lc rgb '%s' notitle, "
			"$point%d using 1:($2-$3):(0):(2*$3) with vectors nohead lw 3 lc rgb '%s' notitle, "
			"$point%d using 1:2 with linespoints pt 7 ps 0.65 lw 1.3 lc rgb '%s' title ",
			d, colour, d, colour, d, colour);
		plot_quote(&plot, ev->run.dut[d].name);
	}
	if (plot.length > 2) {
		text_add(script, "plot %s\nunset logscale\nset xtics autofreq\n", plot.data + 2);
		figures_announce(r, "error", "Error curves.", false,
			"Mean error at each set point; bars are expanded uncertainties at 95 % (some are smaller than their mark), "
			"small circles the single trials.");
	}
	text_free(&plot);
}

static void whole_data(struct text *t, const struct flow_whole *w, int block)
{
	text_add(t, "$w%d << EOD\n", block);
	for (int i = 0; i < w->n; i++)
		text_add(t, "%.8g %.8g %.8g %.8g\n", w->reference[i], w->reading[i],
			(w->reference[i] + w->reading[i]) / 2, w->error[i]);
	text_add(t, "EOD\n");
}

/* A level line across the plot, and its interval as a bar on the right. */
static void level(struct text *t, int number, double y, double U, const char *colour, const char *dashes, const char *label)
{
	double at = 0.995 + 0.025 * (number == 1 ? 2 : number == 2 ? 3 : 1);

	if (isnan(y))
		return;
	text_add(t, "set arrow %d from graph 0, first %.6g to graph 1, first %.6g nohead lw 1.3 dt %s lc rgb '%s'\n", number, y,
		y, dashes, colour);
	if (U > 0)
		text_add(t,
			"set arrow %d from graph %g, first %.6g to graph %g, first %.6g heads size screen 0.007,90 front lw 1.3 lc "
			"rgb '%s'\n",
			number + 10, at, y - U, at, y + U, colour);
	text_add(t, "set label %d '%s %.3g' at graph 0.985, first %.6g right offset 0,0.5 font ',11' tc rgb '%s'\n", number,
		label, y, y, colour);
}

static void agreement(struct text *t, struct report *r, const struct flow_evaluation *ev, int block, bool relative)
{
	const struct flow_whole *w = &ev->whole[block];
	const struct agreement *a = relative ? &w->relative : &w->absolute;
	double k = stats_coverage_factor(FLOW_LEVEL, a->dof), low = a->low - k * a->limit_u, high = a->high + k * a->limit_u,
	       flow = 0;
	char name[32], file[64], title[128];

	if (isnan(a->sd))
		return;
	for (int i = 0; i < w->n; i++) {
		double d = relative ? w->error[i] : w->reading[i] - w->reference[i];

		low = fmin(low, d);
		high = fmax(high, d);
		flow = fmax(flow, w->reference[i]);
	}
	snprintf(name, sizeof(name), "agreement_%s%d", relative ? "relative" : "absolute", block + 1);
	snprintf(file, sizeof(file), "%s.svg", name);
	snprintf(title, sizeof(title), "Differences of %s, in %s.", ev->run.dut[w->dut].name, relative ? "percent" : "l/h");
	plot_begin(t, file, name, 520, 400);
	flow_figures_dress(t, "mean of reading and reference / (l/h)",
		relative ? "reading \xe2\x88\x92 reference / %" : "reading \xe2\x88\x92 reference / (l/h)");
	text_add(t, "unset arrow\nunset label\nset key off\nset tmargin 1.5\nset rmargin 7\nset xzeroaxis lc rgb '#8b96a1' lw 0.8 lt 1\n");
	text_add(t, "set offsets 0, 0, 0, 0\nset xrange [0:%.6g]\nset yrange [%.6g:%.6g]\n", 1.15 * flow,
		low - 0.05 * (high - low), high + 0.09 * (high - low));
	level(t, 1, a->bias, k * a->bias_u, "#1c2530", "1", "mean");
	level(t, 2, a->low, k * a->limit_u, "#5b6774", "(6,4)", "lower limit");
	level(t, 3, a->high, k * a->limit_u, "#5b6774", "(6,4)", "upper limit");
	text_add(t, "plot $w%d using 3:%s with points pt 7 ps 0.5 lc rgb '%s'\nunset arrow\nunset label\n", block,
		relative ? "4" : "($2-$1)", figures_colour(w->dut));
	figures_announce(r, name, title, true,
		relative ? "As on the left, relative to the reference."
			 : "Bland and Altman: mean difference and limits between which 95 % of differences are expected, "
			   "with their intervals as bars on the right; each dot is a trial.");
}

static void regression(struct text *t, struct report *r, const struct flow_evaluation *ev, int block)
{
	const struct flow_whole *w = &ev->whole[block];
	double low = INFINITY, high = 0;
	char name[32], file[64], title[128];

	if (isnan(w->deming.slope))
		return;
	for (int i = 0; i < w->n; i++) {
		low = fmin(low, w->reference[i]);
		high = fmax(high, w->reference[i]);
	}
	snprintf(name, sizeof(name), "regression%d", block + 1);
	snprintf(file, sizeof(file), "%s.svg", name);
	snprintf(title, sizeof(title), "%s over the reference.", ev->run.dut[w->dut].name);
	text_add(t, "$line%d << EOD\n", block);
	for (int i = 0; i <= 40; i++) {
		double x = low + (high - low) * i / 40;
		struct stats_interval at = line_fit_at(&w->deming, x, FLOW_LEVEL);

		text_add(t, "%.6g %.6g %.6g %.6g\n", x, at.value - x, at.value - x - at.U, at.value - x + at.U);
	}
	text_add(t, "EOD\n");
	plot_begin(t, file, name, 1040, 420);
	text_add(t, "set multiplot layout 1,2\n");
	flow_figures_dress(t, "reference / (l/h)", "reading / (l/h)");
	text_add(t,
		"set offsets 0, 0, 0, 0\nset xrange [0:%.6g]\nset yrange [0:*]\nset tmargin 4.5\nset key maxrows 2\nplot x with lines lw 1 dt (3,3) lc rgb '#5b6774' title 'reading = reference', %.8g + %.8g*x with "
		"lines lw 1.5 lc rgb '%s' title 'Deming', $w%d using 1:2 with points pt 7 ps 0.5 lc rgb '%s' notitle\n",
		1.06 * high, w->deming.intercept, w->deming.slope, figures_colour(w->dut), block, figures_colour(w->dut));
	flow_figures_dress(t, "reference / (l/h)", "reading \xe2\x88\x92 reference / (l/h)");
	text_add(t,
		"set offsets 0, 0, graph 0.05, graph 0.05\nset xrange [0:%.6g]\nset tmargin 4.5\nset key maxrows 2\n"
		"set xzeroaxis lc rgb '#5b6774' lw 1 dt (3,3)\nplot $line%d using 1:3:4 with filledcurves fc rgb '%s' fs transparent "
		"solid 0.15 noborder title '95 %%', $line%d using 1:2 with lines lw 1.5 lc rgb '%s' title "
		"'Deming', (%.8g + %.8g*x) - x with lines lw 1.2 dt (6,4) lc rgb '#1c2530' title 'ordinary', $w%d using "
		"1:($2-$1) with points pt 7 ps 0.5 lc rgb '%s' notitle\nunset multiplot\n",
		1.06 * high, block, figures_colour(w->dut), block, figures_colour(w->dut), w->ordinary.intercept, w->ordinary.slope, block,
		figures_colour(w->dut));
	figures_announce(r, name, title, false,
		"Left: all trials with Deming's line. Right: the same less the reference, which makes small deviations visible; the "
		"band holds the line with 95 %.");
}

void flow_figures(struct report *r, const struct flow_evaluation *ev, const char *folder)
{
	struct text script = TEXT_INIT;

	error_curve(&script, r, ev);
	for (int i = 0; i < ev->wholes; i++)
		whole_data(&script, &ev->whole[i], i);
	flow_figures_set_points(&script, r, ev);
	for (int i = 0; i < ev->wholes; i++) {
		agreement(&script, r, ev, i, false);
		agreement(&script, r, ev, i, true);
	}
	for (int i = 0; i < ev->wholes; i++)
		regression(&script, r, ev, i);
	flow_figures_budget(&script, r, ev);
	figures_draw(r, &script, folder);
	text_free(&script);
}

/* Figures of the models: static lines with their bands, dynamics measured against their free run. */
#include "benches/pump/figures.h"

#include "analytics/core/plot.h"
#include "daq/base/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { BAND_POINTS = 40, MOST_BANDS = 2 };

static bool of(const struct pump_line *l, const struct pump_evaluation *ev, int dut)
{
	return strcmp(l->dut, ev->run.dut[dut].name) == 0;
}

/* Block: duty, line, line - band, line + band; and its points. */
static void line_data(struct text *t, const struct pump_line *l, int i)
{
	double low = INFINITY, high = -INFINITY;

	text_add(t, "$p%d << EOD\n", i);
	for (size_t j = 0; j < l->n; j++) {
		text_add(t, "%.6g %.6g\n", l->duty[j], l->feedback[j]);
		low = fmin(low, l->duty[j]);
		high = fmax(high, l->duty[j]);
	}
	text_add(t, "EOD\n$l%d << EOD\n", i);
	for (int j = 0; j <= BAND_POINTS; j++) {
		double row[] = {1, low + (high - low) * j / BAND_POINTS}, y = lsq_at(&l->fit, row);

		text_add(t, "%.6g %.6g %.6g %.6g\n", row[1], y, y - l->band, y + l->band);
	}
	text_add(t, "EOD\n");
}

struct look {
	const char *dash, *size;
	int mark;
};

/* Bands first, so that nothing lies below them. With more lines than can be told apart they have none. */
static void line_plot(struct text *t, const struct pump_evaluation *ev, int dut)
{
	static const int marks[] = {7, 6, 5, 4, 9, 8, 13, 12};
	const char *colour = figures_colour(dut);
	struct look look;
	char title[120];
	int own = 0, shown = 0, band = 0;

	for (int i = 0; i < ev->lines; i++)
		own += of(&ev->line[i], ev, dut);
	text_add(t, "plot ");
	for (int i = 0; i < ev->lines && own <= MOST_BANDS; i++)
		if (of(&ev->line[i], ev, dut))
			text_add(t,
				"$l%d using 1:3:4 with filledcurves fc rgb '%s' fs transparent solid 0.10 "
				"noborder notitle, "
				"for [c=3:4] $l%d using 1:c with lines lw 0.7 dt %s lc rgb '%s' notitle, ",
				i, colour, i, band++ % 2 ? "(7,4)" : "1", colour);
	for (int i = 0; i < ev->lines; i++) {
		const struct pump_line *l = &ev->line[i];

		if (!of(l, ev, dut))
			continue;
		if (own <= MOST_BANDS)
			snprintf(title, sizeof(title), "%s%s%.1f W %s %.4f W/‰ × duty", l->valve,
				l->valve[0] ? ": " : "", l->fit.coefficient[0],
				l->fit.coefficient[1] < 0 ? "−" : "+", fabs(l->fit.coefficient[1]));
		else
			text_copy(title, sizeof(title), l->valve);
		look = (struct look){shown % 2 ? "(7,4)" : "1", l->excitation ? "0.3" : "0.7",
			l->excitation ? 7 : marks[shown % 8]};
		text_add(t, "%s$l%d using 1:2 with lines lw 1.7 dt %s lc rgb '%s' notitle", shown ? ", " : "",
			i, look.dash, colour);
		text_add(t, ", $p%d using 1:2 with points pt %d ps %s lc rgb '%s' notitle, ", i, look.mark,
			look.size, colour);
		text_add(t, "keyentry with linespoints lw 1.7 dt %s pt %d ps %s lc rgb '%s' title ",
			look.dash, look.mark, look.size, colour);
		plot_quote(t, title);
		shown++;
	}
	text_add(t, "\n");
}

static void script_lines(struct text *t, struct report *r, const struct pump_evaluation *ev)
{
	char name[32], file[64], title[128];

	for (int d = 0; d < ev->run.duts; d++) {
		double left = ev->run.duts > 1 ? 0.13 : 0.08;
		bool any = false;

		for (int i = 0; i < ev->lines; i++)
			any |= of(&ev->line[i], ev, d);
		if (!any)
			continue;
		snprintf(name, sizeof(name), "line%d", d + 1);
		snprintf(file, sizeof(file), "%s.svg", name);
		snprintf(title, sizeof(title), "Static line of %s.", ev->run.dut[d].name);
		plot_begin(t, file, name, ev->run.duts > 1 ? 520 : 1040, 400);
		for (int i = 0; i < ev->lines; i++)
			if (of(&ev->line[i], ev, d))
				line_data(t, &ev->line[i], i);
		pump_figures_dress(t, "read-back / W", false);
		text_add(t,
			"set key at screen %g, screen 0.985 left top vertical Left reverse samplen 2.5 "
			"spacing 1.2 font "
			"',12' maxrows 3\nset lmargin at screen %g\nset rmargin at screen 0.97\nset tmargin "
			"at screen 0.80\n"
			"set bmargin at screen 0.16\n",
			left, left);
		line_plot(t, ev, d);
		figures_announce(r, name, title, ev->run.duts > 1,
			"What the pump reads back over the duty it is told. The band, drawn for up to two lines, holds a "
			"single value with 95 %. Dots: settled means, or moving means over 20 samples under "
			"excitation.");
	}
}

static void answer_data(struct text *t, const struct pump_dynamics *d)
{
	double zero = d->rows ? d->time[0] : 0, cut = 0, last = zero;

	text_add(t, "$d << EOD\n");
	for (size_t i = 0; i < d->rows; i++) {
		if (isnan(d->time[i])) {
			text_add(t, "\n");
			continue;
		}
		if (d->time[i] - last > PUMP_GAP)
			cut += d->time[i] - last - PUMP_GAP;
		last = d->time[i];
		text_add(t, "%.3f %.6g", d->time[i] - zero - cut, d->duty[i]);
		for (int a = 0; a < PUMP_ANSWERS; a++)
			text_add(t, " %.6g %.6g", d->answer[a][i],
				d->model[a].fit.known ? d->free_run[a][i] : NAN);
		text_add(t, "\n");
	}
	text_add(t, "EOD\n");
}

static void panel(struct text *t, double bottom, double top, const char *label)
{
	text_add(t, "set bmargin at screen %g\nset tmargin at screen %g\nset ylabel '%s' offset 1,0\n",
		bottom, top, label);
}

static void answer_panel(struct text *t, const struct pump_dynamics *d, int answer, const char *colour)
{
	const struct arx *m = &d->model[answer];
	int column = 3 + 2 * answer;

	text_add(t, "unset label\nset label 'measured' at graph 0.012, graph 1.09 left offset 0.8,-0.3 font "
		    "',12' point pt 7 ps "
		    "0.4 lc rgb '#5b6774'\n");
	if (m->fit.known)
		text_add(t,
			"set label 'model, from the duty alone' at graph 0.115, graph 1.09 left font ',12' "
			"tc rgb '%s'\n"
			"set label 'fit: free run %.0f %%, one step ahead %.0f %%' at graph 0.995, graph "
			"1.09 right font ',12' tc "
			"rgb '#5b6774'\n",
			colour, m->free_run.fit, m->one_step.fit);
	text_add(t, "plot $d using 1:%d with points pt 7 ps 0.3 lc rgb '#5b6774'", column);
	if (m->fit.known)
		text_add(t, ", $d using 1:%d with lines lw 1.8 lc rgb '%s'", column + 1, colour);
	text_add(t, "\n");
}

static void dynamics_plot(struct text *t, const struct pump_dynamics *d, const char *colour)
{
	bool flow = d->channel[PUMP_FLOW] >= 0;

	answer_data(t, d);
	text_add(t, "set multiplot\nset border 3 lc rgb '#8b96a1' lw 0.8\nset tics nomirror scale 0.5 tc rgb "
		    "'#1c2530'\n"
		    "set grid y lc rgb '#dfe4ea' lw 0.6 lt 1\nset datafile missing 'NaN'\n"
		    "set lmargin at screen 0.075\nset rmargin at screen 0.985\nset xrange [*:*] noextend\n"
		    "set format x ''\nset key off\nset offsets 0, 0, graph 0.06, graph 0.06\n");
	if (d->channel[PUMP_FEEDBACK] >= 0) {
		panel(t, flow ? 0.63 : 0.33, 0.935, "read-back / W");
		answer_panel(t, d, PUMP_FEEDBACK, colour);
	}
	if (flow) {
		panel(t, 0.27, 0.555, "flow / (l/h)");
		answer_panel(t, d, PUMP_FLOW, colour);
	}
	panel(t, 0.105, 0.225, "duty / ‰");
	text_add(t,
		"unset label\nset format x '%%g'\nset xlabel 'time / s'\nset yrange [0:1000]\nset ytics 500\n"
		"set offsets 0, 0, 0, 0\nplot $d using 1:2 with steps lw 1.3 lc rgb '#5b6774'\nunset "
		"multiplot\n");
}

static void script_dynamics(struct text *t, struct report *r, const struct pump_evaluation *ev)
{
	char name[32], file[64], title[128];

	for (int i = 0; i < ev->dynamics_count; i++) {
		const struct pump_dynamics *d = &ev->dynamics[i];
		int dut = (int)(stored_dut(&ev->run, d->dut) - ev->run.dut);

		snprintf(name, sizeof(name), "dynamics%d", i + 1);
		snprintf(file, sizeof(file), "%s.svg", name);
		snprintf(title, sizeof(title), "Dynamics of %s%s%s.", d->dut, d->valve[0] ? ", " : "",
			d->valve);
		plot_begin(t, file, name, 1040, 520);
		dynamics_plot(t, d, figures_colour(dut));
		figures_announce(r, name, title, false,
			"Measured against the model run free: from the first two samples of each stretch on "
			"it is given "
			"the duty alone, never again what was measured.");
	}
}

void pump_figures_models(struct text *script, struct report *report, const struct pump_evaluation *ev)
{
	script_lines(script, report, ev);
	script_dynamics(script, report, ev);
}

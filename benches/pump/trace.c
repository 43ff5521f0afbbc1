/* The traces of one device in time: flow, power, duty in three panels over one axis. */
#include "analytics/core/plot.h"
#include "benches/pump/figures.h"
#include "daq/base/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define LONG_PAUSE 60.0 /* s */

/* From run time to the axis: where each step begins on it. Steps are in order of time. */
struct axis {
	const struct pump_evaluation *ev;
	const char *dut;
	double end; /* of the axis, s */
};

static bool of(const struct axis *a, int step)
{
	return strcmp(a->ev->step[step].step->dut, a->dut) == 0;
}

/* Seconds to take from run time within a step, so that the device's steps follow each other. */
static double shift(const struct axis *a, int step)
{
	double cut = 0, last = NAN;

	for (int i = 0; i <= step; i++) {
		const struct pump_step *s = &a->ev->step[i];

		if (!of(a, i) || isnan(s->from))
			continue;
		if (isnan(last))
			cut = s->from;
		else if (s->from - last > LONG_PAUSE)
			cut += s->from - last - PUMP_GAP;
		last = s->to;
	}
	return cut;
}

/* What is still drawn behind a step: until any pump's next step begins, and no more than fits before the
 * cut. */
static double tail(const struct axis *a, int step)
{
	double rest = PUMP_GAP / 2;

	for (int i = 0; i < a->ev->steps; i++) {
		double pause = a->ev->step[i].from - a->ev->step[step].to;

		if (pause > 0)
			rest = fmin(rest, of(a, i) || pause < rest ? pause : rest);
	}
	return rest;
}

/* Whether the line stops behind a step: the device's next one does not follow on at once. */
static bool cut_behind(const struct axis *a, int step)
{
	for (int i = step + 1; i < a->ev->steps; i++)
		if (of(a, i))
			return a->ev->step[i].from - a->ev->step[step].to > PUMP_GAP;
	return true;
}

/* One block of points per channel. A sample that is not good breaks the line. */
static void data(struct text *t, const struct axis *a, int channel, const char *block)
{
	struct stored_series series = stored_series(&a->ev->run, channel);

	text_add(t, "$%s << EOD\n", block);
	for (int i = 0; i < a->ev->steps; i++) {
		const struct pump_step *s = &a->ev->step[i];
		double cut = of(a, i) ? shift(a, i) : 0, rest = of(a, i) ? tail(a, i) : 0;

		if (!of(a, i) || isnan(s->from))
			continue;
		for (size_t j = 0; j < series.rows; j++) {
			if (series.time[j] < s->from - 1e-6 || series.time[j] >= s->to + fmax(rest, 1e-3))
				continue;
			if (stored_series_good(&series, j))
				text_add(t, "%.3f %.6g\n", series.time[j] - cut, series.value[j]);
			else
				text_add(t, "\n");
		}
		if (cut_behind(a, i))
			text_add(t, "\n");
	}
	text_add(t, "-1 NaN\nEOD\n");
}

/* Samples that were not good, as ticks on the floor of the panel. */
static void flagged(struct text *t, const struct axis *a, int channel, const char *block)
{
	struct stored_series series = stored_series(&a->ev->run, channel);

	text_add(t, "$%s << EOD\n", block);
	for (int i = 0; i < a->ev->steps; i++) {
		size_t first, end;

		if (!of(a, i))
			continue;
		stored_series_range(&series, a->ev->step[i].step->first_tick, a->ev->step[i].step->last_tick,
			&first, &end);
		for (size_t j = first; j < end; j++)
			if (!stored_series_good(&series, j))
				text_add(t, "%.3f 0.03\n", series.time[j] - shift(a, i));
	}
	text_add(t, "-1 NaN\nEOD\n");
}

static void set_point_label(struct text *t, const struct pump_step *s, double at)
{
	char words[32];

	snprintf(words, sizeof(words), "%g", s->step->set_point);
	text_add(t, "set label '%s' at %.3f, graph 1.06 center font ',11' tc rgb '#5b6774'\n",
		s->excitation		      ? "excitation"
		: isnan(s->step->set_point) ? ""
					      : words,
		at);
}

/* Steps shaded (every other one), settled windows tinted; set points and valve positions above the first
 * panel. */
static void shade(struct text *t, struct axis *a, const char *colour, enum pump_quantity q, bool words)
{
	const char *valve = NULL;
	int object = 1, seen = 0;

	text_add(t, "unset object\nunset label\nunset arrow\n");
	for (int i = 0; i < a->ev->steps; i++) {
		const struct pump_step *s = &a->ev->step[i];
		double cut = shift(a, i), middle = (s->from + s->to) / 2 - cut;

		if (!of(a, i) || isnan(s->from))
			continue;
		if (seen++ % 2 == 0)
			text_add(t,
				"set object %d rectangle from %.3f, graph 0 to %.3f, graph 1 behind fc rgb "
				"'#eef1f4' fs solid noborder\n",
				object++, s->from - cut, s->to - cut);
		if (pump_mean_usable(&s->quantity[q]))
			text_add(t,
				"set object %d rectangle from %.3f, graph 0 to %.3f, graph 1 behind fc rgb "
				"'%s' fs solid 0.13 noborder\n",
				object++, s->quantity[q].window - cut, s->to - cut, colour);
		if (words) {
			set_point_label(t, s, middle);
			if (!valve || strcmp(valve, s->step->valve) != 0) {
				text_add(t, "set label ");
				plot_quote(t, s->step->valve[0] ? s->step->valve : "");
				text_add(t, " at %.3f, graph 1.17 left font ',12'\n", s->from - cut);
			}
			valve = s->step->valve;
		}
		a->end = fmax(a->end, s->to - cut);
	}
}

static void panel(struct text *t, double bottom, double top, const char *label, bool last)
{
	text_add(t,
		"set bmargin at screen %g\nset tmargin at screen %g\nset lmargin at screen 0.075\nset "
		"rmargin at screen 0.985\n",
		bottom, top);
	text_add(t, "set ylabel '%s' offset 1,0\n", label);
	text_add(t, last ? "set format x '%%g'\nset xlabel 'time in the steps / s (long pauses cut out)'\n"
			 : "set format x ''\nunset xlabel\n");
}

void pump_figures_trace(struct text *t, const struct pump_evaluation *ev, int dut)
{
	struct axis a = {ev, ev->run.dut[dut].name, 0};
	const char *colour = figures_colour(dut), *under = ev->run.dut[dut].name;
	int flow = stored_channel(&ev->run, under, "flow"),
	    feedback = stored_channel(&ev->run, under, "feedback");
	int power = stored_channel(&ev->run, under, "power"),
	    duty = stored_channel(&ev->run, under, "duty");

	data(t, &a, flow, "flow");
	data(t, &a, feedback, "feedback");
	data(t, &a, power, "power");
	data(t, &a, duty, "duty");
	flagged(t, &a, flow, "badflow");
	flagged(t, &a, feedback, "badfeedback");
	text_add(t, "set multiplot\nset border 3 lc rgb '#8b96a1' lw 0.8\nset tics nomirror scale 0.5 tc rgb "
		    "'#1c2530'\n"
		    "set grid y lc rgb '#dfe4ea' lw 0.6 lt 1\nset datafile missing 'NaN'\n");
	shade(t, &a, colour, PUMP_FLOW, true);
	text_add(t, "set xrange [0:%.3f]\nset yrange [0:*]\nset y2range [0:1]\nset key off\n", a.end);
	panel(t, 0.58, 0.88, "flow / (l/h)", false);
	text_add(t,
		"plot $flow with lines lw 1.6 lc rgb '%s', $badflow axes x1y2 with points pt 2 ps 0.5 lc rgb "
		"'#b93a00'\n",
		colour);
	shade(t, &a, colour, PUMP_FEEDBACK, false);
	panel(t, 0.28, 0.54, "power / W", false);
	text_add(t,
		"set key at graph 0.995, graph 0.98 right top horizontal samplen 2 spacing 1.1 font ',11'\n"
		"plot $feedback with lines lw 1.6 lc rgb '%s' title 'read-back'%s, "
		"$badfeedback axes x1y2 with points pt 2 ps 0.5 lc rgb '#b93a00' notitle\n",
		colour, power >= 0 ? ", $power with lines lw 1.2 lc rgb '#1c2530' title 'reference'" : "");
	text_add(t, "set key off\n");
	panel(t, 0.115, 0.24, "duty / \xe2\x80\xb0", true);
	text_add(t, "set yrange [0:1000]\nset ytics 500\nplot $duty with steps lw 1.4 lc rgb "
		    "'#5b6774'\nunset multiplot\n");
}

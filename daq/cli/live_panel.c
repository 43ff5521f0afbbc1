#include "daq/cli/live_panel.h"

#include "analytics/core/plot.h"
#include "daq/base/text.h"
#include "daq/cli/live_trace.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const palette[] = {
	"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#1c2530"};

enum { COLOURS = sizeof(palette) / sizeof(*palette), INK = COLOURS - 1 };

/* How it is read, where that is not how it is typed. */
static const char *unit_sign(const struct live_view *v, const char *unit)
{
	static const char *const signs[][2] = {{"permille", "\xe2\x80\xb0"}, {"degC", "\xc2\xb0\x43"},
		{"1", ""}, {"percent", "%"}, {"m3/h", "m\xc2\xb3/h"}, {"m3", "m\xc2\xb3"}};

	for (size_t i = 0; i < sizeof(signs) / sizeof(*signs); i++)
		if (!v->ascii && strcmp(unit, signs[i][0]) == 0)
			return signs[i][1];
	return unit;
}

/* ---- which channels stand together ---- */

static struct live_panel *panel_for(struct live_view *v, const char *unit)
{
	for (int p = 0; p < v->panels; p++)
		if (strcmp(v->panel[p].unit, unit) == 0 && v->panel[p].count < LIVE_PANEL_SERIES)
			return &v->panel[p];
	if (v->panels == LIVE_PANELS)
		return NULL;
	v->panel[v->panels] = (struct live_panel){.unit = unit, .steps = true};
	return &v->panel[v->panels++];
}

static double weight(const struct live_panel *panel)
{
	return panel->steps ? 0.55 : 1;
}

static void fit(struct live_view *v)
{
	double room = (v->top - v->bottom) * v->lines, least = v->letters ? 5 : 4, used = 0;

	for (v->shown = 0; v->shown < v->panels; v->shown++) {
		used += weight(&v->panel[v->shown]);
		if (v->shown && room / used < least)
			break;
	}
}

void live_panels_sort(struct live_view *v)
{
	struct live_panel set_points[LIVE_PANELS];
	int later = 0, kept = 0;

	for (int i = 0; i < v->data->serieses; i++) {
		const struct live_series *s = &v->data->series[i];
		struct live_panel *panel = panel_for(v, s->channel.unit);

		if (!panel)
			continue;
		panel->series[panel->count++] = i;
		panel->steps = panel->steps && s->steps;
	}
	for (int p = 0; p < v->panels; p++) {
		if (v->panel[p].steps)
			set_points[later++] = v->panel[p];
		else
			v->panel[kept++] = v->panel[p];
	}
	for (int p = 0; p < later; p++)
		v->panel[kept + p] = set_points[p];
	fit(v);
}

/* ---- time ---- */

void live_clock(char *out, size_t size, double seconds)
{
	long long s = llround(seconds);

	snprintf(out, size, "%s%lld:%02lld:%02lld", s < 0 ? "-" : "", llabs(s) / 3600, llabs(s) / 60 % 60,
		llabs(s) % 60);
}

/* A step between two marks of the axis that reads well, so that their labels do not touch. */
static double tic_step(double span, int columns)
{
	static const double good[] = {
		1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600};
	double room = columns > 40 ? columns / 12.0 : 3;

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		if (span / good[i] <= room)
			return good[i];
	return 43200;
}

/* Only the lowest panel says the times. */
static void add_axis(struct text *t, const struct live_view *v, bool lowest)
{
	double step = tic_step(v->to - v->from, v->columns);
	char label[32] = "";
	bool first = true;

	text_add(t, "set xrange [%.10g:%.10g]\nset xtics (", v->from, v->to);
	for (double at = ceil(v->from / step) * step; at <= v->to; at += step, first = false) {
		if (lowest)
			live_clock(label, sizeof(label), at);
		text_add(t, "%s'%s' %.10g", first ? "" : ", ", label, at);
	}
	text_add(t, ")\n");
	if (lowest && !v->letters)
		text_add(t,
			"set label 'since the start / h:mm:ss' at screen %g, screen %g right font ',9' tc "
			"rgb '#5b6774'\n",
			v->right, 1.0 / v->lines);
}

/* ---- what is behind the lines ---- */

/* As much of a name as has room. */
static void cut_name(char *out, size_t size, const struct live_view *v, const char *name, int room)
{
	if ((int)strlen(name) <= room)
		text_copy(out, size, name);
	else
		snprintf(out, size, "%.*s%s", room > 1 ? room - 1 : 1, name, v->ascii ? "." : "\xe2\x80\xa6");
}

/* What tells a step from its neighbours in little room: its name, its set point, its number. */
static void name_step(
	char *out, size_t size, const struct live_view *v, const struct run_step *step, int room)
{
	text_copy(out, size, step->name);
	if ((int)strlen(out) > room && !isnan(step->set_point))
		snprintf(out, size, "%g %s", step->set_point, unit_sign(v, step->unit));
	if ((int)strlen(out) > room)
		snprintf(out, size, "%lld", (long long)step->number);
}

static void add_step(
	struct text *t, const struct live_view *v, const struct run_step *step, double end, bool words)
{
	double begin = live_data_instant(v->data, step->first_tick), from = fmax(begin, v->from),
	       to = fmin(end, v->to);
	int room = (int)((to - from) / (v->to - v->from) * (v->right - v->left) * v->columns) - 1;
	char name[128];

	if (to <= from)
		return;
	if (!v->letters && step->number % 2 == 0)
		text_add(t,
			"set object rectangle from %.10g, graph 0 to %.10g, graph 1 behind fc rgb '#eef1f4' "
			"fs solid noborder\n",
			from, to);
	if (!v->letters && begin > v->from)
		text_add(t,
			"set arrow from %.10g, graph 0 to %.10g, graph 1 nohead back lw 0.6 lc rgb "
			"'#c3ccd6'\n",
			begin, begin);
	if (!words || room < 2)
		return;
	name_step(name, sizeof(name), v, step, v->letters ? room : room * 11 / 10);
	text_add(t, "set label ");
	plot_quote(t, name);
	text_add(t, " at %.10g, graph 1 center offset 0,%s font ',9' tc rgb '#5b6774'\n", (from + to) / 2,
		v->letters ? "1" : "0.6");
}

/* A step lasts until the next one begins: what lies between two of them is the first one's pause. */
static void add_steps(struct text *t, const struct live_view *v, bool words)
{
	const struct live_data *data = v->data;

	for (int i = 0; i < data->steps; i++) {
		double end =
			i + 1 < data->steps ? live_data_instant(data, data->step[i + 1].first_tick) : v->to;

		if (i + 1 == data->steps && data->step[i].last_tick >= 0)
			end = live_data_instant(data, data->step[i].last_tick + 1);
		add_step(t, v, &data->step[i], end, words);
	}
}

/* ---- the lines ---- */

/* One device under test has one colour in all panels, as long as it is not taken there; the others are ink
 * first. */
static int colour_of(const struct live_view *v, const struct live_panel *panel, int series, unsigned *taken)
{
	const char *dut = v->data->series[series].channel.dut, *seen[COLOURS];
	int colour = INK, duts = 0;

	for (int i = 0; dut[0] && i <= series && duts < INK; i++) {
		const char *other = v->data->series[i].channel.dut;
		int k = 0;

		while (k < duts && strcmp(seen[k], other) != 0)
			k++;
		if (k == duts && other[0])
			seen[duts++] = other;
		if (other[0] && strcmp(other, dut) == 0)
			colour = k;
	}
	for (int tries = 0; tries < COLOURS && *taken >> colour & 1; tries++)
		colour = (colour + 1) % COLOURS;
	if (panel->count <= COLOURS)
		*taken |= 1u << colour;
	return colour;
}

static void add_number(char *out, size_t size, const struct live_series *s, const struct live_trace *trace)
{
	double r = s->channel.resolution;
	int decimals = r > 0 ? (int)fmin(fmax(ceil(-log10(r) - 1e-9), 0), 6) : 0;

	if (trace->quality != QUALITY_GOOD)
		text_copy(out, size, quality_name(trace->quality));
	else if (isnan(trace->last))
		text_copy(out, size, "-");
	else if (r > 0)
		snprintf(out, size, "%.*f", decimals, trace->last);
	else
		snprintf(out, size, "%.5g", trace->last);
}

static void add_legend(struct text *t, const struct live_view *v, int line, const struct live_series *s,
	const struct live_trace *trace, const char *colour)
{
	static const char *const letters[] = {
		"* ", "# ", "$ ", "% ", "@ ", "& ", "= "}; /* gnuplot's own, in order */
	int room = (int)((1 - v->right) * v->columns);
	double down = v->letters ? 0.0 - line : -0.5 - 1.15 * line;
	char name[64], number[48], shown[80];
	bool good = trace->quality == QUALITY_GOOD;

	add_number(number, sizeof(number), s, trace);
	cut_name(name, sizeof(name), v, s->channel.name, room - (int)strlen(number) - 4);
	snprintf(shown, sizeof(shown), "%s%s", v->letters ? letters[line % 7] : "", name);
	text_add(t, "set label ");
	plot_quote(t, shown);
	text_add(t, " at screen %g, graph 1 left offset 0,%g font ',10' tc rgb '%s'\nset label ",
		v->right + 1.6 / v->columns, down, colour);
	plot_quote(t, number);
	text_add(t, " at screen %g, graph 1 right offset 0,%g font '%s,10' tc rgb '%s'\n", 1 - v->edge, down,
		good ? "sans-serif:Bold" : "sans-serif", good ? "#1c2530" : "#b93a00");
}

/* Only what has points: gnuplot warns of every block without any. */
static void add_curve(struct text *t, const struct live_view *v, int n, const struct live_series *s,
	const struct live_trace *trace, const char *colour, bool thin)
{
	const char *style = s->steps ? "steps" : "lines";
	char look[64];

	if (v->letters)
		snprintf(look, sizeof(look), "lt %d", n % 7 + 1);
	else
		snprintf(look, sizeof(look), "lw %s lc rgb '%s'%s",
			thin || colour == palette[INK] ? "1.1" : "1.6", colour, thin ? " dt (8,4)" : "");
	if (trace->good)
		text_add(t, ", $l%d with %s %s", n, style, look);
	if (trace->lone && v->letters)
		text_add(t, ", $p%d with points pt %d", n, n % 7 + 1);
	else if (trace->lone)
		text_add(t, ", $p%d with points pt 7 ps 0.35 lc rgb '%s'", n, colour);
	if (trace->bad && v->letters)
		text_add(t, ", $b%d axes x1y2 with points pt 'x'", n);
	else if (trace->bad)
		text_add(t, ", $b%d using 1:2:(0):(0.035) axes x1y2 with vectors nohead lw 1.2 lc rgb '%s'",
			n, colour);
}

/* 1, 2 or 5 and zeros, so that no more than `most` of it fit into `size`. */
static double good_step(double size, double most)
{
	double power = pow(10, floor(log10(size / most))), part = size / most / power;

	return power * (part <= 1 ? 1 : part <= 2 ? 2 : part <= 5 ? 5 : 10);
}

/* Zero is shown where it is near; below the lines there is room for the marks. */
static void add_range(struct text *t, double lowest, double highest, double finest, double lines)
{
	double size, step;

	if (lowest > highest)
		lowest = 0, highest = 1;
	if (lowest >= 0 && lowest < 0.4 * highest)
		lowest = 0;
	size = highest - lowest;
	if (size < 1e-9 * fmax(1, fabs(highest))) { /* it does not change: in the middle */
		size = fmax(0.04 * fabs(highest), 1e-3);
		lowest -= size / 2;
		highest += size / 2;
	}
	step = fmax(good_step(size, fmax(1.6, fmin(lines / 2, 6))), isfinite(finest) ? finest : 0);
	text_add(t, "set yrange [%.9g:%.9g]\nset ytics %.9g\nset format y '%%.%df'\n", lowest - 0.14 * size,
		highest + 0.1 * size, step, (int)fmin(fmax(-floor(log10(step) + 1e-9), 0), 9));
}

static void add_panel(struct text *t, const struct live_view *v, int p, double bottom, double top)
{
	const struct live_panel *panel = &v->panel[p];
	int lines = (int)((top - bottom) * v->lines / (v->letters ? 1 : 1.15)), marks = 0;
	double lowest = INFINITY, highest = -INFINITY, finest = INFINITY;
	struct text curves = TEXT_INIT;
	unsigned taken = 0;

	for (int i = 0; i < panel->count; i++) {
		const struct live_series *s = &v->data->series[panel->series[i]];
		const char *colour = palette[colour_of(v, panel, panel->series[i], &taken)];
		struct live_trace trace = live_trace_add(t, v->data, s, i, marks);

		marks += trace.bad > 0;
		lowest = fmin(lowest, trace.lowest);
		highest = fmax(highest, trace.highest);
		finest = s->channel.resolution > 0 ? fmin(finest, s->channel.resolution) : finest;
		add_curve(&curves, v, i, s, &trace, colour, s->steps && !panel->steps);
		if (i < lines - 1 || panel->count <= lines)
			add_legend(t, v, i, s, &trace, colour);
		else if (i == lines - 1)
			text_add(t,
				"set label '... %d more' at screen %g, graph 1 left offset 0,%g font ',10' "
				"tc rgb '#5b6774'\n",
				panel->count - i, v->right + 1.6 / v->columns, -0.5 - 1.15 * i);
	}
	add_range(t, lowest, highest, finest, (top - bottom) * v->lines);
	add_steps(t, v, p == 0);
	text_add(t, "set bmargin at screen %g\nset tmargin at screen %g\nset label ", bottom, top);
	plot_quote(t, unit_sign(v, panel->unit));
	text_add(t, " at screen %g, graph %s font ',10' tc rgb '#5b6774'\n", v->edge,
		v->letters ? "1" : "0.5 left rotate by 0");
	add_axis(t, v, p == v->shown - 1);
	text_add(t, "plot NaN%s\nunset label\nunset object\nunset arrow\n", curves.data ? curves.data : "");
	t->failed = t->failed || curves.failed;
	text_free(&curves);
}

void live_panels_add(struct text *script, const struct live_view *v)
{
	double sum = 0, top = v->top, gap = (v->letters ? 1.0 : 0.9) / v->lines, height;

	for (int p = 0; p < v->shown; p++)
		sum += weight(&v->panel[p]);
	height = v->top - v->bottom - gap * (v->shown - 1);
	for (int p = 0; p < v->shown; p++) {
		double bottom = top - height * weight(&v->panel[p]) / sum;

		add_panel(script, v, p, bottom, top);
		top = bottom - gap;
	}
	if (v->shown == 0)
		text_add(script, "set xrange [0:1]\nset yrange [0:1]\nunset tics\nunset border\n"
				 "set label 'nothing is recorded yet' at graph 0.5, graph 0.5 center\nplot "
				 "NaN\nunset label\n");
}
